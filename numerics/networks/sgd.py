"""Training of one-hidden-layer networks, many at once, by stochastic gradient descent.

Networks run in tiles of fixed width, the last one filled up with networks that are thrown away.
Each has its own streams for its start and for the order of its samples, named by its number, and
no product mixes two networks: what a network becomes depends on its number alone, never on the
tile, the chunk or the worker that it ran in.
"""

from __future__ import annotations

import itertools
import math
from dataclasses import dataclass
from typing import Any

import array_api_compat
import numpy as np
import numpy.typing as npt

from numerics.core.backend import Array, InputError, Namespace, is_cupy, namespace_of, to_numpy
from numerics.core.checks import check_integer, check_real, check_word
from numerics.core.streams import Stream
from numerics.networks.datasets import CLASSES, Dataset
from numerics.networks.one_hidden_layer import (
    ACTIVATIONS,
    LOSSES,
    Networks,
    Samples,
    evaluate,
    gradient,
    loss_and_gradient,
    norm,
    samples,
)

TILE = 20
"""Networks in one matrix product."""

STARTS = ("cube", "corner", "scaled")
DTYPES = ("float32", "float64")
_START, _ORDER = 0, 1  # second words of a network's counters


@dataclass(frozen=True)
class Settings:
    """How a network is built and trained.

    Attributes
    ----------
    hidden : int
        Hidden units n1.
    epochs, minibatch : int
        Passes over the training samples; samples a step. What is left of a pass after the last
        full minibatch is not used in it.
    rate, decay : float
        Learning rate of the first epoch, and its factor from one epoch to the next.
    start : {"cube", "corner", "scaled"}
        Weights uniform in the unit cube around the origin, [-1/2, 1/2]^P; in the unit cube with a
        corner there, [0, 1]^P (the paper says "unit cube" and leaves open which); or normal with
        variance 2/fan-in before hidden units and 1/fan-in before the outputs, biases zero.
    activation : {"relu", "tanh"}
    loss : {"cross-entropy", "hinge", "absolute"}
        See `numerics.networks.one_hidden_layer`.
    dtype : {"float32", "float64"}
        Of the training; losses and gradients at the end are in float64.

    Raises
    ------
    InputError
        If one of them is not usable.
    """

    hidden: int
    epochs: int = 200
    minibatch: int = 32
    rate: float = 0.1
    decay: float = 0.98
    start: str = "cube"
    activation: str = "relu"
    loss: str = "cross-entropy"
    dtype: str = "float32"

    def __post_init__(self) -> None:
        """Check the arguments."""
        check_integer("hidden", self.hidden, least=1)
        check_integer("epochs", self.epochs, least=0)
        check_integer("minibatch", self.minibatch, least=1)
        rate, decay = check_real("rate", self.rate), check_real("decay", self.decay)
        if rate < 0:
            raise InputError.of("rate", rate, "a number >= 0")
        if not 0 < decay <= 1:
            raise InputError.of("decay", decay, "a number in (0, 1]")
        object.__setattr__(self, "rate", rate)
        object.__setattr__(self, "decay", decay)
        check_word("start", self.start, STARTS)
        check_word("activation", self.activation, ACTIVATIONS)
        check_word("loss", self.loss, LOSSES)
        check_word("dtype", self.dtype, DTYPES)


@dataclass(frozen=True)
class Trained:
    """Networks at the end of their training, on the host.

    Attributes
    ----------
    networks : Networks
        Float64, NumPy.
    train_loss, test_loss, train_accuracy, test_accuracy, gradient_norm : ndarray, shape (B,)
        Of the whole training or test set, in float64; the norm of the gradient of the mean
        training loss by all parameters.
    status : ndarray of str, shape (B,)
        "trained", or "diverged" where the loss is not finite.
    """

    networks: Networks
    train_loss: npt.NDArray[np.float64]
    test_loss: npt.NDArray[np.float64]
    train_accuracy: npt.NDArray[np.float64]
    test_accuracy: npt.NDArray[np.float64]
    gradient_norm: npt.NDArray[np.float64]
    status: npt.NDArray[np.str_]


def start(
    stream: Stream, network: int, settings: Settings, inputs: int, classes: int = CLASSES
) -> list[Any]:
    """Return the first and the second matrix of one network before its training, float64."""
    return drawn(stream, network, settings, (inputs, settings.hidden, classes))


def drawn(stream: Stream, network: int, settings: Settings, sizes: tuple[int, ...]) -> list[Any]:
    """Return the matrices of a network of these sizes, inputs to outputs, before its training, float64."""
    generator = stream.generator(network, _START)
    shapes = [(after, before + 1) for before, after in itertools.pairwise(sizes)]
    if settings.start == "scaled":
        matrices = []
        for shape, gain in zip(shapes, [2.0] * (len(sizes) - 2) + [1.0], strict=True):
            matrix = generator.standard_normal(shape) * math.sqrt(gain / (shape[1] - 1))
            matrix[:, -1] = 0.0
            matrices.append(matrix)
        return matrices
    low = 0.0 if settings.start == "corner" else -0.5
    return [generator.random(shape) + low for shape in shapes]


def starts(
    stream: Stream,
    numbers: range,
    settings: Settings,
    inputs: int,
    xp: Namespace,
    classes: int = CLASSES,
) -> Networks:
    """Return the networks of these numbers before their training."""
    dtype = getattr(np, settings.dtype)
    begun = [start(stream, number, settings, inputs, classes) for number in numbers]
    first, second = (np.stack([one[layer] for one in begun]).astype(dtype) for layer in (0, 1))
    return Networks(xp.asarray(first), xp.asarray(second))


def epoch(
    networks: Networks, data: Samples, order: Array, rate: float, settings: Settings
) -> Networks:
    """Return the networks after one pass over the samples in `order`, integers of shape (B, m)."""
    width = settings.minibatch
    for i in range(order.shape[1] // width):
        chosen = order[:, i * width : (i + 1) * width]
        batch = Samples(data.x[chosen], data.target[chosen])
        _, slope = gradient(networks, batch, settings.activation, settings.loss)
        networks = networks.moved(slope, -rate)
    return networks


def order(stream: Stream, network: int, number: int, samples: int) -> npt.NDArray[np.int64]:
    """Return the order in which a network sees the samples in its epoch of that number."""
    return stream.generator(network, _ORDER, number).permutation(samples)


def sgd_tile(
    stream: Stream, first: int, count: int, data: Samples, settings: Settings, xp: Namespace
) -> Networks:
    """Return networks of numbers first, first + 1, ... after their training: a tile, or `count`."""
    kernel = _has_kernel(settings, data, xp)
    numbers = range(first, first + (count if kernel else TILE))  # a kernel's networks stand alone
    inputs, classes = data.x.shape[1] - 1, data.target.shape[1]
    networks = starts(stream, numbers, settings, inputs, xp, classes)
    if kernel:
        return _by_kernel(networks, stream, numbers, data, settings)
    rate = settings.rate
    for number in range(settings.epochs):
        orders = [order(stream, network, number, data.x.shape[0]) for network in numbers]
        networks = epoch(networks, data, xp.asarray(np.stack(orders)), rate, settings)
        rate *= settings.decay
    return networks


def _has_kernel(settings: Settings, data: Samples, xp: Namespace) -> bool:
    """Return whether `numerics.compiled.training` trains such networks: twice as fast, or more."""
    from numerics.compiled.training import CLASSES as MOST
    from numerics.compiled.training import MINIBATCH

    how = (settings.activation, settings.loss, settings.dtype, settings.minibatch)
    same = how == ("relu", "cross-entropy", "float32", MINIBATCH)
    there = array_api_compat.is_numpy_namespace(xp) or is_cupy(xp)
    # same (comparisons): which of two routes to the same networks is taken
    return same and there and data.target.shape[1] <= MOST


def _by_kernel(
    networks: Networks, stream: Stream, numbers: range, data: Samples, settings: Settings
) -> Networks:
    """Return the networks after their training, changed in place."""
    xp = namespace_of(data.x)
    labels = xp.astype(xp.argmax(data.target, axis=1), xp.int64)
    lengths = settings.rate * settings.decay ** np.arange(settings.epochs) / settings.minibatch
    rates = lengths.astype(np.float32)
    if is_cupy(xp):
        from numerics.device.training import train as train_all

        orders = _orders(stream, numbers, settings.epochs, len(data.x)).astype(np.int32)
        there = (xp.asarray(orders), xp.asarray(rates))
        train_all(networks.first, networks.second, data.x, labels, *there)
        return networks
    from numerics.compiled.training import train

    for one, network in enumerate(numbers):  # one after the other: less stands in memory
        orders = _orders(stream, range(network, network + 1), settings.epochs, len(data.x))[0]
        train(networks.first[one], networks.second[one], data.x, labels, orders, rates)
    return networks


def _orders(stream: Stream, numbers: range, epochs: int, samples: int) -> npt.NDArray[np.int64]:
    """Return the orders of all epochs of these networks, shape (networks, epochs, samples)."""
    out = np.empty((len(numbers), epochs, samples), dtype=np.int64)
    for one, network in enumerate(numbers):
        for number, rng in enumerate(stream.each(network, _ORDER, units=range(epochs))):
            out[one, number] = rng.permutation(samples)
    return out


def host(networks: Networks, count: int) -> Networks:
    """Return the first `count` networks on the host in float64."""
    first, second = (to_numpy(m)[:count] for m in (networks.first, networks.second))
    return Networks(first.astype(np.float64), second.astype(np.float64))


def measured(networks: Networks, data: Dataset, settings: Settings) -> Trained:
    """Return the networks (on the host, float64) with their losses, accuracies and gradients."""
    import array_api_compat.numpy as xp

    train = samples(data.train_x, data.train_y, data.classes, xp, np.float64)
    test = samples(data.test_x, data.test_y, data.classes, xp, np.float64)
    how = settings.activation, settings.loss
    parts: list[tuple[Any, ...]] = []
    for i in range(networks.first.shape[0]):  # one by one: a whole set times a tile is out of cache
        one = Networks(networks.first[i : i + 1], networks.second[i : i + 1])
        value, right, slope = loss_and_gradient(one, train, *how)
        parts.append((value, right, *evaluate(one, test, *how), norm(slope)))
    train_loss, train_accuracy, test_loss, test_accuracy, steep = (
        np.concatenate(part) for part in zip(*parts, strict=True)
    )
    finite = np.isfinite(train_loss) & np.isfinite(test_loss) & np.isfinite(steep)
    return Trained(
        networks,
        train_loss,
        test_loss,
        train_accuracy,
        test_accuracy,
        steep,
        np.where(finite, "trained", "diverged"),
    )


def train_tiles(
    stream: Stream, first: int, count: int, data: Dataset, settings: Settings, xp: Namespace
) -> Trained:
    """Return `count` networks, numbered from `first`, trained by SGD and measured.

    Parameters
    ----------
    stream : Stream
        Network b draws its start from the counters (b, 0), its epoch e from (b, 1, e).
    first, count : int
    data : Dataset
    settings : Settings
    xp : module
        The array namespace to train in.

    Returns
    -------
    Trained
        A network whose loss has become infinite or not a number is "diverged"; others do not
        feel it.

    Examples
    --------
    >>> from numerics.core.backend import namespace
    >>> from numerics.networks.datasets import digits
    >>> from numerics.core.streams import stream
    >>> end = train_tiles(stream(0), 0, 2, digits(), Settings(5, epochs=2), namespace())
    >>> end.train_loss.shape, end.status.tolist()
    ((2,), ['trained', 'trained'])
    """
    seen = samples(data.train_x, data.train_y, data.classes, xp, getattr(xp, settings.dtype))
    tiles = []
    with np.errstate(over="ignore", invalid="ignore"):  # divergence is a status, not a warning
        for tile in range(first, first + count, TILE):
            wanted = min(TILE, first + count - tile)
            ended = sgd_tile(stream, tile, wanted, seen, settings, xp)
            tiles.append(host(ended, wanted))
        return measured(join(tiles), data, settings)


def join(parts: list[Networks]) -> Networks:
    """Return batches of networks on the host as one batch."""
    return Networks(
        np.concatenate([part.first for part in parts]),
        np.concatenate([part.second for part in parts]),
    )
