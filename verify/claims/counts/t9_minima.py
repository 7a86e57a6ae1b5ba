"""T9: the sharp prefactor of the mean number of minima below -E_inf."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

from theory.annealed.pure_model import e_inf
from verify.alternatives import constants, replacing, scaling
from verify.claim import Alternative, Axes, Claim, Observation, Params, Prediction, Profile, Series
from verify.claims.counts._prefactors import density_share, over_exponential, prefactor, slope_share
from verify.evidence import ExactSequence, exact_limit
from verify.statistics import power

SHORT = (150, 200, 300, 450, 700, 1000)
LONG = (*SHORT, 1500, 2200, 3300, 5000)  # near the barrier, where the counts keep their digits
MARGIN = 3e-4  # relative
LEVELS = {3: ("-1.8", "-1.71"), 4: ("-1.91", "-1.82"), 10: ("-2.09", "-1.99")}


def sizes(params: Params) -> dict[Profile, tuple[int, ...]]:
    """More of them near the barrier."""
    more = LONG if -float(params["u"]) < 1.06 * e_inf(params["p"]) else SHORT
    return {"quick": SHORT, "standard": more, "paper": more}


def predict(params: Params) -> Prediction:
    """The constant of theory.finite_n.asymptotics, derived and as printed."""
    found = prefactor(params["p"], params["u"], 0)
    return {
        "C": float(found.corrected),
        "printed": float(found.printed or math.nan),
        "power": float(found.power),
    }


SEQUENCE = ExactSequence(
    value=lambda q, n: over_exponential(q, n, float(q["u"]), 0),
    sizes=sizes,
    terms=tuple(power(j) for j in range(1, 6)),
    margin=lambda _, limit: MARGIN * abs(limit),
    quantities={
        "minima / (N^(-1/2) exp(N Theta_0)), N -> infinity: constant": "C",
        "minima / (N^(-1/2) exp(N Theta_0)), N -> infinity: printed constant": "printed",
    },
    power="power",
)


def series(seen: Sequence[Observation]) -> list[Series]:
    """Exact over asymptotic against 1/N; 1 in the limit."""
    axes = Axes("Minima below -E_inf", "1/N", "exact / asymptotic")
    points = [
        axes.points(
            f"p = {one.params['p']}, u = {one.params['u']}",
            1 / one.data["N"],
            SEQUENCE.values(one) / one.prediction["C"],
        )
        for one in seen
    ]
    return [axes.level("limit", (0.0, max(max(one.x) for one in points)), 1.0), *points]


def scaled(name: str, why: str, factor: float | Callable[[Params], float]) -> Alternative:
    """The constant multiplied."""
    return scaling(predict, name, why, factor, "C", "printed")


CLAIM = Claim(
    id="T9",
    title="Sharp prefactor of the mean number of minima below the barrier",
    rows=("T9",),
    statement="At u < -E_inf, E Crt_{N,0}(u) = C N^(-1/2) exp(N Theta_{0,p}(u)) (1 + o(1)) with the C "
    "of all critical points (Theorem 11.1 (a)): what are no minima there is exponentially few. The "
    "print is right.",
    compares={
        "At u < -E_inf, E Crt_{N,0}(u) = C N^(-1/2) exp(N Theta_{0,p}(u)) (1 + o(1)) with "
        "the C of all critical points": (
            "minima / (N^(-1/2) exp(N Theta_0)), N -> infinity: constant"
        ),
        "The print is right": (
            "minima / (N^(-1/2) exp(N Theta_0)), N -> infinity: printed constant"
        ),
    },
    source="CHMBL supplement, Thm 11.2; ABC Thm 2.17",
    assumptions="pure model, p >= 3; fixed u < -E_inf, not uniformly up to it (erratum E7)",
    evidence=exact_limit(
        SEQUENCE,
        grid=tuple({"p": p, "u": u} for p, levels in LEVELS.items() for u in levels),
        predict=predict,
        bias="exact counts of index 0 (a Fredholm Pfaffian); exact/asymptotic is a series in 1/N, of "
        "which five terms are fitted; dropping the last moves the limit by less than 2e-5",
        constants=constants(predict, "C"),
        series=series,
    ),
    alternatives=(
        scaled("no rate in the slope", "1/(-Phi') for 1/(I_1' - Phi')", slope_share),
        scaled(
            "the density's prefactor of the unitary ensemble",
            "h(v) without its second term",
            density_share,
        ),
        scaled(
            "lowest eigenvalue beyond either edge",
            "the two edges of the spectrum taken together",
            2.0,
        ),
        scaled("C 1 % larger", "near 1", 1.01),
        replacing(predict, "no power of N", "the exponential alone", {"power": 0.0}),
    ),
)
