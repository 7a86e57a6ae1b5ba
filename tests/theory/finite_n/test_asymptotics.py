import math
from fractions import Fraction

import mpmath
import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from theory import mean_count
from theory.annealed.pure_model import e_inf, theta
from theory.annealed.thresholds import threshold
from theory.checks import InputError
from theory.finite_n.asymptotics import prefactor
from theory.model import mixture, pure

orders = st.integers(3, 12) | st.integers(13, 2000)
ratios = st.floats(-1.8, 0.6).filter(lambda r: abs(r + 1) > 1e-3 and abs(r) > 1e-3)


def laplace(p, ratio, n):
    """log of the exact count by Laplace's method with the limit density, at mpmath's precision.

    A second route: WKB of the Hermite function by quadrature of sqrt(x^2 - 2), Mehta's density
    beyond the edge as (1/2) phi_{N-1}(y) int phi_N..., both from Plancherel and Rotach's theorem.
    """
    v = -ratio * mpmath.sqrt(2)
    c = mpmath.mpf(p - 2) / (2 * p)
    if ratio > 0:
        integral = mpmath.sqrt(2) / mpmath.pi * mpmath.sqrt(mpmath.pi / (n * c))
        return mpmath.log(2 * mpmath.sqrt(mpmath.mpf(2) / p) * n * integral)
    if ratio > -1:
        density = mpmath.sqrt(2 - v * v) / mpmath.pi
        return (
            mpmath.log(2 * mpmath.sqrt(mpmath.mpf(2) / p) * density / (2 * c * v)) - n * c * v * v
        )
    action = mpmath.quad(lambda x: mpmath.sqrt(x * x - 2), [mpmath.sqrt(2), v])
    root = mpmath.sqrt(v * v - 2)
    # Plancherel-Rotach: phi_{N-1}(sqrt(N) v) and (1/2) int phi_N; phi decays at half of the action.
    swing = ((v + mpmath.sqrt(2)) / (v - mpmath.sqrt(2))) ** mpmath.mpf("0.25")
    up = (swing + 1 / swing) / 2
    # sqrt(N/2) phi_{N-1} J_N, J_N -> (2 N)^(-1/4): even N, odd N alike.
    phi = up * mpmath.exp(-mpmath.acosh(v / mpmath.sqrt(2))) / mpmath.sqrt(2 * mpmath.pi)
    phi *= (2 / mpmath.mpf(n)) ** mpmath.mpf("0.25")
    density = mpmath.sqrt(n / mpmath.mpf(2)) * phi * (2 * mpmath.mpf(n)) ** mpmath.mpf("-0.25")
    value = 2 * mpmath.sqrt(mpmath.mpf(2) / p) * density / (mpmath.sqrt(n) * (2 * c * v + root))
    return mpmath.log(value) - n * (c * v * v + action)


@given(orders, ratios)
@example(3, -1.04)
def test_printed_and_corrected_agree_off_the_barrier(p, ratio):
    found = prefactor(pure(p), Fraction(round(ratio * e_inf(p), 6)), digits=30)
    assert found.printed.overlaps(found.corrected)


@given(orders, st.integers(1, 60))
def test_at_the_barrier_they_never_agree(p, digits):
    found = prefactor(pure(p), "-E_inf", digits=digits)
    with mpmath.workdps(30):
        ai, slope = mpmath.airyai(0), mpmath.airyai(0, derivative=1)
        ratio = mpmath.mpf(found.corrected.value) / mpmath.mpf(found.printed.value)
        assert ratio == pytest.approx(1 + 3 * slope**2 / ai, rel=2 * 10.0 ** (1 - digits))
    if digits > 1:
        assert not found.printed.overlaps(found.corrected)


def test_the_airy_constant_is_the_soft_edge_density():
    """K_Ai(0, 0) + Ai(0) (1 - int_0^inf Ai)/2 (Forrester 1993), by quadrature."""
    with mpmath.workdps(20):
        kernel = mpmath.quad(lambda t: mpmath.airyai(t) ** 2, [0, 5, 20])
        tail = mpmath.quad(mpmath.airyai, [0, 5, 20])
        edge = kernel + mpmath.airyai(0) * (1 - tail) / 2
        for p in (3, 17):
            found = prefactor(pure(p), "-E_inf", digits=16)
            expected = 2 * mpmath.sqrt(2 * p) / (p - 2) * edge
            assert abs(mpmath.mpf(found.corrected.value) / expected - 1) < 1e-14


@pytest.mark.parametrize("p", [3, 4, 10, 40])
@pytest.mark.parametrize("ratio", [-1.3, -1.1, -0.7, -0.3, 0.4])
def test_exact_counts_approach_it_as_one_over_n(p, ratio):
    u = round(ratio * e_inf(p), 6)
    found = prefactor(pure(p), str(u))
    gaps = []
    for n in (400, 800):
        log = mean_count(pure(p), n, below=u).log - n * float(theta(p, u))
        constant = math.exp(log - float(found.power) * math.log(n))
        gaps.append(constant / float(found.corrected) - 1)
    assert abs(gaps[1]) < 0.05
    assert gaps[0] / gaps[1] == pytest.approx(2, rel=0.12)
    assert abs(gaps[1] - 0.01) > 3 * abs(2 * gaps[1] - gaps[0])  # a constant 1 % off would not


@pytest.mark.parametrize("ratio", [-1.6, -1.2, -0.6, 0.5])
def test_laplace_from_plancherel_and_rotach(ratio):
    p, n = 5, 1000
    u = Fraction(round(ratio * e_inf(p), 8))
    with mpmath.workdps(25):
        found = prefactor(pure(p), u, digits=20)
        exponent = mpmath.mpf(float(theta(p, float(u)))) - mpmath.log(p - 1) / 2
        log = n * exponent + float(found.power) * mpmath.log(n) + mpmath.log(found.corrected.value)
        assert abs(log - laplace(p, mpmath.mpf(float(u)) / e_inf(p), n)) < 1e-6


@settings(max_examples=15)
@given(orders, ratios, st.integers(1, 40))
def test_digits_are_true(p, ratio, digits):
    u = str(round(ratio * e_inf(p), 6))
    few = prefactor(pure(p), u, digits=digits)
    many = prefactor(pure(p), u, digits=2 * digits + 10)
    assert few.corrected.contains(many.corrected)
    assert few.printed.contains(many.printed)
    assert few.regime == many.regime


def test_at_zero_half_of_what_holds_above():
    at, above = (prefactor(pure(3), u, digits=20) for u in ("0", "1e-9"))
    assert at.printed is None
    assert 2 * float(at.corrected) == pytest.approx(float(above.corrected), rel=1e-15)


def test_minima_have_the_constant_of_all_below_the_barrier():
    u = threshold(pure(3), 1, 40)
    all_, minima = (prefactor(pure(3), -u, k, 20) for k in (None, 0))
    assert all_ == minima


@given(st.integers(3, 50), st.integers(20, 60))
def test_a_ball_around_the_barrier_is_refused(p, digits):
    assume(p != 4)
    ball = -threshold(pure(p), None, digits)
    with pytest.raises(InputError, match=r"^u: "):
        prefactor(pure(p), ball, digits=5)


@pytest.mark.parametrize(
    ("arguments", "name"),
    [
        ((mixture({3: 0.5, 4: 0.5}), "-1.7"), "model"),
        ((pure(2), "-1.7"), "p"),
        ((pure(3), "x"), "u"),
        ((pure(3), math.nan), "u"),
        ((pure(3), "-1.7", 1), "k"),
        ((pure(3), "-1.6", 0), "u"),
        ((pure(3), "-E_inf", 0), "u"),
        ((pure(3), "-1.7", None, 0), "digits"),
    ],
)
def test_bad_input_is_named(arguments, name):
    with pytest.raises(InputError, match=rf"^{name}: got .*; takes "):
        prefactor(*arguments)
