"""What long work shows on the way: a bar on a terminal, lines elsewhere."""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console

from verify.commands import arguments

QUIET_S = 30.0  # without a line, where there is no bar
Callback = Callable[[int, int, str], None]  # done, total, what


def notice(line: str) -> None:
    """Say on standard error what the user should know."""
    print(f"note: {line}", file=sys.stderr)


class _Lines:
    """A plain line every ten per cent, at each new total, and every half minute."""

    def __init__(self, console: Console, what: str, patience: float) -> None:
        self.file, self.patience = console.file, patience
        self.start, self.last = time.monotonic(), 0.0
        self.done, self.total, self.what = 0, 0, what
        self.shown = (0, -1)  # total, tenth
        self.lock = threading.Lock()

    def _print(self, seconds: float) -> None:
        of = f"{self.done}/{self.total}  " if self.total else ""
        print(f"{seconds:6.0f} s  {of}{self.what}", file=self.file, flush=True)
        self.last = seconds

    def __call__(self, done: int, total: int, what: str) -> None:
        with self.lock:
            self.done, self.total, self.what = done, total, what
            tenth, seconds = 10 * done // total, time.monotonic() - self.start
            new = (total, tenth) != self.shown or done == total
            if seconds >= self.patience and (new or seconds > self.last + QUIET_S):
                self.shown = (total, tenth)
                self._print(seconds)

    def beat(self, over: threading.Event) -> None:
        """Say that work goes on where half a minute has had nothing to say."""
        while not over.wait(1.0):
            with self.lock:
                seconds = time.monotonic() - self.start
                if seconds > self.last + QUIET_S:
                    self._print(seconds)


@contextmanager
def watched(what: str = "", patience: float = 0.0) -> Iterator[Callback]:
    """What to call as work gets done; ``patience``: seconds before the first line of it.

    Examples
    --------
    >>> with watched("counting", patience=60) as progress:
    ...     progress(1, 2, "half of it")
    """
    console = arguments.stderr_console()
    if console.is_terminal:
        from rich.progress import (
            BarColumn,
            MofNCompleteColumn,
            Progress,
            TextColumn,
            TimeElapsedColumn,
        )

        columns = (TextColumn("{task.description:32}"), BarColumn(), MofNCompleteColumn())
        with Progress(
            *columns, TimeElapsedColumn(), console=console, transient=patience > 0
        ) as bar:
            line = bar.add_task(what, total=None)
            yield lambda done, total, what: bar.update(
                line, completed=done, total=total, description=what
            )
        return
    lines, over = _Lines(console, what, patience), threading.Event()
    beating = threading.Thread(target=lines.beat, args=(over,), daemon=True)
    beating.start()
    try:
        yield lines
    finally:
        over.set()
        beating.join()
