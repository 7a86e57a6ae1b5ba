"""A piece of work, and what became of it."""

from __future__ import annotations

import time
import traceback
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Task:
    """A module-level function, its arguments by name, and a tag to know the result by.

    The function travels by its name, the arguments as plain data; they need not be hashable. Tasks of
    one function whose tags differ only in the last entry cost about the same.
    """

    tag: tuple[Any, ...]
    function: Callable[..., Any]
    arguments: Mapping[str, Any]

    @property
    def name(self) -> str:
        """Of the function."""
        return self.function.__name__

    @property
    def kind(self) -> tuple[Any, ...]:
        """What tasks of about the same cost have in common."""
        return (self.name, *self.tag[:-1])


@dataclass(frozen=True)
class Done:
    """What became of a task: a result, or the traceback, and what it took.

    ``seconds`` are core-seconds; ``elapsed`` is by the clock on the wall.
    """

    task: Task
    result: Any
    seconds: float
    elapsed: float
    error: str | None


def perform(task: Task) -> Done:
    """Do a task, whatever comes of it."""
    core, wall = time.process_time(), time.perf_counter()
    try:
        result, error = task.function(**task.arguments), None
    except KeyboardInterrupt:
        raise
    except BaseException:  # sys.exit too: one claim never takes the others with it
        # Not swallowed: it becomes the claim's verdict `error` with this traceback as reason.
        result, error = None, traceback.format_exc()
    return Done(task, result, time.process_time() - core, time.perf_counter() - wall, error)
