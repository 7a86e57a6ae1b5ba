"""Memory of the device: NumPy's, with garbage in it, and with guards around every allocation.

A word of garbage is a NaN as one float64 and as two float32, and as an index is out of all bounds. What is
freed is garbage again. A guard that has changed is an error of the next call that looks: every launch looks
at those of its arguments, and what is freed is looked at by the next one.
"""

import bisect
import weakref

import numpy as np

from cupy import standin

GARBAGE = 0x7FFADEAD_7FFABEEF
_GUARD = 64  # bytes, before and behind
_ALIGNED = 64
_PATTERN = np.full(_GUARD // 8, GARBAGE, dtype=np.uint64).tobytes()
_ODD = np.frombuffer(_PATTERN, dtype=np.uint8)


class OutOfMemoryError(MemoryError):
    """Out of memory of the device."""

    def __init__(self, size, total, limit=0):
        super().__init__(
            f"Out of memory allocating {size:,} bytes (allocated so far: {total:,} bytes)."
        )


class WrittenOutOfBounds(AssertionError):
    """A kernel wrote beside an array."""


class Allocation:
    """Bytes of the device that are one array's, and the views' of it."""

    __slots__ = ("__weakref__", "_all", "_start", "address", "bytes", "dtype", "size")

    def __init__(self, size, dtype, garbage=True):
        if used() + size > standin.capacity():
            raise OutOfMemoryError(size, used())
        self._all = np.empty(size + 2 * _GUARD + _ALIGNED, dtype=np.uint8)
        here = self._all.ctypes.data + _GUARD
        self._start = _GUARD + -here % _ALIGNED
        self.size, self.dtype = size, np.dtype(dtype)
        self.bytes = self._all[self._start : self._start + size]
        self.address = self._all.ctypes.data + self._start
        self._all[self._start - _GUARD : self._start] = _ODD
        self._all[self._start + size : self._start + size + _GUARD] = _ODD
        if garbage:
            self._spoil()
        _live.add(self)

    def _spoil(self):
        if self.dtype.kind == "b":
            self.bytes[::2], self.bytes[1::2] = 1, 0
        elif self.size:
            whole = self.size // 8 * 8
            self.bytes[:whole].view(np.uint64)[:] = GARBAGE
            self.bytes[whole:] = _ODD[: self.size - whole]

    def sound(self):
        """Tell whether the guards are as they were."""
        behind, a = self._start + self.size, self._all
        before = a[self._start - _GUARD : self._start].tobytes() == _PATTERN
        return before and a[behind : behind + _GUARD].tobytes() == _PATTERN

    def __del__(self):
        if hasattr(self, "address"):
            _live.remove(self)
            if not self.sound():
                _broken.append(f"{self.size} bytes of {self.dtype}, freed")
            self._spoil()


class _Live:
    """The allocations there are, by address."""

    def __init__(self):
        self.addresses, self.of, self.used = [], {}, 0

    def add(self, one):
        bisect.insort(self.addresses, one.address)
        self.of[one.address] = weakref.ref(one)
        self.used += one.size

    def remove(self, one):
        del self.addresses[bisect.bisect_left(self.addresses, one.address)]
        del self.of[one.address]
        self.used -= one.size


_live, _broken = _Live(), []


def used():
    """Return the bytes in use."""
    return _live.used


def allocation_at(pointer):
    """Return the allocation that a pointer points into, and how far; else refuse."""
    at = bisect.bisect_right(_live.addresses, pointer) - 1
    one = _live.of[_live.addresses[at]]() if at >= 0 else None
    if one is None or pointer >= one.address + max(1, one.size):
        raise ValueError(f"{pointer:#x} is no address of the device")
    return one, pointer - one.address


def look(allocations, what):
    """Raise if a guard has changed, of these allocations or of some that were freed since."""
    found = [*_broken]
    _broken.clear()
    found += [f"{x.size} bytes of {x.dtype}" for x in allocations if not x.sound()]
    if found:
        raise WrittenOutOfBounds(f"{what}: written beside an array of {', '.join(found)}")


def look_everywhere(what="the device"):
    """Raise if any guard has changed."""
    look([one for one in (ref() for ref in _live.of.values()) if one is not None], what)


class MemoryPointer:
    """Where an array begins."""

    __slots__ = ("mem", "ptr")

    def __init__(self, mem, ptr):
        self.mem, self.ptr = mem, ptr

    @property
    def device(self):
        from cupy.cuda import Device

        return Device(0)

    device_id = 0


class MemoryPool:
    """The pool: here nothing that was freed is kept."""

    def free_bytes(self):
        return 0

    def used_bytes(self):
        return used()

    def total_bytes(self):
        return used()

    def free_all_blocks(self, stream=None):
        pass

    def get_limit(self):
        return standin.capacity()
