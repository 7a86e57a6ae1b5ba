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

In a strong field c < 0, and the weight grows: M and what is left out beyond y then follow from means of
exp(c' lam^2), -1/2 < c' < c, over all eigenvalues, which have a closed form (`_Growing`).

All errors are absolute, about 2^-`guard_bits` bits below the precision; more bits where the result is small.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache

import flint

from theory.arithmetic.ball import to_arb
from theory.finite_n.critical_points import CriticalPoints
from theory.finite_n.integrand import KacRiceConstants
from theory.finite_n.total_ball import log2_mean_total, mean_total_cut
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

    # guard (all): an estimate of work
    # tests/theory/finite_n/test_certified.py::test_estimates_of_work_are_those_measured
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


# guard (all): an estimate of work
# tests/theory/finite_n/test_certified.py::test_estimates_of_work_are_those_measured
def _nodes(points: CriticalPoints, bits: int) -> float:
    """About how many nodes of quadrature `mean_weights` takes."""
    n, constants = points.n, points.constants
    aim = max(0, bits - guard_bits(n)) * math.log(2) + 8
    curve = n / 2 + float(constants.c)
    if points.below is not None and constants.variance:
        curve += float(constants.mu_squared / constants.variance) / 2
    share = 2 if points.below is not None and not constants.variance else 1
    reach = math.sqrt(2 * n) + math.sqrt(2 * aim)
    if constants.c < 0:
        reach /= math.sqrt(1 + 2 * float(constants.c))
        reach *= (1 + 2 * float(constants.c)) ** -1.2  # more bits a node
    return share * reach * math.sqrt(curve * aim) / math.pi


# same (numbers): where they are too few the ball is wide, and more are tried
def guard_bits(n: int) -> int:
    """Bits that the Pfaffians of dimension n lose by cancellation."""
    return 6 * n + 40


def _target(n: int) -> Arb:
    """Error that a quadrature may leave."""
    return Arb(2) ** (guard_bits(n) - flint.ctx.prec)


# guard (all): the bound of an error
# tests/theory/finite_n/test_by_index_ball.py::test_coarse_balls_hold_fine_ones
def _up(x: Arb) -> Arb:
    """An exact number close above x, of few bits."""
    return Arb(flint.fmpq(math.ceil(float(x.upper()) * 2**30) + 1, 2**30))


def _widened(value: Arb, *errors: Arb) -> Arb:
    """The ball, wider by some errors."""
    return sum((Arb(0, error.abs_upper()) for error in errors), value)


def _normal(t: Arb) -> Arb:
    """P(Normal(0, 1) <= t)."""
    return (-t / Arb(2).sqrt()).erfc() / 2


@dataclass(frozen=True)
class _Falling:
    """Bounds for a weight with c >= 0: its slope sums to 4 at most."""

    c: Arb

    def most(self, a: Arb) -> Arb:
        """M on the strip of half-width a, but for the exponential of the curvature."""
        # same (3 -> 4, 3 -> 6): a bound
        return 2 * (3 + 2 * a * (Arb.pi() * self.c).sqrt())

    def rest(self, _y: Arb, largest: Arb, base: Arb, _h: Arb, _width: Arb | None) -> Arb:
        """What is left of the sum beyond y on both sides."""
        return 8 * (2 - largest - base)


@dataclass(frozen=True)
class _Growing:
    """Bounds for a weight with e = -c > 0, by means of exp(f X^2), f half way from e to 1/2.

    X is an eigenvalue, or Normal(0, 1/2). As P(abs(X) > x) exp(e x^2) <= E exp(e X^2),

        int abs(w'(x + i b)) P(abs(X) > abs(x)) dx <= E (2 + 2 e a abs(X)) exp(e X^2) <= bound E exp(f X^2),

    and the same with 1(abs(X) > y) inside for what lies beyond y, where a is the step of the sum.
    """

    exact: Fraction
    n: int

    @property
    def wider(self) -> Fraction:
        """The number f."""
        return (Fraction(1, 2) - self.exact) / 2

    def _bound(self, a: Arb) -> Arb:
        e, f = to_arb(-self.exact), to_arb(self.wider)
        return 2 + e * a / (f - e).sqrt()

    def _mean(self, y: Arb | None) -> Arb:
        """The sum of both means, over all eigenvalues; with y, of one side beyond it."""
        # Balls of a small mean need more bits than those that are asked for here.
        with flint.ctx.workprec(flint.ctx.prec + 8 * self.n + 64):
            f = to_arb(self.wider)
            share = (1 - f).sqrt()
            if y is None:
                return mean_total_cut(-f, self.n, None) + 1 / share
            return mean_total_cut(-f, self.n, -y) + _normal(-Arb(2).sqrt() * share * y) / share

    def most(self, a: Arb) -> Arb:
        """M on the strip of half-width a, but for the exponential of the curvature."""
        return self._bound(a) * self._mean(None)

    def rest(self, y: Arb, _largest: Arb, _base: Arb, h: Arb, width: Arb | None) -> Arb:
        """What is left of the sum beyond y on both sides."""
        narrow = 0 if width is None else h / width
        return 2 * (self._bound(2 * h) + narrow) * self._mean(y)


# guard (all): the bound of an error
# tests/theory/finite_n/test_by_index_ball.py::test_coarse_balls_hold_fine_ones
def _curve(c: Arb, n: int, width: Arb | None) -> Arb:
    """How much the integrand grows off the line: as exp(curve b^2)."""
    curve = Arb(n) / 2 + c.nonnegative_part()
    return curve if width is None else curve + 1 / (2 * width * width)


# same (all): where a certified quadrature looks; the ball holds the error
def _step(bounds: _Falling | _Growing, curve: Arb, target: Arb) -> Arb:
    """A step of the trapezoidal rule, exact and of few bits, whose error is about the target."""
    aim = -target.log() + 8 + bounds.most(Arb(1)).log()
    return Arb(flint.fmpq(int(2**30 * float((Arb.pi() / (curve * aim).sqrt()).lower())), 2**30))


# guard (all): the bound of an error
# tests/theory/finite_n/test_by_index_ball.py::test_coarse_balls_hold_fine_ones
def _line_error(bounds: _Falling | _Growing, curve: Arb, h: Arb) -> Arb:
    """Error of the trapezoidal rule of step h, by the strip that is about the best."""
    a = Arb.pi() / (curve * h)
    return 2 * (curve * a * a).exp() * bounds.most(a) / ((2 * Arb.pi() * a / h).exp() - 1)


def _on_line(exact: Fraction, n: int, cut: Arb | None, width: Arb | None, target: Arb) -> list[Arb]:
    """E w(lam_k) for every k, by the trapezoidal rule on the line."""
    c = to_arb(exact)
    mean = 1 / (1 + c).sqrt()  # of w under Normal(0, 1/2)
    if cut is not None and width is not None:
        mean *= _normal(cut / (width * width + 1 / (2 * (1 + c))).sqrt())
    bounds = _Falling(c) if exact >= 0 else _Growing(exact, n)
    curve = _curve(c, n, width)
    h = _step(bounds, curve, target)
    error = _line_error(bounds, curve, h)

    def falling(y: Arb) -> Arb:
        """Minus the derivative of the weight."""
        gauss = (-c * y * y).exp()
        if cut is None or width is None:
            return 2 * c * y * gauss
        t = (y - cut) / width
        density = (-t * t / 2).exp() / (width * (2 * Arb.pi()).sqrt())
        return gauss * (2 * c * y * _normal(-t) + density)

    def terms(y: Arb) -> tuple[list[Arb], Arb, Arb]:
        """What y and -y add to the sum for every k, and the two distributions at y."""
        right, base = distribution(n, y), _normal(Arb(2).sqrt() * y)
        fall = falling(y)
        added = [fall * (g - base) for g in right]
        if y > 0:
            # G_k(-y) = 1 - G_{N-1-k}(y).
            fall = falling(-y)
            pairs = zip(added, reversed(right), strict=True)
            added = [one + fall * (base - g) for one, g in pairs]
        return added, right[-1], base

    sums, y = [Arb(0)] * n, Arb(0)
    bits = flint.ctx.prec
    while True:
        # A weight that grows asks for so many more bits of what it multiplies.
        with flint.ctx.workprec(bits + int(1.45 * max(0.0, -float(c)) * float(y) ** 2)):
            added, largest, base = terms(y)
        sums = [total + one for total, one in zip(sums, added, strict=True)]
        if y > 0:
            rest = bounds.rest(y, largest, base, h, width)
            if not rest > target:
                break
        y += h
    return [_widened(mean + h * total, error, rest) for total in sums]


@lru_cache(maxsize=16)
def _rule(m: int, bits: int) -> tuple[list[Arb], list[Arb], Arb]:
    """Midpoints of Gauss's nodes on [-1, 1], the weights, and the largest radius of a node."""
    with flint.ctx.workprec(bits):
        pairs = [Arb.legendre_p_root(m, i, weight=True) for i in range(m)]
    radius = max((node.rad() for node, _ in pairs), key=lambda one: float(one.log()))
    return [node.mid() for node, _ in pairs], [weight for _, weight in pairs], radius


# guard (all): where a certified quadrature looks
# tests/theory/finite_n/test_by_index_ball.py::test_the_smallest_eigenvalue_has_fallen_so_far
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


# same (all): where a certified quadrature looks; the ball holds the error
def _panel(c: Arb, n: int, right: Arb, fall: Arb) -> tuple[Arb, int, Arb]:
    """Left end of the panel that ends at ``right``, nodes and rho, if all is to fall by ``fall``."""
    end, need = float(right), float(fall.log()) + 4
    slope = 2 * abs(float(c) * end) + math.sqrt(max(0.0, end**2 - 2 * n))
    step, m, rho = _choose(float(n / 2 + c), slope, need, _length(n, end, need))
    return (right - 2 * Arb(step)).mid(), m, Arb(rho)


# guard (all): the bound of an error
# tests/theory/finite_n/test_by_index_ball.py::test_coarse_balls_hold_fine_ones
def _panel_error(c: Arb, n: int, middle: Arb, half: Arb, m: int, rho: Arb) -> Arb:
    """Error of Gauss's rule of m exact nodes on a panel, by the ellipse of rho."""
    across, along = half * (rho - 1 / rho) / 2, half * (rho + 1 / rho) / 2
    # |2 c y exp(-c y^2) G_k(y)| on the ellipse; G_k <= G_0 grows to the right.
    most = 2 * c * (abs(middle) + along) * ((n / Arb(2) + c) * across**2).exp()
    most *= distribution(n, _up(middle + along))[0]
    return half * 64 * most * rho ** (-2 * m) / (15 * (1 - rho**-2))


# guard (all): the bound of an error
# tests/theory/finite_n/test_by_index_ball.py::test_nodes_may_be_off_by_their_radius
def _nodes_error(n: int, half: Arb, radius: Arb) -> Arb:
    """What nodes add that are known to their radius: the slope of the integrand is below 4 + sqrt N."""
    return 2 * half * half * radius * (4 + Arb(n).sqrt())


def _up_to(c: Arb, n: int, cut: Arb, target: Arb) -> list[Arb]:
    """E w(lam_k) 1(lam_k <= cut) for every k, w the Gaussian, at an exact cut <= 0."""
    at_cut = distribution(n, cut)
    gauss = (-c * cut * cut).exp()
    sums = [gauss * g for g in at_cut]
    if not c > 0:
        return sums
    right, here = cut, at_cut[0]
    while here > target:
        left, m, rho = _panel(c, n, right, here / target)
        middle, half = (right + left) / 2, (right - left) / 2
        nodes, weights, radius = _rule(m, flint.ctx.prec)
        for node, weight in zip(nodes, weights, strict=True):
            y = (middle + half * node).mid()
            fall = half * weight * 2 * c * y * (-c * y * y).exp()
            sums = [total + fall * g for total, g in zip(sums, distribution(n, y), strict=True)]
        error = _panel_error(c, n, middle, half, m, rho)
        off = _nodes_error(n, half, radius)
        sums = [_widened(total, error, off) for total in sums]
        right, here = left, distribution(n, left)[0]
    # |int 2 c y exp(-c y^2) G_k| beyond is below exp(-c y^2) G_k there.
    return [_widened(total, here) for total in sums]


# guard (all): the bound of an error
# tests/theory/finite_n/test_by_index_ball.py::test_a_level_that_is_a_ball_widens_by_no_more_than_it_must
def _slack(n: int, cut: Arb) -> Arb:
    """How much the radius of a cut moves a mean weight.

    A mixture of normal densities of variance 1/N is never above sqrt(N/(2 pi)).
    """
    return Arb(cut.rad()) * (n / (2 * Arb.pi())).sqrt()


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
    c = to_arb(constants.c)
    cut, width = constants.cut(n, below)
    if cut is None or width is not None:
        return _on_line(constants.c, n, cut, width, _target(n))
    exact, slack = cut.mid(), _slack(n, cut)
    # same (numbers): either side gives the same numbers
    if not exact > 0:
        return [_widened(value, slack) for value in _up_to(c, n, exact, _target(n))]
    whole = _on_line(constants.c, n, None, None, _target(n))
    above = _up_to(c, n, -exact, _target(n))
    return [_widened(one - two, slack) for one, two in zip(whole, reversed(above), strict=True)]
