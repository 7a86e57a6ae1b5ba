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

from numerics import multisets
from numerics.backend import InputError
from numerics.couplings import Streamed

Floats = npt.NDArray[Any]

TILE = 16
"""Replicas in one matrix product."""

# Constants: they fix the order of the sums, hence the numbers.
_WORK = 1_000_000  # multiplications in a product; OpenBLAS rearranges beyond
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
    from numerics import compiled

    replicas, n = s.shape
    columns = a.shape[1]
    blocks = -(-columns * TILE * n // _WORK)
    width = max(TILE, -(-columns // blocks))
    tiles = [
        _Products(s[i : i + TILE], None if v is None else v[i : i + TILE], degree)
        for i in range(0, replicas, TILE)
    ]
    total = np.zeros((len(tiles), n, TILE))
    part = np.empty((n, TILE), dtype=s.dtype)
    buffer = np.empty((width, TILE), dtype=s.dtype)
    for first in range(0, columns, width):
        block = a[:, first : first + width]
        packed = buffer[: block.shape[1]]
        for tile, out in zip(tiles, total, strict=True):
            tile.rows(first, packed)
            np.matmul(block, packed, out=part)
            compiled.add(part, out)
    return total.transpose(0, 2, 1).reshape(-1, n)[:replicas]


class _Products:
    """The packed products (or their derivatives) of a tile of replicas, by blocks of rows."""

    def __init__(self, s: Floats, v: Floats | None, degree: int) -> None:
        """Make the products of lower degree, in full."""
        from numerics import compiled

        self._products, self._derivatives = compiled.products_block, compiled.derivatives_block
        self._t = _tile(s)
        self._v = None if v is None else _tile(v)
        self._lower, self._slope = self._t, self._v
        n = len(self._t)
        for d in range(2, degree):
            self._starts = _starts(n, d)
            shape = (multisets.count(n, d), TILE)
            slope = None
            if self._v is not None:
                slope = np.empty(shape, dtype=s.dtype)
                self.rows(0, slope)
            lower = np.empty(shape, dtype=s.dtype)
            self._products(self._lower, self._t, self._starts, 0, lower)
            self._lower, self._slope = lower, slope
        self._starts = _starts(n, degree)

    def rows(self, first: int, out: Floats) -> None:
        """Set `out` to rows from `first`."""
        if self._slope is None:
            if len(self._starts) == 0:
                out[:] = self._t[first : first + len(out)]
            else:
                self._products(self._lower, self._t, self._starts, first, out)
        elif len(self._starts) == 0:
            out[:] = self._slope[first : first + len(out)]
        else:
            self._derivatives(self._lower, self._slope, self._t, self._v, self._starts, first, out)


def _tile(s: Floats) -> Floats:
    """Return up to TILE replicas (R, n) as columns (n, TILE), zeros for the missing."""
    out = np.zeros((s.shape[1], TILE), dtype=s.dtype)
    out[:, : len(s)] = s.T
    return out


@lru_cache(maxsize=16)
def _starts(n: int, d: int) -> npt.NDArray[np.int64]:
    """Return the rows where each largest entry begins, and their number; nothing for degree 1."""
    if d == 1:
        return np.empty(0, dtype=np.int64)
    out = np.array([multisets.count(k, d) if k else 0 for k in range(n + 1)], dtype=np.int64)
    out.setflags(write=False)
    return out
