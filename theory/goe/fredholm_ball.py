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

from theory.arithmetic.quadrature import rule
from theory.arithmetic.ziv import Missing, until_precise
from theory.goe.edge_scale import beyond, decay, end_of_kernel
from theory.goe.fredholm import solved
from theory.goe.hermite_ball import Segment, _segments

Number = Any  # arb or acb

# same (all): any circle gives the same coefficient
_CIRCLE = 10  # points on a half circle
# guard (all): working precision
# tests/theory/goe/test_fredholm.py::test_more_digits_contain_fewer
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


def _constants(n: int) -> tuple[flint.arb, flint.arb, flint.arb]:
    """a, b, q of `theory.goe.fredholm`."""
    values = [flint.arb.pi() ** (flint.arb(1) / 4) / flint.arb(2).sqrt(), flint.arb(0)]
    for j in range(1, n):
        values.append((flint.arb(j) / (j + 1)).sqrt() * values[j - 1])
    a = (flint.arb(n) / 2).sqrt()
    b = values[n] if n % 2 == 0 else 1 / (2 * a * values[n - 1])
    return a, b, 2 * a * b


def _factor(matrix: list[list[flint.arb]], bits: int) -> list[list[flint.arb]]:
    """Columns of G, K = G G', by pivoted Cholesky until what is left is 2^-bits of the start."""
    m = len(matrix)
    left = [matrix[i][i] for i in range(m)]
    columns: list[list[flint.arb]] = []
    top = max(float(abs(value).log()) for value in left if value > 0)
    for _ in range(m):
        pivot = max(range(m), key=lambda i: left[i])
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


def reduce(n: int, s: float, segments: list[Segment], stop: float, m: int, bits: int) -> Reduced:
    """The ensemble at s; at flint's current precision."""
    # guard (all): working precision
    # tests/theory/goe/test_fredholm.py::test_more_digits_contain_fewer
    nodes, weights = rule(m, 2 * bits + 64)
    point = flint.arb(s)
    half = (flint.arb(stop) - point) / 2
    xs = [point + half * (node + 1) for node in nodes] + [point]
    roots = [(half * weight).sqrt() for weight in weights]
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
    return assemble(kernel, roots, table, b, q, bits)


def assemble(
    kernel: Callable[[int, int], flint.arb],
    roots: list[flint.arb],
    table: list[tuple[flint.arb, flint.arb, flint.arb]],
    b: flint.arb,
    q: flint.arb,
    bits: int,
) -> Reduced:
    """`Reduced` from K between m nodes and, last, s; a phi_{N-1}, T_{N-1} and T_N there."""
    m = len(roots)
    # same (all): every entry is set
    matrix = [[flint.arb(0)] * m for _ in range(m)]
    for i in range(m):
        for j in range(i + 1):
            matrix[i][j] = matrix[j][i] = (kernel(i, j) * roots[i] * roots[j]).mid()
    columns = _factor(matrix, bits)
    row = [kernel(i, m) * roots[i] for i in range(m)]
    left = [
        [table[i][1] * roots[i] for i in range(m)],
        roots,
        [table[i][2] * roots[i] for i in range(m)],
        row,
    ]
    right = [row, [table[i][0] * roots[i] for i in range(m)]]
    g = flint.arb_mat(len(columns), m, [x.mid() for column in columns for x in column])
    lefts = flint.arb_mat(4, m, [x.mid() for line in left for x in line])
    rights = flint.arb_mat(2, m, [x.mid() for line in right for x in line]).transpose()
    plain = lefts * rights
    gram, lefts, rights = g * g.transpose(), lefts * g.transpose(), g * rights
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
        (kernel(m, m), *table[m]),
        b,
        q,
    )


# same (all): any circle gives the same coefficient
def _log_radius(reduced: Reduced, mean: float) -> float:
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
    r = flint.arb(log_r).exp()
    # same (0.0 -> 1.0, 0.0 -> -1.0): the angle is counted from anywhere
    total, scale, turned = flint.arb(0), None, 0.0
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
        root = sign * abs(square).sqrt() * (flint.acb(0, 1) * square.arg() / 2).exp()
        total += (root * ratio * turn).real
    assert scale is not None
    return (total / half).log() + scale.log() / 2 - k * flint.arb(log_r)


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
        # tests/theory/goe/test_fredholm.py::test_more_digits_contain_fewer
        return Missing(next_bits(bits + 1) - bits)

    # guard (all): working precision
    # tests/theory/goe/test_fredholm.py::test_more_digits_contain_fewer
    return until_precise(attempt, next_bits(3.4 * digits + 40))


def _distance(one: flint.arb, two: flint.arb) -> float:
    """As a float, so at a float's precision; infinite where one of the two is no number."""
    # guard (all): working precision
    # tests/theory/goe/test_fredholm.py::test_more_digits_contain_fewer
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
        # tests/theory/goe/test_fredholm.py::test_more_digits_contain_fewer
        self.work = 2 * bits + 64
        with flint.ctx.workprec(self.work):
            # same (all): any circle gives the same coefficient
            mean = min(k + 1.0, eigenvalues - 0.1)
            # same (all): any circle gives the same coefficient
            self.radii = [(s, _log_radius(self.reduced(s), mean) if k else 0.0) for s in ends]

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
        # tests/theory/goe/test_fredholm.py::test_more_digits_contain_fewer
        self.m = int(24 + 2.5 * beyond(n, ends[0]) + 0.2 * bits)
        # guard (all): working precision
        # tests/theory/goe/test_fredholm.py::test_more_digits_contain_fewer
        # Steps forward lose what the functions fall by, beside the other solution that grows.
        fallen = decay(n, ends[-1]) - decay(n, ends[0])
        # guard (all): working precision
        # tests/theory/finite_n/test_counts.py::test_far_below_all_levels
        with flint.ctx.workprec(2 * bits + 64 + int(1.5 * fallen)):
            self.segments = _segments(n, ends[0], self._stop(ends[-1]))
        super().__init__(k, bits, ends, n)

    def _stop(self, s: float) -> float:
        # guard (all): working precision
        # tests/theory/goe/test_fredholm.py::test_more_digits_contain_fewer
        return end_of_kernel(self.n, s, 0.75 * self.bits + 20)

    def reduced(self, s: float) -> Reduced:
        """GOE(N) at s."""
        return reduce(self.n, s, self.segments, self._stop(s), self.m, self.bits)
