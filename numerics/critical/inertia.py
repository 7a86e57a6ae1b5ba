"""The index of a symmetric matrix, proved by inertia in float64.

Let V and w be computed eigenvectors and eigenvalues of M, D = V^T V - 1 and R = M V - V diag(w), both with
their rounding errors. Where |D| = d < 1, V is invertible, and by Sylvester's law M has as many
negative eigenvalues as

    V^T M V = diag(w) + E,   E = D diag(w) + V^T R,   |E| <= d max|w| + sqrt(1 + d) |R| = e,

all norms spectral, bounded by Frobenius'. By Weyl the eigenvalues of that are within e of w, and by
Ostrowski those of M are theirs divided by numbers between 1 - d and 1 + d. So if every |w| > e, M has
the signs of w, and no eigenvalue of M is closer to 0 than (min|w| - e)/(1 + d), the margin.

Rounding. A sum of n products is off by at most n eps/(2 - n eps) times the sum of their moduli, in whatever
order and with fused operations or not (Higham 2002, Sec. 3.1), and by Cauchy and Schwarz the Frobenius
norm of |A| |B| is at most |A|_F |B|_F. Norms themselves are raised by `UP`.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from numerics.core.backend import InputError
from numerics.core.checks import check_memory

# same (1e-09 -> 2e-09, 1e-280 -> 2e-280): any a little above what rounding loses
UP = 1 + 1e-9
_UNIT = float(np.finfo(np.float64).eps) / 2
_TINY = 1e-280  # more than underflow can lose


@dataclass(frozen=True)
class Inertia:
    """The index of a symmetric matrix.

    Attributes
    ----------
    index : int
        Number of negative eigenvalues.
    certified : bool
        Whether that is proved: the margin is positive.
    margin : float
        No eigenvalue is closer to 0, so that every symmetric matrix within `margin`, in the spectral norm,
        has this index. Where nothing is proved it is at most 0: by how much the proof fails.
    """

    index: int
    certified: bool
    margin: float


def index_of(matrix: npt.ArrayLike) -> Inertia:
    """Return the index of a symmetric matrix, with a proof and its margin.

    Parameters
    ----------
    matrix : array_like, shape (n, n)
        Real. What it lacks in symmetry, at most 1e-8 of its largest entry, is taken off the margin: the
        index is that of its symmetric part.

    Returns
    -------
    Inertia
        The bound is about n^2 1e-16 times the largest eigenvalue: an eigenvalue closer to 0 leaves the
        index uncertified.

    Raises
    ------
    InputError
        For what is no square matrix of finite real numbers, not symmetric, or more than fits in memory.

    Examples
    --------
    >>> found = index_of([[1.0, 2.0], [2.0, 1.0]])  # eigenvalues -1 and 3
    >>> found.index, found.certified, abs(found.margin - 1) < 1e-12
    (1, True, True)
    >>> index_of([[1.0, 1.0], [1.0, 1.0]]).certified  # singular
    False
    """
    a = _checked(matrix)
    n = len(a)
    exponent = math.frexp(float(np.abs(a).max()))[1]
    a = np.ldexp(a, -exponent)  # of order 1: nothing overflows, and what underflows is tiny
    m = (a + a.T) / 2
    lacks = _norm(a - a.T) / 2 + _UNIT * _norm(a)
    w, v = np.linalg.eigh(m)
    top = float(np.abs(w).max())
    size, scale = _norm(v), _norm(m)
    gamma = (n + 4) * _UNIT * UP
    residual = _norm(m @ v - v * w) + gamma * (scale + top) * size
    skew = _norm(v.T @ v - np.eye(n)) + gamma * (size**2 + math.sqrt(n))
    error = (skew * top + math.sqrt(1 + skew) * residual) * UP + _TINY
    nearest = float(np.abs(w).min())
    margin = (nearest - error) / (1 + skew) * (1 - 8 * _UNIT) - lacks if skew < 1 else -top
    index = int((w < 0).sum())
    return Inertia(index, margin > 0, math.ldexp(margin, exponent))


def _checked(matrix: npt.ArrayLike) -> npt.NDArray[np.float64]:
    """Return the matrix in float64, if it is square, real, finite and all but symmetric."""
    try:
        given = np.asarray(matrix)
    except ValueError:
        raise InputError.of("matrix", matrix, "a square array") from None
    if given.dtype.kind not in "fiu":
        raise InputError.of("matrix", f"entries of type {given.dtype}", "real numbers")
    if given.ndim != 2 or given.shape[0] != given.shape[1] or not given.size:
        raise InputError.of("matrix", f"shape {given.shape}", "shape (n, n) with n >= 1")
    n = len(given)
    check_memory(None, 8 * 8 * n * n, f"a matrix of {n} rows", "a smaller one")
    a = given.astype(np.float64)
    if not np.isfinite(a).all():
        raise InputError.of("matrix", "NaN or infinity", "finite numbers")
    top = float(np.abs(a).max())
    with np.errstate(over="ignore"):
        apart = float(np.abs(a - a.T).max())
    if apart > 1e-8 * top:
        takes = "a symmetric matrix: its symmetric part is (M + M.T)/2"
        raise InputError(
            f"matrix: got entries that differ from their mirror by {apart:.2g}; takes {takes}"
        )
    return a


def _norm(a: npt.NDArray[np.float64]) -> float:
    """Return a bound of the Frobenius norm, and so of the spectral one."""
    return float(np.linalg.norm(a)) * UP + _TINY
