"""A law on the line tabulated on panels from its log density, with both tails to relative accuracy.

On a panel the log density and the logs of both tails are Chebyshev series. All that is summed is
positive, the lower tail from the left and the upper tail from the right, so that each keeps its
relative accuracy. Float64 serves wherever the noise seen in the series allows; ball arithmetic
elsewhere, in the tails alone.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.polynomial.chebyshev import chebder, chebfit, chebpts1, chebval
from numpy.typing import NDArray

Real = NDArray[np.float64]
Density = Callable[[int, bool], tuple[Real, Real]]

# same (all): more points or fewer, and where a sum ends
_RULE = np.polynomial.legendre.leggauss(12)
_MOMENTS = np.polynomial.legendre.leggauss(60)
_POINTS = 24  # of a panel, where its tails are tabulated
_FALLEN = 33.0  # exp(-33) = 5e-15 of the law is left out of moments
_DUST = 1e-14  # of a sum, where it ends
_SEEN = 6  # coefficients that show a series' noise
_LEAST = -745.0  # log of the smallest number

# guard (all): from where on balls are asked for
# tests/theory/goe/test_chebyshev_table.py::test_both_tails_and_the_density_are_known
_LOSS = 5e-13  # of a panel's share of the law
_RELATIVE = 7e-10  # error of the density on a panel where the law is asked for
_BEYOND = 5e-10  # of the sum beyond a panel, relative
_PART = 1e-3  # of the error stated that is believed in, however little is seen


@dataclass(frozen=True)
class Piece:
    """The density on one panel.

    Attributes
    ----------
    series
        Chebyshev coefficients of the log density.
    worst
        Its largest error.
    log_share
        Log of its integral over the panel.
    loss
        Relative error of that.
    """

    series: Real
    worst: float
    log_share: float
    loss: float


def piece_of(logs: Real, stated: Real, width: float) -> Piece:
    """The piece with these logs at `chebyshev_nodes`, each with a bound of its error.

    The bounds are of the worst case. What has happened is seen in the last coefficients, which
    vanish but for noise: 9 times the largest is the error if one node of 18 has it all, and 5
    standard deviations if it is the same at all nodes. The bounds say how it is spread.
    """
    series = chebyshev_series(logs)
    # same (all): how an error is estimated, not the number
    seen = len(logs) / 2 * float(np.abs(series[-_SEEN:]).max())
    top = float(stated.max())
    if not (math.isfinite(top) and math.isfinite(seen)):
        return Piece(series, math.inf, -math.inf, math.inf)
    errors = stated * max(seen / top, _PART)
    highest = float(logs.max())
    height = np.exp(logs - highest)
    # same (all): more panels or fewer
    edges = np.linspace(-1.0, 1.0, 5)
    log_share = highest + math.log(width / 2 * float(_sums(series, highest, edges).sum()))
    return Piece(
        series, float(errors.max()), log_share, float((height * errors).sum() / height.sum())
    )


def _sums(series: Real, highest: float, edges: Real) -> Real:
    """Integrals of exp(series - highest) between edges in [-1, 1]."""
    nodes, weights = _RULE
    half = np.diff(edges) / 2
    t = edges[:-1, None] + half[:, None] * (nodes + 1)
    return np.asarray(np.exp(chebval(t, series) - highest) @ weights * half)


def chebyshev_points(start: float, width: float) -> Real:
    """Where the density of a panel is asked for."""
    return start + width * (chebyshev_nodes() + 1) / 2


@dataclass(frozen=True)
class Table:
    """Panels of a log-concave law, made when first asked for and kept.

    Attributes
    ----------
    density
        Log density at `chebyshev_points` of a panel and bounds of the errors, by its number and
        whether by balls; panel ``number`` holds s from origin + number width on.
    origin, width
        Of the panels.
    start
        A panel near the mode.
    bound
        Log of a bound, but for powers, of the tail beyond s away from 0, to see where it is 0.
    """

    density: Density
    origin: float
    width: float
    start: int
    bound: Callable[[float], float]
    _kept: dict[Any, Any] = field(default_factory=dict, compare=False, repr=False)

    def _once(self, make: Callable[..., Any], *arguments: Any) -> Any:
        key = (make.__name__, *arguments)
        if key not in self._kept:
            self._kept[key] = make(*arguments)
        return self._kept[key]

    def _made(self, number: int, balls: bool) -> Piece:
        logs, stated = self.density(number, balls)
        return piece_of(logs, stated, self.width)

    def _piece(self, number: int, wanted: Callable[[Piece], bool]) -> Piece:
        """The panel as wanted, by balls if need be; where they do no better, as good as it is."""
        balls = (self._made.__name__, number, True) in self._kept
        piece: Piece = self._once(self._made, number, balls)
        return piece if balls or wanted(piece) else self._once(self._made, number, True)

    def _share(self, number: int, total: float, strict: bool) -> float:
        """Log of a panel's share, to be added to a sum whose log is given; ``strict``: for a tail."""
        beyond, loss = math.log(_BEYOND) if strict else math.inf, math.log(_LOSS)

        def wanted(piece: Piece) -> bool:
            if not math.isfinite(piece.loss):
                return False
            lost = math.log(piece.loss) + piece.log_share
            return lost < min(beyond + float(np.logaddexp(total, piece.log_share)), loss)

        return self._piece(number, wanted).log_share

    def _body(self) -> tuple[int, int]:
        """First and last panel, until all has fallen by exp(-33)."""
        ends = []
        for step in (-1, 1):
            number, total = self.start, 0.0
            highest = share = self._share(number, total, False)
            fall = 0.0
            # The law is log-concave: shares fall by ever larger factors.
            # same (all): where the walk ends, as all has fallen
            while share - fall > highest - _FALLEN or fall <= 0:
                number += step
                before, share = share, self._share(number, total, False)
                fall, highest = before - share, max(highest, share)
            ends.append(number)
        return ends[0], ends[1]

    def _far(self, number: int, step: int, strict: bool) -> float:
        """Log of the share of all panels beyond one."""
        share = total = self._share(number + step, -math.inf, strict)
        fall = 0.0
        rest = -math.inf if strict else -_FALLEN
        # same (all): where the walk ends, as all has fallen
        while share - fall > max(total + math.log(_DUST), rest) or fall <= 0:
            number += step
            before, share = share, self._share(number + step, total, strict)
            fall, total = before - share, float(np.logaddexp(total, share))
        return total

    def _tails(self, number: int, strict: bool = True) -> tuple[Real, Real]:
        """Chebyshev coefficients of the logs of both tails on a panel."""
        piece = self._piece(
            number,
            lambda one: (
                (one.worst < _RELATIVE or not strict)
                and one.loss < math.inf
                and math.log(one.loss) + one.log_share < math.log(_LOSS)
            ),
        )
        nodes = np.sort(chebpts1(_POINTS))
        highest = float(chebval(nodes, piece.series).max())
        parts = (
            _sums(piece.series, highest, np.concatenate([[-1.0], nodes, [1.0]])) * self.width / 2
        )
        series = []
        for step, sums in ((-1, np.cumsum(parts[:-1])), (1, np.cumsum(parts[:0:-1])[::-1])):
            far = self._once(self._far, number, step, strict)
            logs = np.logaddexp(far, highest + np.log(sums))
            # same (numbers): more terms or fewer
            series.append(chebfit(nodes, logs, _POINTS - 1))
        return series[0], series[1]

    def _numbers(self, s: Real) -> NDArray[np.int64]:
        return np.asarray(np.floor((s - self.origin) / self.width).astype(np.int64))

    def _on_panels(self, s: Real, value: Callable[[int, Real], Real]) -> Real:
        """value(number, t) at finite s, with t in [-1, 1] on each panel."""
        found = np.empty_like(s)
        numbers = self._numbers(s)
        for number in np.unique(numbers):
            rows = numbers == number
            t = 2 * (s[rows] - self.origin - number * self.width) / self.width - 1
            found[rows] = value(int(number), t)
        return found

    def log_tails(self, s: Real) -> tuple[Real, Real]:
        """Logs of P(S < s) and P(S > s); s may be infinite."""
        # same (numbers): the smaller tail tells the larger
        below, above = np.where(s > 0, 0.0, -np.inf), np.where(s > 0, -np.inf, 0.0)
        here = np.isfinite(s)
        here[here] = [self.bound(float(point)) > _LEAST for point in s[here]]
        for side, found in ((0, below), (1, above)):

            def value(number: int, t: Real, side: int = side) -> Real:
                return np.asarray(chebval(t, self._once(self._tails, number)[side]))

            # same (all): removes rounding alone
            found[here] = np.minimum(self._on_panels(s[here], value), 0.0)
        # The smaller tail tells the larger one best.
        low = below < above
        below = np.where(low, below, np.log1p(-np.exp(np.minimum(above, -0.5))))
        above = np.where(low, np.log1p(-np.exp(np.minimum(below, -0.5))), above)
        return below, above

    def log_density(self, s: Real) -> Real:
        """Log of the density at finite s."""

        def value(number: int, t: Real) -> Real:
            piece = self._piece(number, lambda one: one.worst < _RELATIVE)
            return np.asarray(chebval(t, piece.series))

        return self._on_panels(s, value)

    def mean_of(self, function: Callable[[Real], Real]) -> float:
        """E function(S), a polynomial."""
        first, last = self._once(self._body)
        nodes, weights = _MOMENTS
        total = 0.0
        # same (numbers): the last panel holds exp(-33)
        for number in range(first, last + 1):
            series = self._piece(number, lambda _: True).series
            s = self.origin + (number + (nodes + 1) / 2) * self.width
            total += float(np.exp(chebval(nodes, series)) * function(s) @ weights) * self.width / 2
        return total

    def solved(self, q: Real, side: int, strict: bool) -> Real:
        """The s beyond which, on a side, lies q <= 1/2: Newton's steps on the log, in a bracket."""
        aim, step = np.log(q), 1 if side else -1
        inner = self.start
        while self._once(self._far, inner - step, step, strict) <= aim.max():
            inner -= step
        # Log of the tail beyond panels further and further out.
        number, edges = inner, [float(self._once(self._far, inner, step, strict))]
        while edges[-1] > aim.min():
            number += step
            edges.append(self._once(self._far, number, step, strict))
        panels = inner + step * np.searchsorted(-np.asarray(edges), -aim, side="left")
        found = np.empty_like(q)
        for panel in np.unique(panels):
            rows = panels == panel
            found[rows] = self._on_one(int(panel), aim[rows], side, strict)
        return found

    def _on_one(self, number: int, aim: Real, side: int, strict: bool) -> Real:
        """`_solved` on one panel."""
        series = self._once(self._tails, number, strict)[side]
        slope = chebder(series)
        # guard (all): the bracket
        # tests/theory/goe/test_chebyshev_table.py::test_quantiles_invert_the_tails
        low, high = np.full_like(aim, -1.0), np.ones_like(aim)
        t = np.zeros_like(aim)
        # same (all): when Newton's steps end
        for _ in range(60):
            gap = chebval(t, series) - aim
            # The lower tail rises with t, the upper one falls.
            above = (gap > 0) == (side == 0)
            low, high = np.where(above, low, t), np.where(above, t, high)
            step = t - gap / chebval(t, slope)
            new = np.where((step > low) & (step < high), step, (low + high) / 2)
            # same (all): when Newton's steps end
            done = np.abs(new - t).max() < 1e-15
            t = new
            if done:
                break
        return np.asarray(self.origin + (number + (t + 1) / 2) * self.width)


# same (all): more nodes or fewer
NODES = 18


def chebyshev_series(logs: Real) -> Real:
    """Chebyshev coefficients from the values at `chebyshev_nodes`."""
    return np.asarray(np.polynomial.chebyshev.chebfit(chebyshev_nodes(), logs, NODES - 1))


def chebyshev_nodes() -> Real:
    """Where a panel is sampled, on [-1, 1]."""
    return np.asarray(np.polynomial.chebyshev.chebpts1(NODES))
