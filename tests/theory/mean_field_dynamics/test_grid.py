"""Interpolation on the grid of two times: how its error falls as the grid is refined."""

import numpy as np

from theory.mean_field_dynamics.grid import Grid


def off_in_rows(step):
    """Largest error between rows of a function of L = log(1 + t)."""
    grid, last = Grid(1.0, step, 8, 8), round(4 / step)
    depth = np.linspace(1.0, 3.0, 400)
    rows, share = grid.row_stencil(np.expm1(depth), last)
    found = (np.sin(3 * step * rows + 1) * share).sum(axis=1)
    return abs(found - np.sin(3 * depth + 1)).max()


def off_in_lags(lags):
    """Largest error within a row of a function of z, up to both ends."""
    grid, z = Grid(1.0, 0.1, lags, 8), np.linspace(-1, 1, 999)
    columns, share = grid.lag_stencil(z)
    return abs((np.exp(2 * grid.z)[columns] * share).sum(axis=1) - np.exp(2 * z)).max()


def test_interpolation_is_of_order_6_in_rows_and_10_in_lags():
    assert abs(np.log2(off_in_rows(0.1) / off_in_rows(0.05)) - 6) < 0.1
    assert abs(np.log2(off_in_lags(20) / off_in_lags(40)) - 10) < 0.1
