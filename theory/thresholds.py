"""The barrier E_inf and the layers E_k as certified enclosures."""

from __future__ import annotations

import math

import flint

from theory.ball import Ball
from theory.model import Mixture, bad, check_integer
from theory.theta import ARB, barrier, plateau, rate_at

_START_BITS = 64


def _excess(p: flint.arb, k: int, t: flint.arb) -> tuple[flint.arb, flint.arb]:
    """Theta_{k,p}(-E_inf cosh t) and its derivative in t, at a ball t >= 0.

    Theta_k = plateau - (p-2)/p sinh(t)^2 - (k+1) I and dI/dt = 2 sinh(t)^2, so that the derivative
    -(p-2)/p sinh 2t - 2 (k+1) sinh(t)^2 is negative for every t > 0: the root is unique.
    """
    c = (p - 2) / p
    sinh, cosh = t.sinh_cosh()
    value = plateau(p, ARB) - c * sinh**2 - (k + 1) * rate_at(t, ARB)
    return value, -2 * sinh * (c * cosh + (k + 1) * sinh)


def _guess(p: int, k: int) -> float:
    """The root t in floats: bisection, which nothing upsets, then Newton."""
    c = (p - 2) / p
    top = math.log1p(p - 2) / 2 - c

    def value(t: float) -> float:
        rate = (math.sinh(2 * t) - 2 * t) / 2 if t > 0.1 else 2 * t**3 / 3 * (1 + t * t / 5)
        return top - c * math.sinh(t) ** 2 - (k + 1) * rate

    low, high = 0.0, 1.0
    while value(high) > 0:
        high *= 2
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (middle, high) if value(middle) > 0 else (low, middle)
    return (low + high) / 2


def _root(p: int, k: int, bits: int) -> flint.arb:
    """A ball of about ``bits`` bits proved to hold the one root t > 0.

    Newton at doubling precision finds it; one interval Newton step proves it: if the image of the
    interval lies inside the interval, a root exists there, and the sign of the derivative makes it
    the only one.
    """
    t = flint.arb(_guess(p, k))
    ladder = [bits + 32]
    while ladder[-1] > 2 * _START_BITS:
        ladder.append(ladder[-1] // 2 + 16)
    for precision in reversed(ladder):
        with flint.ctx.workprec(precision + 16):
            value, slope = _excess(flint.arb(p), k, t)
            t = (t - value / slope).mid()
    # One more step squares the error: its proof interval is far wider than what is left of it.
    for widening in (8, 24, bits // 2):
        with flint.ctx.workprec(bits + 48):
            wide = flint.arb(t, abs(t) * flint.arb(2) ** (widening - bits))
            value, _ = _excess(flint.arb(p), k, t)
            _, slope = _excess(flint.arb(p), k, wide)
            image = t - value / slope
            if slope < 0 and wide.contains_interior(image):
                return image
    raise ArithmeticError(f"no enclosure of E_{k}({p}) at {bits} bits")


def threshold_arb(p: int, k: int | None) -> flint.arb:
    """E_k(p), or E_inf(p) for k None, as a ball at flint's current precision.

    Examples
    --------
    >>> with flint.ctx.workprec(80):
    ...     threshold_arb(3, 0).str(15, radius=False)
    '1.65699836352747'
    """
    if k is None:
        return barrier(flint.arb(p), ARB)
    bits = flint.ctx.prec
    t = _root(p, k, bits + 8)
    with flint.ctx.workprec(bits + 24):
        return barrier(flint.arb(p), ARB) * t.cosh()


def threshold(model: Mixture, k: int | None, digits: int = 30) -> Ball:
    """The layer E_k, or the barrier E_inf for k None: Theta_{k,p}(-E_k) = 0.

    Parameters
    ----------
    model
        A pure model, p >= 3 (p >= 2 for the barrier).
    k
        Index >= 0, or None.
    digits
        Significant digits.

    Returns
    -------
    Ball
        Certified: existence and uniqueness of the root in it are proved by interval Newton.

    Raises
    ------
    InputError
        For a mixture, p = 2 with an integer k, k < 0, digits < 1.

    References
    ----------
    ABC, eq. 2.13 and Thm 2.15.

    Examples
    --------
    >>> from theory.model import pure
    >>> threshold(pure(3), 0, 25).value
    '1.656998363527473251222891'
    >>> threshold(pure(3), None, 10).value
    '1.632993162'
    """
    if not isinstance(model, Mixture) or not model.is_pure:
        raise bad("model", model, "a pure model, q^p, for now")
    check_integer("digits", digits, 1)
    if k is not None:
        check_integer("k", k, 0)
        if model.p < 3:
            raise bad("p", model.p, "p >= 3: the layers E_k need it")
    with flint.ctx.workprec(int(3.33 * digits) + 24):
        return Ball.from_arb(threshold_arb(model.p, k), digits)
