"""X3-L: below -E_inf the second moment meets the square of the mean once there are points enough."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from math import exp, sqrt
from typing import Any

import numpy as np

from numerics.core.streams import Stream
from theory import mean_count, pair_complexity, pure, threshold
from theory.two_points import antipodes, draw_pairs
from verify.alternatives import constant, predicting, sampling, scaling
from verify.claim import (
    Axes,
    Cell,
    Claim,
    Data,
    Observation,
    Params,
    Prediction,
    Series,
    each,
    per_profile,
)
from verify.evidence import Sampled
from verify.statistics import equivalence_cell

DRAWS = 400  # pairs of matrices in a chunk
DEPTH = 1.01  # levels up to so many -E_inf
MARGIN = 0.1  # fixed beforehand: less than half of what any wrong theory is off by
RATIO = "pairs over the square of the mean number"
PLACE = "overlap at which the exponent of pairs is largest"
OVERLAPS = np.linspace(-0.99, 0.99, 199)


def level(p: int) -> float:
    """Up to where points are counted."""
    return -DEPTH * float(threshold(pure(p), None, 17))


def mean_number(params: Params) -> float:
    """The exact mean number of points up to the level."""
    return exp(mean_count(pure(params["p"]), params["N"], None, level(params["p"])).log)


def exponent(p: int, q: Any) -> Any:
    """Of pairs at the level, by overlap, less that at right angles."""
    u = level(p)
    found = pair_complexity(pure(p), u, u, q)
    return found - float(pair_complexity(pure(p), u, u, 0.0))


def simulate(
    params: Params,
    stream: Stream,
    chunk: int,
    xp: Any,
    deeper: float = 1.0,
    more: int = 0,
) -> Data:
    """Unbiased values of the mean number of pairs, one a draw. Wrong samplers change keywords."""
    rng, u = stream.generator(chunk), deeper * level(params["p"])
    found = draw_pairs(rng, pure(params["p"]), params["N"] + more, DRAWS, u)
    return {"pairs": found.of(None, u)}


def predict(params: Params, ordered: float = 1.0) -> Prediction:
    """Pairs are as many as of independent points, most of them at right angles."""
    return {RATIO: ordered, PLACE: 0.0}


def compare(seen: Observation) -> list[Cell]:
    """Whether the ratio is 1 within the margin; the whole second moment; where pairs lie."""
    params, said, n = seen.params, seen.prediction, seen.params["N"]
    mean = mean_number(params)
    values = np.asarray(seen.data["pairs"]) / mean**2
    error = float(values.std(ddof=1)) / sqrt(len(values))
    ratio = float(values.mean())
    own = 1 + antipodes(pure(params["p"]), n, None, level(params["p"])) / mean
    most = float(OVERLAPS[np.argmax(exponent(params["p"], OVERLAPS))])
    return [
        equivalence_cell(params, RATIO, said[RATIO], ratio, error, len(values), MARGIN),
        Cell(params, "E Crt^2 / (E Crt)^2", None, ratio + own / mean, error, len(values)),
        equivalence_cell(params, PLACE, said[PLACE], most, 0.0, 1, 1e-9),
    ]


def series(seen: Sequence[Observation]) -> list[Series]:
    """E Crt^2/(E Crt)^2 against N; the exponent of pairs against the overlap."""
    axes = Axes(f"Points up to {DEPTH} times -E_inf", "N", "E Crt^2/(E Crt)^2")
    lines = []
    found = [compare(one)[1] for one in seen]
    sizes = [one.params["N"] for one in seen]
    values = [float(cell.estimate or 0.0) for cell in found]
    errors = [2 * float(cell.stderr or 0.0) for cell in found]
    lines.append(axes.points("p = 10, pairs of matrices", sizes, values, errors))
    lines.append(axes.line("1", sizes, [1.0] * len(sizes)))
    axes = Axes("Exponent of pairs, less that at q = 0", "overlap q", "per spin")
    q = OVERLAPS[(OVERLAPS > -0.15) & (OVERLAPS < 0.9)]
    for p in (3, 10):
        lines.append(axes.line(f"p = {p}", q, exponent(p, q)))
    return lines


sampler = partial(sampling, simulate)

CLAIM = Claim(
    id="X3-L",
    title="Below -E_inf the second moment meets the square of the mean number",
    rows=("X3",),
    statement="Up to 1.01 times -E_inf the mean number of ordered pairs of critical points is the square "
    "of the mean number, within 10 %, and the exponent of pairs is largest at overlap 0.",
    compares={
        "Up to 1.01 times -E_inf the mean number of ordered pairs of critical points is the square "
        "of the mean number, within 10 %": RATIO,
        "the exponent of pairs is largest at overlap 0": PLACE,
    },
    source="Subag 2017; Ben Arous, Subag and Zeitouni 2020; theory.two_points.draw_pairs",
    assumptions="pure model, p >= 3; means",
    evidence=Sampled(
        grid=({"p": 10, "N": 10}, {"p": 10, "N": 20}, {"p": 10, "N": 30}, {"p": 10, "N": 40}),
        predict=predict,
        simulate=simulate,
        compare=each(compare),
        chunks=per_profile(audit=3, quick=5, standard=50, paper=500),
        constants={"the ratio": constant(predict, RATIO)},
        series=series,
    ),
    alternatives=(
        predicting("pairs without order", "each pair once", partial(predict, ordered=0.5)),
        scaling(predict, "50 % more pairs", "points that attract", 1.5, RATIO),
        sampler("levels 3 % deeper", "another level than the mean number's", deeper=1.03),
        sampler("N + 1 for N", "the sphere's dimension mistaken", more=1),
    ),
    notes="E Crt^2 is pairs and E Crt, once or twice: its ratio to (E Crt)^2 falls to 1 only where points "
    "are many. For p = 10 there are 160 of them at N = 30 and 4e4 at N = 50; for p = 3 a tenth of one at "
    "N = 30 and a quarter of one below -1.64 at N = 100: there E Crt^2 is 5 (E Crt)^2, and mean numbers do "
    "not speak of instances.",
)
