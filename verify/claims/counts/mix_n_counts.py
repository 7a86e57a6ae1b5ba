"""MIX-N: exact finite-N counts of mixtures, in total and by index, tend to their complexity."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from functools import partial

import numpy as np

from theory import Mixture, complexity, mean_count, parse, threshold
from verify.alternatives import constants, predicting
from verify.claim import (
    PROFILES,
    Alternative,
    Axes,
    Claim,
    Observation,
    Params,
    Prediction,
    Profile,
    Series,
)
from verify.claims.counts._expansions import RATE_TERMS, log_over_n
from verify.claims.counts._levels import level_of
from verify.evidence import ExactSequence, exact_limit
from verify.statistics import power

SHORT = (200, 300, 450, 700, 1000, 1500)
LONG = (*SHORT, 2200, 3300, 5000)
TOTAL: dict[Profile, tuple[int, ...]] = {"quick": SHORT, "standard": LONG, "paper": LONG}
MINIMA = dict.fromkeys(PROFILES, (100, 150, 200, 300, 450, 700, 1000))
INDEXED = dict.fromkeys(PROFILES, (60, 90, 130, 200, 300, 450))

# By the branch: total and minima beyond -E_inf; other indices there; marginal points, which push
# their eigenvalue into the spectrum by N^(-1/2).
TERMS = {
    "smooth": RATE_TERMS,
    "index": (log_over_n, power(1), power(1.5), power(2), power(2.5)),
    "marginal": (power(0.5), log_over_n, power(1), power(1.5), power(2)),
}
MARGIN = {"smooth": 1e-5, "index": 5e-4, "marginal": 4e-4}


def index(params: Params) -> int | None:
    """The index of a grid point, None for the total."""
    return None if params["k"] == "total" else int(params["k"])


def branch(params: Params) -> str:
    """Which expansion in N holds."""
    k, u = index(params), level_of(params["u"])
    if k is None:
        return "smooth"
    if u is None or -u < float(threshold(parse(params["xi"]), None, 17)):
        return "marginal"
    return "index" if k else "smooth"


def sizes(params: Params) -> Mapping[Profile, Sequence[int]]:
    """The N of each profile."""
    k = index(params)
    return TOTAL if k is None else INDEXED if k else MINIMA


def rate(params: Params, n: int) -> float:
    """(1/N) log of the exact mean number."""
    model, u = parse(params["xi"]), level_of(params["u"])
    return mean_count(model, n, index(params), below=u).log / n


Sigma = Callable[[Mixture, float, int | None], float]


def predict(params: Params, sigma: Sigma = complexity) -> Prediction:
    """Sigma at the level."""
    u = level_of(params["u"])
    return {"Sigma": float(sigma(parse(params["xi"]), 9.0 if u is None else u, index(params)))}


def wrong(name: str, why: str, sigma: Sigma) -> Alternative:
    """Another complexity."""
    return predicting(name, why, partial(predict, sigma=sigma))


def rigid(model: Mixture, u: float, k: int | None) -> float:
    """r = d1 u, as in a pure model of order d1: Theta with p = xi'(1)."""
    p = float(model.xi(1.0, 1))
    e_inf = 2 * math.sqrt((p - 1) / p)
    at = min(u, 0.0 if k is None else -e_inf)
    t = math.acosh(max(1.0, -at / e_inf))
    rate = (math.sinh(2 * t) - 2 * t) / 2
    return math.log(p - 1) / 2 - (p - 2) * at**2 / (4 * (p - 1)) - (1 + (k or 0)) * rate


def independent(model: Mixture, u: float, k: int | None) -> float:
    """u and r independent: no cost of u but u^2/2, and r free."""
    d1, d2 = (float(model.xi(1.0, order)) for order in (1, 2))
    edge = 0.0 if k is None else (d2 - d1) / (d1 + d2)
    return math.log(d2 / d1) / 2 - min(u, 0.0) ** 2 / 2 - edge


def without_edge(model: Mixture, u: float, k: int | None) -> float:
    """Minima most numerous all the way up from -E_inf: no branch of marginal points."""
    if k is None:
        return float(complexity(model, u))
    e_inf = float(threshold(model, None, 17))
    return float(complexity(model, u if u < -e_inf else 0.0, k))


SEQUENCE = ExactSequence(
    value=rate,
    sizes=sizes,
    terms=lambda q: TERMS[branch(q)],
    margin=lambda q, _: MARGIN[branch(q)],
    quantities={"limit of (1/N) log E Crt": "Sigma"},
)


def series(seen: Sequence[Observation]) -> list[Series]:
    """Rate less Sigma against 1/N, with the fitted expansion, whose limit is 0."""
    drawn = []
    for one in seen:
        k, n = one.params["k"], one.data["N"]
        axes = Axes(one.params["xi"], "1/N", "(1/N) log E Crt - Sigma")
        up_to = "all levels" if one.params["u"] == "all" else f"u <= {one.params['u']}"
        label = f"{'total' if k == 'total' else f'k = {k}'}, {up_to}"
        dense = n[0] * np.geomspace(1.0, 1e5, 80)
        fitted = SEQUENCE.fitted(one, dense)
        drawn += [
            axes.points(label, 1 / n, one.data["value"] - one.prediction["Sigma"]),
            axes.line(f"{label}, fitted", 1 / dense, fitted - one.prediction["Sigma"]),
        ]
    return drawn


A, B, C = "0.5 q^3 + 0.5 q^4", "0.75 q^2 + 0.25 q^4", "0.6 q^2 + 0.2 q^3 + 0.2 q^5"
GRID = (
    (A, "total", ("-1.94", "-1.18", "all")),
    (B, "total", ("-1.79", "-1.09", "all")),
    (C, "total", ("-1.9", "-1.2", "all")),
    (A, "0", ("-1.94",)),
    (B, "0", ("-1.79", "-1.54")),
    (B, "1", ("-1.54",)),
    (C, "0", ("-1.7",)),
    (C, "1", ("-1.7",)),
)

CLAIM = Claim(
    id="MIX-N",
    title="Exact mean numbers of critical points of mixtures tend to their complexity",
    rows=(),
    statement="(1/N) log E Crt_N(u) -> Sigma(u) and (1/N) log E Crt_{N,k}(u) -> Sigma_k(u) for "
    "mixtures of two and three terms: exact finite-N counts, extrapolated in N, in total on every "
    "branch, of minima and of index 1 beyond -E_inf and marginal.",
    compares={
        "(1/N) log E Crt_N(u) -> Sigma(u) and (1/N) log E Crt_{N,k}(u) -> Sigma_k(u)": (
            "limit of (1/N) log E Crt"
        ),
    },
    source="Auffinger and Ben Arous 2013 (limit); exact counts by Kac-Rice and GOE(N)",
    assumptions="xi(1) = 1; fixed levels away from -E_inf",
    evidence=exact_limit(
        SEQUENCE,
        grid=tuple({"xi": xi, "k": k, "u": u} for xi, k, levels in GRID for u in levels),
        predict=predict,
        bias="exact counts. Total, and minima beyond -E_inf: log N / N and powers of 1/N; the limit "
        "moves by less than 1e-5 (total) and 3e-6 (minima) when the last of four terms "
        "is dropped. Index 1 there: powers of N^(-1/2) too, 2e-4. Marginal points push their "
        "eigenvalue in by N^(-1/2), so that the leading correction is N^(-1/2): 1e-4",
        constants=constants(predict, "Sigma"),
        series=series,
    ),
    alternatives=(
        wrong("r = xi'(1) u", "the radial derivative rigid, as in a pure model", rigid),
        wrong("r free of u", "the covariance of u and r forgotten", independent),
        wrong(
            "no -log xi'",
            "the density of the gradient forgotten",
            lambda m, u, k: complexity(m, u, k) + math.log(float(m.xi(1.0, 1))) / 2,
        ),
        wrong(
            "k for k + 1",
            "the determinant's own rate forgotten",
            lambda m, u, k: complexity(m, u, k - 1) if k else complexity(m, u, k),
        ),
        wrong("no marginal branch", "the plateau up to -E_inf", without_edge),
        wrong(
            "Sigma_0 as the total above -E_inf",
            "no cost of being a minimum there",
            lambda m, u, k: complexity(m, u),
        ),
        wrong("Sigma + 0.001", "near 0", lambda m, u, k: complexity(m, u, k) + 1e-3),
    ),
)
