"""F1: the paper's Figure 1, the exact densities by index over the leading-order curves."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from theory import edge, mean_count, pure
from theory.level_density import log_mean_density
from theory.prefactor import sharp_asymptotics
from theory.theta import e_inf, theta
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

SIZES = (60, 90, 135, 200, 300, 450, 700, 1000)
DRAWN = {"quick": 200, "standard": 1000, "paper": 1000}
OF_MASS = 200
BELOW = "-1.8"  # where the prefactor is judged
PEAKS = {200: {0: -1.545, 1: -1.5, 5: -1.405}, 1000: {0: -1.595, 1: -1.58, 5: -1.55}}
HALF = {200: 0.1, 1000: 0.042}  # around the peaks; the mass found proves that it is all
NEAR = np.linspace(-1.66, -1.61, 6)
BARRIER = tuple(power(j / 3) for j in range(1, 6))
TAIL = tuple(lambda n, j=j: n**-j / np.log(n) for j in range(4))


def printed(p: int, n: int, k: int, u: NDArray[np.float64]) -> NDArray[np.float64]:
    """Log of N Theta_k' exp(N Theta_k), what the paper draws, for u < -E_inf.

    Theta_k = const - (p-2)/(4(p-1)) u^2 - (k+1) I with I' = -(2/E_inf^2) sqrt(u^2 - E_inf^2).
    """
    edge_of = e_inf(p)
    fall = 2 * np.sqrt(u * u - edge_of**2) / edge_of**2
    slope = -(p - 2) / (2 * (p - 1)) * u + (k + 1) * fall
    return np.asarray(np.log(n * slope) + n * theta(p, u, k))


def levels(n: int, k: int) -> NDArray[np.float64]:
    """Levels that hold the density of index k."""
    return np.asarray(PEAKS[n][k] + HALF[n] * np.linspace(-1.0, 1.0, 41))


def sequence(params: Params, profile: Profile) -> Data:
    """Exact density against index 0 at -E_inf, and over the printed curve below; a curve."""
    p, k = params["p"], params["k"]
    barrier, below = -e_inf(p), np.array([float(BELOW)])
    ratio = [log_mean_density(p, n, k, barrier) - log_mean_density(p, n, 0, barrier) for n in SIZES]
    over = [(log_mean_density(p, n, k, below) - printed(p, n, k, below))[0] for n in SIZES]
    whole, shown = levels(OF_MASS, k), levels(DRAWN[profile], k)
    shown = np.sort(np.append(shown, NEAR))
    curve = log_mean_density(p, OF_MASS, k, whole)
    return {
        "N": np.array(SIZES, dtype=float),
        "ratio": np.array(ratio, dtype=float),
        "over": np.array(over),
        "mass": np.array([math.log(np.exp(curve).sum() * (whole[1] - whole[0]))]),
        "exact mass": np.array([mean_count(pure(p), OF_MASS, k=k).log]),
        "level": shown,
        "drawn": log_mean_density(p, DRAWN[profile], k, shown),
        "drawn N": np.array([DRAWN[profile]]),
    }


def predict(params: Params) -> Prediction:
    """Edge law at 0, and the power of N that the printed curve lacks."""
    p, k = params["p"], params["k"]
    of = [float(edge.log_density(j, np.zeros(1))[0][0]) for j in (k, 0)]
    return {
        "ratio": of[0] - of[1],
        "power": -((k + 1) ** 2) / 2,
        "constant": math.log(float(sharp_asymptotics(pure(p), BELOW, 0, 20).corrected)),
    }


def compare(seen: Observation) -> list[Cell]:
    """Mass, share at the barrier, and prefactor."""
    n, k, data = seen.data["N"], seen.params["k"], seen.data
    said = {"mass": float(data["exact mass"][0]), **seen.prediction}
    found = [
        (f"log of the integral of the curve, N = {OF_MASS}", "mass", float(data["mass"][0]), 5e-4),
        (
            f"log(exact/printed curve at u = {BELOW})/log N",
            "power",
            extrapolate(n, data["over"] / np.log(n), None, TAIL).value,
            0.0025 * (k + 1) ** 3,
        ),
    ]
    if k:
        limit = extrapolate(n, data["ratio"], None, BARRIER).value
        found.append((f"log of index {k} over index 0 at -E_inf", "ratio", limit, 0.013))
    else:
        y, terms = data["over"] + np.log(n) / 2, [power(j) for j in range(1, 5)]
        limit = extrapolate(n, y, None, terms).value
        found.append(("log(sqrt(N) exact/printed curve)", "constant", limit, 1e-3))
    return [
        equivalence_cell(seen.params, name, said[key], value, 0.0, len(n), margin)
        for name, key, value, margin in found
    ]


def wrong(name: str, why: str, change: Callable[[Params], Prediction]) -> Alternative:
    """A prediction with some of it replaced."""
    return Alternative(name, why, {"predict": lambda q: {**predict(q), **change(q)}})


def series(seen: Sequence[Observation]) -> list[Series]:
    """The whole, and the zoom at the barrier."""
    drawn = []
    for one in seen:
        p, k, n = one.params["p"], one.params["k"], int(one.data["drawn N"][0])
        whole = Axes(f"p = {p}, N = {n}: exact and printed", "H/N", "d E Crt/d(H/N)", yscale="log")
        zoom = Axes("The same near -E_inf", "H/N", "d E Crt/d(H/N)", yscale="log")
        shown = one.data["drawn"] > -80
        u, exact = one.data["level"][shown], np.exp(one.data["drawn"][shown])
        drawn.append(Series(whole, f"k = {k}, exact", u.tolist(), exact.tolist()))
        line = np.linspace(-e_inf(p) - 0.08, -e_inf(p) - 1e-6, 200)
        logs = printed(p, n, k, line)
        line, logs = line[logs > -80], logs[logs > -80]
        drawn.append(Series(whole, f"k = {k}, printed", line.tolist(), np.exp(logs).tolist()))
        near = np.abs(u + e_inf(p)) < 0.045
        drawn.append(
            Series(zoom, f"k = {k}, exact", u[near].tolist(), exact[near].tolist(), kind="points")
        )
        near = line > -e_inf(p) - 0.03
        drawn.append(
            Series(zoom, f"k = {k}, printed", line[near].tolist(), np.exp(logs[near]).tolist())
        )
    return drawn


CLAIM = Claim(
    id="F1",
    title="Figure 1, exactly: index 0 rules at -E_inf, and the drawn curves lack powers of N",
    rows=("F1", "E8"),
    statement="The exact densities in u = H/N by index, over the curves N Theta_k' exp(N Theta_k) that "
    "the paper draws. At -E_inf the density of index k over that of index 0 tends to that of the edge "
    "laws at 0: 0.0215 for k = 1, e^-52.7 for k = 5. The drawn curves are all equal there, and just "
    "below it index 5 stands above index 0, peaks 2.67e8 and 2.31e8 at N = 1000: an artefact. At fixed "
    "u < -E_inf exact over drawn falls like N^(-(k+1)^2/2). Most points of each index lie above "
    "-E_inf, where nothing is drawn.",
    source="CHMBL Fig. 1; ABC Thm 2.2; Tracy and Widom 1996",
    assumptions="pure model, p = 3; mean numbers",
    notes="The power: at u < -E_inf fixed, k + 1 eigenvalues lie beyond the edge within O(1/N) of the "
    "level. Each alone has intensity of order N^(1/2) exp(-N I) and is integrated over O(1/N): "
    "N^(-1/2) each. Their repulsion, the product of k(k+1)/2 differences, gives N^(-1) a pair. In all "
    "N^(-(k+1)/2 - k(k+1)/2) = N^(-(k+1)^2/2). For k = 0 the constant is that of T9.",
    evidence=Limit(
        grid=tuple({"p": 3, "k": k} for k in (0, 1, 5)),
        predict=predict,
        compare=each(compare),
        bias="exact values; share: five powers of N^(-1/3); log(exact/printed)/log N: a/log N + "
        "b/(N log N) + ... of four terms; dropping the last moves each limit by less than its "
        "margin; mass: a sum over the levels drawn",
        sequence=sequence,
        constants={
            "ratio": lambda q, eps: {**predict(q), "ratio": predict(q)["ratio"] * (1 + eps)},
            "power": lambda q, eps: {**predict(q), "power": predict(q)["power"] * (1 + eps)},
        },
        series=series,
    ),
    alternatives=(
        wrong(
            "as printed at -E_inf",
            "all indices alike, 5 above 0 just below",
            lambda q: {"ratio": 0.0},
        ),
        wrong("as printed below", "no prefactor", lambda q: {"power": 0.0, "constant": 0.0}),
        wrong(
            "as printed in all",
            "the mass of the drawn curve, exp(N Theta(-E_inf)) for every k",
            lambda q: {"mass": OF_MASS * float(theta(q["p"], -e_inf(q["p"]), 0))},
        ),
        wrong(
            "no repulsion",
            "eigenvalues beyond the edge independent: N^(-(k+1)/2)",
            lambda q: {"power": -(q["k"] + 1) / 2},
        ),
        wrong(
            "beta = 2",
            "repulsion squared: N^(-(k+1)/2 - k(k+1))",
            lambda q: {"power": -(q["k"] + 1) / 2 - q["k"] * (q["k"] + 1)},
        ),
        wrong(
            "constant 1 % larger",
            "near 1",
            lambda q: {"constant": predict(q)["constant"] + math.log(1.01)},
        ),
    ),
    lacks={"F1": "indices 2, 3 and 4 are not drawn; 0, 1 and 5 are"},
)
