"""A run of the command line in a process of its own, which may be broken and resumed."""

from __future__ import annotations

import atexit
import json
import os
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from types import MappingProxyType

ROOT = Path(__file__).resolve().parents[3]
FAULTY = Path(__file__).with_name("faulty.py")
CLAIM_FILES = ("kr_total", "f3_end_points")
CLAIM = ("KR", "quick")


def tree(folder: Path, *claims: str) -> dict[str, str]:
    """A copy of the sources with the claims of these files alone, which loads much faster.

    Returns the environment in which it is what is imported.
    """
    for package in ("theory", "numerics", "verify"):
        shutil.copytree(ROOT / package, folder / package)
    missing = set(claims)
    for path in (folder / "verify" / "claims").rglob("*.py"):
        missing.discard(path.stem)
        if not path.stem.startswith("_") and path.stem not in claims:
            path.unlink()
    if missing:
        raise FileNotFoundError(f"no claim's file is called {', '.join(missing)}")
    return {**os.environ, "PYTHONPATH": str(folder), "OPENBLAS_NUM_THREADS": "1"}


@cache
def environment() -> dict[str, str]:
    """That of every run here; its sources go with this process."""
    folder = tempfile.mkdtemp()
    atexit.register(shutil.rmtree, folder)
    return tree(Path(folder), *CLAIM_FILES)


@dataclass
class Trial:
    """A store, what runs on it, and a journal of the chunks that it took.

    A fault comes after at most ``share`` of the chunks that are left: less in a chain of faults.
    """

    folder: Path
    claim: tuple[str, str] = CLAIM
    share: float = 1.0
    whole: bool = False
    complaints: list[str] = field(default_factory=list)

    @property
    def store(self) -> Path:
        return self.folder / "s.sqlite"

    def start(
        self,
        plan: str = "none",
        executor: str = "serial",
        before: str = "",
        more: Sequence[str] = (),
        changed: Mapping[str, str] = MappingProxyType({}),
        **options: object,
    ) -> subprocess.Popen[str]:
        """A run in a session of its own.

        ``before`` is what a shell does first, in a namespace where it may mount; ``more`` words of
        the command follow, and the environment is ``changed``.
        """
        self.whole = False
        plan += " small" if self.claim != CLAIM else ""
        plan += " bare"
        words = [sys.executable, str(FAULTY), plan, str(self.folder / "journal"), "run"]
        words += [self.claim[0], "--profile", self.claim[1], "--executor", executor]
        words += ["--workers", "2", "--store", str(self.store), "--out", str(self.folder / "out")]
        words += more
        if before:
            mounting = ["unshare", "-m"] if os.geteuid() == 0 else ["unshare", "-rm"]
            words = [*mounting, "sh", "-ec", f'{before}; exec "$@"', "sh", *words]
        pipes = {"stdout": subprocess.DEVNULL, "stderr": subprocess.PIPE, "text": True}
        return subprocess.Popen(
            words,
            cwd=self.folder,
            env={**environment(), **changed},
            start_new_session=True,
            **pipes,
            **options,
        )

    def finish(self, *codes: int, **options: object) -> str:
        """Run to the end; what it said on standard error."""
        return self.end(self.start(**options), *codes)

    def end(self, run: subprocess.Popen[str], *codes: int) -> str:
        """Wait for the end of a run that should be a good one; what it said on standard error."""
        _, said = run.communicate(timeout=600)
        self.whole = run.returncode in (codes or (0,))
        self.expect(self.whole, f"exit {run.returncode}: {said[-500:]}")
        return said

    def expect(self, holds: bool, otherwise: str) -> None:
        if not holds:
            self.complaints.append(otherwise)

    def journal(self) -> list[tuple[str, str]]:
        path = self.folder / "journal"
        text = path.read_text() if path.exists() else ""
        # What follows the last line break is being written.
        return [tuple(line.split(" ", 1)) for line in text.split("\n")[:-1]]

    def taken(self) -> list[str]:
        """Keys that the store said it had taken, in order."""
        return [key for what, key in self.journal() if what == "end"]

    def held(self) -> set[str]:
        """Keys that the store has."""
        if not self.store.exists():
            return set()
        with closing(sqlite3.connect(self.store)) as db:
            try:
                return {key for (key,) in db.execute("SELECT key FROM chunks")}
            except sqlite3.OperationalError:  # killed before it had a table
                return set()

    def claims(self) -> list[dict[str, object]]:
        """Results but for times."""
        data = json.loads((self.folder / "out" / "results.json").read_text())
        return [{**claim, "seconds": 0} for claim in data["claims"]]


@dataclass
class Reference:
    """A run that nothing happened to."""

    claims: list[dict[str, object]]
    keys: set[str]
    seconds: float


def reference(folder: Path, claim: tuple[str, str] = CLAIM) -> Reference:
    """Run without faults."""
    folder.mkdir()
    trial, begin = Trial(folder, claim), time.monotonic()
    trial.finish(0, 1)
    if trial.complaints:
        raise RuntimeError(trial.complaints[0])
    return Reference(trial.claims(), trial.held(), time.monotonic() - begin)
