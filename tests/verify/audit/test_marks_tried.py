"""A sample of the marked changes, and every guard, tried over several rooms."""

import pytest

from verify.audit import mutations, sweep
from verify.audit.excuses import excuse_of, parse
from verify.audit.judging.judges import Judge
from verify.audit.parts import Parts
from verify.engine.jobs import Done
from verify.engine.options import Options

SEED = 3
TOY = """\
# same (numbers): any rule does
FINE = 16


def f(x):
    # guard (all): tests/test_toy.py::test_refuses
    if x < 2:
        return 0
    return x + 1
"""
FILES = {"theory": ["theory/toy.py"], "numerics": ["numerics/a.py", "numerics/b.py"]}
EVERY = [file for files in FILES.values() for file in files]
LINES = {file: [1, 2, 5, 6, 7, 8, 9] for file in EVERY}
JUDGES = [
    Judge(name, LINES, {}, 0.1, 0.0, standing)
    for name, standing in [
        ("T1", "survived"),
        ("public: model", "survived"),
        ("tests/test_law.py::test_it", "survived"),
        ("WEAK", "inconclusive"),
    ]
]


@pytest.fixture
def tasks(monkeypatch):
    """Toy rooms, and the tasks that were asked for; every one ends at once."""
    done = []

    def run(todo, options, what, keep):
        for task in todo:
            done.append((what, task))
            numbers = task.arguments["numbers"]
            if "test" in task.arguments:  # the second change is the one that the test sees
                seen = [[n, "refuted" if i else "survived"] for i, n in enumerate(numbers[:2])]
                keep(Done(task, seen, 0.1, 0.1, None))
            else:
                keep(Done(task, [[n, "survived", "", 0.1] for n in numbers], 0.1, 0.1, None))

    monkeypatch.setattr(mutations, "source_of", lambda file: TOY)
    changes = {file: mutations.changes.__wrapped__(file) for file in EVERY}
    monkeypatch.setattr(sweep, "files", FILES.__getitem__)
    monkeypatch.setattr(sweep, "changes", changes.__getitem__)
    monkeypatch.setattr(sweep, "excuses", lambda file: parse(TOY, file))
    monkeypatch.setattr(sweep, "excuse_of", lambda c: excuse_of(c, parse(TOY, c.file)))
    monkeypatch.setattr(sweep, "files_of", lambda judge: {judge.name: ""})
    monkeypatch.setattr(sweep, "run_tasks", run)
    return done


def test_what_is_excused_is_tried_in_every_room_by_its_own_judges(tasks):
    found = sweep.excused(["theory", "numerics"], JUDGES, (SEED, SEED), Options(), Parts(), 100)
    assert [(t.change.file, t.change.what) for t in found] == [
        (file, f"16 -> {x}") for file in EVERY for x in (17, 15, 32)
    ]
    judges = {}
    for what, task in tasks:
        for chosen in task.arguments["judges"]:
            judges.setdefault((what, task.arguments["room"]), set()).add(
                tuple(n for n, _ in chosen)
            )
    # Public numbers and claims judge theory; tests and claims the others; what is weak, nothing.
    assert judges == {
        ("sweep of theory", "theory"): {("public: model", "T1")},
        ("sweep of numerics", "numerics"): {("tests/test_law.py::test_it", "T1")},
    }


def test_one_sample_is_drawn_over_all_rooms(tasks):
    parts = Parts()
    few = sweep.excused(["theory", "numerics"], JUDGES, (SEED, SEED), Options(), parts, 4)
    every = sweep.excused(["theory", "numerics"], JUDGES, (SEED, SEED), Options(), parts, 100)
    assert len(few) == 4
    assert len(every) == 9
    assert {t.change for t in few} < {t.change for t in every}  # a larger sample holds it
    assert (
        sum(len(task.arguments["numbers"]) for _, task in tasks) == 9
    )  # and it is not tried twice


def test_every_guard_of_every_room_is_tried_on_what_it_covers(tasks):
    parts = Parts()
    found = sweep.guarded(["theory", "numerics"], SEED, Options(), parts)
    assert [one.excuse.file for one in found] == ["numerics/a.py", "numerics/b.py", "theory/toy.py"]
    for one in found:
        assert one.excuse.test == "tests/test_toy.py::test_refuses"
        assert one.fails
        assert {what for what, _ in one.tried} <= {"< -> <=", "2 -> 3", "2 -> 1", "2 -> 4"}
    assert len(tasks) == 3
    assert sweep.guarded(["theory", "numerics"], SEED, Options(), parts) == found  # kept
    assert len(tasks) == 3
    assert len(sweep.guarded(["theory", "numerics"], SEED, Options(), Parts(), most=2)) == 2


def test_a_guard_whose_test_sees_nothing_does_not_hold(tasks, monkeypatch):
    run = sweep.run_tasks

    def blind(todo, options, what, keep):
        run(
            todo,
            options,
            what,
            lambda d: keep(Done(d.task, [[0, "crashed"], [1, "survived"]], 0.1, 0.1, None)),
        )

    monkeypatch.setattr(sweep, "run_tasks", blind)
    found = sweep.guarded(["numerics"], SEED, Options(), Parts())
    assert len(found) == 2
    assert not any(one.fails for one in found)
