"""Levels and slopes of a spin glass and of a network's loss, in one form: points in a row each."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from numerics.descent.sphere import on_sphere
from numerics.networks.one_hidden_layer import Networks, Samples, gradient
from numerics.pspin.couplings import Couplings
from numerics.pspin.hamiltonian import energy_slope, tangential
from numerics.trajectories.string_method import Real


@dataclass(frozen=True)
class Glass:
    """The energy a spin, H/N, on the sphere |s|^2 = N.

    Its slope is that of H: of order 1 in every component, as N times the energy a spin.

    Examples
    --------
    >>> from numerics.pspin.couplings import draw, random_point
    >>> glass = Glass(draw(np.random.default_rng(0), 5, {3: 1.0}))
    >>> level, slope = glass(random_point(np.random.default_rng(1), 5, replicas=2))
    >>> level.shape, slope.shape
    ((2,), (2, 5))
    """

    couplings: Couplings

    def __call__(self, points: Real) -> tuple[Real, Real]:
        """Return levels (R,) and tangential slopes (R, N) at points (R, N) of the sphere."""
        energy, slope = energy_slope(self.couplings, points)
        return np.asarray(energy / self.couplings.n), np.asarray(slope)

    def retract(self, points: Real) -> Real:
        """Return the points (R, N) brought to the sphere."""
        return np.asarray(on_sphere(points))

    def tangent(self, points: Real, vectors: Real) -> Real:
        """Return the parts of vectors (R, N) that are tangent to the sphere at points (R, N)."""
        return np.asarray(tangential(points, vectors))


@dataclass(frozen=True)
class Loss:
    """The mean loss of networks of one hidden layer, on all of space.

    Its slope is P times that of the mean loss, P the number of weights: the mean loss is a level a
    weight, as H/N is one a spin, and P times it an energy.

    Attributes
    ----------
    shape : Networks
        Of the sizes of the networks, whatever their weights.
    data : Samples
    loss : str
        As in `numerics.networks.one_hidden_layer`.

    Examples
    --------
    >>> import array_api_compat.numpy as xp
    >>> from numerics.networks.one_hidden_layer import samples
    >>> data = samples(np.eye(3), [0, 1, 1], 2, xp, np.float64)
    >>> loss = Loss(Networks(np.zeros((1, 4, 4)), np.zeros((1, 2, 5))), data)
    >>> level, slope = loss(np.zeros((2, 26)))
    >>> level.round(4).tolist(), slope.shape
    ([0.6931, 0.6931], (2, 26))
    """

    shape: Networks
    data: Samples
    loss: str = "cross-entropy"

    def __call__(self, points: Real) -> tuple[Real, Real]:
        """Return mean losses (R,) and P times their gradients (R, P) at weights (R, P)."""
        level, slope = gradient(self.shape.like(points), self.data, "relu", self.loss)
        return np.asarray(level), self.shape.size * np.asarray(slope.flat())

    def retract(self, points: Real) -> Real:
        """Return the points."""
        return points

    def tangent(self, points: Real, vectors: Real) -> Real:
        """Return the vectors."""
        return vectors
