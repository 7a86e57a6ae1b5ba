"""Laws of single eigenvalues: the k-th smallest of GOE(N), and the limits at the edge."""

from __future__ import annotations

import math
from functools import lru_cache

from theory.checks import check_index, check_integer
from theory.goe.kth_density import FARTHEST
from theory.goe.laws.chebyshev_table import Table
from theory.goe.laws.ensembles import Edge, Finite
from theory.goe.laws.law import Law

# guard (all): what is refused
# tests/theory/goe/test_fredholm.py::test_the_edge_has_eleven_laws
MOST_K = 10
_SPINS = 20_000


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
        isf, ilogcdf, ilogccdf, interval, mean, var, std, stats, median, moment, expect, entropy,
        support, rvs. Absolute error of cdf below 1e-12, relative error below 1e-9 in both tails.

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
    return _finite(n, check_index("k", k, n, FARTHEST))


@lru_cache(maxsize=64)
def _finite(n: int, k: int) -> Law:
    # The (k+1)-th smallest is minus the (k+1)-th largest, or the (n-k)-th largest.
    index = min(k, n - 1 - k)
    return Law(Table(Finite(n, index)), (-1 if index == k else 1) / math.sqrt(n))


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
    return _edge(check_integer("k", k, 0, MOST_K))


@lru_cache(maxsize=64)
def _edge(k: int) -> Law:
    return Law(Table(Edge(k)), 1.0)
