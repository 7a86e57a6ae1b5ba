"""Units."""

import tracemalloc

import pytest

from numerics import InputError, layer_count, mean_count

P3 = {3: 1.0}


def test_the_estimate_depends_on_its_arguments_only():
    a = layer_count(6, P3, 1, 1000, seed=1)
    assert a == layer_count(6, P3, 1, 1000, seed=1)
    assert a != layer_count(6, P3, 1, 1000, seed=2)


@pytest.mark.parametrize("estimate", [mean_count, lambda *a: layer_count(*a[:2], 1, a[2])])
def test_memory_does_not_grow_with_the_samples(estimate):
    peaks = []
    estimate(40, P3, 1000)
    for samples in (20_000, 200_000):
        tracemalloc.start()
        estimate(40, P3, samples)
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    assert peaks[1] < 1.2 * peaks[0] + 1e5


@pytest.mark.parametrize(
    "bad",
    [
        {"n": 1},
        {"k": 3},
        {"k": -1},
        {"samples": 1},
        {"below": float("inf")},
        {"coefficients": {1: 1.0}},
    ],
)
def test_bad_input_is_refused(bad):
    with pytest.raises(InputError, match="got"):
        layer_count(**({"n": 3, "coefficients": P3, "k": 0} | bad))
