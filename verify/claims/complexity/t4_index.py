"""T4: Theta_{k,p} is derived from Kac-Rice."""

from __future__ import annotations

import sympy as sp

from theory.derivation import kac_rice
from verify.alternatives import refuting
from verify.claim import Cell, Claim, Params
from verify.claims.complexity import _closed_forms as closed_forms
from verify.evidence import Proof


def prove(params: Params, formula: closed_forms.Formula = kac_rice.closed_form) -> list[Cell]:
    """The closed form on both branches, for symbols p and k."""
    return closed_forms.in_symbols(params, formula, ("outside", "plateau"))


CLAIM = Claim(
    id="T4",
    title="Theta_{k,p} is derived from Kac-Rice",
    rows=("T4",),
    statement="lim (1/N) log E Crt_{N,k}(u) = Theta_{k,p}(u): (1/2) log(p-1) - (p-2) u^2/(4(p-1)) - "
    "(k+1) I(u) below -E_inf, constant above. Of the k+1 rates one comes from the determinant and k "
    "from the k eigenvalues that must cross.",
    compares={
        "lim (1/N) log E Crt_{N,k}(u) = Theta_{k,p}(u): (1/2) log(p-1) - (p-2) "
        "u^2/(4(p-1)) - (k+1) I(u) below -E_inf": "derived - closed form, outside",
        "constant above": "derived - closed form, plateau",
        "Of the k+1 rates one comes from the determinant and k from the k eigenvalues that "
        "must cross": "derived - closed form, outside",
    },
    source="CHMBL Thm 4.1; ABC Thm 2.5",
    assumptions="pure model; each eigenvalue beyond the edge costs J at speed N (Ben Arous, Dembo, "
    "Guionnet 2001)",
    evidence=Proof(({"p": "any", "k": "any"},), prove),
    alternatives=refuting(
        prove,
        "formula",
        ("k for k+1", "the determinant's own rate forgotten", closed_forms.with_rates(lambda k: k)),
        ("k+2 for k+1", "an index off by one", closed_forms.with_rates(lambda k: k + 2)),
        ("no cost of the index", "k rates forgotten", closed_forms.with_rates(lambda _: 1)),
        (
            "rate 1 % larger",
            "near 1",
            closed_forms.with_rates(lambda k: (k + 1) * sp.Rational(101, 100)),
        ),
        (
            "plateau as printed",
            "erratum E1",
            closed_forms.altered(
                "plateau", lambda p, *_: sp.log(p - 1) / 2 - (p - 2) / (4 * (p - 1))
            ),
        ),
    ),
)
