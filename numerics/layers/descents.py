"""Descents on a product of spheres: layers that share no weights, by gradients or one layer at a time.

f = sum X_(i1..iH) w1_i1 .. wH_iH is linear in each unit vector w_l: f = w_l . g_l, g_l the sum over all
others. So w_l = -g_l/|g_l| is the best layer l at fixed others, and doing so for one layer after another
(alternating power iteration) never raises f. Its fixed points are the critical points with f < 0. All
starts go together: a g_l is one product of a matrix of prod n_j entries with all starts, and smaller
ones.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from numerics.core.backend import Array, InputError, namespace, namespace_of, to_numpy
from numerics.core.checks import check_integer, check_memory, check_real, check_word
from numerics.layers.tensors import check_sizes, layer_tensor, layers_stream

Real = npt.NDArray[np.float64]

METHODS = ("gd", "power")

# same (numbers): a step over sqrt N that descends; how often ends are looked for
_STEP = 0.4  # the largest eigenvalue of a Hessian near the end is 3.3 sqrt N for three layers
_LOOK = 10


@dataclass(frozen=True)
class LayerDescent:
    """Where descents on a product of spheres ended, a row a start.

    Attributes
    ----------
    level : ndarray, shape (starts,)
        f/sqrt(n_1 + .. + n_H).
    gradient_norm : ndarray, shape (starts,)
        Of the gradient on the product of spheres over sqrt(n_1 + .. + n_H); about 1 at a random point.
    steps : ndarray of int, shape (starts,)
        Until it was below the tolerance: steps, or rounds over all layers.
    status : ndarray of str, shape (starts,)
        "converged" or "max_steps".
    position : ndarray, shape (starts, n_1 + .. + n_H)
        The unit vectors of the layers, one after another.
    """

    level: Real
    gradient_norm: Real
    steps: npt.NDArray[np.int64]
    status: npt.NDArray[np.str_]
    position: Real


def slopes(x: Array, w: Sequence[Array], layer: int) -> Array:
    """Return g_l of all starts, (starts, n_l), for the tensor x and unit vectors w, (starts, n) each.

    Examples
    --------
    >>> x = np.arange(8.0).reshape(2, 2, 2)
    >>> w = [np.array([[1.0, 0.0]]), np.array([[0.0, 1.0]]), np.array([[0.6, 0.8]])]
    >>> [slopes(x, w, layer).round(3).tolist() for layer in range(3)]
    [[[3.6, 9.2]], [[0.8, 3.6]], [[2.0, 3.0]]]
    """
    xp = namespace_of(x)
    starts, sizes = w[0].shape[0], x.shape
    last = len(sizes) - 1
    if layer < last:
        rest = xp.reshape(w[last] @ xp.reshape(x, (-1, sizes[last])).T, (starts, *sizes[:last]))
        todo, axes = list(range(last)), list(sizes[:last])
    else:
        rest = xp.reshape(w[0] @ xp.reshape(x, (sizes[0], -1)), (starts, *sizes[1:]))
        todo, axes = list(range(1, last + 1)), list(sizes[1:])
    # From both ends towards the layer.
    while todo[-1] != layer:
        one = todo.pop()
        n = axes.pop()
        rest = (xp.reshape(rest, (starts, -1, n)) @ w[one][:, :, None])[..., 0]
    while todo[0] != layer:
        one, n = todo.pop(0), axes.pop(0)
        rest = (w[one][:, None, :] @ xp.reshape(rest, (starts, n, -1)))[:, 0]
    return xp.reshape(rest, (starts, sizes[layer]))


def _unit(w: Array) -> Array:
    """Return rows over their lengths."""
    xp = namespace_of(w)
    return w / xp.sqrt(xp.sum(w * w, axis=1))[:, None]


def _state(x: Array, w: Sequence[Array]) -> tuple[list[Array], Array, Array]:
    """Return the gradients along the spheres, f, and the norm of the gradient."""
    xp = namespace_of(x)
    g = [slopes(x, w, layer) for layer in range(len(w))]
    f = xp.sum(w[0] * g[0], axis=1)
    along = [one - f[:, None] * own for one, own in zip(g, w, strict=True)]
    square = sum((xp.sum(one * one, axis=1) for one in along[1:]), xp.sum(along[0] ** 2, axis=1))
    return along, f, xp.sqrt(square)


def descend_layers(
    sizes: Sequence[int],
    starts: int = 1,
    method: str = "gd",
    tolerance: float = 1e-6,
    max_steps: int = 20000,
    seed: int = 0,
    disorder: int = 0,
    backend: str = "numpy",
    tensor: npt.ArrayLike | None = None,
) -> LayerDescent:
    """Descend from random starts on the product of the layers' spheres.

    Parameters
    ----------
    sizes : sequence of int
        Units of each layer, 2 to 8 layers.
    starts : int
    method : {"gd", "power"}
        Gradient descent; or one layer after another at its best (alternating power iteration).
    tolerance : float
        Of the norm of the gradient over sqrt(n_1 + .. + n_H).
    max_steps : int
    seed, disorder : int
        The tensor is `numerics.layers.tensors.layer_tensor` of these.
    backend : {"numpy", "cupy", "auto"}
    tensor : array_like, optional
        Another tensor of these sizes.

    Returns
    -------
    LayerDescent

    Raises
    ------
    InputError
        Bad arguments.

    Examples
    --------
    >>> ends = descend_layers([20, 20, 20], starts=3, method="power")
    >>> ends.status.tolist(), bool((ends.level < -1.3).all())
    (['converged', 'converged', 'converged'], True)
    """
    checked, xp = check_sizes(sizes), namespace(backend)
    starts = check_integer("starts", starts, least=1, most=10**6)
    check_word("method", method, METHODS)
    accuracy = check_real("tolerance", tolerance, positive=True)
    most = check_integer("max_steps", max_steps, least=0)
    # same (3 -> 4): about what it takes
    room = 3 * starts * max(math.prod(checked[1:]), math.prod(checked[:-1]))
    check_memory(None, 8 * (room + math.prod(checked)), f"{starts} starts", "fewer starts")
    drawn = layer_tensor(checked, seed, disorder) if tensor is None else np.asarray(tensor, float)
    if drawn.shape != checked or not np.isfinite(drawn).all():
        raise InputError.of("tensor", drawn.shape, f"finite numbers of shape {checked}")
    rng = layers_stream(checked, seed).generator(disorder, 1)
    w = [_unit(xp.asarray(rng.standard_normal((starts, n)))) for n in checked]
    return _descended(xp.asarray(drawn), w, method, accuracy, most)


def _descended(x: Array, w: list[Array], method: str, tolerance: float, most: int) -> LayerDescent:
    """Move all starts until the gradient of each was below the tolerance."""
    root = math.sqrt(sum(x.shape))
    step, done = 0, np.full(len(w[0]), -1, dtype=np.int64)
    while True:
        along, f, norm = _state(x, w)
        size = to_numpy(norm) / root
        done[(done < 0) & (size <= tolerance)] = step
        if (done >= 0).all() or step >= most:
            break
        for _ in range(min(_LOOK, most - step)):
            if method == "power":
                for layer in range(len(w)):
                    w[layer] = _unit(-slopes(x, w, layer))
            else:
                moves = zip(w, along, strict=True)
                w = [_unit(own - (_STEP / root) * one) for own, one in moves]
                along, f, norm = _state(x, w)
            step += 1
    return LayerDescent(
        to_numpy(f) / root,
        size,
        np.where(done < 0, step, done),
        np.where(size <= tolerance, "converged", "max_steps"),
        np.concatenate([to_numpy(own) for own in w], axis=1),
    )
