import numpy as np
import pytest

from numerics.core import InputError
from numerics.critical.rank_one import tensor_census


def value(x, vectors):
    return np.einsum("ijk,i,j,k->", x, *vectors)


def ascended(x, rng, starts=25):
    """Local maxima of f up to signs, by alternating between the layers: an independent search."""
    found = set()
    for _ in range(starts):
        v = [rng.standard_normal(n) for n in x.shape]
        for _ in range(150):
            for layer in range(3):
                others = [v[m] for m in range(3) if m != layer]
                w = np.tensordot(np.moveaxis(x, layer, 0), np.multiply.outer(*others), 2)
                v[layer] = w / np.linalg.norm(w)
        found.add(round(abs(value(x, v)), 6))
    return found


@pytest.mark.parametrize("shape", [(2, 2, 2), (2, 2, 4), (2, 3, 3), (2, 3, 4)])
def test_maxima_are_those_that_ascent_finds(shape):
    rng = np.random.default_rng(4)
    for x in rng.standard_normal((2, *shape)):
        census = tensor_census(x[None])
        top = sum(shape) - 3
        levels = census.level[0] * np.sqrt(sum(shape))
        maxima = {round(f, 6) for f in levels[census.there[0] & (census.index[0] == top)]}
        assert ascended(x, rng) == maxima
        assert census.level[0].max() * np.sqrt(sum(shape)) == pytest.approx(max(maxima), abs=1e-6)


@pytest.mark.parametrize("shape", [(2, 2, 2), (2, 2, 3), (2, 3, 3), (2, 3, 5)])
def test_numbers_are_odd_or_even_and_at_most_the_complex_ones(shape):
    census = tensor_census(np.random.default_rng(5).standard_normal((300, *shape)))
    rows, columns = shape[1:]
    complex_ones = 2 * rows**2 - (rows if rows == columns else 0)
    numbers = census.there.sum(axis=1)
    assert census.there.shape == (300, complex_ones)
    assert set((numbers - complex_ones) % 2) == {0}
    assert numbers.min() >= 2
    assert (census.level[census.there] > 0).all()
    assert census.closest.min() > 1e-6
    top = sum(shape) - 3
    assert ((census.index <= top) & (census.index >= 0)).all()
    assert (census.there & (census.index == top)).any(axis=1).all()  # the largest value
    if top % 2 == 0:  # Euler's characteristic of the product of spheres, an S^1 among them
        assert (((-1) ** census.index * census.there).sum(axis=1) == 0).all()


def test_a_diagonal_tensor_has_the_points_one_can_write_down():
    # f = a x1 y1 z1 + b x2 y2 z2: two rank-one terms and the four mixed points, ab/sqrt(a^2 + b^2).
    x = np.zeros((1, 2, 2, 2))
    x[0, 0, 0, 0], x[0, 1, 1, 1] = 2.0, 1.0
    turn = np.linalg.qr(np.random.default_rng(0).standard_normal((2, 2)))[0]
    census = tensor_census(np.einsum("rijk,ia->rajk", x, turn))
    levels = np.sort(census.level[0][census.there[0]]) * np.sqrt(6)
    assert levels == pytest.approx([*[2 / np.sqrt(5)] * 4, 1.0, 2.0], abs=1e-7)


def test_the_closest_is_the_distance_of_a_zero_that_is_not_real():
    """In log modulus, where zeros come in mirrored pairs; one where all are real."""
    census = tensor_census(np.random.default_rng(5).standard_normal((300, 2, 2, 3)))
    every = census.there.all(axis=1)
    assert census.closest.shape == every.shape
    assert every.any()
    assert (census.closest[every] == 1).all()
    assert (census.closest[~every] <= 1).all()
    assert (census.closest[~every] < 1).any()


def test_where_zeros_nearly_meet_it_is_said():
    """Three zeros within 1e-3: rounding decides an index, and the alternating sum is -4 in place of 0."""
    x = [
        1.334319462,
        0.985094138,
        0.493543839,
        -1.367276582,
        -0.679306361,
        -1.001237312,
        1.456336733,
        1.138145401,
        -0.155281617,
        0.954090702,
        -0.36198494,
        -2.169289713,
        0.672689546,
        0.568769469,
        0.430451541,
        0.087367887,
        -0.053910781,
        -0.100510301,
        -0.326350898,
        -1.545390904,
        -0.406476138,
        -0.428180491,
        0.91935753,
        -0.349833847,
    ]
    found = tensor_census(np.reshape(x, (1, 2, 3, 4)))
    assert 1e-8 < found.farthest[0] < 1e-6
    assert found.closest[0] > 0.1
    drawn = tensor_census(np.random.default_rng(0).standard_normal((5000, 2, 3, 4)))
    sure = (drawn.farthest < 1e-9) & (drawn.closest > 1e-4)
    assert sure.mean() > 0.98
    assert ((-1) ** drawn.index * drawn.there).sum(axis=1)[sure].tolist() == [0] * sure.sum()


def test_index_is_that_of_second_differences():
    rng = np.random.default_rng(6)
    x = rng.standard_normal((2, 2, 3))
    census = tensor_census(x[None])
    levels = census.level[0][census.there[0]] * np.sqrt(7)
    # The same points by Newton's method on the gradient, from many starts.
    seen = {}
    for _ in range(300):
        v = [w / np.linalg.norm(w) for w in (rng.standard_normal(n) for n in x.shape)]
        for _ in range(60):
            bases = [np.linalg.svd(w[None])[2][1:] for w in v]
            gradient, hessian = derivatives(x, v, bases)
            step = np.linalg.solve(hessian, gradient)
            moved, at = [], 0
            for w, basis in zip(v, bases, strict=True):
                w = w - step[at : at + len(basis)] @ basis
                moved.append(w / np.linalg.norm(w))
                at += len(basis)
            v = moved
        if np.linalg.norm(gradient) < 1e-10 and value(x, v) > 0:
            seen[round(value(x, v), 6)] = int((np.linalg.eigvalsh(hessian) < 0).sum())
    own = dict(zip(np.round(levels, 6), census.index[0][census.there[0]], strict=True))
    assert seen == own


def derivatives(x, v, bases):
    f = value(x, v)
    blocks = [
        np.einsum("ijk,ai,bj,k->ab", x, bases[0], bases[1], v[2]),
        np.einsum("ijk,ai,j,bk->ab", x, bases[0], v[1], bases[2]),
        np.einsum("ijk,i,aj,bk->ab", x, v[0], bases[1], bases[2]),
    ]
    gradient = np.concatenate(
        [
            np.einsum("ijk,ai,j,k->a", x, bases[0], v[1], v[2]),
            np.einsum("ijk,i,aj,k->a", x, v[0], bases[1], v[2]),
            np.einsum("ijk,i,j,ak->a", x, v[0], v[1], bases[2]),
        ]
    )
    sizes = [len(basis) for basis in bases]
    hessian = np.block(
        [
            [-f * np.eye(sizes[0]), blocks[0], blocks[1]],
            [blocks[0].T, -f * np.eye(sizes[1]), blocks[2]],
            [blocks[1].T, blocks[2].T, -f * np.eye(sizes[2])],
        ]
    )
    return gradient, hessian


@pytest.mark.parametrize("shape", [(2, 2), (3, 3, 3), (2, 1, 3), (2, 3, 2), (2, 4, 5)])
def test_other_shapes_are_named(shape):
    with pytest.raises(InputError, match=r"size|layers"):
        tensor_census(np.zeros((1, *shape)))
