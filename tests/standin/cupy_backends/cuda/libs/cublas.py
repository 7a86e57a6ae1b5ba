"""cuBLAS by pointers: arrays column by column, with leading dimensions, inside allocations of the device."""

import ctypes

import numpy as np
from cupy import _memory, standin
from cupy.cuda.device import CUBLAS_HANDLE

CUBLAS_OP_N, CUBLAS_OP_T, CUBLAS_OP_C = 0, 1, 2


class CUBLASError(RuntimeError):
    """An error of cuBLAS."""


def _refused(why):
    raise CUBLASError(f"CUBLAS_STATUS_INVALID_VALUE: {why}")


def _matrices(dtype, pointer, shape, leading, step=0, batch=1):
    """Return a view (batch, *shape), shape in columns; all of it inside one allocation of that dtype."""
    rows, columns = shape
    if leading < max(1, rows):
        _refused(f"leading dimension {leading} of {rows} rows")
    one, offset = _memory.allocation_at(pointer)
    size, extent = dtype.itemsize, (columns - 1) * leading + rows + (batch - 1) * step
    if min(rows, columns, batch) > 0 and (offset % size or offset + extent * size > one.size):
        _refused(f"{extent} numbers from byte {offset} of an array of {one.size} bytes")
    if one.dtype != dtype:
        _refused(f"{dtype} in an array of {one.dtype}")
    strides = (step * size, size, leading * size)
    a = np.ndarray((batch, rows, columns), dtype, one.data, _memory.OFFSET + offset, strides)
    return a, one


def _scalar(dtype, pointer):
    """Return a number of the host (the handle is in that mode)."""
    kind = ctypes.c_float if dtype.itemsize == 4 else ctypes.c_double
    return dtype.type(kind.from_address(pointer).value)


def _gemm(name, dtype, handle, ops, sizes, alpha, a, b, beta, c, batch=1):
    """c <- alpha op(a) op(b) + beta c, each (pointer, leading dimension, step)."""
    if handle != CUBLAS_HANDLE:
        _refused("no handle")
    for number in (*ops, *sizes, a[1], b[1], c[1], batch):
        if not isinstance(number, int) or not 0 <= number < 1 << 31:
            raise TypeError(f"{name}: got {number!r}; takes an int of 32 bits")
    for op in ops:
        if op not in (CUBLAS_OP_N, CUBLAS_OP_T):
            _refused(f"operation {op}")
    m, n, k = sizes
    if 0 in (m, n, batch):
        return
    shapes = (
        (m, k) if ops[0] == CUBLAS_OP_N else (k, m),
        (k, n) if ops[1] == CUBLAS_OP_N else (n, k),
    )
    (x, x_of), (y, y_of) = (
        _matrices(dtype, one[0], shape, *one[1:], batch)
        for one, shape in zip((a, b), shapes, strict=True)
    )
    out, out_of = _matrices(dtype, c[0], (m, n), *c[1:], batch)
    if batch > 1 and c[2] < c[1] * (n - 1) + m:
        _refused("the products of a batch are written over each other")
    for one in (x, y):
        if np.may_share_memory(one, out) and np.shares_memory(one, out):
            _refused("an operand is written")
    x = np.swapaxes(x, 1, 2) if ops[0] == CUBLAS_OP_T else x
    y = np.swapaxes(y, 1, 2) if ops[1] == CUBLAS_OP_T else y
    one, other = _scalar(dtype, alpha), _scalar(dtype, beta)
    with np.errstate(all="ignore"):
        found = x @ y if one == 1 else one * (x @ y)
        out[...] = found if other == 0 else found + other * out
    _memory.look({x_of, y_of, out_of}, name)
    size = dtype.itemsize * batch * (m * k + k * n + m * n * (1 if other == 0 else 2))
    standin.multiplied(name, 2 * m * n * k * batch, size)


def _plain(name, dtype):
    def gemm(handle, transa, transb, m, n, k, alpha, A, lda, B, ldb, beta, C, ldc):
        ops, sizes = (transa, transb), (m, n, k)
        _gemm(
            name,
            np.dtype(dtype),
            handle,
            ops,
            sizes,
            alpha,
            (A, lda, 0),
            (B, ldb, 0),
            beta,
            (C, ldc, 0),
        )

    return gemm


def _batched(name, dtype):
    def gemm(
        handle,
        transa,
        transb,
        m,
        n,
        k,
        alpha,
        A,
        lda,
        strideA,
        B,
        ldb,
        strideB,
        beta,
        C,
        ldc,
        strideC,
        count,
    ):
        ops, sizes = (transa, transb), (m, n, k)
        parts = ((A, lda, strideA), (B, ldb, strideB))
        _gemm(
            name, np.dtype(dtype), handle, ops, sizes, alpha, *parts, beta, (C, ldc, strideC), count
        )

    return gemm


sgemm, dgemm = _plain("sgemm", "float32"), _plain("dgemm", "float64")
sgemmStridedBatched = _batched("sgemmStridedBatched", "float32")
dgemmStridedBatched = _batched("dgemmStridedBatched", "float64")
