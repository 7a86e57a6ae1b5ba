"""GOE-X: laws of single eigenvalues of a few, by every method, against de Bruijn's Pfaffian."""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import cache, partial

import flint
import numpy as np

from theory.goe.kth_law import goe_law
from theory.goe.pfaffian_ball import distribution
from verify.alternatives import proving
from verify.claim import Alternative, Axes, Cell, Claim, Params, Series
from verify.evidence import Exact, decided, exact_cell

BITS = 500
STEP = "1e-40"  # of the difference that gives the density
RELATIVE, ABSOLUTE = 1e-9, 1e-12
# Body and tails: N = 6 at -0.7 and N = 3 at 2.2 lie where float64 does not do.
GRID: tuple[tuple[int, int, tuple[float, ...]], ...] = (
    (1, 0, (-6.0, -0.7, 0.4, 6.0)),
    (2, 0, (-3.0, -0.9, -0.2, 1.5)),
    (2, 1, (-1.5, 0.2, 0.9, 3.0)),
    (3, 1, (-1.0, -0.1, 0.3, 2.2)),
    (5, 1, (-1.4, -0.8, -0.3)),
    (6, 4, (-0.7, 0.3, 0.8, 1.4)),
    (3, 0, (-3.6, -1.2, -0.4, 1.3)),
)
METHODS = ("cdf", "sf", "pdf", "ppf", "isf")
Values = tuple[float, ...]  # of the methods, at a point
Second = Callable[[int, int, float], Values]


@cache
def exact(n: int, k: int, x: float) -> Values:
    """P(X <= x), P(X > x), the density; and x twice, for the quantiles."""
    with flint.ctx.workprec(BITS):
        scale, step = flint.arb(n).sqrt(), flint.arb(STEP)
        at = [
            distribution(n, (scale * (flint.arb(x) + shift)).mid())[k] for shift in (0, step, -step)
        ]
        slope = (at[1] - at[2]) / (2 * step)
        return float(at[0]), float(1 - at[0]), float(slope), x, x


def found(n: int, k: int, x: float) -> Values:
    """The methods of the law; quantiles of the exact levels, each where it has digits."""
    law, (below, above, *_) = goe_law(n, k), exact(n, k, x)
    quantile = float(law.ppf(below)) if below < 0.9 else x
    inverse = float(law.isf(above)) if above < 0.9 else x
    return float(law.cdf(x)), float(law.sf(x)), float(law.pdf(x)), quantile, inverse


def prove(params: Params, second: Second = exact) -> list[Cell]:
    """Every method at some points; the logs; moments where they have a closed form."""
    n, k = params["N"], params["k"]
    cells = []
    for x in next(points for m, j, points in GRID if (m, j) == (n, k)):
        where = {**params, "x": x}
        for name, value, wanted in zip(METHODS, found(n, k, x), second(n, k, x), strict=True):
            most = math.inf if name == "pdf" else ABSOLUTE * (1 + abs(x))
            cells.append(exact_cell(where, name, wanted, value, min(RELATIVE * abs(wanted), most)))
        if second is exact:
            law, values = goe_law(n, k), exact(n, k, x)[:3]
            logs = float(law.logcdf(x)), float(law.logsf(x)), float(law.logpdf(x))
            gaps = [abs(log - math.log(v)) for log, v in zip(logs, values, strict=True)]
            cells.append(exact_cell(where, "logs: largest error", 0.0, max(gaps), RELATIVE))
    return cells + (moments(params) if second is exact and n <= 2 else [])


def moments(params: Params) -> list[Cell]:
    """N = 1: Normal(0, 1). N = 2: m -+ g, m Normal(0, 1/4) and g Rayleigh of mean sqrt(pi/8)."""
    n, k = params["N"], params["k"]
    law = goe_law(n, k)
    mean = (2 * k - 1) * math.sqrt(math.pi / 8) if n == 2 else 0.0
    square = 0.75 if n == 2 else 1.0
    cube, uniform = third_moment(n, k), np.random.default_rng(3).random(9)
    pairs = {
        "mass": (law.moment(0), 1.0),
        "mean": (law.mean(), mean),
        "variance": (law.var(), square - mean**2),
        "standard deviation": (law.std(), math.sqrt(square - mean**2)),
        "third moment about 1": (law.moment(3, 1.0) + 3 * square - 3 * mean + 1, cube),
        "cdf of the median": (float(law.cdf(law.median())), 0.5),
        "draws": (float(np.abs(law.cdf(law.rvs((9,), 3)) - uniform).max()), 0.0),
    }
    cells = [
        exact_cell(params, name, wanted, value, ABSOLUTE) for name, (value, wanted) in pairs.items()
    ]
    ends = [-math.inf, math.inf]
    seen = [law.cdf(ends), law.sf(ends), law.logcdf(ends), law.ppf([0, 1]), law.isf([0, 1])]
    holds = [list(one) for one in seen] == [[0, 1], [1, 0], [-math.inf, 0], ends, ends[::-1]]
    quantity = "cdf, sf, logcdf, ppf, isf at the ends"
    return [*cells, decided(params, quantity, "as they must be", holds, holds)]


def third_moment(n: int, k: int) -> float:
    """N = 2: E (m -+ g)^3 = -+ (E g^3 + 3 E m^2 E g), E g^3 = 3 sqrt(2 pi)/16."""
    if n == 1:
        return 0.0
    cube = 3 * math.sqrt(2 * math.pi) / 16 + 0.75 * math.sqrt(math.pi / 8)
    return (2 * k - 1) * cube


def other_index(n: int, k: int, x: float) -> Values:
    """The neighbour's, where there is one."""
    return exact(n, k, x) if n == 1 else (*exact(n, k - 1 if k else 1, x)[:3], x, x)


def scaled(factor: Callable[[int], float], n: int, k: int, x: float) -> Values:
    """The law of a factor of N times the matrix."""
    by = factor(n)
    below, above, density, *_ = exact(n, k, x / by)
    return below, above, density / by, x, x


def mirrored(n: int, k: int, x: float) -> Values:
    """The (k+1)-th largest."""
    below, above, density, *_ = exact(n, n - 1 - k, x)
    return below, above, density, x, x


def series() -> list[Series]:
    """Relative error of both tails."""
    drawn = []
    for n, k, points in GRID[1:4]:
        for at, name in enumerate(("P(X <= x)", "P(X > x)")):
            axes = Axes(f"{name}, GOE(N)", "x", "|relative error|, 0 at 1e-17", "linear", "log")
            pairs = [(found(n, k, x)[at], exact(n, k, x)[at]) for x in points]
            errors = [max(abs(one / two - 1), 1e-17) for one, two in pairs]
            drawn.append(axes.points(f"N = {n}, k = {k}", points, errors))
    return drawn


def rounded(n: int, k: int, x: float) -> Values:
    """The upper tail as 1 - cdf, in float64."""
    below, _, *others = exact(n, k, x)
    return below, 1 - below, *others


def wrong(name: str, why: str, second: Second) -> Alternative:
    """Another law."""
    return proving(name, why, partial(prove, second=second))


CLAIM = Claim(
    id="GOE-X",
    title="Laws of single eigenvalues, both tails and every method, against de Bruijn's Pfaffian",
    rows=(),
    statement="cdf, sf and pdf of the (k+1)-th smallest eigenvalue of GOE(N) (a Fredholm Pfaffian by "
    "quadrature, tabulated) have the values of the N x N Pfaffian in ball arithmetic, to 1e-9 relative "
    "in both tails and 1e-12 absolute; quantiles invert it; moments are those in closed form.",
    compares={
        "cdf, sf and pdf of the (k+1)-th smallest eigenvalue of GOE(N)": "pdf",
        "to 1e-9 relative in both tails": "sf",
        "1e-12 absolute": "cdf",
        "quantiles invert it": "ppf",
        "moments are those in closed form": "variance",
    },
    source="de Bruijn 1955; Tracy and Widom 1998",
    assumptions="none; N up to 6 here, every N in GOE-K",
    evidence=Exact(tuple({"N": n, "k": k} for n, k, _ in GRID), prove, series),
    alternatives=(
        wrong("the neighbour in the order", "k off by one", other_index),
        wrong("largest for smallest", "the order reversed", mirrored),
        wrong(
            "N + 1 for N in the scale",
            "off by one",
            partial(scaled, lambda n: math.sqrt(1 + 1 / n)),
        ),
        wrong("spectrum 1e-8 wider", "near 1", partial(scaled, lambda n: 1 + 1e-8)),
        wrong("the tail's complement rounded", "1 - cdf for sf in float64", rounded),
    ),
)
