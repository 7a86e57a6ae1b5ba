"""Strings on surfaces whose passes are known, and what is refused."""

import numpy as np
import pytest

from numerics.core import InputError
from numerics.pspin.couplings import draw, random_point
from numerics.trajectories import Glass, connect

# Mueller and Brown, Theor. Chim. Acta 53, 75 (1979).
A = np.array([-200.0, -100.0, -170.0, 15.0])
a, b, c = (
    np.array([-1.0, -1.0, -6.5, 0.7]),
    np.array([0.0, 0.0, 11.0, 0.6]),
    np.array([-10.0, -10.0, -6.5, 0.7]),
)
X, Y = np.array([1.0, 0.0, -0.5, -1.0]), np.array([0.0, 0.5, 1.5, 1.0])
MINIMA = [[-0.558224, 1.441726]], [[0.623499, 0.028038]]
PASS, HIGHER = -40.664844, -108.166725  # the highest pass between them, the higher of the two


def mueller_brown(points):
    dx, dy = points[:, :1] - X, points[:, 1:] - Y
    parts = A * np.exp(a * dx**2 + b * dx * dy + c * dy**2)
    slope = [
        (parts * (2 * a * dx + b * dy)).sum(axis=1),
        (parts * (b * dx + 2 * c * dy)).sum(axis=1),
    ]
    return parts.sum(axis=1), np.stack(slope, axis=1)


def test_the_pass_of_the_mueller_brown_surface_is_found():
    found = connect(mueller_brown, *MINIMA, 3e-4, 300, (8, 16, 32))
    assert found.barrier[0] == pytest.approx(PASS - HIGHER, abs=0.5)
    assert found.straight_barrier[0] > found.barrier[0] + 20
    assert found.images[0, 0].tolist() == MINIMA[0][0]
    assert found.images[0, -1].tolist() == MINIMA[1][0]
    chords = np.linalg.norm(np.diff(found.images[0], axis=0), axis=1)
    assert chords.max() < 1.1 * chords.min()


def test_a_string_with_no_rounds_is_the_straight_way_and_from_a_to_b_is_from_b_to_a():
    still = connect(mueller_brown, *MINIMA, 3e-4, 0)
    assert still.barrier == pytest.approx(still.straight_barrier)
    there, back = (connect(mueller_brown, *ends, 3e-4, 50) for ends in (MINIMA, MINIMA[::-1]))
    assert there.barrier == pytest.approx(back.barrier)


def test_strings_on_the_sphere_stay_there_and_do_not_feel_each_other():
    glass = Glass(draw(np.random.default_rng(0), 12, {3: 1.0}))
    ends = random_point(np.random.default_rng(1), 12, replicas=4)
    both = connect(glass, ends[:2], ends[2:], 0.05, 20, retract=glass.retract)
    one = connect(glass, ends[:1], ends[2:3], 0.05, 20, retract=glass.retract)
    assert (both.images**2).sum(axis=2) == pytest.approx(np.full((2, 17), 12.0))
    assert both.barrier[0] == pytest.approx(one.barrier[0], rel=1e-9)


def test_an_end_joined_with_itself_has_no_barrier():
    found = connect(mueller_brown, MINIMA[0], MINIMA[0], 3e-4, 5)
    assert found.barrier.tolist() == found.straight_barrier.tolist() == [0.0]


def test_what_cannot_be_joined_is_refused():
    with pytest.raises(InputError, match="last"):
        connect(mueller_brown, [[0.0, 0.0]], [[0.0, 0.0], [1.0, 1.0]], 0.1, 1)
    with pytest.raises(InputError, match="step"):
        connect(mueller_brown, *MINIMA, 0.0, 1)
    with pytest.raises(InputError, match="rounds"):
        connect(mueller_brown, *MINIMA, 0.1, -1)
    with pytest.raises(InputError, match="intervals"):
        connect(mueller_brown, *MINIMA, 0.1, 1, (1,))
