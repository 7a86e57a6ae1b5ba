"""Importance sampling of few eigenvalues below a level, against plain draws and what is refused."""

import numpy as np
import pytest

from numerics.core.backend import InputError
from numerics.layers import index_weights


def plain(sizes, level, draws, most):
    """Means of |det(G - f)| by index, and standard errors, from draws of G."""
    layer = np.repeat(np.arange(len(sizes)), np.array(sizes) - 1)
    size = len(layer)
    g = np.tril(np.random.default_rng(5).standard_normal((draws, size, size)))
    g *= layer[:, None] != layer
    apart = np.linalg.eigvalsh(g + g.swapaxes(1, 2)) - level
    values, index = np.abs(apart.prod(axis=1)), (apart < 0).sum(axis=1)
    each = [values * (index == k) for k in range(most + 1)]
    return [(x.mean(), x.std() / draws**0.5) for x in each]


@pytest.mark.parametrize(
    ("sizes", "level"), [((3, 4, 5), -3.5), ((3, 3, 3, 3), -3.5), ((3, 3, 6), -2.5)]
)
def test_means_are_those_of_plain_draws(sizes, level):
    for k, (mean, error) in enumerate(plain(sizes, level, 40_000, 2)):
        weights = np.exp(index_weights(np.random.default_rng(k), sizes, k, level, 5_000))
        spread = np.hypot(error, weights.std() / len(weights) ** 0.5)
        assert abs(weights.mean() - mean) < 4.5 * spread
        assert spread < 0.2 * mean or k == 2


def test_rare_indices_are_resolved():
    """Ratios of e^-16, e^-36 and e^-63 to minima, from a few hundred draws each."""
    rng = np.random.default_rng(1)
    means = []
    for k in range(4):
        weights = index_weights(rng, [9, 9, 9], k, -10.4, 400)
        top = weights.max()
        scaled = np.exp(weights - top)
        assert scaled.std() / scaled.mean() / 20 < 0.35
        means.append(top + np.log(scaled.mean()))
    assert np.allclose(np.array(means[1:]) - means[0], [-15.19, -36.2, -62.9], atol=0.8)


def test_bad_input_is_named():
    rng = np.random.default_rng(0)
    for sizes, k, level, said in (
        ([5, 5], 1, -3.0, "sizes"),
        ([5, 5, 3], 3, -3.0, "sizes"),
        ([5, 5, 1], 0, -3.0, "sizes"),
        ([5, 5, 5], -1, -3.0, "k"),
        ([5, 5, 5], 1, 0.0, "level"),
    ):
        with pytest.raises(InputError, match=said):
            index_weights(rng, sizes, k, level, 10)
    with pytest.raises(InputError, match="samples"):
        index_weights(rng, [5, 5, 5], 1, -3.0, 0)
