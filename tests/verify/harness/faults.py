"""Break runs in every way, resume them, and compare with one that nothing happened to.

python tests/verify/harness/faults.py [--count 100] [--page reports/faults.md]

A chunk is lost if the store had taken it and does not have it after the fault or at the end, and
duplicated if it is computed again although the store had taken it. A hundred kills and more; the
page holds what was counted. `test_faults.py` runs a few of each.
"""

from __future__ import annotations

import argparse
import os
import platform
import random
import resource
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from memory import MOST, Peak, measured
from trials import CLAIM, Reference, Trial, environment, reference

from verify.report.markdown import long_table, table

LIMIT = 900  # seconds that the long form may take on two cores
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
        ["ps", "-ww", "-o", "pid=,args=", "--ppid", str(run.pid)], capture_output=True, text=True
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
    trial.end(run)


def worker_killed_judging(trial: Trial, reference: Reference, rng: random.Random) -> None:
    """The workers killed when all is simulated and one of them judges; the run itself goes on."""
    run = trial.start(executor="process", changed={"FAULTY_JUDGE": "4"})
    while len(trial.taken()) < len(reference.keys) and run.poll() is None:
        time.sleep(0.002)
    time.sleep(rng.uniform(0.1, 0.6))
    killed = list(_workers(run))
    for pid in killed:
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
    trial.end(run)
    trial.expect(bool(killed), "nobody was judging")


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


def temporary_folder_full(trial: Trial, reference: Reference, rng: random.Random) -> None:
    """The folder of temporary files is full: the run does not need it."""
    full = trial.folder / "full"
    full.mkdir(exist_ok=True)
    mount = f"mount -t tmpfs -o size=64k full '{full}'; cat /dev/zero >'{full}/x' 2>&- || true"
    executor = rng.choice(("serial", "process"))
    trial.finish(before=mount, executor=executor, changed={"TMPDIR": str(full)})


def sources_read_only(trial: Trial, reference: Reference, rng: random.Random) -> None:
    """Sources and home cannot be written: kernels are compiled elsewhere, a line says so."""
    sources = trial.folder / "sources"
    shutil.copytree(
        environment()["PYTHONPATH"], sources, ignore=shutil.ignore_patterns("__pycache__")
    )
    mount = f"mount --bind '{sources}' '{sources}'; mount -o remount,ro,bind '{sources}'"
    home = dict.fromkeys(("HOME", "XDG_CACHE_HOME", "NUMBA_CACHE_DIR"), "/proc/nonexistent")
    said = trial.finish(before=mount, changed={**home, "PYTHONPATH": str(sources)})
    notes = [line for line in said.splitlines() if line.startswith("note: compiled kernels")]
    trial.expect(len(notes) == 1, f"{len(notes)} notes: {said[-500:]}")
    trial.expect(not list(sources.rglob("*.nb[ic]")), "it was not read-only")


def kernels_damaged(trial: Trial, reference: Reference, rng: random.Random) -> None:
    """Kernels kept on disk are cut, emptied or changed in a bit: they are compiled again."""
    places = Path(environment()["PYTHONPATH"]) / "numerics" / "compiled" / "__pycache__"
    files = sorted(places.glob("*.nb[ic]"))
    trial.expect(bool(files), "nothing is kept")
    for file in rng.sample(files, min(3, len(files))):
        raw = bytearray(file.read_bytes() or b"x")
        raw[rng.randrange(len(raw))] ^= 1 << rng.randrange(8)
        file.write_bytes(rng.choice((raw, raw[: len(raw) // 2], b"", b"garbage" * 99)))
    trial.finish()


def few_descriptors(trial: Trial, reference: Reference, rng: random.Random) -> None:
    """ulimit -n 64, with two workers."""
    trial.finish(executor="process", before="ulimit -n 64")


def clock_leaps(trial: Trial, reference: Reference, rng: random.Random) -> None:
    """The clock jumps by a day or ten years, either way, at every look at it."""
    trial.finish(plan="leaps", executor=rng.choice(("serial", "process")))


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
    trial.end(first)


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
    worker_killed_judging: 0.04,
    temporary_folder_full: 0.02,
    sources_read_only: 0.01,
    kernels_damaged: 0.04,
    few_descriptors: 0.02,
    clock_leaps: 0.02,
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


_COUNTED = (
    "fault",
    "faults",
    "inside a transaction",
    "lost",
    "duplicated",
    "results changed",
    "other",
)


def _row(name: str, some: list[Outcome]) -> list[str]:
    counts = (
        sum(o.faults for o in some),
        sum(o.inside for o in some),
        sum(o.lost for o in some),
        sum(o.duplicated for o in some),
        sum(o.changed for o in some),
        sum(len(o.complaints) for o in some),
    )
    return [name, *map(str, counts)]


def page(found: dict[str, list[Outcome]], seconds: float, peak: Peak | None = None) -> str:
    """What was counted, as markdown."""
    lines = [
        "# Faults",
        "",
        "Written by `make test-faults`. Runs of claim KR in the quick profile are broken in the "
        "ways below, resumed, and compared with a run that nothing happened to: results.json must "
        "be the same but for times. A chunk is lost if the store had taken it and does not have it "
        "afterwards, duplicated if it is computed again although the store had taken it.",
        "",
    ]
    every = [outcome for outcomes in found.values() for outcome in outcomes]
    lines += [table(_COUNTED, [_row("**all**", every)]), ""]
    rows = [_row(name, some) for name, some in found.items()]
    lines += [long_table(_COUNTED, rows, "faults, one by one")]
    lines += [
        "",
        "*Other* counts wrong exit codes, tracebacks, workers that outlive their run, and damage "
        "not reported. Chunks whose bytes were flipped are computed again, rightly, and not "
        f"counted as duplicated. {seconds:.0f} s on {os.cpu_count()} cores, {platform.system()}.",
        "",
    ]
    if peak is not None:
        lines += [f"Memory of `verify all --profile quick --workers 2`: {peak}.", ""]
    return "\n".join(lines)


def main() -> None:
    """Count, write the page, and fail if anything was lost."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--count", type=int, default=100, help="kills; other faults in proportion")
    parser.add_argument("--memory", action="store_true", help="measure that of a whole run too")
    parser.add_argument("--page", type=Path, help="where to write what was counted")
    given = parser.parse_args()
    begin = time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        found = _measured(given.count, Path(folder))
    seconds = time.monotonic() - begin
    peak = measured() if given.memory else None
    text = page(found, seconds, peak)
    print(text)
    if given.page is not None:
        given.page.write_text(text)
    every = [outcome for outcomes in found.values() for outcome in outcomes]
    if seconds > LIMIT:
        print(f"longer than {LIMIT} s: the machine is busy, or something is slow", file=sys.stderr)
    fits = peak is None or peak.every < MOST
    sys.exit(0 if fits and all(outcome.clean for outcome in every) else 1)


if __name__ == "__main__":
    main()
