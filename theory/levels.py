"""Levels of energy u = H/N, taken exactly."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from typing import Any

import flint

from theory.arithmetic.ball import Ball
from theory.checks import MOST_DIGITS, bad

_MAX_EXPONENT = 10_000


def exact_level(u: object) -> flint.arb:
    """A level as a ball: exact for a number or a text; InputError for anything else."""
    try:
        if isinstance(u, Ball):
            ball = u.arb()
            if not ball.is_finite():
                raise ValueError
            return ball
        if isinstance(u, str) and "/" not in u and abs(Decimal(u).adjusted()) > _MAX_EXPONENT:
            raise ValueError
        exact = Fraction(u)  # type: ignore[call-overload]
    except (ValueError, TypeError, ArithmeticError):
        takes = "a finite number, a text (-1.7, -17/10; exponents below 10000), or a Ball"
        raise bad("u", repr(u), takes) from None
    return flint.arb(exact.numerator) / exact.denominator


Level = Fraction | Ball | None


def check_level(below: object) -> Level:
    """A level that is a number (a string as the decimal number) or a ball, within +-100."""
    if below is None:
        return None
    takes = "a level between -100 and 100"
    text = below.value if isinstance(below, Ball) else below
    try:
        # Exponents are bounded before a fraction with so many digits is made.
        if isinstance(text, str) and not (
            "/" in text or abs(Decimal(text).adjusted()) <= MOST_DIGITS
        ):
            raise ValueError(text)
        number: Any = text
        value = Fraction(number)
    except (TypeError, ValueError, ArithmeticError):
        raise bad("below", repr(below), takes) from None
    if not abs(value) <= 100:
        raise bad("below", below, takes)
    return below if isinstance(below, Ball) else value
