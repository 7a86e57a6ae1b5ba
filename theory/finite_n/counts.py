"""Exact mean numbers of critical points at finite N: in total, by index, by level.

The mean number is an integral over one eigenvalue y of GOE(N), in units where the spectrum ends near
sqrt(2N), of the weight in `theory.finite_n.integrand` times the one-point intensity, or for index k
the density of the (k+1)-th smallest eigenvalue. Both are taken for log-concave (not proved); windows
are grown from the maximum until the integrand has fallen by exp(-45).
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, overload

import mpmath
import numpy as np
from numpy.typing import ArrayLike, NDArray

from theory.arithmetic.ball import Ball
from theory.checks import bad, check_integer
from theory.finite_n.certified import certified_count
from theory.finite_n.integrand import Constants, Weight
from theory.goe.edge_scale import decay, edge_width
from theory.goe.kth_density import panel, panel_of
from theory.goe.spectrum import log_intensity
from theory.levels import check_level
from theory.model import Mixture, normalised, pure

Real = NDArray[np.float64]

_DROP = 45.0  # exp(-45) = 3e-20: what lies beyond is left out
_FINE = np.polynomial.legendre.leggauss(16)
_COARSE = np.polynomial.legendre.leggauss(11)
_FALLEN = 33.0  # exp(-33) = 5e-15: the same for one index, and part of the error that is stated
_ROUGH = 1e-2  # an error of a panel that needs balls already to find the window
_FINE_ENOUGH = 5e-11  # an error of a panel's share of the count that needs no balls
_STEP = 8.0  # the most that log of the integrand changes along a panel
MOST_SPINS = 20_000


@dataclass(frozen=True)
class Count:
    """A mean number of critical points, exact but for rounding.

    Attributes
    ----------
    n
        Number of spins.
    below
        Level H/N up to which points are counted, or None for all.
    log
        Natural logarithm of the mean number.
    relative_error
        Estimate of the relative error of the number: quadrature and rounding.
    """

    n: int
    below: float | None
    log: float
    relative_error: float

    @property
    def digits(self) -> int:
        """Significant digits that the error supports."""
        return max(1, int(-math.log10(2 * self.relative_error)))

    @property
    def value(self) -> str:
        """Decimal string with only the digits that the error supports."""
        return self.rounded(self.digits)

    def rounded(self, digits: int) -> str:
        """Decimal string with so many digits; InputError if the error does not support them."""
        if digits > self.digits:
            raise bad("digits", digits, f"at most {self.digits} for this count in float64")
        with mpmath.workdps(digits + 10):
            return str(mpmath.nstr(mpmath.exp(self.log), digits, strip_zeros=False))


def _integrate(log: Callable[[Real], Real], edges: Real) -> tuple[float, float]:
    """log of the integral of exp(log) over the panels, and the relative difference of two rules."""
    start, width = edges[:-1, None], np.diff(edges)[:, None]

    def total(rule: tuple[Real, Real]) -> tuple[float, float]:
        nodes, weights = rule
        logs = log(start + width * (nodes + 1) / 2)
        top = float(logs.max())
        return top, float(((np.exp(logs - top) @ weights) * width[:, 0]).sum() / 2)

    top, fine = total(_FINE)
    other, coarse = total(_COARSE)
    return top + math.log(fine), abs(math.expm1(other - top + math.log(coarse / fine)))


def _total_window(n: int, weight: Weight) -> tuple[float, float]:
    """Where the integrand of the total is not yet exp(-45) of its maximum, by its convex exponent."""

    def exponent(y: float) -> float:
        cost = weight.c * y * y + decay(n, abs(y)) / 2
        if weight.width:
            cost += max(0.0, (y - weight.cut) / weight.width) ** 2 / 2
        return cost

    reach = math.sqrt(2 * n) + 12 + min(abs(weight.cut), 1e4)
    low, high = -reach, min(reach, weight.end)
    low = min(low, high - 12)
    left, right = low, high
    for _ in range(200):  # ternary search
        a, b = left + (right - left) / 3, right - (right - left) / 3
        left, right = (left, b) if exponent(a) <= exponent(b) else (a, right)
    best = (left + right) / 2
    aim = exponent(best) + _DROP + 5

    def crossing(inside: float, outside: float) -> float:
        if exponent(outside) <= aim:
            return outside
        for _ in range(60):
            middle = (inside + outside) / 2
            inside, outside = (middle, outside) if exponent(middle) < aim else (inside, middle)
        return outside

    return crossing(best, low), crossing(best, high)


def _total_integral(n: int, weight: Weight) -> tuple[float, float]:
    """log of int R(y) weight(y) dy, R the one-point intensity, and the relative error."""
    low, high = _total_window(n, weight)
    edge = math.sqrt(2 * n)
    # One oscillation of R a panel in the bulk; in the tail, one e-folding or so.
    furthest = max(abs(low), abs(high))
    slope = 2 * weight.c * furthest + math.sqrt(max(0.0, furthest**2 - edge**2))
    width = min(0.5, math.pi / edge, _STEP / (1e-9 + slope))
    edges = np.linspace(low, high, 2 + int((high - low) / width))
    breaks = weight.breaks()
    edges = np.unique(np.append(edges, breaks[(breaks > low) & (breaks < high)]))
    return _integrate(lambda y: log_intensity(n, y) + weight.log(y), edges)


@dataclass(frozen=True)
class _Part:
    """The integral over one panel of the density: log, relative error, log integrand at its ends."""

    log: float
    error: float
    left: float
    right: float
    start: float


def _part(n: int, k: int, number: int, weight: Weight, balls: bool) -> _Part:
    piece = panel(n, k, number, balls)
    start, stop = max(piece.start, -weight.end), piece.start + piece.width
    if not piece.error < math.inf:
        return _Part(-math.inf, math.inf, 0.0, 0.0, piece.start)

    def log(s: Real) -> Real:
        return piece(s) + weight.log(-s)

    coarse = log(np.linspace(start, stop, 9))
    steps = 2 + int(min(1e4, float(np.abs(np.diff(coarse)).sum())) / _STEP)
    breaks = -weight.breaks()
    inside = breaks[(breaks > start) & (breaks < stop)]
    edges = np.unique(np.append(np.linspace(start, stop, steps), inside))
    value, difference = _integrate(log, edges)
    return _Part(value, difference + piece.error, float(coarse[0]), float(coarse[-1]), piece.start)


def _index_integral(n: int, k: int, weight: Weight) -> tuple[float, float]:
    """log of E weight(lam), lam the (k+1)-th smallest eigenvalue, and the relative error."""
    end = -weight.end  # in s = -y: from here on
    # Far in the bulk an eigenvalue costs |s - edge|^3/24 in edge widths, and the weight gains.
    typical = math.sqrt(2 * n) - edge_width(n) * (
        4 * math.sqrt(weight.c) * n ** (1 / 6) + 2 + 1.9 * (k + 1) ** (2 / 3)
    )
    first = panel_of(n, max(typical, -weight.cut, end))
    parts: dict[int, _Part] = {}

    def part(number: int) -> _Part:
        found = _part(n, k, number, weight, balls=False)
        if not found.error < _ROUGH:
            found = _part(n, k, number, weight, balls=True)
        parts[number] = found
        return found

    def total() -> float:
        top = max(found.log for found in parts.values())
        return top + math.log(sum(math.exp(found.log - top) for found in parts.values()))

    # The integrand is log-concave to the eye: beyond a panel's end that is low, all is lower still.
    # Upwards first: above, float64 has all digits, and what is seen there shortens the way down.
    found, number = part(first), first
    while found.right > total() - _FALLEN:
        number += 1
        found = part(number)
    found, number = parts[first], first
    while found.left > total() - _FALLEN and found.start > end:
        number -= 1
        found = part(number)
    whole = total()
    for number, found in parts.items():
        if found.error * math.exp(found.log - whole) > _FINE_ENOUGH:
            better = _part(n, k, number, weight, balls=True)
            if better.error < found.error:
                parts[number] = better
    whole = total()
    error = sum(found.error * math.exp(found.log - whole) for found in parts.values())
    return whole, error + math.exp(-_FALLEN)


def _log_count(
    constants: Constants, n: int, k: int | None, below: float | None
) -> tuple[float, float]:
    weight = Weight.of(constants, n, below)
    if k is None:
        log, error = _total_integral(n, weight)
    else:
        log, error = _index_integral(n, k, weight)
    log += constants.log_factor(n)
    return log, error + 4e-16 * (n + abs(log) + n * (below or 0.0) ** 2)


def log_mean_count(
    p: int, n: int, below: float | None = None, k: int | None = None
) -> tuple[float, float]:
    """Log of the exact mean number of critical points with H/N <= below, and its error.

    Parameters
    ----------
    p
        Order of the pure model, >= 2.
    n
        Number of spins, >= 2.
    below
        Level u, or None for all.
    k
        Index, or None for all together.

    Returns
    -------
    log, relative_error : float
        The error is an estimate: the difference of two quadratures plus rounding; for the total
        below 1e-9 up to N = 5000. Time O(N) a quadrature node.

    Examples
    --------
    >>> round(math.exp(log_mean_count(3, 2)[0]), 9)  # 2 sqrt 7
    5.291502622
    """
    return _log_count(Constants.of(pure(p)), n, k, below)


def log_mean_counts(p: int, n: int, below: ArrayLike, k: int | None = None) -> Real:
    """`log_mean_count` at many levels: the logarithms alone.

    Examples
    --------
    >>> log_mean_counts(3, 10, [-1.6, 0.0]).round(6).tolist()
    [-1.554745, 4.966042]
    """
    levels = np.asarray(below, dtype=float)
    logs = [log_mean_count(p, n, float(u), k)[0] for u in levels.ravel()]
    return np.asarray(logs).reshape(levels.shape)


@overload
def mean_count(
    model: Mixture, n: int, k: int | None = None, below: Any = None, digits: None = None
) -> Count: ...
@overload
def mean_count(model: Mixture, n: int, k: int | None, below: Any, digits: int) -> Ball: ...
@overload
def mean_count(
    model: Mixture, n: int, k: int | None = None, below: Any = None, *, digits: int
) -> Ball: ...
def mean_count(
    model: Mixture,
    n: int,
    k: int | None = None,
    below: Any = None,
    digits: int | None = None,
) -> Count | Ball:
    """Exact mean number of critical points of H on the sphere with H/N <= below.

    Parameters
    ----------
    model
        Pure model, or mixture with xi(1) = 1.
    n
        Number of spins, from 2 to 20000.
    k
        Index, from 0 to n - 1, in float64 at most 64 from either end; None: all indices together.
    below
        Level u from -100 to 100, or None for all critical points. With digits it is taken exactly: a
        string as the decimal number, or a ball.
    digits
        Significant digits of a certified ball; None for float64.

    Returns
    -------
    Count
        If digits is None: about ten digits, with an estimate of their error.
    Ball
        Else: correctly rounded (`theory.finite_n.certified`).

    Raises
    ------
    InputError
        For what is no mixture with xi(1) = 1, n < 2, k out of range, a level that is not finite, and for
        digits that would take more than about a minute.

    References
    ----------
    ABC, Thm 2.1 and 2.2; Auffinger and Ben Arous 2013 for mixtures. `theory.goe.fredholm` for the index.

    Examples
    --------
    >>> from theory.model import pure
    >>> mean_count(pure(3), 3).rounded(9)  # 2 (1 + 4 2^1.5 / sqrt 7)
    '10.5523597'
    >>> [mean_count(pure(3), 3, k).rounded(6) for k in range(3)]
    ['3.13809', '4.27618', '3.13809']
    >>> mean_count(pure(3), 3, digits=30).value
    '10.5523597411975803099057113882'
    """
    if digits is not None:
        return certified_count(model, n, k, below, digits)
    normalised(model)
    n = check_integer("n", n, 2, MOST_SPINS)
    if k is not None:
        k = check_integer("k", k, 0, n - 1)
        if min(k, n - 1 - k) > 64:
            raise bad("k", k, f"an index at most 64 from either end of 0..{n - 1}")
    level = check_level(below)
    at = None if level is None else float(level)
    log, error = _log_count(Constants.of(model), n, k, at)
    if not error < 0.5:
        raise bad("below", below, f"a level where the count of index {k} can be computed")
    return Count(n, at, log, error)
