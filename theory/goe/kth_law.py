"""Laws of single eigenvalues: the k-th smallest of GOE(N), GUE(N) and GSE(N), and the limits at the edge.

Every second eigenvalue of GOE(2N + 1), the smallest left out, is distributed as the spectrum of GSE(N),
with weights exp(-y^2/2) and exp(-y^2) (Forrester and Rains 2001): the laws of beta = 4 are those of
beta = 1. Those of beta = 2 have a determinant of their own (`theory.goe.unitary`).
"""

from __future__ import annotations

import math
from functools import lru_cache

from theory.checks import bad, check_index, check_integer
from theory.goe.kth_density import FARTHEST
from theory.goe.laws.chebyshev_table import Table
from theory.goe.laws.ensembles import Edge, Finite
from theory.goe.laws.law import Law
from theory.goe.unitary.ensembles import Unitary, UnitaryEdge

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
    return _finite(Finite, n, check_index("k", k, n, FARTHEST), n)


def gue_law(n: int, k: int) -> Law:
    """The law of the (k+1)-th smallest eigenvalue of GUE(N), spectrum on [-sqrt 2, sqrt 2].

    Parameters
    ----------
    n
        Dimension, from 1 to 20000.
    k
        From 0 to n - 1, at most 64 from either end.

    Returns
    -------
    Law
        As `goe_law`, with the same accuracy. The joint density of the eigenvalues is proportional to
        exp(-N sum x^2) prod |x_i - x_j|^2: E |M_ij|^2 = 1/(2N).

    Raises
    ------
    InputError
        For n or k out of range.
    OutOfReach
        As from `goe_law`.

    References
    ----------
    Bornemann 2010, "On the numerical evaluation of distributions in random matrix theory".

    Examples
    --------
    >>> round(gue_law(1, 0).var(), 12)  # exp(-x^2)
    0.5
    >>> round(gue_law(100, 0).mean(), 9)
    -1.355781748
    """
    # guard (all): what is refused
    # tests/theory/goe/test_beta_two.py::test_bad_laws_are_named
    n = check_integer("n", n, 1, _SPINS)
    return _finite(Unitary, n, check_index("k", k, n, FARTHEST), n)


def gse_law(n: int, k: int) -> Law:
    """The law of the (k+1)-th smallest eigenvalue of GSE(N), spectrum on [-sqrt 2, sqrt 2].

    Parameters
    ----------
    n
        Number of eigenvalues, each of which a matrix of quaternions has twice, from 1 to 9999.
    k
        From 0 to n - 1, at most 31 from either end.

    Returns
    -------
    Law
        As `goe_law`, with the same accuracy. The joint density of the eigenvalues is proportional to
        exp(-2 N sum x^2) prod |x_i - x_j|^4.

    Raises
    ------
    InputError
        For n or k out of range.
    OutOfReach
        As from `goe_law`.

    References
    ----------
    Forrester and Rains 2001, "Inter-relationships between orthogonal, unitary and symplectic matrix
    ensembles".

    Examples
    --------
    >>> round(gse_law(1, 0).std(), 12)  # exp(-2 x^2)
    0.5
    >>> round(gse_law(100, 0).mean(), 9)
    -1.348197932
    """
    # guard (all): what is refused
    # tests/theory/goe/test_beta_four.py::test_bad_laws_are_named
    n = check_integer("n", n, 1, (_SPINS - 1) // 2)
    k = check_index("k", k, n, (FARTHEST - 1) // 2)
    return _finite(Finite, 2 * n + 1, 2 * k + 1, 2 * n)


@lru_cache(maxsize=64)
def _finite(ensemble: type[Finite] | type[Unitary], n: int, k: int, edge: int) -> Law:
    """Of an ensemble of n eigenvalues, in units in which y = sqrt(2 edge) is sqrt 2."""
    # The (k+1)-th smallest is minus the (k+1)-th largest, or the (n-k)-th largest.
    index = min(k, n - 1 - k)
    return Law(Table(ensemble(n, index)), (-1 if index == k else 1) / math.sqrt(edge))


def edge_law(k: int, beta: int = 1) -> Law:
    """The limit law of sqrt(2) N^(2/3) (lam - sqrt 2), lam the (k+1)-th largest eigenvalue.

    Parameters
    ----------
    k
        From 0 (Tracy-Widom) to 10; to 4 of beta = 4.
    beta
        1, of GOE(N), 2, of GUE(N), or 4, of GSE(N).

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
    Tracy and Widom 1994 and 1996; Dieng 2005 for k > 0; Forrester and Rains 2001 for beta = 4, whose scale is
    that of the stochastic Airy operator: 2^(-1/6) times that of Bornemann's F_4.

    Examples
    --------
    >>> float(edge_law(0).cdf(0.0).round(10))
    0.8319080662
    >>> round(edge_law(0, beta=2).mean(), 10), round(edge_law(0, beta=2).var(), 10)
    (-1.7710868074, 0.8131947928)
    >>> round(edge_law(0, beta=4).mean() * 2 ** (1 / 6), 9)  # Bornemann 2010: -2.306884893
    -2.306884893
    """
    # guard (all): what is refused
    # tests/theory/goe/test_fredholm.py::test_the_edge_has_eleven_laws
    if check_integer("beta", beta, 1, 4) == 3:
        raise bad("beta", beta, "1, 2 or 4")
    if beta == 2:
        return _unitary_edge(check_integer("k", k, 0, MOST_K))
    if beta == 1:
        return _edge(check_integer("k", k, 0, MOST_K), 1.0)
    return _edge(2 * check_integer("k", k, 0, (MOST_K - 1) // 2) + 1, 2.0 ** (-2 / 3))


@lru_cache(maxsize=64)
def _edge(k: int, scale: float) -> Law:
    return Law(Table(Edge(k)), scale)


@lru_cache(maxsize=64)
def _unitary_edge(k: int) -> Law:
    return Law(Table(UnitaryEdge(k)), 1.0)
