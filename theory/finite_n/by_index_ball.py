r"""Mean weights of the eigenvalues of GOE(N), one by one, as certified balls.

With G_k the distribution function of the (k+1)-th smallest eigenvalue (`theory.goe.pfaffian_ball`)
and w the weight of `theory.finite_n.integrand`, E w(lam_k) = -int w'(y) G_k(y) dy. The mean of the
eigenvalues is Normal(0, 1/N) and independent of their differences, so that G_k is a mixture of normal
distribution functions of variance 1/N. It is therefore entire, and

    |G_k(x + i b)| <= exp(N b^2/2) G_k(x),

which bounds the error of a quadrature without a look at complex points:

- on the whole line (all levels, or a level of a mixture) the trapezoidal rule of step h, whose error is
  2 M/(exp(2 pi a/h) - 1) if M bounds the integral over every line |Im y| <= a (Trefethen and Weideman 2014,
  Thm 5.1), for G_k less the normal distribution function of variance 1/2, so that both tails fall;
- up to a sharp cut Gauss's rule of m nodes on panels of half-length H, whose error is
  H (64/15) M rho^(-2 m)/(1 - rho^(-2)) if M bounds the integrand on the ellipse of rho (Trefethen 2008,
  Thm 4.5).

All errors are absolute, about 2^-`guard_bits` bits below the precision; more bits where the result is small.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache

import flint

from theory.arithmetic.ball import to_arb
from theory.finite_n.critical_points import CriticalPoints
from theory.finite_n.integrand import KacRiceConstants
from theory.finite_n.total_ball import log2_mean_total
from theory.goe.edge_scale import decay
from theory.goe.pfaffian_ball import distribution
from theory.levels import Level

Arb = flint.arb

# same (all): where a certified quadrature looks; the ball holds the error
_PANELS = [1, 2, 3, 4, 6, 8, 12, 16, 24, 32, 64]  # numbers of panels that are tried
_RATIOS = [1.25 * 1.15**i for i in range(40)]  # rho of the ellipses that are tried


@dataclass(frozen=True)
class IndexBall:
    """The mean number of critical points of one index, at any working precision."""

    points: CriticalPoints
    k: int

    def __str__(self) -> str:
        """For an error's text."""
        return f"index {self.k} of N = {self.points.n}"

    # same (all): the first precision tried
    def first_bits(self, accuracy: int) -> int:
        """Bits at which about ``accuracy`` bits of the number stand, and guard bits."""
        # Far below the spectrum each of k + 1 eigenvalues costs as much as the lowest, and more.
        lost = (self.k + 1) * max(0, -log2_mean_total(self.points))
        return accuracy + guard_bits(self.points.n) + lost

    # same (all): an estimate of work
    def seconds(self, bits: int) -> float:
        """About how long `ball` takes on one core of a present machine."""
        n = self.points.n
        one = 0.001 * (1 + (bits / 1200) ** 1.6) + 0.04 * (n / 30) ** 3.5 * (bits / 500) ** 1.3
        return float(one * _nodes(self.points, bits))

    def ball(self, bits: int) -> Arb:
        """The mean number at so many bits: a ball, however wide."""
        points = self.points
        with flint.ctx.workprec(bits):
            means = _means(points.constants, points.n, points.below, bits)
            return points.constants.factor(points.n) * means[self.k]


@lru_cache(maxsize=64)
def _means(constants: KacRiceConstants, n: int, below: Level | None, bits: int) -> list[Arb]:
    """`mean_weights`, computed once for all indices."""
    with flint.ctx.workprec(bits):
        return mean_weights(constants, n, None if below is None else to_arb(below))


# same (all): an estimate of work
def _nodes(points: CriticalPoints, bits: int) -> float:
    """About how many nodes of quadrature `mean_weights` takes."""
    n, constants = points.n, points.constants
    aim = max(0, bits - guard_bits(n)) * math.log(2) + 8
    curve = n / 2 + float(constants.c)
    if points.below is not None and constants.variance:
        curve += float(constants.mu_squared / constants.variance) / 2
    share = 2 if points.below is not None and not constants.variance else 1
    return share * (math.sqrt(2 * n) + math.sqrt(2 * aim)) * math.sqrt(curve * aim) / math.pi


def guard_bits(n: int) -> int:
    """Bits that the Pfaffians of dimension n lose by cancellation."""
    # guard (all): working precision
    # tests/theory/finite_n/test_by_index_ball.py::test_coarse_balls_hold_fine_ones
    return 6 * n + 40


# guard (all): the bound of an error
# tests/theory/finite_n/test_by_index_ball.py::test_coarse_balls_hold_fine_ones
def _up(x: Arb) -> Arb:
    """An exact number close above x, of few bits."""
    return Arb(flint.fmpq(math.ceil(float(x.upper()) * 2**30) + 1, 2**30))


def _ball(radius: Arb) -> Arb:
    return Arb(0, radius.abs_upper())


def _normal(t: Arb) -> Arb:
    """P(Normal(0, 1) <= t)."""
    return (-t / Arb(2).sqrt()).erfc() / 2


def _on_line(c: Arb, n: int, cut: Arb | None, width: Arb | None, target: Arb) -> list[Arb]:
    """E w(lam_k) for every k, by the trapezoidal rule on the line."""
    # guard (all): the bound of an error
    # tests/theory/finite_n/test_by_index_ball.py::test_coarse_balls_hold_fine_ones
    curve = Arb(n) / 2 + c
    mean = 1 / (1 + c).sqrt()  # of w under Normal(0, 1/2)
    if cut is not None and width is not None:
        # guard (all): the bound of an error
        # tests/theory/finite_n/test_by_index_ball.py::test_coarse_balls_hold_fine_ones
        curve += 1 / (2 * width * width)
        mean *= _normal(cut / (width * width + 1 / (2 * (1 + c))).sqrt())
    # guard (all): where a certified quadrature looks
    # tests/theory/finite_n/test_by_index_ball.py::test_coarse_balls_hold_fine_ones
    aim = -target.log() + 8
    # guard (all): where a certified quadrature looks
    # tests/theory/finite_n/test_by_index_ball.py::test_coarse_balls_hold_fine_ones
    h = Arb(flint.fmpq(int(2**30 * float((Arb.pi() / (curve * aim).sqrt()).lower())), 2**30))
    a = Arb.pi() / (curve * h)
    # guard (all): the bound of an error
    # tests/theory/finite_n/test_by_index_ball.py::test_coarse_balls_hold_fine_ones
    most = 2 * (curve * a * a).exp() * (3 + 2 * a * (Arb.pi() * c).sqrt())
    # guard (all): the bound of an error
    # tests/theory/finite_n/test_by_index_ball.py::test_coarse_balls_hold_fine_ones
    error = 2 * most / ((2 * Arb.pi() * a / h).exp() - 1)

    def falling(y: Arb) -> Arb:
        """Minus the derivative of the weight."""
        gauss = (-c * y * y).exp()
        if cut is None or width is None:
            return 2 * c * y * gauss
        t = (y - cut) / width
        density = (-t * t / 2).exp() / (width * (2 * Arb.pi()).sqrt())
        return gauss * (2 * c * y * _normal(-t) + density)

    sums, y = [Arb(0)] * n, Arb(0)
    while True:
        right = distribution(n, y)
        base = _normal(Arb(2).sqrt() * y)
        fall = falling(y)
        sums = [total + fall * (g - base) for total, g in zip(sums, right, strict=True)]
        if y > 0:
            # G_k(-y) = 1 - G_{N-1-k}(y).
            fall = falling(-y)
            pairs = zip(sums, reversed(right), strict=True)
            sums = [total + fall * (base - g) for total, g in pairs]
            # The most that is left of the sum: |w'| sums to 4 or less on either side.
            # guard (all): the bound of an error
            # tests/theory/finite_n/test_by_index_ball.py::test_coarse_balls_hold_fine_ones
            rest = 8 * (2 - right[-1] - base)
            if not rest > target:
                break
        y += h
    # guard (all): the bound of an error
    # tests/theory/finite_n/test_by_index_ball.py::test_coarse_balls_hold_fine_ones
    return [mean + h * total + _ball(error + rest) for total in sums]


@lru_cache(maxsize=16)
def _rule(m: int, bits: int) -> tuple[list[Arb], list[Arb], Arb]:
    """Midpoints of Gauss's nodes on [-1, 1], the weights, and the largest radius of a node."""
    with flint.ctx.workprec(bits):
        pairs = [Arb.legendre_p_root(m, i, weight=True) for i in range(m)]
    radius = max((node.rad() for node, _ in pairs), key=lambda one: float(one.log()))
    return [node.mid() for node, _ in pairs], [weight for _, weight in pairs], radius


# same (all): where a certified quadrature looks; the ball holds the error
def _length(n: int, y: float, need: float) -> float:
    """How far left of y <= 0 the distribution function of the smallest eigenvalue falls by exp(-need)."""
    start, low, high = decay(n, -y), 0.0, 10 + math.sqrt(2 * n) + 2 * math.sqrt(need)
    for _ in range(40):
        middle = (low + high) / 2
        fallen = (decay(n, middle - y) - start) / 2 < need
        low, high = (middle, high) if fallen else (low, middle)
    return high


# same (all): where a certified quadrature looks; the ball holds the error
def _choose(curve: float, slope: float, need: float, length: float) -> tuple[float, int, float]:
    """Half-length of panels, nodes of Gauss's rule and rho: the fewest nodes that reach exp(-need)."""
    best = (math.inf, 1.0, 8, 2.0)
    for panels in _PANELS:
        half = length / (2 * panels)
        for rho in _RATIOS:
            across, along = half * (rho - 1 / rho) / 2, half * ((rho + 1 / rho) / 2 - 1)
            m = 2 + int((need + curve * across**2 + slope * along) / (2 * math.log(rho)))
            best = min(best, (m * panels, half, m, rho))
    return best[1:]


# guard (all): the bound of an error
# tests/theory/finite_n/test_by_index_ball.py::test_coarse_balls_hold_fine_ones
def _up_to(c: Arb, n: int, cut: Arb, target: Arb) -> list[Arb]:
    """E w(lam_k) 1(lam_k <= cut) for every k, w the Gaussian, at an exact cut <= 0."""
    at_cut = distribution(n, cut)
    gauss = (-c * cut * cut).exp()
    sums = [gauss * g for g in at_cut]
    if not c > 0:
        return sums
    curve = float(n / 2 + c)
    right, here = cut, at_cut[0]
    while here > target:
        end = float(right)
        slope = 2 * abs(float(c) * end) + math.sqrt(max(0.0, end**2 - 2 * n))
        need = float((here / target).log()) + 4
        step, m, rho = _choose(curve, slope, need, _length(n, end, need))
        left = (right - 2 * Arb(step)).mid()
        middle, half = (right + left) / 2, (right - left) / 2
        nodes, weights, radius = _rule(m, flint.ctx.prec)
        ratio = Arb(rho)
        across, along = half * (ratio - 1 / ratio) / 2, half * (ratio + 1 / ratio) / 2
        # |2 c y exp(-c y^2) G_k(y)| on the ellipse; G_k <= G_0 grows to the right.
        most = 2 * c * (abs(middle) + along) * ((n / Arb(2) + c) * across**2).exp()
        most *= distribution(n, _up(middle + along))[0]
        error = half * 64 * most * ratio ** (-2 * m) / (15 * (1 - ratio**-2))
        # A node is known to its radius; the slope of the integrand is below 4 + sqrt N.
        error += 2 * half * half * radius * (4 + Arb(n).sqrt())
        for node, weight in zip(nodes, weights, strict=True):
            y = (middle + half * node).mid()
            fall = half * weight * 2 * c * y * (-c * y * y).exp()
            sums = [total + fall * g for total, g in zip(sums, distribution(n, y), strict=True)]
        sums = [total + _ball(error) for total in sums]
        right, here = left, distribution(n, left)[0]
    # |int 2 c y exp(-c y^2) G_k| beyond is below exp(-c y^2) G_k there.
    return [total + _ball(here) for total in sums]


def mean_weights(constants: KacRiceConstants, n: int, below: Arb | None) -> list[Arb]:
    """E w(lam_k) for k = 0 ... n - 1 at flint's current precision: balls, nan if that is too low.

    Parameters
    ----------
    constants
        Of the model.
    n
        Number of spins.
    below
        Level, a ball, or None for all levels.

    Returns
    -------
    list of arb
        Absolute radii about 2^-(bits - `guard_bits`), and more if the level is a wide ball.

    References
    ----------
    Trefethen and Weideman, The exponentially convergent trapezoidal rule (2014); Trefethen, Is Gauss
    quadrature better than Clenshaw-Curtis? (2008).

    Examples
    --------
    >>> from theory.model import pure
    >>> with flint.ctx.workprec(150):
    ...     means = mean_weights(KacRiceConstants.of(pure(3)), 2, None)  # sqrt 7 / (4 sqrt(2/3))
    >>> [mean.str(12, radius=False) for mean in means]
    ['0.810092587301', '0.810092587301']
    """
    # guard (all): working precision
    # tests/theory/finite_n/test_by_index_ball.py::test_coarse_balls_hold_fine_ones
    target = Arb(2) ** (guard_bits(n) - flint.ctx.prec)
    c = to_arb(constants.c)
    cut, width = constants.cut(n, below)
    if cut is None or width is not None:
        return _on_line(c, n, cut, width, target)
    exact = cut.mid()
    # A mixture of normal densities of variance 1/N: never above sqrt(N/(2 pi)).
    # guard (all): the bound of an error
    # tests/theory/finite_n/test_by_index_ball.py::test_coarse_balls_hold_fine_ones
    slack = _ball(Arb(cut.rad()) * (n / (2 * Arb.pi())).sqrt())
    if not exact > 0:
        return [value + slack for value in _up_to(c, n, exact, target)]
    whole, above = _on_line(c, n, None, None, target), _up_to(c, n, -exact, target)
    return [one - two + slack for one, two in zip(whole, reversed(above), strict=True)]
