"""What the stand-in saw, and what it is told: of no CuPy.

    with standin.counted() as seen:
        ...
    seen.to_host, seen.launches["slope_float64"], seen.flops

Numbers are those of the same calls on a device: copies between host and device, launches of our kernels
with the bytes of their arrays, products of cuBLAS, and CuPy's own kernels, one for each function of arrays.
"""

import contextlib
import os
from collections import Counter
from dataclasses import dataclass, field

_SEEN = []
_THERE = [True]
_ORDER = [None]
_MEMORY = [int(os.environ.get("STANDIN_MEMORY", 4 << 30))]


@dataclass
class Counts:
    """Copies and the bytes they moved, launches by kernel, products by routine, CuPy's own kernels."""

    to_host: int = 0
    to_device: int = 0
    copied: int = 0
    launches: Counter = field(default_factory=Counter)
    handed: int = 0
    products: Counter = field(default_factory=Counter)
    multiplied: int = 0
    flops: int = 0
    own: Counter = field(default_factory=Counter)
    moved: int = 0

    @property
    def crossings(self):
        """Copies between host and device, either way."""
        return self.to_host + self.to_device

    @property
    def all_launches(self):
        """Our kernels, cuBLAS's and CuPy's."""
        return self.launches.total() + self.products.total() + self.own.total()


@contextlib.contextmanager
def counted():
    """Count what is done inside, and no more when it is left."""
    counts = Counts()
    _SEEN.append(counts)
    try:
        yield counts
    finally:
        _SEEN[:] = [one for one in _SEEN if one is not counts]


@contextlib.contextmanager
def threads(order="forward"):
    """Run kernels inside as a device does, thread by thread, in that order or in "reverse"."""
    before, _ORDER[0] = _ORDER[0], order
    try:
        yield
    finally:
        _ORDER[0] = before


def order():
    """Return the order of threads, or None where there are loops in place of them."""
    return _ORDER[0]


def block_memory():
    """Return the bytes that a block of threads can have of its own: loops have none."""
    return 0 if _ORDER[0] is None else 227 << 10


@contextlib.contextmanager
def memory(size):
    """Give the device that many bytes inside."""
    before, _MEMORY[0] = _MEMORY[0], size
    try:
        yield
    finally:
        _MEMORY[0] = before


def plug(there):
    """Say whether the device is there; at first it is."""
    _THERE[0] = there


def plugged():
    """Tell whether the device is there."""
    return _THERE[0]


def look():
    """Raise if something was written out of bounds, now or since anybody looked."""
    from cupy import _memory

    _memory.look_everywhere()


def capacity():
    """Return the bytes of the device's memory."""
    return _MEMORY[0]


def crossed(way, size):
    for seen in _SEEN:
        setattr(seen, way, getattr(seen, way) + 1)
        seen.copied += size


def launched(name, size):
    for seen in _SEEN:
        seen.launches[name] += 1
        seen.handed += size


def multiplied(name, flops, size):
    for seen in _SEEN:
        seen.products[name] += 1
        seen.flops += flops
        seen.multiplied += size


def ran(name, *moved):
    for seen in _SEEN:
        seen.own[name] += 1
        seen.moved += sum(getattr(x, "nbytes", 0) for x in moved)
