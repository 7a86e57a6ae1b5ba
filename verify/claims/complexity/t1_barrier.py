"""T1: the energy barrier is the level at which the Hessian's spectrum touches zero."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import flint
import sympy as sp

from theory import pure, threshold
from theory.annealed import pure_model
from theory.arithmetic.functions import ARB, Functions
from theory.derivation import kac_rice
from verify.alternatives import refuting
from verify.claim import Cell, Claim, Params
from verify.evidence import Proof, decided, equal

Formula = Callable[[Any, Functions], Any]
DIGITS = 60


def prove(params: Params, formula: Formula = pure_model.barrier) -> list[Cell]:
    """The derived edge equals the closed form, as an expression or to 60 digits."""
    if params["p"] == "any":
        p = sp.Symbol("p", positive=True)
        difference = sp.simplify(kac_rice.e_inf_derived(p) - formula(p, kac_rice.SYMPY))
        return [equal(params, "derived - closed form", 0, difference)]
    p = params["p"]
    derived = sp.N(kac_rice.e_inf_derived(p), DIGITS + 5)
    with flint.ctx.workprec(4 * DIGITS):
        edge = flint.arb(str(derived), str(abs(derived) * sp.Float("1e-60")))
        closed = formula(flint.arb(p), ARB)
        agree = edge.overlaps(closed)
    said = str(derived)[:22]
    cells = [decided(params, "E_inf to 60 digits", said, closed.str(20, radius=False), agree)]
    if formula is pure_model.barrier:
        ball, single = threshold(pure(p), None, DIGITS), pure_model.e_inf(p)
        with flint.ctx.workprec(4 * DIGITS):
            face = ball.arb().overlaps(edge)
            near = abs(single - closed) < flint.arb("4e-16") * closed
        cells += [
            decided(params, "theory.threshold", said, ball.value[:22], face),
            decided(params, "float64 value, within 4e-16 of itself", said, repr(single), near),
        ]
    return cells


CLAIM = Claim(
    id="T1",
    title="The energy barrier is E_inf = 2 sqrt((p-1)/p)",
    rows=("T1",),
    statement="Given u, the Hessian at a critical point of the pure p-spin model has the spectrum "
    "of sqrt(p(p-1)) GOE, a semicircle on [-2, 2] sqrt(p(p-1)), shifted by -p u. Its lower edge "
    "reaches 0 at u = -E_inf = -2 sqrt((p-1)/p).",
    compares={
        "the spectrum of sqrt(p(p-1)) GOE, a semicircle on [-2, 2] sqrt(p(p-1)), shifted "
        "by -p u": "derived - closed form",
        "Its lower edge reaches 0 at u = -E_inf = -2 sqrt((p-1)/p)": "derived - closed form",
    },
    source="CHMBL Sec. 4; ABC eq. 1.7",
    assumptions="pure model, p >= 2; the law of the Hessian is derived from the covariance "
    "N xi(s.t/N) in SymPy",
    evidence=Proof(tuple({"p": p} for p in ("any", 2, 3, 4, 10, 50)), prove),
    alternatives=refuting(
        prove,
        "formula",
        ("half of it", "a factor 2", lambda p, f: f.sqrt((p - 1) / p)),
        ("twice", "a factor 2", lambda p, f: 4 * f.sqrt((p - 1) / p)),
        ("2 sqrt((p-2)/(p-1))", "p for p-1", lambda p, f: 2 * f.sqrt((p - 2) / (p - 1))),
        ("2 sqrt(p/(p+1))", "p+1 for p", lambda p, f: 2 * f.sqrt(p / (p + 1))),
        ("0.1 % larger", "near 1", lambda p, f: f.sqrt(4 * (p - 1) / p) * 1001 / 1000),
    ),
)
