"""E7: the share of saddles at the barrier tends to a constant, not to 0."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from scipy.special import airy

from theory import mean_count, pure
from theory.annealed.pure_model import e_inf
from theory.goe import soft_edge
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
    "quick": (60, 90, 135, 200, 300, 450, 700, 1000),
    "standard": (60, 90, 135, 200, 300, 450, 700, 1000, 1500),
    "paper": (100, 150, 225, 340, 500, 750, 1100, 1600, 2400, 3600),
}
MARGIN = 1e-3
TERMS = tuple(power(j / 3) for j in range(1, 6))


def sequence(params: Params, profile: Profile) -> Data:
    """Share of index >= 1 among the mean number of critical points below -E_inf, exactly."""
    model, barrier = pure(params["p"]), -float(e_inf(params["p"]))
    sizes = SIZES[profile]
    shares = [
        -np.expm1(
            mean_count(model, n, k=0, below=barrier).log - mean_count(model, n, below=barrier).log
        )
        for n in sizes
    ]
    return {"N": np.array(sizes, dtype=float), "share": np.array(shares)}


def beside_the_last(density: float) -> float:
    """1 - F_1'(0) over the density at 0 of all eigenvalues at the soft edge."""
    last = float(np.exp(soft_edge.log_density(0, np.zeros(1))[0][0]))
    return 1 - last / density


def predict(params: Params) -> Prediction:
    """1 - F_1'(0)/(Ai'(0)^2 + Ai(0)/3): density of the largest eigenvalue over that of all."""
    value, slope = airy(0.0)[:2]
    return {"share": beside_the_last(slope**2 + value / 3)}


def without_slope(params: Params) -> Prediction:
    """The kernel's diagonal at 0 taken as Ai(0)^2."""
    value = airy(0.0)[0]
    return {"share": beside_the_last(value**2 + value / 3)}


def compare(seen: Observation) -> list[Cell]:
    """The limit of the share in powers of N^(-1/3)."""
    n, y = seen.data["N"], seen.data["share"]
    limit = extrapolate(n, y, None, TERMS)
    return [
        equivalence_cell(
            seen.params,
            "limit of the share of saddles below -E_inf",
            seen.prediction["share"],
            limit.value,
            0.0,
            len(n),
            MARGIN,
        )
    ]


def wrong(name: str, why: str, share: float) -> Alternative:
    """Another limit."""
    return Alternative(name, why, {"predict": lambda _: {"share": share}})


def series(seen: Sequence[Observation]) -> list[Series]:
    """The share against N^(-1/3), with its limit."""
    axes = Axes("Saddles below -E_inf", "N^(-1/3)", "share of the mean number")
    drawn = [
        Series(
            axes,
            f"p = {one.params['p']}",
            (one.data["N"] ** (-1 / 3)).tolist(),
            one.data["share"].tolist(),
            kind="points",
        )
        for one in seen
    ]
    limit = predict({})["share"]
    return [*drawn, Series(axes, "limit", [0.0, 0.26], [limit, limit])]


CLAIM = Claim(
    id="E7",
    title="Below -E_inf the mean share of saddles tends to 2.11 %, not to 0",
    rows=("E7",),
    statement="Counted in the mean and cumulated to -E_inf, the share of critical points that are "
    "saddles tends to 1 - F_1'(0)/(Ai'(0)^2 + Ai(0)/3) = 0.0211007 for every p >= 3. The paper says "
    "that the probability of finding a saddle rather than a minimum in the band goes to 0: true below "
    "-E_inf - eps, where the ratio falls like exp(-N I), and false for the band as a whole.",
    source="CHMBL Sec. 4; ABC Thm 2.1 and 2.2; Tracy and Widom 1996",
    assumptions="pure model, p >= 3; mean numbers",
    notes="Proof: up to -E_inf the weight exp(-N (p-2) x^2/(2p)) has its mass within O(1/N) of the "
    "edge x = -sqrt 2, far inside the edge width N^(-2/3), so that the mean numbers are in the ratio "
    "of the densities at 0 of the edge process: of the last eigenvalue, F_1'(0), to that of all, "
    "K_Ai(0,0) + (1/2) Ai(0) (1 - int_0^inf Ai) = Ai'(0)^2 + Ai(0)/3. The factor of the model cancels.",
    evidence=Limit(
        grid=({"p": 3}, {"p": 10}),
        predict=predict,
        compare=each(compare),
        bias="share + five powers of N^(-1/3), exact counts; the limit changes by less than half the "
        "margin when the last is dropped",
        sequence=sequence,
        constants={"share": lambda q, eps: {"share": predict(q)["share"] * (1 + eps)}},
        series=series,
    ),
    alternatives=(
        wrong("no saddles", "as printed: the share goes to 0", 0.0),
        Alternative(
            "Ai(0)^2",
            "the kernel's diagonal without its slope: density Ai(0)/3 + Ai(0)^2",
            {"predict": without_slope},
        ),
        wrong("twice the share", "a factor 2", 0.0422),
    ),
)
