"""X6: from which strength on critical points lie near a spike, and where."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache, partial

import numpy as np
import sympy as sp

from theory import spike_threshold, spiked_complexity
from verify.alternatives import refuting
from verify.claim import Axes, Cell, Claim, Params, Series
from verify.evidence import Exact, decided, equal, exact_cell

A, M, P, U = sp.symbols("a m p u", positive=True)
TOLERANCE = 1e-11
Expression = Callable[[], sp.Expr]


def resolvent_side() -> sp.Expr:
    """w >= 1, where u sqrt(p/(p-1)) = w + 1/w: the level outside of the semicircle on [-2, 2]."""
    return 1 / sp.sqrt((P - 1) * (1 - M**2))


def potential(w: sp.Expr) -> sp.Expr:
    """Mean log distance to the semicircle, plus 1/2; its derivative by the level is 1/w."""
    return sp.log(w) + 1 / (2 * w**2) + sp.Rational(1, 2)


def gradient_cost() -> sp.Expr:
    """Of a gradient that vanishes although its mean along the spike does not."""
    return P * A**2 * M ** (2 * P - 2) * (1 - M**2) / 2


def shift() -> sp.Expr:
    """Of the level at overlap m."""
    return A * M**P


@cache
def branch(cost: Expression = gradient_cost, moved: Expression = shift) -> dict[str, sp.Expr]:
    """S, dS/du and dS/dm on the branch, each 0; derived from the parts of S, not from its closed form."""
    w = sp.Symbol("w", positive=True)
    scale = sp.sqrt(P / (P - 1))
    level = (w + 1 / w) / scale
    exponent = (
        sp.log(P - 1) / 2
        + sp.log(1 - M**2) / 2
        + potential(w)
        - (level - moved()) ** 2 / 2
        - cost()
    )
    parts = {
        "exponent": exponent,
        "slope in u": sp.diff(exponent, w),
        "slope in m": sp.diff(exponent, M),
    }
    # With 1 - m^2 and p - 1 as positive symbols SymPy loses itself in no branch of a root.
    rest, less = sp.symbols("r q", positive=True)
    strength = M ** (2 - P) / sp.sqrt(P * rest)
    return {
        name: sp.simplify(
            sp.expand_log(
                sp.powsimp(one.subs(w, resolvent_side()).subs(A, strength))
                .subs(1 - M**2, rest)
                .subs(M, sp.sqrt(1 - rest))
                .subs(P, less + 1),
                force=True,
            )
        ).subs(less, P - 1)
        for name, one in parts.items()
    }


@cache
def smallest() -> sp.Expr:
    """The square of the smallest strength on the branch: m^2 = (p-2)/(p-1), where it is stationary."""
    square = 1 / (P * M ** (2 * P - 4) * (1 - M**2))
    at = sp.sqrt((P - 2) / (P - 1))
    assert sp.simplify(sp.diff(square, M).subs(M, at)) == 0
    return sp.simplify(square.subs(M, at))


def prove(
    params: Params,
    cost: Expression = gradient_cost,
    moved: Expression = shift,
    threshold: Callable[[sp.Expr], sp.Expr] = lambda square: square,
) -> list[Cell]:
    """SymPy for every p, then numbers; wrong theories are other keywords."""
    p = params["p"]
    seen = branch(cost, moved)
    cells = [
        equal(params, f"near the spike: {name}", 0, sp.simplify(rest.subs(P, p)))
        for name, rest in seen.items()
    ]
    square = threshold(smallest()).subs(P, p)
    said, ball = sp.sqrt(square).evalf(60), spike_threshold(p, 40)
    cells.append(
        decided(
            params,
            "a_c",
            str(said)[:22],
            ball.value[:22],
            abs(said - sp.Float(ball.value, 60)) <= sp.Float(ball.radius, 60),
        )
    )
    m = sp.sqrt(1 - sp.Rational(1, 2) / (P - 1)).subs(P, p).evalf(30)
    a = (1 / sp.sqrt(P * M ** (2 * P - 4) * (1 - M**2))).subs({P: p, M: m}).evalf(30)
    w = resolvent_side().subs({P: p, M: m}).evalf(30)
    u = (w + 1 / w) * sp.sqrt(sp.Rational(p - 1, p))
    value = float(spiked_complexity(p, float(a), float(m), float(u.evalf(30))))
    cells.append(exact_cell(params, "S of the theory on the branch", 0.0, value, TOLERANCE))
    return cells


def series() -> list[Series]:
    """The largest exponent at each overlap, at strengths about the threshold, p = 3."""
    axes = Axes("Largest exponent at overlap m, p = 3", "m", "S")
    critical = float(spike_threshold(3))
    levels = np.linspace(-1, 3.5, 4501)
    m = np.linspace(0.0, 0.985, 198)
    found = []
    for factor in (0.8, 1.0, 1.3):
        strength = factor * critical
        tops = np.array([spiked_complexity(3, strength, one, levels).max() for one in m])
        shown = tops > -0.12
        found.append(axes.line(f"{factor} a_c", m[shown], tops[shown]))
    return [*found, axes.level("0", (0.0, 1.0), 0.0)]


wrong = partial(refuting, prove)

CLAIM = Claim(
    id="X6",
    title="A spike in the data: the strength from which critical points lie near it",
    rows=("X6",),
    statement="With a mean a sqrt N m^p, m the overlap with a spike, the exponent S(m, u) of critical points "
    "is 0 and stationary where p a^2 m^(2p-4) (1 - m^2) = 1, at the level outside of the spectrum with "
    "w^2 = 1/((p-1)(1 - m^2)): points near the spike. They exist from a_c on, "
    "a_c^2 = (p-1)^(p-1)/(p (p-2)^(p-2)).",
    compares={
        "the exponent S(m, u) of critical points is 0": "near the spike: exponent",
        "With a mean a sqrt N m^p, m the overlap with a spike": "S of the theory on the branch",
        "and stationary where p a^2 m^(2p-4) (1 - m^2) = 1": "near the spike: slope*",
        "at the level outside of the spectrum with w^2 = 1/((p-1)(1 - m^2))": (
            "S of the theory on the branch"
        ),
        "They exist from a_c on, a_c^2 = (p-1)^(p-1)/(p (p-2)^(p-2))": "a_c",
    },
    source="Ben Arous, Mei, Montanari and Nica, The landscape of the spiked tensor model (2019): their "
    "lambda_c is a_c/sqrt 2; Ros, Ben Arous, Biroli and Cammarota 2019",
    assumptions="p >= 3; the annealed exponent of the total, where the Hessian's rank-one part drops out",
    evidence=Exact(tuple({"p": p} for p in (3, 4, 10)), prove, series),
    alternatives=(
        *wrong(
            "cost",
            (
                "no cost of the gradient",
                "the mean along the spike forgotten",
                lambda: sp.Integer(0),
            ),
            ("half the cost", "Cov = (N/2) q^p beside Cov = N q^p", lambda: gradient_cost() / 2),
        ),
        *wrong(
            "moved",
            ("spike of the other sign", "the level falls for rises", lambda: -shift()),
            ("the level does not move", "the mean of H left out", lambda: sp.Integer(0)),
        ),
        *wrong(
            "threshold",
            ("lambda_c for a_c", "the other normalisation", lambda square: square / 2),
            (
                "xi'' for sqrt xi''",
                "the spectrum's scale squared",
                lambda square: square * sp.sqrt(P * (P - 1)),
            ),
        ),
    ),
)
