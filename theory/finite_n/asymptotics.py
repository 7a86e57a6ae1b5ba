"""Sharp asymptotics of the mean number of critical points: what multiplies exp(N Theta).

E Crt_N(u) = 2 sqrt(2/p) (p-1)^(N/2) N int_{x <= -v} rho_N(x) exp(-N (p-2) x^2/(2p)) dx exactly, with
rho_N the density of eigenvalues of GOE(N) and v = -u sqrt(p/(2(p-1))). The integral is governed by
its upper end for u < 0 and by x = 0 for u > 0; rho_N there is the semicircle, its soft edge, or the
tail beyond it (Plancherel-Rotach), which makes the regimes. The exact counts decide (claims T8, T9).
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import Any, Literal

import flint

from theory.annealed.named_levels import BARRIER, resolve_level
from theory.annealed.pure_model import e_inf_arb
from theory.arithmetic.ball import Ball, bits_of, to_arb
from theory.checks import bad, check_digits, check_integer
from theory.model import Mixture

Regime = Literal["u < -E_inf", "u = -E_inf", "-E_inf < u < 0", "u = 0", "u > 0"]
POWERS: dict[Regime, Fraction] = {
    "u < -E_inf": Fraction(-1, 2),
    "u = -E_inf": Fraction(-1, 3),
    "-E_inf < u < 0": Fraction(0),
    "u = 0": Fraction(1, 2),
    "u > 0": Fraction(1, 2),
}


@dataclass(frozen=True)
class Prefactor:
    """C in E Crt_N(u) = C N^power exp(N Theta(u)) (1 + o(1)).

    Attributes
    ----------
    regime
        Which of the cases the level is in.
    power
        Exponent of N.
    printed
        C as the paper prints it, or None where it prints nothing (u = 0).
    corrected
        C as it is.
    """

    regime: Regime
    power: Fraction
    printed: Ball | None
    corrected: Ball


def printed_arb(p: int, u: flint.arb, regime: Regime) -> flint.arb | None:
    """C as printed (CHMBL supplement, Thm 11.1; ABC Thm 2.17), at flint's current precision."""
    order, pi, root = flint.arb(p), flint.arb.pi(), flint.arb(2).sqrt()
    if regime == "u < -E_inf":
        v = -u * (order / (2 * (order - 1))).sqrt()
        ratio = ((v - root) / (v + root)).sqrt().sqrt()
        slope = (v * v - 2).sqrt()
        i_1 = v * slope / 2 - ((v + slope) / root).log()
        phi_slope = -(order - 2) * v / order
        decay = (i_1 - v * slope / 2).exp() / (slope - phi_slope)
        return (ratio + 1 / ratio) / (2 * order * pi).sqrt() * decay
    if regime == "u = -E_inf":
        airy: flint.arb = flint.arb(0).airy_ai()
        return 2 * airy * (2 * order).sqrt() / (3 * (order - 2))
    if regime == "-E_inf < u < 0":
        e_inf = e_inf_arb(p)
        return 2 * (2 * order * (e_inf**2 - u**2)).sqrt() / ((2 - order) * pi * u)
    return 4 * root / (pi * (order - 2)).sqrt() if regime == "u > 0" else None


def corrected_arb(p: int, u: flint.arb, regime: Regime) -> flint.arb:
    """C by Laplace's method from the exact integral, at flint's current precision.

    Beyond the barrier u = -E_inf cosh t, where the density of GOE(N) over sqrt 2 is
    (tanh(t/2)^(1/2) + coth(t/2)^(1/2)) exp(-t) exp(-N I)/(4 sqrt(2 pi N)); at the barrier it is
    N^(-1/3) times the soft-edge density of eigenvalues at 0, Ai'(0)^2 + Ai(0) (1 - 1/3)/2 as
    int_0^inf Ai = 1/3; inside, with u = -E_inf cos a, it is sin(a)/pi.
    """
    order, pi = flint.arb(p), flint.arb.pi()
    # From the density over sqrt 2 to the count: 2 sqrt(2/p) over the exponent's slope.
    scale = (2 * order).sqrt() * 2
    if regime == "u < -E_inf":
        t = (-u / e_inf_arb(p)).acosh()
        half = (t / 2).tanh().sqrt()
        density = (half + 1 / half) * (-t).exp() / (4 * (2 * pi).sqrt())
        slope = (order - 2) * t.cosh() + order * t.sinh()
        return scale * density / slope
    if regime == "u = -E_inf":
        value, derivative = flint.arb(0).airy_ai(), flint.arb(0).airy_ai(derivative=1)
        return scale / (order - 2) * (derivative**2 + value / 3)
    if regime == "-E_inf < u < 0":
        cosine = -u / e_inf_arb(p)
        return scale * (1 - cosine**2).sqrt() / (pi * (order - 2) * cosine)
    whole = (32 / (pi * (order - 2))).sqrt()
    return whole if regime == "u > 0" else whole / 2


def regime_of(p: int, u: flint.arb) -> Regime:
    """The regime of a level that is not -E_inf itself; InputError if the ball straddles two."""
    beyond = u + e_inf_arb(p)
    if beyond < 0:
        return "u < -E_inf"
    if beyond > 0:
        if u < 0:
            return "-E_inf < u < 0"
        if u == 0 or u > 0:
            return "u = 0" if u == 0 else "u > 0"
    raise bad("u", u.str(10), "a level clear of -E_inf and 0, or the word -E_inf")


def prefactor(model: Mixture, u: Any, k: int | None = None, digits: int = 30) -> Prefactor:
    """Constant and power of N before exp(N Theta(u)) in the mean number of critical points below u.

    Parameters
    ----------
    model
        A pure model, p >= 3.
    u
        Level H/N: a number or text such as "-1.7", taken exactly, a Ball, or a name: "-E_inf", "-E_0", ...
    k
        None for all critical points; 0 for minima, for which u < -E_inf.
    digits
        Significant digits.

    Returns
    -------
    Prefactor
        Balls, ``printed`` beside ``corrected``.

    Raises
    ------
    InputError
        For a mixture, p = 2, another k, minima at or above -E_inf, a level not told from -E_inf,
        digits < 1.

    References
    ----------
    ABC, Thm 2.17; CHMBL, supplement, Thm 11.1 (all) and 11.2 (minima); at u = -E_inf corrected
    (erratum E2). The prints leave out u = 0, where half of what holds above is right.

    Examples
    --------
    >>> from theory.model import pure
    >>> found = prefactor(pure(3), "-E_inf", digits=12)
    >>> found.printed.value, found.corrected.value, str(found.power)
    ('0.579758384266', '0.907928693092', '-1/3')
    """
    if not isinstance(model, Mixture) or not model.is_pure:
        raise bad("model", model, "a pure model, q^p")
    # guard (all): what is refused
    # tests/theory/finite_n/test_asymptotics.py::test_bad_input_is_named
    if model.p < 3:
        raise bad("p", model.p, "p >= 3")
    digits = check_digits(digits)
    if k is not None:
        # guard (all): what is refused
        # tests/theory/finite_n/test_asymptotics.py::test_bad_input_is_named
        k = check_integer("k", k, 0, 0)
    # same (all): more digits of a named level than are printed
    named = resolve_level("u", u, model, digits + 10)
    with flint.ctx.workprec(bits_of(digits, 60)):  # same (numbers): spare bits
        level = to_arb(named)
        # The barrier by its name alone: no ball can be told to be it.
        at_barrier = isinstance(u, str) and u == BARRIER
        regime: Regime = "u = -E_inf" if at_barrier else regime_of(model.p, level)
        if k is not None and regime != "u < -E_inf":
            raise bad("u", u, "a level below -E_inf: the theorem on minima needs it")
        printed = printed_arb(model.p, level, regime)
        return Prefactor(
            regime,
            POWERS[regime],
            None if printed is None else Ball.from_arb(printed, digits),
            Ball.from_arb(corrected_arb(model.p, level, regime), digits),
        )
