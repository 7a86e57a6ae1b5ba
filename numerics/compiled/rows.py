"""Numba: rows of tridiagonal matrices with the spectrum of GOE(n).

One block of Philox (`numerics.compiled.philox`) is one row: a normal for the diagonal; another and
the 22 bits that are left for a chi square variate (Marsaglia and Tsang 2000).
"""

from __future__ import annotations

import math

import numpy as np

from numerics.compiled import LANES
from numerics.compiled.jit import kernel
from numerics.compiled.philox import LOW, U, philox, row

# same (numbers): rows drawn at once; no number depends on it
BLOCK = 64
"""Rows drawn at once where they are used at once."""


@kernel
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
        # same (comparisons, 1.0 -> 2.0): beyond it the logarithm is none, which no number is below
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


@kernel
def fill(key, first, n, start, rows, d, squares, doubtful):
    """Draw rows start .. start + rows - 1 of matrices first .. first + LANES - 1 of GOE(n).

    d[j, w] is N(0, 1/n); squares[j, w] is the square of the entry above it, chi_{n-j}^2 / (2n),
    zero in row 0.
    """
    k0, k1, nonce = key[0], key[1], key[2]
    inverse, root = 1.0 / n, 1.0 / math.sqrt(n)
    for j in range(rows):
        degrees = n - start - j
        # same (0.25 -> -0.75, 0.25 -> 0.5): one degree is looked at again
        shape = max(0.5 * degrees - 1.0 / 3.0, 0.25)
        c = 1.0 / (3.0 * math.sqrt(shape))
        scale = shape * inverse
        c0 = U(start + j)
        # same (0 -> 1): looked at again for nothing
        narrow, total = np.int64(degrees == 1), 0
        for w in range(LANES):
            x, z, coarse = row(c0, U(first + w) & LOW, U(0), nonce, k0, k1)
            d[j, w] = x * root
            # Accept where uniform < 1 - 1.5 shape y^4 <= exp(shape g): for y > -1/2,
            # g = -3 int_0^y t^3/(1+t) dt >= -1.5 y^4. The others are looked at again.
            y = c * z
            y2 = y * y
            v = 1.0 + y
            squares[j, w] = scale * (v * v * v)
            # same (1.0 -> 2.0, 2.0 -> 1.0, 22 -> 21, sign dropped, 1.5 -> 2.5, 1.5 -> 3.0): more is in doubt
            high = (np.float64(np.int64(coarse)) + 1.0) * 2.0**-22 + 1.5 * shape * (y2 * y2)
            # same (> -> >=, < -> <=, sign dropped, 1.0 -> 0.0, 0.5 -> -0.5): more are looked at again
            doubt = np.int64(high > 1.0) | np.int64(y < -0.5) | narrow
            doubtful[w] = doubt
            total += doubt
        # same (+ -> -): j is less than any other start
        if start + j == 0:
            for w in range(LANES):
                squares[j, w] = 0.0
        elif total:
            for w in range(LANES):
                if doubtful[w]:
                    squares[j, w] = inverse * gamma(degrees, c0, U(first + w) & LOW, nonce, k0, k1)


@kernel
def draw(key, first, n, d, off):
    """Draw the first rows of matrices of GOE(n): d (samples, rows), off (samples, rows - 1)."""
    samples, rows = d.shape
    buffer_d, buffer_squares = np.empty((BLOCK, LANES)), np.empty((BLOCK, LANES))
    doubtful = np.empty(LANES, np.int64)
    for tile in range(0, samples, LANES):
        for start in range(0, rows, BLOCK):
            count = min(BLOCK, rows - start)
            fill(key, first + tile, n, start, count, buffer_d, buffer_squares, doubtful)
            for w in range(min(LANES, samples - tile)):
                for j in range(count):
                    d[tile + w, start + j] = buffer_d[j, w]
                    if start + j > 0:
                        off[tile + w, start + j - 1] = math.sqrt(buffer_squares[j, w])
