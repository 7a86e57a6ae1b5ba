"""Taylor steps of Hermite functions: where a series ends, and how long a step is."""

import flint
import numpy as np
import pytest

from theory.goe import hermite_ball
from theory.goe.hermite_ball import _taylor, segments

BITS = 200


def test_three_coefficients_that_vanish_end_no_series():
    """Only every fourth of phi'' = x^2 phi, of order n = -1/2: it takes four to know the next."""
    with flint.ctx.workprec(2 * BITS):
        one = flint.arb(1)
        found = _taylor(-0.5, flint.arb(0), one, flint.arb(0), one, BITS)
        right = (one / 16).hypgeom([], [3 * one / 4])
        small = flint.arb(2) ** -BITS
        assert abs(sum(found) - right) < small
        assert [abs(value) < small for value in found[-5:]] == [False, True, True, True, True]


def rate(n, x):
    """Of growth or of oscillation at x: phi'' = (x^2 - 2n - 1) phi."""
    return np.sqrt(np.abs(x**2 - 2 * n))


@pytest.mark.parametrize(
    ("n", "start", "stop"), [(1, 0.0, 30.0), (150, 0.0, 20.0), (300, 20.0, 60.0), (1000, 0.0, 40.0)]
)
def test_a_step_loses_20_bits_and_not_many_fewer(n, start, stop, monkeypatch):
    """Within a step the terms of a series grow by exp(14), which the 64 spare bits hold."""

    def forward(n, x, value, slope, length, bits):
        assert length > 0
        return _taylor(n, x, value, slope, length, bits)

    monkeypatch.setattr(hermite_ball, "_taylor", forward)
    with flint.ctx.workprec(100):
        parts = segments(n, start, stop)
    ends = np.array([start, *(part.stop for part in parts)])
    assert ends[-2] < stop <= ends[-1]
    lengths = np.diff(ends)
    assert lengths.max() <= 1
    within = ends[:-1, None] + lengths[:, None] * np.linspace(0, 1, 50)
    growth = rate(n, within).max(axis=1) * lengths
    assert growth.max() < 14 + 1e-9
    assert growth[lengths < 1].min() > 12
