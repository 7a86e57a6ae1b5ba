"""Langevin dynamics against exact ones, and slopes against differences."""

import array_api_compat.numpy as xp
import numpy as np
import pytest

from numerics.descent import gradient, langevin
from numerics.networks.one_hidden_layer import Networks, samples
from numerics.pspin.couplings import draw, random_point
from numerics.trajectories import Glass, Loss, displacement, langevin_path


class Well:
    """The energy k |x|^2 / 2 on all of space, or none."""

    def __init__(self, k):
        self.k = k

    def __call__(self, points):
        return self.k * (points**2).mean(axis=1) / 2, self.k * points

    def retract(self, points):
        return points

    def tangent(self, points, vectors):
        return vectors


def test_a_free_coordinate_moves_by_two_t_t_at_every_age():
    rng, length = np.random.default_rng(0), 0.05
    points, _ = langevin_path(Well(0.0), np.zeros((50, 200)), 0.3, length, [0, 10, 20, 40], rng)
    for i, steps in enumerate((10, 10, 20)):
        moved = displacement(points, i, i + 1)
        said = 2 * 0.3 * length * steps
        error = moved.std(ddof=1) / 50**0.5
        assert abs(moved.mean() - said) < 5 * error
        assert error < said / 50


def test_in_a_well_it_has_the_exact_law_of_eulers_step():
    """x' = (1 - k h) x + sqrt(2 T h) noise has variance 2 T / (k (2 - k h)), whatever the start."""
    rng, k, length, temperature = np.random.default_rng(1), 2.0, 0.1, 0.5
    points, levels = langevin_path(
        Well(k), np.full((40, 500), 3.0), temperature, length, [200, 205], rng
    )
    variance = 2 * temperature / (k * (2 - k * length))
    assert points[0].var() == pytest.approx(variance, rel=5 * (2 / 20_000) ** 0.5)
    said = 2 * variance * (1 - (1 - k * length) ** 5)
    assert displacement(points, 0, 1).mean() == pytest.approx(said, rel=0.05)
    assert levels[0].mean() == pytest.approx(k * variance / 2, rel=0.05)


def test_a_step_on_the_glass_is_that_of_langevin_descents():
    c = draw(np.random.default_rng(0), 9, {3: 1.0})
    start = random_point(np.random.default_rng(1), 9, replicas=3)
    points, levels = langevin_path(Glass(c), start, 0.2, 0.03, [1], np.random.default_rng(2))
    noise = np.random.default_rng(2).standard_normal((3, 9))
    after, _ = langevin.step(c, gradient.init(c, start, 0.03), 0.2, noise)
    assert points[0] == pytest.approx(after.position)
    assert levels[0] == pytest.approx(after.energy / 9)


def test_slopes_are_derivatives_of_energies():
    """Of N, or P, times the level, along a direction that is tangent to the domain."""
    rng = np.random.default_rng(3)
    data = samples(rng.normal(size=(30, 5)), rng.integers(0, 3, 30), 3, xp, np.float64)
    loss = Loss(Networks(np.zeros((1, 4, 6)), np.zeros((1, 3, 5))), data)
    glass = Glass(draw(rng, 8, {3: 1.0}))
    for landscape, start in (
        (loss, rng.normal(size=(2, 39))),
        (glass, random_point(rng, 8, replicas=2)),
    ):
        size, way = start.shape[1], landscape.tangent(start, rng.normal(size=start.shape))
        up, down = (landscape(landscape.retract(start + h * way))[0] for h in (1e-5, -1e-5))
        slope = (landscape(start)[1] * way).sum(axis=1)
        assert size * (up - down) / 2e-5 == pytest.approx(slope, rel=1e-5)
