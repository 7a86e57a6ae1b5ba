"""The complexity of the spiked model by overlap and level, and the strength from which points lie near it.

On the unit sphere f has covariance q^p and mean A m^p, m the overlap with the spike; a = A/sqrt N and
u = f/sqrt N. The gradient's mean along the spike costs p a^2 m^(2p-2) (1 - m^2)/2, the level is a m^p plus
noise, and the Hessian's rank-one part changes no exponent of the total:

    S(m, u) = Theta_p(u) + u^2/2 - (u - a m^p)^2/2 + (1/2) log(1 - m^2) - p a^2 m^(2p-2) (1 - m^2)/2,

Theta_p(u) read as its density, even in u. Where p a^2 m^(2p-4) (1 - m^2) = 1 and m^2 >= (p-2)/(p-1) its
largest value over u is 0: there the points near the spike lie. They exist from a_c on,
a_c^2 = (p-1)^(p-1)/(p (p-2)^(p-2)). Up to a_c it is positive for m^2 < (p-2)/(p-1)
and negative beyond.
"""

from __future__ import annotations

from typing import Any

import flint
import numpy as np
from numpy.typing import ArrayLike, NDArray

from theory.annealed.pure_model import theta
from theory.arithmetic.ball import Ball, bits_of
from theory.checks import bad, check_digits, check_integer
from theory.levels import float_level, float_levels

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


def spiked_complexity(p: int, strength: float, m: ArrayLike, u: ArrayLike) -> NDArray[np.float64]:
    """S(m, u), the exponent of the mean number of critical points at overlap m and level u.

    Parameters
    ----------
    p
        Order, >= 3.
    strength
        a = A/sqrt N, any sign.
    m, u
        Overlaps in (-1, 1) and levels f/sqrt N; broadcast.

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
    p = check_integer("p", p, 3, MOST_ORDER)
    a = float_level("strength", strength)
    overlap, level = float_levels("m", m), float_levels("u", u)
    if (np.abs(overlap) >= 1).any():
        raise bad("m", m, "overlaps between -1 and 1, without the ends")
    return np.asarray(_exponent(p, a, overlap, level))


def _exponent(p: int, a: float, m: Any, u: Any) -> Any:
    rest = 1 - m * m
    gradient = p * a * a * m ** (2 * p - 2) * rest / 2
    noise = (u * u - (u - a * m**p) ** 2) / 2
    return theta(p, -np.abs(u)) + noise + np.log(rest) / 2 - gradient
