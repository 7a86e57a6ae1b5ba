import math
from fractions import Fraction
from itertools import pairwise

import flint
import mpmath
import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from scipy import optimize

from theory.annealed.thresholds import threshold
from theory.checks import InputError
from theory.ground_state.energy import (
    bounds_arb,
    breaking_of,
    lowest_energy,
    one_step,
    parisi_energy,
)
from theory.ground_state.parisi import OneStep, Steps
from theory.ground_state.parisi import minimise as search
from theory.model import mixture, pure

orders = st.integers(3, 30) | st.integers(31, 10_000)


def minimise(p):
    def value(log_z):
        z = math.exp(log_z)
        return math.sqrt((p + z) * math.log1p(z) / z)

    found = optimize.minimize_scalar(value, bracket=(-1.0, math.log(3 * p)), tol=1e-10)
    return found.fun


@given(orders)
@example(3)
def test_energy_is_the_minimum(p):
    energy = float(parisi_energy(pure(p), 20))
    assert energy == pytest.approx(minimise(p), rel=4e-15)
    assert abs(energy - minimise(p + 1)) > 1e-6
    assert abs(energy - minimise(p - 1)) > 1e-6


@settings(max_examples=8)
@given(orders)
def test_thirty_digits_of_the_minimum(p):
    with mpmath.workdps(60):

        def square(z):
            return (p + z) * mpmath.log(1 + z) / z

        # The slope by differences of step 1e-20: its zero is right to 1e-39, the value to 1e-60.
        step = mpmath.mpf("1e-20")
        start = 1.8 if p == 3 else p * math.log(p)
        z = mpmath.findroot(lambda z: square(z + step) - square(z - step), (start, 1.1 * start))
        found = parisi_energy(pure(p), 30)
        assert abs(mpmath.sqrt(square(z)) - mpmath.mpf(found.value)) <= mpmath.mpf(found.radius)


def parisi_functional(p, scale, cuts, heights):
    """(1/2) [xi' L - int xi'' A + int 1/(L - A)], A(q) = int_0^q alpha, alpha a step function.

    Between cuts A is linear: Gauss-Legendre, exact to rounding for these.
    """
    nodes, weights = np.polynomial.legendre.leggauss(60)
    total, area = p * scale, 0.0
    for (left, right), height in zip(pairwise([0.0, *cuts, 1.0]), heights, strict=True):
        q = left + (right - left) * (nodes + 1) / 2
        A = area + height * (q - left)
        total += (1 / (scale - A) - p * (p - 1) * q ** (p - 2) * A) @ weights * (right - left) / 2
        area += height * (right - left)
    return total / 2


def test_energy_is_the_minimum_over_constant_order_parameters():
    for p in (3, 4, 10):
        best = optimize.minimize(
            # L > alpha > 0 by construction.
            lambda v, p=p: parisi_functional(
                p, math.exp(v[0]) + math.exp(v[1]), [], [math.exp(v[0])]
            ),
            [0.0, -1.0],
            method="Nelder-Mead",
            options={"xatol": 1e-9, "fatol": 1e-15, "maxiter": 2000},
        )
        assert best.fun == pytest.approx(float(parisi_energy(pure(p))), abs=1e-12)


@given(
    st.integers(3, 12),
    st.lists(st.floats(0.01, 0.99), min_size=2, max_size=2, unique=True).map(sorted),
    st.lists(st.floats(0, 3), min_size=3, max_size=3).map(sorted),
    st.floats(0.05, 2),
)
def test_no_other_order_parameter_goes_below(p, cuts, heights, gap):
    area = sum(h * (b - a) for (a, b), h in zip(pairwise([0, *cuts, 1]), heights, strict=True))
    value = parisi_functional(p, area + gap, cuts, heights)
    assert value >= float(parisi_energy(pure(p))) - 1e-12


@given(orders, st.integers(1, 60))
@example(7, 30)
def test_two_routes_give_one_energy(p, digits):
    parisi, kac_rice = parisi_energy(pure(p), digits), threshold(pure(p), 0, digits)
    assert parisi.overlaps(kac_rice)
    # 10 digits to spare: a ball of d digits holds the value, not all of a ball of 2 d digits.
    assert parisi.contains(parisi_energy(pure(p), 2 * digits + 10))
    assert parisi.contains(threshold(pure(p), 0, 2 * digits + 10))
    if digits > 15:
        assert not parisi.overlaps(threshold(pure(p), 1, digits))


@st.composite
def mixtures(draw):
    """Two or three terms with rational coefficients of sum 1."""
    degrees = draw(st.lists(st.integers(2, 12), min_size=2, max_size=3, unique=True))
    weights = draw(st.lists(st.integers(1, 30), min_size=len(degrees), max_size=len(degrees)))
    return mixture({p: Fraction(w, sum(weights)) for p, w in zip(degrees, weights, strict=True)})


def chen_sen(model, scale, cuts, heights):
    """The functional of any mixture, as `parisi_functional`."""
    nodes, weights = np.polynomial.legendre.leggauss(60)
    total, area = model.xi(1.0, 1) * scale, 0.0
    for (left, right), height in zip(pairwise([0.0, *cuts, 1.0]), heights, strict=True):
        q = left + (right - left) * (nodes + 1) / 2
        A = area + height * (q - left)
        total += (1 / (scale - A) - model.xi(q, 2) * A) @ weights * (right - left) / 2
        area += height * (right - left)
    return total / 2


@settings(max_examples=12)
@given(
    mixtures(),
    st.lists(st.floats(0.01, 0.99), min_size=3, max_size=3, unique=True).map(sorted),
    st.lists(st.floats(0, 3), min_size=4, max_size=4).map(sorted),
    st.floats(0.05, 2),
)
@example(mixture({2: 0.75, 4: 0.25}), [0.3, 0.5, 0.7], [0.05, 0.2, 0.3, 0.45], 0.4)
def test_no_order_parameter_of_a_mixture_goes_below_the_lower_bound(model, cuts, heights, gap):
    area = sum(h * (b - a) for (a, b), h in zip(pairwise([0, *cuts, 1]), heights, strict=True))
    lower, upper = bounds_arb(model, 40)
    assert lower < upper
    assert chen_sen(model, area + gap, cuts, heights) > float(lower) - 1e-12


KINDS = {
    "full": mixture({2: 0.93, 4: 0.07}),
    "one step": mixture({3: 0.5, 4: 0.5}),
    "bounds": mixture({2: 0.75, 4: 0.25}),
}


@pytest.mark.parametrize("kind", KINDS)
def test_bounds_of_each_kind_agree_and_the_kac_rice_root_is_never_below(kind):
    assert bounds_and_root_agree(KINDS[kind]) == kind


@pytest.mark.long
@settings(max_examples=5)
@given(mixtures())
def test_bounds_and_kinds_agree_and_the_kac_rice_root_is_never_below(model):
    bounds_and_root_agree(model)


def bounds_and_root_agree(model):
    """Which kind it is, once its energy is seen to lie between its bounds and not above the root."""
    found = lowest_energy(model)
    lower, upper = bounds_arb(model, 40)
    with flint.ctx.workprec(200):
        energy = found.energy.arb()
        assert not energy < lower
        assert not energy > upper
        root = threshold(model, 0, 40).arb()
        assert not root < energy
        if found.breaking == "one step":
            assert abs(root - energy) < flint.arb("1e-28")
        elif found.breaking == "full":
            assert root > energy
    return found.breaking


@given(
    st.integers(1, 6),
    st.floats(0.05, 1.5),
    st.lists(st.floats(0, 1), min_size=6, max_size=6),
)
def test_trial_functional_is_that_of_chen_and_sen(cells, b, masses):
    model = mixture({2: 0.2, 3: 0.3, 9: 0.5})
    steps = Steps(model, b, tuple(masses[:cells]))
    alphas = np.cumsum(masses[:cells])
    scale = b + alphas.sum() / cells
    cuts = [j / cells for j in range(1, cells)]
    with flint.ctx.workprec(160):
        found = float(steps.upper())
    assert found == pytest.approx(chen_sen(model, scale, cuts, alphas), rel=1e-9)
    assert found != pytest.approx(chen_sen(model, scale + 1e-4, cuts, alphas), rel=1e-9)


def test_a_lower_bound_needs_both_conditions():
    """y too large breaks g(1) >= 0; the best line of a mixture with more steps breaks Gamma >= 0."""
    model = mixture({2: "3/4", 4: "1/4"})
    with flint.ctx.workprec(120):
        best = one_step(model)
        line = Steps(model, float(best.phi(flint.arb(1))), (float(best.alpha), *[0.0] * 49))
        assert line.lower(1 - flint.arb("1e-9")) is None
        assert line.lower(1 - flint.arb("1e-2")) is not None
        small = Steps(model, 0.05, (0.01,) * 50)
        assert small.lower(flint.arb(1)) is None
        assert best.is_minimum() is False


def test_gamma_against_quadrature():
    model = mixture({3: 0.5, 4: 0.5})
    with flint.ctx.workprec(120):
        best = one_step(model)
        alpha, scale = float(best.alpha), float(best.scale)
        for s in (0.0, 0.2, 0.6, 0.9):
            nodes, weights = np.polynomial.legendre.leggauss(40)
            q = s + (1 - s) * (nodes + 1) / 2
            g = model.xi(q, 1) - q / (scale * (scale - alpha * q))
            assert float(best.gamma(flint.arb(s))) == pytest.approx(
                g @ weights * (1 - s) / 2, abs=1e-13
            )
        assert abs(best.gamma(flint.arb(0))) < 1e-25


def test_full_breaking_is_the_integral():
    model = mixture({2: 0.95, 4: 0.05})
    found = lowest_energy(model, 25)
    with mpmath.workdps(40):
        a, b = mpmath.mpf(19) / 10, mpmath.mpf(6) / 10
        exact = mpmath.quad(lambda q: mpmath.sqrt(a + b * q * q), [0, 1])
        assert abs(exact - mpmath.mpf(found.energy.value)) <= mpmath.mpf(found.energy.radius)
    assert found.breaking == "full"


def test_p_2_is_the_edge_of_the_semicircle():
    found = lowest_energy(pure(2), 30)
    assert found.breaking == "none"
    assert found.energy.contains("1.41421356237309504880168872421")


def test_published_values_of_mixtures():
    """(q^3 + q^4)/2: 1.733069558; 3/4 q^2 + 1/4 q^4: 1.557012 by 200 cells elsewhere."""
    one, more = mixture({3: 0.5, 4: 0.5}), mixture({2: 0.75, 4: 0.25})
    assert lowest_energy(one, 10).energy.value == "1.733069558"
    assert lowest_energy(more, 7).energy.value == "1.557012"
    assert threshold(more, 0, 7).value == "1.557094"


def test_as_many_digits_as_the_bounds_show():
    more = KINDS["bounds"]
    assert lowest_energy(more).energy.value == "1.55701215"
    assert lowest_energy(more, 9).energy.value == "1.55701215"
    with pytest.raises(InputError, match=r"^digits: got 10; takes at most 9 "):
        lowest_energy(more, 10)


@pytest.mark.parametrize("kind", KINDS)
def test_the_search_ends_where_no_step_goes_below(kind):
    steps = search(KINDS[kind], 12)

    def value(x):
        with flint.ctx.workprec(160):
            return float(Steps(steps.model, x[0], tuple(x[1:])).upper())

    best = np.array([steps.b, *steps.masses])
    assert (best > 0).all()
    for i, number in enumerate(best):
        for moved in (0.999 * number, 1.001 * number + 1e-6):
            x = best.copy()
            x[i] = moved
            assert value(x) > value(best) - 1e-14


@pytest.mark.parametrize("kind", ["full", "one step"])
@pytest.mark.parametrize("digits", [1, 24])
def test_digits_of_each_kind_are_true(kind, digits):
    digits_are_true(KINDS[kind], digits)


@pytest.mark.long
@settings(max_examples=4)
@given(mixtures(), st.integers(1, 30))
def test_digits_of_mixtures_are_true(model, digits):
    digits_are_true(model, digits)


def digits_are_true(model, digits):
    if breaking_of(model) == "bounds":
        few, many = lowest_energy(model, 1), lowest_energy(model)
    else:
        few, many = lowest_energy(model, digits), lowest_energy(model, 2 * digits + 10)
    assert few.energy.contains(many.energy) or few.energy.overlaps(many.energy)


@pytest.mark.parametrize(
    ("arguments", "name"),
    [
        (("q^3",), "model"),
        ((pure(3), 0), "digits"),
        ((pure(3), 2.0), "digits"),
        ((mixture({2: "3/4", 4: "1/4"}), 30), "digits"),
    ],
)
def test_bad_input_is_named(arguments, name):
    with pytest.raises(InputError, match=f"^{name}: got .*; takes "):
        parisi_energy(*arguments)


def test_a_bend_holds_gamma_on_the_whole_cell():
    model = mixture({2: "3/4", 4: "1/4"})
    with flint.ctx.workprec(120):
        steps = Steps(model, 0.4, (3.0, 2.0, 5.0))
        for j in range(3):
            bend, theta = steps._bend(j, flint.arb(1)), 1.0
            left, right = float(steps.phis[j]), float(steps.phis[j + 1])
            for share in (0.001, 0.25, 0.5, 0.75, 0.999):
                q, phi = (j + share) / 3, left + share * (right - left)
                assert bend.contains(flint.arb(theta / phi**2 - float(model.xi(q, 2))))


@pytest.mark.parametrize(("scale", "alpha"), [(0.5**-0.5, 1.1), (0.5, 0.5 - 6.5**-0.5)])
def test_gamma_that_bends_down_at_an_end_is_refuted(scale, alpha):
    """By half a unit, at 0 and at 1: q^2/2 + q^4/2 has xi'' = 1 and 7 there."""
    with flint.ctx.workprec(80):
        one = OneStep(mixture({2: "1/2", 4: "1/2"}), flint.arb(scale), flint.arb(alpha))
        ends = [float(one.curvature(flint.arb(q))) for q in (0, 1)]
        assert sorted(round(x, 9) for x in ends)[0] == -0.5
        assert max(ends) > 0
        assert one.is_minimum() is False
