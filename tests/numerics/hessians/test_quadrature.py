"""Spectra from products alone, against matrices whose spectra are known."""

import math
import subprocess
import sys

import numpy as np
import pytest
from scipy.sparse.linalg import aslinearoperator

import numerics
from numerics.core.streams import stream


def known(n=200, seed=0):
    """A symmetric matrix, its eigenvalues and its eigenvectors."""
    rng = np.random.default_rng(seed)
    vectors, _ = np.linalg.qr(rng.standard_normal((n, n)))
    values = np.sort(np.concatenate([rng.standard_normal(n - 10), np.linspace(3, 6, 10)]))
    return vectors * values @ vectors.T, values, vectors


MATRIX, VALUES, VECTORS = known()
LEVELS = [-10.0, *np.quantile(VALUES, [0.003, 0.1, 0.37, 0.5, 0.9]), 3.1, 7.0]


def probe_measures(probes, level):
    """The measure below a level of each probe, exactly."""
    source = stream(0, "spectrum")
    starts = np.array([source.generator(i).standard_normal(len(VALUES)) for i in range(probes)])
    squares = (starts @ VECTORS) ** 2
    return (squares[:, level > VALUES]).sum(axis=1) / squares.sum(axis=1)


@pytest.mark.parametrize("steps", [2, 7, 40, 120])
def test_what_a_probe_sees_lies_between_its_bounds(steps):
    """Chebyshev, Markov and Stieltjes: for every probe and level, whatever the steps."""
    found = numerics.spectrum(MATRIX, steps=steps, probes=6)
    for level in LEVELS:
        for i, truth in enumerate(probe_measures(6, level)):
            rows = np.array([i, i])
            one = type(found)(
                200, found.nodes[rows], found.weights[rows], found.lowest, found.highest
            )
            bound = one.below(level)
            assert bound.low / 200 - 1e-12 <= truth <= bound.high / 200 + 1e-12
            assert bound.low - 1e-9 <= bound.count <= bound.high + 1e-9


def test_bounds_without_a_neighbour_do_not_hold():
    """The bounds are no wider than they must be: with one node less on either side they fail."""
    found = numerics.spectrum(MATRIX, steps=7, probes=6)
    exact = [probe_measures(6, level) for level in LEVELS]
    counts = [np.where(found.nodes < level, found.weights, 0).sum(axis=1) for level in LEVELS]
    assert any((c > e + 1e-3).any() for c, e in zip(counts, exact, strict=True))
    assert any((c < e - 1e-3).any() for c, e in zip(counts, exact, strict=True))


def test_counts_are_within_their_errors():
    found = numerics.spectrum(MATRIX, steps=100, probes=400)
    for level in LEVELS:
        count = found.below(level)
        assert abs(count.count - (level > VALUES).sum()) <= 5 * count.stderr + (
            count.high - count.low
        )
    middle = found.below(float(np.median(VALUES)))
    # The squares of half the coordinates of a uniform direction follow a beta law, of variance 1/4 2/(n + 2).
    beta = 200 * math.sqrt(0.25 * 2 / 202 / 400)
    assert 0.85 < middle.stderr / beta < 1.15


def test_moments_are_those_of_the_matrix():
    found = numerics.spectrum(MATRIX, steps=4, probes=2)
    source = stream(0, "spectrum")
    for i in range(2):
        q = source.generator(i).standard_normal(200)
        q /= np.linalg.norm(q)
        power = q
        for k in range(8):  # 2 steps - 1 and below
            assert math.isclose(
                (found.weights[i] * found.nodes[i] ** k).sum(), q @ power, rel_tol=1e-9
            )
            power = MATRIX @ power
        assert not math.isclose(
            (found.weights[i] * found.nodes[i] ** 8).sum(), q @ power, rel_tol=1e-4
        )


def test_the_density_of_goe_is_the_semicircle():
    n = 600
    rng = np.random.default_rng(1)
    a = rng.standard_normal((n, n))
    goe = (a + a.T) / np.sqrt(4 * n)  # spectrum on [-sqrt 2, sqrt 2]
    found = numerics.spectrum(goe, steps=60, probes=10)
    for level in (-0.8, 0.0, 0.9):
        value, error = found.density(level, 0.1)
        x = np.linspace(-1.4142, 1.4142, 20001)
        smooth = np.sqrt(2 - x**2) / np.pi * np.exp(-(((x - level) / 0.1) ** 2) / 2)
        truth = smooth.sum() * (x[1] - x[0]) / (0.1 * math.sqrt(2 * np.pi))
        assert abs(value - truth) < 5 * error + 0.005
        assert error < 0.05


def test_the_outlier_of_a_spike_and_the_index_are_found():
    """A rank-one spike t beyond 1/sqrt 2 moves one eigenvalue of GOE to t + 1/(2t)."""
    n, t = 800, -1.5
    rng = np.random.default_rng(2)
    a = rng.standard_normal((n, n))
    v = rng.standard_normal(n)
    spiked = (a + a.T) / np.sqrt(4 * n) + t * np.outer(v, v) / (v @ v)
    low, residual = numerics.spectrum(spiked, steps=60, probes=3).lowest
    assert residual < 1e-8
    assert abs(low - (t + 1 / (2 * t))) < 5 / math.sqrt(n)
    index = numerics.spectrum(spiked + 1.5 * np.eye(n), steps=100, probes=50).below(0)
    assert numerics.index_of(spiked + 1.5 * np.eye(n)).index == 1
    assert abs(index.count - 1) < 5 * index.stderr < 2


def test_a_krylov_space_that_ends_is_exact():
    found = numerics.spectrum(np.diag([2.0] * 30 + [5.0] * 10), steps=30, probes=200)
    assert np.isnan(found.nodes[:, 2:]).all()
    assert (found.weights[:, 2:] == 0).all()
    assert np.allclose(found.nodes[:, :2], [2.0, 5.0])
    count = found.below(3.0)
    assert abs(count.count - 30) < 5 * count.stderr
    assert found.lowest == pytest.approx((2.0, 0.0), abs=1e-9)
    assert found.highest == pytest.approx((5.0, 0.0), abs=1e-9)
    zero = numerics.spectrum(np.zeros((3, 3)))
    assert zero.below(0.0).count == 0
    assert zero.below(1e-9).count == pytest.approx(3)
    assert numerics.spectrum([[4.0]]).lowest == (4.0, 0.0)


def test_an_eigenvalue_lies_within_the_residual():
    for steps in (3, 10, 40):
        found = numerics.spectrum(MATRIX, steps=steps, probes=3)
        for value, residual in (found.lowest, found.highest):
            assert np.abs(VALUES - value).min() <= residual + 1e-12
        assert found.lowest[0] >= VALUES[0] - 1e-12
        assert found.highest[0] <= VALUES[-1] + 1e-12


def test_matrices_operators_and_functions_are_one():
    whole = numerics.spectrum(MATRIX, steps=20)
    for other in (lambda v: MATRIX @ v, aslinearoperator(MATRIX), MATRIX.tolist()):
        n = 200 if callable(other) and not hasattr(other, "shape") else None
        assert np.allclose(numerics.spectrum(other, n, steps=20).nodes, whole.nodes)


BAD = [
    (((lambda v: v),), {}, "n: got None; takes the size of the matrix"),
    (((lambda v: v), 0), {}, "n: got 0; takes an integer >= 1"),
    (((lambda v: v[1:]), 3), {}, r"matrix: got 'a product of shape \(2,\)'; takes finite numbers"),
    (((lambda v: v * np.nan), 3), {}, "matrix: got 'a product of NaN or infinity'"),
    (((lambda v: "x"), 3), {}, "matrix: got ValueError"),
    ((np.ones((2, 3)),), {}, r"matrix: got 'shape \(2, 3\)'; takes shape \(n, n\)"),
    ((np.ones(3),), {}, r"matrix: got 'shape \(3,\)'"),
    ((np.eye(3), 4), {}, "n: got 4; takes 3, or none beside a matrix"),
    (("x",), {}, "matrix: got 'x'; takes a function of a vector and n"),
    (([[1], [2, 3]],), {}, r"matrix: got \[\[1\], \[2, 3\]\]; takes a function"),
    ((np.triu(np.ones((5, 5))),), {}, "matrix: got one that is not symmetric"),
    ((np.eye(3),), {"steps": 0}, "steps: got 0"),
    ((np.eye(3),), {"probes": 1}, "probes: got 1; takes an integer >= 2"),
    ((np.eye(3),), {"probes": 100_001}, "probes: got 100001; takes"),
    (((lambda v: v), 10**15), {"steps": 3}, "memory: got"),
    ((np.eye(3), None, [1.0]), {}, "matrix: got array"),
    (
        ((lambda v: v), None, [1.0]),
        {},
        r"at: got \[1.0\]; takes tensors of PyTorch or arrays of JAX",
    ),
    (((lambda v: v), None, {"a": np.ones(2)}), {}, "at: got .*; takes tensors of PyTorch"),
    (((lambda v: v), None, []), {}, r"at: got \[\]; takes tensors"),
]


@pytest.mark.parametrize(("arguments", "named", "says"), BAD)
def test_bad_input_is_named(arguments, named, says):
    with pytest.raises(numerics.InputError, match=f"^{says}"):
        numerics.spectrum(*arguments, **named)


def test_levels_and_widths_are_checked():
    found = numerics.spectrum(np.eye(3))
    with pytest.raises(numerics.InputError, match=r"^level: got nan"):
        found.below(float("nan"))
    with pytest.raises(numerics.InputError, match=r"^width: got 0"):
        found.density(0.0, 0)


def test_neither_library_is_loaded_without_need():
    code = (
        "import sys, numerics; from numerics.hessians import autodiff; "
        "numerics.spectrum([[1.0]]); print(sorted({'torch', 'jax'} & set(sys.modules)))"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "[]"


def dense(function, start, step=1e-4):
    """The Hessian by central differences, in float64 of NumPy."""
    e = step * np.eye(len(start))
    rows = [
        [
            function(start + a + b)
            - function(start + a - b)
            - function(start - a + b)
            + function(start - a - b)
            for a in e
        ]
        for b in e
    ]
    return np.array(rows) / (4 * step * step)


X = np.random.default_rng(5).standard_normal((30, 3))
TARGET = np.sin(X[:, 0])
START = {"w": np.random.default_rng(6).standard_normal((3, 2)), "a": np.array([0.7, -1.1])}


def plain(w):
    return ((np.tanh(X @ w[:6].reshape(3, 2)) @ w[6:] - TARGET) ** 2).mean()


def loss_of(library):
    x, target = (library.asarray(part) for part in (X, TARGET))
    return lambda at: ((library.tanh(x @ at["w"]) @ at["a"] - target) ** 2).mean()


@pytest.mark.filterwarnings("ignore:`torch.jit:FutureWarning")  # of PyTorch's own making
@pytest.mark.parametrize("name", ["torch", "jax"])
def test_a_loss_of_a_library_has_its_hessian(name):
    library = pytest.importorskip(name)
    if name == "jax":
        library.config.update("jax_enable_x64", True)
        library = library.numpy
    at = {key: library.asarray(value) for key, value in START.items()}  # keys are not sorted
    flat = np.concatenate([value.ravel() for value in START.values()])
    found = numerics.spectrum(loss_of(library), at=at, steps=8)
    assert np.allclose(found.nodes[0], np.linalg.eigvalsh(dense(plain, flat)), atol=1e-5)
    as_list = numerics.spectrum(
        lambda parts: loss_of(library)({"w": parts[0], "a": parts[1]}),
        at=list(at.values()),
        steps=8,
    )
    assert np.allclose(as_list.nodes, found.nodes)
    if name == "torch":
        at["w"].requires_grad_()
        assert np.allclose(numerics.spectrum(loss_of(library), at=at, steps=8).nodes, found.nodes)


def test_a_call_that_says_little_has_ten_probes():
    few, ten = (numerics.spectrum(MATRIX, steps=5, **how) for how in ({}, {"probes": 10}))
    assert few.nodes.shape == ten.nodes.shape == (10, 5)
    assert (few.nodes == ten.nodes).all()
