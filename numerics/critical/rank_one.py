"""Every critical rank-one approximation of random 2 x n x m tensors, by one polynomial.

f = sum X_ijk x_i y_j z_k on three spheres. For x = (cos a, sin a) the matrix T(a) = cos a X_1 + sin a
X_2 is stationary in y and z at its singular vectors, with f = s_i, a singular value; in a too where
s_i'(a) = u_i.T' v_i = 0. With l_i = s_i^2

    prod l_i'(a) prod_(i < k) (l_i - l_k)^2,

the resultant of det(T T' - l) and its derivative by a, is a trigonometric polynomial of degree n^2 in
2a. Its real zeros are all critical points, up to the signs of x, y, z. Where n = m it has a factor det
T, whose zeros (s = 0) are none; without it 2 n^2 - n zeros remain.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from numerics.core.checks import check_integer

Real = NDArray[np.float64]
Complex = NDArray[np.complex128]

# same (1e-06 -> 2e-06): zeros are far nearer, or far off
_ON_CIRCLE = (
    1e-6  # a zero is real if it is so near: rounding moves a double one by the root of 1e-15
)
MOST_ROWS = 3  # of degree 32, for four, zeros lose too many digits


@dataclass(frozen=True)
class TensorCensus:
    """All critical rank-one approximations of R tensors, K places each; ``there`` says which are taken.

    Attributes
    ----------
    index, level, there
        Index of the point with f > 0 (the opposite one has D minus it), f/sqrt(2 + n + m) > 0 and existence;
        shape (R, K), K the number of complex ones.
    closest, farthest
        Distance, 1 at most, of the nearest zero that is not real from being so, and of the farthest that
        is real by rounding alone. Simple zeros are real to 1e-12; where these are below 1e-4 or above
        1e-9, zeros lie so near each other that rounding may decide whether they are there, and the
        index. Shape (R,).
    """

    index: NDArray[np.int64]
    level: Real
    there: NDArray[np.bool_]
    closest: Real
    farthest: Real


def tensor_census(x: Real) -> TensorCensus:
    """Find all critical rank-one approximations.

    Parameters
    ----------
    x
        Tensors, (R, 2, n, m) with 2 <= n <= m, n <= 3.

    Raises
    ------
    InputError
        For another shape.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> found = tensor_census(rng.standard_normal((500, 2, 2, 3)))
    >>> numbers = found.there.sum(axis=1)  # of 8 complex ones
    >>> sorted({int(number) for number in numbers})
    [4, 6, 8]
    """
    check_integer("layers", x.ndim - 1, 3, 3)
    check_integer("first size", x.shape[1], 2, 2)
    _, _, rows, columns = x.shape
    check_integer("second size", rows, 2, MOST_ROWS)
    check_integer("third size", columns, rows)
    zeros = _zeros(_resultant(x))
    off = np.abs(np.log(np.abs(zeros)))
    # same (comparisons): a distance drawn is not the bound
    there = off < _ON_CIRCLE
    owner = np.nonzero(there)[0]
    index, level = _points(x[owner], np.angle(zeros[there]) / 2)
    levels, indices = np.zeros(zeros.shape), np.zeros(zeros.shape, dtype=np.int64)
    levels[there], indices[there] = level / np.sqrt(2 + rows + columns), index
    return TensorCensus(
        index=indices,
        level=levels,
        there=there,
        closest=np.where(there, 1.0, off).min(axis=1, initial=1.0),
        farthest=np.where(there, off, 0.0).max(axis=1, initial=0.0),
    )


def _pencil(x: Real, a: Real) -> tuple[Real, Real]:
    """T and T' at angles a, for tensors (.., 2, n, m)."""
    cosine, sine = np.cos(a)[..., None, None], np.sin(a)[..., None, None]
    first, second = x[..., 0, :, :], x[..., 1, :, :]
    return cosine * first + sine * second, cosine * second - sine * first


def _resultant(x: Real) -> Complex:
    """Coefficients of the polynomial in exp(2ia), from the highest power on: (R, K + 1)."""
    samples, _, rows, columns = x.shape
    square = rows == columns
    degree = 2 * rows * rows - (rows if square else 0)
    angles = np.pi * np.arange(degree + 1) / (degree + 1)
    matrix, slope = _pencil(x[:, None], np.broadcast_to(angles, (samples, degree + 1)))
    u, s, v = np.linalg.svd(matrix, full_matrices=False)
    value = np.einsum("...ji,...jk,...ik->...i", u, slope, v).prod(axis=-1)
    value *= np.sign(np.linalg.det(matrix)) if square else s.prod(axis=-1)
    for i in range(rows):
        for k in range(i):
            value *= (s[..., i] ** 2 - s[..., k] ** 2) ** 2
    found = np.fft.fft(value * np.exp(1j * degree * angles), axis=1)[:, ::-1]
    return np.asarray(found / np.abs(found).max(axis=1, keepdims=True))


def _zeros(coefficients: Complex) -> Complex:
    """Zeros of polynomials given from the highest power on, by their companion matrices."""
    count = coefficients.shape[1] - 1
    companion = np.zeros((len(coefficients), count, count), dtype=complex)
    companion[:, 0] = -coefficients[:, 1:] / coefficients[:, :1]
    companion[:, np.arange(1, count), np.arange(count - 1)] = 1
    return np.asarray(np.linalg.eigvals(companion))


def _points(x: Real, a: Real) -> tuple[NDArray[np.int64], Real]:
    """Index and f > 0 of the critical point at each angle."""
    matrix, slope = _pencil(x, a)
    u, s, v = np.linalg.svd(matrix)
    along = np.swapaxes(u, 1, 2) @ slope @ np.swapaxes(v, 1, 2)  # u_j.T' v_k
    rows, columns = matrix.shape[1:]
    every = np.arange(len(a))
    own = np.abs(np.einsum("rii->ri", along[:, :, :rows])).argmin(axis=1)
    f = s[every, own]
    # Tangent directions: of x, then all other left and right singular vectors.
    left = _others(own, rows)
    right = _others(own, columns)
    hessian = np.zeros((len(a), rows + columns - 1, rows + columns - 1))
    hessian[:, 0, 1:rows] = along[every[:, None], left, own[:, None]]
    hessian[:, 0, rows:] = along[every[:, None], own[:, None], right]
    rest = np.zeros((len(a), rows, columns))
    rest[:, np.arange(rows), np.arange(rows)] = s
    hessian[:, 1:rows, rows:] = rest[every[:, None, None], left[..., None], right[:, None]]
    eigenvalues = np.linalg.eigvalsh(hessian, UPLO="U")
    # same (comparisons): no eigenvalue drawn is f
    index: NDArray[np.int64] = (eigenvalues < f[:, None]).sum(axis=1)
    return index, f


def _others(own: NDArray[np.int64], size: int) -> NDArray[np.int64]:
    """All of 0..size - 1 but one, in each row."""
    places = np.broadcast_to(np.arange(size), (len(own), size))
    return np.asarray(places[places != own[:, None]].reshape(len(own), size - 1))
