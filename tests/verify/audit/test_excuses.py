"""Marks that excuse changes: their grammar, their budget, and the tests that they name."""

import ast
from collections import Counter
from pathlib import Path

import pytest

from verify.audit import mutations
from verify.audit.excuses import ExcuseError, excuse_of, excuses, parse
from verify.audit.public_numbers import agrees
from verify.audit.sweep import MOST_EXCUSED, MOST_GUARDS

ROOT = Path(__file__).resolve().parents[3]
TOY = """\
# same (all): any rule does
# guard (8 -> 9): tests/theory/test_toy.py::test_eight
FINE = 16
COARSE = 8

LAST = 3

# guard (signs, comparisons): what is refused
# tests/theory/test_toy.py::test_it
@cache
def f(x, digits=30):  # same (numbers): any number of digits
    if x < 2:
        # same (2 -> 3): a start
        y = 2 * x + 1
    return -x
"""


def toy(monkeypatch, source=TOY):
    monkeypatch.setattr(mutations, "source_of", lambda file: source)
    found = mutations.changes.__wrapped__("theory/toy.py")
    marks = parse(source, "theory/toy.py")
    return {(c.line, c.what): getattr(excuse_of(c, marks), "kind", "") for c in found}


def test_what_a_mark_covers(monkeypatch):
    covered = toy(monkeypatch)
    assert covered[3, "16 -> 17"] == covered[4, "8 -> 7"] == "same"
    assert covered[6, "3 -> 4"] == ""
    assert covered[11, "30 -> 31"] == "same"
    assert covered[12, "< -> <="] == covered[15, "sign dropped"] == covered[14, "+ -> -"] == "guard"
    assert covered[12, "2 -> 3"] == covered[14, "1 -> 2"] == covered[14, "2 -> 1"] == ""
    assert covered[14, "2 -> 3"] == "same"


@pytest.mark.parametrize(
    "source",
    [
        "# same (all) no colon\nx = 1\n",
        "# same (nothing): why\nx = 1\n",
        "# guard (all): no test\nx = 1\n",
        "# same (all): tests/a.py::test_b\nx = 1\n",
        "# same (all): nothing below\n",
        "# same (all): a blank line between\n\nx = 1\n",
    ],
)
def test_what_is_no_mark_is_named(source):
    with pytest.raises(ExcuseError, match=r"theory/toy\.py:1: "):
        parse(source, "theory/toy.py")


def functions_of(path):
    tree = ast.parse((ROOT / path).read_text())
    return {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}


def test_every_mark_covers_something_and_every_guard_names_a_test():
    for room in mutations.ROOMS:
        for file in mutations.files(room):
            for mark in excuses(file):
                assert any(excuse_of(c) == mark for c in mutations.changes(file)), str(mark)
                if mark.kind == "guard":
                    path, name = mark.test.split("::")
                    assert name in functions_of(path), str(mark)


@pytest.mark.parametrize("room", mutations.ROOMS)
def test_few_changes_of_a_room_are_excused(room):
    every = [c for file in mutations.files(room) for c in mutations.changes(file)]
    kinds = Counter(mark.kind if (mark := excuse_of(c)) else "" for c in every)
    assert kinds["same"] < MOST_EXCUSED * len(every)
    assert kinds["guard"] < MOST_GUARDS * len(every)


def test_no_formula_and_no_kind_of_change_is_excused_as_such():
    every = [c for file in mutations.files("theory") for c in mutations.changes(file)]
    formulas = [c for c in every if c.text == "return 2 * f.sqrt((p - 1) / p)"]
    assert formulas
    assert not any(map(excuse_of, formulas))
    bare = Counter(c.kind for c in every if excuse_of(c) is None)
    assert bare["comparisons"] > 50


def test_public_numbers_agree_within_their_errors_alone():
    assert agrees(("1.5", "0.1"), ("1.6", "0.05"))
    assert not agrees(("1.5", "0.01"), ("1.6", "0.05"))
    assert not agrees(("1.5", "1e-9"), ("1.5", "1e-7"))  # digits were lost
    assert not agrees(("1.5", "0.1"), ("nan", "0.1"))
    assert not agrees(("1.5", "0.1"), None)
    assert agrees(("-inf", "0"), ("-inf", "0"))
