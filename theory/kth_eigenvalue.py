"""Laws of single eigenvalues: the k-th smallest of GOE(N), and the limits at the edge.

Both are integrals of a log density that is smooth and tabulated on panels; the lower tail is summed
from the left and the upper tail from the right, so that each keeps its relative accuracy.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache, cached_property, lru_cache

import numpy as np
from numpy.typing import ArrayLike, NDArray

from theory import edge, edge_ball, kth_density
from theory.edge_scale import edge_width
from theory.kth_density import Panel, chebyshev_nodes, chebyshev_series
from theory.model import bad, check_integer

Real = NDArray[np.float64]

_RULE = np.polynomial.legendre.leggauss(20)
_FALLEN = 33.0
_ROUGH = 1e-2  # error of a panel's log density that still tells its share of the law
_WHOLE = 3e-11  # error of a panel times its share
_TAIL = 3e-10  # error of a panel in a tail, where the tail itself is asked for
_SMALL = 1e-4  # a tail
_STEPS = 4  # pieces of a panel that an integral is made of
MOST_K = 10


@dataclass(frozen=True)
class Law:
    """The law of one eigenvalue X = centre + scale s, s the variable of the panels.

    Attributes
    ----------
    panel
        Panel of a number, with an error below the one given if that can be had; it holds s from
        number * width to (number + 1) * width, from ``origin``.
    origin, width
        Of the panels, in s.
    scale
        Factor from s to X, negative where X falls as s rises.
    start
        A panel near the mode.

    Examples
    --------
    >>> law = edge_law(0)  # Tracy-Widom, beta = 1
    >>> round(law.mean(), 10), round(law.var(), 10)
    (-1.2065335746, 1.6077810346)
    """

    panel: Callable[[int, float], Panel]
    origin: float
    width: float
    scale: float
    start: int

    @cached_property
    def _mass(self) -> tuple[int, Real]:
        """First panel, and the integral of the density over each until all has fallen by exp(-40)."""
        found = {self.start: self._integral(self.start, _ROUGH)}
        for step in (-1, 1):
            number = self.start
            while found[number] > math.exp(-_FALLEN) * max(found.values()):
                number += step
                found[number] = self._integral(number, _ROUGH)
        for number, share in found.items():
            if share > 1e-9:
                found[number] = self._integral(number, _WHOLE / share)
        first = min(found)
        return first, np.asarray([found[number] for number in sorted(found)])

    def _integral(self, number: int, tolerance: float) -> float:
        start = self.origin + number * self.width
        whole = np.array([start]), np.array([start + self.width])
        return float(self._between(*whole, tolerance)[0])

    def _between(self, low: Real, high: Real, tolerance: float) -> Real:
        """Integrals of the density between points of one panel each, (n,)."""
        nodes, weights = _RULE
        step = (high - low) / _STEPS
        starts = low[:, None] + step[:, None] * np.arange(_STEPS)
        s = starts[:, :, None] + step[:, None, None] * (nodes + 1) / 2
        values = np.exp(self._log_density((low + high) / 2, s, tolerance))
        return np.asarray((values @ weights).sum(1) * step / 2)

    def _number(self, s: Real) -> NDArray[np.int64]:
        return np.asarray(np.floor((s - self.origin) / self.width).astype(np.int64))

    def _log_density(self, where: Real, s: Real, tolerance: float) -> Real:
        """log density at s, (n, ...), each row in the panel of ``where``, (n,)."""
        numbers = self._number(where)
        found = np.empty_like(s)
        for number in np.unique(numbers):
            rows = numbers == number
            found[rows] = self.panel(int(number), tolerance)(s[rows])
        return found

    def _tails(self, s: Real) -> tuple[Real, Real]:
        """P(S < s) and P(S > s), each summed from its own side."""
        first, mass = self._mass
        numbers = self._number(s)
        left = np.concatenate([[0.0], np.cumsum(mass)])
        right = np.concatenate([np.cumsum(mass[::-1])[::-1], [0.0]])
        below, above = np.ones_like(s), np.ones_like(s)
        inside = (numbers >= first) & (numbers < first + len(mass))
        at = numbers - first
        edges = (self.origin + numbers * self.width).astype(np.float64)
        if inside.any():
            part = self._between(edges[inside], s[inside], _WHOLE)
            rest = self._between(s[inside], edges[inside] + self.width, _WHOLE)
            below[inside] = left[at[inside]] + part
            above[inside] = right[at[inside] + 1] + rest
        for i in range(len(s)):
            if at[i] < 0 or (inside[i] and below[i] < _SMALL):
                below[i] = self._far(float(s[i]), -1)
            elif at[i] >= len(mass) or (inside[i] and above[i] < _SMALL):
                above[i] = self._far(float(s[i]), 1)
        return np.minimum(below, 1.0), np.minimum(above, 1.0)  # rounding

    def _far(self, s: float, side: int) -> float:
        """The tail beyond s away from the mode."""
        number = int(self._number(np.array([s]))[0])
        start = self.origin + number * self.width
        ends = (start, s) if side < 0 else (s, start + self.width)
        total = float(self._between(np.array([ends[0]]), np.array([ends[1]]), _TAIL)[0])
        for _ in range(1000):
            number += side
            more = self._integral(number, _TAIL)
            total += more
            if more <= 1e-12 * total:
                break
        return total

    def _s(self, x: ArrayLike) -> tuple[Real, tuple[int, ...]]:
        points = np.asarray(x, dtype=float)
        if not np.isfinite(points).all():
            raise bad("x", x, "finite numbers")
        return np.ravel(points) / self.scale, points.shape

    def cdf(self, x: ArrayLike) -> Real:
        """P(X <= x); relative error below 1e-9 however small, where it is above 1e-300."""
        s, shape = self._s(x)
        return np.asarray(self._tails(s)[0 if self.scale > 0 else 1].reshape(shape))

    def sf(self, x: ArrayLike) -> Real:
        """P(X > x), with the same accuracy."""
        s, shape = self._s(x)
        return np.asarray(self._tails(s)[1 if self.scale > 0 else 0].reshape(shape))

    def logcdf(self, x: ArrayLike) -> Real:
        """log P(X <= x)."""
        return np.asarray(np.log(self.cdf(x)))

    def logsf(self, x: ArrayLike) -> Real:
        """log P(X > x)."""
        return np.asarray(np.log(self.sf(x)))

    def logpdf(self, x: ArrayLike) -> Real:
        """Log of the density at x."""
        s, shape = self._s(x)
        logs = self._log_density(s, s[:, None], _TAIL)[:, 0] - math.log(abs(self.scale))
        return np.asarray(logs.reshape(shape))

    def pdf(self, x: ArrayLike) -> Real:
        """Density at x."""
        return np.asarray(np.exp(self.logpdf(x)))

    def ppf(self, q: ArrayLike) -> Real:
        """Quantile: cdf(ppf(q)) = q to 1e-13, for 0 < q < 1."""
        levels = np.asarray(q, dtype=float)
        if not ((levels > 0) & (levels < 1)).all():
            raise bad("q", q, "numbers between 0 and 1")
        flat = levels.ravel()
        first, mass = self._mass
        low = np.full(len(flat), self.origin + first * self.width)
        high = low + len(mass) * self.width
        rising = self.scale > 0
        for _ in range(60):
            middle = (low + high) / 2
            below, above = self._tails(middle)
            under = below < flat if rising else above > flat
            low, high = np.where(under, middle, low), np.where(under, high, middle)
        return np.asarray((self.scale * (low + high) / 2).reshape(levels.shape))

    def moment(self, order: int, about: float = 0.0) -> float:
        """E (X - about)^order, order from 0 to 8."""
        order = check_integer("order", order, 0, 8)
        first, mass = self._mass
        nodes, weights = _RULE
        total = 0.0
        step = self.width / _STEPS
        for piece in range(_STEPS * len(mass)):
            start = self.origin + first * self.width + piece * step
            s = start + step * (nodes + 1) / 2
            logs = self._log_density(np.array([start + step / 2]), s[None, :], _ROUGH)[0]
            total += float(np.exp(logs) * (self.scale * s - about) ** order @ weights * step / 2)
        return total

    def mean(self) -> float:
        """E X."""
        return self.moment(1)

    def var(self) -> float:
        """Variance of X."""
        return self.moment(2, self.mean())

    def rvs(self, size: int, rng: np.random.Generator) -> Real:
        """Draw independent copies by inversion."""
        return self.ppf(np.clip(rng.random(size), 1e-300, 1 - 2.0**-53))


@lru_cache(maxsize=64)
def goe_law(n: int, k: int) -> Law:
    """The law of the (k+1)-th smallest eigenvalue of GOE(N), spectrum on [-sqrt 2, sqrt 2].

    Parameters
    ----------
    n
        Dimension, from 1 to 20000.
    k
        From 0 to n - 1, at most 64 from either end.

    Raises
    ------
    InputError
        For n or k out of range.

    Examples
    --------
    >>> float(goe_law(1, 0).cdf(1.0).round(12))  # Normal(0, 1)
    0.841344746069
    """
    n = check_integer("n", n, 1, 20_000)
    k = check_integer("k", k, 0, n - 1)
    if min(k, n - 1 - k) > 64:
        raise bad("k", k, f"an index at most 64 from either end of 0..{n - 1}")

    def panel(number: int, tolerance: float) -> Panel:
        piece = kth_density.panel(n, k, number)
        if not piece.error < tolerance:
            return kth_density.panel(n, k, number, balls=True)
        return piece

    width = kth_density.WIDTH * edge_width(n)
    deep = 2 + 1.9 * k ** (2 / 3) if k else 1.0
    start = -1 - int(deep / kth_density.WIDTH)
    return Law(
        panel,
        math.sqrt(2 * n),
        width,
        -1 / math.sqrt(n),
        max(start, -int(2 * math.sqrt(2 * n) / width)),
    )


@cache
def _edge_panel(k: int, number: int, balls: bool = False) -> Panel:
    start = number * kth_density.WIDTH
    density = edge_ball.log_density if balls else edge.log_density
    logs, errors = density(k, start + kth_density.WIDTH * (chebyshev_nodes() + 1) / 2)
    series = chebyshev_series(logs)
    error = float(errors.max() + np.abs(series[-2:]).max())
    return Panel(start, kth_density.WIDTH, series, error)


@lru_cache(maxsize=64)
def edge_law(k: int) -> Law:
    """The limit law of sqrt(2) N^(2/3) (lam - sqrt 2), lam the (k+1)-th largest eigenvalue.

    Parameters
    ----------
    k
        From 0 (Tracy-Widom, beta = 1) to 10.

    Raises
    ------
    InputError
        For k out of range.
    OutOfReach
        From the law's methods, where 3300 bits do not give a tail its digits.

    Notes
    -----
    A panel whose float64 error is too large is made again by ball arithmetic (`theory.edge_ball`);
    the first panels of a law take seconds, more so for larger k.

    Examples
    --------
    >>> float(edge_law(0).cdf(0.0).round(10))
    0.8319080662
    """
    k = check_integer("k", k, 0, MOST_K)

    def panel(number: int, tolerance: float) -> Panel:
        piece = _edge_panel(k, number)
        return piece if piece.error < tolerance else _edge_panel(k, number, balls=True)

    deep = 1.9 * (k + 1) ** (2 / 3)
    return Law(
        panel,
        0.0,
        kth_density.WIDTH,
        1.0,
        -1 - int(deep / kth_density.WIDTH),
    )
