"""T3-N: exact finite-N counts, extrapolated, give Theta_p."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

import numpy as np

from theory import complexity, mean_count, pure
from theory.annealed.pure_model import rate
from verify.alternatives import constants, replacing
from verify.claim import Alternative, Axes, Claim, Observation, Params, Prediction, Profile, Series
from verify.claims.counts._expansions import RATE_TERMS
from verify.claims.counts._levels import level_of
from verify.claims.counts._prefactors import prefactor
from verify.evidence import ExactSequence, exact_limit

LONG = (500, 800, 1200, 2000, 3200, 5000)
SIZES: dict[Profile, tuple[int, ...]] = {
    "quick": (200, 300, 450, 700, 1000, 1500),
    "standard": LONG,
    "paper": LONG,
}


def predict(params: Params) -> Prediction:
    """Theta_p at the level."""
    u = level_of(params["u"])
    return {"Theta": float(complexity(pure(params["p"]), 1.0 if u is None else u))}


def shifted(name: str, why: str, change: Callable[[Params], float]) -> Alternative:
    """Theta plus a change."""
    return replacing(predict, name, why, lambda q, said: {"Theta": said["Theta"] + change(q)})


def times_below(params: Params, factor: float) -> float:
    """A multiple of the rate I at the level."""
    u = level_of(params["u"])
    return 0.0 if u is None else factor * float(rate(params["p"], u))


def quadratic(params: Params, factor: float) -> float:
    """A multiple of the quadratic term."""
    u, p = level_of(params["u"]), params["p"]
    return 0.0 if u is None else factor * (p - 2) / (4 * (p - 1)) * min(u, 0.0) ** 2


def series(seen: Sequence[Observation]) -> list[Series]:
    """Exact over asymptotic, C N^a exp(N Theta), against 1/N; 1 in the limit."""
    drawn = []
    for p in dict.fromkeys(one.params["p"] for one in seen):
        axes, points = Axes(f"p = {p}", "1/N", "exact / asymptotic"), []
        for one in (one for one in seen if one.params["p"] == p):
            u, n = one.params["u"], one.data["N"]
            found = prefactor(p, "1" if u == "all" else str(u))  # all levels: any u above 0
            before = float(found.corrected.value) * n ** float(found.power)
            ratio = np.exp(n * (one.data["value"] - one.prediction["Theta"])) / before
            points.append(axes.points("all levels" if u == "all" else f"u <= {u}", 1 / n, ratio))
        end = max(max(one.x) for one in points)
        drawn += [axes.level("limit", (0.0, end), 1.0), *points]
    return drawn


CLAIM = Claim(
    id="T3-N",
    title="Exact mean numbers of critical points, N to 5000, tend to Theta_p",
    rows=("T3",),
    statement="(1/N) log E Crt_N(u) -> Theta_p(u): the exact finite-N mean number of critical "
    "points, from the one-point density of GOE(N), extrapolated in N.",
    compares={
        "(1/N) log E Crt_N(u) -> Theta_p(u)": "limit of (1/N) log E Crt_N",
    },
    source="CHMBL Thm 4.1; ABC Thm 2.1 (exact count) and 2.8 (limit)",
    assumptions="pure model; levels away from -E_inf, where the expansion is in N^(-1/3)",
    evidence=exact_limit(
        ExactSequence(
            value=lambda q, n: mean_count(pure(q["p"]), n, below=level_of(q["u"])).log / n,
            sizes=SIZES,
            terms=RATE_TERMS,
            # The expansion converges more slowly next to the barrier.
            margin=lambda q, _: 1.2e-5 if q["u"] == -1.7 else 3e-6,
            quantities={"limit of (1/N) log E Crt_N": "Theta"},
        ),
        grid=tuple(
            {"p": p, "u": u}
            for p, levels in ((3, (-1.8, -1.7, -1.5, -1.0, "all")), (4, (-1.9, -1.4, "all")))
            for u in levels
        ),
        predict=predict,
        bias="(1/N) log count = Theta + a log N / N + b/N + c/N^2 + ..., exact counts; four terms "
        "are fitted, and the limit changes by less than half the margin when the last is dropped",
        constants=constants(predict, "Theta"),
        series=series,
    ),
    alternatives=(
        shifted("rate I 0.1 % larger", "near 1", lambda q: times_below(q, -0.001)),
        shifted("no rate below the barrier", "I forgotten", lambda q: times_below(q, 1.0)),
        shifted("coefficient of u^2 0.1 % larger", "near 1", lambda q: quadratic(q, -0.001)),
        shifted("(p-2)/(4p) u^2", "p for p-1", lambda q: quadratic(q, 1 / q["p"])),
        shifted("log p / 2", "p for p-1", lambda q: math.log(q["p"] / (q["p"] - 1)) / 2),
    ),
)
