"""Several numbers where one was asked: lists and arrays are broadcast, number by number."""

import sys
from types import SimpleNamespace

import numpy as np
import pytest

import theory
from theory.arithmetic.broadcast import MOST, over

PURE = theory.pure(3)
MIXED = theory.mixture({3: 0.5, 4: 0.5})


def test_counts_are_those_of_each():
    n, k, below = [5, 8], [[0], [1], [None]], np.array([[[-1.5]], [[-1.2]]])
    found = theory.counts(MIXED, n, k, below)
    assert found.shape == (2, 3, 2)
    for i, level in enumerate([-1.5, -1.2]):
        for j, index in enumerate([0, 1, None]):
            for m, size in enumerate(n):
                one = theory.mean_count(MIXED, size, index, level)
                assert found[i, j, m] == one
                assert found.log[i, j, m] == one.log
                assert found.k[i, j, m] == index
                assert (found.n[i, j, m], found.below[i, j, m]) == (size, level)
    assert np.allclose(found.mean, np.exp(found.log))


def test_counts_without_a_level_and_far_below():
    found = theory.counts(PURE, range(3, 6))
    assert np.isnan(found.below).all()
    assert found[0] == theory.mean_count(PURE, 3)
    far = theory.counts(PURE, 100, k=0, below=["-E_0", -20])
    assert far.mean[1] == 0.0  # 4.57e-8515: beyond float64, its logarithm is not
    assert far[1].rounded(6) == theory.mean_count(PURE, 100, 0, -20).rounded(6)


def test_one_is_a_count_and_digits_give_balls():
    assert theory.counts(PURE, 5, 0) == theory.mean_count(PURE, 5, 0)
    assert theory.counts(PURE, np.int64(5), 0) == theory.mean_count(PURE, 5, 0)
    balls = theory.counts(PURE, [3, 4], digits=12)
    assert [ball.value for ball in balls] == [
        theory.mean_count(PURE, n, digits=12).value for n in (3, 4)
    ]


def test_thresholds_and_complexities_are_those_of_each():
    layers = theory.threshold(PURE, [0, 1, None], 20)
    assert [ball.value for ball in layers] == [
        theory.threshold(PURE, k, 20).value for k in (0, 1, None)
    ]
    assert (layers.astype(float) > 1.63).all()
    u = np.array([-1.66, -1.64, -1.2])
    found = theory.complexity(MIXED, u, k=[[0], [2]])
    assert found.dtype == float
    for row, k in zip(found, (0, 2), strict=True):
        assert (row == [theory.complexity(MIXED, x, k) for x in u]).all()
    certified = theory.complexity(PURE, ["-1.66", "-E_inf"], k=0, digits=15)
    assert [x.value for x in certified] == [
        theory.complexity(PURE, x, 0, digits=15).value for x in ("-1.66", "-E_inf")
    ]


@pytest.mark.parametrize(
    ("call", "says"),
    [
        (lambda: theory.counts(PURE, [3, 4], k=[0, 1, 2]), r"n, k, below: got n \(2,\), k \(3,\)"),
        (lambda: theory.counts(PURE, []), r"n: got \[\]; takes one number at least"),
        (lambda: theory.counts(PURE, [3, 1]), "n: got 1; takes"),
        (lambda: theory.counts(PURE, [[3], [4, 5]]), r"n: got \[3\]; takes an integer"),
        (lambda: theory.counts(PURE, 5, k=[0, "x"]), "k: got 'x'; takes"),
        (
            lambda: theory.counts(PURE, range(2, MOST + 3)),
            "n, k, below: got 100001 numbers; takes at most",
        ),
        (lambda: theory.threshold(PURE, [0, -1]), "k: got -1"),
        (lambda: theory.complexity(PURE, [-1.6, "x"], k=[0]), "u: got"),
    ],
)
def test_what_does_not_fit_is_named(call, says):
    with pytest.raises(theory.InputError, match=f"^{says}"):
        call()


def test_as_many_as_are_taken():
    assert over(lambda n: n, n=range(MOST)).shape == (MOST,)


def test_a_table_for_pandas(monkeypatch):
    found = theory.counts(PURE, [3, 4], k=[[0], [1]])
    monkeypatch.setitem(sys.modules, "pandas", None)
    with pytest.raises(
        theory.InputError, match=r"^to_pandas: got no pandas; takes pandas installed$"
    ):
        found.to_pandas()
    monkeypatch.setitem(sys.modules, "pandas", SimpleNamespace(DataFrame=dict))
    table = found.to_pandas()
    assert list(table) == ["n", "k", "below", "log", "mean", "relative_error"]
    assert table["n"].tolist() == [3, 4, 3, 4]
    assert table["k"].tolist() == [0, 0, 1, 1]
    assert np.isnan(table["below"]).all()
    assert (table["mean"] == found.mean.ravel()).all()


def test_a_notebook_shows_a_table():
    found = theory.counts(PURE, [3, 4], k=[[0], [None]], below=[[-1.5], [None]])
    assert found._repr_markdown_().splitlines() == [
        "| N | k | u at most | mean number |",
        "| --- | --- | --- | --- |",
        f"| 3 | 0 | -1.5 | {theory.mean_count(PURE, 3, 0, -1.5).value} |",
        f"| 4 | 0 | -1.5 | {theory.mean_count(PURE, 4, 0, -1.5).value} |",
        f"| 3 | all |  | {theory.mean_count(PURE, 3).value} |",
        f"| 4 | all |  | {theory.mean_count(PURE, 4).value} |",
    ]
    long = theory.counts(PURE, range(2, 24))._repr_markdown_()
    assert len(long.splitlines()) == 24
    assert long.endswith("\n\n2 more")
