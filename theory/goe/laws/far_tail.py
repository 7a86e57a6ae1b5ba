"""A tail of a law beyond the last panel that float64 can make.

Its hazard, density over tail, is smooth and is known to all digits at a few points
(`theory.goe.laws.far_balls`); between them a Chebyshev series in the log of the distance from the body has
its log. Beyond 1e-300 the tail goes on as the asymptotic formula of `theory.goe.laws.tail_leads` does.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.polynomial.chebyshev import chebfit, chebpts1, chebval
from numpy.typing import NDArray

from theory.goe.laws.ensembles import Ensemble

Real = NDArray[np.float64]

_SMOOTH, _NODES = (
    12,
    20,
)  # points where the hazard is known, of k = 0 in the lower tail and of others
_FEW = 60.0  # eigenvalues whose tails are less smooth
_AWAY = 1.5  # panels between the edge and where the formula is of use
_DEEP = 700.0  # minus the log of the tail where the asymptotic formula takes over
_PARTS = 24  # of the range, in log distance
_RULE = np.polynomial.legendre.leggauss(12)


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
    """

    ensemble: Ensemble
    lower: bool
    centre: float
    start: float
    log_density: float

    @property
    def _sign(self) -> float:
        return math.copysign(1.0, self.start - self.centre)

    def _slope(self, s: float) -> float:
        """How fast the formula falls, away from the centre."""
        return -self._sign * self._lead(complex(s, 1e-20)).imag / 1e-20

    def _lead(self, s: complex) -> complex:
        return self.ensemble.lead(s, self.lower)

    @cached_property
    def _led(self) -> bool:
        """Whether the start is far from the edge, where the formula is singular: little is left of it."""
        away = abs(self.start - self.ensemble.origin) / self.ensemble.width
        return away >= _AWAY and self._known(self.start)

    @cached_property
    def _end(self) -> float:
        """Distance where the tail is about 1e-304."""
        start = abs(self.start - self.centre)
        low, high = 1.2 * start, 1.2 * start
        while not self._beyond(high):
            low, high = high, 1.3 * high
        for _ in range(20):
            middle = (low + high) / 2
            low, high = (low, middle) if self._beyond(middle) else (middle, high)
        return high

    def _beyond(self, distance: float) -> bool:
        s = self.centre + self._sign * distance
        return self._known(s) and self._lead(complex(s)).real < -_DEEP

    def _known(self, s: float) -> bool:
        """Whether the formula says something there."""
        return math.isfinite(self._lead(complex(s)).real) and self._slope(s) > 0

    @cached_property
    def _range(self) -> tuple[float, float]:
        return math.log(abs(self.start - self.centre)), math.log(self._end)

    @cached_property
    def series(self) -> Real:
        """Chebyshev coefficients of the log of the hazard, over the formula's where that is led."""
        low, high = self._range
        smooth = self.lower and self.ensemble.k == 0 and self.ensemble.size > _FEW
        nodes = np.sort(chebpts1(_SMOOTH if smooth else _NODES))
        values = []
        for node in nodes:
            s = self.centre + self._sign * math.exp(low + (high - low) * (node + 1) / 2)
            value = math.log(self.ensemble.hazard(s, self.lower))
            values.append(value - math.log(self._slope(s)) if self._led else value)
        return np.asarray(chebfit(nodes, values, len(nodes) - 1))

    def _log_hazard(self, distance: Real) -> Real:
        low, high = self._range
        s = self.centre + self._sign * distance
        found = chebval(2 * (np.log(distance) - low) / (high - low) - 1, self.series)
        if self._led:
            found = found + np.log([self._slope(float(x)) for x in s])
        return np.asarray(found)

    def _integral(self, low: Real, high: Real) -> Real:
        """Of the hazard, over intervals of log distance."""
        nodes, weights = _RULE
        half = (high - low) / 2
        u = low[:, None] + half[:, None] * (nodes + 1)
        values = self._log_hazard(np.exp(u).ravel()).reshape(u.shape)
        return np.asarray(np.exp(values + u) @ weights * half)

    @cached_property
    def _edges(self) -> tuple[Real, Real]:
        """Edges of the parts in log distance, and the log of the tail there."""
        edges = np.linspace(*self._range, _PARTS + 1)
        steps = self._integral(edges[:-1], edges[1:])
        first = self.log_density - float(
            self._log_hazard(np.array([abs(self.start - self.centre)]))[0]
        )
        return edges, first - np.concatenate([[0.0], np.cumsum(steps)])

    def logs(self, s: Real) -> tuple[Real, Real]:
        """Logs of the tail and of the density at points beyond the start."""
        distance = np.abs(s - self.centre)
        edges, at = self._edges
        tail, density = np.empty_like(distance), np.empty_like(distance)
        near = np.log(distance) <= edges[-1]
        u = np.clip(np.log(distance[near]), edges[0], edges[-1])
        part = np.clip(np.searchsorted(edges, u, side="right") - 1, 0, _PARTS - 1)
        tail[near] = at[part] - self._integral(edges[part], u)
        density[near] = tail[near] + self._log_hazard(np.exp(u))
        end = self._lead(complex(self.centre + self._sign * self._end)).real
        for i in np.flatnonzero(~near):
            point = float(self.centre + self._sign * distance[i])
            tail[i] = at[-1] + self._lead(complex(point)).real - end
            density[i] = tail[i] + math.log(self._slope(point))
        return tail, density

    def inverse(self, aim: Real) -> Real:
        """Where the log of the tail is so much, below what it is at the start."""
        low = np.zeros_like(aim) + abs(self.start - self.centre)
        high = low.copy()

        def logs(distance: Real) -> tuple[Real, Real]:
            return self.logs(self.centre + self._sign * distance)

        while (short := logs(high)[0] > aim).any():
            low, high = np.where(short, high, low), np.where(short, 1.5 * high, high)
        found = (low + high) / 2
        for _ in range(60):
            tail, density = logs(found)
            high, low = np.where(tail < aim, found, high), np.where(tail < aim, low, found)
            new = found + (tail - aim) / np.exp(density - tail)
            new = np.where((new > low) & (new < high), new, (low + high) / 2)
            done = np.abs(new / found - 1).max() < 4e-16
            found = new
            if done:
                break
        return np.asarray(self.centre + self._sign * found)
