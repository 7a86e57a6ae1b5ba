"""Packed products of spins, all monomials of one degree in colexicographic order, in any namespace.

`contract` and `forms` are those of `numerics.pspin.contract_host`, for devices: wide products, no loop
over the spins.
"""

from __future__ import annotations

from numerics.core.backend import Array, namespace_of
from numerics.pspin import multisets
from numerics.pspin.couplings import Streamed

# Constants: they fix the shapes of the products and the order of the sums, hence the numbers.
_WIDE = 256  # replicas in one matrix product, zeros for the missing
_COLUMNS = 1 << 14  # packed products at once: what is in use beside the couplings does not grow
_WIDE_FORMS = 64  # replicas in one product of a Hessian
_GATHERED = 1 << 23  # couplings gathered at once there


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
        columns.append(_padded(s[start:stop, :], _WIDE))
        along.append(None if v is None else _padded(v[start:stop, :], _WIDE))
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


def forms(a: Array | Streamed, degree: int, s: Array) -> Array:
    """Return the derivative by each spin of every row of the couplings, shape (R, n, n).

    As `numerics.pspin.contract_host.forms`, in the dtype of `s`.

    Examples
    --------
    >>> import numpy as np
    >>> forms(np.array([[1.0, 0.0, 0.0], [0.0, 1.0, 0.0]]), 2, np.array([[2.0, 3.0]])).tolist()
    [[[4.0, 0.0], [3.0, 2.0]]]
    """
    xp = namespace_of(s)
    replicas, n = s.shape
    out = xp.empty((replicas, n, n), dtype=s.dtype)
    # A row is a form of that degree; its derivatives pack as a second contraction.
    ranks, multiplicity = multisets.insertion(n, degree)
    where = xp.asarray(ranks.ravel())
    times = xp.astype(xp.asarray(multiplicity), s.dtype)
    tiles = []
    for start in range(0, replicas, _WIDE_FORMS):
        stop = min(start + _WIDE_FORMS, replicas)
        tiles.append((start, stop, products(_padded(s[start:stop, :], _WIDE_FORMS), degree - 1)))
    step = max(1, _GATHERED // ranks.size)
    for first in range(0, n, step):
        last = min(first + step, n)
        rows = xp.take(a[first:last, :], where, axis=1)
        rows = xp.reshape(rows, (-1, *times.shape)) * times
        for start, stop, monomials in tiles:
            part = (rows @ monomials)[:, :, : stop - start]
            out[start:stop, first:last, :] = xp.permute_dims(part, (2, 0, 1))
    return out


def _padded(s: Array, width: int) -> Array:
    """Return replicas (R, n) as columns (n, width), zeros for the missing."""
    xp = namespace_of(s)
    tile = xp.zeros((s.shape[1], width), dtype=s.dtype)
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
