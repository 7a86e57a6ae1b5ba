"""Certified counts against closed forms, Morse's identity and the other route."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import flint
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from theory.ball import Ball
from theory.counting_ball import log_coefficients
from theory.finite_n import mean_count
from theory.model import InputError, Mixture, mixture, pure
from theory.pfaffian import certified_count, distribution


def _sum(balls: list[Ball], signs: list[int]) -> flint.arb:
    return sum((s * ball.arb() for s, ball in zip(signs, balls, strict=True)), flint.arb(0))


@pytest.mark.parametrize("p", [3, 4, 10])
def test_two_and_three_spins_in_closed_form(p: int) -> None:
    with flint.ctx.workprec(200):
        root = flint.arb(3 * p - 2).sqrt()
        total = 2 * (1 + 4 * flint.arb(p - 1).sqrt() ** 3 / root)
        # Morse: minima - saddles + maxima = 2, and minima = maxima in the mean.
        cases = [(2, 0, root), (2, 1, root), (3, 0, (total + 2) / 4), (3, 1, (total - 2) / 2)]
        for n, k, value in cases:
            ball = certified_count(pure(p), n, k).arb()
            assert ball.overlaps(value)
            assert not ball.overlaps(value * (1 + flint.arb(10) ** -25))


@pytest.mark.parametrize("n", [4, 5, 7])
def test_morse_identity(n: int) -> None:
    balls = [certified_count(pure(3), n, k) for k in range(n)]
    with flint.ctx.workprec(200):
        euler = _sum(balls, [(-1) ** k for k in range(n)])
        assert euler.overlaps(flint.arb(2 * (n % 2)))
        assert euler.rad() < flint.arb(10) ** -23


@pytest.mark.parametrize("n", [2, 5, 8])
def test_quadratic_form_has_two_of_each_index(n: int) -> None:
    assert all(certified_count(pure(2), n, k).contains("2") for k in range(n))


@pytest.mark.parametrize(
    ("model", "n", "k", "below"),
    [
        (pure(3), 6, 0, -1.5),
        (pure(3), 8, 1, -1.6),
        (pure(2), 5, 1, -0.5),
        (pure(4), 5, 2, 0.25),
        (mixture({2: 0.5, 4: 0.5}), 4, 1, -0.5),
    ],
)
def test_agrees_with_the_other_route(model: Mixture, n: int, k: int, below: float) -> None:
    other = mean_count(model, n, k, below)
    ball = certified_count(model, n, k, below)
    with flint.ctx.workprec(200):
        off = abs(ball.arb().log() - flint.arb(other.log))
        assert off < other.relative_error
        wrong = mean_count(model, n, k + 1, below)
        assert abs(ball.arb().log() - flint.arb(wrong.log)) > 0.01


@pytest.mark.parametrize(("n", "k", "s"), [(5, 0, 2.5), (6, 2, 0.75)])
def test_density_agrees_with_the_determinant_to_25_digits(n: int, k: int, s: float) -> None:
    logs, error = log_coefficients(n, k, [s], digits=28)
    assert error < 1e-27
    with flint.ctx.workprec(900):
        step = flint.arb(10) ** -40  # the difference quotient is off by its square
        below = [distribution(n, n - 1 - k, flint.acb(s + h)).real for h in (-step, step)]
        slope = (below[1] - below[0]) / (2 * step)
        assert abs(slope.log() - logs[0]) < flint.arb(10) ** -27


def test_small_counts_have_their_digits() -> None:
    few, more = (certified_count(pure(3), 4, 0, -24, digits) for digits in (8, 16))
    assert Fraction(more.value) < Fraction(1, 10**300)
    assert few.contains(more)
    assert Fraction(few.radius) < Fraction(few.value) / 10**8


def test_bad_input_is_one_line() -> None:
    for arguments in [(pure(3), 3, 3), (pure(3), 9, 0), (pure(3), 3, 0, "low"), (3, 3, 0)]:
        with pytest.raises(InputError):
            certified_count(*arguments)  # type: ignore[arg-type]
    with pytest.raises(InputError):
        certified_count(pure(3), 3, 0, digits=0)


@settings(max_examples=8)
@given(
    p=st.integers(2, 8),
    n=st.integers(2, 4),
    share=st.floats(0, 0.999),
    below=st.decimals(-3, 1, places=2),
    digits=st.integers(3, 15),
)
def test_digits_are_true(p: int, n: int, share: float, below: Decimal, digits: int) -> None:
    k = int(share * n)
    few, more = (certified_count(pure(p), n, k, str(below), d) for d in (digits, 2 * digits))
    assert few.contains(more)
    assert Fraction(few.radius) < Fraction(few.value) / 10**digits
