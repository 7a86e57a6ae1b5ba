"""Laws of goe samplers, by samples; a wrong law beside each must fail."""

import numpy as np
import pytest
from scipy import stats

from numerics import sample_goe
from numerics.core.streams import stream
from numerics.goe import samplers

# Probability of a false alarm of one test; the seeds were not chosen.
ALARM = 1e-6


def half_variance(rng, n, samples):
    """Return the sampler two well-known packages ship: half the variance on the diagonal."""
    d, e = samplers.tridiagonal(rng, n, samples)
    return d / np.sqrt(2), e


def traces(d, e):
    """Return tr M and tr M^2 of tridiagonal matrices."""
    return d.sum(axis=1), (d**2).sum(axis=1) + 2 * (e**2).sum(axis=1)


def p_values(n, tr, tr2):
    """Return p-values of the exact laws tr M ~ N(0, 1), n tr M^2 ~ chi2 with n(n+1)/2 degrees.

    The density is exp(-(n/2) tr M^2): the n(n+1)/2 independent entries, weighed by it, are standard
    normal, and tr M is a sum of n entries of variance 1/n.
    """
    two_sided = stats.chi2(len(tr)).cdf((tr**2).sum())
    return (
        2 * min(two_sided, 1 - two_sided),
        stats.kstest(tr, "norm").pvalue,
        stats.kstest(n * tr2, stats.chi2(n * (n + 1) / 2).cdf).pvalue,
    )


@pytest.mark.parametrize("n", [1, 2, 5, 40])
def test_traces_follow_their_exact_laws(n):
    rng = stream(0, "traces", n).generator()
    m = samplers.dense(rng, n, 4000)
    assert min(p_values(n, np.einsum("sii->s", m), np.einsum("sij,sij->s", m, m))) > ALARM
    assert min(p_values(n, *traces(*samplers.tridiagonal(rng, n, 4000)))) > ALARM
    # tr M then has variance 1/2; chance of escaping the first test at 4000 samples: below 1e-100.
    assert min(p_values(n, *traces(*half_variance(rng, n, 4000)))) < ALARM


@pytest.mark.parametrize("n", [2, 3, 12])
def test_both_samplers_have_one_spectrum(n):
    rng = stream(1, "samplers", n).generator()
    a = samplers.eigenvalues_dense(samplers.dense(rng, n, 6000))
    b = samplers.eigenvalues_tridiagonal(*samplers.tridiagonal(rng, n, 6000))
    wrong = samplers.eigenvalues_tridiagonal(*half_variance(rng, n, 6000))
    level = ALARM / n
    assert min(stats.ks_2samp(x, y).pvalue for x, y in zip(a.T, b.T, strict=True)) > level
    assert min(stats.ks_2samp(x, y).pvalue for x, y in zip(a.T, wrong.T, strict=True)) < level


def test_entries_have_the_variances_of_the_convention():
    m = samplers.dense(stream(2, "entries").generator(), 6, 20000)
    on, off = np.einsum("sii->si", m).ravel(), m[:, *np.triu_indices(6, 1)].ravel()
    for x, variance in ((on, 1 / 6), (off, 1 / 12)):
        right, wrong = (
            stats.chi2(x.size).cdf((x**2).sum() / v) for v in (variance, 1.05 * variance)
        )
        assert ALARM < right < 1 - ALARM
        assert wrong < ALARM


def test_the_edge_is_at_sqrt_two():
    lowest = sample_goe(400, samples=100, k=1, seed=3)[:, 0]
    # The mean of the lowest eigenvalue is -sqrt 2 + 1.2065 / (sqrt 2 n^{2/3}), its scale 1.268.
    expected = -np.sqrt(2) + 1.2065 / (np.sqrt(2) * 400 ** (2 / 3))
    error = 1.268 / (np.sqrt(2) * 400 ** (2 / 3)) / 10
    assert abs(lowest.mean() - expected) < 5 * error + 1 / 400
    assert abs(lowest.mean() + 2) > 0.5
