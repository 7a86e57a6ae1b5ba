"""Training of many small networks at once, beside torch.func.vmap doing the same work.

On digits; on MNIST too where the environment names its folder, MNIST_DIR.
"""

from __future__ import annotations

import importlib.util
import os
from collections.abc import Callable
from pathlib import Path

import numpy as np
from timing import Work, compare

from numerics.core.backend import namespace
from numerics.core.streams import stream
from numerics.networks.datasets import Dataset, digits, read_mnist
from numerics.networks.one_hidden_layer import Networks, samples
from numerics.networks.sgd import TILE, Settings, sgd_tile, starts

EPOCHS = {"digits": 2, "mnist": 1}
# Share of weights that may end more than 0.002 apart: rounding grows along an epoch of 1,875 steps.
APART = {"digits": 0.0, "mnist": 0.01}


def sections(repeats: int, out: Path) -> list[str]:
    """Networks x epochs a second at two widths."""
    sets = {"digits": digits()}
    if folder := os.environ.get("MNIST_DIR"):
        sets["mnist"] = read_mnist(folder)
    sizes = ", ".join(f"the {len(data.train_y)} {name}" for name, data in sets.items())
    lines = [
        "## Training of networks",
        "",
        f"Stochastic gradient descent on {sizes}, minibatches of 32 with an order of its own for each of "
        f"{TILE} networks, ReLU, cross-entropy, float32, all biases. Both are given the same starts and "
        "the same orders (ours draws them in its time); weights at the end agree within 0.002, on MNIST 99 "
        "of 100.",
        "",
    ]
    for name, data in sets.items():
        for hidden in (25, 100):
            lines += _at(name, data, hidden, repeats)
    return lines


def _at(name: str, images: Dataset, hidden: int, repeats: int) -> list[str]:
    xp, epochs = namespace(), EPOCHS[name]
    settings, source = Settings(hidden, epochs=epochs, decay=1.0), stream(0, "benchmark")
    data = samples(images.train_x, images.train_y, images.classes, xp, np.float32)
    before = starts(source, range(TILE), settings, images.train_x.shape[1], xp)
    count = len(images.train_y)
    orders = [
        np.stack([source.generator(b, 1, e).permutation(count) for b in range(TILE)])
        for e in range(epochs)
    ]

    def ours() -> Networks:
        return sgd_tile(source, 0, TILE, data, settings, xp)

    theirs = _torch(images, before, orders, settings)
    if theirs is not None:
        end = ours()
        for mine, other in zip((end.first, end.second), theirs(), strict=True):
            assert (np.abs(mine - other) > 2e-3).mean() <= APART[name]
    units = TILE * epochs
    return compare(
        f"Networks x epochs a second, n1 = {hidden}, {name}",
        ("numerics.networks.sgd", units, ours),
        [("torch.func.vmap of grad", units, theirs, "at least 3")],
        repeats,
    )


def _torch(
    images: Dataset, before: Networks, orders: list[np.ndarray], settings: Settings
) -> Callable[[], list[np.ndarray]] | Work | None:
    """The same descent in PyTorch, or None where it is not installed."""
    if importlib.util.find_spec("torch") is None:
        return None
    import torch

    torch.set_num_threads(1)
    x = torch.from_numpy(images.train_x.astype(np.float32))
    y = torch.from_numpy(images.train_y)
    given = [
        torch.from_numpy(np.ascontiguousarray(part))
        for matrix in (before.first, before.second)
        for part in (matrix[:, :, :-1], matrix[:, :, -1])
    ]

    def loss(weights, x, y):  # type: ignore[no-untyped-def]
        first, bias, second, last = weights
        z = torch.relu(x @ first.T + bias) @ second.T + last
        return torch.nn.functional.cross_entropy(z, y)

    slope = torch.func.vmap(torch.func.grad(loss))
    indices = [torch.from_numpy(order) for order in orders]

    def work() -> list[np.ndarray]:
        weights = tuple(given)
        for order in indices:
            for i in range(order.shape[1] // settings.minibatch):
                some = order[:, i * settings.minibatch : (i + 1) * settings.minibatch]
                change = slope(weights, x[some], y[some])
                weights = tuple(w - settings.rate * g for w, g in zip(weights, change, strict=True))
        first, bias, second, last = (w.numpy() for w in weights)
        return [
            np.concatenate([first, bias[:, :, None]], axis=2),
            np.concatenate([second, last[:, :, None]], axis=2),
        ]

    return work
