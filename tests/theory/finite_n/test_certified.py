"""Certified counts: closed forms, Morse's identity, two routes, and digits that are true."""

from __future__ import annotations

from decimal import Context, Decimal, localcontext
from fractions import Fraction

import flint
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from theory import complexity, mean_count, threshold
from theory.arithmetic.ball import Ball
from theory.checks import InputError
from theory.finite_n.by_index_ball import IndexBall
from theory.finite_n.certified import certified_count, rounded
from theory.finite_n.critical_points import CriticalPoints
from theory.finite_n.total_ball import TotalBall
from theory.model import Mixture, mixture, pure

BITS = 250
A = mixture({2: "1/3", 3: "1/2", 7: "1/6"})


def near(ball: Ball, value: flint.arb, digits: int = 25) -> bool:
    """Whether the ball holds the number, and the number changed in its digit 25 lies outside."""
    with flint.ctx.workprec(BITS):
        found, unit = ball.arb(), flint.arb(10) ** (1 - digits)
        changed = [value * (1 + unit), value * (1 - unit)]
        return found.overlaps(value) and not any(found.overlaps(other) for other in changed)


@settings(max_examples=8)
@given(st.integers(2, 10_000))
@example(3)
def test_two_and_three_spins_in_closed_form(p: int) -> None:
    with flint.ctx.workprec(BITS):
        root = flint.arb(3 * p - 2).sqrt()
        # Half of the totals: mean numbers of real eigenvalues of a random symmetric tensor.
        two, three = root, 1 + 4 * flint.arb(p - 1).sqrt() ** 3 / root
        # Morse: minima - saddles + maxima = 2, and minima = maxima in the mean.
        by_index = [(three + 1) / 2, three - 1, (three + 1) / 2]
    for n, value in ((2, two), (3, three)):
        total = mean_count(pure(p), n, digits=27)
        with localcontext(Context(prec=60)):
            halved = Ball(str(Decimal(total.value) / 2), str(Decimal(total.radius) / 2))
        assert near(halved, value)
    assert all(near(mean_count(pure(p), 2, k, digits=27), two) for k in (0, 1))
    for k, value in enumerate(by_index):
        assert near(mean_count(pure(p), 3, k, digits=27), value)


@pytest.mark.parametrize("model", [pure(3), pure(9), A])
@pytest.mark.parametrize("n", [4, 5, 8, 13])
def test_morse_identity_and_the_total(model: Mixture, n: int) -> None:
    balls = [mean_count(model, n, k, digits=32) for k in range(n)]
    with flint.ctx.workprec(BITS):
        found = [ball.arb() for ball in balls]
        euler = sum((-x if k % 2 else x for k, x in enumerate(found)), flint.arb(0))
        total = sum(found, flint.arb(0))
        assert euler.overlaps(flint.arb(2 * (n % 2)))
        assert euler.rad() < flint.arb(10) ** -25
    assert near(mean_count(model, n, digits=27), total)


@pytest.mark.parametrize("n", [2, 5, 8, 14])
def test_quadratic_form_has_two_of_each_index(n: int) -> None:
    for k in range(n):
        assert near(mean_count(pure(2), n, k, digits=27), flint.arb(2))
    assert near(mean_count(pure(2), n, digits=27), flint.arb(2 * n))


@pytest.mark.parametrize(
    ("model", "n", "below"),
    [
        (pure(3), 6, "-1.5"),
        (pure(3), 7, "0.5"),
        (pure(2), 5, "-0.5"),
        (pure(50), 5, "0.0625"),
        (A, 6, "-0.5"),
        (A, 5, "1.25"),
        (mixture({3: "99/100", 4: "1/100"}), 4, "-1"),
    ],
)
def test_indices_sum_to_the_closed_form_at_a_level(model: Mixture, n: int, below: str) -> None:
    """The Pfaffian by quadrature, the total without: to 25 digits."""
    parts = [mean_count(model, n, k, below, digits=40) for k in range(n)]
    with flint.ctx.workprec(BITS):
        total = sum((part.arb() for part in parts), flint.arb(0))
    assert near(mean_count(model, n, below=below, digits=27), total)
    moved = str(Fraction(below) + Fraction(1, 10**24))
    assert not near(mean_count(model, n, below=moved, digits=27), total)


@pytest.mark.parametrize(
    ("model", "n", "k", "below"),
    [
        (pure(3), 6, 0, -1.5),
        (pure(3), 12, 1, -1.625),
        (pure(4), 5, 2, 0.25),
        (pure(3), 400, None, -1.625),
        (mixture({2: 0.5, 4: 0.5}), 4, 1, -0.5),
        (mixture({2: 0.5, 4: 0.5}), 300, None, -1.5),
    ],
)
def test_agrees_with_float64(model: Mixture, n: int, k: int | None, below: float) -> None:
    other = mean_count(model, n, k, below)
    ball = mean_count(model, n, k, below, 20)
    with flint.ctx.workprec(BITS):
        off = abs(ball.arb().log() - flint.arb(other.log))
        assert off < other.relative_error
        wrong = mean_count(model, n, 0 if k is None else k + 1, below)
        assert abs(ball.arb().log() - flint.arb(wrong.log)) > 1e-3


def true_digits(few: Ball, more: Ball, digits: int) -> None:
    """The value at d digits is that at 2d, rounded."""
    assert few.overlaps(more)
    with localcontext(Context(prec=digits, Emax=10**9, Emin=-(10**9))):
        assert +Decimal(more.value) == Decimal(few.value)
    assert Fraction(Decimal(few.radius)) <= Fraction(Decimal(few.value)) / 10 ** (digits - 1)


models = st.integers(2, 12).map(pure) | st.sampled_from([A, mixture({2: 0.5, 4: 0.5})])
levels = st.none() | st.decimals(-3, 2, places=2).map(str)


@settings(max_examples=8)
@given(
    models,
    st.integers(2, 5),
    st.floats(0, 0.999),
    st.none() | st.decimals(-2, 2, places=2).map(str),
    st.integers(3, 15),
)
@example(pure(3), 4, 0.0, "-24", 8)
@example(pure(3), 5, 0.3, "-12", 5)
@example(mixture({2: 0.5, 4: 0.5}), 4, 0.0, "-20", 6)
def test_digits_by_index_are_true(
    model: Mixture, n: int, share: float, below: str | None, digits: int
) -> None:
    k = int(share * n)
    few, more = (mean_count(model, n, k, below, d) for d in (digits, 2 * digits))
    true_digits(few, more, digits)


@settings(max_examples=25)
@given(models, st.integers(2, 300), levels, st.integers(3, 40))
@example(pure(3), 4, "-24", 8)
@example(pure(3), 1000, "-2.5", 12)
@example(A, 200, "-9", 20)
@example(A, 200, "100", 20)
def test_digits_of_the_total_are_true(
    model: Mixture, n: int, below: str | None, digits: int
) -> None:
    few, more = (mean_count(model, n, None, below, d) for d in (digits, 2 * digits))
    true_digits(few, more, digits)


def test_small_counts() -> None:
    assert Decimal(mean_count(pure(3), 4, 0, -24, 8).value) < Decimal("1e-490")
    assert Decimal(mean_count(pure(3), 1000, below="-2.5", digits=12).value) < Decimal("1e-300")


@settings(max_examples=12)
@given(st.integers(3, 40), st.none() | st.integers(0, 20), st.integers(3, 60))
def test_digits_of_thresholds_and_complexity_are_true(p: int, k: int | None, digits: int) -> None:
    few, more = (threshold(pure(p), k, d) for d in (digits, 2 * digits))
    assert few.contains(more)
    assert not few.contains(threshold(pure(p + 1), k, 2 * digits))
    for u in (-few, Fraction(-8, 5), Fraction(1, 7)):
        if isinstance(u, Fraction):
            here, there = (complexity(pure(p), u, k=k, digits=d) for d in (digits, 2 * digits))
            assert here.contains(there)


def test_a_level_that_is_a_ball() -> None:
    e0 = threshold(pure(3), 0, 60)
    found = mean_count(pure(3), 6, 0, -e0, 30)
    near_by = mean_count(pure(3), 6, 0, "-" + e0.value, 30)
    assert found.value == near_by.value
    with pytest.raises(InputError, match=r"^below: got .*narrow"):
        mean_count(pure(3), 6, 0, -threshold(pure(3), 0, 10), 30)


def test_what_lies_in_the_middle_of_two_decimals() -> None:
    # 250 at one digit.
    assert mean_count(pure(2), 125, digits=1).value in {"2e+2", "3e+2"}
    with flint.ctx.workprec(100):
        third = flint.arb(2) / 3
        found = rounded(third, 4)
        assert found is not None
        assert found.value == "0.6667"
        assert rounded(third + flint.arb(0, 1e-4), 4) is None


def test_estimates_of_work_are_those_measured() -> None:
    """Seconds of one core, within a factor of two; of totals and of the lowest index at p = 3."""
    measured = [
        (5000, 12_000, None, "-1.6", 1.6),
        (2500, 6000, None, "-1.6", 0.33),
        (1000, 100_000, None, "-1.6", 1.6),
        (300, 300_000, None, "-1.6", 2.9),
        (12, 1000, 0, None, 3.6),
        (30, 500, 0, None, 19.4),
        (6, 4000, 0, "-1.6", 51.3),
        (40, 400, 0, "-1.6", 88.2),
        (3, 8000, 0, None, 49.5),
    ]
    for n, bits, k, below, seconds in measured:
        points = CriticalPoints.of(pure(3), n, k, below, 10)
        evaluator = TotalBall(points) if k is None else IndexBall(points, k)
        assert seconds / 2 < evaluator.seconds(bits) < 2 * seconds


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("1.23446", "1.234"),
        ("1.23454", "1.235"),
        ("1.2345", None),
        ("9.99946", "9.999"),
        ("9.99954", "10"),
        ("123454e20", "1235e22"),
        ("1.23446e-20", "1.234e-20"),
    ],
)
def test_only_what_rounds_to_one_decimal_is_rounded(text: str, found: str | None) -> None:
    """To four digits, with a radius of a few units of the sixth."""
    with flint.ctx.workprec(100):
        value = flint.arb(text)
        ball = rounded(value * flint.arb(1, 3e-6), 4)
    if found is None:
        assert ball is None
    else:
        assert ball is not None
        assert Decimal(ball.value) == Decimal(found)


def test_too_much_work_is_said_at_once() -> None:
    for arguments in [(100, 0, None, 30), (20_000, None, None, 100_000), (12, 11, -1.6, 4000)]:
        with pytest.raises(
            InputError, match=rf"^digits: got {arguments[3]}; .* N = {arguments[0]}.* and 60 s are"
        ):
            mean_count(pure(3), *arguments)
    with pytest.raises(InputError, match="and 1 s are spent at most"):
        certified_count(pure(3), 30, 0, digits=30, most_seconds=1.0)


@pytest.mark.parametrize(
    ("arguments", "name"),
    [
        ({"model": 3}, "model"),
        ({"n": 1}, "n"),
        ({"n": 20_001}, "n"),
        ({"k": 5}, "k"),
        ({"k": -1}, "k"),
        ({"below": "low"}, "below"),
        ({"below": "1/0"}, "below"),
        ({"below": float("nan")}, "below"),
        ({"below": 101}, "below"),
        ({"below": Ball("-101", "0")}, "below"),
        ({"below": Ball("x", "0")}, "below"),
        ({"below": "1e-999999999"}, "below"),
        ({"digits": 0}, "digits"),
        ({"digits": 10**6}, "digits"),
        ({"digits": 5.0}, "digits"),
    ],
)
def test_bad_input_is_one_line(arguments: dict[str, object], name: str) -> None:
    with pytest.raises(InputError, match=f"^{name}: got .*; takes "):
        mean_count(**{"model": pure(3), "n": 5, "digits": 9, **arguments})  # type: ignore[call-overload]
