"""The disorder of the spherical p-spin Hamiltonian, packed for matrix products.

    H(s) = sum_p sqrt(a_p) n^{-(p-1)/2} sum over ordered (i_1..i_p) of X_{i_1..i_p} s_{i_1}..s_{i_p}

with X i.i.d. N(0, 1). Only the sum of X over the orderings of a multi-index matters: one Gaussian
whose variance is their number. A term is the matrix A with

    dH/ds_i = sum over sorted j_2 <= ... <= j_p of A[i, (j_2..j_p)] s_{j_2}..s_{j_p},

multiplicities and scale inside. The Gaussian of a multi-index comes from a counter-based generator,
by its rank: any block of A can be drawn by itself, in any order. So A is stored where there is room
and drawn anew, block by block, at every use where there is not; the numbers are the same.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from numerics.core.backend import (
    Array,
    InputError,
    Namespace,
    free_memory,
    is_cupy,
    namespace,
    namespace_of,
    on_device,
    to_numpy,
)
from numerics.core.checks import check_integer, check_memory, check_word
from numerics.core.mixture import check_coefficients
from numerics.core.streams import Key, key_of
from numerics.device import descents
from numerics.pspin import multisets
from numerics.pspin.field import steepest, with_field

DTYPES = ("float32", "float64")

PLACES = ("auto", "stored", "streamed")
"""Where couplings are: in memory, drawn at every use, or whichever fits."""

# same (numbers): where couplings are; they are the same
SHARE = 0.5
"""Part of the memory that stored couplings may take where streaming is the alternative."""

# same (numbers): couplings whose room is not asked for
_SMALL = 1 << 20  # bytes of couplings that there is always room for


@dataclass(frozen=True)
class Streamed:
    """A matrix of couplings that is drawn where it is read: ``a[i, :]`` and ``a[:, j:k]``.

    Attributes
    ----------
    key : ndarray
        Of `numerics.core.streams.key_of`.
    n, p : int
        A has shape (n, C(n + p - 2, p - 1)).
    amplitude : float
        sqrt(a_p) n^{-(p-1)/2}.
    dtype : dtype
        Of the array namespace; drawn in float64, then rounded.
    xp : array namespace

    Examples
    --------
    >>> rng = np.random.default_rng
    >>> stored = draw(rng(0), 10, {3: 1.0}, place="stored").terms[0][1]
    >>> streamed = draw(rng(0), 10, {3: 1.0}, place="streamed").terms[0][1]
    >>> streamed.shape, bool((streamed[:, 7:9] == stored[:, 7:9]).all())
    ((10, 55), True)
    """

    key: Key
    n: int
    p: int
    amplitude: float
    dtype: Any
    xp: Namespace

    @property
    def shape(self) -> tuple[int, int]:
        """Rows and columns."""
        return self.n, multisets.count(self.n, self.p - 1)

    def __getitem__(self, where: tuple[int | slice, slice]) -> Array:
        """Return a block, all of it drawn now; slices have no step."""
        rows, columns = where
        block = slice(rows, rows + 1) if isinstance(rows, int) else rows
        first_row, last_row, _ = block.indices(self.shape[0])
        first, last, _ = columns.indices(self.shape[1])
        shape = (max(0, last_row - first_row), max(0, last - first))
        out = self.xp.empty(shape, dtype=self.dtype)
        places = multisets.places_on(self.xp, self.n, self.p)
        draw_block = _drawing(self.xp)
        draw_block(self.key, self.p, places, self.amplitude, first_row, first, out)
        return out[0, :] if isinstance(rows, int) else out


def _drawing(xp: Namespace) -> Callable[..., None]:
    """Return what draws a block of couplings, there where they will be."""
    if is_cupy(xp):
        from numerics.device import cuda

        return cuda.draw_block
    from numerics.compiled import couplings

    draw_block: Callable[..., None] = couplings.draw_block
    return draw_block


def _finite(a: Array) -> bool:
    """Tell whether all couplings are finite; on a device whether the squares of a row have a sum."""
    if on_device(a):
        rows = namespace_of(a).reshape(a, (-1, a.shape[-1]))
        return bool(np.isfinite(to_numpy(descents.norms(rows))).all())
    return bool(np.isfinite(a).all())


@dataclass(frozen=True)
class Couplings:
    """One disorder, or on a device a batch of them: the packed couplings of every term.

    Parameters
    ----------
    n : int
        Number of spins.
    terms : tuple of (int, array or Streamed)
        (p, A) with A of shape (n, C(n + p - 2, p - 1)), or of a batch (D, n, C), all of one array
        namespace and one dtype (float32 or float64).

    Raises
    ------
    InputError
        Wrong shapes or dtypes (float16 is too coarse for a gradient of n^{p-1} terms), or couplings
        that are not finite.
    """

    n: int
    terms: tuple[tuple[int, Array], ...]

    def __post_init__(self) -> None:
        """Check the arguments."""
        if not self.terms:
            raise InputError.of("terms", self.terms, "at least one (p, matrix)")
        xp = self.xp
        for p, a in self.terms:
            shape = (self.n, multisets.count(self.n, p - 1))
            if tuple(a.shape[-2:]) != shape or a.shape[:-2] != self.terms[0][1].shape[:-2]:
                raise InputError.of(f"couplings[{p}]", tuple(a.shape), f"shape {shape}")
            if a.dtype not in (xp.float32, xp.float64) or a.dtype != self.terms[0][1].dtype:
                raise InputError.of("dtype", str(a.dtype), "float32 or float64, one for all terms")
            if not isinstance(a, Streamed) and not _finite(a):
                raise InputError.of(f"couplings[{p}]", "NaN or infinity", "finite couplings")

    @property
    def xp(self) -> Namespace:
        """The array namespace of the couplings."""
        a = self.terms[0][1]
        return a.xp if isinstance(a, Streamed) else namespace_of(a)

    @property
    def dtype(self) -> Any:
        """The dtype of the couplings."""
        return self.terms[0][1].dtype

    def on(self, xp: Namespace, dtype: str) -> Couplings:
        """Return the same stored couplings as arrays of a namespace, in a dtype."""
        kind = getattr(xp, dtype)
        return Couplings(self.n, tuple((p, xp.asarray(a, dtype=kind)) for p, a in self.terms))

    @property
    def disorders(self) -> int:
        """How many disorders there are."""
        shape = self.terms[0][1].shape
        return 1 if len(shape) == 2 else int(shape[0])

    def each(self) -> Sequence[Couplings]:
        """Return the disorders one by one; nothing is copied."""
        if len(self.terms[0][1].shape) == 2:
            return [self]
        return [
            Couplings(self.n, tuple((p, a[d, :, :]) for p, a in self.terms))
            for d in range(self.disorders)
        ]

    def some(self, disorders: Sequence[int]) -> Couplings:
        """Return the disorders of these places of a batch, in this order, copied."""
        chosen = self.xp.asarray(disorders)
        terms = tuple((p, self.xp.take(a, chosen, axis=0)) for p, a in self.terms)
        return Couplings(self.n, terms)


def batched(disorders: Sequence[Couplings]) -> Couplings:
    """Return stored couplings of several disorders as a batch; of one, itself, stored or not.

    Examples
    --------
    >>> two = [draw(np.random.default_rng(i), 4, {3: 1.0}) for i in range(2)]
    >>> batched(two).disorders, batched(two[:1]) is two[0]
    (2, True)
    """
    if len(disorders) == 1:
        return disorders[0]
    xp, terms = disorders[0].xp, zip(*(c.terms for c in disorders), strict=True)
    # same (0 -> -1): all of one n and of the same p
    return Couplings(
        disorders[0].n, tuple((same[0][0], xp.stack([a for _, a in same])) for same in terms)
    )


def draw(
    rng: np.random.Generator,
    n: int,
    coefficients: Mapping[int, float],
    dtype: str = "float64",
    xp: Namespace | None = None,
    memory: int | None = None,
    place: str = "auto",
) -> Couplings:
    """Draw the couplings of one disorder.

    Parameters
    ----------
    rng : numpy.random.Generator
        Gives the key of the counter-based draws, in float64 whatever `dtype`, `xp` and `place`:
        these do not change the disorder.
    n : int
        Number of spins, >= 2.
    coefficients : mapping of int to float
        {p: a_p} of xi; a_1 is the variance of a component of a random field, which is stored in the
        couplings of three spins (`numerics.pspin.field`).
    dtype : {"float64", "float32"}
    xp : array namespace, optional
        NumPy's by default.
    memory : int, optional
        Bytes that may be used, on the device where `xp` is CuPy; by default what is free.
    place : {"auto", "stored", "streamed"}
        "auto" stores couplings that take at most `SHARE` of the memory and draws larger ones at every
        use: slower, but n is then limited by time alone. Same numbers, bit for bit. In a field they are
        stored.

    Returns
    -------
    Couplings

    Raises
    ------
    InputError
        n < 2, bad coefficients, dtype or place, or stored couplings that exceed the memory.

    Examples
    --------
    >>> c = draw(np.random.default_rng(0), 10, {3: 1.0})
    >>> [(p, a.shape) for p, a in c.terms]
    [(3, (10, 55))]
    >>> [p for p, _ in draw(np.random.default_rng(0), 10, {2: 1.0, 1: 4.0}).terms]
    [2, 3]
    >>> draw(np.random.default_rng(0), 2000, {3: 1.0}, memory=2**31).terms[0][1].shape
    (2000, 2001000)
    >>> draw(np.random.default_rng(0), 2000, {3: 1.0}, memory=2**31, place="stored")  # doctest: +ELLIPSIS
    Traceback (most recent call last):
        ...
    numerics.core.backend.InputError: memory: got 2 GiB; takes 30 GiB for stored couplings at n = 2000, ...
    """
    n = check_integer("n", n, least=2)
    checked = check_coefficients(coefficients, least=1)
    check_word("dtype", dtype, DTYPES)
    xp = xp or namespace()
    check_word("place", place, PLACES)
    degrees, variance = sorted(steepest(checked)), checked.pop(1, 0.0)
    if variance and place == "streamed":
        raise InputError.of("place", place, "stored or auto in a field")
    kind, key = getattr(xp, dtype), key_of(rng)
    field = math.sqrt(variance) * rng.standard_normal(n) if variance else None
    terms = [
        Streamed(key, n, p, math.sqrt(a) * n ** (-(p - 1) / 2), kind, xp)
        for p, a in checked.items()
    ]
    for p in degrees:
        if multisets.count(n, p) >= 1 << 62:
            raise InputError.of("n", n, f"fewer spins at p = {p}: their products cannot be counted")
    if place != "streamed":
        size = (
            sum(multisets.count(n, p - 1) for p in degrees) * n * (8 if dtype == "float64" else 4)
        )
        if memory is None and size <= _SMALL:
            room = int(_SMALL / SHARE)  # to ask would take longer than to draw
        else:
            room = free_memory(xp) if memory is None else check_integer("memory", memory, least=1)
        must = place == "stored" or field is not None
        if size <= room * (1.0 if must else SHARE):
            stored = tuple((t.p, t[:, :]) for t in terms)
            return Couplings(n, stored if field is None else with_field(stored, field, xp, kind))
        if must:
            what = f"stored couplings at n = {n}, p = {', '.join(map(str, degrees))}"
            remedy = "stream them or take fewer spins" if field is None else "take fewer spins"
            check_memory(room, size, what, remedy)
    return Couplings(n, tuple((t.p, t) for t in terms))


def from_tensors(
    tensors: Mapping[int, npt.ArrayLike],
    coefficients: Mapping[int, float],
    dtype: str = "float64",
    xp: Namespace | None = None,
) -> Couplings:
    """Return the couplings whose X are given in full, every ordered tuple of its own.

    Parameters
    ----------
    tensors : mapping of int to array_like
        {p: X} with X of shape (n,) * p, symmetric or not, one for every a_p > 0.
    coefficients : mapping of int to float
        {p: a_p} of xi.
    dtype, xp
        As in `draw`.

    Raises
    ------
    InputError
        Shapes that do not fit, NaN or infinite entries, bad coefficients or dtype.

    Examples
    --------
    >>> c = from_tensors({2: [[1.0, 2.0], [0.0, 3.0]]}, {2: 1.0})
    >>> (c.terms[0][1] * 2**0.5).round(12).tolist()  # derivative of (s.X s) / sqrt 2
    [[2.0, 2.0], [2.0, 6.0]]
    """
    checked = check_coefficients(coefficients)
    if set(tensors) != set(checked):
        raise InputError.of("tensors", sorted(tensors), f"one for each of p = {sorted(checked)}")
    arrays = {p: np.asarray(tensors[p], dtype=np.float64) for p in checked}
    n = next(iter(arrays.values())).shape[0]
    sums = {}
    for p, x in arrays.items():
        if x.shape != (n,) * p:
            raise InputError.of(f"tensors[{p}]", x.shape, f"shape {(n,) * p}")
        tuples = np.sort(np.indices(x.shape).reshape(p, -1).T, axis=1)
        sums[p] = np.bincount(
            multisets.rank(tuples), weights=x.ravel(), minlength=multisets.count(n, p)
        ).astype(np.float64)
    return from_sums(n, sums, checked, dtype, xp)


def from_sums(
    n: int,
    sums: Mapping[int, npt.NDArray[np.float64]],
    coefficients: Mapping[int, float],
    dtype: str = "float64",
    xp: Namespace | None = None,
) -> Couplings:
    """Return couplings from the sums of X over the orderings of each multi-index."""
    check_word("dtype", dtype, DTYPES)
    xp = xp or namespace()
    terms = []
    for p, a in coefficients.items():
        ranks, multiplicity = multisets.insertion(n, p)
        # d(s^alpha)/ds_i = alpha_i s^(alpha - e_i), and alpha = m + e_i.
        matrix = (np.sqrt(a) * n ** (-(p - 1) / 2) * sums[p])[ranks] * multiplicity
        terms.append((p, xp.asarray(matrix.astype(dtype))))
    return Couplings(n, tuple(terms))


def random_point(rng: np.random.Generator, n: int, replicas: int) -> npt.NDArray[np.float64]:
    """Draw points uniformly on the sphere |s|^2 = n.

    Returns
    -------
    ndarray, shape (replicas, n)

    Examples
    --------
    >>> s = random_point(np.random.default_rng(0), 5, replicas=2)
    >>> (s**2).sum(axis=1).round(12).tolist()
    [5.0, 5.0]
    """
    s = rng.standard_normal((replicas, n))
    out: npt.NDArray[np.float64] = s * np.sqrt(n / (s**2).sum(axis=1, keepdims=True))
    return out
