"""A certified number as text: a decimal midpoint and a decimal radius."""

from __future__ import annotations

import math
import operator
from collections.abc import Callable
from dataclasses import dataclass
from decimal import ROUND_CEILING, Context, Decimal, InvalidOperation
from fractions import Fraction
from numbers import Rational
from typing import Any

import flint
import mpmath
from mpmath.libmp import from_man_exp, mpf_mul, to_rational, to_str

_MORE = 20  # digits of a result beyond those of the operands, where they stand
_SHOWN = 50  # characters of a number in a repr
_UP = Context(prec=4, rounding=ROUND_CEILING)  # of radii


def _exact(text: str) -> Fraction:
    """The decimal number; by Decimal, which reads any number of digits."""
    return Fraction(Decimal(text))


def _upward(radius: Fraction) -> str:
    """A decimal of a few digits that is no smaller."""
    return str(_UP.divide(Decimal(radius.numerator), Decimal(radius.denominator))).lower()


def _power(base: int, exponent: int) -> Fraction:
    return Fraction(base) ** exponent


def _dyadic(man: Any, exp: Any) -> Fraction:
    return int(man) * _power(2, int(exp))


def _tex(text: str) -> str:
    mantissa, e, exponent = text.lower().partition("e")
    return rf"{mantissa} \times 10^{{{int(exponent)}}}" if e else mantissa


def _exactly(x: Any) -> tuple[Fraction, Fraction] | None:
    """Midpoint and radius of a ball or a number, without rounding; None for anything else."""
    if isinstance(x, Ball):
        return _exact(x.value), _exact(x.radius)
    if isinstance(x, flint.arb) and x.is_finite():
        return _dyadic(*x.mid().man_exp()), _dyadic(*x.rad().man_exp())
    try:
        if isinstance(x, mpmath.mpf):
            finite = mpmath.isfinite(x)
            return (Fraction(*to_rational(x._mpf_)), Fraction()) if finite else None
        return (Fraction(x), Fraction()) if isinstance(x, Rational | Decimal | float) else None
    except (ValueError, ArithmeticError):  # of what is not finite
        return None


@dataclass(frozen=True, repr=False)
class Ball:
    """A real number known to lie within ``radius`` of ``value``.

    Arithmetic with balls and with numbers (int, float, Fraction, Decimal, mpmath's mpf, Arb's arb, all
    taken exactly) gives a ball that contains the result. An order, ``a < b``, is true where it is proved;
    ``==`` compares the texts. `from_arb`, `arb` and `mpf` are the ways in and out.

    Attributes
    ----------
    value, radius
        Decimal strings; the rounding of the midpoint is part of the radius.

    Examples
    --------
    >>> with flint.ctx.workprec(100):
    ...     ball = Ball.from_arb(flint.arb(2).sqrt(), 12)
    >>> ball.value, float(ball.radius) < 1e-11
    ('1.41421356237', True)
    >>> (ball + 1).value, ball < 1.5, ball**2 < 2
    ('2.414213562370', True, False)
    >>> print(f"{ball:.5f}; {round(ball, 3)}; {ball.latex()}")
    1.41421 +/- 0.000003563; 1.414 +/- 0.0002136; \\num{1.414213562370(4)}
    """

    value: str
    radius: str

    @classmethod
    def from_arb(cls, x: flint.arb, digits: int) -> Ball:
        """Round an Arb ball to a number of significant digits; the result contains it.

        Digits that do not stand are not printed: fewer where the radius is large, 0 where it
        reaches 0.

        Examples
        --------
        >>> str(Ball.from_arb(flint.arb(1e-9, 2e-9), 10)), str(Ball.from_arb(flint.arb(1.5, 0.001), 9))
        ('0 +/- 3.023e-9', '1.500 +/- 0.001008')
        """
        # same (all): how many digits of a wide ball are printed; the radius says how many stand
        stand = max(1, int(x.rel_accuracy_bits() * 0.30103) + 2)
        value = "0" if x.contains(0) else x.mid().str(min(digits, stand), radius=False)
        with flint.ctx.workprec(bits_of(digits, 64)):  # same (numbers): spare bits
            distance = abs(x - flint.arb(value)).upper()
        man, exp = distance.man_exp()
        # guard (all): what rounds the radius up
        # tests/theory/arithmetic/test_ball.py::test_text_contains_the_ball_it_was_made_from
        upper = mpf_mul(from_man_exp(int(man), int(exp)), from_man_exp(129, -7))  # x 1.0078
        # same (4 -> 5, 4 -> 8): digits of a radius
        return cls(value, to_str(upper, 4) if man else "0")

    def arb(self) -> flint.arb:
        """The ball in Arb, at flint's current precision."""
        return flint.arb(flint.arb(self.value), flint.arb(self.radius).abs_upper())

    def mpf(self) -> mpmath.mpf:
        """The midpoint in mpmath, at its current precision."""
        return mpmath.mpf(self.value)

    def _with(self, other: Any, operation: Callable[[Any, Any], Any]) -> Ball:
        """The ball of an operation, with the digits that stand."""
        ends = _exactly(other)
        if ends is None:
            return NotImplemented
        digits = max(len(one.value) for one in (self, other) if isinstance(one, Ball)) + _MORE
        with flint.ctx.workprec(bits_of(digits, digits)):
            middle, radius = map(to_arb, ends)
            found = operation(self.arb(), flint.arb(middle, radius.abs_upper()))
            if not found.is_finite():
                raise ArithmeticError(f"no bounded number is of ({self}) and ({other})")
            return Ball.from_arb(found, digits)

    def __add__(self, other: Any) -> Ball:
        """The ball of the sum."""
        return self._with(other, operator.add)

    def __sub__(self, other: Any) -> Ball:
        """The ball of the difference."""
        return self._with(other, operator.sub)

    def __mul__(self, other: Any) -> Ball:
        """The ball of the product."""
        return self._with(other, operator.mul)

    def __truediv__(self, other: Any) -> Ball:
        """The ball of the quotient; ArithmeticError where the divisor may be 0."""
        return self._with(other, operator.truediv)

    def __pow__(self, other: Any) -> Ball:
        """The ball of the power."""
        return self._with(other, operator.pow)

    __radd__, __rmul__ = __add__, __mul__

    def __rsub__(self, other: Any) -> Ball:
        """The ball of the difference, from a number."""
        return self._with(other, lambda own, given: given - own)

    def __rtruediv__(self, other: Any) -> Ball:
        """The ball of the quotient of a number."""
        return self._with(other, lambda own, given: given / own)

    def __abs__(self) -> Ball:
        """The ball of the absolute value."""
        return -self if self.value.startswith("-") else self

    def _ordered(self, other: Any, holds: Callable[[Fraction, Fraction], bool]) -> bool:
        """Whether a relation holds for the smallest and the largest of ``other - self``."""
        ends = _exactly(other)
        if ends is None:
            return NotImplemented
        gap, width = ends[0] - _exact(self.value), ends[1] + _exact(self.radius)
        return holds(gap - width, gap + width)

    def __lt__(self, other: Any) -> bool:
        """Whether every point is proved to be less."""
        return self._ordered(other, lambda least, _: least > 0)

    def __le__(self, other: Any) -> bool:
        """Whether no point is greater."""
        return self._ordered(other, lambda least, _: least >= 0)

    def __gt__(self, other: Any) -> bool:
        """Whether every point is proved to be greater."""
        return self._ordered(other, lambda _, most: most < 0)

    def __ge__(self, other: Any) -> bool:
        """Whether no point is less."""
        return self._ordered(other, lambda _, most: most <= 0)

    def _about(self, value: str) -> Ball:
        """A ball about another midpoint that contains this one."""
        moved = abs(_exact(value) - _exact(self.value))
        return Ball(value, _upward(moved + _exact(self.radius)))

    def __round__(self, places: int = 0) -> Ball:
        """The midpoint to so many decimal places; what that changes is part of the radius."""
        units = round(_exact(self.value) * _power(10, places))
        return self._about(str(Decimal(f"{units}e{-places}")).lower())

    def __format__(self, spec: str) -> str:
        """``.10f``, ``.6g`` and their like for the midpoint, the radius widened; ``L`` for LaTeX."""
        if spec in ("", "L"):
            return self.latex() if spec else str(self)
        try:
            return str(self._about(format(Decimal(self.value), spec).strip()))
        except (ValueError, InvalidOperation):
            raise ValueError(f"format {spec!r}: takes one such as .10f, .6e, .6g, or L") from None

    def latex(self) -> str:
        r"""For siunitx, ``\num{1.414(1)}``: in brackets a bound of the error in units of the last place.

        Examples
        --------
        >>> print(Ball("-1.5", "3.2e-3").latex(), Ball("0.25", "0").latex())
        \num{-1.500(4)} \num{0.25}
        """
        place = Decimal(self.radius).adjusted()
        rounded = round(self, -place) if Decimal(self.radius) else self
        units = math.ceil(_exact(rounded.radius) * _power(10, -place))
        mantissa, e, exponent = rounded.value.partition("e")
        return rf"\num{{{mantissa}{f'({units})' if units else ''}{e}{exponent}}}"

    def _repr_markdown_(self) -> str:
        """For notebooks."""
        return rf"${_tex(self.value)} \pm {_tex(self.radius)}$"

    def __repr__(self) -> str:
        """Short: of a long number the first digits."""
        value, radius = (
            text if len(text) <= _SHOWN else text[:_SHOWN] + "…"
            for text in (self.value, self.radius)
        )
        return f"Ball({value!r}, {radius!r})"

    def __neg__(self) -> Ball:
        """The ball mirrored at 0."""
        value = self.value[1:] if self.value.startswith("-") else "-" + self.value
        return Ball(value, self.radius)

    def __float__(self) -> float:
        """The midpoint, rounded."""
        return float(self.value)

    def overlaps(self, other: Ball) -> bool:
        """Whether the two balls have a point in common (False proves that they differ)."""
        gap = abs(_exact(self.value) - _exact(other.value))
        return gap <= _exact(self.radius) + _exact(other.radius)

    def contains(self, other: Ball | str) -> bool:
        """Whether every point of the other ball (or a decimal number) lies in this one."""
        inner = other if isinstance(other, Ball) else Ball(other, "0")
        gap = abs(_exact(self.value) - _exact(inner.value))
        return gap + _exact(inner.radius) <= _exact(self.radius)

    def __str__(self) -> str:
        """For people: ``value +/- radius``."""
        return f"{self.value} +/- {self.radius}"


class Threshold(Ball):
    """A threshold of a model, E_inf or E_k > 0. Levels are minus it, so what takes a level refuses it.

    Examples
    --------
    >>> barrier = Threshold("1.633", "0.001")
    >>> -barrier, barrier == Ball("1.633", "0.001")
    (Ball('-1.633', '0.001'), True)
    """

    def __eq__(self, other: object) -> bool:
        """Whether the texts are the same, as of any ball."""
        if not isinstance(other, Ball):
            return NotImplemented
        return (self.value, self.radius) == (other.value, other.radius)

    def __hash__(self) -> int:
        """Of the texts."""
        return hash((self.value, self.radius))


def bits_of(digits: int, spare: int) -> int:
    """Bits of so many digits, and some to spare."""
    # same (3.33 -> 4.33, 3.33 -> 6.66): more than it takes
    return int(3.33 * digits) + spare


def to_arb(number: Fraction | Ball) -> flint.arb:
    """A rational number or a ball in Arb, at flint's current precision.

    Examples
    --------
    >>> to_arb(Fraction(-17, 8)), to_arb(Ball("0.5", "0"))
    (-2.12500000000000, 0.500000000000000)
    """
    if isinstance(number, Ball):
        return number.arb()
    return flint.arb(flint.fmpq(number.numerator, number.denominator))
