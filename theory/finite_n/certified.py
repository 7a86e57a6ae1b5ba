"""Mean numbers of critical points as certified balls, in total and by index, to any number of digits.

The total has a closed form (`theory.finite_n.total_ball`), whatever N; by index the work grows like N^4.5
(`theory.finite_n.by_index_ball`), and what would take more than a minute is refused with its reason.
"""

from __future__ import annotations

import math
from decimal import Decimal
from functools import lru_cache

import flint

from theory.arithmetic.ball import Ball
from theory.checks import MOST_DIGITS, InputError, bad, check_integer
from theory.finite_n.by_index_ball import mean_weights, points, spare
from theory.finite_n.integrand import Constants
from theory.finite_n.total_ball import mean_total
from theory.levels import Level, check_level
from theory.model import Mixture, normalised

Arb = flint.arb

MOST_SPINS = 20_000
MOST_SECONDS = 60.0  # of one core, by the estimate of `seconds`
_GUARD = 6  # digits beyond those asked for
_MOST_BITS = 10**6
_TIES = 2  # more rounds for a number that is the middle of two decimals


def _arb(level: Level) -> Arb | None:
    if level is None:
        return None
    return level.arb() if isinstance(level, Ball) else Constants.ball(level)


def _first_bits(constants: Constants, n: int, k: int | None, level: Level, digits: int) -> int:
    bits = int(3.33 * (digits + _GUARD))
    if k is None:
        return bits + 2 * n + 64
    # Far below the spectrum each of k + 1 eigenvalues costs as much as the lowest, and more.
    return bits + spare(n) + (k + 1) * max(0, -_log2_total(constants, n, level))


def _log2_total(constants: Constants, n: int, level: Level) -> int:
    """log2 of the mean weight of all eigenvalues together."""
    bits = 4 * n + 128
    while bits < _MOST_BITS:
        with flint.ctx.workprec(bits):
            mean = mean_total(constants, n, _arb(level))
            if mean > 0:
                return math.floor(float(mean.log()) / math.log(2))
        bits *= 2
    return -bits


def _shared(bits: int) -> int:
    """Rounded up, so that different indices and levels meet the same points."""
    return 64 * (bits // 64 + 1)


def seconds(constants: Constants, n: int, k: int | None, level: Level, bits: int) -> float:
    """About how long one round at so many bits takes on one core of a present machine."""
    if k is None:
        return float(1.6 * (n / 5000) ** 2.1 + 1.4 * n / 1000 * (bits / 1e5) ** 1.2)
    one = 0.001 * (1 + (bits / 1200) ** 1.6) + 0.04 * (n / 30) ** 3.5 * (bits / 500) ** 1.3
    return float(one * points(constants, n, level is not None, bits))


@lru_cache(maxsize=64)
def _means(constants: Constants, n: int, level: Level, bits: int) -> list[Arb]:
    with flint.ctx.workprec(bits):
        return mean_weights(constants, n, _arb(level))


def _ball(constants: Constants, n: int, k: int | None, level: Level, bits: int) -> Arb:
    """The mean number at so many bits: a ball, however wide."""
    with flint.ctx.workprec(bits):
        if k is None:
            return constants.factor(n) * mean_total(constants, n, _arb(level))
        return constants.factor(n) * _means(constants, n, level, bits)[k]


def _missing(value: Arb, digits: int) -> int:
    """Bits that the ball lacks for so many digits."""
    if not value.is_finite() or value.contains(0):
        return max(64, flint.ctx.prec // 2)
    return int(3.33 * (digits + _GUARD)) + 2 - int(value.rel_accuracy_bits())


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
    with flint.ctx.workprec(int(3.33 * digits) + 64 + 4 * abs(unit).bit_length()):
        half = Arb(10) ** unit / 2
        if not abs(value - Arb(text)) <= half:
            return None
    return Ball.from_arb(value, digits)


def _refuse(digits: int, n: int, k: int | None, needed: float, most: float) -> InputError:
    what = "the total" if k is None else f"index {k}"
    return bad(
        "digits",
        digits,
        f"fewer for {what} of N = {n}, or a smaller N: a ball would take about {needed:.2g} s, and "
        f"{most:g} s are spent at most; float64 has about 9",
    )


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
        Pure model, or mixture with xi(1) = 1.
    n
        Number of spins, from 2 to 20000; by index as far as the work allows, N = 40 at 30 digits.
    k
        Index, from 0 to n - 1, or None for all together.
    below
        Level, a number taken exactly (a string as the decimal number) or a ball, from -100 to 100;
        None for all.
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
    normalised(model)
    n = check_integer("n", n, 2, MOST_SPINS)
    if k is not None:
        k = check_integer("k", k, 0, n - 1)
    digits = check_integer("digits", digits, 1, MOST_DIGITS)
    level = check_level(below)
    constants = Constants.of(model)
    bits = _shared(_first_bits(constants, n, k, level, digits))
    ties, before = 0, None
    while True:
        needed = seconds(constants, n, k, level, bits)
        if needed > most_seconds:
            raise _refuse(digits, n, k, needed, most_seconds)
        value = _ball(constants, n, k, level, bits)
        with flint.ctx.workprec(bits):
            missing = _missing(value, digits)
            if missing <= 0:
                found = rounded(value, digits)
                if found is not None or ties == _TIES:
                    return found or Ball.from_arb(value, digits)
                ties += 1
                missing = 64
            elif isinstance(level, Ball) and before is not None and before.rad() <= 2 * value.rad():
                raise bad("below", level, "a ball narrow enough for the digits asked for")
        before, bits = value, _shared(bits + missing)
