"""Tensors of layers that share no weights, by name: the same for a census and for descents."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from numerics.core.backend import InputError
from numerics.core.checks import check_integer, check_memory
from numerics.core.streams import Stream, stream

MOST_LAYERS = 8


def check_sizes(sizes: Sequence[int], name: str = "sizes") -> tuple[int, ...]:
    """Return sizes of layers, checked: two layers to eight.

    Examples
    --------
    >>> check_sizes([2, 2, 3])
    (2, 2, 3)
    """
    try:
        given = list(sizes)
    except TypeError:
        raise InputError.of(name, sizes, "sizes of layers, one after another") from None
    found = tuple(check_integer(name, n, least=1) for n in given)
    if not 2 <= len(found) <= MOST_LAYERS:
        raise InputError.of(name, ",".join(map(str, found)), f"2 to {MOST_LAYERS} layers")
    return found


def layers_stream(sizes: Sequence[int], seed: int) -> Stream:
    """Return the stream of a seed: tensor D of a format is drawn from its ``generator(D)``."""
    return stream(seed, "layers", *sizes)


def layer_tensor(sizes: Sequence[int], seed: int = 0, disorder: int = 0) -> npt.NDArray[np.float64]:
    """Return the tensor X of f = sum X_(i1..iH) w1_i1 .. wH_iH, independent standard normal entries.

    Parameters
    ----------
    sizes : sequence of int
        Units of each layer, 2 to 8 layers.
    seed, disorder : int
        As of `numerics.layers.descend_layers` and `numerics.layers.product_census`.

    Returns
    -------
    ndarray, shape sizes

    Raises
    ------
    InputError
        Bad arguments, or more entries than fit.

    Examples
    --------
    >>> layer_tensor([2, 3, 4], seed=1).shape
    (2, 3, 4)
    """
    checked = check_sizes(sizes)
    number = check_integer("disorder", disorder, least=0)
    entries = math.prod(checked)
    check_memory(None, 8 * entries, f"{entries} entries", "smaller layers")
    rng = layers_stream(checked, seed).generator(number)
    return np.asarray(rng.standard_normal(checked))
