"""GUE(N) and its edge: integrals by hand, Painleve's equation, a sampler, published numbers."""

import math
import pickle

import numpy as np
import pytest
from scipy import integrate, special, stats

from theory.checks import InputError
from theory.goe.kth_law import edge_law, goe_law, gse_law, gue_law
from theory.goe.unitary import balls, ensembles
from theory.goe.unitary.ensembles import Unitary, UnitaryEdge


def test_one_eigenvalue_is_normal():
    x = np.linspace(-2, 2, 9)
    law = gue_law(1, 0)
    assert np.allclose(law.cdf(x), stats.norm.cdf(x, scale=math.sqrt(0.5)), atol=1e-12)
    assert law.logcdf(-20.0) == pytest.approx(stats.norm.logcdf(-20 * math.sqrt(2)), abs=1e-9)


@pytest.mark.parametrize("x", [-1.2, -0.2, 0.4, 1.6])
def test_two_eigenvalues_by_quadrature(x):
    """exp(-2 (a^2 + b^2)) (a - b)^2 over a > x and b > x."""

    def density(a, b):
        return math.exp(-2 * (a * a + b * b)) * (a - b) ** 2

    whole = integrate.dblquad(density, -6, 6, -6, 6, epsabs=1e-13)[0]
    above = integrate.dblquad(density, x, 6, x, 6, epsabs=1e-13)[0]
    assert gue_law(2, 0).sf(x) == pytest.approx(above / whole, rel=1e-9, abs=1e-13)
    below = integrate.dblquad(density, -6, x, -6, x, epsabs=1e-13)[0]
    assert gue_law(2, 1).cdf(x) == pytest.approx(below / whole, rel=1e-9, abs=1e-13)


def painleve(low):
    """F_2 by q'' = s q + 2 q^3, q ~ Ai: s, log F_2(s) (Tracy and Widom 1994)."""

    def slope(s, y):
        q, speed, _, log_slope = y
        return [speed, s * q + 2 * q**3, log_slope, -q * q]

    value, derivative, _, _ = special.airy(8.0)
    start = [value, derivative, 0.0, 0.0]
    found = integrate.solve_ivp(
        slope, (8.0, low), start, "DOP853", rtol=1e-13, atol=1e-25, dense_output=True
    )
    return lambda s: found.sol(s)[2]


def test_the_edge_is_tracy_and_widoms_by_painleve():
    """Another route: no determinant, no quadrature. What starts at 8 misses 1e-16 of the law."""
    log = painleve(-4.0)
    s = np.linspace(-3.5, 2.0, 23)
    assert np.abs(edge_law(0, 2).logcdf(s) - log(s)).max() < 1e-8
    for wrong in (edge_law(0), edge_law(0, 4), edge_law(1, 2)):
        assert np.abs(wrong.logcdf(s) - log(s)).max() > 0.1


@pytest.mark.parametrize(
    ("k", "mean", "variance"),
    [(0, -1.7710868074, 0.8131947928), (1, -3.6754372971, 0.5405450473)],
)
def test_published_moments_of_the_edge(k, mean, variance):
    """Bornemann 2010."""
    law = edge_law(k, beta=2)
    assert abs(law.mean() - mean) < 1e-10
    assert abs(law.var() - variance) < 1e-10


@pytest.mark.parametrize("k", [0, 1])
def test_every_second_of_two_goe_spectra_is_gue(k):
    """Forrester and Rains 2001: every second of two independent GOE's eigenvalues, the first left out.

    At most k of GUE lie beyond s where at most 2k + 1 of the two do.
    """
    s = np.linspace(-5.0, 1.0, 13)
    below = [edge_law(j).cdf(s) for j in range(2 * k + 2)]
    exactly = np.diff(below, axis=0, prepend=0.0)
    both = sum(exactly[j] * below[2 * k + 1 - j] for j in range(2 * k + 2))
    assert np.allclose(edge_law(k, 2).cdf(s), both, atol=4e-12)
    fewer = sum(exactly[j] * below[2 * k - j] for j in range(2 * k + 1))
    assert not np.allclose(edge_law(k, 2).cdf(s), fewer, atol=1e-2)


def sampled(n, samples, rng):
    """Eigenvalues of dense Hermitian matrices, E |M_ij|^2 = 1/(2n)."""
    a = rng.standard_normal((samples, n, n)) + 1j * rng.standard_normal((samples, n, n))
    return np.linalg.eigvalsh((a + a.conj().swapaxes(1, 2)) / 2) / math.sqrt(2 * n)


def test_a_sampler_agrees_and_refutes_what_is_wrong():
    n = 4
    spectra = sampled(n, 2000, np.random.default_rng(7))
    for k in (0, 2):
        assert stats.kstest(spectra[:, k], gue_law(n, k).cdf).pvalue > 1e-4
        unit = math.sqrt(2 * n / (2 * n + 1))  # spectra on [-sqrt(2 + 1/n), ...]
        wrong = [goe_law(n, k).cdf, gse_law(n, k).cdf, gue_law(n, k + 1).cdf]
        assert all(stats.kstest(spectra[:, k], cdf).pvalue < 1e-4 for cdf in wrong)
        assert k or stats.kstest(spectra[:, k] * unit, gue_law(n, k).cdf).pvalue < 1e-4


def test_the_edge_is_the_limit():
    """At the rate N^(-2/3), in the unit of y^2 = 2N."""
    misses = [
        abs(math.sqrt(2) * n ** (2 / 3) * (gue_law(n, n - 1).mean() - math.sqrt(2)) - limit)
        for n in (20, 160)
        for limit in (edge_law(0, 2).mean(),)
    ]
    assert misses[1] < 0.02
    assert misses[0] / misses[1] == pytest.approx(4, rel=0.1)


@pytest.mark.parametrize(
    ("ensemble", "s", "lower"),
    [
        (UnitaryEdge(0), -11.0, True),
        (UnitaryEdge(0), 12.0, False),
        (UnitaryEdge(2), -10.0, True),
        (UnitaryEdge(4), 2.0, False),
        (Unitary(40, 0), 4.0, True),
        (Unitary(40, 3), 11.0, False),
        (Unitary(20, 2), -0.5, True),
    ],
)
def test_hazards_do_not_depend_on_the_precision(ensemble, s, lower, monkeypatch):
    found = ensemble.hazard(s, lower)
    rule = ensembles._bits
    monkeypatch.setattr(ensembles, "_bits", lambda gain, k: rule(gain, k) + 40)
    assert found == pytest.approx(ensemble.hazard(s, lower), rel=1e-11)
    assert found != pytest.approx(ensemble.hazard(s + 1e-6, lower), rel=1e-11)


@pytest.mark.parametrize(
    ("ensemble", "low"),
    [(UnitaryEdge(0), -5.0), (UnitaryEdge(3), -9.0), (Unitary(40, 1), 8.0), (Unitary(5, 3), -0.5)],
)
def test_balls_and_floats_agree_within_the_error_stated(ensemble, low):
    s = low + np.array([0.0, 0.7, 1.9])
    logs, error = ensemble.log_density(s, False)
    exact, rest = ensemble.log_density(s, True)
    assert (np.abs(logs - exact) <= error + rest).all()
    assert error.max() < 1e-8
    assert rest.max() < 1e-13


@pytest.mark.parametrize(
    ("ensemble", "near", "far", "lower"),
    [
        (UnitaryEdge(0), -16.0, -20.0, True),
        (UnitaryEdge(1), -12.0, -15.0, True),
        (UnitaryEdge(1), 9.0, 12.0, False),
        (Unitary(20, 0), 0.5, -0.5, True),
        (Unitary(40, 1), 4.0, 3.0, True),
        (Unitary(40, 1), 12.0, 13.0, False),
    ],
)
def test_far_tails_fall_as_the_gas_does(ensemble, near, far, lower):
    """The formula's slope against the hazard; beta = 1's is off by a factor two."""
    for s in (near, far):
        slope = abs(ensemble.lead(np.array([s + 1e-20j]), lower).imag[0] / 1e-20)
        assert slope == pytest.approx(ensemble.hazard(s, lower), rel=1e-2)
    beside = type(ensemble).__mro__[1]
    other = beside(**{name: getattr(ensemble, name) for name in ensemble.__match_args__ if name})
    wrong = abs(other.lead(np.array([far + 1e-20j]), lower).imag[0] / 1e-20)
    assert wrong < 0.7 * slope


def test_mirrored_and_pickled():
    assert gue_law(9, 8).cdf(1.2) == pytest.approx(gue_law(9, 0).sf(-1.2), abs=1e-12)
    law = pickle.loads(pickle.dumps(gue_law(9, 0)))
    assert law.cdf(-1.2) == gue_law(9, 0).cdf(-1.2)
    assert gue_law(9, 0) != goe_law(9, 0)


def test_the_ladder_ends(monkeypatch):
    monkeypatch.setattr(balls, "_LADDER", (120,))
    with pytest.raises(balls.OutOfReach, match="15 digits need more bits"):
        UnitaryEdge(0).log_density(np.array([0.0]), True)


@pytest.mark.parametrize(
    ("n", "k", "name"),
    [(0, 0, "n"), (20_001, 0, "n"), (5, 5, "k"), (5, -1, "k"), (200, 65, "k"), ("3", 0, "n")],
)
def test_bad_laws_are_named(n, k, name):
    with pytest.raises(InputError, match=rf"^{name}: got"):
        gue_law(n, k)


def test_the_edge_has_eleven_laws():
    assert edge_law(10, 2).table.ensemble == UnitaryEdge(10)
    with pytest.raises(InputError, match=r"^k: got 11"):
        edge_law(11, 2)
