"""F3: energies of the end points of gradient descent concentrate near -E_inf as N grows."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from math import sqrt
from typing import Any

import numpy as np

from numerics import hamiltonian
from numerics.backend import to_numpy
from numerics.descent import default_step, descend_one
from numerics.streams import Stream
from theory import pure, threshold
from verify.claim import (
    Alternative,
    Axes,
    Cell,
    Claim,
    Data,
    Limit,
    Observation,
    Params,
    Prediction,
    Profile,
    Series,
)
from verify.statistics import equivalence_cell, extrapolate, power

P = 3
TOLERANCE = 1e-5  # of |grad|/sqrt(N) at an end point
STARTS = 16  # on each disorder: one tile of the matrix product
DISORDERS = {25: 20, 50: 10, 100: 3, 200: 1, 300: 1, 400: 1, 500: 1}  # in a chunk
CHUNKS: dict[Profile, dict[int, int]] = {
    "audit": {25: 1, 50: 1},
    "quick": {25: 10, 50: 15, 100: 16},
    "standard": {25: 30, 50: 30, 100: 20, 200: 12},
    "paper": {25: 100, 50: 100, 100: 100, 200: 100, 300: 64, 400: 64, 500: 64},
}
# Fixed beforehand from a pilot on other seeds, by the largest N at hand: seven standard errors of
# the extrapolated mean plus what other exponents than 2/3 and 4/3 would change (0.005 to 0.02).
LOST = 0.01  # share of descents that may end short of a critical point
MARGIN = {50: 0.12, 100: 0.12, 200: 0.05, 500: 0.03}
TERMS = (power(2 / 3), power(4 / 3))


def simulate(
    params: Params,
    stream: Stream,
    chunk: int,
    xp: Any,
    descend: Callable[..., Mapping[str, Any]] = descend_one,
) -> Data:
    """End-point energies, a row for each disorder."""
    n = params["N"]
    first = chunk * DISORDERS[n]
    ends = [
        descend(stream, disorder, n, {P: 1.0}, STARTS, tolerance=TOLERANCE, xp=xp)
        for disorder in range(first, first + DISORDERS[n])
    ]
    return {
        "energy": np.stack([end["energies"] for end in ends]),
        "gradient": np.stack([end["gradient_norm"] for end in ends]),
    }


def predict(params: Params) -> Prediction:
    """Minus the barrier."""
    return {"limit": -float(threshold(pure(P), None, 17))}


def compare(seen: Sequence[Observation]) -> list[Cell]:
    """The mean extrapolated in N; mean and variance at each N are reported without a test."""
    sizes, means, stderrs, cells = [], [], [], []
    for one in seen:
        energy = one.data["energy"]
        by_disorder = energy.mean(axis=1)
        units = len(energy)
        stderr = float(by_disorder.std(ddof=1)) / sqrt(units)
        sizes.append(one.params["N"])
        means.append(float(by_disorder.mean()))
        stderrs.append(stderr)
        cells.append(Cell(one.params, "mean energy", None, means[-1], stderr, units))
        cells.append(
            Cell(
                one.params,
                "N times the variance",
                None,
                sizes[-1] * float(energy.var()),
                None,
                units,
            )
        )
        stationary = float((one.data["gradient"] <= TOLERANCE).mean())
        cells.append(
            equivalence_cell(
                one.params, "share of critical points", 1.0, stationary, 0.0, units, LOST
            )
        )
    limit = extrapolate(sizes, means, stderrs, TERMS[: len(sizes) - 1])
    largest = max(sizes)
    margin = MARGIN[max(n for n in MARGIN if n <= largest)]
    cells.append(
        equivalence_cell(
            {"N": f"to {largest}, extrapolated"},
            "mean energy",
            seen[0].prediction["limit"],
            limit.value,
            limit.stderr,
            len(sizes),
            margin,
        )
    )
    return cells


def limit(value: float) -> Callable[[Params], Prediction]:
    """Another limit."""
    return lambda params: {"limit": value}


def _fitted(axes: Axes, seen: Sequence[Observation]) -> Series:
    """The fit that `compare` extrapolates."""
    means = [one.data["energy"].mean(axis=1) for one in seen]
    fit = extrapolate(
        [one.params["N"] for one in seen],
        [float(m.mean()) for m in means],
        [float(m.std(ddof=1)) / sqrt(len(m)) for m in means],
        TERMS[: len(seen) - 1],
    )
    x = np.linspace(0.0, min(one.params["N"] for one in seen) ** (-2 / 3), 60)
    y = np.polynomial.polynomial.polyval(x, np.array(fit.coefficients))
    return Series(axes, "fit", x.tolist(), y.tolist())


def series(seen: Sequence[Observation]) -> list[Series]:
    """Histograms of the end points with barrier and ground state, and the mean against N."""
    barrier, ground = (-float(threshold(pure(P), k, 17)) for k in (None, 0))
    edges = np.linspace(-1.8, -1.25, 56)
    axes = Axes("End points of descents, p = 3", "end-point energy H/N", "density")
    drawn = []
    for one in seen:
        density, _ = np.histogram(one.data["energy"].ravel(), edges, density=True)
        drawn.append(
            Series(
                axes,
                f"N = {one.params['N']}",
                edges.tolist(),
                density.tolist(),
                kind="steps",
            )
        )
    for name, level in (("-E_inf", barrier), ("-E_0", ground)):
        drawn.append(Series(axes, name, [level], kind="vline"))
    x = [one.params["N"] ** (-2 / 3) for one in seen]
    means = [float(one.data["energy"].mean()) for one in seen]
    errors = [
        2 * float(one.data["energy"].mean(axis=1).std(ddof=1)) / sqrt(len(one.data["energy"]))
        for one in seen
    ]
    axes = Axes("Mean energy against N", "N^(-2/3)", "mean H/N")
    drawn += [
        Series(axes, "measured, 2 std. err.", x, means, errors, "points"),
        _fitted(axes, seen),
        Series(axes, "-E_inf", [0.0, max(x)], [barrier, barrier]),
        Series(axes, "-E_0", [0.0, max(x)], [ground, ground]),
    ]
    return drawn


def accumulated(
    stream: Stream, disorder: int, n: int, model: Any, starts: int, tolerance: float, xp: Any
) -> Mapping[str, Any]:
    """Descent whose gradient is never cleared: every step uses the sum of all gradients so far."""
    couplings = hamiltonian.draw(stream.generator(disorder, 0), n, model, xp=xp)
    s = xp.asarray(hamiltonian.random_point(stream.generator(disorder, 1), n, starts))
    total = xp.zeros_like(s)
    for _ in range(200):
        total = total + hamiltonian.riemannian_gradient(couplings, s)
        s = s - default_step(model) * total
        s = s * (n / (s * s).sum(axis=1, keepdims=True)) ** 0.5
    gradient = to_numpy(hamiltonian.riemannian_gradient(couplings, s))
    return {
        "energies": to_numpy(hamiltonian.energy(couplings, s)) / n,
        "gradient_norm": np.linalg.norm(gradient, axis=1) / sqrt(n),
    }


def sampler(name: str, why: str, descend: Callable[..., Mapping[str, Any]]) -> Alternative:
    """A wrong descent that the claim must refute."""
    return Alternative(f"sampler: {name}", why, {"simulate": partial(simulate, descend=descend)})


WRONG_SAMPLERS = (
    sampler(
        "never-cleared gradient",
        "erratum E5: the authors' public script names the method and does not call it",
        accumulated,
    ),
    sampler("stopped after three steps", "not converged", partial(descend_one, max_steps=3)),
)

CLAIM = Claim(
    id="F3",
    title="End points of gradient descent tend to the barrier",
    rows=("F3",),
    statement="The energies of the end points of gradient descent from uniform starts on random "
    "3-spin Hamiltonians, extrapolated in N, reach -E_inf within the margin. These are converged "
    "descents: t to infinity first, then N; the Cugliandolo-Kurchan limit takes N first.",
    source="CHMBL Fig. 3 (left) and Fig. 8",
    assumptions="p = 3; plain gradient descent to a gradient norm of 1e-5 sqrt(N); the disorder "
    "sample is the unit",
    lacks={
        "F3": "the paper's sizes to N = 500 with 1000 starts; at these sizes -E_inf and -E_0, 0.024 "
        "apart, both lie within the margin"
    },
    evidence=Limit(
        grid=tuple({"N": n} for n in (25, 50, 100, 200, 300, 400, 500)),
        predict=predict,
        compare=compare,
        bias="mean = limit + a N^(-2/3) + b N^(-4/3), fitted with clustered errors; the margin was "
        "fixed from a pilot on other seeds: 7 standard errors plus the change under exponents "
        "(2/3, 1) and (1/2, 1)",
        simulate=simulate,
        chunks=lambda profile, params: CHUNKS[profile].get(params["N"], 0),
        constants={"E_inf": lambda q, eps: {"limit": predict(q)["limit"] * (1 + eps)}},
        series=series,
    ),
    alternatives=(
        Alternative("half the barrier", "a factor 2", {"predict": limit(-sqrt(2 / 3))}),
        Alternative("-2", "the barrier of p to infinity", {"predict": limit(-2.0)}),
        Alternative(
            "-sqrt 2", "the barrier, and ground state, of p = 2", {"predict": limit(-sqrt(2))}
        ),
        Alternative("0", "the energy of a random point", {"predict": limit(0.0)}),
        *WRONG_SAMPLERS,
    ),
    notes="The limit is extrapolated under a declared bias model; with exponents (1/2, 1) the same "
    "means extrapolate near -E_0, so the data at N <= 200 do not by themselves tell the barrier "
    "from the ground state. The report says so rather than claiming it.",
)
