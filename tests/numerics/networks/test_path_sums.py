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


def test_the_least_network_and_the_largest():
    rng = np.random.default_rng(0)
    assert sample(rng, [1, 1], 0.5, set(), 1, 1).y.shape == (1, 1, 2)
    assert sample(rng, [3, 1], 0.5, set(), 5).y.shape == (5, 2, 2)
    assert sample(rng, [100_000, 1], 0.5, set(), 1, 1).y.shape == (1, 1, 2)
    for widths in ([100_001, 1], [10, 10, 1001, 1]):
        with pytest.raises(InputError, match="at most 100000 paths"):
            sample(rng, widths, 0.5, set(), 1)
    # A mass that is an H-th power, of unlike widths.
    assert sample(rng, [2, 8, 1], 0.5, ALL, 3).y.shape == (3, 2, 2)
    for widths in ([2, 4, 1], [3, 3, 2, 1]):
        with pytest.raises(InputError, match="H-th power"):
            sample(rng, widths, 0.5, ALL, 3)


@pytest.mark.parametrize("on", [set(), {"gates"}, ALL])
def test_overlaps_from_minus_one_to_one(on):
    """Opposite weights give the opposite of what has an odd number of layers, where gates are given."""
    for overlap in (-1.0, 1.0):
        y = sample(np.random.default_rng(1), [2, 2, 2, 1], overlap, on, 5).y
        if on or overlap == 1:
            np.testing.assert_allclose(y[..., 1], overlap * y[..., 0], atol=1e-12)
    for overlap in (-1 - 1e-15, 1 + 1e-15):
        with pytest.raises(InputError, match="from -1 to 1"):
            sample(np.random.default_rng(1), [2, 2, 1], overlap, on, 5)


def test_the_network_forward_is_unit_by_unit():
    """Outputs, what enters the last hidden layer, and whether units 0 are all on, by hand."""
    rng = np.random.default_rng(2)
    sizes, units, inputs = [3, 4, 2, 1], 5, 6
    weights = [
        (rng.standard_normal((units, a, b)), rng.standard_normal((units, a, b)))
        for a, b in itertools.pairwise(sizes)
    ]
    x = rng.standard_normal((units, inputs, 3))
    found = path_sums._forward(weights, x)
    seen = set()
    for u, i in itertools.product(range(units), range(inputs)):
        layers = []
        for side in (0, 1):
            a = [x[u, i]]
            for level in range(3):
                h = a[-1] @ weights[level][side][u]
                a.append(h if level == 2 else np.where(h > 0, h, 0.0))
            layers.append(a)
            assert found.y[u, i, side] == pytest.approx(a[3][0], abs=1e-12)
        one, two = layers[0][1], layers[1][1]
        np.testing.assert_allclose(found.gram[u, i], [one @ one, one @ two, two @ two])
        on = layers[0][1][0] > 0 and layers[0][2][0] > 0
        seen.add(on)
        assert found.first[u, i] == on
    assert seen == {True, False}


class _Written:
    """A generator whose numbers are written down."""

    def __init__(self, values):
        self.values = np.asarray(values)

    def random(self, size):
        assert self.values.shape == (size,)
        return self.values

    def choice(self, among, size):
        assert list(among) == [-1.0, 1.0]
        return np.ones(size) * np.array([1.0, -1.0, 1.0])[: size[1]]

    def standard_normal(self, shape):
        return np.arange(1.0, 1 + np.prod(shape)).reshape(shape)


def test_a_reduction_errs_on_the_weakest_of_each_class():
    """Positive above 0.7: it loses 0.7 to 0.8 and gains 0.65 to 0.7."""
    rank = [0.1, 0.64, 0.66, 0.69, 0.71, 0.79, 0.81, 0.99]
    found = path_sums.sign_pair(_Written(rank), 0.3, 0.1, 0.05, 8)
    assert found[:, 0].tolist() == [False] * 4 + [True] * 4
    assert found[:, 1].tolist() == [False, False, True, True, False, False, True, True]


def test_shares_of_signs_at_their_bounds():
    rng = np.random.default_rng(3)
    kept = path_sums.sign_pair(rng, 0.25, 0.0, 0.0, 50)
    assert (kept[:, 0] == kept[:, 1]).all()
    turned = path_sums.sign_pair(rng, 0.25, 0.25, 0.75, 50)
    assert (turned[:, 0] != turned[:, 1]).all()
    assert path_sums.sign_pair(rng, 0.5, 0.1, 0.1, 1).shape == (1, 2)
    for bad in (
        (0.0, 0.0, 0.0, 5),
        (1.0, 0.0, 0.0, 5),
        (0.25, 0.26, 0.0, 5),
        (0.25, 0.0, 0.76, 5),
        (0.25, -1e-9, 0.0, 5),
        (0.25, 0.0, -1e-9, 5),
        (0.25, 0.0, 0.0, 0),
    ):
        with pytest.raises(InputError):
            path_sums.sign_pair(rng, *bad)


def test_a_redundant_network_sums_its_own_inputs_and_the_uniform_one_as_many_of_each():
    """Inputs 1 to 9, three of each monomial; signs +, -, +."""
    found = path_sums.reduced_pair(_Written([]), [1, 3, 2], 2, 1)
    assert found.tolist() == [[1 - (4 + 5 + 6) + (7 + 8), (1 + 2) - (4 + 5) + (7 + 8)]]
    found = path_sums.reduced_pair(_Written([]), [1], 3, 1)
    assert found.tolist() == [[1.0, 1 + 2 + 3]]
    for bad in (([1], 0, 1), ([1], 1, 0), ([0], 1, 1)):
        with pytest.raises(InputError):
            path_sums.reduced_pair(np.random.default_rng(0), *bad)


def test_paths_from_an_input_share_it_and_a_mean_is_a_linear_network():
    """rho x W_1 W_2 of unlike widths, x written down; one uniform input is enough."""
    rng = np.random.default_rng(4)
    first, second = rng.standard_normal((2, 3, 4)), rng.standard_normal((2, 4, 1))
    monomials = [path_sums._path_products([first, second])]
    on = frozenset({"gates", "mean"})
    y = path_sums._decoupled(_Written([]), monomials, (3, 4), on, 5)
    x = np.arange(1.0, 31).reshape(2, 5, 3)
    np.testing.assert_allclose(y, 0.5 * x @ first @ second)
    assert path_sums.reduced_pair(rng, [1], 1, 1).shape == (1, 2)
