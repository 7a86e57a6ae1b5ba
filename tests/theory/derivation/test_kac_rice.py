import itertools
import math
from functools import cache

import mpmath
import numpy as np
import pytest
import sympy as sp
from hypothesis import example, given, settings
from hypothesis import strategies as st

from theory.annealed.pure_model import e_inf, theta
from theory.derivation import kac_rice as kr

KEYS = ("", "1", "2", "11", "12", "22")
POLE = sp.Matrix([0, 0, 1])
E1, E2 = sp.Matrix([1, 0, 0]), sp.Matrix([0, 1, 0])


def couplings_at(p, spins):
    """Coefficients of the couplings X_{i1..ip} in H = N^(-(p-1)/2) sum X s_i1 ... s_ip."""
    n = len(spins)
    scale = sp.sqrt(n) ** (1 - p)
    return sp.Matrix([scale * sp.prod(c) for c in itertools.product(spins, repeat=p)])


@pytest.mark.parametrize(("n", "p"), [(2, 2), (2, 3), (3, 3), (2, 4)])
def test_covariance_summed_over_couplings_is_n_xi(n, p):
    s, t = sp.symbols(f"s:{n}"), sp.symbols(f"t:{n}")
    # X are independent and standard: E H(s) H(t) is the sum of products of coefficients.
    covariance = sp.expand(couplings_at(p, s).dot(couplings_at(p, t)))
    overlap = sum(a * b for a, b in zip(s, t, strict=True)) / n
    assert sp.expand(covariance - n * overlap**p) == 0
    assert sp.expand(covariance - overlap**p) != 0


@cache
def derivatives_at_pole(p):
    """(H, d_i H, d_ij H) at the pole of three spins as vectors of coefficients.

    Along great circles, by arc length; mixed second derivatives from the diagonal direction.
    """
    a = sp.Symbol("a")

    def along(direction, order):
        arc = sp.sqrt(3) * (sp.cos(a) * POLE + sp.sin(a) * direction)
        return sp.diff(couplings_at(p, list(arc)), a, order).subs(a, 0) / sp.sqrt(3) ** order

    second = [along(e, 2) for e in (E1, E2, (E1 + E2) / sp.sqrt(2))]
    mixed = second[2] - (second[0] + second[1]) / 2
    return dict(
        zip(
            KEYS,
            (along(E1, 0), along(E1, 1), along(E2, 1), second[0], mixed, second[1]),
            strict=True,
        )
    )


def at_model(expression, mixture):
    """Put N = 3 and xi = sum a_p q^p with its derivatives at 1."""
    values = [sum(a * math.perm(p, order) for p, a in mixture.items()) for order in range(3)]
    return expression.subs(dict(zip((kr.XI, kr.DXI, kr.DDXI), values, strict=True))).subs(kr.N, 3)


@pytest.mark.parametrize("mixture", [{2: 1}, {3: 1}, {2: sp.Rational(1, 3), 3: sp.Rational(2, 3)}])
def test_field_covariances_against_an_explicit_polynomial(mixture):
    covariance = kr.field_covariance()
    for left, right in itertools.product(KEYS, repeat=2):
        # The orders of a mixture have couplings of their own.
        brute = sum(
            a * derivatives_at_pole(p)[left].dot(derivatives_at_pole(p)[right])
            for p, a in mixture.items()
        )
        assert sp.simplify(brute - at_model(covariance[f"{left},{right}"], mixture)) == 0
    law = {key: at_model(value, mixture) for key, value in kr.hessian_law().items()}
    diagonal, off_diagonal = (3 * variance(mixture, key) for key in ("11", "12"))
    assert law["off-diagonal"] == off_diagonal
    assert law["diagonal"] == 2 * off_diagonal
    assert law["diagonal"] + law["Var r"] == diagonal
    # Not half the variance on the diagonal.
    assert law["diagonal"] / 2 + law["Var r"] != diagonal


def variance(mixture, key):
    return sum(
        a * derivatives_at_pole(p)[key].dot(derivatives_at_pole(p)[key]) for p, a in mixture.items()
    )


def test_pure_model_has_a_radial_derivative_of_p_times_the_energy():
    law = {key: kr.pure(value, kr.P) for key, value in kr.hessian_law().items()}
    assert sp.expand(law["Var r"] - kr.P**2) == 0
    assert sp.expand(law["Cov(u, r)"] - kr.P) == 0
    assert law["gradient with the rest"] == 0
    # So (u, r) is degenerate, which no mixture's is.
    determinant = law["Var u"] * law["Var r"] - law["Cov(u, r)"] ** 2
    assert sp.expand(determinant) == 0


@cache
def numerical_cost():
    return sp.lambdify((kr.XI, kr.DXI, kr.DDXI, kr.U, kr.R), kr.gaussian_cost(kr.U, kr.R))


@given(st.floats(0.1, 3), st.floats(0.1, 3), st.floats(0.1, 5), st.floats(-2, 2), st.floats(-5, 5))
def test_gaussian_cost_is_the_quadratic_form(xi, dxi, extra, u, r):
    # Cauchy-Schwarz: xi (xi' + xi'') > xi'^2.
    ddxi = dxi**2 / xi + extra
    found = numerical_cost()(xi, dxi, ddxi, u, r)
    c = np.array([[xi, dxi], [dxi, dxi + ddxi]])
    expected = np.array([u, r]) @ np.linalg.solve(c, [u, r]) / 2
    assert found == pytest.approx(expected, rel=1e-9, abs=1e-12)


def log_potential(x):
    """Integrate log|x - l| against the semicircle sqrt(4 - l^2)/(2 pi)."""
    cuts = [-2, x, 2] if abs(x) < 2 else [-2, 2]
    return mpmath.quad(
        lambda z: mpmath.sqrt(abs(4 - z * z)) / (2 * mpmath.pi) * mpmath.log(abs(x - z) or 1), cuts
    )


@settings(max_examples=8)
@given(st.floats(0, 2), st.floats(-2, 2))
@example(0.0, 0.0)
def test_log_potentials_and_index_cost_are_their_integrals(t, x):
    with mpmath.workdps(20):
        cosh = 2 * mpmath.cosh(t)
        outside, cost = (
            float(f.subs(kr.T, t)) for f in (kr.log_potential_outside(), kr.index_cost())
        )
        assert outside == pytest.approx(float(log_potential(cosh)), abs=1e-11)
        inside = float(kr.log_potential_inside(sp.Symbol("y")).subs("y", x))
        assert inside == pytest.approx(float(log_potential(mpmath.mpf(x))), abs=1e-11)
        integral = mpmath.quad(lambda w: w * w * mpmath.sqrt(w * w + 4), [0, mpmath.sqrt(cosh - 2)])
        assert cost == pytest.approx(float(integral), abs=1e-11 * float(cosh) ** 2)


def test_geometry_is_the_limit_of_volume_times_density():
    def exact(n, slope):
        log_volume = math.log(2) + n / 2 * math.log(math.pi) - math.lgamma(n / 2)
        log_volume += (n - 1) / 2 * math.log(n)
        return (log_volume - (n - 1) / 2 * math.log(2 * math.pi * slope)) / n

    for slope in (2, 7):
        limit = float(kr.geometry().subs(kr.DXI, slope))
        errors = [abs(exact(n, slope) - limit) for n in (10**3, 10**6)]
        assert errors[1] < 1e-5
        assert errors[1] < errors[0] / 300  # log N/N at most


@given(st.integers(2, 10_000))
def test_barrier_is_where_the_edge_of_the_spectrum_passes_zero(p):
    assert float(kr.e_inf_derived(p)) == pytest.approx(e_inf(p), rel=1e-15)


def test_barrier_against_a_sampled_spectrum():
    """The smallest eigenvalue of sqrt(p(p-1)) G + p E_inf, off-diagonal variance 1/N, is near 0."""
    n, p = 600, 3
    a = np.random.default_rng(1).standard_normal((n, n))
    lowest = np.linalg.eigvalsh((a + a.T) / math.sqrt(2 * n))[0]
    level = float(kr.e_inf_derived(p))
    assert abs(math.sqrt(p * (p - 1)) * lowest + p * level) < 0.1
    assert abs(math.sqrt(p * (p - 1)) * lowest + p * level / 2) > 2


BRANCHES = [("outside", 0), ("outside", None), ("bulk", None), ("positive", None), ("plateau", 0)]


@pytest.mark.parametrize(("branch", "k"), [*BRANCHES, ("outside", 100), ("plateau", 7)])
@pytest.mark.parametrize("p", [2, 3, 50])
def test_closed_forms_equal_the_derivation(p, branch, k):
    assert kr.equal_to_derived(p, k, branch) is True


@pytest.mark.parametrize(("branch", "k"), BRANCHES)
def test_closed_forms_equal_the_derivation_for_every_p_and_k(branch, k):
    p, index = sp.symbols("p k", positive=True)
    assert kr.equal_to_derived(p, None if k is None else index, branch) is True


def closed(p, k, branch):
    return kr.closed_form(p, {"outside": kr.T, "bulk": kr.U}.get(branch, 0), k, branch)


P_, K_ = sp.symbols("p k", positive=True)


@pytest.mark.parametrize("p", [3, 7, P_])
@pytest.mark.parametrize(
    ("branch", "k", "wrong"),
    [
        ("plateau", 2, lambda p: sp.log(p - 1) / 2 - (p - 2) / (4 * (p - 1))),
        ("outside", 2, lambda p: closed(p, 1, "outside")),
        ("outside", K_, lambda p: closed(p, K_ - 1, "outside")),
        ("outside", 0, lambda p: closed(p + 1, 0, "outside")),
        ("bulk", None, lambda p: closed(p, None, "bulk") - kr.U**2 / 2),
        ("bulk", None, lambda p: closed(p, None, "bulk") + sp.Rational(1, 100)),
        ("positive", None, lambda p: sp.log(p) / 2),
        # E_inf without its factor 2: t is the same, u is not.
        ("outside", 0, lambda p: closed(p, 0, "outside").subs(kr.T, kr.T / 2)),
    ],
)
def test_wrong_forms_are_refuted(p, branch, k, wrong):
    expression = wrong(p)
    assert kr.equal_to_derived(p, k, branch, expression) is False


@settings(max_examples=15)
@given(st.sampled_from([2, 3, 4, 7, 50]), st.floats(-4, 1), st.none() | st.integers(0, 10))
@example(3, -2.0, 2)
@example(3, -1.0, 2)
@example(3, -1.0, None)
@example(50, -e_inf(50) - 1e-12, 10)
@example(3, 0.0, None)
@example(2, -e_inf(2), None)
def test_quadrature_agrees_with_the_closed_form_and_no_other(p, u, k):
    found = float(kr.theta_quadrature(p, u, k, 20))
    margin = 1e-14 * (1 + (k or 0)) * (1 + u * u)
    assert abs(found - theta(p, u, k)) < margin
    if k and u < -e_inf(p) - 0.01:
        assert abs(found - theta(p, u, k - 1)) > 1e3 * margin
        assert abs(found - theta(p, u, k + 1)) > 1e3 * margin
    if p > 2 and k is not None and u > -e_inf(p):
        printed = math.log(p - 1) / 2 - (p - 2) / (4 * (p - 1))
        assert abs(found - printed) > 0.1


def test_quadrature_at_fifty_digits():
    with mpmath.workdps(60):
        u, edge = mpmath.mpf("-1.8"), mpmath.sqrt(mpmath.mpf(8) / 3)
        root = mpmath.sqrt(u * u - edge**2)
        # ABC eq. 2.10 as printed, in logarithms.
        rate = -u / edge**2 * root - mpmath.log(-u + root) + mpmath.log(edge)
        expected = mpmath.log(2) / 2 - u * u / 8 - 4 * rate
        assert abs(kr.theta_quadrature(3, u, 3, 50) - expected) < mpmath.mpf("1e-48")
