from fractions import Fraction

import flint
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from theory.arithmetic.ball import Ball

mantissas = st.integers(-(2**200), 2**200)
exponents = st.integers(-3000, 3000)
digits_ = st.integers(1, 60)


def power_of_two(exponent):
    return Fraction(2) ** exponent


def as_fraction(x):
    mantissa, exponent = x.man_exp()
    return int(mantissa) * power_of_two(int(exponent))


@st.composite
def arbs(draw):
    """Draw a ball with any exponents, and the same two numbers as fractions."""
    with flint.ctx.workprec(256):
        middle = flint.arb(draw(mantissas)) * flint.arb(2) ** draw(exponents)
        radius = flint.arb(draw(st.integers(0, 2**29))) * flint.arb(2) ** draw(exponents)
        x = flint.arb(middle, radius)
    return x, as_fraction(x.mid()), as_fraction(x.rad())


def interval(ball):
    middle, radius = Fraction(ball.value), Fraction(ball.radius)
    return middle - radius, middle + radius


@given(arbs(), digits_)
def test_text_contains_the_ball_it_was_made_from(drawn, digits):
    x, middle, radius = drawn
    ball = Ball.from_arb(x, digits)
    low, high = interval(ball)
    assert low <= middle - radius
    assert middle + radius <= high
    mantissa = ball.value.lower().split("e")[0].lstrip("-0.").replace(".", "")
    assert len(mantissa) <= digits
    # Not by being wide: one unit in the last place, and 2 % for the radius's own rounding; a digit
    # that does not stand is left out, at a third of the radius at most, and a ball at 0 is 0.
    if abs(middle) <= radius:
        assert ball.value == "0"
        assert high <= Fraction(102, 100) * (radius + abs(middle))
    else:
        last = abs(middle) * Fraction(10) ** (1 - digits)
        assert high - low <= Fraction(102, 100) * 2 * (radius * Fraction(4, 3) + last)
    with flint.ctx.workprec(4000):
        assert ball.arb().contains(x)


def test_digits_that_do_not_stand_are_not_printed():
    for middle, radius, text in (
        (-4.6e-15, 4.7e-15, "0"),
        (1.23456789, 1e-3, "1.235"),
        (-1234.56789, 30.0, "-1.23e+3"),
        (1.0, 1e-30, "1.00000000000000000000"),
    ):
        assert Ball.from_arb(flint.arb(middle, radius), 21).value == text


def test_text_of_an_exact_decimal_has_no_radius():
    assert Ball.from_arb(flint.arb(-0.75), 5).radius == "0"
    assert Ball.from_arb(flint.arb(0), 5) == Ball("0", "0")
    assert Fraction(Ball.from_arb(flint.arb(-0.75), 1).radius) >= Fraction(1, 20)


@given(arbs(), digits_, st.integers(2, 300))
def test_a_low_precision_widens_the_ball(drawn, digits, bits):
    ball = Ball.from_arb(drawn[0], digits)
    low, high = interval(ball)
    with flint.ctx.workprec(bits):
        found = ball.arb()
        assert as_fraction(found.mid()) - as_fraction(found.rad()) <= low
        assert high <= as_fraction(found.mid()) + as_fraction(found.rad())


@given(arbs(), digits_)
@example((flint.arb(0), 0, 0), 3)
def test_negation_mirrors(drawn, digits):
    ball = Ball.from_arb(drawn[0], digits)
    low, high = interval(ball)
    assert interval(-ball) == (-high, -low)
    mirrored = -ball
    assert -mirrored == ball
    assert Ball.from_arb(-drawn[0], digits).overlaps(-ball)
    assert float(-ball) == -float(ball)


thousandths = st.integers(-3000, 3000).map(lambda i: f"{i / 1000:.3f}")
radii = st.integers(0, 2000).map(lambda i: f"{i / 1000:.3f}")
coarse = st.builds(Ball, thousandths, radii)


@given(coarse, coarse)
@example(Ball("0.100", "0.200"), Ball("0.400", "0.100"))
@example(Ball("0.100", "0.200"), Ball("0.401", "0.100"))
@example(Ball("0.3", "0"), Ball("0.3", "0"))
@example(Ball("-0.300", "0"), Ball("0.300", "0"))
def test_overlap_is_that_of_exact_intervals(a, b):
    (low, high), (other_low, other_high) = interval(a), interval(b)
    expected = low <= other_high and other_low <= high
    assert a.overlaps(b) == b.overlaps(a) == expected
    assert (-a).overlaps(-b) == expected


@given(coarse, coarse)
@example(Ball("0.100", "0.200"), Ball("0.100", "0.199"))
@example(Ball("0.100", "0.200"), Ball("0.100", "0.201"))
def test_containment_is_that_of_exact_intervals(a, b):
    (low, high), (inner_low, inner_high) = interval(a), interval(b)
    if low < inner_low and inner_high < high:
        assert a.contains(b)
        assert a.contains(b.value)
    # Where ends touch, rounding the radius up decides: either answer.
    if not (low <= inner_low and inner_high <= high):
        assert not a.contains(b)
    if not low <= Fraction(b.value) <= high:
        assert not a.contains(b.value)


@given(st.integers(30, 200))
def test_long_decimals_are_told_apart(digits):
    third = "0." + "3" * digits
    ball = Ball(third, f"1e-{digits}")
    assert ball.contains(third + "9")
    assert not ball.contains("0." + "3" * (digits - 1) + "5")
    assert not ball.overlaps(Ball("0." + "3" * (digits - 1) + "6", f"1e-{digits}"))


def test_a_thin_ball_does_not_contain_a_thicker_one():
    # 0.1 in Arb has a radius of its own, far above these.
    assert not Ball("0.1", "1e-50").contains(Ball("0.1", "1e-40"))
    assert Ball("0.1", "1e-40").contains(Ball("0.1", "1e-50"))


def test_balls_of_many_digits_compare():
    third = Ball("0." + "3" * 5000, "1e-5000")
    assert third.overlaps(third)
    assert Ball("0.33", "0.01").contains(third)


def test_float_and_text():
    ball = Ball("-1.25", "1e-9")
    assert float(ball) == -1.25
    assert str(ball) == "-1.25 +/- 1e-9"


def test_a_ball_holds_its_own_ends():
    ball = Ball("0.1", "1e-3")
    assert ball.contains(ball)
    assert ball.contains("0.101")
    assert ball.contains(Ball("0.1005", "0.0005"))
    assert not ball.contains("0.1011")
    assert not ball.contains(Ball("0.1005", "0.000501"))


@pytest.mark.parametrize("text", ["1." + "2" * 48, "1." + "2" * 49])
def test_a_long_number_is_shown_by_its_first_fifty_characters(text):
    shown = text if len(text) <= 50 else text[:50] + "…"
    assert repr(Ball(text, "1e-60")) == f"Ball({shown!r}, '1e-60')"
