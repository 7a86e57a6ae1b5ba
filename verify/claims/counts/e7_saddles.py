"""E7: the share of saddles at the barrier tends to a constant, not to 0."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

import numpy as np
from scipy.special import airy

from theory import mean_count, pure
from theory.annealed.pure_model import e_inf
from theory.goe import soft_edge
from verify.alternatives import constants, predicting, replacing
from verify.claim import Axes, Claim, Observation, Params, Prediction, Series
from verify.evidence import ExactSequence, exact_limit
from verify.statistics import extrapolate, power

VALUE, SLOPE = (float(v) for v in airy(0.0)[:2])  # Ai(0), Ai'(0)

TERMS = tuple(power(j / 3) for j in range(1, 6))


def saddles(params: Params, n: int) -> float:
    """Share of index >= 1 among the mean number of critical points below -E_inf, exactly."""
    model, barrier = pure(params["p"]), -float(e_inf(params["p"]))
    minima, whole = (mean_count(model, n, k, below=barrier).log for k in (0, None))
    return -float(np.expm1(minima - whole))


def predict(_: Params, kernel: float = SLOPE**2) -> Prediction:
    """1 - F_1'(0)/(Ai'(0)^2 + Ai(0)/3): density of the largest eigenvalue over that of all.

    Ai'(0)^2 is the diagonal of the Airy kernel.
    """
    last = float(np.exp(soft_edge.log_density(0, np.zeros(1))[0][0]))
    return {"share": 1 - last / (kernel + VALUE / 3)}


def series(seen: Sequence[Observation]) -> list[Series]:
    """The share against N^(-1/3), with its limit and the fit that finds it."""
    axes = Axes("Saddles below -E_inf", "N^(-1/3)", "share of the mean number")
    drawn = [axes.level("limit", (0.0, 0.26), predict({})["share"])]
    drawn.append(axes.level("as the paper says", (0.0, 0.26), 0.0))
    for one in seen:
        n, y, name = one.data["N"], one.data["value"], f"p = {one.params['p']}"
        fit, x = extrapolate(n, y, None, TERMS).coefficients, np.linspace(0, 0.26, 80)
        drawn.append(axes.points(name, n ** (-1 / 3), y))
        drawn.append(axes.line(f"{name}, fitted", x, np.polynomial.polynomial.polyval(x, fit)))
    return drawn


CLAIM = Claim(
    id="E7",
    title="Below -E_inf the mean share of saddles tends to 2.11 %, not to 0",
    rows=("E7",),
    statement="Counted in the mean and cumulated to -E_inf, the share of critical points that are "
    "saddles tends to 1 - F_1'(0)/(Ai'(0)^2 + Ai(0)/3), 2.11 %, for every p >= 3. The "
    "paper says that the probability of finding a saddle rather than a minimum in the "
    "band goes to 0: false for the band as a whole, in the mean; below its upper end it "
    "does (claim T5-N).",
    compares={
        "the share of critical points that are saddles tends to 1 - F_1'(0)/(Ai'(0)^2 + "
        "Ai(0)/3), 2.11 %": "limit of the share of saddles below -E_inf",
        "The paper says that the probability of finding a saddle rather than a minimum in "
        "the band goes to 0": "limit of the share of saddles below -E_inf",
    },
    source="CHMBL Sec. 4; ABC Thm 2.1 and 2.2; Tracy and Widom 1996",
    assumptions="pure model, p >= 3; mean numbers",
    notes="Proof: up to -E_inf the weight exp(-N (p-2) x^2/(2p)) has its mass within O(1/N) of the "
    "edge x = -sqrt 2, far inside the edge width N^(-2/3), so that the mean numbers are in the ratio "
    "of the densities at 0 of the edge process: of the last eigenvalue, F_1'(0), to that of all, "
    "K_Ai(0,0) + (1/2) Ai(0) (1 - int_0^inf Ai) = Ai'(0)^2 + Ai(0)/3. The factor of the model cancels. "
    "At fixed u < -E_inf the ratio falls like exp(-N I).",
    evidence=exact_limit(
        ExactSequence(
            value=saddles,
            sizes={
                "quick": (60, 90, 135, 200, 300, 450, 700, 1000),
                "standard": (60, 90, 135, 200, 300, 450, 700, 1000, 1500),
                "paper": (100, 150, 225, 340, 500, 750, 1100, 1600, 2400, 3600),
            },
            terms=TERMS,
            # by p: the resolution that the sequence has
            margin=lambda q, _: {3: 1e-3, 10: 1.2e-4}[q["p"]],
            quantities={"limit of the share of saddles below -E_inf": "share"},
        ),
        grid=({"p": 3}, {"p": 10}),
        predict=predict,
        bias="share + five powers of N^(-1/3), exact counts; the limit changes by less than half the "
        "margin when the last is dropped",
        constants=constants(predict, "share"),
        series=series,
    ),
    alternatives=(
        replacing(predict, "no saddles", "as printed: the share goes to 0", {"share": 0.0}),
        predicting(
            "Ai(0)^2",
            "the kernel's diagonal without its slope: density Ai(0)/3 + Ai(0)^2",
            partial(predict, kernel=VALUE**2),
        ),
        replacing(predict, "twice the share", "a factor 2", {"share": 0.0422}),
    ),
)
