"""What a judgement says of data given to it, on small claims; `test_runner.py` runs such claims whole."""

import re
from dataclasses import replace

import numpy as np
import pytest
from scipy import stats

from verify.claim import (
    Alternative,
    AlternativeResult,
    Axes,
    Cell,
    Claim,
    Judgement,
    Piece,
    Series,
    each,
    per_profile,
)
from verify.engine import tasks
from verify.engine.runner import verdict_of
from verify.engine.store import Store
from verify.engine.tasks import judge
from verify.evidence import Limit, Proof, Sampled
from verify.statistics import ALTERNATIVE_LEVEL, equivalence_cell, mean_cell

LEVEL = 0.01


def says(mean):
    return lambda params: {"mean": mean}


def compare(seen):
    return [mean_cell(seen.params, "mean", seen.prediction["mean"], seen.data["x"])]


def drawn(seen):
    axes = Axes("p", "x", "y")
    return [Series(axes, str(o.params["N"]), o.data["x"][:2], o.data["x"][:2]) for o in seen]


SAMPLED = Claim(
    *("S", "a mean", (), "", "", ""),
    evidence=Sampled(
        grid=({"N": 1}, {"N": 2}, {"N": 3}),
        predict=says(1.0),
        simulate=lambda *_: pytest.fail("a judgement draws nothing"),
        compare=each(compare),
        chunks=per_profile(quick=2, standard=2, paper=2),
        constants={
            "mean": lambda params, eps: {"mean": 1.0 + eps},
            "idle": lambda params, eps: {"mean": 1.0},
        },
        series=drawn,
    ),
    alternatives=(
        Alternative("far", "wrong", {"predict": says(2.0)}),
        Alternative("near", "too little to see", {"predict": says(1.001)}),
        Alternative("sampler: other", "the audit's", {"simulate": lambda *_: {}}),
    ),
)
# The second grid point is absent from the profile.
KEYS = {Piece(0, 0): "a", Piece(0, 1): "b", Piece(2, 0): "c"}


@pytest.fixture
def known(monkeypatch):
    """Claims made here, found as the project's are."""

    def made(claim):
        monkeypatch.setattr(tasks, "find", lambda claim_id: {claim.id: claim}[claim_id])

    return made


@pytest.fixture(scope="module")
def chunks():
    rng = np.random.default_rng(0)
    return {
        name: {"x": 1 + rng.standard_normal(size)}
        for name, size in (("a", 200), ("b", 100), ("c", 300))
    }


def given_of(chunks):
    return {piece: chunks[name] for piece, name in KEYS.items()}


def test_the_own_theory_and_every_wrong_one_see_the_same_chunks_in_order(known, chunks):
    known(SAMPLED)
    found = judge("S", None, {}, given_of(chunks), LEVEL)
    first = np.concatenate([chunks["a"]["x"], chunks["b"]["x"]])
    assert [cell.params["N"] for cell in found.cells] == [1, 3]
    assert [cell.estimate for cell in found.cells] == [first.mean(), chunks["c"]["x"].mean()]
    assert found.p_value == min(1.0, 2 * min(cell.p_value for cell in found.cells)) > 0.01
    assert [series.label for series in found.series] == ["1", "3"]
    assert found.series[0].x.tolist() == first[:2].tolist()
    # Wrong samplers are the audit's; the others are judged by the joint p-value of theirs.
    assert [(a.name, a.verdict) for a in found.alternatives] == [
        ("far", "refuted"),
        ("near", "inconclusive"),
    ]
    assert found.alternatives[0].p_value < ALTERNATIVE_LEVEL < found.alternatives[1].p_value
    assert found.alternatives[0].why == "wrong"


def test_the_smallest_change_that_is_seen_is_that_of_the_better_grid_point(known, chunks):
    """Linear in the constant: the two-sided level over the cells, with power 0.99 in two looks."""
    known(SAMPLED)
    found = judge("S", None, {}, given_of(chunks), LEVEL)
    power = stats.norm.ppf(0.99**0.5)
    seen = min(c.stderr * (stats.t.isf(LEVEL / 4, c.freedom) + power) for c in found.cells)
    assert found.sensitivity == {"mean": pytest.approx(seen, rel=1e-9)}
    coarse = judge("S", None, {}, given_of(chunks), LEVEL * 1e-6).sensitivity["mean"]
    assert coarse > 1.2 * found.sensitivity["mean"]


def test_chunks_of_a_store_are_judged_like_those_given(known, chunks, tmp_path):
    known(SAMPLED)
    path = tmp_path / "s.sqlite"
    with Store(path) as store:
        for name, data in chunks.items():
            store.put(name, {"chunk": name}, data, 0.1)
    stored = judge("S", str(path), KEYS, {}, LEVEL)
    given = judge("S", None, {}, given_of(chunks), LEVEL)
    assert stored.cells == given.cells
    assert stored.alternatives == given.alternatives
    other = judge("S", str(path), {Piece(0, 0): "b", Piece(0, 1): "a", Piece(2, 0): "b"}, {}, LEVEL)
    assert other.cells != given.cells
    with pytest.raises(Exception, match="no chunk"):
        judge("S", str(path), {Piece(0, 0): "a", Piece(0, 1): "gone"}, {}, LEVEL)


def test_data_may_not_be_changed_by_a_comparison(known, chunks):
    def spoils(seen):
        seen.data["x"][0] = 0.0
        return compare(seen)

    known(replace(SAMPLED, evidence=replace(SAMPLED.evidence, compare=each(spoils))))
    with pytest.raises(ValueError, match="read-only"):
        judge("S", None, {}, given_of(chunks), LEVEL)


def test_no_data_gives_no_p_value_and_no_sensitivity(known):
    known(SAMPLED)
    found = judge("S", None, {}, {}, LEVEL)
    assert (found.p_value, found.cells, found.sensitivity) == (None, [], {})
    assert {a.verdict for a in found.alternatives} == {"inconclusive"}


def statements(*holds):
    return [Cell({"i": i}, "q", "1", "1", holds=value) for i, value in enumerate(holds)]


def test_a_proof_is_judged_by_what_holds_at_every_grid_point(known):
    alternatives = (Alternative("no", "false", {}), Alternative("maybe", "undecided", {}))
    axes = Axes("p", "x", "y")
    evidence = Proof(
        ({}, {}), lambda _: pytest.fail("proved elsewhere"), lambda: [Series(axes, "l", [1.0])]
    )
    known(replace(SAMPLED, id="P", evidence=evidence, alternatives=alternatives))
    given = {
        Piece(0): statements(True),
        Piece(1): statements(True, True),
        Piece(0, alternative="no"): statements(True),
        Piece(1, alternative="no"): statements(True, False),
        Piece(0, alternative="maybe"): statements(None),
        Piece(1, alternative="maybe"): statements(True),
    }
    found = judge("P", None, {}, given, LEVEL)
    assert found.cells == given[Piece(0)] + given[Piece(1)]
    assert [(a.name, a.verdict) for a in found.alternatives] == [
        ("no", "refuted"),
        ("maybe", "inconclusive"),
    ]
    assert found.p_value is None
    assert [series.label for series in found.series] == ["l"]


def test_an_exact_sequence_has_others_beside_it_and_the_level_of_limits(known):
    def in_margin(seen):
        return [
            equivalence_cell({}, "l", o.prediction["l"], float(o.data["y"][0]), 0.01, 1, 0.1)
            for o in seen
        ]

    evidence = Limit(
        ({"N": 1},),
        lambda _: {"l": 1.0},
        in_margin,
        "none",
        sequence=lambda *_: pytest.fail("computed elsewhere"),
        constants={"l": lambda params, eps: {"l": 1.0 + eps}},
    )
    alternatives = (
        Alternative("other sequence", "w", {"sequence": lambda *_: {}}),
        Alternative("other limit", "w", {"predict": lambda _: {"l": 0.5}}),
    )
    known(replace(SAMPLED, id="L", evidence=evidence, alternatives=alternatives))
    given = {
        Piece(0): {"y": np.array([1.02])},
        Piece(0, alternative="other sequence"): {"y": np.array([3.0])},
    }
    found = judge("L", None, {}, given, LEVEL)
    assert (found.cells[0].estimate, found.p_value) == (1.02, 1.0)
    assert {a.verdict for a in found.alternatives} == {"refuted"}
    # The level given is that of samples; a limit's own is 1e-3.
    reach = stats.norm.isf(1e-3 / 2) + stats.norm.ppf(0.99**0.5)
    assert found.sensitivity == {"l": pytest.approx(0.01 * reach + 0.2, rel=1e-9)}
    own = {
        Piece(0): {"y": np.array([1.02])},
        Piece(0, alternative="other sequence"): {"y": np.array([1.02])},
    }
    [same, _] = judge("L", None, {}, own, LEVEL).alternatives
    assert same.verdict == "inconclusive"


def cell(quantity, p_value, margin=None, stderr=0.001, estimate=1.0):
    return Cell({"N": 1}, quantity, 1.0, estimate, stderr, 9, p_value, None, margin)


REFUTED = AlternativeResult("wrong", "", "refuted", 1e-9)
CONFUSED = AlternativeResult("twin", "", "inconclusive", 0.5)
PROOF = replace(SAMPLED, evidence=Proof(({},), lambda _: []))
LIMIT = replace(
    SAMPLED,
    evidence=Limit(({},), says(1.0), each(compare), "none", sequence=lambda *_: {}),
)
TWO = [cell("a", 0.5), cell("b", 0.2)]


@pytest.mark.parametrize(
    ("claim", "cells", "p_value", "alternatives", "confirmed", "verdict", "reason"),
    [
        (PROOF, statements(True, True), None, [REFUTED], False, "supported", "2 statements proved"),
        (PROOF, statements(None, False), None, [REFUTED], False, "refuted", "false: q at i = 1"),
        (PROOF, statements(True, None), None, [REFUTED], False, "inconclusive", "undecided: q"),
        (PROOF, [], None, [REFUTED], False, "inconclusive", "undecided: nothing"),
        (PROOF, statements(True), None, [], False, "inconclusive", "no wrong theory was put"),
        (PROOF, statements(True), None, [REFUTED, CONFUSED], False, "inconclusive", "from: twin"),
        (SAMPLED, TWO, 0.4, [REFUTED], False, "supported", "2 comparisons, smallest p at b at"),
        (SAMPLED, TWO, 0.4, [CONFUSED], False, "inconclusive", "cannot tell from: twin"),
        (SAMPLED, TWO, 1e-9, [REFUTED], True, "refuted", "both looks disagree .* first at b at"),
        (SAMPLED, TWO, 1e-9, [REFUTED], False, "supported", "2 comparisons"),
        (SAMPLED, [*TWO, cell("shown", None)], 0.4, [REFUTED], False, "supported", "2 comparisons"),
        (
            SAMPLED,
            [cell("shown", None)],
            None,
            [REFUTED],
            False,
            "inconclusive",
            "no comparison in this",
        ),
        (SAMPLED, [], None, [REFUTED], False, "inconclusive", "no comparison in this profile"),
        (LIMIT, [cell("m", 1.0, 0.1)], 1.0, [REFUTED], False, "supported", "within their margins"),
        (LIMIT, [cell("m", 1e-4, 0.1)], 1e-4, [REFUTED], False, "refuted", "outside its margin: m"),
        (
            *(LIMIT, [cell("ok", 1.0, 0.1), cell("wide", 1.0, 0.1, 0.09)], 1.0),
            *([REFUTED], False, "inconclusive", "interval not inside the margin: wide"),
        ),
    ],
)
def test_verdicts(claim, cells, p_value, alternatives, confirmed, verdict, reason):
    found = Judgement(p_value, cells, alternatives, {}, [])
    said, why = verdict_of(claim, found, confirmed)
    assert said == verdict
    assert re.search(reason.replace("{", r"\{").replace("}", r"\}"), why), why
