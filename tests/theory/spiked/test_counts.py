import math

import numpy as np
import pytest

import theory
from theory import InputError, spiked_count
from theory.spiked.counts import Question


def drawn(p, a, n, draws=8_000, k=None, below=None, overlap=None):
    of = Question(theory.pure(p), p, a, n, k, below, overlap)
    values = of.values(np.random.default_rng(3), draws, 24, 12)
    return values.mean(), values.std() / math.sqrt(draws)


@pytest.mark.parametrize(("p", "n"), [(3, 2), (3, 3), (4, 5), (2, 4)])
def test_without_a_spike_the_counts_are_those_of_the_model(p, n):
    model = theory.pure(p)
    for k, below in ((None, None), (0, None), (None, -0.8), (0, -0.8), (1, None)):
        value, stderr = drawn(p, 0.0, n, k=k, below=below)
        exact = math.exp(theory.mean_count(model, n, k, below).log)
        assert value == pytest.approx(exact, abs=5 * stderr)
        assert stderr < 0.06 * exact


@pytest.mark.parametrize(
    ("p", "a", "k", "overlap"),
    [
        (3, 1.0, None, None),
        (3, -2.0, 0, None),
        (4, 2.0, 1, None),
        (3, 1.0, 0, 0.5),
        (5, 1.5, None, -0.3),
    ],
)
def test_the_circle_by_quadrature_and_by_matrices(p, a, k, overlap):
    exact = spiked_count(p, a, 2, k=k, overlap=overlap)
    assert exact.stderr == 0
    value, stderr = drawn(p, a, 2, k=k, overlap=overlap)
    assert value == pytest.approx(exact.value, abs=5 * stderr)
    assert stderr < 0.02 * value


def test_values_on_the_circle():
    assert spiked_count(3, 0.0, 2).value == pytest.approx(2 * math.sqrt(7), abs=1e-11)
    assert spiked_count(2, 1.0, 2).value == pytest.approx(4, abs=1e-11)  # eigenvectors, whatever A
    assert spiked_count(3, 1.0, 2).value == pytest.approx(5.16093, abs=5e-6)
    assert spiked_count(3, 1.0, 2, overlap=-1.0).value == spiked_count(3, 1.0, 2).value
    near, far = (spiked_count(4, 50.0, 2, overlap=m).value for m in (0.9, -1.0))
    assert near == pytest.approx(1, abs=1e-3)
    assert far == pytest.approx(2 + 2, abs=2.5)


def test_three_dimensions_with_a_spike():
    value, stderr = drawn(3, 2.0, 3, 20_000)
    assert value == pytest.approx(9.726, abs=5 * math.hypot(stderr, 0.005))
    assert abs(11.72 - value) > 15 * stderr  # the spike's part of the Hessian with the other sign
    by_index = [drawn(3, 2.0, 3, 20_000, k=k)[0] for k in range(3)]
    assert sum(by_index) == pytest.approx(value, rel=1e-12)
    assert by_index[0] - by_index[1] + by_index[2] == pytest.approx(2, abs=10 * stderr)  # Euler
    assert by_index[0] == pytest.approx(by_index[2], abs=10 * stderr)  # f(-s) = -f(s)


def test_levels_and_overlaps_partition():
    whole, _ = drawn(3, 2.0, 4)
    assert drawn(3, 2.0, 4, below=9.0)[0] == pytest.approx(whole, rel=1e-9)
    zero, near = drawn(3, 2.0, 4, below=0.0)[0], drawn(3, 2.0, 4, below=1e-12)[0]
    assert zero == pytest.approx(near, rel=1e-6)
    assert zero < 0.9 * whole
    low, high = drawn(3, 2.0, 4, below=-1.0)[0], drawn(3, 2.0, 4, overlap=0.6)[0]
    assert 0 < low < whole
    assert 0 < high < whole
    # Near a strong spike there is one maximum, at level A m^3 over sqrt N.
    value, stderr = drawn(3, 12.0, 4, 8_000, k=3, overlap=0.8)
    assert value == pytest.approx(1, abs=5 * stderr + 0.01)
    assert stderr < 0.1


def test_the_error_is_what_was_asked_for():
    found = spiked_count(3, 1.0, 4, tolerance=5e-3)
    assert 0 < found.stderr <= 5e-3 * found.value
    assert spiked_count(3, 1.0, 4, tolerance=5e-3) == found


@pytest.mark.parametrize(
    ("words", "name"),
    [
        ({"p": 1}, "p"),
        ({"p": 101}, "p"),
        ({"n": 1}, "n"),
        ({"n": 201}, "n"),
        ({"k": 3}, "k"),
        ({"strength": 101.0}, "strength"),
        ({"strength": math.nan}, "strength"),
        ({"below": math.inf}, "below"),
        ({"overlap": 1.5}, "overlap"),
        ({"below": -60.0}, "below"),
    ],
)
def test_bad_input_is_named(words, name):
    with pytest.raises(InputError, match=f"{name}: got"):
        spiked_count(**{"p": 3, "strength": 1.0, "n": 3, **words})


def test_bounds_are_taken():
    assert spiked_count(100, 100.0, 2).value > 0
    assert spiked_count(3, 1.0, 200, tolerance=1e9).value > 0


# Mixtures.

MIXTURES = [({2: 1, 4: 0.5}, 1.0, 3), ({1: 0.5, 3: 2}, -1.5, 2), ({3: 1, 5: 1}, 1.0, 1)]


def on_circle(model, a, order, draws=4000, places=480):
    """Critical points, minima and low minima of drawn fields on the circle, each a mean and its error."""
    rng = np.random.default_rng(5)
    angle = 2 * np.pi * np.arange(places) / places
    c, s = np.cos(angle), np.sin(angle)
    f, slope = a * c**order, -a * order * c ** (order - 1) * s
    for p, weight in model.terms:
        for j in range(p + 1):
            g = rng.standard_normal((draws, 1)) * math.sqrt(float(weight) * math.comb(p, j))
            f = f + g * c**j * s ** (p - j)
            left = -j * c ** (j - 1) * s ** (p - j + 1) if j else 0
            right = (p - j) * c ** (j + 1) * s ** (p - j - 1) if p > j else 0
            slope = slope + g * (left + right)
    after = np.roll(slope, -1, axis=1)
    minima, maxima = (slope < 0) & (after >= 0), (slope >= 0) & (after < 0)
    counts = [(minima | maxima).sum(1), minima.sum(1), (minima & (f < -0.3 * 2**0.5)).sum(1)]
    return [(one.mean(), one.std() / math.sqrt(draws)) for one in counts]


@pytest.mark.parametrize(("terms", "a", "order"), MIXTURES)
def test_a_mixture_with_a_spike_on_the_circle(terms, a, order):
    model = theory.mixture(terms)
    total, minima, low = on_circle(model, a, order)
    assert spiked_count(model, a, 2, order=order).value == pytest.approx(total[0], abs=5 * total[1])
    exact = spiked_count(model, a, 2, k=0, order=order)
    assert exact.value == pytest.approx(minima[0], abs=5 * minima[1])
    of = Question(model, order, a, 2, 0, None, None)
    values = of.values(np.random.default_rng(4), 8000, 24, 12)
    assert values.mean() == pytest.approx(exact.value, abs=5 * values.std() / math.sqrt(8000))
    some = spiked_count(model, a, 2, k=0, below=-0.3, order=order, tolerance=5e-3)
    assert some.value == pytest.approx(low[0], abs=5 * math.hypot(low[1], some.stderr))


def test_without_a_spike_counts_of_a_mixture_are_its_own():
    model = theory.mixture({2: 1, 4: 0.5})
    for n, k, below in ((3, None, None), (3, 1, -0.5), (5, 0, None), (5, None, -0.7)):
        found = spiked_count(model, 0.0, n, k=k, below=below, tolerance=1e-2)
        exact = math.exp(theory.mean_count(model, n, k, below).log)
        assert found.value == pytest.approx(exact, abs=5 * found.stderr)


def test_the_order_of_a_spike():
    model = theory.pure(3)
    assert (
        spiked_count(model, 1.0, 2) == spiked_count(3, 1.0, 2) == spiked_count(3, 1.0, 2, order=3)
    )
    assert spiked_count(theory.mixture({3: 1, 200: 1e-9}), 1.0, 2, order=3).value == pytest.approx(
        spiked_count(3, 1.0, 2).value, abs=1e-3
    )
    with pytest.raises(InputError, match=r"model: got .* takes degrees up to 100, or a spike's"):
        spiked_count(theory.pure(200), 1.0, 2)
    for order in (0, 101):
        with pytest.raises(InputError, match=f"order: got {order}"):
            spiked_count(3, 1.0, 2, order=order)
