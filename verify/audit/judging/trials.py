"""Trials of a changed source, each in a forked child: by judges, by public numbers, by a guard's test."""

from __future__ import annotations

import importlib
import time
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, partial
from typing import Any

from verify.audit.judging import fresh
from verify.audit.judging.judges import PUBLIC, differs, said, samples
from verify.audit.mutations import Change, Room, changes, room_of

Chosen = Sequence[tuple[str, float]]  # judges and the seconds that each may take

FEWEST_SECONDS = 2.0  # that a judge may take


def limit_of(price: float) -> float:
    """Seconds that a judge may take which took so many on the unchanged source."""
    return FEWEST_SECONDS + 5 * price


def starting(change: Change) -> float:
    """Seconds for imports, and to compile a changed kernel and what uses it."""
    return 100.0 if fresh.compiles(change.file) else 10.0


@dataclass(frozen=True)
class Tried:
    """What became of a change: refuted, inconclusive, crashed, survived; and the judge that decided."""

    change: Change
    outcome: str
    judge: str
    seconds: float


@cache
def _said(claim_id: str, seed: int) -> list[Any]:
    return said(claim_id, samples(claim_id, seed))


@cache
def _values(group: str) -> dict[str, tuple[str, str]]:
    from verify.audit.public_numbers import values

    return values(group)


def _moved(module: Any, group: str, before: Any) -> str:
    """Name of a public number that is not within its stated error of what it was; "" without one."""
    now = module.values(group)
    names = sorted({*before, *now})
    return next((n for n in names if not module.agrees(before.get(n), now.get(n))), "")


def _by_claim(room: Room, claim_id: str, seed: int) -> str:
    """What a claim says in the child, its modules imported anew."""
    judges = importlib.import_module("verify.audit.judging.judges")
    if room == "numerics":
        return str(judges.anew(claim_id, seed))
    if room == "statistics":
        changed = differs(_said(claim_id, seed), judges.said(claim_id, samples(claim_id, seed)))
        return "refuted" if changed else "survived"
    return str(judges.standing(claim_id, samples(claim_id, seed)))


def _judged(change: Change, room: Room, chosen: Chosen, seed: int, say: fresh.Say) -> None:
    """Ask the judges one after the other until one refutes the change; the last word stands."""
    say(["crashed", "import"])
    fresh.change_source(change)
    worst, decided = "survived", ""
    tests = [(name, limit) for name, limit in chosen if name.startswith("tests/")]
    if tests:
        suite = importlib.import_module("verify.audit.judging.suite")
        say(["crashed", tests[0][0]])
        try:
            with fresh.within(starting(change) + sum(limit for _, limit in tests)):
                worst, decided = suite.judge([name for name, _ in tests])
        except fresh.OutOfTime:
            worst, decided = "crashed", tests[0][0]
    for name, limit in chosen:
        if worst == "refuted":
            break
        if name.startswith("tests/"):
            continue
        if worst != "inconclusive":
            say(["crashed", name])
        try:
            with fresh.within(limit):
                if name.startswith(PUBLIC):
                    group = name.removeprefix(PUBLIC)
                    module = importlib.import_module("verify.audit.public_numbers")
                    moved = _moved(module, group, _values(group))
                    outcome, name = ("refuted", moved) if moved else ("survived", name)
                else:
                    outcome = _by_claim(room, name, seed)
        except fresh.OutOfTime:
            worst, decided = "crashed", name
            break
        except Exception:
            outcome = "crashed"
        if outcome == "refuted" or (outcome != "survived" and worst != "inconclusive"):
            worst, decided = outcome, name
    say([worst, decided])


def attempt(change: Change, room: Room, chosen: Chosen, seed: int) -> Tried:
    """Try one change by its judges."""
    for name, _ in chosen:  # before the fork, where the source is as it was
        if name.startswith(PUBLIC):
            _values(name.removeprefix(PUBLIC))
        elif not name.startswith("tests/") and room != "numerics":
            samples(name, seed)
            if room == "statistics":
                _said(name, seed)
    start = time.monotonic()
    most = 5 + starting(change) + sum(limit for _, limit in chosen)
    words = fresh.forked(partial(_judged, change, room, chosen, seed), most)
    outcome, judge = words[-1] if words else ("crashed", "import")
    return Tried(change, outcome, judge, time.monotonic() - start)


def batch(
    file: str, numbers: Sequence[int], room: Room, judges: Sequence[Chosen], seed: int
) -> list[list[Any]]:
    """Try some changes of a file; number, outcome, judge and seconds of each."""
    fresh.prepare()
    every = changes(file)
    tried = [
        attempt(every[number], room, chosen, seed)
        for number, chosen in zip(numbers, judges, strict=True)
    ]
    return [[one.change.number, one.outcome, one.judge, one.seconds] for one in tried]


def guard(file: str, numbers: Sequence[int], test: str, limit: float) -> list[Any]:
    """The first of some changes that a guard's test fails for, and what each came to before."""
    fresh.prepare()
    every, seen = changes(file), []
    for number in numbers:
        found = attempt(every[number], room_of(file), [(test, limit)], 0)
        seen.append([number, found.outcome])
        if found.outcome == "refuted":
            break
    return seen
