"""Contractions of couplings with packed products, block by block in cache (NumPy arrays).

A gradient of a term of order p is A (n, C) times the C = C(n + p - 2, p - 1) packed products of each
replica's spins. In one piece, for few replicas, that is bound by memory: A and the products each
pass through it, and BLAS copies A to rearrange it. Here the columns of A are taken a block at a
time; the products of the block are made in cache (compiled, next to their use) and multiplied at
once, tile after tile of replicas, while the block of A is there. Streamed couplings are drawn into the
same blocks, so their sums are those of stored ones. Blocks are small enough for the path of OpenBLAS
that does not rearrange. Partial sums add up in float64, whatever the dtype.

The blocks depend on n and p only, and a product has `TILE` columns always: no bit of a replica's
result depends on the others.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import numpy as np
import numpy.typing as npt

from numerics.compiled import TILE
from numerics.core.backend import InputError
from numerics.pspin import multisets
from numerics.pspin.couplings import Streamed

Floats = npt.NDArray[Any]

# Constants: they fix the order of the sums, hence the numbers.
_WORK = 1_000_000  # multiplications in a product; OpenBLAS rearranges beyond
_LONGEST = 512  # terms in a sum of the dtype itself; more would round more
_GROUP = 8  # tiles that share a pass over the couplings
_GROUP_STREAMED = 64  # the same where a pass draws them


def contract(
    a: Floats | Streamed, degree: int, s: Floats, v: Floats | None = None
) -> npt.NDArray[np.float64]:
    """Return the couplings times the packed products of the replicas' spins, in float64.

    Parameters
    ----------
    a : ndarray or Streamed, shape (n, C(n + degree - 1, degree))
        float32 or float64.
    degree : int
        Of the products, >= 1.
    s : ndarray, shape (R, n)
        Replicas, of the dtype of `a`.
    v : ndarray, shape (R, n), optional
        Take the derivative of the products along `v` instead.

    Returns
    -------
    ndarray of float64, shape (R, n)

    Raises
    ------
    InputError
        If dtypes or shapes do not fit.

    Examples
    --------
    >>> contract(np.array([[1.0, 0.0, 0.0], [0.0, 1.0, 0.0]]), 2, np.array([[2.0, 3.0]])).tolist()
    [[4.0, 6.0]]
    """
    if not a.dtype == s.dtype == (s if v is None else v).dtype:
        raise InputError.of("dtype", str(s.dtype), f"that of the couplings, {a.dtype}")
    n = s.shape[-1]
    if s.ndim != 2 or a.shape != (n, multisets.count(n, degree)):
        raise InputError.of("replicas", s.shape, f"shape (R, {a.shape[0]})")
    if v is not None and v.shape != s.shape:
        raise InputError.of("vectors", v.shape, f"shape {s.shape}")
    out = np.empty(s.shape)
    group = TILE * (_GROUP_STREAMED if isinstance(a, Streamed) else _GROUP)
    for start in range(0, len(s), group):
        rows = slice(start, start + group)
        out[rows] = _contract_group(a, degree, s[rows], None if v is None else v[rows])
    return out


def _contract_group(
    a: Floats | Streamed, degree: int, s: Floats, v: Floats | None
) -> npt.NDArray[np.float64]:
    """Return `contract` for one group of tiles."""
    from numerics.compiled import products as kernels

    replicas, n = s.shape
    columns = a.shape[1]
    blocks = max(-(-columns * TILE * n // _WORK), -(-columns // _LONGEST))
    width = max(TILE, -(-columns // blocks))
    products = _Products(s, v, degree)
    tiles = -(-replicas // TILE)
    total = np.zeros((tiles, n, TILE))
    part = np.empty((tiles, n, TILE), dtype=s.dtype)
    for first in range(0, columns, width):
        block = a[:, first : first + width]
        # One call for all tiles, but one matrix product each: NumPy loops over the first axis.
        np.matmul(block, products.rows(first, block.shape[1]), out=part)
        kernels.add(part, total)
    return total.transpose(0, 2, 1).reshape(-1, n)[:replicas]


class _Products:
    """The packed products (or their derivatives) of tiles of replicas, by blocks of rows."""

    def __init__(self, s: Floats, v: Floats | None, degree: int) -> None:
        """Make the products of lower degree, in full."""
        self._t = _tiles(s)
        self._v = None if v is None else _tiles(v)
        self._lower, self._slope = self._t, self._v
        n = s.shape[1]
        for d in range(2, degree):
            self._starts = _starts(n, d)
            rows = multisets.count(n, d)
            # The derivative needs the products of the degree before.
            slope = None if self._v is None else self._block(True, 0, rows)
            self._lower, self._slope = self._block(False, 0, rows), slope
        self._starts = _starts(n, degree)

    def rows(self, first: int, count: int) -> Floats:
        """Return `count` rows from `first`, shape (tiles, count, TILE)."""
        derivative = self._slope is not None
        if len(self._starts) == 0:
            source = self._slope if derivative else self._t
            return np.ascontiguousarray(source[:, first : first + count])  # type: ignore[index]
        return self._block(derivative, first, count)

    def _block(self, derivative: bool, first: int, count: int) -> Floats:
        """Return rows of the products, or of their derivatives."""
        from numerics.compiled import products as kernels

        out = np.empty((len(self._t), count, TILE), dtype=self._t.dtype)
        if derivative:
            kernels.derivatives_block(
                self._lower, self._slope, self._t, self._v, self._starts, first, out
            )
        else:
            kernels.products_block(self._lower, self._t, self._starts, first, out)
        return out


def _tiles(s: Floats) -> Floats:
    """Return replicas (R, n) as columns of tiles (tiles, n, TILE), zeros for the missing."""
    replicas, n = s.shape
    tiles = -(-replicas // TILE)
    padded = np.zeros((tiles * TILE, n), dtype=s.dtype)
    padded[:replicas] = s
    return np.ascontiguousarray(padded.reshape(tiles, TILE, n).transpose(0, 2, 1))


@lru_cache(maxsize=16)
def _starts(n: int, d: int) -> npt.NDArray[np.int64]:
    """Return the rows where each largest entry begins, and their number; nothing for degree 1."""
    if d == 1:
        return np.empty(0, dtype=np.int64)
    out = np.array([multisets.count(k, d) if k else 0 for k in range(n + 1)], dtype=np.int64)
    out.setflags(write=False)
    return out
