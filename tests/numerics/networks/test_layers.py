"""Networks of two and three hidden layers: PyTorch's autograd, complex steps, and one hidden layer."""

import itertools

import numpy as np
import pytest

from numerics import InputError, stream
from numerics.core.backend import namespace, to_numpy
from numerics.networks import deep, layers
from numerics.networks import hessian as one_hidden
from numerics.networks.datasets import digits
from numerics.networks.layers import Layers
from numerics.networks.one_hidden_layer import ACTIVATIONS, LOSSES, Networks, Samples, samples
from numerics.networks.sgd import Settings, train_tiles
from numerics.networks.spectrum import index

XP = namespace()
HOW = [(a, loss) for a in ACTIVATIONS for loss in LOSSES]
WIDTHS = [(4,), (4, 3), (5, 3, 4)]


def setting(widths, seed=0, m=40, d=5, classes=4, batch=1):
    rng = np.random.default_rng(seed)
    data = samples(rng.normal(size=(m, d)), rng.integers(0, classes, m), classes, XP, np.float64)
    sizes = (d, *widths, classes)
    shapes = [(batch, b, a + 1) for a, b in itertools.pairwise(sizes)]
    return Layers(tuple(rng.normal(size=s) for s in shapes)), data


def plain_loss(flat, net, data, activation, loss):
    """Of one network, as the docstring has it, of real or complex parameters."""
    a, begin = np.asarray(data.x).T[:-1], 0
    for level, w in enumerate(net.weights):
        shape = w.shape[1:]
        w = flat[begin : begin + shape[0] * shape[1]].reshape(shape)
        begin += shape[0] * shape[1]
        if level:
            a = h * (h.real > 0) if activation == "relu" else np.tanh(h)  # noqa: F821
        h = w[:, :-1] @ a + w[:, -1:]
    target = np.asarray(data.target).T
    sign = 2 * target - 1
    if loss == "cross-entropy":
        return (np.log(np.exp(h).sum(axis=0)) - (h * target).sum(axis=0)).mean()
    gap = 1 - sign * h if loss == "hinge" else h - sign
    over = (gap.real > 0) if loss == "hinge" else np.sign(gap.real)
    return (gap * over).sum(axis=0).mean()


@pytest.mark.parametrize("widths", WIDTHS)
@pytest.mark.parametrize(("activation", "loss"), HOW)
def test_gradient_and_hessian_by_complex_steps(widths, activation, loss):
    """f'(x) = Im f(x + ih)/h without cancellation; its central differences of fourth order."""
    net, data = setting(widths)
    x = net.flat()[0]

    def slope(at):
        steps = at + 1e-30j * np.eye(len(at))
        return (
            np.array([plain_loss(one, net, data, activation, loss).imag for one in steps]) / 1e-30
        )

    value, _, found = layers.gradient(net, data, activation, loss)
    assert float(value[0]) == pytest.approx(plain_loss(x, net, data, activation, loss), abs=1e-13)
    np.testing.assert_allclose(found.flat()[0], slope(x), atol=1e-13)
    hessian, h = layers.dense(net, data, activation, loss)[0], 3e-5
    for i in range(0, len(x), 3):
        e = h * np.eye(len(x))[i]
        ends = [slope(x + k * e) for k in (-2, -1, 1, 2)]
        row = (ends[0] - 8 * ends[1] + 8 * ends[2] - ends[3]) / (12 * h)
        np.testing.assert_allclose(hessian[i], row, atol=1e-10)


@pytest.mark.parametrize("widths", WIDTHS)
@pytest.mark.parametrize(("activation", "loss"), HOW)
def test_gradient_hessian_and_index_are_those_of_pytorch(widths, activation, loss):
    torch = pytest.importorskip("torch")
    net, data = setting(widths, seed=1)
    shapes = [w.shape[1:] for w in net.weights]
    x, target = (torch.from_numpy(np.array(part)) for part in (data.x, data.target))

    def value(flat):
        a, begin = x[:, :-1], 0
        for level, shape in enumerate(shapes):
            w = flat[begin : begin + shape[0] * shape[1]].reshape(shape)
            begin += shape[0] * shape[1]
            h = torch.nn.functional.linear(a, w[:, :-1], w[:, -1])
            a = torch.relu(h) if activation == "relu" else torch.tanh(h)
            if level == len(shapes) - 1:
                break
        if loss == "cross-entropy":
            return torch.nn.functional.cross_entropy(h, target.argmax(1))
        sign = 2 * target - 1
        gap = torch.relu(1 - sign * h) if loss == "hinge" else abs(h - sign)
        return gap.sum(1).mean()

    flat = torch.from_numpy(net.flat()[0]).requires_grad_()
    theirs = torch.autograd.grad(value(flat), flat)[0].numpy()
    hessian = torch.autograd.functional.hessian(value, flat.detach()).numpy()
    assert np.abs(layers.gradient(net, data, activation, loss)[2].flat()[0] - theirs).max() < 1e-10
    assert np.abs(layers.dense(net, data, activation, loss)[0] - hessian).max() < 1e-10
    for cutoff in (1e-3, 0.02, 0.1):
        count = int((np.linalg.eigvalsh(hessian) < -cutoff).sum())
        assert deep.index_of(net, data, activation, loss, cutoff) == count
    assert 0 < deep.index_of(net, data, activation, loss, 1e-3) < net.size


@pytest.mark.parametrize("widths", WIDTHS[1:])
def test_the_index_by_inertia_is_that_of_the_eigenvalues(widths):
    for activation, loss in HOW:
        net, data = setting(widths, seed=2, batch=2)
        for b, matrix in enumerate(layers.dense(net, data, activation, loss)):
            for cutoff in (1e-3, 0.02, 0.2):
                count = int((np.linalg.eigvalsh(matrix) < -cutoff).sum())
                assert deep.index_of(net.one(b), data, activation, loss, cutoff) == count
            inner = net.weights[0].shape[1] * net.weights[0].shape[2]
            if activation == "relu":  # why a Cholesky factor of the first layer exists
                assert np.linalg.eigvalsh(matrix[:inner, :inner]).min() > -1e-12


def test_one_hidden_layer_is_the_other_code(xp):
    net, data = setting((4,), batch=2)
    there = Layers(tuple(xp.asarray(w) for w in net.weights))
    seen = Samples(xp.asarray(data.x), xp.asarray(data.target))
    for activation, loss in HOW:
        expected = one_hidden.dense(Networks(*net.weights), data, activation, loss)
        found = to_numpy(layers.dense(there, seen, activation, loss))
        np.testing.assert_allclose(found, expected, atol=1e-13)


def test_samples_in_parts_add_up(monkeypatch):
    net, data = setting((4, 3))
    whole = layers.dense(net, data, "tanh", "cross-entropy")
    monkeypatch.setattr(layers, "AT_ONCE", 7)
    monkeypatch.setattr(layers, "ROWS", 5)
    np.testing.assert_allclose(layers.dense(net, data, "tanh", "cross-entropy"), whole, atol=1e-14)


def test_training_with_one_width_is_the_other_training():
    settings = Settings(6, epochs=2, dtype="float64")
    ours = deep.train_layers(stream(1), 3, 2, digits(), (6,), settings, XP)
    theirs = train_tiles(stream(1), 3, 2, digits(), settings, XP)
    np.testing.assert_allclose(ours.layers.weights[0], theirs.networks.first, atol=1e-10)
    for name in ("train_loss", "test_loss", "train_accuracy", "test_accuracy", "gradient_norm"):
        np.testing.assert_allclose(getattr(ours, name), getattr(theirs, name), rtol=1e-9)


@pytest.mark.parametrize("widths", [(12, 8), (12, 8, 8)])
def test_deeper_networks_learn(widths):
    settings = Settings(1, epochs=12, start="scaled")
    end = deep.train_layers(stream(2), 0, 2, digits(), widths, settings, XP)
    assert (end.test_accuracy > 0.8).all()
    data = samples(digits().train_x, digits().train_y, 10, XP, np.float64)
    for b in range(2):
        matrix = layers.dense(end.layers.one(b), data, "relu", "cross-entropy")[0]
        assert end.index[b] == int((np.linalg.eigvalsh(matrix) < -1e-3).sum()) > 0
        assert index(matrix, 12 * 65) == end.index[b]
    again = deep.train_layers(stream(2), 1, 1, digits(), widths, settings, XP)
    assert again.train_loss[0] == end.train_loss[1]


def test_what_is_too_large_is_refused():
    net, data = setting((1200, 3))
    with pytest.raises(InputError, match="hidden: got"):
        layers.dense(net, data, "relu", "hinge")
    with pytest.raises(InputError, match="hidden: got 0"):
        deep.train_layers(stream(0), 0, 1, digits(), (3, 0), Settings(3), XP)


def test_hessians_are_written_out_up_to_their_largest_size(monkeypatch):
    net, data = setting((4, 3))
    whole = layers.dense(net, data, "relu", "hinge")
    monkeypatch.setattr(layers, "LARGEST", net.size)
    assert (layers.dense(net, data, "relu", "hinge") == whole).all()
    monkeypatch.setattr(layers, "LARGEST", net.size - 1)
    with pytest.raises(InputError, match=f"got '{net.size} parameters'"):
        layers.dense(net, data, "relu", "hinge")


def test_layers_move_and_are_flat_as_they_are_written():
    net, _ = setting((4, 3), batch=2)
    flat = net.flat()
    assert flat.shape == (2, net.size)
    np.testing.assert_array_equal(flat[1], np.concatenate([w[1].ravel() for w in net.weights]))
    np.testing.assert_array_equal(net.one(1).flat(), flat[1:])
    for w, again, moved in zip(
        net.weights, net.like(flat).weights, net.moved(net, -0.5).weights, strict=True
    ):
        np.testing.assert_array_equal(again, w)
        np.testing.assert_allclose(moved, 0.5 * w)
