"""Where the quadratures of the total end, and what their error says."""

import math

import numpy as np
import pytest

from theory.finite_n.by_quadrature import _beyond, _total_window, log_count, log_mean_count
from theory.finite_n.critical_points import CriticalPoints
from theory.finite_n.integrand import KacRiceConstants, Weight
from theory.goe import kth_density
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


@pytest.mark.parametrize(
    ("model", "n"), [(pure(3), 30), (mixture({2: 1, 1: 0.1}), 30), (FIELD, 12)], ids=str
)
@pytest.mark.parametrize("k", [0, 1, 2])
def test_an_index_counts_as_many_as_that_from_the_other_end(model, n, k):
    """-H has the law of H; the search begins near the bulk's other end and needs no balls."""
    (low, error), (high, other) = (
        log_count(CriticalPoints.of(model, n, i, None)) for i in (k, n - 1 - k)
    )
    assert abs(low - high) < error + other < 1e-9


def test_no_panel_is_asked_of_balls_that_the_count_does_not_need(monkeypatch):
    """What lies beyond the last panel is bounded by the slope at its end, and is part of the error."""

    def balls(*_):
        raise AssertionError

    monkeypatch.setattr(kth_density, "log_density_balls", balls)
    for model, n, k in ((pure(3), 5, 0), (FIELD, 4, 0), (FIELD, 60, 0), (pure(3), 24, 5)):
        kth_density.panel.cache_clear()
        log, error = log_count(CriticalPoints.of(model, n, k, None))
        assert math.isfinite(log)
        assert 0 < error < 1e-9


def test_what_lies_beyond_an_end_is_bounded_by_its_slope():
    """exp(-3 x) from 2 on; nothing is known where the integrand does not fall."""
    assert _beyond(-6.0, -4.5, 0.5) == pytest.approx(math.log(math.exp(-6) / 3))
    assert _beyond(-6.0, -6.0, 0.0) == _beyond(-6.0, -7.0, 0.5) == math.inf
