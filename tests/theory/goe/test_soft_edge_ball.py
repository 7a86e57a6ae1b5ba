"""Airy's function and its integral where their series cancel."""

import flint
import numpy as np
import pytest

from theory.goe.soft_edge_ball import _values


def off(one, two):
    return 0.0 if one == two else float(abs(one / two - 1))


@pytest.mark.parametrize("bits", [81, 200])
def test_of_32_spare_bits_rounding_takes_less_than_three(bits):
    """Relative to each number: to the right they fall like exp(-(2/3) x^(3/2)), and the series do not."""
    for x in [*np.linspace(-2, 2, 81), -30.0, -8.0, 8.0, 30.0]:
        with flint.ctx.workprec(bits):
            found = _values(flint.arb(x))
        with flint.ctx.workprec(bits + 2000):
            right = _values(flint.arb(x))
            worst = max(map(off, found, right))
        assert worst < 1.5 * 2.0 ** (-bits - 30)


@pytest.mark.parametrize("x", [-8.0, 0.3, 8.0])
def test_the_integral_is_that_of_a_quadrature_with_a_bound(x):
    with flint.ctx.workprec(150):
        value, slope, tail = _values(flint.arb(x))
        exact, exact_slope, _, _ = flint.arb(x).airy()
        assert max(off(value, exact), off(slope, exact_slope)) < 2.0**-140
        # Beyond 40 less is left than 2^-240.
        area = flint.acb.integral(lambda z, _: z.airy_ai(), flint.acb(x), flint.acb(40)).real
        assert off(tail, area) < 2.0**-140
