"""A4: the lowest end points of descents: past -E_inf, past -E_0 at finite N, above an exact floor."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache, partial
from math import log, sqrt
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import brentq

from numerics.descent.methods import descend_one
from theory import pure, threshold
from theory.finite_n.by_quadrature import log_mean_count
from verify.alternatives import constant, replaced
from verify.claim import (
    Alternative,
    Axes,
    Cell,
    Claim,
    Limit,
    Observation,
    Params,
    Prediction,
    Profile,
    Series,
)
from verify.claims.descents._end_points import end_point_energies, margin, status_cells
from verify.statistics import equivalence_cell, extrapolate, power

P = 3
STARTS = 16
DISORDERS = {25: 20, 50: 10, 100: 3, 200: 1}  # in a chunk
CHUNKS: dict[Profile, dict[int, int]] = {
    "audit": {25: 4, 50: 6},
    "quick": {25: 2, 50: 3, 100: 7},
    "standard": {25: 10, 50: 16, 100: 20},
    "paper": {25: 100, 50: 100, 100: 100, 200: 100},
}
CHANCE = 1e-9  # of a disorder with a critical point below the floor
# Declared beforehand, from a pilot on other seeds: what exponents from 1/2 to 1 change in the fit of the
# lowest of 16 with N^(-2/3), and its standard deviation over disorders times N^(2/3).
BIAS, SPREAD = 0.03, 0.6
TERMS = (power(2 / 3),)

simulate = partial(end_point_energies, disorders=DISORDERS, starts=STARTS)


@cache
def floor(n: int, chance: float = CHANCE) -> float:
    """Level below which the exact mean number of critical points, of every index, is ``chance``.

    The probability that a disorder has one there is at most that (Markov).
    """
    return float(brentq(lambda u: log_mean_count(P, n, u)[0] - log(chance), -6.0, -0.5, xtol=1e-7))


def predict(params: Params) -> Prediction:
    """The floor; the tail touches -E_inf; nothing is below the floor, some end points below -E_inf."""
    return {
        "floor": floor(params["N"]),
        "tail": -float(threshold(pure(P), None, 17)),
        "log count at the floor": log(CHANCE),
    }


def compare(seen: Sequence[Observation]) -> list[Cell]:
    """Extreme values at each N; and over all N, none below the floor."""
    barrier, ground = (-float(threshold(pure(P), k, 17)) for k in (None, 0))
    cells, below = [], 0
    sizes, means, stderrs = [], [], []
    for one in seen:
        energy, units = one.data["energy"], len(one.data["energy"])
        tail = lowest(energy)
        sizes.append(one.params["N"])
        means.append(float(tail.mean()))
        stderrs.append(float(tail.std(ddof=1)) / sqrt(len(tail)))
        values = {
            "lowest end point": float(tail.min()),
            "share below -E_inf": float((energy < barrier).mean()),
            "share below -E_0": float((energy < ground).mean()),
            "floor": one.prediction["floor"],
        }
        cells += [Cell(one.params, name, None, x, None, units) for name, x in values.items()]
        name = f"lowest of {STARTS} descents, mean"
        cells.append(Cell(one.params, name, None, means[-1], stderrs[-1], units))
        below += int((energy < one.prediction["floor"]).sum())
    limit = extrapolate(sizes, means, stderrs, TERMS)
    where = {"N": f"to {max(sizes)}, extrapolated"}
    declared = [
        SPREAD * n ** (-2 / 3) / sqrt(len(one.data["energy"]))
        for n, one in zip(sizes, seen, strict=True)
    ]
    said = seen[0].prediction["tail"]
    allowed = margin(BIAS, extrapolate(sizes, means, declared, TERMS).stderr)
    cells.append(
        equivalence_cell(where, name, said, limit.value, limit.stderr, len(sizes), allowed)
    )
    where = {"N": "all"}
    name = "end points below the floor"
    cells.append(equivalence_cell(where, name, 0.0, float(below), 0.0, len(seen), 0.0))
    return cells + status_cells(seen)


def lowest(energy: NDArray[np.float64]) -> NDArray[np.float64]:
    """Lowest end point of every disorder, of the starts that did not diverge."""
    found = np.fmin.reduce(energy, axis=1)
    return np.asarray(found[np.isfinite(found)])


def series(seen: Sequence[Observation]) -> list[Series]:
    """Lowest end points against N between the levels."""
    barrier, ground = (-float(threshold(pure(P), k, 17)) for k in (None, 0))
    axes = Axes("Left tail of descents' end points, p = 3", "N", "H/N", xscale="log")
    ns = [float(one.params["N"]) for one in seen]
    tails = [lowest(one.data["energy"]) for one in seen]
    means = [float(tail.mean()) for tail in tails]
    errors = [2 * float(tail.std(ddof=1)) / sqrt(len(tail)) for tail in tails]
    return [
        Series(axes, "lowest of all", ns, [float(tail.min()) for tail in tails], (), "points"),
        Series(axes, f"lowest of {STARTS}, mean, 2 std. err.", ns, means, errors, "points"),
        Series(axes, f"floor: mean count {CHANCE:g}", ns, [floor(int(n)) for n in ns]),
        Series(axes, "mean count 1", ns, [floor(int(n), 1.0) for n in ns]),
        Series(axes, "-E_inf", ns, [barrier] * len(ns)),
        Series(axes, "-E_0", ns, [ground] * len(ns)),
    ]


def stopped(*args: Any, **options: Any) -> Mapping[str, Any]:
    """Descents cut short after three steps."""
    return descend_one(*args, **{**options, "max_steps": 3})


def scaled(*args: Any, **options: Any) -> Mapping[str, Any]:
    """Energies of couplings half as large again."""
    end = descend_one(*args, **options)
    return {**end, "energies": 1.5 * end["energies"]}


CLAIM = Claim(
    id="A4",
    title="Left tails of descents' end points",
    rows=("A4",),
    statement="The left tail of end-point energies, the mean of the lowest of 16 descents extrapolated "
    "in N, touches -E_inf within the margin. At finite N some end points lie below -E_inf and even "
    "below -E_0; none lies below the level where the exact mean number of critical points is 1e-9, "
    "which tends to -E_0. So the paper's `none below -E_0` is a limit.",
    source="CHMBL Sec. 5.2; exact mean counts: ABC Thm 2.1",
    assumptions="p = 3; conjugate gradients from uniform starts",
    evidence=Limit(
        grid=tuple({"N": n} for n in DISORDERS),
        predict=predict,
        compare=compare,
        bias="none for the floor, a bound at every N. The mean of the lowest of 16 = limit + a N^(-2/3); "
        "0.03 for exponents from 1/2 to 1 and 7 standard errors of a sample of this size, both from a "
        "pilot on other seeds. That is wider than the 0.024 from -E_inf to -E_0",
        simulate=simulate,
        chunks=lambda profile, params: CHUNKS[profile].get(params["N"], 0),
        constants={"E_inf": constant(predict, "tail")},
        series=series,
    ),
    alternatives=(
        Alternative(
            "-E_inf is a floor",
            "erratum E6: no minimum outside the band",
            {"predict": replaced(predict, {"floor": -sqrt(8 / 3)})},
        ),
        Alternative(
            "-E_0 is a floor",
            "as printed, at finite N",
            {
                "predict": replaced(
                    predict, lambda q, _: {"floor": -float(threshold(pure(P), 0, 17))}
                )
            },
        ),
        Alternative(
            "tail at -2",
            "the barrier of p to infinity",
            {"predict": replaced(predict, {"tail": -2.0})},
        ),
        Alternative(
            "tail at -sqrt 2",
            "the end of p = 2",
            {"predict": replaced(predict, {"tail": -sqrt(2)})},
        ),
        Alternative(
            "sampler: three steps",
            "not converged",
            {"simulate": partial(simulate, descend=stopped)},
        ),
        Alternative(
            "sampler: 1.5 H", "a wrong scale", {"simulate": partial(simulate, descend=scaled)}
        ),
    ),
)
