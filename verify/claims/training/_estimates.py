"""What claims about trained networks share: estimates with their errors, and how they are compared.

A trained network is the unit: independent starts and orders on one fixed split of the data, so an
error is that of a mean over networks on this split, not over splits.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial
from math import log, sqrt
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from numerics.core.streams import Stream, stream
from numerics.networks.datasets import Dataset, digits
from verify.alternatives import sampling
from verify.claim import Alternative, Cell, Data, Params
from verify.statistics import EQUIVALENCE_LEVEL, equivalence_cell, quantile

Array = NDArray[Any]
Pilot = Mapping[str, tuple[float, float]]  # value and margin of what is compared, by name
TINY = 1e-300  # under a logarithm, for samples without any spread


class Estimate(NamedTuple):
    """A value with its standard error and the number of networks behind it."""

    value: float
    stderr: float
    units: int

    @property
    def widened(self) -> float:
        """The error times Student's over the normal quantile at the level of an equivalence.

        A normal test with it has the level of a t test with these few networks.

        Examples
        --------
        >>> round(Estimate(0.0, 1.0, 20).widened, 3)
        1.158
        """
        level = EQUIVALENCE_LEVEL
        return self.stderr * quantile(level, self.units - 1) / quantile(level)

    def minus(self, other: Estimate) -> Estimate:
        """Difference of two independent estimates."""
        return Estimate(
            self.value - other.value,
            sqrt(self.stderr**2 + other.stderr**2),
            min(self.units, other.units),
        )


def against(params: Params, name: str, said: float, found: Estimate, margin: float) -> Cell:
    """Equivalence of an estimate with what is said of it, its error widened for few networks."""
    return equivalence_cell(params, name, said, found.value, found.widened, found.units, margin)


def against_the_pilot(
    found: Mapping[str, Estimate], said: Mapping[str, float], pilot: Pilot, params: Params
) -> list[Cell]:
    """Every estimate `against` what is said of it, within the pilot's margin."""
    return [against(params, name, said[name], one, pilot[name][1]) for name, one in found.items()]


def reported(params: Params, name: str, found: Estimate) -> Cell:
    """An estimate without a test."""
    return Cell(params, name, None, *found)


def mean(values: Array) -> Estimate:
    """The mean.

    Examples
    --------
    >>> mean(np.array([1.0, 2.0, 3.0])).value
    2.0
    """
    units = len(values)
    return Estimate(float(values.mean()), float(values.std(ddof=1)) / sqrt(units), units)


def log_mean(values: Array) -> Estimate:
    """Logarithm of the mean of positive values, its error to first order."""
    value, stderr, units = mean(values)
    return Estimate(log(value), stderr / value, units)


def log_variance(values: Array) -> Estimate:
    """Logarithm of the variance; to first order its error is sqrt((m4/m2^2 - 1)/units).

    Examples
    --------
    >>> log_variance(np.array([1.0, -1.0, 1.0, -1.0])).stderr
    0.0
    """
    units = len(values)
    centred = values - values.mean()
    variance = float((centred**2).mean()) if np.ptp(values) > 0 else 0.0
    kurtosis = float((centred**4).mean()) / variance**2 if variance > 0 else 3.0
    return Estimate(
        log(max(variance * units / (units - 1), TINY)), sqrt(max(kurtosis - 1, 0.0) / units), units
    )


def spread(values: Array) -> Estimate:
    """Standard deviation."""
    value = float(values.std(ddof=1))
    return Estimate(value, value * log_variance(values).stderr / 2, len(values))


def log_spread(values: Array) -> Estimate:
    """Logarithm of the mean distance from the mean: a spread whose error needs no fourth moment.

    The mean is itself an estimate: a value x has the influence abs(x - m) + (2 F(m) - 1)(x - m), with F
    the distribution function, on the mean distance from it.

    Examples
    --------
    >>> log_spread(np.array([1.0, -1.0, 1.0, -1.0])).value
    0.0
    """
    if np.ptp(values) == 0:
        return Estimate(log(TINY), 1 / sqrt(len(values)), len(values))
    centred = values - values.mean()
    distance = float(abs(centred).mean())
    influence = abs(centred) - distance + float(np.sign(-centred).mean()) * centred
    units = len(values)
    return Estimate(log(distance), float(influence.std(ddof=1)) / sqrt(units) / distance, units)


def distinct(values: Array) -> Estimate:
    """Share of networks that differ from all others: 1, without error, if they are independent."""
    _, counts = np.unique(values, return_counts=True)
    return Estimate(float((counts == 1).sum()) / len(values), 0.0, len(values))


def correlation(x: Array, y: Array) -> float:
    """Pearson's correlation; 0 where one of the two does not vary."""
    if np.ptp(x) == 0 or np.ptp(y) == 0:
        return 0.0
    u, v = x - x.mean(), y - y.mean()
    return float((u * v).sum()) / sqrt(float((u * u).sum() * (v * v).sum()))


def fisher_z(x: Array, y: Array) -> Estimate:
    """arctanh of Pearson's correlation, with the error that its influence function gives.

    The influence of a pair with standardised values (a, b) on r is ab - r (a^2 + b^2)/2 (Devlin,
    Gnanadesikan and Kettenring 1975), whatever the law of the pairs; for normal ones the error of z
    is 1/sqrt(units).
    """
    units, r = len(x), correlation(x, y)
    if np.ptp(x) == 0 or np.ptp(y) == 0:
        return Estimate(0.0, 1 / sqrt(units), units)
    sx, sy = float(x.std()), float(y.std())
    a, b = (x - x.mean()) / sx, (y - y.mean()) / sy
    influence = a * b - r * (a * a + b * b) / 2
    r = min(max(r, -1 + 1e-12), 1 - 1e-12)
    stderr = sqrt(float((influence**2).mean()) / units) / (1 - r * r)
    return Estimate(float(np.arctanh(r)), stderr, units)


def bootstrap_interval(
    x: Array, y: Array, level: float = 0.95, repeats: int = 2000
) -> tuple[float, float]:
    """Percentile interval of Pearson's correlation, pairs drawn again with replacement."""
    generator = stream(0, "bootstrap", len(x)).generator()
    rows = generator.integers(len(x), size=(repeats, len(x)))
    u, v = x[rows], y[rows]
    u, v = u - u.mean(axis=1, keepdims=True), v - v.mean(axis=1, keepdims=True)
    scale = np.sqrt((u * u).sum(axis=1) * (v * v).sum(axis=1))
    found = (u * v).sum(axis=1) / np.where(scale > 0, scale, 1.0)
    low, high = np.quantile(found, [(1 - level) / 2, (1 + level) / 2])
    return float(low), float(high)


def share(events: int, units: int) -> Estimate:
    """A proportion; its error is never below that of one event."""
    p = events / units
    return Estimate(p, max(sqrt(p * (1 - p) / units), 1 / units), units)


def edge_error(predicted: float, estimate: float, margin: float, units: int) -> float:
    """Error of a proportion by the law to be refuted: the edge of the margin if beyond, else its own.

    Examples
    --------
    >>> round(edge_error(0.0, 0.3, 0.1, 100), 6)
    0.03
    """
    edge = min(max(estimate, predicted - margin, 0.0), predicted + margin, 1.0)
    return max(sqrt(edge * (1 - edge) / units), 1 / units)


def exponential_fit(widths: Sequence[float], means: Sequence[float]) -> tuple[float, float] | None:
    """Return (alpha, beta) of exp(alpha n1^beta) through mean losses, None if one is not below 1.

    Least squares of log(-log mean) against log n1.

    Examples
    --------
    >>> alpha, beta = exponential_fit([10, 100], [np.exp(-2 * 10**0.1), np.exp(-2 * 100**0.1)])
    >>> round(alpha, 12), round(beta, 12)
    (-2.0, 0.1)
    >>> exponential_fit([10, 100], [2.3, 0.5]) is None
    True
    """
    if max(means) >= 1:
        return None
    beta, constant = np.polyfit(np.log(widths), np.log(-np.log(means)), 1)
    return -float(np.exp(constant)), float(beta)


def scaled_mean(widths: Sequence[float], losses: Sequence[Array]) -> Estimate | None:
    """Mean loss at the first width over the fit exp(alpha n1^beta) through all of them, if there is one.

    To first order in the errors of the means, the fit's share of which is in the error.

    Examples
    --------
    >>> scaled_mean([10, 20], [np.array([0.1, 0.3]), np.array([0.1, 0.2])]).value
    1.0
    """
    logs = [log_mean(x) for x in losses]
    fit = exponential_fit(widths, [float(np.exp(one.value)) for one in logs])
    if fit is None:
        return None
    alpha, beta = fit
    fitted = alpha * widths[0] ** beta
    x = np.log(widths) - np.log(widths).mean()
    hat = 1 / len(x) + x[0] * x / (x @ x)  # weights of the fit at the first width
    slope = -hat * fitted / np.array([one.value for one in logs])
    slope[0] += 1
    value = round(float(np.exp(logs[0].value - fitted)), 12)
    error = sqrt(float(slope**2 @ np.array([one.stderr**2 for one in logs])))
    return Estimate(value, value * error, logs[0].units)


def shuffled() -> Dataset:
    """The digits, each image to train on with the label of another."""
    data = digits()
    return replace(data, train_y=np.roll(data.train_y, 1))


def leaked() -> Dataset:
    """The digits, those to test on among those to train on."""
    data = digits()
    x, y = (data.train_x, data.test_x), (data.train_y, data.test_y)
    return replace(data, train_x=np.concatenate(x), train_y=np.concatenate(y))


class Repeating(Stream):
    """A stream that forgets the number of the epoch: every one has the order of the first."""

    def generator(self, *counter: int) -> np.random.Generator:
        """The generator of the first two words."""
        return super().generator(*counter[:2])

    def each(self, *counter: int, units: Iterable[int]) -> Iterator[np.random.Generator]:
        """That of the first two words, for every unit."""
        return (self.generator(*counter, unit) for unit in units)


def _swapped(simulate: Callable[..., Data], *arguments: Any) -> Data:
    seen = simulate(*arguments)
    return {**seen, "train": seen["test"], "test": seen["train"]}


def _copied(simulate: Callable[..., Data], *arguments: Any) -> Data:
    seen = simulate(*arguments)
    return {name: np.repeat(values[:1], len(values), axis=0) for name, values in seen.items()}


def wrong_samplers(
    simulate: Callable[..., Data], swapped: Callable[..., Data] | None = None, **untrained: Any
) -> tuple[Alternative, ...]:
    """Wrong experiments that a claim about trained networks must refute.

    ``simulate(params, stream, chunk, xp, data=, change=)`` takes the data set from ``data()`` and
    changes of `numerics.networks.sgd.Settings`; ``swapped`` takes the test data for the training data,
    and ``untrained`` are the keywords of ``simulate`` beside ``change`` that leave networks as they
    started.
    """
    still = {"change": {"rate": 0.0, "epochs": 1}, **untrained}
    swapped = swapped or partial(_swapped, simulate)
    copied = partial(_copied, simulate)
    return (
        sampling(simulate, "labels shuffled", "trained on labels of other images", data=shuffled),
        sampling(swapped, "train and test swapped", "one taken for the other"),
        sampling(copied, "one network copied", "networks of a chunk are not independent"),
        sampling(simulate, "learning rate zero", "not trained", **still),
    )
