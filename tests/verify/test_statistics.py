"""Each test of the verifier against its own law, and against a wrong one beside it."""

import math
from dataclasses import replace
from functools import partial

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from verify import statistics
from verify.claim import Cell
from verify.statistics.equivalence import (
    EQUIVALENCE_LEVEL,
    equivalence_cell,
    extrapolate,
    power,
    within,
)
from verify.statistics.multiplicity import holm, joint_p_value, smallest_refuted_change
from verify.statistics.significance import (
    anderson_cell,
    anderson_sf,
    bracketed_cell,
    chi_square_cell,
    frequency_cell,
    kolmogorov_cell,
    kolmogorov_sf,
    mean_cell,
    moments_cell,
    never_cell,
    normal_cell,
    repeated,
    two_sided,
)

SEEDS = 400
UNIFORM = 1e-6  # level of the uniformity tests: a false alarm in a million


def p_values(draw):
    return np.array([draw(np.random.default_rng(seed)).p_value for seed in range(SEEDS)])


def moments(predicted, x):
    return moments_cell({}, "", predicted, x.mean(), (x**2).mean(), len(x))


CASES = {
    "mean": (
        lambda rng: mean_cell({}, "", 0.0, rng.standard_normal(30)),
        lambda rng: mean_cell({}, "", 0.3, rng.standard_normal(30)),
    ),
    "moments": (
        lambda rng: moments(3.0, 3 + rng.standard_normal(30)),
        lambda rng: moments(3.3, 3 + rng.standard_normal(30)),
    ),
    "normal": (
        lambda rng: normal_cell({}, "", 0.0, rng.standard_normal(), 1.0, 1),
        lambda rng: normal_cell({}, "", 0.0, rng.standard_normal(), 0.7, 1),
    ),
    "chi-square": (
        lambda rng: chi_square_cell({}, "", 2.0, 2.0 * rng.chisquare(12), 12, 12),
        lambda rng: chi_square_cell({}, "", 3.0, 2.0 * rng.chisquare(12), 12, 12),
    ),
    "kolmogorov": (
        lambda rng: kolmogorov_cell({}, "", rng.standard_normal(60), stats.norm.cdf),
        lambda rng: kolmogorov_cell({}, "", rng.standard_normal(60) + 0.4, stats.norm.cdf),
    ),
    "anderson": (
        lambda rng: anderson_cell({}, "", rng.standard_normal(100), stats.norm.cdf),
        lambda rng: anderson_cell({}, "", 1.25 * rng.standard_normal(100), stats.norm.cdf),
    ),
    "clusters": (
        lambda rng: mean_cell(
            {}, "", 0.0, rng.standard_normal((25, 1)) + rng.standard_normal((25, 8))
        ),
        # The same values taken for 200 independent ones.
        lambda rng: mean_cell(
            {}, "", 0.0, (rng.standard_normal((25, 1)) + rng.standard_normal((25, 8))).ravel()
        ),
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_p_values_are_uniform_under_the_null_and_small_beside_it(name):
    null, wrong = (p_values(draw) for draw in CASES[name])
    assert stats.kstest(null, "uniform").pvalue > UNIFORM
    assert stats.kstest(wrong, "uniform").pvalue < UNIFORM


def test_frequencies_merge_thin_cells_and_keep_the_rate():
    thin = np.array([0.4, 0.3, 0.2, 0.05, 0.04, 0.005, 0.004, 0.001])
    skewed = np.array([0.4, 0.3, 0.1, 0.15, 0.04, 0.005, 0.004, 0.001])
    null = p_values(lambda rng: frequency_cell({}, "", thin, rng.multinomial(200, thin)))
    wrong = p_values(lambda rng: frequency_cell({}, "", thin, rng.multinomial(200, skewed)))
    assert stats.binomtest(int((null < 0.05).sum()), SEEDS, 0.05).pvalue > 1e-4
    assert (wrong < 0.05).mean() > 0.9
    # 200 values: the last cells, 0.01 and 2 expected, join 0.04 with 8.
    cell = frequency_cell({}, "", thin, np.array([80, 60, 40, 10, 8, 1, 1, 0]))
    assert cell.stderr == pytest.approx(np.sqrt(2 / 4))
    assert cell.p_value == pytest.approx(1.0)


def test_anderson_darling_law_against_simulation_of_its_series():
    rng = np.random.default_rng(5)
    j = np.arange(1, 400)
    draws = (rng.chisquare(1, (20000, len(j))) / (j * (j + 1))).sum(axis=1) + 1 / 400
    for z in (0.5, 1.0, 2.0, 4.0):
        assert abs((draws > z).mean() - anderson_sf(z)) < 4 * 0.5 / np.sqrt(20000)
    # Its leading exponential, from the largest weight 1/2.
    assert anderson_sf(20.0) / anderson_sf(19.0) == pytest.approx(np.exp(-1), rel=0.04)


@given(
    st.lists(st.floats(0, 1), min_size=1, max_size=12),
    st.floats(1e-4, 0.5),
)
def test_holm_rejects_what_bonferroni_does_and_nothing_above_the_level(p_values, level):
    named = {str(i): p for i, p in enumerate(p_values)}
    rejected = holm(named, level)
    assert rejected >= {i for i, p in named.items() if p <= level / len(named)}
    assert all(named[i] <= level for i in rejected)
    accepted = set(named) - rejected
    assert all(named[i] <= named[j] for i in rejected for j in accepted)


def test_holm_keeps_the_family_wise_rate():
    rng = np.random.default_rng(1)
    alarms = sum(
        bool(holm({str(i): p for i, p in enumerate(rng.uniform(size=8))}, 0.03))
        for _ in range(4000)
    )
    assert stats.binomtest(alarms, 4000, 0.03, "greater").pvalue > UNIFORM
    assert stats.binomtest(alarms, 4000, 0.015).pvalue < UNIFORM


def test_extrapolation_recovers_its_model_and_states_its_error():
    n = np.array([50.0, 100.0, 200.0, 400.0])
    truth = 1.5
    covered = wrong = 0
    for seed in range(SEEDS):
        rng = np.random.default_rng(seed)
        y = truth + 2 / n - 3 / n**2 + 0.01 * rng.standard_normal(4)
        fit = extrapolate(n, y, [0.01] * 4, [statistics.power(1), statistics.power(2)])
        covered += abs(fit.value - truth) < 1.96 * fit.stderr
        wrong += abs(fit.value - 1.05 * truth) < 1.96 * fit.stderr
    assert stats.binomtest(covered, SEEDS, 0.95).pvalue > UNIFORM
    assert stats.binomtest(wrong, SEEDS, 0.95).pvalue < UNIFORM


def test_a_limit_from_few_clusters_has_students_interval():
    """Ten, six and three disorders: Student's interval covers at its level, a normal one does not."""
    n, units = np.array([25.0, 50.0, 100.0]), (10, 6, 3)
    declared = [1 / size / np.sqrt(k) for size, k in zip(n, units, strict=True)]
    outside = {"Student": 0, "normal": 0}
    for seed in range(4000):
        rng = np.random.default_rng(seed)
        every = [rng.standard_normal(k) / size for size, k in zip(n, units, strict=True)]
        fit = extrapolate(
            n,
            [x.mean() for x in every],
            [x.std(ddof=1) / np.sqrt(len(x)) for x in every],
            (power(2 / 3),),
            declared,
            [k - 1 for k in units],
        )
        z = fit.value / fit.stderr
        outside["Student"] += two_sided(z, fit.freedom) < 0.01
        outside["normal"] += two_sided(z) < 0.01
    assert 0.005 < outside["Student"] / 4000 < 0.02  # Welch's degrees of freedom are no exact law
    assert outside["normal"] / 4000 > 0.03


def test_a_cell_carries_its_degrees_of_freedom():
    """An interval of two clusters is far wider than one of many."""
    few, many = (equivalence_cell({}, "", 0.0, 0.0, 0.1, 2, 1.0, f) for f in (1, None))
    assert within(many)
    assert not within(few)
    far = [equivalence_cell({}, "", 0.0, 1.6, 0.1, 2, 1.0, f).p_value for f in (1, 50, None)]
    assert far == sorted(far, reverse=True)
    with pytest.raises(ArithmeticError, match="degrees of freedom"):
        equivalence_cell({}, "", 0.0, 0.0, 0.1, 2, 1.0, 0.0)


@pytest.mark.parametrize("units", [60, 500, 20000])
def test_kolmogorovs_law_against_the_exact_one(units):
    distance = np.linspace(0.2, 3.5, 60) / np.sqrt(units)
    found = np.array([kolmogorov_sf(d, units) for d in distance])
    exact = stats.kstwo.sf(distance, units)
    assert abs(found - exact).max() < 3e-4
    tail = exact < 0.1
    assert abs(found / exact - 1)[tail].max() < 1e-3
    assert abs(stats.kstwobign.sf(distance * np.sqrt(units)) / exact - 1)[tail].max() > 1e-3


def test_equivalence_is_shown_only_inside_the_margin():
    def cell(estimate, stderr=0.01):
        return equivalence_cell({}, "", 1.0, estimate, stderr, 9, 0.1)

    assert within(cell(1.02))
    assert not within(cell(1.08))  # near the edge: neither shown
    assert cell(1.08).p_value == 1.0  # nor refuted
    assert cell(1.2).p_value < EQUIVALENCE_LEVEL
    assert not within(cell(1.0, stderr=0.1))


def test_sensitivity_is_the_change_that_is_refuted_with_the_stated_power():
    n, level, eps = 100, 0.01, 1e-4
    own = [Cell({}, "m", 1.0, 1.0, 0.1, n, 1.0)]
    shifted = [Cell({}, "m", 1.0 + eps, 1.0, 0.1, n, 1.0)]
    change = smallest_refuted_change(own, shifted, eps, level)
    rng = np.random.default_rng(3)
    looks = rng.normal(1.0 + change, 0.1, (4000, 2))
    refuted = (2 * stats.norm.sf(abs(looks - 1.0) / 0.1) < level).all(axis=1)
    assert stats.binomtest(int(refuted.sum()), 4000, statistics.POWER).pvalue > UNIFORM


def test_one_p_value_for_a_claim():
    cells = [Cell({}, "", 0.0, 0.0, 1.0, 1, p) for p in (0.01, 0.5, None)]
    assert joint_p_value(cells) == pytest.approx(0.02)
    assert joint_p_value([]) == 1.0


NAN, INF, X = math.nan, math.inf, np.linspace(-1.0, 1.0, 40)
BAD_X = [np.full(4, NAN), np.array([0.0, INF, 1.0, 2.0]), np.array([0.0, NAN, 1.0, 2.0])]
REFUSED = {
    "mean": [
        *(partial(mean_cell, predicted=0.0, values=x) for x in [*BAD_X, X[:0], X[:1]]),
        *(partial(mean_cell, predicted=said, values=X) for said in (NAN, INF)),
    ],
    "clusters": [partial(mean_cell, predicted=0.0, values=np.array([[0.0, NAN], [1.0, 2.0]]))],
    "moments": [
        partial(moments_cell, predicted=0.0, mean=mean, square=square, units=units)
        for mean, square, units in ((NAN, 1.0, 9), (0.0, INF, 9), (0.0, 1.0, 1), (0.0, 1.0, 0))
    ],
    "bracketed": [partial(bracketed_cell, predicted=0.0, low=x, high=np.ones(4)) for x in BAD_X],
    "normal": [
        partial(normal_cell, predicted=said, estimate=found, stderr=stderr, units=units)
        for said, found, stderr, units in (
            (NAN, 0.0, 1.0, 9),
            (0.0, NAN, 1.0, 9),
            (0.0, 0.0, NAN, 9),
            (0.0, 0.0, INF, 9),
            (0.0, 0.0, 0.0, 9),
            (0.0, 0.0, 1.0, 0),
            (INF, INF, 1.0, 9),
        )
    ],
    "chi-square": [
        partial(chi_square_cell, predicted=said, total=total, dof=dof, units=dof)
        for said, total, dof in (
            (1.0, NAN, 10),
            (1.0, INF, 10),
            (NAN, 10.0, 10),
            (0.0, 10.0, 10),
            (1.0, 0.0, 0),
        )
    ],
    "kolmogorov": [partial(kolmogorov_cell, sample=x, cdf=stats.norm.cdf) for x in [*BAD_X, X[:0]]],
    "anderson": [
        *(partial(anderson_cell, sample=x, cdf=stats.norm.cdf) for x in [*BAD_X, X[:0]]),
        partial(anderson_cell, sample=X, cdf=lambda x: np.full_like(x, NAN)),
    ],
    "frequency": [
        partial(frequency_cell, probabilities=np.array(q), counts=np.array(c))
        for q, c in (([NAN, 0.5], [5, 5]), ([0.5, 0.5], [0, 0]), ([0.5, 0.5], [NAN, 5]))
    ],
    "never": [partial(never_cell, broken=np.array([], dtype=bool))],
    "equivalence": [
        partial(equivalence_cell, predicted=0.0, estimate=found, stderr=e, units=u, margin=m)
        for found, e, u, m in (
            (NAN, 0.1, 9, 1.0),
            (INF, 0.1, 9, 1.0),
            (0.0, NAN, 9, 1.0),
            (0.0, 0.1, 0, 1.0),
            (0.0, 0.1, 9, NAN),
            (0.0, 0.1, 9, INF),
            (0.0, -0.1, 9, 1.0),
        )
    ],
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_not_finite_and_what_has_no_units_never_agrees(name):
    for refused in REFUSED[name]:
        with pytest.raises(ArithmeticError, match="what was asked at"):
            refused({}, "what was asked")


def test_a_comparison_that_is_not_a_number_cannot_be_made():
    for values in ({"p_value": NAN}, {"estimate": INF}, {"stderr": NAN}, {"margin": INF}):
        with pytest.raises(ArithmeticError, match="m at"):
            Cell({}, "m", 0.0, **{"estimate": 0.0, **values})


def test_what_never_happens_is_refuted_by_one_unit():
    fine = never_cell({}, "broken", np.zeros(5, dtype=bool))
    once = never_cell({}, "broken", np.arange(5) == 3)
    assert (fine.p_value, fine.estimate, fine.units) == (1.0, 0.0, 5)
    assert (once.p_value, once.estimate, once.predicted, once.units) == (0.0, 1.0, 0.0, 5)
    assert repeated(np.array([0.5, 0.25, 1.0, 0.25, 0.25])).tolist() == [
        False,
        True,
        False,
        True,
        True,
    ]


def test_constant_values_agree_with_their_value_alone():
    ones = np.ones(20)
    assert mean_cell({}, "", 1.0, ones).p_value == 1.0
    assert mean_cell({}, "", 1.0 + 1e-9, ones).p_value == 0.0


def test_what_is_not_there_is_not_within_a_margin():
    whole = Cell({}, "m", 0.0, 0.0, 0.1, 9, None, None, 1.0)
    assert within(whole)
    for name in ("predicted", "estimate", "stderr", "margin"):
        assert not within(replace(whole, **{name: None}))
