"""X5-I: the lowest minima on products of spheres, found by descents, against the exact mean numbers."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache, partial
from math import hypot, sqrt
from typing import Any

import numpy as np
from numpy.typing import NDArray

from numerics.core.streams import Stream
from numerics.layers import descend_layers
from theory import mean_count, pure, tensor_count
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
from verify.statistics import normal_cell

TENSORS = 20  # in a chunk
STARTS = (
    60  # four times as many find no other below these levels, on 60 tensors of a size, 300 of n = 4
)
LEVELS = {4: (-0.8, -1.2), 6: (-1.3, -1.35), 9: (-1.4, -1.45)}  # f/sqrt(3 n), by n
SAME = 6  # decimals of two levels of one minimum
ERROR = 2e-2  # relative, of predictions, which are means over random matrices
NAMES = ("high level", "low level")


def simulate(
    params: Params,
    stream: Stream,
    chunk: int,
    xp: Any,
    shape: Callable[[NDArray[Any]], NDArray[Any]] = lambda x: x,
    starts: int = STARTS,
    method: str = "power",
) -> Data:
    """Numbers of minima up to signs below two levels; a row a tensor."""
    n = params["n"]
    rows = []
    for i in range(chunk * TENSORS, (chunk + 1) * TENSORS):
        x = shape(stream.generator(i).standard_normal((n, n, n)))
        ends = descend_layers([n] * 3, starts, method, 1e-7, seed=i, tensor=x)
        found = np.unique(ends.level.round(SAME))
        rows.append([(found <= u).sum() for u in LEVELS[n]])
    return dict(zip(NAMES, np.array(rows, dtype=float).T, strict=True))


@cache
def exact(n: int, level: float) -> tuple[float, float]:
    """The mean number of minima up to signs below a level, and its standard error.

    Of the 2^3 signs half have f < 0.
    """
    found = tensor_count([n] * 3, k=0, below=level, tolerance=ERROR)
    return found.value / 4, found.stderr / 4


def predict(params: Params, level: Callable[[float], float] = lambda u: u) -> Prediction:
    """By `theory.tensor_count`; wrong theories change a keyword."""
    said: dict[str, float] = {}
    for name, u in zip(NAMES, LEVELS[params["n"]], strict=True):
        said[name], said[f"error of {name}"] = exact(params["n"], level(u))
    return said


def compare(seen: Observation) -> list[Cell]:
    """Tests of mean numbers, a tensor a unit."""
    params, said = seen.params, seen.prediction
    cells = []
    for name in NAMES:
        values = np.asarray(seen.data[name])
        spread = hypot(float(values.std(ddof=1)) / sqrt(len(values)), said[f"error of {name}"])
        quantity = f"mean number of minima: {name}"
        seen_mean = float(values.mean())
        cells.append(normal_cell(params, quantity, said[name], seen_mean, spread, len(values)))
    return cells


def series(seen: Sequence[Observation]) -> list[Series]:
    """Mean numbers of minima over exact ones."""
    axes = Axes("Lowest minima, every layer its own weights", "n", "found / exact, 2 std. err.")
    sizes = [one.params["n"] for one in seen]
    found = [axes.level("exact", (3.5, 9.5), 1.0)]
    for shift, name in ((-0.1, NAMES[0]), (0.1, NAMES[1])):
        values = [np.asarray(one.data[name]) / one.prediction[name] for one in seen]
        means = [float(v.mean()) for v in values]
        errors = [2 * float(v.std(ddof=1)) / sqrt(len(v)) for v in values]
        found.append(axes.points(name, [n + shift for n in sizes], means, errors))
    return found


def shared(params: Params, _: Prediction) -> Prediction:
    """Minima of the spherical 3-spin model of n spins."""
    n = params["n"]
    return {
        name: float(mean_count(pure(3), n, 0, below=u).value)
        for name, u in zip(NAMES, LEVELS[n], strict=True)
    }


def symmetric(x: NDArray[Any]) -> NDArray[Any]:
    """The last two layers made alike."""
    return np.asarray((x + x.swapaxes(1, 2)) / sqrt(2))


sampler = partial(sampling, simulate)

CLAIM = Claim(
    id="X5-I",
    title="Every layer its own weights: the lowest minima, found by descents, against the exact mean numbers",
    rows=("X5",),
    statement="The minima of random n x n x n tensors below a level, up to signs, found by alternating power "
    "iteration, are in the mean as many as the Kac-Rice count over 2^2, at n = 4, 6 and 9.",
    compares={
        "The minima of random n x n x n tensors below a level, up to signs, found by alternating power "
        "iteration, are in the mean as many as the Kac-Rice count over 2^2, at n = 4, 6 and 9": (
            "mean number of minima: *"
        ),
    },
    source="theory/layers/tensors.py; numerics/layers/descents.py",
    assumptions="X independent on all tuples; a tensor is a unit; that 60 starts find every minimum below "
    "these levels is seen, not proved; predictions have an error of 1 %, which the standard error holds",
    evidence=Sampled(
        grid=tuple({"n": n} for n in LEVELS),
        predict=predict,
        simulate=simulate,
        compare=each(compare),
        chunks=Schedule(
            "n",
            {
                "audit": {4: 3, 6: 3, 9: 2},
                "quick": {4: 8, 6: 4, 9: 2},
                "standard": {4: 60, 6: 60, 9: 40},
                "paper": {4: 200, 6: 200, 9: 200},
            },
        ),
        constants={"the counts": constant(predict, *NAMES)},
        series=series,
    ),
    alternatives=(
        replacing(predict, "weights shared", "the spherical 3-spin model of as many units", shared),
        predicting(
            "levels over sqrt H",
            "sqrt n for the root of all sizes",
            partial(predict, level=lambda u: u / sqrt(3)),
        ),
        scaling(predict, "half as many", "all 2^3 signs taken for one point", 0.5, *NAMES),
        scaling(predict, "twice as many", "f and -f apart", 2.0, *NAMES),
        sampler("symmetric in two layers", "two layers share their weights", shape=symmetric),
        sampler("entries of variance 1.2", "another level", shape=lambda x: np.sqrt(1.2) * x),
        sampler("one start", "a search that is not complete", starts=1),
    ),
)
