"""Static and dynamic transition temperatures of a model, certified.

The potential of Franz and Parisi at overlap q, for a reference in equilibrium at 1/T = beta, is
-(beta^2 xi(q) + log(1 - q) + q)/(2 beta). So with L(q) = -log(1 - q) - q

    T_s^2 = max xi(q)/L(q)           below T_s the replica symmetric free energy is wrong (Talagrand),
    T_d^2 = max xi'(q) (1 - q)/q     below T_d the potential has a second minimum: states,

each over 0 < q < 1. In a pure model each has one stationary point. In a mixture the one at which the
maximum lies is proved: elsewhere the function is bounded from above by less, near it the derivative
changes sign once. All in x = q/(1 - q), where nothing is lost near q = 1.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import flint

from theory.arithmetic.ball import Ball, bits_of
from theory.arithmetic.interval_newton import root
from theory.arithmetic.signs import is_positive
from theory.checks import InputError, bad, check_digits
from theory.model import Mixture, check_mixture

Arb = flint.arb

_BITS = 120  # at which a maximum is proved to be the only one
_OCTAVES = 80  # eighths of octaves of x = q/(1 - q): the first look at a mixture
_FINEST = 24  # bisections of the overlaps on either side of the maximum


@dataclass(frozen=True)
class Transitions:
    """Temperatures of the transitions, in units where Cov(H(s), H(t)) = N xi(s.t/N).

    Attributes
    ----------
    static, dynamic
        T_s <= T_d.
    static_overlap, dynamic_overlap
        q_s and q_d: the overlap of two configurations of one state there.
    """

    static: Ball
    dynamic: Ball
    static_overlap: Ball
    dynamic_overlap: Ball


@dataclass(frozen=True)
class _Maximum:
    """A function of the overlap whose maximum is T^2."""

    model: Mixture

    def value(self, q: Arb) -> Arb:
        """The function."""
        raise NotImplementedError

    def bound(self, low: Arb, high: Arb) -> Arb:
        """At least the function on [low, high] in [0, 1]."""
        raise NotImplementedError

    def slope(self, x: Arb) -> tuple[Arb, Arb]:
        """What has the sign of the derivative, at q = x/(1 + x), and its derivative in x."""
        raise NotImplementedError


def _overlap(x: Arb) -> Arb:
    return x / (1 + x)


class _Static(_Maximum):
    """xi(q)/L(q); L(q) >= q^2/2 rises."""

    @staticmethod
    def cost(q: Arb) -> Arb:
        """L(q)."""
        return -(1 - q).log() - q

    def value(self, q: Arb) -> Arb:
        return self.model.xi(q) / self.cost(q)

    def bound(self, low: Arb, high: Arb) -> Arb:
        near_zero = 2 * self.model.xi(high) / high**2
        return near_zero.min(self.model.xi(high) / self.cost(low)) if low > 0 else near_zero

    def slope(self, x: Arb) -> tuple[Arb, Arb]:
        q = _overlap(x)
        cost = (1 + x).log() - q
        xi, first, second = (self.model.xi(q, order) for order in range(3))
        return first * cost - xi * x, second * cost / (1 + x) ** 2 - xi


class _Dynamic(_Maximum):
    """xi'(q) (1 - q)/q; xi'(q)/q rises."""

    def value(self, q: Arb) -> Arb:
        return self.model.xi(q, 1) * (1 - q) / q

    def bound(self, low: Arb, high: Arb) -> Arb:
        return self.model.xi(high, 1) / high * (1 - low)

    def slope(self, x: Arb) -> tuple[Arb, Arb]:
        q, share = _overlap(x), 1 / (1 + x)
        first, second, third = (self.model.xi(q, order) for order in (1, 2, 3))
        value = second * q * share - first
        return value, share**2 * q * (third * share - 2 * second)


def _continuous(model: Mixture) -> InputError:
    return bad(
        "model",
        model,
        "a model whose transition is one with a jump of the overlap: p >= 3, or little of q^2",
    )


def _tied(model: Mixture) -> InputError:
    return bad("model", model, "a model in which one maximum is above all others, by more")


def _proved(of: _Maximum) -> Arb:
    """A point x before the maximum, with no other stationary point between the two."""
    with flint.ctx.workprec(_BITS):
        points = [Arb(2) ** (Arb(i) / 8) for i in range(-_OCTAVES, 2 * _OCTAVES)]
        best = max(points, key=lambda x: float(of.value(_overlap(x))))
        top = of.value(_overlap(best))
        if not top > 2 * of.model.coefficients.get(2, 0.0):
            raise _continuous(of.model)
        low, high = _around(of, best)
        for ends in ((Arb(0), _overlap(low)), (_overlap(high), Arb(1))):
            if not is_positive(lambda q: top - of.bound(q.lower(), q.upper()), *ends, _FINEST):
                raise _tied(of.model)
        return low


def _around(of: _Maximum, best: Arb) -> tuple[Arb, Arb]:
    """The widest interval of those tried in which the function rises, then falls, for certain."""
    for power in range(1, 16):
        reach = Arb(2) ** -power
        low, high = (best * (1 - reach)).mid(), (best * (1 + reach)).mid()
        turns = of.slope(low)[0] > 0 and of.slope(high)[0] < 0
        if turns and is_positive(lambda x: -of.slope(x)[1], low, high):
            return low, high
    raise _tied(of.model)


def _location(of: _Maximum, start: Callable[[], Arb]) -> Arb:
    """Where the maximum lies, as x = q/(1 - q)."""
    return root(of.slope, start(), flint.ctx.prec + 8)


def temperatures(model: Mixture, digits: int = 30) -> Transitions:
    """Temperatures of the static and the dynamic transition, with the overlaps at them.

    Parameters
    ----------
    model
        Pure with p >= 3, or a mixture (any xi(1)) whose transitions are discontinuous.
    digits
        Significant digits.

    Returns
    -------
    Transitions
        Certified balls.

    Raises
    ------
    InputError
        For p = 2, a mixture with a continuous transition or with two maxima that cannot be told
        apart, a term of degree 1, digits < 1.

    References
    ----------
    CS; Franz and Parisi, Recipes for metastable states in spin glasses (1995); Talagrand, Free energy
    of the spherical mean field model (2006). Crisanti and Sommers' temperatures are these over sqrt 2.

    Examples
    --------
    >>> from theory.model import mixture, pure
    >>> found = temperatures(pure(3), 20)
    >>> found.static.value, found.dynamic.value, found.dynamic_overlap.value
    ('0.82880547607526364140', '0.86602540378443864676', '0.50000000000000000000')
    >>> temperatures(mixture({2: 0.1, 8: 0.9}), 8).static.value
    '0.58416951'
    """
    check_mixture(model)
    digits = check_digits(digits)
    if model.terms[0][0] == 1:
        raise bad("model", model, "a model without a field (a term of degree 1)")
    if model.terms[-1][0] == 2:
        raise _continuous(model)
    # same (numbers): spare bits
    with flint.ctx.workprec(bits_of(digits, 40)):
        found = []
        for of in (_Static(model), _Dynamic(model)):
            if model.is_pure and isinstance(of, _Dynamic):
                x = Arb(model.p - 2)
            elif model.is_pure:
                x = _location(of, lambda: Arb(model.p - 2))
            else:
                x = _location(of, lambda of=of: _proved(of))  # type: ignore[misc]
            q = _overlap(x)
            found.append((of.value(q).sqrt(), q))
        (static, q_s), (dynamic, q_d) = found
        return Transitions(*(Ball.from_arb(one, digits) for one in (static, dynamic, q_s, q_d)))
