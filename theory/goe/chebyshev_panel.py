"""Where a panel is sampled, and its Chebyshev series."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Real = NDArray[np.float64]

# guard (all): where panels lie, and so the error stated
# tests/theory/goe/test_chebyshev_panel.py::test_the_coefficients_that_show_noise_vanish_without_it
NODES = 18


def chebyshev_series(logs: Real) -> Real:
    """Chebyshev coefficients from the values at `chebyshev_nodes`."""
    return np.asarray(np.polynomial.chebyshev.chebfit(chebyshev_nodes(), logs, NODES - 1))


def chebyshev_nodes() -> Real:
    """Where a panel is sampled, on [-1, 1]."""
    return np.asarray(np.polynomial.chebyshev.chebpts1(NODES))


def chebyshev_points(start: float, width: float) -> Real:
    """Where the density of a panel is asked for."""
    return start + width * (chebyshev_nodes() + 1) / 2
