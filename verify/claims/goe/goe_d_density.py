"""GOE-D: densities of single eigenvalues of GOE(N), in float64 and in balls."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache, partial

import flint
import numpy as np

from theory.goe.kth_density import log_density, log_density_balls
from theory.goe.pfaffian_ball import distribution
from verify.alternatives import proving
from verify.claim import Alternative, Cell, Claim, Params
from verify.claims.goe._log_densities import log_density_cells
from verify.evidence import Exact

BITS, STEP = 900, 2.0**-200  # of the difference that gives the density
# N, k and the points where the (k+1)-th largest eigenvalue is asked for, in y.
FLOATS = (
    (1, 0, (-0.4, 0.7)),
    (2, 1, (-0.9, -0.3, 0.2)),
    (3, 0, (1.0, 2.5)),
    (4, 2, (-1.4, -0.4)),
    (7, 3, (-0.2, 0.4)),
    (12, 5, (-0.2, 1.0)),
    (16, 1, (4.5, 5.0)),
)
BALLS = (
    (1, 0, (0.7, 9.0)),
    (2, 1, (-0.9, 4.0)),
    (6, 1, (0.5, 12.0)),
    (7, 2, (-3.0, 8.0)),
    (9, 0, (1.5, 12.0)),
    (12, 11, (0.5, 1.0)),
)
MARGINS = {"float64": 1e-11, "balls": 1e-13}  # relative
ROUTES = {"float64": log_density, "balls": log_density_balls}

Density = Callable[[int, int, float], flint.arb]


@cache
def density(n: int, k: int, s: float) -> flint.arb:
    """The derivative of de Bruijn's Pfaffian for the (k+1)-th smallest at -s, by a difference."""
    with flint.ctx.workprec(BITS):
        right, left = (distribution(n, (flint.arb(-s) + step).mid())[k] for step in (STEP, -STEP))
        return ((right - left) / (2 * STEP)).mid()


def larger(factor: float, n: int, k: int, s: float) -> flint.arb:
    """The density times a factor."""
    return factor * density(n, k, s)


def neighbour(n: int, k: int, s: float) -> flint.arb:
    """That of the next eigenvalue; of the one there is, twice."""
    return density(n, k - 1, s) if k else density(n, 1, s) if n > 1 else 2 * density(n, 0, s)


def mirrored(n: int, k: int, s: float) -> flint.arb:
    """The (k+1)-th smallest; where that is the same, a millionth more."""
    other = n - 1 - k
    return density(n, other, s) if other != k else density(n, k, s) * (1 + 1e-6)


def stretched(factor: Callable[[int], float], n: int, k: int, s: float) -> flint.arb:
    """The same law on a scale shorter by a factor of N."""
    return density(n, k, s * factor(n)) * factor(n)


def prove(params: Params, second: Density = density) -> list[Cell]:
    """Log densities at some points, all asked for at once, and the errors stated."""
    n, k, route, points = (params[name] for name in ("N", "k", "route", "s"))
    logs, errors = ROUTES[route](n, k, np.array(points))
    return [
        cell
        for s, found, stated in zip(points, logs, errors, strict=True)
        for cell in log_density_cells(
            {**params, "s": s}, second(n, k, s), float(found), float(stated), MARGINS[route]
        )
    ]


def wrong(name: str, why: str, second: Density) -> Alternative:
    """Another density."""
    return proving(name, why, partial(prove, second=second))


CLAIM = Claim(
    id="GOE-D",
    title="The densities of single eigenvalues of GOE(N), in float64 and in balls",
    rows=(),
    statement="The densities of single eigenvalues of GOE(N), by a Fredholm determinant of the Hermite "
    "kernel in float64 and again in balls where float64 has no digits, are the derivatives of de "
    "Bruijn's Pfaffians within the error that is stated: under 1e-11 and 1e-13 of the density, however "
    "small it is.",
    compares={
        "are the derivatives of de Bruijn's Pfaffians within the error that is stated": (
            "log density"
        ),
        "under 1e-11 and 1e-13 of the density, however small it is": "stated error",
    },
    source="Forrester and Rains 2001; de Bruijn 1955; as for GOE-X",
    assumptions="none; the points of the table",
    evidence=Exact(
        grid=(
            *({"N": n, "k": k, "route": "float64", "s": points} for n, k, points in FLOATS),
            *({"N": n, "k": k, "route": "balls", "s": points} for n, k, points in BALLS),
        ),
        prove=prove,
    ),
    alternatives=(
        wrong("the next eigenvalue", "k off by one", neighbour),
        wrong("largest for smallest", "the order reversed", mirrored),
        wrong("a density 1e-10 larger", "a factor near 1", partial(larger, 1 + 1e-10)),
        wrong(
            "N + 1 for N in the scale",
            "a normalisation off by 1/N",
            partial(stretched, lambda n: ((n + 1) / n) ** 0.5),
        ),
        wrong("a scale 1e-6 shorter", "a factor near 1", partial(stretched, lambda n: 1 + 1e-6)),
    ),
)
