import itertools
import math

import numpy as np
import pytest

from numerics import paths
from numerics.backend import InputError
from numerics.paths import sample

ALL = frozenset(paths.KEYS)


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
    found = paths._path_products(weights)
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
    np.testing.assert_allclose(paths._powers(w, 3)[0], powers, rtol=1e-14)


def test_sphere_pairs_lie_on_it_at_the_overlap():
    w, v = paths._pair(np.random.default_rng(2), 50, 4, -0.3, True)
    np.testing.assert_allclose((w * w).sum(1), 4)
    np.testing.assert_allclose((v * v).sum(1), 4)
    np.testing.assert_allclose((w * v).sum(1), -1.2)


def test_a_network_without_gates_is_linear_and_overlap_one_is_the_same_network():
    found = sample(np.random.default_rng(4), [3, 3, 3, 1], 1.0, set(), 20, 3)
    np.testing.assert_allclose(found.y[..., 0], found.y[..., 1], rtol=1e-12)
    for on in ({"gates"}, {"gates", "mean"}, ALL):
        y = sample(np.random.default_rng(4), [2, 2, 1], 1.0, on, 20).y
        np.testing.assert_allclose(y[..., 0], y[..., 1], rtol=1e-12)


def _z(values, said):
    return (values.mean() - said) / (values.std() / len(values) ** 0.5)


@pytest.mark.parametrize(
    ("on", "rho"),
    [({"gates"}, 0.5), ({"gates", "mean"}, 0.25), ({"gates", "mean", "inputs"}, 0.25)],
)
def test_covariance_of_layered_path_sums(on, rho):
    y = sample(np.random.default_rng(5), [4, 4, 1], -0.6, on, 40_000).y
    cross = (y[..., 0] * y[..., 1]).mean(1)
    assert abs(_z(cross, 16 * rho * 0.36)) < 6  # 2e-9 for each, two-sided
    assert abs(_z(cross, 16 * rho * -0.6)) > 15
    assert abs(_z((y**2).mean((1, 2)), 16 * rho)) < 6


def test_the_network_differs_from_its_decoupling():
    found = sample(np.random.default_rng(6), [4, 4, 1], -0.6, set(), 40_000)
    cross = (found.y[..., 0] * found.y[..., 1]).mean(1)
    c = -0.6
    kernel = c * (math.sqrt(1 - c * c) + c * (math.pi - math.acos(c))) / math.pi
    assert abs(_z(cross, 16 * kernel / 2)) < 6
    assert abs(_z(cross, 16 * 0.36 / 2)) > 15
    assert abs(_z(found.first.mean(1), 0.5)) < 6


def test_gram_is_that_of_what_enters_the_last_hidden_layer():
    found = sample(np.random.default_rng(7), [3, 2, 1], 0.4, set(), 30, 2)
    # Two layers: the inputs themselves, the same at both sets of weights.
    np.testing.assert_allclose(found.gram[..., 0], found.gram[..., 1])
    np.testing.assert_allclose(found.gram[..., 0], found.gram[..., 2])
    assert sample(np.random.default_rng(7), [3, 1], 0.4, set(), 3).gram is None


def test_reduced_pairs_share_inputs():
    rng = np.random.default_rng(8)
    y = paths.reduced_pair(rng, [1, 1, 4], 2, 60_000)
    assert abs(_z(y[:, 0] ** 2, 6)) < 6
    assert abs(_z(y[:, 1] ** 2, 6)) < 6
    assert abs(_z(y[:, 0] * y[:, 1], 4)) < 6  # 1 + 1 + 2 shared
    assert abs(_z(y[:, 0] * y[:, 1], 6)) > 15
    with pytest.raises(InputError, match="redundancies: got 0"):
        paths.reduced_pair(rng, [0, 1], 2, 5)


def test_sign_pairs_have_the_rates_asked_for():
    rng = np.random.default_rng(9)
    s = paths.sign_pair(rng, 0.3, 0.1, 0.05, 60_000)
    rates = [(s[:, 0], 0.3), (s[:, 0] & ~s[:, 1], 0.1), (~s[:, 0] & s[:, 1], 0.05)]
    for seen, said in rates:
        assert abs(_z(seen.astype(float), said)) < 6
        assert abs(_z(seen.astype(float), 1.2 * said)) > 6
    for bad in ((0.0, 0.0, 0.0), (0.3, 0.4, 0.0), (0.3, 0.1, 0.8), (0.3, -0.1, 0.0)):
        with pytest.raises(InputError):
            paths.sign_pair(rng, *bad, 5)
