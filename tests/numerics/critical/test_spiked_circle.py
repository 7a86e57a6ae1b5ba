import math

import numpy as np
import pytest

from numerics.core import InputError
from numerics.critical import circle_census, spiked_census


@pytest.mark.parametrize("p", [2, 3, 4, 7])
def test_levels_and_overlaps_have_the_law_of_the_field(p):
    """Means over points are no law; the function itself is: its values at 0 through a strong spike."""
    found = spiked_census(np.random.default_rng(1), p, 300.0, 4000)
    top = found.there & (found.index == 1) & (found.overlap > 0.99)
    assert (top.sum(axis=1) == 1).all()
    levels = np.sqrt(2) * found.level[top]
    assert levels.mean() == pytest.approx(
        300, abs=0.1
    )  # the spike moves the level by 1/(2 p A) alone
    assert levels.std() == pytest.approx(1, abs=0.06)


@pytest.mark.parametrize(("p", "a"), [(2, 0.0), (3, 0.0), (3, 2.0), (4, -1.0), (5, 1.0)])
def test_minima_and_maxima_alternate(p, a):
    found = spiked_census(np.random.default_rng(2), p, a, 1000)
    numbers = found.there.sum(axis=1)
    assert set(numbers.tolist()) <= set(range(2, 2 * p + 1, 2))
    assert (2 * (found.there & (found.index == 0)).sum(axis=1) == numbers).all()
    if p == 2:
        assert (numbers == 4).all()


@pytest.mark.parametrize(("p", "strength"), [(2, 0.7), (3, -1.5), (6, 2.0)])
def test_every_point_is_one_of_the_field_that_is_drawn(p, strength):
    """The field written out on the circle, its coefficients those of cos^p by a Fourier transform."""
    samples = 30
    found = spiked_census(np.random.default_rng(4), p, strength, samples)
    grid = 2 * np.pi * np.arange(64) / 64
    waves = np.fft.rfft(np.cos(grid) ** p).real / 64
    k = np.arange(p % 2, p + 1, 2)
    w = np.where(k > 0, 2, 1) * waves[k]
    assert w.sum() == pytest.approx(1)  # cos 0
    a, b = np.random.default_rng(4).standard_normal((2, samples, len(k)))

    def field(t):
        waves = a[:, None] * np.cos(k * t[..., None]) + b[:, None] * np.sin(k * t[..., None])
        return waves @ np.sqrt(w) + strength * np.cos(t) ** p

    t, step = np.arccos(found.overlap), 1e-4
    right = np.zeros(t.shape, dtype=bool)
    for angle in (t, -t):
        left, here, ahead = (field(angle + d) for d in (-step, 0.0, step))
        right |= (
            (np.abs(here / np.sqrt(2) - found.level) < 1e-9)
            & (np.abs(ahead - left) / (2 * step) < 1e-5)
            & ((ahead - 2 * here + left < 0) == found.index)
        )
    clear = found.there & (found.closest > 1e-3)[:, None]
    assert clear.sum() > 60
    assert right[clear].all()
    # And none is missing: the turns on a fine grid.
    rising = np.diff(field(np.tile(np.linspace(0, 2 * np.pi, 4097) + 1e-3, (samples, 1)))) > 0
    turns = (rising != np.roll(rising, 1, axis=1)).sum(axis=1)
    assert (turns == found.points)[found.closest > 1e-3].all()


def test_the_smallest_and_the_largest_order_are_taken():
    for p in (2, 10):
        found = spiked_census(np.random.default_rng(0), p, 0.0, 1)
        assert found.there.shape == (1, 2 * p)


def test_other_orders_are_named():
    for p, samples in ((1, 5), (11, 5), (3, 0)):
        with pytest.raises(InputError, match="got"):
            spiked_census(np.random.default_rng(0), p, 0.0, samples)


@pytest.mark.parametrize(("strength", "order"), [(2.0, 3), (-1.5, 1), (1.0, 6)])
def test_a_mixture_with_a_spike_is_the_field_that_is_drawn(strength, order):
    """Its own field, drawn again, and the mean beside it: where the slope changes its sign."""
    terms, n = {2: 1.0, 4: 0.5}, 40
    found = circle_census(np.random.default_rng(7), terms, n, strength, order)
    rng, grid = np.random.default_rng(7), 2 * np.pi * (np.arange(20_000) + 0.5) / 20_000
    f = strength * np.cos(grid) ** order
    for p, a in terms.items():
        k = np.arange(p + 1)
        scale = np.sqrt([a * math.comb(p, j) for j in k])
        waves = np.cos(grid)[:, None] ** k * np.sin(grid)[:, None] ** (p - k)
        f = f + (rng.standard_normal((n, p + 1)) * scale) @ waves.T
    top = (f > np.roll(f, 1, axis=1)) & (f >= np.roll(f, -1, axis=1))
    assert (found.there & (found.index == 1)).sum(axis=1).tolist() == top.sum(axis=1).tolist()
    highest = np.where(found.there, found.level, -np.inf).max(axis=1) * 2**0.5
    np.testing.assert_allclose(highest, f.max(axis=1), atol=1e-6)


def test_without_a_mean_a_mixture_is_as_before():
    one, other = (
        circle_census(np.random.default_rng(7), {3: 1.0}, 9, 0.0, order) for order in (1, 9)
    )
    assert one.level.tolist() == other.level.tolist()
    for bad in ({"order": 0}, {"order": 11}, {"strength": math.nan}):
        with pytest.raises(InputError, match=f"{next(iter(bad))}: got"):
            circle_census(np.random.default_rng(7), {3: 1.0}, 9, **bad)
