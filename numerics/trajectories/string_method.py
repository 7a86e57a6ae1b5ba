"""Paths between two points of a landscape, lowered by the string method, and the barriers on them.

A string is a row of images from one end to the other. Each round moves the inner ones a step down the slope
and spreads them evenly along the path again (E, Ren and Vanden-Eijnden, J. Chem. Phys. 126, 164103 (2007));
after so many rounds the number of intervals is doubled. What is found is a path, so its highest
level is an upper bound on the lowest pass between the ends.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from numerics.core.backend import InputError
from numerics.core.checks import check_integer, check_real

Real = npt.NDArray[np.float64]
Evaluate = Callable[[Real], tuple[Real, Real]]
"""Points (R, D) to their levels (R,) and slopes (R, D)."""

Retract = Callable[[Real], Real]
"""Points (R, D) to the nearest ones of the landscape's domain, (R, D)."""

BETWEEN = 4
"""Points of every interval, its first end among them, at which the level of a path is taken."""


def flat(points: Real) -> Real:
    """Return the points: a landscape on all of space.

    Examples
    --------
    >>> flat(np.array([[1.0, 2.0]])).tolist()
    [[1.0, 2.0]]
    """
    return points


@dataclass(frozen=True)
class Strings:
    """Paths between pairs of points.

    Attributes
    ----------
    images : ndarray, shape (B, K + 1, D)
        Points on each path, its ends first and last, evenly spaced along it.
    levels : ndarray, shape (B, M)
        Levels at `BETWEEN` points an interval, from one end to the other.
    straight : ndarray, shape (B, M)
        The same of the straight way (on a sphere the great circle) between the ends.
    """

    images: Real
    levels: Real
    straight: Real

    @property
    def barrier(self) -> Real:
        """Height of each path above the higher of its ends, >= 0, shape (B,)."""
        return height(self.levels)

    @property
    def straight_barrier(self) -> Real:
        """The same of the straight way."""
        return height(self.straight)


def height(levels: Real) -> Real:
    """Return how far the levels (B, M) rise above the higher of their ends, >= 0.

    Examples
    --------
    >>> height(np.array([[0.0, 3.0, 1.0], [0.0, -1.0, 0.5]])).tolist()
    [2.0, 0.0]
    """
    return np.asarray(levels.max(axis=1) - np.maximum(levels[:, 0], levels[:, -1]))


def connect(
    evaluate: Evaluate,
    first: Any,
    last: Any,
    step: float,
    rounds: int,
    intervals: tuple[int, ...] = (4, 8, 16),
    retract: Retract = flat,
) -> Strings:
    """Lower paths from points to others, all at once.

    Parameters
    ----------
    evaluate : callable
        Points (R, D) to their levels and slopes.
    first, last : array, shape (B, D)
        The ends, which stay.
    step : float
        Length of a step times the slope; under 2 over the largest curvature.
    rounds : int
        Rounds with each number of intervals.
    intervals : tuple of int
        Rising.
    retract : callable, optional
        Points to those of the domain nearest by; by default the domain is all of space.

    Returns
    -------
    Strings

    Raises
    ------
    InputError
        Ends of different shapes, or bad numbers.

    Examples
    --------
    Two wells at (-1, 0) and (1, 0) with a pass at (0, 1), of height 0, and a hill of height 1 between
    them: the wells have depth -1.

    >>> def wells(x):
    ...     a, b = x[:, 0], x[:, 1]
    ...     level = (a * a - 1) ** 2 - 1 + (b - 1 + a * a) ** 2
    ...     slope = [4 * a * (a * a - 1) + 4 * a * (b - 1 + a * a), 2 * (b - 1 + a * a)]
    ...     return level, np.stack(slope, axis=1)
    >>> found = connect(wells, [[-1.0, 0.0]], [[1.0, 0.0]], 0.05, 100)
    >>> found.straight_barrier.round(2).tolist(), found.barrier.round(2).tolist()
    ([2.0], [1.0])
    """
    ends = [np.array(x, dtype=np.float64) for x in (first, last)]
    # same (0 -> 1): of one shape, or refused
    if ends[0].ndim != 2 or ends[0].shape != ends[1].shape:
        raise InputError.of("last", ends[1].shape, f"ends of one shape (B, D), as {ends[0].shape}")
    step = check_real("step", step, positive=True)
    rounds = check_integer("rounds", rounds, least=0)
    for count in intervals:
        check_integer("intervals", count, least=2)
    straight = _spread(np.stack(ends, axis=1), BETWEEN * intervals[-1], retract)
    images = np.stack(ends, axis=1)
    for count in intervals:
        images = _spread(images, count, retract)
        for _ in range(rounds):
            images = _spread(_lowered(evaluate, images, step, retract), count, retract)
    path = _spread(images, BETWEEN * intervals[-1], retract)
    return Strings(images, _levels(evaluate, path), _levels(evaluate, straight))


def _lowered(evaluate: Evaluate, images: Real, step: float, retract: Retract) -> Real:
    """Return the images with the inner ones a step lower."""
    inner = images[:, 1:-1, :].reshape(-1, images.shape[2])
    moved = retract(inner - step * evaluate(inner)[1])
    out = images.copy()
    out[:, 1:-1, :] = moved.reshape(out[:, 1:-1, :].shape)
    return out


def _spread(images: Real, intervals: int, retract: Retract) -> Real:
    """Return points (B, intervals + 1, D) evenly along the polygons through the images."""
    chords = np.linalg.norm(np.diff(images, axis=1), axis=2)
    along = np.concatenate([np.zeros((len(images), 1)), np.cumsum(chords, axis=1)], axis=1)
    wanted = along[:, -1:] * np.linspace(0.0, 1.0, intervals + 1)[None, 1:-1]
    out = np.empty((len(images), intervals + 1, images.shape[2]))
    out[:, 0, :], out[:, -1, :] = images[:, 0, :], images[:, -1, :]
    for b, (at, places) in enumerate(zip(along, wanted, strict=True)):
        left = np.clip(np.searchsorted(at, places, side="right") - 1, 0, len(at) - 2)
        size = np.maximum(at[left + 1] - at[left], np.finfo(float).tiny)
        share = ((places - at[left]) / size)[:, None]
        between = (1 - share) * images[b, left, :] + share * images[b, left + 1, :]
        out[b, 1:-1, :] = retract(between)
    return out


def _levels(evaluate: Evaluate, points: Real) -> Real:
    """Return the levels (B, M) of points (B, M, D)."""
    # same (1 -> 2): any negative size is inferred
    found = evaluate(points.reshape(-1, points.shape[2]))[0]
    return np.asarray(found).reshape(points.shape[:2])
