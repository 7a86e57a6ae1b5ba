"""Newton's method at the end of a descent: what it solves, when it gives up, when it is tried."""

import numpy as np
import pytest

from numerics.descent import gradient, newton
from numerics.descent.loop import to_convergence
from numerics.descent.protocol import Info, Rule, gradient_norm
from numerics.pspin.couplings import batched, draw, random_point
from numerics.pspin.hamiltonian import hessian, radial, riemannian_hessian_eigenvalues

P3 = {3: 1.0}


def test_the_curvature_is_that_on_the_sphere_and_largest_across_it():
    c = draw(np.random.default_rng(0), 9, {2: 0.5, 3: 1.0})
    s = random_point(np.random.default_rng(1), 9, 5)
    found = newton._curvature(c, s)
    inside = riemannian_hessian_eigenvalues(c, s)
    for matrix, point, values in zip(found, s, inside, strict=True):
        np.testing.assert_allclose(np.linalg.eigvalsh(matrix)[:-1], values, atol=1e-12)
        large = 1 + np.linalg.norm(values)
        np.testing.assert_allclose(matrix @ point, large * point, atol=1e-12)
        np.testing.assert_allclose(matrix, matrix.T, atol=1e-14)
    # By its parts: the Hessian, turned into the tangent plane, less the radial push.
    flat = np.eye(9) - s[:, :, None] * s[:, None, :] / 9
    by_parts = flat @ (hessian(c, s) - radial(c, s)[:, None, None] * np.eye(9)) @ flat
    np.testing.assert_allclose(flat @ found @ flat, by_parts, atol=1e-12)


def test_solutions_are_exact_and_bounds_near_the_lowest_eigenvalue_from_above():
    rng = np.random.default_rng(2)
    basis = np.linalg.qr(rng.standard_normal((4, 7, 7)))[0]
    values = np.sort(rng.uniform(0.5, 30.0, (4, 7)), axis=1)
    values[:, 0] = [1.0, 0.2, 0.01, 3e-4]
    matrices = (basis * values[:, None, :]) @ basis.transpose(0, 2, 1)
    matrices[3] = 0.0  # not to be solved
    sides = rng.standard_normal((4, 7))
    found, lowest = newton._solved(matrices, sides, np.array([True] * 3 + [False]))
    for i in range(3):
        np.testing.assert_allclose(matrices[i] @ found[i], sides[i], atol=1e-10)
        assert values[i, 0] * (1 - 1e-12) <= lowest[i] < 1.02 * values[i, 0]
    assert np.isfinite(found[3]).all()
    # Of a multiple of the identity every vector is the lowest one's; of no side there is no bound.
    same = newton._solved(2.5 * np.eye(7)[None], sides[:1], np.array([True]))
    np.testing.assert_allclose(same[0], sides[:1] / 2.5)
    np.testing.assert_allclose(same[1], 2.5)
    assert newton._solved(np.eye(7)[None], np.zeros((1, 7)), np.array([True]))[1].tolist() == [1.0]


def scripted(monkeypatch, energies, norms, curvatures, lowest=2.0):
    """Newton's method on one start whose derivatives are written down, iterate by iterate."""
    steps = iter(zip(energies, norms, strict=True))
    turns = iter(curvatures)

    def derivatives(_, s):
        energy, norm = next(steps)
        return np.array([energy]), np.zeros_like(s), np.array([norm])

    monkeypatch.setattr(newton, "_derivatives", derivatives)
    monkeypatch.setattr(newton, "_curvature", lambda _, s: next(turns) * np.eye(s.shape[1])[None])
    monkeypatch.setattr(
        newton, "_solved", lambda m, b, going: (np.zeros_like(b), np.full(1, lowest))
    )
    return bool(newton._newton(None, np.ones((1, 3)), 1e-3)[1][0])


@pytest.mark.parametrize(
    ("energies", "norms", "curvatures", "finished"),
    [
        ((-1.0, -1.1, -1.2), (1.0, 0.2, 1e-4), (2.0, 2.0, 2.0), True),
        ((-1.0, -1.1, -1.2), (1.0, 0.249, 1e-4), (2.0, 2.0, 2.0), True),
        ((-1.0, -1.1, -1.2), (1.0, 0.251, 1e-4), (2.0, 2.0, 2.0), False),
        ((-1.0, -1.1, -1.2), (1.0, 0.25, 1e-4), (2.0, 2.0, 2.0), False),
        ((-1.0, -1.1, -1.1 + 1e-15), (1.0, 0.2, 1e-4), (2.0, 2.0, 2.0), True),
        ((-1.0, -1.1, -1.1 + 1e-12), (1.0, 0.2, 1e-4), (2.0, 2.0, 2.0), False),
        ((0.0, 0.0), (1.0, 1e-4), (2.0, 2.0), True),
        ((-1.0, -1.1, -1.2), (1.0, 0.2, 1e-4), (2.0, 1.01, 1.01), True),
        ((-1.0, -1.1, -1.2), (1.0, 0.2, 1e-4), (2.0, 0.99, 2.0), False),
        ((-1.0, -1.1, -1.2), (1.0, 0.2, 1e-4), (2.0, 2.0, 0.99), False),
        ((-1.0, -1.1), (1.0, 1e-3), (2.0, 2.0), True),  # within the tolerance: no step more
        ((-1.0,), (1e-3,), (2.0,), True),
    ],
)
def test_it_goes_on_only_inside_of_the_basin(monkeypatch, energies, norms, curvatures, finished):
    """The gradient falls below a quarter, the energy does not rise, the lowest eigenvalue not by half."""
    assert scripted(monkeypatch, energies, norms, curvatures) == finished


def test_norms_are_those_of_the_gradient():
    c = draw(np.random.default_rng(0), 9, P3)
    s = random_point(np.random.default_rng(1), 9, 4)
    energy, slope, norm = newton._derivatives(c, s)
    np.testing.assert_allclose(norm, np.linalg.norm(slope, axis=1) / 3)
    np.testing.assert_allclose(norm, gradient_norm(gradient.init(c, s, 1.0)))
    np.testing.assert_allclose(energy, gradient.init(c, s, 1.0).energy)


def test_each_of_several_disorders_is_finished_by_its_own_couplings():
    rule = Rule(0.17, 0.02)
    each = [draw(np.random.default_rng(i), 12, P3) for i in range(2)]
    points = [random_point(np.random.default_rng(i), 12, 20) for i in (3, 4)]
    near = [
        to_convergence(gradient.method(c, rule), s, rule)["position"]
        for c, s in zip(each, points, strict=True)
    ]
    rows, ended = newton.polish(batched(each), np.concatenate(near), 1e-12)
    apart = [newton.polish(c, s, 1e-12) for c, s in zip(each, near, strict=True)]
    assert rows.tolist() == [*apart[0][0], *(apart[1][0] + 20)]
    assert len(rows) > 20
    np.testing.assert_allclose(ended, np.concatenate([s for _, s in apart]), atol=1e-12)
    some = newton.polish(batched(each), np.concatenate(near), 1e-12, rows[3:-2])
    assert some[0].tolist() == rows[3:-2].tolist()
    np.testing.assert_allclose(some[1], ended[3:-2], atol=1e-12)


def test_it_is_tried_after_every_fiftieth_step(monkeypatch):
    c = draw(np.random.default_rng(0), 9, P3)
    state = newton.init(c, random_point(np.random.default_rng(1), 9, 2), 0.1)
    seen = []
    monkeypatch.setattr(
        newton, "tried", lambda c, after, info, tol: seen.append((k, tol)) or (after, info)
    )
    for k in range(120):
        newton.step(c, state, k, 1e-7)
    assert seen == [(49, 1e-7), (99, 1e-7)]


def test_many_steps_at_once_are_the_same_steps(monkeypatch):
    """Cut where Newton's method is tried: here the steps between are the host's."""
    c = draw(np.random.default_rng(0), 40, P3)
    s = random_point(np.random.default_rng(1), 40, 4)

    def by_host(c, state, count, tolerance):
        assert 0 < count <= 50
        for _ in range(count):
            state, info = gradient.step(c, state)
        return state, info

    monkeypatch.setattr(gradient, "advance", by_host)
    method = newton.method(c, Rule(0.17, 1e-9))
    for begin, count in ((0, 30), (30, 20), (20, 140), (49, 1), (50, 50)):
        state = method.init(s)
        once, info = method.advance(state, begin, count)
        for k in range(begin, begin + count):
            state, last = method.step(state, k)
        assert (once.position == state.position).all()
        assert (once.due == state.due).all()
        assert (info.gradient_norm == last.gradient_norm).all()


def test_it_is_tried_where_the_gradient_is_as_small_as_was_said(monkeypatch):
    c = draw(np.random.default_rng(0), 9, P3)
    state = newton.init(c, random_point(np.random.default_rng(1), 9, 4), 0.1)
    norm = gradient_norm(state)
    due = norm * np.array([1.0, 0.99, 2.0, 1.0])
    tried = []
    monkeypatch.setattr(
        newton, "polish", lambda c, s, tol, rows: tried.extend(rows) or (rows[:0], s[:0])
    )
    with_due = newton._with(state, due)
    after, _ = newton.tried(c, with_due, Info(norm, norm > 0), norm[3])
    closer = [i for i in range(3) if norm[i] > norm[3] and i != 1]
    assert tried == closer
    for i in range(4):
        assert after.due[i] == (norm[i] / 2 if i in closer else due[i])
