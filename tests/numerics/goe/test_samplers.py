"""Units."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from numerics import InputError, sample_goe
from numerics.goe import samplers


@given(st.integers(1, 9), st.integers(0, 10**6), st.floats(-2, 2))
def test_log_determinant_and_index_against_lapack(n, seed, shift):
    d, e = samplers.tridiagonal(np.random.default_rng(seed), n, 3)
    full = np.zeros((3, n, n))
    i = np.arange(n)
    full[:, i, i] = d - shift
    full[:, i[1:], i[:-1]] = full[:, i[:-1], i[1:]] = e
    log_abs, index = samplers.log_determinant(d, e, shift)
    values = np.linalg.eigvalsh(full)
    condition = np.abs(values).max(axis=1) / np.abs(values).min(axis=1)
    assert (np.abs(log_abs - np.linalg.slogdet(full)[1]) < 1e-13 * n * condition).all()
    assert index.tolist() == (values < 0).sum(axis=1).tolist()
    assert (samplers.log_determinant(d, e, shift + 10)[1] == n).all()


@given(
    st.lists(st.sampled_from([-1.0, 0.0, 1.0]), min_size=2, max_size=7),
    st.lists(st.sampled_from([0.0, 1.0, 2.0]), min_size=6, max_size=6),
)
def test_vanishing_pivots_do_no_harm(d, e):
    n = len(d)
    e = e[: n - 1]
    matrix = np.diag(d) + np.diag(e, 1) + np.diag(e, -1)
    log_abs, index = samplers.log_determinant([d], [e])
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
    log_abs, index = samplers.log_determinant(d, e, [0.0, 3.0])
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
