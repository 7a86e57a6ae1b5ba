"""Numba: Philox4x32-10, and two normals from one of its blocks.

A block, 128 bits, depends on its key and counter alone, so numbers can be drawn in any order, in
any number, on any device. `row` takes 53 bits for the length and 53 for the angle of a pair of
normals (Box and Muller) and leaves 22.
"""

from __future__ import annotations

import math

import numpy as np

from numerics.compiled.floats import bits, from_bits, log
from numerics.compiled.jit import kernel, piece

U = np.uint64
LOW, HALF = U(0xFFFFFFFF), U(32)

_MULTIPLY_0, _MULTIPLY_1 = U(0xD2511F53), U(0xCD9E8D57)
_KEY_STEP_0, _KEY_STEP_1 = U(0x9E3779B9), U(0xBB67AE85)
_QUARTER = math.pi / 2


@piece
def _mix(c0, c1, c2, c3, k0, k1):
    """Return one round of Philox4x32."""
    a, b = _MULTIPLY_0 * c0, _MULTIPLY_1 * c2
    return (b >> HALF) ^ c1 ^ k0, b & LOW, (a >> HALF) ^ c3 ^ k1, a & LOW


@piece
def philox(c0, c1, c2, c3, k0, k1):
    """Return the block of Philox4x32-10 at a counter of four words under a key of two.

    Salmon, Moraes, Dror and Shaw, "Parallel random numbers: as easy as 1, 2, 3", SC 2011.
    """
    c0, c1, c2, c3 = _mix(c0, c1, c2, c3, k0, k1)
    k0, k1 = (k0 + _KEY_STEP_0) & LOW, (k1 + _KEY_STEP_1) & LOW
    c0, c1, c2, c3 = _mix(c0, c1, c2, c3, k0, k1)
    k0, k1 = (k0 + _KEY_STEP_0) & LOW, (k1 + _KEY_STEP_1) & LOW
    c0, c1, c2, c3 = _mix(c0, c1, c2, c3, k0, k1)
    k0, k1 = (k0 + _KEY_STEP_0) & LOW, (k1 + _KEY_STEP_1) & LOW
    c0, c1, c2, c3 = _mix(c0, c1, c2, c3, k0, k1)
    k0, k1 = (k0 + _KEY_STEP_0) & LOW, (k1 + _KEY_STEP_1) & LOW
    c0, c1, c2, c3 = _mix(c0, c1, c2, c3, k0, k1)
    k0, k1 = (k0 + _KEY_STEP_0) & LOW, (k1 + _KEY_STEP_1) & LOW
    c0, c1, c2, c3 = _mix(c0, c1, c2, c3, k0, k1)
    k0, k1 = (k0 + _KEY_STEP_0) & LOW, (k1 + _KEY_STEP_1) & LOW
    c0, c1, c2, c3 = _mix(c0, c1, c2, c3, k0, k1)
    k0, k1 = (k0 + _KEY_STEP_0) & LOW, (k1 + _KEY_STEP_1) & LOW
    c0, c1, c2, c3 = _mix(c0, c1, c2, c3, k0, k1)
    k0, k1 = (k0 + _KEY_STEP_0) & LOW, (k1 + _KEY_STEP_1) & LOW
    c0, c1, c2, c3 = _mix(c0, c1, c2, c3, k0, k1)
    k0, k1 = (k0 + _KEY_STEP_0) & LOW, (k1 + _KEY_STEP_1) & LOW
    return _mix(c0, c1, c2, c3, k0, k1)


@piece
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


@kernel
def normals(key, step, out):
    """Set `out` (size,) to standard normals, which depend on the key, the step and their place alone."""
    for i in range((len(out) + 1) // 2):
        x, y, _ = row(U(i) & LOW, U(i) >> HALF, U(step), key[2], key[0], key[1])
        out[2 * i] = x
        if 2 * i + 1 < len(out):
            out[2 * i + 1] = y
