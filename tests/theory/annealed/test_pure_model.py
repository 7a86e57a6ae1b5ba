import math
import random
from fractions import Fraction

import flint
import mpmath
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from reference import VALUES

from theory.annealed.exponent import complexity
from theory.annealed.pure_model import e_inf, e_inf_arb, rate, theta, theta_arb, theta_mp
from theory.arithmetic.ball import Ball
from theory.checks import InputError
from theory.model import pure

orders = st.sampled_from([2, 3, 4, 7, 50, 1000, 10_000])
# The layers need p >= 3: at p = 2 the plateau is 0 and levels below it are flat.
disordered = st.sampled_from([3, 4, 7, 50, 1000])
indices = st.integers(0, 100)
index_or_total = st.none() | indices
levels = st.floats(-5, 2)
below = st.floats(1e-9, 5)


def edge_of(p):
    return 2 * mpmath.sqrt(mpmath.mpf(p - 1) / p)


def rate_by_quadrature(p, beyond):
    """I(-E_inf - beyond), in z = E_inf + w so that the square root keeps its digits."""
    edge = edge_of(p)
    root = mpmath.quad(lambda w: mpmath.sqrt(w * (w + 2 * edge)), [0, beyond])
    return 2 / edge**2 * root


def rate_as_printed(p, u):
    """ABC eq. 2.10, in logarithms."""
    edge = edge_of(p)
    root = mpmath.sqrt(u * u - edge**2)
    return -u / edge**2 * root - mpmath.log(-u + root) + mpmath.log(edge)


def theta_by_potential(p, u, k):
    """Theta from its definition by Kac and Rice: E log|det| of a semicircle, integrated.

    (1/2) (1 + log(p-1)) + E log|x - l| - u^2/2 - k J(x), the semicircle on [-2, 2], x = |u| sqrt(
    p/(p-1)), where the density's exponent is largest among levels below u.
    """
    at = -min(u, 0) if k is None else max(-u, edge_of(p))
    x = at * mpmath.sqrt(mpmath.mpf(p) / (p - 1))
    cuts = [-2, x, 2] if x < 2 else [-2, 2]

    def weighted(z):
        return mpmath.sqrt(abs(4 - z * z)) / (2 * mpmath.pi) * mpmath.log(abs(x - z) or 1)

    cost = mpmath.quad(lambda z: mpmath.sqrt(z * z - 4) / 2, [2, x]) if k and x > 2 else 0
    return (1 + mpmath.log(p - 1)) / 2 + mpmath.quad(weighted, cuts) - at**2 / 2 - (k or 0) * cost


def exact(ball):
    return mpmath.mpf(ball.value)


@given(orders, below | st.floats(1e-14, 1e-6))
@example(3, 1e-12)
@example(50, 1e-12)
def test_rate_is_its_integral_to_the_last_digits(p, beyond):
    u = -e_inf(p) - beyond
    with mpmath.workdps(40):
        expected = rate_by_quadrature(p, -mpmath.mpf(u) - edge_of(p))
        assert abs(float(rate(p, u)) / expected - 1) < 1e-14
        # Without the factor 2 of E_inf, or of the rate itself.
        assert abs(float(rate(p, u)) * 4 / expected - 1) > 1
        assert abs(float(rate(p, u)) / 2 / expected - 1) > 0.4


@given(orders, st.floats(1e-15, 1))
def test_rate_is_zero_from_the_barrier_on(p, above):
    assert rate(p, -e_inf(p) + above) == 0


@settings(max_examples=12)
@given(disordered, levels, st.sampled_from([None, 0, 1, 4]))
@example(3, -2.0, 1)
@example(3, -1.0, 1)
@example(3, -1.0, None)
@example(3, 1.0, None)
def test_theta_is_the_integrated_log_determinant(p, u, k):
    found = float(theta(p, u, k))
    with mpmath.workdps(20):
        expected = theta_by_potential(p, u, k)
        assert abs(found - expected) < 1e-11 * (1 + u * u) * (1 + (k or 0))
        if k is not None and u < -e_inf(p) - 0.01:
            # k for k + 1, and k + 2.
            assert abs(found + float(rate(p, u)) - expected) > 1e-5
            assert abs(found - float(rate(p, u)) - expected) > 1e-5
        if k is not None and u > -e_inf(p):
            as_first_printed = mpmath.log(p - 1) / 2 - mpmath.mpf(p - 2) / (4 * (p - 1))
            assert abs(as_first_printed - expected) > 0.1


@given(orders, st.floats(-100, 100), index_or_total)
@example(50, -1.98, 100)
@example(10_000, 0.0, None)
def test_floats_mpmath_and_balls_agree(p, u, k):
    ball = complexity(pure(p), u, k, 40)
    with mpmath.workdps(60):
        assert abs(float(theta(p, u, k)) - exact(ball)) <= 1e-15 * (1 + (k or 0)) * (1 + u * u)
        assert abs(theta_mp(p, u, k, 40) - exact(ball)) <= mpmath.mpf(ball.radius)
        assert mpmath.mpf(ball.radius) <= 1e-37 * (abs(exact(ball)) + mpmath.mpf("1e-30"))


@given(orders, st.floats(0, 150), index_or_total)
@example(2, 150.0, None)
def test_float_error_is_as_stated_however_far_below(p, exponent, k):
    u = -(10**exponent)
    ball = complexity(pure(p), u, k, 40)
    with mpmath.workdps(60):
        scale = 1e-15 * (1 + (k or 0)) * (1 + u * u)
        assert abs(float(theta(p, u, k)) - exact(ball)) <= scale * math.log(3 + abs(u))


def test_no_level_on_the_plateau_overflows():
    assert complexity(pure(3), 1e200, 0) == complexity(pure(3), 0.0, 0)


@given(disordered, indices, st.sampled_from(["1e-12", "1e-15", "1e-30"]))
@example(3, 0, "1e-12")
@example(50, 100, "1e-15")
def test_index_complexity_is_continuous_at_the_barrier_with_the_right_kink(p, k, step):
    with mpmath.workdps(100):
        edge, delta = edge_of(p), mpmath.mpf(step)
        above = exact(complexity(pure(p), str(-edge + delta), k, 60))
        under = exact(complexity(pure(p), str(-edge - delta), k, 60))
        slope = mpmath.mpf(p - 2) / (2 * (p - 1)) * edge
        bend = (k + 1) * delta ** mpmath.mpf("1.5")
        assert abs((above - under) - slope * delta) <= bend + delta**2
        printed = mpmath.log(p - 1) / 2 - mpmath.mpf(p - 2) / (4 * (p - 1))
        assert abs(printed - under) > 0.1
        # Floats: on either side of a step that they can resolve.
        jump = theta(p, -e_inf(p) + float(delta), k) - theta(p, -e_inf(p) - float(delta), k)
        assert abs(float(jump)) <= float(delta) + 1e-15 * 5 * (1 + k)


@given(orders, st.sampled_from(["1e-12", "1e-15", "1e-30"]))
def test_total_complexity_is_smooth_at_the_barrier(p, step):
    with mpmath.workdps(100):
        edge, delta = edge_of(p), mpmath.mpf(step)
        above = exact(complexity(pure(p), str(-edge + delta), None, 60))
        under = exact(complexity(pure(p), str(-edge - delta), None, 60))
        slope = mpmath.mpf(p - 2) / (2 * (p - 1)) * edge
        assert abs((above - under) - 2 * slope * delta) <= 2 * delta ** mpmath.mpf("1.5")


@given(orders)
def test_total_complexity_is_continuous_at_zero(p):
    left, middle, right = theta(p, [-1e-9, 0.0, 1e-9])
    assert left == pytest.approx(middle, abs=1e-15)
    assert middle == right == theta(p, 3.0)


@given(orders, levels, st.floats(1e-6, 1), index_or_total)
def test_monotone_in_the_level(p, u, gap, k):
    lower, upper = theta(p, [u, u + gap], k)
    assert lower <= upper + 1e-15 * (1 + (k or 0))
    if u + gap < -e_inf(p):
        assert lower < upper
    if k is not None and u >= -e_inf(p):
        assert lower == upper


@given(orders, levels, indices)
@example(3, -2 * math.sqrt(2 / 3) - 1e-9, 0)
def test_ordered_in_the_index_below_the_barrier_and_equal_above(p, u, k):
    low, high = theta(p, u, k + 1), theta(p, u, k)
    if u < -e_inf(p) - 1e-9:
        # The order itself is certified: floats may tie close to the barrier.
        difference = complexity_arb(p, u, k + 1) - complexity_arb(p, u, k)
        assert difference < 0
        assert low <= high
        assert (difference + rate_arb(p, u)).contains(0)
    elif u > -e_inf(p):
        assert low == high


def complexity_arb(p, u, k):
    return complexity(pure(p), u, k, 50).arb()


def rate_arb(p, u):
    with mpmath.workdps(60):
        value = rate_by_quadrature(p, -mpmath.mpf(u) - edge_of(p))
        return flint.arb(flint.arb(mpmath.nstr(value, 50)), 1e-10)


@given(orders, below)
def test_minima_are_all_that_counts_below_the_barrier(p, beyond):
    u = -e_inf(p) - beyond
    assert theta(p, u, 0) == theta(p, u)
    if p > 2:
        assert theta(p, -e_inf(p) + 0.1, 0) < theta(p, -e_inf(p) + 0.1)


@given(orders, levels, index_or_total, st.integers(5, 60))
@example(3, -e_inf(3), 0, 60)
@example(50, -e_inf(50) - 1e-12, 100, 60)
def test_more_digits_refine_fewer(p, u, k, digits):
    ball, finer, finest = (
        complexity(pure(p), u, k, m * digits + spare) for m, spare in ((1, 0), (2, 10), (3, 20))
    )
    assert ball.contains(finer)
    assert finer.contains(finest)
    value, truth = Fraction(ball.value), Fraction(finest.value)
    if truth:
        # Printed digits are those of the value, rounded: the error is half a unit of the last.
        unit = Fraction(10) ** (math.floor(math.log10(abs(truth))) + 1 - digits)
        assert abs(value - truth) <= unit * Fraction(501, 1000)
    with mpmath.workdps(4 * digits + 20):
        assert abs(theta_mp(p, u, k, 4 * digits + 20) - exact(finest)) <= mpmath.mpf(finest.radius)


def test_digits_are_significant_ones_next_to_a_zero():
    E_0 = VALUES["layers"]["3,0"][:21]
    ball = complexity(pure(3), f"-{E_0}", 0, 30)
    with mpmath.workdps(60):
        assert 0 < abs(exact(ball)) < mpmath.mpf("1e-19")
        assert mpmath.mpf(ball.radius) < mpmath.mpf("1e-29") * abs(exact(ball))
        value = theta_mp(3, f"-{E_0}", 0, 60)
        assert abs(value - exact(ball)) <= mpmath.mpf(ball.radius)


def test_levels_are_taken_exactly():
    as_text, as_float = (complexity(pure(3), u, 0, 30) for u in ("-1.7", -1.7))
    assert not as_text.overlaps(as_float)
    assert as_text == complexity(pure(3), Fraction(-17, 10), 0, 30)
    assert as_text == complexity(pure(3), "-17/10", 0, 30)
    assert as_float == complexity(pure(3), Fraction(-1.7), 0, 30)


@given(orders, st.floats(-4, 1), st.floats(1e-12, 0.5), index_or_total, st.randoms())
@example(3, -e_inf(3), 1e-9, 0, random.Random(0))
@example(3, -e_inf(3), 0.3, 7, random.Random(0))
@example(4, -e_inf(4), 0.3, None, random.Random(0))
@example(4, 0.0, 0.2, None, random.Random(0))
@example(4, -1.0, 3.0, None, random.Random(0))
def test_a_ball_of_levels_gives_the_hull(p, middle, radius, k, rng):
    ball = complexity(pure(p), Ball(repr(middle), repr(radius)), k, 30)
    points = [middle - radius, middle + radius, -e_inf(p), 0.0]
    points += [rng.uniform(middle - radius, middle + radius) for _ in range(5)]
    with mpmath.workdps(40):
        center, width = exact(ball), mpmath.mpf(ball.radius)
        for u in points:
            if abs(u - middle) < radius * (1 - 1e-9):
                assert abs(theta_mp(p, u, k, 30) - center) <= width
        # No wider than 1.1 times the range (squaring a ball loses up to a half of it).
        ends = [theta_mp(p, mpmath.mpf(middle) + s * mpmath.mpf(radius), k, 40) for s in (-1, 1)]
        # Arb's radii have 30 bits.
        rounding = (1e-8 * radius + 1e-25) * (1 + (k or 0)) * (1 + abs(middle) + radius) ** 2
        assert width <= 1.1 * (ends[1] - ends[0]) + rounding


def test_a_ball_of_levels_reaches_both_sides():
    u = Ball(repr(-e_inf(3)), "0.01")
    found = complexity(pure(3), u, 0, 20)
    plateau, low = (complexity(pure(3), v, 0, 20) for v in (0, str(-e_inf(3) - 0.0099)))
    assert found.contains(plateau)
    assert found.contains(low)
    total = complexity(pure(3), Ball("0", "0.1"), None, 20)
    assert total.contains(complexity(pure(3), 5, None, 20))
    assert total.contains(complexity(pure(3), "-0.0999", None, 20))


def test_barrier_itself_as_a_level():
    with flint.ctx.workprec(300):
        found = theta_arb(3, -e_inf_arb(3), 5)
        expected = flint.arb(2).log() / 2 - flint.arb(1) / 3
        assert found.contains(expected)
        assert found.rad() < 1e-40  # I ~ (u + E_inf)^(3/2)
        assert not found.overlaps(flint.arb(2).log() / 2 - flint.arb(1) / 8)


@pytest.mark.parametrize("p", [3, 50])
def test_a_thousand_digits(p):
    ball = complexity(pure(p), "-2.03", 2, 1000)
    with mpmath.workdps(1100):
        u = mpmath.mpf("-2.03")
        value = mpmath.log(p - 1) / 2 - (p - 2) * u * u / (4 * (p - 1)) - 3 * rate_as_printed(p, u)
        assert abs(value - exact(ball)) <= mpmath.mpf(ball.radius) < mpmath.mpf("1e-998")
        assert len(ball.value.lstrip("-0.")) == 1000


@given(st.lists(levels, min_size=1, max_size=5), index_or_total)
def test_arrays_keep_their_shape_and_values(us, k):
    found = complexity(pure(3), [us, us], k)
    assert found.shape == (2, len(us))
    assert found[1].tolist() == [complexity(pure(3), u, k) for u in us]
    assert isinstance(complexity(pure(3), us[0], k), float)


@pytest.mark.parametrize(
    ("arguments", "name"),
    [
        (("q^3", 0.0), "model"),
        ((pure(3), math.nan), "u"),
        ((pure(3), [0.0, math.inf]), "u"),
        ((pure(3), None), "u"),
        ((pure(3), math.nan, None, 10), "u"),
        ((pure(3), -math.inf, None, 10), "u"),
        ((pure(3), "low", None, 10), "u"),
        ((pure(3), "1/0", None, 10), "u"),
        ((pure(3), None, None, 10), "u"),
        ((pure(3), ["-1.6", None], None, 10), "u"),
        ((pure(3), 0.0, -1), "k"),
        ((pure(3), 0.0, 1.0), "k"),
        ((pure(3), 0.0, True), "k"),
        ((pure(3), 0.0, 0, 0), "digits"),
        ((pure(3), 0.0, 0, 2.5), "digits"),
    ],
)
def test_bad_input_is_named(arguments, name):
    with pytest.raises(InputError, match=f"^{name}: got .*; takes "):
        complexity(*arguments)


@pytest.mark.parametrize(
    ("u", "digits"),
    [
        ("low", None),
        (10**400, None),
        (1j, None),
        ([0.0, [1.0, 2.0]], None),
        (Ball("low", "0"), 10),
        (Ball("nan", "0"), 10),
        (Ball("0", "inf"), 10),
    ],
    ids=["word", "integer", "complex", "ragged", "ball of a word", "ball of nan", "infinite ball"],
)
def test_a_level_that_is_no_number_is_named(u, digits):
    with pytest.raises(InputError, match=r"^u: got .*; takes "):
        complexity(pure(3), u, None, digits)
