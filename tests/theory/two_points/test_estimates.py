"""Pairs at any N: the law that is drawn from, quadrature, censuses, limits, bad input."""

from __future__ import annotations

import math

import numpy as np
import pytest

from numerics.critical import census
from theory import estimated_moments, mean_count, pair_complexity, threshold
from theory.checks import InputError
from theory.model import Mixture, parse, pure
from theory.two_points import antipodes, draw_pairs, drawn
from theory.two_points.drawn import log_density
from theory.two_points.gaussian_law import Derivative, given
from theory.two_points.three_spins import pairs_of_three


def near(value: float, values: np.ndarray, by: float = 4.5) -> bool:
    return bool(abs(value - values.mean()) < by * values.std() / math.sqrt(len(values)))


@pytest.mark.parametrize("text", ["q^3", "q^4", "0.5 q^3 + 0.5 q^4", "q^3 + 2 q", "q^2 + q"])
def test_draws_agree_with_the_quadrature(text: str) -> None:
    model = parse(text)
    value, error = pairs_of_three(model)
    assert error < 1e-3 * value
    rng = np.random.default_rng(1)
    assert near(value, draw_pairs(rng, model, 3, 10_000).of())


def test_both_hessians_are_correlated() -> None:
    rng = np.random.default_rng(1)
    one, apart = (draw_pairs(rng, pure(3), 4, 20_000, together=x).of(0) for x in (1.0, 0.0))
    assert apart.mean() - one.mean() > 4 * math.hypot(one.std(), apart.std()) / 20_000**0.5


def test_all_by_plain_draws_of_the_whole_law() -> None:
    """No tilt, no grid, no radius: normal Hessians of three rows at one overlap after another."""
    model, n, rng = pure(3), 4, np.random.default_rng(2)
    q = rng.uniform(-1, 1, 40_000)
    plane = [Derivative(point, along) for point in (0, 1) for along in ("", "tt")]
    slopes, across = ([Derivative(i, along) for i in (0, 1)] for along in "te")

    def drawn(wanted: list[Derivative], known: list[Derivative]) -> np.ndarray:
        law = given(model, q, wanted, known)[1]
        values, vectors = np.linalg.eigh(law)
        normal = rng.standard_normal((len(q), len(wanted)))
        return np.einsum("qij,qj->iq", vectors * np.sqrt(values.clip(0))[:, None], normal)

    f1, c1, f2, c2 = drawn(plane, slopes)
    borders = [drawn([Derivative(i, "et") for i in (0, 1)], across) for _ in range(2)]
    diagonal = [drawn([Derivative(i, "ee") for i in (0, 1)], across) for _ in range(2)]
    mixed = drawn([Derivative(i, "ee") for i in (0, 1)], across) / math.sqrt(2)
    found = np.exp(log_density(model, n, q)) * 2
    for i, (f, c) in enumerate(((f1, c1), (f2, c2))):
        hessian = np.array(
            [
                [diagonal[0][i] - 3 * f, mixed[i], borders[0][i]],
                [mixed[i], diagonal[1][i] - 3 * f, borders[1][i]],
                [borders[0][i], borders[1][i], c - 3 * f],
            ]
        )
        found = found * np.abs(np.linalg.det(np.moveaxis(hessian, 2, 0)))
    other = draw_pairs(rng, model, n, 40_000).of()
    error = math.hypot(found.std(), other.std()) / 200
    assert abs(found.mean() - other.mean()) < 4.5 * error


@pytest.mark.parametrize(("n", "samples"), [(3, 2000), (4, 800)])
def test_against_censuses(n: int, samples: int) -> None:
    found = census(n, p=3, samples=samples, seed=5)
    for k, below in ((None, None), (0, None), (0, -1.0), (1, 0.3)):
        there = np.ones(len(found.index), dtype=bool) if k is None else found.index == k
        if below is not None:
            there &= found.energy <= below
        counts = np.bincount(found.instance[there], minlength=samples).astype(float)
        said = estimated_moments(pure(3), n, k, below, tolerance=3e-2)
        error = math.hypot((counts**2).std() / math.sqrt(samples), said.stderr)
        assert abs((counts**2).mean() - said.second_moment) < 4.5 * error
        assert said.mean == pytest.approx(math.exp(mean_count(pure(3), n, k, below).log))


def test_by_default_a_hundredth_is_the_error() -> None:
    found = estimated_moments(pure(3), 4)
    assert 5e-3 < found.stderr / found.pairs < 1e-2


def test_where_one_draws_changes_no_mean() -> None:
    rng, model = np.random.default_rng(3), parse("0.5 q^3 + 0.5 q^4")
    one, other = (draw_pairs(rng, model, 4, 10_000, around).of(0, -0.8) for around in (0.0, -1.0))
    assert abs(one.mean() - other.mean()) < 4.5 * math.hypot(one.std(), other.std()) / 10_000**0.5


@pytest.mark.parametrize("model", [pure(3), pure(4), parse("q^3 + q^2"), parse("q^3 + 3 q")])
def test_minima_are_to_maxima_as_low_to_high(model: Mixture) -> None:
    """H and -H have one law: signs of the shifts, and of levels."""
    rng = np.random.default_rng(4)
    one = draw_pairs(rng, model, 4, 10_000)
    for low, high in ((one.of(0), one.of(3)), (one.of(0, -0.5), _above(one, 3, 0.5))):
        error = math.hypot(low.std(), high.std()) / 10_000**0.5
        assert abs(low.mean() - high.mean()) < 4.5 * error


def _above(found: object, k: int, level: float) -> np.ndarray:
    from dataclasses import replace

    return np.asarray(replace(found, level=-found.level).of(k, -level))  # type: ignore[type-var,attr-defined]


def test_second_moments_meet_the_squares_of_means_where_points_are_many() -> None:
    deep = -float(threshold(pure(10), None, 17)) - 0.02
    found = estimated_moments(pure(10), 30, below=deep, tolerance=4e-2)
    assert found.mean > 100
    assert abs(found.ratio - 1) < 4 * found.stderr / found.mean**2 + 0.01
    few = estimated_moments(pure(3), 30, below=-1.64, tolerance=4e-2)
    assert few.mean < 1 < 1 / few.mean < few.ratio


@pytest.mark.parametrize("p", [3, 4, 5, 10])
def test_the_exponent_of_pairs_is_largest_at_right_angles(p: int) -> None:
    """Subag's condition, between -E_0 and -E_inf: pairs below are independent to leading order."""
    q = np.linspace(-0.99, 0.99, 199)
    for level in (1.001, 1.01):
        u = -level * float(threshold(pure(p), None, 17))
        found = pair_complexity(pure(p), u, u, q)
        assert q[found.argmax()] == pytest.approx(0, abs=1e-12)


def test_antipodes() -> None:
    assert antipodes(pure(4), 3, 0, -0.5) == pytest.approx(
        math.exp(mean_count(pure(4), 3, 0, -0.5).log)
    )
    assert antipodes(pure(3), 4, 1, None) == 0
    assert antipodes(pure(6), 3, 0, None) == pytest.approx(math.exp(mean_count(pure(6), 3, 0).log))
    both = [math.exp(mean_count(pure(3), 3, 1, u).log) for u in (0.2, -0.2)]
    assert antipodes(pure(3), 3, 1, 0.2) == pytest.approx(both[0] - both[1])


@pytest.mark.parametrize(
    ("arguments", "name"),
    [
        ((pure(2), 4), "model"),
        (("q^3", 4), "model"),
        ((pure(3), 2), "n"),
        ((pure(3), 201), "n"),
        ((pure(3), 4, 4), "k"),
        ((pure(3), 4, None, math.nan), "below"),
        ((pure(3), 4, None, None, 0.0), "tolerance"),
        ((pure(3), 50, 0, -20.0), "below"),
    ],
)
def test_bad_input_is_named(arguments: tuple[object, ...], name: str) -> None:
    with pytest.raises(InputError, match=rf"^{name}: got .*; takes "):
        estimated_moments(*arguments)  # type: ignore[arg-type]


@pytest.mark.parametrize("common", [2.0, 4.8])  # of the borders, whose difference may be small
def test_hessians_have_the_law_of_the_field(common: float) -> None:
    """Entries of variance xi'' (1 + delta), their correlation, borders and diagonals, as handed in."""
    rng, n, d2, draws = np.random.default_rng(5), 5, 6.0, 40_000
    block, border = np.full(draws, 0.6), np.array([[5.0, common], [common, 5.0]])
    plane = np.tile([0.3, 1.0, -2.0, 0.5, 4.0, 7.0], (draws, 1))
    x = rng.standard_normal((draws, (n - 2) * (n + 1)))
    found = drawn._hessians(x, plane, n, d2, block, np.tile(border, (draws, 1, 1)))
    assert found.shape == (draws, 2, n - 1, n - 1)
    mean = found.mean(axis=0)
    np.testing.assert_allclose(mean[0], np.diag([-1.0, -1, -1, -3]), atol=0.1)
    np.testing.assert_allclose(mean[1], np.diag([-4.0, -4, -4, 3]), atol=0.1)
    off, own, beside = found[:, :, 0, 1], found[:, :, 1, 1], found[:, :, 2, 3]
    laws = ((off, d2, 0.6 * d2), (own, 2 * d2, 1.2 * d2), (beside, 5, common))
    for entries, variance, shared in laws:
        covariance = np.cov(entries.T)
        expected = [[variance, shared], [shared, variance]]
        np.testing.assert_allclose(covariance, expected, atol=0.03 * variance)


@pytest.mark.parametrize("text", ["q^5", "0.5 q^3 + 0.5 q^4"])
def test_the_plane_is_drawn_in_all_its_directions(text: str) -> None:
    """All points of three spins, by quadrature good to 1e-4."""
    model = parse(text)
    found = draw_pairs(np.random.default_rng(3), model, 3, 150_000).of()
    assert found.std() < 0.01 * found.mean() * math.sqrt(len(found))
    assert near(pairs_of_three(model)[0], found)
