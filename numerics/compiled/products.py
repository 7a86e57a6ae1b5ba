"""Numba: packed products of spins and their derivatives, block by block (`numerics.pspin.contract_host`)."""

from __future__ import annotations

from typing import Any

import numpy as np
from llvmlite import ir
from numba import types
from numba.extending import intrinsic

from numerics.compiled import TILE
from numerics.compiled.jit import kernel


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


@kernel
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


@kernel
def products_block(lower, t, starts, first, out):
    """Set `out` to rows first .. of the packed products of degree d of the columns of t.

    All (tiles, rows, TILE). `lower` holds the products of degree d - 1; `starts` (n + 1,) where
    each largest entry begins.
    """
    for g in range(len(out)):
        _products_rows(lower[g], t[g], starts, first, out[g])


@kernel
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


@kernel
def derivatives_block(lower, slope, t, v, starts, first, out):
    """Set `out` to rows of the derivative along v of what `products_block` gives.

    `slope` is the derivative of `lower` along v.
    """
    for g in range(len(out)):
        _derivatives_rows(lower[g], slope[g], t[g], v[g], starts, first, out[g])


@kernel
def add(part, total):
    """Add to `total` (tiles, n, TILE) in its own precision."""
    for g in range(len(total)):
        for i in range(total.shape[1]):
            for w in range(TILE):
                total[g, i, w] += part[g, i, w]
