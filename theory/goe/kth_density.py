"""The density of the k-th smallest eigenvalue of GOE(N), tabulated once and interpolated.

In y = sqrt(N) x the (k+1)-th smallest eigenvalue is minus the (k+1)-th largest, and this file speaks
of the latter, at s = -y. Its log density is smooth, so that a Chebyshev interpolant on panels of
two edge widths 1/(sqrt 2 N^(1/6)) has it to rounding; panels are made when first used and kept.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from theory.goe.chebyshev_panel import chebyshev_nodes, chebyshev_series
from theory.goe.edge_scale import beyond, decay, edge_width, end_of_kernel
from theory.goe.fredholm import Forms, coefficients, project
from theory.goe.fredholm_ball import log_coefficients
from theory.goe.hermite import functions, half_integrals

Real = NDArray[np.float64]

# guard (all): what is refused
# tests/theory/goe/test_fredholm.py::test_bad_laws_are_named
FARTHEST = 64  # index from either end, in float64
# same (all): more panels or nodes, or fewer; the error is stated
WIDTH = 2.0  # of a panel, in edge widths
_DROP = 84.0  # exp(-84) = 3e-37: where the quadrature of K ends
# same (all): how much is kept
_PANELS_KEPT = 4000


def first_row(n: int, low: float, high: float) -> int:
    """The first j whose phi_j^2 is not below exp(-84) of phi_{N-1}^2 anywhere from low to high on."""
    # same (all): rows that add nothing
    first, last = 0, n
    # same (numbers): rows that add nothing
    while last - first > 1 + n // 1000:
        middle = (first + last) // 2
        gone = all(decay(middle, s) > decay(n, s) + _DROP for s in (low, high))
        first, last = (middle, last) if gone else (first, middle)
    return first


def forms(n: int, s: Real) -> Forms:
    """What the generating function needs at points s >= 0, by Gauss-Legendre quadrature."""
    # same (all): more nodes or fewer
    m = int(36 + 2.5 * beyond(n, float(s.min())))
    nodes, weights = np.polynomial.legendre.leggauss(m)
    half = (np.asarray([end_of_kernel(n, float(point), _DROP) for point in s]) - s) / 2
    x = s[:, None] + half[:, None] * np.append(nodes + 1, 0.0)
    table, first, second = functions(n, x, first_row(n, float(s.min()), float(s.max())))
    columns = np.moveaxis(table, 0, 1)
    kernel = np.swapaxes(columns, 1, 2) @ columns
    a = math.sqrt(n / 2)
    before, after = half_integrals(n)
    b = after if n % 2 == 0 else 1 / (2 * a * before)
    roots = np.sqrt(half[:, None] * weights)
    return project(kernel, roots, a * table[-1], first, second, b, 2 * a * b)


@dataclass(frozen=True)
class Panel:
    """log density on [start, start + width]: Chebyshev coefficients and the relative error."""

    start: float
    width: float
    series: Real
    error: float

    def __call__(self, s: Real) -> Real:
        """Log density at s."""
        t = 2 * (s - self.start) / self.width - 1
        return np.asarray(np.polynomial.chebyshev.chebval(t, self.series))


def log_density(n: int, k: int, s: Real) -> tuple[Real, Real]:
    """log density of the (k+1)-th largest eigenvalue at s, in y, in float64; and its relative error.

    Examples
    --------
    >>> float(log_density(1, 0, np.array([0.0]))[0][0].round(12))  # N(0, 1)
    -0.918938533205
    """
    result, error = np.empty_like(s), np.empty_like(s)
    # same (0 -> -1): overwritten by the other side, which follows
    for side, index in ((s >= 0, k), (s < 0, n - 1 - k)):
        if side.any():
            found = coefficients(forms(n, np.abs(s[side])), index, n)
            result[side], error[side] = found
    return result, error


def log_density_balls(n: int, k: int, s: Real) -> tuple[Real, Real]:
    """`log_density` where float64 has no digits: in as many bits as it takes, rounded to float64."""
    result, error = np.empty_like(s), np.empty_like(s)
    # same (0 -> -1): overwritten by the other side, which follows
    for side, index in ((s >= 0, k), (s < 0, n - 1 - k)):
        if side.any():
            order = np.argsort(np.abs(s[side]))
            points = [float(x) for x in np.abs(s[side])[order]]
            logs, worst = log_coefficients(n, index, points)
            where = np.flatnonzero(side)[order]
            result[where] = [float(value) for value in logs]
            # same (all): how an error is estimated, not the number
            error[where] = worst + 2.0**-53 * np.abs(result[where])
    return result, error


@lru_cache(maxsize=_PANELS_KEPT)
def panel(n: int, k: int, number: int, balls: bool = False) -> Panel:
    """One panel, counted from the edge sqrt(2N); by ball arithmetic if asked."""
    start, width = panel_start(n, number), WIDTH * edge_width(n)
    density = log_density_balls if balls else log_density
    logs, errors = density(n, k, start + width * (chebyshev_nodes() + 1) / 2)
    series = chebyshev_series(logs)
    # same (all): how an error is estimated, not the number
    lost = float(np.abs(series[-2:]).max())
    return Panel(start, width, series, float(errors.max()) + lost)


# same (all): any panels do that join
def panel_start(n: int, number: int) -> float:
    """Where a panel begins."""
    return math.sqrt(2 * n) + number * (WIDTH * edge_width(n))


def panel_of(n: int, s: float) -> int:
    """Number of the panel that holds s."""
    return math.floor((s - math.sqrt(2 * n)) / (WIDTH * edge_width(n)))
