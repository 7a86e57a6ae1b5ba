"""Grids and interpolation for functions of two times t >= t'.

Rows are the later time: L = log(1 + t/scale) on a uniform grid. In a row, z in [-1, 1] runs from
t' = t to t' = 0 with refinement at both ends, 1 + tau/scale = e^(z L) (1 + t'/scale) for the lag
tau = t - t', and z = -cos(theta) on a uniform grid of theta (Chebyshev's points). A function that is
smooth on the scales of t, t' and tau, whichever is shorter, is smooth in (L, theta), and even in
theta at both ends.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from math import comb
from typing import Any

import numpy as np
from numpy.polynomial.legendre import leggauss
from numpy.typing import NDArray

Real = NDArray[np.float64]
Index = NDArray[np.int64]

# guard (all): how fine the grid is, and so the error stated
# tests/theory/mean_field_dynamics/test_grid.py::test_interpolation_is_of_order_6_in_rows_and_10_in_lags
ROW_POINTS = 6  # of the interpolation in L
LAG_POINTS = 10  # of the interpolation in theta


def weights(x: Real, first: Index, points: int) -> Real:
    """Lagrange's weights at x of the nodes first, first + 1, ..., one row for each x.

    Examples
    --------
    >>> weights(np.array([1.5]), np.array([0]), 4).tolist()
    [[-0.0625, 0.5625, 0.5625, -0.0625]]
    """
    distance = (x - first)[:, None] - np.arange(points)
    # guard (all): how fine the grid is, and so the error stated
    # tests/theory/mean_field_dynamics/test_cugliandolo_kurchan.py::test_the_grid_integrates_and_interpolates
    sign = np.array([(-1) ** j * comb(points - 1, j) for j in range(points)], dtype=float)
    hit = distance == 0
    # same (all): removes rounding alone
    found = sign / np.where(hit, 1.0, distance)
    # same (all): removes rounding alone
    found = np.where(hit.any(axis=1)[:, None], hit.astype(float), found)
    return np.asarray(found / found.sum(axis=1, keepdims=True))


@dataclass(frozen=True)
class Grid:
    """How fine: the step of L, the number of intervals of theta, the nodes of an integral."""

    scale: float
    step: float
    lags: int
    nodes: int

    @cached_property
    def z(self) -> Real:
        """Coordinates of the lags, from t' = t to t' = 0."""
        return -np.cos(np.pi * np.arange(self.lags + 1) / self.lags)

    @cached_property
    def derivative(self) -> Real:
        """Matrix of d/dz on a row (Chebyshev collocation)."""
        weight = (-1.0) ** np.arange(self.lags + 1)
        weight[[0, -1]] *= 2
        # same (all): the sum of its row puts the diagonal right
        gap = self.z[:, None] - self.z + np.eye(self.lags + 1)
        matrix = weight[:, None] / weight / gap
        return np.asarray(matrix - np.diag(matrix.sum(axis=1)))

    @cached_property
    def _rule(self) -> tuple[Real, Real]:
        return leggauss(self.nodes)

    def time(self, row: Any) -> Any:
        """The later time of a row."""
        return self.scale * np.expm1(self.step * row)

    def depth(self, t: Any) -> Any:
        """L of a time."""
        return np.log1p(t / self.scale)

    def split(self, length: Any, z: Real) -> tuple[Real, Real]:
        """The two parts of a length at coordinate z: tau and length - tau."""
        depth = self.depth(length)
        top, e = np.exp(depth), np.exp(z * depth)
        low = self.scale * (top * e - 1) / (1 + e)
        high = self.scale * (top / e - 1) / (1 + 1 / e)
        # same (all): removes rounding alone
        return np.maximum(low, 0.0), np.maximum(high, 0.0)

    def coordinate(self, lag: Real, earlier: Real) -> Real:
        """z of a lag and an earlier time."""
        depth = self.depth(lag + earlier)
        # same (all): removes rounding alone
        return np.asarray(
            (self.depth(lag) - self.depth(earlier)) / np.where(depth == 0, 1.0, depth)
        )

    def integral(self, length: Real) -> tuple[Real, Real, Real]:
        """Nodes of int_0^length: distances from both ends, and weights, a row for each length."""
        w, rule = self._rule
        low, high = self.split(length[:, None], w)
        depth = self.depth(length)[:, None]
        e = np.exp(w * depth)
        jacobian = self.scale * depth * e * (np.exp(depth) + 1) / (1 + e) ** 2
        return low, high, rule * jacobian

    def lag_stencil(self, z: Real) -> tuple[Index, Real]:
        """Columns and weights that interpolate a row at coordinates z (flattened)."""
        # same (all): removes rounding alone
        x = np.arccos(np.clip(-z.ravel(), -1.0, 1.0)) * self.lags / np.pi
        # guard (all): how fine the grid is, and so the error stated
        # tests/theory/mean_field_dynamics/test_cugliandolo_kurchan.py::test_p3_to_t_100_with_a_halved_step
        first = np.floor(x).astype(np.int64) - LAG_POINTS // 2 + 1
        columns = np.abs(first[:, None] + np.arange(LAG_POINTS))
        columns = self.lags - np.abs(self.lags - columns)  # even at both ends
        return columns, weights(x, first, LAG_POINTS)

    def row_stencil(self, t: Real, last: int) -> tuple[Index, Real]:
        """Rows, up to ``last``, and weights that interpolate at later times t (flattened)."""
        x = self.depth(t).ravel() / self.step
        # guard (all): how fine the grid is, and so the error stated
        # tests/theory/mean_field_dynamics/test_cugliandolo_kurchan.py::test_p3_to_t_100_with_a_halved_step
        first = np.floor(x).astype(np.int64) - ROW_POINTS // 2 + 1
        # guard (all): how fine the grid is, and so the error stated
        # tests/theory/mean_field_dynamics/test_cugliandolo_kurchan.py::test_p3_to_t_100_with_a_halved_step
        first = np.clip(first, 0, last - ROW_POINTS + 1)
        return first[:, None] + np.arange(ROW_POINTS), weights(x, first, ROW_POINTS)


@dataclass(frozen=True)
class Sampling:
    """Values of a function of two times at given points, linear in the row that is being solved.

    Attributes
    ----------
    columns, column_weights
        Interpolation in a row, shape (points, LAG_POINTS).
    rows, row_weights
        Interpolation between rows, shape (points, ROW_POINTS).
    row
        The row that is being solved.
    """

    columns: Index
    column_weights: Real
    rows: Index
    row_weights: Real
    row: int

    def known(self, f: Real) -> Real:
        """The part that comes from rows already solved."""
        old = np.where(self.rows < self.row, self.row_weights, 0.0)
        values = f[self.rows[:, :, None], self.columns[:, None, :]]
        return np.einsum("pr,pc,prc->p", old, self.column_weights, values)

    def new(self, row: Real) -> Real:
        """The part that comes from the row being solved."""
        share = np.where(self.rows == self.row, self.row_weights, 0.0).sum(axis=1)
        return np.asarray(share * within_row(row, self.columns, self.column_weights))


def within_row(row: Real, columns: Index, column_weights: Real) -> Real:
    """Values of one row at the points of a stencil."""
    return np.asarray((row[columns] * column_weights).sum(axis=1))
