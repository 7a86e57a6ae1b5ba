"""Where monomials and coefficients stand, and the matrices of curvature, against products written out."""

import itertools

import numpy as np
import pytest

from numerics.core.backend import InputError
from numerics.critical.polynomials import Forms, draw_forms, layout
from numerics.pspin import multisets


@pytest.mark.parametrize("n", [2, 3])
@pytest.mark.parametrize("orders", [(2,), (3,), (6,), (2, 3, 5), (3, 6)])
def test_monomials_by_degree_each_a_smaller_one_times_a_variable(n, orders):
    of = layout(n, orders)
    x = np.random.default_rng(0).uniform(1, 2, n)
    value = [1.0]
    for q in range(1, len(of.parent)):
        assert of.parent[q] < q
        value.append(value[of.parent[q]] * x[of.variable[q]])
    for degree in range(orders[-1] - 1):
        first = sum(multisets.count(n, d) for d in range(degree))
        own = value[first : first + multisets.count(n, degree)]
        every = itertools.combinations_with_replacement(x, degree)
        np.testing.assert_allclose(np.sort(own), np.sort([np.prod(m) for m in every]))
        for p, block in zip(of.orders, of.blocks, strict=True):
            if p - 2 == degree:
                assert block == (first, first + len(own))
    assert len(value) == of.blocks[-1][1]
    assert of.degree == orders[-1]
    assert of.is_pure == (len(orders) == 1)
    counts = [multisets.count(n, p) for p in orders]
    assert of.offsets == (0, *np.cumsum(counts).tolist())
    assert list(zip(of.left, of.right, strict=True)) == [
        (i, j) for i in range(n) for j in range(i, n)
    ]


@pytest.mark.parametrize("orders", [(2,), (4,), (2, 3, 5)])
def test_curvature_gives_gradient_and_hessian_by_differences(orders):
    """Of h(x) = sum over all ordered indices of t x..x, written out."""
    n = 3
    of = layout(n, orders)
    rng = np.random.default_rng(1)
    forms = Forms(of, rng.standard_normal((2, of.offsets[-1])))
    x = rng.standard_normal(n)

    def h(x, t):
        total = 0.0
        for p, offset in zip(orders, of.offsets, strict=False):
            every = np.indices((n,) * p).reshape(p, -1).T
            total += t[offset + multisets.rank(np.sort(every, axis=1))] @ x[every].prod(axis=1)
        return total

    monomials = [1.0]
    for q in range(1, len(of.parent)):
        monomials.append(monomials[of.parent[q]] * x[of.variable[q]])
    hessian, gradient = (np.array(monomials) @ part for part in forms.curvature())
    step = 1e-4 * np.eye(n)
    for i, t in enumerate(forms.t):
        full, along = np.zeros((n, n)), np.zeros((n, n))
        full[of.left, of.right] = full[of.right, of.left] = hessian[i]
        along[of.left, of.right] = along[of.right, of.left] = gradient[i]
        slope = [(h(x + d, t) - h(x - d, t)) / 2e-4 for d in step]
        np.testing.assert_allclose(along @ x, slope, rtol=1e-5, atol=1e-5)
        bend = [
            [
                (h(x + d + e, t) - h(x + d - e, t) - h(x - d + e, t) + h(x - d - e, t)) / 4e-8
                for e in step
            ]
            for d in step
        ]
        np.testing.assert_allclose(full, bend, rtol=1e-4, atol=1e-4)


def test_an_instance_of_another_shape_or_not_finite_is_refused():
    of = layout(2, (3,))
    assert len(Forms(of, np.zeros((5, 4)))) == 5
    assert Forms(of, np.arange(12.0).reshape(3, 4)).take([2, 0]).t[:, 0].tolist() == [8, 0]
    for t in (np.zeros((1, 3)), np.zeros((1, 5)), np.zeros(4), np.zeros((1, 1, 4))):
        with pytest.raises(InputError, match="t: got"):
            Forms(of, t)
    with pytest.raises(InputError, match="finite"):
        Forms(of, np.array([[0.0, np.inf, 0.0, 0.0]]))


def test_draws_are_means_over_orderings():
    """Of one generator each; t of three equal indices has variance a, of three unlike ones a/6."""
    rngs = [np.random.default_rng(i) for i in range(500)]
    t = draw_forms(rngs, 3, {3: 2.0}).t
    own = multisets.rank(np.array([[0, 0, 0], [0, 0, 1], [0, 1, 2]]))
    for place, orderings in zip(own, (1, 3, 6), strict=True):
        assert t[:, place].var() == pytest.approx(2 / orderings, rel=0.3)
    assert draw_forms([np.random.default_rng(0)], 2, {2: 1.0}).t.shape == (1, 3)
    with pytest.raises(InputError, match="n: got 1"):
        draw_forms([np.random.default_rng(0)], 1, {2: 1.0})
