"""GOE-T: far lower tails of eigenvalues of GOE(N), to the terms of order 1 of a pushed Coulomb gas."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import numpy as np

from theory.goe.laws import tail_leads
from theory.goe.laws.ensembles import Finite
from verify.alternatives import constants, predicting
from verify.claim import PROFILES, Axes, Claim, Observation, Params, Prediction, Series
from verify.evidence import ExactSequence, exact_limit
from verify.statistics import power

SIZES = dict.fromkeys(PROFILES, (14, 20, 28, 40, 56))
# Declared beforehand, from a pilot at other points and smaller N; with more left outside, N must be larger.
MARGIN = {0: 1e-5, 1: 2e-4, 2: 4e-3}
QUANTITY = "limit of the slope of order 1"

Change = Callable[[Params, dict[str, float]], dict[str, float]]


def slope(log: Callable[[Any], Any], s: float) -> float:
    """How fast a log grows with s, by a complex step."""
    return float(log(np.array([s + 1e-20j]))[0].imag) / 1e-20


def rest(params: Params, n: int) -> float:
    """The slope in x of the exact log, from the hazard in balls, less that of orders N^2 and N."""
    edge, k = math.sqrt(2 * n), params["k"]
    s = params["x"] * edge
    found = Finite(n, k).hazard(s, lower=True) - slope(partial(tail_leads.leading, n, k), s)
    return found * edge


def unchanged(_: Params, parts: dict[str, float]) -> dict[str, float]:
    """The parts as they are."""
    return parts


def predict(params: Params, change: Change = unchanged) -> Prediction:
    """The slope of the terms of order 1, the same for every N; wrong theories change parts of it."""
    s, edge = params["x"] * math.sqrt(2), math.sqrt(2)
    found = tail_leads.order_one(1, params["k"], np.array([s + 1e-20j]))
    parts = {name: float(part[0].imag) / 1e-20 * edge for name, part in found._asdict().items()}
    return {"slope": sum(change(params, parts).values())}


def without(name: str) -> Change:
    """A part left out."""
    return lambda _, parts: {**parts, name: 0.0}


def times(name: str, factor: Callable[[int], float]) -> Change:
    """A part times a function of k."""
    return lambda params, parts: {**parts, name: factor(params["k"]) * parts[name]}


def log_distance(params: Params) -> float:
    """Slope in x of log(c - s), the distance from the wall to where a charge outside is at rest."""
    x = params["x"]
    root = math.sqrt(x * x + 3)
    return float((x / root - 2) / (root - 2 * x))


def at_the_edge_alone(params: Params, parts: dict[str, float]) -> dict[str, float]:
    """The power -1/16 of c - s, which stands at the edge, taken for the whole tail."""
    return {**parts, "genus": 0.0, "response": -log_distance(params) / 16}


def soft_wall(params: Params, parts: dict[str, float]) -> dict[str, float]:
    """Genus one with c - s to the power of a soft edge, 1 for 3."""
    return {**parts, "genus": parts["genus"] + log_distance(params) / 12}


SEQUENCE = ExactSequence(
    value=rest,
    sizes=SIZES,
    terms=(power(1), power(2), power(3), power(4)),
    margin=lambda params, _: MARGIN[params["k"]],
    quantities={QUANTITY: "slope"},
)


def series(seen: Sequence[Observation]) -> list[Series]:
    """Slopes less what is said to be their limit, against 1/N, with their fits, a panel a k."""
    drawn = []
    for k in dict.fromkeys(one.params["k"] for one in seen):
        axes = Axes(f"k = {k}", "1/N", "slope less its limit")
        for one in (one for one in seen if one.params["k"] == k):
            n, said = one.data["N"], one.prediction["slope"]
            dense = n[0] * np.geomspace(1.0, 1e4, 80)
            name = f"x = {one.params['x']}"
            drawn += [
                axes.points(name, 1 / n, one.data["value"] - said),
                axes.line(f"{name}, fitted", 1 / dense, SEQUENCE.fitted(one, dense) - said),
            ]
        drawn.append(axes.level("limit", (0.0, 1 / min(SIZES["quick"])), 0.0))
    return drawn


def wrong(name: str, why: str, change: Change) -> Any:
    """Another prediction by its parts."""
    return predicting(name, why, partial(predict, change=change))


CLAIM = Claim(
    id="GOE-T",
    title="Far lower tails of GOE(N), to the terms of order 1",
    rows=(),
    statement="For s = x sqrt(2N), x < 1, log P(at most k eigenvalues of GOE(N) lie beyond s) has terms of "
    "order N^2 and N, of a Coulomb gas pushed by a wall; and at order 1 a function of x that is the sum of "
    "five: genus one with a hard edge, the answer of the gas to its own entropy, and of k charges outside "
    "their well, their images and the entropy that they take from the gas.",
    compares={
        "For s = x sqrt(2N), x < 1, log P(at most k eigenvalues of GOE(N) lie beyond s) has terms of "
        "order N^2 and N, of a Coulomb gas pushed by a wall": QUANTITY,
        "at order 1 a function of x that is the sum of five: genus one with a hard edge, the answer of the "
        "gas to its own entropy, and of k charges outside their well, their images and the entropy that "
        "they take from the gas": QUANTITY,
    },
    source="Dean and Majumdar 2006 (order N^2); Dyson 1962 (N); Chekhov 2006 (genus one); the others are "
    "derived in theory.goe.laws.tail_leads; exact hazards by Fredholm determinants in balls",
    assumptions="x < 1 and k fixed while N grows; terms of order 1 but for a constant: slopes are compared",
    notes="What the law of an eigenvalue adds beyond 1e-300 is this formula. At the edge it becomes the "
    "power -(1/16 + 3k(k-1)/8) of the distance, which is Tracy and Widom's for k = 0; taken for the whole "
    "tail, as it is where only the edge is looked at, it is refuted.",
    evidence=exact_limit(
        SEQUENCE,
        grid=tuple({"k": k, "x": x} for k in (0, 1, 2) for x in (-0.1, 0.1)),
        predict=predict,
        bias="exact values; slope = limit + a/N + b/N^2 + c/N^3 + d/N^4",
        constants=constants(predict, "slope"),
        series=series,
    ),
    alternatives=(
        wrong(
            "the edge's power 1/16 everywhere", "what holds at the edge alone", at_the_edge_alone
        ),
        wrong(
            "no answer to the entropy", "beta = 2, or the mean density alone", without("response")
        ),
        wrong("a soft edge at the wall", "c - s for its cube in genus one", soft_wall),
        wrong("no images", "charges that do not polarise the gas", without("images")),
        wrong(
            "images of the others alone",
            "k(k - 1) for k^2",
            times("images", lambda k: (k - 1) / k if k else 0.0),
        ),
        wrong(
            "charges that do not repel each other in the well",
            "the power k/2 for k(k + 1)/4",
            times("well", lambda k: 2 / (k + 1)),
        ),
        wrong("no entropy taken", "the gas keeps its entropy", without("taken")),
        wrong("answer 1 % larger", "a factor near 1", times("response", lambda _: 1.01)),
        wrong("well 1 % stiffer", "a factor near 1", times("well", lambda _: 1.01)),
        wrong("taken entropy 2 % larger", "a factor near 1", times("taken", lambda _: 1.02)),
    ),
)
