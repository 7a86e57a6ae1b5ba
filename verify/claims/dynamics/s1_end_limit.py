"""S1-END: where the Cugliandolo-Kurchan solution ends: -E_inf like t^(-2/3), and mixtures below."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from math import sqrt

import numpy as np

from theory import Relaxation, dynamics, parse, threshold, threshold_energy
from theory.mean_field_dynamics.power_law_tail import tail
from verify.alternatives import constant, replacing, scaling
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
    return dynamics(parse(model), until, 0.0, None if isinstance(start, str) else start)


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


def exact(where: Params, quantity: str, said: float, seen: float, margin: float) -> Cell:
    """A number that has no error of sampling."""
    return equivalence_cell(where, quantity, said, seen, 0.0, 1, margin)


def compare(seen: Observation) -> list[Cell]:
    """The limit, its interval and exponent; and on which side of the threshold mixtures end."""
    where, halved = seen.params, float(seen.data["halved"][0])
    step = exact(where, "change of u to t = 100 by half the step", 0.0, halved, HALVED)
    return [step, *(pure_end(seen) if is_pure(where) else mixed_end(seen))]


def pure_end(seen: Observation) -> list[Cell]:
    """The limit, its interval and the exponent of the approach."""
    where, said = seen.params, seen.prediction
    limit, width = seen.data["limit"].tolist()
    exponent, _ = seen.data["exponent"].tolist()
    quantity = "(fitted - predicted u(infinity)) / half width of the fit's interval"
    off = (limit - said["limit"]) / width
    return [
        exact(where, "u(infinity)", said["limit"], limit, LIMIT),
        exact({**where, "half width": f"{width:.1e}"}, quantity, 0.0, off, 1.0),
        exact(where, "exponent of the approach", said["exponent"], exponent, EXPONENT),
    ]


def mixed_end(seen: Observation) -> list[Cell]:
    """On which side of its threshold energy a mixture is, by far more than the error."""
    where, said, data = seen.params, seen.prediction, seen.data
    gaps = data["late"] - said["threshold"]
    surely = float(np.all(gaps < -10 * data["error"][0]))
    shown = [
        Cell(where, f"u({t:g}) - threshold energy", None, gap, None, 1)
        for t, gap in zip(data["times"].tolist(), gaps.tolist(), strict=True)
    ]
    return [*shown, exact(where, "below its threshold energy", said["below"], surely, 0.0)]


def series(seen: Sequence[Observation]) -> list[Series]:
    """The approach to the threshold in logarithms, and the mixture's two starts."""
    approach = Axes("Pure models: approach to -E_inf", "t", "u + E_inf", "log", "log")
    mixed = Axes(f"{MIXED}: two starts", "t", "u - threshold energy", "log")
    drawn: list[Series] = []
    for one in seen:
        t, u, said = one.data["t"], one.data["u"], one.prediction
        if "limit" in said:
            shown, first = t > 0.3, not drawn
            drawn.append(approach.line(one.params["model"], t[shown], u[shown] - said["limit"]))
            if first:
                x = t[t > 5]
                drawn.append(approach.line("0.36 t^(-2/3)", x, 0.36 * x ** (-2 / 3)))
        else:
            start, late = one.params["start"], t > 8
            name = "uniform start" if start == "uniform" else f"equilibrium at T = {start:g}"
            drawn.append(mixed.line(name, t[late], u[late] - said["threshold"]))
    return drawn


def ground_state(params: Params, _: Prediction) -> Prediction:
    """-E_0 for -E_inf."""
    return {"limit": -float(threshold(parse(params["model"]), 0, 17))}


CLAIM = Claim(
    id="S1-END",
    title="The Cugliandolo-Kurchan solution ends at the barrier, mixtures below their threshold",
    rows=("S1",),
    statement="For pure models u(t) tends to -E_inf, like t^(-2/3), and not to -E_0. A mixture that "
    "starts in equilibrium just above its dynamical transition sinks below its threshold energy; "
    "from a uniform start it stays above. So the paper's picture holds for pure models only.",
    compares={
        "For pure models u(t) tends to -E_inf": "u(infinity)",
        "like t^(-2/3)": "exponent of the approach",
        "sinks below its threshold energy; from a uniform start it stays above": (
            "below its threshold energy"
        ),
    },
    source="CHMBL Sec. 4, 5.2; Cugliandolo and Kurchan 1993; Folena, Franz and Ricci-Tersenghi 2020",
    assumptions="N to infinity first, then t; gradient flow (T = 0)",
    evidence=Limit(
        grid=POINTS,
        predict=predict,
        compare=each(compare),
        bias="limit and exponent from u at three times of ratio 4; the half width is the range of this fit "
        "there and a factor 4 and 16 earlier, plus the error of u. Margins hold from t = 200 on",
        sequence=sequence,
        constants={"E_inf": constant(predict, "limit", where=is_pure)},
        series=series,
    ),
    alternatives=(
        replacing(predict, "-E_0", "the ground state, 0.024 below", ground_state, is_pure),
        scaling(predict, "sqrt(8/3) + 0.5 %", "a nearby constant", 1.005, "limit", where=is_pure),
        replacing(predict, "-sqrt 2", "the end of p = 2", {"limit": -sqrt(2)}, is_pure),
        replacing(predict, "exponent 1/2", "a slower approach", {"exponent": 0.5}, is_pure),
        replacing(predict, "exponent 1", "a faster approach", {"exponent": 1.0}, is_pure),
        replacing(
            predict,
            "mixtures end at the threshold too",
            "the paper's picture for every model",
            {"below": 0.0},
            lambda params: not is_pure(params),
        ),
    ),
    notes="The energies sink below the threshold although it is where stationary points lose their "
    "negative directions: a mixture keeps a memory of its start.",
)
