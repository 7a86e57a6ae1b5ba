"""Memory of the device: NumPy's, with garbage in it, and with guards around every allocation.

A word of garbage is a NaN as one float64 and as two float32, and as an index is out of all bounds. What is
freed is garbage again. A guard that has changed is an error of the next call that looks: every launch looks
at those of its arguments, and what is freed is looked at by the next one.
"""

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


class _Buffer:
    """Bytes of the host for an allocation and its guards, a multiple of a power of two; used again."""

    __slots__ = ("address", "bytes", "room")

    def __init__(self, room):
        whole = np.empty(room + 2 * _GUARD + _ALIGNED, dtype=np.uint8)
        first = -whole.ctypes.data % _ALIGNED
        self.room, self.bytes = room, whole[first : first + room + 2 * _GUARD]
        self.address = whole.ctypes.data + first + _GUARD
        self.bytes[:_GUARD] = _ODD
        spoil(self.bytes[_GUARD:])


def spoil(some):
    """Write garbage over bytes that begin at a word."""
    whole = some.size // 8 * 8
    some[:whole].view(np.uint64)[:] = GARBAGE
    some[whole:] = _ODD[: some.size - whole]


class Allocation:
    """Bytes of the device that are one array's, and the views' of it."""

    __slots__ = ("__weakref__", "_buffer", "address", "dtype", "size")

    def __init__(self, size, dtype):
        if used() + size > standin.capacity():
            raise OutOfMemoryError(size, used())
        room = max(64, 1 << (size - 1).bit_length())
        kept = _free.get(room)
        self._buffer = kept.pop() if kept else _Buffer(room)
        self.address, self.size, self.dtype = self._buffer.address, size, dtype
        self._buffer.bytes[_GUARD + size : 2 * _GUARD + size] = _ODD
        _live[self.address] = weakref.ref(self)
        _USED[0] += size

    @property
    def data(self):
        """The memory, for NumPy; the first byte is at `_GUARD`."""
        return self._buffer.bytes.data

    def guard(self):
        """Write the guards."""
        self._buffer.bytes[:_GUARD] = _ODD
        self._buffer.bytes[_GUARD + self.size : 2 * _GUARD + self.size] = _ODD

    def sound(self):
        """Tell whether the guards are as they were."""
        data, behind = self._buffer.bytes.data, _GUARD + self.size
        return data[:_GUARD] == _PATTERN and data[behind : behind + _GUARD] == _PATTERN

    def __del__(self):
        if _live is None or not hasattr(self, "address"):
            return  # the interpreter ends
        del _live[self.address]
        _USED[0] -= self.size
        if not self.sound():
            _broken.append(f"{self.size} bytes of {self.dtype}, freed")
            self.guard()
        buffer = self._buffer
        spoil(buffer.bytes[_GUARD : _GUARD + self.size + _GUARD])
        if buffer.room <= _KEPT:
            _free.setdefault(buffer.room, []).append(buffer)


OFFSET = _GUARD
_KEPT = 1 << 22  # bytes of a buffer that is used again
_live, _free, _broken, _USED = {}, {}, [], [0]


def used():
    """Return the bytes in use."""
    return _USED[0]


def allocation_at(pointer):
    """Return the allocation that a pointer points into, and how far; else refuse."""
    begin = pointer if pointer in _live else max((x for x in _live if x <= pointer), default=None)
    one = None if begin is None else _live[begin]()
    if one is None or pointer >= one.address + max(1, one.size):
        raise ValueError(f"{pointer:#x} is no address of the device")
    return one, pointer - one.address


def look(allocations, what):
    """Raise if a guard has changed, of these allocations or of some that were freed since."""
    broken = [x for x in allocations if not x.sound()]
    found = [*_broken, *(f"{x.size} bytes of {x.dtype}" for x in broken)]
    if found:
        _broken.clear()
        for one in broken:
            one.guard()  # said once
        raise WrittenOutOfBounds(f"{what}: written beside an array of {', '.join(found)}")


def look_everywhere(what="the device"):
    """Raise if any guard has changed."""
    look([one for one in (ref() for ref in _live.values()) if one is not None], what)


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
        return 0  # of what the device has; buffers of the host are none of it

    def used_bytes(self):
        return used()

    def total_bytes(self):
        return used()

    def free_all_blocks(self, stream=None):
        pass

    def get_limit(self):
        return standin.capacity()
