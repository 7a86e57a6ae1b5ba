"""What these claims share: statistics of independent units, and their comparison with a pilot's.

A unit is a disorder of the glass, with a column for each of its starts, or a network, or a pair of networks.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from math import sqrt
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from numerics.core.streams import Stream
from numerics.pspin.couplings import Couplings, batched, draw, random_point
from verify.claim import Cell, Observation, Params, Prediction
from verify.statistics import equivalence_cell

Array = NDArray[Any]
TINY = 1e-12  # of samples without any spread, whose logarithm is taken

Key = tuple[str, int]  # the glass or networks, and the number of spins or weights
Pilot = Mapping[str, tuple[float, float]]  # value and margin of what is compared, by name


def disorders(
    stream: Stream, numbers: Sequence[int], n: int, p: int, starts: int, dtype: str = "float64"
) -> tuple[Couplings, Array]:
    """Disorders of the p-spin model as a batch, and uniform starts on each, one after the other.

    Examples
    --------
    >>> from numerics.core.streams import stream
    >>> couplings, points = disorders(stream(0), [3, 4], n=5, p=3, starts=2)
    >>> couplings.disorders, points.shape
    (2, (4, 5))
    """
    couplings = [draw(stream.generator(number, 0), n, {p: 1.0}, dtype) for number in numbers]
    points = [random_point(stream.generator(number, 1), n, starts) for number in numbers]
    return batched(couplings), np.concatenate(points).astype(dtype)


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


def by_key(seen: Sequence[Observation]) -> dict[Key, Observation]:
    """What was seen, by system and size."""
    return {(one.params["system"], one.params["N"]): one for one in seen}


def values_of(pilot: Pilot, params: Params) -> Prediction:
    """A pilot's values, at every grid point: a prediction.

    Examples
    --------
    >>> values_of({"level": (0.1, 0.05)}, {"N": 37})
    {'level': 0.1}
    """
    return {name: value for name, (value, _) in pilot.items()}


def copied(simulate: Callable[..., Any], *arguments: Any) -> Any:
    """What is simulated, one unit in place of all: a wrong sampler.

    Examples
    --------
    >>> copied(lambda: {"level": np.array([[1.0, 2.0], [3.0, 4.0]])})["level"].tolist()
    [[1.0, 2.0], [1.0, 2.0]]
    """
    seen = simulate(*arguments)
    return {name: np.repeat(values[:1], len(values), axis=0) for name, values in seen.items()}


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
