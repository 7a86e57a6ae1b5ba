"""T3: Theta_p comes out of Kac and Rice; every face of theory.annealed.pure_model equals it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import sympy as sp

from theory.derivation import kac_rice
from verify.alternatives import refuting
from verify.claim import Cell, Claim, Params
from verify.claims.complexity import _closed_forms as closed_forms
from verify.evidence import Proof

LEVELS = ("-2.1", "-1.7", "-1.634", "-1.633", "-1.2", "-0.3", "0.4")


def prove(params: Params, formula: closed_forms.Formula = kac_rice.closed_form) -> list[Cell]:
    """The closed form symbolically; float64, mpmath and balls against quadrature alone."""
    if params["p"] == "any":
        return closed_forms.in_symbols(params, formula, ("outside", "bulk", "positive"))
    return closed_forms.in_numbers(params, "Theta", LEVELS)


def bulk(coefficient: Callable[[Any], Any]) -> closed_forms.Formula:
    """Another coefficient of u^2 between the barrier and 0."""
    return closed_forms.altered("bulk", lambda p, u, _: sp.log(p - 1) / 2 - coefficient(p) * u**2)


CLAIM = Claim(
    id="T3",
    title="Theta_p is derived from Kac-Rice and evaluated right",
    rows=("T3",),
    statement="lim (1/N) log E Crt_N(u) = Theta_p(u): (1/2) log(p-1) - (p-2) u^2/(4(p-1)) - I(u) "
    "below -E_inf, the same without I up to 0, and (1/2) log(p-1) above. The closed forms equal "
    "the exponent that SymPy derives from the covariance by Kac-Rice and Laplace; float64, mpmath "
    "and ball evaluation agree with direct quadrature of the semicircle's log potential.",
    source="CHMBL Thm 4.1; ABC Thm 2.8",
    assumptions="pure model; the determinant's mean concentrates on the semicircle's log potential "
    "(its rate is checked by exact counts, claim T3-N)",
    evidence=Proof(tuple({"p": p} for p in ("any", 3, 4, 11)), prove),
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
