"""Packed products of spins: all monomials of one degree, in colexicographic order."""

from __future__ import annotations

from numerics import multisets
from numerics.backend import Array, namespace_of


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


def product_derivatives(t: Array, v: Array, d: int) -> Array:
    """Return the derivative of `products(t, d)` along `v` (both of shape (n, w))."""
    xp = namespace_of(t, v)
    n, w = t.shape
    out = v
    for degree in range(2, d + 1):
        value, slope = products(t, degree - 1), out
        out = xp.empty((multisets.count(n, degree), w), dtype=t.dtype)
        for k in range(n):
            start, size = multisets.count(k, degree), multisets.count(k + 1, degree - 1)
            out[start : start + size, :] = (
                slope[:size, :] * t[k : k + 1, :] + value[:size, :] * v[k : k + 1, :]
            )
    return out
