"""The gap of the two lowest eigenvalues: small N by hand, means of single laws, two routes, a sampler."""

import math
import pickle
from functools import partial

import numpy as np
import pytest
from scipy import integrate, stats

from theory import InputError, edge_gap_law, edge_law, goe_gap_law, goe_law
from theory.goe.edge_scale import edge_width
from theory.goe.gap import few, many


def test_the_edge_has_a_law_of_mass_one():
    """First of all, for what it computes is kept; its mean is that of single laws, below."""
    law = edge_gap_law()
    assert law.expect(np.ones_like) == pytest.approx(1, abs=1e-12)
    assert law.mean() == pytest.approx(2.055894328, abs=1e-9)


def test_two_eigenvalues_have_wigners_surmise():
    law, x = goe_gap_law(2), np.array([1e-9, 1e-3, 0.5, 1.0, 3.0, 8.0, 11.0])
    np.testing.assert_allclose(law.cdf(x), -np.expm1(-x * x / 2), rtol=1e-10)
    np.testing.assert_allclose(law.logsf(x), -x * x / 2, rtol=1e-10)
    np.testing.assert_allclose(law.pdf(x), x * np.exp(-x * x / 2), rtol=1e-10)
    assert law.entropy() == pytest.approx(stats.rayleigh.entropy(), abs=1e-12)
    assert law.stats("mvsk") == pytest.approx(stats.rayleigh.stats(moments="mvsk"), abs=1e-10)


@pytest.mark.parametrize("gap", [0.05, 0.7, 2.0])
def test_three_eigenvalues_by_quadrature(gap):
    """exp(-3/2 sum x^2) times the three differences, over ordered eigenvalues."""

    def density(high, low):
        x = low, low + gap, low + gap + high
        weight = math.exp(-1.5 * sum(one * one for one in x))
        return weight * gap * high * (gap + high)

    def all_of(far, high, low):
        return math.exp(-1.5 * (low**2 + (low + high) ** 2 + (low + high + far) ** 2)) * (
            high * far * (high + far)
        )

    found = integrate.dblquad(density, -6, 6, 0, 8, epsabs=1e-12)[0]
    whole = integrate.tplquad(all_of, -5, 5, 0, 7, 0, 7, epsabs=1e-7)[0]
    assert goe_gap_law(3).pdf(gap) == pytest.approx(found / whole, rel=1e-6)


@pytest.mark.parametrize("n", [2, 3, 4, 9, 12, 13, 14, 40, 101, 1000])
def test_the_mean_is_that_of_single_laws(n):
    law = goe_gap_law(n)
    assert law.mean() == pytest.approx(goe_law(n, 1).mean() - goe_law(n, 0).mean(), abs=1e-12)
    assert law.expect(np.ones_like) == pytest.approx(1, abs=1e-12)


def test_the_mean_at_the_edge_is_that_of_single_laws():
    law = edge_gap_law()
    assert law.mean() == pytest.approx(edge_law(0).mean() - edge_law(1).mean(), abs=1e-11)
    assert law.expect(np.ones_like) == pytest.approx(1, abs=1e-12)


def test_the_largest_size_is_near_the_edge():
    unit = math.sqrt(2) * 20_000 ** (2 / 3)
    assert unit * goe_gap_law(20_000).std() == pytest.approx(edge_gap_law().std(), rel=1e-3)


@pytest.mark.parametrize("n", [8, 11, 14])
def test_both_routes_agree(n):
    """The Pfaffian at each s0 and the Fredholm determinant: the body, and the tail relative to itself."""
    width = edge_width(n)
    gaps = width * np.array([0.01, 0.5, 2.0, 6.0, 12.0])
    s0 = math.sqrt(2 * n) + width * np.arange(-14, 15, 0.5)
    by_pfaffian = sum(few.slopes(n, float(one), gaps) for one in s0)
    by_fredholm = many.slopes(many.finite(n, s0, gaps)).sum(axis=0)
    np.testing.assert_allclose(by_fredholm, by_pfaffian, rtol=0, atol=1e-11)
    np.testing.assert_allclose(by_fredholm, by_pfaffian, rtol=2e-8)


def test_one_eigenvalue_beyond_is_the_difference_of_two_laws():
    """At one s0: p(s; s0) over s is P(exactly one beyond s0)."""
    n, s0 = 20, np.array([4.5])
    s = np.linspace(0, 12, 2401)
    slopes = many.slopes(many.finite(n, s0, s))[0]
    density = integrate.cumulative_simpson(slopes[::-1], x=s, initial=0)[::-1]
    x = -s0[0] / math.sqrt(n)
    exact = goe_law(n, 1).sf(x) - goe_law(n, 0).sf(x)
    assert integrate.simpson(density, x=s) == pytest.approx(exact, abs=1e-8)


@pytest.mark.parametrize("made", [partial(goe_gap_law, 2), partial(goe_gap_law, 40), edge_gap_law])
def test_both_tails_are_consistent_and_quantiles_invert(made):
    law = made()
    x = law.mean() * np.array([1e-6, 0.1, 1.0, 2.0, 5.0])
    np.testing.assert_allclose(law.cdf(x) + law.sf(x), 1, atol=1e-14)
    np.testing.assert_allclose(np.exp(law.logcdf(x)), law.cdf(x), rtol=1e-14)
    np.testing.assert_allclose(law.ppf(law.cdf(x))[:4], x[:4], rtol=1e-10)
    np.testing.assert_allclose(law.isf(law.sf(x))[1:], x[1:], rtol=1e-10)
    for tiny in (1e-300, 1e-20):
        assert law.cdf(law.ppf(tiny)) == pytest.approx(tiny, rel=1e-10)
    assert law.sf(law.isf(1e-25)) == pytest.approx(1e-25, rel=1e-10)
    h = 1e-4 * law.mean()
    slope = (law.cdf(x[1:] + h) - law.cdf(x[1:] - h)) / (2 * h)
    np.testing.assert_allclose(law.pdf(x[1:]), slope, rtol=1e-4)
    # x^2 near 0: levels repel.
    assert law.cdf(2e-5 * law.mean()) / law.cdf(1e-5 * law.mean()) == pytest.approx(4, rel=1e-4)
    assert law.median() == law.ppf(0.5)
    assert pickle.loads(pickle.dumps(law)).mean() == law.mean()


def test_ends():
    law = goe_gap_law(5)
    assert law.support() == (0.0, math.inf)
    assert law.cdf([-1.0, 0.0, 1e9, math.inf]).tolist() == [0, 0, 1, 1]
    assert law.sf([-1.0, 0.0, 1e9, math.inf]).tolist() == [1, 1, 0, 0]
    assert law.pdf([-1.0, 0.0, 1e9]).tolist() == [0, 0, 0]
    assert law.ppf([0.0, 1.0]).tolist() == [0, math.inf]
    assert law.isf([0.0, 1.0]).tolist() == [math.inf, 0]
    assert math.isnan(law.cdf(math.nan))
    assert law.logcdf(1e9) == 0
    assert law.logcdf(-1.0) == -math.inf
    assert law.cdf(np.zeros((2, 3))).shape == (2, 3)
    drawn = law.rvs(10_000, random_state=1)
    assert stats.kstest(drawn, law.cdf).pvalue > 1e-3
    for ask in (law.logsf, law.logpdf):
        with pytest.raises(InputError, match=r"x: got a gap of .* edge widths"):
            ask(1e9)
    with pytest.raises(InputError, match="q: got a tail of"):
        law.isf(1e-60)


def test_a_sampler_of_matrices():
    rng = np.random.default_rng(8)
    g = rng.standard_normal((20_000, 6, 6))
    x = np.linalg.eigvalsh((g + g.swapaxes(1, 2)) / math.sqrt(4 * 6))
    found = stats.kstest(x[:, 1] - x[:, 0], goe_gap_law(6).cdf)
    assert found.pvalue > 1e-3
    assert stats.kstest(x[:, 2] - x[:, 1], goe_gap_law(6).cdf).pvalue < 1e-9


@pytest.mark.parametrize("n", [1, 0, 20_001, 2.5, "3"])
def test_bad_sizes_are_named(n):
    with pytest.raises(InputError, match="n: got"):
        goe_gap_law(n)
