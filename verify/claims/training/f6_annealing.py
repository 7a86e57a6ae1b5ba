"""F6: stochastic gradient descent against simulated annealing, at equal time and with more of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
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
    Profile,
    Series,
)
from verify.claims.training._estimates import (
    Estimate,
    against,
    distinct,
    log_mean,
    mean,
    wrong_samplers,
)
from verify.evidence import Limit

WIDTHS = (2, 3, 5, 10, 15, 25)
SGD = 0  # proposals of a grid point that is trained by SGD
EQUAL, EIGHT = 2000, 16_000  # proposals: about the time of SGD, and eight times as much
# Chunks of 20 networks, by (width, proposals).
CHUNKS: dict[Profile, dict[tuple[int, int], int]] = {
    "audit": {(n, p): 2 for n in (5, 10) for p in (SGD, EQUAL)},
    "quick": {(5, SGD): 2, (10, SGD): 1, (25, SGD): 1, **{(n, EQUAL): 1 for n in (5, 10, 25)}},
    "standard": {
        (3, SGD): 10,
        **{(n, SGD): 2 for n in (2, 5, 10, 15, 25)},
        **{(n, EQUAL): 1 for n in WIDTHS},
        (3, EQUAL): 3,
        (25, EIGHT): 1,
    },
    "paper": {(n, p): 50 for n in WIDTHS for p in (SGD, EQUAL, EIGHT)},
}

# Of a pilot on other seeds (SGD: 100 to 200 networks, annealing: 20), log of mean test loss, SGD over
# annealing: value and margin. Margins are seven standard errors of the smallest profile, and at
# most half the distance to no difference.
PILOT = {
    (3, EQUAL): (-0.51, 0.24),
    (5, EQUAL): (-1.03, 0.45),
    (10, EQUAL): (-1.69, 0.5),
    (15, EQUAL): (-1.78, 0.5),
    (25, EQUAL): (-1.98, 0.5),
    (25, EIGHT): (-0.36, 0.3),
}
APART = "share of distinct networks, SGD, n1 = 10"
LEVEL = "test minus train loss, SGD, n1 = 10"
CAUGHT = f"log of mean train loss, SGD over annealing of {EIGHT} proposals, n1 = 2"
PILOT_MORE = {APART: (1.0, 0.01), LEVEL: (0.076, 0.035), CAUGHT: (0.215, 0.2)}


def name_of(key: tuple[int, int]) -> str:
    """The quantity compared at one width and number of proposals."""
    return f"log of mean test loss, SGD over annealing of {key[1]} proposals, n1 = {key[0]}"


def simulate(
    params: Params,
    stream: Stream,
    chunk: int,
    xp: Any,
    data: Callable[[], Dataset] = digits,
    change: Mapping[str, Any] | None = None,
    schedule: Mapping[str, Any] | None = None,
) -> Data:
    """Train or anneal a chunk of networks; a row each."""
    settings = replace(Settings(params["n1"]), **(change or {}))
    if params["proposals"] == SGD:
        end = train_tiles(stream, chunk * TILE, TILE, data(), settings, xp)
    else:
        how = Schedule(**{"proposals": params["proposals"], "hot": 1e-3, **(schedule or {})})
        end = anneal_tiles(stream, chunk * TILE, TILE, data(), settings, how, xp)
    return {
        "train": end.train_loss,
        "test": end.test_loss,
        "train accuracy": end.train_accuracy,
        "test accuracy": end.test_accuracy,
    }


def predict(params: Params) -> Prediction:
    """The pilot's values."""
    said = {name_of(key): value for key, (value, _) in PILOT.items()}
    return said | {name: value for name, (value, _) in PILOT_MORE.items()}


def _margins() -> dict[str, float]:
    found = {name_of(key): margin for key, (_, margin) in PILOT.items()}
    return found | {name: margin for name, (_, margin) in PILOT_MORE.items()}


def by_key(seen: Sequence[Observation]) -> dict[tuple[int, int], Data]:
    """The samples by width and proposals."""
    return {(one.params["n1"], one.params["proposals"]): one.data for one in seen}


def estimates(data: Mapping[tuple[int, int], Data]) -> dict[str, Estimate]:
    """What is compared, as far as the grid points at hand allow."""
    found = {
        name_of(key): log_mean(data[key[0], SGD]["test"]).minus(log_mean(data[key]["test"]))
        for key in PILOT
        if key in data and (key[0], SGD) in data
    }
    if (2, EIGHT) in data:
        found[CAUGHT] = log_mean(data[2, SGD]["train"]).minus(log_mean(data[2, EIGHT]["train"]))
    ten = data[10, SGD]
    found[APART] = distinct(ten["test"])
    found[LEVEL] = mean(ten["test"] - ten["train"])
    return found


def compare(seen: Sequence[Observation]) -> list[Cell]:
    """Ratios of mean test losses beside the pilot's; the means without a test."""
    said, margins, cells = seen[0].prediction, _margins(), []
    for one in seen:
        for name in ("train", "test", "test accuracy"):
            value, stderr, units = mean(one.data[name])
            quantity = name if "accuracy" in name else f"{name} loss"
            cells.append(Cell(one.params, f"mean {quantity}", None, value, stderr, units))
    for name, found in estimates(by_key(seen)).items():
        cells.append(against({}, name, said[name], found, margins[name]))
    return cells


def changed(value: float) -> Callable[[Params], Prediction]:
    """Every ratio the same."""
    return replaced(predict, {name_of(key): value for key in PILOT})


def series(seen: Sequence[Observation]) -> list[Series]:
    """Mean losses against n1, and histograms at two widths."""
    data = by_key(seen)
    drawn = []
    for which in ("test", "train"):
        axes = Axes(f"Mean {which} loss", "hidden units n1", f"{which} loss", "log", "log")
        for proposals in sorted({p for _, p in data}):
            widths = sorted(n for n, p in data if p == proposals)
            found = [mean(data[n, proposals][which]) for n in widths]
            label = f"annealing, {proposals} proposals" if proposals else "SGD"
            y, error = [v for v, _, _ in found], [2 * e for _, e, _ in found]
            drawn.append(Series(axes, f"{label}, 2 std. err.", widths, y, error, "points"))
    for n in (5, 25):
        axes = Axes(f"Test losses, n1 = {n}", "test loss", "density")
        kinds = [key for key in sorted(data) if key[0] == n]
        edges = np.linspace(0.0, 1.25, 51)
        for key in kinds:
            density, _ = np.histogram(data[key]["test"], edges, density=True)
            label = f"annealing, {key[1]} proposals" if key[1] else "SGD"
            drawn.append(Series(axes, label, edges.tolist(), density.tolist(), kind="steps"))
    return drawn


def never_cold(params: Params, stream: Stream, chunk: int, xp: Any) -> Data:
    """Annealing that accepts almost everything to the end."""
    return simulate(params, stream, chunk, xp, schedule={"hot": 1.0, "cold": 1.0})


def sampler(name: str, why: str, wrong: Callable[..., Data]) -> Alternative:
    """A wrong experiment that the claim must refute."""
    return Alternative(f"sampler: {name}", why, {"simulate": wrong})


CLAIM = Claim(
    id="F6",
    title="SGD beats simulated annealing at equal time",
    rows=("F6",),
    statement="In equal processor time (200 epochs; 2000 proposals) SGD reaches a lower mean test loss "
    "than simulated annealing at every width tested, by a factor that grows with n1. It is not so "
    "whatever the time: at n1 = 2, where SGD is caught in poor solutions, annealing with 16000 "
    "proposals ends at a lower train loss (paper profile); at n1 = 25 its test loss is still higher "
    "(standard and paper profile).",
    source="CHMBL Sec. 5, Fig. 6",
    assumptions="scikit-learn's 8 x 8 digits, one fixed split; ReLU, cross-entropy; both from the unit "
    "cube [-1/2, 1/2]^P; annealing changes one weight at a time, judged on all training samples, "
    "temperature falling geometrically from 1e-3 to 1e-5; networks are the units",
    lacks={
        "F6": "MNIST; n1 = 2 at equal time is reported without a test: SGD is ahead by 4 standard "
        "errors only"
    },
    evidence=Limit(
        grid=tuple({"n1": n, "proposals": p} for p in (SGD, EQUAL, EIGHT) for n in WIDTHS),
        predict=predict,
        compare=compare,
        bias="none is modelled: values are those of a pilot on other seeds, on the same data and "
        "split; margins are seven standard errors of the smallest profile, and at most half the "
        "distance to no difference, so that the direction is part of what is tested",
        simulate=simulate,
        chunks=lambda profile, params: CHUNKS[profile].get((params["n1"], params["proposals"]), 0),
        constants={name: constant(predict, name) for name in _margins()},
        series=series,
    ),
    alternatives=(
        Alternative("no difference", "annealing as good as SGD", {"predict": changed(0.0)}),
        Alternative(
            "annealing better at equal time",
            "SGD is caught in poor solutions at every width",
            {"predict": changed(0.4)},
        ),
        Alternative(
            "the same factor at every width",
            "SGD ahead by the factor of n1 = 5 everywhere",
            {"predict": changed(-1.03)},
        ),
        *wrong_samplers(simulate),
        sampler("never cold", "annealing that accepts almost everything", never_cold),
    ),
    notes="A grid point with 0 proposals is SGD. Annealing of 16000 proposals takes eight times as long "
    "as SGD; it then reaches lower train losses than SGD at n1 = 25, and higher test losses: it "
    "fits the training images better and generalises worse. The paper does not state the time that "
    "either was given.\n\n"
    "Probability that a right theory misses its margin, by the normal approximation with the errors of "
    "the standard profile and of the pilot: about 5e-4 at n1 = 3 and 16000 proposals' 2e-4 at n1 = 25. "
    "At n1 = 2 and 16000 proposals it would be 1 to 6 % with 40 annealed networks, so that comparison "
    "is made in the paper profile alone.",
)
