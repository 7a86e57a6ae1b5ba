"""The barrier E_inf and the layers E_k as certified enclosures."""

from __future__ import annotations

from functools import partial

import flint

from theory.ball import Ball
from theory.model import Mixture, bad, check_integer
from theory.newton import root
from theory.theta import ARB, barrier, outside


def _at(p: int, k: int, t: flint.arb) -> tuple[flint.arb, flint.arb]:
    """Theta_{k,p}(-E_inf cosh t) and its derivative in t >= 0.

    dTheta_p/dt of the bulk is -((p-2)/p) sinh 2t and dI/dt = 2 sinh(t)^2, so that the derivative is
    negative for every t > 0 and the root is unique.
    """
    order = flint.arb(p)
    sinh, cosh = t.sinh_cosh()
    slope = -2 * sinh * ((order - 2) / order * cosh + (k + 1) * sinh)
    return outside(order, t, k, ARB), slope


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
    # Theta_k(-E_inf) > 0; the root is of order k^(-1/3) (compare I = 4 t^3/3 + ... with a constant).
    low = flint.arb(2) ** (-8 - k.bit_length() // 3)
    t = root(partial(_at, p, k), low, bits + 8, guard=48 + k.bit_length())
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
