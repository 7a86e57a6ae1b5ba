"""Series of short times against what two spins' interactions give in closed form."""

import numpy as np
from numpy.polynomial.polynomial import polyval, polyval2d
from scipy.special import ive

from theory.mean_field_dynamics.taylor import energy_series, taylor
from theory.model import pure


def log_mean(t):
    """log of the mean of exp(t x), x of the semicircle of radius 2 sqrt 2."""
    z = 2 * 2**0.5 * t
    return np.log(2 * ive(1, z) / z) + z


def correlation(t, earlier):
    """Of p = 2 from a uniform start at temperature 0: each mode grows by itself."""
    return np.exp(log_mean(t + earlier) - (log_mean(2 * t) + log_mean(2 * earlier)) / 2)


def energy(t):
    z = 4 * 2**0.5 * t
    return -(2**0.5) * ive(2, z) / ive(1, z)


def test_series_are_right_to_the_ninth_order():
    """u is odd and its next term t^11; C is even, and its next terms are of degree 10."""
    c, _ = taylor(pure(2), 0.0, 0.0)
    u = energy_series(pure(2), 0.0, 0.0)
    t = np.array([0.15, 0.075])
    off_u = abs(polyval(t, u) - energy(t))
    off_c = abs(polyval2d(t, 0.4 * t, c) - correlation(t, 0.4 * t))
    assert off_u[0] < 1e-7
    assert off_c[0] < 1e-7
    assert abs(np.log2(off_u[0] / off_u[1]) - 11) < 0.1
    assert abs(np.log2(off_c[0] / off_c[1]) - 10) < 0.1
