"""T5-N: exact counts by index below the barrier: minima dominate at the rate I, layer by layer."""

from __future__ import annotations

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
    "quick": (90, 130, 180, 260, 370, 520),
    "standard": (150, 220, 320, 450, 640, 900),
    "paper": (150, 220, 320, 450, 640, 900),
}
MARGIN = 1.5e-3
TERMS = (lambda n: np.log(n) / n, power(1), power(2), power(3))


def sequence(params: Params, profile: Profile) -> Data:
    """(1/N) log E Crt_{N,k}(u), exactly."""
    model, sizes = pure(params["p"]), SIZES[profile]
    logs = [mean_count(model, n, k=params["k"], below=params["u"]).log for n in sizes]
    return {"N": np.array(sizes, dtype=float), "rate": np.array(logs) / np.array(sizes)}


def predict(params: Params) -> Prediction:
    """Theta_{k,p} at the level."""
    return {"Theta": float(complexity(pure(params["p"]), params["u"], k=params["k"]))}


def compare(seen: Observation) -> list[Cell]:
    """The limit, by the known expansion in log N / N and powers of 1/N."""
    n, y = seen.data["N"], seen.data["rate"]
    limit = extrapolate(n, y, None, TERMS)
    return [
        equivalence_cell(
            seen.params,
            "limit of (1/N) log E Crt_{N,k}",
            seen.prediction["Theta"],
            limit.value,
            0.0,
            len(n),
            MARGIN,
        )
    ]


def shifted(name: str, why: str, change: Callable[[Params], float]) -> Alternative:
    """Theta_k plus a change."""

    def wrong(params: Params) -> Prediction:
        return {"Theta": predict(params)["Theta"] + change(params)}

    return Alternative(name, why, {"predict": wrong})


def cost(params: Params) -> float:
    """I at the level."""
    return float(rate(params["p"], params["u"]))


def series(seen: Sequence[Observation]) -> list[Series]:
    """The rates against N, and their limits as lines."""
    drawn = []
    for one in seen:
        axes = Axes(f"p = {one.params['p']}, u = {one.params['u']}", "N", "(1/N) log E Crt_{N,k}")
        n = one.data["N"].tolist()
        label, theta = f"k = {one.params['k']}", one.prediction["Theta"]
        drawn.append(Series(axes, label, n, one.data["rate"].tolist(), kind="points"))
        drawn.append(Series(axes, f"{label}, limit", [n[0], n[-1]], [theta, theta]))
    return drawn


CLAIM = Claim(
    id="T5-N",
    title="Exact counts by index below the barrier tend to Theta_{k,p}",
    rows=("T4", "T5", "T6", "A1"),
    statement="At fixed u < -E_inf, (1/N) log E Crt_{N,k}(u) -> Theta_{k,p}(u) for k = 0, 1, 2: the mean "
    "numbers of saddles of index k fall behind that of minima like exp(-k N I(u)). The levels shown lie "
    "below -E_0, so that the mean numbers of minima and saddles vanish there exponentially.",
    source="ABC Thm 2.2 and 2.5 (exact counts: theory.goe.fredholm)",
    assumptions="pure model; u < -E_inf fixed",
    evidence=Limit(
        grid=tuple({"p": p, "u": u, "k": k} for p, u in ((3, -1.75), (4, -2.0)) for k in (0, 1, 2)),
        predict=predict,
        compare=each(compare),
        bias="(1/N) log count = Theta + a log N / N + b/N + c/N^2 + ..., exact counts; four terms are "
        "fitted, and the limit changes by less than half the margin when the last is dropped",
        sequence=sequence,
        constants={"Theta": lambda q, eps: {"Theta": predict(q)["Theta"] * (1 + eps)}},
        series=series,
    ),
    alternatives=(
        shifted("k for k+1", "an index off by one", cost),
        shifted("k+2 for k+1", "an index off by one", lambda q: -cost(q)),
        shifted("every index alike", "k I left out", lambda q: q["k"] * cost(q)),
        shifted("2k for k", "the cost of beta = 2", lambda q: -q["k"] * cost(q)),
        shifted("10 % more", "near 1", lambda q: -0.1 * (q["k"] + 1) * cost(q)),
    ),
)
