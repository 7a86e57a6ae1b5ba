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
ALONE = "one sample, published stopping rule"
STARTS_ALONE = 1000  # the paper's own way
DISORDERS = {25: 20, 50: 10, 100: 3, 200: 1, 250: 1, 300: 1, 400: 1, 500: 1}  # in a chunk
CHUNKS: dict[Profile, dict[int, int]] = {
    "audit": {25: 1, 50: 1},
    "quick": {25: 8, 50: 12, 100: 12},
    "standard": {25: 30, 50: 30, 100: 20, 200: 10},
    "paper": {25: 100, 50: 100, 100: 100, 200: 100, 250: 64, 300: 64, 400: 64, 500: 64},
}
ALONE_AT: dict[Profile, tuple[int, ...]] = {"standard": (25, 50), "paper": (25, 50, 100, 200)}
# Fixed beforehand from a pilot on other seeds, by the largest N at hand: seven standard errors of
# the extrapolated mean plus what other exponents than 2/3 and 4/3 would change (0.005 to 0.02).
LOST = 0.01  # share of descents that may end short of a critical point
MARGIN = {50: 0.12, 100: 0.12, 200: 0.06, 500: 0.03}
TERMS = (power(2 / 3), power(4 / 3))
OTHER_TERMS = {"1/2, 1": (power(1 / 2), power(1)), "4/9, 8/9": (power(4 / 9), power(8 / 9))}
# The level at which minima turn marginal, u + lowest eigenvalue / p: one power N^(-2/3) describes it to
# 1 % from N = 16 on, which leaves 0.003.
MARGINAL = {50: 0.05, 100: 0.035, 200: 0.02, 500: 0.012}
MARGINAL_TERMS = (power(2 / 3),)
EXPONENT = 0.6  # of the variance: seven standard errors at the quick size and 0.1


def simulate(
    params: Params,
    stream: Stream,
    chunk: int,
    xp: Any,
    descend: Callable[..., Mapping[str, Any]] = descend_one,
) -> Data:
    """End-point energies, a row for each disorder."""
    n = params["N"]
    if "way" in params:
        end = descend(
            stream, chunk, n, {P: 1.0}, STARTS_ALONE, method="published-gd", max_steps=10**5, xp=xp
        )
        return {name: end[key][None] for name, key in KEPT.items()}
    first = chunk * DISORDERS[n]
    ends = [
        descend(stream, disorder, n, {P: 1.0}, STARTS, tolerance=TOLERANCE, xp=xp)
        for disorder in range(first, first + DISORDERS[n])
    ]
    return {name: np.stack([end[key] for end in ends]) for name, key in KEPT.items()}


KEPT = {"energy": "energies", "gradient": "gradient_norm", "lowest": "lowest_eigenvalue"}


def predict(params: Params) -> Prediction:
    """Minus the barrier; and fluctuations of an edge, N^(-2/3)."""
    barrier = -float(threshold(pure(P), None, 17))
    return {
        "limit": barrier,
        "marginal": barrier,
        "variance": -4 / 3,
    }


def compare(seen: Sequence[Observation]) -> list[Cell]:
    """Mean, marginal level and variance against N; the tails; the paper's own way beside it."""
    cells = [cell for one in seen if "way" in one.params for cell in _alone(one)]
    seen = [one for one in seen if "way" not in one.params]
    sizes, means, stderrs = [], [], []
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
    for name, terms in OTHER_TERMS.items():
        other = extrapolate(sizes, means, stderrs, terms[: len(sizes) - 1])
        where = {"N": f"to {largest}, exponents {name}"}
        cells.append(Cell(where, "mean energy", None, other.value, other.stderr, len(sizes)))
    cells.append(_marginal(seen, MARGINAL[max(n for n in MARGINAL if n <= largest)]))
    cells.append(_variance_exponent(seen))
    return cells


def _alone(one: Observation) -> list[Cell]:
    """The paper's way: all starts on one disorder. No error bar: it is one unit."""
    energy = one.data["energy"].ravel()
    return [
        Cell(one.params, "mean energy", None, float(energy.mean()), None, 1),
        Cell(
            one.params, "N times the variance", None, one.params["N"] * float(energy.var()), None, 1
        ),
    ]


def _marginal(seen: Sequence[Observation], margin: float) -> Cell:
    """u + lowest eigenvalue / p at end points: where such minima would lose their stability."""
    levels = [(one.data["energy"] + one.data["lowest"] / P).mean(axis=1) for one in seen]
    sizes = [one.params["N"] for one in seen]
    means = [float(v.mean()) for v in levels]
    stderrs = [float(v.std(ddof=1)) / sqrt(len(v)) for v in levels]
    limit = extrapolate(sizes, means, stderrs, MARGINAL_TERMS)
    where = {"N": f"to {max(sizes)}, extrapolated"}
    said = seen[0].prediction["marginal"]
    name = "mean energy + lowest eigenvalue / p"
    return equivalence_cell(where, name, said, limit.value, limit.stderr, len(sizes), margin)


def _variance_exponent(seen: Sequence[Observation]) -> Cell:
    """Slope of log variance against log N, its error by leaving out one disorder at a time."""
    x = np.log([one.params["N"] for one in seen])
    logs, errors = [], []
    for one in seen:
        energy = one.data["energy"]
        first, second = energy.mean(axis=1), (energy**2).mean(axis=1)
        units = len(energy)
        left = (units * second.mean() - second) / (units - 1)
        left -= ((units * first.mean() - first) / (units - 1)) ** 2
        logs.append(float(np.log(energy.var())))
        errors.append(
            sqrt((units - 1) / units * float(((np.log(left) - np.log(left).mean()) ** 2).sum()))
        )
    weight = 1 / np.asarray(errors) ** 2
    middle = float((weight * x).sum() / weight.sum())
    spread = float((weight * (x - middle) ** 2).sum())
    slope = float((weight * (x - middle) * np.asarray(logs)).sum()) / spread
    where = {
        "N": f"{min(one.params['N'] for one in seen)} to {max(one.params['N'] for one in seen)}"
    }
    said = seen[0].prediction["variance"]
    name = "exponent of the variance"
    return equivalence_cell(where, name, said, slope, 1 / sqrt(spread), len(seen), EXPONENT)


def limit(value: float) -> Callable[[Params], Prediction]:
    """Another limit."""
    return changed("limit", value)


def changed(name: str, value: float) -> Callable[[Params], Prediction]:
    """The prediction with one number replaced."""
    return lambda params: {**predict(params), name: value}


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
    alone = [one for one in seen if "way" in one.params]
    seen = [one for one in seen if "way" not in one.params]
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
    margins = [(one.data["energy"] + one.data["lowest"] / P).mean(axis=1) for one in seen]
    drawn.append(
        Series(
            axes,
            "where these minima turn marginal",
            x,
            [float(v.mean()) for v in margins],
            [2 * float(v.std(ddof=1)) / sqrt(len(v)) for v in margins],
            "points",
        )
    )
    axes = Axes("Variance against N", "N", "variance of H/N", "log", "log")
    ns = [float(one.params["N"]) for one in seen]
    variances = [float(one.data["energy"].var()) for one in seen]
    guide = [variances[0] * (n / ns[0]) ** (-4 / 3) for n in ns]
    drawn += [
        Series(axes, "many disorders", ns, variances, (), "points"),
        Series(axes, "N^(-4/3)", ns, guide),
    ]
    if alone:
        drawn.append(
            Series(
                axes,
                "one sample, as in the paper",
                [float(one.params["N"]) for one in alone],
                [float(one.data["energy"].var()) for one in alone],
                (),
                "points",
            )
        )
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
    eigenvalues = to_numpy(hamiltonian.riemannian_hessian_eigenvalues(couplings, s))
    return {
        "energies": to_numpy(hamiltonian.energy(couplings, s)) / n,
        "gradient_norm": np.linalg.norm(gradient, axis=1) / sqrt(n),
        "lowest_eigenvalue": eigenvalues[:, 0],
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
    "3-spin Hamiltonians, extrapolated in N, reach -E_inf within the margin; sharper, the level where the "
    "minima they end in would turn marginal is -E_inf. The variance falls with N. These are "
    "converged descents: t to infinity first, then N; the Cugliandolo-Kurchan "
    "limit takes N first (claim S1).",
    source="CHMBL Fig. 3 (left) and Fig. 8",
    assumptions="p = 3; plain gradient descent to a gradient norm of 1e-5 sqrt(N); the disorder "
    "sample is the unit",
    lacks={
        "F3": "N = 250 to 500 run in the paper profile alone, and one sample with 1000 starts to "
        "N = 200; at N <= 200 -E_inf and -E_0, 0.024 apart, both lie within the margins"
    },
    evidence=Limit(
        grid=(
            *({"N": n} for n in DISORDERS),
            *({"N": n, "way": ALONE} for n in ALONE_AT["paper"]),
        ),
        predict=predict,
        compare=compare,
        bias="mean = limit + a N^(-2/3) + b N^(-4/3), fitted with clustered errors; the margin was "
        "fixed from a pilot on other seeds: 7 standard errors plus the change under exponents "
        "(2/3, 1) and (1/2, 1). The marginal level is fitted with N^(-2/3) alone. Where the two "
        "meet, at lowest eigenvalue 0, is claim S2",
        simulate=simulate,
        chunks=lambda profile, params: (
            int(params["N"] in ALONE_AT.get(profile, ()))
            if "way" in params
            else CHUNKS[profile].get(params["N"], 0)
        ),
        constants={
            "E_inf as a limit": lambda q, eps: {
                **predict(q),
                "limit": predict(q)["limit"] * (1 + eps),
            },
            "E_inf as the marginal level": lambda q, eps: {
                **predict(q),
                "marginal": predict(q)["marginal"] * (1 + eps),
            },
        },
        series=series,
    ),
    alternatives=(
        Alternative("half the barrier", "a factor 2", {"predict": limit(-sqrt(2 / 3))}),
        Alternative("-2", "the barrier of p to infinity", {"predict": limit(-2.0)}),
        Alternative(
            "-sqrt 2", "the barrier, and ground state, of p = 2", {"predict": limit(-sqrt(2))}
        ),
        Alternative("0", "the energy of a random point", {"predict": limit(0.0)}),
        Alternative(
            "marginal 6 % deeper",
            "another constant near the barrier",
            {"predict": changed("marginal", -1.06 * sqrt(8 / 3))},
        ),
        Alternative(
            "marginal at -E_0(4)",
            "the ground state of p = 4",
            {"predict": changed("marginal", -1.794085)},
        ),
        Alternative(
            "a variance that stays",
            "no concentration",
            {"predict": changed("variance", 0.0)},
        ),
        *WRONG_SAMPLERS,
    ),
    notes="The limit is extrapolated under a declared bias model; with exponents (1/2, 1) the same "
    "means extrapolate near -E_0, so the data at N <= 200 do not by themselves tell the barrier "
    "from the ground state. What they do tell: the level at which the minima reached "
    "would turn marginal, u plus a third of the lowest eigenvalue, follows -E_inf + 2.97 N^(-2/3) to 1 % "
    "from N = 16 to 100 (pilot); the exponent is that of the edge of a spectrum. The mean itself has "
    "no such plain law at these N.",
)
