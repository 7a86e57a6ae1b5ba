"""S1-END: where the Cugliandolo-Kurchan solution ends: -E_inf like t^(-2/3), and mixtures below."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from math import sqrt

import numpy as np

from theory import Relaxation, parse, relaxation, threshold, threshold_energy
from theory.mean_field_dynamics.power_law_tail import tail
from verify.alternatives import constant, multiplied, replaced
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
)
from verify.evidence import Limit
from verify.statistics import equivalence_cell

MIXED = "0.5 q^3 + 0.5 q^4"
COLD = 0.81  # just above the dynamical transition of the mixture
POINTS: tuple[Params, ...] = (
    {"model": "q^3"},
    {"model": "q^4"},
    {"model": MIXED, "start": COLD},
    {"model": MIXED, "start": "uniform"},
)
UNTIL: dict[Profile, float] = {"audit": 200.0, "quick": 200.0, "standard": 1000.0, "paper": 10000.0}
HALVED = 1e-5  # largest difference of u from half the step, to t = 100
LIMIT = 2e-3
EXPONENT = 0.06


@cache
def relaxed(model: str, start: float | str, until: float) -> Relaxation:
    """The solution, once in a process."""
    return relaxation(parse(model), until, 0.0, None if isinstance(start, str) else start)


def sequence(params: Params, profile: Profile) -> Data:
    """Energy at the end, the fit of its approach, and the error by halving the step."""
    model = parse(params["model"])
    flow = relaxed(params["model"], params.get("start", "uniform"), UNTIL[profile])
    inside = flow.t <= 100.0
    data = {
        "t": flow.t,
        "u": flow.u,
        "halved": flow.error[inside][-1:],
        "error": flow.error[-1:],
        "times": np.array([30.0, UNTIL[profile]]),
        "late": flow.energy([30.0, UNTIL[profile]]),
    }
    if model.is_pure:
        fit = tail(flow)
        data["limit"] = np.array([fit.limit, fit.limit_error])
        data["exponent"] = np.array([fit.exponent, fit.exponent_error])
    return data


def predict(params: Params) -> Prediction:
    """-E_inf and 2/3; a mixture ends below its threshold from a cold start, above it from a uniform."""
    model = parse(params["model"])
    if model.is_pure:
        return {"limit": -float(threshold(model, None, 17)), "exponent": 2 / 3}
    below = 0.0 if params["start"] == "uniform" else 1.0
    return {"threshold": threshold_energy(model), "below": below}


def is_pure(params: Params) -> bool:
    """Whether the model is pure."""
    return parse(params["model"]).is_pure


def mixed(params: Params) -> bool:
    """Whether it is a mixture."""
    return not is_pure(params)


def compare(seen: Sequence[Observation]) -> list[Cell]:
    """The limit, its interval and exponent; and on which side of the threshold mixtures end."""
    cells = []
    for one in seen:
        said, data, where = one.prediction, one.data, one.params
        halved = float(data["halved"][0])
        cells.append(
            equivalence_cell(
                where, "change of u to t = 100 by half the step", 0.0, halved, 0.0, 1, HALVED
            )
        )
        if "limit" in said:
            limit, width = data["limit"].tolist()
            cells.append(
                equivalence_cell(where, "u(infinity)", said["limit"], limit, 0.0, 1, LIMIT)
            )
            cells.append(
                equivalence_cell(
                    {**where, "half width": f"{width:.1e}"},
                    "(fitted - predicted u(infinity)) / half width of the fit's interval",
                    0.0,
                    (limit - said["limit"]) / width,
                    0.0,
                    1,
                    1.0,
                )
            )
            exponent, _ = data["exponent"].tolist()
            cells.append(
                equivalence_cell(
                    where, "exponent of the approach", said["exponent"], exponent, 0.0, 1, EXPONENT
                )
            )
            continue
        gaps = data["late"] - said["threshold"]
        for t, gap in zip(data["times"].tolist(), gaps.tolist(), strict=True):
            cells.append(Cell(where, f"u({t:g}) - threshold energy", None, gap, None, 1))
        surely = float(np.all(gaps < -10 * data["error"][0]))
        cells.append(
            equivalence_cell(
                where, "below its threshold energy", said["below"], surely, 0.0, 1, 0.0
            )
        )
    return cells


def series(seen: Sequence[Observation]) -> list[Series]:
    """The approach to the threshold in logarithms, and the mixture's two starts."""
    approach = Axes("Pure models: approach to -E_inf", "t", "u + E_inf", "log", "log")
    mixed = Axes(f"{MIXED}: two starts", "t", "u - threshold energy", "log")
    drawn, fast = [], None
    for one in seen:
        t, u = one.data["t"], one.data["u"]
        shown = t > 0.3
        if "limit" in one.prediction:
            gap = u[shown] - one.prediction["limit"]
            drawn.append(Series(approach, one.params["model"], t[shown].tolist(), gap.tolist()))
            if fast is None:
                x = t[t > 5]
                fast = Series(
                    approach, "0.36 t^(-2/3)", x.tolist(), (0.36 * x ** (-2 / 3)).tolist()
                )
                drawn.append(fast)
        else:
            start = one.params["start"]
            name = "uniform start" if start == "uniform" else f"equilibrium at T = {start:g}"
            late = t > 8
            gap = u[late] - one.prediction["threshold"]
            drawn.append(Series(mixed, name, t[late].tolist(), gap.tolist()))
    return drawn


CLAIM = Claim(
    id="S1-END",
    title="The Cugliandolo-Kurchan solution ends at the barrier, mixtures below their threshold",
    rows=("S1",),
    statement="For pure models u(t) tends to -E_inf, like t^(-2/3), and not to -E_0. A mixture that "
    "starts in equilibrium just above its dynamical transition sinks below its threshold energy; "
    "from a uniform start it stays above. So the paper's picture holds for pure models only.",
    source="CHMBL Sec. 4, 5.2; Cugliandolo and Kurchan 1993; Folena, Franz and Ricci-Tersenghi 2020",
    assumptions="N to infinity first, then t; gradient flow (T = 0)",
    evidence=Limit(
        grid=POINTS,
        predict=predict,
        compare=compare,
        bias="limit and exponent from u at three times of ratio 4; the half width is the range of this fit "
        "there and a factor 4 and 16 earlier, plus the error of u. Margins hold from t = 200 on",
        sequence=sequence,
        constants={"E_inf": constant(predict, "limit", where=is_pure)},
        series=series,
    ),
    alternatives=(
        Alternative(
            "-E_0",
            "the ground state, 0.024 below",
            {
                "predict": replaced(
                    predict,
                    lambda q, _: {"limit": -float(threshold(parse(q["model"]), 0, 17))},
                    where=is_pure,
                )
            },
        ),
        Alternative(
            "sqrt(8/3) + 0.5 %",
            "a nearby constant",
            {"predict": multiplied(predict, 1.005, "limit", where=is_pure)},
        ),
        Alternative(
            "-sqrt 2",
            "the end of p = 2",
            {"predict": replaced(predict, {"limit": -sqrt(2)}, where=is_pure)},
        ),
        Alternative(
            "exponent 1/2",
            "a slower approach",
            {"predict": replaced(predict, {"exponent": 0.5}, where=is_pure)},
        ),
        Alternative(
            "exponent 1",
            "a faster approach",
            {"predict": replaced(predict, {"exponent": 1.0}, where=is_pure)},
        ),
        Alternative(
            "mixtures end at the threshold too",
            "the paper's picture for every model",
            {"predict": replaced(predict, {"below": 0.0}, where=mixed)},
        ),
    ),
    notes="The energies sink below the threshold although it is where stationary points lose their "
    "negative directions: a mixture keeps a memory of its start.",
)
