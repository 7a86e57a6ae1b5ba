"""Units."""

import itertools
import math

import numpy as np
import pytest

from numerics.core.backend import InputError
from numerics.networks import path_sums
from numerics.networks.path_sums import sample

ALL = frozenset(path_sums.KEYS)


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (([3, 2], 0.5, set(), 4), "the last 1"),
        (([1], 0.5, set(), 4), "two or more"),
        (([3, 0, 1], 0.5, set(), 4), "widths: got 0"),
        (([400, 400, 1], 0.5, set(), 4), "at most 100000 paths"),
        (([3, 3, 1], 1.5, set(), 4), "from -1 to 1"),
        (([3, 3, 1], float("nan"), set(), 4), "overlap"),
        (([3, 3, 1], 0.5, {"spin"}, 4), "assumptions"),
        (([3, 3, 1], 0.5, {"mean"}, 4), "before others"),
        (([3, 3, 1], 0.5, {"gates", "sphere"}, 4), "before"),
        (([3, 2, 1], 0.5, ALL, 4), "H-th power"),
        (([3, 3, 1], 0.5, set(), 0), "units: got 0"),
        (([3, 3, 1], 0.5, set(), 4, 0), "inputs: got 0"),
    ],
)
def test_bad_input_is_refused_in_one_line(arguments, says):
    with pytest.raises(InputError, match=says) as refused:
        sample(np.random.default_rng(0), *arguments)
    assert "\n" not in str(refused.value)


def test_path_products_are_the_products_along_paths():
    rng = np.random.default_rng(1)
    weights = [
        rng.standard_normal((2, 3, 2)),
        rng.standard_normal((2, 2, 4)),
        rng.standard_normal((2, 4, 1)),
    ]
    found = path_sums._path_products(weights)
    by_hand = [
        [
            math.prod(
                w[u][i, j] for w, (i, j) in zip(weights, itertools.pairwise((*p, 0)), strict=True)
            )
            for p in itertools.product(range(3), range(2), range(4))
        ]
        for u in range(2)
    ]
    np.testing.assert_allclose(found, by_hand, rtol=1e-14)
    w = rng.standard_normal((1, 3))
    powers = [w[0, i] * w[0, j] * w[0, k] for i, j, k in itertools.product(range(3), repeat=3)]
    np.testing.assert_allclose(path_sums._powers(w, 3)[0], powers, rtol=1e-14)


def test_a_network_without_gates_is_linear_and_overlap_one_is_the_same_network():
    found = sample(np.random.default_rng(4), [3, 3, 3, 1], 1.0, set(), 20, 3)
    np.testing.assert_allclose(found.y[..., 0], found.y[..., 1], rtol=1e-12)
    for on in ({"gates"}, {"gates", "mean"}, ALL):
        y = sample(np.random.default_rng(4), [2, 2, 1], 1.0, on, 20).y
        np.testing.assert_allclose(y[..., 0], y[..., 1], rtol=1e-12)
