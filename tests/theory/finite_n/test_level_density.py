"""Density in level: against counts by index, the one-point density, and known values."""

from __future__ import annotations

import math

import numpy as np
import pytest

from theory import InputError
from theory.finite_n.by_quadrature import log_mean_count
from theory.finite_n.level_density import log_mean_density, squeeze


def test_density_is_the_derivative_of_the_counts() -> None:
    """Gauss-Legendre over a stretch of levels gives the difference of two counts."""
    low, high = -1.6, -1.5
    nodes, weights = np.polynomial.legendre.leggauss(20)
    levels = low + (high - low) * (nodes + 1) / 2
    found = float(np.exp(log_mean_density(3, 40, 1, levels)) @ weights) * (high - low) / 2
    below, above = (math.exp(log_mean_count(3, 40, u, k=1)[0]) for u in (low, high))
    assert found == pytest.approx(above - below, rel=1e-8)


def test_indices_sum_to_the_total() -> None:
    """N = 5: the densities of all indices make that of all points."""
    nodes, weights = np.polynomial.legendre.leggauss(20)
    levels = -1.0 + 0.5 * (nodes + 1) / 2
    total = np.exp([log_mean_density(4, 5, k, levels) for k in range(5)]).sum(0)
    below, above = (math.exp(log_mean_count(4, 5, u)[0]) for u in (-1.0, -0.5))
    assert float(total @ weights) / 4 == pytest.approx(above - below, rel=1e-8)


def test_squeeze_at_its_ends() -> None:
    """log(3)/4 at 0; the edge's cubic at -E_inf, and no multiple of it."""
    assert float(squeeze(3, 0.0)) == pytest.approx(math.log(3) / 4, rel=1e-14)
    edge = 2 * math.sqrt(2 / 3)
    gap = math.sqrt(2) * 1e-3
    found = float(squeeze(3, -edge * (1 - 1e-3))) / (gap**3 / (6 * math.sqrt(2)))
    assert found == pytest.approx(1, rel=1e-2)


@pytest.mark.parametrize("u", [-1.7, 0.1, math.nan])
def test_squeeze_refuses_levels_outside(u: float) -> None:
    """Psi is of levels between -E_inf and 0."""
    with pytest.raises(InputError, match="u: got"):
        squeeze(3, u)


@pytest.mark.parametrize(("n", "k"), [(1, 0), (10, 10), (200, 100)])
def test_density_refuses_what_is_out_of_range(n: int, k: int) -> None:
    """N and k as in mean_count."""
    with pytest.raises(InputError):
        log_mean_density(3, n, k, -1.0)
