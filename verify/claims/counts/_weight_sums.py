"""What claims on Kac-Rice integrals keep of a chunk: sums of weights and of their squares, by class.

A mean weight and its standard error need no more, and a chunk takes a hundred bytes in the store.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from numerics.core.log_sums import LogSums
from verify.claim import Cell, Data, Params
from verify.statistics import moments_cell


def kept(log_weight: NDArray[np.float64], classes: NDArray[np.int64], number: int) -> Data:
    """The sums of a chunk: log weights and classes 0..number-1 of units, both of shape (units,).

    Examples
    --------
    >>> chunk = kept(np.array([0.0, 1.0]), np.array([0, 2]), 3)
    >>> {name: value.shape for name, value in chunk.items()}
    {'units': (1,), 'top': (1,), 'first': (1, 3), 'second': (1, 3)}
    """
    return stored(LogSums.empty(number).add(log_weight, classes), len(log_weight))


def stored(sums: LogSums, units: int) -> Data:
    """Sums as a chunk."""
    return {
        "units": np.array([units]),
        "top": np.array([sums.top]),
        "first": sums.first[None],
        "second": sums.second[None],
    }


@dataclass(frozen=True)
class Weighed:
    """The sums of all chunks, and of how many units."""

    sums: LogSums
    units: int

    def cell(self, params: Params, quantity: str, predicted: float, signs: ArrayLike) -> Cell:
        """t test of the mean over units of the weight times its class's sign (0, 1 or -1)."""
        unit, by = math.exp(self.sums.top), np.asarray(signs, dtype=np.float64)
        mean = unit * float(by @ self.sums.first) / self.units
        square = unit**2 * float(by**2 @ self.sums.second) / self.units
        return moments_cell(params, quantity, predicted, mean, square, self.units)


def together(data: Data) -> Weighed:
    """All chunks of a grid point, merged.

    Examples
    --------
    >>> chunk = kept(np.log([1.0, 3.0, 2.0, 2.0]), np.array([0, 0, 1, 1]), 2)
    >>> together(chunk).cell({}, "mean", 2.0, (1, 1)).estimate
    2.0
    """
    total = LogSums.empty(data["first"].shape[1])
    for top, first, second in zip(data["top"], data["first"], data["second"], strict=True):
        total = total.merge(LogSums(float(top), first, second))
    return Weighed(total, int(data["units"].sum()))
