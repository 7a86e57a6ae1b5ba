"""The proof's bounds against dense tensors, its radii against the inequality, and room for rounding."""

import numpy as np
import pytest

from numerics.critical import kantorovich
from numerics.critical.homotopy import zeros
from numerics.critical.polynomials import Forms, draw_forms, layout
from numerics.pspin import multisets

EPS = np.finfo(float).eps
MODELS = [(3, {3: 1.0}), (4, {2: 1.0}), (2, {5: 1.0}), (3, {2: 0.4, 3: 0.3, 4: 0.3})]


def instance(n, coefficients, seed=1):
    return draw_forms([np.random.default_rng(seed)], n, coefficients)


def tensors(forms):
    """Order and all n^p entries of each term."""
    of = forms.layout
    for p, offset in zip(of.orders, of.offsets, strict=False):
        every = np.sort(np.indices((of.n,) * p).reshape(p, -1).T, axis=1)
        yield p, forms.t[0][offset + multisets.rank(every)].reshape((of.n,) * p)


def contracted(tensor, x, times):
    for _ in range(times):
        tensor = tensor @ x
    return tensor


def points(n, count, seed=2):
    rng = np.random.default_rng(seed)
    z = rng.standard_normal((count, n + 1)) + 1j * rng.standard_normal((count, n + 1))
    return z * np.array([[0.3], [1.0], [3.0]]).repeat(-(-count // 3), axis=1).reshape(-1, 1)[:count]


@pytest.mark.parametrize(("n", "coefficients"), MODELS)
def test_values_and_their_errors_are_sums_over_the_tensor(n, coefficients):
    """The errors: gamma times the same sums over moduli, gamma = 8 depth eps/2."""
    forms = instance(n, coefficients)
    z = points(n, 6)
    at = kantorovich.evaluate(forms, z[None])
    monomials = sum(multisets.count(n, q) for q in range(max(coefficients) - 1))
    gamma = 4 * (max(coefficients) + monomials + n + len(coefficients) + 8) * EPS
    for i, (x, mu) in enumerate(zip(z[:, :n], z[:, n], strict=True)):
        ax = np.abs(x)
        level, gradient, hessian = 0, -mu * x, -mu * np.eye(n)
        bound, bounds = np.abs(mu) * ax, np.abs(mu) * np.eye(n)
        for p, t in tensors(forms):
            level = level + contracted(t, x, p)
            gradient = gradient + p * contracted(t, x, p - 1)
            hessian = hessian + p * (p - 1) * contracted(t, x, p - 2)
            bound = bound + p * contracted(np.abs(t), ax, p - 1)
            bounds = bounds + p * (p - 1) * contracted(np.abs(t), ax, p - 2)
        assert at.level[0, i] == pytest.approx(level, rel=1e-12)
        np.testing.assert_allclose(at.value[0, i], [*gradient, (1 - x @ x) / 2], rtol=1e-12)
        np.testing.assert_allclose(at.jacobian[0, i, :n, :n], hessian, rtol=1e-12, atol=1e-13)
        for border in (at.jacobian[0, i, :n, n], at.jacobian[0, i, n, :n]):
            assert (border == -x).all()
        assert at.jacobian[0, i, n, n] == 0
        right = gamma * np.array([*bound, (1 + ax @ ax) / 2])
        np.testing.assert_allclose(at.value_error[0, i], right, rtol=1e-8)
        np.testing.assert_allclose(at.jacobian_error[0, i, :n, :n], gamma * bounds, rtol=1e-8)
        exact = [*at.jacobian_error[0, i, n], *at.jacobian_error[0, i, :n, n]]
        assert 0 < min(exact) <= max(exact) < 1e-200  # entries that are copied are exact


@pytest.mark.parametrize("p", [2, 3, 4])
def test_errors_are_raised_above_what_their_own_rounding_loses(p):
    forms = Forms(layout(2, (p,)), np.zeros((1, p + 1)))
    at = kantorovich.evaluate(forms, np.array([[[0.0, 0.0, 0.0]]]))
    gamma = kantorovich._gamma(p + len(forms.layout.parent) + 2 + 1 + 8)
    assert gamma / 2 * (1 + 5e-10) < at.value_error[0, 0, 2] < gamma / 2 * (1 + 5e-9)
    assert 0 < at.value_error[0, 0, 0] < 1e-200


@pytest.mark.parametrize(("n", "coefficients"), MODELS)
def test_the_second_derivative_is_bounded_by_sums_on_the_ball(n, coefficients):
    """Of gradient, p (p-1) (p-2) sum |T| |x|^(p-3), |x| a component's at most; of mu x and x.x exactly."""
    forms = instance(n, coefficients)
    z = points(n, 6)
    found = kantorovich.second_derivative(forms, z[None])[0]
    for row, at in zip(found, z, strict=True):
        w, scale = max(1.0, np.abs(at[:n]).max()), max(1.0, abs(at[n]))
        top = np.abs(at[:n]).max() + 0.01 * w
        right = np.zeros(n)
        for p, t in tensors(forms):
            sums = np.abs(t).reshape(n, -1).sum(axis=1)
            right += p * (p - 1) * (p - 2) * sums * top ** max(p - 3, 0)
        right = [*(right * w**2 + 2 * w * scale), n * w**2]
        np.testing.assert_allclose(row, right, rtol=1e-8)
        assert (row > right).all()


def test_units_are_the_largest_component_and_at_least_one():
    z = np.array([[[0.5, -2.0, 0.1], [0.1, 0.2, -5.0], [3j, 1.0, 4j]]])
    assert kantorovich.units(z).tolist() == [[[2, 2, 1], [1, 1, 5], [3, 3, 4]]]


@pytest.mark.parametrize(("n", "coefficients"), MODELS)
def test_newton_takes_two_steps_that_square_the_distance(n, coefficients):
    forms = instance(n, coefficients)
    true = zeros(forms, lambda i, a: np.random.default_rng([i, a])).z[0]
    start = true + 1e-4 * np.random.default_rng(0).standard_normal(true.shape)
    at = kantorovich.evaluate(forms, start[None])
    step = np.linalg.solve(at.jacobian[0], at.value[0][..., None])[..., 0]
    once = kantorovich.newton(forms, start[None], 1)
    np.testing.assert_allclose(once[0], start - step, rtol=1e-9)
    twice = kantorovich.newton(forms, start[None])
    assert (twice == kantorovich.newton(forms, once, 1)).all()
    first, second = (np.abs(z[0] - true).max() for z in (once, twice))
    assert first < 1e-4
    assert second < 1e-9


def test_inverses_of_the_singular_and_of_the_infinite_are_nan_and_of_others_right():
    rng = np.random.default_rng(0)
    good = rng.standard_normal((2, 3, 3)) + 0j
    bad = np.stack([np.ones((3, 3)), np.full((3, 3), np.nan), np.full((3, 3), np.inf)])
    found = kantorovich._inverse(np.concatenate([good[:1], bad, good[1:]])[None])[0]
    assert np.isnan(found[1:4]).all()
    np.testing.assert_allclose(found[[0, 4]] @ good, np.eye(3)[None].repeat(2, 0), atol=1e-12)


def smaller_root(y, z, k):
    """Of Y + (Z - 1) r + K r^2 / 2; NaN where it is not real."""
    with np.errstate(invalid="ignore"):
        return (1 - z - np.sqrt((1 - z) ** 2 - 2 * k * y)) / k


@pytest.mark.parametrize(("n", "coefficients"), MODELS)
@pytest.mark.parametrize("blur", [0.0, 0.05])
def test_the_radius_is_the_smaller_root_of_the_inequality(monkeypatch, n, coefficients, blur):
    """For points beside the zeros, and any A in place of the inverse."""
    forms = instance(n, coefficients)
    rng = np.random.default_rng(3)
    true = zeros(forms, lambda i, a: np.random.default_rng([i, a])).z[0]
    size = np.geomspace(1e-6, 0.3, 40)[:, None, None]
    z = true + size * rng.standard_normal((40, *true.shape))
    z = z.reshape(1, -1, n + 1)
    at = kantorovich.evaluate(forms, z)
    a = np.linalg.inv(at.jacobian)
    a = a * (1 + blur * rng.standard_normal(a.shape))
    monkeypatch.setattr(kantorovich, "_inverse", lambda matrices: a)
    w = np.ones(z.shape)
    w[..., :n] = np.maximum(1, np.abs(z[..., :n]).max(axis=-1, keepdims=True))
    w[..., n] = np.maximum(1, np.abs(z[..., n]))
    y = (np.abs((a @ at.value[..., None])[..., 0]) / w).max(axis=-1)
    miss = np.abs(np.eye(n + 1) - a @ at.jacobian)
    contraction = ((miss @ w[..., None])[..., 0] / w).max(axis=-1)
    second = kantorovich.second_derivative(forms, z)[..., None]
    k = ((np.abs(a) @ second)[..., 0] / w).max(axis=-1)
    exact = np.where(contraction < 1, smaller_root(y, contraction, k), np.nan)
    found = kantorovich.radius(forms, z)
    with np.errstate(invalid="ignore"):
        inside = exact < 0.01
        bent = (1 - contraction) ** 2 - 2 * k * y
    assert inside.any()
    assert not inside.all()
    clear = inside & (bent > 1e-3) & (exact < 0.0099)
    ratio = found[clear] / (exact * w[..., 0])[clear]
    assert ((ratio > 1) & (ratio < 1 + 1e-3)).all()
    assert np.abs(ratio - 1).min() < 1e-5
    assert np.isinf(found[~inside & ~(np.abs(bent) < 1e-3) & ~(np.abs(exact - 0.01) < 1e-4)]).all()


@pytest.mark.parametrize("factor", [0.0, -0.5, -1.0])
def test_an_a_that_does_not_contract_proves_nothing(monkeypatch, factor):
    forms = Forms(layout(2, (2,)), np.array([[1.0, 0.0, 3.0]]))
    z = np.array([[[1.0, 0.0, 2.0]]], dtype=complex)
    a = factor * np.linalg.inv(kantorovich.evaluate(forms, z).jacobian)
    monkeypatch.setattr(kantorovich, "_inverse", lambda matrices: a)
    assert np.isinf(kantorovich.radius(forms, z)).all()


def chain(gap):
    """diag(1, 1 + gap, 4), and its eigenvector of 1, where F is zero without rounding."""
    forms = Forms(layout(3, (2,)), np.array([[1.0, 0.0, 1.0 + gap, 0.0, 0.0, 4.0]]))
    return forms, np.array([[[1.0, 0.0, 0.0, 2.0]]])


def test_where_nothing_is_rounded_the_radius_is_room_for_rounding():
    """All that is left: the errors of F and J, and of the products with A, which a small gap makes large."""
    forms, z = chain(2.0**-40)
    at = kantorovich.evaluate(forms, z.astype(complex))
    assert (at.value == 0).all()
    size = np.abs(np.linalg.inv(at.jacobian[0, 0]))
    gamma = 4 * (4 + 4) * EPS  # four terms in a product
    w = np.array([1, 1, 1, 2])
    y = (size @ at.value_error[0, 0] / w).max()
    left = size @ (gamma * np.abs(at.jacobian[0, 0]) + at.jacobian_error[0, 0])
    contraction = (left @ w / w).max()
    assert 1e-3 < contraction < 0.5
    k = (size @ kantorovich.second_derivative(forms, z)[0, 0] / w).max()
    exact = smaller_root(y, contraction, k)
    found = kantorovich.radius(forms, z.astype(complex))[0, 0]
    assert exact < found < exact * (1 + 1e-5)


@pytest.mark.parametrize("gap", [1e-3, 0.1])
def test_an_index_is_decided_up_to_what_the_ball_allows(gap):
    """Rows of J may differ by r |F''|, 4 and for the last 3; of the small eigenvalue 2 gap that takes
    4 r (2 + 2 sqrt 2), the sum of |V| times 4."""
    forms, z = chain(gap)
    most = 2 * gap / (4 * (2 + 2 * np.sqrt(2)))
    assert kantorovich.index(forms, z, np.array([[0.0]])).tolist() == [[0]]
    assert kantorovich.index(forms, z, np.array([[most * (1 - 1e-3)]])).tolist() == [[0]]
    assert kantorovich.index(forms, z, np.array([[most * (1 + 1e-3)]])).tolist() == [[-1]]
    forms, z = chain(-gap)
    assert kantorovich.index(forms, z, np.array([[most / 2]])).tolist() == [[1]]


@pytest.mark.parametrize("share", [-3.0, -1.05, -0.95, 0.95, 1.05, 3.0])
def test_an_index_is_decided_only_where_rounding_allows(share):
    """|V|^T E |V|, E the error of J and gamma |J| of two products of four terms; a share of its rows."""
    q = np.linalg.qr(np.random.default_rng(0).standard_normal((3, 3)))[0]
    j = np.block([[q @ np.diag([0.0, 0.0, 6.0]) @ q.T, -q[:, :1]], [-q[:, 0], np.zeros((1, 1))]])
    v = np.zeros((4, 4))
    v[:3, :2], v[:3, 2:], v[3, 2:] = q[:, 1:], q[:, :1] / np.sqrt(2), [np.sqrt(0.5), -np.sqrt(0.5)]

    def at(gap):
        m = q @ np.diag([1.0, 1.0 + gap, 4.0]) @ q.T
        upper = [m[0, 0], m[0, 1], m[1, 1], m[0, 2], m[1, 2], m[2, 2]]
        forms = Forms(layout(3, (2,)), np.array([upper]))
        return forms, np.array([[[*q[:, 0], 2.0]]])

    error = kantorovich.evaluate(*at(0.0)).jacobian_error[0, 0] + 4 * 8 * EPS * np.abs(j)
    most = (np.abs(v).T @ error @ np.abs(v))[0].sum() / 2
    found = kantorovich.index(*at(share * most), np.zeros((1, 1)))[0, 0]
    assert found == (-1 if abs(share) < 1 else 0 if share > 0 else 1)


def test_an_index_needs_a_ball_and_a_point():
    forms, z = chain(1.0)
    z = np.concatenate([z, z, np.full_like(z, np.nan)], axis=1)
    assert kantorovich.index(forms, z, np.array([[0.0, np.inf, 0.0]])).tolist() == [[0, -1, -1]]
