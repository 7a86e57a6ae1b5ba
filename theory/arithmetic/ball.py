"""A certified number as text: a decimal midpoint and a decimal radius."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

import flint
from mpmath.libmp import from_man_exp, mpf_mul, to_str


def _exact(text: str) -> Fraction:
    """The decimal number; by Decimal, which reads any number of digits."""
    return Fraction(Decimal(text))


@dataclass(frozen=True)
class Ball:
    """A real number known to lie within ``radius`` of ``value``.

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
        return cls(value, to_str(upper, 4) if man else "0")

    def arb(self) -> flint.arb:
        """The ball in Arb, at flint's current precision."""
        return flint.arb(flint.arb(self.value), flint.arb(self.radius).abs_upper())

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
