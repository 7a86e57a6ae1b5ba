"""Counts by index and laws of single eigenvalues, against closed forms and identities."""

import math
from itertools import pairwise
from types import SimpleNamespace

import flint
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from reference import VALUES
from scipy import stats

from theory.annealed.pure_model import e_inf
from theory.checks import InputError
from theory.finite_n.by_quadrature import log_mean_count
from theory.finite_n.counts import mean_count
from theory.goe import fredholm_ball, soft_edge, soft_edge_ball
from theory.goe.edge_scale import edge_width
from theory.goe.fredholm_ball import OutOfReach, _distance, log_coefficients, until_converged
from theory.goe.hermite import functions
from theory.goe.kth_density import log_density
from theory.goe.kth_law import edge_law, goe_law
from theory.model import mixture, pure


def by_index(model, n, below=None):
    return np.array([math.exp(mean_count(model, n, k, below).log) for k in range(n)])


@settings(max_examples=5)
@given(st.integers(2, 60))
def test_two_and_three_spins_by_index_in_closed_form(p):
    half = math.sqrt(3 * p - 2)
    assert by_index(pure(p), 2) == pytest.approx([half, half], rel=1e-11)
    total = 2 * (1 + 4 * (p - 1) ** 1.5 / half)
    # Index 0 and 2 alike, and the alternating sum is 2.
    exact = [(total + 2) / 4, (total - 2) / 2, (total + 2) / 4]
    assert by_index(pure(p), 3) == pytest.approx(exact, rel=1e-10)
    assert abs(by_index(pure(p + 1), 3) / exact - 1).min() > 1e-4


@pytest.mark.parametrize("n", [2, 3])
def test_the_quadratic_model_has_two_of_each_index(n):
    assert by_index(pure(2), n) == pytest.approx(2.0, rel=1e-10)


@settings(max_examples=3)
@given(st.sampled_from([pure(3), pure(7), mixture({2: 0.5, 4: 0.5})]), st.integers(2, 4))
def test_the_alternating_sum_is_the_euler_characteristic(model, n):
    counts = by_index(model, n)
    signs = (-1.0) ** np.arange(n)
    assert abs(counts @ signs - (2 if n % 2 else 0)) < 1e-10 * counts.sum()
    assert counts.sum() == pytest.approx(math.exp(mean_count(model, n).log), rel=1e-11)


@settings(max_examples=3)
@given(st.sampled_from([pure(3), mixture({3: 0.5, 4: 0.5})]), st.floats(-1.8, 0.5))
def test_indices_sum_to_the_total_at_every_level(model, u):
    n = 2
    total = math.exp(mean_count(model, n, below=u).log)
    parts = by_index(model, n, u)
    assert parts.sum() == pytest.approx(total, rel=1e-10)
    assert abs(by_index(model, n, u + 0.01).sum() / total - 1) > 1e-4


def test_a_mixture_of_eight_spins():
    assert (
        mean_count(mixture({2: 0.5, 4: 0.5}), 8).rounded(7)
        == VALUES["total of (q^2 + q^4)/2 at N = 8"][:8]
    )


@pytest.mark.parametrize(
    ("n", "below", "saddles"),
    [(10, 0.0246, 0.0057), (20, 0.0151, 0.0071), (40, 0.0076, 0.0084)],
)
def test_shares_at_the_barrier(n, below, saddles):
    barrier = -float(e_inf(3))
    first = log_mean_count(3, n, barrier, 0)[0]
    assert math.exp(first - log_mean_count(3, n, None, 0)[0]) == pytest.approx(below, abs=5e-5)
    second = log_mean_count(3, n, barrier, 1)[0]
    whole = log_mean_count(3, n, barrier)[0]
    assert math.exp(second - whole) == pytest.approx(saddles, abs=5e-5)


@pytest.mark.parametrize(("n", "k", "place"), [(10, 0, -8), (10, 1, 3), (100, 0, -5), (300, 2, -7)])
def test_balls_and_floats_agree_within_the_error_stated(n, k, place):
    s = math.sqrt(2 * n) + place * edge_width(n)
    logs, errors = log_density(n, k, np.array([s]))
    exact, error = log_coefficients(n, k, [s])
    assert error < 1e-14
    assert abs(logs[0] - float(exact[0])) < errors[0] < 1e-6
    other, _ = log_coefficients(n, k + 1, [s])
    assert abs(float(other[0]) - float(exact[0])) > 1e-2


def test_more_digits_contain_fewer():
    few, _ = log_coefficients(6, 1, [2.5], digits=15)
    many, error = log_coefficients(6, 1, [2.5], digits=40)
    assert error < 1e-40
    assert abs(float(few[0] - many[0])) < 1e-15


@pytest.mark.parametrize(
    ("n", "k", "points"), [(1, 0, [40.0]), (10, 9, [0.2]), (12, 11, [3.0]), (6, 5, [0.5, 14.0])]
)
def test_the_first_precision_does_for_15_digits(n, k, points, monkeypatch):
    """The second confirms it: in the bulk, for tiny eigenvalues, and where much falls between points."""
    made = []

    class Counted(fredholm_ball._Finite):
        def __init__(self, *arguments):
            made.append(arguments)
            super().__init__(*arguments)

    monkeypatch.setattr(fredholm_ball, "_Finite", Counted)
    _, error = log_coefficients(n, k, points)
    assert error < 1e-15
    assert len(made) == 2


def bits_tried(digits):
    """For a number that never settles, until it is given up."""
    tried = []

    def make(bits, ends):
        assert not tried or bits > tried[-1]
        tried.append(bits)
        return SimpleNamespace(logs=lambda points: [flint.arb(bits)])

    with pytest.raises(OutOfReach):
        until_converged(make, [1.0], digits)
    return tried


def test_tries_have_40_bits_to_spare_and_3300_at_most():
    """Each has at most 5/3 of the bits of the one before: no try is much dearer than it need be."""
    for digits in (1, 15, 23, 47, 135, 400, 958):
        tried = bits_tried(digits)
        assert min(tried, default=0) >= digits * math.log2(10) + 40
        assert tried[-1] == 3300
        assert all(1.5 <= two / one <= 5 / 3 for one, two in pairwise(tried))
    assert bits_tried(959) == []


def test_a_distance_that_a_float_holds_is_exact():
    with flint.ctx.workprec(200):
        one = flint.arb(2) ** 70 + 1
        assert _distance(one, one + 1 + 2.0**-52) == 1 + 2.0**-52
        assert _distance(one, flint.arb("nan")) == math.inf


def test_hermite_functions_are_orthonormal():
    nodes, weights = np.polynomial.legendre.leggauss(400)
    x = 15 * (nodes + 1)
    table, _, _ = functions(60, x)
    even = table[::2]
    gram = 2 * (even * weights * 15) @ even.T
    assert abs(gram - np.eye(30)).max() < 1e-12


def test_one_and_two_eigenvalues():
    x = np.array([-9.0, -2.0, 0.3, 1.0, 8.0])
    law = goe_law(1, 0)
    assert law.cdf(x) == pytest.approx(stats.norm.cdf(x), rel=1e-10)
    assert law.sf(x) == pytest.approx(stats.norm.sf(x), rel=1e-10)
    # N = 2: (m -+ sqrt s), m Normal(0, 1/2), half the gap squared exponential of mean 1/2 ...
    smallest = goe_law(2, 0)
    assert smallest.mean() == pytest.approx(-math.sqrt(math.pi / 8), rel=1e-11)
    assert smallest.moment(2) == pytest.approx(0.75, rel=1e-11)
    assert smallest.cdf(smallest.ppf([0.01, 0.5, 0.9])) == pytest.approx(
        [0.01, 0.5, 0.9], rel=1e-10
    )


def test_tracy_widom():
    law = edge_law(0)
    assert law.mean() == pytest.approx(-1.2065335745820, abs=1e-12)
    assert law.var() == pytest.approx(1.6077810345810, abs=2e-12)
    assert float(law.cdf(0.0)) == pytest.approx(0.83190806620, abs=1e-11)
    logs, _ = soft_edge.log_density(1, np.array([-3.0]))
    assert logs[0] == pytest.approx(float(edge_law(1).logpdf(-3.0)), abs=1e-12)


def test_finite_laws_approach_the_edge():
    gaps = []
    for n in (20, 160):
        law = goe_law(n, 0)
        scaled = math.sqrt(2) * n ** (2 / 3) * (-law.mean() - math.sqrt(2))
        gaps.append(scaled - edge_law(0).mean())
    # The centre that suits GOE is sqrt(2N - 1), not sqrt(2N): half of N^(-1/3) in edge widths.
    assert gaps[1] * 160 ** (1 / 3) == pytest.approx(-0.5, abs=0.05)
    assert gaps[1] / gaps[0] == pytest.approx(0.5, rel=0.15)


@pytest.mark.parametrize(
    ("n", "k", "name"),
    [(0, 0, "n"), (5, 5, "k"), (5, -1, "k"), (400, 100, "k"), (5, 1.0, "k")],
)
def test_bad_laws_are_named(n, k, name):
    with pytest.raises(InputError, match=rf"^{name}: got"):
        goe_law(n, k)


def test_the_edge_has_eleven_laws():
    assert edge_law(0).scale == edge_law(10).scale
    for k in (-1, 11):
        with pytest.raises(InputError, match=r"^k: got"):
            edge_law(k)


def sum_kernel(s: float, nodes: int = 80, bits: int = 260) -> tuple[flint.arb, flint.arb]:
    """det(1 - B) and det(1 + B), B(x, y) = Ai((x + y)/2 + s)/2 on (0, inf)."""
    with flint.ctx.workprec(bits):
        length = 2 * ((max(s, 0.0) ** 1.5 + 0.5 * bits) ** (2 / 3) - s)
        pairs = [flint.arb.legendre_p_root(nodes, i, weight=True) for i in range(nodes)]
        x = [length * (node.mid() + 1) / 2 for node, _ in pairs]
        root = [(length * weight.mid() / 2).sqrt() for _, weight in pairs]
        b = flint.arb_mat(
            [
                [
                    (root[i] * root[j] * ((x[i] + x[j]) / 2 + s).airy_ai() / 2).mid()
                    for j in range(nodes)
                ]
                for i in range(nodes)
            ]
        )
        one = flint.arb_mat([[flint.arb(int(i == j)) for j in range(nodes)] for i in range(nodes)])
        return (one - b).det(), (one + b).det()


@pytest.mark.parametrize("s", [-6.0, -1.0, 5.0])
def test_the_edge_keeps_its_digits_in_both_tails(s):
    less, more = sum_kernel(s)
    with flint.ctx.workprec(260):
        right = less, 1 - less, (less + more) / 2, 1 - (less + more) / 2
    found = [float(tail(s)) for k in (0, 1) for tail in (edge_law(k).cdf, edge_law(k).sf)]
    assert found == pytest.approx([float(value) for value in right], rel=1e-11)
    assert found[2:] != pytest.approx(found[:2], rel=1e-4)  # the second law is not the first


@pytest.mark.parametrize(("k", "s"), [(0, -3.0), (2, -5.0), (4, -6.0)])
def test_edge_balls_and_floats_agree_within_the_error_stated(k, s):
    logs, errors = soft_edge.log_density(k, np.array([s]))
    exact, error = soft_edge_ball.log_density(k, np.array([s]))
    assert error[0] < 1e-14
    assert abs(logs[0] - exact[0]) < errors[0] < 1e-6


def test_float64_says_where_it_has_no_digits():
    _, errors = soft_edge.log_density(0, np.array([-12.0, -20.0]))
    assert errors.min() > 1e-9
