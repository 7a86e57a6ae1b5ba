"""The zero-temperature Parisi problem as a convex one, with certified bounds on both sides.

In terms of phi(q) = L - int_0^q alpha the formula of Chen and Sen reads

    E_0 = min (1/2) int_0^1 [xi''(q) phi(q) + 1/phi(q)] dq  over phi > 0, concave, not increasing,

(alpha = -phi' rises; the terms in L cancel as xi'(0) = 0). Since 1/phi >= 2 sqrt y - y phi, every
y >= 0 with int (xi'' - y) psi >= 0 for all psi of that cone gives E_0 >= int sqrt y. The cone is
spanned by 1 and 1 - max(q, s), so that the condition is g(1) >= 0 and Gamma(s) >= 0 on [0, 1], with

    g(q) = int_0^q (xi'' - y),   Gamma(s) = int_s^1 g.

phi is the minimum if and only if y = phi^-2 satisfies it and both sides agree. A piecewise linear phi
with n pieces is a path of n steps of replica symmetry breaking.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import flint
import numpy as np
from numpy.typing import NDArray

from theory.arithmetic.signs import DEPTH, is_positive
from theory.model import Mixture

Real = NDArray[np.float64]


@dataclass(frozen=True)
class OneStep:
    """phi(q) = L - alpha q: one step of replica symmetry breaking."""

    model: Mixture
    scale: flint.arb
    alpha: flint.arb

    def phi(self, q: flint.arb) -> flint.arb:
        """L - alpha q."""
        return self.scale - self.alpha * q

    def curvature(self, q: flint.arb) -> flint.arb:
        """Gamma'' = phi^-2 - xi''."""
        return self.phi(q) ** -2 - self.model.xi(q, 2)

    def gamma(self, s: flint.arb) -> flint.arb:
        """Gamma(s) = xi(1) - xi(s) - int_s^1 q/(L phi(q)) dq."""
        log = (self.phi(s) / self.phi(flint.arb(1))).log()
        # guard (all): what a proof of one step rests on
        # tests/theory/ground_state/test_energy.py::test_gamma_against_quadrature
        integral = log / self.alpha**2 - (1 - s) / (self.scale * self.alpha)
        return self.model.xi(flint.arb(1)) - self.model.xi(s) - integral

    def is_minimum(self) -> bool | None:
        """Whether Gamma >= 0 on [0, 1], for L and alpha stationary: proved, refuted, or None.

        Then Gamma and Gamma' vanish at both ends. Where it is convex next to an end it is >= 0;
        between such stretches it must be > 0.
        """
        zero, one = flint.arb(0), flint.arb(1)
        left = right = None
        # same (all): where a proof is tried
        for cut in (flint.arb(2) ** -j for j in range(1, DEPTH)):
            if left is None and is_positive(self.curvature, zero, cut):
                left = cut
            if right is None and is_positive(self.curvature, 1 - cut, one):
                right = 1 - cut
        if self.curvature(zero) < 0 or self.curvature(one) < 0:
            return False
        if left is None or right is None:
            return None
        return True if not left < right else is_positive(self.gamma, left, right)


@dataclass(frozen=True)
class Steps:
    """A piecewise linear phi on equal cells: phi = b + sum_j m_j (1 - max(q, j/n)), b, m_j >= 0."""

    model: Mixture
    b: float
    masses: tuple[float, ...]

    @property
    def cells(self) -> int:
        """Number n of cells, the most steps of replica symmetry breaking."""
        return len(self.masses)

    @cached_property
    def knots(self) -> list[flint.arb]:
        """0, 1/n, ..., 1."""
        return [flint.arb(j) / self.cells for j in range(self.cells + 1)]

    @cached_property
    def alphas(self) -> list[flint.arb]:
        """alpha on each cell: rising, as no mass is negative."""
        total, found = flint.arb(0), []
        for mass in self.masses:
            total = total + flint.arb(mass)
            found.append(total)
        return found

    @cached_property
    def phis(self) -> list[flint.arb]:
        """phi at the knots."""
        found = [flint.arb(self.b)]
        for alpha in reversed(self.alphas):
            found.append(found[-1] + alpha / self.cells)
        return found[::-1]

    @cached_property
    def inverse(self) -> flint.arb:
        """int 1/phi: (1/alpha) log of the ratio of its ends on each cell."""
        total = flint.arb(0)
        for j, (alpha, left, right) in enumerate(
            zip(self.alphas, self.phis, self.phis[1:], strict=False)
        ):
            if self._is_flat(j):
                total += (1 / left).union(1 / right) / self.cells
            else:
                total += (left / right).log() / alpha
        return total

    def _is_flat(self, j: int) -> bool:
        """Whether phi changes so little on a cell that a logarithm would cancel all digits."""
        rise = self.alphas[j] / self.cells / self.phis[j + 1]
        # same (numbers): either way holds the number
        return not rise > flint.arb(2) ** (-(flint.ctx.prec // 3))

    def upper(self) -> flint.arb:
        """The functional: an upper bound of E_0."""
        xi = [self.model.xi(q) for q in self.knots]
        # int xi'' phi by parts, xi'(0) = 0 and phi' = -alpha.
        linear = self.model.xi(flint.arb(1), 1) * self.phis[-1]
        for alpha, left, right in zip(self.alphas, xi, xi[1:], strict=False):
            linear += alpha * (right - left)
        return (linear + self.inverse) / 2

    def lower(self, theta: flint.arb) -> flint.arb | None:
        """int sqrt y with y = theta phi^-2, a lower bound of E_0 if y is proved feasible, else None.

        On a cell Gamma'' = y - xi'' is bounded from a Taylor step at its middle; Gamma lies above its
        chord less h^2/8 of that, and above a tangent where it is convex.
        """
        h = flint.arb(1) / self.cells
        above = [flint.arb(0)]  # int_0^q y
        for left, right in zip(self.phis, self.phis[1:], strict=False):
            above.append(above[-1] + theta * h / (left * right))
        g = [self.model.xi(q, 1) - y for q, y in zip(self.knots, above, strict=True)]
        gamma = [flint.arb(0)]
        for j in range(self.cells - 1, -1, -1):
            gamma.append(gamma[-1] + self._area(j, theta, above[j]))
        gamma.reverse()
        # same (all): asked for again on the last cell
        if not g[-1] >= 0:
            return None
        for j in range(self.cells):
            bend = self._bend(j, theta)
            ends = gamma[j].min(gamma[j + 1])
            last = j == self.cells - 1
            if last:
                holds = g[-1] + (bend.min(flint.arb(0))) * h / 2 >= 0
            else:
                # same (0 -> -1): the ends of a concave cell decide
                holds = ends - h**2 / 8 * bend.max(flint.arb(0)) >= 0
                holds = holds or (bend >= 0 and (j == 0 or -g[j] >= 0) and gamma[j] >= 0)
                holds = holds or (bend >= 0 and g[j + 1] >= 0 and gamma[j + 1] >= 0)
            if not holds:
                return None
        return theta.sqrt() * self.inverse

    def _area(self, j: int, theta: flint.arb, y: flint.arb) -> flint.arb:
        """int of g over a cell, g(q) = xi'(q) - y - theta (q - a)/(phi_a phi(q))."""
        left, right = self.phis[j], self.phis[j + 1]
        alpha, h = self.alphas[j], flint.arb(1) / self.cells
        if self._is_flat(j):
            inner = h**2 / (2 * left) * (1 / left).union(1 / right)
        else:
            inner = (left / right).log() / alpha**2 - h / (alpha * left)
        a, b = self.knots[j], self.knots[j + 1]
        return self.model.xi(b) - self.model.xi(a) - y * h - theta * inner

    def _bend(self, j: int, theta: flint.arb) -> flint.arb:
        """Gamma'' on a cell: its value in the middle and its derivative on the whole."""
        a, b = self.knots[j], self.knots[j + 1]
        alpha, middle = self.alphas[j], (a + b) / 2
        at_middle = self.phis[j] - alpha * (middle - a)
        value = theta * at_middle**-2 - self.model.xi(middle, 2)
        everywhere = self.phis[j].union(self.phis[j + 1])
        slope = 2 * theta * alpha * everywhere**-3 - self.model.xi(a.union(b), 3)
        reach = flint.arb(-1).union(flint.arb(1)) / (2 * self.cells)
        return value + slope * reach


# guard (all): a search; what is found is bounded by proofs
# tests/theory/ground_state/test_energy.py::test_the_search_ends_where_no_step_goes_below
def minimise(model: Mixture, cells: int) -> Steps:
    """The best phi on equal cells in float64, by a primal interior point method; no proof here.

    phi = A x with x = (b, m) >= 0; the functional's Hessian in phi is tridiagonal.
    """
    h = 1 / cells
    q = np.linspace(0, 1, cells + 1)
    xi, first = np.asarray(model.xi(q)), float(model.xi(1.0, 1))
    weights = np.empty(cells + 1)
    weights[1:-1] = (xi[2:] - 2 * xi[1:-1] + xi[:-2]) / h
    weights[0], weights[-1] = xi[1] / h, first - (xi[-1] - xi[-2]) / h
    basis = np.column_stack([np.ones(cells + 1), 1 - np.maximum(q[:, None], q[None, :-1])])
    x = np.full(cells + 1, 1 / cells)
    x[0] = 0.5
    mu = 1.0
    while mu > 1e-16:
        for _ in range(40):
            gradient, hessian = _derivatives(basis @ x, weights, h)
            slope = basis.T @ gradient - mu / x
            curve = basis.T @ hessian @ basis + np.diag(mu / x**2)
            scale = 1 / np.sqrt(np.diag(curve))
            step = -scale * np.linalg.solve(scale[:, None] * curve * scale, scale * slope)
            shrink = np.max(-step / x)
            x = x + step * min(1.0, 0.95 / shrink if shrink > 0 else 1.0)
            if shrink < 1e-3 and np.max(np.abs(step / x)) < 1e-3:
                break
        mu /= 5
    return Steps(model, float(x[0]), tuple(float(m) for m in x[1:]))


def _derivatives(phi: Real, weights: Real, h: float) -> tuple[Real, Real]:
    """Gradient and Hessian of (1/2)(weights phi + int 1/phi) in the values at the knots.

    Moments of phi^-2 and phi^-3 over a cell by Gauss-Legendre, exact to rounding for cells as short.
    """
    nodes, w = np.polynomial.legendre.leggauss(6)
    s = (nodes + 1) / 2
    inside = phi[:-1, None] * (1 - s) + phi[1:, None] * s
    second, third = inside**-2 * w / 2 * h, inside**-3 * w * h
    gradient = weights.copy()
    gradient[:-1] -= second @ (1 - s)
    gradient[1:] -= second @ s
    hessian = np.zeros((len(phi), len(phi)))
    at = np.arange(len(phi) - 1)
    hessian[at, at] += third @ (1 - s) ** 2
    hessian[at + 1, at + 1] += third @ s**2
    cross = third @ (s * (1 - s))
    hessian[at, at + 1] += cross
    hessian[at + 1, at] += cross
    return gradient / 2, hessian / 2


def bounds(steps: Steps, slacks: Sequence[float]) -> tuple[flint.arb | None, flint.arb]:
    """Certified lower (None if no slack serves) and upper bound of E_0 from one phi."""
    upper = steps.upper()
    for slack in slacks:
        lower = steps.lower(1 - flint.arb(slack))
        if lower is not None:
            return lower, upper
    return None, upper
