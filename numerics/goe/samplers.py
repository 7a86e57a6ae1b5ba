"""Samplers of the Gaussian orthogonal ensemble GOE(n), and sweeps over tridiagonal matrices.

One normalisation everywhere: M symmetric, E M_ij^2 = (1 + delta_ij) / (2n), density proportional to
exp(-(n/2) tr M^2), spectrum on [-sqrt 2, sqrt 2] as n grows.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from numerics.core.backend import InputError, is_cupy, namespace, to_numpy
from numerics.core.checks import check_integer, check_memory, check_word, check_workers
from numerics.core.streams import key_of, stream
from numerics.core.threads import ordered
from numerics.goe import tridiagonals as kernels

Real = npt.NDArray[np.float64]

# A constant, not a tuning: it fixes which draws belong to which chunk, hence the numbers.
# same (numbers): which draws belong to which chunk, of one law
_CHUNK_DENSE = 1 << 20

# same (numbers): matrices in a call
_CALL = 1 << 12  # matrices in one call of a kernel, which Ctrl-C waits for


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
        Gives the key of the kernel's own counter-based draws, which are exact and faster.
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
    return kernels.draw(key_of(rng), n, samples)


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
        Only the `lowest` smallest; all by default. Either way by bisection with Sturm counts and
        a superlinear finish, to an ulp or two of the norm.

    Returns
    -------
    ndarray, shape (samples, n) or (samples, lowest)

    Raises
    ------
    InputError
        Shapes that do not fit, `lowest` not in 1..n, an entry that is not finite.

    Examples
    --------
    >>> eigenvalues_tridiagonal([[0.0, 0.0]], [[1.0]], lowest=1).round(12).tolist()
    [[-1.0]]
    """
    d = np.asarray(d, dtype=np.float64)
    e = np.asarray(e, dtype=np.float64)
    n = d.shape[-1] if d.ndim else 0
    count = n if lowest is None else lowest
    if not 1 <= count <= n:
        raise InputError.of("lowest", lowest, f"an integer in 1..{n}")
    return kernels.lowest_given(d, e, count)


def log_determinant(
    d: npt.ArrayLike, e: npt.ArrayLike, shift: npt.ArrayLike = 0.0
) -> tuple[Real, npt.NDArray[np.int64]]:
    """Return log |det(T - shift)| and the number of eigenvalues of T below `shift`.

    The leading principal minors D_j = (d_j - shift) D_{j-1} - e_{j-1}^2 D_{j-2} change sign as often
    as there are eigenvalues below the shift (Sturm), and the last one is the determinant.

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
        -inf where the last minor vanishes.
    index : ndarray of int, shape (samples,)

    Raises
    ------
    InputError
        Shapes that do not fit, or an entry that is not finite.

    Examples
    --------
    >>> log_abs, index = log_determinant([[0.0, 0.0]], [[2.0]])
    >>> float(np.exp(log_abs[0])).__round__(12), int(index[0])
    (4.0, 1)
    """
    d = np.asarray(d, dtype=np.float64)
    shifts = np.broadcast_to(np.asarray(shift, dtype=np.float64), d.shape[:1])
    return kernels.sweep_given(d, np.asarray(e, dtype=np.float64), shifts)


def sample_goe(
    n: int,
    samples: int = 1,
    k: int | None = None,
    method: str = "tridiagonal",
    seed: int = 0,
    backend: str = "numpy",
    workers: int = 1,
    memory: int | None = None,
) -> Real:
    """Draw eigenvalues of GOE(n).

    Parameters
    ----------
    n : int
        Size, >= 1.
    samples : int
        Number of matrices, >= 0.
    k : int, optional
        Only the `k` smallest eigenvalues of each; all n by default. The tridiagonal method then
        draws only the rows that decide them: cost and memory grow as n^(1/3), and n = 10^9 is fine.
    method : {"tridiagonal", "dense"}
        Two samplers of one law.
    seed : int
        The numbers depend on (n, method, seed) and, sample by sample, on nothing else.
    backend : {"numpy", "cupy", "auto"}
        Where the tridiagonal method computes.
    workers : int
        Threads, >= 1.
    memory : int, optional
        Bytes that may be used, by default what is free.

    Returns
    -------
    ndarray, shape (samples, k or n)
        Ascending, spectrum on [-sqrt 2, sqrt 2] (E M_ij^2 = (1 + delta_ij) / (2n)).

    Raises
    ------
    InputError
        n < 1, samples < 0, k outside 1..n, an unknown method or backend, a dense matrix on a device,
        or results that exceed the memory.

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
    check_word("method", method, ("tridiagonal", "dense"))
    xp, workers = namespace(backend), check_workers(workers)
    if method == "dense" and is_cupy(xp):
        raise InputError.of("backend", backend, "numpy for the dense method")
    wanted = k or n
    dense_size = 3 * 8 * max(_CHUNK_DENSE, n**2)
    each = dense_size if method == "dense" else kernels.work_space(n, wanted)
    needed = 8 * samples * wanted + workers * each
    check_memory(
        memory, needed, f"{samples} samples at n = {n}", "take fewer samples or a smaller k"
    )
    rng = stream(seed, "goe", method, n).generator
    out = np.empty((samples, wanted))
    if method == "tridiagonal":
        key, step = key_of(rng()), _CALL

        def work(start: int) -> Real:
            count = min(_CALL, samples - start)
            found = kernels.lowest_drawn(key, n, count, wanted, first=start, xp=xp, memory=memory)
            return to_numpy(found)
    else:
        step = max(1, _CHUNK_DENSE // n**2)

        def work(start: int) -> Real:
            # A short chunk draws in full: its samples do not depend on how many were asked for.
            return eigenvalues_dense(dense(rng(start // step), n, step))[: samples - start, :k]

    starts = range(0, samples, step)
    for start, values in zip(starts, ordered(work, starts, workers), strict=True):
        out[start : start + len(values)] = values
    return out
