"""The energy at infinite time, from the power law of its tail."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from theory.mean_field_dynamics.cugliandolo_kurchan import Real, Relaxation


@dataclass(frozen=True)
class Tail:
    """u(t) -> limit + amplitude t^(-exponent): from t, t/4 and t/16, with the error of each."""

    limit: float
    limit_error: float
    exponent: float
    exponent_error: float


def tail(flow: Relaxation) -> Tail:
    """Fit of the approach to the limit, at the end of a relaxation.

    Three times in a row with ratio 4 give limit and exponent of a power law exactly. The errors are
    the range of the same fit at the end and a factor 4 and 16 earlier, plus what the error of u may do.

    Examples
    --------
    >>> t = np.expm1(np.arange(200) / 20)
    >>> u = -1.5 + 0.3 * (1 + t) ** (-2 / 3)
    >>> flow = Relaxation(t, u, 0 * u, u, *[u[:, None]] * 4)
    >>> found = tail(flow)
    >>> round(found.limit, 4), round(found.exponent, 2)
    (-1.5, 0.67)
    """
    last = float(flow.t[-1])
    # same (5 -> 6): one more than is used
    u = flow.energy(last / 4.0 ** np.arange(5))
    # same (3 -> 6): what is more is not used
    limits, exponents, gains = zip(*(_power_law(u[i : i + 3]) for i in range(3)), strict=True)
    # same (4 -> 5, 4 -> 8): a bound of an error
    noise = 4 * float(flow.error[-1]) * gains[0]
    # same (all): a bound of an error
    steps = abs(u[0] - u[1])
    return Tail(
        limits[0],
        float(np.ptp(limits)) + noise,
        exponents[0],
        float(np.ptp(exponents) + noise / steps),
    )


def _power_law(u: Real) -> tuple[float, float, float]:
    """Limit, exponent and amplification of errors for u(t), u(t/4), u(t/16)."""
    near, far = u[1] - u[0], u[2] - u[1]
    ratio = far / near  # 4^exponent
    gain = float(1 + 1 / (ratio - 1)) ** 2
    return float(u[0] - near / (ratio - 1)), math.log(ratio, 4), gain
