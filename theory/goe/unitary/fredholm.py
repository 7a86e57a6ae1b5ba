r"""How many eigenvalues of GUE(N) lie beyond a point: a product of independent coins, in float64.

In y = sqrt(N) x the weight is exp(-y^2) an eigenvalue and K = sum_{j<N} phi_j phi_j the kernel. With kappa_i
and psi_i its eigenvalues and eigenfunctions on J = (s, inf),

    E[w^#J] = det(1 - (1 - w) K) = prod_i (1 - kappa_i + kappa_i w),

and the (k+1)-th largest eigenvalue has at s the density [w^k] p, d/ds E = (1 - w) p:

    p(w) = sum_i a_i prod_{j != i} (1 - kappa_j + kappa_j w),   a_i = kappa_i psi_i(s)^2

(Tracy and Widom 1994, Bornemann 2010). All terms are positive, so nothing cancels. With K = A A', A
from the space of the phi_j to the nodes of a quadrature, kappa_i are squares of the singular values of A, and
a_i those of the components of the phi_j(s) along its right singular vectors: kappa_i is known down to 1e-32,
which eigenvalues of K are not. The soft edge is the same with A(x, t) = Ai(x + t), t > 0.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray
from scipy.special import airy

from theory.goe.edge_scale import beyond, end_of_kernel
from theory.goe.hermite import functions
from theory.goe.kth_density import first_row

Real = NDArray[np.float64]

_EPS = 2.0**-52
_DROP = 84.0  # exp(-84) = 3e-37: where the quadrature of K ends
_AIRY = 32.0  # what SciPy's Ai has lost more than a recurrence: against balls, 3 times less
_NODES, _WEIGHTS = np.polynomial.legendre.leggauss(120)


def _products(less: Real, more: Real, a: Real, rest: Real, k: int) -> Real:
    """Log of [w^k] of sum_i a_i prod_{j != i} (less_j + more_j w) + rest prod_j (...); -inf if it is 0.

    ``less``, ``more`` and ``a`` are (S, r), ``rest`` (S,).
    """
    none = np.zeros((len(less), k + 1))
    whole, one_out = none.copy(), none.copy()
    whole[:, 0] = 1.0
    log = np.zeros(len(less))
    for i in range(less.shape[1]):
        before = whole
        down, up = less[:, i, None], more[:, i, None]
        whole, one_out = (
            down * one + up * np.concatenate([none[:, :1], one[:, :-1]], axis=1)
            for one in (whole, one_out)
        )
        one_out = one_out + a[:, i, None] * before
        top = np.maximum(whole.max(axis=1), one_out.max(axis=1))
        top = np.where(top > 0, top, 1.0)
        whole, one_out, log = whole / top[:, None], one_out / top[:, None], log + np.log(top)
    with np.errstate(divide="ignore"):
        return np.asarray(np.log(one_out[:, k] + rest * whole[:, k]) + log)


def coefficients(values: Real, at: Real, k: int, unit: float) -> tuple[Real, Real]:
    """log of the coefficient of w^k of p, the density of the (k+1)-th largest eigenvalue at s.

    Parameters
    ----------
    values
        A: at the m nodes of a quadrature, times the roots of its weights, (S, m, r).
    at
        The same at s, without a weight, (S, r).
    k
        Index of the eigenvalue from above, from 0.
    unit
        Relative error of A.

    Returns
    -------
    log, error : ndarray, (S,)
        Relative error: what p would be more if every kappa, 1 - kappa and a_i were more by the error it
        may have. Infinite where float64 has nothing to say.
    """
    _, sigma, right = np.linalg.svd(values, full_matrices=False)
    top = sigma[:, :1]
    kappa = np.minimum(sigma**2, 1.0)
    share = (right @ at[:, :, None])[:, :, 0]
    whole = (at**2).sum(axis=1)
    rest = np.maximum(whole - (share**2).sum(axis=1), 0.0)
    found = _products(1 - kappa, kappa, share**2, np.zeros_like(rest), k)
    moved = unit * top
    # A direction turns by the error over its distance from the next, about sigma where they fall.
    turned = np.minimum(unit * top / np.maximum(sigma, 1e-300), 1.0) * np.sqrt(whole)[:, None]
    more = _products(
        1 - kappa + unit * top**2,
        (sigma + moved) ** 2,
        (np.abs(share) + np.minimum(turned, np.abs(share) + unit * top)) ** 2,
        rest + unit * whole,
        k,
    )
    with np.errstate(all="ignore"):
        error = np.expm1(more - found) + unit
    good = np.isfinite(found) & np.isfinite(error)
    return np.where(good, found, 0.0), np.where(good, error, np.inf)


def _end(s: float) -> float:
    """Where (4/3) x^(3/2) exceeds that of s (or of 0) by 84."""
    return float((max(s, 0.0) ** 1.5 + 0.75 * _DROP) ** (2 / 3))


def edge_log_density(k: int, s: Real) -> tuple[Real, Real]:
    """Log density of the limit of the (k+1)-th largest eigenvalue at s, and its relative error.

    Examples
    --------
    >>> logs, _ = edge_log_density(0, np.array([-2.0]))
    >>> float(np.exp(logs[0]).round(9))  # F_2'(-2)
    0.441381802
    """
    m = int(36 + 2.5 * max(0.0, -float(s.min())) ** 1.5 * 0.2122)
    nodes, weights = np.polynomial.legendre.leggauss(m)
    ends = np.asarray([_end(float(point)) for point in s])
    half = (ends - s) / 2
    x = s[:, None] + half[:, None] * np.append(nodes + 1, 0.0)
    reach = ends - np.minimum(s, 0.0)
    t = reach[:, None] * (_NODES + 1) / 2
    scale = np.sqrt(reach[:, None] / 2 * _WEIGHTS)
    values = airy(x[:, :, None] + t[:, None, :])[0] * scale[:, None, :]
    roots = np.sqrt(half[:, None] * weights)
    unit = _AIRY * 2 * _EPS
    return coefficients(values[:, :-1] * roots[:, :, None], values[:, -1], k, unit)


def _forward(n: int, k: int, s: Real) -> tuple[Real, Real]:
    """`log_density` at s >= 0."""
    m = int(36 + 2.5 * beyond(n, float(s.min())))
    nodes, weights = np.polynomial.legendre.leggauss(m)
    half = (np.asarray([end_of_kernel(n, float(point), _DROP) for point in s]) - s) / 2
    x = s[:, None] + half[:, None] * np.append(nodes + 1, 0.0)
    table, _, _ = functions(n, x, first_row(n, float(s.min()), float(s.max())))
    values = np.moveaxis(table, 0, 2)
    roots = np.sqrt(half[:, None] * weights)
    unit = 2 * _EPS * (1 + 0.6 * math.sqrt(n))
    return coefficients(values[:, :-1] * roots[:, :, None], values[:, -1], k, unit)


def log_density(n: int, k: int, s: Real) -> tuple[Real, Real]:
    """Log density of the (k+1)-th largest eigenvalue of GUE(n) at s, in y = sqrt(n) x; its relative error.

    Examples
    --------
    >>> float(log_density(1, 0, np.array([0.0]))[0][0].round(12))  # Normal(0, 1/2)
    -0.572364942925
    """
    result, error = np.empty_like(s), np.empty_like(s)
    for side, index in ((s >= 0, k), (s < 0, n - 1 - k)):
        if side.any():
            result[side], error[side] = _forward(n, index, np.abs(s[side]))
    return result, error
