"""Second moments of the number of critical points: exact at N = 2."""

from __future__ import annotations

from dataclasses import dataclass

import flint

from theory.arithmetic.ball import Ball, bits_of
from theory.arithmetic.ziv import Missing, until_precise
from theory.checks import bad, check_digits, check_integer
from theory.finite_n.counts import mean_count
from theory.model import Mixture, check_mixture
from theory.two_points.circle import is_even_or_odd, pairs, pairs_of_minima


@dataclass(frozen=True)
class Moments:
    """First two moments of the number of critical points, or of those of one index.

    Attributes
    ----------
    mean
        E Crt.
    pairs
        Mean number of ordered pairs, neither the same point nor antipodes.
    second_moment
        E Crt^2.
    """

    mean: Ball
    pairs: Ball
    second_moment: Ball


def second_moment(model: Mixture, n: int, k: int | None = None, digits: int = 30) -> Moments:
    """E Crt^2, the mean number of pairs beside the diagonal, and the mean.

    Parameters
    ----------
    model
        Any mixture.
    n
        Number of spins: 2.
    k
        Index 0 or 1, or None for both together.
    digits
        Significant digits.

    Returns
    -------
    Moments
        Certified. A pair of antipodes is not among the pairs; where H(-s) = +-H(s) both are critical,
        and E Crt^2 = pairs + 2 E Crt, of one index k pairs + 2 E Crt for even and pairs + E Crt for odd H.

    Raises
    ------
    InputError
        For what is no mixture, another n or k, digits < 1.

    References
    ----------
    Kac and Rice for pairs of points: Subag, The complexity of spherical p-spin models (2017).

    Examples
    --------
    >>> from theory.model import pure
    >>> found = second_moment(pure(3), 2, digits=12)
    >>> found.mean.value, found.pairs.value, found.second_moment.value
    ('5.29150262213', '19.7490157328', '30.3320209770')
    """
    check_mixture(model)
    check_integer("n", n, 2, 2)
    if k is not None:
        k = check_integer("k", k, 0, 1)
    digits = check_digits(digits)
    if digits > 1000:
        raise bad("digits", digits, "at most 1000 for a second moment")
    mean = mean_count(model, n, k, digits=digits + 10)

    def attempt(bits: int) -> flint.arb | Missing:
        found = pairs(model, bits) if k is None else pairs_of_minima(model, bits)
        if found.is_exact():
            return found
        missing = bits_of(digits, 8) - int(found.rel_accuracy_bits())
        return Missing(missing + 32) if missing > 0 else found

    beside = until_precise(attempt, bits_of(digits, 64))
    even = model.terms[-1][0] % 2 == 0
    both = is_even_or_odd(model) and (k is None or even)
    with flint.ctx.workprec(bits_of(digits, 64)):
        whole = beside + (2 if both else 1) * mean.arb()
        return Moments(
            Ball.from_arb(mean.arb(), digits),
            Ball.from_arb(beside, digits),
            Ball.from_arb(whole, digits),
        )
