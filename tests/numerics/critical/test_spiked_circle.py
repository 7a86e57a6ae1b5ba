import numpy as np
import pytest

from numerics.core import InputError
from numerics.critical import spiked_census


@pytest.mark.parametrize("p", [2, 3, 4, 7])
def test_levels_and_overlaps_have_the_law_of_the_field(p):
    """Means over points are no law; the function itself is: its values at 0 through a strong spike."""
    found = spiked_census(np.random.default_rng(1), p, 300.0, 4000)
    top = found.there & (found.index == 1) & (found.overlap > 0.99)
    assert (top.sum(axis=1) == 1).all()
    levels = np.sqrt(2) * found.level[top]
    assert levels.mean() == pytest.approx(
        300, abs=0.1
    )  # the spike moves the level by 1/(2 p A) alone
    assert levels.std() == pytest.approx(1, abs=0.06)


@pytest.mark.parametrize(("p", "a"), [(2, 0.0), (3, 0.0), (3, 2.0), (4, -1.0), (5, 1.0)])
def test_minima_and_maxima_alternate(p, a):
    found = spiked_census(np.random.default_rng(2), p, a, 1000)
    numbers = found.there.sum(axis=1)
    assert set(numbers.tolist()) <= set(range(2, 2 * p + 1, 2))
    assert (2 * (found.there & (found.index == 0)).sum(axis=1) == numbers).all()
    if p == 2:
        assert (numbers == 4).all()


def test_other_orders_are_named():
    for p, samples in ((1, 5), (11, 5), (3, 0)):
        with pytest.raises(InputError, match="got"):
            spiked_census(np.random.default_rng(0), p, 0.0, samples)
