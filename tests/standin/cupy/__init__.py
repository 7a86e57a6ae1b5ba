"""A strict stand-in for CuPy 14.2, on the host: see `cupy.standin`.

For tests where there is no device. Put the folder it is in on the path: the package that is verified then
finds CuPy and a device, whose arrays are of a type of their own, whose kernels are compiled for the host
from the same source, and which refuses what CuPy refuses.
"""

from numpy import (
    bool_,
    complex64,
    complex128,
    complexfloating,
    dtype,
    e,
    float16,
    float32,
    float64,
    floating,
    generic,
    inexact,
    inf,
    int8,
    int16,
    int32,
    int64,
    int_,
    integer,
    intp,
    nan,
    newaxis,
    number,
    pi,
    signedinteger,
    uint8,
    uint16,
    uint32,
    uint64,
    unsignedinteger,
)

from cupy import cuda, fft, linalg, standin
from cupy._array import ndarray
from cupy._functions import *  # noqa: F403
from cupy._memory import MemoryPool as _MemoryPool
from cupy._module import RawKernel, RawModule

__version__ = "14.2.0+standin"

_POOL = _MemoryPool()


def get_default_memory_pool():
    """Return the pool of the device."""
    return _POOL


def is_available():
    """Tell that there is a device."""
    return True
