"""Points on the sphere |s|^2 = n, many at once: one row each; on a device a kernel each function."""

from __future__ import annotations

import math

from numerics.core.backend import Array, namespace_of, on_device
from numerics.device import descents


def on_sphere(x: Array) -> Array:
    """Return the rows of `x` (R, n) brought to the sphere |s|^2 = n.

    Examples
    --------
    >>> import numpy as np
    >>> on_sphere(np.array([[3.0, 0.0, 0.0, 0.0]])).tolist()
    [[2.0, 0.0, 0.0, 0.0]]
    """
    return x * (math.sqrt(x.shape[1]) / norms(x)[:, None])


def retract(s: Array, direction: Array, length: Array, sign: float = 1.0) -> Array:
    """Return the rows of s + sign length direction (R, n), brought to the sphere |s|^2 = n.

    Examples
    --------
    >>> import numpy as np
    >>> retract(np.array([[1.0, 1.0]]), np.array([[1.0, -1.0]]), np.array([1.0])).round(4).tolist()
    [[1.4142, 0.0]]
    """
    if on_device(s):
        return descents.retract(s, direction, length, sign)
    return on_sphere(s + (sign * length)[:, None] * direction)


def norms(x: Array) -> Array:
    """Return the Euclidean norms of the rows of `x` (R, n), shape (R,).

    Examples
    --------
    >>> import numpy as np
    >>> norms(np.array([[3.0, 4.0]])).tolist()
    [5.0]
    """
    if on_device(x):
        return descents.norms(x)
    xp = namespace_of(x)
    return xp.sqrt(xp.sum(x * x, axis=1))
