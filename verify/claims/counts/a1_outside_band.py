"""A1: mean minima outside the band, exactly: exp(-c N) below it, exp(-c N^2) above it."""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import partial

import numpy as np

from theory import complexity, mean_count, pure
from theory.annealed.pure_model import e_inf
from theory.finite_n.level_density import log_mean_density, squeeze
from verify.alternatives import constants, replacing, scaling
from verify.claim import PROFILES, Axes, Claim, Observation, Params, Prediction, Profile, Series
from verify.claims.counts._expansions import RATE_TERMS
from verify.evidence import ExactSequence, exact_limit
from verify.statistics import power

ABOVE = (20, 30, 45, 65, 100, 150)
SIZES: dict[str, dict[Profile, tuple[int, ...]]] = {
    "below": dict.fromkeys(PROFILES, (90, 130, 180, 260, 370, 520)),
    "above": {"quick": ABOVE, "standard": ABOVE, "paper": (*ABOVE, 220)},
}
MARGIN = {"below": 2e-4, "above": 1e-5}
TERMS = {
    "below": RATE_TERMS,
    "above": (power(1), lambda n: np.log(n) / n**2, power(2), power(3), power(4)),
}
QUANTITY = {
    "below": "limit of (1/N) log E Crt_{N,0}(u)",
    "above": "limit of (1/N^2) log (d/du) E Crt_{N,0}(u)",
}


def below(params: Params) -> bool:
    """Whether the level lies below -E_0."""
    return bool(params["side"] == "below")


def above(params: Params) -> bool:
    """Whether the level lies above -E_inf."""
    return not below(params)


def rate(params: Params, n: int) -> float:
    """Below: (1/N) log of the mean minima up to u. Above: (1/N^2) log of their density at u."""
    p, u = params["p"], params["u"]
    if below(params):
        return mean_count(pure(p), n, k=0, below=u).log / n
    return float(log_mean_density(p, n, 0, u)) / n**2


def predict(params: Params) -> Prediction:
    """Theta_0(u) < 0 below -E_0; -Psi(u) above -E_inf."""
    p, u = params["p"], params["u"]
    return {"rate": float(complexity(pure(p), u, k=0)) if below(params) else -float(squeeze(p, u))}


def cubic(params: Params, _: Prediction) -> Prediction:
    """The edge's tail exp(-d^3/24) taken for all of the bulk."""
    w = -math.sqrt(2) * params["u"] / e_inf(params["p"])
    return {"rate": -((math.sqrt(2) - w) ** 3) / (6 * math.sqrt(2))}


SEQUENCE = ExactSequence(
    value=rate,
    sizes=lambda q: SIZES[q["side"]],
    terms=lambda q: TERMS[q["side"]],
    margin=lambda q, _: MARGIN[q["side"]],
    quantities=lambda q: {QUANTITY[q["side"]]: "rate"},
)


def series(seen: Sequence[Observation]) -> list[Series]:
    """Rates against 1/N with their fits, and their limits at 0, a panel a side."""
    drawn, limits = [], []
    for one in seen:
        of, label = (
            ("-E_0", "(1/N) log count") if below(one.params) else ("-E_inf", "(1/N^2) log density")
        )
        axes = Axes(f"Minima {one.params['side']} {of}", "1/N", label)
        name = f"p = {one.params['p']}, u = {one.params['u']}"
        n = one.data["N"]
        dense = n[0] * np.geomspace(1.0, 1e5, 80)
        drawn += [
            axes.points(name, 1 / n, one.data["value"]),
            axes.line(f"{name}, fitted", 1 / dense, SEQUENCE.fitted(one, dense)),
        ]
        limits.append(axes.points(f"{name}, limit", [0.0], [one.prediction["rate"]]))
    return drawn + limits


scaled = partial(scaling, predict)

CLAIM = Claim(
    id="A1",
    title="Mean minima outside the band: exp(-c N) below it, exp(-c N^2) above it",
    rows=("A1",),
    statement="With room eps on either side the abstract is right, in the mean: at u < -E_0, "
    "(1/N) log E Crt_{N,0}(u) -> Theta_0(u) < 0; at u > -E_inf, (1/N^2) log (d/du) E Crt_{N,0}(u) -> "
    "-Psi(u) < 0, faster than any exponential. Without the room it is wrong: E6.",
    compares={
        "at u < -E_0, (1/N) log E Crt_{N,0}(u) -> Theta_0(u) < 0": (
            "limit of (1/N) log E Crt_{N,0}(u)"
        ),
        "at u > -E_inf, (1/N^2) log (d/du) E Crt_{N,0}(u) -> -Psi(u) < 0": (
            "limit of (1/N^2) log (d/du) E Crt_{N,0}(u)"
        ),
    },
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
    evidence=exact_limit(
        SEQUENCE,
        grid=(
            {"p": 3, "side": "below", "u": -1.7},
            {"p": 4, "side": "below", "u": -1.9},
            {"p": 3, "side": "above", "u": -1.2},
            {"p": 4, "side": "above", "u": -1.3},
        ),
        predict=predict,
        bias="exact values; below: Theta_0 + a log N/N + b/N + c/N^2 + d/N^3; above: -Psi + a/N + "
        "b log N/N^2 + c/N^2 + d/N^3 + e/N^4; dropping the last moves the limit by less than half "
        "the margin",
        constants=constants(predict, "rate"),
        series=series,
    ),
    alternatives=(
        scaled(
            "not faster than exp(-c N) above", "only exponential in N: Psi = 0", 0.0, where=above
        ),
        scaled("beta = 2", "the cost of the unitary ensemble, 2 Psi", 2.0, where=above),
        scaled("Psi 2 % larger", "near 1", 1.02, where=above),
        scaled("no decay below -E_0", "Theta_0 = 0", 0.0, where=below),
        scaled("Theta_0 3 % larger", "near 1", 1.03, where=below),
        replacing(
            predict, "cubic", "the soft edge's exp(-d^3/24) in all of the bulk", cubic, above
        ),
    ),
)
