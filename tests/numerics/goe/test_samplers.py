"""Units."""

import tracemalloc

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from numerics import InputError, sample_goe
from numerics.core.streams import stream
from numerics.goe import samplers, tridiagonals


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


@pytest.mark.parametrize(("n", "samples"), [(64, 300), (3, 200_000), (1100, 1)])
def test_dense_matrices_take_no_more_memory_than_is_asked_for(n, samples, monkeypatch):
    """And more than half of that."""
    asked = []
    monkeypatch.setattr(samplers, "check_memory", lambda *given: asked.append(given[1]))
    tracemalloc.start()
    sample_goe(n, samples, method="dense")
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < asked[0] < 2 * peak


def test_results_and_work_spaces_are_what_memory_is_asked_for(monkeypatch):
    n, k, samples = 10**6, 3, 10
    rows = 2 * 8 * 32 * tridiagonals.edge_rows(n, k)
    for workers in (1, 3):
        needed = 8 * samples * k + workers * rows
        assert sample_goe(n, samples, k, workers=workers, memory=needed).shape == (samples, k)
        with pytest.raises(InputError, match=r"^memory: got .* for 10 samples at n = 1000000"):
            sample_goe(n, samples, k, workers=workers, memory=needed - 1)


@pytest.mark.parametrize(("n", "samples"), [(300, 12), (1100, 2), (1, 3)])
def test_dense_matrices_are_drawn_in_chunks_of_a_million_numbers(n, samples):
    """Each from the counter of its number, however few are asked for."""
    step = max(1, 2**20 // n**2)
    source = stream(3, "goe", "dense", n)
    chunks = [samplers.dense(source.generator(i), n, step) for i in range(-(-samples // step))]
    values = np.linalg.eigvalsh(np.concatenate(chunks)[:samples])
    found = sample_goe(n, samples, k=1, method="dense", seed=3)
    np.testing.assert_allclose(found, values[:, :1], atol=1e-12)


def test_one_matrix_of_seed_zero_is_drawn_by_default():
    whole = sample_goe(5)
    assert whole.shape == (1, 5)
    assert (whole == sample_goe(5, samples=1, seed=0, k=5)).all()
    assert sample_goe(5, samples=0).shape == (0, 5)
    with pytest.raises(InputError, match=r"^lowest: got"):
        samplers.eigenvalues_tridiagonal([[0.0, 0.0]], [[1.0]], lowest=3)
    with pytest.raises(InputError, match=r"^lowest: got"):
        samplers.eigenvalues_tridiagonal([[0.0, 0.0]], [[1.0]], lowest=0)
    with pytest.raises(InputError, match=r"^lowest: got"):
        samplers.eigenvalues_tridiagonal(1.0, [[1.0]])
