"""E6: most mean minima lie above the barrier, by exactly how much."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from theory import complexity, mean_count, pure
from theory.theta import e_inf
from verify.claim import (
    Alternative,
    Axes,
    Cell,
    Claim,
    Data,
    Limit,
    Observation,
    Params,
    Prediction,
    Profile,
    Series,
    each,
)
from verify.statistics import equivalence_cell, extrapolate, power

SIZES = {
    "quick": (30, 45, 65, 95, 140, 200, 280),
    "standard": (60, 90, 135, 200, 300, 450, 700, 1000),
    "paper": (100, 150, 225, 340, 500, 750, 1100, 1600, 2400),
}
MARGIN = 0.04  # relative


def sequence(params: Params, profile: Profile) -> Data:
    """log E Crt_{N,0}, all and below -E_inf, exactly."""
    model, sizes = pure(params["p"]), SIZES[profile]
    barrier = -float(e_inf(params["p"]))
    whole = [mean_count(model, n, k=0).log for n in sizes]
    below = [mean_count(model, n, k=0, below=barrier).log for n in sizes]
    return {"N": np.array(sizes, dtype=float), "all": np.array(whole), "below": np.array(below)}


def constant(p: int) -> float:
    """(16/3) c^(3/2), c = (p-2)/(2p): the maximum of 2 c d - d^3/24 over d."""
    c = (p - 2) / (2 * p)
    return float(16 / 3 * c**1.5)


def predict(params: Params) -> Prediction:
    """The coefficient of sqrt(N), and Theta_0 at the barrier."""
    p = params["p"]
    return {"coefficient": constant(p), "Theta": float(complexity(pure(p), -e_inf(p), k=0))}


TERMS = (power(0.25), lambda n: np.log(n) / np.sqrt(n), power(0.5), power(0.75))


def compare(seen: Observation) -> list[Cell]:
    """[log E Crt_{N,0} - N Theta_0(-E_inf)]/sqrt(N), extrapolated."""
    n = seen.data["N"]
    y = (seen.data["all"] - n * seen.prediction["Theta"]) / np.sqrt(n)
    limit = extrapolate(n, y, None, TERMS)
    coefficient = seen.prediction["coefficient"]
    return [
        equivalence_cell(
            seen.params,
            "limit of [log E Crt_{N,0} - N Theta_0(-E_inf)]/sqrt(N)",
            coefficient,
            limit.value,
            0.0,
            len(n),
            MARGIN * constant(seen.params["p"]),
        ),
    ]


def times(factor: float) -> Alternative:
    """Another coefficient."""
    return Alternative(
        f"{factor:g} times the coefficient",
        "as printed: all minima lie below -E_inf, no correction" if not factor else "near 1",
        {
            "predict": lambda q: {
                **predict(q),
                "coefficient": factor * constant(q["p"]),
            }
        },
    )


def series(seen: Sequence[Observation]) -> list[Series]:
    """The share of mean minima below the barrier against N."""
    axes = Axes("Mean minima below -E_inf", "N", "share of all", "linear", "log")
    return [
        Series(
            axes,
            f"p = {one.params['p']}",
            one.data["N"].tolist(),
            np.exp(one.data["below"] - one.data["all"]).tolist(),
            kind="points",
        )
        for one in seen
    ]


CLAIM = Claim(
    id="E6",
    title="In the mean almost all minima lie above -E_inf, not below it",
    rows=("E6", "T4"),
    statement="E Crt_{N,0} = exp(N Theta_0(-E_inf) + (16/3) c^(3/2) sqrt(N) (1 + o(1))), "
    "c = (p-2)/(2p), while only exp(N Theta_0(-E_inf) + O(log N)) of them lie below -E_inf: the share "
    "below the barrier vanishes like exp(-(16/3) c^(3/2) sqrt(N)). The paper says that all critical "
    "values of bounded index lie in (-N E_0, -N E_inf). That holds with an eps of room alone.",
    source="CHMBL Sec. 4; exact counts (ABC Thm 2.2 and theory.counting)",
    assumptions="pure model, p >= 3; mean numbers",
    notes="Proof of the constant: at d edge widths inside the edge, |y| = sqrt(2N) - d/(sqrt 2 N^(1/6)), "
    "the weight exp(-c y^2) has gained exp(2 c N^(1/3) d), while the smallest eigenvalue is pushed in "
    "that far with probability exp(-d^3/24 (1 + o(1))) "
    "(Tracy-Widom, beta = 1). The maximum of 2 c N^(1/3) d - d^3/24 is at d = 4 sqrt(c) N^(1/6), with "
    "value (16/3) c^(3/2) sqrt(N). In energy d edge widths are E_inf d/(2 N^(2/3)): typical mean "
    "minima sit 2 sqrt(c) E_inf/sqrt(N) above -E_inf, 1.33/sqrt(N) for p = 3.",
    evidence=Limit(
        grid=({"p": 3}, {"p": 4}),
        predict=predict,
        compare=each(compare),
        bias="coefficient + a N^(-1/4) + b log N/sqrt(N) + c N^(-1/2) + d N^(-3/4), exact counts; the "
        "margin, 4 % of the coefficient, is more than twice the change when the last is dropped",
        sequence=sequence,
        constants={
            "coefficient": lambda q, eps: {
                **predict(q),
                "coefficient": constant(q["p"]) * (1 + eps),
            }
        },
        series=series,
    ),
    alternatives=(
        times(0.0),
        times(1.1),
        times(0.9),
        Alternative(
            "beta = 2",
            "the tail of the unitary ensemble, exp(-d^3/12)",
            {"predict": lambda q: {**predict(q), "coefficient": constant(q["p"]) / math.sqrt(2)}},
        ),
    ),
)
