"""Sets of zeros, multiple zeros and simple ones told apart where which they are is known."""

import numpy as np
import pytest

from numerics.critical import degenerate
from numerics.critical.degenerate import CURVE, REGULAR, SINGULAR, kinds
from numerics.critical.kantorovich import evaluate
from numerics.critical.polynomials import Forms, layout


def kind(n, p, t):
    t = np.atleast_2d(np.array(t, dtype=float))
    return int(kinds(Forms(layout(n, (p,)), t), [np.random.default_rng(0)])[0])


@pytest.mark.parametrize(
    ("t", "right"),
    [
        ([1.0, 0.0, 2.0], REGULAR),  # diag(1, 2)
        ([1.0, 0.0, 1.0], CURVE),  # the identity
        ([1.0, 0.0, 1.01], REGULAR),
        ([0.0, 0.0, 0.0], CURVE),
    ],
)
def test_a_quadratic_form_of_two_variables_has_a_circle_or_points(t, right):
    assert kind(2, 2, t) == right


@pytest.mark.parametrize(("b", "right"), [(1.4, REGULAR), (1.5, SINGULAR), (1.6, REGULAR)])
def test_a_cubic_has_a_triple_point_where_two_are_born(b, right):
    assert kind(2, 3, [1.0, 0.0, b / 3, 0.0]) == right


def test_three_kinds_have_three_numbers_and_what_is_not_asked_is_regular():
    assert len({REGULAR, SINGULAR, CURVE}) == 3
    assert REGULAR < SINGULAR < CURVE
    # What a census of all points is filled with.
    assert np.zeros(1, dtype=int).tolist() == [REGULAR]


def test_many_instances_are_told_apart_each_by_its_own_stream():
    t = np.array(
        [[1.0, 0.0, 1 / 3, 0.0, 1.0], [1.0, 0.0, 0.1, 0.0, 2.0], [1.0, 0.0, 0.0, 0.0, 0.0]]
    )
    found = kinds(Forms(layout(2, (4,)), t), [np.random.default_rng(i) for i in range(3)])
    assert found.tolist() == [CURVE, REGULAR, SINGULAR]


def test_iterations_end_in_zeros_and_kernels_are_of_the_jacobian_there():
    """Of diag(1, 1, 2): a circle of zeros in the plane of the first two, with one direction along it."""
    forms = Forms(layout(3, (2,)), np.array([[1.0, 0.0, 1.0, 0.0, 0.0, 2.0]]))
    rng = np.random.default_rng(0)
    start = rng.standard_normal((1, 12, 4)) + 0j
    start[..., :3] /= np.linalg.norm(start[..., :3], axis=-1, keepdims=True)
    z, kernel = degenerate._zeros(forms, start)
    done = np.abs(evaluate(forms, z).value).max(axis=-1) < degenerate.ZERO
    assert done.sum() > 3  # others come to x = 0, which is no zero
    assert not kernel[~done].any()
    z, kernel = z[done][None], kernel[done][None]
    plane = np.abs(z[..., 2]) < 0.5
    assert plane.any()
    assert (kernel.sum(axis=-1) == np.where(plane, 1, 0)).all()
    on = z[:, plane[0]]
    along = degenerate._in_kernel(forms, on, rng.standard_normal(on.shape) + 0j)
    assert np.allclose(np.linalg.norm(along, axis=-1), 1)
    turn = np.stack([-on[..., 1], on[..., 0]], axis=-1)  # of the circle
    assert np.allclose(np.abs((along[..., :2] * turn.conj()).sum(axis=-1)), 1, atol=1e-6)
    off = z[:, ~plane[0]]
    assert (degenerate._in_kernel(forms, off, np.ones_like(off)) == 0).all()


def test_what_comes_to_no_zero_has_no_kernel():
    forms = Forms(layout(2, (2,)), np.array([[1.0, 0.0, 1.0]]))
    z = np.array([[[np.nan, 0.0, 0.0], [np.inf, 0.0, 0.0], [1.0, 0.0, 2.0]]], dtype=complex)
    found, kernel = degenerate._zeros(forms, z)
    assert kernel.any(axis=-1).tolist() == [[False, False, True]]
    assert found[0, 2] == pytest.approx(z[0, 2])


def test_the_method_of_levenberg_and_marquardt_is_newtons_near_a_simple_zero(monkeypatch):
    """One step squares the distance; far from a zero it is shorter than Newton's."""
    forms = Forms(layout(2, (3,)), np.array([[1.0, 0.2, -0.3, 0.7]]))
    start = np.array([[[0.8, 0.6, 1.0]]], dtype=complex)
    true, _ = degenerate._zeros(forms, start)
    monkeypatch.setattr(degenerate, "_ITERATIONS", 1)
    for size in (1e-2, 1e-3, 1e-4):
        moved, _ = degenerate._zeros(forms, true + size)
        assert np.abs(moved - true).max() < 100 * size**2
    at = evaluate(forms, start + 2)
    s = np.linalg.svd(at.jacobian[0, 0])
    damping = np.abs(at.value).max() ** 2
    parts = s.U.conj().T @ at.value[0, 0] * s.S / (s.S**2 + damping)
    moved, _ = degenerate._zeros(forms, start + 2)
    assert np.allclose(moved, start + 2 - s.Vh.conj().T @ parts, rtol=1e-12)
