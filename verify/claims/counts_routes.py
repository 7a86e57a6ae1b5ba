"""COUNTS: mean numbers by index, from a Fredholm determinant in float64 and from Pfaffians in balls."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache, partial
from math import exp

import flint

from theory import Mixture, mean_count, mixture, pure
from verify.claim import Alternative, Axes, Cell, Claim, Params, Proof, Series

MODELS = {
    "q^2": pure(2),
    "q^3": pure(3),
    "q^7": pure(7),
    "0.5 q^3 + 0.5 q^4": mixture({3: 0.5, 4: 0.5}),
}
# Sizes with both parities, indices from both ends and the middle, levels in the body and both tails:
# at N = 6 the number of index 5 below -1.6 is 6e-30.
GRID: tuple[tuple[str, int, tuple[int, ...], tuple[str | None, ...]], ...] = (
    ("q^2", 5, (0, 2), (None, "-0.9")),
    ("q^3", 2, (0, 1), (None, "-1.5", "0.3")),
    ("q^3", 3, (0, 1, 2), (None, "-1.7")),
    ("q^3", 6, (0, 3, 5), (None, "-1.6", "1.1")),
    ("q^3", 9, (0, 1, 4), ("-1.9", "-1.3")),
    ("q^7", 5, (0, 2), (None, "-1.6")),
    ("0.5 q^3 + 0.5 q^4", 4, (0, 1, 3), (None, "-1.7")),
    ("0.5 q^3 + 0.5 q^4", 7, (0, 2), ("-1.6",)),
)
RELATIVE = 1e-9  # what float64 promises
DIGITS = 14
EXACT = 30  # digits of the closed forms
LARGEST_CLOSED = 6
Second = Callable[[Mixture, int, int, str | None], float]


@cache
def certified(model: Mixture, n: int, k: int, below: str | None) -> float:
    """By de Bruijn's Pfaffian, in balls."""
    return float(mean_count(model, n, k, below=below, digits=DIGITS).value)


def floating(model: Mixture, n: int, k: int, below: str | None) -> float:
    """By the determinant, in float64."""
    return exp(mean_count(model, n, k, below=None if below is None else float(below)).log)


def prove(params: Params, second: Second = certified) -> list[Cell]:
    """Both routes at every index and level; what balls alone say, to 25 digits and more."""
    model, n = MODELS[params["model"]], params["N"]
    cells = []
    for name, m, indices, levels in GRID:
        if (name, m) != (params["model"], n):
            continue
        for below in levels:
            for k in indices:
                here = floating(model, n, k, below)
                there = second(model, n, k, below)
                where = {**params, "k": k, "below": below or "all"}
                close = abs(here - there) <= RELATIVE * abs(there)
                cells.append(Cell(where, "E Crt_{N,k}", there, here, holds=close))
    return cells + (closed(params) if second is certified and n <= LARGEST_CLOSED else [])


def closed(params: Params) -> list[Cell]:
    """Morse's identity in balls; N = 2, N = 3 and p = 2 in closed form."""
    model, n = MODELS[params["model"]], params["N"]
    with flint.ctx.workprec(200):
        balls = [mean_count(model, n, k, digits=EXACT).arb() for k in range(n)]
        total = mean_count(model, n, digits=EXACT).arb()
        pairs = {
            "sum over k of E Crt_{N,k}; E Crt_N": (sum(balls), total),
            "sum over k of (-1)^k E Crt_{N,k}; Euler characteristic": (
                sum((-1) ** k * one for k, one in enumerate(balls)),
                flint.arb(1 + (-1) ** (n - 1)),
            ),
        }
        if len(model.terms) == 1:
            [(p, _)] = model.terms
            root = flint.arb(3 * p - 2).sqrt()
            if n == 2:  # real eigenvalues of random symmetric tensors, twice
                pairs["N = 2"] = (total, 2 * root)
            if n == 3:
                pairs["N = 3"] = (total, 2 + 8 * flint.arb(p - 1).sqrt() ** 3 / root)
            if p == 2:
                pairs |= {f"index {k} of p = 2": (one, flint.arb(2)) for k, one in enumerate(balls)}
        return [
            Cell(
                params,
                f"{name}, {EXACT} digits",
                wanted.str(EXACT, radius=False),
                value.str(EXACT, radius=False),
                holds=bool(abs(value - wanted) <= (1 + abs(wanted)) * flint.arb(10) ** (3 - EXACT)),
            )
            for name, (value, wanted) in pairs.items()
        ]


def next_index(model: Mixture, n: int, k: int, below: str | None) -> float:
    """Of index k + 1, or of k - 1 for the last."""
    return certified(model, n, k + 1 if k + 1 < n else k - 1, below)


def mirrored(model: Mixture, n: int, k: int, below: str | None) -> float:
    """Of maxima for minima."""
    return certified(model, n, n - 1 - k, below)


def one_spin_less(model: Mixture, n: int, k: int, below: str | None) -> float:
    """Of N - 1 spins: the Hessian of a sphere taken for that of the space around it."""
    return certified(model, max(2, n - 1), min(k, max(2, n - 1) - 1), below)


def level_times(
    factor: Callable[[int], float], model: Mixture, n: int, k: int, below: str | None
) -> float:
    """With levels in another unit."""
    return certified(model, n, k, None if below is None else repr(float(below) * factor(n)))


def series() -> list[Series]:
    """Numbers by index and the relative difference of the routes."""
    name, n = "q^3", 9
    numbers = Axes(f"{name}, N = {n}", "index k", "mean number of critical points", yscale="log")
    drawn = []
    for below in ("-1.9", "-1.6", "-1.3"):
        k = list(range(6))
        exact = [certified(MODELS[name], n, j, below) for j in k]
        found = [floating(MODELS[name], n, j, below) for j in k]
        drawn += [
            Series(numbers, f"balls, H/N <= {below}", [*map(float, k)], exact),
            Series(numbers, f"float64, H/N <= {below}", [*map(float, k)], found, (), "points"),
        ]
    return drawn


def wrong(name: str, why: str, second: Second) -> Alternative:
    """Another second route."""
    return Alternative(name, why, {"prove": partial(prove, second=second)})


CLAIM = Claim(
    id="COUNTS",
    title="Mean numbers by index: two routes that share no step, and closed forms",
    rows=("T3", "T4"),
    statement="E Crt_{N,k}(u) at finite N from the law of the k-th eigenvalue by a Fredholm determinant "
    "(float64) and from de Bruijn's Pfaffian of N x N moments (balls) agree to 1e-9, for pure models and "
    "a mixture, in the body and down to 6e-30. In balls they add up to the closed form of E Crt_N, "
    "their alternating sum is the Euler characteristic of the sphere, and N = 2, N = 3 and p = 2 are "
    "those of random tensors: sqrt(3p-2), 1 + 4 (p-1)^(3/2)/sqrt(3p-2), two of each index.",
    source="ABC, Thms 2.1 and 2.2; de Bruijn 1955; Morse; CaSt for the numbers of tensors",
    assumptions="Gaussian couplings; mean numbers",
    evidence=Proof(
        grid=tuple({"model": name, "N": n} for name, n, *_ in GRID), prove=prove, series=series
    ),
    alternatives=(
        wrong("the next index", "k counted from 1", next_index),
        wrong("mirrored", "maxima for minima", mirrored),
        wrong("one spin less", "N - 1 for N", one_spin_less),
        wrong(
            "levels in units of N - 1",
            "H/(N-1) for H/N",
            partial(level_times, lambda n: (n - 1) / n),
        ),
        wrong(
            "levels one in 10^8 off",
            "what the comparison resolves",
            partial(level_times, lambda n: 1 + 1e-8),
        ),
    ),
)
