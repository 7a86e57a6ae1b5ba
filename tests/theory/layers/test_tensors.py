import math

import numpy as np
import pytest

import theory
from theory import InputError, layer_complexity, tensor_count
from theory.layers.tensors import Format, two_by_two_by_two


def mean(sizes, draws, k=None, level=None, seed=1):
    of = Format(sizes)
    values = of.values(np.random.default_rng(seed), draws, 32, k, level)
    return values.mean(), values.std() / math.sqrt(draws)


@pytest.mark.parametrize("sizes", [(2, 2), (3, 3), (2, 7), (4, 5)])
def test_two_layers_are_singular_vectors(sizes):
    assert tensor_count(sizes).value == 4 * min(sizes)
    assert tensor_count(sizes).stderr == 0
    value, stderr = mean(sizes, 20_000)
    assert value == pytest.approx(4 * min(sizes), abs=5 * stderr)
    assert stderr < 0.004 * value


def test_two_layers_by_index_are_one_of_each_singular_value():
    # The i-th largest of n x m, n <= m, is a point of index i - 1 at f < 0, of n + m - 1 - i at f > 0.
    for k, expected in enumerate((2.0, 2.0, 2.0, 0.0, 2.0)):
        value, stderr = mean((3, 5), 20_000, k=k)
        assert value == pytest.approx(expected, abs=5 * stderr + 1e-12)
        assert stderr < 0.02


def test_two_by_two_by_two_by_two_routes():
    value, stderr = mean((2, 2, 2), 100_000)
    assert value == pytest.approx(two_by_two_by_two(), abs=5 * stderr)
    assert stderr < 5e-4 * value
    assert two_by_two_by_two() / 8 == pytest.approx(4.286667328110594, abs=1e-11)
    assert tensor_count((2, 2, 2)).rank_one == two_by_two_by_two() / 8


@pytest.mark.parametrize("sizes", [(2, 2, 3), (3, 3, 3), (2, 2, 2, 2)])
def test_plain_determinants_agree(sizes):
    """f and G both drawn, a determinant each: no polar coordinates, no grid."""
    rng = np.random.default_rng(2)
    layer = np.repeat(range(len(sizes)), np.array(sizes) - 1)
    draws = 200_000
    g = np.triu(rng.standard_normal((draws, len(layer), len(layer))), 1)
    g = (g + g.swapaxes(1, 2)) * (layer[:, None] != layer)
    values = abs(np.linalg.det(g - rng.standard_normal((draws, 1, 1)) * np.eye(len(layer))))
    values *= math.prod(2 * math.pi ** (n / 2) / math.gamma(n / 2) for n in sizes)
    values /= (2 * math.pi) ** (len(layer) / 2)
    found = tensor_count(sizes, tolerance=2e-3)
    spread = math.hypot(values.std() / math.sqrt(draws), found.stderr)
    assert found.value == pytest.approx(values.mean(), abs=4 * spread)
    assert spread < 0.01 * found.value


def test_index_and_level_add_up():
    sizes = (2, 2, 3)
    whole, _ = mean(sizes, 30_000)
    by_index = [mean(sizes, 30_000, k=k)[0] for k in range(5)]
    assert sum(by_index) == pytest.approx(whole, rel=1e-12)  # on the same matrices
    assert sum((-1) ** k * one for k, one in enumerate(by_index)) == pytest.approx(0, abs=0.2)
    assert mean(sizes, 30_000, level=50.0)[0] == pytest.approx(whole, rel=1e-9)
    below, above = (mean(sizes, 30_000, level=level)[0] for level in (-1.0, 1.0))
    assert below + above == pytest.approx(whole, rel=0.01)  # f and -f
    minima, stderr = mean(sizes, 30_000, k=0, level=0.0)
    assert minima == pytest.approx(by_index[0], rel=1e-9)  # minima lie below 0
    assert 5 * stderr < 0.05 * minima


def test_levels_are_in_units_of_the_root_of_all_sizes():
    found = tensor_count((2, 2, 3), below=-1.0, tolerance=2e-3)
    value, stderr = mean((2, 2, 3), 30_000, level=-math.sqrt(7))
    assert found.value == pytest.approx(value, abs=5 * math.hypot(stderr, found.stderr))


def test_layers_of_one_unit_double():
    assert tensor_count([1, 1, 4]).value == 8
    assert tensor_count([1]).value == 2
    assert tensor_count([5, 1]).value == 4
    assert tensor_count([1, 2, 2, 2]).rank_one == tensor_count([2, 2, 2]).rank_one
    one = tensor_count([2, 2, 3, 1], tolerance=2e-3)
    assert one.value == 2 * tensor_count([3, 2, 2], tolerance=2e-3).value
    assert one.layers == 4


def test_counts_grow_as_the_exponent_says():
    logs = [math.log(tensor_count([n] * 3, tolerance=0.03).value) for n in (6, 12, 24)]
    slopes = np.diff(logs) / (3 * np.array([6, 12]))
    top = float(layer_complexity([1, 1, 1], -1e-9))  # (log 2)/2
    assert top == pytest.approx(math.log(2) / 2, abs=1e-9)
    assert slopes[1] == pytest.approx(top, abs=0.015)
    assert top < slopes[1] < slopes[0]
    shared = theory.mean_count(theory.pure(3), 24).log
    assert logs[2] - shared > 10  # 3 N components in place of N: another number, the same exponent


def test_the_error_is_what_was_asked_for_and_honest():
    exact = two_by_two_by_two()
    z = []
    for seed in range(20):
        values = Format((2, 2, 2)).values(np.random.default_rng(seed), 2000, 32, None, None)
        z.append((values.mean() - exact) / (values.std(ddof=1) / math.sqrt(2000)))
    assert 0.5 < np.std(z) < 1.7
    assert abs(np.mean(z)) < 1
    found = tensor_count((3, 3, 3), tolerance=2e-3)
    assert 0 < found.stderr <= 2e-3 * found.value
    assert found.samples > 1000
    assert tensor_count((3, 3, 3), tolerance=2e-3) == found
    assert tensor_count((3, 3, 3), tolerance=2e-3, seed=1) != found


@pytest.mark.parametrize("sizes", [[], [0, 2], [2.5, 2], [True, 2], [2] * 101, [203, 200, 2], [-1]])
def test_bad_formats_are_named(sizes):
    with pytest.raises(InputError, match="sizes: got"):
        tensor_count(sizes)


def test_largest_formats_are_taken():
    assert tensor_count([1] * 98 + [3, 3]).value == 12 * 2.0**98
    assert tensor_count([10**6, 7]).value == 28
    assert tensor_count([202, 200, 1], k=0, tolerance=1.0).value > 0  # 400 dimensions
    with pytest.raises(InputError, match="at most 400"):
        tensor_count([202, 201], k=0)


def test_what_is_not_there_is_named():
    with pytest.raises(InputError, match="k: got 5"):
        tensor_count([2, 2, 3], k=5)
    with pytest.raises(InputError, match="two sizes >= 2"):
        tensor_count([3], k=0)
    with pytest.raises(InputError, match="below: got nan"):
        tensor_count([2, 2, 3], below=float("nan"))
    with pytest.raises(InputError, match="random matrices have"):
        tensor_count([2, 2, 3], k=4, below=-0.5, tolerance=1e-2)


@pytest.mark.parametrize("words", [{"seed": -1}, {"k": -1}, {"k": 7}])
def test_what_is_asked_is_checked(words):
    with pytest.raises(InputError, match=f"{next(iter(words))}: got .*takes an integer >= 0"):
        tensor_count([3, 3, 3], **words)
