"""What a law's table asks of its eigenvalue: the density on a panel, the hazards far away, where they go."""

from __future__ import annotations

import math
from dataclasses import dataclass

import flint
import numpy as np
from numpy.typing import NDArray

from theory.goe import kth_density, sampled_ball, soft_edge, soft_edge_ball
from theory.goe.edge_scale import beyond, edge_width, end_of_kernel
from theory.goe.hermite_ball import segments
from theory.goe.kth_density import WIDTH
from theory.goe.laws import tail_leads
from theory.goe.laws.far_balls import hazard

Real = NDArray[np.float64]
Complex = NDArray[np.complex128]

# same (all): together or one by one
_MANY, _LOW = 1500, 10  # eigenvalues, and indices, whose panels are made together
# same (all): either side gives the same number
_FEW = 30  # eigenvalues, of which all can be beyond


# guard (all): working precision
# tests/theory/goe/test_far.py::test_hazards_do_not_depend_on_the_precision
def _bits(gain: float, k: int) -> int:
    """Of K at a point: the condition of 1 - K, or the falling eigenvalues of K, and 80 more."""
    return int(80 + (2.2 * gain / math.log(2) if gain > 0 else 12 * k))


# guard (all): working precision
# tests/theory/goe/test_far.py::test_hazards_do_not_depend_on_the_precision
def _work(bits: int, k: int, lower: bool) -> int:
    """Working precision: a system of equations needs no more; a factor of K, twice as much."""
    return bits + 64 if k == 0 and lower else 2 * bits + 64


@dataclass(frozen=True)
class Edge:
    """The (k+1)-th largest eigenvalue at the soft edge."""

    k: int

    @property
    def shared(self) -> bool:
        """Whether panels made together take much less than one by one."""
        return False

    @property
    def origin(self) -> float:
        """Where panels are counted from."""
        return 0.0

    @property
    def width(self) -> float:
        """Of a panel."""
        return WIDTH

    @property
    def start(self) -> int:
        """A panel near the mode."""
        # (2/3 pi) |s|^(3/2) eigenvalues lie beyond s.
        # same (all): from any panel the walk ends at the same ones
        mode = (1.5 * math.pi * (self.k + 0.5)) ** (2 / 3)
        # same (all): from any panel the walk ends at the same ones
        return -1 - int(mode / WIDTH)

    def log_density(self, points: Real, balls: bool) -> tuple[Real, Real]:
        """Log of the density at points, and its error."""
        of = soft_edge_ball.log_density if balls else soft_edge.log_density
        return of(self.k, points)

    def lead(self, s: Complex, lower: bool) -> Complex:
        """Log of a tail, asymptotically and to a constant, on its side of the origin."""
        if lower:
            return tail_leads.edge_lower(self.k, s)
        return tail_leads.edge_upper(self.k + 1, s)

    def hazard(self, s: float, lower: bool) -> float:
        """Density over the tail that is small."""
        # guard (all): working precision
        # tests/theory/goe/test_far.py::test_hazards_do_not_depend_on_the_precision
        depth = max(0.0, -s) ** 1.5
        bits = _bits(math.sqrt(2) / 3 * depth if lower else 0.0, self.k)
        stop = soft_edge_ball.stop(s, bits)
        # guard (all): how many nodes there are
        # tests/theory/goe/test_far.py::test_hazards_do_not_depend_on_the_precision
        m = int(30 + 0.64 * depth + 0.24 * bits)
        with flint.ctx.workprec(_work(bits, self.k, lower)):
            nodes = soft_edge_ball.sampled(s, stop, m, series=lower)
            return float(hazard(nodes, self.k, math.inf, bits, lower))


@dataclass(frozen=True)
class Finite:
    """The (k+1)-th largest eigenvalue of GOE(n), in y = sqrt(n) x."""

    n: int
    k: int

    @property
    def shared(self) -> bool:
        """Whether panels made together take much less than one by one: recurrences over N."""
        # same (comparisons): together or one by one
        return self.n >= _MANY and self.k <= _LOW

    @property
    def origin(self) -> float:
        """Where panels are counted from."""
        return math.sqrt(2 * self.n)

    @property
    def width(self) -> float:
        """Of a panel."""
        return WIDTH * edge_width(self.n)

    @property
    def start(self) -> int:
        """A panel near the mode."""
        origin, width = self.origin, self.width
        # same (all): from any panel the walk ends at the same ones
        start = -1
        # same (all): from any panel the walk ends at the same ones
        while (
            beyond(self.n, origin + start * width) < self.k + 0.5
            and origin + (start - 1) * width > 0
        ):
            # same (all): from any panel the walk ends at the same ones
            start -= 1
        return start

    def log_density(self, points: Real, balls: bool) -> tuple[Real, Real]:
        """Log of the density at points, and its error."""
        of = kth_density.log_density_balls if balls else kth_density.log_density
        return of(self.n, self.k, points)

    def lead(self, s: Complex, lower: bool) -> Complex:
        """Log of a tail, asymptotically and to a constant, on its side of the origin."""
        if lower:
            return tail_leads.finite_lower(self.n, self.k, s)
        return tail_leads.finite_upper(self.n, self.k + 1, s)

    def hazard(self, s: float, lower: bool) -> float:
        """Density over the tail that is small."""
        # guard (all): working precision
        # tests/theory/goe/test_far.py::test_few_eigenvalues_are_mirrored_at_0_once
        if s < 0 and self.n <= _FEW:  # mirrored at 0, n - k or more lie beyond
            return Finite(self.n, self.n - 1 - self.k).hazard(-s, not lower)
        gain = tail_leads.finite_gain(self.n, s) if lower and s < self.origin else 0.0
        # Where most eigenvalues are pushed through 0, more is lost than one of them gains.
        # guard (all): working precision
        # tests/theory/goe/test_far.py::test_hazards_do_not_depend_on_the_precision
        bits = int(_bits(gain, self.k) * (1 + max(0.0, -s / self.origin)))
        stop = end_of_kernel(self.n, s, 0.75 * bits + 20)
        # guard (all): how many nodes there are
        # tests/theory/goe/test_far.py::test_hazards_do_not_depend_on_the_precision
        m = int(30 + 3 * beyond(self.n, s) + 0.24 * bits)
        with flint.ctx.workprec(2 * bits + 64):
            nodes = sampled_ball.finite(self.n, s, segments(self.n, s, stop), stop, m)
            return float(hazard(nodes, self.k, self.n, bits, lower))


Ensemble = Edge | Finite
