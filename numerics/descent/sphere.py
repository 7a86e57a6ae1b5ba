"""Points on the sphere |s|^2 = n, many at once: one row each."""

from __future__ import annotations

import math

from numerics.core.backend import Array, namespace_of


def on_sphere(x: Array) -> Array:
    """Return the rows of `x` (R, n) brought to the sphere |s|^2 = n.

    Examples
    --------
    >>> import numpy as np
    >>> on_sphere(np.array([[3.0, 0.0, 0.0, 0.0]])).tolist()
    [[2.0, 0.0, 0.0, 0.0]]
    """
    return x * (math.sqrt(x.shape[1]) / norms(x)[:, None])


def norms(x: Array) -> Array:
    """Return the Euclidean norms of the rows of `x` (R, n), shape (R,).

    Examples
    --------
    >>> import numpy as np
    >>> norms(np.array([[3.0, 4.0]])).tolist()
    [5.0]
    """
    xp = namespace_of(x)
    return xp.sqrt(xp.sum(x * x, axis=1))
