"""Laws of goe tridiagonals, by samples; a wrong law beside each must fail."""

import numpy as np
import pytest
from scipy import stats

from numerics import sample_goe
from numerics.core.streams import key_of, stream
from numerics.goe import samplers
from numerics.goe import tridiagonals as t

ALARM = 1e-6  # probability of a false alarm of one test; the seeds were not chosen


def key(*path):
    return key_of(stream(0, "test", *path).generator())


@pytest.mark.parametrize("n", [2, 3, 4, 9, 1000, 10**9])
def test_rows_have_their_laws(n):
    """N(0, 1) and chi^2 to Kolmogorov and in the variance, and independent.

    At 4e5 rows the chi-square test refutes a variance 2 % off with power above 0.99, Kolmogorov's
    a normal law 1 % wider too: sup |F - G| = 0.0024 there, 1.5 sqrt(samples) standard units.
    """
    samples = 400_000
    d, off = t.draw(key("rows", n), n, samples, rows=min(n, 3))
    x = d * np.sqrt(n)
    for column in x.T:
        below = stats.chi2(samples).cdf((column**2).sum())
        assert ALARM < below < 1 - ALARM
        assert stats.kstest(column, "norm").pvalue > ALARM
    below = stats.chi2(samples).cdf((x[:, 0] ** 2).sum() / 1.02)
    assert not ALARM < below < 1 - ALARM
    for j, column in enumerate(off.T):
        degrees = n - 1 - j
        chi = stats.chi2(degrees) if degrees < 10**6 else stats.norm(degrees, (2 * degrees) ** 0.5)
        square = 2 * n * column**2
        assert stats.kstest(square, chi.cdf).pvalue > ALARM
        # The next number of degrees is told apart where that is a difference.
        if degrees < 1000:
            assert stats.kstest(square, stats.chi2(degrees + 1).cdf).pvalue < ALARM
        # A normal pair and its chi square come from one block: products of odd and even powers.
        for a in (x[:, j], x[:, j] ** 2 - 1):
            for b in (x[:, j + 1], square, square**2, x[:, j + 1] ** 2):
                r = np.corrcoef(a, b)[0, 1]
                assert abs(r) * samples**0.5 < 6


def test_a_corner_block_of_the_tail_is_the_same_law():
    """The last rows, with one, two and three degrees, seen whole at n = 4: tr M^2 is chi-square."""
    d, off = t.draw(key("whole"), 4, 200_000)
    square = 4 * ((d**2).sum(axis=1) + 2 * (off**2).sum(axis=1))
    assert stats.kstest(square, stats.chi2(10).cdf).pvalue > ALARM
    half = 4 * ((d**2).sum(axis=1) / 2 + 2 * (off**2).sum(axis=1))
    assert stats.kstest(half, stats.chi2(10).cdf).pvalue < ALARM


def test_the_edge_law_at_a_million_and_a_billion():
    """Mean -1.2065336 and variance 1.6077810 of Tracy and Widom's F_1; those of F_2 are refuted."""
    for n, samples in ((10**6, 8000), (10**9, 800)):
        low = sample_goe(n, samples, k=1, seed=4)[:, 0]
        s = -(low + 2**0.5) * 2**0.5 * n ** (2 / 3)
        error = (1.6077810 / samples) ** 0.5
        assert abs(s.mean() + 1.2065336) < 5 * error
        assert abs(s.mean() + 1.7710868) > 8 * error
        assert abs(s.var() / 1.6077810 - 1) < 6 * (2.2 / samples) ** 0.5


def test_indices_have_the_law_of_dense_matrices():
    """Numbers of eigenvalues below a level, dense and swept: one law; another level is refuted."""
    n, samples = 12, 20_000
    values = samplers.eigenvalues_dense(samplers.dense(stream(1, "index").generator(), n, samples))
    dense = np.bincount((values < -0.3).sum(axis=1), minlength=n + 1)
    for level, same in ((-0.3, True), (-0.25, False)):
        _, index = t.sweep_drawn(key("index"), n, np.full((samples, 1), level))
        swept = np.bincount(index[:, 0], minlength=n + 1)
        seen = dense + swept > 10
        p = stats.chi2_contingency(np.stack([dense, swept])[:, seen]).pvalue
        assert (p > ALARM) == same
