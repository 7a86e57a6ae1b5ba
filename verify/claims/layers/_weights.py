"""Means of weights that are known by their logarithms, over the size of a matrix, and their limits."""

from __future__ import annotations

from collections.abc import Sequence
from math import log, sqrt

import numpy as np
from numpy.typing import NDArray
from scipy.special import logsumexp

from verify.statistics import Extrapolation, Term, extrapolate


def log_mean(logs: NDArray[np.float64]) -> tuple[float, float]:
    """The log of the mean weight, and its standard error.

    Examples
    --------
    >>> value, error = log_mean(np.log([1.0, 3.0]))
    >>> round(value, 12) == round(log(2.0), 12), round(error, 12)
    (True, 0.5)
    """
    w = np.exp(logs - logs.max())
    error = float(w.std(ddof=1) / w.mean()) / sqrt(len(w))
    return float(logsumexp(logs)) - log(len(logs)), error


def limit_over_size(
    sizes: Sequence[int],
    found: Sequence[tuple[float, float]],
    terms: Sequence[Term],
    spread: float,
    units: Sequence[int],
) -> tuple[Extrapolation, float]:
    """The limit of values over sizes, with errors, and the error that is declared for it.

    ``spread`` is the variance of a weight over its squared mean that was declared beforehand.
    """
    declared = [sqrt(spread / n) / size for n, size in zip(units, sizes, strict=True)]
    values, errors = ([one[i] for one in found] for i in range(2))
    limit = extrapolate(sizes, values, errors, terms, declared, [n - 1 for n in units])
    return limit, extrapolate(sizes, values, declared, terms).stderr
