"""Networks without biases: derivatives against differences, spheres, the ladder, certified searches."""

import array_api_compat.numpy as xp
import numpy as np
import pytest

from numerics import InputError
from numerics.hessians.linear import linear_network
from numerics.networks.layers import Layers
from numerics.networks.layers import dense as biased
from numerics.networks.one_hidden_layer import samples
from numerics.networks.unbiased import ladder, networks
from numerics.networks.unbiased.descents import trained
from numerics.networks.unbiased.networks import Task, drawn, gradient, hessian, on_sphere
from numerics.networks.unbiased.saddles import Function, of_task, search


def task(hidden=(4, 3), loss="square", activation="tanh", m=300, seed=0):
    rng = np.random.default_rng(seed)
    target = np.eye(3)[rng.integers(0, 3, m)]
    return Task(rng.standard_normal((m, 5)), target, hidden, loss, activation)


@pytest.mark.parametrize("activation", networks.ACTIVATIONS)
@pytest.mark.parametrize("loss", networks.LOSSES)
@pytest.mark.parametrize("hidden", [(), (4,), (4, 3), (3, 4, 2)])
def test_derivatives_are_those_of_differences(hidden, loss, activation):
    one = task(hidden, loss, activation)
    rng = np.random.default_rng(1)
    w, v, step = drawn(one, rng), rng.standard_normal(one.size), 1e-6
    (up, high), (down, low) = (gradient(one, w + s * step * v) for s in (1, -1))
    matrix = hessian(one, w)
    assert abs((up - down) / (2 * step) - gradient(one, w)[1] @ v) < 1e-8
    assert np.abs((high - low) / (2 * step) - matrix @ v).max() < 1e-7 * max(1, abs(matrix).max())
    assert (matrix == matrix.T).all()


def test_the_hessian_is_that_of_the_networks_with_biases():
    """By another route: products with unit vectors; biases 0, their rows and columns left out."""
    one = task((4, 3), "cross-entropy")
    w = drawn(one, np.random.default_rng(2))
    parts = [np.append(m, np.zeros((len(m), 1)), axis=1)[None] for m in one.matrices(w)]
    labels = one.target.argmax(axis=1)
    data = samples(one.x, labels, 3, xp, np.float64)
    whole = biased(Layers(tuple(parts)), data, "tanh", "cross-entropy")[0]
    kept = np.concatenate([
        np.arange(p[0].size).reshape(p[0].shape)[:, :-1].ravel() + begin
        for p, begin in zip(parts, np.cumsum([0, *(p[0].size for p in parts)]), strict=False)
    ])  # fmt: skip
    assert np.abs(whole[np.ix_(kept, kept)] - hessian(one, w)).max() < 1e-13


def test_a_relu_is_homogeneous_and_its_square_loss_has_two_degrees():
    one = task((4, 3), activation="relu")
    w = drawn(one, np.random.default_rng(3))
    z, twice = networks.outputs(one, w), networks.outputs(one, 2 * w)
    assert np.abs(twice - 8 * z).max() < 1e-12 * abs(z).max()
    linear, square = -(z * one.target).sum(axis=1).mean(), (z**2).sum(axis=1).mean() / 2
    assert abs(w @ gradient(one, w)[1] - 3 * linear - 6 * square) < 1e-12
    assert abs(networks.losses(one, w).mean() - gradient(one, w)[0]) < 1e-14


def test_the_hessian_on_the_sphere_is_that_along_great_circles():
    one = task()
    w = drawn(one, np.random.default_rng(4))
    v = np.random.default_rng(5).standard_normal(one.size)
    v -= (v @ w) / (w @ w) * w
    v *= np.linalg.norm(w) / np.linalg.norm(v)
    step = 1e-3
    here, there, back = (gradient(one, np.cos(t) * w + np.sin(t) * v)[0] for t in (0, step, -step))
    bent = (there + back - 2 * here) / step**2
    slope, matrix = gradient(one, w)[1], hessian(one, w)
    assert abs(bent - (v @ matrix @ v - w @ slope)) < 1e-4 * abs(bent)
    values = np.linalg.eigvalsh(on_sphere(w, slope, matrix))
    unit = w / np.linalg.norm(w)
    flat = np.eye(one.size) - np.outer(unit, unit)
    whole = flat @ matrix @ flat - (w @ slope) / (w @ w) * flat
    assert np.abs(np.sort(np.append(values, 0)) - np.linalg.eigvalsh(whole)).max() < 1e-12


def test_training_lowers_the_loss_and_each_order_is_its_own():
    one = task((6,), "cross-entropy", "relu")
    w = drawn(one, np.random.default_rng(6))

    def orders():
        return [np.random.default_rng(seed) for seed in (0, 0, 1)]

    ends = trained(one, np.stack([w] * 3), orders(), 20)
    assert gradient(one, ends[0])[0] < 0.9 * gradient(one, w)[0]
    assert (ends[0] == ends[1]).all()
    assert (ends[0] != ends[2]).any()
    assert (trained(one, w[None], orders()[:1], 0) == w).all()


@pytest.mark.parametrize("hidden", [(6,), (8, 8)])
@pytest.mark.parametrize("loss", ["square", "cross-entropy"])
def test_networks_trained_side_by_side_are_what_each_is_alone(hidden, loss):
    one = task(hidden, loss, "relu")
    starts = np.stack([drawn(one, np.random.default_rng(10 + i)) for i in range(5)])
    together = trained(one, starts, [np.random.default_rng(i) for i in range(5)], 10)
    for i, start in enumerate(starts):
        assert (trained(one, start[None], [np.random.default_rng(i)], 10) == together[i]).all()


def test_each_step_of_the_ladder_is_the_hessian_of_its_sum_over_paths():
    """By differences of the cubic form, on the sphere."""
    rng = np.random.default_rng(7)
    shape = below, first, second = 3, 2, 2
    x = rng.standard_normal(shape)
    u, v, y = (rng.standard_normal(s) for s in ((below, first), (first, second), (second,)))
    matrix, shift = ladder._paths(x, u, v, y)
    w = np.concatenate([u.ravel(), v.ravel(), y])

    def form(at):
        a, b = at[:6].reshape(below, first), at[6:10].reshape(first, second)
        return np.einsum("abc,ab,bc,c", x, a, b, at[10:])

    units, step = np.eye(len(w)), 1e-3
    whole = np.array([[
        (form(w + step * (a + b)) - form(w + step * (a - b)) - form(w - step * (a - b))
         + form(w - step * (a + b))) / (4 * step**2) for b in units] for a in units])  # fmt: skip
    assert abs(shift - 3 * form(w) / (w @ w)) < 1e-12
    expected = on_sphere(w, whole @ w / 2, whole)
    assert np.abs(matrix - expected).max() < 1e-6
    for name in ladder.STEPS:
        found, _ = ladder.ladder_hessian(rng, name, (4, 3, 2))
        assert np.abs(found - found.T).max() < 1e-12


def test_layers_of_their_own_have_blocks_of_zeros_and_the_spin_glass_goe():
    rng = np.random.default_rng(8)
    matrix, shift = ladder.ladder_hessian(rng, "own layers", (16, 8, 8))
    n = len(matrix) // 3
    assert (matrix[:n, :n] + shift * np.eye(n) == 0).all()
    off = np.triu(matrix[:n, n:])
    assert abs(off[off != 0].var() - 1) < 0.1
    glass, shift = ladder.ladder_hessian(rng, "spin glass", (16, 8, 8))
    glass = glass + shift * np.eye(len(glass))
    assert abs(np.trace(glass @ glass) / len(glass) / 6 - 1) < 0.1  # xi'' = p (p - 1)
    shifts = [ladder.ladder_hessian(rng, "spin glass", (2, 2, 1))[1] for _ in range(1000)]
    assert abs(np.mean(np.square(shifts)) * 7 / 9 - 1) < 0.2  # p u of variance p^2/N, 4.5 std. err.


def test_searches_of_a_linear_network_end_where_the_oracle_says():
    strengths, hidden = (3.0, 2.0, 1.0), 2
    one = Task(np.eye(3), np.diag(strengths), (hidden,), "square", "linear")
    for captured in ([], [1], [0, 1], [1, 2]):
        point = linear_network(strengths, captured, hidden)
        w = np.concatenate([point.first.ravel(), point.second.ravel()])
        assert np.abs(gradient(one, w)[1]).max() < 1e-14
        assert np.abs(np.linalg.eigvalsh(hessian(one, w)) * 3 - point.eigenvalues).max() < 1e-13
    ends = [
        search(of_task(one), np.random.default_rng(seed).standard_normal(12), 4, sphere=False)
        for seed in range(6)
    ]
    levels = {7.0: 4, 13 / 2: 4, 5.0: 3, 5 / 2: 2, 9 / 2: 2, 2.0: 1, 0.5: 0}  # |R|^2/2 and index
    certified = [end for end in ends if end.certified]
    assert len(certified) >= 3
    for end in certified:
        [index] = [k for level, k in levels.items() if abs(3 * end.value - level) < 1e-9]
        assert end.index == index


def test_a_flat_gradient_is_not_certified():
    """Along a valley that sinks without an end the gradient is small and no critical point is near."""

    valley = Function(
        lambda w: (1e-4 * w[0] + w[1] ** 2, np.array([1e-4, 2 * w[1]])),
        lambda w: np.diag([0.0, 2.0]),
    )
    end = search(valley, np.array([8.0, 0.1]), 0, sphere=False)
    assert end.slope < 1e-3
    assert end.newton > 1
    assert not end.certified


def test_bad_input_is_named():
    x, t = np.ones((4, 2)), np.ones((4, 1))
    for words, how in (
        ("x, target", {"x": np.ones(4)}),
        ("x, target", {"target": np.ones((3, 1))}),
        ("hidden", {"hidden": (0,)}),
        ("loss", {"loss": "hinge"}),
        ("activation", {"activation": "sine"}),
    ):
        with pytest.raises(InputError, match=f"^{words}"):
            Task(**{"x": x, "target": t, "hidden": (2,), **how})
    large = Task(np.ones((1, 2000)), np.ones((1, 1)), (3,))
    with pytest.raises(InputError, match="6003 weights"):
        hessian(large, np.zeros(large.size))
    with pytest.raises(InputError, match="step"):
        ladder.ladder_hessian(np.random.default_rng(0), "nothing", (2, 2, 2))


def test_hessians_are_written_out_up_to_their_largest_size(monkeypatch):
    one = task((2,), m=4)
    w = np.ones(one.size)
    monkeypatch.setattr(networks, "LARGEST", one.size)
    assert hessian(one, w).shape == (one.size, one.size)
    monkeypatch.setattr(networks, "LARGEST", one.size - 1)
    with pytest.raises(InputError, match=f"hidden: got '{one.size} weights'"):
        hessian(one, w)


def test_a_loss_is_finite_where_an_exponential_is_not():
    one = task((6,), "cross-entropy", "relu")
    w = 1e3 * drawn(one, np.random.default_rng(6))
    value, slope = gradient(one, w)
    assert 1e3 < value < 1e8
    assert np.isfinite(slope).all()


def test_a_search_that_is_told_no_number_of_steps_takes_eighty():
    """Where the bend vanishes with the slope, a step of Newton takes a seventh of the way."""
    valley = Function(
        lambda w: (float((w**8).sum()) / 8, w**7),
        lambda w: np.diag(7 * w**6),
    )
    w = np.array([1.0, 2.0])
    ends = [search(valley, w, 0, sphere=False, **how) for how in ({}, {"steps": 80}, {"steps": 81})]
    assert (ends[0].w == ends[1].w).all()
    assert (ends[0].w != ends[2].w).all()


def test_a_search_that_is_told_no_rate_steps_by_half_the_inverse_curvature():
    function = of_task(task((2,), m=20))
    w = drawn(task((2,), m=20), np.random.default_rng(3))
    ends = [search(function, w, 4, steps=0, **how) for how in ({}, {"rate": 0.5}, {"rate": 0.6})]
    assert ends[0].value == ends[1].value
    assert ends[0].value != ends[2].value
