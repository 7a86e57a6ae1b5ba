"""An ensemble beyond a point, seen at the nodes of a quadrature, in balls.

What the formula of `theory.goe.fredholm` needs of GOE(N) (`finite`) or of the soft edge
(`theory.goe.soft_edge_ball.sampled`), before any of it is inverted.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import flint

from theory.arithmetic.quadrature import rule
from theory.goe.hermite_ball import Segment


@dataclass(frozen=True)
class Sampled:
    """K, a phi_{N-1}, T_{N-1} and T_N at m nodes and, last, at s.

    Attributes
    ----------
    kernel
        K between two of the m + 1 points, by their numbers.
    roots
        Square roots of the m weights.
    table
        a phi_{N-1}, T_{N-1} and T_N at the m + 1 points.
    b, q
        Constants of the ensemble.
    """

    kernel: Callable[[int, int], flint.arb]
    roots: list[flint.arb]
    table: list[tuple[flint.arb, flint.arb, flint.arb]]
    b: flint.arb
    q: flint.arb

    @property
    def at(self) -> tuple[flint.arb, ...]:
        """K(s, s), a phi_{N-1}(s), T_{N-1}(s) and T_N(s)."""
        m = len(self.roots)
        return (self.kernel(m, m), *self.table[m])

    def matrices(self) -> tuple[flint.arb_mat, flint.arb_mat, flint.arb_mat]:
        """K between nodes, m x m; T_{N-1}, 1, T_N, K(., s), 4 x m; K(., s), a phi_{N-1}, m x 2."""
        m, roots, table = len(self.roots), self.roots, self.table
        # same (all): every entry is set
        k = [[flint.arb(0)] * m for _ in range(m)]
        for i in range(m):
            for j in range(i + 1):
                k[i][j] = k[j][i] = (self.kernel(i, j) * roots[i] * roots[j]).mid()
        row = [self.kernel(i, m) * roots[i] for i in range(m)]
        left = [
            [table[i][1] * roots[i] for i in range(m)],
            roots,
            [table[i][2] * roots[i] for i in range(m)],
            row,
        ]
        right = [row, [table[i][0] * roots[i] for i in range(m)]]
        lefts = flint.arb_mat(4, m, [x.mid() for line in left for x in line])
        rights = flint.arb_mat(2, m, [x.mid() for line in right for x in line])
        return flint.arb_mat(k), lefts, rights.transpose()


def _constants(n: int) -> tuple[flint.arb, flint.arb, flint.arb]:
    """a, b, q of `theory.goe.fredholm`."""
    values = [flint.arb.pi() ** (flint.arb(1) / 4) / flint.arb(2).sqrt(), flint.arb(0)]
    for j in range(1, n):
        values.append((flint.arb(j) / (j + 1)).sqrt() * values[j - 1])
    a = (flint.arb(n) / 2).sqrt()
    b = values[n] if n % 2 == 0 else 1 / (2 * a * values[n - 1])
    return a, b, 2 * a * b


def finite(n: int, s: float, segments: list[Segment], stop: float, m: int) -> Sampled:
    """GOE(N) between s and where its kernel ends; at flint's current precision."""
    nodes, weights = rule(m, flint.ctx.prec)
    point = flint.arb(s)
    half = (flint.arb(stop) - point) / 2
    xs = [point + half * (node + 1) for node in nodes] + [point]
    values = []
    for x in xs:
        where = float(x)
        # same (numbers, signs): the last segment ends where the quadrature does
        segment = next((part for part in segments if where <= part.stop), segments[-1])
        t = x - segment.centre
        values.append(
            [
                poly(t).mid()
                for poly in (segment.before, segment.after, segment.before_tail, segment.after_tail)
            ]
        )
    a, b, q = _constants(n)
    pairs = [(value[0], value[1]) for value in values]
    root2n = (flint.arb(2) * n).sqrt()

    def kernel(i: int, j: int) -> flint.arb:
        (before, after), (other_before, other_after) = pairs[i], pairs[j]
        if i == j:
            return n * (before * before + after * after) - root2n * xs[i] * before * after
        return a * (after * other_before - before * other_after) / (xs[i] - xs[j])

    table = [(a * value[0], value[2], value[3]) for value in values]
    return Sampled(kernel, [(half * weight).sqrt() for weight in weights], table, b, q)
