"""Descents on products of spheres, against einsum, singular values and censuses."""

import numpy as np
import pytest

from numerics.core.backend import InputError
from numerics.layers import product_census
from numerics.layers.descents import descend_layers, slopes
from numerics.layers.tensors import layer_tensor


@pytest.mark.parametrize("sizes", [(3, 4), (2, 3, 4), (2, 3, 2, 4), (2, 1, 3, 2, 2)])
def test_slopes_are_contractions_of_all_other_layers(sizes):
    rng = np.random.default_rng(0)
    x = rng.standard_normal(sizes)
    w = [rng.standard_normal((5, n)) for n in sizes]
    letters = "abcde"[: len(sizes)]
    for layer, own in enumerate(letters):
        others = [(c, one) for c, one in zip(letters, w, strict=True) if c != own]
        rule = f"{letters},{','.join(f's{c}' for c, _ in others)}->s{own}"
        right = np.einsum(rule, x, *(one for _, one in others))
        assert np.allclose(slopes(x, w, layer), right, atol=1e-12)


@pytest.mark.parametrize("method", ["gd", "power"])
def test_two_layers_end_at_the_largest_singular_value(method):
    ends = descend_layers([6, 9], 4, method, 1e-8, seed=2)
    top = np.linalg.svd(layer_tensor([6, 9], seed=2), compute_uv=False)[0]
    assert ends.status.tolist() == ["converged"] * 4
    assert np.allclose(ends.level, -top / np.sqrt(15), atol=1e-10)


@pytest.mark.parametrize("method", ["gd", "power"])
def test_ends_are_minima_of_the_census(method):
    for disorder in range(4):
        ends = descend_layers([3, 3, 3], 30, method, 1e-9, seed=1, disorder=disorder)
        found = product_census(layer_tensor([3, 3, 3], seed=1, disorder=disorder)[None])
        minima = -found.level[found.index == 6]  # of f > 0 maxima: the opposite points
        assert np.abs(ends.level[:, None] - minima).min(axis=1).max() < 1e-9
        assert abs(ends.level.min() - minima.min()) < 1e-9
        # Some other point of the census is none of them.
        assert len(minima) < len(found.level)


def test_rounds_never_raise_f_and_steps_are_counted():
    x = layer_tensor([5, 5, 5], seed=3)
    levels = [
        descend_layers([5, 5, 5], 3, "power", 1e-12, steps, tensor=x).level for steps in range(8)
    ]
    assert (np.diff(levels, axis=0) <= 1e-12).all()
    short = descend_layers([5, 5, 5], 3, "gd", 1e-12, max_steps=2, tensor=x)
    assert short.status.tolist() == ["max_steps"] * 3
    assert short.steps.tolist() == [2, 2, 2]
    long = descend_layers([5, 5, 5], 3, "gd", 1e-12, max_steps=13, tensor=x)
    assert long.steps.tolist() == [13, 13, 13]
    assert descend_layers([2, 2, 2], 1, tolerance=1e-300).steps.tolist() == [20_000]
    assert np.allclose((short.position**2).sum(axis=1), 3)


def test_bad_input_is_named():
    for name, bad in {
        "sizes": {"sizes": [3]},
        "starts": {"starts": 0},
        "method": {"method": "cg"},
        "tolerance": {"tolerance": 0.0},
        "max_steps": {"max_steps": -1},
        "tensor": {"tensor": np.zeros((2, 2))},
        "disorder": {"disorder": -1},
        "backend": {"backend": "abacus"},
    }.items():
        with pytest.raises(InputError, match=name):
            descend_layers(**{"sizes": [2, 2, 2], **bad})


def test_more_starts_than_a_million_are_refused_whatever_the_memory():
    with pytest.raises(InputError, match="starts: got 1000001"):
        descend_layers([60, 60, 60], 1_000_001)
