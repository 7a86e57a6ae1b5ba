import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from numerics import InputError, goe, sample_goe
from numerics.streams import stream

# Probability of a false alarm of one test; the seeds were not chosen.
ALARM = 1e-6


def half_variance(rng, n, samples):
    """Return the sampler two well-known packages ship: half the variance on the diagonal."""
    d, e = goe.tridiagonal(rng, n, samples)
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
    m = goe.dense(rng, n, 4000)
    assert min(p_values(n, np.einsum("sii->s", m), np.einsum("sij,sij->s", m, m))) > ALARM
    assert min(p_values(n, *traces(*goe.tridiagonal(rng, n, 4000)))) > ALARM
    # tr M then has variance 1/2; chance of escaping the first test at 4000 samples: below 1e-100.
    assert min(p_values(n, *traces(*half_variance(rng, n, 4000)))) < ALARM


@pytest.mark.parametrize("n", [2, 3, 12])
def test_both_samplers_have_one_spectrum(n):
    rng = stream(1, "samplers", n).generator()
    a = goe.eigenvalues_dense(goe.dense(rng, n, 6000))
    b = goe.eigenvalues_tridiagonal(*goe.tridiagonal(rng, n, 6000))
    wrong = goe.eigenvalues_tridiagonal(*half_variance(rng, n, 6000))
    level = ALARM / n
    assert min(stats.ks_2samp(x, y).pvalue for x, y in zip(a.T, b.T, strict=True)) > level
    assert min(stats.ks_2samp(x, y).pvalue for x, y in zip(a.T, wrong.T, strict=True)) < level


def test_entries_have_the_variances_of_the_convention():
    m = goe.dense(stream(2, "entries").generator(), 6, 20000)
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


@given(st.integers(1, 9), st.integers(0, 10**6), st.floats(-2, 2))
def test_log_determinant_and_index_against_lapack(n, seed, shift):
    d, e = goe.tridiagonal(np.random.default_rng(seed), n, 3)
    full = np.zeros((3, n, n))
    i = np.arange(n)
    full[:, i, i] = d - shift
    full[:, i[1:], i[:-1]] = full[:, i[:-1], i[1:]] = e
    log_abs, index = goe.log_determinant(d, e, shift)
    values = np.linalg.eigvalsh(full)
    condition = np.abs(values).max(axis=1) / np.abs(values).min(axis=1)
    assert (np.abs(log_abs - np.linalg.slogdet(full)[1]) < 1e-13 * n * condition).all()
    assert index.tolist() == (values < 0).sum(axis=1).tolist()
    assert (goe.log_determinant(d, e, shift + 10)[1] == n).all()


@given(
    st.lists(st.sampled_from([-1.0, 0.0, 1.0]), min_size=2, max_size=7),
    st.lists(st.sampled_from([0.0, 1.0, 2.0]), min_size=6, max_size=6),
)
def test_vanishing_pivots_do_no_harm(d, e):
    n = len(d)
    e = e[: n - 1]
    matrix = np.diag(d) + np.diag(e, 1) + np.diag(e, -1)
    log_abs, index = goe.log_determinant([d], [e])
    exact = round(np.linalg.det(matrix))  # an integer matrix
    values = np.linalg.eigvalsh(matrix)
    if exact == 0:
        # Exactly -inf, or what rounding leaves of a zero pivot.
        assert log_abs[0] < -30
    else:
        assert log_abs[0] == pytest.approx(np.log(abs(exact)), abs=1e-12)
        assert index[0] == (values < 0).sum()


def test_shifts_can_differ_by_sample():
    d, e = np.zeros((2, 2)), np.ones((2, 1))
    log_abs, index = goe.log_determinant(d, e, [0.0, 3.0])
    np.testing.assert_allclose(np.exp(log_abs), [1.0, 8.0])
    assert index.tolist() == [1, 2]


@pytest.mark.parametrize("method", ["tridiagonal", "dense"])
def test_samples_depend_on_their_number_only(method):
    few, many = (sample_goe(300, samples=s, k=2, method=method, seed=5) for s in (3, 15))
    assert (many[:3] == few).all()
    assert (sample_goe(300, samples=3, k=2, method=method, seed=6) != few).all()
    whole = sample_goe(300, samples=3, method=method, seed=5)
    np.testing.assert_allclose(whole[:, :2], few, atol=1e-12)
    assert (np.diff(whole, axis=1) > 0).all()


@pytest.mark.parametrize(
    "bad", [{"n": 0}, {"n": 2.5}, {"n": 3, "k": 4}, {"n": 3, "k": 0}, {"n": 3, "samples": -1}]
)
def test_bad_input_is_refused(bad):
    with pytest.raises(InputError, match="got"):
        sample_goe(**bad)
    with pytest.raises(InputError, match=r"^method: got 'sparse'"):
        sample_goe(3, method="sparse")
