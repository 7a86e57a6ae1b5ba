"""Tasks of an audit: done in spawned processes, with an estimate of what is left."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence

from verify.engine.executors import process
from verify.engine.jobs import Done, Task
from verify.engine.options import Options
from verify.engine.queue import Queue, Remaining, in_words

Keep = Callable[[Done], None]


def run_tasks(todo: Sequence[Task], options: Options, what: str, keep: Keep) -> None:
    """Do tasks whose children are forked: in spawned processes, whatever the executor."""
    workers = options.workers or os.cpu_count() or 1
    watch(process(Queue(todo), workers), todo, options, what, keep)


def watch(
    finished: Iterator[Done], todo: Sequence[Task], options: Options, what: str, keep: Keep
) -> None:
    """Keep what ends, and say how long the rest will take; RuntimeError where a task fails."""
    remaining = Remaining(todo)
    for number, done in enumerate(finished, 1):
        if done.error is not None:
            raise RuntimeError(done.error)
        keep(done)
        remaining.learn(done)
        seconds = remaining.seconds()
        left = "" if seconds is None else f", about {in_words(seconds)} left"
        options.progress(number, len(todo), f"{what}: {done.task.tag[0]}{left}")
