"""A generic sweep: change one place of the sources at a time and see which judge refutes it.

theory
    Judged by the claims that run the line, on samples of the unchanged source: theory has no part
    in them. What no claim refutes is judged by the tests that run it.
numerics
    Judged by the tests that run the line, laws first, then by claims whose samples are drawn anew.
    Kernels are compiled from the changed source.
statistics
    Judged by its tests, then by claims on the same samples: refuted where a verdict, a wrong theory
    or a p-value changes.

What a mark in the source excuses (`verify.audit.excuses`) is left out of the count, and tried too: a
sample of what is said to compute the same number, and the test of every guard.
"""

from __future__ import annotations

import hashlib
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from scipy import stats

from verify.audit.excuses import Excuse, excuse_of, excuses
from verify.audit.judging.judges import PUBLIC, Judge, files_of
from verify.audit.judging.trials import Tried, batch, guard, limit_of
from verify.audit.mutations import Change, Room, changes, files
from verify.audit.parts import Parts, digest_of, digests
from verify.audit.work import run_tasks
from verify.engine.jobs import Done, Task
from verify.engine.options import Options

LEAST_SHARE: dict[Room, float] = {"theory": 0.95, "numerics": 0.9, "statistics": 0.9}
MOST_EXCUSED, MOST_GUARDS = 0.15, 0.25  # of all changes of a room
JUDGING = 90.0  # seconds of judges that a change is given, on the unchanged source
GUARD_TRIES = 16  # changes of a guard that its test is tried on
GUARD_SECONDS = 60.0
BATCH = 6  # changes in a task


@dataclass(frozen=True)
class Sweep:
    """The changes of a room: excused, guards, those that no judge runs, and those tried."""

    room: Room
    changes: int
    excused: tuple[Change, ...]
    guards: tuple[Change, ...]
    unreached: tuple[Change, ...]
    reached: int  # by some judge, tried or not
    tried: tuple[Tried, ...]

    def count(self, outcome: str) -> int:
        """Number of changes with an outcome."""
        return sum(one.outcome == outcome for one in self.tried)

    @property
    def survivors(self) -> tuple[Tried, ...]:
        """Changes that no judge noticed."""
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
    def interval(self) -> tuple[float, float]:
        """Exact 95 % interval of the share among all that some judge runs."""
        if not self.judged:
            return 0.0, 1.0
        ends = stats.binomtest(self.count("refuted"), self.judged).proportion_ci(0.95)
        return float(ends.low), float(ends.high)

    @property
    def holds(self) -> bool:
        """Whether enough were refuted, and few excused."""
        if self.changes:
            few = len(self.excused) < MOST_EXCUSED * self.changes
            if not (few and len(self.guards) < MOST_GUARDS * self.changes):
                return False
        return not self.tried or self.share >= LEAST_SHARE[self.room]

    def by_file(self) -> list[tuple[str, int, int, int, int, int]]:
        """File; its changes, excused, guards, tried, survivors."""
        counts = [Counter(c.file for c in part) for part in (self.excused, self.guards)]
        counts += [Counter(t.change.file for t in part) for part in (self.tried, self.survivors)]
        every = [(file, len(changes(file))) for file in files(self.room)]
        return [
            (file, number, *(count[file] for count in counts))  # type: ignore[misc]
            for file, number in every
            if number
        ]


@dataclass(frozen=True)
class Guarded:
    """A guard, and the changes that its test was tried on."""

    excuse: Excuse
    tried: tuple[tuple[str, str], ...]  # change, outcome

    @property
    def fails(self) -> bool:
        """Whether its test fails without it; a crash elsewhere, or no end in time, is no failure."""
        return any(outcome == "refuted" for _, outcome in self.tried)


def sampled(names: Sequence[str], most: int | None, seed: int, use: str = "sweep") -> list[int]:
    """Places of all the names, or of ``most`` of them, each as likely as any other.

    A name is drawn by a rank of its own: a larger sample holds the smaller ones, and a name more or
    less moves no other, so that what the parts keep stays of use.
    """
    ranks = [hashlib.sha256(f"{seed} {use} {name}".encode()).digest() for name in names]
    return sorted(sorted(range(len(names)), key=ranks.__getitem__)[:most])


def _name(change: Change) -> str:
    return f"{change.file} {change.number}"


def chosen_judges(change: Change, room: Room, judges: Iterable[Judge]) -> list[tuple[str, float]]:
    """Judges that run the change, tests first and the quickest first, with their limits of time."""
    running = [one for one in judges if one.runs(change, room)]
    running.sort(key=lambda one: (not one.name.startswith("tests/"), one.price(room)))
    found: list[tuple[str, float]] = []
    spent = 0.0
    for one in running:
        spent += one.price(room)
        if spent > JUDGING and found:
            break
        found.append((one.name, limit_of(one.price(room))))
    return found


def try_all(
    todo: Sequence[tuple[Change, Sequence[tuple[str, float]]]],
    room: Room,
    seed: int,
    judges: Mapping[str, Judge],
    options: Options,
    parts: Parts,
) -> list[Tried]:
    """Try changes, each by its judges, and keep what comes of it."""
    sources = {name: files_of(judge) for name, judge in judges.items()}
    tried: list[Tried] = []
    jobs: dict[tuple[str, int], dict[str, Any]] = {}
    missing: dict[str, list[tuple[Change, Sequence[tuple[str, float]]]]] = defaultdict(list)
    for change, chosen in todo:
        run: dict[str, str] = {}
        for name, _ in chosen:
            run |= sources[name]
        job = {
            "part": "change",
            "room": room,
            "file": [change.file, digest_of(change.file)],
            "change": [change.number, change.what],
            "judges": sorted(name for name, _ in chosen),
            "sources": run,
            "seed": seed,
        }
        found = parts.get(job)
        if found is None:
            jobs[change.file, change.number] = job
            missing[change.file].append((change, chosen))
        else:
            tried.append(Tried(change, *found))
    tasks = []
    for file, those in sorted(missing.items()):
        for start in range(0, len(those), BATCH):
            part = those[start : start + BATCH]
            arguments = {
                "file": file,
                "numbers": [change.number for change, _ in part],
                "room": room,
                "judges": [chosen for _, chosen in part],
                "seed": seed,
            }
            tasks.append(Task((file, start), batch, arguments))

    def keep(done: Done) -> None:
        file, every = done.task.tag[0], changes(done.task.tag[0])
        for number, *found in done.result:
            parts.put(jobs[file, number], found, found[-1])
            tried.append(Tried(every[number], *found))

    run_tasks(tasks, options, f"sweep of {room}", keep)
    return sorted(tried, key=lambda one: (one.change.file, one.change.number))


def _asked(room: Room, judges: Sequence[Judge]) -> dict[str, Judge]:
    """Judges of a room by their names; of theory claims alone, tests after them (`_asked_again`)."""
    asked = {one.name: one for one in judges if not one.name.startswith(PUBLIC)}
    if room == "theory":
        asked = {name: one for name, one in asked.items() if not name.startswith("tests/")}
    return asked


def sweep(
    room: Room,
    judges: Sequence[Judge],
    seed: int,
    options: Options,
    parts: Parts,
    most: int | None = None,
) -> Sweep:
    """Try every change of a room that no mark excuses, or a uniform sample of ``most`` of them."""
    asked = _asked(room, judges)
    sound = [one for one in asked.values() if one.standing == "survived" or room == "statistics"]
    marked: dict[str, list[Change]] = {"same": [], "guard": []}
    unreached, reached = [], []
    every = [change for file in files(room) for change in changes(file)]
    for change in every:
        excuse = excuse_of(change)
        if excuse is not None:
            marked[excuse.kind].append(change)
        elif chosen := chosen_judges(change, room, sound):
            reached.append((change, chosen))
        else:
            unreached.append(change)
    drawn = sampled([_name(change) for change, _ in reached], most, seed, f"sweep {room}")
    todo = [reached[i] for i in drawn]
    tried = try_all(todo, room, seed, asked, options, parts)
    if room == "theory":
        tried = _asked_again(tried, judges, seed, options, parts)
    same, guards = tuple(marked["same"]), tuple(marked["guard"])
    return Sweep(room, len(every), same, guards, tuple(unreached), len(reached), tuple(tried))


def _asked_again(
    tried: Sequence[Tried], judges: Sequence[Judge], seed: int, options: Options, parts: Parts
) -> list[Tried]:
    """Changes of theory, those that no claim notices as the tests that run them say, crashes too."""
    tests = {one.name: one for one in judges if one.name.startswith("tests/")}
    left = [one.change for one in tried if one.outcome in ("survived", "inconclusive")]
    todo = [(change, chosen_judges(change, "theory", tests.values())) for change in left]
    again = try_all([one for one in todo if one[1]], "theory", seed, tests, options, parts)
    noticed = {one.change: one for one in again if one.outcome in ("refuted", "crashed")}
    return [noticed.get(one.change, one) for one in tried]


def excused(
    rooms: Sequence[Room],
    judges: Sequence[Judge],
    seeds: tuple[int, int],
    options: Options,
    parts: Parts,
    most: int,
) -> list[Tried]:
    """A sample of the changes that are said to compute the same: of theory by public numbers and
    claims, of the other rooms by the judges of their sweep."""
    sound = [one for one in judges if one.standing == "survived"]
    every = [
        (change, room)
        for room in rooms
        for file in files(room)
        for change in changes(file)
        if (found := excuse_of(change)) is not None and found.kind == "same"
    ]
    drawn = sampled([_name(change) for change, _ in every], most, seeds[1], "excused")
    tried = []
    for room in rooms:
        asked = _asked(room, judges)
        public = [one for one in sound if one.name.startswith(PUBLIC)] if room == "theory" else []
        others = [one for one in asked.values() if one in sound]
        todo = [
            (change, chosen_judges(change, room, public) + chosen_judges(change, room, others))
            for change, its in (every[i] for i in drawn)
            if its == room
        ]
        known = {one.name: one for one in public} | asked
        tried += try_all(todo, room, seeds[0], known, options, parts)
    return tried


def guarded(
    rooms: Sequence[Room], seed: int, options: Options, parts: Parts, most: int | None = None
) -> list[Guarded]:
    """Does the test of every guard (or of a sample) fail without it?"""
    sources = [file for room in rooms for file in files(room)]
    every = [one for file in sources for one in excuses(file) if one.kind == "guard"]
    covered = {one: [c for c in changes(one.file) if excuse_of(c) == one] for one in every}
    names = [f"{one.test} {_name(covered[one][0])}" for one in every]
    some = [every[i] for i in sampled(names, most, seed, "guards")]
    found: list[Guarded] = []
    tasks: list[Task] = []
    jobs: dict[tuple[Any, ...], tuple[Excuse, dict[str, Any]]] = {}
    for one in some:
        places = sampled([_name(c) for c in covered[one]], GUARD_TRIES, seed, "guard")
        numbers = [covered[one][i].number for i in places]
        path = one.test.split("::")[0]
        job = {
            "part": "guard",
            "sources": digests([one.file, path]),
            "numbers": numbers,
            "test": one.test,
        }
        known = parts.get(job)
        if known is None:
            arguments = {
                "file": one.file,
                "numbers": numbers,
                "test": one.test,
                "limit": GUARD_SECONDS,
            }
            tasks.append(Task((one.file, len(tasks)), guard, arguments))
            jobs[tasks[-1].tag] = one, job
        else:
            found.append(_guarded(one, known))

    def keep(done: Done) -> None:
        one, job = jobs[done.task.tag]
        parts.put(job, done.result, done.seconds)
        found.append(_guarded(one, done.result))

    run_tasks(tasks, options, "guards", keep)
    return sorted(found, key=lambda one: (one.excuse.file, one.excuse.line))


def _guarded(excuse: Excuse, tried: Sequence[Sequence[Any]]) -> Guarded:
    every = changes(excuse.file)
    return Guarded(excuse, tuple((every[number].what, outcome) for number, outcome in tried))
