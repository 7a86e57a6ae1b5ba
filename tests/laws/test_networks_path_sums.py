"""Laws of networks path sums, by samples; a wrong law beside each must fail."""

import math

import numpy as np
import pytest

from numerics.core.backend import InputError
from numerics.networks import path_sums
from numerics.networks.path_sums import sample


def test_sphere_pairs_lie_on_it_at_the_overlap():
    w, v = path_sums._pair(np.random.default_rng(2), 50, 4, -0.3, True)
    np.testing.assert_allclose((w * w).sum(1), 4)
    np.testing.assert_allclose((v * v).sum(1), 4)
    np.testing.assert_allclose((w * v).sum(1), -1.2)


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
    y = path_sums.reduced_pair(rng, [1, 1, 4], 2, 60_000)
    assert abs(_z(y[:, 0] ** 2, 6)) < 6
    assert abs(_z(y[:, 1] ** 2, 6)) < 6
    assert abs(_z(y[:, 0] * y[:, 1], 4)) < 6  # 1 + 1 + 2 shared
    assert abs(_z(y[:, 0] * y[:, 1], 6)) > 15
    with pytest.raises(InputError, match="redundancies: got 0"):
        path_sums.reduced_pair(rng, [0, 1], 2, 5)


def test_sign_pairs_have_the_rates_asked_for():
    rng = np.random.default_rng(9)
    s = path_sums.sign_pair(rng, 0.3, 0.1, 0.05, 60_000)
    rates = [(s[:, 0], 0.3), (s[:, 0] & ~s[:, 1], 0.1), (~s[:, 0] & s[:, 1], 0.05)]
    for seen, said in rates:
        assert abs(_z(seen.astype(float), said)) < 6
        assert abs(_z(seen.astype(float), 1.2 * said)) > 6
    for bad in ((0.0, 0.0, 0.0), (0.3, 0.4, 0.0), (0.3, 0.1, 0.8), (0.3, -0.1, 0.0)):
        with pytest.raises(InputError):
            path_sums.sign_pair(rng, *bad, 5)


REDUCED = {"gates", "mean", "inputs", "redundancy"}


@pytest.mark.parametrize(
    ("widths", "on"),
    [([4, 4, 1], {"gates", "redundancy"}), ([4, 4, 1], REDUCED), ([3, 3, 3, 1], REDUCED)],
)
def test_covariance_of_redundant_networks(widths, on):
    """Lambda^H paths, each alive with rho = 2^-(H-1), of which a mean keeps the square.

    On the sphere |w|^2 = Lambda and w.w' = c Lambda exactly; of normal weights |w|^2 is a chi-square.
    """
    depth, c = len(widths) - 1, -0.6
    rho = 0.5 ** (depth - 1)
    share, mass = (rho**2 if "mean" in on else rho), math.prod(widths)
    size = round(mass ** (1 / depth))
    y = sample(np.random.default_rng(11), widths, c, on | {"sphere"}, 20_000).y
    cross = (y[..., 0] * y[..., 1]).mean(1)
    assert abs(_z((y**2).mean((1, 2)), mass * share)) < 6
    assert abs(_z(cross, mass * share * c**depth)) < 6
    assert abs(_z(cross, mass * share * c ** (depth + 1))) > 6
    y = sample(np.random.default_rng(12), widths, c, on, 40_000).y
    chi = math.prod(size + 2 * j for j in range(depth))
    assert abs(_z((y**2).mean((1, 2)), chi * share)) < 6
    assert abs(_z((y**2).mean((1, 2)), mass * share)) > 6
    if depth == 2:
        cross = (y[..., 0] * y[..., 1]).mean(1)
        assert abs(_z(cross, (mass * c**2 + size * (1 + c**2)) * share)) < 6
