"""Contractions of couplings with packed products on a CUDA device.

`contract` and `forms` are those of `numerics.pspin.contract_host`: a kernel writes the products of all
replicas, then cuBLAS multiplies, once for all replicas of a disorder and all disorders of a batch. A long
sum is taken in parts at once, so that the card is busy also where there are few rows, and, of float32, so
that no more than `_SHORT` terms are summed in float32. What may change last bits is the card, the
versions of CuPy and CUDA, and the number of replicas that share a call.

`Evaluation` is a contraction whose launches are bound once, for steps of a descent.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from numerics.core.backend import Array, Namespace, bound_product, namespace_of, side_by_side
from numerics.device import descents
from numerics.device.library import Call
from numerics.pspin import multisets
from numerics.pspin.couplings import Streamed

# Constants: they fix where sums are split, hence the numbers.
# same (numbers): where sums are split; last bits
_ROOM = 1 << 29  # bytes of packed products, or of unpacked couplings, at once
_LARGE = 1 << 28  # bytes of products that take longer than launches beside each other cost (H100)
_SHORT = 1 << 15  # terms of a sum in float32
_TILE = 128  # rows and columns of a product that a processor of the card takes
_FEW, _MANY = 16, 132  # tiles: with so many cuBLAS divides a long sum itself, or need not (H100)
_ALIGNED = 16  # terms: parts of sums begin at multiples


class Evaluation:
    """The gradients of every homogeneous term at given points, in parts of sums, as often as asked.

    Attributes
    ----------
    degrees : array of float64, shape (parts,)
        Of the term that each part is of.
    gradients : array, shape (parts, R, n)
        In the dtype of the points; their sum, to be taken in float64, is the Euclidean gradient.
    """

    def __init__(self, terms: Sequence[tuple[int, Array | Streamed]], s: Array) -> None:
        """Bind the launches.

        Parameters
        ----------
        terms : sequence of (p, A)
            Of `numerics.pspin.couplings.Couplings`.
        s : array, shape (R, n)
            The points; what is in it when a gradient is asked for counts. Of a batch of D disorders the
            replicas of the first, then of the second, ..., R/D each.
        """
        xp = namespace_of(s)
        blocks = [(p, a, block) for p, a in terms for block in _blocks(a, s)]
        size = max(b.last - b.first for _, _, b in blocks) * len(s)
        self.gradients = xp.empty((sum(b.parts for _, _, b in blocks), *s.shape), dtype=s.dtype)
        degrees = [float(p) for p, _, block in blocks for _ in range(block.parts)]
        self.degrees = descents.constant(xp, tuple(degrees))
        self._calls: list[Call] = []
        lower = {p: self._lower(s, p - 2) for p, _ in terms}
        # same (numbers, comparisons): from where on launches beside each other are worth it
        beside = len(blocks) > 1 and 2 * size * s.itemsize >= _LARGE
        rooms = [xp.empty(size, dtype=s.dtype) for _ in range(1 + beside)]
        pieces: list[tuple[Call, Call]] = []
        at = 0
        for p, a, block in blocks:
            out = self.gradients[at : at + block.parts, ...]
            at += block.parts
            factors, written = s, _nothing
            if p > 2:
                shape, room = (len(s), block.last - block.first), rooms[len(pieces) % len(rooms)]
                factors = xp.reshape(room[: shape[0] * shape[1]], shape)
                tables = _tables(xp, s.shape[1], p - 1)
                written = descents.products(block.first, tables, lower[p], s, factors)
            pieces.append((written, _all(_times(a, block, factors, out))))
        self._calls += _beside(pieces) if beside else [call for both in pieces for call in both]

    def _lower(self, s: Array, degree: int) -> Array:
        """Bind the products of a degree, and return where they will be."""
        bound = list(_all_products(s, degree))
        self._calls += [call for call, _ in bound]
        return bound[-1][1] if bound else s

    def __call__(self) -> None:
        """Take the gradients at what the points now are."""
        for call in self._calls:
            call()


def _nothing() -> None:
    """Where there are no products to write."""


def _all(calls: Sequence[Call]) -> Call:
    def run() -> None:
        for call in calls:
            call()

    return run


def _beside(pieces: Sequence[tuple[Call, Call]]) -> list[Call]:
    """Return the calls in which products are written while those before them are multiplied."""
    write, multiply = zip(*pieces, strict=True)
    both = map(side_by_side, multiply, write[1:])
    return [write[0], *both, multiply[-1]]


@dataclass(frozen=True)
class _Block:
    """Columns of couplings, and in how many parts the sums over them are taken."""

    first: int
    last: int
    parts: int


def _blocks(a: Array | Streamed, s: Array) -> list[_Block]:
    """Return the blocks of columns that are multiplied one after the other: one, or two if it is large."""
    (replicas, n), columns = s.shape, a.shape[-1]
    column = (max(replicas, n) if isinstance(a, Streamed) else replicas) * s.itemsize
    # same (numbers, comparisons): where sums are split; last bits
    size = columns * column if columns > n else 0  # of degree 1 the products are the points
    # same (2 -> 3, 2 -> 1, 2 -> 4, 1 -> 2, comparisons): where sums are split; last bits
    number = max(2 if size >= _LARGE else 1, -(-size // _ROOM))
    width = -(-columns // number // _ALIGNED) * _ALIGNED
    # same (numbers): in how many parts; last bits
    disorders = 1 if len(a.shape) == 2 else a.shape[0]
    # same (signs): in how many parts; last bits
    tiles = disorders * -(-n // _TILE) * -(-replicas // (disorders * _TILE))
    found = []
    for first in range(0, columns, width):
        size = min(width, columns - first)
        # same (numbers, comparisons): in how many parts; last bits
        parts = 2 if _FEW < tiles < _MANY and size > _SHORT else 1
        # same (numbers, signs): in how many parts; last bits
        short = -(-size // _SHORT) if s.itemsize == 4 else 1
        found.append(_Block(first, first + size, max(parts, short)))
    return found


def _times(a: Array | Streamed, block: _Block, factors: Array, out: Array) -> list[Call]:
    """Return the products of a block of couplings with factors (R, columns), into `out` (parts, R, n)."""
    if not isinstance(a, Streamed):
        return _by_parts(a[..., block.first : block.last], factors, out)

    def drawn() -> None:
        for call in _by_parts(a[:, block.first : block.last], factors, out):
            call()

    return [drawn]


def _by_parts(a: Array, factors: Array, out: Array) -> list[Call]:
    """Return the products of couplings with factors (R, columns), into `out` (parts, R, n)."""
    xp, (parts, replicas, _), size = namespace_of(a), out.shape, factors.shape[1]
    if a.ndim == 3:  # one product a disorder: parts one after the other
        shape = (a.shape[0], replicas // a.shape[0], -1)
        by_disorder = xp.reshape(factors, shape)
        ends = [size * k // parts for k in range(parts + 1)]
        return [
            bound_product(by_disorder[..., i:j], a[..., i:j], xp.reshape(part, shape))
            for i, j, part in zip(ends, ends[1:], out, strict=False)
        ]
    each = size // parts // _ALIGNED * _ALIGNED if parts > 1 else size
    whole = parts * each
    x, y = (
        xp.permute_dims(xp.reshape(x[:, :whole], (x.shape[0], parts, each)), (1, 0, 2))
        for x in (factors, a)
    )
    calls = [bound_product(x, y, out)]
    if whole < size:
        calls.append(bound_product(factors[:, whole:], a[:, whole:], out[parts - 1, ...], add=True))
    return calls


def contract(a: Array | Streamed, degree: int, s: Array, v: Array | None = None) -> Array:
    """Return the couplings times the packed products of the replicas' spins, in float64.

    Parameters
    ----------
    a : array or Streamed, shape (n, C(n + degree - 1, degree)), or such a batch (D, n, C)
    degree : int
        Of the products, >= 1.
    s : array, shape (R, n)
        Of a batch the replicas of the first disorder, then of the second, ..., R/D each.
    v : array, shape (R, n), optional
        Take the derivative of the products along `v` instead.

    Returns
    -------
    array of float64, shape (R, n)
    """
    xp = namespace_of(s)
    if v is None:
        run = Evaluation([(degree + 1, a)], s)
        run()
        return xp.sum(run.gradients, axis=0, dtype=xp.float64)
    total, factors = xp.zeros(s.shape), _derivatives(s, v, degree)
    for block in _blocks(a, s):
        part = xp.empty((block.parts, *s.shape), dtype=s.dtype)
        some = xp.asarray(factors[:, block.first : block.last], copy=True)
        for call in _times(a, block, some, part):
            call()
        total = total + xp.sum(part, axis=0, dtype=xp.float64)
    return total


def forms(a: Array | Streamed, degree: int, s: Array) -> Array:
    """Return the derivative by each spin of every row of the couplings, shape (R, n, n).

    As `numerics.pspin.contract_host.forms`, of one disorder, in the dtype of `s`.
    """
    xp = namespace_of(s)
    replicas, n = s.shape
    out = xp.empty((replicas, n * n), dtype=s.dtype)
    # A row is a form of that degree; its derivatives pack as a second contraction.
    tables, monomials = _insertions(xp, n, degree), products(s, degree - 1)
    # same (1 -> 2): rows at once; no number depends on it
    step = max(1, _ROOM // (n * monomials.shape[1] * s.itemsize))
    for first in range(0, n, step):
        last = min(first + step, n)
        rows = descents.unpacked(a[first:last, :], n, tables)
        bound_product(monomials, rows, out[:, first * n : last * n])()
    return xp.reshape(out, (replicas, n, n))


def products(s: Array, degree: int) -> Array:
    """Return all packed products of a degree >= 0 of the rows of `s` (R, n), colexicographic."""
    if degree == 0:
        return namespace_of(s).ones((s.shape[0], 1), dtype=s.dtype)
    out = s
    for call, found in _all_products(s, degree):
        call()
        out = found
    return out


def _all_products(s: Array, degree: int) -> Iterator[tuple[Call, Array]]:
    """Yield the calls that take the products of degree 2, 3, ..., and where those are then."""
    xp, (replicas, n), lower = namespace_of(s), s.shape, s
    for d in range(2, degree + 1):
        out = xp.empty((replicas, multisets.count(n, d)), dtype=s.dtype)
        yield descents.products(0, _tables(xp, n, d), lower, s, out), out
        lower = out


def _derivatives(s: Array, v: Array, degree: int) -> Array:
    """Return the derivatives along `v` of all packed products of a degree >= 1."""
    xp, n, fall, lower = namespace_of(s), s.shape[1], v, s
    for d in range(2, degree + 1):
        tables, shape = _tables(xp, n, d), (len(s), multisets.count(n, d))
        kept, moved, above = (xp.empty(shape, dtype=s.dtype) for _ in range(3))
        for below, factor, out in ((fall, s, kept), (lower, v, moved), (lower, s, above)):
            descents.products(0, tables, below, factor, out)()
        fall, lower = kept + moved, above
    return fall


@lru_cache(maxsize=16)
def _tables(xp: Namespace, n: int, degree: int) -> tuple[Array, Array]:
    """Return of every rank its largest entry, and the rank of the rest, int32, on the device."""
    starts = np.array([multisets.count(k, degree) if k else 0 for k in range(n + 1)])
    tops = np.repeat(np.arange(n), np.diff(starts))
    rests = np.arange(starts[-1]) - starts[tops]
    return xp.asarray(tops.astype(np.int32)), xp.asarray(rests.astype(np.int32))


@lru_cache(maxsize=8)
def _insertions(xp: Namespace, n: int, degree: int) -> tuple[Array, Array]:
    """Return `multisets.insertion` on the device: ranks (int32) and multiplicities (int8)."""
    ranks, times = multisets.insertion(n, degree)
    return xp.asarray(ranks.astype(np.int32)), xp.asarray(times)
