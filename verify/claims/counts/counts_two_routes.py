"""COUNTS: exact counts by index two ways, a Fredholm determinant in float64 and a Pfaffian in balls."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import flint

from theory import Ball, Mixture, mean_count, parse
from theory.arithmetic.ball import to_arb
from theory.finite_n.by_index_ball import mean_weights
from theory.finite_n.certified import certified_count
from theory.finite_n.integrand import KacRiceConstants
from verify.alternatives import proving
from verify.claim import Alternative, Cell, Claim, Params
from verify.evidence import Exact

Arb = flint.arb
Counted = Callable[[Mixture, int, int | None, str | None], Arb]

BITS = 200
DIGITS = 27
AGREE = 25  # digits of two certified routes
ERROR = 1e-9  # the most that float64 may state


def exact(model: Mixture, n: int, k: int | None, u: str | None) -> Arb:
    """The certified mean number."""
    return certified_count(model, n, k, u, DIGITS).arb()


def closed_form(p: int, n: int, k: int) -> Arb:
    """Two spins by Rice's formula, three with Morse: minima - saddles + maxima = 2."""
    root = Arb(3 * p - 2).sqrt()
    if n == 2:
        return root
    total = 2 * (1 + 4 * Arb(p - 1).sqrt() ** 3 / root)
    return (total - 2) / 2 if k == 1 else (total + 2) / 4


def _close(params: Params, quantity: str, said: Arb, found: Arb, error: Arb) -> Cell:
    """Within a relative error: True or False where the balls decide, else None."""
    off = abs(found / said - 1)
    holds = True if off <= error else False if off > error else None
    wanted, seen = (x.str(15, radius=False) for x in (said, found))
    margin = float(abs(said) * error)
    return Cell(params, quantity, wanted, seen, holds=holds, margin=margin)


def by_index(params: Params, counted: Counted) -> list[Cell]:
    """float64 within the error that it states, which is small; balls of the whole and of its parts."""
    model, n, u = parse(params["xi"]), params["N"], params.get("u")
    cells = []
    for k in (*map(int, params["indices"].split(",")), None):
        said = counted(model, n, k, u)
        found = mean_count(model, n, k, None if u is None else float(u))
        name = "total" if k is None else f"index {k}"
        error = Arb(found.relative_error)
        cells.append(_close(params, f"{name}, float64", said, Arb(found.log).exp(), error))
        small = found.relative_error < ERROR
        stated = found.relative_error
        cells.append(Cell(params, f"{name}, error", 0.0, stated, holds=small, margin=ERROR))
        half = 2 * found.relative_error * 10.0**found.digits  # in units of the last digit printed
        quantity = f"{name}, digits printed: as many as the error lets stand"
        cells.append(Cell(params, quantity, 0.55, half, holds=0.1 < half <= 1, margin=0.45))
    return cells


def summed(params: Params, counted: Counted) -> list[Cell]:
    """All indices together against the closed form of the total; alternating, Euler; N = 2 and 3."""
    model, n, u = parse(params["xi"]), params["N"], params.get("u")
    parts = [exact(model, n, k, u) for k in range(n)]
    unit = Arb(10) ** -AGREE
    total = sum(parts, Arb(0))
    cells = [_close(params, "sum over k", counted(model, n, None, u), total, unit)]
    if u is None:
        euler = sum((-x if k % 2 else x for k, x in enumerate(parts)), total)
        cells.append(_close(params, "twice the even indices", total + 2 * (n % 2), euler, unit))
        if model.is_pure and n < 4:
            cells += [
                _close(params, f"index {k}", closed_form(model.p, n, k), parts[k], unit)
                for k in range(n)
            ]
    return cells


def prove(params: Params, counted: Counted = exact) -> list[Cell]:
    """One point of the grid."""
    with flint.ctx.workprec(BITS):
        return by_index(params, counted) if "indices" in params else summed(params, counted)


def rigid(model: Mixture, n: int, k: int | None, u: str | None) -> Arb:
    """The radial derivative fixed by the energy, as in a pure model."""
    one = KacRiceConstants.of(model)
    pure_like = KacRiceConstants(
        one.slope**2 / (one.slope + one.curvature), one.slope, one.curvature
    )
    if model.is_pure or u is None:
        return exact(model, n, k, u)
    means = mean_weights(pure_like, n, Arb(u))
    return one.factor(n) * (sum(means, Arb(0)) if k is None else means[k])


def rescaled(model: Mixture, n: int, k: int | None, u: str | None) -> Arb:
    """A level in units of the eigenvalue, not of the energy."""
    if u is None:
        return exact(model, n, k, u)
    value = Arb(u) * to_arb(KacRiceConstants.of(model).mu_squared).sqrt()
    return certified_count(model, n, k, Ball.from_arb(value, 50), DIGITS).arb()


def half_diagonal(model: Mixture, n: int, k: int | None, u: str | None) -> Arb:
    """At N = 2 the Hessian is its diagonal: m4 = m2^2 + p (p-1), not m2^2 + 2 p (p-1)."""
    value = exact(model, n, k, u)
    if n != 2 or u is not None or not model.is_pure:
        return value
    p = model.p
    return value * (Arb(2 * p - 1) / (3 * p - 2)).sqrt()


def wrong(name: str, why: str, counted: Counted) -> Alternative:
    """Another count."""
    return proving(name, why, partial(prove, counted=counted))


A = "1/3 q^2 + 1/2 q^3 + 1/6 q^7"

CLAIM = Claim(
    id="COUNTS",
    title="Exact counts by index agree by two independent routes",
    rows=(),
    statement="The mean number of critical points of index k below a level: by the generating Fredholm "
    "determinant in float64 it lies within the stated error of the certified ball by de Bruijn's "
    "Pfaffian; the balls of all indices sum to the closed form of the total, pure and mixed, to 25 "
    "digits, alternate to the Euler characteristic, and are the closed forms at N = 2 and 3.",
    compares={
        "in float64 it lies within the stated error of the certified ball by de Bruijn's "
        "Pfaffian": "index 0, float64",
        "the balls of all indices sum to the closed form of the total, pure and mixed, to "
        "25 digits": "sum over k",
        "alternate to the Euler characteristic": "twice the even indices",
        "are the closed forms at N = 2 and 3": "index 1",
    },
    source="ABC Thm 2.1 and 2.2; de Bruijn 1955 (theory.goe.pfaffian_ball, theory.finite_n.by_index_ball); "
    "theory.goe.fredholm; theory.finite_n.total_ball; Rice's formula and Morse's identity",
    assumptions="none; the reduction to one eigenvalue is common to both routes, and is checked by the "
    "closed forms",
    evidence=Exact(
        (
            {"xi": "q^3", "N": 2},
            {"xi": "q^4", "N": 3},
            {"xi": "q^3", "N": 4, "u": "-0.75"},
            {"xi": A, "N": 4, "u": "-0.75"},
            {"xi": A, "N": 3, "u": "0.5"},
            {"xi": "q^3", "N": 2, "indices": "0, 1"},
            {"xi": "q^3", "N": 5, "indices": "0, 1", "u": "-0.25"},
            {"xi": "q^3", "N": 6, "indices": "5", "u": "-0.6"},  # where float64 does not do alone
            {"xi": A, "N": 4, "indices": "0", "u": "-0.75"},
            {"xi": A, "N": 3, "indices": "0, 1, 2", "u": "0.5"},
        ),
        prove,
    ),
    alternatives=(
        wrong(
            "maxima for minima",
            "index counted from the other end: H for -H",
            lambda m, n, k, u: exact(m, n, None if k is None else n - 1 - k, u),
        ),
        wrong(
            "k + 1 for k",
            "an index off by one",
            lambda m, n, k, u: exact(m, n, None if k is None else (k + 1) % n, u),
        ),
        wrong(
            "GOE(N - 1)",
            "the Hessian's own dimension: the determinant has added one eigenvalue",
            lambda m, n, k, u: exact(m, max(2, n - 1), k if k is None else min(k, n - 2), u),
        ),
        wrong(
            "half the diagonal variance",
            "a common sampler of GOE: off-diagonal and diagonal entries alike",
            half_diagonal,
        ),
        wrong("the level not rescaled", "u for u/mu: eigenvalue units", rescaled),
        wrong("r = xi'(1) u/xi(1)", "the radial derivative rigid in a mixture too", rigid),
        wrong("x and -x alike", "counted once", lambda m, n, k, u: exact(m, n, k, u) / 2),
    ),
)
