"""What a law's table asks of an eigenvalue of GUE(N) or at its soft edge, as of those of GOE.

Far tails in y = sqrt(N) x follow the gas of `theory.goe.laws.tail_leads`, its energy doubled and without the
entropy, whose factor is 2/beta - 1; charges that leave it repel each other as x^2. On the edge scale, with
a = -s,

    log P(at most k beyond) = -a^3/12 + k (2 sqrt 2/3) a^(3/2) - (1/8 + 3k^2/4) log a + const,
    log P(n or more beyond) = -(4/3) n s^(3/2) - (3 n^2/2) log s + const

(Tracy and Widom 1994; Baik, Buckingham and DiFranco 2008).
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import flint
import numpy as np
from numpy.typing import NDArray

from theory.goe import sampled_ball, soft_edge_ball
from theory.goe.edge_scale import beyond, end_of_kernel
from theory.goe.hermite_ball import segments
from theory.goe.laws import tail_leads
from theory.goe.laws.ensembles import Edge, Finite
from theory.goe.laws.tail_leads import _pushed, _rise, _wall
from theory.goe.sampled_ball import Sampled
from theory.goe.unitary import balls as in_balls
from theory.goe.unitary import fredholm

Real = NDArray[np.float64]
Complex = NDArray[np.complex128]

_FEW = 30  # eigenvalues, of which all can be beyond


def _bits(gain: float, k: int) -> int:
    """Of K at a point: the condition of 1 - K, or the falling eigenvalues of K, and 80 more.

    ``gain`` is one eigenvalue's of beta = 1: 1 - K has one of about exp(-2 gain).
    """
    return int(80 + (2.2 * gain / math.log(2) if gain > 0 else 16 * (k + 1)))


def _with_error(found: tuple[list[float], float]) -> tuple[Real, Real]:
    logs = np.asarray(found[0])
    return logs, found[1] + 2.0**-53 * np.abs(logs)


def _edge_nodes(s: float, bits: int) -> Sampled:
    depth = max(0.0, -s) ** 1.5
    m = int(30 + 0.64 * depth + 0.24 * bits)
    return soft_edge_ball.sampled(s, soft_edge_ball.stop(s, bits), m, series=False)


@dataclass(frozen=True)
class UnitaryEdge(Edge):
    """The (k+1)-th largest eigenvalue at the soft edge, beta = 2."""

    def log_density(self, points: Real, balls: bool) -> tuple[Real, Real]:
        """Log of the density at points, and its error."""
        if not balls:
            return fredholm.edge_log_density(self.k, points)
        return _with_error(in_balls.log_densities(_edge_nodes, self.k, [float(s) for s in points]))

    def lead(self, s: Complex, lower: bool) -> Complex:
        """Log of a tail, asymptotically and to a constant, on its side of the origin."""
        k, n = self.k, self.k + 1
        if lower:
            charges = k * 2 * math.sqrt(2) / 3 * (-s) ** 1.5
            return -((-s) ** 3) / 12 + charges - (1 / 8 + 3 * k * k / 4) * np.log(-s)
        return -4 / 3 * n * s**1.5 - 1.5 * n * n * np.log(s)

    def hazard(self, s: float, lower: bool) -> float:
        """Density over the tail that is small."""
        depth = max(0.0, -s) ** 1.5
        bits = _bits(math.sqrt(2) / 3 * depth if lower else 0.0, self.k)
        with flint.ctx.workprec(2 * bits + 64):
            return float(in_balls.hazard(_edge_nodes(s, bits), self.k, bits, lower))


def _nodes(n: int, s: float, bits: int) -> Sampled:
    stop = end_of_kernel(n, s, 0.75 * bits + 20)
    m = int(30 + 3 * beyond(n, s) + 0.24 * bits)
    return sampled_ball.finite(n, s, segments(n, s, stop), stop, m)


@dataclass(frozen=True)
class Unitary(Finite):
    """The (k+1)-th largest eigenvalue of GUE(n), in y = sqrt(n) x."""

    def log_density(self, points: Real, balls: bool) -> tuple[Real, Real]:
        """Log of the density at points, and its error."""
        if not balls:
            return fredholm.log_density(self.n, self.k, points)
        result, error = np.empty_like(points), np.empty_like(points)
        for side, k in ((points >= 0, self.k), (points < 0, self.n - 1 - self.k)):
            if side.any():
                result[side], error[side] = _with_error(
                    in_balls.log_densities(
                        lambda s, bits: _nodes(self.n, s, bits),
                        k,
                        [float(abs(s)) for s in points[side]],
                    )
                )
        return result, error

    def lead(self, s: Complex, lower: bool) -> Complex:
        """Log of a tail, asymptotically and to a constant, on its side of the origin."""
        n, k, edge = self.n, self.k, math.sqrt(2 * self.n)
        if not lower:
            force = np.sqrt((s - edge) * (s + edge))
            work = s * force / 2 - n * np.log((s + force) / edge)
            return np.asarray(-2 * (k + 1) * work - 3 * (k + 1) ** 2 * np.log(force))
        plus, minus = _wall(n, s, edge - s)
        rise, omega = _rise(n, plus, minus / 4)
        gain = rise + (s - minus / 2) * (s + minus / 2) / 2
        stiff = np.sqrt((1.5 * minus - s) / (-plus / 2))
        image = omega * omega / (minus / 4 * (omega * omega - 1) ** 2)
        outside = k * k * (np.log(image) - np.log(stiff) / 2)
        pushed = _pushed(n, s)
        return np.asarray(-2 * pushed + 2 * k * gain + outside - np.log(-plus) / 8)

    def hazard(self, s: float, lower: bool) -> float:
        """Density over the tail that is small."""
        if s < 0 and self.n <= _FEW:  # mirrored at 0, n - k or more lie beyond
            return Unitary(self.n, self.n - 1 - self.k).hazard(-s, not lower)
        gain = tail_leads.finite_gain(self.n, s) if lower and s < self.origin else 0.0
        # Where most eigenvalues are pushed through 0, more is lost than one of them gains.
        bits = int(_bits(gain, self.k) * (1 + max(0.0, -s / self.origin)))
        with flint.ctx.workprec(2 * bits + 64):
            return float(in_balls.hazard(_nodes(self.n, s, bits), self.k, bits, lower))
