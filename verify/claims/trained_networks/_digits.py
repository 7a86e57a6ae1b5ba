"""Scikit-learn's digits reduced to 4 x 4.

Networks on them have as few weights as a glass that can be computed has spins.
"""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import numpy as np

from numerics.networks.datasets import Dataset, area_average, digits

SIDE = 4  # of an image


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
