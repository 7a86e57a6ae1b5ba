"""Numba: matrices times packed products of spins (`numerics.pspin.contract_host`).

Replicas are the lanes of vectors, arrays (groups, rows, lanes); see `numerics.compiled.vectors`. The
columns of the matrix are taken in blocks of some `DEPTH`: those of a few rows stay in the first cache
while a batch of groups, which fits the second, is multiplied with them. Nothing is rearranged first:
what a general product packs is here, or is made, in the order in which it is used.
"""

from __future__ import annotations

import numpy as np

from numerics.compiled.jit import kernel
from numerics.compiled.vectors import (
    ROWS,
    add_block,
    add_rows,
    add_slice,
    move_rows,
    set_rows,
)

# same (numbers): terms of a sum in the dtype itself; last bits
DEPTH = 256
"""Terms of a sum in the dtype itself; sums of one or two such add up in float64. It fixes the numbers."""

# same (numbers): bytes of products at once
_BATCH = 1 << 18  # bytes of products at once; no number depends on it


@kernel
def _multiply(a, first, b, at, depth, groups, total, to, below):
    """Add to rows below .. of total[to + g], g < groups, a[:, first ..] times b[g, at ..]."""
    n = len(a)
    tiles = -(-n // ROWS)
    for i in range(tiles):
        # Of nearly one height: a flat tile does not fill the registers.
        row, last = i * n // tiles, (i + 1) * n // tiles
        for g in range(0, groups, 2):
            pair = min(2, groups - g)
            rows = last - row
            add_block(a, row, rows, first, b, at, depth, g, pair, total, to + g, below + row)


@kernel
def _derivatives(lower, slope, t, v, starts, first, count, out, to, group):
    """Set out[to] to rows first .. of the derivative along v[group] of what `products` gives."""
    k = np.searchsorted(starts, first, side="right") - 1
    row, stop = first, first + count
    while row < stop:
        end = min(stop, starts[k + 1])
        set_rows(out, row - first, slope, row - starts[k], end - row, t, k, to, group)
        add_rows(out, row - first, lower, row - starts[k], end - row, v, k, to, group)
        row = end
        k += 1


@kernel
def products(lower, t, starts, out):
    """Set `out` to the packed products of degree d of the spins t.

    All (groups, rows, lanes). `lower` holds the products of degree d - 1; `starts` (n + 1,) where
    each largest entry begins.
    """
    for g in range(len(out)):
        for k in range(len(starts) - 1):
            set_rows(out, starts[k], lower, 0, starts[k + 1] - starts[k], t, k, g, g)


@kernel
def derivatives(lower, slope, t, v, starts, out):
    """Set `out` to the derivatives along v; `slope` is the derivative of `lower`."""
    for g in range(len(out)):
        _derivatives(lower, slope, t, v, starts, 0, out.shape[1], out, g, g)


@kernel
def _buffer(a, t):
    """Return room for `DEPTH` rows of as many groups as make a batch, an even number."""
    groups, _, lanes = t.shape
    # same (numbers): groups of a batch; no number depends on it
    batch = max(2, _BATCH // (DEPTH * lanes * a.itemsize) // 2 * 2)
    return np.empty((min(groups, batch), DEPTH, lanes), a.dtype)


@kernel
def slices(a, base, units, lower, t, starts, inner, part, total, along):
    """Add to `total` and `along` what the columns of some units give.

    Columns begin with number `base`. A unit (first k, one past the last, first and last row of
    `lower`) is columns of largest entry k, from ``starts[k]`` on, times the products `lower` of the
    other entries. Only rows to k are read: u_i, the derivatives by s_i of the form that s_k multiplies,
    give s_k u_i to row i. Where k occurs once, in the first `inner[k]` columns, ``sum_i s_i u_i``, i < k,
    is added to `along[k]`. `part`, zeros of the dtype, is what rows add up in before float64.
    """
    groups = len(t)
    for unit in range(len(units)):
        begin, end, low, most = units[unit]
        tiles = -(-end // ROWS)
        for tile in range(tiles):
            row, stop = tile * end // tiles, (tile + 1) * end // tiles
            for g in range(0, groups, 2):
                pair = min(2, groups - g)
                for k in range(max(begin, row), end):
                    rows, high = min(stop, k + 1) - row, min(most, starts[k + 1] - starts[k])
                    at, once = starts[k] - base + low, max(low, min(inner[k], high))
                    depth, twice = once - low, max(low, high) - once
                    last = 0.0 if row + rows == k + 1 else 1.0
                    add_slice(
                        a, row, rows, at, lower, low, depth, twice, g, pair, t, k, part, along, last
                    )
        for g in range(groups):
            move_rows(part, g, end, total)


@kernel
def contract_along(a, lower, slope, t, v, starts, first, total):
    """Add to `total` the matrix `a` times the derivatives along v of the packed products.

    `lower` and `slope` are the products of one degree less and their derivatives; the columns of `a` begin
    with number `first`."""
    buffer = _buffer(a, t)
    for column in range(0, a.shape[1], DEPTH):
        depth = min(DEPTH, a.shape[1] - column)
        for group in range(0, len(t), len(buffer)):
            groups = min(len(buffer), len(t) - group)
            for g in range(groups):
                start = first + column
                _derivatives(lower, slope, t, v, starts, start, depth, buffer, g, group + g)
            _multiply(a, column, buffer, 0, depth, groups, total, group, 0)


@kernel
def forms(a, first, ranks, multiplicity, monomials, total):
    """Add to total[g, i n + j] the derivative by s_j of row i = first .. of couplings `a`.

    Row i is a form of degree d in the spins; `ranks` and `multiplicity` (n, rows) say where the
    products `monomials` (groups, rows, lanes) of degree d - 1 go when j joins them. `total` is
    (groups, n n, lanes), float64.
    """
    n, rows = ranks.shape
    form = np.empty((n, rows), a.dtype)
    for i in range(len(a)):
        for j in range(n):
            for m in range(rows):
                form[j, m] = a[i, ranks[j, m]] * multiplicity[j, m]
        for at in range(0, rows, DEPTH):
            depth = min(DEPTH, rows - at)
            _multiply(form, at, monomials, at, depth, len(total), total, 0, (first + i) * n)
