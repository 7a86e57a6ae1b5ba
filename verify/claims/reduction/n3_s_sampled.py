"""N3-S: signs drawn at the extremal law have the sharp correlation, and no higher."""

from __future__ import annotations

from collections.abc import Callable
from math import sqrt
from typing import Any

import numpy as np

from numerics.core.streams import Stream
from numerics.networks import path_sums as numeric
from theory.networks import reduction
from theory.networks.reduction import Signs
from verify.alternatives import constant, replacing, sampling, scaling
from verify.claim import (
    Alternative,
    Cell,
    Claim,
    Data,
    Observation,
    Params,
    Prediction,
    each,
    per_profile,
)
from verify.evidence import Sampled
from verify.statistics import frequency_cell, normal_cell

UNITS = 40_000
Draw = Callable[..., Any]


def rates(eps: Any, p: Any) -> tuple[float, float, float]:
    """P(Y > 0), and the probabilities to lose and to gain that sign, at which signs are drawn.

    A setting of the experiment, written out here: `predict` has the law from theory, and the two must
    agree.
    """
    gained = (eps + (p - eps) / (1 - 2 * eps) - p) / 2
    lost = eps - gained
    return float(p), float(lost), float(gained)


def simulate(
    params: Params, stream: Stream, chunk: int, _xp: Any, draw: Draw = numeric.sign_pair
) -> Data:
    """Signs of an output and of its reduction, which errs near the boundary on each side."""
    return {"signs": draw(stream.generator(chunk), *rates(params["eps"], params["pi"]), UNITS)}


def predict(params: Params) -> Prediction:
    """The extremal law, and the correlation that it must have."""
    eps, p = params["eps"], params["pi"]
    law = reduction.extremal_signs(eps, p)
    return {
        "law": law,
        "correlation": float(reduction.signs_bound_squared(eps, p)) ** 0.5,
        "eps": eps,
    }


def deviation(law: Signs) -> float:
    """Standard deviation of the sample correlation times sqrt(units), by its influence function."""
    b, a = float(law.plus), float(law.plus_reduced)
    r = float(law.squared_correlation) ** 0.5
    variance = 0.0
    for weight, x, y in zip(law, (1, 1, 0, 0), (1, 0, 1, 0), strict=True):
        u, v = (x - b) / sqrt(b * (1 - b)), (y - a) / sqrt(a * (1 - a))
        variance += float(weight) * (u * v - r / 2 * (u * u + v * v)) ** 2
    return sqrt(variance)


def compare(seen: Observation) -> list[Cell]:
    """Counts of the four cells, and the correlation with the exact law's standard error."""
    said, params = seen.prediction, seen.params
    b, a = seen.data["signs"][:, 0], seen.data["signs"][:, 1]
    units = len(b)
    counts = np.array([(b & a).sum(), (b & ~a).sum(), (~b & a).sum(), (~b & ~a).sum()])
    law = said["law"]
    return [
        frequency_cell(params, "joint law of the two signs", np.array(law, dtype=float), counts),
        normal_cell(
            params,
            "corr(sign Y_s, sign Y_N)",
            said["correlation"],
            float(np.corrcoef(b, a)[0, 1]),
            deviation(law) / sqrt(units),
            units,
        ),
    ]


def unpaired(*arguments: Any) -> Any:
    """The second network's sign on another input."""
    found = numeric.sign_pair(*arguments)
    return np.stack([found[:, 0], np.roll(found[:, 1], 1)], axis=1)


def correlation(name: str, why: str, of: Callable[[float, float], float]) -> Alternative:
    """Another correlation, of eps and p."""
    return replacing(predict, name, why, lambda q, _: {"correlation": of(q["eps"], q["pi"])})


def errors(
    name: str, why: str, change: Callable[[float, float], tuple[float, float]]
) -> Alternative:
    """Other probabilities of an error in the one class and in the other."""

    def draw(rng: Any, plus: float, lost: float, gained: float, units: int) -> Any:
        return numeric.sign_pair(rng, plus, *change(lost, gained), units)

    return sampling(simulate, name, why, draw=draw)


CLAIM = Claim(
    id="N3-S",
    title="Signs drawn at the extremal law have the sharp correlation",
    rows=("N3", "E4"),
    statement="A reduction that errs with probability eps, on a share (1-pi-eps)/(1-2 eps) of them "
    "in the class of probability pi, has corr(sign Y_s, sign Y_N) = sqrt(1 - eps (1-eps)/(pi "
    "(1-pi))): the sharp bound is attained, the printed one is not.",
    compares={
        "A reduction that errs with probability eps, on a share (1-pi-eps)/(1-2 eps) of "
        "them in the class of probability pi": "joint law of the two signs",
        "has corr(sign Y_s, sign Y_N) = sqrt(1 - eps (1-eps)/(pi (1-pi)))": (
            "corr(sign Y_s, sign Y_N)"
        ),
    },
    source="CHMBL Thm 3.2; claim N3 for the proof",
    assumptions="outputs of any continuous law; the reduction errs nearest to the boundary",
    evidence=Sampled(
        grid=(
            {"eps": 0.1, "pi": 0.5},
            {"eps": 0.25, "pi": 0.5},
            {"eps": 0.1, "pi": 0.2},
            {"eps": 0.02, "pi": 0.1},
        ),
        predict=predict,
        simulate=simulate,
        compare=each(compare),
        chunks=per_profile(audit=4, quick=40, standard=160, paper=4000),
        constants={"corr": constant(predict, "correlation")},
    ),
    alternatives=(
        correlation(
            "as printed, attained",
            "(1-2 eps)/(1+2 eps)",
            lambda eps, p: float(reduction.signs_bound_printed(eps)),
        ),
        scaling(predict, "1 % larger", "a bound above this law", 1.01, "correlation"),
        correlation("1 - 2 eps for every pi", "pi = 1/2 alone", lambda eps, p: 1 - 2 * eps),
        correlation(
            "sqrt((1-2 eps)/(1+2 eps))",
            "all errors in one class",
            lambda eps, p: ((1 - 2 * eps) / (1 + 2 * eps)) ** 0.5,
        ),
        correlation(
            "eps for eps (1-eps)",
            "the leading order",
            lambda eps, p: max(0.0, 1 - eps / (p * (1 - p))) ** 0.5,
        ),
        errors("errors in one class", "a law that is not extremal", lambda x, y: (x + y, 0.0)),
        errors(
            "errors shared otherwise",
            "a law that is not extremal",
            lambda x, y: (0.8 * x, y + 0.2 * x),
        ),
        errors("10 % more errors", "another eps", lambda x, y: (1.1 * x, 1.1 * y)),
        sampling(
            simulate,
            "signs of different inputs",
            "two samples that are not paired",
            draw=unpaired,
        ),
    ),
)
