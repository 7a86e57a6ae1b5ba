"""A generic sweep: change theory's source in one place at a time and see which claim refutes it.

A changed source is imported in a forked child, where only the claims that reach the line are
judged, the quickest first, until one refutes it. Samples do not depend on theory, so that all
children share those of the unchanged run.
"""

from __future__ import annotations

import importlib
import os
import resource
import signal
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, partial
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec
from importlib.util import spec_from_loader
from types import CodeType, FrameType, ModuleType
from typing import Any, Literal

from numerics.core.streams import stream
from verify.audit.equivalent import is_neutral
from verify.audit.mutations import FOLDER, Change, changed_code, changes, files
from verify.claim import Claim, Data, Piece, Profile, Setting, Standing
from verify.claims import find
from verify.engine.executors import process
from verify.engine.jobs import Task
from verify.engine.options import Options
from verify.engine.queue import Queue
from verify.engine.tasks import worked

Outcome = Standing | Literal["crashed"]
Reach = Mapping[str, Sequence[int]]  # file in theory/ -> lines that a claim runs
Samples = Mapping[Piece, Data]
Prepared = tuple[str, Samples, float]  # claim, its samples, its limit of processor time

FRESH = ("theory", "verify")  # imported anew in every child
SIZE: Profile = "audit"  # of the samples
BATCH = 12  # changes in a task
LEAST_SHARE = 0.95  # of small changes to be refuted


@dataclass(frozen=True)
class Tried:
    """What became of a change, and the claim that decided it."""

    change: Change
    outcome: Outcome
    claim: str
    seconds: float


@cache
def _samples(claim_id: str, seed: int) -> Samples:
    """Samples of a simulated claim; theory has no part in them."""
    if not find(claim_id).evidence.simulated:
        return {}
    return worked(claim_id, Setting(SIZE, seed))


def judge(claim_id: str, samples: Samples) -> Standing:
    """Whether the claim refutes theory as it now stands."""
    evidence = find(claim_id).evidence
    # The quick sequences are long enough where a sequence is exact.
    data = samples if evidence.simulated else worked(claim_id, Setting("quick"))
    return evidence.standing(evidence.cells(data))


def reach(claim_id: str, seed: int) -> tuple[dict[str, list[int]], float, Standing]:
    """Lines of theory/ that a claim runs, its seconds, and its outcome on the unchanged source."""
    samples = _samples(claim_id, seed)
    _forget_results()  # a child begins without any
    start = time.process_time()
    judge(claim_id, samples)
    seconds = time.process_time() - start
    _forget_results()
    lines: dict[str, set[int]] = {}
    folder = f"{FOLDER}{os.sep}"

    def name_of(frame: FrameType) -> str:
        return frame.f_code.co_filename.removeprefix(folder).replace(os.sep, "/")

    def inside(frame: FrameType, event: str, _: Any) -> Any:
        if event == "line":
            lines[name_of(frame)].add(frame.f_lineno)
        return inside

    def entered(frame: FrameType, event: str, _: Any) -> Any:
        if not frame.f_code.co_filename.startswith(folder):
            return None
        lines.setdefault(name_of(frame), set()).add(frame.f_lineno)
        return inside

    sys.settrace(entered)
    try:
        outcome = judge(claim_id, samples)
    finally:
        sys.settrace(None)
    return {file: sorted(found) for file, found in lines.items()}, seconds, outcome


def _forget_results() -> None:
    """Empty the caches of theory and of claims, so that the lines behind them run again."""
    for name, module in list(sys.modules.items()):
        if name.split(".")[0] == "theory" or name.startswith("verify.claims."):
            for value in vars(module).values():
                if hasattr(value, "cache_clear"):
                    value.cache_clear()


class _Imported(MetaPathFinder, Loader):
    """Import theory and verify from code objects compiled beforehand, one of them changed."""

    def __init__(self, codes: Mapping[str, tuple[str, CodeType]], name: str, code: CodeType):
        self.codes = {**codes, name: (codes[name][0], code)}

    def find_spec(self, fullname: str, path: Any, target: Any = None) -> ModuleSpec | None:
        if fullname not in self.codes:
            return None
        origin = self.codes[fullname][0]
        package = origin.endswith("__init__.py")
        spec = spec_from_loader(fullname, self, origin=origin, is_package=package)
        if spec is not None and package:
            spec.submodule_search_locations = [os.path.dirname(origin)]
        return spec

    def exec_module(self, module: ModuleType) -> None:
        origin, code = self.codes[module.__name__]
        module.__file__ = origin
        exec(code, module.__dict__)


@cache
def _codes() -> dict[str, tuple[str, CodeType]]:
    """Every module of theory and verify, compiled."""
    root = FOLDER.parent
    found = {}
    for package in FRESH:
        for path in sorted((root / package).rglob("*.py")):
            name = ".".join(path.relative_to(root).with_suffix("").parts)
            code = compile(path.read_text(encoding="utf-8"), str(path), "exec")
            found[name.removesuffix(".__init__")] = (str(path), code)
    return found


def _module_name(file: str) -> str:
    name = f"theory.{file.removesuffix('.py').replace('/', '.')}"
    return name.removesuffix(".__init__")


class OutOfTime(Exception):
    """A claim took far longer than on the unchanged source."""


def _ring(*_: object) -> None:
    raise OutOfTime


def _child(change: Change, claims: Sequence[Prepared], answer: Callable[[str], None]) -> None:
    """Judge the claims in a fresh import of the changed source, until one refutes it."""
    for name in list(sys.modules):
        if name.split(".")[0] in FRESH:
            del sys.modules[name]
    answer("crashed import")  # the last answer stands
    sys.meta_path.insert(0, _Imported(_codes(), _module_name(change.file), changed_code(change)))
    fresh = importlib.import_module("verify.audit.sweep")
    worst = "survived"
    signal.signal(signal.SIGVTALRM, _ring)
    for claim_id, samples, limit_s in claims:
        signal.setitimer(signal.ITIMER_VIRTUAL, limit_s)
        try:
            outcome = fresh.judge(claim_id, samples)
        except OutOfTime:
            worst = f"crashed {claim_id}"
            break
        except Exception:
            outcome = "crashed"
        finally:
            signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        if outcome == "refuted":
            worst = f"refuted {claim_id}"
            break
        if outcome != "survived" and not worst.startswith("inconclusive"):
            worst = f"{outcome} {claim_id}"
    answer(worst)


def _answer(pipe: int, text: str) -> None:
    os.write(pipe, f"{text}\n".encode())


def attempt(change: Change, claims: Sequence[Prepared]) -> Tried:
    """Try one change in a forked child, within the processor time of each claim."""
    read, write = os.pipe()
    start = time.monotonic()
    pid = os.fork()
    if pid == 0:
        try:
            os.close(read)
            # For compiled code that never returns to Python, where the timer would ring.
            most = 5 + int(sum(limit_s for _, _, limit_s in claims))
            resource.setrlimit(resource.RLIMIT_CPU, (most, most + 1))
            devnull = os.open(os.devnull, os.O_WRONLY)
            os.dup2(devnull, 1)
            os.dup2(devnull, 2)
            _child(change, claims, partial(_answer, write))
        finally:
            os._exit(0)
    os.close(write)
    with os.fdopen(read) as pipe:
        said = pipe.read().split("\n")
    os.waitpid(pid, 0)
    outcome, _, claim_id = ([line for line in said if line] or ["crashed import"])[-1].partition(
        " "
    )
    return Tried(change, outcome, claim_id, time.monotonic() - start)  # type: ignore[arg-type]


def batch(
    file: str, numbers: Sequence[int], claims: Sequence[Sequence[tuple[str, float]]], seed: int
) -> list[Tried]:
    """Try some changes of a file by the claims that reach each: their ids and limits of time."""
    every = changes(file)
    return [
        attempt(every[number], [(one, _samples(one, seed), limit) for one, limit in reaching])
        for number, reaching in zip(numbers, claims, strict=True)
    ]


@dataclass(frozen=True)
class Sweep:
    """All changes that some claim reaches, or a sample of them, and those that none does."""

    tried: tuple[Tried, ...]
    neutral: tuple[Change, ...]
    unreached: tuple[Change, ...]
    reached: int  # by some claim, tried or not

    def count(self, outcome: Outcome) -> int:
        """Number of changes with an outcome."""
        return sum(one.outcome == outcome for one in self.tried)

    @property
    def survivors(self) -> tuple[Tried, ...]:
        """Changes that no claim noticed."""
        return tuple(one for one in self.tried if one.outcome == "survived")

    @property
    def judged(self) -> int:
        """Changes that came to a verdict: crashes are counted apart."""
        return len(self.tried) - self.count("crashed")

    @property
    def share(self) -> float:
        """Share of the judged that were refuted."""
        return self.count("refuted") / max(1, self.judged)

    @property
    def holds(self) -> bool:
        """Whether enough were refuted."""
        return self.share >= LEAST_SHARE


def _reaching(change: Change, lines: Mapping[str, Reach]) -> list[str]:
    """Claims that run the statement; one outside of functions is run by all that run its file."""
    first, last = change.span
    found = []
    for claim_id, reached in lines.items():
        here = reached.get(change.file, ())
        if here and (change.outside or any(first <= line <= last for line in here)):
            found.append(claim_id)
    return found


def _sampled(total: int, most: int | None, seed: int) -> set[int]:
    """Numbers below ``total``: all, or ``most`` of them, each as likely as any other."""
    if most is None or total <= most:
        return set(range(total))
    chosen = stream(seed, "sweep").generator().choice(total, most, replace=False)
    return set(chosen.tolist())


def sweep(claims: Sequence[Claim], seed: int, options: Options, most: int | None = None) -> Sweep:
    """Try every change of every file of theory/, or a uniform sample of ``most`` of them.

    Children are forked, so the work is done in spawned processes whatever the executor.
    """
    workers = options.workers or os.cpu_count() or 1
    lines, seconds = {}, {}
    asked = [Task((c.id, "lines"), reach, {"claim_id": c.id, "seed": seed}) for c in claims]
    for number, done in enumerate(process(Queue(asked), workers), 1):
        if done.error is not None:
            raise RuntimeError(done.error)
        options.progress(number, len(asked), f"lines that {done.task.tag[0]} runs")
        reached, spent, outcome = done.result
        if outcome == "survived":  # else it is too small here to judge
            lines[done.task.tag[0]], seconds[done.task.tag[0]] = reached, spent
    quickest = {name: lines[name] for name in sorted(lines, key=lambda name: seconds[name])}
    neutral, unreached, reached = [], [], []
    for file in files():
        for change in changes(file):
            reaching = _reaching(change, quickest)
            if is_neutral(change):
                neutral.append(change)
            elif reaching:
                limits = [(one, 2 + 5 * seconds[one]) for one in reaching]
                reached.append((change, limits))
            else:
                unreached.append(change)
    todo = []
    chosen = _sampled(len(reached), most, seed)
    for file in sorted({change.file for change, _ in reached}):
        numbered = [
            (change.number, limits)
            for i, (change, limits) in enumerate(reached)
            if i in chosen and change.file == file
        ]
        for start in range(0, len(numbered), BATCH):
            part = numbered[start : start + BATCH]
            arguments = {
                "file": file,
                "numbers": [number for number, _ in part],
                "claims": [reaching for _, reaching in part],
                "seed": seed,
            }
            todo.append(Task((file, start), batch, arguments))
    tried: list[Tried] = []
    for number, done in enumerate(process(Queue(todo), workers), 1):
        if done.error is not None:
            raise RuntimeError(done.error)
        tried += done.result
        options.progress(number, len(todo), f"sweep {done.task.tag[0]}")
    tried.sort(key=lambda one: (one.change.file, one.change.number))
    return Sweep(tuple(tried), tuple(neutral), tuple(unreached), len(reached))
