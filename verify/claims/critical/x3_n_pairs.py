"""X3-N: second moments of the number of critical points at three to seven spins, against censuses."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache, partial
from math import exp, hypot, sqrt
from typing import Any

import numpy as np
from numpy.typing import NDArray

from numerics.core.streams import Stream
from numerics.critical import enumeration
from numerics.critical.enumeration import Census
from numerics.critical.polynomials import draw_forms
from theory import Mixture, mean_count, mixture
from theory.two_points import PairDraws, antipodes, draw_pairs
from theory.two_points.three_spins import pairs_of_three
from verify.alternatives import constant, predicting, replacing, sampling, scaling
from verify.claim import (
    Axes,
    Cell,
    Claim,
    Data,
    Observation,
    Params,
    Prediction,
    Profile,
    Series,
    each,
)
from verify.claims.critical.census import coefficients
from verify.evidence import Sampled
from verify.statistics import normal_cell

DRAWS = 20_000  # of pairs of matrices: their weights have a heavy tail
LOW = -0.9  # a level near which the minima of so few spins lie
BINS = np.linspace(-1, 1, 9)  # of overlaps, in figures
INSTANCES = {2: 200, 3: 100, 4: 50, 5: 20, 6: 10, 7: 4}  # in a chunk
CHUNKS = {  # by model and N, in each profile: audit, quick, standard, paper
    ("3:1", 3): (10, 8, 70, 800),
    ("3:1", 4): (8, 8, 70, 800),
    ("3:1", 5): (4, 6, 70, 800),
    ("3:1", 6): (0, 0, 50, 800),
    ("3:1", 7): (0, 0, 40, 800),
    ("4:1", 3): (4, 5, 30, 400),
    ("3:0.5 4:0.5", 3): (4, 4, 30, 400),
}
NAMES = ("all points", "minima", f"minima below {LOW}")
SETS: tuple[tuple[int | None, float | None], ...] = ((None, None), (0, None), (0, LOW))
ACUTE = "pairs of minima nearer than at right angles"


def simulate(
    params: Params,
    stream: Stream,
    chunk: int,
    xp: Any,
    index: Callable[[Census, int], NDArray[Any]] = lambda found, _: found.index,
    place: Callable[[Census], NDArray[Any]] = lambda found: found.position,
    same: bool = False,
) -> Data:
    """Numbers of points and of pairs of minima, a row an instance. Wrong samplers change keywords."""
    n, size = params["N"], INSTANCES[params["N"]]
    numbers = [0 if same else chunk * size + i for i in range(size)]
    forms = draw_forms([stream.generator(i, 0) for i in numbers], n, coefficients(params))
    found = enumeration.census_of(forms, stream, chunk * size)
    minima = index(found, n) == 0
    sets = (np.ones(len(minima), dtype=bool), minima, minima & (found.energy <= LOW))
    counts = [np.bincount(found.instance[one], minlength=size) for one in sets]
    x = place(found)
    x = x / np.linalg.norm(x, axis=1, keepdims=True)
    overlaps = np.zeros((size, len(BINS) - 1), dtype=np.int64)
    for i in range(size):
        here = x[minima & (found.instance == i)]
        q = (here @ here.T)[~np.eye(len(here), dtype=bool)]
        overlaps[i] = np.histogram(q[np.abs(q) < 1 - 1e-9], BINS)[0]
    return {"counts": np.stack(counts, axis=1), "overlaps": overlaps, "hidden": found.hidden}


@cache
def drawn(model: Mixture, n: int, together: float) -> PairDraws:
    """Pairs of matrices from the law at two points."""
    return draw_pairs(np.random.default_rng(n), model, n, DRAWS, together=together)


def estimate(values: NDArray[Any]) -> tuple[float, float]:
    """Mean and standard error."""
    return float(values.mean()), float(values.std() / sqrt(len(values)))


@cache
def pairs_of(model: Mixture, n: int, together: float) -> dict[str, tuple[float, float]]:
    """Mean numbers of ordered pairs, neither the same point nor antipodes, each with its error."""
    some = drawn(model, n, together)
    found = {name: estimate(some.of(*one)) for name, one in zip(NAMES, SETS, strict=True)}
    if n == 3 and together == 1:
        found[NAMES[0]] = pairs_of_three(model)
    found[ACUTE] = estimate(some.of(0) * (some.overlap > 0))
    return found


@cache
def number(model: Mixture, n: int, k: int | None, below: float | None) -> float:
    """Mean number of points."""
    return exp(mean_count(model, n, k, below).log)


@cache
def own_pairs(model: Mixture, n: int, k: int | None, below: float | None) -> float:
    """Mean number of points of a kind whose antipodes are of it too."""
    return antipodes(model, n, k, below)


def predict(
    params: Params,
    together: float = 1.0,
    independent: bool = False,
    reflected: bool = True,
    mirrored: bool = False,
) -> Prediction:
    """Mean squares of numbers, with their errors; wrong theories change a keyword."""
    model, n = mixture(coefficients(params)), params["N"]
    pairs = pairs_of(model, n, together)
    said: dict[str, float] = {}
    for name, one in zip(NAMES, SETS, strict=True):
        mean = number(model, n, *one)
        value, error = (mean**2, 0.0) if independent else pairs[name]
        own = mean + (own_pairs(model, n, *one) if reflected else 0.0)
        said |= {f"mean square: {name}": value + own, f"error: {name}": error}
    value, error = pairs[ACUTE]
    value = pairs["minima"][0] - value if mirrored else value
    return {**said, ACUTE: value, f"error: {ACUTE}": error}


def compare(seen: Observation) -> list[Cell]:
    """Tests of mean squares and of pairs, an instance a unit; predictions have errors of their own."""
    said, params, counts = seen.prediction, seen.params, np.asarray(seen.data["counts"], float)
    values = {f"mean square: {name}": counts[:, i] ** 2 for i, name in enumerate(NAMES)}
    values[ACUTE] = np.asarray(seen.data["overlaps"])[:, BINS[:-1] >= 0].sum(axis=1)
    cells = []
    for name, one in values.items():
        mean, own = estimate(one)
        error = hypot(own, said["error: " + name.removeprefix("mean square: ")])
        cells.append(normal_cell(params, name, said[name], mean, error, len(one)))
    unresolved = float((np.asarray(seen.data["hidden"]) > 0).sum())
    return [
        *cells,
        Cell(params, "instances not proved complete", None, unresolved, None, len(counts)),
    ]


def fano(counts: NDArray[Any]) -> tuple[float, float]:
    """Variance over mean of a number, and two standard errors."""
    mean = counts.mean()
    influence = ((counts - mean) ** 2 - counts.var() * counts / mean) / mean
    return float(counts.var() / mean), 2 * float(influence.std() / sqrt(len(counts)))


def series(seen: Sequence[Observation]) -> list[Series]:
    """Fano factors against N; overlaps of minima."""
    cubic = [one for one in seen if one.params["model"] == "3:1"]
    sizes = [one.params["N"] for one in cubic]
    axes = Axes("Variance over mean of the number, p = 3", "N", "Fano factor, 2 std. err.")
    lines = []
    for i, name in enumerate(NAMES):
        means = [number(mixture({3: 1}), n, *SETS[i]) for n in sizes]
        said = [one.prediction for one in cubic]
        exact = [
            one[f"mean square: {name}"] / mean - mean for one, mean in zip(said, means, strict=True)
        ]
        errors = [2 * one[f"error: {name}"] / mean for one, mean in zip(said, means, strict=True)]
        found = [fano(np.asarray(one.data["counts"], float)[:, i]) for one in cubic]
        lines.append(
            axes.points(f"pairs of matrices, {name}", [n - 0.1 for n in sizes], exact, errors)
        )
        lines.append(axes.points(f"censuses, {name}", sizes, *zip(*found, strict=True)))
    middle = (BINS[1:] + BINS[:-1]) / 2
    axes = Axes("Overlaps of two minima, p = 3", "overlap q", "ordered pairs, 2 std. err.")
    for one in cubic[:3]:
        n = one.params["N"]
        law = drawn(mixture({3: 1}), n, 1.0)
        bins, counts = np.digitize(law.overlap, BINS) - 1, np.asarray(one.data["overlaps"], float)
        said_there = [estimate(law.of(0) * (bins == i)) for i in range(len(middle))]
        value, error = np.array(said_there).T
        spread = 2 * counts.std(axis=0) / sqrt(len(counts))
        lines.append(
            axes.band(f"pairs of matrices, N = {n}", middle, value - 2 * error, value + 2 * error)
        )
        lines.append(axes.points(f"censuses, N = {n}", middle, counts.mean(axis=0), spread))
    return lines


def chunks(profile: Profile, params: Params) -> int:
    """How many of them."""
    of = dict(
        zip(
            ("audit", "quick", "standard", "paper"),
            CHUNKS[params["model"], params["N"]],
            strict=True,
        )
    )
    return of[profile]


sampler = partial(sampling, simulate)

CLAIM = Claim(
    id="X3-N",
    title="Second moments of the number of critical points, N = 3 to 7, against censuses",
    rows=("X3",),
    statement="The mean square of the number of critical points, of all, of minima and of minima up to a "
    "level, is the mean number of pairs that Kac and Rice give at two points, with the mean number once, "
    "or twice where the antipode is such a point too. Two minima are as often at an acute angle as the law "
    "at two points says.",
    compares={
        "of all": f"mean square: {NAMES[0]}",
        "of minima": f"mean square: {NAMES[1]}",
        "of minima up to a level": f"mean square: {NAMES[2]}",
        "with the mean number once, or twice where the antipode is such a point too": (
            f"mean square: {NAMES[0]}"
        ),
        "Two minima are as often at an acute angle as the law at two points says": ACUTE,
    },
    source="Subag 2017; theory.two_points.draw_pairs",
    assumptions="Gaussian couplings; an instance is a unit",
    evidence=Sampled(
        grid=tuple({"model": model, "N": n} for model, n in CHUNKS),
        predict=predict,
        simulate=simulate,
        compare=each(compare),
        chunks=chunks,
        constants={
            "the squares": constant(predict, *(f"mean square: {name}" for name in NAMES)),
            "the acute pairs": constant(predict, ACUTE),
        },
        series=series,
    ),
    alternatives=(
        predicting(
            "E Crt^2 = (E Crt)^2 + E Crt", "independent points", partial(predict, independent=True)
        ),
        replacing(
            predict,
            "independent determinants",
            "the Hessians' blocks at both points taken as independent (told at p = 3, N = 3 and 4)",
            lambda params, _: predict(params, together=0.0),
            where=lambda params: params["model"] == "3:1" and params["N"] <= 4,
        ),
        predicting("parity ignored", "antipodes forgotten", partial(predict, reflected=False)),
        predicting(
            "-q for q", "minima at an odd p taken for maxima", partial(predict, mirrored=True)
        ),
        scaling(predict, "30 % more of all", "a factor near 1", 1.3, f"mean square: {NAMES[0]}"),
        scaling(
            predict, "half the minima's", "pairs without order", 0.5, f"mean square: {NAMES[1]}"
        ),
        sampler(
            "maxima for minima that are low",
            "the index counted from the other end",
            index=lambda found, n: n - 1 - found.index,
        ),
        sampler(
            "all components positive",
            "overlaps of no points",
            place=lambda found: abs(found.position),
        ),
        sampler("one instance for all", "instances not independent", same=True),
    ),
    notes="All points of three spins by quadrature, good to 1e-4; the rest are means over pairs of random "
    "matrices, whose standard errors are in the tests.",
)
