"""A1: mean minima outside the band, exactly: exp(-c N) below it, exp(-c N^2) above it."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from theory import complexity, mean_count, pure
from theory.annealed.pure_model import e_inf
from theory.finite_n.level_density import log_mean_density, squeeze
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

BELOW = (90, 130, 180, 260, 370, 520)
ABOVE = {
    "quick": (20, 30, 45, 65, 100, 150),
    "standard": (20, 30, 45, 65, 100, 150),
    "paper": (20, 30, 45, 65, 100, 150, 220),
}
MARGIN = {"below": 2e-4, "above": 1e-5}
TERMS = {
    "below": (lambda n: np.log(n) / n, power(1), power(2), power(3)),
    "above": (power(1), lambda n: np.log(n) / n**2, power(2), power(3), power(4)),
}
QUANTITY = {
    "below": "limit of (1/N) log E Crt_{N,0}(u)",
    "above": "limit of (1/N^2) log (d/du) E Crt_{N,0}(u)",
}


def sequence(params: Params, profile: Profile) -> Data:
    """Below: (1/N) log of the mean minima up to u. Above: (1/N^2) log of their density at u."""
    p, u = params["p"], params["u"]
    if params["side"] == "below":
        sizes: tuple[int, ...] = BELOW
        rates = [mean_count(pure(p), n, k=0, below=u).log / n for n in sizes]
    else:
        sizes = ABOVE[profile]
        rates = [float(log_mean_density(p, n, 0, u)) / n**2 for n in sizes]
    return {"N": np.array(sizes, dtype=float), "rate": np.array(rates)}


def predict(params: Params) -> Prediction:
    """Theta_0(u) < 0 below -E_0; -Psi(u) above -E_inf."""
    if params["side"] == "below":
        return {"rate": float(complexity(pure(params["p"]), params["u"], k=0))}
    return {"rate": -float(squeeze(params["p"], params["u"]))}


def compare(seen: Observation) -> list[Cell]:
    """The limit, by the expansion of the logarithm."""
    side = seen.params["side"]
    limit = extrapolate(seen.data["N"], seen.data["rate"], None, TERMS[side])
    return [
        equivalence_cell(
            seen.params,
            QUANTITY[side],
            seen.prediction["rate"],
            limit.value,
            0.0,
            len(seen.data["N"]),
            MARGIN[side],
        )
    ]


def cubic(params: Params) -> Prediction:
    """The edge's tail exp(-d^3/24) taken for all of the bulk."""
    if params["side"] == "below":
        return predict(params)
    w = -math.sqrt(2) * params["u"] / e_inf(params["p"])
    return {"rate": -((math.sqrt(2) - w) ** 3) / (6 * math.sqrt(2))}


def times(factor: float, side: str, name: str, why: str) -> Alternative:
    """The rate on one side multiplied."""

    def predicted(params: Params) -> Prediction:
        rate = predict(params)["rate"]
        return {"rate": rate * factor if params["side"] == side else rate}

    return Alternative(name, why, {"predict": predicted})


def series(seen: Sequence[Observation]) -> list[Series]:
    """Rates against 1/N with their limits, a panel a side."""
    drawn = []
    for one in seen:
        side = one.params["side"]
        of = "-E_0" if side == "below" else "-E_inf"
        label = "(1/N) log count" if side == "below" else "(1/N^2) log density"
        axes = Axes(f"Minima {side} {of}", "1/N", label)
        name = f"p = {one.params['p']}, u = {one.params['u']}"
        x, limit = 1 / one.data["N"], one.prediction["rate"]
        drawn.append(Series(axes, name, x.tolist(), one.data["rate"].tolist(), kind="points"))
        drawn.append(Series(axes, f"{name}, limit", [0.0, float(x[0])], [limit, limit]))
    return drawn


CLAIM = Claim(
    id="A1",
    title="Mean minima outside the band: exp(-c N) below it, exp(-c N^2) above it",
    rows=("A1",),
    statement="With room eps on either side the abstract is right, in the mean: at u < -E_0, "
    "(1/N) log E Crt_{N,0}(u) -> Theta_0(u) < 0; at u > -E_inf, (1/N^2) log (d/du) E Crt_{N,0}(u) -> "
    "-Psi(u) < 0, faster than any exponential. Without the room it is wrong: by E6 almost all mean "
    "minima lie above -E_inf, outside the band, typically 2 sqrt(c) E_inf/sqrt(N) above it with "
    "c = (p-2)/(2p), and there their number grows exponentially with N.",
    source="CHMBL abstract and Sec. 4; ABC Thm 2.2 and 2.5; Dean and Majumdar 2006 (Psi)",
    assumptions="pure model, p >= 3; mean numbers; fixed u outside [-E_0, -E_inf]",
    notes="A mean number bounds the probability that there is any such minimum (Markov). Above -E_inf "
    "a minimum needs all other eigenvalues of the Hessian pushed in from the edge, against their "
    "repulsion: Psi = (36 w^2 - w^4 - (15 w + w^3) r + 27 (log 18 - 2 log(w + r)))/108, "
    "r = sqrt(w^2 + 6), w = sqrt(2) |u|/E_inf. The factors (p-1)^(N/2) and exp(-c y^2) are of "
    "order exp(N) and decide nothing. As Psi rises with u, the number above u has the rate of the "
    "density at u; the density is used since no difference of counts has digits there. Near the "
    "barrier Psi is cubic in u + E_inf, so that N^2 Psi falls below the gain of order N (u + E_inf) "
    "within order N^(-1/2) of it: that is where the mean minima of E6 are.",
    evidence=Limit(
        grid=(
            {"p": 3, "side": "below", "u": -1.7},
            {"p": 4, "side": "below", "u": -1.9},
            {"p": 3, "side": "above", "u": -1.2},
            {"p": 4, "side": "above", "u": -1.3},
        ),
        predict=predict,
        compare=each(compare),
        bias="exact values; below: Theta_0 + a log N/N + b/N + c/N^2 + d/N^3; above: -Psi + a/N + "
        "b log N/N^2 + c/N^2 + d/N^3 + e/N^4; dropping the last moves the limit by less than half "
        "the margin",
        sequence=sequence,
        constants={"rate": lambda q, eps: {"rate": predict(q)["rate"] * (1 + eps)}},
        series=series,
    ),
    alternatives=(
        times(0.0, "above", "not faster than exp(-c N) above", "only exponential in N: Psi = 0"),
        times(2.0, "above", "beta = 2", "the cost of the unitary ensemble, 2 Psi"),
        times(1.02, "above", "Psi 2 % larger", "near 1"),
        times(0.0, "below", "no decay below -E_0", "Theta_0 = 0"),
        times(1.03, "below", "Theta_0 3 % larger", "near 1"),
        Alternative("cubic", "the soft edge's exp(-d^3/24) in all of the bulk", {"predict": cubic}),
    ),
)
