import numpy as np
import pytest

from verify.claim import Judgement, Observation
from verify.evidence import Exact, ExactSequence, decided, exact_cell
from verify.statistics import power, within

SEQUENCE = ExactSequence(
    value=lambda params, n: 2 * n**0.5 * (1 + 3 / n),
    sizes={"quick": (10, 20, 40)},
    terms=(power(1), power(2)),
    margin=1e-6,
    quantities={"constant": "C"},
    power="a",
)


@pytest.mark.parametrize(
    ("a", "c", "right"), [(0.5, 2.0, True), (0.4, 2.0, False), (0.5, 2.1, False)]
)
def test_the_power_of_a_sequence_is_compared_with_its_constant(a, c, right):
    seen = Observation({}, {"C": c, "a": a}, SEQUENCE.sequence({}, "quick"))
    cell, _ = SEQUENCE.compare(seen)
    assert within(cell) is right
    assert SEQUENCE.values(seen)[0] == pytest.approx(2 * 10 ** (0.5 - a) * 1.3)


CELLS = [exact_cell({}, "m", 1.0, 1.0 + 1e-13, 1e-12), decided({}, "n", 1, 1, True)]


@pytest.mark.parametrize(
    ("cells", "verdict", "reason"),
    [
        (CELLS, "supported", "1 comparisons within their tolerances, 1 decided exactly"),
        (CELLS[:1], "supported", "1 comparisons within their tolerances"),
        ([exact_cell({"N": 2}, "m", 1.0, 1.1, 1e-12)], "refuted", "false: m at N = 2"),
        ([decided({}, "n", 1, 1, None, 0.1)], "inconclusive", "undecided: n"),
    ],
)
def test_exact_evidence_claims_no_proof(cells, verdict, reason):
    evidence = Exact(({},), lambda _: cells)
    assert evidence.kind == "exact"
    assert evidence.verdict(Judgement(None, cells, [], {}, []), False) == (verdict, reason)


def test_a_tolerance_is_printed_and_what_is_not_finite_is_refused():
    assert [cell.margin for cell in CELLS] == [1e-12, None]
    with pytest.raises(ArithmeticError, match="estimate is nan"):
        exact_cell({}, "m", 1.0, np.nan, 1e-12)


def test_the_fitted_curve_goes_through_the_values_and_to_the_limit():
    data = SEQUENCE.sequence({}, "quick")
    seen = Observation({}, {"a": 0.5}, data)
    curve = SEQUENCE.fitted(seen, np.array([*data["N"], 1e12]))
    assert curve[:-1] == pytest.approx(SEQUENCE.values(seen), abs=1e-6)
    assert curve[-1] == pytest.approx(SEQUENCE.limit(seen).value, abs=1e-9)
