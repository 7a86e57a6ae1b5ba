"""The judges of an audit: every claim asked for, tests that are quick, groups of public numbers."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from verify.audit.judging.judges import PUBLIC, SIZE, Judge, as_kept, files_of, of_kept, reach
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
        known = _known(parts.get(_job(name, seed)))
        if known is not None:
            found[name] = known
        else:
            todo.append(Task((name, "lines"), reach, {"name": name, "seed": seed}))

    def keep(done: Done) -> None:
        name = done.task.tag[0]
        found[name] = [Judge(*one) for one in done.result]
        files: dict[str, Any] = {}
        for judge in found[name]:
            files |= files_of(judge)
        kept = {
            "files": files,
            "judges": [
                [name, as_kept(judging), as_kept(drawing), *rest]
                for name, judging, drawing, *rest in done.result
            ],
        }
        parts.put(_job(name, seed), kept, done.seconds)

    run_tasks(todo, options, "lines that are run", keep)
    judges = [one for name in names for one in found[name]]
    return [one for one in judges if not one.name.startswith("tests/") or one.seconds < QUICK]


def _known(kept: Any) -> list[Judge] | None:
    """Judges that were kept, if their sources say what they said; comments may have moved their lines."""
    if kept is None or digests(kept["files"]) != kept["files"]:
        return None
    found = []
    for name, judging, drawing, *rest in kept["judges"]:
        lines = of_kept(judging), of_kept(drawing)
        if lines[0] is None or lines[1] is None:
            return None
        found.append(Judge(name, lines[0], lines[1], *rest))
    return found


def _job(name: str, seed: int) -> dict[str, Any]:
    return {"part": "places", "judge": name, "seed": seed, "size": SIZE}
