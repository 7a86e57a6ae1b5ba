"""Levels of energy u = H/N: one of them exactly, or many as floats."""

from __future__ import annotations

import math
from decimal import Decimal
from fractions import Fraction
from typing import SupportsFloat

import numpy as np
from numpy.typing import ArrayLike, NDArray

from theory.arithmetic.ball import Ball, Threshold
from theory.checks import InputError, bad

Real = NDArray[np.float64]
Level = Fraction | Ball

# guard (all): what is refused
# tests/theory/test_levels.py::test_what_is_no_level_is_named
_MOST_EXPONENT = 100_000  # of a text, bounded before a fraction with so many digits is made


def _rational(number: object) -> Fraction:
    """A number or a text as a fraction; ValueError, TypeError or ArithmeticError if it is neither."""
    decimal = isinstance(number, str) and "/" not in number
    if decimal and abs(Decimal(str(number)).adjusted()) > _MOST_EXPONENT:
        raise ValueError(number)
    return Fraction(number)  # type: ignore[call-overload]


def _is_threshold(argument: str, u: Threshold) -> InputError:
    """E_inf or E_k where a level is asked for: at +E_inf there is another number, and no sign of it."""
    return bad(
        argument, f"a threshold, {float(u):.6g}", "a level: minus it, or its name such as -E_inf"
    )


def exact_level(argument: str, u: object, most: int | None = None) -> Level:
    """The level that was given, without rounding.

    Parameters
    ----------
    argument
        Its name, for the error.
    u
        A number, a text (the decimal number or fraction that it spells), or a ball.
    most
        If given, the largest absolute value.

    Raises
    ------
    InputError
        For anything else, what is not finite, and beyond ``most``.

    Examples
    --------
    >>> exact_level("u", "-1.7"), exact_level("u", -0.5), exact_level("u", Ball("-1.7", "1e-9"))
    (Fraction(-17, 10), Fraction(-1, 2), Ball('-1.7', '1e-9'))
    """
    if isinstance(u, Threshold):
        raise _is_threshold(argument, u)
    kind = "a finite number" if most is None else f"a level between {-most:g} and {most:g}"
    takes = f"{kind}, as a number, a text (-1.7, -17/10; exponents to 100000) or a Ball"
    try:
        middle = _rational(u.value if isinstance(u, Ball) else u)
        if isinstance(u, Ball) and not u.arb().is_finite():
            raise ValueError(u)
    except (TypeError, ValueError, ArithmeticError):
        raise bad(argument, repr(u), takes) from None
    if most is not None and abs(middle) > most:
        raise bad(argument, u, takes)
    return u if isinstance(u, Ball) else middle


def float_levels(
    argument: str,
    levels: ArrayLike | SupportsFloat,
    least: float = -math.inf,
    most: float = math.inf,
) -> Real:
    """Levels in float64, of any shape; InputError unless all are finite and within the bounds.

    Examples
    --------
    >>> float_levels("u", [-1.5, 0]).tolist()
    [-1.5, 0.0]
    """
    bounded = math.isfinite(least) or math.isfinite(most)
    takes = f"levels between {least:g} and {most:g}" if bounded else "finite numbers"
    if not isinstance(levels, np.ndarray) or levels.dtype.hasobject:
        for u in np.asarray(levels, dtype=object).flat:
            if isinstance(u, Threshold):
                raise _is_threshold(argument, u)
    try:
        found = np.asarray(levels, dtype=float)
    except (TypeError, ValueError, OverflowError):
        raise bad(argument, repr(levels), takes) from None
    if not (np.isfinite(found) & (found >= least) & (found <= most)).all():
        raise bad(argument, levels, takes)
    return found


def float_level(
    argument: str,
    level: ArrayLike | SupportsFloat,
    least: float = -math.inf,
    most: float = math.inf,
) -> float:
    """One level in float64, as `float_levels`; InputError also where there are several.

    Examples
    --------
    >>> float_level("u", -1.5)
    -1.5
    """
    found = float_levels(argument, level, least, most)
    if found.ndim:
        raise bad(argument, repr(level), "one number")
    return float(found)
