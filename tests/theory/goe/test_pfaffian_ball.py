"""Numbers of eigenvalues below a point: total mass, symmetry, mean, and the Fredholm determinant."""

from __future__ import annotations

import flint
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from theory.goe.fredholm_ball import log_coefficients
from theory.goe.pfaffian_ball import distribution, numbers_below
from theory.goe.spectrum import cdf


@settings(max_examples=12)
@given(st.integers(1, 12), st.integers(-96, 96))
def test_probabilities_with_the_mean_of_the_one_point_density(n: int, place: int) -> None:
    y = flint.arb(place) / 32
    with flint.ctx.workprec(200 + 4 * n):
        found = numbers_below(n, y)
        assert len(found) == n + 1
        assert all(value > 0 for value in found)
        # Mehta's integral, which they are divided by, is not made of them.
        assert abs(sum(found, flint.arb(0)) - 1) < flint.arb(10) ** -45
        mean = sum((j * value for j, value in enumerate(found)), flint.arb(0))
        assert float(mean) == pytest.approx(n * float(cdf(n, place / 32 / n**0.5)), abs=1e-10 * n)
        mirrored = numbers_below(n, -y)[::-1]
        assert all(one.overlaps(two) for one, two in zip(found, mirrored, strict=True))
        assert [float(g) for g in distribution(n, y)] == pytest.approx(
            [float(sum(found[k + 1 :], flint.arb(0))) for k in range(n)], rel=1e-12
        )


@pytest.mark.parametrize(("n", "k", "s"), [(5, 0, 2.5), (6, 2, 0.75), (21, 1, 5.5)])
def test_density_agrees_with_the_determinant_to_25_digits(n: int, k: int, s: float) -> None:
    logs, error = log_coefficients(n, k, [s], digits=28)
    assert error < 1e-27
    with flint.ctx.workprec(900):
        step = flint.arb(2) ** -133  # the difference quotient is off by its square
        below = [distribution(n, s + h)[n - 1 - k] for h in (-step, step)]
        slope = ((below[1] - below[0]) / (2 * step)).log()
        assert abs(slope - logs[0]) < flint.arb(10) ** -27
        other, _ = log_coefficients(n, k + 1, [s], digits=15)
        assert abs(slope - other[0]) > 0.01


def test_too_few_bits_give_no_number() -> None:
    with flint.ctx.workprec(64):
        assert not all(value.rad() < 1e-3 for value in numbers_below(30, flint.arb(1)))
