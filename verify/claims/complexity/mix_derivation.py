"""MIX: the closed forms of the complexity of mixtures are what Kac and Rice give."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
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
from verify.claim import Alternative, Axes, Cell, Claim, Params, Series
from verify.evidence import Proof


def symbolic(formulas: Any) -> list[Cell]:
    """Every residual of the derivation, for symbols xi', xi'', k, u and t; and the pure limit."""
    k = sp.Symbol("k")
    branches: tuple[Branch, ...] = ("outside", "edge", "bulk")
    found = [
        (f"{branch}: {name}", residual)
        for branch in branches
        for name, residual in mixtures.residuals(branch, k, formulas).items()
    ]
    # A wrong formula shows at one generic point, without algebra.
    wrong_ones = [name for name, residual in found if mixtures.differs(residual)]
    if wrong_ones:
        return [Cell({"xi": "any"}, name, "0", "not 0", holds=False) for name in wrong_ones]
    cells = []
    for name, residual in found:
        holds = mixtures.vanishes(residual)
        shown = {True: "0", False: "not 0", None: "undecided"}[holds]
        cells.append(Cell({"xi": "any"}, name, "0", shown, holds=holds))
    return cells + pure_limit(formulas)


def pure_limit(formulas: Any) -> list[Cell]:
    """At xi' = p, xi'' = p (p-1), D = 0: the formulas of the pure model, in balls to 40 digits."""
    cells = []
    with flint.ctx.workprec(200):
        for p, k in ((3, 0), (4, 2), (11, 1)):
            m = Slopes(flint.arb(p), flint.arb(p * (p - 1)), flint.arb(0))
            order, t, u = flint.arb(p), flint.arb("0.3"), flint.arb("-0.9")
            pairs = {
                "E_inf": (
                    pure_model.barrier(order, ARB),
                    formulas.barrier(m, ARB),
                ),
                "E_c": (
                    pure_model.barrier(order, ARB),
                    formulas.crest(m, ARB),
                ),
                "outside": (
                    pure_model.outside(order, t, k, ARB),
                    formulas.outside(m, t, k, ARB),
                ),
                "bulk": (
                    pure_model.bulk(order, u, ARB),
                    formulas.bulk(m, u, ARB),
                ),
                "plateau": (
                    pure_model.plateau(order, ARB),
                    formulas.plateau(m, ARB),
                ),
            }
            for name, (pure, mix) in pairs.items():
                holds = bool(abs(pure - mix) < flint.arb("1e-40"))
                left, right = (x.str(20, radius=False) for x in (pure, mix))
                cells.append(
                    Cell({"p": p, "k": k}, f"pure limit: {name}", left, right, holds=holds)
                )
    return cells


def prove(params: Params, formulas: Any = mixed_model) -> list[Cell]:
    """The residuals, then the pure limit."""
    return symbolic(formulas)


def wrong(name: str, why: str, **changes: Callable[..., Any]) -> Alternative:
    """Some formulas of theory.annealed.mixed_model replaced."""
    formulas = SimpleNamespace(**{**vars(mixed_model), **changes})
    return Alternative(name, why, {"prove": partial(prove, formulas=formulas)})


def rigid(m: Slopes, t: Any, k: Any, f: Any) -> Any:
    """The level at which r = -2 sqrt(d2) cosh t, if r = d1 u."""
    return 2 * f.sqrt(m.d2) * f.cosh(t) / m.d1


def series() -> list[Series]:
    """Sigma and Sigma_k of a pure-like and of a full mixture."""
    drawn = []
    for name in ("1/2 q^3 + 1/2 q^4", "97/100 q^2 + 3/100 q^30"):
        model = parse(name)
        top = float(threshold(model, None, 17))
        first = float(threshold(model, 0, 17))
        low, high = -1.01 * max(first, min(top, first + 0.3)), -0.93 * min(top, first)
        u = [low + (high - low) * j / 200 for j in range(201)]
        axes = Axes(f"{name}: {mixed_model.classify(model)}", "u = H/N", "complexity")
        for k in (None, 0, 1, 5):
            label = "total" if k is None else f"k = {k}"
            drawn.append(Series(axes, label, u, mixed_model.sigma(model, u, k).tolist()))
        drawn.append(Series(axes, "-E_0", [-first], kind="vline"))
        if -top > low:
            drawn.append(Series(axes, "-E_inf", [-top], kind="vline"))
    return drawn


CLAIM = Claim(
    id="MIX",
    title="The complexity of mixtures, in closed form from Kac-Rice",
    rows=(),
    statement="For a mixture xi with xi(1) = 1 the exponent of the mean number of critical points "
    "below u, in total and of index k, is the supremum over the radial derivative r of Sigma(u, r), "
    "which depends on xi'(1) and xi''(1) alone and has a closed form on each branch. Below -E_inf = "
    "-(xi''-xi'+xi'^2)/(xi' sqrt xi'') critical points are minima but for an exponentially small "
    "share; between there and -E_c those of a fixed index are marginal. The mixture is pure-like if "
    "the total exponent at -E_inf is positive (then E_0 > E_1 > ... decrease to E_inf^+), else full "
    "(then E_k = E_inf^+ < E_inf for every k, and below it only saddles of high index are left). All "
    "reduces to the pure model's formulas at xi'' = xi'(xi'-1).",
    source="Auffinger and Ben Arous 2013 (suprema there; the closed forms are derived here)",
    assumptions="xi(1) = 1; the determinant's mean concentrates on the semicircle, each eigenvalue "
    "beyond its edge costs J at speed N (values by search: claim MIX-V; exact counts: MIX-N)",
    evidence=Proof(({"xi": "any"},), prove, series),
    alternatives=(
        wrong("r = xi'(1) u", "the radial derivative rigid, as in a pure model", level=rigid),
        wrong(
            "E_inf = 2 sqrt(xi'')/xi'",
            "the same, for the barrier",
            barrier=lambda m, f: 2 * f.sqrt(m.d2) / m.d1,
        ),
        wrong(
            "xi'' for xi' + xi''",
            "the variance of r without its part xi'",
            crest=lambda m, f: 2 * m.d1 * f.sqrt(m.d2) / m.d2,
        ),
        wrong(
            "no -log xi'",
            "the density of the gradient forgotten",
            positive=lambda m, f: f.log(m.d2) / 2,
        ),
        wrong(
            "k rates for k + 1",
            "the determinant's own rate forgotten",
            outside=lambda m, t, k, f: mixed_model.outside(m, t, k - 1, f),
        ),
        wrong(
            "the plateau up to -E_inf",
            "no marginal branch",
            edge=lambda m, x, f: mixed_model.plateau(m, f) + 0 * x,
        ),
        wrong(
            "coefficient of u^2 0.1 % larger",
            "near 1",
            bulk=lambda m, u, f: (
                mixed_model.positive(m, f)
                - sp.Rational(1001, 1000) * (m.d2 - m.d1) * u**2 / (2 * m.stiffness)
                if f is SYMPY
                else mixed_model.bulk(m, u, f)
            ),
        ),
    ),
    notes="No mixture with rational coefficients is critical: G = log(xi''/xi') - (xi''-xi')(xi''-"
    "xi'+xi'^2)/(xi'^2 xi'') is the logarithm of a rational number less a rational number. Since "
    "only xi'(1) and xi''(1) enter, 3/4 q^2 + 1/4 q^4 and 1/2 q^2 + 1/2 q^3 have the same "
    "complexity, and different ground states (claim T2-M).",
)
