"""GSE(N) and its edge, against integrals by hand, another sampler, published numbers; wrong laws refuted."""

import math

import numpy as np
import pytest
from scipy import integrate, stats

from theory.checks import InputError
from theory.goe.kth_law import edge_law, goe_law, gse_law


def test_one_eigenvalue_is_normal():
    x = np.linspace(-2, 2, 9)
    assert np.allclose(gse_law(1, 0).cdf(x), stats.norm.cdf(x, scale=0.5), atol=1e-12)


@pytest.mark.parametrize("x", [-1.2, -0.7, -0.2, 0.4])
def test_two_eigenvalues_by_quadrature(x):
    """exp(-4 (a^2 + b^2)) (a - b)^4 over a > x and b > x."""

    def density(a, b):
        return math.exp(-4 * (a * a + b * b)) * (a - b) ** 4

    whole = integrate.dblquad(density, -6, 6, -6, 6, epsabs=1e-13)[0]
    above = integrate.dblquad(density, x, 6, x, 6, epsabs=1e-13)[0]
    assert abs(gse_law(2, 0).sf(x) - above / whole) < 1e-10
    below = integrate.dblquad(density, -6, x, -6, x, epsabs=1e-13)[0]
    assert abs(gse_law(2, 1).cdf(x) - below / whole) < 1e-10


def sampled(n, samples, rng):
    """Eigenvalues of the tridiagonal model of Dumitriu and Edelman 2002, exp(-x^2/2) and |x_i - x_j|^4."""
    diagonal = rng.standard_normal((samples, n)) * math.sqrt(2)
    off = np.sqrt(rng.chisquare(4 * np.arange(n - 1, 0, -1), (samples, n - 1)))
    matrix = np.zeros((samples, n, n))
    i = np.arange(n)
    matrix[:, i, i] = diagonal
    matrix[:, i[1:], i[:-1]] = off
    return np.linalg.eigvalsh(matrix / math.sqrt(2)) / (2 * math.sqrt(n))


def test_a_sampler_agrees_and_refutes_what_is_wrong():
    n = 4
    spectra = sampled(n, 2000, np.random.default_rng(7))
    for k in (0, 2):
        assert stats.kstest(spectra[:, k], gse_law(n, k).cdf).pvalue > 1e-4
        wrong = [
            goe_law(n, k).cdf,  # beta = 1
            lambda x, k=k: goe_law(2 * n + 1, 2 * k).cdf(x * math.sqrt(2 * n / (2 * n + 1))),
            goe_law(2 * n + 1, 2 * k + 1).cdf,  # in the units of GOE(2N + 1)
            goe_law(2 * n, min(2 * k + 1, 2 * n - 1)).cdf,  # of GOE(2N)
        ]
        # The unit is off by 6 %, which one near 0 does not see.
        refuted = [stats.kstest(spectra[:, k], cdf).pvalue < 1e-4 for cdf in wrong]
        assert refuted[0]
        assert refuted[1]
        assert k == 2 or all(refuted)


def test_published_moments_of_the_edge():
    """Bornemann 2010, Table 9: F_4 with mean -2.3068848932 and variance 0.5177237207."""
    law = edge_law(0, beta=4)
    assert abs(law.mean() * 2 ** (1 / 6) + 2.3068848932) < 1e-9
    assert abs(law.var() * 2 ** (1 / 3) - 0.5177237207) < 1e-9


def test_the_edge_is_the_limit():
    """At the rate N^(-2/3), centred at y^2 = 4N + 1: 2(2N + 1) - 1 of GOE (Johnstone and Ma 2012)."""
    for k in (0, 1):
        misses = []
        for n in (100, 800):
            centred = gse_law(n, n - 1 - k).mean() * math.sqrt(4 * n / (4 * n + 1))
            scaled = math.sqrt(2) * n ** (2 / 3) * (centred - math.sqrt(2))
            misses.append(abs(scaled - edge_law(k, beta=4).mean()))
        assert misses[1] < 0.02
        assert misses[0] / misses[1] > 2.5  # 4 in the limit, 2 at the rate N^(-1/3)


def test_mirrored():
    assert gse_law(9, 8).cdf(1.2) == pytest.approx(gse_law(9, 0).sf(-1.2), abs=1e-12)


@pytest.mark.parametrize(
    ("n", "k", "name"),
    [(0, 0, "n"), (10_000, 0, "n"), (5, 5, "k"), (5, -1, "k"), (100, 32, "k"), ("3", 0, "n")],
)
def test_bad_laws_are_named(n, k, name):
    with pytest.raises(InputError, match=rf"^{name}: got"):
        gse_law(n, k)


def test_ends_are_taken():
    assert gse_law(9999, 0).scale == -1 / math.sqrt(2 * 9999)
    assert gse_law(100, 31).table.ensemble.k == 63
    assert gse_law(100, 68).table.ensemble.k == 63
    assert edge_law(4, beta=4).table.ensemble.k == 9


@pytest.mark.parametrize(("k", "beta", "name"), [(5, 4, "k"), (0, 3, "beta"), (0, 5, "beta")])
def test_bad_edges_are_named(k, beta, name):
    with pytest.raises(InputError, match=rf"^{name}: got"):
        edge_law(k, beta)
