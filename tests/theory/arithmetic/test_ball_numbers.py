"""Balls as numbers: arithmetic and order contain what exact fractions say; text in and out."""

import math
import operator
import pickle
from decimal import Decimal
from fractions import Fraction

import flint
import mpmath
import numpy as np
import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from theory.arithmetic.ball import Ball

thousandths = st.integers(-3000, 3000).map(lambda i: f"{i / 1000:.3f}")
radii = st.integers(0, 200).map(lambda i: f"{i / 1000:.3f}")
balls = st.builds(Ball, thousandths, radii)
numbers = st.one_of(
    st.integers(-50, 50),
    st.fractions(-5, 5, max_denominator=97),
    st.floats(-5, 5, allow_subnormal=False).map(lambda x: x if abs(x) > 1e-9 else 0.0),
    st.decimals(-5, 5, places=4),
)
OPERATIONS = [operator.add, operator.sub, operator.mul, operator.truediv]
ORDERS = [operator.lt, operator.le, operator.gt, operator.ge]


def ends(x):
    if not isinstance(x, Ball):
        return Fraction(x), Fraction(x)
    return Fraction(x.value) - Fraction(x.radius), Fraction(x.value) + Fraction(x.radius)


def width(x):
    low, high = ends(x)
    return high - low


@given(balls, st.one_of(balls, numbers), st.sampled_from(OPERATIONS), st.booleans())
@example(Ball("0.1", "0"), Ball("0.2", "0"), operator.add, False)
@example(Ball("2.0", "0.1"), 3, operator.sub, True)
@example(Ball("2.0", "0.1"), 3, operator.truediv, True)
def test_arithmetic_contains_every_result_and_little_more(ball, other, operation, swapped):
    a, b = (other, ball) if swapped else (ball, other)
    low, high = ends(b)
    assume(operation is not operator.truediv or not low <= 0 <= high)
    found = operation(a, b)
    corners = [operation(x, y) for x in ends(a) for y in ends(b)]
    least, most = ends(found)
    assert least <= min(corners)
    assert max(corners) <= most
    # Digits that do not stand are left out; Arb's products and quotients of balls are centred; a ball
    # at 0 is printed about 0.
    centred = operation is operator.mul and width(a) and width(b)
    centred = centred or (operation is operator.truediv and width(b))
    spare = (4 if centred else 2) * (2 if least <= 0 <= most else 1)
    unit = Fraction(1, 10**15) + abs(Fraction(found.value)) / 10**15
    assert width(found) <= spare * (max(corners) - min(corners)) + unit


def test_sums_of_decimals_are_exact_and_quotients_have_twenty_digits_more():
    assert Ball("0.1", "0") + Ball("0.2", "0") == Ball("0.3", "0") or (
        Ball("0.1", "0") + Ball("0.2", "0")
    ).contains("0.3")
    third = Ball("1", "0") / 3
    assert third.value == "0." + "3" * 21
    assert width(third) < Fraction(1, 10**20)
    assert (Ball("2", "0") ** Fraction(1, 2)).value == "1.41421356237309504880"
    assert (Ball("2", "0") ** -2).contains("0.25")
    assert abs(Ball("-1.5", "0.1")) == Ball("1.5", "0.1") == abs(Ball("1.5", "0.1"))


def test_numbers_of_other_libraries_are_taken_exactly():
    ball = Ball("1.5", "0.001")
    third = Fraction(1, 3)
    for number in (mpmath.mpf(0.25), flint.arb(0.25), Decimal("0.25"), np.float64(0.25)):
        for found in (ball + number, number + ball):
            assert isinstance(found, Ball)
            assert found.contains(Ball("1.75", "0.001"))
            assert width(found) < Fraction(204, 100000)
        assert number < ball
        assert not number > ball
        assert ball > number
    assert (np.int64(2) * ball).value == "3.000"
    with mpmath.workdps(60):
        assert abs(Fraction(str((ball + mpmath.mpf(1) / 3).value)) - Fraction(3, 2) - third) < 0.001
        assert mpmath.nstr(Ball("0." + "3" * 50, "0").mpf(), 50) == "0." + "3" * 50
    wide = flint.arb(1, 0.5)
    assert width(Ball("0", "0") + wide) >= 1
    assert not Ball("1.4", "0") > wide
    assert Ball("1.6", "0") > wide


@given(balls, st.one_of(balls, numbers), st.sampled_from(ORDERS))
@example(Ball("0.1", "0.1"), Ball("0.3", "0.1"), operator.lt)
@example(Ball("0.1", "0.1"), Ball("0.3", "0.1"), operator.le)
@example(Ball("0.3", "0.1"), Ball("0.1", "0.1"), operator.ge)
@example(Ball("0.3", "0.1"), Ball("0.1", "0.1"), operator.gt)
@example(Ball("0.1", "0"), Decimal("0.1"), operator.le)
def test_an_order_is_true_where_it_holds_for_all_points(a, b, order):
    assert order(a, b) == all(order(x, y) for x in ends(a) for y in ends(b))


@pytest.mark.parametrize("other", [math.inf, math.nan, mpmath.inf, flint.arb("nan"), 1j, "1", None])
def test_what_is_no_number_is_refused(other):
    with pytest.raises(TypeError):
        Ball("1", "0") + other
    with pytest.raises(TypeError):
        _ = Ball("1", "0") < other
    with pytest.raises(ArithmeticError):
        Ball("1", "0") / Ball("0.1", "0.1")
    with pytest.raises(ArithmeticError):
        Ball("-1", "0") ** 0.5


@given(balls, st.integers(-2, 5))
@example(Ball("1250.000", "0.000"), -2)
def test_rounding_widens_the_radius_by_what_it_changes(ball, places):
    found = round(ball, places)
    low, high = ends(ball)
    assert ends(found)[0] <= low
    assert high <= ends(found)[1]
    unit = Fraction(10) ** -places
    assert (Fraction(found.value) / unit).denominator == 1
    assert abs(Fraction(found.value) - Fraction(ball.value)) <= unit / 2
    assert width(found) <= (width(ball) + unit) * Fraction(1002, 1000)


def test_text():
    ball = Ball("1.41421356237", "3.6e-12")
    assert f"{ball}" == str(ball) == "1.41421356237 +/- 3.6e-12"
    assert f"{ball:.3f}" == "1.414 +/- 0.0002136"
    assert f"{ball:.4e}" == "1.4142e+0 +/- 0.00001357"
    assert f"{ball:L}" == ball.latex() == r"\num{1.414213562370(4)}"
    assert round(ball) == Ball("1", "0.4143")
    assert round(Ball("1234.5", "0"), -2) == Ball("1.2e+3", "34.5")
    assert Ball("123456", "30").latex() == r"\num{1.2346(4)e+5}"
    assert Ball("0", "4.2e-15").latex() == r"\num{0(5)e-15}"
    assert Ball("-4.57220907e-8515", "5e-8524").latex() == r"\num{-4.572209070(5)e-8515}"
    assert ball._repr_markdown_() == r"$1.41421356237 \pm 3.6 \times 10^{-12}$"
    with pytest.raises(ValueError, match="takes one such as"):
        f"{ball:%}"
    with pytest.raises(ValueError, match="takes one such as"):
        f"{ball:x}"


def test_a_repr_is_short_and_where_it_can_be_the_ball():
    short = Ball("0." + "3" * 48, "1e-48")
    assert eval(repr(short)) == short
    assert repr(Ball("0." + "3" * 49, "1e-49")) == f"Ball('0.{'3' * 48}…', '1e-49')"
    assert pickle.loads(pickle.dumps(short)) == short
