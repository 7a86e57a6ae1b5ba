"""Numba: determinants and Sturm counts of tridiagonal matrices, drawn or given.

The one recurrence behind all is that of the leading principal minors of T - x,

    D_j = (d_j - x) D_{j-1} - e_{j-1}^2 D_{j-2},

whose changes of sign count the eigenvalues below x (Sturm) and whose last term is the determinant.
It has no division, and every D_j is the exact minor of a matrix within an ulp of T in each entry.
Pairs of neighbours are scaled by a power of two every eight rows, so nothing over- or underflows.
"""

from __future__ import annotations

import math

import numpy as np

from numerics.compiled import LANES
from numerics.compiled.floats import LN2, bits, from_bits
from numerics.compiled.jit import kernel, piece
from numerics.compiled.rows import BLOCK, fill

_STRIDE = 8  # rows between two rescalings
_INFINITY = math.inf


@kernel
def begin(p0, p1, exponent, count):
    """Set the minors of a sweep to D_{-1} = 0, D_0 = 1."""
    for w in range(LANES):
        # same (0.0 -> 1.0, 0.0 -> -1.0): times the entry above the first row, which is zero
        p0[w] = 0.0
        p1[w] = 1.0
        exponent[w] = 0
        count[w] = 0


@piece
def _scale_of(high):
    """Return 2^(1023 - high), what brings a number of biased exponent `high` to [1, 2)."""
    return from_bits((2046 - high) << 52)


@kernel
def sweep(d, squares, rows, shift, p0, p1, exponent, count):
    """Carry the minors of T - shift over `rows` more rows: (p0, p1) = (D_{j-1}, D_j) 2^-exponent."""
    j = 0
    # same (comparisons): what is left goes row by row
    while j + _STRIDE <= rows:
        for w in range(LANES):
            x, a, b = shift[w], p0[w], p1[w]
            c = (d[j, w] - x) * b - squares[j, w] * a
            changes = (bits(c) ^ bits(b)) >> 63
            a = (d[j + 1, w] - x) * c - squares[j + 1, w] * b
            changes += (bits(a) ^ bits(c)) >> 63
            b = (d[j + 2, w] - x) * a - squares[j + 2, w] * c
            changes += (bits(b) ^ bits(a)) >> 63
            c = (d[j + 3, w] - x) * b - squares[j + 3, w] * a
            changes += (bits(c) ^ bits(b)) >> 63
            a = (d[j + 4, w] - x) * c - squares[j + 4, w] * b
            changes += (bits(a) ^ bits(c)) >> 63
            b = (d[j + 5, w] - x) * a - squares[j + 5, w] * c
            changes += (bits(b) ^ bits(a)) >> 63
            c = (d[j + 6, w] - x) * b - squares[j + 6, w] * a
            changes += (bits(c) ^ bits(b)) >> 63
            a = (d[j + 7, w] - x) * c - squares[j + 7, w] * b
            changes += (bits(a) ^ bits(c)) >> 63
            # The arithmetic shift of the sign gives -1 a change.
            count[w] -= changes
            high = max(bits(abs(a)), bits(abs(c))) >> 52
            scale = _scale_of(high)
            p0[w] = c * scale
            p1[w] = a * scale
            exponent[w] += high - 1023
        j += _STRIDE
    while j < rows:
        for w in range(LANES):
            c = (d[j, w] - shift[w]) * p1[w] - squares[j, w] * p0[w]
            count[w] -= (bits(c) ^ bits(p1[w])) >> 63
            p0[w] = p1[w]
            p1[w] = c
        j += 1


@kernel
def _sweep_tile(key, first, n, x, d, squares, doubtful, p0, p1, exponent, count, sums):
    """Draw LANES matrices of GOE(n), sweep them at levels x (levels, LANES): last minors, counts.

    Block by block, d and squares being buffers of one; `sums` (2, LANES) becomes tr T and tr T^2
    unless it has no row.
    """
    for m in range(len(x)):
        begin(p0[m], p1[m], exponent[m], count[m])
    for m in range(len(sums)):
        for w in range(LANES):
            sums[m, w] = 0.0
    for start in range(0, n, len(d)):
        rows = min(len(d), n - start)
        fill(key, first, n, start, rows, d, squares, doubtful)
        for j in range(rows if len(sums) > 0 else 0):
            for w in range(LANES):
                sums[0, w] += d[j, w]
                sums[1, w] += d[j, w] * d[j, w] + 2.0 * squares[j, w]
        for m in range(len(x)):
            sweep(d, squares, rows, x[m], p0[m], p1[m], exponent[m], count[m])


@kernel
def _log_minor(last, exponent):
    """Return log |last 2^exponent|, -inf for zero."""
    size = abs(last)
    return math.log(size) + exponent * LN2 if size != 0.0 else -_INFINITY


@kernel
def sweep_drawn(key, first, n, shifts, log_abs, index, traces):
    """Draw matrices of GOE(n) and sweep each at its shifts (samples, levels).

    Set `traces` (samples, 2) to tr T and tr T^2 unless it is empty.
    """
    samples, levels = shifts.shape
    d, squares = np.empty((BLOCK, LANES)), np.empty((BLOCK, LANES))
    p0, p1 = np.empty((levels, LANES)), np.empty((levels, LANES))
    exponent = np.empty((levels, LANES), np.int64)
    count = np.empty((levels, LANES), np.int64)
    doubtful = np.empty(LANES, np.int64)
    x, sums = np.zeros((levels, LANES)), np.zeros((2 if len(traces) else 0, LANES))
    for tile in range(0, samples, LANES):
        live = min(LANES, samples - tile)
        for m in range(levels):
            for w in range(live):
                x[m, w] = shifts[tile + w, m]
        _sweep_tile(key, first + tile, n, x, d, squares, doubtful, p0, p1, exponent, count, sums)
        for m in range(len(sums)):
            for w in range(live):
                traces[tile + w, m] = sums[m, w]
        for m in range(levels):
            for w in range(live):
                log_abs[tile + w, m] = _log_minor(p1[m, w], exponent[m, w])
                index[tile + w, m] = count[m, w]


@kernel
def load(d, off, tile, buffer_d, buffer_squares):
    """Copy LANES rows of (samples, n) matrices into buffers (n, LANES); the last one fills up."""
    samples, n = d.shape
    for w in range(LANES):
        source = min(tile + w, samples - 1)
        buffer_squares[0, w] = 0.0
        for j in range(n):
            buffer_d[j, w] = d[source, j]
        for j in range(n - 1):
            # Below this an entry is lost in the rounding of the others, which are of order 1.
            # same (110 -> 111, 110 -> 109): so far below the rounding, or a little less
            buffer_squares[j + 1, w] = max(off[source, j] ** 2, 2.0**-110)


@kernel
def sweep_given(d, off, shifts, log_abs, index):
    """Sweep matrices (samples, n), (samples, n - 1) with entries of order 1 at shifts (samples,)."""
    samples, n = d.shape
    buffer_d, buffer_squares = np.empty((n, LANES)), np.empty((n, LANES))
    p0, p1, x = np.empty(LANES), np.empty(LANES), np.zeros(LANES)
    exponent, count = np.empty(LANES, np.int64), np.empty(LANES, np.int64)
    for tile in range(0, samples, LANES):
        live = min(LANES, samples - tile)
        load(d, off, tile, buffer_d, buffer_squares)
        for w in range(live):
            x[w] = shifts[tile + w]
        begin(p0, p1, exponent, count)
        sweep(buffer_d, buffer_squares, n, x, p0, p1, exponent, count)
        for w in range(live):
            last = abs(p1[w])
            if last == 0.0:
                # An eigenvalue at the shift is not below it.
                log_abs[tile + w] = -math.inf
                index[tile + w] = count[w] - (p0[w] < 0.0)
            else:
                log_abs[tile + w] = math.log(last) + exponent[w] * LN2
                index[tile + w] = count[w]
