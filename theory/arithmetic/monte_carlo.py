"""Means of draws, until their standard error is small."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from theory.checks import bad

# same (all): when a search for what no draw has ends
_HOPELESS = 32


def check_tolerance(value: object) -> float:
    """Return ``value`` if it is a relative standard error to end at, >= 0, else raise InputError.

    Examples
    --------
    >>> check_tolerance(1e-3)
    0.001
    """
    try:
        tolerance = math.nan if isinstance(value, str | bytes) else float(value)  # type: ignore[arg-type]
    except (TypeError, ValueError, OverflowError):
        tolerance = math.nan
    # guard (all): what is refused
    # tests/verify/commands/test_arrays_for_names.py::test_a_tolerance_is_one_number
    if not tolerance >= 0:
        raise bad("tolerance", value, "a number >= 0")
    return tolerance


def mean_until(
    draw: Callable[[], NDArray[np.float64]], tolerance: float, most: int
) -> tuple[float, float, int]:
    """Mean of independent draws, its standard error, and how many there were.

    Parameters
    ----------
    draw
        Gives a batch of them, >= 2, each time.
    tolerance
        Relative standard error at which it ends.
    most
        Draws at most, of a batch more than one; a 32nd of them if all are 0.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> mean, error, draws = mean_until(lambda: rng.random(1000), 1e-2, 100_000)
    >>> abs(mean - 0.5) < 5 * error, error < 5e-3, draws
    (True, True, 4000)
    """
    draws, total, squares = 0, 0.0, 0.0
    while True:
        values = draw()
        draws += len(values)
        total += float(values.sum())
        squares += float((values**2).sum())
        mean = total / draws
        stderr = math.sqrt(max(0.0, squares / draws - mean**2) / (draws - 1))
        small = mean > 0 and stderr <= tolerance * mean
        if small or draws + len(values) > most or (not total and draws > most // _HOPELESS):
            return mean, stderr, draws
