"""Everything Numba compiles: Philox draws, tridiagonal GOE matrices, Sturm sweeps, eigenvalues.

One file, because Numba keeps its results by file: a change here is compiled anew. Nothing imports
it before something is drawn (`numerics.tridiagonal` is the face).

Draws. One block of Philox4x32-10, 128 bits, is one row of a tridiagonal GOE matrix: 53 bits for
the length and 53 for the angle of a pair of normals (Box and Muller), the remaining 22 for the
acceptance of a chi square variate (Marsaglia and Tsang 2000). What a block holds depends on its key
and counter alone, so rows and samples can be drawn in any order, in any number, on any device.

Sweeps. The one recurrence behind all is that of the leading principal minors of T - x,

    D_j = (d_j - x) D_{j-1} - e_{j-1}^2 D_{j-2},

whose changes of sign count the eigenvalues below x (Sturm) and whose last term is the determinant.
It has no division, and every D_j is the exact minor of a matrix within an ulp of T in each entry.
Pairs of neighbours are scaled by a power of two every eight rows, so nothing over- or underflows.

Matrices run in tiles of `LANES`; LLVM turns the loops over lanes into vector code. Tiles are drawn
and computed in full, so no bit of a matrix's result depends on how many were asked for.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from llvmlite import ir
from numba import njit, types
from numba.extending import intrinsic

LANES = 32
"""Matrices in a tile."""

TILE = 16
"""Replicas in one matrix product (`numerics.blocked`)."""

_STRIDE = 8  # rows between two rescalings
_BLOCK = 64  # rows drawn at once where they are swept at once

U = np.uint64

# Division by zero gives infinity: a check would keep a loop from becoming vector code.
_kernel = njit(cache=True, error_model="numpy", nogil=True)
_piece = njit(inline="always", error_model="numpy")

_MULTIPLY_0, _MULTIPLY_1 = U(0xD2511F53), U(0xCD9E8D57)
_KEY_STEP_0, _KEY_STEP_1 = U(0x9E3779B9), U(0xBB67AE85)
_LOW, _HALF = U(0xFFFFFFFF), U(32)

_MANTISSA = (1 << 52) - 1
_SQRT_HALF_HIGH = 0x3FE6A09E00000000  # the bits of just under sqrt(1/2)
_LN2 = math.log(2)
_INFINITY = math.inf
_QUARTER = math.pi / 2


@intrinsic
def bits(typing: Any, x: Any) -> Any:
    """Return the bits of a float64 as an int64."""

    def emit(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        return builder.bitcast(args[0], ir.IntType(64))

    return types.int64(types.float64), emit


@intrinsic
def from_bits(typing: Any, x: Any) -> Any:
    """Return the float64 that has the bits of an int64."""

    def emit(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        return builder.bitcast(args[0], ir.DoubleType())

    return types.float64(types.int64), emit


@_piece
def _mix(c0, c1, c2, c3, k0, k1):
    """Return one round of Philox4x32."""
    a, b = _MULTIPLY_0 * c0, _MULTIPLY_1 * c2
    return (b >> _HALF) ^ c1 ^ k0, b & _LOW, (a >> _HALF) ^ c3 ^ k1, a & _LOW


@_piece
def philox(c0, c1, c2, c3, k0, k1):
    """Return the block of Philox4x32-10 at a counter of four words under a key of two.

    Salmon, Moraes, Dror and Shaw, "Parallel random numbers: as easy as 1, 2, 3", SC 2011.
    """
    c0, c1, c2, c3 = _mix(c0, c1, c2, c3, k0, k1)
    k0, k1 = (k0 + _KEY_STEP_0) & _LOW, (k1 + _KEY_STEP_1) & _LOW
    c0, c1, c2, c3 = _mix(c0, c1, c2, c3, k0, k1)
    k0, k1 = (k0 + _KEY_STEP_0) & _LOW, (k1 + _KEY_STEP_1) & _LOW
    c0, c1, c2, c3 = _mix(c0, c1, c2, c3, k0, k1)
    k0, k1 = (k0 + _KEY_STEP_0) & _LOW, (k1 + _KEY_STEP_1) & _LOW
    c0, c1, c2, c3 = _mix(c0, c1, c2, c3, k0, k1)
    k0, k1 = (k0 + _KEY_STEP_0) & _LOW, (k1 + _KEY_STEP_1) & _LOW
    c0, c1, c2, c3 = _mix(c0, c1, c2, c3, k0, k1)
    k0, k1 = (k0 + _KEY_STEP_0) & _LOW, (k1 + _KEY_STEP_1) & _LOW
    c0, c1, c2, c3 = _mix(c0, c1, c2, c3, k0, k1)
    k0, k1 = (k0 + _KEY_STEP_0) & _LOW, (k1 + _KEY_STEP_1) & _LOW
    c0, c1, c2, c3 = _mix(c0, c1, c2, c3, k0, k1)
    k0, k1 = (k0 + _KEY_STEP_0) & _LOW, (k1 + _KEY_STEP_1) & _LOW
    c0, c1, c2, c3 = _mix(c0, c1, c2, c3, k0, k1)
    k0, k1 = (k0 + _KEY_STEP_0) & _LOW, (k1 + _KEY_STEP_1) & _LOW
    c0, c1, c2, c3 = _mix(c0, c1, c2, c3, k0, k1)
    k0, k1 = (k0 + _KEY_STEP_0) & _LOW, (k1 + _KEY_STEP_1) & _LOW
    return _mix(c0, c1, c2, c3, k0, k1)


@_piece
def log(u):
    """Return log u for a normal float64 u > 0, within an ulp or two (the polynomial of fdlibm)."""
    raw = bits(u)
    # The exponent for which the rest lies in [sqrt(1/2), sqrt 2).
    exponent = (raw - _SQRT_HALF_HIGH) >> 52
    f = from_bits(raw - (exponent << 52)) - 1.0
    s = f / (2.0 + f)
    z = s * s
    r = z * 1.479819860511658591e-01 + 1.531383769920937332e-01
    r = z * r + 1.818357216161805012e-01
    r = z * r + 2.222219843214978396e-01
    r = z * r + 2.857142874366239149e-01
    r = z * r + 3.999999999940941908e-01
    r = z * r + 6.666666666666735130e-01
    return exponent * _LN2 + (f - s * (f - z * r))


@_piece
def row(c0, c1, c2, c3, k0, k1):
    """Return two independent standard normals and a uniform integer of 22 bits from one block."""
    r0, r1, r2, r3 = philox(c0, c1, c2, c3, k0, k1)
    # In (0, 1), 2^-54 from either end at least.
    u = (np.int64((r0 << U(21)) | (r1 >> U(11))) + 0.5) * 2.0**-53
    length = math.sqrt(-2.0 * log(u))
    angle = np.int64((r2 << U(21)) | (r3 >> U(11)))
    # Two bits choose the quadrant's axis and side, the others the angle within pi/4 of that axis.
    t = ((angle >> 2) - (2.0**50 - 0.5)) * (_QUARTER * 2.0**-51)
    z = t * t
    sine = z * 1.58969099521155010221e-10 - 2.50507602534068634195e-08
    sine = z * sine + 2.75573137070700676789e-06
    sine = z * sine - 1.98412698298579493134e-04
    sine = z * sine + 8.33333333332248946124e-03
    sine = z * sine - 1.66666666666666324348e-01
    sine = length * (t + t * z * sine)
    cosine = z * -1.13596475577881948265e-11 + 2.08757232129817482790e-09
    cosine = z * cosine - 2.75573143513906633035e-07
    cosine = z * cosine + 2.48015872894767294178e-05
    cosine = z * cosine - 1.38888888888741095749e-03
    cosine = z * cosine + 4.16666666666666019037e-02
    cosine = length * (1.0 - 0.5 * z + z * z * cosine)
    cosine = from_bits(bits(cosine) ^ ((angle & 1) << 63))
    swap = (angle & 2) != 0
    x = sine if swap else cosine
    y = cosine if swap else sine
    return x, y, ((r1 & U(2047)) << U(11)) | (r3 & U(2047))


@_kernel
def gamma(degrees, c0, c1, c3, k0, k1):
    """Return half a chi square variate of `degrees` >= 1 degrees of freedom, from counter words 2.

    Word 2 counts attempts: even ones are rows (0 is the row's own), odd ones refine the uniform.
    """
    _, x, coarse = row(c0, c1, U(0), c3, k0, k1)
    if degrees == 1:
        return 0.5 * x * x
    shape = 0.5 * degrees - 1.0 / 3.0
    attempt = U(0)
    while True:
        y = x / (3.0 * math.sqrt(shape))
        if y > -1.0:
            # Marsaglia and Tsang: accept with probability exp(shape * g).
            v = 1.0 + y
            g = 1.5 * y * y - 3.0 * y - y * y * y + 3.0 * math.log1p(y)
            fine, _, _, _ = philox(c0, c1, attempt + U(1), c3, k0, k1)
            uniform = (np.float64(coarse) + (np.float64(fine) + 0.5) * 2.0**-32) * 2.0**-22
            if math.log(uniform) < shape * g:
                return shape * (v * v * v)
        attempt += U(2)
        _, x, coarse = row(c0, c1, attempt, c3, k0, k1)


@_kernel
def fill(key, first, n, start, rows, d, squares, doubtful):
    """Draw rows start .. start + rows - 1 of matrices first .. first + LANES - 1 of GOE(n).

    d[j, w] is N(0, 1/n); squares[j, w] is the square of the entry above it, chi_{n-j}^2 / (2n),
    zero in row 0.
    """
    k0, k1, nonce = key[0], key[1], key[2]
    inverse, root = 1.0 / n, 1.0 / math.sqrt(n)
    for j in range(rows):
        degrees = n - start - j
        shape = max(0.5 * degrees - 1.0 / 3.0, 0.25)
        c = 1.0 / (3.0 * math.sqrt(shape))
        scale = shape * inverse
        c0 = U(start + j)
        narrow, total = np.int64(degrees == 1), 0
        for w in range(LANES):
            x, z, coarse = row(c0, U(first + w) & _LOW, U(0), nonce, k0, k1)
            d[j, w] = x * root
            # Accept where uniform < 1 - 1.5 shape y^4 <= exp(shape g): for y > -1/2,
            # g = -3 int_0^y t^3/(1+t) dt >= -1.5 y^4. The others are looked at again.
            y = c * z
            y2 = y * y
            v = 1.0 + y
            squares[j, w] = scale * (v * v * v)
            high = (np.float64(np.int64(coarse)) + 1.0) * 2.0**-22 + 1.5 * shape * (y2 * y2)
            doubt = np.int64(high > 1.0) | np.int64(y < -0.5) | narrow
            doubtful[w] = doubt
            total += doubt
        if start + j == 0:
            for w in range(LANES):
                squares[j, w] = 0.0
        elif total:
            for w in range(LANES):
                if doubtful[w]:
                    squares[j, w] = inverse * gamma(degrees, c0, U(first + w) & _LOW, nonce, k0, k1)


@_kernel
def _start(p0, p1, exponent, count):
    """Set the minors of a sweep to D_{-1} = 0, D_0 = 1."""
    for w in range(LANES):
        p0[w] = 0.0
        p1[w] = 1.0
        exponent[w] = 0
        count[w] = 0


@_piece
def _scale_of(high):
    """Return 2^(1023 - high), what brings a number of biased exponent `high` to [1, 2)."""
    return from_bits((2046 - high) << 52)


@_kernel
def _sweep(d, squares, rows, shift, p0, p1, exponent, count):
    """Carry the minors of T - shift over `rows` more rows: (p0, p1) = (D_{j-1}, D_j) 2^-exponent."""
    j = 0
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


@_kernel
def _sweep_tile(key, first, n, x, d, squares, doubtful, p0, p1, exponent, count, sums):
    """Draw LANES matrices of GOE(n), sweep them at levels x (levels, LANES): last minors, counts.

    Block by block, d and squares being buffers of one; `sums` (2, LANES) becomes tr T and tr T^2
    unless it has no row.
    """
    for m in range(len(x)):
        _start(p0[m], p1[m], exponent[m], count[m])
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
            _sweep(d, squares, rows, x[m], p0[m], p1[m], exponent[m], count[m])


@_kernel
def _log_minor(last, exponent):
    """Return log |last 2^exponent|, -inf for zero."""
    size = abs(last)
    return math.log(size) + exponent * _LN2 if size != 0.0 else -_INFINITY


@_kernel
def sweep_drawn(key, first, n, shifts, log_abs, index, traces):
    """Draw matrices of GOE(n) and sweep each at its shifts (samples, levels).

    Set `traces` (samples, 2) to tr T and tr T^2 unless it is empty.
    """
    samples, levels = shifts.shape
    d, squares = np.empty((_BLOCK, LANES)), np.empty((_BLOCK, LANES))
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


@_kernel
def _load(d, off, tile, buffer_d, buffer_squares):
    """Copy LANES rows of (samples, n) matrices into buffers (n, LANES); the last one fills up."""
    samples, n = d.shape
    for w in range(LANES):
        source = min(tile + w, samples - 1)
        buffer_squares[0, w] = 0.0
        for j in range(n):
            buffer_d[j, w] = d[source, j]
        for j in range(n - 1):
            # Below this an entry is lost in the rounding of the others, which are of order 1.
            buffer_squares[j + 1, w] = max(off[source, j] ** 2, 2.0**-110)


@_kernel
def sweep_given(d, off, shifts, log_abs, index):
    """Sweep matrices (samples, n), (samples, n - 1) with entries of order 1 at shifts (samples,)."""
    samples, n = d.shape
    buffer_d, buffer_squares = np.empty((n, LANES)), np.empty((n, LANES))
    p0, p1, x = np.empty(LANES), np.empty(LANES), np.zeros(LANES)
    exponent, count = np.empty(LANES, np.int64), np.empty(LANES, np.int64)
    for tile in range(0, samples, LANES):
        live = min(LANES, samples - tile)
        _load(d, off, tile, buffer_d, buffer_squares)
        for w in range(live):
            x[w] = shifts[tile + w]
        _start(p0, p1, exponent, count)
        _sweep(buffer_d, buffer_squares, n, x, p0, p1, exponent, count)
        for w in range(live):
            last = abs(p1[w])
            if last == 0.0:
                # An eigenvalue at the shift is not below it.
                log_abs[tile + w] = -math.inf
                index[tile + w] = count[w] - (p0[w] < 0.0)
            else:
                log_abs[tile + w] = math.log(last) + exponent[w] * _LN2
                index[tile + w] = count[w]


@_kernel
def draw(key, first, n, d, off):
    """Draw the first rows of matrices of GOE(n): d (samples, rows), off (samples, rows - 1)."""
    samples, rows = d.shape
    buffer_d, buffer_squares = np.empty((_BLOCK, LANES)), np.empty((_BLOCK, LANES))
    doubtful = np.empty(LANES, np.int64)
    for tile in range(0, samples, LANES):
        for start in range(0, rows, _BLOCK):
            count = min(_BLOCK, rows - start)
            fill(key, first + tile, n, start, count, buffer_d, buffer_squares, doubtful)
            for w in range(min(LANES, samples - tile)):
                for j in range(count):
                    d[tile + w, start + j] = buffer_d[j, w]
                    if start + j > 0:
                        off[tile + w, start + j - 1] = math.sqrt(buffer_squares[j, w])


@_kernel
def _bound(d, squares, rows, bound):
    """Set bound[w] above every eigenvalue in modulus (Gershgorin)."""
    for w in range(LANES):
        bound[w] = 0.0
    for j in range(rows):
        last = j == rows - 1
        for w in range(LANES):
            beyond = 0.0 if last else math.sqrt(squares[j + (not last), w])
            bound[w] = max(bound[w], abs(d[j, w]) + math.sqrt(squares[j, w]) + beyond)
    for w in range(LANES):
        bound[w] *= 1.0 + 2.0**-40


@_kernel
def _scaled(mantissa, exponent, reference):
    """Return mantissa 2^(exponent - reference), exponent <= reference but for the first steps."""
    return mantissa * from_bits((max(-1000, min(1000, exponent - reference)) + 1023) << 52)


@_kernel
def _lowest_tile(d, squares, rows, out, ends, values, counts, exponents):
    """Set out (k, LANES) to the k lowest eigenvalues.

    Every lane goes its own way through its eigenvalues: bisection by Sturm counts until one is
    alone in its bracket, then Chandrupatla's method (inverse quadratic steps, bisections where
    they would be unsafe) on the determinant. All lanes share each sweep.

    Work space, each (2, k, LANES): for every wanted eigenvalue the best lower and upper end known to
    be its own: the level, the scaled determinant there, the Sturm count (-1: none yet), the
    exponent of the determinant. Brackets grow out of these.
    """
    k = len(out)
    bound = np.empty(LANES)
    _bound(d, squares, rows, bound)
    for w in range(LANES):
        for i in range(k):
            ends[0, i, w], ends[1, i, w] = -bound[w], bound[w]
            for side in range(2):
                values[side, i, w], exponents[side, i, w], counts[side, i, w] = 1.0, 0, -1
    p0, p1, x = np.empty(LANES), np.empty(LANES), np.empty(LANES)
    exponent, count = np.empty(LANES, np.int64), np.empty(LANES, np.int64)
    at = np.zeros(LANES, np.int64)
    closing = np.zeros(LANES, np.bool_)
    # Chandrupatla's three points: the newest, the other end of the bracket, the one before.
    a, b, c = np.empty(LANES), np.empty(LANES), np.empty(LANES)
    fa, fb, fc = np.empty(LANES), np.empty(LANES), np.empty(LANES)
    reference = np.zeros(LANES, np.int64)
    left = LANES
    for w in range(LANES):
        x[w] = -bound[w]
    while left > 0:
        _start(p0, p1, exponent, count)
        _sweep(d, squares, rows, x, p0, p1, exponent, count)
        for w in range(LANES):
            if at[w] == k:
                continue
            below, value, y = count[w], abs(p1[w]), x[w]
            if below > 0:
                i = min(below, k) - 1
                if y <= ends[1, i, w]:
                    ends[1, i, w], counts[1, i, w] = y, below
                    values[1, i, w], exponents[1, i, w] = value, exponent[w]
            if below < k:
                i = max(below, at[w])
                if y >= ends[0, i, w]:
                    ends[0, i, w], counts[0, i, w] = y, below
                    values[0, i, w], exponents[0, i, w] = value, exponent[w]
            tolerance = bound[w] * 2.0**-53
            if closing[w]:
                f = _scaled(value, exponent[w], reference[w])
                if below > at[w]:
                    f = -f
                if (f < 0) == (fa[w] < 0):
                    c[w], fc[w] = a[w], fa[w]
                else:
                    c[w], fc[w] = b[w], fb[w]
                    b[w], fb[w] = a[w], fa[w]
                a[w], fa[w] = y, f
            while at[w] < k:
                i = at[w]
                if not closing[w]:
                    above = i
                    while counts[1, above, w] < 0 and above < k - 1:
                        above += 1
                    low, high = ends[0, i, w], ends[1, above, w]
                    if counts[0, i, w] == i and counts[1, above, w] == i + 1:
                        closing[w] = True
                        reference[w] = max(exponents[0, i, w], exponents[1, i, w])
                        a[w], b[w] = high, low
                        fa[w] = -_scaled(values[1, i, w], exponents[1, i, w], reference[w])
                        fb[w] = _scaled(values[0, i, w], exponents[0, i, w], reference[w])
                        c[w], fc[w] = low, fb[w]
                    elif high - low > 2.0 * tolerance:
                        x[w] = 0.5 * (low + high)
                        break
                    else:
                        out[i, w] = 0.5 * (low + high)
                if closing[w]:
                    width = abs(b[w] - a[w])
                    if width > 2.0 * tolerance and fa[w] != 0.0:
                        xi = (a[w] - b[w]) / (c[w] - b[w])
                        phi = (fa[w] - fb[w]) / (fc[w] - fb[w])
                        t = 0.5
                        if phi * phi < xi and (1.0 - phi) * (1.0 - phi) < 1.0 - xi:
                            t = fa[w] / (fb[w] - fa[w]) * fc[w] / (fb[w] - fc[w])
                            t += (
                                ((c[w] - a[w]) / (b[w] - a[w]))
                                * (fa[w] / (fc[w] - fa[w]))
                                * (fb[w] / (fc[w] - fb[w]))
                            )
                        least = tolerance / width
                        t = max(least, min(1.0 - least, t))
                        x[w] = a[w] + t * (b[w] - a[w])
                        break
                    out[i, w] = a[w] if abs(fa[w]) < abs(fb[w]) else b[w]
                    closing[w] = False
                at[w] = i + 1
                if i + 1 == k:
                    left -= 1
                elif counts[0, i + 1, w] < 0:
                    # What is below one eigenvalue is below the next.
                    ends[0, i + 1, w], counts[0, i + 1, w] = ends[0, i, w], counts[0, i, w]
    for w in range(LANES):
        for i in range(1, k):
            out[i, w] = max(out[i, w], out[i - 1, w])


@_kernel
def lowest_given(d, off, out):
    """Set out (samples, k) to the lowest eigenvalues of matrices with entries of order 1."""
    samples, n = d.shape
    k = out.shape[1]
    buffer_d, buffer_squares = np.empty((n, LANES)), np.empty((n, LANES))
    found, ends, values = np.empty((k, LANES)), np.empty((2, k, LANES)), np.empty((2, k, LANES))
    counts, exponents = np.empty((2, k, LANES), np.int64), np.empty((2, k, LANES), np.int64)
    for tile in range(0, samples, LANES):
        _load(d, off, tile, buffer_d, buffer_squares)
        _lowest_tile(buffer_d, buffer_squares, n, found, ends, values, counts, exponents)
        for w in range(min(LANES, samples - tile)):
            for i in range(k):
                out[tile + w, i] = found[i, w]


@_kernel
def lowest_drawn(key, first, n, rows, out):
    """Set out (samples, k) to the lowest eigenvalues of the first `rows` rows drawn of GOE(n)."""
    samples, k = out.shape
    d, squares = np.empty((rows, LANES)), np.empty((rows, LANES))
    doubtful = np.empty(LANES, np.int64)
    found, ends, values = np.empty((k, LANES)), np.empty((2, k, LANES)), np.empty((2, k, LANES))
    counts, exponents = np.empty((2, k, LANES), np.int64), np.empty((2, k, LANES), np.int64)
    for tile in range(0, samples, LANES):
        fill(key, first + tile, n, 0, rows, d, squares, doubtful)
        _lowest_tile(d, squares, rows, found, ends, values, counts, exponents)
        for w in range(min(LANES, samples - tile)):
            for i in range(k):
                out[tile + w, i] = found[i, w]


@_kernel
def _strip(key, degree, ranks, amplitude, first_row, entries, low, out):
    """Set out (rows,) to one column of couplings, rows first_row .., at sorted `entries` (degree,).

    The Gaussian of a multi-index has its rank as words 0 and 1 of the counter, the order in word 2.
    """
    k0, k1, nonce, order = key[0], key[1], key[2], U(degree + 1)
    last_row = first_row + len(out)
    # The variance is the number of orderings, (degree + 1)! / prod of multiplicities!.
    variance, run = np.float64(degree + 1), 1
    for t in range(1, degree):
        run = run + 1 if entries[t] == entries[t - 1] else 1
        variance = variance * np.float64(t + 1) / np.float64(run)
    # An index i that joins: places below keep theirs, i comes next, those above move up one.
    low[0] = 0
    for t in range(degree):
        low[t + 1] = low[t] + ranks[t, entries[t]]
    factor, above = amplitude * math.sqrt(variance), 0
    for t in range(degree, -1, -1):
        if t < degree:
            above += ranks[t + 1, entries[t]]
        start = max(first_row, entries[t - 1] + 1 if t > 0 else 0)
        stop = min(last_row, entries[t] + 1 if t < degree else last_row)
        if start < stop:
            base, places = U(low[t] + above), ranks[t, start:stop]
            part = out[start - first_row : stop - first_row]
            for w in range(len(part)):
                rank = base + U(places[w])
                x, _, _ = row(rank & _LOW, rank >> _HALF, order, nonce, k0, k1)
                part[w] = factor * x
    # i is there already: dH/ds_i has its multiplicity m, and m! orderings are one: m / sqrt m.
    run = 1
    for t in range(degree):
        run = run + 1 if t > 0 and entries[t] == entries[t - 1] else 1
        i = entries[t] - first_row
        if 0 <= i < len(out) and (t == degree - 1 or entries[t + 1] != entries[t]):
            out[i] *= math.sqrt(np.float64(run + 1))


@_kernel
def _unrank(ranks, rank, degree, entries):
    """Set `entries` (degree,) to the multi-index of this rank among those of its degree."""
    left = rank
    for t in range(degree - 1, -1, -1):
        # The largest entry whose ranks[t, entry] <= left.
        low, high = 0, len(ranks[t])
        while high - low > 1:
            middle = (low + high) >> 1
            if ranks[t, middle] <= left:
                low = middle
            else:
                high = middle
        entries[t] = low
        left -= ranks[t, low]


@_kernel
def couplings(key, p, ranks, amplitude, first_row, first, out):
    """Set out (rows, columns) to couplings A[first_row .., first ..] of `numerics.couplings`."""
    rows, columns = out.shape
    degree = p - 1
    entries, low = np.zeros(degree, np.int64), np.empty(degree + 1, np.int64)
    _unrank(ranks, first, degree, entries)
    strips = np.empty((TILE, rows))
    for start in range(0, columns, TILE):
        width = min(TILE, columns - start)
        for j in range(width):
            _strip(key, degree, ranks, amplitude, first_row, entries, low, strips[j])
            # The next multi-index in colexicographic order.
            t = 0
            while t < degree - 1 and entries[t] == entries[t + 1]:
                entries[t] = 0
                t += 1
            entries[t] += 1
        for i in range(rows):
            for j in range(width):
                out[i, start + j] = strips[j, i]


def _rows(context: Any, builder: Any, signature: Any, args: Any) -> list[Any]:
    """Return pointers to rows of arrays (.., TILE), as vectors, from pairs (array, row)."""
    pointers = []
    for i in range(0, len(args), 2):
        kind = signature.args[i]
        data = context.make_array(kind)(context, builder, args[i]).data
        element = context.get_data_type(kind.dtype)
        first = builder.mul(args[i + 1], ir.Constant(args[i + 1].type, TILE))
        vector = ir.VectorType(element, TILE).as_pointer()
        pointers.append(builder.bitcast(builder.gep(data, [first]), vector))
    return pointers


def _vector_statement(accumulate: bool) -> Any:
    """Return an intrinsic for rows of contiguous arrays: out[i] = (out[i] +) a[j] * b[k].

    LLVM does not see that rows do not overlap, and would go one number at a time.
    """

    def statement(typing: Any, out: Any, i: Any, a: Any, j: Any, b: Any, k: Any) -> Any:
        def emit(context: Any, builder: Any, signature: Any, args: Any) -> Any:
            target, x, y = _rows(context, builder, signature, args)
            align = context.get_abi_sizeof(context.get_data_type(signature.args[0].dtype))
            value = builder.fmul(builder.load(x, align=align), builder.load(y, align=align))
            if accumulate:
                value = builder.fadd(builder.load(target, align=align), value)
            builder.store(value, target, align=align)
            return context.get_dummy_value()

        return types.void(out, types.int64, a, types.int64, b, types.int64), emit

    return intrinsic(statement)


_set_row, _add_row = _vector_statement(False), _vector_statement(True)


@_kernel
def _products_rows(lower, t, starts, first, out):
    """Do `products_block` for one tile."""
    stop = first + len(out)
    k = np.searchsorted(starts, first, side="right") - 1
    to = 0
    while first < stop:
        end = min(stop, starts[k + 1])
        for row in range(first - starts[k], end - starts[k]):
            _set_row(out, to, lower, row, t, k)
            to += 1
        first = end
        k += 1


@_kernel
def products_block(lower, t, starts, first, out):
    """Set `out` to rows first .. of the packed products of degree d of the columns of t.

    All (tiles, rows, TILE). `lower` holds the products of degree d - 1; `starts` (n + 1,) where
    each largest entry begins.
    """
    for g in range(len(out)):
        _products_rows(lower[g], t[g], starts, first, out[g])


@_kernel
def _derivatives_rows(lower, slope, t, v, starts, first, out):
    """Do `derivatives_block` for one tile."""
    stop = first + len(out)
    k = np.searchsorted(starts, first, side="right") - 1
    to = 0
    while first < stop:
        end = min(stop, starts[k + 1])
        for row in range(first - starts[k], end - starts[k]):
            _set_row(out, to, slope, row, t, k)
            _add_row(out, to, lower, row, v, k)
            to += 1
        first = end
        k += 1


@_kernel
def derivatives_block(lower, slope, t, v, starts, first, out):
    """Set `out` to rows of the derivative along v of what `products_block` gives.

    `slope` is the derivative of `lower` along v.
    """
    for g in range(len(out)):
        _derivatives_rows(lower[g], slope[g], t[g], v[g], starts, first, out[g])


@_kernel
def add(part, total):
    """Add to `total` (tiles, n, TILE) in its own precision."""
    for g in range(len(total)):
        for i in range(total.shape[1]):
            for w in range(TILE):
                total[g, i, w] += part[g, i, w]
