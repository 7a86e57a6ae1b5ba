"""T3: Theta_p comes out of Kac and Rice."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import sympy as sp

from theory.derivation import kac_rice
from verify.alternatives import refuting
from verify.claim import Cell, Claim, Params
from verify.claims.complexity import _closed_forms as closed_forms
from verify.evidence import Proof


def prove(params: Params, formula: closed_forms.Formula = kac_rice.closed_form) -> list[Cell]:
    """The closed form on every branch, for a symbol p."""
    return closed_forms.in_symbols(params, formula, ("outside", "bulk", "positive"))


def bulk(coefficient: Callable[[Any], Any]) -> closed_forms.Formula:
    """Another coefficient of u^2 between the barrier and 0."""
    return closed_forms.altered("bulk", lambda p, u, _: sp.log(p - 1) / 2 - coefficient(p) * u**2)


CLAIM = Claim(
    id="T3",
    title="Theta_p is derived from Kac-Rice",
    rows=("T3",),
    statement="lim (1/N) log E Crt_N(u) = Theta_p(u): (1/2) log(p-1) - (p-2) u^2/(4(p-1)) - I(u) "
    "below -E_inf, the same without I up to 0, and (1/2) log(p-1) above. The closed forms equal "
    "the exponent that SymPy derives from the covariance by Kac-Rice and Laplace (values: claim "
    "THETA-V).",
    compares={
        "lim (1/N) log E Crt_N(u) = Theta_p(u): (1/2) log(p-1) - (p-2) u^2/(4(p-1)) - I(u) "
        "below -E_inf": "derived - closed form, outside",
        "the same without I up to 0": "derived - closed form, bulk",
        "(1/2) log(p-1) above": "derived - closed form, positive",
    },
    source="CHMBL Thm 4.1; ABC Thm 2.8",
    assumptions="pure model; the determinant's mean concentrates on the semicircle's log potential "
    "(its rate is checked by exact counts, claim T3-N)",
    evidence=Proof(({"p": "any"},), prove),
    alternatives=refuting(
        prove,
        "formula",
        ("(p-2)/(4p) in the bulk", "p for p-1", bulk(lambda p: (p - 2) / (4 * p))),
        (
            "coefficient of u^2 1 % larger",
            "near 1",
            bulk(lambda p: (p - 2) / (4 * (p - 1)) * sp.Rational(101, 100)),
        ),
        ("no rate below the barrier", "I forgotten", closed_forms.with_rates(lambda _: 0)),
        ("twice the rate", "k + 2 for k + 1", closed_forms.with_rates(lambda _: 2)),
        (
            "log(p-1)",
            "the factor 1/2 of (p-1)^(N/2) lost",
            closed_forms.altered("positive", lambda p, *_: sp.log(p - 1)),
        ),
    ),
)
