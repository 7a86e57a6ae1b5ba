"""CuPy's memory."""

from cupy._memory import MemoryPointer, MemoryPool, OutOfMemoryError  # noqa: F401
