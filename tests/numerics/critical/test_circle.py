"""Instances at two spins against their values on a fine grid, and what symmetry says."""

import math

import numpy as np
import pytest

from numerics import InputError
from numerics.critical import circle_census


@pytest.mark.parametrize("model", [{3: 1.0}, {4: 1.0}, {2: 0.3, 5: 1.0}, {4: 1.0, 1: 2.0}])
def test_numbers_are_those_of_sign_changes(model):
    """The slope on 4096 angles, of the same draws."""
    found = circle_census(np.random.default_rng(3), model, 60)
    rng, angles = np.random.default_rng(3), 2 * math.pi * (np.arange(4096) + 0.5) / 4096
    h = 0.0
    for p, a in sorted(model.items()):
        g = rng.standard_normal((60, p + 1))
        c, s = np.cos(angles), np.sin(angles)
        h = h + sum(
            math.sqrt(a * math.comb(p, k)) * g[:, [k]] * c**k * s ** (p - k) for k in range(p + 1)
        )
    rising = np.roll(h, -1, axis=1) > h
    turns = (rising != np.roll(rising, 1, axis=1)).sum(axis=1)
    clear = found.closest > 1e-3
    assert clear.sum() > 50
    assert (turns == found.points)[clear].all()
    assert (found.points == 2 * found.minima).all()


def test_a_quadratic_form_has_four_points():
    found = circle_census(np.random.default_rng(0), {2: 1.0}, 20)
    assert set(found.points.tolist()) == {4}


@pytest.mark.parametrize("bad", [{"coefficients": {0: 1.0}}, {"instances": 0}])
def test_bad_input_is_named(bad):
    with pytest.raises(InputError, match="got"):
        circle_census(
            **{"rng": np.random.default_rng(0), "coefficients": {3: 1.0}, "instances": 1} | bad
        )
