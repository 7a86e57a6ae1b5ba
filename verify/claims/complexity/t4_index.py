"""T4: Theta_{k,p} is derived from Kac-Rice and evaluated right."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import flint
import mpmath
import sympy as sp

from theory.annealed import pure_model
from theory.annealed.pure_model import Branch
from theory.derivation import kac_rice
from verify.claim import Alternative, Cell, Claim, Params
from verify.evidence import Proof

Formula = Callable[[Any, Any, Any, Branch], Any]
LEVELS = ("-2.1", "-1.9", "-1.7", "-1.634", "-1.2", "0.4")
DIGITS = 30


def prove(params: Params, formula: Formula = kac_rice.closed_form) -> list[Cell]:
    """Symbolically in p and k; then float64, mpmath and balls against quadrature."""
    if params["p"] == "any":
        p = sp.Symbol("p", positive=True)
        k = sp.Symbol("k", nonnegative=True)
        cells = []
        for branch, level in (("outside", kac_rice.T), ("plateau", sp.Integer(0))):
            candidate = formula(p, level, k, branch)  # type: ignore[arg-type]
            holds = kac_rice.equal_to_derived(p, k, branch, candidate)  # type: ignore[arg-type]
            shown = {True: "0", False: "not 0", None: "undecided"}[holds]
            cells.append(Cell(params, f"derived - closed form, {branch}", "0", shown, holds=holds))
        return cells
    p, k = params["p"], params["k"]
    cells = []
    for u in LEVELS:
        exact = kac_rice.theta_quadrature(p, u, k, DIGITS)
        multi = pure_model.theta_mp(p, u, k, DIGITS)
        with flint.ctx.workprec(150):
            ball = pure_model.theta_arb(p, flint.arb(u), k)
            near = abs(ball - flint.arb(mpmath.nstr(exact, DIGITS + 5))) < flint.arb("1e-25")
        single = float(pure_model.theta(p, float(u), k))
        holds = (
            bool(near)
            and abs(multi - exact) < mpmath.mpf(10) ** -25
            and abs(single - float(exact)) < 1e-14 * (1 + k)
        )
        cells.append(
            Cell(
                {**params, "u": u},
                "Theta_k: quadrature; mpmath, ball and float64",
                mpmath.nstr(exact, 20),
                mpmath.nstr(multi, 20),
                holds=holds,
            )
        )
    return cells


def altered(name: str, why: str, branch: Branch, change: Callable[..., Any]) -> Alternative:
    """A wrong closed form on one branch; the others as they are."""

    def formula(p: Any, level: Any, k: Any, at: Branch) -> Any:
        if at == branch:
            return change(sp.sympify(p), level, k, kac_rice.SYMPY)
        return kac_rice.closed_form(p, level, k, at)

    return Alternative(name, why, {"prove": partial(prove, formula=formula)})


CLAIM = Claim(
    id="T4",
    title="Theta_{k,p} is derived from Kac-Rice and evaluated right",
    rows=("T4",),
    statement="lim (1/N) log E Crt_{N,k}(u) = Theta_{k,p}(u): (1/2) log(p-1) - (p-2) u^2/(4(p-1)) - "
    "(k+1) I(u) below -E_inf, constant above. Of the k+1 rates one comes from the determinant and k "
    "from the k eigenvalues that must cross.",
    source="CHMBL Thm 4.1; ABC Thm 2.5",
    assumptions="pure model; each eigenvalue beyond the edge costs J at speed N (Ben Arous, Dembo, "
    "Guionnet 2001)",
    evidence=Proof(
        ({"p": "any", "k": "any"}, *({"p": p, "k": k} for p in (3, 4) for k in (0, 1, 5))),
        prove,
    ),
    alternatives=(
        altered(
            "k for k+1",
            "the determinant's own rate forgotten",
            "outside",
            lambda p, t, k, f: pure_model.outside(p, t, k - 1, f),
        ),
        altered(
            "k+2 for k+1",
            "an index off by one",
            "outside",
            lambda p, t, k, f: pure_model.outside(p, t, k + 1, f),
        ),
        altered(
            "no cost of the index",
            "k rates forgotten",
            "outside",
            lambda p, t, k, f: pure_model.outside(p, t, 0, f),
        ),
        altered(
            "rate 1 % larger",
            "near 1",
            "outside",
            lambda p, t, k, f: pure_model.outside(p, t, (k + 1) * sp.Rational(101, 100) - 1, f),
        ),
        altered(
            "plateau as printed",
            "erratum E1",
            "plateau",
            lambda p, t, k, f: f.log(p - 1) / 2 - (p - 2) / (4 * (p - 1)),
        ),
    ),
)
