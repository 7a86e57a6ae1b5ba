"""N3: signs that differ with probability eps are correlated at least so much, sharply."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from functools import cache
from itertools import product
from typing import Any

import numpy as np
import sympy as sp

from theory.networks import reduction
from theory.networks.reduction import Signs
from verify.alternatives import refuting
from verify.claim import Axes, Cell, Claim, Params, Series
from verify.evidence import Proof, decided, equal

UNITS = 24  # probabilities are multiples of 1/UNITS in the search over all laws
POINTS = (  # eps, p
    ("1/10", "1/2"),
    ("1/4", "1/2"),
    ("1/10", "1/5"),
    ("1/50", "1/10"),
    ("1/3", "2/5"),
    ("49/100", "1/2"),
)


@dataclass(frozen=True)
class Theory:
    """Squares of the least correlation and the law that attains it; wrong theories replace them."""

    squared: Callable[[Any, Any], Any] = reduction.signs_bound_squared
    extremal: Callable[[Any, Any], Signs] = reduction.extremal_signs
    printed: Callable[[Any], Any] = reduction.signs_bound_printed
    printed_from: Callable[[Any], Any] = reduction.printed_holds_from


@cache
def _laws() -> list[tuple[Any, Any, Any]]:
    """(eps, p, corr |corr|) of every law in multiples of 1/24 with eps <= p <= 1/2, by definition.

    Signs of +-1 are averaged cell by cell; nothing of `theory.networks.reduction` is used.
    """
    found = []
    cells = [(1, 1), (1, -1), (-1, 1), (-1, -1)]
    for counts in product(range(UNITS + 1), repeat=3):
        if sum(counts) > UNITS:
            continue
        law: list[Any] = [Fraction(w, UNITS) for w in (*counts, UNITS - sum(counts))]
        mean_b = sum(w * b for w, (b, _) in zip(law, cells, strict=True))
        mean_a = sum(w * a for w, (_, a) in zip(law, cells, strict=True))
        both = sum(w * a * b for w, (b, a) in zip(law, cells, strict=True))
        if abs(mean_a) == 1 or abs(mean_b) == 1:
            continue  # a sign that is constant has no correlation
        covariance = both - mean_a * mean_b
        square = covariance * abs(covariance) / ((1 - mean_a**2) * (1 - mean_b**2))
        eps = sum(w for w, (b, a) in zip(law, cells, strict=True) if a != b)
        found.append((Fraction(eps), Fraction(1 + mean_b) / 2, Fraction(square)))
    return found


def _law(eps: Any, p: Any, a: Any) -> Signs:
    """The law with P(A != B) = eps, P(B = +1) = p and P(A = +1) = a."""
    gained = (eps + a - p) / 2
    return Signs(p - (eps - gained), eps - gained, gained, 1 - p - gained)


def symbolic(params: Params, theory: Theory) -> list[Cell]:
    """The optimum over all joint laws: a square completed, equality, and its place in the range."""
    eps, p, a = sp.symbols("eps pi a", positive=True)
    alpha, beta = p - eps, 1 - p - eps
    law, bound, best = _law(eps, p, a), theory.squared(eps, p), theory.extremal(eps, p)

    def zero(what: str, residual: Any) -> Cell:
        return equal(params, what, 0, sp.simplify(residual))

    def product(of: str, probability: Any, said: str, factors: Any) -> Cell:
        found = sp.factor(sp.simplify(probability * (1 - 2 * eps)))
        what, same = f"its probability {of}, times 1 - 2 eps", sp.expand(found - factors) == 0
        return decided(params, what, said, found, same)

    square = (alpha * (1 - a) - beta * a) ** 2 / (4 * p * (1 - p) * a * (1 - a))
    covariance = (alpha * (1 - a) + beta * a) / 2
    spread = p * (1 - p) * best.plus_reduced * (1 - best.plus_reduced)
    law_of_best = "P(A != B), P(B = +1) of the extremal law"
    marginals = sp.simplify(best.disagree), sp.simplify(best.plus)
    is_law = marginals == (eps, p) and sp.simplify(sum(best) - 1) == 0
    edge = (1 + sp.sqrt(1 - 4 * theory.printed_from(eps))) / 2
    return [
        zero("covariance/4 - (alpha (1-a) + beta a)/2", law.covariance - covariance),
        zero(
            "corr^2 - bound^2 - a square",
            law.covariance**2 / (p * (1 - p) * a * (1 - a)) - bound - square,
        ),
        zero("corr^2 = bound^2 at the extremal law", best.covariance**2 - bound * spread),
        decided(params, law_of_best, (eps, p), marginals, is_law),
        # Both are products of numbers >= 0 for eps <= p <= 1/2: the extremal law is one.
        product("lost", best.lost, "eps (1 - pi - eps)", eps * (1 - p - eps)),
        product("gained", best.gained, "eps (pi - eps)", eps * (p - eps)),
        zero(
            "the bound falls with eps: slope + (1 - 2 eps)/(pi(1-pi))",
            sp.diff(bound, eps) * p * (1 - p) + 1 - 2 * eps,
        ),
        zero(
            "sharp = printed where pi (1-pi) = (1-eps)(1+2 eps)^2/8",
            (bound - theory.printed(eps) ** 2).subs(p, edge),
        ),
    ]


def search(params: Params, theory: Theory) -> list[Cell]:
    """Every law of two signs in multiples of 1/24, in rational arithmetic."""
    inside = [one for one in _laws() if one[0] <= one[1] <= Fraction(1, 2)]
    outside = [one for one in _laws() if one[1] < one[0] < Fraction(1, 2)]
    wide = [one for one in inside if one[1] * (1 - one[1]) >= theory.printed_from(one[0])]
    narrow = [one for one in inside if one not in set(wide)]
    below = sum(square < theory.squared(eps, p) for eps, p, square in inside)
    attaining = sum(square == theory.squared(eps, p) and 0 < eps < p for eps, p, square in inside)
    under, broken = (
        sum(square < theory.printed(eps) ** 2 for eps, _, square in laws) for laws in (wide, narrow)
    )
    negative = sum(square < 0 for _, _, square in outside)
    printed = "laws below the printed bound, of"
    balanced = f"{printed} {len(wide)} with pi(1-pi) >= (1-eps)(1+2eps)^2/8"
    others = f"{printed} the other {len(narrow)} with eps <= pi"
    no_bound = f"negative correlations, of {len(outside)} laws with pi < eps"
    return [
        equal(params, f"laws below the sharp bound, of {len(inside)}", 0, below),
        decided(params, "laws that attain it, 0 < eps < pi", "some", attaining, attaining > 0),
        equal(params, balanced, 0, under),
        decided(params, others, "some", broken, broken > 0),
        decided(params, no_bound, "some: no bound there", negative, negative > 0),
    ]


def point(params: Params, theory: Theory) -> list[Cell]:
    """The sharp bound attained at one (eps, p), beside the printed one and a grid of laws."""
    eps, p = (Fraction(params[name]) for name in ("eps", "pi"))
    best, low, printed = theory.extremal(eps, p), theory.squared(eps, p), theory.printed(eps)
    square = best.squared_correlation
    # P(A = +1) over a fine grid of its range [p - eps, p + eps]: none is lower.
    laws = [_law(eps, p, p - eps + 2 * eps * Fraction(i, 200)) for i in range(1, 200)]
    least = min(law.squared_correlation for law in laws if 0 < law.plus_reduced < 1)
    shown, at_best, on_grid = (f"{float(found) ** 0.5:.6f}" for found in (low, square, least))
    if p * (1 - p) >= theory.printed_from(eps):
        place, sign, right = "below the sharp one, not attained", "<", printed**2 < low
    else:
        place, sign, right = "above the sharp one, so broken", ">", printed**2 > square
    attained = square == low and min(best) >= 0 and sum(best) == 1
    what = "least corr over laws with these eps, pi: at or above, within 1e-3"
    name, bounds = f"printed (1-2 eps)/(1+2 eps): {place}", f"{sign} {shown}"
    return [
        decided(params, "corr at the extremal law = sharp bound", shown, at_best, attained),
        decided(params, what, shown, on_grid, low <= least < low + Fraction(1, 1000)),
        decided(params, name, bounds, f"{float(printed):.6f}", right),
    ]


def prove(params: Params, theory: Theory = Theory()) -> list[Cell]:
    """The optimum in symbols, by search over all small laws, and at points."""
    if "part" not in params:
        return point(params, theory)
    return symbolic(params, theory) if params["part"] == "symbols" else search(params, theory)


def series() -> list[Series]:
    """Sharp and printed bounds against eps, with the laws of the search."""
    drawn = []
    for p in (Fraction(1, 2), Fraction(1, 6)):
        axes = Axes(
            f"P(Y_N > 0) = pi = {p}",
            "eps, probability that the signs differ",
            "corr(sign Y_s, sign Y_N)",
        )
        eps = np.linspace(0, float(p), 120)
        square = np.maximum(reduction.signs_bound_squared(eps, float(p)), 0.0)
        laws = sorted({(e, s) for e, q, s in _laws() if q == p and e <= p and s >= 0})
        drawn += [
            axes.line("sharp", eps, np.sqrt(square)),
            axes.line("printed", eps, reduction.signs_bound_printed(eps)),
            axes.points(
                "joint laws in 24ths",
                [float(e) for e, _ in laws],
                [float(s) ** 0.5 for _, s in laws],
            ),
        ]
    return drawn


def one_percent_more(eps: Any, p: Any) -> Any:
    """The sharp bound times 1.01, in symbols or rationals."""
    factor = sp.Rational(101, 100) if isinstance(eps, sp.Expr) else Fraction(101, 100)
    return reduction.signs_bound_squared(eps, p) * factor**2


CLAIM = Claim(
    id="N3",
    title="Signs that differ with probability eps: the sharp least correlation",
    rows=("N3", "E4"),
    statement="If sign Y_s and sign Y_N differ with probability eps and P(Y_N > 0) = pi with eps <= "
    "pi <= 1/2, then corr >= sqrt(1 - eps (1-eps)/(pi (1-pi))), which some joint law "
    "attains; at pi = 1/2 this is 1 - 2 eps. The printed (1-2 eps)/(1+2 eps) is lower, so "
    "true, just where pi (1-pi) >= (1-eps)(1+2 eps)^2/8. For pi < eps there is no bound.",
    compares={
        "If sign Y_s and sign Y_N differ with probability eps and P(Y_N > 0) = pi with eps "
        "<= pi <= 1/2, then corr >= sqrt(1 - eps (1-eps)/(pi (1-pi)))": (
            "laws below the sharp bound, of *"
        ),
        "which some joint law attains; at pi = 1/2 this is 1 - 2 eps": (
            "corr at the extremal law = sharp bound"
        ),
        "The printed (1-2 eps)/(1+2 eps) is lower, so true, just where pi (1-pi) >= "
        "(1-eps)(1+2 eps)^2/8": "laws below the printed bound, of *",
        "For pi < eps there is no bound": "negative correlations, of *",
    },
    source="CHMBL Thm 3.2 and Lemma 8.1 (erratum E4: not sharp, and not for every pi >= eps)",
    assumptions="none on the networks: every joint law of two signs",
    evidence=Proof(
        (
            {"part": "symbols"},
            {"part": "search"},
            *({"eps": eps, "pi": p} for eps, p in POINTS),
        ),
        prove,
        series,
    ),
    alternatives=refuting(
        prove,
        "theory",
        (
            "as printed, sharp",
            "(1-2 eps)/(1+2 eps)",
            Theory(squared=lambda eps, p: reduction.signs_bound_printed(eps) ** 2),
        ),
        (
            "as printed, for every eps <= pi <= 1/2",
            "the classes' balance forgotten",
            Theory(printed_from=lambda eps: 0 * eps),
        ),
        ("1 % larger", "near 1", Theory(squared=one_percent_more)),
        (
            "1 - 2 eps for every pi",
            "pi = 1/2 alone",
            Theory(squared=lambda eps, p: (1 - 2 * eps) ** 2),
        ),
        (
            "all errors in one class",
            "the corner of the range: sqrt((1-2 eps)/(1+2 eps)) at pi = 1/2",
            Theory(extremal=lambda eps, p: Signs(p - eps, eps, 0 * eps, 1 - p)),
        ),
        (
            "errors shared evenly",
            "right at pi = 1/2 alone",
            Theory(extremal=lambda eps, p: Signs(p - eps / 2, eps / 2, eps / 2, 1 - p - eps / 2)),
        ),
    ),
    notes="The printed bound is true always at pi = 1/2 and never for pi < 0.146, where pi (1-pi) < 1/8. "
    "Write a = P(sign Y_s = +1), alpha = pi - eps, beta = 1 - pi - eps. Then a quarter of the "
    "covariance is (alpha (1-a) + beta a)/2, so corr^2 = (alpha (1-a) + beta a)^2/(4 pi (1-pi) a "
    "(1-a)) >= alpha beta/(pi (1-pi)) by the two means, with equality where alpha (1-a) = beta a, "
    "that is a = (pi-eps)/(1-2 eps), which lies in [pi-eps, pi+eps]. The bound falls with eps, so it "
    "also holds for at most eps.\n\nThe printed bound is the one for balanced classes loosened; "
    "where one class is rare it is false although eps <= pi: at eps = 1/50, pi = 1/10 it prints "
    "0.923, and a law with 0.884 exists.",
)
