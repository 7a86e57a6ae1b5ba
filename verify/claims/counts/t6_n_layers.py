"""T6-N: exact counts by index inside the layers: k + 1 indices grow between -E_k and -E_{k+1}."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

import numpy as np
from numpy.typing import NDArray

from theory import complexity, pure, threshold
from theory.annealed.pure_model import e_inf, rate
from theory.finite_n.curves import mean_curves
from verify.alternatives import constants, replacing, scaling
from verify.claim import (
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
from verify.claims.counts._expansions import power_below, power_without_repulsion
from verify.evidence import Limit
from verify.statistics import Extrapolation, extrapolate, limit_cells, power

Real = NDArray[np.float64]

LAYERS = (0, 1, 2)
INDICES = (0, 1, 2, 3)
SIZES: dict[Profile, tuple[int, ...]] = {
    "quick": (40, 60, 90, 130, 180),
    "standard": (40, 60, 90, 130, 180, 260, 370),
    "paper": (60, 90, 130, 180, 260, 370, 520, 740, 1000),
}
TOLERANCE = 1e-4  # of the counts
TERMS = tuple(power(j) for j in range(1, 5))
NEAR = np.array([-0.01, 0.0, 0.01])  # levels about -E_k, between which the rate changes sign
# The resolution wanted, by index: of Theta_j and of E_k.
MARGIN = {0: 1e-4, 1: 1e-3, 2: 3e-3, 3: 6e-3}
OF_LAYER = {0: 1e-4, 1: 1e-3, 2: 2e-3}


def layer(p: int, k: int) -> float:
    """E_k."""
    return float(threshold(pure(p), k, 17))


def middle(p: int, k: int) -> float:
    """The level half way between -E_k and -E_{k+1}."""
    return -(layer(p, k) + layer(p, k + 1)) / 2


def sequence(params: Params, profile: Profile) -> Data:
    """Log of the mean numbers below a level, (N, L), a row for each index: all layers; about -E_j.

    In layer k the indices up to k + 1 are looked at; the others are nan.
    """
    p, sizes = params["p"], SIZES[profile]
    data: dict[str, Real] = {"N": np.array(sizes, dtype=float)}
    for j in INDICES:
        inside = [k for k in LAYERS if j <= k + 1]
        about = -layer(p, j) + NEAR if j in LAYERS else np.array([])
        levels = [*(middle(p, k) for k in inside), *about]
        logs = np.array([mean_curves(p, n, [j], levels, TOLERANCE).log[0] for n in sizes])
        missing = np.full((len(sizes), len(LAYERS) - len(inside)), np.nan)
        data[f"inside {j}"] = np.hstack([missing, logs[:, : len(inside)]])
        data[f"about {j}"] = logs[:, len(inside) :]
        data[f"level {j}"] = about
    return data


def predict(params: Params) -> Prediction:
    """Theta_j in the middle of each layer, the layers' ends, and the powers of N by index."""
    p = params["p"]
    inside = [[float(complexity(pure(p), middle(p, k), k=j)) for j in INDICES] for k in LAYERS]
    return {
        "Theta": inside,
        "E": [layer(p, k) for k in LAYERS],
        "power": [power_below(j) for j in INDICES],
    }


def limit_of(seen: Observation, logs: Real, j: int) -> Extrapolation:
    """Of (1/N) log of the mean number of index j, less its power of N."""
    n = seen.data["N"]
    return extrapolate(n, (logs - seen.prediction["power"][j] * np.log(n)) / n, None, TERMS)


def root(levels: Real, rates: Sequence[float]) -> float:
    """Where the parabola through three rates, the inverse one, is 0."""
    return float(np.polynomial.polynomial.polyfit(rates, levels, 2)[0])


def end(seen: Observation, k: int) -> Extrapolation:
    """E_k: where the limits of index k about it change sign."""
    logs, levels = seen.data[f"about {k}"], seen.data[f"level {k}"]
    limits = [limit_of(seen, column, k) for column in logs.T]
    found = -root(levels, [one.value for one in limits])
    bias = max(abs(found + root(levels, [v.value + s * v.bias for v in limits])) for s in (-1, 1))
    return Extrapolation(found, 0.0, bias, ())


def compare(seen: Observation) -> list[Cell]:
    """Rates by index in the middle of each layer; where the rate of index k changes sign."""
    said, params, count = seen.prediction, seen.params, len(seen.data["N"])
    cells = []
    for k in LAYERS:
        for j in INDICES[: k + 2]:
            limit = limit_of(seen, seen.data[f"inside {j}"][:, k], j)
            where = {**params, "layer": k, "index": j}
            quantity = "limit of (1/N) log E Crt_{N,j}(u), half way from -E_k to -E_{k+1}"
            cells += limit_cells(where, quantity, said["Theta"][k][j], limit, count, MARGIN[j])
        quantity = "E_k, where the limit for index k changes sign"
        where = {**params, "layer": k, "index": k}
        cells += limit_cells(where, quantity, said["E"][k], end(seen, k), count, OF_LAYER[k])
    return cells


wrong = partial(replacing, predict)


def added(times: Callable[[int], float]) -> Callable[[Params, Prediction], Prediction]:
    """Theta_j with the cost I of some eigenvalues more."""

    def change(params: Params, said: Prediction) -> Prediction:
        p = params["p"]
        costs = [float(rate(p, middle(p, k))) for k in LAYERS]
        pairs = zip(costs, said["Theta"], strict=True)
        return {"Theta": [[v - times(j) * c for j, v in enumerate(row)] for c, row in pairs]}

    return change


def shifted(params: Params, said: Prediction) -> Prediction:
    """Index k + 1 for k: every layer one too far up."""
    return {**added(lambda _: 1.0)(params, said), "E": [layer(params["p"], k + 1) for k in LAYERS]}


def one_ground_state(params: Params, said: Prediction) -> Prediction:
    """Every index like minima."""
    ends = [layer(params["p"], 0)] * len(LAYERS)
    return {**added(lambda j: -float(j))(params, said), "E": ends}


def series(seen: Sequence[Observation]) -> list[Series]:
    """Rates against 1/N in each layer, with the powers of N taken off, and their limits."""
    drawn = []
    for one in seen:
        n, p = one.data["N"], one.params["p"]
        for k in LAYERS:
            axes = Axes(f"p = {p}, between -E_{k} and -E_{k + 1}", "1/N", "rate, power taken off")
            line, exact = np.linspace(0, 1 / n[0], 60), []
            for j in INDICES[: k + 2]:
                logs = one.data[f"inside {j}"][:, k]
                y = np.polynomial.polynomial.polyval(line, limit_of(one, logs, j).coefficients)
                drawn.append(axes.line(f"index {j}, fitted", line, y))
                exact.append((logs - one.prediction["power"][j] * np.log(n)) / n)
            drawn.append(axes.points("exact", np.tile(1 / n, k + 2), np.concatenate(exact)))
            ends = one.prediction["Theta"][k][: k + 2]
            drawn.append(axes.points("Theta_j", [0.0] * len(ends), ends))
    return drawn


CLAIM = Claim(
    id="T6-N",
    title="Inside the layers: between -E_k and -E_{k+1} the mean numbers of k + 1 indices grow",
    rows=("T6",),
    statement="Half way between -E_k and -E_{k+1}, k = 0, 1, 2, (1/N) log of the exact mean number of "
    "critical points of index j below tends to Theta_j, which is above 0 for every j <= k and below 0 "
    "for j = k + 1; and the level at which the limit for index k changes sign is -E_k.",
    compares={
        "(1/N) log of the exact mean number of critical points of index j below tends to "
        "Theta_j, which is above 0 for every j <= k and below 0 for j = k + 1": (
            "limit of (1/N) log E Crt_{N,j}(u), half way from -E_k to -E_{k+1}"
        ),
        "Half way between -E_k and -E_{k+1}": (
            "limit of (1/N) log E Crt_{N,j}(u), half way from -E_k to -E_{k+1}"
        ),
        "the level at which the limit for index k changes sign is -E_k": (
            "E_k, where the limit for index k changes sign"
        ),
    },
    source="CHMBL Sec. 4; ABC Thm 2.15 (exact counts: theory.finite_n.curves)",
    assumptions="pure model; mean numbers; p = 10 and 30, since at p = 3 the layers are only 0.004, "
    "0.003 and 0.002 wide and the limits that decide there 0.001",
    notes="A limit below 0 bounds the probability that there is any such point (Markov); one above 0 "
    "speaks of the mean alone. Margins are the resolution wanted. Each limit inside a layer is further "
    "from 0 than two of its margins, so that its sign is judged with it; that the sequences have the "
    "resolution is judged by the lines 'change when the last term is dropped'. The power of N taken "
    "off, N^(-(j+1)^2/2), is derived at F1. E_k is the root of the inverse parabola through the limits "
    "at three levels 0.01 apart; its change is that of the root when all three limits move by theirs.",
    evidence=Limit(
        grid=({"p": 10}, {"p": 30}),
        predict=predict,
        compare=each(compare),
        bias="exact counts, less the power of N stated, over N: Theta_j + four powers of 1/N; the "
        "change when the last is dropped must be below half the margin",
        sequence=sequence,
        constants=constants(predict, "E"),
        series=series,
    ),
    alternatives=(
        wrong("k + 1 for k", "layers shifted by one", shifted),
        wrong("k for k + 1", "the determinant's own rate forgotten", added(lambda _: -1.0)),
        wrong(
            "all at the barrier",
            "E_inf for E_k",
            lambda q, _: {"E": [float(e_inf(q["p"]))] * len(LAYERS)},
        ),
        wrong("one ground state", "every index as deep as minima, E_0 for E_k", one_ground_state),
        scaling(predict, "E_k 0.5 % larger", "near 1", 1.005, "E"),
        wrong("rate 10 % larger", "near 1", added(lambda j: 0.1 * (j + 1))),
        wrong(
            "no repulsion",
            "eigenvalues beyond the edge independent: N^(-(j+1)/2)",
            {"power": [power_without_repulsion(j) for j in INDICES]},
        ),
        wrong("no prefactor", "no power of N", {"power": [0.0] * len(INDICES)}),
    ),
)
