import math

import mpmath
import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from scipy import integrate

from theory.checks import InputError
from theory.goe import hermite
from theory.goe.spectrum import cdf, density, log_density, semicircle_cdf, semicircle_density

NODES, WEIGHTS = np.polynomial.legendre.leggauss(60)


def panel(low, high):
    return low + (high - low) * (NODES + 1) / 2, WEIGHTS * (high - low) / 2


def joint(points, n, beta=1, variance=1.0):
    """Return the joint density prod |xi - xj|^beta exp(-(n/2) sum x^2), not normalised."""
    gaps = math.prod(abs(a - b) ** beta for i, a in enumerate(points) for b in points[i + 1 :])
    return gaps * np.exp(-n / 2 / variance * sum(x * x for x in points))


def marginal_of_two(x, **law):
    total = 0.0
    for low, high in ((-8, x), (x, 8)):
        y, w = panel(low, high)
        total += joint((x, y), 2, **law) @ w
    return total


def marginal_of_three(x, **law):
    """Integrate over a < b, in the three regions where no |.| has a kink; times 2 by symmetry."""
    total = 0.0
    for low, high, start, stop in ((-5, x, None, x), (-5, x, x, 5), (x, 5, None, 5)):
        for a, weight in zip(*panel(low, high), strict=True):
            b, w = panel(a if start is None else start, stop)
            total += 2 * weight * (joint((x, a, b), 3, **law) @ w)
    return total


def normalised(marginal, points, **law):
    # Trapezoidal sums of smooth decaying functions are exact to rounding.
    grid = np.arange(-7, 7, 0.1) if marginal is marginal_of_two else np.arange(-5, 5, 0.1)
    mass = 0.1 * sum(marginal(x, **law) for x in grid)
    return np.array([marginal(x, **law) for x in points]) / mass


@pytest.mark.parametrize(("n", "marginal"), [(2, marginal_of_two), (3, marginal_of_three)])
def test_density_integrates_the_joint_density_of_the_eigenvalues(n, marginal):
    x = np.array([-2.3, -1.0, -0.2, 0.0, 0.55, 1.4, 3.0])
    found = density(n, x)
    np.testing.assert_allclose(found, normalised(marginal, x), rtol=1e-12)
    for wrong in ({"beta": 2}, {"variance": 2.0}, {"variance": (n + 1) / n}):
        assert np.abs(found / normalised(marginal, x, **wrong) - 1).max() > 0.1


def test_density_of_one_eigenvalue_is_normal():
    x = np.linspace(-4, 4, 17)
    np.testing.assert_allclose(
        density(1, x), np.exp(-x * x / 2) / math.sqrt(2 * math.pi), rtol=1e-14
    )


def moments(n, powers):
    """Return moments of the density by the trapezoidal rule, spectrally accurate here."""
    step = min(0.05, 0.5 / n)
    x = np.arange(-(1.5 + 12 / math.sqrt(n)), 1.5 + 12 / math.sqrt(n), step)
    values = density(n, x)
    return [float((values * x**power).sum() * step) for power in powers]


def wick_moments(n, diagonal=2):
    """E tr M^2/n and E tr M^4/n by summing Wick pairings over all indices."""
    eye = np.eye(n)
    pair = np.einsum("ik,jl->ijkl", eye, eye) + np.einsum("il,jk->ijkl", eye, eye)
    for i in range(n):
        pair[i, i, i, i] = diagonal
    pair /= 2 * n
    fourth = (
        np.einsum("ijjk,klli->", pair, pair)
        + np.einsum("ijkl,jkli->", pair, pair)
        + np.einsum("ijli,jkkl->", pair, pair)
    )
    return np.einsum("ijji->", pair) / n, fourth / n


@pytest.mark.parametrize("n", [1, 2, 3, 4, 5, 8, 11])
def test_moments_are_those_of_the_matrix(n):
    mass, first, second, fourth = moments(n, (0, 1, 2, 4))
    assert mass == pytest.approx(1, abs=1e-13)
    assert first == pytest.approx(0, abs=1e-13)
    assert (second, fourth) == pytest.approx(wick_moments(n), rel=1e-12)
    assert second == pytest.approx((n + 1) / (2 * n), rel=1e-12)
    half_the_diagonal = wick_moments(n, diagonal=1)
    assert min(abs(second - half_the_diagonal[0]), abs(fourth - half_the_diagonal[1])) > 0.4 / n**2


@settings(max_examples=10)
@given(st.integers(1, 300))
@example(1000)
def test_mass_and_second_moment(n):
    mass, second = moments(n, (0, 2))
    assert mass == pytest.approx(1, abs=1e-12)
    assert second == pytest.approx((n + 1) / (2 * n), rel=1e-12)
    assert abs(second - 0.5) > 0.4 / n


def half_integral(m):
    """Half the integral of phi_m: 0 for odd m, else from int_R H_m exp(-t^2/2) = sqrt(2 pi) m!/(m/2)!."""
    if m % 2:
        return mpmath.mpf(0)
    norm = mpmath.sqrt(2**m * mpmath.factorial(m) * mpmath.sqrt(mpmath.pi))
    return mpmath.sqrt(mpmath.pi / 2) * mpmath.factorial(m) / mpmath.factorial(m // 2) / norm


def log_density_mp(n, x):
    """Mehta's one-point function of GOE(n), its integral of phi_n by quadrature."""
    steps = [
        (mpmath.sqrt(mpmath.mpf(2) / j), mpmath.sqrt(1 - mpmath.mpf(1) / j))
        for j in range(1, n + 1)
    ]

    def functions(t):
        values = [mpmath.mpf(0), mpmath.pi ** mpmath.mpf("-0.25") * mpmath.exp(-t * t / 2)]
        for up, down in steps:
            values.append(up * t * values[-1] - down * values[-2])
        return values[1:]

    y = mpmath.sqrt(n) * mpmath.mpf(x)
    values = functions(y)
    cuts = [y + i for i in range(3 + 2 * math.isqrt(n) if y * y < 4 * n else 2)]
    signed = half_integral(n) - mpmath.quad(lambda t: functions(t)[n], cuts, maxdegree=5)
    total = sum(v * v for v in values[:n]) + mpmath.sqrt(mpmath.mpf(n) / 2) * values[n - 1] * signed
    if n % 2:
        total += values[n - 1] / (2 * half_integral(n - 1))
    return mpmath.log(total / mpmath.sqrt(n))


@pytest.mark.parametrize(
    ("n", "x"), [(2, 8.0), (3, 8.0), (20, 0.7), (21, 1.5), (20, 4.0), (21, 4.0), (1000, 5.0)]
)
def test_log_density_against_hermite_functions_in_high_precision(n, x):
    with mpmath.workdps(40):
        expected = float(log_density_mp(n, x))
    assert float(log_density(n, x)) == pytest.approx(expected, rel=2e-15, abs=1e-15 * n)
    assert float(log_density(n, x)) == float(log_density(n, -x))
    assert abs(float(log_density(n + 1, x)) - expected) > 1e-3


@settings(max_examples=8)
@given(st.integers(1, 5000))
@example(5000)
def test_density_is_finite_and_close_to_the_semicircle(n):
    x = np.array([0.0, 0.31, 0.8, 1.2])
    values = log_density(n, np.concatenate([x, [1.5, 3.0, 50.0]]))
    assert np.isfinite(values).all()
    assert (np.diff(values[-3:]) < 0).all()
    # Corrections, oscillations included, are of order 1/n at fixed x.
    assert np.abs(np.exp(values[:4]) - semicircle_density(x)).max() < 0.45 / n
    wider = np.sqrt(4 - x * x) / (2 * math.pi)  # the radius of E M_ij^2 = 1/n
    assert np.abs(np.exp(values[:4]) - wider).max() > 0.07


def test_density_keeps_the_shape_of_its_points():
    x = np.array([[0.1, -2.0], [1.0, 0.0]])
    assert density(4, x).shape == (2, 2)
    assert density(4, x)[1, 0] == density(4, 1.0)


@settings(max_examples=12)
@given(st.integers(1, 60), st.floats(-2.5, 2.5))
@example(1, 0.5)
def test_cdf_integrates_the_density(n, x):
    mass, _ = integrate.quad(
        lambda t: float(density(n, t)),
        -3 - 9 / math.sqrt(n),
        x,
        epsabs=1e-13,
        epsrel=1e-13,
        limit=200,
    )
    assert float(cdf(n, x)) == pytest.approx(mass, abs=2e-12)
    assert float(cdf(n, x)) + float(cdf(n, -x)) == pytest.approx(1, abs=1e-14)


def test_cdf_of_one_and_two_eigenvalues():
    x = np.array([-1.7, -0.4, 0.0, 0.9])
    normal = [0.5 * math.erfc(-t / math.sqrt(2)) for t in x]
    np.testing.assert_allclose(cdf(1, x), normal, atol=1e-13)
    # Of two: mean and half gap are independent, Normal(0, 1/4) and Rayleigh, 4 g exp(-2 g^2).
    gap, weight = panel(0, 8)
    rayleigh = 4 * gap * np.exp(-2 * gap * gap) * weight
    two = [
        sum(
            0.25 * math.erfc(-(t + s * g) * math.sqrt(2)) * w
            for s in (-1, 1)
            for g, w in zip(gap, rayleigh, strict=True)
        )
        for t in x
    ]
    np.testing.assert_allclose(cdf(2, x), two, atol=1e-12)


@given(st.lists(st.floats(-20, 20), min_size=2, max_size=6).map(sorted), st.integers(1, 30))
def test_cdf_is_monotone_between_zero_and_one(x, n):
    values = cdf(n, x)
    assert (np.diff(values) >= -1e-14).all()
    assert values.min() >= 0
    assert values.max() <= 1
    assert cdf(n, [-20.0, 20.0]) == pytest.approx([0, 1], abs=1e-13)


@pytest.mark.parametrize("n", [10, 100, 1000])
def test_cdf_tends_to_the_semicircle(n):
    x = np.linspace(-1.3, 1.3, 53)
    assert np.abs(cdf(n, x) - semicircle_cdf(x)).max() < 0.4 / n


@given(st.floats(-2, 2))
def test_semicircle_cdf_integrates_its_density(x):
    mass, _ = integrate.quad(
        lambda a: (
            float(semicircle_density(math.sqrt(2) * math.sin(a))) * math.sqrt(2) * math.cos(a)
        ),
        -math.pi / 2,
        math.asin(max(-1.0, min(1.0, x / math.sqrt(2)))),
    )
    assert float(semicircle_cdf(x)) == pytest.approx(mass, abs=1e-12)


@pytest.mark.parametrize("n", [0, -1, 2.5, True, "3", None])
@pytest.mark.parametrize("function", [density, log_density, cdf])
def test_bad_dimension_is_named(function, n):
    with pytest.raises(InputError, match=r"^n: got .*; takes an integer >= 1$"):
        function(n, 0.0)


def test_hermite_functions_begin_at_the_first():
    table, _, _ = hermite.functions(3, np.array([0.5]))
    first = math.pi**-0.25 * math.exp(-0.125)
    assert table[:, 0] == pytest.approx([first, first / math.sqrt(2), -first / 2 / math.sqrt(2)])
