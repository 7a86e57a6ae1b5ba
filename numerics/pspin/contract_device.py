"""Packed products of spins, all monomials of one degree in colexicographic order, in any namespace.

`contract` is what `numerics.pspin.contract_host` does, for devices: wide products, no loop over the spins.
"""

from __future__ import annotations

from numerics.core.backend import Array, namespace_of
from numerics.pspin import multisets
from numerics.pspin.couplings import Streamed

# Constants: they fix the shapes of the products and the order of the sums, hence the numbers.
_WIDE = 256  # replicas in one matrix product, zeros for the missing
_COLUMNS = 1 << 14  # packed products at once: what is in use beside the couplings does not grow


def contract(a: Array | Streamed, degree: int, s: Array, v: Array | None = None) -> Array:
    """Return the couplings times the packed products of the replicas' spins, in float64.

    Parameters
    ----------
    a : array or Streamed, shape (n, C(n + degree - 1, degree))
    degree : int
        Of the products, >= 1.
    s : array, shape (R, n)
    v : array, shape (R, n), optional
        Take the derivative of the products along `v` instead.

    Returns
    -------
    array of float64, shape (R, n)

    Examples
    --------
    >>> import numpy as np
    >>> contract(np.array([[1.0, 0.0, 0.0], [0.0, 1.0, 0.0]]), 2, np.array([[2.0, 3.0]])).tolist()
    [[4.0, 6.0]]
    """
    xp = namespace_of(s)
    replicas, n = s.shape
    tiles = [(start, min(start + _WIDE, replicas)) for start in range(0, replicas, _WIDE)]
    columns, along = [], []
    for start, stop in tiles:
        columns.append(_padded(s[start:stop, :]))
        along.append(None if v is None else _padded(v[start:stop, :]))
    total = xp.zeros((replicas, n), dtype=xp.float64)
    for first in range(0, a.shape[1], _COLUMNS):
        last = min(first + _COLUMNS, a.shape[1])
        # A copy, where it is a view: read once for all tiles, and matrix products want it whole.
        block = (
            a[:, first:last] if isinstance(a, Streamed) else xp.asarray(a[:, first:last], copy=True)
        )
        entries = multisets.entries(xp, n, degree, first, last)
        for (start, stop), t, slope in zip(tiles, columns, along, strict=True):
            part = block @ _monomials(t, slope, entries)
            total[start:stop, :] += xp.astype(part, xp.float64)[:, : stop - start].T
    return total


def _padded(s: Array) -> Array:
    """Return up to _WIDE replicas (R, n) as columns (n, _WIDE), zeros for the missing."""
    xp = namespace_of(s)
    tile = xp.zeros((s.shape[1], _WIDE), dtype=s.dtype)
    tile[:, : s.shape[0]] = s.T
    return tile


def _monomials(t: Array, v: Array | None, entries: list[Array]) -> Array:
    """Return the products of the rows `entries` of t, or their derivatives along v."""
    xp = namespace_of(t)
    value = xp.take(t, entries[0], axis=0)
    slope = None if v is None else xp.take(v, entries[0], axis=0)
    for entry in entries[1:]:
        factor = xp.take(t, entry, axis=0)
        if v is not None:
            slope = slope * factor + value * xp.take(v, entry, axis=0)
        value = value * factor
    return value if slope is None else slope


def products(t: Array, d: int) -> Array:
    """Return the packed products of degree d of the columns of `t`.

    Parameters
    ----------
    t : array, shape (n, w)
    d : int
        Degree, >= 0.

    Returns
    -------
    array, shape (C(n + d - 1, d), w)
        Row (j_1 <= .. <= j_d), colexicographic: t[j_1] .. t[j_d].

    Examples
    --------
    >>> import numpy as np
    >>> products(np.array([[2.0], [3.0]]), 2).ravel().tolist()
    [4.0, 6.0, 9.0]
    """
    xp = namespace_of(t)
    n, w = t.shape
    if d == 0:
        return xp.ones((1, w), dtype=t.dtype)
    out = t
    for degree in range(2, d + 1):
        lower, out = out, xp.empty((multisets.count(n, degree), w), dtype=t.dtype)
        for k in range(n):
            start, size = multisets.count(k, degree), multisets.count(k + 1, degree - 1)
            out[start : start + size, :] = lower[:size, :] * t[k : k + 1, :]
    return out
