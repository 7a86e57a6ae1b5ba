"""The law of the gap of the two lowest eigenvalues of GOE(N), and of the limit at the edge.

The density at a gap g is a sum over s0 (`theory.goe.gap.few`, `theory.goe.gap.many`); over g it is kept as a
Chebyshev series on panels.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.polynomial.chebyshev import chebfit, chebpts1, chebval
from numpy.typing import ArrayLike, NDArray

from theory.checks import InputError, check_integer
from theory.goe.edge_scale import edge_width
from theory.goe.gap import few, many
from theory.goe.laws.law import Law

Real = NDArray[np.float64]

MOST_SPINS = 20_000

# In edge widths: panels of the gap, and s0 seen from the edge.
_WIDTH = 2.0
_PANELS = 15  # the last for what lies beyond the others
_NODES = 20
_STEP = 0.5
# same (13.0 -> 12.0, 13.0 -> 14.0, 15.0 -> 16.0): beyond lies nothing that is seen
_LOWEST, _HIGHEST = -13.0, 15.0
_LOWEST_OF_FEW = -26.0
_FEW = 12  # eigenvalues, up to which every s0 has its own basis
_AT_ONCE = 1 << 24  # numbers of a table of Hermite functions
_RULE = np.polynomial.legendre.leggauss(32)


@dataclass(frozen=True)
class GapTable:
    """The law of a gap S > 0, in edge widths, on panels.

    Attributes
    ----------
    density, lower, upper
        Chebyshev coefficients of the logs of density/S, P(< S)/S^2 and P(> S), (panels, nodes).
    """

    density: Real
    lower: Real
    upper: Real

    @property
    def end(self) -> float:
        """Where the table ends, with less than 1e-30 of the law beyond."""
        return _WIDTH * len(self.density)

    def _on_panels(self, series: Real, s: Real) -> Real:
        """A series at points from 0 to the end."""
        # same (1 -> 2): less than 1e-30 of the law lies in the last
        panels = np.clip((s / _WIDTH).astype(np.int64), 0, len(series) - 1)
        found = np.empty_like(s)
        for panel in np.unique(panels):
            rows = panels == panel
            found[rows] = chebval(2 * s[rows] / _WIDTH - 2 * panel - 1, series[panel])
        return found

    def _log(self, side: int, s: Real) -> Real:
        """Log of a tail at points from 0 to the end."""
        if side:
            return np.minimum(self._on_panels(self.upper, s), 0.0)
        with np.errstate(divide="ignore"):
            return np.asarray(self._on_panels(self.lower, s) + 2 * np.log(s))

    def _check(self, s: Real) -> None:
        if (s > self.end).any():
            raise InputError(
                f"x: got a gap of {float(s.max()):.6g} edge widths; logs and densities are known up to"
                f" {self.end:g} of them, where the tail is below 1e-30"
            )

    def body_log_density(self, s: Real) -> Real:
        """Log of the density at points up to the end."""
        inside = np.maximum(s, 0.0)
        with np.errstate(divide="ignore"):
            return np.asarray(self._on_panels(self.density, inside) + np.log(inside))

    def log_density(self, s: Real) -> Real:
        """Log of the density at finite s; InputError beyond the end."""
        self._check(s)
        return self.body_log_density(s)

    def log_tail(self, s: Real, side: int, exact: bool) -> Real:
        """Log of P(S < s) (0) or P(S > s) (1) at finite s; InputError where an exact one is beyond."""
        if exact and side:
            self._check(s)
        inside = np.clip(s, 0.0, self.end)
        logs = [self._log(one, inside) for one in (side, 1 - side)]
        logs[0][s > self.end] = -np.inf if side else 0.0
        with np.errstate(divide="ignore"):
            # The smaller tail tells the larger one best.
            rest = np.log1p(-np.exp(np.minimum(logs[1], 0.0)))
        return np.where((logs[0] < logs[1]) | (s > self.end), logs[0], rest)

    def solved(self, aim: Real, side: int, strict: bool) -> Real:
        """Where the log of a tail is so much: Newton's steps on it over log s, in a bracket."""
        del strict
        least = self._log(1, np.array([self.end]))
        if side and (aim < least).any():
            raise InputError(
                f"q: got a tail of exp({float(aim.min()):.6g}); takes what is not below"
                f" {math.exp(float(least[0])):.2g}"
            )
        low, high = np.full_like(aim, -np.inf), np.full_like(aim, math.log(self.end))
        t = np.zeros_like(aim) if side else np.minimum(aim / 2, high)
        for _ in range(200):
            s = np.exp(t)
            log = self._log(side, s)
            beyond = (log > aim) == (side == 0)
            low, high = np.where(beyond, low, t), np.where(beyond, t, high)
            slope = np.exp(self.body_log_density(s) + t - log) * (-1 if side else 1)
            step = t - (log - aim) / slope
            new = np.where((step > low) & (step < high), step, (np.maximum(low, -800.0) + high) / 2)
            done = bool((np.abs(new - t) < 4e-16 * (1 + np.abs(t))).all())
            t = new
            if done:
                break
        return np.exp(t)

    def mean_of(self, function: Callable[[Real], Real]) -> float:
        """E function(S)."""
        nodes, weights = _RULE
        starts = _WIDTH * np.arange(len(self.density))[:, None]
        s = starts + _WIDTH / 2 * (nodes + 1)
        by = np.broadcast_to(_WIDTH / 2 * weights, s.shape).copy()
        # Near 0 a logarithm of the density is not smooth: there s = width t^3.
        t = (nodes + 1) / 2
        s[0], by[0] = _WIDTH * t**3, 1.5 * _WIDTH * t**2 * weights
        mass = np.exp(self.body_log_density(s.ravel())) * by.ravel()
        return float(mass @ function(s.ravel()))

    def moment(self, scale: float, order: int, about: float) -> float:
        """E (scale S - about)^order."""
        return self.mean_of(lambda s: (scale * s - about) ** order)


def tabulated(density: Real) -> GapTable:
    """The table of a density at `_gaps`; the last panel is spent on what lies beyond the others."""
    nodes = chebpts1(_NODES)
    series = _series(np.log(density / _gaps()))
    points, weights = _RULE
    edges = np.concatenate([[-1.0], nodes, [1.0]])
    half = np.diff(edges) / 2
    t = edges[:-1, None] + half[:, None] * (points + 1)
    starts = _WIDTH * np.arange(_PANELS)
    s = starts[:, None, None] + _WIDTH / 2 * (t + 1)
    values = np.exp(chebval(t, series)) * s
    shares = (values @ weights) * half * _WIDTH / 2  # (panels, nodes + 1)
    before = np.concatenate([[0.0], np.cumsum(shares.sum(axis=1))[:-1]])
    lower = before[:, None] + np.cumsum(shares, axis=1)[:, :-1]
    after = np.concatenate([np.cumsum(shares.sum(axis=1)[::-1])[::-1][1:], [0.0]])
    upper = after[:, None] + np.cumsum(shares[:, ::-1], axis=1)[:, ::-1][:, 1:]
    tails = [_series(np.log(of)).T[:-1] for of in (lower.ravel() / _gaps() ** 2, upper.ravel())]
    return GapTable(series.T[:-1], *tails)


def _series(values: Real) -> Real:
    """Chebyshev coefficients on every panel, (nodes, panels)."""
    by_panel = values.reshape(_PANELS, _NODES).T
    return np.asarray(chebfit(chebpts1(_NODES), by_panel, _NODES - 1))


@dataclass(frozen=True)
class GapLaw(Law):
    """The law of a gap, with the methods of a frozen law of scipy.stats.

    Notes
    -----
    The distribution function has an absolute error below 1e-12; the lower tail a relative one below 1e-9,
    the upper tail below 1e-8 down to 1e-10 and 1e-4 down to 1e-30. Beyond that cdf, sf and pdf are 1, 0 and
    0, and logs raise InputError.

    Examples
    --------
    >>> law = goe_gap_law(2)  # Wigner's surmise is exact there: x exp(-x^2/2)
    >>> round(law.mean() ** 2, 12), float(law.sf(2.0).round(12))
    (1.570796326795, 0.135335283237)
    """

    table: GapTable

    def support(self) -> tuple[float, float]:
        """The half line."""
        return 0.0, math.inf

    def _solved(self, log_q: Real, log_rest: Real, which: int, strict: bool) -> Real:
        return np.maximum(super()._solved(log_q, log_rest, which, strict), 0.0)

    def pdf(self, x: ArrayLike) -> Any:
        """Density at x; 0 beyond the table."""
        points = np.asarray(x, dtype=float)
        beyond = points > self.scale * self.table.end
        found = np.where(beyond, 0.0, np.exp(self.logpdf(np.where(beyond, 0.0, points))))
        return found[()]


def goe_gap_law(n: int) -> GapLaw:
    """The law of the gap of the two lowest eigenvalues of GOE(N), spectrum on [-sqrt 2, sqrt 2].

    Parameters
    ----------
    n
        Dimension, from 2 to 20000.

    Returns
    -------
    GapLaw
        With the methods of `theory.goe_law`, and errors stated there.

    Raises
    ------
    InputError
        For n out of range; from the law's methods, where logs of a tail below 1e-30 are asked for.

    References
    ----------
    De Bruijn 1955; see `theory.goe.gap.few` and `theory.goe.gap.many`. For beta = 2 compare Witte, Bornemann
    and Forrester 2013, "Joint distribution of the first and second eigenvalues at the soft edge".

    Examples
    --------
    >>> law = goe_gap_law(100)
    >>> round(law.mean(), 9), float(law.ppf(0.01).round(9))
    (0.068213543, 0.007437412)
    """
    return _finite(check_integer("n", n, 2, MOST_SPINS))


def edge_gap_law() -> GapLaw:
    """The limit of sqrt(2) N^(2/3) times the gap of the two lowest eigenvalues of GOE(N).

    Examples
    --------
    >>> law = edge_gap_law()
    >>> round(law.mean(), 9), round(law.std(), 9)
    (2.055894328, 1.122110209)
    """
    return _edge()


@lru_cache(maxsize=64)
def _finite(n: int) -> GapLaw:
    width = edge_width(n)
    gaps = width * _gaps()
    lowest = _LOWEST_OF_FEW if n <= _FEW else _LOWEST
    points = math.sqrt(2 * n) + width * np.arange(lowest, _HIGHEST, _STEP)
    if n <= _FEW:
        found = sum(few.slopes(n, float(s0), gaps) for s0 in points)
    else:
        found = np.zeros_like(gaps)
        for some in np.array_split(points, 1 + n * len(points) * len(gaps) // _AT_ONCE):
            found += many.slopes(many.finite(n, some, gaps)).sum(axis=0)
    return GapLaw(tabulated(np.asarray(found) * _STEP * width**2), width / math.sqrt(n))


@lru_cache(maxsize=1)
def _edge() -> GapLaw:
    points = np.arange(_LOWEST, _HIGHEST, _STEP)
    return GapLaw(tabulated(many.slopes(many.edge(points, _gaps())).sum(axis=0) * _STEP), 1.0)


def _gaps() -> Real:
    """Nodes of all panels, in edge widths."""
    starts = _WIDTH * np.arange(_PANELS)
    return np.asarray((starts[:, None] + _WIDTH / 2 * (chebpts1(_NODES) + 1)).ravel())
