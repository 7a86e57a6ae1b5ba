r"""The mean number of critical points of all indices, in closed form: a ball with any number of digits.

In y = sqrt(N) x the density of eigenvalues of GOE(N) (`theory.goe.spectrum`) is, with Hermite's
polynomials H_j,

    R(y) = A(y) exp(-y^2)/(2^(N-1) (N-1)! sqrt(pi)) + B H_{N-1}(y) exp(-y^2/2) e(y),
    A = N H_{N-1}^2 + H_N^2/2 - y H_{N-1} H_N + H_{N-1} S/2,

where H_N exp(-y^2/2) = (S exp(-y^2/2))' + C exp(-y^2/2), C = 0 for odd N, and

    N even: e = erf(y/sqrt 2),  B = sqrt 2/(2^N (N/2 - 1)!);
    N odd:  e = 1,              B = ((N-1)/2)!/(sqrt(2 pi) (N-1)!).

Every integral that is needed is of a polynomial times a Gaussian density g: P g = (Q g)' + kappa g, by
one recurrence downwards, leaves Gaussians and error functions. Below a level the weight of an eigenvalue
is cut at y (pure model) or P(Normal(cut, width^2) >= y) (mixtures): by parts once more, against the
normal density, which makes another Gaussian. Terms alternate, at a cost of O(N) bits.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from math import factorial

import flint

from theory.arithmetic.ball import to_arb
from theory.arithmetic.ziv import Missing, until_precise
from theory.finite_n.critical_points import CriticalPoints
from theory.finite_n.integrand import KacRiceConstants

Arb = flint.arb

# same (all): an estimate of work
_MOST_BITS = 10**6  # that are tried to see the size of the mean


@dataclass(frozen=True)
class TotalBall:
    """The mean number of critical points of all indices, at any working precision."""

    points: CriticalPoints

    def __str__(self) -> str:
        """For an error's text."""
        return f"the total of N = {self.points.n}"

    # same (all): the first precision tried
    def first_bits(self, accuracy: int) -> int:
        """Bits at which about ``accuracy`` bits of the number stand, and guard bits."""
        return accuracy + 2 * self.points.n + 64

    # guard (all): an estimate of work
    # tests/theory/finite_n/test_certified.py::test_estimates_of_work_are_those_measured
    def seconds(self, bits: int) -> float:
        """About how long `ball` takes on one core of a present machine."""
        n = self.points.n
        return float(1.6 * (n / 5000) ** 2.1 + 1.4 * n / 1000 * (bits / 1e5) ** 1.2)

    def ball(self, bits: int) -> Arb:
        """The mean number at so many bits: a ball, however wide."""
        points = self.points
        with flint.ctx.workprec(bits):
            mean = mean_total(points.constants, points.n, points.below_arb)
            return points.constants.factor(points.n) * mean


def log2_mean_total(points: CriticalPoints) -> int:
    """Log, to base 2, of the mean weight of all eigenvalues; far down, any number that is lower still."""

    def attempt(bits: int) -> int | Missing:
        if bits >= _MOST_BITS:
            return -bits
        mean = mean_total(points.constants, points.n, points.below_arb)
        # same (numbers): with how many bits one begins
        return math.floor(float(mean.log()) / math.log(2)) if mean > 0 else Missing(bits)

    return until_precise(attempt, 4 * points.n + 128)


@dataclass(frozen=True)
class Gauss:
    """scale exp(-(y - centre)^2/(2 square))."""

    scale: Arb
    centre: Arb
    square: Arb

    @property
    def mass(self) -> Arb:
        """Its integral over the line."""
        return self.scale * (2 * Arb.pi() * self.square).sqrt()

    def at(self, y: Arb) -> Arb:
        """Value at y."""
        return self.scale * (-((y - self.centre) ** 2) / (2 * self.square)).exp()

    def left(self, y: Arb) -> Arb:
        """Integral up to y."""
        return self.mass * ((self.centre - y) / (2 * self.square).sqrt()).erfc() / 2

    def times(self, other: Gauss) -> Gauss:
        """The product of the two."""
        both = self.square + other.square
        gap = self.centre - other.centre
        return Gauss(
            self.scale * other.scale * (-gap * gap / (2 * both)).exp(),
            (self.centre * other.square + other.centre * self.square) / both,
            self.square * other.square / both,
        )

    def divide(self, p: list[Arb]) -> tuple[Arb, list[Arb]]:
        """Kappa and Q with p g = (Q g)' + kappa g; polynomials as lists, lowest first."""
        zero = Arb(0)
        q = [zero] * (len(p) + 1)
        for j in range(len(p) - 1, 0, -1):
            q[j - 1] = self.square * ((j + 1) * q[j + 1] - p[j]) + self.centre * q[j]
        kappa = p[0] - q[1] - self.centre * q[0] / self.square
        # same (all): zeros beyond the last that is read
        return kappa, q[: max(1, len(p) - 1)]


def _value(p: list[Arb], y: Arb) -> Arb:
    return flint.arb_poly(p)(y)


def hermite(n: int) -> list[int]:
    """Coefficients of H_n.

    Examples
    --------
    >>> hermite(3)
    [0, -12, 0, 8]
    """
    # same (all): zeros beyond the last that is read
    coefficients = [0] * (n + 1)
    value = 2**n
    for j in range(n, -1, -2):
        coefficients[j] = value
        value = -value * j * (j - 1) // (2 * (n - j + 2))
    return coefficients


def _intensity(n: int) -> tuple[list[Arb], list[Arb]]:
    """A exp's factor included, and B H_{N-1}: `R` of the head of this file."""
    h, lower = hermite(n), hermite(n - 1)
    # same (all): zeros beyond the last that is read
    s = [0] * (n + 2)
    for j in range(n, 0, -1):
        s[j - 1] = (j + 1) * s[j + 1] - h[j]
    # In y^2: H_{N-1} = y b and H_N = a for even N, H_{N-1} = b and H_N = y a for odd N, S as H_{N-1}.
    even = n % 2 == 0
    a, b, c = (
        flint.fmpz_poly(part[start::2])
        for part, start in ((h, n % 2), (lower, int(even)), (s[:n], int(even)))
    )
    square = flint.fmpz_poly([0, 1])
    if even:
        twice = square * (b * (2 * n * b - 2 * a + c)) + a * a
    else:
        twice = b * (2 * n * b - 2 * square * a + c) + square * (a * a)
    scale = 1 / (Arb.pi().sqrt() * 2**n * factorial(n - 1))
    # same (all): zeros beyond the last that is read
    smooth = [Arb(0)] * (2 * twice.degree() + 1)
    smooth[::2] = [scale * Arb(value) for value in twice.coeffs()]
    if even:
        factor = Arb(2).sqrt() / (2**n * factorial(n // 2 - 1))
    else:
        factor = Arb(factorial(n // 2)) / ((2 * Arb.pi()).sqrt() * factorial(n - 1))
    return smooth, [factor * value for value in lower]


@dataclass(frozen=True)
class _Level:
    """The weight of an eigenvalue beside its Gaussian: 1, a sharp cut, or a smooth one."""

    cut: Arb | None
    width: Arb | None

    def gaussian(self, g: Gauss) -> Arb:
        """Integral of g."""
        if self.cut is None:
            return g.mass
        if self.width is None:
            return g.left(self.cut)
        share = (g.square + self.width**2).sqrt()
        return g.mass * ((g.centre - self.cut) / (Arb(2).sqrt() * share)).erfc() / 2

    def _normal(self) -> Gauss:
        assert self.cut is not None
        assert self.width is not None
        return Gauss(1 / (self.width * (2 * Arb.pi()).sqrt()), self.cut, self.width**2)

    def edge(self, q: list[Arb], g: Gauss) -> Arb:
        """Integral of (q g)'."""
        if self.cut is None:
            return Arb(0)
        if self.width is None:
            return _value(q, self.cut) * g.at(self.cut)
        there = g.times(self._normal())
        return there.mass * there.divide(q)[0]

    def edge_erf(self, q: list[Arb], g: Gauss) -> Arb:
        """Integral of (q g erf(y/sqrt 2))'."""
        root = Arb(2).sqrt()
        if self.cut is None:
            return Arb(0)
        if self.width is None:
            return _value(q, self.cut) * g.at(self.cut) * (self.cut / root).erf()
        there = g.times(self._normal())
        kappa, rest = there.divide(q)
        whole = there.mass * (there.centre / (root * (1 + there.square).sqrt())).erf()
        slope = there.times(Gauss(2 / (2 * Arb.pi()).sqrt(), Arb(0), Arb(1)))
        return kappa * whole - slope.mass * slope.divide(rest)[0]

    def integral(self, p: list[Arb], g: Gauss) -> Arb:
        """Integral of p g."""
        kappa, q = g.divide(p)
        return kappa * self.gaussian(g) + self.edge(q, g)


def mean_total(constants: KacRiceConstants, n: int, below: Arb | None) -> Arb:
    """Mean of the sum over eigenvalues of the weight of critical points with H/N <= below.

    At flint's current precision; the ball is exact but too wide if that is too low.

    Examples
    --------
    >>> from theory.model import pure
    >>> with flint.ctx.workprec(100):
    ...     mean = mean_total(KacRiceConstants.of(pure(3)), 2, None)  # 2 sqrt 7 / (4 sqrt(2/3))
    >>> mean.str(20, radius=False)
    '1.6201851746019650577'
    """
    cut, width = constants.cut(n, below)
    return mean_total_cut(to_arb(constants.c), n, cut, width)


def mean_total_cut(c: Arb, n: int, cut: Arb | None, width: Arb | None = None) -> Arb:
    """The same of a weight exp(-c y^2), cut at an eigenvalue y, sharply where it has no width."""
    level = _Level(cut, width)
    narrow, wide = (Gauss(Arb(1), Arb(0), 1 / (2 * c + twice)) for twice in (2, 1))
    a, b = _intensity(n)
    if n % 2:
        return level.integral(a, narrow) + level.integral(b, wide)
    _, q = wide.divide(b)
    slope = 2 / (2 * Arb.pi()).sqrt()
    size = max(len(a), len(q))
    # same (all): zeros beyond the last that is read
    a, less = ([*p, *[Arb(0)] * (size - len(p))] for p in (a, q))
    both = [x - slope * y for x, y in zip(a, less, strict=True)]
    return level.integral(both, narrow) + level.edge_erf(q, wide)
