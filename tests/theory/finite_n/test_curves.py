"""Mean counts of many levels and indices at once: against each by itself, and identities."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from theory import InputError
from theory.finite_n.by_quadrature import log_mean_count
from theory.finite_n.curves import _middle, mean_curves
from theory.finite_n.level_density import log_mean_density
from theory.goe.kth_density import log_density


@settings(max_examples=2)
@given(st.integers(3, 6), st.integers(5, 30), st.floats(-1.7, -1.0), st.floats(-1.7, -1.0))
def test_each_curve_is_its_count(p: int, n: int, one: float, other: float) -> None:
    """Levels in any order, within the error stated; not the next index's."""
    curves = mean_curves(p, n, (2, 0), [one, other])
    for row, k in enumerate((2, 0)):
        for column, u in enumerate((one, other)):
            exact, error = log_mean_count(p, n, u, k)
            allowed = curves.relative_error[row, column] + error
            assert abs(curves.log[row, column] - exact) <= allowed < 1e-7
            assert abs(curves.log[row, column] - log_mean_count(p, n, u, k + 1)[0]) > 1e-3


def test_densities_are_those_of_levels() -> None:
    """Where the curve holds the density, it is the one computed level by level."""
    levels = np.linspace(-1.7, -1.3, 5)
    curves = mean_curves(3, 60, range(3), levels)
    for k in range(3):
        there = np.isfinite(curves.log_density[k])
        assert there.sum() >= 3
        single = log_mean_density(3, 60, k, levels[there])
        assert curves.log_density[k][there] == pytest.approx(single, abs=1e-7)


def test_the_alternating_sum_over_all_indices() -> None:
    """N = 12: the Euler characteristic of the sphere, and the total."""
    counts = np.exp(mean_curves(3, 12, range(12), [100.0]).log[:, 0])
    assert abs(counts @ (-1.0) ** np.arange(12)) < 1e-7 * counts.sum()
    assert counts.sum() == pytest.approx(math.exp(log_mean_count(3, 12)[0]), rel=1e-8)


@pytest.mark.parametrize(
    ("n", "indices", "levels", "name"),
    [
        (1, [0], [0.0], "n"),
        (10, [10], [0.0], "indices"),
        (400, [100], [0.0], "indices"),
        (10, [0], [], "levels"),
        (10, [0], [math.nan], "levels"),
        (10, [0], [101.0], "levels"),
        (10, [0], 0.0, "levels"),
    ],
)
def test_bad_input_is_named(n: int, indices: list[int], levels: object, name: str) -> None:
    """One line."""
    with pytest.raises(InputError, match=rf"^{name}: got"):
        mean_curves(3, n, indices, levels)


def test_a_tolerance_out_of_range_is_named() -> None:
    """And a wider one costs digits, as stated."""
    with pytest.raises(InputError, match=r"^tolerance: got"):
        mean_curves(3, 10, [0], [0.0], tolerance=0.0)
    rough = mean_curves(3, 100, [1], [-1.7], tolerance=1e-4)
    assert abs(rough.log[0, 0] - log_mean_count(3, 100, -1.7, 1)[0]) <= rough.relative_error[0, 0]


@pytest.mark.parametrize("n", [10, 40])
@pytest.mark.parametrize("k", [0, 3, 9])
@pytest.mark.parametrize("c", [0.0, 0.2, 0.45])
def test_the_walk_starts_where_the_density_is_high(n: int, k: int, c: float) -> None:
    s = np.linspace(-math.sqrt(2 * n) - 1, math.sqrt(2 * n) + 1, 101)
    logs, errors = log_density(n, k, s)
    at = _middle(n, k, c)
    here, error = log_density(n, k, np.array([at]))
    assert error[0] < 1e-2
    highest = (logs - c * s * s)[errors < 1e-2].max()
    assert highest - (here[0] - c * at * at) < 10
