"""Contractions of couplings with packed products, block by block in cache (NumPy arrays).

A gradient of a term of order p is A (n, C) times the C = C(n + p - 2, p - 1) packed products of each
replica's spins. Every coupling stands p times in A, once a spin, and is needed p - 1 times only:

    H = sum over k of s_k F_k(s_0 .. s_k)

with k the largest index. The gradient of F_k is rows 0 .. k of the columns of A whose largest entry is
k, times the products of degree p - 2; s_k times that is part of the gradient of H; and F_k itself, row
k's share, follows from its gradient by Euler's identity. No products of degree p - 1 are made, and
(p - 1)/p of A is read and multiplied. (Columns in which k occurs twice are few, and go by themselves.)

In one piece, for few replicas, that is bound by memory, and a general matrix product copies what it
multiplies to rearrange it. Here columns are taken a block at a time, for all replicas while the block
is in cache (`numerics.compiled.products`). Streamed couplings are drawn into such blocks, so their
sums are those of stored ones. Sums of blocks add up in float64, whatever the dtype.

A replica is a lane of a vector register, and blocks depend on nothing but constants: no bit of its
result depends on the other replicas, on how wide the registers are or on the BLAS. It depends on
whether the processor has a fused multiply-add.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import lru_cache
from itertools import pairwise
from typing import Any

import numpy as np
import numpy.typing as npt

from numerics.core.backend import InputError
from numerics.pspin import multisets
from numerics.pspin.couplings import Streamed

Floats = npt.NDArray[Any]

# same (numbers): replicas and blocks that share a pass over the couplings
_REPLICAS = 128  # that share a pass over the couplings; no number depends on it
_REPLICAS_STREAMED = 1024  # the same where a pass draws them
_BLOCKS = 2  # blocks of some `numerics.compiled.products.DEPTH` columns that are drawn at once


def contract(
    a: Floats | Streamed, degree: int, s: Floats, v: Floats | None = None
) -> npt.NDArray[np.float64]:
    """Return the couplings times the packed products of the replicas' spins, in float64.

    Parameters
    ----------
    a : ndarray or Streamed, shape (n, C(n + degree - 1, degree)), or ndarray (D, n, C)
        float32 or float64. Without `v` they must be those of a polynomial, as in
        `numerics.pspin.couplings`: what a symmetry makes equal is read once. Of D disorders each takes
        an equal share of the replicas, in order.
    degree : int
        Of the products, >= 1.
    s : ndarray, shape (R, n)
        Replicas, of the dtype of `a`.
    v : ndarray, shape (R, n), optional
        Take the derivative of the products along `v` instead.

    Returns
    -------
    ndarray of float64, shape (R, n)

    Raises
    ------
    InputError
        If dtypes or shapes do not fit.

    Examples
    --------
    The gradient of (s_0^3 + 6 s_0 s_1^2) / 3:

    >>> contract(np.array([[1.0, 0.0, 2.0], [0.0, 4.0, 0.0]]), 2, np.array([[2.0, 3.0]])).tolist()
    [[22.0, 24.0]]
    """
    if not a.dtype == s.dtype == (s if v is None else v).dtype:
        raise InputError.of("dtype", str(s.dtype), f"that of the couplings, {a.dtype}")
    each = [a] if isinstance(a, Streamed) or a.ndim == 2 else list(a)
    n, share = s.shape[-1], s.shape[0] // len(each)
    if s.ndim != 2 or a.shape[-2:] != (n, multisets.count(n, degree)) or len(s) % len(each):
        raise InputError.of("replicas", s.shape, f"shape (R, {a.shape[-2]})")
    if v is not None and v.shape != s.shape:
        raise InputError.of("vectors", v.shape, f"shape {s.shape}")
    group = _REPLICAS_STREAMED if isinstance(a, Streamed) else _REPLICAS
    if share <= group:
        return _contract_group(each, degree, s, v)
    out = np.empty(s.shape)
    for at, one in enumerate(each):
        for start in range(0, share, group):
            rows = slice(at * share + start, at * share + min(start + group, share))
            out[rows] = _contract_group([one], degree, s[rows], None if v is None else v[rows])
    return out


def _contract_group(
    each: Sequence[Floats | Streamed], degree: int, s: Floats, v: Floats | None
) -> npt.NDArray[np.float64]:
    """Return `contract` for replicas whose products of lower degree are kept, a share a disorder."""
    from numerics.compiled import products as kernels

    n, share = s.shape[1], len(s) // len(each)
    t, along = _lanes(s, len(each)), None if v is None else _lanes(v, len(each))
    lower, slope = _products(t, along, degree - 1)
    total = np.zeros(t.shape)
    groups = len(t) // len(each)
    for at, a in enumerate(each):
        own = slice(at * groups, (at + 1) * groups)
        if along is None:
            _add_gradient(a, degree, t[own], lower[own], total[own])
            continue
        starts = _starts(n, degree)
        for first, block in _blocks(a):
            kernels.contract_along(
                block, lower[own], slope[own], t[own], along[own], starts, first, total[own]
            )
    by_disorder = total.transpose(0, 2, 1).reshape(len(each), -1, n)
    return by_disorder[:, :share].reshape(-1, n)


def _add_gradient(
    a: Floats | Streamed, degree: int, t: Floats, lower: Floats, total: npt.NDArray[np.float64]
) -> None:
    """Add to `total` the gradient at the spins t; `lower` holds their products of degree - 1."""
    from numerics.compiled import products as kernels

    n = t.shape[1]
    starts, inner = _starts(n, degree), _starts(n, degree - 1)
    part, along = np.zeros(t.shape, t.dtype), np.zeros(t.shape)
    every = _units(n, degree)
    together = _BLOCKS if isinstance(a, Streamed) else len(every)
    for at in range(0, len(every), together):
        units = every[at : at + together]
        (first, _, low, _), (_, end, _, high) = units[0], units[-1]
        base, stop = starts[first] + low, starts[end - 1] + high
        block = a[:end, base:stop] if isinstance(a, Streamed) else np.ascontiguousarray(a)
        kernels.slices(block, base, units, lower, t, starts, inner, part, total, along)
    total += along / degree


@lru_cache(maxsize=16)
def _units(n: int, degree: int) -> npt.NDArray[np.int64]:
    """Return the units of `numerics.compiled.products.slices`: some `DEPTH` columns each."""
    from numerics.compiled.products import DEPTH

    size, out, begin = np.diff(_starts(n, degree)), [], 0
    for k in range(n):
        # same (comparisons): where sums are split; last bits
        if size[k] > DEPTH:
            if begin < k:
                out.append((begin, k, 0, size[k - 1]))
            cuts = np.linspace(0, size[k], -(-size[k] // DEPTH) + 1).astype(int)
            out += [(k, k + 1, low, high) for low, high in pairwise(cuts)]
            begin = k + 1
        # same (comparisons): where sums are split; last bits
        elif size[begin : k + 1].sum() >= DEPTH or k == n - 1:
            out.append((begin, k + 1, 0, size[k]))
            begin = k + 1
    found = np.array(out, dtype=np.int64)
    found.setflags(write=False)
    return found


def forms(a: Floats | Streamed, degree: int, s: Floats) -> npt.NDArray[np.float64]:
    """Return the derivative by each spin of every row of the couplings, a form in the spins.

    Parameters
    ----------
    a, degree, s
        As in `contract`.

    Returns
    -------
    ndarray of float64, shape (R, n, n)
        [r, i, j]: the derivative by s_j of what `contract` returns at [r, i].

    Examples
    --------
    >>> forms(np.array([[1.0, 0.0, 0.0], [0.0, 1.0, 0.0]]), 2, np.array([[2.0, 3.0]])).tolist()
    [[[4.0, 0.0], [3.0, 2.0]]]
    """
    from numerics.compiled import products as kernels

    replicas, n = s.shape
    t = _lanes(s, 1)
    monomials, _ = _products(t, None, degree - 1)
    ranks, multiplicity = multisets.insertion(n, degree)
    total = np.zeros((len(t), n * n, t.shape[2]))
    # same (1 -> 2): rows that are drawn at once
    rows = 1 if isinstance(a, Streamed) else n
    for first in range(0, n, rows):
        block = np.ascontiguousarray(a[first : first + rows, :])
        kernels.forms(block, first, ranks, multiplicity, monomials, total)
    # In the usual order: what is done with a matrix later may depend on its strides, in last bits.
    return np.ascontiguousarray(total.transpose(0, 2, 1).reshape(-1, n, n)[:replicas])


def _blocks(a: Floats | Streamed) -> Iterator[tuple[int, Floats]]:
    """Yield the couplings and their first column: stored ones in one piece, others as drawn."""
    from numerics.compiled.products import DEPTH

    if not isinstance(a, Streamed):
        yield 0, np.ascontiguousarray(a)
        return
    width = _BLOCKS * DEPTH
    for first in range(0, a.shape[1], width):
        yield first, a[:, first : first + width]


def _products(t: Floats, v: Floats | None, degree: int) -> tuple[Floats, Floats]:
    """Return the products of a degree >= 0 of spins (groups, n, lanes), and their derivatives along v."""
    from numerics.compiled import products as kernels

    groups, n, lanes = t.shape
    lower, slope = t, t if v is None else v
    if degree == 0:
        lower = np.ones((groups, 1, lanes), dtype=t.dtype)
        slope = np.zeros_like(lower)
    for d in range(2, degree + 1):
        shape, starts = (groups, multisets.count(n, d), lanes), _starts(n, d)
        below, lower = lower, np.empty(shape, dtype=t.dtype)
        kernels.products(below, t, starts, lower)
        if v is not None:
            fall, slope = slope, np.empty(shape, dtype=t.dtype)
            kernels.derivatives(below, fall, t, v, starts, slope)
    return lower, slope


def _lanes(s: Floats, disorders: int) -> Floats:
    """Return replicas (R, n) as lanes of vectors (groups, n, lanes), zeros for the missing.

    Groups are of one disorder, as many of each.
    """
    from numerics.compiled.vectors import lanes

    n, share = s.shape[1], len(s) // disorders
    width = lanes(s.dtype)
    groups = -(-share // width)
    padded = np.zeros((disorders, groups * width, n), dtype=s.dtype)
    padded[:, :share] = s.reshape(disorders, share, n)
    return np.ascontiguousarray(padded.reshape(-1, width, n).transpose(0, 2, 1))


@lru_cache(maxsize=16)
def _starts(n: int, d: int) -> npt.NDArray[np.int64]:
    """Return the rows where each largest entry begins, and their number; of degree 0, one each."""
    out = np.array(
        [multisets.count(k, d) if k and d else d == 0 for k in range(n + 1)], dtype=np.int64
    )
    out.setflags(write=False)
    return out
