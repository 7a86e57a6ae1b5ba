"""Mean numbers of critical points in float64, by quadrature over one eigenvalue.

The mean number is an integral over one eigenvalue y of GOE(N), in units where the spectrum ends near
sqrt(2N), of the weight in `theory.finite_n.integrand` times the one-point intensity, or for index k
the density of the (k+1)-th smallest eigenvalue. Both are assumed log-concave (not proved); windows
are grown from the maximum until the integrand has fallen by exp(-45).
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from theory.arithmetic.quadrature import log_integral
from theory.finite_n.critical_points import CriticalPoints
from theory.finite_n.integrand import Weight
from theory.goe.edge_scale import decay, edge_width
from theory.goe.kth_density import panel, panel_of
from theory.goe.spectrum import log_intensity
from theory.model import pure

Real = NDArray[np.float64]

# guard (all): where the panels of the total end
# tests/theory/finite_n/test_by_quadrature.py::test_the_window_ends_where_the_integrand_has_fallen
_DROP = 45.0  # exp(-45) = 3e-20: what lies beyond is left out

# same (all): where panels lie and when balls are asked for; the error is stated
_FALLEN = 33.0  # exp(-33) = 5e-15: the same for one index, and part of the error that is stated
_ROUGH = 1e-2  # an error of a panel that needs balls already to find the window
_FINE_ENOUGH = 5e-11  # an error of a panel's share of the count that needs no balls
_STEP = 8.0  # the most that log of the integrand changes along a panel


def log_count(points: CriticalPoints) -> tuple[float, float]:
    """Log of the mean number of the critical points, and an estimate of its error.

    Returns
    -------
    log, relative_error : float
        The error is the difference of two quadratures plus rounding; for the total below 1e-9 up to
        N = 5000. Time O(N) a quadrature node.
    """
    n, below = points.n, points.below_float
    weight = Weight.of(points.constants, n, below)
    if points.k is None:
        log, error = _total_integral(n, weight)
    else:
        log, error = _index_integral(n, points.k, weight)
    log += points.constants.log_factor(n)
    # guard (all): the error stated
    # tests/theory/finite_n/test_by_quadrature.py::test_rounding_is_part_of_the_error
    return log, error + 4e-16 * (n + abs(log) + n * (below or 0.0) ** 2)


def log_mean_count(
    p: int, n: int, below: float | None = None, k: int | None = None
) -> tuple[float, float]:
    """`log_count` of the pure model, whatever its error.

    Examples
    --------
    >>> round(math.exp(log_mean_count(3, 2)[0]), 9)  # 2 sqrt 7
    5.291502622
    """
    return log_count(CriticalPoints.of(pure(p), n, k, below))


def _total_integral(n: int, weight: Weight) -> tuple[float, float]:
    """log of int R(y) weight(y) dy, R the one-point intensity, and the relative error."""
    edges = _total_panels(n, weight, *_total_window(n, weight))
    return log_integral(lambda y: log_intensity(n, y) + weight.log(y), edges)


# same (all): more panels or fewer; the error is stated
def _total_panels(n: int, weight: Weight, low: float, high: float) -> Real:
    """Edges of panels between two ends, with the breaks of the weight."""
    edge = math.sqrt(2 * n)
    # One oscillation of R a panel in the bulk; in the tail, one e-folding or so.
    furthest = max(abs(low), abs(high))
    slope = 2 * weight.c * furthest + math.sqrt(max(0.0, furthest**2 - edge**2))
    width = min(0.5, math.pi / edge, _STEP / (1e-9 + slope))
    edges = np.linspace(low, high, 2 + int((high - low) / width))
    breaks = weight.breaks()
    return np.unique(np.append(edges, breaks[(breaks > low) & (breaks < high)]))


# guard (all): where the panels of the total end
# tests/theory/finite_n/test_by_quadrature.py::test_the_window_ends_where_the_integrand_has_fallen
def _total_window(n: int, weight: Weight) -> tuple[float, float]:
    """Where the integrand of the total is not yet exp(-45) of its maximum, by its exponent.

    That is convex on either side of 0; in a strong field (c < 0) it has a minimum on each.
    """

    def exponent(y: float) -> float:
        cost = weight.c * y * y + decay(n, abs(y)) / 2
        if weight.width:
            cost += max(0.0, (y - weight.cut) / weight.width) ** 2 / 2
        return cost

    reach = math.sqrt(2 * n) + 12 + min(abs(weight.cut), 1e4)
    low, high = -reach, min(reach, weight.end)
    low = min(low, high - 12)
    parts = [(low, high)] if weight.c >= 0 or not low < 0 < high else [(low, 0.0), (0.0, high)]
    found = [_lowest(exponent, *part) for part in parts]
    aim = min(exponent(y) for y in found) + _DROP + 5
    deep = [y for y in found if exponent(y) < aim]

    def crossing(inside: float, outside: float) -> float:
        if exponent(outside) <= aim:
            return outside
        for _ in range(60):
            middle = (inside + outside) / 2
            inside, outside = (middle, outside) if exponent(middle) < aim else (inside, middle)
        return outside

    return crossing(deep[0], low), crossing(deep[-1], high)


# guard (all): where the panels of the total end
# tests/theory/finite_n/test_by_quadrature.py::test_the_window_ends_where_the_integrand_has_fallen
def _lowest(function: Callable[[float], float], left: float, right: float) -> float:
    """Where a convex function has its minimum, by ternary search."""
    for _ in range(200):
        a, b = left + (right - left) / 3, right - (right - left) / 3
        left, right = (left, b) if function(a) <= function(b) else (a, right)
    return (left + right) / 2


@dataclass(frozen=True)
class _Part:
    """The integral over one panel of the density: its log, and the relative error.

    ``below`` and ``above`` are the most that the log of the integral over all that lies there can be.
    """

    log: float
    error: float
    below: float
    above: float


def _index_integral(n: int, k: int, weight: Weight) -> tuple[float, float]:
    """log of E weight(lam), lam the (k+1)-th smallest eigenvalue, and the relative error."""
    end = -weight.end  # in s = -y: from here on
    # Some way in, so that the first panel has a slope.
    first = panel_of(n, max(_typical(n, k, weight.c), -weight.cut, end + edge_width(n) / 8))
    parts: dict[int, _Part] = {}
    low = high = number = first
    while True:
        found = _part(n, k, number, weight, balls=False)
        if not found.error < _ROUGH:
            found = _part(n, k, number, weight, balls=True)
        parts[number] = found
        whole, below, above = _log_sum(parts), parts[low].below, parts[high].above
        # same (comparisons): which of two equal ends is first
        if max(below, above) < whole - _FALLEN:
            break
        # same (comparisons): as above
        if above > below:
            number = high = high + 1
        else:
            number = low = low - 1
    for number, found in parts.items():
        if found.error * math.exp(found.log - whole) > _FINE_ENOUGH:
            better = _part(n, k, number, weight, balls=True)
            if better.error < found.error:
                parts[number] = better
    whole = _log_sum(parts)
    error = sum(found.error * math.exp(found.log - whole) for found in parts.values())
    return whole, error + math.exp(below - whole) + math.exp(above - whole)


# same (all): where a search starts
def _typical(n: int, k: int, c: float) -> float:
    """About where s = -y is most of the mean; a start for the search of it."""
    if k > n - 1 - k:
        return -_typical(n, n - 1 - k, c)
    edge = math.sqrt(2 * n)
    if c < 0:  # exp(-c y^2) pulls k + 1 eigenvalues out, at the cost of `decay`
        return edge * math.cosh(math.atanh(-2 * c / (k + 1)))
    # Far in the bulk an eigenvalue costs |s - edge|^3/24 in edge widths, and the weight gains.
    into = 4 * math.sqrt(c) * n ** (1 / 6) + 2 + 1.9 * (k + 1) ** (2 / 3)
    return max(0.0, edge - edge_width(n) * into)


def _log_sum(parts: dict[int, _Part]) -> float:
    """Log of the sum over all panels."""
    top = max(found.log for found in parts.values())
    return top + math.log(sum(math.exp(found.log - top) for found in parts.values()))


def _part(n: int, k: int, number: int, weight: Weight, balls: bool) -> _Part:
    piece = panel(n, k, number, balls)
    start, stop = max(piece.start, -weight.end), piece.start + piece.width
    if not piece.error < math.inf:
        return _Part(-math.inf, math.inf, math.inf, math.inf)

    def log(s: Real) -> Real:
        return piece(s) + weight.log(-s)

    # same (numbers): how many panels there will be
    points = np.linspace(start, stop, 9)
    coarse = log(points)
    value, difference = log_integral(log, _index_panels(weight, start, stop, coarse))
    step = float(points[1] - points[0])
    below = _beyond(coarse[0], coarse[1], step) if start > -weight.end else -math.inf
    return _Part(value, difference + piece.error, below, _beyond(coarse[-1], coarse[-2], step))


def _beyond(end: float, inside: float, step: float) -> float:
    """The most that the log of the integral beyond an end can be, by that of the integrand there and inside.

    The integrand is assumed log-concave (not proved): beyond the end it falls at least as fast.
    """
    fall = float(inside - end)
    return float(end) - math.log(fall / step) if fall > 0 else math.inf


# same (all): more panels or fewer; the error is stated
def _index_panels(weight: Weight, start: float, stop: float, coarse: Real) -> Real:
    """Edges of panels along which the log of the integrand, seen coarsely, changes little."""
    steps = 2 + int(min(1e4, float(np.abs(np.diff(coarse)).sum())) / _STEP)
    breaks = -weight.breaks()
    inside = breaks[(breaks > start) & (breaks < stop)]
    return np.unique(np.append(np.linspace(start, stop, steps), inside))
