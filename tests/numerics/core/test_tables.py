"""Results in a line, and as tables of pandas where it is installed."""

from __future__ import annotations

import sys
from types import SimpleNamespace

import numpy as np
import pytest

import numerics


@pytest.fixture
def frames(monkeypatch):
    """A stand-in for pandas: a frame is its columns."""
    monkeypatch.setitem(sys.modules, "pandas", SimpleNamespace(DataFrame=dict))


def test_a_descent_in_a_line():
    end = numerics.descend(8, p=3, disorders=2, starts=3)
    text = repr(end)
    assert text.startswith("<Descent: disorders 2, starts 3, H/n -")
    assert text.endswith("6 converged>")
    nothing = numerics.descend(8, p=3, method="published-sgd", starts=1, max_steps=0)
    assert "\n" not in repr(nothing)


def test_a_census_in_a_line():
    found = numerics.census(3, 3, samples=2)
    by_index = " ".join(map(str, found.counts.sum(axis=0)))
    assert repr(found) == f"<Census: n = 3, instances 2 complete, points by index {by_index}>"


@pytest.mark.usefixtures("frames")
def test_rows_of_a_descent_are_its_starts():
    end = numerics.descend(8, p=3, disorders=2, starts=3)
    frame = end.to_pandas()
    assert frame["disorder"].tolist() == [0, 0, 0, 1, 1, 1]
    assert frame["start"].tolist() == [0, 1, 2] * 2
    assert np.array_equal(frame["energies"].reshape(2, 3), end.energies)
    assert frame["status"].tolist() == ["converged"] * 6
    assert "path" not in frame


@pytest.mark.usefixtures("frames")
def test_rows_of_a_census_are_its_points():
    found = numerics.census(3, 3, samples=2)
    frame = found.to_pandas()
    assert {len(column) for column in frame.values()} == {found.counts.sum()}
    length = frame["s0"] ** 2 + frame["s1"] ** 2 + frame["s2"] ** 2
    np.testing.assert_allclose(length, 3)


def test_without_pandas_one_line_says_so(monkeypatch):
    monkeypatch.setitem(sys.modules, "pandas", None)
    for result in (numerics.descend(4, p=3), numerics.census(3, 3)):
        with pytest.raises(numerics.InputError, match=r"^to_pandas: got no pandas; takes pandas"):
            result.to_pandas()
