"""Tensors of one's own against the form that they stand for, and the memory that reading one takes."""

import math
import tracemalloc
from itertools import combinations

import numpy as np
import pytest

from numerics import InputError, tensor
from numerics.core.mixture import disorder_stream
from numerics.pspin import hamiltonian as h
from numerics.pspin import multisets, tensors

SHAPES = [(2, 2), (5, 2), (2, 3), (4, 3), (3, 4), (2, 5)]


def form(t, x):
    """T x^p by its definition."""
    for _ in range(t.ndim):
        t = t @ x
    return float(t)


def at(one, x):
    """The form of the numbers of order 1 at x."""
    products = x[multisets.multi_indices(one.n, one.p)].prod(axis=1)
    return float((one.t * multisets.orderings(one.n, one.p)) @ products)


@pytest.mark.parametrize("scale", tensors.SCALES)
@pytest.mark.parametrize(("n", "p"), SHAPES)
@pytest.mark.parametrize("size", [1.0, 3e-7, 1e200])
def test_units_make_the_form_what_was_given(n, p, scale, size):
    """z t is T; u t is H/n at sqrt(n) x on the unit sphere; the couplings are those of H."""
    rng = np.random.default_rng(n + 10 * p)
    t = size * rng.standard_normal((n,) * p)
    one = tensors.given(t, scale=scale)
    assert (one.n, one.p, one.scale) == (n, p, scale)
    rms = math.sqrt(float(multisets.orderings(n, p) @ one.t**2) / len(one.t))
    assert 0.5 <= rms < 1
    x = rng.standard_normal(n)
    x /= np.linalg.norm(x)
    s = math.sqrt(n) * x
    exact = form(t, x)
    assert one.z * at(one, x) == pytest.approx(exact, rel=1e-12)
    energy = {
        "spins": n ** (-(p - 1) / 2) * form(t, s),
        "unit": math.sqrt(n) * exact,
        "energy": form(t, s),
    }[scale]
    assert n * one.u * at(one, x) == pytest.approx(energy, rel=1e-12)
    c = one.couplings()
    assert h.energy(c, s[None])[0] == pytest.approx(energy, rel=1e-12)
    assert tensors.given(one) is one


@pytest.mark.parametrize(("n", "p"), [(2, 2), (4, 2), (3, 3), (4, 3), (6, 3), (6, 5)])
def test_couplings_without_order_are_a_form(n, p):
    """The J of all i < j < ... in the order of `itertools.combinations`, of so many spins as fit."""
    j = np.random.default_rng(n).standard_normal(math.comb(n, p))
    one = tensors.given(j, p=p)
    assert (one.n, one.p) == (n, p)
    assert one.said == f"{len(j)} couplings of i < j < ... of {n} spins"
    x = np.random.default_rng(p).standard_normal(n)
    exact = sum(
        value * x[list(i)].prod() for value, i in zip(j, combinations(range(n), p), strict=True)
    )
    assert one.z * at(one, x) == pytest.approx(exact, rel=1e-12)
    for wrong in {len(j) + 1} if n > p + 1 else set():
        with pytest.raises(InputError, match=rf"^tensor: got '{wrong} couplings'"):
            tensors.given(np.ones(wrong), p=p)


def test_what_is_apart_is_said_in_the_units_of_the_tensor():
    for size in (1.0, 1e-3, 1e300):
        t = size * np.array([[1.0, 2.0], [0.25, 3.0]])
        assert tensors.given(t).said.endswith(f"differ by up to {1.75 * size:.3g}")
    assert tensors.given(np.array([[1, 2], [2, 3]])).said == ""  # integers are numbers


def test_nothing_is_a_tensor_too():
    one = tensors.given(np.zeros((3, 3)))
    assert (one.t == 0).all()
    assert math.isfinite(one.z)


@pytest.mark.parametrize(
    ("shape", "p"), [((300,) * 2, 2), ((40,) * 3, 3), ((9,) * 5, 5), ((math.comb(22, 4),), 4)]
)
def test_the_memory_that_is_asked_for_is_enough_and_not_twice_as_much(shape, p, monkeypatch):
    asked = []
    monkeypatch.setattr(tensors, "check_memory", lambda *given: asked.append(given[1]))
    t = np.random.default_rng(0).standard_normal(shape)
    multisets.orderings.cache_clear()
    tracemalloc.start()
    tensors.given(t, p=p)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak <= asked[0] < 2 * peak


@pytest.mark.parametrize(("n", "p"), [(9, 5), (200, 2)])
def test_so_is_that_of_a_disorder(n, p, monkeypatch):
    asked = []
    tensor(2, p=2)  # what is compiled takes memory too
    monkeypatch.setattr(tensors, "check_memory", lambda *given: asked.append(given[1]))
    tracemalloc.start()
    tensor(n, p=p)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak <= asked[0] < 3 * peak


@pytest.mark.parametrize(("n", "a"), [(3, {2: 1.0}), (4, {3: 0.5}), (3, {4: 2.0})])
def test_the_tensor_of_a_disorder_is_that_of_its_hamiltonian(n, a):
    """H(s) = sqrt(a_p) n^{-(p-1)/2} X s^p with sqrt(a_p) inside X; disorder 0 of seed 0 unless named."""
    [p] = a
    x = tensor(n, coefficients=a)
    s = np.random.default_rng(n).standard_normal(n)
    for seed, disorder, same in ((0, 0, True), (0, 1, False), (1, 0, False)):
        c = h.draw(disorder_stream(n, a, seed).generator(disorder, 0), n, a)
        energy = n ** (-(p - 1) / 2) * form(x, s)
        assert (h.energy(c, s[None])[0] == pytest.approx(energy, rel=1e-12)) == same
        other = tensor(n, coefficients=a, seed=seed, disorder=disorder)
        assert (other == x).all() == same


def test_sizes_that_no_memory_holds_are_refused_before_they_are_counted():
    """A tensor has at most e^40 numbers, and an order at most 100."""
    with pytest.raises(InputError, match=r"^n: got 2; takes fewer spins at p = 58"):
        tensor(2, p=58)
    with pytest.raises(InputError, match=r"^memory: got "):
        tensor(2, p=57)
    with pytest.raises(InputError, match=r"^p: got 101; takes an integer >= 2 and <= 100"):
        tensors.given([1.0], p=101)
    with pytest.raises(InputError, match=r"^memory: got "):
        tensors.given([1.0], p=100)
    with pytest.raises(InputError, match=r"^p: got 1; takes an integer >= 2"):
        tensors.given([1.0], p=1)
    with pytest.raises(InputError, match=r"^n: got 1; takes an integer >= 2"):
        tensor(1, p=3)
    assert tensors.given(np.ones((2, 2))).n == 2
    for bad in (np.ones((1, 1)), np.ones(()), np.ones((2, 3))):
        with pytest.raises(InputError, match=r"^tensor: got 'shape"):
            tensors.given(bad)
    with pytest.raises(InputError, match=r"^disorder: got -1"):
        tensor(3, p=3, disorder=-1)
