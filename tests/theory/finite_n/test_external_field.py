"""Counts in an external field: an identity, a metamorphic law, and two simulations with no step shared."""

from __future__ import annotations

import math
from fractions import Fraction

import numpy as np
import pytest
from circle import critical_points
from hypothesis import example, given, settings
from hypothesis import strategies as st

from numerics.critical import quadratic_census
from theory import complexity, lowest_energy, mean_count, threshold
from theory.annealed.mixed_model import sigma_mp
from theory.checks import InputError
from theory.model import Mixture, mixture, parse

bare = st.dictionaries(
    st.integers(2, 9), st.fractions("1/20", 20, max_denominator=20), min_size=1, max_size=3
).map(mixture)


def mean(model: Mixture, n: int, k: int | None = None, below: object = None) -> float:
    return math.exp(mean_count(model, n, k, below).log)


def in_field(model: Mixture, square: Fraction) -> Mixture:
    return mixture(dict(model.terms) | {1: square}) if square else model


def critical_field(model: Mixture) -> Fraction:
    one = Fraction(1)
    return model.xi(one, 2) - model.xi(one, 1)


@settings(max_examples=20, deadline=None)
@given(bare, st.integers(2, 60))
@example(mixture({3: 1}), 200)
@example(mixture({2: 1}), 7)
def test_exactly_two_points_a_spin_at_the_critical_field(model: Mixture, n: int) -> None:
    critical = in_field(model, critical_field(model))
    found = mean_count(critical, n, digits=30)
    assert found.contains(str(2 * n))
    assert mean(critical, n) == pytest.approx(2 * n, rel=1e-9)
    # One per mille more or less in the field does not have it.
    if critical_field(model):
        off = in_field(model, critical_field(model) * Fraction(1001, 1000))
        assert not mean_count(off, n, digits=30).contains(str(2 * n))


@settings(max_examples=15, deadline=None)
@given(st.integers(3, 9), st.fractions("1/10", 3), st.integers(2, 6))
def test_counts_over_all_levels_depend_on_the_ratio_of_slopes_alone(
    p: int, ratio: Fraction, n: int
) -> None:
    models = []
    for model in (mixture({p: 1}), mixture({2: "1/3", p: 2})):
        second, first = model.xi(Fraction(1), 2), model.xi(Fraction(1), 1)
        square = second / ratio - first
        if square < 0:
            return
        models.append(in_field(model, square))
    for k in (None, *range(n)):
        one, two = (mean_count(model, n, k, digits=12) for model in models)
        assert one.overlaps(two)


@pytest.mark.parametrize("text", ["q^3 + 6 q", "q^3 + 60 q", "q^2 + 0.5 q", "q^5 + 0.1 q"])
@pytest.mark.parametrize("below", [None, "-2"])
def test_balls_by_index_sum_to_the_total_and_agree_with_float64(
    text: str, below: str | None
) -> None:
    model = parse(text)
    for n in (2, 5):
        balls = [mean_count(model, n, k, below, 15) for k in range(n)]
        total = mean_count(model, n, None, below, 15)
        assert sum(map(float, balls)) == pytest.approx(float(total), rel=1e-13)
        for k, ball in enumerate(balls):
            assert mean(model, n, k, below) == pytest.approx(float(ball), rel=1e-8)


@pytest.mark.parametrize("text", ["q^3 + 2.5 q", "q^3 + 6 q", "0.5 q^2 + 0.5 q^4 + q"])
def test_two_spins_by_simulation(text: str) -> None:
    model, samples = parse(text), 4000
    levels, minima, maxima = critical_points(model, samples, 7)
    for kind, k in ((minima, 0), (maxima, 1)):
        for below in (None, -1.0, 0.5):
            counts = (kind & (levels <= (np.inf if below is None else below))).sum(axis=1)
            exact = mean(model, 2, k, below)
            assert abs(counts.mean() - exact) < 4.5 * counts.std() / samples**0.5


@pytest.mark.parametrize(("n", "square", "samples"), [(5, 0.5, 20_000), (10, 1.0, 4000)])
def test_the_quadratic_model_in_a_field_by_a_complete_census(
    n: int, square: float, samples: int
) -> None:
    rng = np.random.default_rng(11)
    model = mixture({2: 1, 1: square})
    found = quadratic_census(rng, n, samples, 1.0, square)
    index, level, there = found.index, found.level, found.there
    assert set(((-1.0) ** index * there).sum(axis=1)) == {2.0 if n % 2 else 0.0}
    for k, below in ((None, None), (0, None), (1, None), (n - 1, None), (0, -1.5), (1, -1.0)):
        kept = there & (True if k is None else index == k)
        counts = (kept & (level <= (np.inf if below is None else below))).sum(axis=1)
        assert abs(counts.mean() - mean(model, n, k, below)) < 4.5 * counts.std() / samples**0.5


def test_values_found_by_simulation_elsewhere() -> None:
    for n, square, total in ((5, 0.5, 7.2636), (10, 1.0, 6.1977), (20, 0.02, 37.2756)):
        assert mean(mixture({2: 1, 1: square}), n) == pytest.approx(total, abs=6e-5)
    for n, total in ((4, 5.246), (10, 6.198), (200, 2.230)):
        assert mean(parse("q^3 + 6 q"), n) == pytest.approx(total, abs=6e-4)


@pytest.mark.parametrize("text", ["q^3 + q", "q^3 + 2.5 q", "q^3 + 6 q", "3 q^2 + q^5 + 40 q"])
@pytest.mark.parametrize("k", [None, 0])
def test_complexity_in_a_field_is_the_rate_of_the_counts(text: str, k: int | None) -> None:
    model = parse(text)
    sizes = np.array([100.0, 200.0])
    scale = float(model.xi(1.0)) ** 0.5
    for u in (-1.8 * scale, -1.2 * scale):
        rates = [mean_count(model, int(n), k, u).log / n for n in sizes]
        # Two sizes take out the leading correction log N/N.
        design = np.stack([np.ones(2), np.log(sizes) / sizes], axis=1)
        limit = np.linalg.solve(design, rates)[0]
        assert complexity(model, u, k) == pytest.approx(limit, abs=0.012)


@settings(max_examples=30, deadline=None)
@given(bare, st.fractions(0, 40, max_denominator=20), st.floats(-3, 1), st.integers(0, 3))
def test_complexity_by_three_arithmetics(
    model: Mixture, square: Fraction, u: float, k: int
) -> None:
    model = in_field(model, square)
    scale = float(model.xi(1.0)) ** 0.5
    ball = complexity(model, repr(u * scale), k, 25)
    assert complexity(model, float(repr(u * scale)), k) == pytest.approx(float(ball), abs=1e-12)
    one = mixture({p: a / model.xi(Fraction(1)) for p, a in model.terms})
    if not one.is_pure:
        assert float(sigma_mp(one, float(u), k, 30)) == pytest.approx(float(ball), abs=1e-12)


def test_ground_state_in_a_field() -> None:
    # Unbroken: sqrt(xi'(1)), where Sigma_0 touches 0.
    model = parse("q^3 + 6 q")
    assert float(lowest_energy(model).energy) == pytest.approx(3)
    assert complexity(model, -3.0, 0) == pytest.approx(0, abs=1e-12)
    assert complexity(model, -3.01, 0) < 0
    # Broken: the annealed root bounds E_0 from above.
    for text in ("q^3 + q", "q^3 + 2.5 q"):
        weak = parse(text)
        found = lowest_energy(weak).energy
        assert float(found) - float(found.radius) < float(threshold(weak, 0))


@pytest.mark.parametrize("text", ["q^3 + 3 q", "q^2", "q^2 + q"])
def test_no_layers_where_no_minima_are_many(text: str) -> None:
    with pytest.raises(InputError, match=r"^(model|p): got [^\n]*; takes "):
        threshold(parse(text), 0)


def test_levels_of_a_scaled_model_are_its_own() -> None:
    for k in (None, 0, 3):
        one, two = threshold(parse("q^3"), k, 30), threshold(parse("4 q^3"), k, 30)
        assert float(two) == pytest.approx(2 * float(one), rel=1e-14)
    assert complexity(parse("4 q^3"), -3.3, 0) == pytest.approx(complexity(parse("q^3"), -1.65, 0))
