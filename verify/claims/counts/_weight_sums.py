"""What claims on Kac-Rice integrals keep of a chunk: sums of weights and of their squares, by class.

A mean weight and its standard error need no more, and a chunk takes a hundred bytes in the store.
Here too is what their figures and their wrong samplers share.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from numerics.core.log_sums import LogSums
from verify.claim import Axes, Cell, Curve, Data, Params, Series
from verify.statistics import moments_cell

Drawn = Mapping[str, Any]  # what numerics.kac_rice.monte_carlo.weights returns
Change = Callable[[Params, Drawn], Drawn]


def chunk_of(log_weight: NDArray[np.float64], classes: NDArray[np.int64], number: int) -> Data:
    """The sums of a chunk: log weights and classes 0..number-1 of units, both of shape (units,).

    Examples
    --------
    >>> chunk = chunk_of(np.array([0.0, 1.0]), np.array([0, 2]), 3)
    >>> {name: value.shape for name, value in chunk.items()}
    {'units': (1,), 'top': (1,), 'first': (1, 3), 'second': (1, 3)}
    """
    return pack(LogSums.empty(number).add(log_weight, classes), len(log_weight))


def pack(sums: LogSums, units: int) -> Data:
    """Sums as a chunk."""
    return {
        "units": np.array([units]),
        "top": np.array([sums.top]),
        "first": sums.first[None],
        "second": sums.second[None],
    }


@dataclass(frozen=True)
class WeightSums:
    """Sums of weights and of their squares by class, and of how many units."""

    sums: LogSums
    units: int

    def cell(self, params: Params, quantity: str, predicted: float, signs: ArrayLike) -> Cell:
        """t test of the mean over units of the weight times its class's sign (0, 1 or -1)."""
        unit, by = math.exp(self.sums.top), np.asarray(signs, dtype=np.float64)
        mean = unit * float(by @ self.sums.first) / self.units
        square = unit**2 * float(by**2 @ self.sums.second) / self.units
        return moments_cell(params, quantity, predicted, mean, square, self.units)


def merge_chunks(data: Data) -> WeightSums:
    """The sums of all chunks of a grid point.

    Examples
    --------
    >>> chunk = chunk_of(np.log([1.0, 3.0, 2.0, 2.0]), np.array([0, 0, 1, 1]), 2)
    >>> merge_chunks(chunk).cell({}, "mean", 2.0, (1, 1)).estimate
    2.0
    """
    total = LogSums.empty(data["first"].shape[1])
    for top, first, second in zip(data["top"], data["first"], data["second"], strict=True):
        total = total.merge(LogSums(float(top), first, second))
    return WeightSums(total, int(data["units"].sum()))


def over_exact(axes: Axes, label: str, x: Curve, cells: Sequence[Cell]) -> Series:
    """Monte Carlo over the exact mean number, with two standard errors."""
    exact = [float(c.predicted or 1.0) for c in cells]
    y = [float(c.estimate or 0.0) / e for c, e in zip(cells, exact, strict=True)]
    errors = [2 * (c.stderr or 0.0) / e for c, e in zip(cells, exact, strict=True)]
    return axes.points(label, x, y, errors)


def reweighted(drawn: Drawn, log_factor: float | NDArray[np.float64]) -> Drawn:
    """The draws with their weights times a factor."""
    return {**drawn, "log_weight": drawn["log_weight"] + log_factor}


def next_index(_: Params, drawn: Drawn) -> Drawn:
    """The draws with k + 1 for k."""
    return {**drawn, "index": drawn["index"] + 1}


def unchanged(_: Params, drawn: Drawn) -> Drawn:
    """The draws as they are."""
    return drawn
