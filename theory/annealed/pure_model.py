"""The complexity functions Theta_p and Theta_{k,p} of the pure model, and the barrier E_inf.

Each formula is written once, over the few functions (log, sqrt, sinh, cosh) that it needs, so that
float arrays, mpmath, balls and SymPy evaluate the same text. That these formulas are what Kac and
Rice give is proved in `theory.derivation.kac_rice`, not here. Below the barrier the level is written
u = -E_inf cosh t, where the rate function I = (sinh 2t - 2t)/2 loses no digits near the barrier.
"""

from __future__ import annotations

import math
from fractions import Fraction
from functools import cache
from typing import Any, Literal

import flint
import mpmath
import numpy as np
from numpy.typing import ArrayLike, NDArray

from theory.arithmetic.functions import ARB, MPMATH, NUMPY, Functions

Branch = Literal["outside", "bulk", "plateau", "positive"]
Real = NDArray[np.float64]


def barrier(p: Any, f: Functions) -> Any:
    """E_inf = 2 sqrt((p-1)/p), the edge of the Hessian's spectrum (CHMBL Sec. 4)."""
    return 2 * f.sqrt((p - 1) / p)


def rate_at(t: Any, f: Functions) -> Any:
    """I(-E_inf cosh t) = (sinh 2t - 2t)/2 (ABC eq. 2.10 after the substitution)."""
    return (f.sinh(2 * t) - 2 * t) / 2


def bulk(p: Any, u: Any, f: Functions) -> Any:
    """Theta_p for -E_inf <= u <= 0 (ABC Thm 2.8)."""
    return f.log(p - 1) / 2 - (p - 2) * u**2 / (4 * (p - 1))


def positive(p: Any, f: Functions) -> Any:
    """Theta_p for u >= 0: all critical points."""
    return f.log(p - 1) / 2


def plateau(p: Any, f: Functions) -> Any:
    """Theta_{k,p} for u >= -E_inf (ABC Thm 2.5; the paper's print is erratum E1)."""
    return f.log(p - 1) / 2 - (p - 2) / p


def outside(p: Any, t: Any, k: Any, f: Functions) -> Any:
    """Theta_{k,p} at u = -E_inf cosh t, t >= 0; k = 0 is Theta_p there too (ABC Thm 2.5, 2.8)."""
    return bulk(p, barrier(p, f) * f.cosh(t), f) - (k + 1) * rate_at(t, f)


@cache
def _e_inf_parts(p: int) -> tuple[float, float]:
    """E_inf as an unevaluated sum of two floats (about 106 bits)."""
    # same (all): more terms or bits than float64 shows
    shift = 240
    exact = Fraction(math.isqrt((4 * (p - 1) << 2 * shift) // p), 1 << shift)
    high = float(exact)
    return high, float(exact - Fraction(high))


def e_inf(p: int) -> float:
    """E_inf(p) in float64, correctly rounded up to one unit.

    Examples
    --------
    >>> e_inf(3)
    1.632993161855452
    """
    return _e_inf_parts(p)[0]


def _t_of(p: int, u: Real) -> Real:
    """t >= 0 with u = -E_inf cosh t, and 0 for u >= -E_inf; no digits lost near the barrier."""
    high, low = _e_inf_parts(p)
    # same (all): the second half of a double-double, 1e-17 of a level
    beyond = np.maximum(0.0, (-u - high) - low)
    return np.asarray(2 * np.arcsinh(np.sqrt(beyond / (2 * high))))


def _sinh_minus(x: Real) -> Real:
    """sinh(x) - x for x >= 0, by its series where the difference would cancel."""
    square = x * x
    series = np.ones_like(x)
    # same (all): more terms or bits than float64 shows
    for j in range(9, 0, -1):
        series = 1 + series * square / ((2 * j + 2) * (2 * j + 3))
    with np.errstate(over="ignore"):
        # same (all): the series and the difference agree nearby
        return np.asarray(np.where(x < 1, x * square / 6 * series, np.sinh(x) - x))


def rate(p: int, u: ArrayLike) -> Real:
    """I(u) = (2/E_inf^2) int_u^{-E_inf} sqrt(z^2 - E_inf^2) dz, and 0 for u >= -E_inf.

    Parameters
    ----------
    p
        Order, >= 2.
    u
        Levels, any shape.

    Returns
    -------
    ndarray
        Relative error a few units of rounding, at any distance from the barrier.

    Examples
    --------
    >>> float(rate(3, -2.0).round(12))
    0.207546455322
    """
    return _sinh_minus(2 * _t_of(p, np.asarray(u, dtype=float))) / 2


def theta(p: int, u: ArrayLike, k: int | None = None) -> Real:
    """Theta_p (k None) or Theta_{k,p} in float64.

    Parameters
    ----------
    p
        Order, >= 2.
    u
        Levels H/N, any shape.
    k
        Index >= 0, or None for the total.

    Returns
    -------
    ndarray
        Absolute error below 1e-15 (1 + k) (1 + u^2) log(3 + abs(u)).

    Examples
    --------
    >>> theta(3, [-1.7, -1.0, 1.0]).round(6)
    array([-0.030446,  0.221574,  0.346574])
    """
    levels = np.asarray(u, dtype=float)
    top = positive(p, NUMPY)
    if k is None:
        inside = np.where(levels < 0, bulk(p, np.minimum(levels, 0.0), NUMPY), top)
        return np.asarray(inside - rate(p, levels))
    below = bulk(p, np.minimum(levels, 0.0), NUMPY) - (k + 1) * rate(p, levels)
    return np.asarray(np.where(levels < -e_inf(p), below, plateau(p, NUMPY)))


def theta_mp(p: int, u: Any, k: int | None, digits: int) -> mpmath.mpf:
    """Theta_p or Theta_{k,p} by mpmath, at a precision well above ``digits``.

    Examples
    --------
    >>> mpmath.nstr(theta_mp(3, 0, None, 30), 25)
    '0.3465735902799726547086161'
    """
    # same (all): twice the digits asked for, and more
    with mpmath.workdps(2 * digits + 20):
        order, level = mpmath.mpf(p), mpmath.mpmathify(u)
        edge = barrier(order, MPMATH)
        if level < -edge:
            return +outside(order, mpmath.acosh(-level / edge), k or 0, MPMATH)
        if k is not None:
            return +plateau(order, MPMATH)
        return +(bulk(order, level, MPMATH) if level < 0 else positive(order, MPMATH))


def e_inf_arb(p: int) -> flint.arb:
    """E_inf(p) as a ball at flint's current precision."""
    return barrier(flint.arb(p), ARB)


def theta_arb(p: int, u: flint.arb, k: int | None = None) -> flint.arb:
    """Theta_p or Theta_{k,p} as a ball that contains the values at every point of the ball u.

    A ball that straddles -E_inf or 0 is taken in parts, so the result is the hull.
    """
    order = flint.arb(p)
    parts = []
    edge = barrier(order, ARB)
    beyond = -u - edge
    if not beyond < 0:
        # cosh t - 1 = beyond/E_inf >= 0 on this part; t = 2 asinh sqrt of half of it.
        ratio = beyond.nonnegative_part() / (2 * edge)
        t = 2 * ratio.sqrt().asinh()
        # Decreasing in t; at the ends alone, as sinh 2t - 2t of a wide ball is far too wide.
        parts += [outside(order, end, k or 0, ARB) for end in (t.lower(), t.upper())]
    if not beyond > 0:
        if k is not None:
            parts.append(plateau(order, ARB))
        else:
            if not u > 0:
                parts.append(bulk(order, (-u).nonnegative_part().min(edge), ARB))
            if not u < 0:
                parts.append(positive(order, ARB))
    hull = parts[0]
    for part in parts[1:]:
        hull = hull.union(part)
    return hull
