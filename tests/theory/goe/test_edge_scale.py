"""The scales of the edge: by quadrature, and by the limit that gives them their names."""

import math

import pytest
from scipy.integrate import quad

from theory.goe.edge_scale import beyond, decay, edge_width, end_of_kernel


@pytest.mark.parametrize("n", [1, 7, 400])
@pytest.mark.parametrize("past", [0.3, 4.0])
def test_decay_and_what_lies_beyond_are_integrals(n, past):
    edge = math.sqrt(2 * n)
    fallen, _ = quad(lambda t: 2 * math.sqrt(t * t - 2 * n), edge, edge + past)
    assert decay(n, edge + past) == pytest.approx(fallen, rel=1e-9)
    assert decay(n, edge - past) == 0
    inside = edge * min(past, 0.9)
    mass, _ = quad(lambda t: math.sqrt(2 * n - t * t) / math.pi, inside, edge)
    assert beyond(n, inside) == pytest.approx(mass, rel=1e-7)


@pytest.mark.parametrize("n", [1, 30, 3000])
@pytest.mark.parametrize("s", [0.0, 1.0, 100.0])
@pytest.mark.parametrize("drop", [1.0, 84.0, 2000.0])
def test_the_kernel_ends_where_it_has_fallen(n, s, drop):
    end = end_of_kernel(n, s, drop)
    assert end >= s
    assert decay(n, end) - decay(n, s) == pytest.approx(drop, rel=1e-6)


def test_the_width_of_the_edge_is_that_of_airy():
    """Ai(x)^2 falls like exp(-(4/3) x^(3/2)) in x = (y - edge)/width, to order n^(-2/3)."""
    n = 10**6
    assert decay(n, math.sqrt(2 * n) + edge_width(n)) == pytest.approx(4 / 3, rel=1e-3)
