"""Where the quadratures of the total end, and what their error says."""

import math

import numpy as np
import pytest

from theory.finite_n.by_quadrature import _total_window, log_mean_count
from theory.finite_n.integrand import KacRiceConstants, Weight
from theory.goe.spectrum import log_intensity
from theory.model import mixture, pure

MIXED, FIELD = mixture({2: 0.5, 4: 0.5}), mixture({1: 4, 3: 1})


@pytest.mark.parametrize("model", [pure(3), pure(30), MIXED, FIELD], ids=str)
@pytest.mark.parametrize("n", [2, 9, 60, 400])
@pytest.mark.parametrize("below", [None, -1.6, -0.4, 0.7])
def test_the_window_ends_where_the_integrand_has_fallen(model, n, below):
    """By exp(-45), so that nothing is lost, and not much further, so that all panels count."""
    weight = Weight.of(KacRiceConstants.of(model), n, below)
    low, high = _total_window(n, weight)
    y = np.linspace(low, high, 4001)
    logs = log_intensity(n, y) + weight.log(y)
    left, right = logs.max() - logs[0], logs.max() - logs[-1]
    assert 45 < left < 60
    assert 45 < right < 60 or high == weight.end


@pytest.mark.parametrize("n", [10, 100, 1000])
def test_rounding_is_part_of_the_error(n):
    """The sum of n logs of size log n is known to no more, whatever two rules agree to."""
    for below in (None, -1.6, 0.3):
        log, error = log_mean_count(3, n, below)
        assert n * 2**-53 < error < 1e-9
        assert abs(log) * 2**-53 < error
        assert math.isfinite(log)
