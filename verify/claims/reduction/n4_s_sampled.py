"""N4-S: a redundant network at the extremal redundancies has the sharp correlation with its uniform one."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from math import sqrt
from typing import Any

import numpy as np

from numerics.core.streams import Stream
from numerics.networks import path_sums as numeric
from theory.networks import reduction
from verify.alternatives import Entries, constant, replacing, sampling
from verify.claim import Cell, Claim, Data, Observation, Params, Prediction, each, per_profile
from verify.evidence import Sampled
from verify.statistics import chi_square_cell

UNITS = 10_000
Draw = Callable[..., Any]


def redundancies(params: Params) -> tuple[list[int], int]:
    """t_i at the extremal law: a share c/(c+1) of the monomials at Psi/(s^H c), the rest at c Psi/s^H."""
    c, uniform, monomials = params["c"], params["uniform"], params["monomials"]
    low = int(Fraction(monomials) * Fraction(c, c + 1))  # `predict` has the bound from theory
    return [uniform // c] * low + [uniform * c] * (monomials - low), uniform


def simulate(
    params: Params, stream: Stream, chunk: int, _xp: Any, draw: Draw = numeric.reduced_pair
) -> Data:
    """Outputs of the two networks on the same inputs, with fresh weights of size 1 each time."""
    t, uniform = redundancies(params)
    return {"pair": draw(stream.generator(chunk), t, uniform, UNITS)}


def predict(params: Params) -> Prediction:
    """Variances by counting inputs, and the correlation of the sharp bound."""
    t, uniform = redundancies(params)
    return {
        "variances": (float(sum(t)), float(uniform * len(t))),
        "correlation": float(reduction.uniform_bound(Fraction(params["c"]))),
    }


def compare(seen: Observation) -> list[Cell]:
    """Exact chi-square tests: the pair is Gaussian, and so are its sum and difference."""
    said, params = seen.prediction, seen.params
    y = seen.data["pair"] / np.sqrt(np.array(said["variances"]))
    units = len(y)
    r, both = said["correlation"], "half the variance of Y_s {0} Yhat_s, scaled: 1 {0} corr"
    return [
        chi_square_cell(params, name, expected, total, units, units)
        for name, expected, total in (
            ("Var Y_s / its number of inputs", 1.0, float((y[:, 0] ** 2).sum())),
            ("Var Yhat_s / its number of inputs", 1.0, float((y[:, 1] ** 2).sum())),
            (both.format("+"), 1 + r, float(((y[:, 0] + y[:, 1]) ** 2).sum()) / 2),
            (both.format("-"), 1 - r, float(((y[:, 0] - y[:, 1]) ** 2).sum()) / 2),
        )
    ]


def correlation(of: Callable[[float], float]) -> Entries:
    """Another correlation, of c."""
    return lambda params, _: {"correlation": of(params["c"])}


def ends_exchanged(rng: Any, t: list[int], uniform: int, units: int) -> Any:
    """The share of the low redundancies at the high one."""
    low, high = min(t), max(t)
    return numeric.reduced_pair(rng, [high if one == low else low for one in t], uniform, units)


def all_uniform(rng: Any, t: list[int], uniform: int, units: int) -> Any:
    """Every monomial on the same number of paths."""
    return numeric.reduced_pair(rng, [uniform] * len(t), uniform, units)


def unpaired(*arguments: Any) -> Any:
    """The uniform network on another input."""
    found = numeric.reduced_pair(*arguments)
    return np.stack([found[:, 0], np.roll(found[:, 1], 1)], axis=1)


CLAIM = Claim(
    id="N4-S",
    title="A network at the extremal redundancies has correlation 2/(1 + c) with its uniform version",
    rows=("N4", "E4"),
    statement="With a share c/(c+1) of the monomials on Psi/(s^H c) paths and the rest on c "
    "Psi/s^H, corr(Yhat_s, Y_s) = 2/(1+c): the sharp bound is attained, the printed 1/c^2 is not.",
    compares={
        "With a share c/(c+1) of the monomials on Psi/(s^H c) paths and the rest on c "
        "Psi/s^H, corr(Yhat_s, Y_s) = 2/(1+c)": (
            "half the variance of Y_s + Yhat_s, scaled: 1 + corr"
        ),
        "the printed 1/c^2 is not": "half the variance of Y_s - Yhat_s, scaled: 1 - corr",
    },
    source="CHMBL Thm 3.3, Eq. 6; claim N4 for the proof",
    assumptions="inputs standard normal, weights of size 1, activities replaced by their mean",
    evidence=Sampled(
        grid=(
            {"c": 2, "uniform": 2, "monomials": 9},
            {"c": 3, "uniform": 3, "monomials": 4},
            {"c": 3, "uniform": 3, "monomials": 8},
        ),
        predict=predict,
        simulate=simulate,
        compare=each(compare),
        chunks=per_profile(audit=4, quick=20, standard=80, paper=1000),
        constants={"corr": constant(predict, "correlation")},
    ),
    alternatives=(
        *(
            replacing(predict, name, why, correlation(of))
            for name, why, of in (
                ("as printed, attained", "1/c^2", lambda c: 1 / c**2),
                ("5 % larger", "a bound above this network", lambda c: 2.1 / (1 + c)),
                ("1/c", "one factor of c", lambda c: 1 / c),
                ("1/sqrt(c)", "all monomials at one end", lambda c: 1 / sqrt(c)),
            )
        ),
        sampling(simulate, "ends exchanged", "1/c for c", draw=ends_exchanged),
        sampling(simulate, "uniform redundancies", "c = 1", draw=all_uniform),
        sampling(simulate, "networks on different inputs", "inputs not shared", draw=unpaired),
    ),
)
