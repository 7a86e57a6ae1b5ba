"""Run independent tasks: one after the other, or in a pool of spawned processes.

A task is a name from `TASKS` and plain arguments, looked up where it runs; no closure travels.
Inside a task everything is single-threaded, so that the executor and the number of workers
change no bit.
"""

from __future__ import annotations

import signal
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import dataclass
from multiprocessing import get_context
from typing import Any

from threadpoolctl import threadpool_limits

from verify import tasks


@dataclass(frozen=True)
class Task:
    """A function of verify.tasks by name, its arguments, and a tag to know the result by."""

    tag: Any
    name: str
    arguments: tuple[Any, ...]


@dataclass(frozen=True)
class Done:
    """What became of a task: a result and the seconds it took, or the traceback."""

    task: Task
    result: Any
    seconds: float
    error: str | None


def _run(task: Task) -> Done:
    with threadpool_limits(limits=1):
        result, seconds, error = tasks.timed(task.name, task.arguments)
    return Done(task, result, seconds, error)


def serial(todo: Sequence[Task]) -> Iterator[Done]:
    """Run the tasks in this process, in order."""
    for task in todo:
        yield _run(task)


def _ignore_interrupts() -> None:
    """The parent alone answers Ctrl-C; it shuts the pool down."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)


def process(todo: Sequence[Task], workers: int) -> Iterator[Done]:
    """Run the tasks in ``workers`` spawned processes, yielding each as it ends."""
    pool = ProcessPoolExecutor(workers, get_context("spawn"), _ignore_interrupts)
    try:
        futures = [pool.submit(_run, task) for task in todo]
        for future in as_completed(futures):
            yield future.result()
    finally:
        pool.shutdown(wait=True, cancel_futures=True)


def executor(name: str, workers: int) -> Callable[[Sequence[Task]], Iterator[Done]]:
    """The executor by name; a pool of one, or a single task, is run serially."""
    if name == "serial" or workers == 1:
        return serial
    return lambda todo: serial(todo) if len(todo) < 2 else process(todo, workers)
