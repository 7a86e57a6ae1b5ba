"""Units."""

import math
from functools import partial

import pytest

from numerics import InputError, layer_count, mean_count

P3 = {3: 1.0}


def test_large_n_stays_in_the_log_domain():
    c = mean_count(3000, P3, samples=200, indices=[0])
    # Theta(0) = log(2)/2 and the prefactor is n^{1/2}: beyond the floats.
    assert math.isinf(c.total)
    assert abs(c.log_total / 3000 - math.log(2) / 2) < 0.01
    assert c.by_index == {0: (0.0, 0.0)}
    assert math.isnan(c.log_by_index[0][1])


def test_the_estimate_depends_on_its_arguments_only():
    a, b = (mean_count(5, P3, samples=1000, seed=s) for s in (1, 1))
    assert a == b
    assert a != mean_count(5, P3, samples=1000, seed=2)


@pytest.mark.parametrize(
    "bad",
    [
        {"n": 1},
        {"n": 100_001},
        {"n": 10**30},
        {"samples": 1},
        {"below": float("nan")},
        {"indices": [3]},
        {"indices": [-1]},
        {"coefficients": {1: 1.0}},
    ],
)
def test_bad_input_is_refused(bad):
    with pytest.raises(InputError, match="got"):
        mean_count(**({"n": 3, "coefficients": P3, "samples": 10} | bad))


def test_as_many_spins_as_are_taken():
    assert mean_count(100_000, P3, samples=2).n == 100_000


@pytest.mark.parametrize("count", [partial(mean_count, 3, P3), partial(layer_count, 3, P3, 0)])
@pytest.mark.parametrize("samples", [2**40 + 1, 10**30])
def test_as_many_samples_as_are_taken(count, samples):
    """What would take longer than anyone waits is refused before it is begun."""
    with pytest.raises(InputError, match=r"samples: got .* and <= 1099511627776"):
        count(samples=samples)
