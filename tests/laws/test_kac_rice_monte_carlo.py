"""Laws of kac rice monte carlo, by samples; a wrong law beside each must fail."""

import math

import numpy as np
import pytest
from reference import VALUES

from numerics import mean_count
from numerics.core.mixture import derivatives
from numerics.core.streams import stream
from numerics.kac_rice.monte_carlo import proposal, weights

SIGMAS = 5.5  # chance of a false alarm below 4e-8 each


P3 = {3: 1.0}


def agrees(estimate, stderr, exact, sigmas=SIGMAS):
    return abs(estimate - exact) < sigmas * stderr


@pytest.mark.parametrize("p", [2, 3, 4, 10])
def test_on_the_circle_and_the_sphere(p):
    """H on a circle is a stationary process (Rice); on the sphere the counts are elementary."""
    exact = {2: 2 * math.sqrt(3 * p - 2), 3: 2 * (1 + 4 * (p - 1) ** 1.5 / math.sqrt(3 * p - 2))}
    for n, value in exact.items():
        c = mean_count(n, {p: 1.0}, samples=200_000)
        assert agrees(c.total, c.stderr, value)
        assert not agrees(c.total, c.stderr, 1.03 * value)
        assert c.total == pytest.approx(math.exp(c.log_total))
        assert c.stderr == pytest.approx(c.total * c.relative_stderr)


def test_by_index():
    c = mean_count(3, P3, samples=300_000)
    assert set(c.by_index) == {0, 1, 2}
    exact = {k: float(value) for k, value in enumerate(VALUES["sphere, p = 3"])}
    for k, (mean, stderr) in c.by_index.items():
        assert agrees(mean, stderr, exact[k])
        # One index for the next is seen.
        assert not agrees(mean, stderr, exact[(k + 1) % 3]) or exact[k] == exact[(k + 1) % 3]
    assert sum(m for m, _ in c.by_index.values()) == pytest.approx(c.total)


@pytest.mark.parametrize("n", [3, 10, 31])
def test_a_quadratic_form_has_2n_critical_points(n):
    c = mean_count(n, {2: 1.0}, samples=100_000)
    assert agrees(c.total, c.stderr, 2 * n)
    assert not agrees(c.total, c.stderr, 2.2 * n)


@pytest.mark.parametrize(("n", "characteristic"), [(4, 0), (5, 2), (8, 0)])
@pytest.mark.parametrize("mixture", [P3, {2: 0.5, 4: 0.5}, {2: 0.5, 12: 0.5}])
def test_morse_theory_gives_the_euler_characteristic(n, characteristic, mixture):
    w = weights(stream(0, "morse", n).generator(), n, mixture, 200_000)
    x = np.exp(w["log_weight"]) * (-1.0) ** w["index"]
    stderr = x.std() / math.sqrt(x.size)
    assert agrees(x.mean(), stderr, characteristic)
    assert not agrees(np.exp(w["log_weight"]).mean(), stderr, characteristic)


def test_a_mixture():
    c = mean_count(8, {2: 0.5, 4: 0.5}, samples=300_000)
    exact = float(VALUES["total of (q^2 + q^4)/2 at N = 8"])
    assert agrees(c.total, c.stderr, exact)
    pure = mean_count(8, P3, samples=300_000)  # xi'(1) is the same
    assert not agrees(pure.total, pure.stderr, exact)


@pytest.mark.parametrize("mixture", [P3, {2: 0.5, 4: 0.5}, {2: 1.0}])
def test_truncation_agrees_with_selection(mixture):
    """Points below a level: drawn there only, or drawn everywhere and selected."""
    level = -1.0
    w = weights(stream(1, "below").generator(), 6, mixture, 400_000)
    x = np.exp(w["log_weight"]) * (w["u"] <= level)
    c = mean_count(6, mixture, samples=100_000, below=level)
    both = math.hypot(c.stderr, x.std() / math.sqrt(x.size))
    assert agrees(c.total, both, x.mean())
    assert not agrees(mean_count(6, mixture, samples=100_000, below=-0.9).total, both, x.mean())
    assert weights(stream(1).generator(), 6, mixture, 1000, below=level)["u"].max() <= level


def test_u_has_the_law_of_the_proposal():
    """The pair (u, r) is what the docstring says: the true covariance tilted in r alone."""
    for n, mixture in ((50, P3), (50, {2: 0.3, 5: 0.7}), (50, {2: 1.0}), (2, {2: 1.0})):
        xi, d1, d2 = derivatives(mixture)
        q = proposal(n, mixture)
        covariance = np.array([[xi, d1], [d1, d1 + d2]]) + 1e-9 * np.eye(2)
        tilted = np.linalg.inv(np.linalg.inv(covariance) - np.diag([0, q.kappa]))
        np.testing.assert_allclose(tilted, [[q.uu, q.ur], [q.ur, q.rr]], rtol=1e-5)
        assert q.shrink == pytest.approx(1 - q.kappa * (d1 + d2))
        assert 0 <= q.kappa <= (1 + 1e-12) / (2 * d2)
        if mixture == {2: 1.0}:  # as wide as the spectrum, and no wider
            assert q.rr / n == pytest.approx(4 * d2)
        elif n == 50:  # all of the growth of the determinant is cancelled
            assert q.kappa == pytest.approx(1 / (2 * d2))
        assert q.rr / n <= max(4 * d2, (d1 + d2) / n) * (1 + 1e-12)
        u = weights(stream(2, "u").generator(), n, mixture, 20_000)["u"]
        assert abs((u**2).mean() * n / q.uu - 1) < 6 * math.sqrt(2 / 20_000)
