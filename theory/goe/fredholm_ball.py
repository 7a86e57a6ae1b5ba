"""The generating function of `theory.goe.fredholm` in as many bits as the answer needs.

In the tails float64 loses all digits: P(exactly m eigenvalues in J) is a product of tiny eigenvalues
of K, and deep in the bulk 1 - kappa vanishes. Here the same determinants are computed with Arb's
numbers: phi_N by Taylor steps of phi'' = (x^2 - 2N - 1) phi, K by Christoffel and Darboux, a
pivoted Cholesky factor K = G G' of the rank that the precision sees, and for each w a solve with
1 - z G'G. Two precisions with two quadratures must agree, or both are raised.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import flint

from theory.arithmetic.ziv import Missing, until_precise
from theory.goe import sampled_ball
from theory.goe.edge_scale import beyond, decay, end_of_kernel
from theory.goe.fredholm import solved
from theory.goe.hermite_ball import segments
from theory.goe.sampled_ball import Sampled

Number = Any  # arb or acb

# same (all): any circle gives the same coefficient
_CIRCLE = 10  # points on a half circle
# guard (all): working precision
# tests/theory/goe/test_fredholm.py::test_tries_have_40_bits_to_spare_and_3300_at_most
_LADDER = (120, 200, 320, 500, 800, 1280, 2048, 3300)


class OutOfReach(ArithmeticError):
    """The digits asked for need more bits than are tried."""


@dataclass(frozen=True)
class Reduced:
    """1 - z K on J, K = G G' and G'G = Q T Q' with T tridiagonal: what `solved` needs, for any w."""

    diagonal: list[flint.arb]
    beside: list[flint.arb]
    left: list[list[flint.arb]]  # 4 rows times G Q
    right: list[list[flint.arb]]  # Q' G' times 2 columns
    plain: list[list[flint.arb]]  # <left, right>
    at: tuple[flint.arb, ...]
    b: flint.arb
    q: flint.arb

    def generating(self, w: Number) -> tuple[Number, Number]:
        """E^2 and p/E at w, by elimination in 1 - z T, T the tridiagonal form of G'G."""
        z = 1 - w * w
        size = len(self.diagonal)
        pivots: list[Number] = []
        ratios: list[Number] = []
        columns = [[line[0] for line in self.right]]
        # same (signs, 0 -> 1, 0 -> -1): only gives a shape or a type
        determinant = one = 1 + 0 * w
        for i in range(size):
            pivot = one - z * self.diagonal[i]
            if i:
                side = -z * self.beside[i - 1]
                ratios.append(side / pivots[-1])
                pivot -= side * ratios[-1]
                last = columns[-1]
                columns.append([self.right[c][i] - ratios[-1] * last[c] for c in (0, 1)])
            pivots.append(pivot)
            determinant *= pivot
        # same (4 -> 5, 4 -> 8): rows that are not read
        inner = [[0 * one, 0 * one] for _ in range(4)]
        above: list[Number] = []
        for i in range(size - 1, -1, -1):
            above = [
                columns[i][c] / pivots[i] - (ratios[i] * above[c] if i < size - 1 else 0)
                for c in (0, 1)
            ]
            for line in range(4):
                for c in (0, 1):
                    inner[line][c] += self.left[line][i] * above[c]
        rows = [[self.plain[i][j] + z * inner[i][j] for j in range(2)] for i in range(4)]
        corner, ratio = solved(w, rows, self.at, self.b, self.q)
        return determinant * corner, ratio

    def log_determinant(self, w: flint.arb) -> flint.arb:
        """log |det(1 - z K)| for real w."""
        # same (all): any circle gives the same coefficient
        z, total, before = 1 - w * w, flint.arb(0), flint.arb(1)
        for i, value in enumerate(self.diagonal):
            # same (all): any circle gives the same coefficient
            pivot = 1 - z * value
            if i:
                # same (all): any circle gives the same coefficient
                pivot -= (z * self.beside[i - 1]) ** 2 / before
            total += abs(pivot).log()
            before = pivot
        return total


def _tridiagonal(
    matrix: flint.arb_mat, lines: list[list[flint.arb]]
) -> tuple[list[flint.arb], list[flint.arb]]:
    """Diagonal and off-diagonal of the matrix after Householder reflections, applied to the lines."""
    size = matrix.nrows()
    a = [[matrix[i, j].mid() for j in range(size)] for i in range(size)]
    # same (all): one more reflection, of a vector of one number
    for j in range(size - 2):
        v = [a[i][j] for i in range(j + 1, size)]
        norm = _dot(v, v).sqrt()
        # same (numbers): a column that is exactly 0
        if not norm > 0:
            continue
        # same (numbers, signs): either reflection is one
        v[0] += norm if v[0] > 0 else -norm
        scale = (2 / _dot(v, v)).mid()
        rest = range(j + 1, size)
        p = [(scale * _dot(v, a[i][j + 1 :])).mid() for i in rest]
        half = (scale / 2 * _dot(v, p)).mid()
        q = [(p[i] - half * v[i]).mid() for i in range(len(v))]
        for i in range(len(v)):
            row = a[j + 1 + i]
            for other in range(i + 1):
                value = (row[j + 1 + other] - v[i] * q[other] - q[i] * v[other]).mid()
                row[j + 1 + other] = value
                a[j + 1 + other][j + 1 + i] = value
        first = (a[j + 1][j] - scale * _dot(v, [a[i][j] for i in rest]) * v[0]).mid()
        a[j + 1][j] = first
        for line in lines:
            amount = scale * _dot(v, line[j + 1 :])
            for i in range(len(v)):
                line[j + 1 + i] = (line[j + 1 + i] - amount * v[i]).mid()
    return [a[i][i] for i in range(size)], [a[i + 1][i] for i in range(size - 1)]


def _dot(one: list[flint.arb], two: list[flint.arb]) -> flint.arb:
    return sum((x * y for x, y in zip(one, two, strict=True)), flint.arb(0)).mid()


def factor(matrix: list[list[flint.arb]], bits: int) -> list[list[flint.arb]]:
    """Columns of G, K = G G', by pivoted Cholesky until what is left is 2^-bits of the start."""
    m = len(matrix)
    left = [matrix[i][i] for i in range(m)]
    columns: list[list[flint.arb]] = []
    top = max(float(abs(value).log()) for value in left if value > 0)
    for _ in range(m):
        pivot = max(range(m), key=lambda i: left[i])
        # same (all): how little of K is left out; the error is seen from two precisions
        if not left[pivot] > 0 or float(left[pivot].log()) < top - bits * math.log(2):
            break
        root = left[pivot].sqrt()
        row = matrix[pivot]
        column = []
        for i in range(m):
            value = row[i]
            for other in columns:
                value -= other[i] * other[pivot]
            column.append((value / root).mid())
        left = [(left[i] - column[i] * column[i]).mid() for i in range(m)]
        columns.append(column)
    return columns


def reduce(nodes: Sampled, bits: int) -> Reduced:
    """The ensemble from its values at nodes; at flint's current precision."""
    m = len(nodes.roots)
    matrix, left, right = nodes.matrices()
    table = [[matrix[i, j] for j in range(m)] for i in range(m)]
    columns = factor(table, bits)
    g = flint.arb_mat(len(columns), m, [x.mid() for column in columns for x in column])
    plain = left * right
    gram, lefts, rights = g * g.transpose(), left * g.transpose(), g * right
    size = len(columns)
    lines = [[lefts[i, j].mid() for j in range(size)] for i in range(4)]
    lines += [[rights[i, j].mid() for i in range(size)] for j in range(2)]
    diagonal, beside = _tridiagonal(gram, lines)
    # same (4 -> 5, 4 -> 8): rows that are not read
    return Reduced(
        diagonal,
        beside,
        lines[:4],
        lines[4:],
        [[plain[i, j] for j in range(2)] for i in range(4)],
        nodes.at,
        nodes.b,
        nodes.q,
    )


# same (all): any circle gives the same coefficient
def log_radius(reduced: Reduced, mean: float) -> float:
    """log r with about ``mean`` eigenvalues in J under the weight r^#J."""
    step = flint.arb("0.001")

    def seen(log_r: float) -> float:
        less, more = (
            reduced.log_determinant((flint.arb(log_r) + shift).exp()) for shift in (-step, step)
        )
        return float((more - less) / (4 * step))

    low, high = -1.0, 1.0
    while seen(low) > mean and low > -1e6:
        low *= 2
    while seen(high) < mean and high < 1e6:
        high *= 2
    for _ in range(60):
        if high - low < 0.05:
            break
        middle = (low + high) / 2
        low, high = (middle, high) if seen(middle) < mean else (low, middle)
    return low


def _coefficient(reduced: Reduced, k: int, log_r: float, half: int) -> flint.arb:
    """log of the coefficient of w^k of p, by a sum over the circle of radius exp(log_r)."""
    if k == 0:
        square, ratio = reduced.generating(flint.arb(0))
        return square.log() / 2 + ratio.log()
    total, _, log_scale = circle_sums(reduced, k, log_r, half)
    # same (all): any circle gives the same coefficient
    return total.log() + log_scale


# same (all): any circle gives the same coefficient
def circle_sums(
    reduced: Reduced, k: int, log_r: float, half: int
) -> tuple[flint.arb, flint.arb, flint.arb]:
    """Coefficients of w^k of p(w) and of E(w)/(1 - w), over exp of the third; on a circle."""
    r = flint.arb(log_r).exp()
    # same (0.0 -> 1.0, 0.0 -> -1.0): the angle is counted from anywhere
    total, other, scale, turned = flint.arb(0), flint.arb(0), None, 0.0
    for j in range(half):
        # Between the real points: E has real zeros, and its branch cannot be followed through one.
        # same (all): any circle gives the same coefficient
        angle = flint.acb(0, flint.arb.pi() * (2 * j + 1) / (2 * half))
        turn = angle.exp()
        w = r * turn
        square, ratio = reduced.generating(w)
        # E turns about as often as its largest coefficient, the one at k + 1.
        square *= (-2 * (k + 1) * angle).exp()
        if scale is None:
            scale = abs(square)
        square /= scale
        phase = float(square.arg().mid())
        turned += math.remainder(phase - turned, 2 * math.pi)
        # The floats only say which branch; the angle itself has all bits.
        sign = -1 if round((turned - phase) / (2 * math.pi)) % 2 else 1
        root = sign * abs(square).sqrt() * (flint.acb(0, 1) * square.arg() / 2).exp() * turn
        total += (root * ratio).real
        other += (root / (1 - w)).real
    assert scale is not None
    # same (all): any circle gives the same coefficient
    return total / half, other / half, scale.log() / 2 - k * flint.arb(log_r)


def log_coefficients(
    n: int, k: int, points: list[float], digits: int = 15
) -> tuple[list[flint.arb], float]:
    """`theory.goe.fredholm.coefficients` to any number of digits, at points s >= 0 close to each other.

    Parameters
    ----------
    n
        Dimension N.
    k
        Index from above.
    points
        Rising.
    digits
        Of the coefficient.

    Returns
    -------
    logs
        Numbers of about ``digits`` digits after the point.
    error
        Their error: the largest difference of two computations, the second with more bits, nodes
        and points on the circle, at the first and the last point.

    Raises
    ------
    OutOfReach
        If 3300 bits do not do.

    Examples
    --------
    >>> logs, error = log_coefficients(1, 0, [40.0])  # exp(-800)/sqrt(2 pi)
    >>> logs[0].str(15, radius=False), error < 1e-15
    ('-800.918938533205', True)
    """
    return until_converged(lambda bits, ends: _Finite(n, k, bits, ends), points, digits)


def until_converged(
    make: Callable[[int, list[float]], WorkingPrecision], points: list[float], digits: int
) -> tuple[list[flint.arb], float]:
    """`log_coefficients` of any ensemble: two working precisions in a row agree.

    Parameters
    ----------
    make
        The ensemble at so many bits, for points between two ends.
    points, digits
        As there.
    """
    # guard (numbers): working precision
    # tests/theory/goe/test_fredholm.py::test_more_digits_contain_fewer
    need = 10.0 ** (-digits)
    ends = sorted({points[0], points[-1]})
    last: tuple[WorkingPrecision, list[flint.arb]] | None = None

    def next_bits(least: float) -> int:
        for bits in _LADDER:
            if bits >= least:
                return bits
        raise OutOfReach(f"the density at {points[0]}: {digits} digits need more bits")

    def attempt(bits: int) -> tuple[list[flint.arb], float] | Missing:
        nonlocal last
        made = make(bits, ends)
        values = made.logs(ends)
        before, last = last, (made, values)
        if before is not None:
            coarser, coarser_values = before
            error = max(
                _distance(one, two) for one, two in zip(coarser_values, values, strict=True)
            )
            if error < need:
                return coarser.logs(points), max(error, 2.0 ** (-bits))
        # guard (all): working precision
        # tests/theory/goe/test_fredholm.py::test_tries_have_40_bits_to_spare_and_3300_at_most
        return Missing(next_bits(bits + 1) - bits)

    # guard (all): working precision
    # tests/theory/goe/test_fredholm.py::test_tries_have_40_bits_to_spare_and_3300_at_most
    return until_precise(attempt, next_bits(3.4 * digits + 40))


def _distance(one: flint.arb, two: flint.arb) -> float:
    """As a float, so at a float's precision; infinite where one of the two is no number."""
    # guard (all): working precision
    # tests/theory/goe/test_fredholm.py::test_a_distance_that_a_float_holds_is_exact
    with flint.ctx.workprec(53):
        difference = float(abs(one.mid() - two.mid()))
    return difference if math.isfinite(difference) else math.inf


class WorkingPrecision:
    """An ensemble at so many bits, with the quadrature and the circle for them.

    Which ensemble is said by ``reduced``.
    """

    def __init__(self, k: int, bits: int, ends: list[float], eigenvalues: float) -> None:
        """Choose the circle at the ends of what is asked for."""
        self.k, self.bits = k, bits
        # guard (all): working precision
        # tests/theory/goe/test_fredholm.py::test_more_digits_contain_fewer
        self.half = _CIRCLE + k // 2 + bits // 60
        # guard (all): working precision
        # tests/theory/goe/test_fredholm.py::test_the_first_precision_does_for_15_digits
        self.work = 2 * bits + 64
        with flint.ctx.workprec(self.work):
            # same (all): any circle gives the same coefficient
            mean = min(k + 1.0, eigenvalues - 0.1)
            # same (all): any circle gives the same coefficient
            self.radii = [(s, log_radius(self.reduced(s), mean) if k else 0.0) for s in ends]

    def reduced(self, s: float) -> Reduced:
        """The ensemble at s; at flint's current precision."""
        raise NotImplementedError

    def logs(self, points: list[float]) -> list[flint.arb]:
        """log of the coefficient of w^k of p at the points."""
        (first, start), (last, stop) = self.radii[0], self.radii[-1]
        found = []
        with flint.ctx.workprec(self.work):
            for s in points:
                # same (numbers, signs): any circle gives the same coefficient
                share = (s - first) / (last - first) if last > first else 0.0
                # same (all): any circle gives the same coefficient
                log_r = start + share * (stop - start)
                found.append(_coefficient(self.reduced(s), self.k, log_r, self.half).mid())
        return found


class _Finite(WorkingPrecision):
    """GOE(N)."""

    def __init__(self, n: int, k: int, bits: int, ends: list[float]) -> None:
        self.n, self.bits = n, bits
        # guard (all): working precision
        # tests/theory/goe/test_fredholm.py::test_the_first_precision_does_for_15_digits
        self.m = int(24 + 2.5 * beyond(n, ends[0]) + 0.2 * bits)
        # guard (all): working precision
        # tests/theory/goe/test_fredholm.py::test_the_first_precision_does_for_15_digits
        # Steps forward lose what the functions fall by, beside the other solution that grows.
        fallen = decay(n, ends[-1]) - decay(n, ends[0])
        # guard (all): working precision
        # tests/theory/goe/test_fredholm.py::test_the_first_precision_does_for_15_digits
        with flint.ctx.workprec(2 * bits + 64 + int(1.5 * fallen)):
            self.segments = segments(n, ends[0], self._stop(ends[-1]))
        super().__init__(k, bits, ends, n)

    def _stop(self, s: float) -> float:
        # guard (all): working precision
        # tests/theory/goe/test_fredholm.py::test_the_first_precision_does_for_15_digits
        return end_of_kernel(self.n, s, 0.75 * self.bits + 20)

    def reduced(self, s: float) -> Reduced:
        """GOE(N) at s."""
        nodes = sampled_ball.finite(self.n, s, self.segments, self._stop(s), self.m)
        return reduce(nodes, self.bits)
