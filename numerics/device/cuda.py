"""Matrices of the GOE, couplings and normals on a CUDA device: one thread a matrix, or a strip.

Arrays in the work space have the thread as last axis, so neighbours read neighbours. Work that would
not fit the memory is split; a matrix has the same numbers in any split.
"""

from __future__ import annotations

from numerics.core.backend import Array, InputError, Namespace
from numerics.core.streams import Key
from numerics.device.library import batch_of, launch
from numerics.device.per_item import ORDERS, STRIP

_ROWS = 64  # rows drawn at once where they are swept at once; eight divide it


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
    batch = batch_of(xp, 2 * rows + 8 * k, samples, memory)
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
    batch = batch_of(xp, 2 * rows + 4 * levels, samples, memory)
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


def draw_block(
    key: Key, p: int, places: Array, amplitude: float, first_row: int, first: int, out: Array
) -> None:
    """Set `out` (rows, columns) to a block of couplings; `places` of `multisets`, on the device."""
    if p > ORDERS:
        raise InputError.of("p", p, f"at most {ORDERS} on a device")
    rows, columns = out.shape
    name = "couplings_float32" if out.itemsize == 4 else "couplings_float64"
    numbers = (p, places.shape[1], amplitude, first_row, first, rows, columns)
    launch(name, columns * -(-rows // STRIP), *key, *numbers, places, out)


def normals(xp: Namespace, key: Key, step: int, shape: tuple[int, int]) -> Array:
    """Return `numerics.descent.langevin.normals`, an array of `xp`."""
    out = xp.empty(shape)
    size = shape[0] * shape[1]
    launch("normals", -(-size // 2), *key, step, size, out)
    return out
