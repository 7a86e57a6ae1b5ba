"""Pairs of critical points at N = 2, where the sphere is a circle: certified.

There h(t) = H(t)/sqrt N has covariance r(t) = xi(cos t). With a = -r''(0) and b = -r''(t) the
covariances of the slopes at two angles t apart, V = r''''(0), and P, M the sum and the difference of
variance S and covariance T of the two curvatures where both slopes are 0,

    P = V + r'''' - r'''^2/(a - b),    M = V - r'''' - r'''^2/(a + b),

Kac and Rice give for ordered pairs, neither the same point nor antipodes,

    E pairs = (4/pi) int_0^pi [sqrt(P M) + (P - M)(atan sqrt(P/M) - pi/4)]/sqrt(a^2 - b^2) dt,

as E abs(X Y) = (2/pi)(sqrt(S^2 - T^2) + T asin(T/S)); and of two minima

    (1/pi) int_0^pi [sqrt(P M) + (P - M) atan sqrt(P/M)]/sqrt(a^2 - b^2) dt.

All four are polynomials in c = cos t, but for powers of x = 1 - c that cancel in floats near t = 0, and
are divided out exactly: a - b = x A, a + b = B, P = x^2 Q/A, M = x R/B.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import flint

from theory.model import Mixture

Arb, Acb, Poly = flint.arb, flint.acb, flint.fmpq_poly

_C = Poly([0, 1])
_SINE_SQUARED = 1 - _C * _C
_X = 1 - _C


@dataclass(frozen=True)
class Circle:
    """The polynomials A, B, Q, R of the head of this file."""

    falling: flint.fmpq_poly
    rising: flint.fmpq_poly
    sum: flint.fmpq_poly
    difference: flint.fmpq_poly

    @classmethod
    def of(cls, model: Mixture) -> Circle:
        """Take them from a model.

        Examples
        --------
        >>> from theory.model import pure
        >>> Circle.of(pure(2)).falling  # xi' - (c^2 - s^2) xi'/... = 2 - 2 (2 c^2 - 1) over x
        4*x + 4
        """
        xi = Poly(_coefficients(model))
        d1 = xi.derivative()
        d2 = d1.derivative()
        d3 = d2.derivative()
        d4 = d3.derivative()
        slope, curvature = d1(flint.fmpq(1)), d2(flint.fmpq(1))
        a, v = Poly([slope]), Poly([3 * curvature + slope])
        s2 = _SINE_SQUARED
        b = _C * d1 - s2 * d2
        fourth = s2 * s2 * d4 - 6 * s2 * _C * d3 + (3 * _C * _C - 4 * s2) * d2 + _C * d1
        third_squared = s2 * (d1 + 3 * _C * d2 - s2 * d3) ** 2
        return cls(
            _over(a - b, 1),
            a + b,
            _over((v + fourth) * (a - b) - third_squared, 3),
            _over((v - fourth) * (a + b) - third_squared, 1),
        )


def _coefficients(model: Mixture) -> list[flint.fmpq]:
    degree = model.terms[-1][0]
    found = [flint.fmpq(0)] * (degree + 1)
    for p, a in model.terms:
        found[p] = flint.fmpq(a.numerator, a.denominator)
    return found


def _over(p: flint.fmpq_poly, power: int) -> flint.fmpq_poly:
    """p/(1 - c)^power, which leaves no rest."""
    quotient, rest = divmod(p, _X**power)
    assert rest.degree() < 0
    return quotient


def is_even_or_odd(model: Mixture) -> bool:
    """Whether H(-s) = H(s) or H(-s) = -H(s): all degrees of one parity."""
    return len({p % 2 for p, _ in model.terms}) == 1


def _is_quadratic(model: Mixture) -> bool:
    """Whether it is q^2 but for scale: the four points are a square, minima opposite each other."""
    return model.terms[0][0] == model.terms[-1][0] == 2


def _integral(model: Mixture, bits: int, weigh: Callable[..., flint.acb]) -> flint.arb:
    """Of an integrand in t over (0, pi); by half where it is symmetric."""
    circle = Circle.of(model)
    half = is_even_or_odd(model)

    def integrand(t: flint.acb, analytic: bool) -> flint.acb:
        c, sine = t.cos(), (t / 2).sin()
        x = 2 * sine * sine
        a, b, q, r = (
            flint.acb_poly(p)(c)
            for p in (circle.falling, circle.rising, circle.sum, circle.difference)
        )
        root = (a * b).sqrt(analytic=analytic)
        ratio = (q * b / (a * r)).sqrt(analytic=analytic)  # sqrt(P/(M x))
        along = Acb(2).sqrt() * sine  # sqrt x
        # sqrt(P M), P - M and sqrt(a^2 - b^2), each over sqrt x.
        both = x * r * ratio / b
        gap = along * (x * q / a - r / b)
        return weigh(both, gap, (along * ratio).atan()) / root

    end = Arb.pi() / (2 if half else 1)
    tolerance = Arb(2) ** -bits
    found = Acb.integral(integrand, 0, end, rel_tol=tolerance, abs_tol=tolerance).real
    return 2 * found if half else found


def pairs(model: Mixture, bits: int) -> flint.arb:
    """Mean number of ordered pairs of critical points, neither the same nor antipodes.

    Examples
    --------
    >>> from theory.model import pure
    >>> with flint.ctx.workprec(80):
    ...     pairs(pure(3), 50).str(10, radius=False)
    '19.74901573'
    """
    if _is_quadratic(model):
        return Arb(8)
    quarter = Arb.pi() / 4
    found = _integral(model, bits, lambda both, gap, angle: both + gap * (angle - quarter))
    return 4 * found / Arb.pi()


def pairs_of_minima(model: Mixture, bits: int) -> flint.arb:
    """The same of two minima; of two maxima as many, of one of each the rest.

    Examples
    --------
    >>> from theory.model import pure
    >>> with flint.ctx.workprec(80):
    ...     pairs_of_minima(pure(4), 50).str(10, radius=False)
    '4.649110641'
    """
    if _is_quadratic(model):
        return Arb(0)
    if is_even_or_odd(model) and model.terms[0][0] % 2:  # minima are opposite maxima
        return pairs(model, bits) / 4
    found = _integral(model, bits, lambda both, gap, angle: both + gap * angle)
    return found / Arb.pi()
