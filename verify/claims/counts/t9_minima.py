"""T9: the sharp prefactor of the mean number of minima below -E_inf."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

import numpy as np

from theory import mean_count, pure
from theory.annealed.pure_model import e_inf, theta
from theory.finite_n.asymptotics import sharp_asymptotics
from verify.alternatives import constant
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

SIZES = (150, 200, 300, 450, 700, 1000)
LARGE = (1500, 2200, 3300, 5000)  # near the barrier, where the counts keep their digits
TERMS = tuple(power(j) for j in range(1, 6))
MARGIN = 3e-4  # relative
LEVELS = {3: ("-1.8", "-1.71"), 4: ("-1.91", "-1.82"), 10: ("-2.09", "-1.99")}


def sequence(params: Params, profile: Profile) -> Data:
    """Exact mean number of minima over N^(-1/2) exp(N Theta_0), N rising."""
    p, u = params["p"], float(params["u"])
    near = -u < 1.06 * e_inf(p)
    sizes = SIZES + (LARGE if near and profile != "quick" else ())
    exponent = float(sharp_asymptotics(pure(p), params["u"], 0, 20).power)
    rate = float(theta(p, u, 0))
    logs = [
        mean_count(pure(p), n, 0, below=u).log - n * rate - exponent * math.log(n) for n in sizes
    ]
    return {"N": np.array(sizes, dtype=float), "constant": np.exp(logs)}


def predict(params: Params) -> Prediction:
    """The constant of theory.finite_n.asymptotics, derived and as printed."""
    found = sharp_asymptotics(pure(params["p"]), params["u"], 0, 20)
    return {"C": float(found.corrected), "printed": float(found.printed or math.nan)}


def compare(seen: Observation) -> list[Cell]:
    """The limit of the sequence against the constant and the printed one."""
    n, y = seen.data["N"], seen.data["constant"]
    limit = extrapolate(n, y, None, TERMS[: len(n) - 1]).value
    names = {"C": "constant", "printed": "printed constant"}
    return [
        equivalence_cell(
            seen.params,
            f"minima / (N^(-1/2) exp(N Theta_0)), N -> infinity: {name}",
            seen.prediction[key],
            limit,
            0.0,
            len(n),
            MARGIN * abs(limit),
        )
        for key, name in names.items()
    ]


def times(factor: Callable[[float, float], float]) -> Callable[[Params], Prediction]:
    """Both constants multiplied by a factor of p and t, u = -E_inf cosh t."""

    def predicted(params: Params) -> Prediction:
        said, p = predict(params), params["p"]
        scale = factor(p, math.acosh(-float(params["u"]) / e_inf(p)))
        return {name: c * scale for name, c in said.items()}

    return predicted


def series(seen: Sequence[Observation]) -> list[Series]:
    """Exact over asymptotic less 1, against N."""
    axes = Axes("Minima below -E_inf", "N", "|exact / asymptotic - 1|", "log", "log")
    return [
        Series(
            axes,
            f"p = {one.params['p']}, u = {one.params['u']}",
            one.data["N"].tolist(),
            np.abs(one.data["constant"] / one.prediction["C"] - 1).tolist(),
        )
        for one in seen
    ]


CLAIM = Claim(
    id="T9",
    title="Sharp prefactor of the mean number of minima below the barrier",
    rows=("T9",),
    statement="At u < -E_inf, E Crt_{N,0}(u) = C N^(-1/2) exp(N Theta_{0,p}(u)) (1 + o(1)) with the C "
    "of all critical points (Theorem 11.1 (a)): what are no minima there is exponentially few. The "
    "print is right.",
    source="CHMBL supplement, Thm 11.2; ABC Thm 2.17",
    assumptions="pure model, p >= 3; fixed u < -E_inf, not uniformly up to it (erratum E7)",
    evidence=Limit(
        grid=tuple({"p": p, "u": u} for p, levels in LEVELS.items() for u in levels),
        predict=predict,
        compare=each(compare),
        bias="exact counts of index 0 (a Fredholm Pfaffian); exact/asymptotic is a series in 1/N, of "
        "which five terms are fitted; dropping the last moves the limit by less than 2e-5",
        sequence=sequence,
        constants={"C": constant(predict, "C")},
        series=series,
    ),
    alternatives=(
        Alternative(
            "no rate in the slope",
            "1/(-Phi') for 1/(I_1' - Phi')",
            {"predict": times(lambda p, t: 1 + p / (p - 2) * math.tanh(t))},
        ),
        Alternative(
            "the density's prefactor of the unitary ensemble",
            "h(v) without its second term",
            {"predict": times(lambda p, t: 1 / (1 + math.tanh(t / 2)))},
        ),
        Alternative(
            "lowest eigenvalue beyond either edge",
            "the two edges of the spectrum taken together",
            {"predict": times(lambda p, t: 2.0)},
        ),
        Alternative("C 1 % larger", "near 1", {"predict": times(lambda p, t: 1.01)}),
    ),
)
