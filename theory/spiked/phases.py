"""The complexity of the spiked model by overlap and level, and the strength from which points lie near it.

On the unit sphere f has covariance xi(q) and mean A m^j, m the overlap with the spike; a = A/sqrt N,
u = f/sqrt N, r the radial derivative over sqrt N, d1 = xi'(1) and d2 = xi''(1). The gradient's mean along the
spike costs a^2 j^2 m^(2j-2) (1 - m^2)/(2 d1), level and slope have means a m^j and a j m^j, and the Hessian's
rank-one part changes no exponent of the total. With the largest over r of `theory.annealed.over_slopes`,

    S(m, u) = (1/2) log(d2/d1) + max_r [Phi(r/sqrt d2) - (r - c)^2/(2 W)] - (u - a m^j)^2/(2 xi(1))
              + (1/2) log(1 - m^2) - a^2 j^2 m^(2j-2) (1 - m^2)/(2 d1),
    c = a j m^j + d1 (u - a m^j)/xi(1),   W = d1 + d2 - d1^2/xi(1).

In the pure model, j = p, where p a^2 m^(2p-4) (1 - m^2) = 1 and m^2 >= (p-2)/(p-1) its
largest value over u is 0: there the points near the spike lie. They exist from a_c on,
a_c^2 = (p-1)^(p-1)/(p (p-2)^(p-2)). Up to a_c it is positive for m^2 < (p-2)/(p-1)
and negative beyond.
"""

from __future__ import annotations

from typing import Any

import flint
import numpy as np
from numpy.typing import ArrayLike, NDArray

from theory.annealed.over_slopes import largest_over_slopes
from theory.arithmetic.ball import Ball, bits_of
from theory.checks import bad, check_digits, check_integer
from theory.levels import float_level, float_levels
from theory.model import Mixture
from theory.spiked.counts import model_of, spike_order

# guard (all): what is refused
# tests/theory/spiked/test_phases.py::test_bad_input_is_named
MOST_ORDER = 1000


def spike_threshold(p: int, digits: int = 30) -> Ball:
    """a_c: at strength A > a_c sqrt N subexponentially many points lie near the spike, on both sides.

    Parameters
    ----------
    p
        Order, >= 3.
    digits
        Significant digits.

    Raises
    ------
    InputError
        For p < 3 or > 1000, digits < 1.

    References
    ----------
    Ben Arous, Mei, Montanari, Nica, The landscape of the spiked tensor model (2019), whose lambda_c is
    this over sqrt 2.

    Examples
    --------
    >>> spike_threshold(3, 15).value, spike_threshold(4, 15).value
    ('1.15470053837925', '1.29903810567666')
    """
    p = check_integer("p", p, 3, MOST_ORDER)
    digits = check_digits(digits)
    with flint.ctx.workprec(bits_of(digits, 40)):
        order = flint.arb(p)
        square = (order - 1) ** (p - 1) / (order * (order - 2) ** (p - 2))
        return Ball.from_arb(square.sqrt(), digits)


def spiked_complexity(
    p: int | Mixture, strength: float, m: ArrayLike, u: ArrayLike, order: int | None = None
) -> NDArray[np.float64]:
    """S(m, u), the exponent of the mean number of critical points at overlap m and level u.

    Parameters
    ----------
    p
        Order, >= 3; or a mixture xi.
    strength
        a = A/sqrt N, any sign.
    m, u
        Overlaps in (-1, 1) and levels f/sqrt N; broadcast.
    order
        Power of the mean, 1 to 1000; the model's highest if not given.

    Returns
    -------
    ndarray
        Absolute error below 1e-14 (1 + a^2 + u^2).

    Raises
    ------
    InputError
        For another p, strength, m or u.

    References
    ----------
    As `spike_threshold`; Ros, Ben Arous, Biroli and Cammarota 2019.

    Examples
    --------
    >>> spiked_complexity(3, 0.0, 0.0, [-1.7, 0.5]).round(6)  # Theta_3
    array([-0.030446,  0.315324])
    >>> float(spiked_complexity(3, 1.5, 0.9, 1.6).round(6))
    -0.072787
    """
    model = model_of(p, 3, MOST_ORDER)
    power = spike_order(model, order, MOST_ORDER)
    a = float_level("strength", strength)
    overlap, level = float_levels("m", m), float_levels("u", u)
    if (np.abs(overlap) >= 1).any():
        raise bad("m", m, "overlaps between -1 and 1, without the ends")
    return _exponent(model, power, a, overlap, level)


def _exponent(model: Mixture, j: int, a: float, m: Any, u: Any) -> NDArray[np.float64]:
    xi, d1, d2 = (float(model.xi(1, derivative)) for derivative in range(3))
    off = u - a * m**j
    # The pure model's variance of the slope is 0 to the last digit.
    spread = 0.0 if len(model.terms) == 1 else d1 + d2 - d1**2 / xi
    points, _ = largest_over_slopes(model, a * j * m**j + d1 / xi * off, spread)
    rest = 1 - m * m
    gradient = (a * j) ** 2 * m ** (2 * j - 2) * rest / (2 * d1)
    return np.asarray((np.log(d2 / d1) + np.log(rest) - off**2 / xi) / 2 + points - gradient)
