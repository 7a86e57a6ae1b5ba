"""The kernel that tracks paths, run as plain Python, against dense tensors and a plain homotopy."""

import itertools
from functools import cache

import numpy as np
import pytest

from numerics.critical import tracking
from numerics.critical.homotopy import start
from numerics.critical.polynomials import draw_forms
from numerics.pspin import multisets

MODELS = [(3, {3: 1.0}), (2, {4: 1.0}), (2, {2: 0.4, 3: 0.6})]


def setting(n, coefficients, seed=1):
    """An instance, and the start system's c."""
    forms = draw_forms([np.random.default_rng(seed)], n, coefficients)
    rng = np.random.default_rng(seed + 1)
    c = forms.layout.degree * rng.uniform(0.7, 1.3, n) * np.exp(2j * np.pi * rng.random(n))
    return forms, c


def dense(forms):
    """The symmetric tensors themselves, all n^p entries of each."""
    return _dense(forms.layout.n, forms.layout.orders, forms.layout.offsets, tuple(forms.t[0]))


@cache
def _dense(n, orders, offsets, t):
    found = []
    for p, offset in zip(orders, offsets, strict=False):
        every = np.sort(np.indices((n,) * p).reshape(p, -1).T, axis=1)
        tensor = np.array(t, complex)[offset + multisets.rank(every)]
        found.append((p, tensor.reshape((n,) * p)))
    return found


def gradient_and_hessian(forms, x):
    """Those of h(x) = sum_p T_p x..x, by contraction."""
    n = len(x)
    gradient, hessian = np.zeros(n, complex), np.zeros((n, n), complex)
    for p, tensor in dense(forms):
        part = tensor
        for _ in range(p - 2):
            part = part @ x
        hessian += p * (p - 1) * part
        gradient += p * part @ x
    return gradient, hessian


def homotopy(forms, c, z, t):
    """F and its Jacobian at (x, mu), written out."""
    x, mu, d = z[:-1], z[-1], forms.layout.degree
    gradient, hessian = gradient_and_hessian(forms, x)
    value = np.append(t * gradient + (1 - t) * c * x ** (d - 1) - mu * x, (1 - x @ x) / 2)
    jacobian = np.zeros((len(z), len(z)), complex)
    jacobian[:-1, :-1] = t * hessian + np.diag((1 - t) * (d - 1) * c * x ** (d - 2) - mu)
    jacobian[:-1, -1] = jacobian[-1, :-1] = -x
    return value, jacobian


def followed(forms, c, z, steps=150):
    """Where a path ends: many short steps, Newton's method in each, and no prediction."""
    for t in np.linspace(0, 1, steps + 1):
        for _ in range(3 if t < 1 else 6):
            value, jacobian = homotopy(forms, c, z, t)
            z = z - np.linalg.solve(jacobian, value)
    return z


def arguments(forms, c):
    """What the kernels take of an instance, and room to work in."""
    of = forms.layout
    (hessian,), (gradient,) = forms.curvature()
    work = tuple(np.empty(len(of.parent)) for _ in range(2))
    work += tuple(np.empty(len(of.left)) for _ in range(4))
    none = np.empty((0, 0, 0), complex)
    return hessian, gradient, c, of.degree, of.is_pure, of.parent, of.variable, none, work


@pytest.mark.parametrize(("n", "coefficients"), MODELS)
def test_the_system_is_that_of_dense_tensors(n, coefficients):
    forms, c = setting(n, coefficients)
    rng = np.random.default_rng(5)
    z = rng.standard_normal(n + 1) + 1j * rng.standard_normal(n + 1)
    value, change = np.empty(n + 1, complex), np.empty(n + 1, complex)
    matrix = np.empty((n + 1, n + 1), complex)
    tracking._system.py_func(z, 0.3, arguments(forms, c), value, change, matrix)
    right, jacobian = homotopy(forms, c, z, 0.3)
    np.testing.assert_allclose(value, right, rtol=1e-12, atol=1e-12)
    np.testing.assert_allclose(matrix, jacobian, rtol=1e-12, atol=1e-12)
    # F is linear in t.
    slope = homotopy(forms, c, z, 1.0)[0] - homotopy(forms, c, z, 0.0)[0]
    np.testing.assert_allclose(change, slope, rtol=1e-12, atol=1e-12)
    assert np.abs(homotopy(forms, c, z, 0.31)[0] - value).max() > 1e-3


def test_monomials_are_products_of_variables():
    forms, _ = setting(3, {5: 1.0})
    of = forms.layout
    x = np.array([1.5 - 0.5j, -0.25 + 2j, 0.75 + 1j, 9.0])
    re, im = np.empty(len(of.parent)), np.empty(len(of.parent))
    tracking._monomials.py_func(x, of.parent, of.variable, re, im)
    every = [m for d in range(4) for m in itertools.combinations_with_replacement(range(3), d)]
    products = [np.prod(x[list(m)]) for m in every]
    # In the order of `multisets`, which need not be that of itertools.
    np.testing.assert_allclose(np.sort_complex(re + 1j * im), np.sort_complex(products), rtol=1e-13)


def test_elimination_solves_with_pivots_and_refuses_the_singular():
    rng = np.random.default_rng(0)
    matrix = rng.standard_normal((6, 6)) + 1j * rng.standard_normal((6, 6))
    matrix[0, 0] = 0  # to be exchanged
    right = rng.standard_normal(6) + 1j * rng.standard_normal(6)
    exact = np.linalg.solve(matrix, right)
    found = right.copy()
    assert tracking._solve.py_func(matrix.copy(), found)
    np.testing.assert_allclose(found, exact, rtol=1e-11)
    matrix[:, 3] = 0
    assert not tracking._solve.py_func(matrix, right)


def test_size_is_the_largest_modulus_and_nan_gets_through():
    assert tracking._size.py_func(np.array([3 + 4j, -1, 2j])) == 5
    assert np.isnan(tracking._size.py_func(np.array([1.0 + 0j, complex(0, np.nan)])))


@pytest.mark.parametrize(("n", "coefficients"), MODELS)
def test_every_path_ends_where_short_steps_end(n, coefficients):
    """As plain Python and compiled: one arithmetic."""
    forms, c = setting(n, coefficients)
    z = start(c[None], forms.layout.degree, both=not forms.layout.is_pure)
    given = arguments(forms, c)
    moved = z.copy()
    steps = [tracking._track.py_func(path, 1e-2, given) for path in moved[0]]
    assert min(steps) > 3
    right = np.array([followed(forms, c, path) for path in z[0]])
    np.testing.assert_allclose(moved[0], right, rtol=1e-7, atol=1e-7)
    for x in moved[0]:
        assert np.abs(homotopy(forms, c, x, 1.0)[0]).max() < 1e-9
    assert np.abs(moved - z).max() > 0.1
    for track in (tracking.track, tracking.track.py_func):
        again, counted = z.copy(), np.zeros(z.shape[:2], dtype=np.int64)
        hessian, gradient, _, *rest = given
        track(again, 1e-2, hessian[None], gradient[None], c[None], *rest[:-2], counted)
        np.testing.assert_allclose(again, moved, rtol=1e-9, atol=1e-9)
        assert abs(counted[0] - steps).max() <= 1


@pytest.mark.parametrize(("n", "coefficients"), MODELS)
def test_steps_grow_as_the_fourth_root_of_the_accuracy(n, coefficients):
    """Hermite's cubic is off by the fourth power of a step: for a hundredth of it, sqrt 10 times as many."""
    forms, c = setting(n, coefficients)
    z = start(c[None], forms.layout.degree, both=not forms.layout.is_pure)[0, :3]
    given = arguments(forms, c)
    counts = [
        sum(tracking._track.py_func(path.copy(), error, given) for path in z)
        for error in (1e-2, 1e-4, 1e-6)
    ]
    assert counts[2] / counts[1] == pytest.approx(10**0.5, rel=0.08)
    assert counts[0] < 30 * len(z)


def test_a_path_that_cannot_go_on_is_lost_and_one_too_long_is_over_budget(monkeypatch):
    forms, c = setting(3, {3: 1.0})
    z = start(c[None], 3, both=False)[0, 0]
    given = arguments(forms, c)

    def track(z, first_error, hessian):
        return tracking._track.py_func(z.copy(), first_error, (hessian, *given[1:]))

    assert track(z, 1e-2, given[0] * np.nan) == tracking.LOST
    assert track(z, 0.0, given[0]) == tracking.LOST  # no correction is small enough
    assert track(np.zeros(4, complex), 1e-2, given[0]) == tracking.LOST  # a singular Jacobian
    steps = track(z, 1e-2, given[0])
    for most, said in ((steps, steps), (steps - 1, tracking.BUDGET), (3, tracking.BUDGET)):
        monkeypatch.setattr(tracking, "_MAX_STEPS", most)
        assert track(z, 1e-2, given[0]) == said


@pytest.mark.parametrize("n", [2, 3])
def test_the_system_between_two_forms_is_their_mean(n):
    """(1 - t) of one and t of the other: F is linear in the form where mu is kept."""
    rng = np.random.default_rng(6)
    forms = [setting(n, {3: 1.0}, seed)[0] for seed in (1, 2)]
    z = rng.standard_normal(n + 1) + 1j * rng.standard_normal(n + 1)
    value, change = np.empty(n + 1, complex), np.empty(n + 1, complex)
    matrix = np.empty((n + 1, n + 1), complex)
    given = list(arguments(forms[0], np.ones(n, complex)))
    given[7] = np.concatenate([one.curvature()[0] for one in forms]).astype(complex)
    tracking._system.py_func(z, 0.3, given, value, change, matrix)
    ends = [homotopy(one, np.zeros(n), z, 1.0) for one in forms]
    right, jacobian = (0.7 * a + 0.3 * b for a, b in zip(*ends, strict=True))
    np.testing.assert_allclose(value, right, rtol=1e-12, atol=1e-12)
    np.testing.assert_allclose(matrix, jacobian, rtol=1e-12, atol=1e-12)
    np.testing.assert_allclose(change, ends[1][0] - ends[0][0], rtol=1e-12, atol=1e-12)


def test_paths_between_two_forms_end_at_the_critical_points_of_the_other():
    """As plain Python and compiled: from all points of one, found from the decoupled form."""
    (one, c), (two, _) = (setting(2, {3: 1.0}, seed) for seed in (1, 2))
    of = one.layout
    z = start(c[None], 3, both=False)
    steps = np.zeros(z.shape[:2], dtype=np.int64)
    hessian, gradient = one.curvature()
    tracking.track(z, 1e-2, hessian, gradient, c[None], 3, True, of.parent, of.variable, steps)
    ends = np.stack([hessian * (1 + 0j), two.curvature()[0] * (1 + 0j)], axis=1)
    ends[:, 0] *= 1j  # a complex start: paths do not meet
    z[..., -1] *= 1j
    moved = []
    for track in (tracking.track_between, tracking.track_between.py_func):
        moved.append(z.copy())
        track(moved[-1], 1e-2, ends, 3, of.parent, of.variable, steps)
        assert steps.min() > 3
    np.testing.assert_allclose(moved[0], moved[1], rtol=1e-9, atol=1e-9)
    for x in moved[0][0]:
        assert np.abs(homotopy(two, c, x, 1.0)[0]).max() < 1e-9


@pytest.mark.parametrize("both", [False, True])
def test_balls_are_kept_if_they_are_apart_from_all_before(both):
    rng = np.random.default_rng(3)
    z = np.round(rng.standard_normal((60, 3)) + 1j * rng.standard_normal((60, 3)), 1)
    z *= 0.6
    z[40:50] = -z[:10]
    z[50:] = z[:10] + 0.05
    r = rng.uniform(0.01, 0.3, 60)
    r[5] = np.inf
    found = np.empty(60, dtype=bool)
    tracking.separate.py_func(z, r, both, found)
    kept = []
    for a in range(60):
        x = z[a, :-1]
        rivals = [(s * z[b, :-1], r[b]) for b in kept for s in ((1, -1) if both else (1,))]
        if np.isfinite(r[a]) and all(abs(x - y).max() > r[a] + size for y, size in rivals):
            kept.append(a)
    assert np.flatnonzero(found).tolist() == kept
    assert 10 < len(kept) < 50
