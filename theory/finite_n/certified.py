"""Mean numbers of critical points as certified balls, in total and by index, to any number of digits.

The total has a closed form (`theory.finite_n.total_ball`), whatever N; by index the work grows like N^4.5
(`theory.finite_n.by_index_ball`), and what would take more than a minute is refused with its reason.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Protocol

import flint

from theory.arithmetic.ball import Ball, bits_of
from theory.arithmetic.ziv import Missing, until_precise
from theory.checks import InputError, bad, check_digits
from theory.finite_n.by_index_ball import IndexBall
from theory.finite_n.critical_points import CriticalPoints
from theory.finite_n.total_ball import TotalBall
from theory.model import Mixture

Arb = flint.arb

# guard (all): what is refused
# tests/theory/finite_n/test_certified.py::test_too_much_work_is_said_at_once
MOST_SECONDS = 60.0  # of one core, by the estimate of `seconds`

# same (all): how much more precision is tried
_GUARD = 6  # digits beyond those asked for
_TIES = 2  # more rounds for a number that is the middle of two decimals


class Evaluator(Protocol):
    """A mean number of critical points that can be had at any working precision.

    Its text says which, for an error.
    """

    def first_bits(self, accuracy: int) -> int:
        """Bits at which about ``accuracy`` bits of the number stand."""

    def seconds(self, bits: int) -> float:
        """About how long `ball` takes on one core of a present machine."""

    def ball(self, bits: int) -> Arb:
        """The mean number at so many bits: a ball, however wide."""


def _refuse(digits: int, evaluator: Evaluator, needed: float, most: float) -> InputError:
    return bad(
        "digits",
        digits,
        f"fewer for {evaluator}, or a smaller N: a ball would take about {needed:.2g} s, and "
        f"{most:g} s are spent at most; float64 has about 9",
    )


# same (all): how much more precision is tried
def _missing(value: Arb, digits: int) -> int:
    """Bits that the ball lacks for so many digits."""
    if not value.is_finite() or value.contains(0):
        return max(64, flint.ctx.prec // 2)
    return bits_of(digits + _GUARD, 2) - int(value.rel_accuracy_bits())


# same (64 -> 128): spare bits
def _round_up_to_64(bits: int) -> int:
    """Rounded up, so that quadratures that are cached serve other indices and levels too."""
    return 64 * (bits // 64 + 1)


def certified_ball(points: CriticalPoints, digits: int, most_seconds: float = MOST_SECONDS) -> Ball:
    """`certified_count` of critical points whose description is checked already."""
    evaluator: Evaluator = TotalBall(points) if points.k is None else IndexBall(points, points.k)
    ties = 0
    before: Arb | None = None

    def attempt(bits: int) -> Ball | Missing:
        nonlocal ties, before
        needed = evaluator.seconds(bits)
        if needed > most_seconds:  # same (comparisons): an estimate
            raise _refuse(digits, evaluator, needed, most_seconds)
        value = evaluator.ball(bits)
        missing = _missing(value, digits)
        if missing <= 0:
            found = rounded(value, digits)
            if found is not None or ties == _TIES:
                return found or Ball.from_arb(value, digits)
            ties += 1
            missing = 64  # same (all): how much more precision is tried
        # same (all): how soon it is seen that the level is what is wide
        elif (
            isinstance(points.below, Ball)
            and before is not None
            and before.rad() <= 2 * value.rad()
        ):
            raise bad("below", points.below, "a ball narrow enough for the digits asked for")
        before = value
        return Missing(_round_up_to_64(bits + missing) - bits)

    # same (all): the first precision tried
    first = evaluator.first_bits(bits_of(digits + _GUARD, 0))
    return until_precise(attempt, _round_up_to_64(first))


# guard (all): what is refused
# tests/theory/finite_n/test_certified.py::test_only_what_rounds_to_one_decimal_is_rounded
def rounded(value: Arb, digits: int) -> Ball | None:
    """The ball to so many digits, or None unless all of it rounds to the same decimal number.

    Examples
    --------
    >>> with flint.ctx.workprec(100):
    ...     rounded(flint.arb(2).sqrt(), 5).value, rounded(flint.arb(1, 0.001), 9)
    ('1.4142', None)
    """
    text = value.mid().str(digits, radius=False)
    unit = Decimal(text).adjusted() - digits + 1
    with flint.ctx.workprec(bits_of(digits, 64) + 4 * abs(unit).bit_length()):
        half = Arb(10) ** unit / 2
        if not abs(value - Arb(text)) <= half:
            return None
    return Ball.from_arb(value, digits)


def certified_count(
    model: Mixture,
    n: int,
    k: int | None = None,
    below: object = None,
    digits: int = 25,
    most_seconds: float = MOST_SECONDS,
) -> Ball:
    """Mean number of critical points of index k, or of all, with H/N <= below: a ball.

    Parameters
    ----------
    model
        Any mixture, in an external field (a term of degree 1) or without.
    n
        Number of spins, from 2 to 20000; by index as far as the work allows, N = 40 at 30 digits.
    k
        Index, from 0 to n - 1, or None for all together.
    below
        Level, a number taken exactly (a string as the decimal number) or a ball, from -100 to 100, or a
        name, "-E_inf", "-E_0", ...; None for all.
    digits
        Significant digits, from 1 to 100000.
    most_seconds
        Work above which it is refused, as estimated for one core.

    Returns
    -------
    Ball
        ``value`` is the mean number correctly rounded to so many digits (within 10^-6 of a unit of the
        last where it lies in the middle of two), ``radius`` its distance.

    Raises
    ------
    InputError
        For bad input, where the work would be too much, and where the ball of the level is too wide.

    References
    ----------
    ABC, Thm 2.1; de Bruijn, On some multiple integrals involving determinants (1955).

    Examples
    --------
    >>> from theory.model import pure
    >>> certified_count(pure(3), 2, 0, digits=20).value  # sqrt 7
    '2.6457513110645905905'
    >>> certified_count(pure(3), 1000, below="-1.64", digits=20).value
    '863.70425778156166633'
    """
    digits = check_digits(digits)
    # same (numbers): spare digits of the level
    points = CriticalPoints.of(model, n, k, below, digits + 40)
    return certified_ball(points, digits, most_seconds)
