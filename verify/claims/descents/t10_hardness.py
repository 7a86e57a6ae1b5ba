"""T10: descents that end at the best energy of their instance become rare with N."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from math import sqrt
from typing import Any

import numpy as np

from numerics.descent.methods import descend_one
from verify.claim import (
    Alternative,
    Axes,
    Cell,
    Claim,
    Observation,
    Params,
    Prediction,
    Profile,
    Series,
)
from verify.claims.descents._end_points import end_point_energies, margin, status_cells
from verify.evidence import Limit
from verify.statistics import equivalence_cell

P = 3
STARTS = 32
NEAR = 1e-4  # of H/N: the best point itself
DISORDERS = {8: 30, 16: 30, 32: 15, 48: 10, 64: 6, 96: 2}  # in a chunk
CHUNKS: dict[Profile, dict[int, int]] = {
    "audit": {8: 3, 64: 5},
    "quick": {8: 6, 32: 2, 64: 12},
    "standard": {8: 10, 16: 10, 32: 16, 48: 20, 64: 40},
    "paper": {8: 100, 16: 100, 32: 100, 48: 100, 64: 100, 96: 100},
}
# Declared beforehand from a pilot on other seeds: the rate of the fit over N = 8 to 64, how far fits
# over others of these sizes lie from it, and the standard deviation over disorders of a share, over its
# mean.
RATE, BIAS, SPREAD = 0.0235, 0.003, 0.6

simulate = partial(end_point_energies, disorders=DISORDERS, starts=STARTS)


def fractions(one: Observation) -> Any:
    """Share of the starts of every disorder that end within NEAR of the best of them."""
    energy = one.data["energy"]
    lowest = np.fmin.reduce(energy, axis=1, keepdims=True)  # not of those that diverged
    return (energy <= lowest + NEAR).mean(axis=1)


@dataclass(frozen=True)
class Line:
    """log share = level + slope scale(N): with the slope's error, chi-square over its freedom, and the
    error that is declared for these numbers of disorders.
    """

    level: float
    slope: float
    stderr: float
    square: float
    declared: float


def fit(seen: Sequence[Observation], scale: Callable[[Any], Any]) -> Line:
    """Least squares with the declared errors as weights."""
    shares = [fractions(one) for one in seen]
    x = scale(np.array([float(one.params["N"]) for one in seen]))
    y = np.log([float(s.mean()) for s in shares])
    # Never below what one descent more or less would make.
    error = np.array(
        [max(s.std(ddof=1) / sqrt(len(s)), 1 / s.size / STARTS) / s.mean() for s in shares]
    )
    weight = np.array([len(s) for s in shares]) / SPREAD**2
    middle, level = (weight * x).sum() / weight.sum(), (weight * y).sum() / weight.sum()
    spread = (weight * (x - middle) ** 2).sum()
    slope = (weight * (x - middle) * y).sum() / spread
    stderr = np.linalg.norm(weight * (x - middle) * error) / spread
    square = (((y - level - slope * (x - middle)) / error) ** 2).sum() / max(1, len(seen) - 2)
    return Line(
        float(level - slope * middle),
        float(slope),
        float(stderr),
        float(square),
        float(spread**-0.5),
    )


def predict(params: Params) -> Prediction:
    """The rate at which the share falls."""
    return {"rate": RATE}


def compare(seen: Sequence[Observation]) -> list[Cell]:
    """The share at each N, the exponential fit, and a power law beside it."""
    cells = []
    for one in seen:
        share = fractions(one)
        units, mean = len(share), float(share.mean())
        stderr = float(share.std(ddof=1)) / sqrt(units)
        name = f"share of descents that end at the best of {STARTS}"
        cells.append(Cell(one.params, name, None, mean, stderr, units))
    where = {"N": f"{seen[0].params['N']} to {seen[-1].params['N']}"}
    line, power = fit(seen, lambda n: n), fit(seen, np.log)
    said, allowed = seen[0].prediction["rate"], margin(BIAS, line.declared)
    name = "rate: - d log share/dN"
    cells.append(equivalence_cell(where, name, said, -line.slope, line.stderr, len(seen), allowed))
    cells.append(Cell(where, "exponent of a power law", None, power.slope, power.stderr, len(seen)))
    if len(seen) > 2:
        for name, one_fit in (("exponential", line), ("power law", power)):
            cells.append(
                Cell(where, f"chi^2/freedom of the {name}", None, one_fit.square, None, len(seen))
            )
    return cells + status_cells(seen)


def series(seen: Sequence[Observation]) -> list[Series]:
    """The share against N with both fits."""
    axes = Axes("Descents that end at the best point found", "N", "share of descents", yscale="log")
    ns = [float(one.params["N"]) for one in seen]
    shares = [fractions(one) for one in seen]
    means = [float(s.mean()) for s in shares]
    errors = [2 * float(s.std(ddof=1)) / sqrt(len(s)) for s in shares]
    drawn = [Series(axes, "measured, 2 std. err.", ns, means, errors, "points")]
    x = np.linspace(min(ns), max(ns), 60)
    scales: dict[str, Callable[[Any], Any]] = {"exponential": lambda n: n, "power law": np.log}
    for name, scale in scales.items():
        line = fit(seen, scale)
        drawn.append(
            Series(axes, name, x.tolist(), np.exp(line.level + line.slope * scale(x)).tolist())
        )
    return drawn


def rate(value: float) -> dict[str, Any]:
    """Another rate."""
    return {"predict": lambda params: {"rate": value}}


def one_valley(*args: Any, **options: Any) -> Mapping[str, Any]:
    """All starts in the valley of the first."""
    end = descend_one(*args, **options)
    return {**end, "energies": np.full_like(end["energies"], end["energies"][0])}


CLAIM = Claim(
    id="T10",
    title="Descents that reach the best point become rare with N",
    rows=("T10",),
    statement="The share of descents from uniform starts that end at the lowest point found on their "
    "instance falls with N: by a factor e over about 40 spins. That it falls exponentially is not "
    "shown at these N, where a power law fits no worse. What leaving a minimum costs is erratum E9 "
    "(claim E9): at least N (-E_1 - u) from u < -E_1, so N (E_0 - E_1) from the ground state.",
    source="CHMBL Sec. 4",
    assumptions="p = 3; conjugate gradients; the best of 32 starts stands for the ground state, which "
    "makes the share at large N too large, never too small; the disorder sample is the unit",
    lacks={
        "T10": "an exponential law: the share's local rate still falls at N = 64, and at N = 96 (paper "
        "profile) the best of 32 is no ground state; methods other than descents"
    },
    evidence=Limit(
        grid=tuple({"N": n} for n in DISORDERS),
        predict=predict,
        compare=compare,
        bias="the rate is that of a fit of log share over these N. It depends on which: 0.022 to 0.026 "
        "in a pilot on other seeds, hence 0.003 in the margin, and 7 standard errors of a sample of this "
        "size. The direction, a rate above 0, is what is claimed",
        simulate=simulate,
        chunks=lambda profile, params: CHUNKS[profile].get(params["N"], 0),
        constants={"rate": lambda q, eps: {"rate": RATE * (1 + eps)}},
        series=series,
    ),
    alternatives=(
        Alternative("a constant share", "reaching the best point is easy at every N", rate(0.0)),
        Alternative(
            "all critical points alike",
            "a share of one in their mean number: rate (1/2) log(p-1)",
            rate(0.5 * float(np.log(P - 1))),
        ),
        Alternative(
            "a rising share",
            "the levels draw together",
            rate(-0.01),
        ),
        Alternative(
            "sampler: one valley",
            "every start in the same",
            {"simulate": partial(simulate, descend=one_valley)},
        ),
    ),
)
