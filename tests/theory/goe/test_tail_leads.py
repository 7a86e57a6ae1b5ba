"""What tails tend to, against hazards in balls: what is left falls as the next order does."""

import math
from functools import partial

import numpy as np
import pytest
from scipy import integrate

from theory.goe.edge_scale import edge_width
from theory.goe.laws.ensembles import Edge, Finite
from theory.goe.laws.tail_leads import (
    edge_lower,
    edge_upper,
    finite_gain,
    finite_lower,
    finite_upper,
)


def slope(lead, s):
    """How fast a log grows with s."""
    return lead(np.array([s + 1e-20j]))[0].imag / 1e-20


@pytest.mark.parametrize("k", range(4))
def test_at_the_edge_what_is_left_of_the_lower_hazard_falls_like_its_power(k):
    """As a^(-5/2); a wrong power of a, k(k-1) or another, would leave 1/a, a factor 1/2."""
    near, far = (Edge(k).hazard(-a, True) - slope(partial(edge_lower, k), -a) for a in (10.0, 20.0))
    assert far / near == pytest.approx(2**-2.5, rel=0.15)


@pytest.mark.parametrize("k", range(4))
def test_at_the_edge_what_is_left_of_the_upper_hazard_falls_like_its_power(k):
    near, far = (
        Edge(k).hazard(s, False) + slope(partial(edge_upper, k + 1), s) for s in (30.0, 60.0)
    )
    assert far / near == pytest.approx(2**-2.5, rel=0.1)


@pytest.mark.parametrize("k", range(3))
def test_of_n_eigenvalues_what_is_left_of_the_upper_hazard_falls_like_1_over_n(k):
    """In units of the edge; a wrong coefficient would leave what does not fall, or grows."""
    few, many = (
        (Finite(n, k).hazard(1.5 * e, False) + slope(partial(finite_upper, n, k + 1), 1.5 * e)) * e
        for n, e in ((160, math.sqrt(320)), (320, math.sqrt(640)))
    )
    assert many / few == pytest.approx(0.5, abs=0.04)


@pytest.mark.parametrize("k", range(3))
@pytest.mark.parametrize("x", [0.0, 0.2])
def test_of_n_eigenvalues_what_is_left_of_the_lower_hazard_falls_like_1_over_n(k, x):
    """In units of the edge; the hazard itself grows like N^2, its terms of order 1 are to be seen."""
    few, many = (
        (Finite(n, k).hazard(x * e, True) - slope(partial(finite_lower, n, k), x * e)) * e
        for n, e in ((20, math.sqrt(40)), (40, math.sqrt(80)))
    )
    assert many / few == pytest.approx(0.5, abs=0.04)


@pytest.mark.parametrize("k", range(4))
def test_near_the_edge_the_formulas_for_n_eigenvalues_are_the_edges(k):
    n, a = 10**15, 20.0
    edge, width = math.sqrt(2 * n), edge_width(n)
    lower = slope(partial(finite_lower, n, k), edge - a * width) * width
    upper = slope(partial(finite_upper, n, k + 1), edge + a * width) * width
    assert lower == pytest.approx(slope(partial(edge_lower, k), -a), abs=5e-5)
    assert upper == pytest.approx(slope(partial(edge_upper, k + 1), a), abs=5e-6)


@pytest.mark.parametrize(("n", "s"), [(40, 0.0), (40, 8.5), (7, -3.0)])
def test_one_eigenvalue_gains_the_integral_of_the_force_on_it(n, s):
    b = (s - 2 * math.sqrt(s * s + 6 * n)) / 3
    c = (s - b) / 2

    def force(t):  # x = s + t^2
        return 2 * (c - s - t * t) * math.sqrt(s + t * t - b)

    right = integrate.quad(force, 0, math.sqrt(c - s), epsabs=1e-12)[0]
    assert finite_gain(n, s) == pytest.approx(right, rel=1e-12)
