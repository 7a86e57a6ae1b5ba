"""Gradients and Hessians: finite differences, scikit-learn's own, and each route beside another."""

import numpy as np
import pytest

from numerics import InputError
from numerics.core.backend import to_numpy
from numerics.networks import hessian as nh
from numerics.networks import spectrum
from numerics.networks.datasets import digits
from numerics.networks.lbfgs import converge
from numerics.networks.one_hidden_layer import (
    ACTIVATIONS,
    LOSSES,
    Networks,
    Samples,
    dot,
    evaluate,
    gradient,
    hessian_product,
    norm,
    samples,
)

HOW = [(a, loss) for a in ACTIVATIONS for loss in LOSSES]


def setting(xp, batch=2, n1=3, d=5, classes=4, m=30, seed=0):
    rng = np.random.default_rng(seed)
    data = samples(rng.normal(size=(m, d)), rng.integers(0, classes, m), classes, xp, xp.float64)
    first, second = rng.normal(size=(batch, n1, d + 1)), rng.normal(size=(batch, classes, n1 + 1))
    return Networks(xp.asarray(first), xp.asarray(second)), data


def plain_loss(flat, net, data, activation, loss):
    """Sample by sample, as the docstring of numerics.networks.one_hidden_layer has it."""
    first, second = (
        np.asarray(m)[0] for m in (net.like(flat[None]).first, net.like(flat[None]).second)
    )
    total = 0.0
    for x, target in zip(to_numpy(data.x), to_numpy(data.target), strict=True):
        h = first @ x
        a = np.append(np.maximum(h, 0) if activation == "relu" else np.tanh(h), 1.0)
        z, t = second @ a, 2 * target - 1
        total += {
            "cross-entropy": np.log(np.exp(z).sum()) - z[target == 1][0],
            "hinge": np.maximum(0, 1 - t * z).sum(),
            "absolute": abs(t - z).sum(),
        }[loss]
    return total / len(to_numpy(data.x))


@pytest.mark.parametrize(("activation", "loss"), HOW)
def test_loss_and_gradient_are_those_of_the_definition(xp, activation, loss):
    net, data = setting(xp)
    value, slope = gradient(net, data, activation, loss)
    flat, slope = to_numpy(net.flat()), to_numpy(slope.flat())
    for b in range(2):
        here = plain_loss(flat[b], net_numpy(net), data, activation, loss)
        assert float(value[b]) == pytest.approx(here, rel=1e-12)
        for i in range(flat.shape[1]):
            e = np.zeros(flat.shape[1])
            e[i] = 1e-6
            ends = [
                plain_loss(flat[b] + s * e, net_numpy(net), data, activation, loss) for s in (1, -1)
            ]
            assert slope[b, i] == pytest.approx((ends[0] - ends[1]) / 2e-6, abs=2e-8)


def net_numpy(net):
    return Networks(to_numpy(net.first), to_numpy(net.second))


@pytest.mark.parametrize(("activation", "loss"), HOW)
def test_hessian_is_the_derivative_of_the_gradient(activation, loss):
    import array_api_compat.numpy as xp

    net, data = setting(xp)
    flat = net.flat()
    hessian = nh.dense(net, data, activation, loss)
    size = flat.shape[1]
    assert net.size == size
    for i in range(size):
        e = np.zeros(size)
        e[i] = 1e-6
        up, down = (
            gradient(net.like(flat + s * e), data, activation, loss)[1].flat() for s in (1, -1)
        )
        np.testing.assert_allclose(hessian[:, :, i], (up - down) / 2e-6, atol=2e-8)
    # Neither half of it alone would pass: both the residual's part and Gauss and Newton's count.
    if loss == "cross-entropy":
        assert np.linalg.eigvalsh(hessian).min() < -1e-3


@pytest.mark.parametrize(("activation", "loss"), HOW)
def test_hessian_product_is_the_hessian_times_a_vector(xp, activation, loss):
    net, data = setting(xp)
    rng = np.random.default_rng(1)
    vector = net.like(xp.asarray(rng.normal(size=(2, net.size))))
    product = to_numpy(hessian_product(net, vector, data, activation, loss).flat())
    import array_api_compat.numpy as np_xp

    same, same_data = setting(np_xp)
    hessian = nh.dense(same, same_data, activation, loss)
    expected = np.einsum("bij,bj->bi", hessian, to_numpy(vector.flat()))
    np.testing.assert_allclose(product, expected, atol=1e-13)
    assert to_numpy(dot(vector, vector)) == pytest.approx(to_numpy(norm(vector)) ** 2)


@pytest.mark.parametrize("activation", ["relu", "tanh"])
def test_loss_and_gradient_are_those_of_scikit_learn(activation):
    import array_api_compat.numpy as xp
    from sklearn.neural_network import MLPClassifier

    images = digits()
    x, y = images.train_x[:200], images.train_y[:200]
    data = samples(x, y, 10, xp, np.float64)
    rng = np.random.default_rng(3)
    net = Networks(rng.normal(size=(1, 7, 65)) / 4, rng.normal(size=(1, 10, 8)) / 2)
    peer = MLPClassifier((7,), activation=activation, alpha=0.0, solver="sgd")
    peer.partial_fit(x, y, classes=np.arange(10))
    peer.coefs_ = [net.first[0, :, :-1].T.copy(), net.second[0, :, :-1].T.copy()]
    peer.intercepts_ = [net.first[0, :, -1].copy(), net.second[0, :, -1].copy()]
    peer.out_activation_ = "softmax"
    target = np.asarray(data.target)
    layers = [x, np.empty((200, 7)), np.empty((200, 10))]
    deltas = [np.empty((200, 7)), np.empty((200, 10))]
    grads = [np.empty_like(c) for c in peer.coefs_], [np.empty_like(c) for c in peer.intercepts_]
    value, weights, biases = (
        peer._backprop(x, target, np.ones(200), layers, deltas, *grads)
        if ("sample_weight" in peer._backprop.__code__.co_varnames)
        else peer._backprop(x, target, layers, deltas, *grads)
    )
    ours, slope = gradient(net, data, activation, "cross-entropy")
    assert float(ours[0]) == pytest.approx(float(value), rel=1e-12)
    np.testing.assert_allclose(slope.first[0, :, :-1], weights[0].T, atol=1e-14)
    np.testing.assert_allclose(slope.second[0, :, :-1], weights[1].T, atol=1e-14)
    np.testing.assert_allclose(slope.first[0, :, -1], biases[0], atol=1e-14)
    np.testing.assert_allclose(slope.second[0, :, -1], biases[1], atol=1e-14)
    right = float(evaluate(net, data, activation, "cross-entropy")[1][0])
    assert right == pytest.approx((peer.predict(x) == y).mean())


@pytest.mark.parametrize(("activation", "loss"), HOW)
def test_index_by_inertia_is_that_of_the_eigenvalues(activation, loss):
    import array_api_compat.numpy as xp

    net, data = setting(xp, n1=5, seed=4)
    for b, hessian in enumerate(nh.dense(net, data, activation, loss)):
        values = np.linalg.eigvalsh(hessian)
        for cutoff in (1e-6, 1e-3, 0.02, 0.1, 0.5):
            count = int((values < -cutoff).sum())
            assert spectrum.index(hessian, 30, cutoff, convex=activation == "relu") == count
            if activation == "relu":
                one = Networks(net.first[b : b + 1], net.second[b : b + 1])
                bound = int(spectrum.index_bound(one, data, loss, np.array([cutoff]))[0, 0])
                assert count <= bound
                if loss != "cross-entropy":  # without curvature by the outputs: exact
                    assert count == bound
    assert count < 15 < int((values < 0).sum()) + 15


def test_no_more_than_nine_in_seventy_five_directions_are_negative():
    """The bound 9 n1 for cross-entropy: ten classes, residuals that sum to zero."""
    import array_api_compat.numpy as xp

    images = digits()
    data = samples(images.train_x[:300], images.train_y[:300], 10, xp, np.float64)
    rng = np.random.default_rng(0)
    net = Networks(rng.normal(size=(3, 4, 65)), rng.normal(size=(3, 10, 5)))
    for hessian in nh.dense(net, data, "relu", "cross-entropy"):
        found = int((np.linalg.eigvalsh(hessian) < -1e-9).sum())
        assert 20 < found <= 36
    assert (spectrum.index_bound(net, data, "cross-entropy", np.array([1e-9])) <= 36).all()
    # Hinge has no such constraint: rank ten.
    assert (spectrum.index_bound(net, data, "hinge", np.array([1e-9])) > 36).any()


def test_samples_in_parts_add_up(monkeypatch):
    import array_api_compat.numpy as xp

    net, data = setting(xp)
    for activation, loss in HOW:
        whole = nh.dense(net, data, activation, loss)
        monkeypatch.setattr(nh, "AT_ONCE", 7)
        np.testing.assert_allclose(nh.dense(net, data, activation, loss), whole, atol=1e-14)
        monkeypatch.undo()


def test_lanczos_density_has_the_moments_and_the_index_of_the_spectrum():
    import array_api_compat.numpy as xp

    images = digits()
    data = samples(images.train_x[:300], images.train_y[:300], 10, xp, np.float64)
    rng = np.random.default_rng(5)
    net = Networks(rng.normal(size=(2, 4, 65)) / 3, rng.normal(size=(2, 10, 5)))
    generator = np.random.default_rng(6)
    nodes, weights = spectrum.lanczos_density(net, data, "relu", "cross-entropy", generator, 60, 12)
    np.testing.assert_allclose(weights.sum(axis=2), 1.0, atol=1e-10)
    for b, hessian in enumerate(nh.dense(net, data, "relu", "cross-entropy")):
        values = np.linalg.eigvalsh(hessian)
        assert nodes[:, b].max() == pytest.approx(values[-1], rel=1e-8)
        assert nodes[:, b].min() == pytest.approx(values[0], rel=1e-6)
        for f in (lambda x: x, lambda x: x**2, lambda x: x < -0.01):
            by_probe = (weights[:, b] * f(nodes[:, b])).sum(axis=1)
            error = by_probe.std(ddof=1) / 12**0.5
            assert abs(by_probe.mean() - f(values).mean()) < 6 * error
            assert error < 0.3 * abs(f(values).mean())


def test_too_large_for_a_dense_hessian_is_refused():
    import array_api_compat.numpy as xp

    net, data = setting(xp, batch=1, n1=1200)
    with pytest.raises(InputError, match="hidden: got"):
        nh.dense(net, data, "relu", "hinge")


def test_descending_further_reaches_a_minimum_where_there_is_one():
    """Labels at odds at the same inputs: the loss has a minimum, the entropy of the labels."""
    import array_api_compat.numpy as xp

    x = np.repeat(np.eye(3), 10, axis=0)
    y = np.tile([0] * 7 + [1] * 3, 3)
    data = samples(x, y, 2, xp, np.float64)
    rng = np.random.default_rng(0)
    start = Networks(rng.normal(size=(2, 6, 4)), rng.normal(size=(2, 2, 7)))
    end = converge(start, data, "tanh", tolerance=1e-8)
    assert end.status.tolist() == ["converged", "converged"]
    entropy = -(0.7 * np.log(0.7) + 0.3 * np.log(0.3))
    np.testing.assert_allclose(end.loss, entropy, atol=1e-10)
    assert (end.gradient_norm < 1e-7).all()
    hessian = nh.dense(end.networks, data, "tanh", "cross-entropy")
    assert np.linalg.eigvalsh(hessian).min() > -1e-6
    stopped = converge(start, data, "tanh", tolerance=1e-8, max_steps=1)
    assert stopped.status.tolist() == ["stopped", "stopped"]


def images_like(m=900, n1=6, d=12, seed=7):
    """Inputs mostly zero, a network that has learned a little: no eigenvalue is alone by chance."""
    import array_api_compat.numpy as xp

    rng = np.random.default_rng(seed)
    x = rng.random((m, d)) * (rng.random((m, d)) < np.linspace(0.02, 0.9, d))
    data = samples(x, rng.integers(0, 4, m), 4, xp, np.float64)
    return Networks(rng.normal(size=(1, n1, d + 1)), rng.normal(size=(1, 4, n1 + 1))), data


def test_dense_is_the_same_in_every_namespace(xp):
    net, data = images_like()
    there = Networks(xp.asarray(net.first), xp.asarray(net.second))
    seen = Samples(xp.asarray(data.x), xp.asarray(data.target))
    for activation, loss in HOW:
        expected = nh.dense(net, data, activation, loss)
        found = to_numpy(nh.dense(there, seen, activation, loss))
        np.testing.assert_allclose(found, expected, atol=1e-14)
        quick = to_numpy(nh.dense(there, seen, activation, loss, "float32"))
        assert 0 < abs(quick - expected).max() < 1e-6


@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_the_error_of_products_in_float32_is_bounded(activation):
    net, data = images_like()
    how = activation, "cross-entropy"
    exact, quick = nh.dense(net, data, *how)[0], nh.dense(net, data, *how, "float32")[0]
    error = np.linalg.norm(quick - exact, 2)
    for seed in range(20):
        bound = nh.error_bound(quick, net, data, *how, np.random.default_rng(seed))
        assert error < bound < 300 * error  # of P = 106: a norm of Frobenius is some ten of these
        wrong = quick.copy()
        wrong[3, 5] += 1e-3  # one entry, and the bound says so
        assert nh.error_bound(wrong, net, data, *how, np.random.default_rng(seed)) > 1e-3


def test_the_index_is_exact_however_near_an_eigenvalue_is(monkeypatch):
    """Cut-offs next to an eigenvalue: products in float32 cannot tell, and products in float64 do."""
    net, data = images_like()
    how = "relu", "cross-entropy"
    values = np.linalg.eigvalsh(nh.dense(net, data, *how)[0])
    taken = []
    monkeypatch.setattr(spectrum, "dense", lambda *a: taken.append(a[4:]) or nh.dense(*a))
    negative = values[values < -1e-3]
    for value in negative[:6]:
        for by in (-1e-11, 1e-11):
            taken.clear()
            found = spectrum.index_of(net, data, *how, np.random.default_rng(0), by - value)
            assert found == int((values < value - by).sum())
            assert taken == [("float32",), ()]
    taken.clear()
    between = -(negative[2] + negative[3]) / 2
    assert spectrum.index_of(net, data, *how, np.random.default_rng(0), between) == 3
    assert taken == [("float32",)]


def test_the_error_of_a_subsampled_index_is_its_own():
    net, data = images_like(m=6000)
    how = "relu", "cross-entropy"
    exact = spectrum.index_of(net, data, *how, np.random.default_rng(0), 1e-2)
    rng = np.random.default_rng(1)
    found = [spectrum.sampled_index(net, data, *how, rng, 600, 1e-2) for _ in range(40)]
    counts, errors = (np.array(part) for part in zip(*found, strict=True))
    spread = float(np.sqrt(((counts - exact) ** 2).mean()))
    assert 0.5 * spread < np.sqrt((errors**2).mean()) < 3 * spread
    assert abs(counts.mean() - exact) < 4 * counts.std(ddof=1) / 40**0.5 + 0.5 * errors.mean()
    with pytest.raises(InputError, match="samples: got 6001"):
        spectrum.sampled_index(net, data, *how, rng, 6001)
