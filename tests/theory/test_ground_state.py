import math
from itertools import pairwise

import mpmath
import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from scipy import optimize

from theory.ground_state import parisi_energy
from theory.model import InputError, mixture, pure
from theory.thresholds import threshold

orders = st.integers(3, 30) | st.integers(31, 10_000)


def minimise(p):
    def value(log_z):
        z = math.exp(log_z)
        return math.sqrt((p + z) * math.log1p(z) / z)

    found = optimize.minimize_scalar(value, bracket=(-1.0, math.log(3 * p)), tol=1e-10)
    return found.fun


@given(orders)
@example(3)
def test_energy_is_the_minimum(p):
    energy = float(parisi_energy(pure(p), 20))
    assert energy == pytest.approx(minimise(p), rel=4e-15)
    assert abs(energy - minimise(p + 1)) > 1e-6
    assert abs(energy - minimise(p - 1)) > 1e-6


@settings(max_examples=8)
@given(orders)
def test_thirty_digits_of_the_minimum(p):
    with mpmath.workdps(60):

        def square(z):
            return (p + z) * mpmath.log(1 + z) / z

        # The slope by differences of step 1e-20: its zero is right to 1e-39, the value to 1e-60.
        step = mpmath.mpf("1e-20")
        start = 1.8 if p == 3 else p * math.log(p)
        z = mpmath.findroot(lambda z: square(z + step) - square(z - step), (start, 1.1 * start))
        found = parisi_energy(pure(p), 30)
        assert abs(mpmath.sqrt(square(z)) - mpmath.mpf(found.value)) <= mpmath.mpf(found.radius)


def parisi_functional(p, scale, cuts, heights):
    """(1/2) [xi' L - int xi'' A + int 1/(L - A)], A(q) = int_0^q alpha, alpha a step function.

    Between cuts A is linear: Gauss-Legendre, exact to rounding for these.
    """
    nodes, weights = np.polynomial.legendre.leggauss(60)
    total, area = p * scale, 0.0
    for (left, right), height in zip(pairwise([0.0, *cuts, 1.0]), heights, strict=True):
        q = left + (right - left) * (nodes + 1) / 2
        A = area + height * (q - left)
        total += (1 / (scale - A) - p * (p - 1) * q ** (p - 2) * A) @ weights * (right - left) / 2
        area += height * (right - left)
    return total / 2


def test_energy_is_the_minimum_over_constant_order_parameters():
    for p in (3, 4, 10):
        best = optimize.minimize(
            # L > alpha > 0 by construction.
            lambda v, p=p: parisi_functional(
                p, math.exp(v[0]) + math.exp(v[1]), [], [math.exp(v[0])]
            ),
            [0.0, -1.0],
            method="Nelder-Mead",
            options={"xatol": 1e-9, "fatol": 1e-15, "maxiter": 2000},
        )
        assert best.fun == pytest.approx(float(parisi_energy(pure(p))), abs=1e-12)


@given(
    st.integers(3, 12),
    st.lists(st.floats(0.01, 0.99), min_size=2, max_size=2, unique=True).map(sorted),
    st.lists(st.floats(0, 3), min_size=3, max_size=3).map(sorted),
    st.floats(0.05, 2),
)
def test_no_other_order_parameter_goes_below(p, cuts, heights, gap):
    area = sum(h * (b - a) for (a, b), h in zip(pairwise([0, *cuts, 1]), heights, strict=True))
    value = parisi_functional(p, area + gap, cuts, heights)
    assert value >= float(parisi_energy(pure(p))) - 1e-12


@given(orders, st.integers(1, 60))
@example(7, 30)
def test_two_routes_give_one_energy(p, digits):
    parisi, kac_rice = parisi_energy(pure(p), digits), threshold(pure(p), 0, digits)
    assert parisi.overlaps(kac_rice)
    # 10 digits to spare: a ball of d digits holds the value, not all of a ball of 2 d digits.
    assert parisi.contains(parisi_energy(pure(p), 2 * digits + 10))
    assert parisi.contains(threshold(pure(p), 0, 2 * digits + 10))
    if digits > 15:
        assert not parisi.overlaps(threshold(pure(p), 1, digits))


@pytest.mark.parametrize(
    ("arguments", "name"),
    [
        ((mixture({3: 1, 4: 1}),), "model"),
        (("q^3",), "model"),
        ((pure(3), 0), "digits"),
        ((pure(3), 2.0), "digits"),
    ],
)
def test_bad_input_is_named(arguments, name):
    with pytest.raises(InputError, match=f"^{name}: got .*; takes "):
        parisi_energy(*arguments)
