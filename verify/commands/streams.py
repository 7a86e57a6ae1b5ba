"""Standard error that cannot end a run: what cannot be said is left unsaid."""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Iterator
from typing import Any, TextIO


class Tolerant:
    """A text stream whose errors are ignored: a closed pipe, a full disk, a closed descriptor.

    Examples
    --------
    >>> class Full:
    ...     def write(self, text):
    ...         raise OSError("No space left on device")
    >>> Tolerant(Full()).write("note")
    4
    """

    def __init__(self, stream: Any) -> None:
        """Speak to ``stream``, if it takes it."""
        self._stream = stream

    def write(self, text: str) -> int:
        """Write, or not."""
        with contextlib.suppress(OSError, ValueError):  # the latter of a closed file
            self._stream.write(text)
        return len(text)

    def flush(self) -> None:
        """Flush, or not."""
        with contextlib.suppress(OSError, ValueError):
            self._stream.flush()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)


def tolerant(stream: TextIO | None) -> Any:
    """The stream made tolerant; silence where there is none."""
    return Tolerant(open(os.devnull, "w", encoding="utf-8") if stream is None else stream)


@contextlib.contextmanager
def spoken() -> Iterator[None]:
    """Within, what is printed on standard output may be lost: it is said when all is written."""
    before, sys.stdout = sys.stdout, tolerant(sys.stdout)
    try:
        yield
    finally:
        sys.stdout = before
        if before is not None:
            try:
                before.flush()
            except (OSError, ValueError):
                # What is left in it would fail once more when the process ends.
                os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
