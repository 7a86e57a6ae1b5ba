"""X1-S: every critical point of random quadratic models in a field, against the exact counts."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache, partial
from math import sqrt
from typing import Any

import numpy as np

from numerics.core.streams import Stream
from numerics.critical.secular import QuadraticCensus, quadratic_census
from theory import Mixture, mean_count, mixture
from verify.alternatives import constant, predicting, replacing, sampling, scaling
from verify.claim import (
    Axes,
    Cell,
    Claim,
    Data,
    Observation,
    Params,
    Prediction,
    Schedule,
    Series,
    each,
)
from verify.evidence import Sampled
from verify.statistics import mean_cell, never_cell, repeated

SAMPLES = 200  # instances in a chunk
LOW = {5: -1.5, 10: -1.4, 20: -1.4, 30: -1.4}  # a level below which few points lie, by N

Change = Callable[[QuadraticCensus], QuadraticCensus]


def simulate(
    params: Params,
    stream: Stream,
    chunk: int,
    xp: Any,
    field: Callable[[float], float] = lambda square: square,
    quadratic: float = 1.0,
    shift: int = 0,
    same: bool = False,
) -> Data:
    """Numbers of points, by index and level; a row an instance. Wrong samplers change keywords."""
    n = params["N"]
    rng = stream.generator(0 if same else chunk)
    found = quadratic_census(rng, n, SAMPLES, quadratic, field(params["h^2"]))
    index, low = found.index + shift, found.level <= LOW[n]
    return {
        "all": found.there.sum(axis=1),
        "minima": (found.there & (index == 0)).sum(axis=1),
        "saddles of index 1": (found.there & (index == 1)).sum(axis=1),
        "low minima": (found.there & (index == 0) & low).sum(axis=1),
        "alternating sum": ((-1) ** (index % 2) * found.there).sum(axis=1),
        "closest": found.closest,
    }


@cache
def mean(model: Mixture, n: int, k: int | None, below: float | None = None) -> float:
    """Exact mean number of points."""
    return float(np.exp(mean_count(model, n, k, below).log))


def predict(params: Params, more: int = 0, square: float = 1.0, level: float = 1.0) -> Prediction:
    """Exact mean numbers; wrong theories change a keyword."""
    n = params["N"]
    model = mixture({2: 1, 1: repr(params["h^2"] * square)} if square else {2: 1})
    return {
        "all": mean(model, n + more, None),
        "minima": mean(model, n + more, 0),
        "saddles of index 1": mean(model, n + more, 1),
        "low minima": mean(model, n + more, 0, LOW[n] * level),
        "alternating sum": 2.0 if n % 2 else 0.0,
    }


def compare(seen: Observation) -> list[Cell]:
    """t tests of the mean numbers; each instance is another, with the Euler characteristic."""
    data, said = seen.data, seen.prediction
    names = ("all", "minima", "saddles of index 1", "low minima")
    cells = [
        mean_cell(seen.params, f"mean number: {name}", said[name], np.asarray(data[name], float))
        for name in names
    ]
    broken = np.asarray(data["alternating sum"] != said["alternating sum"])
    doubtful = np.asarray(data["closest"]) < 1e-9  # a gap whose two roots rounding may make or lose
    name = "instances whose alternating sum is not the Euler characteristic"
    return [
        *cells,
        never_cell(seen.params, name, broken & ~doubtful),
        never_cell(seen.params, "instances that occur twice", repeated(data["closest"])),
    ]


def series(seen: Sequence[Observation]) -> list[Series]:
    """Measured over exact mean numbers, by N."""
    axes = Axes("Censuses of q^2 + h^2 q", "N", "measured / exact, 2 std. err.", "log")
    sizes = [one.params["N"] for one in seen]
    found = [axes.level("exact", (sizes[0], sizes[-1]), 1.0)]
    for shift, name in ((0.97, "all"), (1.0, "minima"), (1.03, "saddles of index 1")):
        ratios, errors = [], []
        for one in seen:
            values = np.asarray(one.data[name], float) / one.prediction[name]
            ratios.append(float(values.mean()))
            errors.append(2 * float(values.std() / sqrt(len(values))))
        found.append(axes.points(name, [shift * n for n in sizes], ratios, errors))
    return found


def is_small(params: Params) -> bool:
    """Whether exact counts of a wrong model take little time."""
    return bool(params["N"] <= 10)


sampler = partial(sampling, simulate)

CLAIM = Claim(
    id="X1-S",
    title="The quadratic model in a random field: all points of instances, at any N",
    rows=("X1",),
    statement="In q^2 + h^2 q every critical point of an instance is a root of one scalar equation; "
    "their mean numbers, in all, of index 0 and 1 and below a level, are the exact finite-N counts, and "
    "their alternating sum over the index is the Euler characteristic of the sphere.",
    compares={
        "their mean numbers, in all": "mean number: all",
        "of index 0 and 1": "mean number: minima",
        "below a level, are the exact finite-N counts": "mean number: low minima",
        "their alternating sum over the index is the Euler characteristic of the sphere": (
            "instances whose alternating sum is not the Euler characteristic"
        ),
        "In q^2 + h^2 q": "mean number: all",
    },
    source="Fyodorov and Le Doussal 2014; theory.finite_n with a term of degree 1",
    assumptions="Gaussian field; an instance is a unit",
    evidence=Sampled(
        grid=(
            {"N": 5, "h^2": 0.5},
            {"N": 10, "h^2": 1.0},
            {"N": 20, "h^2": 0.02},
            {"N": 30, "h^2": 0.1},
        ),
        predict=predict,
        simulate=simulate,
        compare=each(compare),
        chunks=Schedule(
            "N",
            {
                "audit": dict.fromkeys(LOW, 3),
                "quick": {5: 4, 10: 4, 20: 3, 30: 1},
                "standard": dict.fromkeys(LOW, 25),
                "paper": dict.fromkeys(LOW, 400),
            },
        ),
        constants={
            "the counts": constant(predict, "all", "minima", "saddles of index 1", "low minima")
        },
        series=series,
    ),
    alternatives=(
        predicting("no field", "2N points whatever h", partial(predict, square=0.0)),
        replacing(
            predict,
            "N + 1 for N",
            "the sphere's dimension mistaken (told at N = 5 and 10)",
            lambda params, _: predict(params, more=1),
            where=is_small,
        ),
        replacing(
            predict,
            "h^2 doubled",
            "Cov = N xi/2 for the field (told at N = 5 and 10)",
            lambda params, _: predict(params, square=2.0),
            where=is_small,
        ),
        predicting("levels 5 % deeper", "a factor near 1", partial(predict, level=1.05)),
        scaling(predict, "2 % more points", "a factor near 1", 1.02, "all"),
        sampler("W with half the variance", "the other normalisation", quadratic=0.5),
        sampler("a field of 1.1 h", "a factor near 1", field=lambda square: 1.21 * square),
        sampler("index off by one", "W - m on the whole space", shift=1),
        sampler("one chunk for all", "draws that are not independent", same=True),
    ),
)
