r"""The largest exponent over the slope along s, which a mixture's level does not fix.

At a critical point let N r be the radial derivative, Gaussian of mean N c and variance N W given all else.
The exponent of the mean number of points at r has in r the terms

    Phi(r/sqrt d2) - (r - c)^2/(2 W),   Phi(x) = x^2/4 - J(x),   d2 = xi''(1),

J the cost of an eigenvalue beyond the edge (`theory.annealed.mixed_model`). Its derivative vanishes at
r = 2 d2 c/(2 d2 - W) within the bulk, abs(r) <= 2 sqrt d2; beyond it at r = 2 sqrt(d2) cosh t with the sign
of c, d2 y^2 - sqrt(d2) abs(c) y + d2 - W = 0 for y = exp t. In the pure model W = 0 and r = c = p u.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from theory.annealed.pure_model import rate_at
from theory.arithmetic.functions import NUMPY
from theory.model import Mixture

Real = NDArray[np.float64]


def largest_over_slopes(model: Mixture, mean: ArrayLike, variance: ArrayLike) -> tuple[Real, Real]:
    """The largest value over r, and the r at which it is.

    Parameters
    ----------
    model
        Any.
    mean, variance
        c and W; broadcast.

    Examples
    --------
    >>> from theory.model import pure
    >>> value, r = largest_over_slopes(pure(3), -4.95, 0.0)  # p u at u = -1.65
    >>> float(value.round(6)), float(r.round(6))
    (1.01893, -4.95)
    """
    c, w = np.broadcast_arrays(np.asarray(mean, dtype=float), np.asarray(variance, dtype=float))
    d2 = float(model.xi(1, 2))
    stiffness, size = 2 * d2 - w, np.abs(c)
    outside = size * d2**0.5 >= stiffness
    inner = 2 * d2 * c / np.where(outside, 1.0, stiffness)
    root = np.sqrt(np.maximum(c**2 - 4 * (d2 - w), 0.0))
    # same (1.0 -> 2.0): not taken inside
    y = np.where(outside, (size + root) / (2 * d2**0.5), 1.0)
    t: Any = np.log(np.maximum(y, 1.0))
    beyond = np.cosh(t) ** 2 - rate_at(t, NUMPY) - w * np.exp(-2 * t) / (2 * d2)
    within = inner**2 * stiffness / (8 * d2**2)
    r = np.where(outside, np.copysign(2 * d2**0.5 * np.cosh(t), c), inner)
    return np.where(outside, beyond, within), r
