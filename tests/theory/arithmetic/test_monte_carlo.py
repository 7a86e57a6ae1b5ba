"""When drawing ends, and what it says of the mean."""

import itertools
import math

import numpy as np
import pytest

from theory.arithmetic.monte_carlo import mean_until


def batches(*values):
    """Draws that come one batch after the other, the last for ever."""
    given = itertools.chain(values, itertools.repeat(values[-1]))
    return lambda: np.array(next(given), dtype=float)


def test_mean_and_error_are_those_of_all_draws():
    drawn = [1.0, 4.0, 2.0], [3.0, 3.5, 0.5]
    mean, error, draws = mean_until(batches(*drawn), 1e-9, 6)
    every = np.concatenate(drawn)
    assert (mean, draws) == (pytest.approx(every.mean()), 6)
    assert error == pytest.approx(every.std() / math.sqrt(5))


def test_it_ends_where_the_error_is_small():
    mean, error, draws = mean_until(batches([1.0, 1.2], [1.1, 1.1]), 0.05, 10**6)
    assert (mean, draws) == (pytest.approx(1.1), 4)
    assert 0 < error <= 0.05 * mean


def test_equal_draws_have_no_error():
    assert mean_until(batches([2.0, 2.0, 2.0]), 1e-3, 100) == (2.0, 0.0, 3)


def test_where_all_is_zero_it_gives_up_after_a_thirty_second():
    assert mean_until(batches(np.zeros(10)), 0.1, 3200) == (0.0, 0.0, 110)


def test_what_is_negative_is_never_small():
    assert mean_until(batches([-1.0, -1.0]), 0.5, 9)[2] == 8
