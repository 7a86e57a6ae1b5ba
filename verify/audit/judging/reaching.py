"""The judges of an audit: every claim asked for, tests that are quick, groups of public numbers."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from verify.audit.judging.judges import PUBLIC, SIZE, Judge, files_of, reach
from verify.audit.mutations import ROOT, Room
from verify.audit.parts import Parts, digests
from verify.audit.work import run_tasks
from verify.claim import Claim
from verify.engine.jobs import Done, Task
from verify.engine.options import Options

_TESTS: dict[Room, tuple[str, ...]] = {
    "theory": ("tests/theory",),
    "numerics": ("tests/laws", "tests/numerics"),
    "statistics": ("tests/verify/test_statistics.py", "tests/verify/statistics"),
}
# What starts processes of its own, or looks at devices, sees no change here.
_ELSEWHERE = ("tests/numerics/device/", "tests/numerics/compiled/test_jit.py", "test_threads.py")
QUICK = 6.0  # seconds of a test that judges


def files_of_tests(rooms: Iterable[Room]) -> list[str]:
    """Files of tests that judge some rooms."""
    found = set()
    for room in rooms:
        for place in _TESTS[room]:
            path = ROOT / place
            files = [path] if path.is_file() else path.rglob("test_*.py")
            found |= {file.relative_to(ROOT).as_posix() for file in files}
    return sorted(f for f in found if not any(part in f for part in _ELSEWHERE))


def find_judges(
    claims: Sequence[Claim], rooms: Sequence[Room], seed: int, options: Options, parts: Parts
) -> list[Judge]:
    """Every judge with the lines that it runs; those whose sources are as before, from the parts."""
    from verify.audit.public_numbers import GROUPS

    names = [claim.id for claim in claims]
    names += [f"{PUBLIC}{group}" for group in GROUPS] if "theory" in rooms else []
    names += files_of_tests(rooms)
    found: dict[str, list[Judge]] = {}
    todo = []
    for name in names:
        known = parts.get(_job(name, seed))
        if known is not None and digests(known["files"]) == known["files"]:
            found[name] = [Judge(*one) for one in known["judges"]]
        else:
            todo.append(Task((name, "lines"), reach, {"name": name, "seed": seed}))

    def keep(done: Done) -> None:
        name = done.task.tag[0]
        found[name] = [Judge(*one) for one in done.result]
        files: dict[str, Any] = {}
        for judge in found[name]:
            files |= files_of(judge)
        kept = {"files": files, "judges": done.result}
        parts.put(_job(name, seed), kept, done.seconds)

    run_tasks(todo, options, "lines that are run", keep)
    judges = [one for name in names for one in found[name]]
    return [one for one in judges if not one.name.startswith("tests/") or one.seconds < QUICK]


def _job(name: str, seed: int) -> dict[str, Any]:
    return {"part": "lines", "judge": name, "seed": seed, "size": SIZE}
