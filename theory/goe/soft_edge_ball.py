"""The soft edge in as many bits as the answer needs: `theory.goe.soft_edge` where float64 has no digits.

The determinants of `theory.goe.fredholm_ball` with the Airy kernel and Arb's Airy functions.
"""

from __future__ import annotations

import math
from functools import lru_cache

import flint
import numpy as np
from numpy.typing import NDArray

from theory.arithmetic.quadrature import rule
from theory.goe.fredholm_ball import Reduced, WorkingPrecision, reduce, until_converged
from theory.goe.sampled_ball import Sampled

Real = NDArray[np.float64]

# guard (all): working precision
# tests/theory/goe/test_soft_edge_ball.py::test_of_32_spare_bits_rounding_takes_less_than_three
_GUARD_BITS = 32


def _tail(x: flint.arb, value: flint.arb, slope: flint.arb) -> flint.arb:
    """int_x^inf Ai, by the series 1/3 - int_0^x of the two solutions; value, slope: Ai, Ai' at 0."""
    third, z = flint.arb(1) / 3, x**3 / 9
    even = x * z.hypgeom([third], [2 * third, 4 * third])
    odd = x * x / 2 * z.hypgeom([2 * third], [4 * third, 5 * third])
    return third - value * even - slope * odd


# guard (all): working precision
# tests/theory/goe/test_soft_edge_ball.py::test_of_32_spare_bits_rounding_takes_less_than_three
def _values(x: flint.arb) -> tuple[flint.arb, flint.arb, flint.arb]:
    """Ai, Ai' and int_x^inf Ai at x, with the bits that cancel added."""
    lost = int(2 * 4 / 3 * abs(float(x)) ** 1.5 / math.log(2)) + _GUARD_BITS
    with flint.ctx.workprec(flint.ctx.prec + lost):
        value, slope, _, _ = x.airy()
        at, at_slope, _, _ = flint.arb(0).airy()
        tail = _tail(x, at, at_slope)
    return value.mid(), slope.mid(), tail.mid()


def stop(s: float, bits: int) -> float:
    """Where the Airy kernel has fallen by so many bits, seen from s."""
    # same (0.0 -> 1.0, 0.0 -> -1.0, 1.5 -> 2.5, 1.5 -> 3.0, 0.75 -> 1.75, 0.75 -> 1.5, 20 ->
    # 21, 20 -> 40): more nodes, or further out where nothing is left
    return float((max(s, 0.0) ** 1.5 + 0.75 * (0.75 * bits + 20)) ** (2 / 3))


@lru_cache(maxsize=32)
def _integration(m: int, bits: int) -> flint.arb_mat:
    """From values at the m nodes of Gauss and Legendre to integrals from each node, and from -1, to 1."""
    nodes, weights = rule(m, bits)
    one = flint.arb(1)
    with flint.ctx.workprec(bits):
        rows = []
        for x in [*nodes, -one]:
            row = [one, x]
            for j in range(1, m):
                row.append((((2 * j + 1) * x * row[j] - j * row[j - 1]) / (j + 1)).mid())
            rows.append(row)
        # int_x^1 P_j = (P_(j-1)(x) - P_(j+1)(x))/(2j + 1); P_j has the norm 2/(2j + 1).
        from_x = [
            [(one - row[1]) / 2, *((row[j - 1] - row[j + 1]) / 2 for j in range(1, m))]
            for row in rows
        ]
        at = [
            [weight * row[j] for row, weight in zip(rows, weights, strict=False)] for j in range(m)
        ]
        return (flint.arb_mat(from_x) * flint.arb_mat(at)).mid()


def sampled(s: float, end: float, m: int, series: bool = True) -> Sampled:
    """The Airy process between s and where its kernel ends; at flint's current precision.

    The integrals of Ai come from its power series, or from its values at the nodes.
    """
    nodes, weights = rule(m, flint.ctx.prec)
    point = flint.arb(s)
    half = (flint.arb(end) - point) / 2
    xs = [(point + half * (node + 1)).mid() for node in nodes] + [point]
    if series:
        values = [_values(x) for x in xs]
    else:
        pairs = [x.airy()[:2] for x in xs]
        column = flint.arb_mat(m, 1, [(half * one).mid() for one, _ in pairs[:m]])
        tails = _integration(m, flint.ctx.prec) * column
        values = [
            (one.mid(), slope.mid(), tails[i, 0].mid()) for i, (one, slope) in enumerate(pairs)
        ]

    def kernel(i: int, j: int) -> flint.arb:
        (one, slope, _), (other, other_slope, _) = values[i], values[j]
        if i == j:
            return slope * slope - xs[i] * one * one
        return (one * other_slope - slope * other) / (xs[i] - xs[j])

    table = [(value / 2, tail, tail) for value, _, tail in values]
    roots = [(half * weight).sqrt() for weight in weights]
    return Sampled(kernel, roots, table, flint.arb(1), flint.arb(1))


class _Edge(WorkingPrecision):
    """The limit at the edge."""

    def __init__(self, k: int, bits: int, ends: list[float]) -> None:
        self.bits = bits
        # same (all): more nodes, or further out where nothing is left
        self.m = int(24 + 2.5 * 0.2122 * max(0.0, -ends[0]) ** 1.5 + 0.2 * bits)
        super().__init__(k, bits, ends, math.inf)

    def reduced(self, s: float) -> Reduced:
        """The Airy process beyond s, up to where Ai^2 has fallen by as many bits as are kept."""
        return reduce(sampled(s, stop(s, self.bits), self.m), self.bits)


def log_density(k: int, s: Real) -> tuple[Real, Real]:
    """`theory.goe.soft_edge.log_density` with as many bits as it takes, rounded to float64; s rises.

    Raises
    ------
    OutOfReach
        If 3300 bits do not do.

    Examples
    --------
    >>> logs, error = log_density(0, np.array([-20.0]))
    >>> float(logs[0].round(9)), bool(error[0] < 1e-12)
    (-350.901084813, True)
    """
    points = [float(x) for x in s]
    found, worst = until_converged(lambda bits, ends: _Edge(k, bits, ends), points, 15)
    logs = np.asarray([float(value) for value in found])
    # guard (all): the error stated
    # tests/theory/goe/test_fredholm.py::test_edge_balls_and_floats_agree_within_the_error_stated
    return logs, worst + 2.0**-53 * np.abs(logs)
