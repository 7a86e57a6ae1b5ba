"""Numba: blocks of packed couplings of the p-spin Hamiltonian, by rank (`numerics.pspin.couplings`)."""

from __future__ import annotations

import math

import numpy as np

from numerics.compiled.jit import kernel
from numerics.compiled.philox import HALF, LOW, U, row

# same (numbers): columns drawn before they are written; no number depends on it
_STRIPS = 16  # columns drawn before they are written, row by row


@kernel
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
                x, _, _ = row(rank & LOW, rank >> HALF, order, nonce, k0, k1)
                part[w] = factor * x
    # i is there already: dH/ds_i has its multiplicity m, and m! orderings are one: m / sqrt m.
    run = 1
    for t in range(degree):
        run = run + 1 if t > 0 and entries[t] == entries[t - 1] else 1
        i = entries[t] - first_row
        if 0 <= i < len(out) and (t == degree - 1 or entries[t + 1] != entries[t]):
            out[i] *= math.sqrt(np.float64(run + 1))


@kernel
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


@kernel
def draw_block(key, p, ranks, amplitude, first_row, first, out):
    """Set out (rows, columns) to couplings A[first_row .., first ..] of `numerics.pspin.couplings`."""
    rows, columns = out.shape
    degree = p - 1
    entries, low = np.zeros(degree, np.int64), np.empty(degree + 1, np.int64)
    _unrank(ranks, first, degree, entries)
    strips = np.empty((_STRIPS, rows))
    for start in range(0, columns, _STRIPS):
        width = min(_STRIPS, columns - start)
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
