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

# same (numbers): rows that share registers; last bits
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


@intrinsic
def move_rows(typing: Any, part: Any, group: Any, rows: Any, total: Any) -> Any:
    """Add rows 0 .. rows - 1 of part[group] to those of total[group], in float64, and set them to 0."""

    def emit(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        source = _Operand(context, builder, signature.args[0], args[0])
        out = _Operand(context, builder, signature.args[3], args[3], source.lanes)
        start, into = source.vectors(args[1], _integer(0)), out.vectors(args[1], _integer(0))
        with cgutils.for_range(builder, args[2]) as loop:
            value = source.load(start, loop.index)
            _add(builder, out, value, source.bytes < out.bytes, into, loop.index)
            source.store(ir.Constant(source.vector, None), start, loop.index)
        return context.get_dummy_value()

    return types.void(part, types.int64, types.int64, total), emit


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


class _Block:
    """Sums in registers: rows of a matrix `left` times rows of a few groups of vectors `right`."""

    def __init__(
        self,
        builder: Any,
        left: _Operand,
        right: _Operand,
        row: Any,
        group: Any,
        rows: int,
        groups: int,
    ) -> None:
        """Set the sums of rows row .. and groups group .. to zero."""
        self._builder, self._left, self._right = builder, left, right
        self._row, self._group = row, group
        self._sums = [
            [cgutils.alloca_once(builder, right.vector) for _ in range(groups)] for _ in range(rows)
        ]
        for line in self._sums:
            for one in line:
                builder.store(ir.Constant(right.vector, None), one)

    def add(self, first: Any, at: Any, depth: Any) -> None:
        """Add left[row + r, first + k] times right[group + g, at + k], k < depth, one after the other."""
        builder, right = self._builder, self._right
        lines = [
            self._left.at(builder.add(self._row, _integer(r)), first)
            for r in range(len(self._sums))
        ]
        columns = [
            right.vectors(builder.add(self._group, _integer(g)), at)
            for g in range(len(self._sums[0]))
        ]
        with cgutils.for_range(builder, depth) as loop:
            factors = [right.load(column, loop.index) for column in columns]
            for line, sums in zip(lines, self._sums, strict=True):
                x = _everywhere(builder, right, builder.load(builder.gep(line, [loop.index])))
                for y, one in zip(factors, sums, strict=True):
                    builder.store(_fused(builder, right, x, y, builder.load(one)), one)

    def sum(self, r: int, g: int) -> Any:
        """Return a sum as it now is."""
        return self._builder.load(self._sums[r][g])


def _everywhere(builder: Any, like: _Operand, number: Any) -> Any:
    """Return a vector of one number."""
    first, lanes = ir.IntType(32), ir.VectorType(ir.IntType(32), like.lanes)
    undefined = ir.Constant(like.vector, ir.Undefined)
    one = builder.insert_element(undefined, number, ir.Constant(first, 0))
    return builder.shuffle_vector(one, undefined, ir.Constant(lanes, None))


def _fused(builder: Any, like: _Operand, x: Any, y: Any, z: Any) -> Any:
    """Return x y + z of vectors, rounded once where the processor can."""
    vector = like.vector
    name = f"llvm.fmuladd.v{like.lanes}f{8 * like.bytes}"
    kind = ir.FunctionType(vector, [vector] * 3)
    return builder.call(cgutils.get_or_insert_function(builder.module, kind, name), [x, y, z])


def _add(builder: Any, out: _Operand, value: Any, narrow: bool, into: Any, offset: Any) -> None:
    """Add a vector to a row of `out`, whose numbers may be wider."""
    if narrow:
        value = builder.fpext(value, out.vector)
    out.store(builder.fadd(out.load(into, offset), value), into, offset)


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

        def block(rows: int, groups: int) -> None:
            sums = _Block(builder, left, right, args[1], args[7], rows, groups)
            sums.add(args[3], args[5], args[6])
            for g in range(groups):
                into = out.vectors(builder.add(args[10], _integer(g)), args[11])
                for r in range(rows):
                    _add(builder, out, sums.sum(r, g), right.bytes < out.bytes, into, _integer(r))

        _for_sizes(builder, args[2], args[8], block)
        return context.get_dummy_value()

    whole = types.int64
    arguments = (a, whole, whole, whole, b, whole, whole, whole, whole, total, whole, whole)
    return types.void(*arguments), emit


def _for_sizes(builder: Any, rows: Any, groups: Any, block: Callable[[int, int], None]) -> None:
    """Run what `block` writes for so many rows, 1 .. `ROWS`, and groups, 1 or 2."""

    def for_rows(rows: int) -> None:
        _cases(builder, groups, lambda groups: block(rows, groups), 2)

    _cases(builder, rows, for_rows, ROWS)


@intrinsic
def add_slice(
    typing: Any,
    a: Any,
    row: Any,
    rows: Any,
    first: Any,
    b: Any,
    at: Any,
    depth: Any,
    twice: Any,
    group: Any,
    groups: Any,
    t: Any,
    k: Any,
    part: Any,
    along: Any,
    last: Any,
) -> Any:
    """With u_r the sum of `add_block`, add t[group, k] u_r to part[group, row + r], r < rows.

    u_r has `depth` terms and then `twice` more. Without the latter, t[group, row + r] u_r summed over r
    goes to along[group, k]; the last row counts `last` times there. All is of the dtype of a, b and t,
    but `along`, which is float64; with `groups` 2 the same for group + 1.
    """

    def emit(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        left, right, spins, out = (
            _Operand(context, builder, signature.args[i], args[i]) for i in (0, 4, 10, 12)
        )
        radial = _Operand(context, builder, signature.args[13], args[13], right.lanes)
        number = builder.fptrunc(args[14], right.element) if right.bytes < 8 else args[14]
        weight = _everywhere(builder, right, number)
        row, first, at, depth, k = (args[i] for i in (1, 3, 5, 6, 11))

        def block(rows: int, groups: int) -> None:
            sums = _Block(builder, left, right, row, args[8], rows, groups)
            sums.add(first, at, depth)
            every = [builder.add(args[8], _integer(g)) for g in range(groups)]
            for g, group in enumerate(every):
                mine, radius = spins.vectors(group, row), ir.Constant(right.vector, None)
                for r in range(rows):
                    y = spins.load(mine, _integer(r))
                    y = builder.fmul(weight, y) if r == rows - 1 else y
                    radius = _fused(builder, right, y, sums.sum(r, g), radius)
                there = radial.vectors(group, k)
                _add(builder, radial, radius, right.bytes < 8, there, _integer(0))
            sums.add(builder.add(first, depth), builder.add(at, depth), args[7])
            for g, group in enumerate(every):
                into, x = out.vectors(group, row), spins.load(spins.vectors(group, k), _integer(0))
                for r in range(rows):
                    value = _fused(builder, right, x, sums.sum(r, g), out.load(into, _integer(r)))
                    out.store(value, into, _integer(r))

        _for_sizes(builder, args[2], args[9], block)
        return context.get_dummy_value()

    whole = types.int64
    arguments = (a, whole, whole, whole, b, *[whole] * 5, t, whole, part, along, types.float64)
    return types.void(*arguments), emit
