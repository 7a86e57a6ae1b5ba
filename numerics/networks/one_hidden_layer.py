"""One-hidden-layer networks, a batch at once: outputs, loss, gradient, products with the Hessian.

    z = second [phi(first [x; 1]); 1],    first (n1, d + 1),  second (classes, n1 + 1),

the last column of each matrix being the bias. Every array has the networks on its first axis, and
samples on its last, so that sums over the few classes run over whole vectors of samples. The loss
is the mean over the samples of one of

    cross-entropy   log sum_k exp z_k - z_y
    hinge           sum_k max(0, 1 - t_k z_k)
    absolute        sum_k |t_k - z_k|                 with t_y = 1 and t_k = -1 elsewhere.

At a kink (a ReLU at 0, a corner of hinge or absolute loss) the derivative from the left of the ReLU
and zero or one side of the loss is taken: kinks have measure zero. Second derivatives of ReLU,
hinge and absolute loss are zero elsewhere.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Any

from numerics.core.backend import Array, Namespace, namespace_of

ACTIVATIONS = ("relu", "tanh")
LOSSES = ("cross-entropy", "hinge", "absolute")


@dataclass(frozen=True)
class Networks:
    """The weights of a batch of networks.

    Attributes
    ----------
    first : array, shape (B, n1, d + 1)
        To the hidden layer; the last column is the bias.
    second : array, shape (B, classes, n1 + 1)
        To the outputs; the last column is the bias.
    """

    first: Array
    second: Array

    @property
    def size(self) -> int:
        """Number of parameters of one network."""
        size = math.prod(self.first.shape[1:]) + math.prod(self.second.shape[1:])
        return int(size)

    def moved(self, step: Networks, length: Any) -> Networks:
        """Return the networks moved by length times step; length a number or of shape (B, 1, 1)."""
        return Networks(self.first + length * step.first, self.second + length * step.second)

    def flat(self) -> Array:
        """Return the parameters (B, size): first by rows, then second by rows."""
        xp = namespace_of(self.first)
        b = self.first.shape[0]
        # same (1 -> 2): any negative size is inferred
        return xp.concat(
            [xp.reshape(self.first, (b, -1)), xp.reshape(self.second, (b, -1))], axis=1
        )

    def like(self, flat: Array) -> Networks:
        """Return networks of these shapes from parameters (B, size); the inverse of `flat`."""
        xp = namespace_of(flat)
        cut = math.prod(self.first.shape[1:])
        return Networks(
            xp.reshape(flat[:, :cut], (flat.shape[0], *self.first.shape[1:])),
            xp.reshape(flat[:, cut:], (flat.shape[0], *self.second.shape[1:])),
        )


@dataclass(frozen=True)
class Samples:
    """What the networks see.

    Attributes
    ----------
    x : array, shape (m, d + 1), or (B, m, d + 1) with samples of its own for each network
        Inputs, a 1 at the end of each.
    target : array, shape (m, classes) or (B, m, classes)
        1 at the label, 0 elsewhere.
    """

    x: Array
    target: Array


def samples(x: Any, y: Any, classes: int, xp: Namespace, dtype: Any) -> Samples:
    """Return inputs (m, d) and labels (m,) of NumPy as `Samples` of another namespace and dtype."""
    x = xp.astype(xp.asarray(x), dtype)
    ones = xp.ones((x.shape[0], 1), dtype=dtype)
    labels = xp.asarray(y)[:, None] == xp.arange(classes)[None, :]
    return Samples(xp.concat([x, ones], axis=1), xp.astype(labels, dtype))


def _transpose(a: Array) -> Array:
    return namespace_of(a).matrix_transpose(a)


def hidden(networks: Networks, x: Array, activation: str) -> tuple[Array, Array]:
    """Return phi(h) and phi'(h), both (B, n1, m), of the hidden layer."""
    return activated(networks.first @ _transpose(x), activation)


def activated(h: Array, activation: str) -> tuple[Array, Array]:
    """Return phi(h) and phi'(h)."""
    xp = namespace_of(h)
    if activation == "relu":
        on = xp.astype(h > 0, h.dtype)
        return h * on, on
    a = xp.tanh(h)
    return a, 1 - a * a


def outputs(networks: Networks, active: Array) -> Array:
    """Return z, shape (B, classes, m), from phi(h)."""
    return networks.second[:, :, :-1] @ active + networks.second[:, :, -1:]


def loss_terms(z: Array, target: Array, loss: str) -> tuple[Array, Array]:
    """Return the loss of each sample, (B, m), and its derivative by z, (B, classes, m).

    `target` is (classes, m) or (B, classes, m).
    """
    xp = namespace_of(z)
    if loss == "cross-entropy":
        z = z - xp.max(z, axis=1, keepdims=True)
        e = xp.exp(z)
        total = xp.sum(e, axis=1, keepdims=True)
        value = xp.log(total[:, 0, :]) - xp.sum(z * target, axis=1)
        return value, e / total - target
    sign = 2 * target - 1
    if loss == "hinge":
        gap = 1 - sign * z
        short = xp.astype(gap > 0, z.dtype)
        return xp.sum(gap * short, axis=1), -sign * short
    gap = z - sign
    return xp.sum(xp.abs(gap), axis=1), xp.sign(gap)


def evaluate(networks: Networks, data: Samples, activation: str, loss: str) -> tuple[Array, Array]:
    """Return the mean loss and the accuracy of each network, both of shape (B,)."""
    z = outputs(networks, hidden(networks, data.x, activation)[0])
    target = _transpose(data.target)
    value, _ = loss_terms(z, target, loss)
    return namespace_of(z).mean(value, axis=1), accuracy(z, target)


def accuracy(z: Array, target: Array) -> Array:
    """Return the share of samples whose label has the largest output, (B,)."""
    xp = namespace_of(z)
    right = xp.sum(z * target, axis=1) >= xp.max(z, axis=1)
    return xp.mean(xp.astype(right, z.dtype), axis=1)


def gradient(
    networks: Networks, data: Samples, activation: str, loss: str
) -> tuple[Array, Networks]:
    """Return the mean loss (B,) and its gradient, in the shape of networks."""
    active, slope = hidden(networks, data.x, activation)
    value, r = loss_terms(outputs(networks, active), _transpose(data.target), loss)
    return namespace_of(r).mean(value, axis=1), _back(networks, data.x, active, slope, r)


def loss_and_gradient(
    networks: Networks, data: Samples, activation: str, loss: str
) -> tuple[Array, Array, Networks]:
    """Return `gradient` with the accuracy (B,) between: what ends a training, in one pass."""
    active, slope = hidden(networks, data.x, activation)
    z, target = outputs(networks, active), _transpose(data.target)
    value, r = loss_terms(z, target, loss)
    back = _back(networks, data.x, active, slope, r)
    return namespace_of(r).mean(value, axis=1), accuracy(z, target), back


def _back(networks: Networks, x: Array, active: Array, slope: Array, r: Array) -> Networks:
    """Return the gradient from the derivative r (B, classes, m) of each sample's loss by z."""
    xp = namespace_of(r)
    r = r / r.shape[2]
    second = xp.concat([r @ _transpose(active), xp.sum(r, axis=2, keepdims=True)], axis=2)
    back = (_transpose(networks.second[:, :, :-1]) @ r) * slope
    return Networks(back @ x, second)


def norm(networks: Networks) -> Array:
    """Return the Euclidean norm of all parameters of each network, (B,)."""
    xp = namespace_of(networks.first)
    square = xp.sum(networks.first**2, axis=(1, 2)) + xp.sum(networks.second**2, axis=(1, 2))
    return xp.sqrt(square)


def dot(a: Networks, b: Networks) -> Array:
    """Return the inner product of the parameters, (B,)."""
    xp = namespace_of(a.first)
    first = xp.sum(a.first * b.first, axis=(1, 2))
    return first + xp.sum(a.second * b.second, axis=(1, 2))


def hessian_product(
    networks: Networks, vector: Networks, data: Samples, activation: str, loss: str
) -> Networks:
    """Return the Hessian of the mean loss times a vector, by differentiating the gradient along it.

    Pearlmutter's method (Neural Computation 6, 1994): exact, at the cost of two gradients.
    """
    xp = namespace_of(networks.first)
    active, slope = hidden(networks, data.x, activation)
    z = outputs(networks, active)
    _, r = loss_terms(z, _transpose(data.target), loss)
    dh = vector.first @ _transpose(data.x)
    da = slope * dh
    dz = outputs(vector, active) + networks.second[:, :, :-1] @ da
    dr = curved(z, dz, loss)
    out = _back(networks, data.x, active, slope, dr)
    r = r / r.shape[2]
    back = _transpose(networks.second[:, :, :-1]) @ r
    more = (_transpose(vector.second[:, :, :-1]) @ r) * slope
    if activation == "tanh":
        more = more + back * (-2 * active * slope * dh)
    cross = xp.concat([r @ _transpose(da), xp.zeros_like(out.second[:, :, -1:])], axis=2)
    return replace(out, first=out.first + more @ data.x, second=out.second + cross)


def probabilities(z: Array) -> Array:
    """Return softmax over the classes, (B, classes, m)."""
    xp = namespace_of(z)
    e = xp.exp(z - xp.max(z, axis=1, keepdims=True))
    return e / xp.sum(e, axis=1, keepdims=True)


def curved(z: Array, dz: Array, loss: str) -> Array:
    """Return the second derivative of each sample's loss by z, times dz."""
    xp = namespace_of(z)
    if loss != "cross-entropy":
        return xp.zeros_like(z)
    p = probabilities(z)
    return p * (dz - xp.sum(p * dz, axis=1, keepdims=True))
