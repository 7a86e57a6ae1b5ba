"""The kernels of `numerics.compiled` on a CUDA device: one thread a matrix, or a strip of couplings.

What a thread computes is translated from those functions (`numerics.device.translate`); here are only the
views that each thread takes and the calls from the host. Arrays in the work space have the thread
as last axis, so neighbours read neighbours. No product and sum are fused (``--fmad=false``), so a
device draws and sweeps the very numbers of the host. Work that would not fit the memory is split;
a matrix has the same numbers in any split.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import numpy as np

from numerics.core import backend
from numerics.core.backend import Array, InputError, Namespace
from numerics.core.streams import Key

OPTIONS = ("-std=c++20", "--fmad=false")
"""What NVRTC is told."""

THREADS = 128
"""Threads in a block."""

SHARE = 0.5
"""Part of the free memory that a call may take for its work space."""

_ROWS = 64  # rows drawn at once where they are swept at once; eight divide it
_STRIP = 32  # rows of couplings a thread draws in one column
_ORDERS = 16  # largest p of couplings on a device

_KERNELS = """
using namespace landscapes;

// A work space of `rows` numbers a thread: rows by one lane.
template <class T> DEVICE Array<T, 2> lane(T *work, i64 rows, i64 threads, i64 i) {
    return matrix(work + i, rows, 1, threads, 1);
}
template <class T> DEVICE Array<T, 3> lanes(T *work, i64 k, i64 threads, i64 i) {
    return {work + i, {2, k, 1}, {k * threads, threads, 1}};
}

KERNEL void philox_blocks(i64 count, const u64 *counters, const u64 *keys, u64 *out) {
    ITEMS(i, count) {
        const u64 *c = counters + 4 * i, *k = keys + 2 * i;
        auto [a, b, x, y] = philox(c[0], c[1], c[2], c[3], k[0], k[1]);
        out[4 * i] = a, out[4 * i + 1] = b, out[4 * i + 2] = x, out[4 * i + 3] = y;
    }
}

KERNEL void lowest_drawn(
    i64 count, u64 k0, u64 k1, u64 k2, i64 first, i64 n, i64 rows, i64 k, f64 *drawn, f64 *found,
    i64 *marks, f64 *out
) {
    ITEMS(i, count) {
        u64 words[3] = {k0, k1, k2};
        i64 doubt[1];
        auto d = lane(drawn, rows, count, i), squares = lane(drawn + rows * count, rows, count, i);
        auto ends = lanes(found, k, count, i), values = lanes(found + 2 * k * count, k, count, i);
        auto counts = lanes(marks, k, count, i), exponents = lanes(marks + 2 * k * count, k, count, i);
        fill(vector(words, 3), first + i, n, i64(0), rows, d, squares, vector(doubt, 1));
        _lowest_tile(d, squares, rows, matrix(out + i * k, k, 1, 1, 1), ends, values, counts, exponents);
    }
}

KERNEL void sweep_drawn(
    i64 count, u64 k0, u64 k1, u64 k2, i64 first, i64 n, i64 rows, i64 levels, i64 traced,
    const f64 *shifts, f64 *drawn, f64 *minors, i64 *marks, f64 *sums, f64 *log_abs, i64 *index
) {
    ITEMS(i, count) {
        u64 words[3] = {k0, k1, k2};
        i64 doubt[1], size = levels * count;
        auto d = lane(drawn, rows, count, i), squares = lane(drawn + rows * count, rows, count, i);
        auto p0 = lane(minors, levels, count, i), p1 = lane(minors + size, levels, count, i);
        auto exponent = lane(marks, levels, count, i), found = lane(marks + size, levels, count, i);
        auto x = matrix(shifts + i * levels, levels, 1, 1, 1);
        auto trace = matrix(sums + 2 * i, traced ? 2 : 0, 1, 1, 1);
        _sweep_tile(
            vector(words, 3), first + i, n, x, d, squares, vector(doubt, 1), p0, p1, exponent, found, trace
        );
        for (i64 m = 0; m < levels; ++m) {
            log_abs[i * levels + m] = _log_minor(p1(m, 0), exponent(m, 0));
            index[i * levels + m] = found(m, 0);
        }
    }
}

template <class T> DEVICE void draw_couplings(
    i64 i, u64 k0, u64 k1, u64 k2, i64 p, i64 n, f64 amplitude, i64 first_row, i64 first, i64 rows,
    i64 columns, const i64 *places, T *out
) {
    // Neighbours draw neighbouring columns of the same rows.
    const i64 column = i % columns, row = i / columns * STRIP;
    const i64 length = math_min(i64(STRIP), rows - row);
    u64 words[3] = {k0, k1, k2};
    i64 entries_[ORDERS], low_[ORDERS + 1];
    f64 part[STRIP];
    auto ranks = matrix(places, p, n, n, 1);
    auto entries = vector(entries_, p - 1), low = vector(low_, p);
    _unrank(ranks, first + column, p - 1, entries);
    _strip(vector(words, 3), p - 1, ranks, amplitude, first_row + row, entries, low, vector(part, length));
    for (i64 j = 0; j < length; ++j) out[(row + j) * columns + column] = part[j];
}

#define COUPLINGS(name, T)                                                                        \\
    KERNEL void name(                                                                             \\
        i64 count, u64 k0, u64 k1, u64 k2, i64 p, i64 n, f64 amplitude, i64 first_row, i64 first, \\
        i64 rows, i64 columns, const i64 *places, T *out                               \\
    ) {                                                                                           \\
        ITEMS(i, count)                                                                           \\
        draw_couplings(                                                                           \\
            i, k0, k1, k2, p, n, amplitude, first_row, first, rows, columns, places, out   \\
        );                                                                                        \\
    }
COUPLINGS(couplings_float32, float)
COUPLINGS(couplings_float64, double)
"""

NAMES = ("philox_blocks", "lowest_drawn", "sweep_drawn", "couplings_float32", "couplings_float64")
"""The kernels."""


@lru_cache(maxsize=1)
def source() -> str:
    """Return CUDA C++ of all kernels; a C++ compiler for the host takes it too, as one loop each."""
    from numerics.compiled import couplings, eigenvalues, floats, philox, rows, sweeps
    from numerics.device.translate import source

    parts: list[Any] = [philox._mix, philox.philox, floats.log, philox.row, rows.gamma, rows.fill]
    parts += [sweeps.begin, sweeps._scale_of, sweeps.sweep, sweeps._sweep_tile, sweeps._log_minor]
    parts += [eigenvalues._bound, eigenvalues._scaled, eigenvalues._lowest_tile]
    parts += [couplings._strip, couplings._unrank]
    return f"{source(parts, LANES=1)}#define ORDERS {_ORDERS}\n#define STRIP {_STRIP}\n{_KERNELS}"


def launch(name: str, count: int, *arguments: Array | int | float) -> None:
    """Run a kernel on `count` items: the one place where host and device meet."""
    kernel = backend.kernel(source(), OPTIONS, name)
    kernel((-(-count // THREADS),), (THREADS,), (np.int64(count), *map(_word, arguments)))


def _word(value: Array | int | float) -> Array:
    """Return numbers in the types of the kernels."""
    if isinstance(value, (float, np.uint64)):
        return np.float64(value) if isinstance(value, float) else value
    return np.int64(value) if isinstance(value, int) else value


def _batch(xp: Namespace, words: int, samples: int, memory: int | None) -> int:
    """Return how many items of `words` numbers each fit the memory at once."""
    room = backend.free_memory(xp) if memory is None else memory
    batch = int(room * SHARE) // (8 * words)
    if batch < 1:
        raise InputError(f"memory: got {room} bytes; takes {int(8 * words / SHARE)} or more here")
    return max(1, min(batch, samples))


def lowest_drawn(
    xp: Namespace,
    key: Key,
    n: int,
    samples: int,
    k: int,
    rows: int,
    first: int = 0,
    memory: int | None = None,
) -> Array:
    """Return `numerics.goe.tridiagonals.lowest_drawn`, an array of `xp`, shape (samples, k)."""
    batch = _batch(xp, 2 * rows + 8 * k, samples, memory)
    drawn, found = xp.empty(2 * rows * batch), xp.empty(4 * k * batch)
    marks = xp.empty(4 * k * batch, dtype=xp.int64)
    out = xp.empty((samples, k))
    for start in range(0, samples, batch):
        count = min(batch, samples - start)
        part = out[start : start + count, :]
        launch("lowest_drawn", count, *key, first + start, n, rows, k, drawn, found, marks, part)
    return out


def sweep_drawn(
    xp: Namespace,
    key: Key,
    n: int,
    shifts: Array,
    first: int = 0,
    traced: bool = False,
    memory: int | None = None,
) -> tuple[Array, Array, Array]:
    """Return log |det|, index (samples, levels), and the traces (samples, 2) if `traced`."""
    samples, levels = shifts.shape
    rows = min(n, _ROWS)
    batch = _batch(xp, 2 * rows + 4 * levels, samples, memory)
    drawn, minors = xp.empty(2 * rows * batch), xp.empty(2 * levels * batch)
    marks = xp.empty(2 * levels * batch, dtype=xp.int64)
    log_abs, index = xp.empty((samples, levels)), xp.empty((samples, levels), dtype=xp.int64)
    sums = xp.zeros((samples, 2))
    for start in range(0, samples, batch):
        some = slice(start, min(start + batch, samples))
        outputs = (sums[some, :], log_abs[some, :], index[some, :])
        numbers = (first + start, n, rows, levels, int(traced))
        count = some.stop - start
        launch(
            "sweep_drawn", count, *key, *numbers, shifts[some, :], drawn, minors, marks, *outputs
        )
    return log_abs, index, sums


def couplings(
    key: Key, p: int, places: Array, amplitude: float, first_row: int, first: int, out: Array
) -> Array:
    """Set `out` (rows, columns) to a block of couplings; `places` of `multisets`, on the device."""
    if p > _ORDERS:
        raise InputError.of("p", p, f"at most {_ORDERS} on a device")
    rows, columns = out.shape
    name = "couplings_float32" if out.itemsize == 4 else "couplings_float64"
    numbers = (p, places.shape[1], amplitude, first_row, first, rows, columns)
    launch(name, columns * -(-rows // _STRIP), *key, *numbers, places, out)
    return out
