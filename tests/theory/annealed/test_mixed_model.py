import math
from fractions import Fraction
from itertools import pairwise

import flint
import mpmath
import numpy as np
import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

import numerics
from theory import mean_count
from theory.annealed.exponent import complexity
from theory.annealed.mixed_model import (
    _at_point,
    barrier,
    classify,
    sigma,
    sigma_arb,
    sigma_mp,
    slopes_arb,
)
from theory.annealed.pure_model import theta
from theory.annealed.thresholds import marginal_levels, threshold
from theory.arithmetic.functions import ARB
from theory.checks import InputError
from theory.derivation.mixtures import residuals, sigma_quadrature, vanishes
from theory.model import mixture, pure


@st.composite
def mixtures(draw, most=12):
    """Two or three terms with rational coefficients of sum 1."""
    degrees = draw(st.lists(st.integers(2, most), min_size=2, max_size=3, unique=True))
    weights = draw(st.lists(st.integers(1, 30), min_size=len(degrees), max_size=len(degrees)))
    return mixture({p: Fraction(w, sum(weights)) for p, w in zip(degrees, weights, strict=True)})


indices = st.none() | st.integers(0, 20)
levels = st.floats(-3, 0.5)
A, B, FULL = (
    mixture({3: 0.5, 4: 0.5}),
    mixture({2: 0.75, 4: 0.25}),
    mixture({2: 0.97, 30: 0.03}),
)


@settings(max_examples=15)
@given(mixtures(), levels, indices)
def test_closed_forms_against_search_and_quadrature(model, u, k):
    scale = (1 + (k or 0)) * (1 + u * u)
    assert float(sigma(model, u, k)) == pytest.approx(
        sigma_quadrature(model, u, k), abs=1e-11 * scale
    )


@given(mixtures(60), levels, indices)
def test_floats_multiprecision_and_balls_agree(model, u, k):
    single, multi = float(sigma(model, u, k)), sigma_mp(model, u, k, 30)
    assert single == pytest.approx(float(multi), abs=1e-14 * (1 + (k or 0)) * (1 + u * u) * 2)
    with flint.ctx.workprec(150):
        ball = sigma_arb(model, flint.arb(u), k)
        assert abs(ball - flint.arb(mpmath.nstr(multi, 40))) < 1e-28


@given(mixtures(), indices, st.lists(levels, min_size=2, max_size=6))
def test_complexity_never_falls_with_the_level_nor_rises_with_the_index(model, k, us):
    values = sigma(model, np.sort(us), k)
    assert (np.diff(values) > -1e-12).all()
    assert (sigma(model, us, (k or 0) + 1) <= sigma(model, us, k) + 1e-12).all()


@given(mixtures(), st.none() | st.integers(0, 5), st.floats(-2.5, 0.2), st.floats(1e-12, 0.3))
def test_a_ball_of_levels_holds_every_value(model, k, u, radius):
    with flint.ctx.workprec(100):
        ball = sigma_arb(model, flint.arb(u, radius), k)
        for at in (u - radius, u, u + radius):
            assert ball.overlaps(flint.arb(float(sigma(model, at, k)), 1e-12))


@pytest.mark.parametrize("k", [None, 0, 1, 4])
@pytest.mark.parametrize("p", [3, 4, 9])
def test_pure_limit(p, k):
    """p with weight 1 - e, p + 1 with e: Theta up to O(e) beyond the barrier, O(sqrt e) nowhere."""
    u = np.array([-2.2, -1.95, -1.0, 0.2])
    gaps = []
    for e in (1e-5, 1e-7):
        model = mixture({p: Fraction(1) - Fraction(e), p + 1: Fraction(e)})
        gaps.append(np.abs(sigma(model, u, k) - theta(p, u, k)))
    assert (gaps[0] < 1e-4 * (1 + (k or 0))).all()
    assert (gaps[1] < 0.02 * gaps[0] + 1e-14).all()
    assert (np.abs(theta(p + 1, u, k) - theta(p, u, k)) > 1e-3).all()


@given(mixtures(), st.integers(0, 30), st.integers(1, 40))
@example(A, 0, 30)
@example(FULL, 3, 30)
def test_layers(model, k, digits):
    layer, finer = threshold(model, k, digits), threshold(model, k, 2 * digits + 10)
    assert layer.contains(finer)
    with mpmath.workdps(120):
        value, step = mpmath.mpf(finer.value), mpmath.mpf(10) ** -9
        at = [sigma_mp(model, -(value + s * step), k, 60) for s in (-1, 0, 1)]
        assert at[0] > 0 > at[2]
        assert abs(at[1]) < mpmath.mpf(10) ** -digits


@given(mixtures())
@example(FULL)
def test_layers_fall_to_the_last_marginal_level(model):
    balls = [threshold(model, k, 40) for k in (0, 1, 5, 10**12)]
    last = marginal_levels(model, 40)[1]
    if classify(model) == "full":
        assert all(ball.overlaps(last) for ball in balls)
        assert not threshold(model, None, 40).overlaps(last)
        return
    with flint.ctx.workprec(200):
        assert all(b.arb() < a.arb() for a, b in pairwise(balls))
        assert last.arb() < balls[-1].arb() < last.arb() + flint.arb("1e-6")


@given(mixtures())
def test_class_is_the_sign_of_the_total_at_the_barrier(model):
    at = sigma_mp(model, "-" + threshold(model, None, 50).value, None, 30)
    assume(abs(at) > 1e-20)
    assert classify(model) == ("pure-like" if at > 0 else "full")
    with mpmath.workdps(30):
        low, high = (mpmath.mpf(b.value) for b in marginal_levels(model, 25))
        # Marginal points: index k = 10^9 costs no more than index 0 there.
        if classify(model) == "full":
            assert abs(sigma_mp(model, -high, 10**9, 20)) < 1e-20
    assert low < high


def test_a_nearly_critical_mixture_is_decided():
    """Weights between which G changes sign, 1e-28 apart."""
    low, high = Fraction(9, 10), Fraction(99, 100)
    kinds = [classify(mixture({2: a, 30: 1 - a})) for a in (low, Fraction(999, 1000))]
    assert kinds[0] == "full"
    middle = low
    for _ in range(70):
        middle = (low + high) / 2
        if classify(mixture({2: middle, 30: 1 - middle})) == kinds[0]:
            low = middle
        else:
            high = middle
    near = mixture({2: high, 30: 1 - high})
    other = mixture({2: low, 30: 1 - low})
    assert {classify(near), classify(other)} <= {"full", "pure-like"}
    assert threshold(near, 0, 30).value[:10] == threshold(other, 0, 30).value[:10]


@settings(max_examples=10)
@given(mixtures(), st.floats(-2.2, 0).map(lambda u: str(round(u, 6))), indices, st.integers(1, 30))
def test_digits_are_true(model, u, k, digits):
    few, many = (complexity(model, u, k, d) for d in (digits, 2 * digits + 10))
    assert few.contains(many)


def test_derivation_is_exact_and_refutes_a_wrong_formula():
    from types import SimpleNamespace

    from theory.annealed import mixed_model

    bent = SimpleNamespace(**{**vars(mixed_model), "crest": lambda m, f: mixed_model.barrier(m, f)})
    assert vanishes(residuals("edge", 0)["value"])
    assert vanishes(residuals("edge", 0, bent)["value"]) is False


@pytest.mark.parametrize("model", [A, B, mixture({2: 0.6, 3: 0.2, 5: 0.2})])
def test_exact_counts_lie_near_exp_of_the_complexity(model):
    """A prefactor is at most a power of N; a wrong exponent is not."""
    u = -1.05 * float(threshold(model, None, 17))
    rates = [mean_count(model, n, below=u).log / n for n in (300, 600, 1200)]
    gaps = [r - float(complexity(model, u)) for r in rates]
    assert abs(gaps[2]) < 5 * math.log(1200) / 1200
    assert 0.45 < gaps[2] / gaps[1] < 0.65
    assert not 0.45 < (gaps[2] + 0.002) / (gaps[1] + 0.002) < 0.65


@pytest.mark.parametrize("terms", [{3: 0.5, 4: 0.5}, {2: 0.6, 3: 0.2, 5: 0.2}])
def test_kac_rice_monte_carlo_of_mixtures(terms):
    """Total and minima by sampling against the exact counts, 6 standard errors; not the pure model's."""
    n = 10
    found = numerics.mean_count(n, terms, samples=40_000, seed=11)
    exact = float(mean_count(mixture(terms), n).value)
    assert abs(found.total - exact) < 6 * found.stderr
    assert abs(found.total - float(mean_count(pure(3), n).value)) > 20 * found.stderr


@pytest.mark.parametrize(
    ("call", "name"),
    [
        (lambda: complexity({3: 1}, -1.7), "model"),
        (lambda: threshold(mixture({1: 9, 4: 1}), 0), "model"),
        (lambda: threshold(mixture({1: 2, 2: 0.5}), None), "model"),
        (lambda: marginal_levels(pure(2)), "p"),
        (lambda: marginal_levels(A, 0), "digits"),
        (lambda: complexity(A, -1.7, -1), "k"),
        (lambda: complexity(A, math.nan), "u"),
        (lambda: classify(pure(2)), "p"),
        (lambda: mixture({3: -0.5, 4: 1.5}), "a_3"),
    ],
)
def test_bad_input_is_named(call, name):
    with pytest.raises(InputError, match=rf"^{name}: got .*; takes "):
        call()


def test_levels_beyond_all_floats():
    assert sigma(A, -1e200) == -np.inf
    assert np.isfinite(sigma(A, [-1e90, 1e300])).all()


@pytest.mark.parametrize("k", [None, 0, 2])
def test_where_branches_cannot_be_told_apart_both_are_held(k):
    with flint.ctx.workprec(80):
        m = slopes_arb(A)
        fat = flint.arb((-barrier(m, ARB)).mid(), 0.05)
        found = _at_point(m, fat, k)
        for end in (fat.lower(), fat.upper()):
            assert found.contains(_at_point(m, end, k).mid())
