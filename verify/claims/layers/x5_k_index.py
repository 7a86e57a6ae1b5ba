"""X5-K: what k negative eigenvalues cost where layers share no weights: k times the cost of one."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import cache, partial
from math import cosh, hypot, sinh, sqrt
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import brentq

from numerics.core.streams import Stream
from numerics.layers import index_weights
from theory.finite_n import log_mean_density
from verify.alternatives import constant, replacing, sampling
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
)
from verify.claims.layers._weights import limit_over_size, log_mean
from verify.evidence import Limit
from verify.statistics import Extrapolation, equivalence_cell, margin, power

Real = NDArray[np.float64]

INDICES = (1, 2, 3)
SAMPLES = 100  # of each index, in a chunk
LEVELS = {3: 2.6, 4: 2.4}  # x, by the number of layers: the edge is at 2
ROWS = {3: (15, 21, 30, 48), 4: (20, 28, 36, 48)}  # D, of the Hessian
NOTHING = -1e9  # log of a weight that is 0
TERMS = (power(1), power(2))
# Declared beforehand, from a pilot on 16 other seeds: variances over squared means of weights by index, and
# what a term of 1/D^3 would change.
SPREADS = {0: 0.05, 1: 0.5, 2: 4.5, 3: 40.0}
BIAS = 0.02
QUANTITY = "cost of index {}, over D"


def simulate(
    params: Params,
    stream: Stream,
    chunk: int,
    xp: Any,
    farther: float = 1.0,
    widths: Callable[[int, int], list[int]] = lambda layers, rows: [rows // layers] * layers,
) -> Data:
    """Logs of weights of |det(G - f)| by index, a row a draw; wrong samplers change keywords."""
    layers, rows = params["layers"], params["D"]
    level = -farther * LEVELS[layers] * sqrt(rows * (layers - 1) / layers)
    sizes = [m + 1 for m in widths(layers, rows)]
    found = [
        index_weights(stream.generator(chunk, k), sizes, k, level, SAMPLES) for k in (0, *INDICES)
    ]
    return {"log": np.maximum(np.stack(found, axis=1), NOTHING)}


def rate(x: float) -> float:
    """J(x) = (1/2) int_2^x sqrt(y^2 - 4) dy: what an eigenvalue at x costs; the semicircle ends at 2."""
    t = brentq(lambda t: 2 * cosh(t) - x, 0.0, 10.0) if x > 2 else 0.0
    return sinh(2 * t) / 2 - t


@cache
def of_goe(rows: int, x: float, k: int) -> float:
    """Log of index k over minima at level x for a GOE matrix of as many rows, exactly.

    That of the spherical 3-spin model of rows + 1 spins, whose rows have the variance 2/3 rows/(rows + 1).
    """
    u = -x * sqrt(2 / 3 * rows / (rows + 1))
    found = [float(log_mean_density(3, rows + 1, one, [u])[0]) for one in (k, 0)]
    return found[0] - found[1]


def predict(params: Params) -> Prediction:
    """k J, whatever the number of layers."""
    return {"cost": [k * rate(LEVELS[params["layers"]]) for k in INDICES]}


def excess(one: Observation, k: int) -> tuple[float, float]:
    """Log of index k over minima less the GOE's, over D, and its standard error."""
    logs, rows = one.data["log"], one.params["D"]
    (some, its), (minima, theirs) = log_mean(logs[:, k]), log_mean(logs[:, 0])
    exact = of_goe(rows, LEVELS[one.params["layers"]], k)
    return (some - minima - exact) / rows, hypot(its, theirs) / rows


def limit_of(seen: Sequence[Observation], k: int) -> tuple[Extrapolation, float]:
    """The excess at infinite size, and the error that is declared for it."""
    sizes = [one.params["D"] for one in seen]
    units = [len(one.data["log"]) for one in seen]
    found = [excess(one, k) for one in seen]
    return limit_over_size(sizes, found, TERMS, SPREADS[k] + SPREADS[0], units)


def by_layers(seen: Sequence[Observation]) -> list[list[Observation]]:
    """The observations of each number of layers."""
    return [
        [one for one in seen if one.params["layers"] == layers]
        for layers in LEVELS
        if any(one.params["layers"] == layers for one in seen)
    ]


def compare(seen: Sequence[Observation]) -> list[Cell]:
    """The limits: the GOE's exact ratios have the limit -k J, and differ by what tends to zero."""
    cells = []
    for some in by_layers(seen):
        layers, said = some[0].params["layers"], some[0].prediction["cost"]
        for k in INDICES:
            for one in some:
                value, error = excess(one, k)
                quantity = f"log(index {k} / minima) less the GOE's, over D"
                cells.append(Cell(one.params, quantity, None, value, error, len(one.data["log"])))
            limit, declared = limit_of(some, k)
            where = {"layers": layers, "D": f"to {some[-1].params['D']}, extrapolated"}
            cells.append(
                equivalence_cell(
                    where,
                    QUANTITY.format(k),
                    said[k - 1],
                    k * rate(LEVELS[layers]) - limit.value,
                    limit.stderr,
                    len(some),
                    margin(BIAS, declared),
                    limit.freedom,
                )
            )
    return cells


def series(seen: Sequence[Observation]) -> list[Series]:
    """Differences to the GOE against 1/D, and their fits towards 0."""
    drawn = []
    for some in by_layers(seen):
        layers = some[0].params["layers"]
        axes = Axes(
            f"{layers} layers, x = {LEVELS[layers]}", "1/D", "log ratio less the GOE's, over D"
        )
        x = np.array([1 / one.params["D"] for one in some])
        line = np.linspace(0, float(x.max()), 60)
        for k in INDICES:
            found = [excess(one, k) for one in some]
            first, *others = limit_of(some, k)[0].coefficients
            fitted = np.polynomial.polynomial.polyval(line, [first, *others])
            drawn.append(axes.line(f"index {k}, fitted", line, fitted))
            values, errors = ([one[i] for one in found] for i in range(2))
            drawn.append(axes.points(f"index {k}, 2 std. err.", x, values, [2 * e for e in errors]))
        drawn.append(axes.points("as one sphere", [0.0], [0.0]))
    return drawn


def costing(of: Callable[[int, float], float]) -> Callable[[Params, Prediction], Mapping[str, Any]]:
    """Another cost, by the number of eigenvalues and J."""
    return lambda params, _: {"cost": [of(k, rate(LEVELS[params["layers"]])) for k in INDICES]}


def filled(params: Params, _: Prediction) -> Mapping[str, Any]:
    """That of a GOE whose rows have the variance of all N entries: the edge is farther out."""
    layers = params["layers"]
    return {"cost": [k * rate(LEVELS[layers] * sqrt(1 - 1 / layers)) for k in INDICES]}


def unequal(layers: int, rows: int) -> list[int]:
    """One layer wider than the others."""
    others = max(max(INDICES), rows // (2 * layers))
    return [rows - (layers - 1) * others, *[others] * (layers - 1)]


wrong = partial(replacing, predict)

CLAIM = Claim(
    id="X5-K",
    title="Every layer its own weights: k negative eigenvalues cost k times what one costs",
    rows=("X5",),
    statement="Where layers of equal widths share no weights, critical points of index k = 1, 2 and 3 at a "
    "level beyond the edge are fewer than minima by exp(-D k J), D the dimension of the product of spheres "
    "and J the rate of one eigenvalue of a GOE: with x in units in which its semicircle ends at 2, "
    "J(x) is half the integral of sqrt(y^2 - 4) from 2 to x, for three layers as for four.",
    compares={
        "critical points of index k = 1, 2 and 3 at a level beyond the edge are fewer than minima by "
        "exp(-D k J)": "cost of *",
        "with x in units in which its semicircle ends at 2, J(x) is half the integral of sqrt(y^2 - 4) from "
        "2 to x": "cost of *",
        "for three layers as for four": "cost of *",
    },
    source="theory/derivation/layer_index.py; the largest eigenvalue alone: Husson, Large deviations for "
    "the largest eigenvalue of matrices with variance profiles (2020)",
    assumptions="x = 2.6 for three layers and 2.4 for four, deeper than the ground state (2.03 and 2.07): "
    "above it J is below 0.013, which no size at hand could tell from 0; at fixed level, weighted by the "
    "determinant as mean numbers are; D = 15 to 48",
    evidence=Limit(
        grid=tuple({"layers": layers, "D": rows} for layers in LEVELS for rows in ROWS[layers]),
        predict=predict,
        compare=compare,
        bias="the exact ratios of the GOE of as many rows, whose limit is -k J (T4-N), are taken off; what "
        "is left over D is extrapolated with terms 1/D and 1/D^2: 0.02 for another, and 7 standard errors of "
        "a sample of this size, both from a pilot on other seeds",
        simulate=simulate,
        chunks=Schedule(
            "D",
            {
                "audit": {15: 2, 20: 2, 21: 2, 28: 2, 30: 2, 36: 2, 48: 1},
                "quick": {15: 8, 20: 8, 21: 8, 28: 7, 30: 6, 36: 5, 48: 3},
                "standard": {15: 25, 20: 25, 21: 25, 28: 25, 30: 20, 36: 15, 48: 8},
                "paper": {15: 200, 20: 250, 21: 250, 28: 200, 30: 200, 36: 150, 48: 100},
            },
        ),
        constants={"J": constant(predict, "cost")},
        series=series,
    ),
    alternatives=(
        wrong(
            "k^2 J", "eigenvalues that repel to exponential order", costing(lambda k, j: k * k * j)
        ),
        wrong(
            "k (k+1)/2 J",
            "each eigenvalue pushed by those before it",
            costing(lambda k, j: k * (k + 1) / 2 * j),
        ),
        wrong("J for every k", "the others follow the first", costing(lambda _, j: j)),
        wrong("2 k J", "the rate of the unitary ensemble", costing(lambda k, j: 2 * k * j)),
        wrong("diagonal blocks not zero", "the edge of a full matrix of as many units", filled),
        wrong("k J 20 % larger", "a factor near 1", costing(lambda k, j: 1.2 * k * j)),
        sampling(simulate, "5 % farther", "another level", farther=1.05),
        sampling(simulate, "unequal widths", "Dyson's equation, no semicircle", widths=unequal),
    ),
)
