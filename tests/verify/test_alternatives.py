"""How wrong theories are made: the entries named change, no other, and a name that is none is an error."""

from __future__ import annotations

import pickle
from functools import partial
from typing import Any

import pytest

from verify.alternatives import UnknownEntry, constant, multiplied, replaced, replacing
from verify.claims import all_claims
from verify.evidence import Limit, Sampled


def predict(params: Any) -> dict[str, Any]:
    return {"mean": 3.0 * params["N"], "powers": [1.0, 2.0]}


def small(params: Any) -> bool:
    return bool(params["N"] < 3)


def test_what_is_named_changes_and_nothing_else():
    at = {"N": 2}
    assert replaced(predict, {"mean": 1.0})(at) == {"mean": 1.0, "powers": [1.0, 2.0]}
    halved = replaced(predict, lambda q, said: {"mean": said["mean"] / q["N"]})
    assert halved(at)["mean"] == 3.0
    assert multiplied(predict, 2.0, "powers")(at) == {"mean": 6.0, "powers": [2.0, 4.0]}
    assert multiplied(predict, lambda q: q["N"])(at) == {"mean": 12.0, "powers": [2.0, 4.0]}
    assert constant(predict, "mean")(at, 0.5) == {"mean": 9.0, "powers": [1.0, 2.0]}
    assert predict(at) == {"mean": 6.0, "powers": [1.0, 2.0]}


def test_elsewhere_the_prediction_stays():
    for wrong in (
        replaced(predict, {"mean": 0.0}, small),
        multiplied(predict, 2.0, "mean", where=small),
        partial(constant(predict, "mean", where=small), eps=0.5),
    ):
        assert wrong({"N": 3}) == predict({"N": 3})
        assert wrong({"N": 2}) != predict({"N": 2})


def test_a_misspelt_name_is_an_error():
    said = "'maen': the prediction has 'mean', 'powers'"
    for wrong in (
        replaced(predict, {"mean": 1.0, "maen": 1.0}),
        replaced(predict, lambda q, _: {"maen": 1.0}),
        multiplied(predict, 2.0, "mean", "maen"),
        partial(constant(predict, "maen"), eps=0.1),
        replacing(predict, "wrong", "misspelt", {"maen": 1.0}).change["predict"],
    ):
        with pytest.raises(UnknownEntry, match=said):
            wrong({"N": 2})


def test_they_pass_to_another_process():
    for wrong in (replaced(predict, {"mean": 1.0}, small), multiplied(predict, 2.0, "mean")):
        assert pickle.loads(pickle.dumps(wrong))({"N": 2}) == wrong({"N": 2})


@pytest.mark.parametrize("name", ["A4", "F3", "F4", "F5", "F6", "F8", "S1-END", "T2-I"])
def test_every_wrong_theory_of_a_claim_differs_somewhere_and_adds_no_entry(name):
    claim = all_claims()[name]
    evidence = claim.evidence
    assert isinstance(evidence, Sampled | Limit)
    shifted = [partial(f, eps=0.1) for f in evidence.constants.values()]
    theories = [a.change["predict"] for a in claim.alternatives if "predict" in a.change]
    for theory in [*theories, *shifted]:
        pairs = [(evidence.predict(q), theory(q)) for q in evidence.grid]
        assert all(own.keys() == other.keys() for own, other in pairs)
        # A constant whose value is 0 stays 0.
        if theory in theories:
            assert any(own != other for own, other in pairs)
