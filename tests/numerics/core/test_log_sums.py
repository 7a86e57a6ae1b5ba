import math

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from numerics.core.log_sums import LogSums

samples = st.lists(st.tuples(st.floats(-5, 5), st.integers(0, 2)), max_size=20)


def summary(pairs, shift=0.0):
    x = np.array([w + shift for w, _ in pairs], dtype=float)
    return LogSums.empty(3).add(x, np.array([k for _, k in pairs], dtype=np.int64))


@given(samples, samples, st.sampled_from([0.0, -2000.0, 2000.0]))
def test_merged_parts_are_the_whole(a, b, shift):
    parts, whole = summary(a, shift).merge(summary(b, shift)), summary(a + b, shift)
    assert parts.top == whole.top
    np.testing.assert_allclose(parts.first, whole.first, rtol=1e-12)
    np.testing.assert_allclose(parts.second, whole.second, rtol=1e-12)


@given(samples.filter(lambda pairs: len(pairs) > 1), st.sampled_from([0.0, -2000.0, 2000.0]))
def test_means_and_errors_are_those_of_the_weights(pairs, shift):
    found = summary(pairs, shift)
    for k in (None, 0, 1, 2):
        x = np.array([math.exp(w) * (k in (None, i)) for w, i in pairs])
        log_mean, relative = found.log_mean(len(pairs), k)
        if not x.any():
            assert log_mean == -math.inf
            assert math.isnan(relative)
            continue
        np.testing.assert_allclose(log_mean - shift, math.log(x.mean()), atol=1e-10)
        expected = x.std(ddof=1) / math.sqrt(len(x)) / x.mean()
        np.testing.assert_allclose(relative, expected, atol=1e-6)


def test_a_weight_that_is_no_number_is_not_lost():
    bad = LogSums.empty(3).add(np.array([0.0, math.nan]), np.array([0, 0]))
    for sums in (bad, bad.merge(summary([(1.0, 0)])), summary([(1.0, 0)]).merge(bad)):
        assert math.isnan(sums.log_mean(3)[0])
