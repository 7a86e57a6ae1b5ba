"""A law on the line tabulated on panels from its log density, with both tails to relative accuracy.

On a panel the log density and the logs of both tails are Chebyshev series. All that is summed is
positive, the lower tail from the left and the upper tail from the right, so that each keeps its
relative accuracy. Float64 serves as far out as the noise seen in the series allows; from there on
`theory.goe.laws.far_tail` does, where a tail is asked for to relative accuracy.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import numpy as np
from numpy.polynomial.chebyshev import chebder, chebfit, chebpts1, chebval
from numpy.typing import NDArray

from theory.goe.chebyshev_panel import chebyshev_points, chebyshev_series
from theory.goe.laws.ensembles import Ensemble
from theory.goe.laws.far_tail import FarTail

Real = NDArray[np.float64]

# same (all): more points or fewer, and where a sum ends
_RULE = np.polynomial.legendre.leggauss(12)
_MOMENTS = np.polynomial.legendre.leggauss(60)
_POINTS = 24  # of a panel, where its tails are tabulated
_FALLEN = 33.0  # exp(-33) = 5e-15 of the law is left out of moments
_DUST = 1e-14  # of a sum, where it ends
_SEEN = 6  # coefficients that show a series' noise
_LEAST = -745.0  # log of the smallest number

# guard (all): from where on balls are asked for
# tests/theory/goe/test_chebyshev_table.py::test_a_density_is_to_be_known_to_7e_10
_LOSS = 5e-13  # of a panel's share of the law
_RELATIVE = 7e-10  # error of the density on a panel where the law is asked for
_BEYOND = 5e-10  # of the sum beyond a panel, relative
_PART = 1e-3  # of the error stated that is believed in, however little is seen
_FLOATS = 30.0  # minus the log of a share where the panels end, however good they are
_AT_ONCE = 4  # panels on either side of the mode
_PEAK = 6.0  # minus the log of a share that belongs to the body


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
        # same (sign dropped): infinite
        return Piece(series, math.inf, -math.inf, math.inf)
    errors = stated * max(seen / top, _PART)
    highest = float(logs.max())
    # same (signs): a weight of errors, whatever its scale
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


@dataclass(frozen=True)
class Table:
    """Panels of a log-concave law, made when first asked for and kept.

    Attributes
    ----------
    ensemble
        Whose eigenvalue it is. Panel ``number`` holds s from origin + number width on.
    """

    ensemble: Ensemble
    _kept: dict[Any, Any] = field(default_factory=dict, compare=False, repr=False)

    @property
    def start(self) -> int:
        """A panel near the mode."""
        key = ("start",)
        if key not in self._kept:
            self._kept[key] = self.ensemble.start
            self._make_some()
        return self._kept[key]

    def _once(self, make: Callable[..., Any], *arguments: Any) -> Any:
        key = (make.__name__, *arguments)
        if key not in self._kept:
            self._kept[key] = make(*arguments)
        return self._kept[key]

    def _edge(self, number: int) -> float:
        """Where a panel begins."""
        return self.ensemble.origin + number * self.ensemble.width

    def _made(self, number: int, balls: bool) -> Piece:
        width = self.ensemble.width
        points = chebyshev_points(self._edge(number), width)
        return piece_of(*self.ensemble.log_density(points, balls), width)

    def _make_some(self) -> None:
        """The panels of the body at once, where what they share is most of the work."""
        if self.ensemble.shared:
            some = range(self.start - _AT_ONCE, self.start + _AT_ONCE + 1)
            width = self.ensemble.width
            points = [chebyshev_points(self._edge(number), width) for number in some]
            logs, stated = self.ensemble.log_density(np.concatenate(points), False)
            for i, number in enumerate(some):
                rows = slice(i * len(points[0]), (i + 1) * len(points[0]))
                key = (self._made.__name__, number, False)
                self._kept.setdefault(key, piece_of(logs[rows], stated[rows], width))

    def _piece(self, number: int, wanted: Callable[[Piece], bool]) -> Piece:
        """The panel as wanted, by balls if need be; where they do no better, as good as it is."""
        balls = (self._made.__name__, number, True) in self._kept
        piece: Piece = self._once(self._made, number, balls)
        return piece if balls or wanted(piece) else self._once(self._made, number, True)

    def _frontier(self, step: int) -> int:
        """The last panel on a side whose density keeps its relative accuracy."""
        number = self.start
        self._piece(number, _is_good)
        # The body is made good by balls where float64 does not do.
        while True:
            piece: Piece = self._once(self._made, number + step, False)
            if not math.isfinite(piece.log_share) or piece.log_share < -_FLOATS:
                return number
            if not _is_good(piece):
                if piece.log_share < -_PEAK:
                    return number
                self._piece(number + step, _is_good)
            number += step

    def far(self, side: int) -> FarTail:
        """The tail beyond the frontier: the lower one (0) or the upper one (1)."""
        return self._once(self._far_tail, side)

    def _far_tail(self, side: int) -> FarTail:
        step = 1 if side else -1
        frontier = self._once(self._frontier, step)
        series = self._piece(frontier, _is_good).series
        return FarTail(
            self.ensemble,
            lower=not side,
            centre=self._edge(self.start + (not side)),
            start=self._edge(frontier + side),
            log_density=float(chebval(step, series)),
        )

    def _share(self, number: int, total: float) -> float | None:
        """Log of a panel's share, to be added to a sum whose log is given, if it is known well enough.

        To relative accuracy of the sum, or, where its log is not below 0, to what nobody sees of the law.
        """
        strict = total < math.inf
        beyond, loss = math.log(_BEYOND) if strict else math.inf, math.log(_LOSS)

        def wanted(piece: Piece) -> bool:
            if _is_good(piece):
                return True
            if not math.isfinite(piece.loss):
                return False
            lost = math.log(piece.loss) + piece.log_share
            return lost < min(beyond + float(np.logaddexp(total, piece.log_share)), loss)

        if not strict:
            return self._piece(number, wanted).log_share
        piece: Piece = self._once(self._made, number, False)
        return piece.log_share if wanted(piece) else None

    def _body(self) -> tuple[int, int]:
        """First and last panel, until all has fallen by exp(-33)."""
        ends = []
        # same (1 -> 2): a walk in larger steps
        for step in (-1, 1):
            number = self.start
            highest = share = self._loose(number)
            fall = 0.0
            # The law is log-concave: shares fall by ever larger factors.
            # same (all): where the walk ends, as all has fallen
            while share - fall > highest - _FALLEN or fall <= 0:
                number += step
                before, share = share, self._loose(number)
                fall, highest = before - share, max(highest, share)
            ends.append(number)
        return ends[0], ends[1]

    def _loose(self, number: int) -> float:
        share = self._share(number, math.inf)
        assert share is not None
        return share

    def _far(self, number: int, step: int, strict: bool) -> float:
        """Log of the share of all panels beyond one."""
        total, fall, share = -math.inf, 0.0, -math.inf
        while True:
            number += step
            before = share
            if strict:
                found = self._share(number, total)
                # same (numbers, comparisons): from where on the far tail is asked
                if found is None or number * step > self._once(self._frontier, step) * step + 8:
                    # same (0 -> 1, 0 -> -1): a step is 1 or -1
                    rest = self.far(step > 0).logs(np.array([self._edge(number + (step < 0))]))
                    # same (0 -> -1): an array of one
                    return float(np.logaddexp(total, rest[0][0]))
                share = found
            else:
                share = self._loose(number)
            if before > -math.inf:
                fall = before - share
            total = float(np.logaddexp(total, share))
            rest_of = total + math.log(_DUST) if strict else max(total + math.log(_DUST), -_FALLEN)
            if fall > 0 and share - fall <= rest_of:
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
        width = self.ensemble.width
        parts = _sums(piece.series, highest, np.concatenate([[-1.0], nodes, [1.0]])) * width / 2
        series = []
        for step, sums in ((-1, np.cumsum(parts[:-1])), (1, np.cumsum(parts[:0:-1])[::-1])):
            far = self._once(self._far, number, step, strict)
            logs = np.logaddexp(far, highest + np.log(sums))
            # same (numbers): more terms or fewer
            series.append(chebfit(nodes, logs, _POINTS - 1))
        return series[0], series[1]

    def _numbers(self, s: Real) -> NDArray[np.int64]:
        # A panel's number of what is far away is of no use, but must be one.
        places = np.clip((s - self.ensemble.origin) / self.ensemble.width, -1e9, 1e9)
        return np.asarray(np.floor(places).astype(np.int64))

    def _on_panels(self, s: Real, value: Callable[[int, Real], Real]) -> Real:
        """value(number, t) at finite s, with t in [-1, 1] on each panel."""
        found = np.empty_like(s)
        numbers = self._numbers(s)
        for number in np.unique(numbers):
            rows = numbers == number
            t = 2 * (s[rows] - self._edge(int(number))) / self.ensemble.width - 1
            found[rows] = value(int(number), t)
        return found

    def _split(self, s: Real) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
        """Which of s lie beyond the frontier, below and above."""
        numbers = self._numbers(s)
        return numbers < self._once(self._frontier, -1), numbers > self._once(self._frontier, 1)

    def log_tail(self, s: Real, side: int, exact: bool) -> Real:
        """Log of P(S < s) (0) or P(S > s) (1) at finite s.

        ``exact``: to relative accuracy of the log too, where it is close to 0; otherwise what is below
        1e-17 is 0.
        """
        found = np.empty_like(s)
        far = self._split(s)
        small, large = far[side], far[1 - side]
        middle = ~(small | large)
        found[small] = self.far(side).logs(s[small])[0] if small.any() else 0.0
        if exact:
            # same (0.0 -> 1.0): of no points
            other = self.far(1 - side).logs(s[large])[0] if large.any() else 0.0
            found[large] = _rest(np.asarray(other))
        else:
            first, last = self._once(self._body)
            numbers = self._numbers(s)
            # same (comparisons): all has fallen on the last panels
            within = large & (numbers >= first) & (numbers <= last)
            found[large] = 0.0
            found[within] = self._within(s[within], side, strict=False)
        found[middle] = self._within(s[middle], side, strict=True)
        return found

    def _log_on(self, one: int, strict: bool, number: int, t: Real) -> Real:
        """Log of a tail on a panel."""
        return np.asarray(chebval(t, self._once(self._tails, number, strict)[one]))

    def _within(self, s: Real, side: int, strict: bool) -> Real:
        """`log_tail` on panels."""
        values = (partial(self._log_on, one, strict) for one in (side, 1 - side))
        # same (all): removes rounding alone
        logs = [np.minimum(self._on_panels(s, value), 0.0) for value in values]
        # The smaller tail tells the larger one best.
        return np.where(logs[0] < logs[1], logs[0], _rest(np.minimum(logs[1], -0.5)))

    def log_density(self, s: Real) -> Real:
        """Log of the density at finite s."""
        found = np.empty_like(s)
        far = self._split(s)
        for side in (0, 1):
            if far[side].any():
                found[far[side]] = self.far(side).logs(s[far[side]])[1]
        middle = ~(far[0] | far[1])
        found[middle] = self._on_panels(
            s[middle],
            lambda number, t: np.asarray(chebval(t, self._piece(number, _is_good).series)),
        )
        return found

    def body_log_density(self, s: Real) -> Real:
        """`log_density` in the body, as good as its moments."""
        return self._on_panels(
            s, lambda number, t: np.asarray(chebval(t, self._piece(number, lambda _: True).series))
        )

    def mean_of(self, function: Callable[[Real], Real]) -> float:
        """E function(S), a polynomial."""
        first, last = self._once(self._body)
        nodes, weights = _MOMENTS
        total = 0.0
        # same (numbers): the last panel holds exp(-33)
        for number in range(first, last + 1):
            series = self._piece(number, lambda _: True).series
            s = self._edge(number) + (nodes + 1) / 2 * self.ensemble.width
            total += float(np.exp(chebval(nodes, series)) * function(s) @ weights)
        return total * self.ensemble.width / 2

    def moment(self, scale: float, order: int, about: float) -> float:
        """E (scale S - about)^order, kept."""
        return float(self._once(self._moment, scale, order, about))

    def _moment(self, scale: float, order: int, about: float) -> float:
        return self.mean_of(lambda s: (scale * s - about) ** order)

    def solved(self, aim: Real, side: int, strict: bool) -> Real:
        """Where the log of a tail is so much, at most -log 2: Newton's steps on it, in a bracket."""
        step = 1 if side else -1
        found = np.empty_like(aim)
        far = np.zeros_like(aim, dtype=bool)
        frontier = self._once(self._frontier, step)
        # The far tail is less than e times the last panel's share, and is made only if it may be asked for.
        if strict and (aim < self._piece(frontier, _is_good).log_share + 1).any():
            beyond = self.far(side)
            far = aim < beyond.logs(np.array([beyond.start]))[0][0]
            if far.any():
                found[far] = beyond.inverse(aim[far])
        near = ~far
        if near.any():
            found[near] = self._solved_within(aim[near], side, step, strict)
        return found

    def _solved_within(self, aim: Real, side: int, step: int, strict: bool) -> Real:
        inner = self.start
        while self._once(self._far, inner - step, step, strict) <= aim.max():
            inner -= step
        # Log of the tail beyond panels further and further out.
        number, edges = inner, [float(self._once(self._far, inner, step, strict))]
        while edges[-1] > aim.min():
            number += step
            edges.append(self._once(self._far, number, step, strict))
        panels = inner + step * np.searchsorted(-np.asarray(edges), -aim, side="left")
        found = np.empty_like(aim)
        for panel in np.unique(panels):
            rows = panels == panel
            found[rows] = self._on_one(int(panel), aim[rows], side, strict)
        return found

    def _on_one(self, number: int, aim: Real, side: int, strict: bool) -> Real:
        """`_solved` on one panel."""
        series = self._once(self._tails, number, strict)[side]
        slope = chebder(series)
        # guard (all): the bracket
        # tests/theory/goe/test_law.py::test_the_mass_is_one_and_quantiles_invert
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
        return np.asarray(self._edge(number) + (t + 1) / 2 * self.ensemble.width)


def _is_good(piece: Piece) -> bool:
    """Whether the density is accurate, relative to itself."""
    # same (comparisons): a tie of chance 0
    return piece.worst < _RELATIVE


def _rest(log: Real) -> Real:
    """Log of 1 - exp(log)."""
    with np.errstate(divide="ignore"):
        return np.asarray(np.log1p(-np.exp(log)))
