"""Contractions of couplings with packed products on a CUDA device.

`contract` and `forms` are those of `numerics.pspin.contract_host`: one kernel writes the products of all
replicas, then cuBLAS multiplies, once for all replicas of a disorder and all disorders of a batch.
A product is split only where its packed products would fill the memory, or, of float32, so that long
sums are taken in float64. What may change last bits is the card, the versions of CuPy and CUDA, and
the number of replicas that share a call.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from numerics.core import backend
from numerics.core.backend import Array, Namespace, namespace_of
from numerics.device import descents
from numerics.pspin import multisets
from numerics.pspin.couplings import Streamed

# Constants: they fix where products are split, hence the order of sums.
_ROOM = 1 << 30  # bytes of packed products, or of unpacked couplings, at once
_SHORT = 1 << 14  # terms of a sum in float32


def contract(a: Array | Streamed, degree: int, s: Array, v: Array | None = None) -> Array:
    """Return the couplings times the packed products of the replicas' spins, in float64.

    Parameters
    ----------
    a : array or Streamed, shape (n, C(n + degree - 1, degree)), or such a batch (D, n, C)
    degree : int
        Of the products, >= 1.
    s : array, shape (R, n)
        Of a batch the replicas of the first disorder, then of the second, ..., R/D each.
    v : array, shape (R, n), optional
        Take the derivative of the products along `v` instead.

    Returns
    -------
    array of float64, shape (R, n)
    """
    xp = namespace_of(s)
    replicas, n = s.shape
    columns = a.shape[-1]
    lower = products(s, degree - 1)
    fall = lower if v is None else _derivatives(s, v, degree - 1)
    step = max(1, _ROOM // (replicas * s.itemsize))
    short = s.itemsize == 4
    step = min(step, _SHORT) if short else step
    total = xp.zeros((replicas, n), dtype=xp.float64)
    part = xp.empty((replicas, n), dtype=xp.float32) if short else total
    for first in range(0, columns, step):
        last = min(first + step, columns)
        if v is None:
            factors = _block(s, degree, first, last, lower)
        else:
            factors = _block(s, degree, first, last, fall) + _block(v, degree, first, last, lower)
        block = a[:, first:last] if len(a.shape) == 2 else a[:, :, first:last]
        shape = (*a.shape[:-2], -1)
        backend.product(
            xp.reshape(factors, (*shape, last - first)),
            block,
            xp.reshape(part, (*shape, n)),
            add=not short and first > 0,
        )
        if short:
            total += part
    return total


def forms(a: Array | Streamed, degree: int, s: Array) -> Array:
    """Return the derivative by each spin of every row of the couplings, shape (R, n, n).

    As `numerics.pspin.contract_host.forms`, of one disorder, in the dtype of `s`.
    """
    xp = namespace_of(s)
    replicas, n = s.shape
    out = xp.empty((replicas, n * n), dtype=s.dtype)
    # A row is a form of that degree; its derivatives pack as a second contraction.
    tables, monomials = _insertions(xp, n, degree), products(s, degree - 1)
    step = max(1, _ROOM // (n * monomials.shape[1] * s.itemsize))
    for first in range(0, n, step):
        last = min(first + step, n)
        rows = descents.unpacked(a[first:last, :], n, tables)
        backend.product(monomials, rows, out[:, first * n : last * n])
    return xp.reshape(out, (replicas, n, n))


def products(s: Array, degree: int) -> Array:
    """Return all packed products of a degree >= 0 of the rows of `s` (R, n), colexicographic."""
    if degree == 0:
        return namespace_of(s).ones((s.shape[0], 1), dtype=s.dtype)
    out = s
    for d in range(2, degree + 1):
        out = _block(s, d, 0, multisets.count(s.shape[1], d), out)
    return out


def _block(s: Array, degree: int, first: int, last: int, lower: Array) -> Array:
    """Return products of ranks first .. last - 1, from all those of one degree less."""
    n = s.shape[1]
    if degree == 1 and lower.shape[1] == 1 and last - first == n:
        return s * lower  # of degree 0, which are ones, or their derivatives, which are zeros
    tables = _tables(namespace_of(s), n, degree)
    return descents.products(n, degree, first, last, tables, lower, s)


def _derivatives(s: Array, v: Array, degree: int) -> Array:
    """Return the derivatives along `v` of all packed products of a degree >= 0."""
    xp = namespace_of(s)
    fall, lower = xp.zeros((s.shape[0], 1), dtype=s.dtype), products(s, 0)
    for d in range(1, degree + 1):
        size = multisets.count(s.shape[1], d)
        fall = _block(s, d, 0, size, fall) + _block(v, d, 0, size, lower)
        lower = products(s, d)
    return fall


@lru_cache(maxsize=16)
def _tables(xp: Namespace, n: int, degree: int) -> tuple[Array, Array]:
    """Return the largest entry of every rank (int32), and where each begins (int64), on the device."""
    starts = np.array([multisets.count(k, degree) if k else 0 for k in range(n + 1)])
    tops = np.repeat(np.arange(n, dtype=np.int32), np.diff(starts))
    return xp.asarray(tops), xp.asarray(starts[:n].astype(np.int64))


@lru_cache(maxsize=8)
def _insertions(xp: Namespace, n: int, degree: int) -> tuple[Array, Array]:
    """Return `multisets.insertion` on the device: ranks (int32) and multiplicities (int8)."""
    ranks, times = multisets.insertion(n, degree)
    return xp.asarray(ranks.astype(np.int32)), xp.asarray(times)
