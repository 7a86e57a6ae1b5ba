"""T6: the layers E_k, certified: strictly decreasing, to the barrier."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise
from typing import Any

import flint

from theory import Ball, pure, threshold
from theory.annealed import pure_model
from theory.annealed.thresholds import threshold_arb
from theory.arithmetic.functions import ARB
from verify.alternatives import refuting
from verify.claim import Axes, Cell, Claim, Params, Series
from verify.evidence import Proof, decided

Layer = Callable[[int, Any], flint.arb]
INDICES = (*range(11), 100, 10_000, 1_000_000)
PRECISION = 160


def prove(params: Params, layer: Layer = threshold_arb) -> list[Cell]:
    """Order, the root of Theta_k, and an upper bound that tends to E_inf."""
    p = params["p"]
    cells = []
    with flint.ctx.workprec(PRECISION):
        edge = pure_model.e_inf_arb(p)
        layers = {k: layer(p, k) for k in INDICES}
        for k, following in pairwise(INDICES):
            one, other = layers[k], layers[following]
            said, seen = (x.str(25, radius=False) for x in (one, other))
            what, falls = f"E_{k} > E_{following} > E_inf", one > other and other > edge
            cells.append(decided({"p": p, "k": k}, what, said, seen, falls))
        # Theta_k(-E_inf cosh t) <= plateau - (k+1) (2/3) t^3, so that t^3 <= 3 plateau/(2(k+1)).
        for k in INDICES[-2:]:
            cube = 3 * pure_model.plateau(flint.arb(p), ARB) / (2 * (k + 1))
            bound = edge * (cube ** (flint.arb(1) / 3)).cosh()
            said, seen = (x.str(20, radius=False) for x in (bound, layers[k]))
            what = "E_k <= E_inf cosh((3 plateau/(2(k+1)))^(1/3)), which tends to E_inf"
            cells.append(decided({"p": p, "k": k}, what, said, seen, layers[k] <= bound))
    for k in (0, 1, 2, 7):
        cells.append(sign_change(p, k, layers[k]))
    if layer is threshold_arb:
        ball = threshold(pure(p), 3, 30)
        with flint.ctx.workprec(PRECISION):
            face = Ball.from_arb(layers[3], 40).overlaps(ball)
        cells.append(decided({"p": p, "k": 3}, "theory.threshold", ball.value, ball.value, face))
    return cells


def sign_change(p: int, k: int, layer: flint.arb) -> Cell:
    """Theta_k in balls just above and just below the layer."""
    with flint.ctx.workprec(PRECISION):
        at = [-layer + side * flint.arb("1e-18") for side in (1, -1)]
        above, below = (pure_model.theta_arb(p, u, k) for u in at)
        what = "Theta_k changes sign within 1e-18 of -E_k"
        seen = ", ".join(x.str(3, radius=False) for x in (above, below))
        right = bool(above > 0) and bool(below < 0)
    return decided({"p": p, "k": k}, what, "> 0 above, < 0 below", seen, right)


def without_rate(p: int, k: Any) -> flint.arb:
    """The root with k for k + 1: for k = 0 no rate I is left."""
    if k:
        return threshold_arb(p, k - 1)
    return (2 * (flint.arb(p) - 1) * (flint.arb(p) - 1).log() / (p - 2)).sqrt()


def series() -> list[Series]:
    """E_k - E_inf against k + 1: a line of slope -2/3."""
    axes = Axes("How far the layers lie below the barrier", "k + 1", "E_k - E_inf", "log", "log")
    ks = [0, 1, 2, 3, 5, 10, 20, 50, 100, 1000, 10_000]
    drawn = []
    for p in (3, 4, 10):
        e_inf = threshold(pure(p), None, 30)
        with flint.ctx.workprec(PRECISION):
            gaps = [float(threshold_arb(p, k) - e_inf.arb()) for k in ks]
        drawn.append(axes.line(f"p = {p}", [k + 1.0 for k in ks], gaps))
    return drawn


CLAIM = Claim(
    id="T6",
    title="The layers E_k decrease strictly to the barrier",
    rows=("T6",),
    statement="For p >= 3, Theta_{k,p} has one zero -E_k below -E_inf, and E_0 > E_1 > ... > E_inf, "
    "E_k -> E_inf: below -E_k the mean number of critical points of index k or more is exponentially "
    "small. Existence and uniqueness of each root are proved by interval Newton.",
    compares={
        "For p >= 3, Theta_{k,p} has one zero -E_k below -E_inf": (
            "Theta_k changes sign within 1e-18 of -E_k"
        ),
        "E_0 > E_1 > ... > E_inf": "E_0 > E_1 > E_inf",
        "E_k -> E_inf": "E_k <= E_inf cosh((3 plateau/(2(k+1)))^(1/3)), which tends to E_inf",
        "below -E_k the mean number of critical points of index k or more is exponentially "
        "small": "Theta_k changes sign within 1e-18 of -E_k",
    },
    source="CHMBL Sec. 4; ABC Thm 2.15 and eq. 2.13",
    assumptions="pure model, p >= 3",
    evidence=Proof(tuple({"p": p} for p in (3, 4, 7, 50)), prove, series),
    alternatives=refuting(
        prove,
        "layer",
        ("k+2 for k+1", "an index off by one", lambda p, k: threshold_arb(p, k + 1)),
        ("k for k+1", "the determinant's rate forgotten", without_rate),
        ("all at the barrier", "no layers", lambda p, k: threshold_arb(p, None)),
        ("one ground state", "E_k = E_0", lambda p, k: threshold_arb(p, 0)),
        (
            "one part in 10^15 larger",
            "the resolution",
            lambda p, k: threshold_arb(p, k) * (1 + flint.arb("1e-15")),
        ),
    ),
)
