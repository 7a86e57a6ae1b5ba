"""Networks of any number of hidden layers: outputs, gradient, products with the Hessian, the Hessian.

    h_1 = W_1 x~,   h_{l+1} = W_{l+1} [phi(h_l); 1],   z = h_{H+1},    W_l of shape (n_l, n_{l-1} + 1),

the last column of each matrix being the bias. Axes, losses and kinks are those of
`numerics.networks.one_hidden_layer`, which is faster where there is one hidden layer.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from numerics.core.backend import Array, InputError, namespace_of
from numerics.networks.hessian import LARGEST
from numerics.networks.one_hidden_layer import (
    Samples,
    accuracy,
    activated,
    curved,
    loss_terms,
)

# same (numbers): rows and samples in a product, which last bits alone depend on
ROWS, AT_ONCE = 32, 1024
"""Rows of the Hessian, and samples, in one product."""


@dataclass(frozen=True)
class Layers:
    """The weights of a batch of networks.

    Attributes
    ----------
    weights : tuple of arrays, each of shape (B, n_l, n_{l-1} + 1)
        From the first layer to the outputs.
    """

    weights: tuple[Array, ...]

    @property
    def size(self) -> int:
        """Number of parameters of one network."""
        return sum(math.prod(w.shape[1:]) for w in self.weights)

    def moved(self, step: Layers, length: Any) -> Layers:
        """Return the networks moved by length times step."""
        pairs = zip(self.weights, step.weights, strict=True)
        return Layers(tuple(w + length * by for w, by in pairs))

    def flat(self) -> Array:
        """Return the parameters (B, size): layer by layer, each by rows."""
        xp = namespace_of(*self.weights)
        # same (1 -> 2): any negative size is inferred
        return xp.concat([xp.reshape(w, (w.shape[0], -1)) for w in self.weights], axis=1)

    def like(self, flat: Array) -> Layers:
        """Return networks of these shapes from parameters (B, size); the inverse of `flat`."""
        xp, begin, weights = namespace_of(flat), 0, []
        for w in self.weights:
            end = begin + math.prod(w.shape[1:])
            weights.append(xp.reshape(flat[:, begin:end], (flat.shape[0], *w.shape[1:])))
            begin = end
        return Layers(tuple(weights))

    def one(self, b: int) -> Layers:
        """Return network b alone."""
        return Layers(tuple(w[b : b + 1, ...] for w in self.weights))


@dataclass(frozen=True)
class _Pass:
    """What one pass over samples leaves: of each layer its input with a 1 below, phi' and phi''."""

    inputs: list[Array]
    slopes: list[Array]
    bends: list[Array | None]
    z: Array


def _forward(layers: Layers, x: Array, activation: str) -> _Pass:
    xp = namespace_of(x)
    inputs, slopes, bends = [xp.matrix_transpose(x)], [], []
    h = layers.weights[0] @ inputs[0]
    for w in layers.weights[1:]:
        a, s = activated(h, activation)
        inputs.append(xp.concat([a, xp.ones_like(a[:, :1, :])], axis=1))
        slopes.append(s)
        bends.append(-2 * a * s if activation == "tanh" else None)
        h = w @ inputs[-1]
    return _Pass(inputs, slopes, bends, h)


def gradient(
    layers: Layers, data: Samples, activation: str, loss: str
) -> tuple[Array, Array, Layers]:
    """Return the mean loss and the accuracy (B,), and the gradient in the shape of layers."""
    xp = namespace_of(*layers.weights)
    seen = _forward(layers, data.x, activation)
    target = xp.matrix_transpose(data.target)
    value, delta = loss_terms(seen.z, target, loss)
    delta, found = delta / delta.shape[2], []
    for level in range(len(layers.weights) - 1, -1, -1):
        found.append(delta @ xp.matrix_transpose(seen.inputs[level]))
        if level:
            back = xp.matrix_transpose(layers.weights[level][:, :, :-1]) @ delta
            delta = back * seen.slopes[level - 1]
    return xp.mean(value, axis=1), accuracy(seen.z, target), Layers(tuple(found[::-1]))


def hessian_product(
    layers: Layers, vector: Layers, data: Samples, activation: str, loss: str
) -> Layers:
    """Return the Hessian of the mean loss times a vector: Pearlmutter 1994, layer by layer.

    One network may meet many vectors: batches of 1 are broadcast.
    """
    xp = namespace_of(*layers.weights)
    seen = _forward(layers, data.x, activation)
    m = data.x.shape[0]
    dh, dhs, dinputs = vector.weights[0] @ seen.inputs[0], [], []
    for level, w in enumerate(layers.weights[1:]):
        da = seen.slopes[level] * dh
        dhs.append(dh)
        dinputs.append(xp.concat([da, xp.zeros_like(da[:, :1, :])], axis=1))
        dh = vector.weights[level + 1] @ seen.inputs[level + 1] + w @ dinputs[-1]
    _, delta = loss_terms(seen.z, xp.matrix_transpose(data.target), loss)
    delta, ddelta, found = delta / m, curved(seen.z, dh, loss) / m, []
    for level in range(len(layers.weights) - 1, -1, -1):
        part = ddelta @ xp.matrix_transpose(seen.inputs[level])
        if level == 0:
            found.append(part)
            break
        found.append(part + delta @ xp.matrix_transpose(dinputs[level - 1]))
        w, v = layers.weights[level][:, :, :-1], vector.weights[level][:, :, :-1]
        slope, bend = seen.slopes[level - 1], seen.bends[level - 1]
        back = xp.matrix_transpose(w) @ delta
        ddelta = (xp.matrix_transpose(v) @ delta + xp.matrix_transpose(w) @ ddelta) * slope
        if bend is not None:
            ddelta = ddelta + back * bend * dhs[level - 1]
        delta = back * slope
    return Layers(tuple(found[::-1]))


def dense(layers: Layers, data: Samples, activation: str, loss: str) -> Array:
    """Return the Hessian of the mean loss of each network, (B, P, P), in the order of `Layers.flat`.

    Its rows are products with unit vectors. For a ReLU the block of the first layer has no negative
    eigenvalue, as with one hidden layer: the outputs are linear in it, kinks apart.

    Raises
    ------
    InputError
        More than `numerics.networks.hessian.LARGEST` parameters.
    """
    if layers.size > LARGEST:
        raise InputError.of("hidden", f"{layers.size} parameters", f"at most {LARGEST}")
    xp = namespace_of(*layers.weights)
    units, m = xp.eye(layers.size, dtype=layers.weights[0].dtype), data.x.shape[0]
    matrices = []
    for b in range(layers.weights[0].shape[0]):
        one = layers.one(b)
        matrix = xp.zeros_like(units)
        for some in _parts(data):
            share = some.x.shape[0] / m
            for row in range(0, layers.size, ROWS):
                vectors = one.like(units[row : row + ROWS, :])
                found = hessian_product(one, vectors, some, activation, loss).flat()
                matrix[row : row + ROWS, :] += share * found
        matrices.append((matrix + xp.matrix_transpose(matrix)) / 2)
    return xp.stack(matrices)


def _parts(data: Samples) -> Iterator[Samples]:
    for i in range(0, data.x.shape[0], AT_ONCE):
        yield Samples(data.x[i : i + AT_ONCE, ...], data.target[i : i + AT_ONCE, ...])
