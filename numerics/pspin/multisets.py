"""Sorted multi-indices j_1 <= ... <= j_d over 0..n-1 in colexicographic order.

The rank of a multi-index is sum_t C(j_t + t - 1, t), t = 1..d (the combinatorial number system with
repetition), so those with largest entry k are contiguous and the ones with entries <= k come first:
products over them build up by slices.
"""

from __future__ import annotations

from functools import lru_cache
from math import comb

import numpy as np
import numpy.typing as npt

from numerics.core.backend import Array, Namespace

Index = npt.NDArray[np.int64]


def count(n: int, d: int) -> int:
    """Return the number C(n + d - 1, d) of multi-indices.

    Examples
    --------
    >>> count(3, 2)
    6
    """
    return comb(n + d - 1, d)


def rank(entries: Index) -> Index:
    """Return the colexicographic ranks of sorted multi-indices.

    Parameters
    ----------
    entries : ndarray of int, shape (..., d)
        Ascending along the last axis.

    Returns
    -------
    ndarray of int, shape (...)

    Examples
    --------
    >>> rank(np.array([[0, 0], [0, 1], [1, 1], [0, 2]])).tolist()
    [0, 1, 2, 3]
    """
    d = entries.shape[-1]
    top = int(entries.max(initial=0))
    out = np.zeros(entries.shape[:-1], dtype=np.int64)
    for t in range(1, d + 1):
        table = np.array([comb(j + t - 1, t) for j in range(top + 1)], dtype=np.int64)
        out += table[entries[..., t - 1]]
    return out


@lru_cache(maxsize=16)
def places(n: int, d: int) -> Index:
    """Return C(j + t, t + 1), t < d, j < n: what an entry j in place t adds to a rank. Read-only.

    Examples
    --------
    >>> places(3, 2).tolist()
    [[0, 1, 2], [0, 1, 3]]
    """
    table = np.array([[comb(j + t, t + 1) for j in range(n)] for t in range(d)], dtype=np.int64)
    table.setflags(write=False)
    return table


@lru_cache(maxsize=16)
def places_on(xp: Namespace, n: int, d: int) -> Array:
    """Return `places` as an array of `xp`: it crosses to a device once."""
    return xp.asarray(places(n, d))


def multi_indices(n: int, d: int) -> Index:
    """Return all sorted multi-indices of degree d in colexicographic order.

    Returns
    -------
    ndarray of int, shape (C(n + d - 1, d), d)

    Examples
    --------
    >>> multi_indices(2, 2).tolist()
    [[0, 0], [0, 1], [1, 1]]
    """
    rows: Index = np.zeros((1, 0), dtype=np.int64)
    for degree in range(1, d + 1):
        blocks = []
        for k in range(n):
            head = rows[: count(k + 1, degree - 1)]
            blocks.append(np.hstack([head, np.full((len(head), 1), k, dtype=np.int64)]))
        rows = np.concatenate(blocks)
    return rows


@lru_cache(maxsize=8)
def insertion(n: int, d: int) -> tuple[Index, npt.NDArray[np.int8]]:
    """Return where an index goes when it joins a multi-index of degree d - 1.

    Returns
    -------
    ranks : ndarray of int, shape (n, C(n + d - 2, d - 1))
        Rank, among degree d, of the m-th multi-index of degree d - 1 with i added. Read-only.
    multiplicity : ndarray of int8, same shape
        How often i then occurs in it (>= 1). Read-only.

    Examples
    --------
    >>> ranks, multiplicity = insertion(2, 2)
    >>> ranks.tolist(), multiplicity.tolist()
    ([[0, 1], [1, 2]], [[2, 1], [1, 2]])
    """
    m = multi_indices(n, d - 1)
    ranks = np.empty((n, len(m)), dtype=np.int64)
    multiplicity = np.empty((n, len(m)), dtype=np.int8)
    for i in range(n):
        joined = np.sort(np.hstack([m, np.full((len(m), 1), i, dtype=np.int64)]), axis=1)
        ranks[i] = rank(joined)
        multiplicity[i] = (joined == i).sum(axis=1)
    ranks.setflags(write=False)
    multiplicity.setflags(write=False)
    return ranks, multiplicity


@lru_cache(maxsize=8)
def orderings(n: int, d: int) -> npt.NDArray[np.float64]:
    """Return the number of distinct orderings of every multi-index, d! / prod(multiplicity!).

    Returns
    -------
    ndarray of float, shape (C(n + d - 1, d),)
        Read-only.

    Examples
    --------
    >>> orderings(2, 3).tolist()
    [1.0, 3.0, 3.0, 1.0]
    """
    m = multi_indices(n, d)
    out = np.ones(len(m))
    run = np.ones(len(m))
    for t in range(1, d):
        # The t-th entry brings a factor (t + 1) / (length of its run).
        run = np.where(m[:, t] == m[:, t - 1], run + 1, 1.0)
        out *= (t + 1) / run
    out = np.round(out)
    out.setflags(write=False)
    return out
