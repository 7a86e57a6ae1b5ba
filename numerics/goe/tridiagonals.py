"""Tridiagonal matrices: draw GOE(n), log-determinants and indices, lowest eigenvalues.

The face of the kernels in `numerics.compiled`, imported (with Numba) when something is first
computed, and of the same kernels on a device (`numerics.device.cuda`), which give the same numbers.
"""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

from numerics.compiled import LANES
from numerics.core.backend import Array, InputError, Namespace, is_cupy, to_numpy
from numerics.core.streams import Key

Real = npt.NDArray[np.float64]

# same (numbers): rows kept beyond those that an eigenvalue feels
_MARGIN = 13.0  # edge units that `edge_rows` keeps beyond the mean place of an eigenvalue


def edge_rows(n: int, k: int) -> int:
    """Return how many rows of the tridiagonal GOE(n) decide its k lowest eigenvalues.

    Near the edge and the corner with the largest off-diagonals, T + sqrt 2 is close to (-1)^j times
    the Airy operator -d^2/dx^2 + x with white noise, in steps of n^{-1/3} and units of
    n^{-2/3}/sqrt 2 (Edelman and Sutton 2007; Ramirez, Rider and Virag 2011). The k-th eigenvalue
    is near a_k = (3 pi (4k - 1) / 8)^{2/3}, minus the k-th zero of Ai; beyond x = a_k its vector
    falls off like exp(-(2/3) (x - a_k)^{3/2}). To cut at x = c moves an eigenvalue up (Cauchy) by
    the square of that: by exp(-(4/3) (c - a_k)^{3/2}) in these units. Here c = a_k + 13, which is
    e^-62; an eigenvalue 3 units up from its mean place (six standard deviations and more) still
    has e^-42, under the rounding of float64 at every n. At c = a_k + 10 the worst of 10^5 errors
    seen at n = 1000, k = 5 was 1e-10 units, at a_k + 7 it was 1e-2; at a_k + 13 there was none.

    Examples
    --------
    >>> edge_rows(1000, 5), edge_rows(10**9, 5), edge_rows(50, 5)
    (210, 20943, 50)
    """
    zero: float = (3 * math.pi * (4 * k - 1) / 8) ** (2 / 3)
    return min(n, math.ceil((zero + _MARGIN) * math.cbrt(n)))


def draw(
    key: Key, n: int, samples: int, rows: int | None = None, first: int = 0
) -> tuple[Real, Real]:
    """Return the first `rows` (all by default) rows of tridiagonal matrices with GOE(n)'s spectrum.

    They are matrices number `first`, `first` + 1, .. under the key.

    Returns
    -------
    diagonal : ndarray, shape (samples, rows)
        N(0, 1/n).
    off : ndarray, shape (samples, rows - 1)
        chi_{n-1}, chi_{n-2}, .. over sqrt(2n).
    """
    _check_size(n, first + samples)
    rows = n if rows is None else rows
    d, off = np.empty((samples, rows)), np.empty((samples, rows - 1))
    from numerics.compiled import rows as kernels

    kernels.draw(key, first, n, d, off)
    return d, off


def sweep_drawn(
    key: Key,
    n: int,
    shifts: Array,
    first: int = 0,
    xp: Namespace | None = None,
    memory: int | None = None,
) -> tuple[Array, Array]:
    """Return log |det(T_i - x)| and the index for drawn matrices, each at its levels.

    Row by row with the drawing: memory depends on neither n nor the number of matrices.

    Parameters
    ----------
    key : ndarray
        Of `key_of`; the matrices are those of `draw` with the same key.
    n : int
    shifts : array, shape (samples, levels)
        Of `xp`.
    first : int
        Number of the first matrix under the key.
    xp : array namespace, optional
        Of the results; CuPy's computes on the device, others on the host. NumPy's by default.
    memory : int, optional
        Bytes of the device that may be used; by default what is free.

    Returns
    -------
    log_abs, index : array, shape (samples, levels)
    """
    if xp is not None and is_cupy(xp):
        from numerics.device import cuda

        _check_size(n, first + len(shifts))
        return cuda.sweep_drawn(xp, key, n, shifts, first, memory=memory)[:2]
    shifts = to_numpy(shifts)
    log_abs, index = _results(n, shifts, first)
    from numerics.compiled import sweeps as kernels

    kernels.sweep_drawn(key, first, n, shifts, log_abs, index, np.empty((0, 2)))
    return (log_abs, index) if xp is None else (xp.asarray(log_abs), xp.asarray(index))


def sweep_traced(
    key: Key, n: int, shifts: Array, xp: Namespace | None = None, memory: int | None = None
) -> tuple[Array, Array, Array]:
    """Return what `sweep_drawn` does, and tr T and tr T^2 of each matrix, shape (samples, 2)."""
    if xp is not None and is_cupy(xp):
        from numerics.device import cuda

        _check_size(n, len(shifts))
        return cuda.sweep_drawn(xp, key, n, shifts, traced=True, memory=memory)
    shifts = to_numpy(shifts)
    log_abs, index = _results(n, shifts, 0)
    traces = np.empty((len(shifts), 2))
    from numerics.compiled import sweeps as kernels

    kernels.sweep_drawn(key, 0, n, shifts, log_abs, index, traces)
    if xp is None:
        return log_abs, index, traces
    return xp.asarray(log_abs), xp.asarray(index), xp.asarray(traces)


def _results(n: int, shifts: Real, first: int) -> tuple[Real, npt.NDArray[np.int64]]:
    """Return empty arrays for log-determinants and indices."""
    _check_size(n, first + len(shifts))
    return np.empty(shifts.shape), np.empty(shifts.shape, dtype=np.int64)


def sweep_given(d: Real, off: Real, shifts: Real) -> tuple[Real, npt.NDArray[np.int64]]:
    """Return log |det(T_i - x_i)| and the index; d (samples, n), off (samples, n - 1), x (samples,)."""
    samples, n = _check_shapes(d, off)
    if shifts.shape != (samples,):
        raise InputError.of("shift", shifts.shape, f"shape {(samples,)}")
    scale = _power_of_two(d, off, shifts)
    log_abs, index = np.empty(samples), np.empty(samples, dtype=np.int64)
    from numerics.compiled import sweeps as kernels

    kernels.sweep_given(d / scale, off / scale, shifts / scale, log_abs, index)
    return log_abs + n * math.log(scale), index


def lowest_drawn(
    key: Key,
    n: int,
    samples: int,
    k: int,
    rows: int | None = None,
    first: int = 0,
    xp: Namespace | None = None,
    memory: int | None = None,
) -> Array:
    """Return the k lowest eigenvalues of drawn matrices of GOE(n), shape (samples, k), ascending.

    Only the first `rows` rows are drawn, `edge_rows` by default: time and memory grow as n^{1/3}.
    `xp` and `memory` as in `sweep_drawn`.
    """
    _check_size(n, first + samples)
    rows = max(k, edge_rows(n, k) if rows is None else rows)
    if xp is not None and is_cupy(xp):
        from numerics.device import cuda

        return cuda.lowest_drawn(xp, key, n, samples, k, rows, first, memory)
    out = np.empty((samples, k))
    from numerics.compiled import eigenvalues as kernels

    kernels.lowest_drawn(key, first, n, rows, out)
    return out if xp is None else xp.asarray(out)


def work_space(n: int, k: int) -> int:
    """Return the bytes that `lowest_drawn` needs on the host beside its result.

    Examples
    --------
    >>> work_space(10**9, 5)  # of the rows that decide them, for a tile of matrices
    10722816
    """
    return 2 * 8 * LANES * edge_rows(n, k)


def lowest_given(d: Real, off: Real, k: int) -> Real:
    """Return the k lowest eigenvalues, shape (samples, k); the error is an ulp or two of |T|."""
    samples, _ = _check_shapes(d, off)
    scale = _power_of_two(d, off)
    out = np.empty((samples, k))
    from numerics.compiled import eigenvalues as kernels

    kernels.lowest_given(d / scale, off / scale, out)
    return out * scale


def _check_size(n: int, samples: int) -> None:
    """Refuse what does not fit the counters: a word of 32 bits for the row, one for the sample."""
    if n >= 1 << 32:
        raise InputError.of("n", n, "an integer below 2**32")
    if samples > 1 << 32:
        raise InputError.of("samples", samples, "at most 2**32 under one key")


def _check_shapes(d: Real, off: Real) -> tuple[int, int]:
    """Return (samples, n), or refuse what the kernels would read beyond."""
    if d.ndim != 2 or d.shape[1] < 1:
        raise InputError.of("diagonals", d.shape, "shape (samples, n), n >= 1")
    samples, n = d.shape
    if off.shape != (samples, n - 1):
        raise InputError.of("off-diagonals", off.shape, f"shape {(samples, n - 1)}")
    return samples, n


def _power_of_two(*arrays: Real) -> float:
    """Return a power of two of the order of the largest entry; InputError unless all are finite."""
    largest = max(float(np.max(np.abs(x), initial=0.0)) for x in arrays)
    if not math.isfinite(largest):
        raise InputError.of("matrix", largest, "finite entries")
    # same (comparisons, 1.0 -> 2.0): any power of two of that order, of zero any
    return math.ldexp(1.0, math.frexp(largest)[1]) if largest > 0 else 1.0
