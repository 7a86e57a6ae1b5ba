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

from theory.counting import Forms, coefficients, project
from theory.hermite import functions, half_integrals

Real = NDArray[np.float64]

NODES = 18
WIDTH = 2.0  # of a panel, in edge widths
_DROP = 84.0  # exp(-84) = 3e-37: where the quadrature of K ends
_PANELS_KEPT = 4000


def edge_width(n: int) -> float:
    """Scale of the fluctuations at the edge sqrt(2N), in y."""
    return 1 / (math.sqrt(2) * n ** (1 / 6))


def decay(n: int, x: float) -> float:
    """int 2 sqrt(t^2 - 2N) dt from the edge to x: phi_N^2 falls like exp of minus this."""
    edge = math.sqrt(2 * n)
    if x <= edge:
        return 0.0
    return x * math.sqrt(x * x - edge * edge) - edge * edge * math.acosh(x / edge)


def _end(n: int, s: float) -> float:
    """Where K has fallen to nothing, seen from s."""
    low = max(s, math.sqrt(2 * n))
    aim, high = decay(n, low) + _DROP, low + 20
    for _ in range(40):
        middle = (low + high) / 2
        low, high = (middle, high) if decay(n, middle) < aim else (low, middle)
    return high


def _beyond(n: int, s: float) -> float:
    """Mean number of eigenvalues beyond s >= 0, by the semicircle."""
    c = min(1.0, s / math.sqrt(2 * n))
    return n / math.pi * (math.acos(c) - c * math.sqrt(1 - c * c))


def forms(n: int, s: Real) -> Forms:
    """What the generating function needs at points s >= 0, by Gauss-Legendre quadrature."""
    m = int(36 + 2.5 * _beyond(n, float(s.min())))
    nodes, weights = np.polynomial.legendre.leggauss(m)
    half = (np.asarray([_end(n, float(point)) for point in s]) - s) / 2
    x = s[:, None] + half[:, None] * np.append(nodes + 1, 0.0)
    table, first, second = functions(n, x)
    columns = np.moveaxis(table, 0, 1)
    kernel = np.swapaxes(columns, 1, 2) @ columns
    a = math.sqrt(n / 2)
    before, after = half_integrals(n)
    b = after if n % 2 == 0 else 1 / (2 * a * before)
    roots = np.sqrt(half[:, None] * weights)
    return project(kernel, roots, a * table[n - 1], first, second, b, 2 * a * b)


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


def _series(logs: Real) -> Real:
    """Chebyshev coefficients from the values at `_nodes`."""
    return np.asarray(np.polynomial.chebyshev.chebfit(_nodes(), logs, NODES - 1))


def _nodes() -> Real:
    return np.asarray(np.polynomial.chebyshev.chebpts1(NODES))


def log_density(n: int, k: int, s: Real) -> tuple[Real, Real]:
    """log density of the (k+1)-th largest eigenvalue at s, in y, and its relative error.

    Examples
    --------
    >>> float(log_density(1, 0, np.array([0.0]))[0][0].round(12))  # N(0, 1)
    -0.918938533205
    """
    result, error = np.empty_like(s), np.empty_like(s)
    for side, index in ((s >= 0, k), (s < 0, n - 1 - k)):
        if side.any():
            found = coefficients(forms(n, np.abs(s[side])), index, n)
            result[side], error[side] = found
    return result, error


@lru_cache(maxsize=_PANELS_KEPT)
def panel(n: int, k: int, number: int) -> Panel:
    """One panel, counted from the edge sqrt(2N)."""
    width = WIDTH * edge_width(n)
    start = math.sqrt(2 * n) + number * width
    logs, errors = log_density(n, k, start + width * (_nodes() + 1) / 2)
    series = _series(logs)
    lost = float(np.abs(series[-2:]).max())
    return Panel(start, width, series, float(errors.max()) + lost)


def panel_of(n: int, s: float) -> int:
    """Number of the panel that holds s."""
    return math.floor((s - math.sqrt(2 * n)) / (WIDTH * edge_width(n)))
