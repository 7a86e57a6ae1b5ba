"""Training of networks on a CUDA device, one a block: `numerics.compiled.training` for all at once."""

from __future__ import annotations

from numerics.core import backend
from numerics.core.backend import Array, namespace_of
from numerics.device.library import launch_networks

_PADDED = 33  # numbers of a row of a minibatch, as in `numerics.device.per_block`


def train(
    first: Array, second: Array, x: Array, labels: Array, orders: Array, rates: Array
) -> None:
    """Move networks through their epochs, in place.

    Parameters
    ----------
    first : float32 array, shape (B, n1, d)
    second : float32 array, shape (B, classes, n1 + 1)
    x : float32 array, shape (m, d)
        The last column is 1.
    labels : int64 array, shape (m,)
    orders : int32 array, shape (B, epochs, m)
    rates : float32 array, shape (epochs,)
        Learning rate over the size of a minibatch.
    """
    xp = namespace_of(first)
    networks, n1, d = first.shape
    classes, epochs, m = second.shape[1], orders.shape[1], orders.shape[2]
    words = n1 * d + classes * (n1 + 1) + (d + 2 * n1 + 1 + classes) * _PADDED
    near = 4 * words if 4 * words <= backend.block_memory() else 0
    work = xp.empty(1 if near else networks * words, dtype=xp.float32)
    numbers = (n1, d, classes, m, epochs, words, int(near > 0))
    launch_networks(networks, near, *numbers, x, labels, orders, rates, first, second, work)
