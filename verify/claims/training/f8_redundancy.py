"""F8: networks whose weights take three values only, trained by simulated annealing."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from numerics.core.streams import Stream
from numerics.networks.annealing import Schedule, anneal_tiles
from numerics.networks.datasets import Dataset, digits
from numerics.networks.sgd import TILE, Settings, train_tiles
from verify.alternatives import constants, replacing
from verify.claim import (
    Cell,
    Claim,
    Data,
    Observation,
    Params,
    Prediction,
    Series,
    per_profile,
)
from verify.claims.training import _estimates as estimate
from verify.claims.training import _figures as figures
from verify.claims.training import _mnist as mnist
from verify.claims.training._estimates import mean
from verify.evidence import Measurement
from verify.statistics import equivalence_cell

HIDDEN = 50
WEIGHTS = ("real", "three values")
LEVEL = 0.5  # weights are -1/2, 0 or 1/2
PROPOSALS = 10_000
LOST = 0.025  # the paper's bound
ON_MNIST: mnist.Chunks = {
    "quick": {(mnist.FEW, weights): 1 for weights in WEIGHTS},
    "standard": {(mnist.FEW, weights): 1 for weights in WEIGHTS},
    "paper": {(mnist.FEW, weights): 50 for weights in WEIGHTS},
}

DROP = "test accuracy, real minus three-valued weights"
# Of a pilot on other seeds: value and margin. That of the drop ends at the paper's 2.5 %.
PILOT = {
    DROP: (0.009, 0.016),
    "test accuracy, real weights": (0.967, 0.012),
    "train minus test accuracy, three-valued weights": (0.024, 0.02),
    "share of distinct networks, three-valued weights": (1.0, 0.01),
}
MNIST_PILOT = {  # the same of MNIST with 6000 images: 10000 proposals are too few to end there
    f"MNIST, {DROP}": (0.06, 0.01),
    "MNIST, test accuracy, real weights": (0.9275, 0.005),
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
    images = mnist.taken(data(), params)
    if params["weights"] == "real":
        end = train_tiles(stream, chunk * TILE, TILE, images, settings, xp)
    else:
        how = Schedule(proposals, hot=1e-3, levels=LEVEL)
        end = anneal_tiles(stream, chunk * TILE, TILE, images, settings, how, xp)
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
    pilots = {**PILOT, **MNIST_PILOT}
    return {"values": 3, **{name: value for name, (value, _) in pilots.items()}}


def by_weights(seen: Sequence[Observation]) -> tuple[Data, Data]:
    """The samples of real weights and of three values."""
    data = {one.params["weights"]: one.data for one in seen}
    return data["real"], data["three values"]


def compare(seen: Sequence[Observation]) -> list[Cell]:
    """Accuracies beside the pilot's; the loss and the share of zeros without a test."""
    said = seen[0].prediction
    cells = [
        estimate.reported(one.params, f"mean {quantity}", mean(one.data[name]))
        for one in seen
        for name, quantity in (
            ("train", "train accuracy"),
            ("test", "test accuracy"),
            ("test loss", "test loss"),
            ("zeros", "zeros"),
        )
    ]
    seen, other = mnist.split(seen)
    if other:
        real, few = by_weights(other)
        drop = mean(real["test"]).minus(mean(few["test"]))
        found = {DROP: drop, "test accuracy, real weights": mean(real["test"])}
        found = {f"MNIST, {name}": one for name, one in found.items()}
        cells += mnist.against_the_pilot(found, said, MNIST_PILOT)
    real, few = by_weights(seen)
    most, units = float(few["values"].max()), len(few["values"])
    where, name = {"weights": "three values"}, "most values in a network"
    cells.append(equivalence_cell(where, name, float(said["values"]), most, 0.0, units, 0.5))
    found = {
        DROP: mean(real["test"]).minus(mean(few["test"])),
        "test accuracy, real weights": mean(real["test"]),
        "train minus test accuracy, three-valued weights": mean(few["train"] - few["test"]),
        "share of distinct networks, three-valued weights": estimate.distinct(few["test loss"]),
    }
    return cells + estimate.against_the_pilot(found, said, PILOT, {})


def series(seen: Sequence[Observation]) -> list[Series]:
    """Histograms and means of the accuracies."""
    test = {one.params["weights"]: one.data["test"] for one in mnist.split(seen)[0]}
    return list(figures.accuracies(test, HIDDEN, LOST))


# Wrong theories: by name, why and what they say.
WRONG: dict[str, tuple[str, dict[str, float]]] = {
    "5 % lost": ("twice the paper's bound", {DROP: 0.05}),
    "3 % won": ("three values generalise better", dict.fromkeys((DROP, f"MNIST, {DROP}"), -0.03)),
    "two values": ("no weight is zero", {"values": 2}),
    "five values": ("finer weights", {"values": 5}),
}

CLAIM = Claim(
    id="F8",
    title="Weights of three values lose less than 2.5 % of accuracy",
    rows=("F8",),
    statement="Networks of 50 hidden units whose weights are -1/2, 0 or 1/2, trained by simulated "
    "annealing, lose less than 2.5 % of test accuracy to networks of real weights trained by SGD: "
    "about 1 %.",
    compares={
        "whose weights are -1/2, 0 or 1/2": "most values in a network",
        "Networks of 50 hidden units": "test accuracy, real minus three-valued weights",
        "lose less than 2.5 % of test accuracy to networks of real weights trained by SGD: "
        "about 1 %": "test accuracy, real minus three-valued weights",
    },
    source="CHMBL Sec. 5.1",
    assumptions="scikit-learn's 8 x 8 digits, one fixed split; ReLU, cross-entropy; annealing changes "
    "one weight at a time, judged on all training samples, temperature falling geometrically from "
    "1e-3 to 1e-5 in 10000 proposals; networks are the units",
    lacks_without_mnist={"F8": "MNIST: run with --mnist DIR"},
    lacks={
        "F8": "MNIST: 10000 proposals do not end the annealing there, so the drop that they leave, 6 %, "
        "says nothing of the paper's bound"
    },
    evidence=Measurement(
        grid=(
            *({"weights": weights} for weights in WEIGHTS),
            *(mnist.point(mnist.FEW, weights=weights) for weights in WEIGHTS),
        ),
        predict=predict,
        compare=compare,
        bias="none is modelled: the drop is that of a pilot on other seeds, 0.9 %, with a margin that "
        "ends at the paper's 2.5 %, seven standard errors of the smallest profile away",
        simulate=simulate,
        chunks=mnist.chunks(
            ON_MNIST, per_profile(quick=1, standard=2, paper=50, audit=2), "weights"
        ),
        constants=constants(predict, *PILOT, *MNIST_PILOT),
        series=series,
    ),
    alternatives=(
        *(replacing(predict, name, *wrong) for name, wrong in WRONG.items()),
        *estimate.wrong_samplers(simulate, proposals=0),
    ),
    notes="A weight of three values holds log2(3) = 1.58 bits; beside the 32 of a float this is 95 % "
    "less, the share of parameters that the paper calls redundant.\n\n"
    "Probability that a right theory misses the margin of the drop, by the normal approximation with the "
    "errors of 20 networks (quick profile): about 7e-4.",
)
