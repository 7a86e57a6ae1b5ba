"""Laws of pspin hamiltonian, by samples; a wrong law beside each must fail."""

import math

import numpy as np
import pytest
from scipy import stats

from numerics.core.streams import stream
from numerics.pspin import hamiltonian as h
from numerics.pspin import multisets
from numerics.pspin.couplings import random_point

ALARM = 1e-6


MIXED = {2: 0.3, 3: 0.5, 4: 0.2}


def disorder(seed, n, mixture, **kwargs):
    return h.draw(np.random.default_rng(seed), n, mixture, **kwargs)


def chi2_p(x, variance):
    """Return the two-sided p-value of centred normals having this variance."""
    below = stats.chi2(x.size).cdf((x**2).sum() / variance)
    return 2 * min(below, 1 - below)


@pytest.mark.parametrize("mixture", [{2: 1.0}, {3: 1.0}, {5: 1.0}, MIXED])
def test_covariances_are_those_of_the_mixture(mixture):
    """Independent disorders, so every statistic below is an exact chi-square."""
    n, q, samples = 5, 0.6, 6000
    s = np.zeros((2, n))
    s[0, 0] = math.sqrt(n)
    s[1, :2] = math.sqrt(n) * q, math.sqrt(n) * math.sqrt(1 - q * q)
    rng = stream(0, "covariance", *(f"{p}" for p in mixture)).generator()
    found = [h.draw(rng, n, mixture) for _ in range(samples)]
    pairs = [h.energy_gradient(c, s) for c in found]
    H, G = np.array([e for e, _ in pairs]), np.array([g for _, g in pairs])
    xi = sum(a * q**p for p, a in mixture.items())
    one, one1, one2 = (sum(a * math.perm(p, k) for p, a in mixture.items()) for k in range(3))
    laws = {
        "energy": (H[:, 0], n * one),
        # Cov(H(s), H(t)) = n xi(q), through the variances of sum and difference.
        "sum": (H[:, 0] + H[:, 1], 2 * n * (one + xi)),
        "difference": (H[:, 0] - H[:, 1], 2 * n * (one - xi)),
        "gradient": (G[:, 0, 1:].ravel(), one1),
        "radial": (G[:, 0, 0], one1 + one2),
    }
    hess = np.array([h.hessian(c, s[:1])[0, 1:, 1:] for c in found[:1500]])
    i, j = np.triu_indices(n - 1, 1)
    laws["hessian off"] = (hess[:, i, j].ravel(), one2 / n)
    laws["hessian on"] = (np.einsum("sii->si", hess).ravel(), 2 * one2 / n)
    for name, (x, variance) in laws.items():
        assert chi2_p(x, variance) > ALARM, name
        assert chi2_p(x, 1.25 * variance) < ALARM, name
    # The factor n^{-(p-1)/2} left out.
    assert chi2_p(H[:, 0], n * sum(a * n ** (p - 1) for p, a in mixture.items())) < ALARM


@pytest.mark.parametrize(("n", "mixture"), [(6, {2: 1.0}), (9, {3: 1.0}), (5, {4: 1.0})])
def test_one_normal_for_every_multi_index(n, mixture):
    """A[i, m] over its multiplicity and scale is the Gaussian of the joined multi-index, whichever
    of its entries is the row; these are normal with the number of orderings as variance."""
    (p,) = mixture
    ranks, multiplicity = multisets.insertion(n, p)
    normals = []
    for seed in range(200):
        a = disorder(seed, n, mixture).terms[0][1]
        each = a / multiplicity / n ** (-(p - 1) / 2)
        sums = np.zeros(multisets.count(n, p))
        sums[ranks] = each
        np.testing.assert_allclose(sums[ranks], each, rtol=1e-12)
        normals.append(sums / np.sqrt(multisets.orderings(n, p)))
    x = np.array(normals)
    assert stats.kstest(x.ravel(), "norm").pvalue > ALARM
    assert chi2_p(x, 1.0) > ALARM > chi2_p(x, 1.0 + 9 * math.sqrt(2 / x.size))
    # Half the variance on the diagonal, the well-known slip, is far outside.
    diagonal = x[:, multisets.rank(np.repeat(np.arange(n)[:, None], p, axis=1))]
    assert chi2_p(diagonal, 1.0) > ALARM > chi2_p(diagonal, 0.5)
    # Neighbours in rank and the same ranks under other keys are independent.
    for a, b in ((x[:, 1:], x[:, :-1]), (x[1:], x[:-1])):
        r = (a * b).mean() * math.sqrt(a.size)
        assert abs(r) < 6


def test_random_points_are_uniform_on_the_sphere():
    s = random_point(stream(1).generator(), 7, 20_000)
    np.testing.assert_allclose((s**2).sum(axis=1), 7)
    # s_1^2 / n is Beta(1/2, (n-1)/2).
    p = stats.kstest(s[:, 0] ** 2 / 7, stats.beta(0.5, 3).cdf).pvalue
    assert p > ALARM > stats.kstest(s[:, 0] ** 2 / 7, stats.beta(0.5, 3.5).cdf).pvalue
