"""Units."""

import math
import tracemalloc

import numpy as np
import pytest
from scipy import integrate, stats

from numerics import InputError, layer_count, mean_count
from numerics.core.backend import namespace
from numerics.core.mixture import derivatives
from numerics.kac_rice import rare_index
from numerics.kac_rice.rare_index import _Layer

P3 = {3: 1.0}


def test_the_estimate_depends_on_its_arguments_only():
    a = layer_count(6, P3, 1, 1000, seed=1)
    assert a == layer_count(6, P3, 1, 1000, seed=1)
    assert a != layer_count(6, P3, 1, 1000, seed=2)


@pytest.mark.parametrize("estimate", [mean_count, lambda *a: layer_count(*a[:2], 1, a[2])])
def test_memory_does_not_grow_with_the_samples(estimate):
    peaks = []
    estimate(40, P3, 1000)
    for samples in (20_000, 200_000):
        tracemalloc.start()
        estimate(40, P3, samples)
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    assert peaks[1] < 1.2 * peaks[0] + 1e5


@pytest.mark.parametrize(
    "bad",
    [
        {"n": 1},
        {"n": 100_001},
        {"n": 10**30},
        {"k": 3},
        {"k": -1},
        {"samples": 1},
        {"below": float("inf")},
        {"coefficients": {1: 1.0}},
    ],
)
def test_bad_input_is_refused(bad):
    with pytest.raises(InputError, match="got"):
        layer_count(**({"n": 3, "coefficients": P3, "k": 0} | bad))


@pytest.mark.parametrize(("n", "k"), [(2, 0), (2, 1), (3, 2)])
def test_the_smallest_sizes_and_the_largest_indices_are_taken(n, k):
    found = layer_count(n, P3, k, samples=2, below=5.0, memory=1)
    assert (found.n, found.k, found.samples) == (n, k, 2)
    with pytest.raises(InputError, match="memory: got 0"):
        layer_count(n, P3, k, memory=0)


MIXED = {2: 0.4, 5: 0.6}


@pytest.mark.parametrize("mixture", [P3, {2: 1.0}, MIXED])
@pytest.mark.parametrize(("n", "k"), [(2, 0), (9, 1), (200, 4)])
def test_the_exponent_has_a_gaussian_and_the_deviations_of_k_plus_one_eigenvalues(n, k, mixture):
    """The rate of an eigenvalue at x edges is edge^2 times the integral of sqrt(y^2 - 1) from 1 to x;
    inside, the left tail of Tracy and Widom, -s^3/24."""
    layer, size = _Layer(n, k, mixture, None), n - 1
    _, d1, d2 = derivatives(mixture)
    edge = math.sqrt(2 * size)
    unit = size ** (-1 / 6) / math.sqrt(2)
    for t in (-3.1 * edge, -1.2 * edge, -edge, -edge + 2 * unit, -edge + 7 * unit):
        u = t / math.sqrt(n / (2 * d2))
        rate = integrate.quad(lambda y: math.sqrt(y * y - 1), 1, max(1, -t / edge))[0] * edge**2
        tail = max(0.0, (t + edge) / unit) ** 3 / 24
        right = -n * u**2 / (2 * (d1 + d2)) + t * t / 2 - (k + 1) * rate - tail
        found = layer.exponent(np.array([t]))
        assert found[0] == pytest.approx(right, rel=1e-7, abs=1e-9)


@pytest.mark.parametrize("n", [2, 40])
@pytest.mark.parametrize("below", [-1.3, 0.4])
def test_a_level_is_gaussian_given_the_radial_derivative_and_known_for_one_p(n, below):
    xi, d1, d2 = derivatives(MIXED)
    r = np.linspace(-6, 3, 7)
    given = xi - d1**2 / (d1 + d2)
    right = stats.norm.logcdf(below, d1 / (d1 + d2) * r, math.sqrt(given / n))
    np.testing.assert_allclose(_Layer(n, 0, MIXED, below).log_level(r), right, rtol=1e-12)
    near = 3 * below + np.array([-1e-9, 0.0, 1e-9])  # r = p u
    found = _Layer(n, 0, P3, below).log_level(near)
    assert found[0] == 0
    assert found[2] == -np.inf
    assert (_Layer(n, 0, MIXED, None).log_level(r) == 0).all()


@pytest.mark.parametrize("below", [None, -1.9, 1.0])
@pytest.mark.parametrize("mixture", [P3, {2: 1.0}, MIXED])
@pytest.mark.parametrize(("n", "k"), [(2, 0), (12, 3), (300, 1), (3000, 0)])
def test_the_bins_hold_all_levels_that_count_and_not_much_more(n, k, mixture, below):
    """All within e^-45 of the best on a far wider grid; of the window at least nearly half."""
    layer = _Layer(n, k, mixture, below)
    edges = rare_index._window(layer)
    assert len(edges) == rare_index._BINS + 1
    steps = np.diff(edges)
    assert np.allclose(steps, steps[0])
    edge, unit = math.sqrt(2 * (n - 1)), (n - 1) ** (-1 / 6) / math.sqrt(2)
    t = np.linspace(-8 * edge - 40 * unit, min(8 * edge, 12 * unit - edge), 200_001)
    t = np.concatenate([t, np.linspace(edges[0], edges[-1], 10_001)])
    value = layer.exponent(t)
    inside = t[value > value.max() - 44.9]
    assert edges[0] <= inside.min()
    assert inside.max() <= edges[-1] + 1e-9
    assert inside.max() - inside.min() > 0.48 * (edges[-1] - edges[0])


def test_chances_go_with_the_root_mean_square_and_none_is_small():
    bins = rare_index._BINS
    where = np.arange(bins).repeat(2)
    rms = 1 + 0.5 * np.sin(np.arange(bins) / 10)
    logs = np.stack([np.log(rms * math.sqrt(2)), np.full(bins, -np.inf)], axis=1).ravel()
    found = rare_index._allocate(logs + 300.0, where)  # only ratios count
    assert found.sum() == pytest.approx(1)
    inner = slice(1, -1)
    even = 0.05 / bins
    np.testing.assert_allclose(((found - even) / rms)[inner], 0.95 / rms.sum(), rtol=5e-3)
    # One bin alone was seen: it has most, and its neighbours lend half of it.
    alone = rare_index._allocate(np.array([-700.0]), np.array([7]))
    assert alone.sum() == pytest.approx(1)
    assert alone[7] == pytest.approx(0.95 / 1.5 + even)
    assert alone[[6, 8]] == pytest.approx(0.95 / 6 + even)
    assert alone.min() == pytest.approx(even)
    assert alone[20] == alone.min()
    nothing = rare_index._allocate(np.full(5, -np.inf), np.arange(5))
    assert nothing.tolist() == [1 / bins] * bins


@pytest.mark.parametrize(("n", "k"), [(2, 1), (4, 1), (6, 0)])
def test_draws_are_shared_out_by_the_chances(n, k):
    """Stratified: of every bin as many as its chance says, but for one at either end."""
    layer = _Layer(n, k, P3, None)
    bins, samples = rare_index._BINS, 3000
    chances = 1 + np.arange(bins) % 5
    chances = chances / chances.sum()
    edges = rare_index._window(layer)
    rng = np.random.default_rng(0)
    log, where = rare_index._draw(rng, layer, edges, chances, samples, namespace(), None)
    assert log.shape == where.shape == (samples,)
    assert (np.diff(where) >= 0).all()
    assert np.abs(np.bincount(where, minlength=bins) - samples * chances).max() < 2
    assert not np.isnan(log).any()


@pytest.mark.parametrize(("n", "k"), [(2, 0), (2, 1), (3, 2), (7, 3), (40, 2)])
def test_the_constant_is_the_product_of_the_docstring(n, k):
    """vol (2 pi xi')^(-m/2) (2 xi''/n)^(m/2), density of r, and C(m, k) Z_(m-k)/Z_m of Mehta."""
    d1, d2, size = 3.0, 6.0, n - 1

    def log_z(m):
        gammas = [math.gamma(1 + j / 2) / math.gamma(1.5) for j in range(1, m + 1)]
        return m / 2 * math.log(2 * math.pi) + sum(map(math.log, gammas))

    sphere = math.log(2 * math.pi ** (n / 2) / math.gamma(n / 2)) + size / 2 * math.log(n)
    dense = stats.norm.logpdf(0, scale=math.sqrt((d1 + d2) / n))
    right = (
        sphere
        - size / 2 * math.log(2 * math.pi * d1)
        + size / 2 * math.log(2 * d2 / n)
        + dense
        + math.log(math.sqrt(2 * d2 / n))  # dr/dt
        + math.log(math.comb(size, k))
        + log_z(size - k)
        - log_z(size)
    )
    assert rare_index._log_constant(_Layer(n, k, P3, None)) == pytest.approx(right, rel=1e-12)


def test_each_bin_is_drawn_as_often_as_its_chance_says():
    """Strata of one draw: a place in its own is uniform, and falls into the bin that holds it."""
    layer = _Layer(6, 1, P3, None)
    chances = np.geomspace(1, 50, rare_index._BINS)
    chances /= chances.sum()
    edges, rng = rare_index._window(layer), np.random.default_rng(0)

    def draw(count):
        return rare_index._draw(rng, layer, edges, chances, count, namespace(), None)[1]

    bins = np.concatenate([draw(2) for _ in range(400)])
    tenths = np.minimum((np.cumsum(chances) * 10).astype(int), 9)  # of the bins, by chance
    seen = np.bincount(tenths[bins], minlength=10)
    expected = len(bins) * np.bincount(tenths, weights=chances, minlength=10)
    assert stats.chisquare(seen, expected).pvalue > 1e-3
    whole = draw(20_000)  # so many strata leave no bin of that chance out, or one more in
    ends = np.cumsum(np.concatenate([[0.0], chances])) * len(whole)
    assert (abs(np.bincount(whole, minlength=len(chances)) - np.diff(ends)) <= 2).all()


def test_a_call_that_says_little_draws_as_many_as_is_said():
    assert layer_count(3, P3, 0) == layer_count(3, P3, 0, samples=131_072)
