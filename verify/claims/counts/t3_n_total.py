"""T3-N: exact finite-N counts, extrapolated, give Theta_p."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

import numpy as np

from theory import complexity, mean_count, pure
from theory.annealed.pure_model import rate
from verify.claim import (
    Alternative,
    Axes,
    Cell,
    Claim,
    Data,
    Observation,
    Params,
    Prediction,
    Profile,
    Series,
    each,
)
from verify.evidence import Limit
from verify.statistics import equivalence_cell, extrapolate, power

SIZES = {
    "quick": (200, 300, 450, 700, 1000, 1500),
    "standard": (500, 800, 1200, 2000, 3200, 5000),
    "paper": (500, 800, 1200, 2000, 3200, 5000),
}
MARGIN = 3e-6


def level(params: Params) -> float | None:
    """The level of a grid point: None for all critical points."""
    return None if params["u"] == "all" else float(params["u"])


def sequence(params: Params, profile: Profile) -> Data:
    """(1/N) log of the exact mean number, N rising."""
    sizes = SIZES[profile]
    logs = [mean_count(pure(params["p"]), n, below=level(params)).log for n in sizes]
    return {"N": np.array(sizes, dtype=float), "rate": np.array(logs) / np.array(sizes)}


def predict(params: Params) -> Prediction:
    """Theta_p at the level."""
    u = level(params)
    return {"Theta": float(complexity(pure(params["p"]), 1.0 if u is None else u))}


TERMS = (lambda n: np.log(n) / n, power(1), power(2), power(3))


def compare(seen: Observation) -> list[Cell]:
    """The limit of the sequence by its known expansion in log N / N and powers of 1/N."""
    n, y = seen.data["N"], seen.data["rate"]
    limit = extrapolate(n, y, None, TERMS)
    return [
        equivalence_cell(
            seen.params,
            "limit of (1/N) log E Crt_N",
            seen.prediction["Theta"],
            limit.value,
            0.0,
            len(n),
            MARGIN,
        )
    ]


def shifted(change: Callable[[Params], float]) -> Callable[[Params], Prediction]:
    """Theta plus a change."""
    return lambda params: {"Theta": predict(params)["Theta"] + change(params)}


def times_below(params: Params, factor: float) -> float:
    """A multiple of the rate I at the level."""
    u = level(params)
    return 0.0 if u is None else factor * float(rate(params["p"], u))


def bulk_term(params: Params, factor: float) -> float:
    """A multiple of the quadratic term."""
    u, p = level(params), params["p"]
    return 0.0 if u is None else factor * (p - 2) / (4 * (p - 1)) * min(u, 0.0) ** 2


def series(seen: Sequence[Observation]) -> list[Series]:
    """Deviation from Theta against N, for each level."""
    drawn: list[Series] = []
    for one in seen:
        title = f"p = {one.params['p']}"
        axes = Axes(title, "N", "|(1/N) log E Crt - Theta|", "log", "log")
        gap = np.abs(one.data["rate"] - one.prediction["Theta"])
        drawn.append(
            Series(
                axes,
                f"u <= {one.params['u']}",
                one.data["N"].tolist(),
                gap.tolist(),
            )
        )
    return drawn


CLAIM = Claim(
    id="T3-N",
    title="Exact mean numbers of critical points, N to 5000, tend to Theta_p",
    rows=("T3",),
    statement="(1/N) log E Crt_N(u) -> Theta_p(u): the exact finite-N mean number of critical "
    "points, from the one-point density of GOE(N), extrapolated in N.",
    source="CHMBL Thm 4.1; ABC Thm 2.1 (exact count) and 2.8 (limit)",
    assumptions="pure model; levels away from -E_inf, where the expansion is in N^(-1/3)",
    evidence=Limit(
        grid=tuple(
            {"p": p, "u": u}
            for p, levels in ((3, (-1.8, -1.7, -1.5, -1.0, "all")), (4, (-1.9, -1.4, "all")))
            for u in levels
        ),
        predict=predict,
        compare=each(compare),
        bias="(1/N) log count = Theta + a log N / N + b/N + c/N^2 + ..., exact counts; four terms "
        "are fitted, and the limit changes by less than the margin when the last is dropped",
        sequence=sequence,
        constants={"Theta": lambda q, eps: {"Theta": predict(q)["Theta"] * (1 + eps)}},
        series=series,
    ),
    alternatives=(
        Alternative(
            "rate I 0.1 % larger",
            "near 1",
            {"predict": shifted(lambda q: times_below(q, -0.001))},
        ),
        Alternative(
            "no rate below the barrier",
            "I forgotten",
            {"predict": shifted(lambda q: times_below(q, 1.0))},
        ),
        Alternative(
            "coefficient of u^2 0.1 % larger",
            "near 1",
            {"predict": shifted(lambda q: bulk_term(q, -0.001))},
        ),
        Alternative(
            "(p-2)/(4p) u^2",
            "p for p-1",
            {"predict": shifted(lambda q: bulk_term(q, 1 / q["p"]))},
        ),
        Alternative(
            "log p / 2",
            "p for p-1",
            {"predict": shifted(lambda q: math.log(q["p"] / (q["p"] - 1)) / 2)},
        ),
    ),
)
