"""Break runs in every way, resume them, and compare with one that nothing happened to.

python tests/verify/harness/faults.py [--count 100] [--page reports/faults.md]

A chunk is lost if the store had taken it and does not have it after the fault or at the end, and
duplicated if it is computed again although the store had taken it. A hundred kills and more; the
page holds what was counted. `test_faults.py` runs a few of each.
"""

from __future__ import annotations

import argparse
import atexit
import json
import os
import platform
import random
import resource
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, suppress
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
FAULTY = Path(__file__).with_name("faulty.py")
CLAIM_FILES = ("kr_total", "f3_end_points")
CLAIM = ("KR", "quick")
LIMIT = 900  # seconds that the long form may take on two cores


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
def _environment() -> dict[str, str]:
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
        self, plan: str = "none", executor: str = "serial", **options: object
    ) -> subprocess.Popen[str]:
        """A run in a session of its own."""
        self.whole = False
        plan += " small" if self.claim != CLAIM else ""
        plan += " bare"
        words = [sys.executable, str(FAULTY), plan, str(self.folder / "journal"), "run"]
        words += [self.claim[0], "--profile", self.claim[1], "--executor", executor]
        words += ["--workers", "2", "--store", str(self.store), "--out", str(self.folder / "out")]
        pipes = {"stdout": subprocess.DEVNULL, "stderr": subprocess.PIPE, "text": True}
        return subprocess.Popen(
            words,
            cwd=self.folder,
            env=_environment(),
            start_new_session=True,
            **pipes,
            **options,
        )

    def finish(self, *codes: int, **options: object) -> str:
        """Run to the end; what it said on standard error."""
        run = self.start(**options)
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


Fault = Callable[[Trial, Reference, random.Random], None]


def _at_a_moment(
    trial: Trial, reference: Reference, rng: random.Random, executor: str, strike: Callable
) -> None:
    """Start, wait for a random number of chunks and a little more, strike; again if too late."""
    while True:
        before = len(trial.taken())
        run = trial.start(executor=executor)
        most = int(trial.share * (len(reference.keys) - before))
        wait_for = rng.randrange(-(most // 5) - 1, most + 1)
        if wait_for < 0:  # while it starts
            time.sleep(rng.uniform(0.0, 0.3) * reference.seconds)
        while len(trial.taken()) - before < wait_for and run.poll() is None:
            time.sleep(0.002)
        time.sleep(rng.uniform(0.0, 0.03))
        if run.poll() is None:
            return strike(run)
        run.communicate()
        if len(trial.taken()) == len(reference.keys):
            return None  # the end came first, and nothing is left to break


def _gone(trial: Trial, run: subprocess.Popen[str]) -> None:
    """Workers notice that the run is dead, and leave."""
    for _ in range(1000):
        try:
            os.killpg(run.pid, 0)
        except ProcessLookupError:
            return
        time.sleep(0.02)
    trial.complaints.append("workers outlive the run")
    os.killpg(run.pid, signal.SIGKILL)


def killed(trial: Trial, reference: Reference, rng: random.Random) -> None:
    """kill -9 at a random moment."""

    def strike(run: subprocess.Popen[str]) -> None:
        run.kill()
        run.communicate()
        _gone(trial, run)

    _at_a_moment(trial, reference, rng, rng.choice(("serial", "process")), strike)


def killed_inside(trial: Trial, reference: Reference, rng: random.Random) -> None:
    """kill -9 inside a chunk's transaction."""
    after = rng.randrange(max(1, int(trial.share * (len(reference.keys) - len(trial.taken())) - 1)))
    plan = rng.choice((f"inside {after}", f"during {after} {rng.uniform(0.05, 0.8):.3f}"))
    run = trial.start(plan)
    run.communicate(timeout=600)
    trial.expect(run.returncode == -signal.SIGKILL, f"{plan}: exit {run.returncode}")


def interrupted(trial: Trial, reference: Reference, rng: random.Random) -> None:
    """SIGINT at a random moment."""

    def strike(run: subprocess.Popen[str]) -> None:
        # Until its first line has run, Python itself answers, as it does for every program.
        while ("start", str(run.pid)) not in trial.journal() and run.poll() is None:
            time.sleep(0.002)
        run.send_signal(signal.SIGINT)
        _, said = run.communicate(timeout=60)
        # A shell says 130 of a process that SIGINT ended while it loaded.
        codes = (130, -signal.SIGINT, 0)
        trial.expect(run.returncode in codes, f"exit {run.returncode}: {said[-300:]}")
        trial.expect("Traceback" not in said, said[-500:])
        _gone(trial, run)

    _at_a_moment(trial, reference, rng, rng.choice(("serial", "process")), strike)


def terminated(trial: Trial, reference: Reference, rng: random.Random) -> None:
    """SIGTERM at a random moment, as batch systems send it."""

    def strike(run: subprocess.Popen[str]) -> None:
        run.terminate()
        _, said = run.communicate(timeout=60)
        # Once it answers it ends as interrupted; before, the signal itself ends it.
        codes = (130, -signal.SIGTERM, 0)
        trial.expect(run.returncode in codes, f"exit {run.returncode}: {said[-300:]}")
        trial.expect("Traceback" not in said, said[-500:])
        _gone(trial, run)

    _at_a_moment(trial, reference, rng, rng.choice(("serial", "process")), strike)


def _workers(run: subprocess.Popen[str]) -> Iterator[int]:
    found = subprocess.run(
        ["ps", "-o", "pid=,args=", "--ppid", str(run.pid)], capture_output=True, text=True
    )
    for line in found.stdout.splitlines():
        pid, _, words = line.strip().partition(" ")
        if "spawn_main" in words:
            yield int(pid)


def workers_killed(trial: Trial, reference: Reference, rng: random.Random) -> None:
    """All workers killed, twice; the run itself goes on."""
    run = trial.start(executor="process")
    before, left = len(trial.taken()), len(reference.keys) - len(trial.taken())
    for part in sorted(rng.sample(range(max(2, left // 2)), 2)):
        while len(trial.taken()) - before < part and run.poll() is None:
            time.sleep(0.002)
        for pid in _workers(run):
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
    _, said = run.communicate(timeout=600)
    trial.whole = run.returncode == 0
    trial.expect(trial.whole, f"exit {run.returncode}: {said[-500:]}")


def bytes_flipped(trial: Trial, reference: Reference, rng: random.Random) -> None:
    """Bytes of the finished store changed at random, its header too."""
    if not trial.whole:
        trial.finish()
    raw = bytearray(trial.store.read_bytes())
    first = rng.choice((16, 16, len(raw) // 10))
    for _ in range(rng.randrange(1, 30)):
        raw[rng.randrange(first, len(raw))] ^= rng.randrange(1, 256)
    trial.store.write_bytes(raw)
    (trial.folder / "journal").unlink()  # what is damaged is computed again, rightly
    said = trial.finish()
    trial.expect("damaged" in said, "damage not reported")


def disk_full(trial: Trial, reference: Reference, rng: random.Random) -> None:
    """No file may grow past a random size: one line, exit 2."""
    # The log of a transaction is of some pages of 4 KiB: it fills up before the store does.
    held = trial.store.stat().st_size if trial.store.exists() else 0
    size = held + rng.randrange(30_000, 150_000)
    run = trial.start(preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (size, size)))
    _, said = run.communicate(timeout=600)
    _one_line(trial, run, said)


def read_only(trial: Trial, reference: Reference, rng: random.Random) -> None:
    """The store cannot be written from some moment on: one line, exit 2."""
    run = trial.start(f"readonly {rng.randrange(5)}")
    _, said = run.communicate(timeout=600)
    _one_line(trial, run, said)


def _one_line(trial: Trial, run: subprocess.Popen[str], said: str) -> None:
    lines = [line for line in said.splitlines() if line.startswith("error: ")]
    trial.expect(run.returncode == 2, f"exit {run.returncode}: {said[-500:]}")
    trial.expect(len(lines) == 1 and "--store" in lines[0], said[-500:])
    trial.expect("Traceback" not in said, said[-500:])


def clock_set_back(trial: Trial, reference: Reference, rng: random.Random) -> None:
    """The clock goes back an hour at every look at it."""
    trial.finish(plan="clock")


def second_process(trial: Trial, reference: Reference, rng: random.Random) -> None:
    """A second process on the store of a running one: exit 2, naming the holder."""
    first = trial.start()
    while not trial.taken() and first.poll() is None:
        time.sleep(0.002)
    if first.poll() is None:
        first.send_signal(signal.SIGSTOP)
        second = trial.start()
        _, said = second.communicate(timeout=600)
        _one_line(trial, second, said)
        trial.expect(f"process {first.pid}" in said, said[-500:])
        first.send_signal(signal.SIGCONT)
    _, said = first.communicate(timeout=600)
    trial.whole = first.returncode == 0
    trial.expect(trial.whole, f"exit {first.returncode}: {said[-500:]}")


FAULTS: dict[Fault, float] = {  # share of --count
    killed: 0.7,
    killed_inside: 0.4,
    interrupted: 0.1,
    terminated: 0.04,
    workers_killed: 0.06,
    bytes_flipped: 0.1,
    disk_full: 0.06,
    read_only: 0.04,
    clock_set_back: 0.02,
    second_process: 0.02,
}


@dataclass
class Outcome:
    """What one fault, or a chain of them, did."""

    faults: int
    inside: int
    lost: int
    duplicated: int
    changed: bool
    complaints: list[str]

    @property
    def clean(self) -> bool:
        return not (self.lost or self.duplicated or self.changed or self.complaints)


def suffer(
    folder: Path,
    faults: Sequence[Fault],
    reference: Reference,
    seed: int,
    claim: tuple[str, str] = CLAIM,
) -> Outcome:
    """Let the faults happen to one store, resume, and count what is missing, twice or changed."""
    trial, rng = Trial(folder, claim, 1 / len(faults)), random.Random(seed)
    lost = inside = 0
    for fault in faults:
        fault(trial, reference, rng)
        journal = trial.journal()
        lost += len(set(trial.taken()) - trial.held())
        inside += bool(journal) and journal[-1][0] == "begin"
    if not trial.whole:
        trial.finish(0, 1)
    lost += len(reference.keys - trial.held())
    duplicated = sum(times - 1 for times in Counter(trial.taken()).values())
    duplicated += len(trial.held() - reference.keys)
    changed = trial.claims() != reference.claims
    return Outcome(len(faults), inside, lost, duplicated, changed, trial.complaints)


def f3_three_times(folder: Path, seed: int) -> Outcome:
    """The paper profile of F3, at its small sizes, ended by SIGINT, SIGKILL and SIGTERM and resumed."""
    claim = ("F3", "paper")
    whole = reference(folder / "whole", claim)
    broken = folder / "broken"
    broken.mkdir()
    return suffer(broken, [interrupted, killed, terminated], whole, seed, claim)


def _measured(count: int, folder: Path) -> dict[str, list[Outcome]]:
    whole = reference(folder / "reference")
    todo = [(f, n) for f, share in FAULTS.items() for n in range(max(1, round(share * count)))]

    def one(job: tuple[Fault, int]) -> Outcome:
        fault, number = job
        with tempfile.TemporaryDirectory(dir=folder) as place:
            seed = random.Random(f"{fault.__name__} {number}").randrange(2**32)
            found = suffer(Path(place), [fault], whole, seed)
        print(f"{fault.__name__} {number}: {'as it should' if found.clean else found}", flush=True)
        return found

    with ThreadPoolExecutor(2) as pool:
        results = list(pool.map(one, todo))
    found: dict[str, list[Outcome]] = {}
    for (fault, _), outcome in zip(todo, results, strict=True):
        found.setdefault((fault.__doc__ or "").rstrip("."), []).append(outcome)
    (folder / "F3").mkdir()
    name = (f3_three_times.__doc__ or "").rstrip(".")
    found[name] = [f3_three_times(folder / "F3", 3)]
    return found


def page(found: dict[str, list[Outcome]], seconds: float) -> str:
    """What was counted, as markdown."""
    lines = [
        "# Faults",
        "",
        "Written by `make test-faults`. Runs of claim KR in the quick profile are broken in the "
        "ways below, resumed, and compared with a run that nothing happened to: results.json must "
        "be the same but for times. A chunk is lost if the store had taken it and does not have it "
        "afterwards, duplicated if it is computed again although the store had taken it.",
        "",
        "| fault | faults | inside a transaction | lost | duplicated | results changed | other |",
        "| --- | ---: | ---: | ---: | ---: | ---: | ---: |",
    ]
    every = [outcome for outcomes in found.values() for outcome in outcomes]
    for name, some in [*found.items(), ("**all**", every)]:
        lines.append(
            f"| {name} | {sum(o.faults for o in some)} | {sum(o.inside for o in some)} | "
            f"{sum(o.lost for o in some)} | {sum(o.duplicated for o in some)} | "
            f"{sum(o.changed for o in some)} | {sum(len(o.complaints) for o in some)} |"
        )
    lines += [
        "",
        "*Other* counts wrong exit codes, tracebacks, workers that outlive their run, and damage "
        "not reported. Chunks whose bytes were flipped are computed again, rightly, and not "
        f"counted as duplicated. {seconds:.0f} s on {os.cpu_count()} cores, {platform.system()}.",
        "",
    ]
    return "\n".join(lines)


def main() -> None:
    """Count, write the page, and fail if anything was lost."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--count", type=int, default=100, help="kills; other faults in proportion")
    parser.add_argument("--page", type=Path, help="where to write what was counted")
    given = parser.parse_args()
    begin = time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        found = _measured(given.count, Path(folder))
    seconds = time.monotonic() - begin
    text = page(found, seconds)
    print(text)
    if given.page is not None:
        given.page.write_text(text)
    every = [outcome for outcomes in found.values() for outcome in outcomes]
    if seconds > LIMIT:
        print(f"longer than {LIMIT} s: the machine is busy, or something is slow", file=sys.stderr)
    sys.exit(0 if all(outcome.clean for outcome in every) else 1)


if __name__ == "__main__":
    main()
