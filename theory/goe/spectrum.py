"""Exact laws of GOE(N): the one-point density at finite N, and its limit.

GOE(N) has E M_ij^2 = (1 + delta_ij)/(2N), density proportional to exp(-(N/2) tr M^2), spectrum near
[-sqrt 2, sqrt 2]. In y = sqrt(N) x the weight is exp(-y^2/2) an eigenvalue, and with the orthonormal
Hermite functions phi_j (Mehta, Random Matrices, ch. 7)

    R(y) = sum_{j<N} phi_j(y)^2 + sqrt(N/2) phi_{N-1}(y) [J_N - T_N(y)] + [N odd] phi_{N-1}(y)/(2 J_{N-1}),

T_j(y) = int_y^inf phi_j, J_j = (1/2) int phi_j. All is computed for y >= 0 (R is even) by recurrences
scaled by powers of two, so that the far tail keeps its relative accuracy.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import erfcx

from theory.checks import check_integer
from theory.goe.hermite import half_integrals

Real = NDArray[np.float64]

# same (all): how often the recurrence is rescaled
_RESCALE_EVERY = 16
_LOG2 = math.log(2)


def log_intensity(n: int, y: ArrayLike) -> Real:
    """log R(y), R the density of eigenvalues in y = sqrt(N) x, with integral N.

    Parameters
    ----------
    n
        Dimension N >= 1.
    y
        Points, any shape.

    Returns
    -------
    ndarray
        Absolute error about 1e-15 N; no underflow however far the tail. Time O(N) a point.

    Examples
    --------
    >>> float(log_intensity(1, 0.0).round(6))  # N(0, 1)
    -0.918939
    """
    points = np.abs(np.asarray(y, dtype=float))
    flat = points.ravel()
    # phi_j = exp(-y^2/2) 2^scale h_j, T_j = exp(-y^2/2) 2^scale tail_j.
    scale = np.zeros_like(flat)
    before, h = np.zeros_like(flat), np.full_like(flat, math.pi**-0.25)
    square = np.zeros_like(flat)
    tails = [math.pi**-0.25 * math.sqrt(math.pi / 2) * erfcx(flat / math.sqrt(2)), math.sqrt(2) * h]
    for j in range(n):
        square += h * h
        if j >= 1:  # T_{j+1} = sqrt(2/(j+1)) phi_j + sqrt(j/(j+1)) T_{j-1}
            tails = [tails[1], math.sqrt(2 / (j + 1)) * h + math.sqrt(j / (j + 1)) * tails[0]]
        before, h = h, math.sqrt(2 / (j + 1)) * flat * h - math.sqrt(j / (j + 1)) * before
        # same (all): how often the recurrence is rescaled
        if j % _RESCALE_EVERY == _RESCALE_EVERY - 1:
            power = np.frexp(np.maximum(np.abs(h), np.abs(before)))[1]
            scale += power
            before, h = np.ldexp(before, -power), np.ldexp(h, -power)
            tails = [np.ldexp(tail, -power) for tail in tails]
            square = np.ldexp(square, -2 * power)
    # Now before = h_{n-1}, and tails = [T_{n-1}, T_n].
    last, half = half_integrals(n)
    constant = math.sqrt(n / 2) * half + (1 / (2 * last) if n % 2 else 0.0)
    log_phi = -flat * flat / 2 + scale * _LOG2
    inner = square - math.sqrt(n / 2) * before * tails[1]
    total = inner * np.exp(log_phi) + constant * before  # exp(log_phi) h is bounded
    return np.asarray((log_phi + np.log(total)).reshape(points.shape))


def log_density(n: int, x: ArrayLike) -> Real:
    """Log of `density`, accurate relative to the density however far the tail.

    Examples
    --------
    >>> float(log_density(1000, 5.0).round(3))
    -10060.84
    """
    # guard (all): what is refused
    # tests/theory/goe/test_spectrum.py::test_bad_dimension_is_named
    n = check_integer("n", n, 1)
    root = math.sqrt(n)
    return np.asarray(log_intensity(n, root * np.asarray(x, dtype=float)) - math.log(n) / 2)


def density(n: int, x: ArrayLike) -> Real:
    """Mean density of eigenvalues of GOE(N), normalised to 1.

    Parameters
    ----------
    n
        Dimension N >= 1.
    x
        Points, any shape.

    Returns
    -------
    ndarray
        Relative error about 1e-15 N.

    References
    ----------
    Mehta, Random Matrices, 3rd ed., ch. 7.

    Examples
    --------
    >>> float(density(1, 0.0).round(12))
    0.398942280401
    """
    return np.asarray(np.exp(log_density(n, x)))


# same (all): converged with fewer nodes
_NODES, _WEIGHTS = np.polynomial.legendre.leggauss(14)


# guard (all): where panels lie, and so the error stated
# tests/theory/goe/test_spectrum.py::test_cdf_integrates_the_density
def cdf(n: int, x: ArrayLike) -> Real:
    """Mean fraction of eigenvalues of GOE(N) that are <= x.

    Parameters
    ----------
    n
        Dimension N >= 1.
    x
        Points, any shape.

    Returns
    -------
    ndarray
        Absolute error below 1e-12 (Gauss-Legendre on panels of one oscillation of the density).

    Examples
    --------
    >>> cdf(3, [-9.0, 0.0, 9.0]).round(12).tolist()
    [0.0, 0.5, 1.0]
    """
    n = check_integer("n", n, 1)
    points = np.asarray(x, dtype=float)
    y = np.abs(points.ravel()) * math.sqrt(n)
    width = min(0.5, math.pi / math.sqrt(2 * n))
    edges = np.arange(0.0, math.sqrt(2 * n) + 12 + width, width)
    panels = _integrals(n, edges[:-1], np.full(len(edges) - 1, width))
    # Mass between 0 and each edge, then from the nearest edge on to the point.
    mass = np.concatenate([[0.0], np.cumsum(panels)])
    start = np.minimum((y / width).astype(int), len(edges) - 1)
    rest = np.where(start < len(edges) - 1, y - edges[start], 0.0)
    half = mass[start] + _integrals(n, edges[start], rest)
    values = 0.5 + np.sign(points.ravel()) * half / n
    return np.asarray(np.clip(values, 0.0, 1.0).reshape(points.shape))


# guard (all): where panels lie, and so the error stated
# tests/theory/goe/test_spectrum.py::test_cdf_integrates_the_density
def _integrals(n: int, start: Real, width: Real) -> Real:
    """Integrals of R over the intervals [start, start + width]."""
    y = start[:, None] + width[:, None] * (_NODES + 1) / 2
    return np.asarray(np.exp(log_intensity(n, y)) @ _WEIGHTS * width / 2)


def semicircle_density(x: ArrayLike) -> Real:
    """Wigner's limit of `density`: sqrt(2 - x^2)/pi on [-sqrt 2, sqrt 2].

    Examples
    --------
    >>> float(semicircle_density(0.0).round(6))
    0.450158
    """
    points = np.asarray(x, dtype=float)
    return np.asarray(np.sqrt(np.maximum(0.0, 2 - points**2)) / math.pi)


def semicircle_cdf(x: ArrayLike) -> Real:
    """Wigner's limit of `cdf`.

    Examples
    --------
    >>> semicircle_cdf([-2.0, 0.0, 2.0]).tolist()
    [0.0, 0.5, 1.0]
    """
    points = np.clip(np.asarray(x, dtype=float), -math.sqrt(2), math.sqrt(2))
    arc = points * np.sqrt(np.maximum(0.0, 2 - points**2)) / 2 + np.arcsin(points / math.sqrt(2))
    return np.asarray(0.5 + arc / math.pi)
