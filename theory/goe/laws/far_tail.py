"""A tail of a law beyond the last panel that float64 can make.

Its hazard, density over tail, is smooth and is known to all digits at a few points
(`theory.goe.laws.far_balls`); between them a Chebyshev series in the log of the distance from the body has
its log. Beyond 1e-300 the tail goes on as the asymptotic formula of `theory.goe.laws.tail_leads` does.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from numpy.polynomial.chebyshev import chebfit, chebint, chebpts1, chebval
from numpy.typing import NDArray

from theory.goe.laws.ensembles import Ensemble

Real = NDArray[np.float64]

_SMOOTH, _NODES = 10, 13  # points where the hazard is known: k = 0 in the lower tail, others
# same (all): where the formula takes part in a fit
_AWAY = 1.5  # panels between the edge and where the formula is of use
_DEPTHS = (100.0, 700.0)  # minus logs of the tail where the first table ends, and the second
_PARTS = 24  # of the range, in log distance
_FINE = 14  # points of a part


@dataclass(frozen=True)
class FarTail:
    """Log of a tail and of the density beyond ``start``, away from ``centre``.

    Attributes
    ----------
    ensemble
        Whose eigenvalue it is: its hazards, and its asymptotic formula.
    lower
        Which tail.
    centre, start
        Distances count from the centre, where the body is; the tail is asked for from the start on.
    log_density
        At the start.
    depth
        Minus the log of the tail, about, where the table ends: another, made when it is asked for, goes
        on from there, or the asymptotic formula.
    """

    ensemble: Ensemble
    lower: bool
    centre: float
    start: float
    log_density: float
    depth: float = _DEPTHS[0]

    @property
    def _sign(self) -> float:
        return math.copysign(1.0, self.start - self.centre)

    def _at(self, distance: Real) -> Real:
        return self.centre + self._sign * distance

    def _lead(self, distance: Real) -> tuple[Real, Real]:
        """The formula and how fast it falls, away from the centre."""
        found = self.ensemble.lead(np.asarray(self._at(distance) + 1e-20j, complex), self.lower)
        return np.asarray(found.real), np.asarray(-self._sign * found.imag / 1e-20)

    def _beyond_edge(self, distance: float) -> float:
        """How many panels away from the edge, where the formula is singular; negative before it."""
        away = self._sign * (self._at(np.asarray(distance)) - self.ensemble.origin)
        return float(away / self.ensemble.width)

    @cached_property
    def _first(self) -> float:
        return abs(self.start - self.centre)

    @cached_property
    def _led(self) -> bool:
        """Whether the formula is of use from the start on, so that little is left of it."""
        return self._is_led(self._first)

    def _is_led(self, distance: float) -> bool:
        # same (all): where the formula takes part in a fit
        return self._beyond_edge(distance) >= _AWAY and bool(
            self._lead(np.array([distance]))[1][0] > 0
        )

    @cached_property
    def _end(self) -> float:
        """Distance where the table ends, by the formula or, before the edge, by a guess."""

        def deep(distance: float) -> bool:
            return self._is_led(distance) and self._lead(np.array([distance]))[0][0] < -self.depth

        low = high = 1.2 * self._first
        while not deep(high):
            low, high = high, 1.3 * high
        # same (numbers): how near the table ends to a given depth
        for _ in range(20):
            middle = (low + high) / 2
            low, high = (low, middle) if deep(middle) else (middle, high)
        return high

    @cached_property
    def _deeper(self) -> FarTail | None:
        """The next table."""
        if self.depth == _DEPTHS[-1]:
            return None
        _, logs, _, at = self._parts
        density = float(at[-1] + logs[:, -1].sum())
        end = float(self._at(np.asarray(self._end)))
        return replace(self, start=end, log_density=density, depth=_DEPTHS[-1])

    @cached_property
    def series(self) -> Real:
        """Chebyshev coefficients of the log of the hazard, over the formula's where that is of use."""
        smooth = self.lower and self.ensemble.k == 0
        nodes = np.sort(chebpts1(_SMOOTH if smooth else _NODES))
        low, high = math.log(self._first), math.log(self._end)
        distance = np.exp(low + (high - low) * (nodes + 1) / 2)
        values = np.log([self.ensemble.hazard(float(s), self.lower) for s in self._at(distance)])
        if self._led:
            values -= np.log(self._lead(distance)[1])
        return np.asarray(chebfit(nodes, values, len(nodes) - 1))

    @cached_property
    def _parts(self) -> tuple[Real, Real, Real, Real]:
        """Edges of parts in log distance; on each, series of the log hazard and of what the log falls by.

        The last is the log of the tail at the edges.
        """
        low, high = math.log(self._first), math.log(self._end)
        edges = np.linspace(low, high, _PARTS + 1)
        nodes = np.sort(chebpts1(_FINE))
        half = (high - low) / _PARTS / 2
        u = edges[:-1, None] + half * (nodes + 1)
        hazard = chebval(2 * (u - low) / (high - low) - 1, self.series)
        if self._led:
            hazard = hazard + np.log(self._lead(np.exp(u).ravel())[1]).reshape(u.shape)
        logs = chebfit(nodes, hazard.T, _FINE - 1)
        falls = chebint(chebfit(nodes, np.exp(hazard + u).T * half, _FINE - 1), lbnd=-1)
        hazard_at_start = chebval(-1.0, logs[:, 0])
        steps = falls.sum(axis=0)  # at 1
        first = self.log_density - float(hazard_at_start)
        at = first - np.concatenate([[0.0], np.cumsum(steps)])
        return edges, np.asarray(logs), np.asarray(falls), at

    def logs(self, s: Real) -> tuple[Real, Real]:
        """Logs of the tail and of the density at points beyond the start."""
        distance = np.abs(s - self.centre)
        edges, hazards, falls, at = self._parts
        tail, density = np.empty_like(distance), np.empty_like(distance)
        u = np.log(distance)
        near = u <= edges[-1]
        part = np.clip(np.searchsorted(edges, u[near], side="right") - 1, 0, _PARTS - 1)
        t = np.clip(2 * (u[near] - edges[part]) / (edges[1] - edges[0]) - 1, -1.0, 1.0)
        tail[near] = at[part] - chebval(t, falls[:, part], tensor=False)
        density[near] = tail[near] + chebval(t, hazards[:, part], tensor=False)
        if not near.all() and self._deeper is not None:
            tail[~near], density[~near] = self._deeper.logs(s[~near])
        elif not near.all():
            lead, slope = self._lead(distance[~near])
            end, _ = self._lead(np.array([self._end]))
            tail[~near] = at[-1] + lead - end
            density[~near] = tail[~near] + np.log(slope)
        return tail, density

    def inverse(self, aim: Real) -> Real:
        """Where the log of the tail is so much, below what it is at the start."""
        low = np.full_like(aim, self._first)
        high = low.copy()

        def logs(distance: Real) -> tuple[Real, Real]:
            return self.logs(self._at(distance))

        while (short := logs(high)[0] > aim).any():
            low, high = np.where(short, high, low), np.where(short, 1.5 * high, high)
        found = (low + high) / 2
        for _ in range(60):
            tail, density = logs(found)
            high, low = np.where(tail < aim, found, high), np.where(tail < aim, low, found)
            new = found + (tail - aim) / np.exp(density - tail)
            new = np.where((new > low) & (new < high), new, (low + high) / 2)
            # same (all): when the steps end
            done = np.abs(new / found - 1).max() < 4e-16
            found = new
            if done:
                break
        return np.asarray(self._at(found))
