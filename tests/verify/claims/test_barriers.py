"""What E9-I follows, on a quadratic form, whose passes are its second level."""

import numpy as np
import pytest

from numerics.pspin.couplings import from_tensors
from verify.claims.complexity import e9_i_instances as barriers

ROOT = np.sqrt(3)
LEVELS = np.array([-1.0, -0.4, 0.9])  # of H/N over sqrt 3
MINIMA = ROOT * np.array([[1.0, 0, 0], [-1.0, 0, 0]])
SADDLES = ROOT * np.array([[0, 1.0, 0], [0, -1.0, 0]])


@pytest.fixture
def form():
    return from_tensors({2: np.diag(LEVELS)}, {2: 1.0})


def test_a_flood_joins_the_two_ground_states_at_the_second_level(form):
    [level] = barriers.flooded(form, MINIMA)
    assert level == pytest.approx(LEVELS[1] / ROOT, abs=barriers.WITHIN / 3)
    assert abs(level - LEVELS[2] / ROOT) > barriers.WITHIN


def test_both_ways_down_from_a_saddle_are_followed(form):
    pairs = barriers.ends(form, SADDLES, MINIMA)
    assert np.sort(pairs, axis=1).tolist() == [[0, 1], [0, 1]]
    far = ROOT * np.array([[0, 0, 1.0]])
    assert barriers.ends(form, SADDLES, far).tolist() == [[-1, -1], [-1, -1]]


def test_the_height_of_a_way_is_that_of_its_highest_join():
    # 3 and 2 join first, then both join 1, and all of them the lowest.
    joins = ((-0.9, 2, 3), (-0.5, 1, 2), (-0.1, 0, 1))
    assert barriers.heights(4, joins).tolist() == [-0.1, -0.1, -0.1]
    assert barriers.heights(3, ((-0.9, 0, 2),)).tolist() == [barriers.NEVER, -0.9]
