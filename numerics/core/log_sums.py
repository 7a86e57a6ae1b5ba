"""Summaries of samples that merge: of two parts, the summary of the whole."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

Real = npt.NDArray[np.float64]


@dataclass(frozen=True)
class LogSums:
    """Sums of weights and of their squares by class, for weights far beyond the floats.

    Attributes
    ----------
    top : float
        Largest logarithm of a weight so far; the sums are of exp(log_weight - top).
    first, second : ndarray, shape (classes,)
        Sums of the weights and of their squares.

    Examples
    --------
    >>> sums = LogSums.empty(2).add(np.array([1000.0, 1000.0]), np.array([0, 1]))
    >>> sums.log_mean(2)[0], round(sums.log_mean(2, 0)[0], 6)
    (1000.0, 999.306853)
    """

    top: float
    first: Real
    second: Real

    @classmethod
    def empty(cls, classes: int) -> LogSums:
        """Return the summary of no sample."""
        return cls(-math.inf, np.zeros(classes), np.zeros(classes))

    def add(self, log_weight: npt.NDArray[Any], index: npt.NDArray[Any]) -> LogSums:
        """Return the summary with more samples: log weights and classes, both of shape (m,)."""
        top = float(log_weight.max(initial=-math.inf))
        if top == -math.inf:
            return self
        x = np.exp(log_weight - top)
        classes = len(self.first)
        first = np.bincount(index, weights=x, minlength=classes).astype(np.float64)
        second = np.bincount(index, weights=x**2, minlength=classes).astype(np.float64)
        return self.merge(LogSums(top, first, second))

    def merge(self, other: LogSums) -> LogSums:
        """Return the summary of both samples."""
        top = float(np.maximum(self.top, other.top))  # not max: a NaN must stay
        if top == -math.inf:
            return self
        a, b = math.exp(self.top - top), math.exp(other.top - top)
        return LogSums(
            top,
            a * self.first + b * other.first,
            a**2 * self.second + b**2 * other.second,
        )

    def log_mean(self, samples: int, k: int | None = None) -> tuple[float, float]:
        """Return the log of the mean weight and the relative standard error of the mean.

        Parameters
        ----------
        samples : int
            Number of samples; those of other classes count as zeros.
        k : int, optional
            One class; all by default.

        Returns
        -------
        log_mean, relative_stderr : float
            (-inf, nan) where every weight is zero.
        """
        first = float(self.first.sum() if k is None else self.first[k])
        second = float(self.second.sum() if k is None else self.second[k])
        if first == 0:
            return -math.inf, math.nan
        mean = first / samples
        variance = max(0.0, second / samples - mean**2) / (samples - 1)
        return self.top + math.log(mean), math.sqrt(variance) / mean
