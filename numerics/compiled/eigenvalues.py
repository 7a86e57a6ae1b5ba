"""Numba: the lowest eigenvalues of tridiagonal matrices, drawn or given."""

from __future__ import annotations

import math

import numpy as np

from numerics.compiled import LANES
from numerics.compiled.floats import from_bits
from numerics.compiled.jit import kernel
from numerics.compiled.rows import fill
from numerics.compiled.sweeps import begin, load, sweep


@kernel
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
        # same (40 -> 41, 40 -> 39): beyond the rounding of the sums, by any little
        bound[w] *= 1.0 + 2.0**-40


@kernel
def _scaled(mantissa, exponent, reference):
    """Return mantissa 2^(exponent - reference), exponent <= reference but for the first steps."""
    # same (1000 -> 1001, 1000 -> 999, 1023 -> 1024, 1023 -> 1022): ratios of these count alone
    return mantissa * from_bits((max(-1000, min(1000, exponent - reference)) + 1023) << 52)


@kernel
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
                # same (1.0 -> 2.0, 1.0 -> 0.0, 0 -> 1, 0 -> -1): not read while there is no count
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
        begin(p0, p1, exponent, count)
        sweep(d, squares, rows, x, p0, p1, exponent, count)
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
                # same (comparisons): f = 0 ends the search
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
                    # same (comparisons): a tie of two floats
                    if width > 2.0 * tolerance and fa[w] != 0.0:
                        xi = (a[w] - b[w]) / (c[w] - b[w])
                        phi = (fa[w] - fb[w]) / (fc[w] - fb[w])
                        t = 0.5
                        # same (comparisons): a tie; either step stays in the bracket
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
                    # same (comparisons): of ends that are as good as each other
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


@kernel
def lowest_given(d, off, out):
    """Set out (samples, k) to the lowest eigenvalues of matrices with entries of order 1."""
    samples, n = d.shape
    k = out.shape[1]
    buffer_d, buffer_squares = np.empty((n, LANES)), np.empty((n, LANES))
    found, ends, values = np.empty((k, LANES)), np.empty((2, k, LANES)), np.empty((2, k, LANES))
    counts, exponents = np.empty((2, k, LANES), np.int64), np.empty((2, k, LANES), np.int64)
    for tile in range(0, samples, LANES):
        load(d, off, tile, buffer_d, buffer_squares)
        _lowest_tile(buffer_d, buffer_squares, n, found, ends, values, counts, exponents)
        for w in range(min(LANES, samples - tile)):
            for i in range(k):
                out[tile + w, i] = found[i, w]


@kernel
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
