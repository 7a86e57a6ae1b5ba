"""Langevin dynamics watched at two times: how far a point moves in a time, by its age.

    x <- retract(x - length slope + sqrt(2 T length) noise),    noise tangent to the domain

is the same step on the sphere of a spin glass (`numerics.descent.langevin`) and among the weights of
networks. Both have D degrees of freedom and an energy of D times a level, so that a temperature and a
time mean the same for both: a free weight moves by 2 T t in the mean square.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

import numpy as np

from numerics.core.checks import check_real
from numerics.trajectories.string_method import Real


class Landscape(Protocol):
    """What dynamics needs to know; see `numerics.trajectories.landscapes`."""

    def __call__(self, points: Real) -> tuple[Real, Real]:
        """Return levels (R,) and slopes (R, D) at points (R, D)."""

    def retract(self, points: Real) -> Real:
        """Return points (R, D) brought to the domain."""

    def tangent(self, points: Real, vectors: Real) -> Real:
        """Return the parts of vectors (R, D) that are tangent to the domain at points (R, D)."""


def langevin_path(
    landscape: Landscape,
    start: Real,
    temperature: float,
    length: float,
    counts: Sequence[int],
    rng: np.random.Generator,
) -> tuple[Real, Real]:
    """Follow Langevin dynamics and keep where it is after some numbers of steps.

    Parameters
    ----------
    landscape : Landscape
    start : ndarray, shape (R, D)
    temperature, length : float
        Of the dynamics, and of a step in time.
    counts : sequence of int
        Rising numbers of steps, >= 0.
    rng : numpy.random.Generator
        R D normal numbers a step.

    Returns
    -------
    points : ndarray, shape (len(counts), R, D)
    levels : ndarray, shape (len(counts), R)

    Examples
    --------
    >>> from numerics.trajectories.landscapes import Glass
    >>> from numerics.pspin.couplings import draw, random_point
    >>> glass = Glass(draw(np.random.default_rng(0), 8, {3: 1.0}))
    >>> start = random_point(np.random.default_rng(1), 8, replicas=2)
    >>> points, levels = langevin_path(glass, start, 0.1, 0.02, [0, 50], np.random.default_rng(2))
    >>> points.shape, bool((levels[1] < levels[0]).all())
    ((2, 2, 8), True)
    """
    temperature = check_real("temperature", temperature)
    kick = np.sqrt(2 * temperature * check_real("length", length, positive=True))
    points, levels, x, done = [], [], np.asarray(start, dtype=np.float64), 0
    for count in counts:
        for _ in range(done, count):
            noise = kick * landscape.tangent(x, rng.standard_normal(x.shape))
            x = landscape.retract(x - length * landscape(x)[1] + noise)
        done = count
        points.append(x)
        levels.append(landscape(x)[0])
    return np.stack(points), np.stack(levels)


def displacement(points: Real, at: int, later: int) -> Real:
    """Return the mean square distance a coordinate between two of the times kept, shape (R,).

    On the sphere it is 2 (1 - C) of the correlation C.

    Examples
    --------
    >>> displacement(np.array([[[0.0, 0.0]], [[1.0, 3.0]]]), 0, 1).tolist()
    [5.0]
    """
    return np.asarray(((points[later] - points[at]) ** 2).mean(axis=1))
