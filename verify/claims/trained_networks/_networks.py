"""What these claims share: the networks, the spin glass beside them, and how values are compared.

Networks have no biases, so that a ReLU's output is homogeneous of degree H in the weights, as the paper's
paths are. Inputs are scikit-learn's digits, reduced to 4 x 4. A network is the unit, or an instance of the
disorder.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import replace
from functools import cache
from math import sqrt
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from numerics.core.streams import Stream
from numerics.networks.unbiased.descents import trained
from numerics.networks.unbiased.networks import Task, drawn
from verify.claim import Cell, Observation, Params
from verify.claims.trained_networks import _digits
from verify.statistics import equivalence_cell

Real = NDArray[np.float64]
Said = Mapping[str, tuple[float, float]]  # value and margin by quantity

TRAIN = 448  # images to train on, 14 minibatches
EPOCHS = 100
LOSSES = ("square", "cross-entropy")
STATES = ("at the start", "trained")
EXACT = 1e-9  # margin of what is exact but for rounding, in every unit
LEAST = 1e-4  # error of a mean below which none is believed


class Images(NamedTuple):
    """Inputs (m, pixels) and unit vectors of the labels (m, 10), to train on and to test on."""

    train: tuple[Real, Real]
    test: tuple[Real, Real]


@cache
def images(shuffled: bool = False) -> Images:
    """The digits, 4 x 4; `shuffled`, each to train on with the label of another."""
    data = (_digits.shuffled if shuffled else _digits.small_digits)(TRAIN)
    labels = np.eye(data.classes)
    return Images((data.train_x, labels[data.train_y]), (data.test_x, labels[data.test_y]))


def hidden_of(params: Params) -> tuple[int, ...]:
    """Hidden widths of a grid point.

    Examples
    --------
    >>> hidden_of({"hidden": "8, 8"})
    (8, 8)
    """
    return tuple(int(n) for n in params["hidden"].split(","))


def task_of(params: Params, seen: Images, activation: str = "relu") -> Task:
    """The network of a grid point, and what it learns."""
    return Task(*seen.train, hidden_of(params), params["loss"], activation)


def tested(task: Task, seen: Images) -> Task:
    """The same network on the images to test on."""
    return replace(task, x=seen.test[0], target=seen.test[1])


def both(
    task: Task, stream: Stream, numbers: Sequence[int], epochs: int = EPOCHS
) -> Iterator[dict[str, Real]]:
    """Weights of the network of each number at its start and after training."""
    begun = np.stack([drawn(task, stream.generator(number, 0)) for number in numbers])
    orders = [stream.generator(number, 1) for number in numbers]
    ended = trained(task, begun, orders, epochs)
    return (dict(zip(STATES, pair, strict=True)) for pair in zip(begun, ended, strict=True))


def stacked(rows: Iterable[Mapping[str, Any]]) -> dict[str, Real]:
    """Rows of units as columns."""
    every = list(rows)
    return {name: np.array([row[name] for row in every], dtype=float) for name in every[0]}


def middle(values: Real, cut: float) -> tuple[float, float, int]:
    """The mean without this share of the values at either end, its standard error and its freedom.

    By Tukey and McLaughlin (1963): the spread is that of values moved to the ends of what is kept.

    Examples
    --------
    >>> mean, error, freedom = middle(np.array([0.0, 2.0, 4.0, 6.0, 100.0]), 0.2)
    >>> mean, round(error**2, 9), freedom  # 2, 2, 4, 6, 6: a variance of 4, over 5 (3/5)^2
    (4.0, 2.222222222, 2)
    """
    units, out = len(values), int(cut * len(values))
    kept = np.sort(values)[out : units - out]
    moved = np.clip(values, kept[0], kept[-1])
    error = float(moved.std(ddof=1)) * sqrt(units) / len(kept)
    return float(kept.mean()), error, len(kept) - 1


def compared(params: Params, said: Said, data: Mapping[str, Real], cut: float = 0.0) -> list[Cell]:
    """The mean of each quantity over the units against what is said of it; of an exact one the worst.

    Without the share ``cut`` of the units at either end, where some are far off.
    """
    cells = []
    for name, (value, margin) in said.items():
        values = np.asarray(data[name])
        if margin <= EXACT:
            worst = float(values[np.argmax(np.abs(values - value))])
            cells.append(equivalence_cell(params, name, value, worst, 0.0, len(values), margin))
            continue
        seen, spread, freedom = middle(values, cut)
        error = max(spread, LEAST * margin)
        cells.append(
            equivalence_cell(params, name, value, seen, error, len(values), margin, freedom)
        )
    return cells


def reported(params: Params, name: str, values: Real) -> Cell:
    """The mean of a quantity, without a test."""
    error = float(values.std(ddof=1)) / sqrt(len(values))
    return Cell(params, name, None, float(values.mean()), error, len(values))


def distinct(params: Params, data: Mapping[str, Real]) -> Cell:
    """The share of units that differ from all others: 1, if they are independent."""
    units = len(next(iter(data.values())))
    rows = np.concatenate([np.reshape(values, (units, -1)) for values in data.values()], axis=1)
    counts = np.unique(rows, axis=0, return_counts=True, equal_nan=False)[1]
    share = float((counts == 1).sum()) / units
    return equivalence_cell(params, "share of distinct units", 1.0, share, 0.0, units, 0.01)


def all_compared(
    seen: Sequence[Observation],
    said_of: Callable[[Params], Said],
    left_out: AbstractSet[str] = frozenset(),
    cut: float = 0.0,
) -> list[Cell]:
    """Every quantity of all grid points against what is predicted of it; the others without a test.

    ``said_of`` says the margins; columns whose last word is in ``left_out`` are for figures; ``cut`` is as
    of `compared`.
    """
    cells = []
    for one in seen:
        margins = {name: margin for name, (_, margin) in said_of(one.params).items()}
        said = {name: (one.prediction[name], margin) for name, margin in margins.items()}
        cells += [*compared(one.params, said, one.data, cut), distinct(one.params, one.data)]
        for name in one.data:
            if name not in margins and name.split(": ")[-1] not in left_out:
                cells.append(reported(one.params, name, one.data[name]))
    return cells
