"""The lowest eigenvalues from inside: brackets, the order of convergence, the last bits."""

from itertools import pairwise

import numpy as np
import pytest

from numerics.compiled import LANES, eigenvalues
from numerics.core.streams import key_of
from numerics.goe import tridiagonals


def matrices(n, seed=1):
    """As many matrices of GOE(n) as are computed at once."""
    return tridiagonals.draw(key_of(np.random.default_rng(seed)), n, LANES)


def full(d, off):
    """The same as square matrices."""
    n = d.shape[1]
    out = np.zeros((len(d), n, n))
    i = np.arange(n)
    out[:, i, i] = d
    out[:, i[1:], i[:-1]] = out[:, i[:-1], i[1:]] = off
    return out


class Run:
    """A tile interpreted, sweep by sweep, on the machine code of the sweeps; as `lowest_given` asks."""

    def __init__(self, d, off, k, monkeypatch):
        levels, sweep, tile = [], eigenvalues.sweep, eigenvalues._lowest_tile.py_func

        def watched(rows, squares, count, x, *rest):
            levels.append(x.copy())
            assert len(levels) < 60 * k  # bisection alone would have ended
            sweep(rows, squares, count, x, *rest)

        def kept(*given):
            tile(*given)
            self._matrix, (self.ends, self.values, self.counts, self.exponents) = (
                given[:2],
                given[4:],
            )

        with monkeypatch.context() as patched, np.errstate(all="ignore"):
            patched.setattr(eigenvalues, "sweep", watched)
            patched.setattr(eigenvalues, "_lowest_tile", kept)
            patched.setattr(eigenvalues, "lowest_given", eigenvalues.lowest_given.py_func)
            self.found = tridiagonals.lowest_given(d, off, k).T
        # The kernel takes entries of order 1.
        self.scale = 2.0 ** np.frexp(max(np.abs(d).max(), np.abs(off).max(initial=0)))[1]
        self.levels = self.scale * np.array(levels)
        self.ends *= self.scale

    def swept(self, x):
        """Moduli of determinants at levels, their exponents, and the numbers of eigenvalues below."""
        p0, p1 = np.empty((2, LANES))
        exponent, count = np.empty((2, LANES), np.int64)
        eigenvalues.begin(p0, p1, exponent, count)
        rows, squares = self._matrix
        eigenvalues.sweep(rows, squares, len(rows), x / self.scale, p0, p1, exponent, count)
        return np.abs(p1), exponent, count

    @property
    def sweeps(self):
        """How many each matrix needed: then its level stays where it is."""
        moved = self.levels[1:] != self.levels[:-1]
        return len(moved) + 1 - np.argmax(moved[::-1], axis=0)


@pytest.mark.parametrize(
    ("n", "k", "most"), [(3, 3, 9.3), (30, 1, 15.6), (30, 30, 9.73), (200, 2, 14.75)]
)
def test_few_sweeps_an_eigenvalue(n, k, most, monkeypatch):
    """In the mean; bisection alone, which gains a bit a sweep, would take 50 for each."""
    d, off = matrices(n)
    run = Run(d, off, k, monkeypatch)
    assert run.sweeps.mean() / k < most


def test_what_is_interpreted_is_what_is_compiled(monkeypatch):
    d, off = matrices(12)
    assert (tridiagonals.lowest_given(d, off, 5) == Run(d, off, 5, monkeypatch).found.T).all()


def test_the_last_steps_are_superlinear(monkeypatch):
    """Of inverse quadratic steps the error falls to its power 1.84; of the secant's, 1.62."""
    d, off = matrices(40)
    run = Run(d, off, 1, monkeypatch)
    exact = np.linalg.eigvalsh(full(d, off))[:, 0]
    error = np.abs(run.levels - exact)
    better = []
    for w in range(LANES):
        e = error[:, w]
        e = e[(e < 1e-2) & (e > 1e-14)]
        best = np.minimum.accumulate(e)
        better += [np.log(b) / np.log(a) for a, b in pairwise(best) if a < 1e-3]
    assert np.mean(better) > 1.45


@pytest.mark.parametrize(("n", "k"), [(1, 1), (2, 1), (2, 2), (25, 4), (25, 25)])
def test_brackets_are_certified_by_counts(n, k, monkeypatch):
    """No more than i eigenvalues are below the lower end, more than i below the upper one; each with
    the determinant there."""
    d, off = matrices(n)
    run = Run(d, off, k, monkeypatch)
    exact = np.linalg.eigvalsh(full(d, off)).T
    norm = np.abs(exact).max(axis=0)
    assert (np.abs(run.found - exact[:k]) < 4e-15 * max(1, norm.max())).all()
    assert (run.ends[0] <= run.found).all()
    assert (run.found <= run.ends[1]).all()
    for side in range(2):
        for i in range(k):
            level, count = run.ends[side, i], run.counts[side, i]
            seen = count >= 0
            assert seen.any()
            value, exponent, below = run.swept(level)
            assert (below == count)[seen].all()
            assert (count <= i if side == 0 else count > i)[seen].all()
            own = count == (i if side == 0 else i + 1)  # not that of a neighbour
            assert (run.values[side, i] == value)[own].all()
            assert (run.exponents[side, i] == exponent)[own].all()
    # The first level of all is Gershgorin's bound, by rounding alone below it.
    reach = np.abs(full(d, off)).sum(axis=2).max(axis=1)
    np.testing.assert_allclose(-run.levels[0], reach, rtol=1e-11)
    assert (-run.levels[0] > reach).all()


def test_determinants_however_far_apart_have_a_ratio():
    """Powers of two exactly, to 2^990; beyond that what stays finite and keeps its sign."""
    assert tridiagonals.lowest_given(np.array([[1.0]]), np.empty((1, 0)), 1) == 1.0
    one = eigenvalues._scaled(1.5, 7, 7)
    for far in (-990, -500, -1, 1, 500, 990):
        assert eigenvalues._scaled(1.5, far, 0) / one == 2.0**far
    for far in (1500, 2000, 3000, 10**6, 2**40):
        assert 0 < eigenvalues._scaled(1.5, -far, 0) / one < 2.0**-990
        assert 2.0**990 < eigenvalues._scaled(1.5, far, 0) < np.inf
        assert -np.inf < eigenvalues._scaled(-1.5, far, 0) < -(2.0**990)


@pytest.mark.parametrize("k", [1, 4, 25])
def test_brackets_close_to_the_rounding_of_the_norm(k, monkeypatch):
    """To twice an ulp of Gershgorin's bound, unless the determinant vanishes."""
    d, off = matrices(25)
    run = Run(d, off, k, monkeypatch)
    bound = -run.levels[0]
    width = run.ends[1] - run.ends[0]
    i = np.arange(k)[:, None]
    closed = (run.counts[0] == i) & (run.counts[1] == i + 1) & (run.values != 0).all(axis=0)
    assert closed.sum() > 20 * k
    assert ((width / bound)[closed] <= 2.0**-52).all()


@pytest.mark.parametrize("k", [1, 5, 12])
def test_eigenvalues_that_no_count_separates(k, monkeypatch):
    """Bisection alone finds them: zeros, pairs, off-diagonals that vanish, Wilkinson's pairs; in order."""
    n = 12
    ramp = np.abs(np.arange(n) - 5.5)
    matrices = [
        (np.zeros(n), np.zeros(n - 1)),
        (np.repeat([1.0, -1.0], n // 2), np.zeros(n - 1)),
        (np.repeat([0.3, 0.7, -0.4], n // 3), np.zeros(n - 1)),
        (-8 * ramp, np.ones(n - 1)),
        (np.arange(n) - 6.0, 1e-9 * np.ones(n - 1)),
    ]
    d, off = (np.array(part) for part in zip(*matrices, strict=True))
    run = Run(d, off, k, monkeypatch)
    exact = np.linalg.eigvalsh(full(d, off))[:, :k].T
    found = run.found[:, : len(d)]
    # An ulp or two of the norm, which is that of the largest of these.
    np.testing.assert_allclose(found, exact, atol=2.0**-50 * np.abs(d).max())
    assert (np.diff(found, axis=0) >= 0).all()
