"""Limits, prices and parts of a census, and what it says where points are missing."""

import math

import numpy as np
import pytest

import numerics
from numerics.core.backend import InputError
from numerics.core.mixture import disorder_stream
from numerics.core.streams import stream
from numerics.critical import enumeration, homotopy
from numerics.critical.degenerate import CURVE, SINGULAR
from numerics.critical.polynomials import layout
from numerics.critical.tracking import BUDGET, LOST


@pytest.mark.parametrize(("n", "degree"), [(2, 10_000), (10_000, 2), (9, 4), (13, 3)])
def test_as_many_paths_are_tracked_as_are_promised(n, degree):
    enumeration.check_paths("n", n, degree, pure=False)
    more = (n + 1, degree) if degree < 10 else (n, degree + 1)
    with pytest.raises(InputError, match="n: got"):
        enumeration.check_paths("n", *more, pure=False)


@pytest.mark.parametrize("pure", [False, True])
def test_only_the_pure_cubic_may_have_more_paths(pure):
    most = {3: 16 if pure else 13, 4: 9}
    for degree, n in most.items():
        enumeration.check_paths("n", n, degree, pure)
        with pytest.raises(InputError):
            enumeration.check_paths("n", n + 1, degree, pure)


@pytest.mark.parametrize("pure", [{3: 1.0}, {4: 1.0}, {2: 1.0}])
def test_a_mixture_has_twice_the_paths(pure):
    degree = max(pure)
    for n in (2, 5):
        one = enumeration.paths(n, degree, pure=True)
        assert one == sum((degree - 1) ** i for i in range(n))
        assert enumeration.paths(n, degree, pure=False) == 2 * one


def test_a_chunk_has_fifty_instances_or_what_32768_paths_allow():
    cases = {(7, 3): 50, (9, 3): 50, (10, 3): 32, (13, 3): 4, (14, 3): 2, (16, 3): 1, (8, 4): 9}
    for (n, p), size in cases.items():
        assert enumeration.chunk_size(n, {p: 1.0}) == size
    assert enumeration.chunk_size(13, {2: 0.5, 3: 0.5}) == 2  # twice the paths


@pytest.mark.parametrize("coefficients", [{3: 1.0}, {5: 1.0}, {2: 0.5, 4: 0.5}])
def test_a_price_is_paths_times_monomials_by_pairs_and_a_factorization(coefficients):
    prices = []
    for n in (3, 5):
        of = layout(n, tuple(coefficients))
        work = len(of.parent) * len(of.left) + n**3
        prices.append(enumeration.price(n, coefficients, 7) / work)
        paths = enumeration.paths(n, max(coefficients), len(coefficients) == 1)
        prices[-1] /= 7 * paths
    assert prices[0] == pytest.approx(prices[1])
    assert prices[0] == pytest.approx(enumeration.SECONDS_OF_A_TERM)


def test_two_spins_and_one_instance_are_the_least():
    found = numerics.census(2, p=2)
    assert found.counts.tolist() == [[2, 2]]
    assert numerics.census(2, p=2, disorder=0).counts.tolist() == [[2, 2]]
    for bad in ({"n": 1}, {"samples": 0}, {"disorder": -1}):
        with pytest.raises(InputError, match="got"):
            numerics.census(**{"n": 2, "p": 2} | bad)


@pytest.mark.parametrize(
    ("coefficients", "twice"), [({3: 1.0}, 2), ({4: 1.0}, 2), ({2: 0.3, 3: 1.0}, 1)]
)
def test_what_is_missing_may_be_hidden_real_points(monkeypatch, coefficients, twice):
    """Of a pure model x and -x; what is proved stays, as it is in the whole."""
    source = stream(8, "census")
    whole = enumeration.census_part(source, 0, 2, 3, coefficients)
    zeros = homotopy.zeros

    def lacking(forms, generators):
        found = zeros(forms, generators)
        found.r[0, :2], found.z[0, :2], found.real[0, :2] = np.inf, np.nan, False
        return found

    monkeypatch.setattr(enumeration, "zeros", lacking)
    found = enumeration.census_part(source, 0, 2, 3, coefficients)
    assert found.possible == whole.possible
    assert (found.found - whole.found).tolist() == [-2, 0]
    assert found.hidden.tolist() == [2 * twice, 0]
    assert found.status.tolist() == ["nearly-singular", "complete"]
    assert found.unresolved == 1
    assert set(found.energy[found.instance == 0]) <= set(whole.energy[whole.instance == 0])
    assert (found.counts[1] == whole.counts[1]).all()
    assert (found.counts.sum(axis=1) == np.bincount(found.instance, minlength=2)).all()


@pytest.mark.parametrize("coefficients", [{3: 1.0}, {4: 1.0}, {2: 0.3, 3: 1.0}])
def test_a_sign_that_is_undecided_hides_its_points(monkeypatch, coefficients):
    source = stream(8, "census")
    whole = enumeration.census_part(source, 0, 1, 3, coefficients)
    index = enumeration.index

    def undecided(forms, z, r):
        found = index(forms, z, r)
        found[0, 0] = -1
        return found

    monkeypatch.setattr(enumeration, "index", undecided)
    found = enumeration.census_part(source, 0, 1, 3, coefficients)
    pairs = 2 if len(coefficients) == 1 else 1
    assert found.hidden.tolist() == [pairs]
    assert found.counts.sum() == whole.counts.sum() - pairs
    assert found.found.tolist() == whole.found.tolist()
    assert found.status.tolist() == ["nearly-singular"]


def test_reasons_have_an_order():
    """A set of points says most, then a multiple one, a lost path, too many steps; complete is complete."""
    steps = np.full((6, 3), 9)
    steps[1, 2], steps[2, 0], steps[3, 1] = BUDGET, LOST, BUDGET
    steps[3, 0] = LOST
    steps[4:, 0] = LOST
    kind = np.array([0, 0, 0, 0, SINGULAR, CURVE])
    of = homotopy.Zeros(np.zeros(0), np.zeros(0), np.zeros(0), steps, kind)
    found = enumeration._status(np.array([1, 1, 1, 1, 1, 1]), of).tolist()
    lost = "path-failure"
    assert found == [
        "nearly-singular",
        "budget",
        lost,
        lost,
        "nearly-singular",
        "positive-dimensional",
    ]
    assert set(enumeration._status(np.zeros(6, dtype=int), of)) == {"complete"}


@pytest.mark.parametrize("n", [2, 3, 4])
def test_the_morse_identity_is_that_of_the_sphere(n):
    """1 + (-1)^(n-1): 0 or 2; one minimum more or less breaks it."""
    found = numerics.census(n, p=3, samples=3)
    assert found.morse().all()
    signs = [(-1) ** k for k in range(n)]
    assert set((found.counts @ signs).tolist()) == {0 if n % 2 == 0 else 2}
    found.counts[0, 0] += 1
    assert found.morse().tolist() == [False, True, True]


def test_parts_of_a_census_are_its_instances_from_the_first_on():
    source = disorder_stream(4, {3: 1.0}, 2)
    whole = enumeration.census_part(source, 0, 5, 4, {3: 1.0})
    part = enumeration.census_part(source, 0, 2, 4, {3: 1.0}, first=3)
    mine = whole.instance >= 3
    assert (part.instance == whole.instance[mine] - 3).all()
    assert (part.energy == whole.energy[mine]).all()
    joined = enumeration.join([part, whole])
    assert (joined.instance == np.concatenate([part.instance, whole.instance + 2])).all()
    assert joined.possible == whole.possible
    assert len(joined.status) == 7


def test_a_radius_bounds_the_distance_on_the_sphere_that_is_asked_for():
    """In the scale "unit" lengths are those of x, else sqrt n times as large."""
    t = np.random.default_rng(1).standard_normal((3,) * 3)
    spins, unit = (numerics.census(tensor=t, scale=scale) for scale in ("spins", "unit"))
    assert np.allclose(spins.radius, math.sqrt(3) * unit.radius, rtol=1e-12)
    assert np.allclose(spins.position, math.sqrt(3) * unit.position, rtol=1e-12)
    assert (spins.radius < 1e-11).all()
    zeros = homotopy.zeros(
        enumeration.Forms(layout(3, (3,)), enumeration.given(t).t[None]),
        lambda i, attempt: stream(0, "census of a tensor").generator(i, 2, attempt),
    )
    radii = np.sort(np.tile(zeros.r[zeros.real], 2))
    ratio = np.sort(spins.radius) / radii / math.sqrt(3)
    assert ((ratio > 1 + 1e-10) & (ratio < 1 + 1e-8)).all()
