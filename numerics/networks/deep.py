"""Training of networks of several hidden layers, and the index of their Hessians."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from numerics.core.backend import Array, Namespace, to_numpy
from numerics.core.checks import check_integer
from numerics.core.streams import Stream
from numerics.networks.datasets import Dataset
from numerics.networks.hessian import Real
from numerics.networks.layers import Layers, dense, gradient
from numerics.networks.one_hidden_layer import Samples, samples
from numerics.networks.sgd import TILE, Settings, drawn, order
from numerics.networks.spectrum import CUTOFF, index


@dataclass(frozen=True)
class Ended:
    """Networks at the end of their training, on the host in float64.

    Attributes
    ----------
    layers : Layers
    train_loss, test_loss, train_accuracy, test_accuracy, gradient_norm : ndarray, shape (B,)
        As in `numerics.networks.sgd.Trained`.
    index : ndarray of int, shape (B,)
        Eigenvalues of the training loss's Hessian below -`CUTOFF`; -1 of a network that diverged.
    """

    layers: Layers
    train_loss: Real
    test_loss: Real
    train_accuracy: Real
    test_accuracy: Real
    gradient_norm: Real
    index: npt.NDArray[np.int64]


def train_layers(
    stream: Stream,
    first: int,
    count: int,
    data: Dataset,
    widths: tuple[int, ...],
    settings: Settings,
    xp: Namespace,
) -> Ended:
    """Train networks of hidden widths `widths` by SGD, and measure them.

    Parameters
    ----------
    stream : Stream
        As in `numerics.networks.sgd.train_tiles`: with one width, the same networks to rounding.
    first, count : int
    data : Dataset
    widths : tuple of int
        From the inputs on; each >= 1.
    settings : Settings
        Of the training; `hidden` is not used.
    xp : module

    Examples
    --------
    >>> from numerics.core.backend import namespace
    >>> from numerics.networks.datasets import digits
    >>> from numerics.core.streams import stream
    >>> how = Settings(5, epochs=1)
    >>> end = train_layers(stream(0), 0, 1, digits(), (5, 4), how, namespace())
    >>> [w.shape for w in end.layers.weights]
    [(1, 5, 65), (1, 4, 6), (1, 10, 5)]
    """
    for width in widths:
        check_integer("hidden", width, least=1)
    seen = samples(data.train_x, data.train_y, data.classes, xp, getattr(xp, settings.dtype))
    parts = []
    with np.errstate(over="ignore", invalid="ignore"):
        for tile in range(first, first + count, TILE):
            kept = min(TILE, first + count - tile)
            ended = _tile(stream, range(tile, tile + TILE), seen, widths, settings, xp)
            parts.append([to_numpy(w)[:kept].astype(np.float64) for w in ended.weights])
        layers = Layers(tuple(np.concatenate(some) for some in zip(*parts, strict=True)))
        return _measured(layers, data, settings)


def _tile(
    stream: Stream,
    numbers: range,
    data: Samples,
    widths: tuple[int, ...],
    settings: Settings,
    xp: Namespace,
) -> Layers:
    sizes = (data.x.shape[1] - 1, *widths, data.target.shape[1])
    starts = [drawn(stream, one, settings, sizes) for one in numbers]
    dtype = getattr(np, settings.dtype)
    layers = Layers(
        tuple(xp.asarray(np.stack(some).astype(dtype)) for some in zip(*starts, strict=True))
    )
    rate = settings.rate
    for epoch in range(settings.epochs):
        orders = np.stack([order(stream, one, epoch, data.x.shape[0]) for one in numbers])
        layers = _epoch(layers, data, xp.asarray(orders), rate, settings)
        rate *= settings.decay
    return layers


def _epoch(layers: Layers, data: Samples, orders: Array, rate: float, settings: Settings) -> Layers:
    width = settings.minibatch
    for i in range(orders.shape[1] // width):
        some = orders[:, i * width : (i + 1) * width]
        batch = Samples(data.x[some], data.target[some])
        slope = gradient(layers, batch, settings.activation, settings.loss)[2]
        layers = layers.moved(slope, -rate)
    return layers


def _measured(layers: Layers, data: Dataset, settings: Settings) -> Ended:
    import array_api_compat.numpy as xp

    how = settings.activation, settings.loss
    train = samples(data.train_x, data.train_y, data.classes, xp, np.float64)
    test = samples(data.test_x, data.test_y, data.classes, xp, np.float64)
    rows: list[tuple[Any, ...]] = []
    for b in range(layers.weights[0].shape[0]):
        one = layers.one(b)
        loss, right, slope = gradient(one, train, *how)
        tested = gradient(one, test, *how)
        steep = float(np.linalg.norm(slope.flat()))
        measured = float(loss[0]), float(tested[0][0]), float(right[0]), float(tested[1][0]), steep
        count = index_of(one, train, *how) if np.isfinite(measured).all() else -1
        rows.append((*measured, count))
    columns: list[Any] = [np.array(column) for column in zip(*rows, strict=True)]
    return Ended(layers, *columns)


def index_of(one: Layers, data: Samples, activation: str, loss: str, cutoff: float = CUTOFF) -> int:
    """Return the number of eigenvalues of a network's Hessian below -cutoff."""
    inner = math.prod(one.weights[0].shape[1:])
    matrix = to_numpy(dense(one, data, activation, loss)[0, ...])
    return index(matrix, inner, cutoff, convex=activation == "relu")
