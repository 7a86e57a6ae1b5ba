import math
from fractions import Fraction
from itertools import pairwise

import flint
import mpmath
import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from reference import VALUES
from scipy import optimize

from theory.annealed.thresholds import threshold, threshold_arb
from theory.checks import InputError
from theory.ground_state.energy import parisi_energy
from theory.model import mixture, pure

orders = st.integers(3, 60) | st.integers(61, 10_000)
indices = st.integers(0, 100) | st.integers(0, 10**9)
digits_ = st.integers(1, 60)


def exact(ball):
    return mpmath.mpf(ball.value)


def theta_by_quadrature(p, k, energy):
    """Theta_{k,p}(-energy), energy >= E_inf: the mean log |det| and the index cost as integrals."""
    x = energy * mpmath.sqrt(mpmath.mpf(p) / (p - 1))
    potential = mpmath.quad(
        lambda a: 2 / mpmath.pi * mpmath.sin(a) ** 2 * mpmath.log(x - 2 * mpmath.cos(a)),
        [0, mpmath.pi / 2, mpmath.pi],
    )
    # z = 2 + w^2 takes the square root out of the integrand.
    cost = mpmath.quad(lambda w: w * w * mpmath.sqrt(w * w + 4), [0, mpmath.sqrt(x - 2)])
    return (1 + mpmath.log(p - 1)) / 2 + potential - energy**2 / 2 - k * cost


REFERENCE = {tuple(map(int, key.split(","))): value for key, value in VALUES["layers"].items()}


@pytest.mark.parametrize(("p", "k"), REFERENCE)
def test_digits_against_values_computed_elsewhere(p, k):
    assert threshold(pure(p), k, 24).value == REFERENCE[p, k]


@pytest.mark.parametrize(("p", "k"), [(3, 0), (3, 5), (4, 1), (10, 0), (50, 3)])
def test_enclosure_holds_the_root_of_theta_by_quadrature(p, k):
    ball = threshold(pure(p), k, 18)
    with mpmath.workdps(30):
        low, high = exact(ball) * (1 - mpmath.mpf("1e-6")), exact(ball) * (1 + mpmath.mpf("1e-6"))
        root = mpmath.findroot(
            lambda e: theta_by_quadrature(p, k, e), (low, high), solver="anderson", tol=1e-50
        )
        assert abs(root - exact(ball)) <= mpmath.mpf(ball.radius) < mpmath.mpf("1e-16")


@settings(max_examples=10)
@given(st.integers(3, 100), st.integers(0, 50))
def test_theta_by_quadrature_vanishes_at_the_layer(p, k):
    with mpmath.workdps(25):
        energy = exact(threshold(pure(p), k, 25))
        here, next_index = (theta_by_quadrature(p, j, energy) for j in (k, k + 1))
        assert abs(here) < 1e-18 * (k + 1)
        assert next_index < -1e-7
        assert theta_by_quadrature(p, k, energy * (1 + mpmath.mpf("1e-12"))) < -1e-15


@given(orders, indices)
@example(3, 0)
@example(10_000, 10**9)
def test_layers_decrease_strictly_to_the_barrier(p, k):
    layer, after, barrier = (threshold(pure(p), j, 40) for j in (k, k + 1, None))
    with flint.ctx.workprec(200):
        assert after.arb() < layer.arb()
        assert barrier.arb() < after.arb()


@settings(max_examples=12)
@given(st.integers(3, 200))
@example(3)
def test_layers_approach_the_barrier_as_the_expansion_says(p):
    """E_k - E_inf = E_inf t^2/2 (1 - t^2/20 - c/(n t) + O(t^4)), n = k+1, t^3 = 3 P/(2 n).

    With c = (p-2)/p and P the plateau: the root of c sinh(t)^2 + n (sinh 2t - 2t)/2 = P, expanded.
    """

    def left_over(k, n):
        edge = exact(threshold(pure(p), None, 60))
        c = mpmath.mpf(p - 2) / p
        t = mpmath.cbrt(3 * (mpmath.log(p - 1) / 2 - c) / (2 * n))
        ratio = (exact(threshold(pure(p), k, 60)) - edge) / (edge * t * t / 2)
        return abs(ratio - 1 + t * t / 20 + c / (n * t))

    with mpmath.workdps(60):
        near, far = left_over(10**9, 10**9 + 1), left_over(10**12, 10**12 + 1)
        assert far < mpmath.mpf("1e-9")
        # n^(-4/3); with k in place of k + 1 what is left falls as 1/n only.
        assert near / far == pytest.approx(1e4, rel=0.01)
        assert left_over(10**9, 10**9) / left_over(10**12, 10**12) == pytest.approx(1e3, rel=0.2)


@pytest.mark.parametrize("p", [100, 10**4, 10**6, 10**9, 10**12])
def test_ground_state_for_large_p(p):
    """E_0^2 = y + 2 + 1/y + O(log p / p) with y - log y + 1 = log p; so E_0^2 / log p -> 1.

    The root condition at -E_inf cosh t with y = exp 2t and p -> infinity.
    """
    y = optimize.brentq(lambda y: y - math.log(y) + 1 - math.log(p), 1.0, 100.0, xtol=1e-13)
    with flint.ctx.workprec(120):
        energy = float(threshold_arb(p, 0).mid())
    assert energy**2 == pytest.approx(y + 2 + 1 / y, abs=3 * math.log(p) / p + 1e-12)
    assert abs(energy**2 - (y + 1 + 1 / y)) > 0.9


def test_ground_state_grows_as_the_square_root_of_log_p():
    powers = [10**n for n in (2, 4, 8, 16, 32, 64)]
    with flint.ctx.workprec(300):
        squares = [float(threshold_arb(p, 0).mid()) ** 2 / math.log(p) for p in powers]
    assert all(a > b > 1 for a, b in pairwise(squares))
    # The excess is (log log p + 1)/log p: at 10^64, 6/147.
    assert squares[-1] == pytest.approx(1 + (math.log(math.log(powers[-1])) + 1) / 147.4, abs=2e-3)


@given(orders, st.none() | indices, digits_)
def test_more_digits_refine_fewer(p, k, digits):
    # With 10 to spare: a ball of d digits holds the value, not all of a ball of 2 d digits.
    ball, finer = threshold(pure(p), k, digits), threshold(pure(p), k, 2 * digits + 10)
    assert ball.contains(finer)
    unit = Fraction(10) ** (1 - digits)  # all values lie in [1, 10)
    assert abs(Fraction(ball.value) - Fraction(finer.value)) <= unit * Fraction(51, 100)
    assert Fraction(ball.radius) <= unit * Fraction(52, 100)


@pytest.mark.parametrize(
    ("p", "k", "digits"), [(3, 14, 16), (3, 20, 100), (4, 100, 18), (10_000, 10_000, 19)]
)
def test_layers_whose_root_lies_just_below_a_tenth(p, k, digits):
    ball = threshold(pure(p), k, digits)
    assert ball.contains(threshold(pure(p), k, 2 * digits + 40))


@given(st.integers(2, 10_000), digits_)
def test_barrier_solves_its_equation(p, digits):
    ball = threshold(pure(p), None, digits)
    low, high = (Fraction(ball.value) + s * Fraction(ball.radius) for s in (-1, 1))
    assert low**2 <= Fraction(4 * (p - 1), p) <= high**2


@pytest.mark.parametrize("p", [3, 17])
def test_thousand_digits_agree_with_parisi(p):
    kac_rice, parisi = threshold(pure(p), 0, 1000), parisi_energy(pure(p), 1000)
    assert kac_rice.overlaps(parisi)
    half_a_unit = mpmath.mpf("0.502e-999")
    assert mpmath.mpf(kac_rice.radius) <= half_a_unit
    assert mpmath.mpf(parisi.radius) <= half_a_unit
    assert kac_rice.value[:999] == parisi.value[:999]


@pytest.mark.parametrize(
    ("arguments", "name"),
    [
        ((mixture({1: 12, 3: 1, 4: 1}), 0), "model"),
        ((3, 0), "model"),
        ((pure(2), 0), "p"),
        ((pure(3), -1), "k"),
        ((pure(3), 0.5), "k"),
        ((pure(3), True), "k"),
        ((pure(3), "0"), "k"),
        ((pure(3), 0, 0), "digits"),
        ((pure(3), 0, None), "digits"),
        ((pure(3), None, 20.0), "digits"),
    ],
)
def test_bad_input_is_named(arguments, name):
    with pytest.raises(InputError, match=f"^{name}: got .*; takes "):
        threshold(*arguments)


def test_barrier_of_p_2_is_that_of_the_semicircle():
    assert threshold(pure(2), None, 30).contains("1.41421356237309504880168872421")


def test_an_index_beyond_floats():
    layer, barrier = threshold(pure(3), 10**400, 300), threshold(pure(3), None, 300)
    # E_inf t^2/2 beyond the barrier with t^3 = 3 P/(2 k), P the plateau: of order 1e-268.
    with mpmath.workdps(320):
        t = mpmath.cbrt(3 * (mpmath.log(2) / 2 - mpmath.mpf(1) / 3) / (2 * mpmath.mpf(10) ** 400))
        expected = exact(barrier) * t * t / 2
        assert abs((exact(layer) - exact(barrier)) / expected - 1) < mpmath.mpf("1e-30")


def test_integers_of_numpy_are_integers():
    assert threshold(pure(3), np.int64(2), np.int64(20)) == threshold(pure(3), 2, 20)
