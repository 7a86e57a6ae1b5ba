import math
from functools import cache

import flint
import mpmath
import numpy as np
import pytest
import sympy
from hypothesis import example, given, settings
from hypothesis import strategies as st
from scipy import integrate, stats

from theory import complexity, threshold
from theory.annealed.pure_model import e_inf, theta
from theory.checks import InputError
from theory.finite_n.by_quadrature import log_mean_count
from theory.finite_n.counts import Count, mean_count
from theory.goe.spectrum import cdf, log_density
from theory.model import pure

orders = st.integers(2, 12)
levels = st.floats(-2.5, 2.5)


@given(st.integers(2, 10_000))
def test_two_and_three_spins_in_closed_form(p):
    two, three = (log_mean_count(p, n)[0] for n in (2, 3))
    assert math.exp(two) == pytest.approx(2 * math.sqrt(3 * p - 2), rel=1e-12)
    exact = 2 * (1 + 4 * (p - 1) ** 1.5 / math.sqrt(3 * p - 2))
    assert math.exp(three) == pytest.approx(exact, rel=1e-12)


@given(st.integers(2, 400), levels)
@example(2, 0.0)
@example(399, -1.6)
def test_quadratic_model_counts_eigenvectors(n, u):
    assert math.exp(log_mean_count(2, n)[0]) == pytest.approx(2 * n, rel=1e-11)
    share = float(cdf(n, u))
    if share > 1e-3:
        assert math.exp(log_mean_count(2, n, u)[0]) == pytest.approx(2 * n * share, rel=1e-8)


def rice_on_the_circle(p, u):
    """Mean number of critical points of two spins below u, by Rice's formula alone.

    H at the angle a is a stationary Gaussian process of covariance 2 cos(a)^p.
    """
    a = sympy.Symbol("a")
    covariance = 2 * sympy.cos(a) ** p
    variance, slope, curvature = (
        float((-1) ** (order // 2) * sympy.diff(covariance, a, order).subs(a, 0))
        for order in (0, 2, 4)
    )
    # H'' given H = h is Normal(-slope h/variance, curvature - slope^2/variance); H' is independent.
    spread = math.sqrt(curvature - slope**2 / variance)

    def integrand(h):
        mean = -slope * h / variance
        folded = stats.foldnorm.mean(abs(mean) / spread, scale=spread)
        return folded * stats.norm.pdf(h, scale=math.sqrt(variance))

    value, _ = integrate.quad(integrand, -12 * math.sqrt(variance), 2 * u, epsrel=1e-12, limit=200)
    return 2 * math.pi * value / math.sqrt(2 * math.pi * slope)


@settings(max_examples=12)
@given(st.integers(2, 30), st.floats(-2, 2))
def test_two_spins_below_a_level_by_rice(p, u):
    expected = rice_on_the_circle(p, u)
    assert math.exp(log_mean_count(p, 2, u)[0]) == pytest.approx(expected, rel=1e-9)
    assert abs(math.exp(log_mean_count(p + 1, 2, u)[0]) / expected - 1) > 1e-6


def kac_rice_on_the_sphere(p, u):
    """Mean number for three spins below u: area, density of the gradient at 0, E |det|.

    The Hessian is sqrt(p (p-1)) G - p u, G of eigenvalues m +- sqrt(s), m Normal(0, 1/3) and s
    exponential of mean 2/3, so that E |a - s| = a - 2/3 + (4/3) exp(-3 a/2).
    """
    nodes, weights = np.polynomial.legendre.leggauss(120)
    m, level = 6 * nodes, -6 + (u + 6) * (nodes + 1) / 2
    square = (m - level[:, None] * math.sqrt(p / (p - 1))) ** 2
    determinant = p * (p - 1) * (square - 2 / 3 + 4 / 3 * np.exp(-1.5 * square))
    normal = stats.norm(scale=math.sqrt(1 / 3)).pdf
    mean = (u + 6) / 2 * (weights * normal(level)) @ determinant @ (6 * weights * normal(m))
    return 12 * math.pi / (2 * math.pi * p) * float(mean)


@settings(max_examples=15)
@given(st.integers(2, 30), st.floats(-2, 2))
def test_three_spins_below_a_level_by_kac_and_rice(p, u):
    expected = kac_rice_on_the_sphere(p, u)
    assert math.exp(log_mean_count(p, 3, u)[0]) == pytest.approx(expected, rel=1e-11)
    assert abs(math.exp(log_mean_count(p, 2, u)[0]) / expected - 1) > 0.1


BITS = 300
REACH = 14  # exp(-14^2/2) = 3e-43


@cache
def legendre_rule(points=40):
    with flint.ctx.workprec(BITS):
        return [flint.arb.legendre_p_root(points, i, weight=True) for i in range(points)]


def nodes_on(low, high, panels=14):
    half = (high - low) / (2 * panels)
    return [
        (low + half * (2 * panel + 1 + node), half * weight)
        for panel in range(panels)
        for node, weight in legendre_rule()
    ]


def pairings(n, x):
    """Return x^j w(x) and int x'^j sgn(x' - x) w(x') dx' for j < n, w = exp(-x^2/2)."""
    weight = (-x * x / 2).exp()
    tails = [(flint.arb.pi() / 2).sqrt() * (x / flint.arb(2).sqrt()).erfc(), weight]
    wholes = [(2 * flint.arb.pi()).sqrt(), flint.arb(0)]
    for j in range(2, n):
        tails.append(x ** (j - 1) * weight + (j - 1) * tails[j - 2])
        wholes.append((j - 1) * wholes[j - 2])
    powers = [x**j * weight for j in range(n)]
    return powers, [2 * tail - whole for tail, whole in zip(tails, wholes, strict=True)][:n]


def skew_matrix(n, points):
    """int int x^j y^k sgn(y-x) w(x) w(y) and, for odd n, the border int x^j w, by the rule given.

    ``points`` are (x, weight) with the factor g(x) in the weight.
    """
    rows = [(pairings(n, x), weight) for x, weight in points]
    left = flint.arb_mat([[value * weight for value in powers] for (powers, _), weight in rows])
    right = flint.arb_mat([signs for (_, signs), _ in rows])
    square = left.transpose() * right
    size = n + n % 2
    matrix = flint.arb_mat(size, size)
    for j in range(n):
        for k in range(n):
            matrix[j, k] = square[j, k]
        if n % 2:
            matrix[j, n] = sum((left[i, j] for i in range(len(rows))), flint.arb(0))
            matrix[n, j] = -matrix[j, n]
    return matrix


def exact_count(p, n, u=None):
    """Log of the mean count by de Bruijn's Pfaffian: the joint density of eigenvalues and no more.

    int prod|xi - xj| prod w(xi) (1 + e g(xi)) = n! Pf A(e), so E sum g(xi) = tr(A^-1 A')/2.
    """
    with flint.ctx.workprec(BITS):
        reach, c = flint.arb(REACH), flint.arb(p - 2) / (2 * p)
        end = reach if u is None else flint.arb(u) * (flint.arb(n * p) / (2 * (p - 1))).sqrt()
        whole = skew_matrix(n, nodes_on(-reach, reach))
        part = skew_matrix(n, [(x, w * (-c * x * x).exp()) for x, w in nodes_on(-reach, end)])
        slope = flint.arb_mat(n + n % 2, n + n % 2)
        for j in range(n + n % 2):
            for k in range(n + n % 2):
                # The border holds g once, the block at x and at y.
                bordered = max(j, k) == n
                slope[j, k] = part[j, k] if bordered else part[j, k] - part[k, j]
        solved = whole.solve(slope)
        mean = sum((solved[j, j] for j in range(n + n % 2)), flint.arb(0)) / 2
        log = (2 * (flint.arb(2) / p).sqrt() * mean).log() + flint.arb(p - 1).log() * n / 2
        return float(log.mid())


@settings(max_examples=15)
@given(st.integers(2, 12), st.integers(4, 12), st.none() | levels)
@example(3, 12, None)
@example(12, 9, -2.4)
def test_counts_against_the_joint_density_of_eigenvalues(p, n, u):
    expected = exact_count(p, n, u)
    log, error = log_mean_count(p, n, u)
    assert abs(math.expm1(log - expected)) <= error < 1e-10
    assert abs(log_mean_count(p, n + 1, u)[0] - expected) > 1e-3
    assert abs(log_mean_count(p + 1, n, u)[0] - expected) > 1e-3
    if u is not None:
        # A level in units of the eigenvalue, not of the energy.
        scaled = u * math.sqrt(p / (2 * (p - 1)))
        assert p == 2 or abs(u) < 0.1 or abs(log_mean_count(p, n, scaled)[0] - expected) > 1e-3


@settings(max_examples=10)
@given(st.integers(2, 50), st.integers(50, 1500), st.none() | levels)
@example(3, 1500, None)
@example(50, 1000, -1.0)
def test_larger_systems_against_sums_over_the_density(p, n, u):
    """The same integral, from the far left and on a grid of its own."""
    end = 3.0 if u is None else u * math.sqrt(p / (2 * (p - 1)))
    start = min(-1.5 - 12 / math.sqrt(n), end - 3)
    nodes, weights = np.polynomial.legendre.leggauss(40)
    edges = np.linspace(start, end, int((end - start) * n / 20) + 20)
    half = np.diff(edges)[:, None] / 2
    x = edges[:-1, None] + half * (nodes + 1)
    logs = log_density(n, x) - n * (p - 2) / (2 * p) * x * x
    top = logs.max()
    integral = top + math.log((np.exp(logs - top) * half) @ weights @ np.ones(len(half)))
    expected = math.log(2 * n * math.sqrt(2 / p)) + n / 2 * math.log(p - 1) + integral
    log, error = log_mean_count(p, n, u)
    assert abs(log - expected) < 1e-11
    assert error < 1e-9


@settings(max_examples=8)
@given(st.integers(2, 12), st.integers(4, 10), st.none() | levels)
def test_every_digit_offered_is_right(p, n, u):
    count = mean_count(pure(p), n, below=u)
    assert count.log == log_mean_count(p, n, u)[0]
    with mpmath.workdps(30):
        truth = mpmath.exp(exact_count(p, n, u))
        assert abs(mpmath.mpf(count.value) / truth - 1) < mpmath.mpf(10) ** (1 - count.digits)
    assert count.rounded(5) == mpmath.nstr(truth, 5, strip_zeros=False)
    with pytest.raises(InputError, match=r"^digits: got"):
        count.rounded(count.digits + 1)


@pytest.mark.parametrize(
    ("error", "digits"), [(1e-10, 9), (4.9e-10, 9), (6e-10, 8), (0.04, 1), (0.6, 1)]
)
def test_digits_follow_from_the_error(error, digits):
    count = Count(5, None, math.log(123456789.123), error)
    assert count.digits == digits
    assert float(count.value) == pytest.approx(123456789.123, rel=0.51 * 10 ** (1 - digits))


@given(orders, st.integers(2, 300), levels, st.floats(1e-3, 1))
def test_monotone_and_bounded_by_the_total(p, n, u, gap):
    lower, upper = (log_mean_count(p, n, level)[0] for level in (u, u + gap))
    total = log_mean_count(p, n)[0]
    assert lower < upper or upper > total - 1e-12
    assert upper <= total + 1e-12


@given(orders, st.integers(2, 300), levels)
def test_symmetric_in_the_level(p, n, u):
    total = log_mean_count(p, n)[0]
    shares = np.exp([log_mean_count(p, n, level)[0] - total for level in (u, -u)])
    assert shares.sum() == pytest.approx(1, abs=1e-11)
    assert math.exp(log_mean_count(p, n, 0.0)[0] - total) == pytest.approx(0.5, rel=1e-11)


@pytest.mark.parametrize("p", [3, 4, 10])
@pytest.mark.parametrize(
    ("shift", "power"), [(-0.25, -0.5), (0.6, 0), (2.5, 0.5)], ids=["below", "bulk", "above"]
)
def test_growth_is_theta_with_the_power_of_its_regime(p, shift, power):
    """E Crt ~ const N^power exp(N Theta): below the barrier, between it and 0, above 0."""
    u = -e_inf(p) + shift

    def excess(n):
        difference = log_mean_count(p, 2 * n, u)[0] - log_mean_count(p, n, u)[0]
        return difference - n * float(theta(p, u)) - power * math.log(2)

    near, far = excess(250), excess(1000)
    assert abs(far) < 1e-2
    assert abs(far) < 0.4 * abs(near)  # 1/N, oscillations included: 0.25
    # Another exponent would show at once.
    assert abs(far + 1000 * float(theta(p, u) - theta(p + 1, u))) > 1


@settings(max_examples=5)
@given(st.integers(2, 50), st.integers(1000, 5000), st.floats(-3, 1))
def test_large_systems_give_finite_numbers_with_small_errors(p, n, u):
    log, error = log_mean_count(p, n, u)
    assert error < 1e-9
    assert log / n == pytest.approx(float(theta(p, u)), abs=8 * math.log(n) / n)


@pytest.mark.parametrize(
    ("arguments", "name"),
    [
        ({"model": 3}, "model"),
        ({"k": 10}, "k"),
        ({"k": -1}, "k"),
        ({"k": 100, "n": 1000}, "k"),
        ({"n": 1}, "n"),
        ({"n": 20_001}, "n"),
        ({"n": 10.0}, "n"),
        ({"n": True}, "n"),
        ({"n": "10"}, "n"),
        ({"below": math.nan}, "below"),
        ({"below": -math.inf}, "below"),
        ({"below": 101.0}, "below"),
    ],
)
def test_bad_input_is_named(arguments, name):
    with pytest.raises(InputError, match=f"^{name}: got .*; takes "):
        mean_count(**{"model": pure(3), "n": 10, **arguments})


def test_a_count_without_a_digit_is_refused(monkeypatch):
    error = [0.4]
    monkeypatch.setattr("theory.finite_n.counts.log_count", lambda points: (1.0, error[0]))
    assert mean_count(pure(3), 10).relative_error == 0.4
    error[0] = 0.6
    with pytest.raises(InputError, match=r"^below: got"):
        mean_count(pure(3), 10)


@pytest.mark.parametrize("below", ["low", [0.0, 1.0], 1j, 10**400])
def test_a_level_that_is_no_number_is_named(below):
    with pytest.raises(InputError, match=r"^below: got"):
        mean_count(pure(3), 10, below=below)


@pytest.mark.parametrize(
    ("n", "below", "value"),
    [(100, -20, "4.57220907e-8515"), (1000, -3, "1.67161161e-1042"), (30, -20, "1.24819138e-2557")],
)
def test_far_below_all_levels(n, below, value):
    """There minima are all points but exponentially few: the total, in closed form, is the number."""
    assert mean_count(pure(3), n, 0, below).rounded(9) == value
    assert mean_count(pure(3), n, below=below, digits=9).value == value
    # The next index is rarer by far, and still a number.
    rarer = mean_count(pure(3), n, 1, below)
    assert rarer.log < 1.5 * mean_count(pure(3), n, 0, below).log
    assert rarer.relative_error < 1e-6


def test_a_level_at_the_end_of_a_panel():
    found = mean_count(pure(3), 1000, k=0, below=-1.6819829567111158)
    near = mean_count(pure(3), 1000, k=0, below=-1.68198295671)
    assert found.log == pytest.approx(near.log, abs=1e-6)


def test_levels_by_name():
    model = pure(3)
    for name, k in (("-E_inf", None), ("-E_0", 0), ("-E_3", 3)):
        level = -threshold(model, k, 60)
        assert mean_count(model, 50, 0, name).log == pytest.approx(
            mean_count(model, 50, 0, float(level)).log, rel=1e-9
        )
        assert mean_count(model, 50, None, name, digits=20).overlaps(
            mean_count(model, 50, None, level, digits=20)
        )
        assert complexity(model, name, 0, 20).overlaps(complexity(model, level, 0, 20))
        assert complexity(model, name, 0) == pytest.approx(complexity(model, float(level), 0))
    assert complexity(model, "-E_3", 3, 10).value == "0"
    with pytest.raises(InputError, match=r"^below: got .*; takes .*-E_inf"):
        mean_count(model, 50, 0, "E_inf")
