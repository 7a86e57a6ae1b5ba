"""Overlaps of pairs by index: against complete censuses, and the symmetries of odd models."""

from __future__ import annotations

import math

import numpy as np
import pytest

from numerics import census
from theory import InputError, parse, pure
from theory.two_points import overlap_law
from theory.two_points.three_spins import pairs_of_three

EDGES = np.array([-1.0, -0.5, 0.0, 0.5, 1.0])


def counted(found: object, samples: int, k: int, other: int) -> np.ndarray:
    """Numbers of ordered pairs by overlap, a row an instance."""
    rows = np.zeros((samples, len(EDGES) - 1))
    x = found.position / np.linalg.norm(found.position, axis=1, keepdims=True)  # type: ignore[attr-defined]
    for i in range(samples):
        here = found.instance == i  # type: ignore[attr-defined]
        one, two = (x[here & (found.index == index)] for index in (k, other))  # type: ignore[attr-defined]
        q = (one @ two.T).ravel()
        rows[i] = np.histogram(q[abs(q) < 1 - 1e-9], EDGES)[0]
    return rows


@pytest.mark.parametrize(("n", "samples"), [(3, 300), (4, 150)])
def test_pairs_of_complete_censuses(n: int, samples: int) -> None:
    """Minima with minima and with saddles; the law of the one is not that of the other."""
    found = census(n, p=3, samples=samples, seed=4)
    means = {}
    for pair in ((0, 0), (0, 1)):
        rows = counted(found, samples, *pair)
        law = overlap_law(pure(3), n, *pair, edges=EDGES, draws=30_000, seed=1)
        error = np.hypot(rows.std(axis=0) / math.sqrt(samples), law.stderr)
        assert (abs(rows.mean(axis=0) - law.number) < 4 * error).all(), (pair, law)
        means[pair] = law, error
    # Shares of the pairs by overlap: a saddle is more often near a minimum than another minimum.
    apart = abs(means[0, 0][0].density - means[0, 1][0].density)
    scale = sum(error / law.number.sum() * 2 for law, error in means.values())
    assert (apart > 4 * scale).any()


def test_reflections_of_an_odd_model() -> None:
    """A minimum reflected is a maximum: pairs at q are pairs of other indices at -q."""
    minima, mixed, saddles = (
        overlap_law(pure(3), 3, 0, other, edges=EDGES, draws=30_000, seed=2) for other in (0, 2, 1)
    )
    error = np.hypot(minima.stderr, mixed.stderr[::-1])
    assert (abs(minima.number - mixed.number[::-1]) < 4 * error).all()
    # Two minima are seldom near each other: without the reflection it is far.
    assert abs(minima.number - mixed.number).max() > 6 * error.max()
    error = np.hypot(saddles.stderr, saddles.stderr[::-1])
    assert (abs(saddles.number - saddles.number[::-1]) < 4 * error).all()


def test_all_pairs_of_three_spins() -> None:
    found = overlap_law(pure(3), 3, edges=[-1, 1], draws=40_000, seed=3)
    assert abs(found.number[0] - pairs_of_three(pure(3))[0]) < 4 * found.stderr[0]


def test_levels_and_one_index() -> None:
    every = overlap_law(pure(3), 4, 0, None, edges=[-1, 1], draws=4000)
    parts = [overlap_law(pure(3), 4, 0, k, edges=[-1, 1], draws=4000) for k in range(4)]
    error = math.hypot(every.stderr[0], *(one.stderr[0] for one in parts))
    assert abs(every.number[0] - sum(one.number[0] for one in parts)) < 4 * error
    low = overlap_law(pure(3), 4, 0, 0, edges=[-1, 1], below=-1.2, draws=4000)
    assert 0 < low.number[0] < parts[0].number[0]
    assert low.density[0] == pytest.approx(0.5)


@pytest.mark.parametrize(
    ("arguments", "name"),
    [
        ({"model": parse("q^2")}, "model"),
        ({"n": 2}, "n"),
        ({"n": 7}, "n"),
        ({"k": 3}, "k"),
        ({"other": -1}, "other"),
        ({"draws": 99}, "draws"),
        ({"seed": -1}, "seed"),
        ({"below": float("nan")}, "below"),
        ({"edges": [0.0, 0.0]}, "edges"),
        ({"edges": [-2.0, 0.0]}, "edges"),
        ({"edges": "no"}, "edges"),
        ({"edges": [0.5]}, "edges"),
    ],
)
def test_bad_input_is_named(arguments: dict[str, object], name: str) -> None:
    with pytest.raises(InputError, match=rf"^{name}: got"):
        overlap_law(**{"model": pure(3), "n": 3, **arguments})  # type: ignore[arg-type]
