"""Series of the log density on a panel: exact where they should be, and converged with six to spare."""

import math

import numpy as np
import pytest
from numpy.polynomial.chebyshev import chebval

from theory.goe.chebyshev_panel import (
    NODES,
    chebyshev_nodes,
    chebyshev_points,
    chebyshev_series,
)
from theory.goe.edge_scale import edge_width
from theory.goe.kth_density import WIDTH, log_density_balls
from theory.goe.laws.chebyshev_table import _SEEN


def test_polynomials_below_the_number_of_nodes_are_exact():
    t = chebyshev_nodes()
    for degree in (0, 1, NODES - 1):
        unit = np.eye(NODES)[degree]
        np.testing.assert_allclose(chebyshev_series(chebval(t, unit)), unit, atol=1e-14)
    np.testing.assert_allclose(chebyshev_points(-3.0, 0.5), -3 + (t + 1) / 4, rtol=1e-15)


@pytest.mark.parametrize(("n", "k", "number"), [(2, 0, -1), (6, 2, -3)])
def test_the_coefficients_that_show_noise_vanish_without_it(n, k, number):
    """Not so the one before, where the log density varies most."""
    width = WIDTH * edge_width(n)
    points = chebyshev_points(math.sqrt(2 * n) + number * width, width)
    series = np.abs(chebyshev_series(log_density_balls(n, k, points)[0]))
    assert series[-_SEEN:].max() < 1e-13
    assert series[-_SEEN - 1] > 1.5e-13
