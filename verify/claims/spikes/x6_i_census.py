"""X6-I: every critical point of instances with a spike at N = 3 to 6, proved, against the exact numbers."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache, partial
from math import hypot, sqrt
from typing import Any

import numpy as np

from numerics.core.streams import Stream
from numerics.critical.enumeration import Census, census_of
from numerics.critical.polynomials import Forms, draw_forms
from theory import spiked_count
from verify.alternatives import constant, predicting, sampling, scaling
from verify.claim import (
    Axes,
    Cell,
    Claim,
    Data,
    Observation,
    Params,
    Prediction,
    Schedule,
    Series,
    each,
)
from verify.evidence import Sampled
from verify.statistics import normal_cell

INSTANCES = 50  # in a chunk
NEAR = 0.5  # the overlap from which a point is near the spike
LOW = -0.6  # a level H/N
ERROR = 2e-2  # relative, of predictions, which are means over random matrices
ROUGH = 3e-2  # of those of wrong theories
POINTS = ({"N": 3, "A": 2.0}, {"N": 4, "A": 3.0}, {"N": 5, "A": -3.0}, {"N": 6, "A": 4.0})


def questions(params: Params) -> dict[str, dict[str, Any]]:
    """What is compared: keywords of `theory.spiked_count` by name."""
    best = params["N"] - 1 if params["A"] > 0 else 0
    return {
        "all": {},
        "near the spike": {"overlap": NEAR},
        "best points near it": {"overlap": NEAR, "k": best},
        "low": {"below": LOW},
    }


def simulate(
    params: Params,
    stream: Stream,
    chunk: int,
    xp: Any,
    strength: Callable[[float], float] = lambda a: a,
    change: Callable[[Census], Census] = lambda found: found,
    side: float = 1.0,
) -> Data:
    """Numbers of points; a row an instance. Wrong samplers change keywords."""
    n, first = params["N"], chunk * INSTANCES
    forms = draw_forms([stream.generator(first + i, 0) for i in range(INSTANCES)], n, {3: 1.0})
    # The spike is the first axis: no direction is another to Gaussian couplings.
    t = forms.t.copy()
    t[:, 0] += strength(params["A"])
    found = change(census_of(Forms(forms.layout, t), stream, first))
    overlap = side * found.position[:, 0] / sqrt(n)
    numbers: dict[str, Any] = {"hidden": found.hidden}
    for name, asked in questions(params).items():
        taken = overlap >= asked.get("overlap", -np.inf)
        taken &= found.energy <= asked.get("below", np.inf)
        if "k" in asked:
            taken &= found.index == asked["k"]
        numbers[name] = np.bincount(found.instance[taken], minlength=INSTANCES)
    return numbers


@cache
def exact(n: int, strength: float, name: str, tolerance: float, k: int) -> tuple[float, float]:
    """A mean number and its standard error; k is the index that the measurement asks for."""
    asked = questions({"N": n, "A": strength})[name]
    asked = {**asked, "k": k} if "k" in asked else asked
    found = spiked_count(3, strength, n, tolerance=tolerance, **asked)
    return found.value, found.stderr


def predict(
    params: Params, strength: Callable[[float], float] = lambda a: a, tolerance: float = ERROR
) -> Prediction:
    """By `theory.spiked_count`; wrong theories change a keyword."""
    n = params["N"]
    said: dict[str, Any] = {}
    for name, asked in questions(params).items():
        value, error = exact(n, strength(params["A"]), name, tolerance, asked.get("k", -1))
        said |= {name: value, f"error of {name}": error}
    return said


def compare(seen: Observation) -> list[Cell]:
    """Tests of mean numbers, an instance a unit; points that are not proved may be there."""
    params, data, said = seen.params, seen.data, seen.prediction
    cells = []
    for name in questions(params):
        values = np.asarray(data[name], float)
        low, hidden = float(values.mean()), float(data["hidden"].mean())
        spread = hypot(float(values.std(ddof=1)) / sqrt(len(values)), said[f"error of {name}"])
        nearest = low + min(max(said[name] - low, 0.0), hidden)
        quantity = f"mean number: {name}"
        cells.append(normal_cell(params, quantity, said[name], nearest, spread, len(values)))
    unresolved = float((data["hidden"] > 0).sum())
    units = len(data["hidden"])
    return [*cells, Cell(params, "instances not proved complete", None, unresolved, None, units)]


def series(seen: Sequence[Observation]) -> list[Series]:
    """Measured over exact mean numbers."""
    places = tuple(f"N = {one.params['N']}, A = {one.params['A']:g}" for one in seen)
    axes = Axes("Censuses with a spike", "", "measured / exact, 2 std. err.", xnames=places)
    found = [axes.level("exact", (-0.3, len(seen) - 0.7), 1.0)]
    for shift, name in zip((-0.15, -0.05, 0.05, 0.15), questions(seen[0].params), strict=True):
        ratios, errors = [], []
        for one in seen:
            values = np.asarray(one.data[name], float) / one.prediction[name]
            ratios.append(float(values.mean()))
            errors.append(2 * float(values.std(ddof=1) / sqrt(len(values))))
        found.append(axes.points(name, [i + shift for i in range(len(seen))], ratios, errors))
    return found


def lossy(found: Census) -> Census:
    """One point in five dropped, its instance still said to be complete."""
    from dataclasses import replace

    kept = np.arange(len(found.index)) % 5 > 0
    names = ("instance", "index", "energy", "z_eigenvalue", "position", "radius")
    return replace(found, **{name: getattr(found, name)[kept] for name in names})


NAMES = tuple(questions(POINTS[0]))
wrong = partial(predict, tolerance=ROUGH)
sampler = partial(sampling, simulate)

CLAIM = Claim(
    id="X6-I",
    title="A spike on the sphere: every critical point of instances, against the exact mean numbers",
    rows=("X6",),
    statement="With a mean A m^3 the mean number of critical points at N = 3 to 6, in all, near the spike, "
    "there of the best index, and below a level, is the Kac-Rice count.",
    compares={
        "With a mean A m^3 the mean number of critical points at N = 3 to 6, in all": "mean number: all",
        "near the spike": "mean number: near the spike",
        "there of the best index": "mean number: best points near it",
        "and below a level, is the Kac-Rice count": "mean number: low",
    },
    source="Ben Arous, Mei, Montanari and Nica 2019; theory/spiked/counts.py",
    assumptions="pure model, p = 3; an instance is a unit; predictions are means over random matrices, whose "
    "error of one per cent the standard error holds; every point is proved, and what an instance not proved "
    "complete may hide is allowed for",
    evidence=Sampled(
        grid=POINTS,
        predict=predict,
        simulate=simulate,
        compare=each(compare),
        chunks=Schedule(
            "N",
            {
                "audit": {3: 8, 4: 4, 5: 2, 6: 1},
                "quick": {3: 10, 4: 6, 5: 3, 6: 1},
                "standard": {3: 60, 4: 60, 5: 30, 6: 16},
                "paper": {3: 100, 4: 100, 5: 60, 6: 40},
            },
        ),
        constants={"the counts": constant(predict, *NAMES)},
        series=series,
    ),
    alternatives=(
        predicting("no spike", "A = 0", partial(wrong, strength=lambda a: 0.0)),
        predicting("spike of the other sign", "-A for A", partial(wrong, strength=lambda a: -a)),
        predicting(
            "A over sqrt 2", "Cov = (N/2) q^p", partial(wrong, strength=lambda a: a / sqrt(2))
        ),
        predicting(
            "A times sqrt N",
            "a for A",
            lambda params: wrong(params, lambda a: a * sqrt(params["N"])),
        ),
        scaling(predict, "half as many points", "x and -x once", 0.5, *NAMES),
        sampler("A 30 % larger", "a factor near 1", strength=lambda a: 1.3 * a),
        sampler("one point in five lost", "a census that is not complete", change=lossy),
        sampler("the other side", "overlap with -v", side=-1.0),
    ),
)
