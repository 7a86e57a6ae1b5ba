"""T5-N: exact counts by index below the barrier: minima dominate at the rate I, layer by layer."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from theory import complexity, mean_count, pure
from theory.annealed.pure_model import rate
from verify.alternatives import constants, replacing
from verify.claim import Alternative, Axes, Claim, Observation, Params, Prediction, Profile, Series
from verify.claims.counts._expansions import RATE_TERMS
from verify.evidence import ExactSequence, exact_limit

LONG = (150, 220, 320, 450, 640, 900)
SIZES: dict[Profile, tuple[int, ...]] = {
    "quick": (90, 130, 180, 260, 370, 520),
    "standard": LONG,
    "paper": LONG,
}


def predict(params: Params) -> Prediction:
    """Theta_{k,p} at the level."""
    return {"Theta": float(complexity(pure(params["p"]), params["u"], k=params["k"]))}


def shifted(name: str, why: str, times: Callable[[int], float]) -> Alternative:
    """Theta_k plus a multiple of I at the level."""

    def wrong(params: Params, said: Prediction) -> Prediction:
        return {"Theta": said["Theta"] + times(params["k"]) * float(rate(params["p"], params["u"]))}

    return replacing(predict, name, why, wrong)


def series(seen: Sequence[Observation]) -> list[Series]:
    """The rates against N, and their limits as lines."""
    drawn = []
    for one in seen:
        axes = Axes(f"p = {one.params['p']}, u = {one.params['u']}", "N", "(1/N) log E Crt_{N,k}")
        n, label = one.data["N"], f"k = {one.params['k']}"
        drawn += [
            axes.points(label, n, one.data["value"]),
            axes.level(f"{label}, limit", (n[0], n[-1]), one.prediction["Theta"]),
        ]
    return drawn


CLAIM = Claim(
    id="T5-N",
    title="Exact counts by index below the barrier tend to Theta_{k,p}",
    rows=("T4", "T5", "T6", "A1"),
    statement="At fixed u < -E_inf, (1/N) log E Crt_{N,k}(u) -> Theta_{k,p}(u) for k = 0, 1, 2: the mean "
    "numbers of saddles of index k fall behind that of minima like exp(-k N I(u)). The levels shown lie "
    "below -E_0, so that the mean numbers of minima and saddles vanish there exponentially.",
    compares={
        "At fixed u < -E_inf, (1/N) log E Crt_{N,k}(u) -> Theta_{k,p}(u) for k = 0, 1, 2": (
            "limit of (1/N) log E Crt_{N,k}"
        ),
        "the mean numbers of saddles of index k fall behind that of minima like exp(-k N "
        "I(u))": "limit of (1/N) log E Crt_{N,k}",
    },
    source="ABC Thm 2.2 and 2.5 (exact counts: theory.goe.fredholm)",
    assumptions="pure model; u < -E_inf fixed",
    evidence=exact_limit(
        ExactSequence(
            value=lambda q, n: mean_count(pure(q["p"]), n, k=q["k"], below=q["u"]).log / n,
            sizes=SIZES,
            terms=RATE_TERMS,
            # by k: the resolution that the sequence has
            margin=lambda q, _: {0: 5e-5, 1: 6e-4, 2: 1.5e-3}[q["k"]],
            quantities={"limit of (1/N) log E Crt_{N,k}": "Theta"},
        ),
        grid=tuple({"p": p, "u": u, "k": k} for p, u in ((3, -1.75), (4, -2.0)) for k in (0, 1, 2)),
        predict=predict,
        bias="(1/N) log count = Theta + a log N / N + b/N + c/N^2 + ..., exact counts; four terms are "
        "fitted, and the limit changes by less than half the margin when the last is dropped",
        constants=constants(predict, "Theta"),
        series=series,
    ),
    alternatives=(
        shifted("k for k+1", "an index off by one", lambda k: 1.0),
        shifted("k+2 for k+1", "an index off by one", lambda k: -1.0),
        shifted("every index alike", "k I left out", float),
        shifted("2k for k", "the cost of beta = 2", lambda k: -float(k)),
        shifted("10 % more", "near 1", lambda k: -0.1 * (k + 1)),
    ),
)
