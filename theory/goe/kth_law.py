"""Laws of single eigenvalues: the k-th smallest of GOE(N), and the limits at the edge."""

from __future__ import annotations

import math
from functools import lru_cache

from theory.checks import check_index, check_integer
from theory.goe import kth_density, soft_edge, soft_edge_ball
from theory.goe.chebyshev_table import Real, Table, chebyshev_points
from theory.goe.edge_scale import beyond, decay, edge_width
from theory.goe.kth_density import FARTHEST, WIDTH
from theory.goe.law import Law

# guard (all): what is refused
# tests/theory/goe/test_fredholm.py::test_the_edge_has_eleven_laws
MOST_K = 10
_SPINS = 20_000


@lru_cache(maxsize=64)
def goe_law(n: int, k: int) -> Law:
    """The law of the (k+1)-th smallest eigenvalue of GOE(N), spectrum on [-sqrt 2, sqrt 2].

    Parameters
    ----------
    n
        Dimension, from 1 to 20000.
    k
        From 0 to n - 1, at most 64 from either end.

    Returns
    -------
    Law
        With the methods of a frozen law of scipy.stats: cdf, sf, logcdf, logsf, pdf, logpdf, ppf,
        isf, mean, var, std, median, moment, rvs. Absolute error of cdf below 1e-12, relative error
        below 1e-9 in both tails.

    Raises
    ------
    InputError
        For n or k out of range.
    OutOfReach
        From the law's methods, where 3300 bits do not give a tail its digits.

    References
    ----------
    De Bruijn 1955, Tracy and Widom 1998: see `theory.goe.fredholm`.

    Examples
    --------
    >>> float(goe_law(1, 0).cdf(1.0).round(12))  # Normal(0, 1)
    0.841344746069
    >>> law = goe_law(100, 1)
    >>> round(law.mean(), 9), float(law.ppf(0.5).round(9))
    (-1.302596958, -1.301724761)
    """
    # guard (all): what is refused
    # tests/theory/goe/test_fredholm.py::test_bad_laws_are_named
    n = check_integer("n", n, 1, _SPINS)
    k = check_index("k", k, n, FARTHEST)
    # The (k+1)-th smallest is minus the (k+1)-th largest, or the (n-k)-th largest.
    index = min(k, n - 1 - k)
    # same (all): panels of one width lie anywhere
    origin, width = math.sqrt(2 * n), WIDTH * edge_width(n)

    def density(number: int, balls: bool) -> tuple[Real, Real]:
        of = kth_density.log_density_balls if balls else kth_density.log_density
        return of(n, index, chebyshev_points(origin + number * width, width))

    # same (all): from any panel the walk ends at the same ones
    start = -1
    # same (all): from any panel the walk ends at the same ones
    while beyond(n, origin + start * width) < index + 0.5 and origin + (start - 1) * width > 0:
        # same (all): from any panel the walk ends at the same ones
        start -= 1
    table = Table(density, origin, width, start, lambda s: -decay(n, abs(s)))
    return Law(table, (-1 if index == k else 1) / math.sqrt(n))


@lru_cache(maxsize=64)
def edge_law(k: int) -> Law:
    """The limit law of sqrt(2) N^(2/3) (lam - sqrt 2), lam the (k+1)-th largest eigenvalue.

    Parameters
    ----------
    k
        From 0 (Tracy-Widom, beta = 1) to 10.

    Returns
    -------
    Law
        As `goe_law`, with the same accuracy.

    Raises
    ------
    InputError
        For k out of range.
    OutOfReach
        From the law's methods, where 3300 bits do not give a tail its digits.

    References
    ----------
    Tracy and Widom 1996; Dieng 2005 for k > 0.

    Examples
    --------
    >>> float(edge_law(0).cdf(0.0).round(10))
    0.8319080662
    """
    # guard (all): what is refused
    # tests/theory/goe/test_fredholm.py::test_the_edge_has_eleven_laws
    k = check_integer("k", k, 0, MOST_K)

    def density(number: int, balls: bool) -> tuple[Real, Real]:
        of = soft_edge_ball.log_density if balls else soft_edge.log_density
        return of(k, chebyshev_points(number * WIDTH, WIDTH))

    # (2/3 pi) |s|^(3/2) eigenvalues lie beyond s.
    # same (all): from any panel the walk ends at the same ones
    mode = (1.5 * math.pi * (k + 0.5)) ** (2 / 3)
    # same (all): from any panel the walk ends at the same ones
    start = -1 - int(mode / WIDTH)

    def bound(s: float) -> float:
        # Ai/2 is the slower part of the density of eigenvalues; -|s|^3/24 pushes all of them in.
        reach = abs(s) ** 1.5
        return -2 / 3 * reach if s > 0 else 2 * k * reach - reach**2 / 24

    return Law(Table(density, 0.0, WIDTH, start, bound), 1.0)
