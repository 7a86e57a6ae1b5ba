"""X1-C: every critical point of cubic instances in a random field, against the exact counts."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache, partial
from math import exp, sqrt
from typing import Any

import numpy as np

from numerics.core.streams import Stream
from numerics.critical.enumeration import census_of
from numerics.critical.field import in_field
from numerics.critical.polynomials import draw_forms
from theory import Mixture, mean_count, mixture
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
from verify.statistics import bracketed_cell, mean_cell

SAMPLES = {3: 100, 4: 60, 5: 20, 6: 10}  # instances in a chunk, by N
LOW = -1.5
SETS: dict[str, tuple[int | None, float | None]] = {
    "all": (None, None),
    "minima": (0, None),
    "saddles of index 1": (1, None),
    f"minima below {LOW}": (0, LOW),
}


def simulate(
    params: Params,
    stream: Stream,
    chunk: int,
    xp: Any,
    field: Callable[[float], float] = lambda square: square,
) -> Data:
    """Numbers of points, by index and level; a row an instance. Wrong samplers change keywords."""
    n, size = params["N"], SAMPLES[params["N"]]
    first = chunk * size
    forms = draw_forms([stream.generator(first + i, 0) for i in range(size)], n, {3: 1.0})
    b = np.stack([stream.generator(first + i, 1).standard_normal(n) for i in range(size)])
    found = census_of(in_field(forms, sqrt(field(params["h^2"])) * b), stream, first)
    low = (found.index == 0) & (found.energy <= LOW)
    minima, saddles = found.counts[:, 0], found.counts[:, 1]
    counts = (found.counts.sum(axis=1), minima, saddles)
    deep = np.bincount(found.instance[low], minlength=size)
    return {
        **dict(zip(SETS, (*counts, deep), strict=True)),
        "hidden": found.hidden,
        "closed": found.morse() | (found.hidden > 0),
    }


@cache
def mean(model: Mixture, n: int, k: int | None, below: float | None) -> float:
    """Exact mean number of points."""
    return exp(mean_count(model, n, k, below).log)


def predict(params: Params, square: float = 1.0, more: int = 0, level: float = 1.0) -> Prediction:
    """Exact mean numbers; wrong theories change a keyword."""
    model = mixture({3: 1, 1: repr(params["h^2"] * square)} if square else {3: 1})
    return {
        name: mean(model, params["N"] + more, k, below and below * level)
        for name, (k, below) in SETS.items()
    }


def compare(seen: Observation) -> list[Cell]:
    """t tests of mean numbers, with what an instance that is not closed could hide."""
    data, said, hidden = seen.data, seen.prediction, np.asarray(seen.data["hidden"])
    cells = [
        bracketed_cell(
            seen.params, f"mean number: {name}", said[name], data[name], data[name] + hidden
        )
        for name in SETS
    ]
    closed = np.asarray(data["closed"], float)
    return [*cells, mean_cell(seen.params, "share that satisfies the Morse identity", 1.0, closed)]


def series(seen: Sequence[Observation]) -> list[Series]:
    """Mean numbers against the field, N = 4; all grid points over the exact ones."""
    axes = Axes("Critical points of q^3 + h^2 q", "h^2", "mean number, 2 std. err.")
    fields = np.linspace(0, sqrt(8), 17) ** 2  # denser where the curves bend
    lines = []
    for n in sorted({one.params["N"] for one in seen}):
        models = [mixture({3: 1, 1: repr(float(h))} if h else {3: 1}) for h in fields]
        lines.append(
            axes.line(f"exact, N = {n}", fields, [exp(mean_count(one, n).log) for one in models])
        )
        some = [one for one in seen if one.params["N"] == n]
        counts = [np.asarray(one.data["all"], float) for one in some]
        means = [float(one.mean()) for one in counts]
        errors = [2 * float(one.std() / sqrt(len(one))) for one in counts]
        lines.append(axes.points(f"found, N = {n}", [o.params["h^2"] for o in some], means, errors))
    return lines


sampler = partial(sampling, simulate)

CLAIM = Claim(
    id="X1-C",
    title="The cubic model in a random field: every critical point of instances",
    rows=("X1",),
    statement="In q^3 + h^2 q all critical points of an instance are found and proved; their mean numbers, "
    "in all, of index 0 and 1 and of minima below a level, are the exact finite-N counts, and their "
    "alternating sum over the index is the Euler characteristic of the sphere.",
    compares={
        "In q^3 + h^2 q all critical points of an instance are found and proved": (
            "share that satisfies the Morse identity"
        ),
        "their mean numbers, in all": "mean number: all",
        "of index 0": "mean number: minima",
        "and 1": "mean number: saddles of index 1",
        "of minima below a level, are the exact finite-N counts": f"mean number: minima below {LOW}",
        "their alternating sum over the index is the Euler characteristic of the sphere": (
            "share that satisfies the Morse identity"
        ),
    },
    source="Belius, Cerny, Nakajima and Schmidt 2022; theory.finite_n with a term of degree 1; on |x| = 1 "
    "the field b.x is the cubic form (b.x)(x.x)",
    assumptions="Gaussian couplings and field; an instance is a unit",
    evidence=Sampled(
        grid=(
            {"N": 3, "h^2": 3.0},
            {"N": 4, "h^2": 1.0},
            {"N": 4, "h^2": 6.0},
            {"N": 5, "h^2": 3.0},
            {"N": 6, "h^2": 3.0},
        ),
        predict=predict,
        simulate=simulate,
        compare=each(compare),
        chunks=per_profile(audit=3, quick=4, standard=30, paper=400),
        constants={"the counts": constant(predict)},
        series=series,
    ),
    alternatives=(
        predicting("no field", "2N points whatever h", partial(predict, square=0.0)),
        predicting("N + 1 for N", "the sphere's dimension mistaken", partial(predict, more=1)),
        predicting("h^2 doubled", "Cov = N xi/2 for the field", partial(predict, square=2.0)),
        predicting("levels 15 % deeper", "a factor near 1", partial(predict, level=1.15)),
        scaling(predict, "20 % more points", "a factor near 1", 1.2, "all"),
        sampler("a field of 2 h", "a factor", field=lambda square: 4 * square),
        sampler("a field of h/2", "a factor", field=lambda square: square / 4),
    ),
)
