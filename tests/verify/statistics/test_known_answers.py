"""Tests of the verifier at known answers: SciPy's, a definition written out, the bounds of what is taken."""

import numpy as np
import pytest
from scipy import integrate, stats

from verify.claim import Cell
from verify.statistics.equivalence import (
    Extrapolation,
    equivalence_cell,
    extrapolate,
    limit_cells,
    power,
    welch,
    within,
)
from verify.statistics.multiplicity import (
    ALTERNATIVE_LEVEL,
    LOOK_LEVEL,
    POWER,
    holm,
    joint_p_value,
    smallest_refuted_change,
    standing,
)
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
    normal_cell,
    quantile,
    two_sided,
)


@pytest.mark.parametrize("z", [0.0, 0.3, -1.7, 4.0])
def test_two_sides_and_quantiles_are_scipys(z):
    assert two_sided(z) == pytest.approx(2 * stats.norm.sf(abs(z)))
    for freedom in (1, 4.5, 30):
        assert two_sided(z, freedom) == pytest.approx(2 * stats.t.sf(abs(z), freedom))
    for level in (1e-6, 0.01, 0.4):
        assert quantile(level) == pytest.approx(stats.norm.isf(level))
        assert quantile(level, 3) == pytest.approx(stats.t.isf(level, 3))


@pytest.mark.parametrize("units", [2, 3, 10])
def test_a_mean_is_tested_by_student(units):
    x = np.random.default_rng(units).normal(1.0, 2.0, units)
    peer = stats.ttest_1samp(x, 0.7)
    rows = np.stack([x - 3, x + 3], axis=1)  # clusters of two: their means are the units
    for cell in (
        mean_cell({}, "", 0.7, x),
        mean_cell({}, "", 0.7, rows),
        moments_cell({}, "", 0.7, x.mean(), (x**2).mean(), units),
    ):
        assert cell.p_value == pytest.approx(peer.pvalue)
        assert cell.estimate == pytest.approx(x.mean())
        assert cell.stderr == pytest.approx(stats.sem(x))
        assert (cell.units, cell.freedom, cell.predicted) == (units, units - 1, 0.7)
    # Rounding that makes a variance negative makes it nothing.
    same = moments_cell({}, "", 2.0, 2.0, 4.0 - 1e-15, units)
    assert (same.stderr, same.p_value) == (0.0, 1.0)
    assert moments_cell({}, "", 2.1, 2.0, 4.0, units).p_value == 0.0


def test_units_between_two_values_face_the_nearer_mean():
    low = np.array([0.0, 1.0, 2.0, 5.0])
    high = low + np.array([4.0, 0.0, 2.0, 2.0])  # means 2 and 4, and other variances
    for said, side in ((1.0, low), (2.0, low), (4.0, high), (4.5, high), (-9.0, low), (9.0, high)):
        cell, plain = bracketed_cell({}, "", said, low, high), mean_cell({}, "", said, side)
        assert (cell.p_value, cell.estimate) == (plain.p_value, plain.estimate)
        assert cell.stderr == plain.stderr
    for said in (2.001, 3.0, 3.999):
        assert bracketed_cell({}, "", said, low, high).p_value == 1.0


def test_a_normal_estimate_and_a_variance_have_their_exact_laws():
    cell = normal_cell({}, "", 1.0, 1.5, 0.4, 1)
    assert cell.p_value == pytest.approx(2 * stats.norm.sf(1.25))
    assert (cell.estimate, cell.stderr, cell.freedom) == (1.5, 0.4, None)
    for dof in (1, 2, 30):
        for total in (0.1, 1.9, 100.0):
            cell = chi_square_cell({}, "", 2.0, total, dof, dof + 1)
            law = stats.chi2(dof)
            both = min(law.cdf(total / 2), law.sf(total / 2))
            assert cell.p_value == pytest.approx(2 * both)
            assert cell.estimate == pytest.approx(total / dof)
            assert cell.stderr == pytest.approx(2 * np.sqrt(2 / dof))
            assert cell.units == dof + 1


@pytest.mark.parametrize("units", [1, 2, 7, 80])
def test_distances_of_distributions_are_as_they_are_defined(units):
    x = np.random.default_rng(units).normal(0.3, 1.0, units)
    cell = kolmogorov_cell({}, "", x, stats.norm.cdf)
    assert cell.estimate == pytest.approx(stats.kstest(x, "norm").statistic)
    assert cell.stderr == pytest.approx(units**-0.5)
    assert cell.p_value == kolmogorov_sf(cell.estimate, units)
    assert cell.predicted == 0.0
    u = np.sort(stats.norm.cdf(x))
    square = -units - sum(
        (2 * i + 1) / units * (np.log(u[i]) + np.log(1 - u[units - 1 - i])) for i in range(units)
    )
    cell = anderson_cell({}, "", x, stats.norm.cdf)
    assert cell.estimate == pytest.approx(square)
    assert cell.p_value == pytest.approx(anderson_sf(square))
    assert (cell.predicted, cell.units) == (1.0, units)
    # Far off on the other side, and at once: nothing is left.
    assert kolmogorov_cell({}, "", x - 40, stats.norm.cdf).estimate == pytest.approx(1.0)
    assert anderson_cell({}, "", np.append(x, 99.0), stats.norm.cdf).p_value == 0.0


def test_kolmogorovs_law_has_its_tail_from_one_side_and_its_bulk_from_the_limit():
    for units in (60, 1000):
        for tail in (1e-9, 1e-3, 0.09):
            distance = stats.ksone.isf(tail / 2, units)
            assert kolmogorov_sf(distance, units) == pytest.approx(tail, rel=1e-9)
        for scaled in (0.5, 0.8, 1.0):
            x = scaled + 1 / (6 * units**0.5) + (scaled - 1) / (4 * units)
            assert kolmogorov_sf(scaled / units**0.5, units) == pytest.approx(
                stats.kstwobign.sf(x), rel=1e-12
            )


def test_anderson_and_darlings_law_has_its_moments_and_percentage_points():
    """Mean 1, variance 2 (pi^2 - 9)/3; Marsaglia and Marsaglia 2004: 0.95 below 2.492367."""
    mean = integrate.quad(anderson_sf, 0, 40, epsabs=1e-9, limit=200)[0]
    square = integrate.quad(lambda z: 2 * z * anderson_sf(z), 0, 40, epsabs=1e-9, limit=200)[0]
    variance = 2 * (np.pi**2 - 9) / 3
    assert mean == pytest.approx(1, abs=1e-8)
    assert square - 1 == pytest.approx(variance, abs=1e-7)
    cell = anderson_cell({}, "", np.arange(1, 5) / 5, lambda x: x)
    assert cell.stderr == pytest.approx(variance**0.5)
    assert anderson_sf(2.492367) == pytest.approx(0.05, abs=1e-7)
    assert anderson_sf(3.878125) == pytest.approx(0.01, abs=1e-7)
    assert anderson_sf(1e-3) == pytest.approx(1.0, abs=1e-12)
    assert anderson_sf(-1.0) == 1.0
    assert 0 <= anderson_sf(100.0) < 1e-12


def test_frequencies_are_pearsons_where_every_cell_is_full():
    counts = np.array([12, 9, 30, 49])
    for shares in (np.array([0.1, 0.1, 0.3, 0.5]), np.array([0.2, 0.1, 0.2, 0.5])):
        peer = stats.chisquare(counts, 100 * shares)
        cell = frequency_cell({}, "", shares, counts)
        assert cell.p_value == pytest.approx(peer.pvalue)
        assert cell.estimate == pytest.approx(peer.statistic / 3)
        assert cell.stderr == pytest.approx(np.sqrt(2 / 3))
        assert (cell.units, cell.predicted) == (100, 1.0)


@pytest.mark.parametrize(
    ("shares", "counts", "merged"),
    [
        # Ten expected are enough; fewer take the next, and at the end the one before.
        ((0.1, 0.2, 0.7), (13, 17, 70), ((10, 20, 70), (13, 17, 70))),
        ((0.099, 0.201, 0.7), (13, 17, 70), ((30, 70), (30, 70))),
        ((0.7, 0.2, 0.1), (70, 17, 13), ((70, 20, 10), (70, 17, 13))),
        ((0.7, 0.201, 0.099), (70, 17, 13), ((70, 30), (70, 30))),
        ((0.05, 0.05, 0.4, 0.5), (8, 7, 35, 50), ((10, 40, 50), (15, 35, 50))),
        ((0.5, 0.5), (40, 60), ((50, 50), (40, 60))),
    ],
)
def test_thin_cells_are_merged(shares, counts, merged):
    cell = frequency_cell({}, "", np.array(shares), np.array(counts))
    expected, observed = (np.array(part, dtype=float) for part in merged)
    peer = stats.chisquare(observed, expected)
    assert cell.p_value == pytest.approx(peer.pvalue)
    assert cell.stderr == pytest.approx(np.sqrt(2 / (len(expected) - 1)))


def test_one_cell_has_nothing_to_say():
    for shares, counts in (((1.0,), (3,)), ((0.5, 0.5), (2, 3))):
        cell = frequency_cell({}, "", np.array(shares), np.array(counts))
        assert cell.p_value == 1.0
        assert cell.stderr == pytest.approx(2**0.5)


def test_equivalence_at_its_bounds():
    exact = equivalence_cell({}, "", 1.0, 1.5, 0.0, 1, 0.5)  # on the edge, and without an error
    assert exact.p_value == 1.0
    assert within(exact)
    assert equivalence_cell({}, "", 1.0, 1.5, 0.0, 1, 0.499).p_value == 0.0
    assert within(equivalence_cell({}, "", 0.0, 0.0, 0.0, 1, 0.0))
    assert not within(equivalence_cell({}, "", 0.0, 1e-9, 0.0, 1, 0.0))
    for freedom in (None, 2.5, 0.5):
        cell = equivalence_cell({}, "", 1.0, 0.2, 0.1, 7, 0.5, freedom)
        law = stats.norm if freedom is None else stats.t(freedom)
        assert cell.p_value == pytest.approx(2 * law.sf(3.0))
        assert (cell.margin, cell.freedom, cell.units) == (0.5, freedom, 7)
        # The interval is of level 1e-3 on each side.
        reach = law.isf(1e-3)
        assert within(equivalence_cell({}, "", 0.0, 0.3, 0.1, 7, 0.301 + 0.1 * reach, freedom))
        assert not within(equivalence_cell({}, "", 0.0, 0.3, 0.1, 7, 0.299 + 0.1 * reach, freedom))
        assert within(equivalence_cell({}, "", -0.3, 0.0, 0.1, 7, 0.301 + 0.1 * reach, freedom))
    for bad in ({"units": 0}, {"stderr": -1e-9}, {"margin": -1e-9}, {"freedom": 0.0}):
        good = {"estimate": 0.0, "stderr": 0.0, "units": 1, "margin": 0.0, "freedom": 1e-9}
        with pytest.raises(ArithmeticError, match="degrees of freedom"):
            equivalence_cell({}, "", 0.0, **{**good, **bad})


def test_freedoms_are_welchs():
    """(sum v)^2 / sum v^2/f."""
    rng = np.random.default_rng(0)
    for _ in range(5):
        v, f = rng.random(4), rng.integers(1, 20, 4)
        assert welch(v, f) == pytest.approx(v.sum() ** 2 / (v**2 / f).sum())
    assert welch(np.zeros(2), np.ones(2)) is None
    assert welch(np.array([1e-200]), np.array([3.0])) == pytest.approx(3)


def test_a_limit_is_that_of_weighted_least_squares():
    """By the normal equations, and its error by how each value enters it."""
    n, y = np.array([10.0, 20.0, 40.0, 80.0, 160.0]), np.array([1.3, 1.1, 1.2, 0.9, 1.0])
    errors, declared = np.array([0.3, 0.1, 0.2, 0.1, 0.2]), 1 / np.sqrt(n)
    freedoms = np.array([9, 5, 4, 3, 2])
    terms = (power(2 / 3), power(1.5))
    for given in (None, declared):
        weight = 1 / (errors if given is None else given) ** 2
        x = np.stack([np.ones(5), n ** (-2 / 3), n**-1.5], axis=1)
        lever = np.linalg.solve(x.T @ (weight[:, None] * x), x.T * weight)
        found = extrapolate(n, y, errors, terms, given, freedoms)
        np.testing.assert_allclose(found.coefficients, lever @ y, rtol=1e-9)
        assert found.value == found.coefficients[0]
        assert found.stderr == pytest.approx(np.sqrt(((lever[0] * errors) ** 2).sum()))
        assert found.freedom == pytest.approx(welch((lever[0] * errors) ** 2, freedoms))
        coarse = np.linalg.solve((x[:, :2].T * weight) @ x[:, :2], (x[:, :2].T * weight) @ y)
        assert found.bias == pytest.approx(abs(found.value - coarse[0]))
    exact = extrapolate(n, 2 + 3 / n, None, (power(1), power(2)))
    np.testing.assert_allclose(exact.coefficients, (2, 3, 0), atol=1e-9)
    assert (exact.stderr, exact.freedom) == (0.0, None)


def test_a_limit_of_an_exact_sequence_is_within_and_its_resolution_half_of_the_margin():
    found = Extrapolation(2.05, 0.0, 0.03, (2.05,))
    limit, dropped = limit_cells({}, "limit", 2.0, found, 3, 0.06)
    assert (limit.estimate, limit.predicted, limit.stderr, limit.margin) == (2.05, 2.0, 0.0, 0.06)
    assert (dropped.estimate, dropped.predicted, dropped.stderr) == (0.03, 0.0, 0.0)
    assert dropped.margin == pytest.approx(0.03)
    assert within(limit)
    assert within(dropped)
    assert not within(limit_cells({}, "limit", 2.0, found, 3, 0.059)[1])


def test_the_levels_of_a_run():
    """A thousandth for a wrong theory; two looks, each at three hundredths, alarm in a thousand runs."""
    assert pytest.approx(0.0009) == LOOK_LEVEL**2
    assert POWER == 0.99
    for count in (1, 4):
        below = [
            Cell({}, "", 0.0, 0.0, 1.0, 1, p) for p in (0.999e-3 / count, *[0.5] * (count - 1))
        ]
        above = [
            Cell({}, "", 0.0, 0.0, 1.0, 1, p) for p in (1.001e-3 / count, *[0.5] * (count - 1))
        ]
        assert standing(below) == "refuted"
        assert standing(above) == "survived"
    assert standing([]) == standing([Cell({}, "", 0.0, 0.0, 1.0, 1, None)]) == "inconclusive"
    just = [Cell({}, "", 0.0, 0.0, 1.0, 1, ALTERNATIVE_LEVEL)]
    assert standing(just) == "survived"
    assert joint_p_value([*just, *just]) == pytest.approx(2e-3)
    assert joint_p_value([Cell({}, "", 0.0, 0.0, 1.0, 1, 0.7)] * 3) == 1.0
    # Holm: the smallest against a third of the level, the next against half of it.
    assert holm({"a": 0.01, "b": 0.015, "c": 0.03}, 0.03) == {"a", "b", "c"}
    assert holm({"a": 0.01, "b": 0.0151, "c": 0.03}, 0.03) == {"a"}
    assert holm({"a": 0.03, "b": 0.015, "c": 0.01}, 0.03) == {"a", "b", "c"}
    assert holm({"a": 0.0101, "b": 0.0101, "c": 0.0101}, 0.03) == set()


def test_the_smallest_change_clears_the_level_the_power_and_the_margin():
    """z(level/2 of the cells) and z of the power in both looks, in standard errors; the margin twice."""
    eps, level = 1e-3, 0.02
    own = [
        Cell({}, "", 1.0, 1.0, 0.1, 9, 1.0),
        Cell({}, "", 2.0, 2.0, 0.1, 9, 1.0, freedom=6.0),
        Cell({}, "", 5.0, 5.0, 0.05, 9, 1.0, margin=0.3),
        Cell({}, "", "exact", 5.0, 0.05, 9, 1.0),
        Cell({}, "", 5.0, 5.0, None, 9, 1.0),
        Cell({}, "", 7.0, 7.0, 0.1, 9, 1.0),  # does not depend on the constant
    ]
    slopes = (1.0, -2.0, 5.0, 0.0, 5.0, 0.0)
    shifted = [
        Cell({}, "", c.predicted if isinstance(c.predicted, str) else c.predicted + eps * b, 1.0)
        for c, b in zip(own, slopes, strict=True)
    ]
    split, clear = level / 12, stats.norm.isf(1 - np.sqrt(0.99))
    alone = [
        (stats.norm.isf(split) + clear) * 0.1,
        (stats.t.isf(split, 6) + clear) * 0.1 / 2,
        ((stats.norm.isf(split) + clear) * 0.05 + 2 * 0.3) / 5,
    ]
    assert smallest_refuted_change(own, shifted, eps, level) == pytest.approx(min(alone))
    for i in range(3):
        others = [own[i], *own[3:], own[5], own[5]]
        moved = [shifted[i], *shifted[3:], shifted[5], shifted[5]]
        assert smallest_refuted_change(others, moved, eps, level) == pytest.approx(alone[i])
    assert smallest_refuted_change(own[3:], shifted[3:], eps, level) is None


def test_units_and_errors_that_are_just_enough():
    """Two units for an error that is estimated, one where it is known; errors and variances above 0."""
    two = np.array([0.0, 1.0])
    assert bracketed_cell({}, "", 2.0, two, two + 1).units == 2
    assert chi_square_cell({}, "", 0.5, 1.0, 1, 1).estimate == 1.0
    assert chi_square_cell({}, "", 5e-300, 5e-300, 1, 1).p_value == pytest.approx(
        2 * stats.chi2(1).sf(1)
    )
    assert normal_cell({}, "", 0.0, 0.0, 5e-300, 1).p_value == 1.0
    one = two[:1]
    for what, refused, says in (
        ("mean", lambda: mean_cell({}, "q", 0.0, one), "1 units, 2 are needed"),
        ("moments", lambda: moments_cell({}, "q", 0.0, 0.0, 1.0, 1), "1 units, 2 are needed"),
        ("bracketed", lambda: bracketed_cell({}, "q", 0.0, one, one), "1 units, 2 are needed"),
        ("normal", lambda: normal_cell({}, "q", 0.0, 0.0, 1.0, 0), "0 units, 1 are needed"),
        ("dof", lambda: chi_square_cell({}, "q", 1.0, 1.0, 0, 9), "0 units, 1 are needed"),
        ("units", lambda: chi_square_cell({}, "q", 1.0, 1.0, 9, 0), "0 units, 1 are needed"),
        ("none", lambda: kolmogorov_cell({}, "q", two[:0], np.abs), "0 units, 1 are needed"),
        ("none", lambda: anderson_cell({}, "q", two[:0], np.abs), "0 units, 1 are needed"),
        ("no counts", lambda: frequency_cell({}, "q", two, 0 * two), "0 units, 1 are needed"),
        ("no error", lambda: normal_cell({}, "q", 0.0, 0.0, 0.0, 9), "a standard error of 0"),
        ("error", lambda: normal_cell({}, "q", 0.0, 0.0, -0.5, 9), "a standard error of -0.5"),
        ("no variance", lambda: chi_square_cell({}, "q", 0.0, 1.0, 9, 9), "variance of 0"),
        ("variance", lambda: chi_square_cell({}, "q", -0.5, 1.0, 9, 9), "variance of -0.5"),
    ):
        with pytest.raises(ArithmeticError) as error:
            refused()
        assert says in str(error.value), what
