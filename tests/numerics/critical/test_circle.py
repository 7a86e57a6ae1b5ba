"""Instances at two spins against their values on a fine grid, and what symmetry says."""

import math

import numpy as np
import pytest

from numerics import InputError
from numerics.critical import circle_census

MODELS = [{3: 1.0}, {4: 1.0}, {2: 0.3, 5: 1.0}, {4: 1.0, 1: 2.0}]


def values(model, instances, angles):
    """H/sqrt N of the draws that seed 3 gives, each instance at angles of its own."""
    rng, h = np.random.default_rng(3), 0.0
    c, s = np.cos(angles), np.sin(angles)
    for p, a in sorted(model.items()):
        g = rng.standard_normal((instances, p + 1))
        h = h + sum(
            math.sqrt(a * math.comb(p, k)) * g[:, [k]] * c**k * s ** (p - k) for k in range(p + 1)
        )
    return h


@pytest.mark.parametrize("model", MODELS)
def test_numbers_are_those_of_sign_changes(model):
    """The slope on 4096 angles, of the same draws."""
    found = circle_census(np.random.default_rng(3), model, 60)
    h = values(model, 60, 2 * math.pi * (np.arange(4096) + 0.5) / 4096)
    rising = np.roll(h, -1, axis=1) > h
    turns = (rising != np.roll(rising, 1, axis=1)).sum(axis=1)
    clear = found.closest > 1e-3
    assert clear.sum() > 50
    assert (turns == found.points)[clear].all()
    assert (found.points == 2 * found.minima).all()


@pytest.mark.parametrize("model", MODELS)
def test_every_point_has_its_level_and_its_index(model):
    """At the angle t or -t of the overlap: the slope is zero there, the curvature of the index's sign."""
    found = circle_census(np.random.default_rng(3), model, 60)
    t, step = np.arccos(found.overlap), 1e-4
    right = np.zeros(t.shape, dtype=bool)
    for angle in (t, -t):
        left, here, ahead = (values(model, 60, angle + d) for d in (-step, 0.0, step))
        bend = (ahead - 2 * here + left) / step**2
        right |= (
            (np.abs(here / math.sqrt(2) - found.level) < 1e-9)
            & (np.abs(ahead - left) / (2 * step) < 1e-5)
            & ((bend < 0) == found.index)
        )
    clear = found.there & (found.closest > 1e-3)[:, None]
    assert clear.sum() > 200
    assert right[clear].all()


def test_a_quadratic_form_has_four_points():
    found = circle_census(np.random.default_rng(0), {2: 1.0}, 20)
    assert set(found.points.tolist()) == {4}
    assert set(found.minima.tolist()) == {2}
    assert (found.closest == 1).all()  # all roots are points


def test_a_field_alone_has_two_points():
    found = circle_census(np.random.default_rng(0), {1: 1.0}, 1)
    assert found.points.tolist() == [2]
    assert found.index[0].tolist() in ([0, 1], [1, 0])
    assert found.level[0].sum() == pytest.approx(0, abs=1e-14)
    assert found.overlap[0].sum() == pytest.approx(0, abs=1e-14)


@pytest.mark.parametrize("model", [{4: 1.0}, {3: 1.0}])
def test_a_root_off_the_circle_is_counted_by_its_distance(model):
    """Roots off the circle come in pairs, mirrored at it: of moduli r < 1 and 1/r."""
    found = circle_census(np.random.default_rng(3), model, 60)
    degree = max(model)
    for i in np.flatnonzero(found.points < 2 * degree):
        off = np.sort(found.away[i][~found.there[i]])
        assert found.closest[i] == off[0]
        assert np.abs(off - off[0] / (1 - off[0])).min() < 1e-9
    assert (found.closest <= 1).all()


@pytest.mark.parametrize(
    "bad", [{"coefficients": {0: 1.0}}, {"instances": 0}, {"instances": 10**30}]
)
def test_bad_input_is_named(bad):
    with pytest.raises(InputError, match="got"):
        circle_census(
            **{"rng": np.random.default_rng(0), "coefficients": {3: 1.0}, "instances": 1} | bad
        )
