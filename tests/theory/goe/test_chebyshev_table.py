"""Tables of a law whose tails, quantiles and moments are known: Gumbel's, exp(-s - exp(-s))."""

import math

import numpy as np
import pytest

from theory.goe.chebyshev_table import Table, chebyshev_points

WIDTH = 0.25
ROUGH = -12  # panels from here on downwards need balls


def density(number, balls):
    """Its logs at the nodes, in "float64" with a noise that is stated as ten times what it is."""
    s = chebyshev_points(number * WIDTH, WIDTH)
    logs, noise = -s - np.exp(-s), 1e-8 if number <= ROUGH and not balls else 1e-17
    return logs + noise * (-1.0) ** np.arange(len(s)), np.full(len(s), max(10 * noise, 1e-15))


@pytest.fixture(scope="module")
def table():
    return Table(density, 0.0, WIDTH, 0, lambda s: s - np.exp(-s) if s < 0 else -s)


def tails(s):
    return -np.exp(-s), np.log(-np.expm1(-np.exp(-s)))


def test_both_tails_and_the_density_are_known(table):
    s = np.concatenate([np.linspace(-5.2, 12.0, 200), [40.0, 700.0]])
    for found, known in zip(table.log_tails(s), tails(s), strict=True):
        np.testing.assert_allclose(found, known, rtol=1e-12, atol=1e-9)
    np.testing.assert_allclose(table.log_density(s), -s - np.exp(-s), rtol=1e-12, atol=1e-9)
    assert np.abs(table.log_density(s + 1e-8) + s + np.exp(-s)).max() > 1e-9


def test_what_is_beyond_all_numbers_is_nothing(table):
    below, above = table.log_tails(np.array([-math.inf, -6.7, 746.0, math.inf]))
    np.testing.assert_array_equal(below, [-math.inf, -math.inf, 0, 0])
    np.testing.assert_array_equal(above, [0, 0, -math.inf, -math.inf])


@pytest.mark.parametrize("side", [0, 1])
def test_quantiles_invert_the_tails(table, side):
    q = np.array([0.5, 0.31, 1e-3, 1e-9, 1e-60])
    found = table.solved(q, side, strict=True)
    np.testing.assert_allclose(tails(found)[side], np.log(q), rtol=1e-12, atol=2e-9)


def test_moments_are_known(table):
    mean = table.mean_of(lambda s: s)
    assert table.mean_of(np.ones_like) == pytest.approx(1, abs=1e-12)
    assert mean == pytest.approx(np.euler_gamma, abs=1e-12)
    variance = table.mean_of(lambda s: (s - mean) ** 2)
    assert variance == pytest.approx(math.pi**2 / 6, abs=1e-11)  # exp(-33) 33^2 is left out
