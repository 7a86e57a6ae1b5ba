"""T5: below the barrier minima dominate, exponentially at every fixed level."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import flint
import sympy as sp

from theory.annealed import pure_model
from theory.arithmetic.functions import ARB, Functions
from theory.derivation import kac_rice
from verify.alternatives import refuting
from verify.claim import Cell, Claim, Params
from verify.evidence import Proof, decided, equal

Rate = Callable[[Any, Functions], Any]


def _positive(rate: Rate) -> bool:
    """Certified: rate > 0 at t = 2^2, 2^1, ..., 2^-30; between, its derivative speaks."""
    with flint.ctx.workprec(200):
        return all(bool(rate(flint.arb(2) ** (2 - i), ARB) > 0) for i in range(33))


def prove(params: Params, rate: Rate = pure_model.rate_at) -> list[Cell]:
    """I(0) = 0, I' = 2 sinh^2 t > 0, so Theta_k - Theta_0 = -k I < 0 below the barrier."""
    if params["part"] == "rate":
        return of_rate(params, rate)
    p = params["p"]
    cells = []
    with flint.ctx.workprec(120):
        for t in ("0.01", "0.1", "0.5", "2"):
            point = flint.arb(t)
            u = -pure_model.e_inf_arb(p) * point.cosh()
            for k in (1, 2, 5):
                gap = pure_model.theta_arb(p, u, 0) - pure_model.theta_arb(p, u, k)
                expected = k * rate(point, ARB)
                at = {"p": p, "k": k, "u": f"-E_inf cosh {t}"}
                said, seen = (x.str(12, radius=False) for x in (expected, gap))
                holds = gap > 0 and gap.overlaps(expected)
                cells.append(decided(at, "Theta_0 - Theta_k = k I > 0", said, seen, holds))
    return cells


def of_rate(params: Params, rate: Rate) -> list[Cell]:
    """The rate starts at 0, grows like 2 sinh^2, is the cost of the index, and positive."""
    t = kac_rice.T
    here, positive = rate(t, kac_rice.SYMPY), _positive(rate)
    start = sp.simplify(rate(sp.Integer(0), kac_rice.SYMPY))
    slope = sp.simplify((sp.diff(here, t) - 2 * sp.sinh(t) ** 2).rewrite(sp.exp))
    derived = sp.simplify((kac_rice.index_cost() - here).rewrite(sp.exp))
    # u + E_inf = -E_inf (cosh t - 1), of order t^2; I of order t^3.
    first = sp.series(here, t, 0, 5).removeO() / t**3
    ratio = sp.simplify(first.subs(t, 0) * 2 ** sp.Rational(3, 2))
    shown = "yes" if positive else "no"
    return [
        equal(params, "I at the barrier", 0, start),
        decided(params, "dI/dt - 2 sinh(t)^2", 0, str(slope)[:40], slope == 0),
        decided(params, "cost J of the index - I", 0, str(derived)[:40], derived == 0),
        equal(params, "I over (cosh t - 1)^(3/2) at the barrier", 4 * sp.sqrt(2) / 3, ratio),
        decided(params, "I > 0 at t = 4, 2, ..., 2^-30", "yes", shown, positive),
    ]


CLAIM = Claim(
    id="T5",
    title="Below the barrier minima dominate",
    rows=("T5",),
    statement="Theta_{k,p}(u) < Theta_{0,p}(u) for every k >= 1 and u < -E_inf: the difference is "
    "-k I(u), and I > 0 since I(-E_inf cosh t) = int_0^t 2 sinh^2. The gap closes at the barrier "
    "like (-E_inf - u)^(3/2), so dominance is not uniform up to it.",
    compares={
        "Theta_{k,p}(u) < Theta_{0,p}(u) for every k >= 1 and u < -E_inf: the difference "
        "is -k I(u)": "Theta_0 - Theta_k = k I > 0",
        "I > 0 since I(-E_inf cosh t) = int_0^t 2 sinh^2": "dI/dt - 2 sinh(t)^2",
        "The gap closes at the barrier like (-E_inf - u)^(3/2)": (
            "I over (cosh t - 1)^(3/2) at the barrier"
        ),
    },
    source="CHMBL Cor. 4.1",
    assumptions="pure model",
    evidence=Proof(({"part": "rate"}, {"part": "gap", "p": 3}, {"part": "gap", "p": 10}), prove),
    alternatives=refuting(
        prove,
        "rate",
        ("saddles dominate", "the sign of I", lambda t, f: -pure_model.rate_at(t, f)),
        ("no difference", "I = 0: every index alike", lambda t, f: 0 * t),
        ("gap linear in the distance", "I = 2 t^2 near the barrier", lambda t, f: 2 * t * t),
        ("1 % larger", "near 1", lambda t, f: pure_model.rate_at(t, f) * 101 / 100),
    ),
)
