"""Conjugate gradients: the direction, the length and what is taken, each by its formula."""

from dataclasses import replace

import numpy as np
import pytest

from numerics.descent import conjugate_gradient as cg
from numerics.descent import gradient
from numerics.descent.protocol import gradient_norm
from numerics.pspin.couplings import draw, from_tensors, random_point
from numerics.pspin.hamiltonian import energy_slope, tangential


def on_a_circle(lands):
    """H = -sqrt2 cos 2t on the circle: from t = 0.6 backwards, landing at the angles."""
    c = from_tensors({2: np.diag([-1.0, 1.0])}, {2: 1.0})
    lands = np.asarray(lands)
    t = np.full(len(lands), 0.6)
    s = 2**0.5 * np.stack([np.cos(t), np.sin(t)], axis=1)
    along = 2**0.5 * np.stack([np.sin(t), -np.cos(t)], axis=1)
    state = cg.init(c, s, 1.0)
    return c, replace(state, direction=along, length=np.tan(0.6 - lands))


def test_a_step_is_taken_only_if_the_energy_falls_enough():
    """At -0.6 the energy is that of the start: a fall of 3e-4 is little beside the slope, 0.2 is not."""
    c, state = on_a_circle([-0.6001, -0.5999, -0.5, 0.0, 0.5])
    after, info = cg.step(c, state)
    assert info.accepted.tolist() == [False, False, True, True, True]
    assert (after.length[:2] < 0.5 * state.length[:2]).all()
    assert (after.length[:2] > 0.3 * state.length[:2]).all()
    assert (after.position[:2] == state.position[:2]).all()
    assert (after.energy[:2] == state.energy[:2]).all()
    np.testing.assert_allclose(after.energy[2:], -(2**0.5) * np.cos([1.0, 0.0, 1.0]))


@pytest.mark.parametrize("unit", [1.0, 1e-2])
def test_the_direction_is_that_of_polak_and_ribiere(unit):
    """By rows; restarted along the gradient where beta is negative or the direction leads uphill."""
    n, starts = 12, 200
    c = draw(np.random.default_rng(0), n, {3: unit**2})
    s = random_point(np.random.default_rng(1), n, starts)
    state = cg.init(c, s, 0.02 / unit)
    noise = tangential(s, np.random.default_rng(2).standard_normal((starts, n)))
    size = np.repeat([2.0, 30.0], starts // 2)[:, None]
    state = replace(state, direction=state.direction + unit * size * noise)
    after, info = cg.step(c, state)
    taken = np.flatnonzero(info.accepted)
    assert len(taken) > 50
    seen = set()
    for i in taken:
        end = s[i] + 0.02 / unit * state.direction[i]
        end *= n**0.5 / np.linalg.norm(end)
        flat = np.eye(n) - np.outer(end, end) / n
        g, before = energy_slope(c, end[None])[1][0], state.gradient[i]
        beta = g @ (g - flat @ before) / (before @ before)
        direction = max(beta, 0.0) * flat @ state.direction[i] - g
        kind = "restarted" if beta < 0 else "turned" if g @ direction >= 0 else "conjugate"
        seen.add(kind)
        np.testing.assert_allclose(
            after.direction[i], -g if kind == "turned" else direction, atol=1e-10 * unit
        )
        np.testing.assert_allclose(after.position[i], end, atol=1e-12)
    assert seen == {"restarted", "turned", "conjugate"}


@pytest.mark.parametrize(
    ("slope", "end", "following", "factor"),
    [
        (-1.0, -0.5, -1.0, 2.0),  # the slope, halved by this length, vanishes at twice of it
        (-1.0, 1.0, -1.0, 0.5),
        (-1.0, 0.0, -1.0, 1.0),
        (-1.0, -0.9, -1.0, 3.0),  # at most three times as far
        (-1.0, -2.0, -1.0, 3.0),  # it grows steeper: no zero ahead
        (-1.0, -1.0, -1.0, 3.0),
        (-1.0, 99.0, -1.0, 0.2),
        (-1.0, 0.0, -0.5, 2.0),  # the same way along a direction half as steep
        (-1.0, 0.0, -0.01, 5.0),
        (-1.0, 0.0, -100.0, 0.2),
        (-1.0, 0.0, 0.0, 1.0),  # no direction follows
        (-1.0, 0.0, 0.5, 1.0),
    ],
)
def test_the_next_length_is_the_secants(slope, end, following, factor):
    found = cg._next_length(*(np.array([x]) for x in (7.0, slope, end, following)))
    np.testing.assert_allclose(found, 7.0 * factor)


def test_a_start_within_the_tolerance_stays_as_it_is():
    c = from_tensors({2: np.diag([-1.0, 0.0, 1.0])}, {2: 1.0})
    at = np.array([[3.0**0.5, 0.0, 0.0], [1.7, 0.33, 0.0]])
    at *= 3**0.5 / np.linalg.norm(at, axis=1, keepdims=True)
    state = cg.init(c, at, 0.1)
    after, info = cg.step(c, state)
    assert info.accepted.tolist() == [False, True]
    assert (after.length[0], after.position[0, 0]) == (0.1, 3**0.5)
    norm = info.gradient_norm[1]
    assert not cg.step(c, after, norm)[1].accepted[1]
    assert cg.step(c, after, 0.99 * norm)[1].accepted[1]


@pytest.mark.parametrize("method", [cg, gradient])
def test_a_fall_that_rounding_hides_is_a_fall(method):
    """At a gradient of 1e-9 the energy, -1, moves by 1e-18."""
    c = from_tensors({2: np.diag([-1.0, 0.0, 1.0])}, {2: 1.0})
    at = np.array([[3.0**0.5, 1e-9, 1e-9]])
    state = method.init(c, at, 0.1)
    after, info = method.step(c, state)
    assert info.accepted.all()
    assert info.gradient_norm[0] < gradient_norm(state)[0] < 2e-9
    assert 0 < abs(after.position[0, 2]) < 1e-9
