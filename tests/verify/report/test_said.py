import pytest

from verify.report.claim_pages import page, said
from verify.report.results import off_by


def quantities(statement):
    return [statement[start:end] for start, end in said.quantities(statement)]


@pytest.mark.parametrize(
    ("statement", "found"),
    [
        ("x = 3.5 and y < 2e-3", ["=", "3.5", "<", "2e-3"]),
        ("u(t) -> -E_inf like t^(-2/3)", ["->", "2", "3"]),
        ("N (E_0 - E_1), at least, for n1 and F_1", ["at least"]),
        ("3 to 4 % of the share, 12 % at most", ["3", "4 %", "12 %", "at most"]),
        ("half of them, a quarter of those, a thousandth", ["half", "a quarter", "a thousandth"]),
        ("tr M ~ Normal(0, 1)", ["~", "0", "1"]),
        ("x >= y <= z > w", [">=", "<=", ">"]),
        ("1.33/sqrt(N) for p = 3.", ["1.33"]),
        ("it falls by a factor e over about 40 spins", ["40"]),
        # labels
        ("in Fig. 7, Theorem 11.1 (a), claim S1-END and erratum E9", []),
        ("for k = 0..5, N = 2, 10, 100 and 1000, p >= 3, n1 = 2, 3, 5", []),
        ("of index 0, indices 0, 1 and 2, index 0 to 3, the 3-spin model", []),
        ("Crt_{N,0} of the (k+1)-th", []),
        # what only looks like a label
        ("k = 1.5", ["=", "1.5"]),
        ("a = -1/2", ["=", "1", "2"]),
        ("at p = 1/2", ["=", "1", "2"]),
        ("N = 10^8", []),
        ("k > 1", [">", "1"]),
    ],
)
def test_what_counts_as_a_quantity(statement, found):
    assert quantities(statement) == found


def test_a_fragment_covers_all_its_places_and_nothing_else():
    statement = "m = 1 here, m = 1 there, v = 2 too"
    assert said.uncompared(statement, {"m = 1": "mean", "v = 2": "variance"}) == []
    assert len(said.uncompared(statement, {"m = 1": "mean"})) == 2
    assert len(said.uncompared(statement, {"": "nothing", "m": "mean"})) == 6


def row(quantity, **judged):
    return {"quantity": quantity, "p_value": None, "holds": None, "margin": None, **judged}


def test_only_judged_rows_compare():
    rows = [row("a"), row("b", p_value=0.5), row("b 2", holds=False), row("c", margin=0.1)]
    assert [said.comparing(rows, name) for name in "abc"] == [[], ["b"], ["c"]]
    assert said.comparing(rows, "b*") == ["b", "b 2"]
    assert said.comparing(rows, "*") == []


def claim_row(**numbers):
    return {"predicted": 1.0, "estimate": 1.5, "stderr": 0.1, "margin": 0.25, **numbers}


@pytest.mark.parametrize(
    ("numbers", "in_stderrs", "in_margins"),
    [
        ({}, 5.0, 2.0),
        ({"stderr": None}, None, 2.0),
        ({"margin": 0.0, "estimate": 1.7}, pytest.approx(7.0), None),
        ({"estimate": "1.5"}, None, None),
        ({"predicted": None}, None, None),
        ({"estimate": "infinite"}, None, None),
    ],
)
def test_how_far_off_a_row_is(numbers, in_stderrs, in_margins):
    assert off_by(claim_row(**numbers), "stderr") == in_stderrs
    assert off_by(claim_row(**numbers), "margin") == in_margins


def test_a_page_shows_the_tie_and_what_has_none():
    claim = {
        "statement": "m = 1 and v < 2",
        "compares": {"m = 1": "mean", "v": "variance"},
        "cells": [row("mean", p_value=0.5)],
    }
    table, lost = page._compared(claim)
    assert "| m = 1 | mean |" in table
    assert "| v | not compared in this profile |" in table
    assert lost.startswith("Said and not compared: ")
    assert page._compared({"cells": []}) == []
