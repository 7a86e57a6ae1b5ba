"""Chunks of work on several threads, results in order.

The kernels and NumPy let go of the interpreter's lock while they compute. Each chunk is computed by
one thread from its own random numbers, so results do not depend on the number of threads. BLAS, if
a chunk uses it, runs single-threaded: two levels of threads fight for the same cores.
"""

from __future__ import annotations

import re
import sys
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from itertools import islice
from pathlib import Path
from typing import TypeVar

from threadpoolctl import threadpool_limits

T = TypeVar("T")
R = TypeVar("R")

_GUARD = re.compile(r"^if\b.*\b__name__\b", re.MULTILINE)


def can_spawn() -> bool:
    """Return whether a process that is spawned can begin: it runs the main script again.

    A script without ``if __name__ == "__main__":`` would start anew there, and one that came by standard
    input cannot be found; a session or a notebook has none to run.

    Examples
    --------
    >>> can_spawn()
    True
    """
    main = sys.modules["__main__"]
    file = getattr(main, "__file__", None)
    if file is None or (main.__spec__ is not None and main.__spec__.name.endswith("__main__")):
        return True
    try:
        return bool(_GUARD.search(Path(file).read_text(encoding="utf-8")))
    except (OSError, UnicodeDecodeError):
        return False


def ordered(work: Callable[[T], R], chunks: Iterable[T], workers: int = 1) -> Iterator[R]:
    """Yield ``work(chunk)`` for every chunk, in order, on so many threads.

    Parameters
    ----------
    work : callable
    chunks : iterable
    workers : int
        >= 1. At most two results a worker wait to be taken: memory does not grow with the chunks.

    Examples
    --------
    >>> list(ordered(abs, [-1, 2, -3], workers=2))
    [1, 2, 3]
    """
    with threadpool_limits(1):
        if workers == 1:
            yield from map(work, chunks)
            return
        left, waiting = iter(chunks), deque[Future[R]]()
        pool = ThreadPoolExecutor(workers)
        try:
            waiting.extend(pool.submit(work, chunk) for chunk in islice(left, 2 * workers))
            while waiting:
                result = waiting.popleft().result()
                waiting.extend(pool.submit(work, chunk) for chunk in islice(left, 1))
                yield result
        finally:
            pool.shutdown(cancel_futures=True)
