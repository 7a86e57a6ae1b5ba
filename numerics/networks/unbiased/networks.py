"""Networks without biases as functions of one vector of weights: loss, gradient, Hessian, on a sphere or off.

    h_l = W_l a_{l-1},   a_l = phi(h_l),   a_0 = x,   z = h_H,    W_l of shape (n_l, n_{l-1})

With phi the ReLU or the identity an output is homogeneous of degree H in the weights, as the Hamiltonian of
the p-spin model is of degree p. The loss is the mean over the samples of |z - t|^2/2, t the label's unit
vector, or of the cross-entropy log sum_k exp z_k - z_y. Kinks as in `numerics.networks.one_hidden_layer`.

With B_l = dz/dh_l, r = dL/dz, S = d^2L/dz^2 and G_{lq} = dh_q/dh_l of each sample, the Hessian is the mean of

    J^T S J,                                             J = dz/dw, blocks B_l a_{l-1}
    delta_q (phi'(h_{q-1}) G_{l,q-1}) a_{l-1}            between W_l and W_q, l < q; delta_q = B_q^T r
    K_t^T diag(phi''(h_t) W_{t+1}^T delta_{t+1}) K_t     for every t < H; K_t = dh_t/dw.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from numerics.core.backend import InputError
from numerics.core.checks import check_integer, check_word

Real = npt.NDArray[np.float64]

LOSSES = ("square", "cross-entropy")
ACTIVATIONS = ("relu", "tanh", "linear")

# guard (all): what is refused
# tests/numerics/networks/test_unbiased.py::test_bad_input_is_named
LARGEST = 4000
"""Weights up to which the Hessian is written out."""

# same (numbers): samples in one product, which last bits alone depend on
AT_ONCE = 256


@dataclass(frozen=True)
class Task:
    """What a network is to do, and how it is built.

    Attributes
    ----------
    x : ndarray, shape (m, n_0)
    target : ndarray, shape (m, n_H)
    hidden : tuple of int
        n_1, .., n_{H-1}.
    loss : {"square", "cross-entropy"}
    activation : {"relu", "tanh", "linear"}

    Raises
    ------
    InputError
        Shapes that do not fit, a width below 1, or another word.

    Examples
    --------
    >>> task = Task(np.ones((5, 3)), np.eye(5)[:, :2], (4,))
    >>> task.depth, task.size
    (2, 20)
    """

    x: Real
    target: Real
    hidden: tuple[int, ...]
    loss: str = "square"
    activation: str = "relu"

    def __post_init__(self) -> None:
        """Check the arguments."""
        if self.x.ndim != 2 or self.target.ndim != 2 or len(self.x) != len(self.target):
            shapes = self.x.shape, self.target.shape
            raise InputError.of("x, target", shapes, "shapes (m, inputs) and (m, outputs)")
        for width in self.hidden:
            check_integer("hidden", width, least=1)
        check_word("loss", self.loss, LOSSES)
        check_word("activation", self.activation, ACTIVATIONS)

    @property
    def shapes(self) -> list[tuple[int, int]]:
        """Of the matrices."""
        sizes = (self.x.shape[1], *self.hidden, self.target.shape[1])
        return [(after, before) for before, after in itertools.pairwise(sizes)]

    @property
    def depth(self) -> int:
        """H, the number of matrices."""
        return len(self.hidden) + 1

    @property
    def size(self) -> int:
        """Number of weights."""
        return sum(math.prod(shape) for shape in self.shapes)

    def some(self, rows: npt.NDArray[np.int64] | slice) -> Task:
        """The same with some of the samples."""
        return Task(self.x[rows], self.target[rows], self.hidden, self.loss, self.activation)

    def matrices(self, w: Real) -> list[Real]:
        """The matrices of vectors of weights (.., size): layer by layer, each (.., n_l, n_{l-1}) by rows."""
        ends = np.cumsum([math.prod(shape) for shape in self.shapes])[:-1]
        parts = np.split(w, ends, axis=-1)
        return [part.reshape(*w.shape[:-1], *s) for part, s in zip(parts, self.shapes, strict=True)]


def drawn(task: Task, generator: np.random.Generator) -> Real:
    """Weights at the start: normal, of variance 2/fan-in, 1/fan-in before the outputs; shape (size,)."""
    gains = [2.0] * len(task.hidden) + [1.0]
    parts = [
        math.sqrt(gain / shape[1]) * generator.standard_normal(shape).ravel()
        for gain, shape in zip(gains, task.shapes, strict=True)
    ]
    return np.concatenate(parts)


def losses(task: Task, w: Real) -> Real:
    """The loss of each sample, shape (m,)."""
    return _terms(outputs(task, w), task.target, task.loss)[0]


def outputs(task: Task, w: Real) -> Real:
    """The outputs z, shape (m, n_H)."""
    return _forward(task.x, task.matrices(w), task.activation)[0][-1]


def gradient(task: Task, w: Real) -> tuple[float, Real]:
    """The mean loss and its gradient (size,)."""
    value, slopes = slopes_of(task, task.matrices(w), task.x, task.target)
    return float(value.mean()), np.concatenate([slope.ravel() for slope in slopes])


def slopes_of(task: Task, matrices: list[Real], x: Real, target: Real) -> tuple[Real, list[Real]]:
    """The loss of each of some samples, and the gradient of their mean by each matrix.

    Networks side by side have one more axis in front, in samples too; no product mixes two of them.
    """
    hs, active, slopes = _forward(x, matrices, task.activation)
    value, r = _terms(hs[-1], target, task.loss)
    delta, found = r / r.shape[-2], []
    for layer in range(task.depth - 1, -1, -1):
        found.append(delta.mT @ active[layer])
        if layer:
            delta = (delta @ matrices[layer]) * slopes[layer - 1]
    return value, found[::-1]


def hessian(task: Task, w: Real) -> Real:
    """The Hessian of the mean loss, shape (size, size).

    Raises
    ------
    InputError
        More than `LARGEST` weights.

    Examples
    --------
    >>> task = Task(np.eye(2), np.eye(2), (), "square")
    >>> hessian(task, np.zeros(4)).tolist()[0]
    [0.5, 0.0, 0.0, 0.0]
    """
    if task.size > LARGEST:
        raise InputError.of("hidden", f"{task.size} weights", f"at most {LARGEST}")
    total = np.zeros((task.size, task.size))
    for i in range(0, len(task.x), AT_ONCE):
        total += _summed(task.some(slice(i, i + AT_ONCE)), w)
    return (total + total.T) / (2 * len(task.x))


def on_sphere(w: Real, slope: Real, matrix: Real) -> Real:
    """The Hessian on the sphere through w, in an orthonormal basis of its tangent space.

    Parameters
    ----------
    w, slope : ndarray, shape (n,)
        A point other than 0, and the gradient there.
    matrix : ndarray, shape (n, n)
        The Hessian there.

    Returns
    -------
    ndarray, shape (n - 1, n - 1)
        P Hess P - (w.slope/|w|^2) P without the direction of w.

    Examples
    --------
    >>> w = np.array([3.0, 4.0])
    >>> abs(on_sphere(w, w, np.eye(2))).max() < 1e-15  # |w|^2/2 does not vary on the sphere
    np.True_
    """
    square = float(w @ w)
    v = w / math.sqrt(square)
    # same (comparisons): of a zero either sign
    v[0] += 1.0 if v[0] >= 0 else -1.0
    tau = 2 / float(v @ v)
    image = tau * (matrix @ v)
    image -= tau / 2 * float(image @ v) * v
    outer = np.outer(v, image)
    rotated = matrix - outer - outer.T
    shift = float(w @ slope) / square
    return np.asarray(rotated[1:, 1:] - shift * np.eye(len(w) - 1))


def _activated(h: Real, activation: str) -> tuple[Real, Real]:
    """Return phi and phi'."""
    if activation == "linear":
        return h, np.ones_like(h)
    if activation == "relu":
        on = (h > 0).astype(h.dtype)
        return h * on, on
    a = np.tanh(h)
    return a, 1 - a * a


def _forward(
    x: Real, matrices: list[Real], activation: str
) -> tuple[list[Real], list[Real], list[Real]]:
    """Return h_1 .. h_H, a_0 .. a_{H-1} and phi'(h_1) .. phi'(h_{H-1}), samples first."""
    hs, active, slopes = [], [x], []
    for matrix in matrices:
        hs.append(active[-1] @ matrix.mT)
        if len(hs) < len(matrices):
            a, s = _activated(hs[-1], activation)
            active.append(a)
            slopes.append(s)
    return hs, active, slopes


def _terms(z: Real, target: Real, loss: str) -> tuple[Real, Real]:
    """Return the loss of each sample and its derivative by z."""
    if loss == "square":
        gap = z - target
        return (gap * gap).sum(axis=-1) / 2, gap
    z = z - z.max(axis=-1, keepdims=True)
    e = np.exp(z)
    total = e.sum(axis=-1, keepdims=True)
    return np.log(total[..., 0]) - (z * target).sum(axis=-1), e / total - target


def _curved(j: Real, z: Real, loss: str) -> Real:
    """Return j (m, n_H, size), changed in place so that its squares sum to J^T S J."""
    if loss == "square":
        return j
    e = np.exp(z - z.max(axis=1, keepdims=True))
    p = e / e.sum(axis=1, keepdims=True)
    j -= p[:, None, :] @ j
    j *= np.sqrt(p)[:, :, None]
    return j


def _summed(task: Task, w: Real) -> Real:
    """Return the sum over the samples of the Hessian; of the mixed blocks those above the diagonal, twice."""
    matrices, m = task.matrices(w), len(task.x)
    hs, active, slopes = _forward(task.x, matrices, task.activation)
    _, r = _terms(hs[-1], task.target, task.loss)
    ends = np.cumsum([0, *(math.prod(shape) for shape in task.shapes)])
    blocks = [slice(a, b) for a, b in itertools.pairwise(ends.tolist())]
    j = _curved(_derivative(task.depth - 1, matrices, active, slopes), hs[-1], task.loss)
    flat = j.reshape(m * j.shape[1], -1)
    total = flat.T @ flat
    deltas = [r]
    for matrix, slope in zip(matrices[:0:-1], slopes[::-1], strict=True):
        deltas.append((deltas[-1] @ matrix) * slope)
    deltas = deltas[::-1]
    for low, high, chain in _chains(matrices, slopes):
        outer = deltas[high][:, :, None] * active[low][:, None, :]
        mixed = outer.reshape(m, -1).T @ chain.reshape(m, -1)  # (n_q n_{l-1}, n_{q-1} n_l)
        sizes = (outer.shape[1], outer.shape[2], chain.shape[1], chain.shape[2])
        block = mixed.reshape(sizes).transpose(3, 1, 0, 2)
        total[blocks[low], blocks[high]] += 2 * block.reshape(
            blocks[low].stop - blocks[low].start, -1
        )
    if task.activation == "tanh":
        for layer, slope in enumerate(slopes):
            bend = -2 * active[layer + 1] * slope * (deltas[layer + 1] @ matrices[layer + 1])
            k = _derivative(layer, matrices, active, slopes)
            rows = k.reshape(m * k.shape[1], -1)
            n = rows.shape[1]
            total[:n, :n] += (rows * bend.reshape(-1, 1)).T @ rows
    return np.asarray(total)


def _derivative(layer: int, matrices: list[Real], active: list[Real], slopes: list[Real]) -> Real:
    """Return dh/dw of one layer (from 0 on), shape (m, units, weights up to it)."""
    m, units = len(active[0]), len(matrices[layer])
    sizes = [active[at].shape[1] * len(matrices[at]) for at in range(layer + 1)]
    found, end = np.empty((m, units, sum(sizes))), sum(sizes)
    back = np.broadcast_to(np.eye(units), (m, units, units))
    for at in range(layer, -1, -1):
        part = found[:, :, end - sizes[at] : end].reshape(m, units, len(matrices[at]), -1)
        np.multiply(back[:, :, :, None], active[at][:, None, None, :], out=part)
        end -= sizes[at]
        if at:
            back = (back @ matrices[at]) * slopes[at - 1][:, None, :]
    return found


def _chains(matrices: list[Real], slopes: list[Real]) -> Iterator[tuple[int, int, Real]]:
    """Yield l < q (from 0 on) and phi'(h_{q-1}) G_{l,q-1}, shape (m, n_{q-1}, n_l)."""
    for low in range(len(matrices) - 1):
        chain = slopes[low][:, :, None] * np.eye(slopes[low].shape[1])
        yield low, low + 1, chain
        for high in range(low + 2, len(matrices)):
            chain = slopes[high - 1][:, :, None] * (matrices[high - 1] @ chain)
            yield low, high, chain
