"""The compiled kernels: laws first, then NumPy references, then that no bit depends on batches."""

import subprocess
import sys

import numpy as np
import pytest
import scipy.linalg
import scipy.special
from hypothesis import given
from hypothesis import strategies as st

from numerics import InputError, sample_goe
from numerics.compiled import LANES
from numerics.compiled.floats import log
from numerics.compiled.philox import U, philox
from numerics.core.streams import key_of, stream
from numerics.goe import samplers
from numerics.goe import tridiagonals as t


def key(*path):
    return key_of(stream(0, "test", *path).generator())


@pytest.mark.parametrize(
    ("counter", "words", "block"),
    [
        ((0,) * 4, (0, 0), "6627e8d5 e169c58d bc57ac4c 9b00dbd8"),
        ((0xFFFFFFFF,) * 4, (0xFFFFFFFF,) * 2, "408f276d 41c83b0e a20bc7c6 6d5451fd"),
        (
            (0x243F6A88, 0x85A308D3, 0x13198A2E, 0x03707344),
            (0xA4093822, 0x299F31D0),
            "d16cfe09 94fdcceb 5001e420 24126ea1",
        ),
    ],
)
def test_philox_gives_its_published_answers(counter, words, block):
    """Random123's known answers for philox4x32-10."""
    got = philox(*map(U, counter), *map(U, words))
    assert " ".join(f"{int(word):08x}" for word in got) == block


def test_the_logarithm_is_right_to_two_ulps():
    x = np.exp(np.random.default_rng(0).uniform(-40, 40, 20_000))
    x = np.concatenate([x, 1 + np.arange(-50, 50) * 2.0**-50, [0.5, 0.7071067811865476, 2.0**-54]])
    exact = np.log(x.astype(np.longdouble))
    error = abs(np.array([log(value) for value in x]) - exact)
    assert (error <= 2 * np.spacing(np.abs(exact).astype(float))).all()


def reference(d, e, shift):
    """Return log |det| and index by the pivots of LDL^T, in NumPy."""
    a = d - shift
    log_abs, index = np.zeros(len(d)), np.zeros(len(d), dtype=int)
    pivot = a[:, 0]
    for j in range(d.shape[1]):
        if j:
            pivot = a[:, j] - e[:, j - 1] ** 2 / pivot
        log_abs += np.log(np.abs(pivot))
        index += pivot < 0
    return log_abs, index


@given(st.integers(1, 200), st.integers(1, 70), st.integers(0, 10**6), st.floats(-2, 2))
def test_sweeps_against_the_pivots(n, samples, seed, shift):
    word = key_of(np.random.default_rng(seed))
    d, e = t.draw(word, n, samples)
    levels = np.stack([np.full(samples, shift), np.linspace(-1.5, 1.5, samples)], axis=1)
    log_abs, index = t.sweep_drawn(word, n, levels)
    for m in range(2):
        expected = reference(d, e, levels[:, m : m + 1].repeat(n, axis=1))
        assert (index[:, m] == expected[1]).all()
        np.testing.assert_allclose(log_abs[:, m], expected[0], atol=1e-9)
        given_log, given_index = t.sweep_given(d, e, levels[:, m])
        np.testing.assert_allclose(given_log, log_abs[:, m], atol=1e-9)
        assert (given_index == index[:, m]).all()


@pytest.mark.parametrize("scale", [1e-150, 1.0, 1e150])
def test_scales_neither_overflow_nor_underflow(scale):
    d, e = t.draw(key("scale"), 3000, 3)
    log_abs, index = t.sweep_given(scale * d, scale * e, np.zeros(3))
    expected = reference(d, e, 0.0)
    np.testing.assert_allclose(log_abs - 3000 * np.log(scale), expected[0], atol=1e-6)
    assert (index == expected[1]).all()
    low = t.lowest_given(scale * d, scale * e, 2)
    np.testing.assert_allclose(low / scale, t.lowest_given(d, e, 2), rtol=1e-15)


def test_graded_and_decoupled_matrices():
    """Off-diagonals that vanish, in fact or in rounding; equal eigenvalues; the zero matrix."""
    rng = np.random.default_rng(1)
    n = 60
    cases = [
        (rng.standard_normal(n), np.zeros(n - 1)),
        (np.zeros(n), np.zeros(n - 1)),
        (np.repeat([1.0, -1.0], n // 2), np.zeros(n - 1)),
        (np.zeros(n), 10.0 ** -np.arange(n - 1)),
        (10.0 ** -np.arange(n), np.zeros(n - 1)),
        (np.arange(n) - 30.0, 1e-9 * np.ones(n - 1)),
        (np.abs(np.arange(n) - 29.5), np.ones(n - 1)),  # Wilkinson: pairs closer than rounding
    ]
    for d, e in cases:
        exact = np.linalg.eigvalsh(np.diag(d) + np.diag(e, 1) + np.diag(e, -1))
        got = t.lowest_given(d[None], e[None], n)[0]
        np.testing.assert_allclose(got, exact, atol=1e-13 * max(1.0, abs(exact).max()))
        assert (np.diff(got) >= 0).all()


@pytest.mark.parametrize("n", [1, 2, 3, 17, 100, 300])
def test_eigenvalues_against_lapack(n):
    d, e = t.draw(key("lapack", n), n, 40)
    full = np.zeros((40, n, n))
    i = np.arange(n)
    full[:, i, i] = d
    full[:, i[1:], i[:-1]] = full[:, i[:-1], i[1:]] = e
    exact = np.linalg.eigvalsh(full)
    np.testing.assert_allclose(t.lowest_given(d, e, n), exact, atol=1e-15 * max(4, n))
    some = t.lowest_given(d, e, max(1, n // 3))
    np.testing.assert_allclose(some, exact[:, : max(1, n // 3)], atol=1e-15 * max(4, n))


@pytest.mark.parametrize(("n", "k"), [(200, 1), (1000, 5), (5000, 2), (1000, 40)])
def test_the_edge_decides_the_lowest_eigenvalues(n, k):
    """Truncation is an error below the rounding; a margin of 5 edge units instead of 13 is seen."""
    samples = 2000 if k < 10 else 200
    whole = t.lowest_drawn(key("edge"), n, samples, k, rows=n)
    rows = t.edge_rows(n, k)
    assert np.abs(t.lowest_drawn(key("edge"), n, samples, k) - whole).max() < 1e-15
    short = t.lowest_drawn(key("edge"), n, samples, k, rows=rows - int(8 * n ** (1 / 3)))
    # Deep in the spectrum the corner confines more than a linear slope does.
    assert np.abs(short - whole).max() > (1e-9 if k < 10 else 1e-12)
    assert (short > whole - 1e-15).all()  # Cauchy: a cut only raises


def test_cut_rows_hold_a_certificate():
    """Without the full matrix: padded with zeros, a vector of the cut matrix is one of T but for a
    residual e |v_last|; T has an eigenvalue within that, and within its square over the gap."""
    n, k = 10**6, 3
    unit = n ** (-2 / 3) / 2**0.5
    for margin, holds in ((0, True), (9, False)):
        rows = t.edge_rows(n, k) - margin * 100
        d, off = t.draw(key("residual"), n, 20, rows=rows + 1)
        low = t.lowest_given(d[:, :rows], off[:, : rows - 1], k)
        residual = []
        for diagonal, e, values in zip(d, off, low, strict=True):
            found, vectors = scipy.linalg.eigh_tridiagonal(
                diagonal[:rows], e[: rows - 1], select="i", select_range=(0, k - 1)
            )
            np.testing.assert_allclose(values, found, atol=2e-15)
            residual.append(e[-1] * abs(vectors[-1]).max())
        assert (max(residual) < 1e-6 * unit) == holds


@pytest.mark.parametrize("n", [5, 63, 64, 129])
def test_no_bit_depends_on_the_batch(n):
    word, samples = key("bits", n), 2 * LANES + 5
    d, off = t.draw(word, n, samples)
    levels = np.linspace(-1, 1, 3 * samples).reshape(samples, 3)
    swept = t.sweep_drawn(word, n, levels)
    low = t.lowest_drawn(word, n, samples, 3)
    for first, count in ((0, 1), (LANES, 7), (3, LANES), (samples - 1, 1)):
        some = slice(first, first + count)
        again = t.draw(word, n, count, first=first)
        assert (again[0] == d[some]).all()
        assert (again[1] == off[some]).all()
        for a, b in zip(t.sweep_drawn(word, n, levels[some], first=first), swept, strict=True):
            assert (a == b[some]).all()
        assert (t.lowest_drawn(word, n, count, 3, first=first) == low[some]).all()
        one = t.sweep_drawn(word, n, levels[some, 1:2], first=first)
        assert (one[0][:, 0] == swept[0][some, 1]).all()
        assert (t.lowest_given(d[some], off[some], 3) == t.lowest_given(d, off, 3)[some]).all()
    assert (t.draw(word, n, samples, rows=3)[0] == d[:, :3]).all()
    assert (t.draw(key("bits", n, 1), n, samples)[0] != d).all()


@pytest.mark.parametrize(
    "name", ["numerics", "numerics.goe.samplers", "numerics.kac_rice.monte_carlo"]
)
def test_importing_loads_no_numba(name):
    code = f"import sys, {name}; print('numba' in sys.modules)"
    left = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert left.stdout.strip() == "False"


def test_bad_input_is_refused():
    with pytest.raises(InputError, match=r"^n: got 4294967296"):
        sample_goe(2**32, k=1)
    for d, e in (([[0.0, np.nan]], [[1.0]]), ([[0.0, 0.0]], [[np.inf]])):
        with pytest.raises(InputError, match=r"^matrix: got .* finite"):
            samplers.eigenvalues_tridiagonal(d, e, lowest=1)
        with pytest.raises(InputError, match=r"^matrix: got .* finite"):
            samplers.log_determinant(d, e)
    for d, e in (([0.0, 1.0], [1.0]), ([[0.0, 1.0]], [[1.0, 2.0]]), ([[0.0, 1.0]], [[1.0]] * 2)):
        with pytest.raises(InputError, match=r"diagonals: got .* shape"):
            samplers.eigenvalues_tridiagonal(d, e)
        with pytest.raises(InputError, match=r"diagonals: got .* shape"):
            samplers.log_determinant(d, e)


@pytest.mark.parametrize(("n", "samples"), [(1, 3), (2, 40), (64, 33), (65, 1), (200, 70)])
def test_traces_are_those_of_the_matrices_that_are_swept(n, samples):
    """Beside determinants that are the same as without them, at every level."""
    d, off = t.draw(key("traces", n), n, samples)
    levels = np.linspace(-1, 1, 2 * samples).reshape(samples, 2)
    log_abs, index, traces = t.sweep_traced(key("traces", n), n, levels)
    plain = t.sweep_drawn(key("traces", n), n, levels)
    assert (log_abs == plain[0]).all()
    assert (index == plain[1]).all()
    square = (d**2).sum(axis=1) + 2 * (off**2).sum(axis=1)
    np.testing.assert_allclose(traces, np.stack([d.sum(axis=1), square], axis=1), atol=1e-13)


@pytest.mark.parametrize("k", [1, 2, 5, 40])
def test_rows_that_are_kept_reach_thirteen_units_beyond_a_zero_of_airy(k):
    """The zero within a hundredth of a unit, rows in units of n^{1/3}; never more rows than there are."""
    zero = -scipy.special.ai_zeros(k)[0][-1]
    for n in (10**6, 10**9):
        rows = t.edge_rows(n, k)
        assert abs(rows / n ** (1 / 3) - zero - 13) < 0.03
        buffers = [np.empty((rows, LANES)) for _ in range(2)]
        assert t.work_space(n, k) == sum(buffer.nbytes for buffer in buffers)
    for n in (1, 2, 50):
        assert t.edge_rows(n, min(k, n)) == n
    # More eigenvalues than rows that decide them: all of these.
    assert t.lowest_drawn(key("few"), 60, 2, 55, rows=3).shape == (2, 55)


def test_counters_are_full_at_two_to_the_thirty_two():
    few = t.lowest_drawn(key("last"), 2**32 - 1, 2, 1, rows=5, first=2**32 - 2)
    assert few.shape == (2, 1)
    for call in (
        lambda: t.lowest_drawn(key("last"), 5, 2, 1, first=2**32 - 1),
        lambda: t.draw(key("last"), 5, 2, first=2**32 - 1),
        lambda: t.sweep_drawn(key("last"), 5, np.zeros((2, 1)), first=2**32 - 1),
    ):
        with pytest.raises(InputError, match=r"^samples: got 4294967297; takes at most"):
            call()
    with pytest.raises(InputError, match=r"^n: got 4294967296; takes an integer below"):
        t.draw(key("last"), 2**32, 1, rows=1)


def test_no_matrices_have_no_eigenvalues():
    assert t.lowest_given(np.empty((0, 3)), np.empty((0, 2)), 2).shape == (0, 2)
    log_abs, index = t.sweep_given(np.empty((0, 3)), np.empty((0, 2)), np.empty(0))
    assert log_abs.shape == index.shape == (0,)
    with pytest.raises(InputError, match=r"^diagonals: got"):
        t.lowest_given(np.empty((2, 0)), np.empty((2, 0)), 1)
    with pytest.raises(InputError, match=r"^shift: got"):
        t.sweep_given(np.zeros((2, 3)), np.zeros((2, 2)), np.zeros(3))


def test_an_eigenvalue_at_the_shift_is_not_below_it():
    """Where the last minor vanishes, and of one row too: the zero is at the shift."""
    log_abs, index = t.sweep_given(
        np.array([[2.0]] * 3), np.empty((3, 0)), np.array([1.0, 2.0, 3.0])
    )
    assert log_abs.tolist() == [0.0, -np.inf, 0.0]
    assert index.tolist() == [0, 0, 1]
    d, off = np.array([[0.0, 0.0], [1.0, 4.0]]), np.array([[1.0], [2.0]])
    for shifts, below in (([-1.0, 0.0], [0, 0]), ([1.0, 5.0], [1, 1])):  # of -1, 1; of 0, 5
        log_abs, index = t.sweep_given(d, off, np.array(shifts))
        assert (log_abs == -np.inf).all()
        assert index.tolist() == below


def test_a_level_at_the_one_entry_of_a_drawn_matrix():
    """The determinant is zero there, and of modulus one a unit beside."""
    d, _ = t.draw(key("one"), 1, 40)
    for far, below in ((0.0, 0), (1.0, 0), (-1.0, 1)):
        log_abs, index = t.sweep_drawn(key("one"), 1, d - far)
        if far == 0:
            assert (log_abs == -np.inf).all()
        else:
            np.testing.assert_allclose(log_abs, 0.0, atol=1e-15)
        assert (index == below).all()
