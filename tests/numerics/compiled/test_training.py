"""The compiled epochs of a network against gradient descent written out, at sizes that fill nothing."""

import numpy as np
import pytest

from numerics.compiled import training
from numerics.core.backend import namespace
from numerics.core.streams import stream
from numerics.networks.datasets import digits
from numerics.networks.sgd import Settings, train_tiles


def written_out(first, second, x, labels, orders, rates):
    """Cross-entropy of softmax(second (relu(first x), 1)), a step a minibatch of 32, in float64."""
    first, second, x = (part.astype(np.float64) for part in (first, second, x))
    for order, rate in zip(orders, rates, strict=True):
        for batch in range(len(order) // 32):
            some = order[32 * batch : 32 * (batch + 1)]
            pre = x[some] @ first.T
            active = np.hstack([np.maximum(pre, 0), np.ones((32, 1))])
            z = active @ second.T
            residual = np.exp(z - z.max(axis=1, keepdims=True))
            residual /= residual.sum(axis=1, keepdims=True)
            residual[np.arange(32), labels[some]] -= 1
            back = residual @ second[:, :-1] * (pre > 0)
            second = second - rate * residual.T @ active
            first = first - rate * back.T @ x[some]
    return first, second


@pytest.mark.parametrize(
    ("units", "inputs", "classes", "samples"),
    [(1, 1, 2, 32), (5, 11, 3, 75), (9, 8, 16, 64), (3, 23, 10, 130), (8, 3, 7, 31)],
)
def test_epochs_are_those_of_gradient_descent(units, inputs, classes, samples):
    """Two epochs; what does not fill a minibatch waits for the next one."""
    train_tiles(stream(0), 0, 1, digits(), Settings(1, epochs=0), namespace())
    rng = np.random.default_rng(units)
    first = rng.standard_normal((units, inputs)).astype(np.float32)
    second = rng.standard_normal((classes, units + 1)).astype(np.float32)
    x = rng.standard_normal((samples, inputs)).astype(np.float32)
    x[:, -1] = 1
    labels = rng.integers(0, classes, samples)
    orders = np.stack([rng.permutation(samples) for _ in range(2)])
    rates = np.array([0.3, 0.2], dtype=np.float32) / 32
    exact = written_out(first, second, x, labels, orders, rates)
    before = first.copy(), second.copy()
    training.train(first, second, x, labels, orders, rates)
    for got, expected, start in zip((first, second), exact, before, strict=True):
        np.testing.assert_allclose(got, expected, atol=3e-6)
        if samples >= 32:
            assert np.abs(got - start).max() > 1e-3
        else:
            assert (got == start).all()


def test_large_outputs_do_not_overflow():
    """A softmax of differences to the largest, whichever class it is."""
    train_tiles(stream(0), 0, 1, digits(), Settings(1, epochs=0), namespace())
    for top in range(3):
        first = np.ones((1, 1), dtype=np.float32)
        second = np.zeros((3, 2), dtype=np.float32)
        second[top, 1] = 1000.0
        x, labels = np.ones((32, 1), dtype=np.float32), np.full(32, top)
        before = second.copy()
        rates = np.array([1.0], dtype=np.float32)
        training.train(first, second, x, labels, np.arange(32)[None], rates)
        assert (second == before).all()  # already sure of it
