"""F8: networks whose weights take three values only, trained by simulated annealing."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np

from numerics.core.streams import Stream
from numerics.networks.annealing import Schedule, anneal_tiles
from numerics.networks.datasets import Dataset, digits
from numerics.networks.sgd import TILE, Settings, train_tiles
from verify.alternatives import constant, replaced
from verify.claim import (
    Alternative,
    Axes,
    Cell,
    Claim,
    Data,
    Observation,
    Params,
    Prediction,
    Series,
    per_profile,
)
from verify.claims.training._estimates import Estimate, against, distinct, mean, wrong_samplers
from verify.evidence import Limit
from verify.statistics import equivalence_cell

HIDDEN = 50
LEVEL = 0.5  # weights are -1/2, 0 or 1/2
PROPOSALS = 10_000

DROP = "test accuracy, real minus three-valued weights"
# Of a pilot on other seeds: value and margin. That of the drop ends at the paper's 2.5 %.
PILOT = {
    DROP: (0.009, 0.016),
    "test accuracy, real weights": (0.967, 0.012),
    "train minus test accuracy, three-valued weights": (0.024, 0.02),
    "share of distinct networks, three-valued weights": (1.0, 0.01),
}


def simulate(
    params: Params,
    stream: Stream,
    chunk: int,
    xp: Any,
    data: Callable[[], Dataset] = digits,
    change: Mapping[str, Any] | None = None,
    proposals: int = PROPOSALS,
) -> Data:
    """Train a chunk of networks with real or with three-valued weights; a row each."""
    settings = replace(Settings(HIDDEN), **(change or {}))
    if params["weights"] == "real":
        end = train_tiles(stream, chunk * TILE, TILE, data(), settings, xp)
    else:
        how = Schedule(proposals, hot=1e-3, levels=LEVEL)
        end = anneal_tiles(stream, chunk * TILE, TILE, data(), settings, how, xp)
    weights = end.networks.flat()
    return {
        "train": end.train_accuracy,
        "test": end.test_accuracy,
        "test loss": end.test_loss,
        "values": np.array([len(np.unique(w)) for w in weights]),
        "zeros": (weights == 0).mean(axis=1),
    }


def predict(params: Params) -> Prediction:
    """The pilot's values; three values a weight."""
    return {"values": 3, **{name: value for name, (value, _) in PILOT.items()}}


def compare(seen: Sequence[Observation]) -> list[Cell]:
    """Accuracies beside the pilot's; the loss and the share of zeros without a test."""
    said, cells = seen[0].prediction, []
    data = {one.params["weights"]: one.data for one in seen}
    real, few = data["real"], data["three values"]
    for one in seen:
        for name in ("train", "test", "test loss", "zeros"):
            value, stderr, units = mean(one.data[name])
            quantity = {"train": "train accuracy", "test": "test accuracy"}.get(name, name)
            cells.append(Cell(one.params, f"mean {quantity}", None, value, stderr, units))
    cells.append(
        equivalence_cell(
            {"weights": "three values"},
            "most values in a network",
            float(said["values"]),
            float(few["values"].max()),
            0.0,
            len(few["values"]),
            0.5,
        )
    )
    found: dict[str, Estimate] = {
        DROP: mean(real["test"]).minus(mean(few["test"])),
        "test accuracy, real weights": mean(real["test"]),
        "train minus test accuracy, three-valued weights": mean(few["train"] - few["test"]),
        "share of distinct networks, three-valued weights": distinct(few["test loss"]),
    }
    for name, estimate in found.items():
        cells.append(against({}, name, said[name], estimate, PILOT[name][1]))
    return cells


def series(seen: Sequence[Observation]) -> list[Series]:
    """Histograms of the accuracies."""
    axes = Axes(f"{HIDDEN} hidden units", "test accuracy", "density")
    edges = np.linspace(0.92, 1.0, 33)
    drawn = []
    for one in seen:
        density, _ = np.histogram(one.data["test"], edges, density=True)
        label = f"{one.params['weights']}"
        drawn.append(Series(axes, label, edges.tolist(), density.tolist(), kind="steps"))
    [real] = [float(o.data["test"].mean()) for o in seen if o.params["weights"] == "real"]
    drawn.append(Series(axes, "mean of real weights less 2.5 %", [real - 0.025], kind="vline"))
    return drawn


CLAIM = Claim(
    id="F8",
    title="Weights of three values lose less than 2.5 % of accuracy",
    rows=("F8",),
    statement="Networks of 50 hidden units whose weights are -1/2, 0 or 1/2, trained by simulated "
    "annealing, lose less than 2.5 % of test accuracy to networks of real weights trained by SGD: "
    "about 1 %.",
    source="CHMBL Sec. 5.1",
    assumptions="scikit-learn's 8 x 8 digits, one fixed split; ReLU, cross-entropy; annealing changes "
    "one weight at a time, judged on all training samples, temperature falling geometrically from "
    "1e-3 to 1e-5 in 10000 proposals; networks are the units",
    lacks={"F8": "MNIST"},
    evidence=Limit(
        grid=({"weights": "real"}, {"weights": "three values"}),
        predict=predict,
        compare=compare,
        bias="none is modelled: the drop is that of a pilot on other seeds, 0.9 %, with a margin that "
        "ends at the paper's 2.5 %, seven standard errors of the smallest profile away",
        simulate=simulate,
        chunks=per_profile(quick=1, standard=2, paper=50, audit=2),
        constants={name: constant(predict, name) for name in PILOT},
        series=series,
    ),
    alternatives=(
        Alternative(
            "5 % lost", "twice the paper's bound", {"predict": replaced(predict, {DROP: 0.05})}
        ),
        Alternative(
            "3 % won",
            "three values generalise better",
            {"predict": replaced(predict, {DROP: -0.03})},
        ),
        Alternative(
            "two values", "no weight is zero", {"predict": replaced(predict, {"values": 2})}
        ),
        Alternative("five values", "finer weights", {"predict": replaced(predict, {"values": 5})}),
        *wrong_samplers(
            simulate, unmoved=partial(simulate, change={"rate": 0.0, "epochs": 1}, proposals=0)
        ),
    ),
    notes="A weight of three values holds log2(3) = 1.58 bits; beside the 32 of a float this is 95 % "
    "less, the share of parameters that the paper calls redundant.\n\n"
    "Probability that a right theory misses the margin of the drop, by the normal approximation with the "
    "errors of 20 networks (quick profile): about 7e-4.",
)
