"""Memory of a run: the largest worker, and all of its processes at once.

python tests/verify/harness/memory.py [--profile quick] [--workers 2] [ID ...]

Samples what each process has to itself and its share of what several have (PSS of Linux), twice a
second, and fails above `MOST`.
"""

from __future__ import annotations

import argparse
import os
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
MOST = 4 * 2**30  # bytes, with two workers
EVERY = 0.5  # seconds


@dataclass(frozen=True)
class Peak:
    """Bytes: of the process that was started, of its largest worker, of all at once."""

    parent: int
    worker: int
    every: int
    seconds: float
    returncode: int

    def __str__(self) -> str:
        parent, worker, every = (
            f"{x / 2**30:.2f} GiB" for x in (self.parent, self.worker, self.every)
        )
        return f"at most {worker} in a worker, {parent} in the parent, {every} in all; {self.seconds:.0f} s"


def _children(pid: int) -> Iterator[int]:
    try:
        found = Path(f"/proc/{pid}/task/{pid}/children").read_text()
    except OSError:
        return
    for child in map(int, found.split()):
        yield child
        yield from _children(child)


def _share(pid: int) -> int:
    """Bytes that a process holds, what is shared divided by the number of its sharers."""
    try:
        text = Path(f"/proc/{pid}/smaps_rollup").read_text()
    except OSError:  # it is gone
        return 0
    match = re.search(r"^Pss:\s+(\d+) kB", text, re.MULTILINE)
    return int(match[1]) << 10 if match else 0


def measured(claims: Sequence[str] = (), profile: str = "quick", workers: int = 2) -> Peak:
    """Run claims, all if none is named, and look at the processes until the end."""
    with tempfile.TemporaryDirectory() as folder:
        words = [sys.executable, "-m", "verify", *(["run", *claims] if claims else ["all"])]
        words += ["--profile", profile, "--workers", str(workers)]
        words += ["--store", f"{folder}/s.sqlite", "--out", f"{folder}/out"]
        start = time.monotonic()
        run = subprocess.Popen(
            words,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        parent = worker = every = 0
        while run.poll() is None:
            own, others = _share(run.pid), [_share(pid) for pid in _children(run.pid)]
            parent, worker = max(parent, own), max([worker, *others])
            every = max(every, own + sum(others))
            time.sleep(EVERY)
        return Peak(parent, worker, every, time.monotonic() - start, run.returncode)


def main() -> None:
    """Measure, print, and fail if it is too much."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--profile", default="quick")
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("claims", nargs="*", metavar="ID", help="all if none")
    given = parser.parse_args()
    found = measured(given.claims, given.profile, given.workers)
    print(f"{given.workers} workers, {given.profile} profile: {found}")
    sys.exit(0 if found.returncode in (0, 1) and found.every < MOST else 1)


if __name__ == "__main__":
    main()
