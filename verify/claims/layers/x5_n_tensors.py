"""X5-N: every critical rank-one approximation of random tensors, against the exact mean numbers."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache, partial
from math import exp, gamma, hypot, pi, prod, sqrt
from typing import Any

import numpy as np
from numpy.typing import NDArray

from numerics.core.streams import Stream
from numerics.critical.rank_one import tensor_census
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

SAMPLES = 500  # tensors in a chunk
HIGH = 1.0  # a level f/sqrt(n_1 + n_2 + n_3) above which about half of the maxima lie
ERROR = 7e-4  # relative, of predictions that are means themselves
NAMES = ("all", "maxima", "high")
DOUBTFUL = 1e-5  # a zero so near to being real may be on either side

Sizes = tuple[int, ...]


def sizes_of(params: Params) -> Sizes:
    """The sizes of a format such as 2x3x4."""
    return tuple(int(one) for one in params["format"].split("x"))


def simulate(
    params: Params,
    stream: Stream,
    chunk: int,
    xp: Any,
    shape: Callable[[NDArray[Any]], NDArray[Any]] = lambda x: x,
    index: Callable[[NDArray[Any], int], NDArray[Any]] = lambda k, _: k,
    least: float = 0.0,
) -> Data:
    """Numbers of critical rank-one approximations; a row a tensor. Wrong samplers change keywords."""
    sizes = sizes_of(params)
    rng = stream.generator(chunk)
    found = tensor_census(shape(rng.standard_normal((SAMPLES, *sizes))))
    dimension = sum(sizes) - len(sizes)
    there = found.there & (found.level > least)
    k = index(found.index, dimension)
    return {
        "all": there.sum(axis=1),
        "maxima": (there & (k == dimension)).sum(axis=1),
        "high": (there & (found.level > HIGH)).sum(axis=1),
        "alternating sum": ((-1) ** (k % 2) * there).sum(axis=1),
        "closest": found.closest,
    }


@cache
def exact(sizes: Sizes) -> Prediction:
    """Mean numbers up to signs, and their standard errors.

    Of the 2^H signs half have f > 0; maxima have f > 0, minima f < 0, as many.
    """
    counts = {
        "all": tensor_count(sizes, tolerance=ERROR),
        "maxima": tensor_count(sizes, k=0, tolerance=ERROR),
        "high": tensor_count(sizes, below=-HIGH, tolerance=ERROR),
    }
    signs = {"all": 2.0 ** len(sizes), "maxima": 2.0 ** (len(sizes) - 1)}
    signs["high"] = signs["maxima"]
    values = {name: one.value / signs[name] for name, one in counts.items()}
    errors = {f"error of {name}": one.stderr / signs[name] for name, one in counts.items()}
    return {**values, **errors}


def predict(params: Params, sizes: Callable[[Sizes], Sizes] = lambda s: s) -> Prediction:
    """By `theory.tensor_count`; wrong theories change a keyword."""
    return exact(sizes(sizes_of(params)))


@cache
def filled(sizes: Sizes) -> float:
    """The number in all if the diagonal blocks of the Hessian were random too."""
    size = sum(sizes) - len(sizes)
    rng = np.random.default_rng(0)
    g = rng.standard_normal((100_000, size, size))
    values = np.abs(
        np.linalg.det(
            (g + g.swapaxes(1, 2)) / sqrt(2) - rng.standard_normal((len(g), 1, 1)) * np.eye(size)
        )
    )
    volume = prod(2 * pi ** (n / 2) / gamma(n / 2) for n in sizes)
    return float(volume * (2 * pi) ** (-size / 2) * values.mean() / 2 ** len(sizes))


def compare(seen: Observation) -> list[Cell]:
    """Tests of mean numbers, a tensor a unit; the Euler characteristic of each tensor."""
    data, said, params = seen.data, seen.prediction, seen.params
    cells = []
    for name in NAMES:
        values = np.asarray(data[name], float)
        own = float(values.std(ddof=1)) / sqrt(len(values))
        spread = hypot(own, said[f"error of {name}"])
        cells.append(
            normal_cell(
                params,
                f"mean number: {name}",
                said[name],
                float(values.mean()),
                spread,
                len(values),
            )
        )
    sizes = sizes_of(params)
    if (sum(sizes) - len(sizes)) % 2 == 0:  # else f and -f cancel whatever is found
        sure = np.asarray(data["closest"]) > DOUBTFUL
        broken = float((np.asarray(data["alternating sum"])[sure] != 0).sum())
        cells.append(
            Cell(
                params,
                "tensors whose alternating sum is not the Euler characteristic",
                0.0,
                broken,
                None,
                len(sure),
                0.0 if broken else 1.0,
            )
        )
    return cells


def series(seen: Sequence[Observation]) -> list[Series]:
    """Measured over exact mean numbers, and how many points tensors have."""
    formats = tuple(one.params["format"] for one in seen)
    axes = Axes("Censuses of tensors", "", "measured / exact, 2 std. err.", xnames=formats)
    found = [axes.level("exact", (-0.2, len(seen) - 0.8), 1.0)]
    for shift, name in ((-0.1, "all"), (0.0, "maxima"), (0.1, "high")):
        ratios, errors = [], []
        for one in seen:
            values = np.asarray(one.data[name], float) / one.prediction[name]
            ratios.append(float(values.mean()))
            errors.append(2 * float(values.std() / sqrt(len(values))))
        places = [place + shift for place in range(len(seen))]
        found.append(axes.points(name, places, ratios, errors))
    shares = Axes("Points up to signs", "critical rank-one approximations", "share of tensors")
    for one in seen:
        number, times = np.unique(one.data["all"], return_counts=True)
        found.append(shares.points(one.params["format"], number, times / times.sum()))
    return found


def is_cube(params: Params) -> bool:
    """Whether all sizes are the same."""
    return len(set(sizes_of(params))) == 1


def shared(params: Params, _: Prediction) -> Prediction:
    """Points of the spherical 3-spin model up to the sign of its one vector."""
    return {"all": exp(mean_count(pure(3), sizes_of(params)[0]).log) / 2}


def alike(sizes: Sizes) -> Sizes:
    """The cube of the same sum, where there is one."""
    return (sum(sizes) // 3,) * 3 if sum(sizes) % 3 == 0 else sizes


def symmetric(x: NDArray[Any]) -> NDArray[Any]:
    """The same tensors with their last two layers made alike, as far as both reach."""
    rows = x.shape[2]
    square = x[..., :rows]
    return np.concatenate([(square + square.swapaxes(2, 3)) / sqrt(2), x[..., rows:]], axis=3)


sampler = partial(sampling, simulate)

CLAIM = Claim(
    id="X5-N",
    title="Random tensors: every critical rank-one approximation, against the exact mean numbers",
    rows=("X5",),
    statement="The mean number of critical rank-one approximations of a random 2 x n x m tensor is the "
    "Kac-Rice count on the product of three spheres over 2^3, also of maxima and above a level; 2 x 2 x 2 "
    "has 4.286667, 2 x 3 x 3 near 8.845. With their indices each tensor's points sum to the Euler "
    "characteristic of the product of spheres.",
    compares={
        "The mean number of critical rank-one approximations of a random 2 x n x m tensor is the Kac-Rice "
        "count on the product of three spheres over 2^3": "mean number: all",
        "also of maxima": "mean number: maxima",
        "above a level": "mean number: high",
        "2 x 2 x 2 has 4.286667, 2 x 3 x 3 near 8.845": "mean number: all",
        "each tensor's points sum to the Euler characteristic of the product of spheres": (
            "tensors whose alternating sum is not the Euler characteristic"
        ),
    },
    source="Draisma and Horobet, The average number of critical rank-one approximations to a tensor (2016); "
    "theory/layers/tensors.py",
    assumptions="X independent and standard; a tensor is a unit; predictions that are means over random "
    "block matrices have a relative error of 7e-4, which the standard error holds",
    notes="A print of 8.817 for 2 x 3 x 3, which we know from memory alone, fits neither route.",
    evidence=Sampled(
        grid=tuple({"format": one} for one in ("2x2x2", "2x2x3", "2x3x3", "2x3x4")),
        predict=predict,
        simulate=simulate,
        compare=each(compare),
        chunks=Schedule(
            "format",
            {
                "audit": {"2x2x2": 4, "2x2x3": 4, "2x3x3": 2, "2x3x4": 4},
                "quick": {"2x2x2": 24, "2x2x3": 24, "2x3x3": 8, "2x3x4": 8},
                "standard": {"2x2x2": 150, "2x2x3": 150, "2x3x3": 100, "2x3x4": 60},
                "paper": {"2x2x2": 1000, "2x2x3": 1000, "2x3x3": 1000, "2x3x4": 600},
            },
        ),
        constants={"the counts": constant(predict, *NAMES)},
        series=series,
    ),
    alternatives=(
        replacing(
            predict,
            "weights shared",
            "the 3-spin model of as many units",
            shared,
            where=is_cube,
        ),
        predicting(
            "aspect ratio ignored",
            "the cube of the same number of units",
            partial(predict, sizes=alike),
        ),
        replacing(
            predict,
            "diagonal blocks not zero",
            "f is linear in each layer",
            lambda params, _: {"all": filled(sizes_of(params))},
        ),
        scaling(predict, "levels over sqrt H", "sqrt n for the root of all sizes", 0.5, "high"),
        scaling(predict, "2 % more points", "a factor near 1", 1.02, "all"),
        sampler("entries of variance 1.1", "another level", shape=lambda x: np.sqrt(1.1) * x),
        sampler(
            "symmetric in two layers",
            "two layers share their weights",
            shape=symmetric,
        ),
        sampler("low points missed", "a search that starts too high", least=0.2),
        sampler("index of the Hessian of -f", "the opposite point", index=lambda k, d: d - k),
    ),
)
