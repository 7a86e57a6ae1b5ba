"""What judges a changed source: claims, tests, public numbers; and which lines each of them runs.

A judge is known by its name: the id of a claim, the node of a test, ``public: GROUP``. Lines are those
of functions; a statement outside of functions counts as run by all that run its file.
"""

from __future__ import annotations

import ast
import sys
import time
from bisect import bisect_right
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from coverage import Coverage

from verify.audit.judging import fresh
from verify.audit.mutations import ROOT, Change, Room, source_of
from verify.audit.parts import digests
from verify.claim import Data, Piece, Profile, Setting, Standing
from verify.claims import find, module_of
from verify.engine.provenance import claim_files
from verify.engine.store import key_of
from verify.engine.tasks import worked

Lines = Mapping[str, Sequence[int]]  # file -> lines
Samples = Mapping[Piece, Data]

SIZE: Profile = "audit"  # of the samples
PUBLIC = "public: "
_LIMIT = 600.0  # seconds of one core to trace a claim, or a file of tests
_SAME_P = 0.1  # relative change of a p-value that calibration would not show


@dataclass(frozen=True)
class Judge:
    """Lines that a judge runs, apart those that draw its samples; seconds; its word on the sources."""

    name: str
    judging: Lines
    drawing: Lines
    seconds: float
    drawing_seconds: float
    standing: Standing

    def lines(self, room: Room) -> Lines:
        """Lines that it runs anew when a file of the room changes."""
        if room != "numerics":
            return self.judging
        both = {*self.judging, *self.drawing}
        return {f: [*self.judging.get(f, ()), *self.drawing.get(f, ())] for f in both}

    def price(self, room: Room) -> float:
        """Seconds that it takes in a child."""
        return self.seconds + (self.drawing_seconds if room == "numerics" else 0.0)

    def runs(self, change: Change, room: Room) -> bool:
        """Whether it runs the statement."""
        here = self.lines(room).get(change.file, ())
        first, last = change.span
        return bool(here) and (change.outside or any(first <= line <= last for line in here))


# What is asked of a claim.


@cache
def samples(claim_id: str, seed: int) -> Samples:
    """Samples of a simulated claim on the unchanged source."""
    return worked(claim_id, Setting(SIZE, seed)) if find(claim_id).evidence.simulated else {}


def standing(claim_id: str, drawn: Samples) -> Standing:
    """Whether the claim refutes theory as it now stands."""
    evidence = find(claim_id).evidence
    # The quick sequences are long enough where a sequence is exact.
    data = drawn if evidence.simulated else worked(claim_id, Setting("quick"))
    return evidence.standing(evidence.cells(data))


def anew(claim_id: str, seed: int) -> Standing:
    """The same with samples that numerics draws as it now stands."""
    simulated = find(claim_id).evidence.simulated
    return standing(claim_id, worked(claim_id, Setting(SIZE, seed)) if simulated else {})


def said(claim_id: str, drawn: Samples) -> list[Any]:
    """Standing, verdicts on wrong theories and p-values of a claim: what statistics decides."""
    claim = find(claim_id)
    data = drawn if claim.evidence.simulated else worked(claim_id, Setting("quick"))
    # Wrong samplers have no pieces here; wrong theories of claims that draw are judged on its samples.
    others = [a for a in claim.alternatives if not a.is_sampler] if drawn else []
    found = claim.evidence.judge(data, others, 1e-3)
    p_values = [-1.0 if cell.p_value is None else cell.p_value for cell in found.cells]
    return [
        claim.evidence.standing(found.cells),
        [[one.name, one.verdict] for one in found.alternatives],
        [-1.0 if found.p_value is None else found.p_value, *p_values],
    ]


def differs(before: Sequence[Any], after: Sequence[Any]) -> bool:
    """Whether a verdict changes, or p-values by so much that calibration would."""
    if list(before[:2]) != list(after[:2]) or len(before[2]) != len(after[2]):
        return True
    return any(
        abs(old - new) > _SAME_P * max(abs(old), 1e-12)
        for old, new in zip(before[2], after[2], strict=True)
    )


# Lines.


def _forget_results() -> None:
    """Empty all caches, so that the lines behind them run again."""
    for name, module in list(sys.modules.items()):
        top = name.split(".")[0]
        if (
            top in ("theory", "numerics")
            or name.startswith("verify.claims.")
            or name.endswith("public_numbers")
        ):
            for value in list(vars(module).values()):
                if hasattr(value, "cache_clear"):
                    value.cache_clear()


@cache
def _inside(file: str) -> frozenset[int]:
    """Lines of the functions of a file."""
    found: set[int] = set()
    for node in ast.walk(ast.parse(source_of(file))):
        if isinstance(node, ast.FunctionDef | ast.Lambda):
            found.update(range(node.lineno, (node.end_lineno or node.lineno) + 1))
    return frozenset(found)


@cache
def _starts(file: str) -> tuple[int, ...]:
    """Lines on which something begins in a file, in order: a comment moves them and changes no other."""
    nodes = ast.walk(ast.parse(source_of(file)))
    return tuple(sorted({node.lineno for node in nodes if hasattr(node, "lineno")}))


def as_kept(lines: Lines) -> dict[str, list[int]]:
    """Lines by their places among those on which something begins; first the number of these, by file."""
    found = {}
    for file, those in lines.items():
        starts = _starts(file)
        places = {max(0, bisect_right(starts, line) - 1) for line in those}
        found[file] = [len(starts), *sorted(places)]
    return found


def of_kept(kept: Lines) -> dict[str, list[int]] | None:
    """The lines that were kept, where they are now; None where something begins on another line."""
    found = {}
    for file, (count, *places) in kept.items():
        starts = _starts(file)
        if len(starts) != count:
            return None
        found[file] = [starts[place] for place in places]
    return found


def traced(run: Callable[[], object]) -> dict[str, list[int]]:
    """Lines of functions of the three packages that a call runs, by file."""
    own = (ROOT / "verify" / "audit").as_posix()
    before = sys.gettrace()
    sys.settrace(None)
    seen = Coverage(
        data_file=None,
        config_file=False,
        include=[f"{(ROOT / package).as_posix()}/*" for package in fresh.PACKAGES],
        omit=[f"{own}/*"],
    )
    seen.set_option("run:disable_warnings", ["no-data-collected"])
    seen.start()
    try:
        run()
    finally:
        seen.stop()
        sys.settrace(before)
    data, lines = seen.get_data(), {}
    for path in data.measured_files():
        file = Path(path).relative_to(ROOT).as_posix()
        found = _inside(file).intersection(data.lines(path) or ())
        if found:
            lines[file] = sorted(found)
    return _with_kernels(lines)


def _with_kernels(lines: dict[str, list[int]]) -> dict[str, list[int]]:
    """Compiled code cannot be traced: all lines of the kernels that a run line imports."""
    found = dict(lines)
    for file, numbers in lines.items():
        if file.startswith("numerics/") and not file.startswith(fresh.KERNELS):
            for line, module in fresh.imports(file):
                for kernel in fresh.kernels_of(module) if line in numbers else ():
                    found[kernel] = list(range(1, source_of(kernel).count("\n") + 2))
    return found


def _reach_claim(claim_id: str, seed: int, say: fresh.Say) -> None:
    find(claim_id)  # what is run on import is no part of it
    _forget_results()
    drawing = traced(lambda: samples(claim_id, seed))
    drawn = samples(claim_id, seed)
    _forget_results()
    start = time.process_time()
    samples.__wrapped__(claim_id, seed)
    middle = time.process_time()
    outcome = standing(claim_id, drawn)
    end = time.process_time()
    _forget_results()
    judging = traced(lambda: said(claim_id, drawn))
    say([claim_id, judging, drawing, end - middle, middle - start, outcome])


def _reach_public(group: str, say: fresh.Say) -> None:
    from verify.audit.public_numbers import GROUPS

    _forget_results()
    start = time.process_time()
    GROUPS[group]()
    seconds = time.process_time() - start
    _forget_results()
    say([f"{PUBLIC}{group}", traced(GROUPS[group]), {}, seconds, 0.0, "survived"])


def _reach_tests(path: str, say: fresh.Say) -> None:
    from verify.audit.judging import suite

    def said_of(found: tuple[str, dict[str, list[int]], float]) -> None:
        say([found[0], found[1], {}, found[2], 0.0, "survived"])

    suite.reach([path], traced, said_of)


def reach(name: str, seed: int) -> list[list[Any]]:
    """The judges of a name, each as plain data: a claim, a group of numbers, or tests of a file."""

    def work(say: fresh.Say) -> None:
        if name.startswith("tests/"):
            _reach_tests(name, say)
        elif name.startswith(PUBLIC):
            _reach_public(name.removeprefix(PUBLIC), say)
        else:
            _reach_claim(name, seed, say)

    return fresh.forked(work, _LIMIT)


def files_of(judge: Judge) -> dict[str, str]:
    """Digest of each file that decides what a judge says."""
    run = {*judge.judging, *judge.drawing}
    beside = set()
    for file in run:
        for _, module in fresh.imports(file):
            path = f"{module.replace('.', '/')}.py"
            if module.split(".")[0] in fresh.PACKAGES and (ROOT / path).exists():
                beside.add(path)
    if judge.name.startswith("tests/"):
        own = {judge.name.split("::")[0], "tests/conftest.py"}
    elif judge.name.startswith(PUBLIC):
        own = {"verify/audit/public_numbers.py"}
    else:
        own = {p.relative_to(ROOT).as_posix() for p in claim_files(module_of(find(judge.name)))}
    return digests(run | beside | own)


def sources_of(judges: Sequence[Judge]) -> dict[str, str]:
    """One digest for each judge of all that decides what it says, wrong samplers included."""
    return {one.name: key_of(files_of(one)) for one in judges}
