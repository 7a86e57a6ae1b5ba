"""Units."""

import math
import tracemalloc

import numpy as np
import pytest
import sympy
from hypothesis import given, settings
from hypothesis import strategies as st

from numerics import InputError
from numerics.core.backend import to_numpy
from numerics.pspin import hamiltonian as h
from numerics.pspin import multisets
from numerics.pspin.couplings import Couplings, Streamed, batched, from_tensors, random_point

GROUP = 16  # a vector of float64 or float32, or a few of them, on any processor

MIXED = {2: 0.3, 3: 0.5, 4: 0.2}


mixtures = st.sampled_from([{2: 1.0}, {3: 1.0}, {4: 1.0}, {5: 0.7}, MIXED])


seeds = st.integers(0, 10**6)


def disorder(seed, n, mixture, **kwargs):
    return h.draw(np.random.default_rng(seed), n, mixture, **kwargs)


def points(seed, n, replicas):
    return random_point(np.random.default_rng(seed + 1), n, replicas)


def tensors(seed, n, mixture):
    rng = np.random.default_rng(seed)
    return {p: rng.standard_normal((n,) * p) for p in mixture}


def definition(x, mixture, s):
    """Return H(s) from the definition, term by term."""
    n, total = len(s), 0.0
    for p, a in mixture.items():
        value = x[p]
        for _ in range(p):
            value = value @ s
        total += math.sqrt(a) * n ** (-(p - 1) / 2) * value
    return total


@given(mixtures, st.integers(2, 5), seeds)
def test_energy_is_the_definition(mixture, n, seed):
    x, s = tensors(seed, n, mixture), points(seed, n, 3)
    c = from_tensors(x, mixture)
    expected = [definition(x, mixture, row) for row in s]
    np.testing.assert_allclose(h.energy(c, s), expected, rtol=1e-11, atol=1e-11 * n**2)
    # Off the sphere too, where the scale n^{-(p-1)/2} is still that of n spins.
    expected = [definition(x, mixture, 1.5 * row) for row in s]
    np.testing.assert_allclose(h.energy(c, 1.5 * s), expected, rtol=1e-11, atol=1e-10 * n**2)


@settings(max_examples=8)
@given(st.sampled_from([{2: 1.0}, {3: 1.0}, {4: 1.0}, {2: 0.5, 3: 0.5}]), seeds)
def test_derivatives_against_sympy_at_three_spins(mixture, seed):
    x, point = tensors(seed, 3, mixture), points(seed, 3, 1)
    spins = sympy.symbols("s:3")
    terms = []
    for p, a in mixture.items():
        scale = math.sqrt(a) * 3 ** (-(p - 1) / 2)
        for i in np.ndindex(x[p].shape):
            terms.append(scale * float(x[p][i]) * sympy.Mul(*(spins[j] for j in i)))
    symbolic = sympy.Poly(sympy.Add(*terms), *spins)
    at = dict(zip(spins, map(float, point[0]), strict=True))
    first = [symbolic.diff(a) for a in spins]
    gradient = [float(f.as_expr().subs(at)) for f in first]
    hessian = [[float(f.diff(b).as_expr().subs(at)) for b in spins] for f in first]
    c = from_tensors(x, mixture)
    np.testing.assert_allclose(h.gradient(c, point)[0], gradient, atol=1e-11)
    np.testing.assert_allclose(h.hessian(c, point)[0], hessian, atol=1e-11)


@given(mixtures, st.integers(2, 6), seeds)
def test_derivatives_against_finite_differences(mixture, n, seed):
    c, s = disorder(seed, n, mixture), points(seed, n, 2)
    v, eps = points(seed + 7, n, 2), 1e-5
    slope = (h.energy(c, s + eps * v) - h.energy(c, s - eps * v)) / (2 * eps)
    np.testing.assert_allclose((h.gradient(c, s) * v).sum(axis=1), slope, atol=1e-6 * n**2)
    bend = (h.gradient(c, s + eps * v) - h.gradient(c, s - eps * v)) / (2 * eps)
    np.testing.assert_allclose(h.hessian_vector(c, s, v), bend, atol=1e-6 * n**2)
    full = h.hessian(c, s)
    np.testing.assert_allclose(np.einsum("rij,rj->ri", full, v), h.hessian_vector(c, s, v))
    assert (full == full.transpose(0, 2, 1)).all()


@given(st.integers(2, 5), st.integers(2, 6), seeds, st.floats(0.2, 3))
def test_each_term_is_homogeneous(p, n, seed, scale):
    c, s = disorder(seed, n, {p: 1.0}), points(seed, n, 2)
    h1, g1 = h.energy_gradient(c, s)
    np.testing.assert_allclose(h.energy(c, scale * s), scale**p * h1, rtol=1e-9, atol=1e-9)
    np.testing.assert_allclose((g1 * s).sum(axis=1), p * h1, rtol=1e-9, atol=1e-9)
    assert not np.allclose(h.energy(c, 2 * s), 2 ** (p + 1) * h1)


@given(mixtures, st.integers(2, 4), seeds)
def test_rotated_couplings_are_a_rotated_argument(mixture, n, seed):
    x, s = tensors(seed, n, mixture), points(seed, n, 3)
    q, _ = np.linalg.qr(np.random.default_rng(seed).standard_normal((n, n)))
    turned = {}
    for p, tensor in x.items():
        # Contract the first axis and append the new one: after p times each is turned.
        for _ in range(p):
            tensor = np.tensordot(tensor, q, axes=(0, 0))
        turned[p] = tensor
    a, b = (from_tensors(t, mixture) for t in (turned, x))
    np.testing.assert_allclose(h.energy(a, s), h.energy(b, s @ q.T), atol=1e-10 * n**2)
    np.testing.assert_allclose(h.gradient(a, s), h.gradient(b, s @ q.T) @ q, atol=1e-10 * n**2)
    spectra = h.riemannian_hessian_eigenvalues(a, s), h.riemannian_hessian_eigenvalues(b, s @ q.T)
    np.testing.assert_allclose(*spectra, atol=1e-9 * n**2)


@given(mixtures, st.integers(2, 5), seeds)
def test_hessian_on_the_sphere_bends_energies_along_great_circles(mixture, n, seed):
    c, s = disorder(seed, n, mixture), points(seed, n, 1)
    v = h.tangential(s, points(seed + 3, n, 1))
    if np.linalg.norm(v) < 0.1:
        return
    v /= np.linalg.norm(v)
    t = 1e-3

    def energy(angle):
        radius = math.sqrt(n)
        return h.energy(c, s * math.cos(angle) + radius * v * math.sin(angle))

    bend = (energy(t) - 2 * energy(0) + energy(-t)) / t**2 / n
    expected = (v * h.hessian_vector(c, s, v)).sum() - (s * h.gradient(c, s)).sum() / n
    assert bend[0] == pytest.approx(expected, abs=1e-3 * n)
    values = h.riemannian_hessian_eigenvalues(c, s)
    assert values.shape == (1, n - 1)
    assert values[0, 0] - 1e-9 <= expected <= values[0, -1] + 1e-9
    # Against the projected matrix, which has one more eigenvalue: zero, along s.
    p = np.eye(n) - s.T @ s / n
    radial = (s * h.gradient(c, s)).sum() / n
    projected = np.linalg.eigvalsh(p @ h.hessian(c, s)[0] @ p - radial * p)
    np.testing.assert_allclose(np.sort(np.append(values, 0.0)), projected, atol=1e-9 * n)


@pytest.mark.parametrize("mixture", [{2: 1.0}, {3: 1.0}, {5: 1.0}, MIXED])
@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_streamed_couplings_are_the_stored_ones(xp, dtype, mixture):
    """No bit of couplings, energies, gradients, Hessians depends on where the couplings are."""
    n = 8
    stored, streamed = (
        h.draw(np.random.default_rng(3), n, mixture, dtype, xp, place=place)
        for place in ("stored", "streamed")
    )
    s, v = (xp.asarray(points(seed, n, 19).astype(dtype)) for seed in (0, 5))
    for (_, a), (_, b) in zip(stored.terms, streamed.terms, strict=True):
        assert isinstance(b, Streamed)
        assert a.shape == b.shape
        assert a.dtype == b[:, :].dtype == getattr(xp, dtype)
        for block in ((slice(None), slice(2, 5)), (3, slice(None)), (slice(2, 6), slice(1, None))):
            assert (to_numpy(a[block]) == to_numpy(b[block])).all()
        assert (to_numpy(a[:, 1:3]) != to_numpy(b[:, 2:4])).any()
    for f, arguments in ((h.energy_gradient, (s,)), (h.hessian_vector, (s, v)), (h.hessian, (s,))):
        one, other = (f(c, *arguments) for c in (stored, streamed))
        pairs = zip(one, other, strict=True) if isinstance(one, tuple) else [(one, other)]
        for x, y in pairs:
            assert (to_numpy(x) == to_numpy(y)).all()


@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_streams_over_many_blocks_change_no_bit(dtype):
    """Blocks that begin anywhere, more tiles than share a pass: what BLAS gets differs in strides."""
    n = 70
    stored, streamed = (
        h.draw(np.random.default_rng(3), n, {3: 1.0}, dtype, place=place)
        for place in ("stored", "streamed")
    )
    s = points(0, n, 9 * GROUP + 5).astype(dtype)
    for x, y in zip(h.energy_gradient(stored, s), h.energy_gradient(streamed, s), strict=True):
        assert (x == y).all()


def test_two_thousand_spins_in_two_gigabytes():
    """Streamed couplings need their blocks only; a thousandth of a gradient is checked by hand."""
    limit = 2**31
    c = h.draw(np.random.default_rng(0), 2000, {3: 1.0}, "float32", memory=limit)
    a = c.terms[0][1]
    assert isinstance(a, Streamed)
    assert a.shape[0] * a.shape[1] * 4 > limit
    tracemalloc.start()
    block = a[:, 500_000:502_001]
    row = a[7, :]
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < limit / 32
    assert (row[500_000:502_001] == block[7]).all()
    expected = 3 * 2 / 2000**2  # off the diagonals: 3! orderings, over n^2
    off = block[:400].ravel()  # rows that occur in few of these columns
    assert abs(off.astype(float).var() / expected - 1) < 0.02
    with pytest.raises(InputError, match=r"^memory: got 2 GiB; takes 15 GiB .* stream them"):
        h.draw(np.random.default_rng(0), 2000, {3: 1.0}, "float32", memory=limit, place="stored")


@pytest.mark.parametrize("mixture", [{2: 1.0}, {3: 1.0}, MIXED])
@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_every_namespace_and_dtype_computes_the_same(xp, dtype, mixture):
    reference = disorder(0, 6, mixture)
    s, v = points(0, 6, 3), points(5, 6, 3)
    c = disorder(0, 6, mixture, dtype=dtype, xp=xp)
    a, b = (xp.asarray(x.astype(dtype)) for x in (s, v))
    close = {"rtol": 1e-3, "atol": 1e-4} if dtype == "float32" else {"rtol": 1e-10, "atol": 1e-12}
    for f, ours, theirs in [
        (h.energy, (a,), (s,)),
        (h.gradient, (a,), (s,)),
        (h.riemannian_gradient, (a,), (s,)),
        (h.hessian_vector, (a, b), (s, v)),
        (h.hessian, (a,), (s,)),
        (h.riemannian_hessian_eigenvalues, (a,), (s,)),
    ]:
        value = f(c, *ours)
        assert value.dtype == getattr(xp, dtype)
        np.testing.assert_allclose(to_numpy(value), f(reference, *theirs), **close)


@pytest.mark.parametrize("mixture", [{2: 1.0}, {3: 1.0}, MIXED], ids=str)
@pytest.mark.parametrize("share", [1, 5, 2 * GROUP + 3, 150])
@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_no_bit_of_a_disorder_depends_on_its_batch(mixture, share, dtype):
    """Few replicas of each, and more than share a pass over the couplings."""
    n, each = 7, [disorder(seed, 7, mixture, dtype=dtype) for seed in range(3)]
    s = points(5, n, 3 * share).astype(dtype)
    v = points(6, n, 3 * share).astype(dtype)
    together = (*h.energy_gradient(batched(each), s), h.hessian_vector(batched(each), s, v))
    for i, one in enumerate(each):
        rows = slice(i * share, (i + 1) * share)
        alone = (*h.energy_gradient(one, s[rows]), h.hessian_vector(one, s[rows], v[rows]))
        for x, y in zip(together, alone, strict=True):
            assert (x[rows] == y).all()


def test_a_batch_takes_a_share_for_each_of_its_disorders():
    both = batched([disorder(seed, 4, {3: 1.0}) for seed in range(2)])
    with pytest.raises(InputError, match=r"^replicas: got \(3, 4\)"):
        h.gradient(both, points(0, 4, 3))


@pytest.mark.parametrize("n", [5, 31, 64])
@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_no_bit_of_a_replica_depends_on_its_batch(n, dtype):
    c = disorder(1, n, {3: 1.0}, dtype=dtype)
    s = points(1, n, 2 * GROUP + 3).astype(dtype)
    energy, gradient = h.energy_gradient(c, s)
    for rows in ([0], [5], [GROUP], list(range(3, 30, 2)), list(range(len(s)))[::-1]):
        e, g = h.energy_gradient(c, s[rows])
        assert (e == energy[rows]).all()
        assert (g == gradient[rows]).all()
        eigen = h.riemannian_hessian_eigenvalues(c, s[rows[:2]])
        assert (eigen == h.riemannian_hessian_eigenvalues(c, s)[rows[:2]]).all()


@given(st.integers(1, 5), st.integers(1, 5))
def test_multi_indices_are_ranked_in_their_order(n, d):
    m = multisets.multi_indices(n, d)
    assert m.shape == (multisets.count(n, d), d)
    assert multisets.rank(m).tolist() == list(range(len(m)))
    assert multisets.orderings(n, d).sum() == n**d


def test_bad_input_is_refused():
    good = np.zeros((3, 3, 3))
    bad = [
        lambda: h.draw(np.random.default_rng(0), 1, {3: 1.0}),
        lambda: h.draw(np.random.default_rng(0), 3, {0: 1.0}),
        lambda: h.draw(np.random.default_rng(0), 10**5, {3: 1.0}, place="stored"),
        lambda: h.draw(np.random.default_rng(0), 10**5, {3: 1.0}, memory=0),
        lambda: h.draw(np.random.default_rng(0), 10**5, {3: 1.0}, place="here"),
        lambda: h.draw(np.random.default_rng(0), 10**5, {9: 1.0}),
        lambda: h.draw(np.random.default_rng(0), 3, {3: 1.0}, dtype="float16"),
        lambda: from_tensors({3: np.where(np.arange(3) == 1, np.nan, good)}, {3: 1.0}),
        lambda: from_tensors({3: good[:2]}, {3: 1.0}),
        lambda: from_tensors({2: good}, {3: 1.0}),
        lambda: Couplings(3, ((3, np.zeros((3, 5))),)),
        lambda: Couplings(3, ((3, np.zeros((3, 6), dtype=np.float16)),)),
        lambda: Couplings(3, ()),
    ]
    for call in bad:
        with pytest.raises(InputError, match="got"):
            call()
