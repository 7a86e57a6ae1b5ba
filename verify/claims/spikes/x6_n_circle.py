"""X6-N: every critical point of spiked functions on the circle, against the exact mean numbers."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from math import sqrt
from typing import Any

import numpy as np
from numpy.typing import NDArray

from numerics.core.streams import Stream
from numerics.critical.circle import circle_census, spiked_census
from theory import Mixture, mixture, pure, spiked_count
from theory.spiked.counts import Question
from verify.alternatives import constant, predicting, sampling, scaling
from verify.claim import (
    Axes,
    Cell,
    Claim,
    Data,
    Observation,
    Params,
    Prediction,
    Series,
    each,
    per_profile,
)
from verify.evidence import Sampled
from verify.statistics import mean_cell

SAMPLES = 2000  # functions in a chunk
MIXTURES = {"q^2 + 0.5 q^4": {2: 1.0, 4: 0.5}, "0.3 q + q^3": {1: 0.3, 3: 1.0}}
NEAR = 0.5  # the overlap from which a point is near the spike
NAMES = {
    "all": (None, None),
    "near": (None, NEAR),
    "minima near": (0, NEAR),
    "maxima near": (1, NEAR),
}


def model_of(params: Params) -> Mixture:
    """q^p, or the mixture that is named; p is then the order of the spike."""
    return mixture(MIXTURES[params["model"]]) if "model" in params else pure(params["p"])


def simulate(
    params: Params,
    stream: Stream,
    chunk: int,
    xp: Any,
    strength: Callable[[float], float] = lambda a: a,
    index: Callable[[NDArray[Any]], NDArray[Any]] = lambda k: k,
) -> Data:
    """Numbers of points; a row a function. Wrong samplers change keywords."""
    rng = stream.generator(chunk)
    p, a = params["p"], strength(params["A"])
    if "model" in params:
        found = circle_census(rng, MIXTURES[params["model"]], SAMPLES, a, p)
    else:
        found = spiked_census(rng, p, a, SAMPLES)
    near = found.there & (found.overlap >= NEAR)
    k = index(found.index)
    return {
        "all": found.there.sum(axis=1),
        "near": near.sum(axis=1),
        "minima near": (near & (k == 0)).sum(axis=1),
        "maxima near": (near & (k == 1)).sum(axis=1),
    }


def predict(params: Params, strength: Callable[[float], float] = lambda a: a) -> Prediction:
    """Quadratures of `theory.spiked_count`; wrong theories change a keyword."""
    p, a, model = params["p"], strength(params["A"]), model_of(params)
    return {
        name: spiked_count(model, a, 2, k=k, overlap=overlap, order=p).value
        for name, (k, overlap) in NAMES.items()
    }


class _Reversed(Question):
    """The spike's part of the Hessian with the other sign."""

    def spike(self, m: NDArray[Any]) -> NDArray[Any]:
        return -super().spike(m)


class _Free(Question):
    """A gradient whose mean along the spike is forgotten."""

    def gradient(self, m: NDArray[Any]) -> NDArray[Any]:
        return np.ones_like(m)


def by(kind: type[Question], params: Params) -> Prediction:
    """The prediction with another formula of one part."""
    return {
        name: kind(model_of(params), params["p"], params["A"], 2, k, None, overlap).on_circle()
        for name, (k, overlap) in NAMES.items()
    }


def compare(seen: Observation) -> list[Cell]:
    """t tests of mean numbers, functions as units."""
    return [
        mean_cell(
            seen.params,
            f"mean number: {name}",
            seen.prediction[name],
            np.asarray(seen.data[name], float),
        )
        for name in NAMES
    ]


def series(seen: Sequence[Observation]) -> list[Series]:
    """Mean numbers near the spike against its strength, p = 3: exact, and measured."""
    strengths = np.linspace(0, 4, 41)
    axes = Axes("Points with overlap >= 1/2, p = 3, N = 2", "A", "mean number, 2 std. err.")
    found = []
    for name in ("near", "minima near", "maxima near"):
        k, overlap = NAMES[name]
        exact = [spiked_count(3, a, 2, k=k, overlap=overlap).value for a in strengths.tolist()]
        found.append(axes.line(f"exact: {name}", strengths, exact))
        some = [one for one in seen if one.params["p"] == 3 and "model" not in one.params]
        values = [np.asarray(one.data[name], float) for one in some]
        found.append(
            axes.points(
                f"measured: {name}",
                [one.params["A"] for one in some],
                [float(v.mean()) for v in values],
                [2 * float(v.std()) / sqrt(len(v)) for v in values],
            )
        )
    return found


sampler = partial(sampling, simulate)

CLAIM = Claim(
    id="X6-N",
    title="A spike on the circle: every critical point, against the exact mean numbers",
    rows=("X6",),
    statement="With a mean A m^p, in the pure model of order p and in mixtures, the mean number of critical "
    "points at N = 2, in all and near the spike, there of minima and of maxima, is the "
    "Kac-Rice count with a moved level, a gradient of mean A p m^(p-1) sqrt(1 - m^2) along the spike "
    "and a rank-one part A p (p-1) m^(p-2) (1 - m^2) of the Hessian.",
    compares={
        "With a mean A m^p, in the pure model of order p and in mixtures, the mean number of critical points "
        "at N = 2, in all": "mean number: all",
        "and near the spike": "mean number: near",
        "there of minima": "mean number: minima near",
        "and of maxima, is the Kac-Rice count with a moved level": "mean number: maxima near",
        "a gradient of mean A p m^(p-1) sqrt(1 - m^2) along the spike": "mean number: near",
        "a rank-one part A p (p-1) m^(p-2) (1 - m^2) of the Hessian": "mean number: maxima near",
    },
    source="Ben Arous, Mei, Montanari and Nica 2019; theory/spiked/counts.py",
    assumptions="a function is a unit",
    evidence=Sampled(
        grid=(
            {"p": 3, "A": 0.0},
            {"p": 3, "A": 1.0},
            {"p": 3, "A": 3.0},
            {"p": 4, "A": 2.0},
            {"p": 4, "A": -2.0},
            {"p": 3, "A": 2.0, "model": "q^2 + 0.5 q^4"},
            {"p": 1, "A": -1.5, "model": "0.3 q + q^3"},
        ),
        predict=predict,
        simulate=simulate,
        compare=each(compare),
        chunks=per_profile(audit=3, quick=6, standard=60, paper=500),
        constants={"the counts": constant(predict, *NAMES)},
        series=series,
    ),
    alternatives=(
        predicting("no spike", "A = 0", partial(predict, strength=lambda a: 0.0)),
        predicting("spike of the other sign", "-A for A", partial(predict, strength=lambda a: -a)),
        predicting(
            "A over sqrt 2", "Cov = (N/2) q^p", partial(predict, strength=lambda a: a / sqrt(2))
        ),
        predicting("rank-one part reversed", "theta = -A p (p-1) ..", partial(by, _Reversed)),
        predicting("gradient without a mean", "its cost forgotten", partial(by, _Free)),
        scaling(predict, "2 % more points", "a factor near 1", 1.02, "all"),
        sampler("A 20 % larger", "a factor near 1", strength=lambda a: 1.2 * a),
        sampler("index of -f", "minima for maxima", index=lambda k: 1 - k),
    ),
)
