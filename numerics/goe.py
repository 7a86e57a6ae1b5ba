"""Samplers of the Gaussian orthogonal ensemble GOE(n), and sweeps over tridiagonal matrices.

One normalisation everywhere: M symmetric, E M_ij^2 = (1 + delta_ij) / (2n), density proportional to
exp(-(n/2) tr M^2), spectrum on [-sqrt 2, sqrt 2] as n grows.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import scipy.linalg

from numerics.backend import InputError
from numerics.checks import check_integer
from numerics.streams import stream

Real = npt.NDArray[np.float64]

# Constants, not tunings: they fix which draws belong to which chunk, hence the numbers.
_CHUNK_TRIDIAGONAL = 1 << 18
_CHUNK_DENSE = 1 << 20


def dense(rng: np.random.Generator, n: int, samples: int) -> Real:
    """Draw dense GOE(n) matrices.

    With A of i.i.d. N(0, 1) entries, M = (A + A^T) / sqrt(4n): off the diagonal the variance is
    2/(4n) = 1/(2n), on it 4/(4n) = 1/n.

    Parameters
    ----------
    rng : numpy.random.Generator
    n : int
        Size, >= 1.
    samples : int

    Returns
    -------
    ndarray, shape (samples, n, n)

    Examples
    --------
    >>> m = dense(np.random.default_rng(0), 4, samples=2)
    >>> m.shape, bool((m == m.transpose(0, 2, 1)).all())
    ((2, 4, 4), True)
    """
    a = rng.standard_normal((samples, n, n))
    m: Real = (a + a.transpose(0, 2, 1)) / np.sqrt(4.0 * n)
    return m


def tridiagonal(rng: np.random.Generator, n: int, samples: int) -> tuple[Real, Real]:
    """Draw tridiagonal matrices with the eigenvalues of GOE(n), in O(n) memory a sample.

    Householder's reduction of M turns the n - 1 entries under the corner, i.i.d. N(0, 1/(2n)), into
    their length, chi_{n-1} / sqrt(2n), and leaves the corner N(0, 1/n) and an independent GOE block
    of size n - 1 (same entry variances); repeat. So the diagonal is N(0, 1/n) and the off-diagonal
    chi_{n-1}, ..., chi_1 over sqrt(2n), all independent.

    Parameters
    ----------
    rng : numpy.random.Generator
    n : int
        Size, >= 1.
    samples : int

    Returns
    -------
    diagonal : ndarray, shape (samples, n)
    off : ndarray, shape (samples, n - 1)
        Positive.

    References
    ----------
    Dumitriu and Edelman, "Matrix models for beta ensembles", J. Math. Phys. 43 (2002), Theorem 2.1
    (there with density exp(-tr M^2 / 2) at beta = 1: ours divided by sqrt n).

    Examples
    --------
    >>> d, e = tridiagonal(np.random.default_rng(0), 5, samples=3)
    >>> d.shape, e.shape
    ((3, 5), (3, 4))
    """
    diagonal = rng.standard_normal((samples, n)) / np.sqrt(n)
    # chi_m^2 = 2 Gamma(m/2), so chi_m / sqrt(2n) = sqrt(Gamma(m/2) / n).
    shapes = np.arange(n - 1, 0, -1) / 2.0
    off = np.sqrt(rng.standard_gamma(shapes, size=(samples, n - 1)) / n)
    return diagonal, off


def eigenvalues_dense(m: npt.ArrayLike) -> Real:
    """Return all eigenvalues of symmetric matrices, ascending.

    Parameters
    ----------
    m : array_like, shape (..., n, n)

    Returns
    -------
    ndarray, shape (..., n)

    Examples
    --------
    >>> eigenvalues_dense([[0.0, 1.0], [1.0, 0.0]]).round(12).tolist()
    [-1.0, 1.0]
    """
    return np.asarray(np.linalg.eigvalsh(np.asarray(m, dtype=np.float64)), dtype=np.float64)


def eigenvalues_tridiagonal(d: npt.ArrayLike, e: npt.ArrayLike, lowest: int | None = None) -> Real:
    """Return the eigenvalues of symmetric tridiagonal matrices, ascending.

    Parameters
    ----------
    d : array_like, shape (samples, n)
        Diagonals.
    e : array_like, shape (samples, n - 1)
        Off-diagonals.
    lowest : int, optional
        Only the `lowest` smallest (by bisection); all by default.

    Returns
    -------
    ndarray, shape (samples, n) or (samples, lowest)

    Raises
    ------
    InputError
        If `lowest` is not in 1..n.

    Examples
    --------
    >>> eigenvalues_tridiagonal([[0.0, 0.0]], [[1.0]], lowest=1).round(12).tolist()
    [[-1.0]]
    """
    d = np.asarray(d, dtype=np.float64)
    e = np.asarray(e, dtype=np.float64)
    samples, n = d.shape
    count = n if lowest is None else lowest
    if not 1 <= count <= n:
        raise InputError.of("lowest", lowest, f"an integer in 1..{n}")
    if n == 1:
        return d.copy()
    out = np.empty((samples, count))
    for row, diagonal, off in zip(out, d, e, strict=True):
        if count == n:
            row[:] = scipy.linalg.eigvalsh_tridiagonal(diagonal, off)
        else:
            row[:] = scipy.linalg.eigvalsh_tridiagonal(
                diagonal, off, select="i", select_range=(0, count - 1)
            )
    return out


def log_determinant(
    d: npt.ArrayLike, e: npt.ArrayLike, shift: npt.ArrayLike = 0.0
) -> tuple[Real, npt.NDArray[np.int64]]:
    """Return log |det(T - shift)| and the number of eigenvalues of T below `shift`.

    The pivots q_1 = d_1 - shift, q_{j+1} = d_{j+1} - shift - e_j^2 / q_j of the LDL^T factorisation
    multiply to the determinant, and by Sylvester's law as many are negative as eigenvalues are.
    A vanishing pivot is moved to the smallest safe number: with the next pivot, near -e^2/q, the
    product and the count stay right.

    Parameters
    ----------
    d : array_like, shape (samples, n)
        Diagonals.
    e : array_like, shape (samples, n - 1)
        Off-diagonals.
    shift : array_like, shape () or (samples,)

    Returns
    -------
    log_abs : ndarray, shape (samples,)
        -inf where a pivot shows exactly that the matrix is singular.
    index : ndarray of int, shape (samples,)

    Examples
    --------
    >>> log_abs, index = log_determinant([[0.0, 0.0]], [[2.0]])
    >>> float(np.exp(log_abs[0])).__round__(12), int(index[0])
    (4.0, 1)
    """
    # Columns are contiguous once transposed; the loop walks down them.
    a = np.ascontiguousarray(np.asarray(d, dtype=np.float64).T) - np.asarray(shift)
    squares = np.ascontiguousarray(np.asarray(e, dtype=np.float64).T) ** 2
    n, samples = a.shape
    tiny = np.finfo(np.float64).tiny * max(1.0, float(squares.max(initial=0.0)))
    log_abs = np.zeros(samples)
    index = np.zeros(samples, dtype=np.int64)
    singular = np.zeros(samples, dtype=bool)
    pivot = a[0]
    for j in range(n):
        if j:
            pivot = a[j] - squares[j - 1] / pivot
        vanishing = np.abs(pivot) < tiny
        if vanishing.any():
            cut = squares[j] == 0 if j < n - 1 else np.ones(samples, dtype=bool)
            singular |= (pivot == 0) & cut
            pivot = np.where(vanishing, np.where(pivot < 0, -tiny, tiny), pivot)
        log_abs += np.log(np.abs(pivot))
        index += pivot < 0
    log_abs[singular] = -np.inf
    return log_abs, index


def sample_goe(
    n: int,
    samples: int = 1,
    k: int | None = None,
    method: str = "tridiagonal",
    seed: int = 0,
) -> Real:
    """Draw eigenvalues of GOE(n).

    Parameters
    ----------
    n : int
        Size, >= 1.
    samples : int
        Number of matrices, >= 0.
    k : int, optional
        Only the `k` smallest eigenvalues of each; all n by default.
    method : {"tridiagonal", "dense"}
        Two samplers of one law.
    seed : int
        The numbers depend on (n, method, seed) and, sample by sample, on nothing else.

    Returns
    -------
    ndarray, shape (samples, k or n)
        Ascending, spectrum on [-sqrt 2, sqrt 2] (E M_ij^2 = (1 + delta_ij) / (2n)).

    Raises
    ------
    InputError
        n < 1, samples < 0, k outside 1..n, or an unknown method.

    Examples
    --------
    >>> x = sample_goe(50, samples=4, k=2)
    >>> x.shape, bool((x[:, 0] < x[:, 1]).all())
    ((4, 2), True)
    """
    n = check_integer("n", n, least=1)
    samples = check_integer("samples", samples, least=0)
    if k is not None and check_integer("k", k, least=1) > n:
        raise InputError.of("k", k, f"an integer in 1..{n}")
    if method not in ("tridiagonal", "dense"):
        raise InputError.of("method", method, "tridiagonal or dense")
    source = stream(seed, "goe", method, n)
    rows = max(1, _CHUNK_DENSE // n**2 if method == "dense" else _CHUNK_TRIDIAGONAL // n)
    out = np.empty((samples, k or n))
    for chunk, start in enumerate(range(0, samples, rows)):
        rng = source.generator(chunk)
        count = min(rows, samples - start)
        # A short chunk draws in full, so that its samples do not depend on how many were asked for.
        if method == "dense":
            values = eigenvalues_dense(dense(rng, n, rows)[:count])[:, :k]
        else:
            d, e = tridiagonal(rng, n, rows)
            values = eigenvalues_tridiagonal(d[:count], e[:count], lowest=k)
        out[start : start + count] = values
    return out
