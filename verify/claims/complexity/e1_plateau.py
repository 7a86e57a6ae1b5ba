"""E1: the plateau of Theta_{k,p} at u >= -E_inf is misprinted in the paper."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import flint
import sympy as sp

from theory import mean_count, pure
from theory.annealed import pure_model
from theory.arithmetic.functions import ARB, Functions
from theory.derivation import kac_rice
from verify.alternatives import refuting
from verify.claim import Cell, Claim, Params
from verify.evidence import Proof, decided

Plateau = Callable[[Any, Functions], Any]
SIZE = 2000


def prove(params: Params, plateau: Plateau = pure_model.plateau) -> list[Cell]:
    """Continuity, the derived value, and two bounds that the printed form breaks."""
    p = sp.Integer(params["p"])
    value = plateau(p, kac_rice.SYMPY)
    shown = str(sp.N(value, 15))
    left = kac_rice.theta_derived(p, kac_rice.T, 2, "outside").subs(kac_rice.T, 0)
    jump = sp.simplify(left - value)
    derived = kac_rice.equal_to_derived(p, 0, "plateau", value)
    with flint.ctx.workprec(120):
        total = pure_model.theta_arb(int(p), -pure_model.e_inf_arb(int(p)))
        ball = plateau(flint.arb(int(p)), ARB)
        # Equal in exact arithmetic for the right form; a printed excess is far beyond rounding.
        exceeds = bool(ball - total > flint.arb("1e-20"))
    count = mean_count(pure(int(p)), SIZE, below=-pure_model.e_inf(int(p)))
    finite = count.log / SIZE
    number = float(sp.N(value, 17))
    single = float(pure_model.theta(int(p), 0.0, 3))
    close = abs(number - finite) < 4 * float(sp.log(SIZE)) / SIZE
    return [
        decided(params, "left limit at -E_inf", sp.N(left, 15), shown, jump == 0),
        decided(params, "supremum of the derived exponent", sp.N(left, 15), shown, derived),
        decided(
            params,
            "at most the total complexity at -E_inf",
            total.str(15, radius=False),
            shown,
            not exceeds,
        ),
        decided(
            params,
            f"(1/N) log of the exact total count up to -E_inf, N = {SIZE}, within 4 log N / N",
            f"{finite:.8f}",
            shown,
            close,
        ),
        decided(
            params,
            "float64 theory.annealed.pure_model on the plateau",
            shown,
            repr(single),
            abs(single - number) < 1e-15 * 4,
        ),
    ]


def less(subtrahend: Callable[[Any], Any]) -> Plateau:
    """A plateau (1/2) log(p-1) less something else."""
    return lambda p, f: f.log(p - 1) / 2 - subtrahend(p)


CLAIM = Claim(
    id="E1",
    title="The plateau of Theta_{k,p} is (1/2) log(p-1) - (p-2)/p, not as printed",
    rows=("E1",),
    statement="For u >= -E_inf, Theta_{k,p}(u) = (1/2) log(p-1) - (p-2)/p for every k. The paper "
    "prints (1/2) log(p-1) - (p-2)/(4(p-1)), which is discontinuous at -E_inf and exceeds the "
    "exponent of the number of all critical points there.",
    source="CHMBL Sec. 4 (misprint); ABC Thm 2.5; Auffinger and Ben Arous 2013, Cor. 1.1",
    assumptions="pure model, p >= 3",
    evidence=Proof(tuple({"p": p} for p in (3, 4, 10, 50)), prove),
    alternatives=refuting(
        prove,
        "plateau",
        (
            "as printed",
            "erratum E1: u^2 = 1 put for u^2 = E_inf^2",
            less(lambda p: (p - 2) / (4 * (p - 1))),
        ),
        ("(p-2)/(p-1)", "p-1 for p", less(lambda p: (p - 2) / (p - 1))),
        ("0.1 % larger subtrahend", "near 1", less(lambda p: (p - 2) / p * 1001 / 1000)),
    ),
)
