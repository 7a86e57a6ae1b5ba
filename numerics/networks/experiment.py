"""Train networks on images and say how they end: `train`, the face of the network side."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import array_api_compat.numpy
import numpy as np
import numpy.typing as npt

from numerics.core.backend import InputError, Namespace, namespace, to_numpy
from numerics.core.checks import check_integer
from numerics.core.streams import Stream, stream
from numerics.networks.datasets import Dataset
from numerics.networks.deep import Ended, train_layers
from numerics.networks.hessian import LARGEST
from numerics.networks.one_hidden_layer import Networks, Samples, samples
from numerics.networks.own_data import Data, dataset
from numerics.networks.sgd import Settings, Trained, train_tiles
from numerics.networks.spectrum import CUTOFF, GROUPS, index_of, lanczos_density, sampled_index

_VALUES = ("train_loss", "test_loss", "train_accuracy", "test_accuracy", "gradient_norm")
_PROBES = 3  # second word of the counters; 0, 1 and 2 are training's and annealing's


@dataclass(frozen=True)
class Training:
    """Networks at the end of their training.

    Attributes
    ----------
    train_loss, test_loss, train_accuracy, test_accuracy, gradient_norm : ndarray, shape (networks,)
        Losses are means over the samples, the gradient is that of the training loss. Not a number
        where the network diverged.
    index : ndarray of int, shape (networks,)
        Number of eigenvalues of the training loss's Hessian below -1e-3, exact up to 10^4
        parameters and a Lanczos estimate beyond, or an estimate from some of the samples where that
        was asked for; -1 where the network diverged.
    index_error : ndarray, shape (networks,)
        Its standard error, 0 where it is exact; not a number where the network diverged.
    status : ndarray of str, shape (networks,)
        "trained" or "diverged".
    weights : tuple of ndarray, each of shape (networks, n_l, n_{l-1} + 1)
        From the first layer to the outputs, the last column being the bias.
    """

    train_loss: npt.NDArray[np.float64]
    test_loss: npt.NDArray[np.float64]
    train_accuracy: npt.NDArray[np.float64]
    test_accuracy: npt.NDArray[np.float64]
    gradient_norm: npt.NDArray[np.float64]
    index: npt.NDArray[np.int64]
    index_error: npt.NDArray[np.float64]
    status: npt.NDArray[np.str_]
    weights: tuple[npt.NDArray[np.float64], ...]

    @property
    def first(self) -> npt.NDArray[np.float64]:
        """The weights of the first layer."""
        return self.weights[0]

    @property
    def second(self) -> npt.NDArray[np.float64]:
        """The weights to the outputs."""
        return self.weights[-1]


def train(
    hidden: int | Sequence[int] = 25,
    networks: int = 20,
    data: Data = "digits",
    mnist: Path | str | None = None,
    epochs: int = 200,
    activation: str = "relu",
    loss: str = "cross-entropy",
    start: str = "cube",
    rate: float = 0.1,
    seed: int = 0,
    backend: str = "numpy",
    first: int = 0,
    hessian_samples: int | None = None,
) -> Training:
    """Train networks by SGD and return losses, accuracies, gradients and indices.

    Parameters
    ----------
    hidden : int or sequence of int
        Hidden units, >= 1; of each layer from the inputs on, where there are several.
    networks : int
        How many, >= 1.
    data : {"digits", "mnist"}, path, Dataset, mapping or sequence
        An .npz file, or arrays train_x, train_y, test_x, test_y, are data of one's own, as
        `numerics.networks.own_data.dataset` takes them.
    mnist : path, optional
        The folder with MNIST's four IDX files.
    epochs, activation, loss, start, rate
        See `numerics.networks.sgd.Settings`.
    seed : int
    backend : {"numpy", "cupy", "auto"}
        Where the training runs; the Hessians are NumPy's.
    first : int
        Number of the first network, >= 0: what a network becomes depends on its number alone.
    hessian_samples : int, optional
        The index from so many of the training samples, with its error; all if not given. For one
        hidden layer.

    Returns
    -------
    Training

    Raises
    ------
    InputError
        Bad arguments, a missing or damaged data folder; a network that diverges does not raise but
        says so in its status.

    Examples
    --------
    >>> end = train(hidden=3, networks=2, epochs=2)
    >>> end.test_loss.shape, end.status.tolist()
    ((2,), ['trained', 'trained'])
    >>> [w.shape[1:] for w in train(hidden=(3, 4), networks=1, epochs=1).weights]
    [(3, 65), (4, 4), (10, 5)]

    Data of one's own, here whether two numbers have one sign:

    >>> x = np.random.default_rng(0).standard_normal((400, 2))
    >>> y = (x[:, 0] * x[:, 1] > 0).astype(int)
    >>> own = train(8, 4, data=(x[:300], y[:300], x[300:], y[300:]), start="scaled", epochs=100)
    >>> bool(own.test_accuracy.max() > 0.9)
    True
    """
    networks = check_integer("networks", networks, least=1)
    first = check_integer("first", first, least=0)
    widths = tuple(hidden) if isinstance(hidden, Sequence) else (hidden,)
    if not widths:
        raise InputError.of("hidden", hidden, "a number of units, or one for each layer")
    settings = Settings(
        widths[0], epochs=epochs, activation=activation, loss=loss, start=start, rate=rate
    )
    xp = namespace(backend)
    images = dataset(data, mnist, settings.minibatch)
    source = stream(seed, "train", images.name, *widths)
    if len(widths) > 1:
        if hessian_samples is not None:
            raise InputError.of("hessian_samples", hessian_samples, "one hidden layer beside it")
        return _deeper(train_layers(source, first, networks, images, widths, settings, xp))
    if hessian_samples is not None:
        few, most = (
            check_integer("hessian_samples", hessian_samples, least=GROUPS),
            len(images.train_y),
        )
        if few > most:
            raise InputError.of("hessian_samples", few, f"at most {most}, the training samples")
    ended = train_tiles(source, first, networks, images, settings, xp)
    return _described(ended, source, first, images, settings, hessian_samples)


def _described(
    ended: Trained,
    source: Stream,
    first: int,
    images: Dataset,
    settings: Settings,
    few: int | None,
) -> Training:
    xp: Namespace = array_api_compat.numpy
    seen = samples(images.train_x, images.train_y, images.classes, xp, np.float64)
    bad = ended.status == "diverged"
    indices = []
    for b, diverged in enumerate(bad):
        weights = (m[b : b + 1, ...] for m in (ended.networks.first, ended.networks.second))
        generator = source.generator(first + b, _PROBES)
        one = Networks(*weights)
        indices.append((-1, np.nan) if diverged else _index(one, seen, settings, generator, few))
    values: dict[str, Any] = {name: np.where(bad, np.nan, getattr(ended, name)) for name in _VALUES}
    return Training(
        **values,
        index=np.array([round(count) for count, _ in indices], dtype=np.int64),
        index_error=np.array([error for _, error in indices], dtype=np.float64),
        status=ended.status,
        weights=(to_numpy(ended.networks.first), to_numpy(ended.networks.second)),
    )


def _deeper(ended: Ended) -> Training:
    bad = ended.index < 0
    values: dict[str, Any] = {name: np.where(bad, np.nan, getattr(ended, name)) for name in _VALUES}
    return Training(
        **values,
        index=ended.index,
        index_error=np.where(bad, np.nan, 0.0),
        status=np.where(bad, "diverged", "trained"),
        weights=ended.layers.weights,
    )


def _index(
    one: Networks,
    seen: Samples,
    settings: Settings,
    generator: np.random.Generator,
    few: int | None,
) -> tuple[float, float]:
    """Return the number of eigenvalues below -CUTOFF of one network's Hessian, and its error."""
    how = settings.activation, settings.loss
    if one.size > LARGEST:
        nodes, weights = lanczos_density(one, seen, *how, generator)
        share = (weights * (nodes < -CUTOFF)).sum(axis=2)[:, 0]
        return one.size * float(share.mean()), one.size * float(share.std(ddof=1)) / len(
            share
        ) ** 0.5
    if few is not None:
        return sampled_index(one, seen, *how, generator, few)
    return index_of(one, seen, *how, generator), 0.0
