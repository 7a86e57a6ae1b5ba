"""Numba: statements on whole vector registers, as wide as those of the processor compiled for.

Arrays of replicas are (groups, rows, lanes): a lane is a replica, and `lanes` replicas fill one
register. Whatever the width, a lane adds up its own numbers in the order of the rows, so its bits
depend neither on the other lanes nor on how many there are; they depend on the processor only by
whether it has a fused multiply-add.

LLVM would not do this by itself: it does not see that rows do not overlap, nor keep sums of a block
in registers.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import Any

import numpy as np
import numpy.typing as npt
from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.core.registry import cpu_target
from numba.extending import intrinsic

ROWS = 6
"""Most rows of a block of sums: with two registers a row, 12 of the 16 that any processor has."""


def lanes(dtype: npt.DTypeLike) -> int:
    """Return how many numbers fill a register of the processor that Numba compiles for."""
    return _register() // np.dtype(dtype).itemsize


@lru_cache(maxsize=1)
def _register() -> int:
    """Return the bytes of a vector register."""
    features = cpu_target.target_context.codegen().magic_tuple()[2].split(",")
    return 64 if "+avx512f" in features else 32 if "+avx" in features else 16


def _integer(value: int) -> ir.Constant:
    return ir.Constant(ir.IntType(64), value)


class _Operand:
    """An array (.., rows, columns), contiguous, as an intrinsic sees it."""

    def __init__(self, context: Any, builder: Any, kind: Any, value: Any, width: int = 0) -> None:
        """Open the array; its vectors have `width` numbers, or as many as fill a register."""
        self._builder = builder
        self._array = context.make_array(kind)(context, builder, value)
        self._shape = cgutils.unpack_tuple(builder, self._array.shape)
        self.element = context.get_data_type(kind.dtype)
        self.lanes = width or lanes(str(kind.dtype))
        self.bytes = context.get_abi_sizeof(self.element)
        self.vector = ir.VectorType(self.element, self.lanes)

    def at(self, row: Any, column: Any) -> Any:
        """Return a pointer to an entry of a matrix."""
        first = self._builder.mul(row, self._shape[1])
        return self._builder.gep(self._array.data, [self._builder.add(first, column)])

    def vectors(self, group: Any, row: Any) -> Any:
        """Return a pointer to a row of a group, as a vector; the next rows follow."""
        first = self._builder.add(self._builder.mul(group, self._shape[1]), row)
        start = self._builder.gep(
            self._array.data, [self._builder.mul(first, _integer(self.lanes))]
        )
        return self._builder.bitcast(start, self.vector.as_pointer())

    def load(self, pointer: Any, offset: Any) -> Any:
        """Return the vector so many rows on; rows are aligned as numbers are."""
        return self._builder.load(self._builder.gep(pointer, [offset]), align=self.bytes)

    def store(self, value: Any, pointer: Any, offset: Any) -> None:
        """Set the vector so many rows on."""
        self._builder.store(value, self._builder.gep(pointer, [offset]), align=self.bytes)


def _scaled_rows(accumulate: bool) -> Any:
    """Return the intrinsic `set_rows` or `add_rows`."""

    def statement(
        typing: Any,
        out: Any,
        to: Any,
        lower: Any,
        first: Any,
        count: Any,
        t: Any,
        k: Any,
        group_out: Any,
        group: Any,
    ) -> Any:
        def emit(context: Any, builder: Any, signature: Any, args: Any) -> Any:
            target, source, factor = (
                _Operand(context, builder, signature.args[i], args[i]) for i in (0, 2, 5)
            )
            into, rows = target.vectors(args[7], args[1]), source.vectors(args[8], args[3])
            x = factor.load(factor.vectors(args[8], args[6]), _integer(0))
            with cgutils.for_range(builder, args[4]) as loop:
                value = builder.fmul(source.load(rows, loop.index), x)
                if accumulate:
                    value = builder.fadd(target.load(into, loop.index), value)
                target.store(value, into, loop.index)
            return context.get_dummy_value()

        whole = types.int64
        return types.void(out, whole, lower, whole, whole, t, whole, whole, whole), emit

    return intrinsic(statement)


set_rows = _scaled_rows(False)
"""``out[h, to + r] = lower[g, first + r] * t[g, k]`` for r < count, called with
(out, to, lower, first, count, t, k, h, g)."""

add_rows = _scaled_rows(True)
"""The same with ``+=``."""


def _cases(builder: Any, value: Any, emit: Callable[[int], None], most: int) -> None:
    """Run what `emit` writes for the value, which is one of 1 .. most."""
    end = builder.append_basic_block()
    blocks = [builder.append_basic_block() for _ in range(most)]
    switch = builder.switch(value, end)
    for case, block in enumerate(blocks, start=1):
        switch.add_case(_integer(case), block)
        with builder.goto_block(block):
            emit(case)
            builder.branch(end)
    builder.position_at_end(end)


@intrinsic
def add_block(
    typing: Any,
    a: Any,
    row: Any,
    rows: Any,
    first: Any,
    b: Any,
    at: Any,
    depth: Any,
    group: Any,
    groups: Any,
    total: Any,
    to: Any,
    below: Any,
) -> Any:
    """Add to total[to, below + r] the sum over k < depth of a[row + r, first + k] * b[group, at + k].

    For r < rows <= `ROWS`; and, where `groups` is 2 rather than 1, the same with group + 1, to + 1.
    The sums are in the precision of a and b, one term after the other; `total` is float64.
    """

    def emit(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        left, right = (_Operand(context, builder, signature.args[i], args[i]) for i in (0, 4))
        out = _Operand(context, builder, signature.args[9], args[9], right.lanes)
        row, first, at, depth, group = (args[i] for i in (1, 3, 5, 6, 7))
        vector = right.vector
        zero = ir.Constant(vector, None)
        undefined = ir.Constant(vector, ir.Undefined)
        everywhere = ir.Constant(ir.VectorType(ir.IntType(32), right.lanes), None)
        fused = cgutils.get_or_insert_function(
            builder.module,
            ir.FunctionType(vector, [vector] * 3),
            f"llvm.fmuladd.v{right.lanes}f{8 * right.bytes}",
        )

        def block(rows: int, groups: int) -> None:
            lines = [left.at(builder.add(row, _integer(r)), first) for r in range(rows)]
            columns = [right.vectors(builder.add(group, _integer(g)), at) for g in range(groups)]
            sums = [[cgutils.alloca_once(builder, vector) for _ in columns] for _ in lines]
            for line in sums:
                for one in line:
                    builder.store(zero, one)
            with cgutils.for_range(builder, depth) as loop:
                factors = [right.load(column, loop.index) for column in columns]
                for r, line in enumerate(lines):
                    x = builder.load(builder.gep(line, [loop.index]))
                    x = builder.insert_element(undefined, x, ir.Constant(ir.IntType(32), 0))
                    x = builder.shuffle_vector(x, undefined, everywhere)
                    for y, one in zip(factors, sums[r], strict=True):
                        builder.store(builder.call(fused, [x, y, builder.load(one)]), one)
            for g in range(groups):
                into = out.vectors(builder.add(args[10], _integer(g)), args[11])
                for r in range(rows):
                    value = builder.load(sums[r][g])
                    if right.bytes < out.bytes:
                        value = builder.fpext(value, out.vector)
                    out.store(builder.fadd(out.load(into, _integer(r)), value), into, _integer(r))

        def for_rows(rows: int) -> None:
            _cases(builder, args[8], lambda groups: block(rows, groups), 2)

        _cases(builder, args[2], for_rows, ROWS)
        return context.get_dummy_value()

    whole = types.int64
    arguments = (a, whole, whole, whole, b, whole, whole, whole, whole, total, whole, whole)
    return types.void(*arguments), emit
