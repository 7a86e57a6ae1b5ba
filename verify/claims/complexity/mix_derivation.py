"""MIX: the closed forms of the complexity of mixtures are what Kac and Rice give."""

from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import flint
import sympy as sp

from theory import parse, threshold
from theory.annealed import mixed_model, pure_model
from theory.annealed.mixed_model import Branch, Slopes
from theory.arithmetic.functions import ARB
from theory.derivation import mixtures
from theory.derivation.kac_rice import SYMPY
from verify.alternatives import refuting
from verify.claim import Axes, Cell, Claim, Params, Series
from verify.evidence import Proof, decided


def prove(params: Params, formulas: Any = mixed_model) -> list[Cell]:
    """Every residual of the derivation, for symbols xi', xi'', k, u and t; and the pure limit."""
    k = sp.Symbol("k")
    branches: tuple[Branch, ...] = ("outside", "edge", "bulk")
    found = {
        f"{branch}: {name}": residual
        for branch in branches
        for name, residual in mixtures.residuals(branch, k, formulas).items()
    }
    # A wrong formula shows at one generic point, without algebra.
    wrong_ones = [name for name, residual in found.items() if mixtures.differs(residual)]
    if wrong_ones:
        return [decided(params, name, 0, "not 0", False) for name in wrong_ones]
    cells = []
    for name, residual in found.items():
        holds = mixtures.vanishes(residual)
        shown = {True: "0", False: "not 0", None: "undecided"}[holds]
        cells.append(decided(params, name, 0, shown, holds))
    return cells + pure_limit(formulas)


def pure_limit(formulas: Any) -> list[Cell]:
    """At xi' = p, xi'' = p (p-1), D = 0: the formulas of the pure model, in balls to 40 digits."""
    cells = []
    with flint.ctx.workprec(200):
        t, u = flint.arb("0.3"), flint.arb("-0.9")
        for order, k in ((3, 0), (4, 2), (11, 1)):
            p = flint.arb(order)
            m = Slopes(p, flint.arb(order * (order - 1)), flint.arb(0))
            for name, pure, mix in (
                ("E_inf", pure_model.barrier(p, ARB), formulas.barrier(m, ARB)),
                ("E_c", pure_model.barrier(p, ARB), formulas.crest(m, ARB)),
                ("outside", pure_model.outside(p, t, k, ARB), formulas.outside(m, t, k, ARB)),
                ("bulk", pure_model.bulk(p, u, ARB), formulas.bulk(m, u, ARB)),
                ("plateau", pure_model.plateau(p, ARB), formulas.plateau(m, ARB)),
            ):
                near = abs(pure - mix) < flint.arb("1e-40")
                left, right = (x.str(20, radius=False) for x in (pure, mix))
                at = {"p": order, "k": k}
                cells.append(decided(at, f"pure limit: {name}", left, right, near))
    return cells


def altered(**changes: Callable[..., Any]) -> SimpleNamespace:
    """Some formulas of theory.annealed.mixed_model replaced."""
    return SimpleNamespace(**{**vars(mixed_model), **changes})


def steeper(m: Slopes, u: Any, f: Any) -> Any:
    """The bulk with a larger coefficient of u^2, in symbols; in balls it is as it was."""
    if f is not SYMPY:
        return mixed_model.bulk(m, u, f)
    share = sp.Rational(1001, 1000)
    return mixed_model.positive(m, f) - share * (m.d2 - m.d1) * u**2 / (2 * m.stiffness)


def series() -> list[Series]:
    """Sigma and Sigma_k of a pure-like and of a full mixture."""
    drawn = []
    for name in ("1/2 q^3 + 1/2 q^4", "97/100 q^2 + 3/100 q^30"):
        model = parse(name)
        top, first = (float(threshold(model, k, 17)) for k in (None, 0))
        low, high = -1.01 * max(first, min(top, first + 0.3)), -0.93 * min(top, first)
        u = [low + (high - low) * j / 200 for j in range(201)]
        axes = Axes(f"{name}: {mixed_model.classify(model)}", "u = H/N", "complexity")
        for k in (None, 0, 1, 5):
            label = "total" if k is None else f"k = {k}"
            drawn.append(axes.line(label, u, mixed_model.sigma(model, u, k)))
        drawn.append(axes.mark("-E_0", -first))
        if -top > low:
            drawn.append(axes.mark("-E_inf", -top))
    return drawn


CLAIM = Claim(
    id="MIX",
    title="The complexity of mixtures, in closed form from Kac-Rice",
    rows=(),
    statement="For a mixture the exponent of the mean number of critical points below u, in total "
    "and of index k, is the supremum over the radial derivative r of Sigma(u, r), which "
    "depends on xi'(1) and xi''(1) alone and has a closed form on each branch. Below "
    "-E_inf = -(xi''-xi'+xi'^2)/(xi' sqrt xi'') critical points are minima but for an "
    "exponentially small share; between there and -E_c those of a fixed index are "
    "marginal. The mixture is pure-like if the total exponent at -E_inf is positive, "
    "else full (the layers of both: claim MIX-V). All reduces to the pure model's "
    "formulas at xi'' = xi'(xi'-1).",
    compares={
        "is the supremum over the radial derivative r of Sigma(u, r), which depends on "
        "xi'(1) and xi''(1) alone": "outside: stationary in r",
        "has a closed form on each branch": "bulk: value",
        "Below -E_inf = -(xi''-xi'+xi'^2)/(xi' sqrt xi'') critical points are minima but "
        "for an exponentially small share": "bulk: the spectrum's edge at -E_inf",
        "between there and -E_c those of a fixed index are marginal": "edge: value",
        "The mixture is pure-like if the total exponent at -E_inf is positive": "bulk: G",
        "All reduces to the pure model's formulas at xi'' = xi'(xi'-1)": "pure limit: *",
    },
    source="Auffinger and Ben Arous 2013 (suprema there; the closed forms are derived here)",
    assumptions="xi(1) = 1; the determinant's mean concentrates on the semicircle, each eigenvalue "
    "beyond its edge costs J at speed N (values by search: claim MIX-V; exact counts: MIX-N)",
    evidence=Proof(({"xi": "any"},), prove, series),
    alternatives=refuting(
        prove,
        "formulas",
        (
            "r = xi'(1) u",
            "the radial derivative rigid, as in a pure model",
            altered(level=lambda m, t, k, f: 2 * f.sqrt(m.d2) * f.cosh(t) / m.d1),
        ),
        (
            "E_inf = 2 sqrt(xi'')/xi'",
            "the same, for the barrier",
            altered(barrier=lambda m, f: 2 * f.sqrt(m.d2) / m.d1),
        ),
        (
            "xi'' for xi' + xi''",
            "the variance of r without its part xi'",
            altered(crest=lambda m, f: 2 * m.d1 * f.sqrt(m.d2) / m.d2),
        ),
        (
            "no -log xi'",
            "the density of the gradient forgotten",
            altered(positive=lambda m, f: f.log(m.d2) / 2),
        ),
        (
            "k rates for k + 1",
            "the determinant's own rate forgotten",
            altered(outside=lambda m, t, k, f: mixed_model.outside(m, t, k - 1, f)),
        ),
        (
            "the plateau up to -E_inf",
            "no marginal branch",
            altered(edge=lambda m, x, f: mixed_model.plateau(m, f) + 0 * x),
        ),
        ("coefficient of u^2 0.1 % larger", "near 1", altered(bulk=steeper)),
    ),
    notes="No mixture with rational coefficients is critical: G = log(xi''/xi') - (xi''-xi')(xi''-"
    "xi'+xi'^2)/(xi'^2 xi'') is the logarithm of a rational number less a rational number. Since "
    "only xi'(1) and xi''(1) enter, 3/4 q^2 + 1/4 q^4 and 1/2 q^2 + 1/2 q^3 have the same "
    "complexity, and different ground states (claim T2-M).",
)
