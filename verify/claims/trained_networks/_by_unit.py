"""What claims on paths and times share: statistics of independent units, and the digits reduced to 4 x 4.

A unit is a disorder of the glass, with a column for each of its starts, or a network, or a pair of networks.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import cache
from math import sqrt
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from numerics.networks.datasets import Dataset, area_average, digits
from verify.claim import Cell, Params, Prediction
from verify.statistics import equivalence_cell

Array = NDArray[Any]
SIDE = (
    4  # of the reduced images: networks on them have as few weights as a glass that can be computed
)
TINY = 1e-12  # of samples without any spread, whose logarithm is taken

Pilot = Mapping[str, tuple[float, float]]  # value and margin of what is compared, by name


class Jackknifed(NamedTuple):
    """A statistic with its standard error and the number of units of its smallest sample."""

    value: float
    stderr: float
    units: int


def jackknife(statistic: Callable[..., float], *samples: Array) -> Jackknifed:
    """A statistic of independent samples, its error by leaving out one unit at a time.

    Examples
    --------
    >>> found = jackknife(lambda x: float(x.mean()), np.array([1.0, 2.0, 3.0]))
    >>> found.value, round(found.stderr, 12) == round(1 / 3**0.5, 12), found.units
    (2.0, True, 3)
    """
    variance = 0.0
    for number, sample in enumerate(samples):
        units = len(sample)
        left = np.array(
            [
                statistic(*samples[:number], np.delete(sample, i, axis=0), *samples[number + 1 :])
                for i in range(units)
            ]
        )
        variance += (units - 1) / units * float(((left - left.mean()) ** 2).sum())
    return Jackknifed(statistic(*samples), sqrt(variance), min(map(len, samples)))


def distance(values: Array) -> float:
    """Mean distance from the mean, over all units and starts: a spread that no outlier decides.

    Examples
    --------
    >>> distance(np.array([[1.0, 3.0], [5.0, 7.0]]))
    2.0
    """
    return max(float(abs(values - values.mean()).mean()), TINY)


def against(
    found: Mapping[str, Jackknifed], said: Prediction, pilot: Pilot, params: Params
) -> list[Cell]:
    """Every statistic against what is said of it, within the pilot's margin."""
    return [
        equivalence_cell(
            params, name, said[name], *one, margin=pilot[name][1], freedom=one.units - 1
        )
        for name, one in found.items()
    ]


@cache
def small_digits(images: int) -> Dataset:
    """The first of the digits to train on, and those to test on, reduced to 4 x 4.

    Examples
    --------
    >>> small_digits(100).train_x.shape, small_digits(100).test_x.shape
    ((100, 16), (453, 16))
    """
    data = digits()
    train, test = (
        area_average(x.reshape(len(x), 8, 8), SIDE).reshape(len(x), SIDE * SIDE)
        for x in (data.train_x, data.test_x)
    )
    return replace(
        data,
        name=f"digits, {SIDE} x {SIDE}",
        train_x=train[:images],
        train_y=data.train_y[:images],
        test_x=test,
    )


def shuffled(images: int) -> Dataset:
    """The same, each image with the label of another."""
    data = small_digits(images)
    return replace(data, train_y=np.roll(data.train_y, 1))


def weights(hidden: int) -> int:
    """Number of weights of a network of these hidden units on the reduced digits.

    Examples
    --------
    >>> [weights(n) for n in (1, 2, 4, 16, 32)]
    [37, 64, 118, 442, 874]
    """
    return hidden * (SIDE * SIDE + 1) + 10 * (hidden + 1)
