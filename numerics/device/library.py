"""The kernels as one library of a device, and their launch: the one place where host and device meet.

What a thread computes for matrices of the GOE and for couplings is translated from the functions of
`numerics.compiled` (`numerics.device.translate`); the rest is written in C++ beside this file. No product
and sum are fused (``--fmad=false``) unless a kernel says so, so that a device draws and sweeps the very
numbers of the host.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache, partial
from typing import Any

import numpy as np

from numerics.core import backend
from numerics.core.backend import Array, InputError, Namespace
from numerics.device import per_block, per_item

OPTIONS = ("-std=c++20", "--fmad=false")
"""What NVRTC is told."""

THREADS = 128
"""Threads in a block."""

SHARE = 0.5
"""Part of the free memory that a call may take for its work space."""

# same (256 -> 512, 64 -> 63): how many share a block; of numbers the last bits
_NETWORK_THREADS = 256  # where a block trains a network
_MATRIX_THREADS = 512  # where a block has a whole matrix
_SMALL_MATRIX = 64  # rows up to which it has THREADS

_TYPED = ("float32", "float64")
_ONES_OF_TYPES = ("couplings", "products", "unpack")
_BLOCKS_OF_TYPES = (
    "retract",
    "norms",
    "dots",
    "slope",
    "descend",
    "curvature",
    "definite",
    "solve",
    "tridiagonal",
)

NAMES = (
    "philox_blocks",
    "lowest_drawn",
    "sweep_drawn",
    "normals",
    "bisected",
    "train_networks",
    *(f"{name}_{kind}" for name in _ONES_OF_TYPES + _BLOCKS_OF_TYPES for kind in _TYPED),
)
"""The kernels."""


@lru_cache(maxsize=1)
def source() -> str:
    """Return CUDA C++ of all kernels; a C++ compiler for the host takes it too, as loops."""
    from numerics.compiled import couplings, eigenvalues, floats, philox, rows, sweeps
    from numerics.device.translate import source

    parts: list[Any] = [philox._mix, philox.philox, floats.log, philox.row, rows.gamma, rows.fill]
    parts += [sweeps.begin, sweeps._scale_of, sweeps.sweep, sweeps._sweep_tile, sweeps._log_minor]
    parts += [eigenvalues._bound, eigenvalues._scaled, eigenvalues._lowest_tile]
    parts += [couplings._strip, couplings._unrank]
    sizes = {"ORDERS": per_item.ORDERS, "STRIP": per_item.STRIP, "SHARED": per_item.SHARED}
    defined = "".join(f"#define {name} {size}\n" for name, size in sizes.items())
    return f"{source(parts, LANES=1)}{defined}{per_item.TEXT}{per_block.TEXT}"


Call = Callable[[], None]
"""A launch with all its arguments: what is bound once can be repeated at little cost."""


def launch(name: str, count: int, *arguments: Array | int | float) -> None:
    """Run a kernel on `count` items, one a thread."""
    bound((-(-count // THREADS),), THREADS, name, count, *arguments)()


def launch_blocks(name: str, count: int, n: int, *arguments: Array | int | float) -> None:
    """Run a kernel on `count` rows of n numbers, or matrices of n rows, one a block."""
    bound_blocks(name, count, n, *arguments)()


def bound_blocks(name: str, count: int, n: int, *arguments: Array | int | float) -> Call:
    """Return the launch of a kernel on `count` rows of n numbers, or matrices of n rows, one a block."""
    matrices = name.startswith(("curvature", "definite", "solve", "tridiagonal"))
    # same (comparisons): how many share a block
    threads = _MATRIX_THREADS if matrices and n > _SMALL_MATRIX else THREADS
    return bound((count,), threads, name, count, n, *arguments)


def bound_grid(name: str, columns: int, groups: int, *arguments: Array | int | float) -> Call:
    """Return the launch of a kernel on pairs of a column and a group, one a thread."""
    blocks = (-(-columns // THREADS), groups)
    return bound(blocks, THREADS, name, columns, groups, *arguments)


def launch_networks(count: int, near: int, *arguments: Array | int | float) -> None:
    """Train so many networks, one a block, which has `near` bytes of memory of its own."""
    bound((count,), _NETWORK_THREADS, "train_networks", count, *arguments, near=near)()


def bound(
    blocks: tuple[int, ...], threads: int, name: str, *arguments: Array | int | float, near: int = 0
) -> Call:
    """Return the launch of a kernel."""
    kernel = backend.kernel(source(), OPTIONS, name)
    if near:
        kernel.max_dynamic_shared_size_bytes = near
    words = tuple(map(_word, arguments))
    return partial(kernel, blocks, (threads,), words, shared_mem=near)


def _word(value: Array | int | float) -> Array:
    """Return numbers in the types of the kernels."""
    if isinstance(value, (float, np.uint64)):
        return np.float64(value) if isinstance(value, float) else value
    return np.int64(value) if isinstance(value, int) else value


def batch_of(xp: Namespace, words: int, samples: int, memory: int | None) -> int:
    """Return how many items of `words` numbers each fit the memory at once."""
    room = backend.free_memory(xp) if memory is None else memory
    batch = int(room * SHARE) // (8 * words)
    if batch < 1:
        raise InputError(f"memory: got {room} bytes; takes {int(8 * words / SHARE)} or more here")
    return max(1, min(batch, samples))
