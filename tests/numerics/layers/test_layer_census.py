"""Censuses on products of spheres, against polynomials, singular values, plain derivatives and the theory."""

import itertools

import numpy as np
import pytest

from numerics.core.backend import InputError
from numerics.critical import tensor_census
from numerics.layers import census as spheres
from numerics.layers import product_census
from numerics.layers.tensors import check_sizes, layer_tensor
from theory import tensor_count


def split(position, sizes):
    return np.split(position, np.cumsum(sizes)[:-1])


def value(x, layers):
    for w in reversed(layers):
        x = x @ w
    return float(x)


def hessian(x, layers):
    """By second differences along geodesics of all tangent directions, not by blocks."""
    frames = [np.linalg.svd(w[None])[2][1:] for w in layers]
    moves = [(layer, v) for layer, frame in enumerate(frames) for v in frame]
    h = 1e-4

    def at(steps):
        moved = [w.copy() for w in layers]
        for t, (layer, v) in steps:
            moved[layer] = moved[layer] + t * v
        return value(x, [w / np.linalg.norm(w) for w in moved])

    out = np.zeros((len(moves), len(moves)))
    for (a, one), (b, two) in itertools.product(enumerate(moves), repeat=2):
        signs = itertools.product((1, -1), repeat=2)
        out[a, b] = sum(s * t * at([(s * h, one), (t * h, two)]) for s, t in signs) / (4 * h * h)
    return out


def test_complex_points_are_those_of_friedland_and_ottaviani():
    formats = {(2, 2): 2, (3, 7): 3, (2, 2, 2): 6, (2, 2, 3): 8, (2, 2, 9): 8, (2, 3, 3): 15}
    formats |= {(3, 3, 3): 37, (3, 3, 4): 55, (4, 4, 4): 240, (2, 2, 2, 2): 24, (2,) * 5: 120}
    for sizes, number in formats.items():
        assert spheres.complex_points(sizes) == number
        assert spheres.complex_points(sizes[::-1]) == number


@pytest.mark.parametrize("sizes", [(2, 2), (3, 5), (1, 4)])
def test_two_layers_have_the_singular_values(sizes):
    x = np.random.default_rng(1).standard_normal((20, *sizes))
    found = product_census(x)
    assert found.unresolved == 0
    singular = np.sort(np.linalg.svd(x, compute_uv=False), axis=1) / np.sqrt(sum(sizes))
    assert np.allclose(found.level.reshape(20, -1), singular, atol=1e-12)


@pytest.mark.parametrize("sizes", [(2, 2, 2), (2, 2, 4), (2, 3, 3)])
def test_the_polynomial_of_two_units_has_the_same_points(sizes):
    x = np.random.default_rng(2).standard_normal((40, *sizes))
    found, other = product_census(x), tensor_census(x)
    assert found.unresolved == 0
    assert (found.rank_one == other.there.sum(axis=1)).all()
    assert np.allclose(np.sort(found.level), np.sort(other.level[other.there]), atol=1e-9)
    assert (np.bincount(found.index) == np.bincount(other.index[other.there])).all()


@pytest.mark.parametrize("sizes", [(3, 3, 3), (2, 2, 2, 2), (1, 2, 3)])
def test_points_are_critical_and_their_indices_those_of_differences(sizes):
    x = np.random.default_rng(3).standard_normal((3, *sizes))
    found = product_census(x)
    assert found.unresolved == 0
    assert found.radius.max() < 1e-8
    for i, k, u, place in zip(
        found.instance, found.index, found.level, found.position, strict=True
    ):
        layers = split(place, sizes)
        assert np.allclose([np.linalg.norm(w) for w in layers], 1, atol=1e-9)
        assert abs(value(x[i], layers) / np.sqrt(sum(sizes)) - u) < 1e-9
        for layer, w in enumerate(layers):
            slope = x[i]
            for j in reversed(range(len(sizes))):
                if j != layer:
                    slope = np.tensordot(slope, layers[j], axes=(j, 0))
            assert np.abs(slope - (slope @ w) * w).max() < 1e-8
        eigenvalues = np.linalg.eigvalsh(hessian(x[i], layers))
        if np.abs(eigenvalues).min() > 1e-3:
            assert (eigenvalues < 0).sum() == k


def test_alternating_sums_are_the_euler_characteristic():
    """8 for three spheres of dimension 2, 0 where one is of dimension 1."""
    for sizes, characteristic in (((3, 3, 3), 8), ((2, 2, 3), 0), ((2, 2, 2, 2), 0), ((3, 3), 4)):
        found = product_census(np.random.default_rng(4).standard_normal((10, *sizes)))
        signs = (-1) ** np.arange(found.counts.shape[1])
        assert (found.counts @ signs == characteristic).all()


def test_the_mean_number_is_that_of_kac_and_rice():
    found = product_census(np.random.default_rng(5).standard_normal((150, 2, 2, 2, 2)))
    assert found.unresolved == 0
    said = tensor_count([2, 2, 2, 2], tolerance=2e-3)
    # Five standard errors; without the fourth layer's signs it would be half as many.
    error = found.rank_one.std() / np.sqrt(150)
    assert abs(found.rank_one.mean() - said.rank_one) < 5 * error < 2


def test_a_tensor_with_curves_of_points_is_not_complete():
    x = np.zeros((1, 2, 2, 3))
    x[0, 0, 0, 0] = 1.0  # of rank one
    found = product_census(x)
    assert found.status.tolist() == ["unresolved"]
    assert found.found[0] < found.possible
    assert np.allclose(found.level, 1 / np.sqrt(7))


def test_parts_and_names_give_the_same_tensors():
    source = spheres.stream(3, "layers", 2, 2, 3)
    found = spheres.census_part(source, 0, 2, (2, 2, 3), first=4)
    one = product_census(layer_tensor([2, 2, 3], seed=3, disorder=5)[None])
    assert (found.level[found.instance == 1] == one.level).all()
    both = spheres.join([found, one])
    assert both.instance.max() == 2
    assert len(both.status) == 3


@pytest.mark.parametrize(
    "bad", [np.zeros((1, 9, 9, 9)), np.zeros((1, 3)), np.zeros((0, 2, 2)), [[[1j]]], [[[np.nan]]]]
)
def test_what_is_no_tensor_of_layers_is_named(bad):
    with pytest.raises(InputError, match="x: got"):
        product_census(bad)


def test_bad_sizes_are_named():
    for bad in (3, [3], [2] * 9, [0, 2]):
        with pytest.raises(InputError, match="sizes"):
            check_sizes(bad)
    with pytest.raises(InputError, match="disorder"):
        layer_tensor([2, 2], disorder=-1)
    with pytest.raises(InputError, match="entries"):
        layer_tensor([10**5] * 4)


@pytest.mark.parametrize("sizes", [(4, 4, 5), (70, 70)])
def test_formats_of_many_points_or_entries_are_refused(sizes):
    """Of 380 complex points, and of 4900 entries; 3 x 3 x 3 x 2 has 286 points."""
    assert spheres.check_format((3, 3, 3, 2)) == (3, 3, 3, 2)
    with pytest.raises(InputError, match="at most 300 complex critical points"):
        spheres.check_format(sizes)
