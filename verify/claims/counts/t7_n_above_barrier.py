"""T7-N: mean numbers of fixed index above -E_inf + eps fall like exp(-c N^2), c = Psi, exactly."""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import partial

import numpy as np
from numpy.typing import NDArray
from scipy.special import erfcx

from theory.annealed.pure_model import e_inf
from theory.finite_n.level_density import log_mean_density, squeeze
from verify.alternatives import constants, replacing, scaling
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
from verify.evidence import Limit
from verify.statistics import extrapolate, limit_cells, power

Real = NDArray[np.float64]

INDICES = (0, 1)
SIZES: dict[Profile, tuple[int, ...]] = {
    "quick": (20, 24, 28, 33, 39, 46),
    "standard": (20, 24, 28, 33, 39, 46, 55, 66),
    "paper": (20, 24, 28, 33, 39, 46, 55, 66, 80, 100, 120),
}
MARGIN = 1.5e-4  # the resolution wanted, 1 % of Psi
TERMS = tuple(power(j) for j in range(1, 5))
STEP = 20.0  # over N^2: between the levels that tell the decay above u
DRAWN = 20, 46


def log_above(p: int, n: int, k: int, u: float) -> float:
    """Log of the mean number of index k with H/N > u, and of nothing else but what is near u.

    The logarithm of the density falls as a - s x - c x^2, to be integrated over x > 0.
    """
    step = STEP / n**2
    first, second, third = log_mean_density(p, n, k, u + step * np.arange(3))
    c = -(third - 2 * second + first) / (2 * step**2)
    s = (first - second) / step - c * step
    tail = math.sqrt(math.pi / c) / 2 * erfcx(s / (2 * math.sqrt(c)))
    return float(first + math.log(tail))


def sequence(params: Params, profile: Profile) -> Data:
    """Log of the mean numbers above u, (N, K); log densities by level at two sizes."""
    p, u, sizes = params["p"], params["u"], SIZES[profile]
    levels = np.linspace(-e_inf(p), u, 7)
    curves = [[log_mean_density(p, n, k, levels) for k in INDICES] for n in DRAWN]
    return {
        "N": np.array(sizes, dtype=float),
        "log": np.array([[log_above(p, n, k, u) for k in INDICES] for n in sizes]),
        "level": levels,
        "density": np.array(curves),
    }


def predict(params: Params) -> Prediction:
    """The cost per N^2, and the power of N."""
    return {"cost": float(squeeze(params["p"], params["u"])), "power": -1 / 24}


def compare(seen: Observation) -> list[Cell]:
    """Limits of (1/N^2) log of the mean number, less the power of N."""
    n, said = seen.data["N"], seen.prediction
    cells = []
    for k in INDICES:
        left = (seen.data["log"][:, k] - said["power"] * np.log(n)) / n**2
        limit = extrapolate(n, left, None, TERMS)
        quantity = "limit of (1/N^2) log E Crt_{N,k}(above u)"
        where = {**seen.params, "k": k}
        cells += limit_cells(where, quantity, -said["cost"], limit, len(n), MARGIN)
    return cells


def cubic(params: Params, _: Prediction) -> Prediction:
    """The edge's tail exp(-d^3/24) in all of the bulk."""
    depth = 1 + params["u"] / e_inf(params["p"])
    return {"cost": math.sqrt(2) ** 3 * depth**3 / (6 * math.sqrt(2))}


def unscaled(params: Params, _: Prediction) -> Prediction:
    """The wall at u where it should be at p u."""
    return {"cost": float(squeeze(params["p"], params["u"] / params["p"]))}


def fitted(n: Real, rate: Real, power_of_n: float, x: Real) -> Real:
    """The bias model's rate at x = 1/N, with the power of N taken off for the fit and put back."""
    limit = extrapolate(n, rate - power_of_n * np.log(n) / n**2, None, TERMS)
    smooth = np.polynomial.polynomial.polyval(x, limit.coefficients)
    return np.asarray(smooth - power_of_n * x**2 * np.log(x))


def series(seen: Sequence[Observation]) -> list[Series]:
    """Rates against 1/N with their limit; against the level at two sizes with -Psi."""
    drawn = []
    for one in seen:
        p, n = one.params["p"], one.data["N"]
        axes = Axes(f"Above u = {one.params['u']}, p = {p}", "1/N", "(1/N^2) log mean number")
        line = np.linspace(1e-4, 1 / n[0], 60)
        for k in INDICES:
            rate = one.data["log"][:, k] / n**2
            curve = fitted(n, rate, one.prediction["power"], line)
            drawn.append(axes.points(f"k = {k}", 1 / n, rate))
            drawn.append(axes.line(f"k = {k}, fitted", line, curve))
        drawn.append(axes.level("-Psi(u)", (0.0, 1 / n[0]), -one.prediction["cost"]))
        axes = Axes(f"By level, p = {p}", "H/N", "(1/N^2) log density")
        levels = one.data["level"]
        drawn += [
            axes.points(f"N = {size}, k = {k}", levels, curves[k] / size**2)
            for size, curves in zip(DRAWN, one.data["density"], strict=True)
            for k in INDICES
        ]
        line = np.linspace(levels[0], levels[-1], 80)
        drawn.append(axes.line("-Psi", line, -squeeze(p, line)))
    return drawn


wrong = partial(replacing, predict)
scaled = partial(scaling, predict)

CLAIM = Claim(
    id="T7-N",
    title="Above -E_inf + eps the exact mean numbers of fixed index fall like exp(-c N^2)",
    rows=("T7", "A1"),
    statement="At fixed u in (-E_inf, 0) and k = 0, 1, (1/N^2) log of the mean number of critical "
    "points of index k with H/N > u tends to -Psi(u), the same for both: the probability "
    "that there is any is at most exp(-N^2 (Psi(u) - o(1))).",
    compares={
        "At fixed u in (-E_inf, 0) and k = 0, 1, (1/N^2) log of the mean number of "
        "critical points of index k with H/N > u tends to -Psi(u), the same for both": (
            "limit of (1/N^2) log E Crt_{N,k}(above u)"
        ),
        "the probability that there is any is at most exp(-N^2 (Psi(u) - o(1)))": (
            "limit of (1/N^2) log E Crt_{N,k}(above u)"
        ),
    },
    source="ABC Thm 2.14; Dean and Majumdar 2006 (Psi); exact densities: theory.finite_n.level_density",
    assumptions="pure model, p >= 3; mean numbers; u fixed",
    notes="The probability is bounded by the mean number (Markov). Index k leaves k eigenvalues outside "
    "a wall that all others are pushed behind: what these gain is of order N, hence one rate for every "
    "k; k = 0 and 1 are judged, since for k = 2 the terms in 1/N are too large at sizes that can be "
    "computed. The weight is of order exp(N) as well. The power of N taken off, N^(-1/24), is "
    "that of the edge law's left tail, d^(-1/16), at d of order N^(2/3); one eigenvalue outside brings "
    "none of its own. The mean number above u is the density there, integrated with the quadratic of "
    "its logarithm through three levels 20/N^2 apart: at N = 20 within 0.003 of the integral, 7e-6 in "
    "the rate. The margin is the resolution wanted, 1 % of Psi; that the sequence has it is judged by "
    "the lines 'change when the last term is dropped'. At these sizes the terms of order N still rule: "
    "of index 1 there are more than one above u at N = 20, and the rate shows in the limit alone.",
    evidence=Limit(
        grid=({"p": 3, "u": -1.0}, {"p": 4, "u": -1.1}),
        predict=predict,
        compare=each(compare),
        bias="exact densities; rate + four powers of 1/N; the change when the last is dropped must be "
        "below half the margin; the integral above u by the quadratic of the logarithm, 7e-6",
        sequence=sequence,
        constants=constants(predict, "cost"),
        series=series,
    ),
    alternatives=(
        wrong(
            "slower than exp(-c N^2)",
            "exp(-c N) or exp(-c N^(3/2)): nothing per N^2",
            {"cost": 0.0},
        ),
        scaled("beta = 2", "the cost of the unitary ensemble, 2 Psi", 2, "cost"),
        wrong("cubic", "no wall: the edge's exp(-d^3/24) in all of the bulk", cubic),
        wrong("shift u for p u", "a wall p times nearer to the middle", unscaled),
        wrong("all the way", "every level as the middle, log(3)/4", {"cost": math.log(3) / 4}),
        scaled("Psi 3 % larger", "near 1", 1.03, "cost"),
        scaled("Psi 3 % smaller", "near 1", 0.97, "cost"),
    ),
)
