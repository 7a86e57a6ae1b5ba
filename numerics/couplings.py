"""The disorder of the spherical p-spin Hamiltonian, packed for matrix products.

    H(s) = sum_p sqrt(a_p) n^{-(p-1)/2} sum over ordered (i_1..i_p) of X_{i_1..i_p} s_{i_1}..s_{i_p}

with X i.i.d. N(0, 1). Only the sum of X over the orderings of a multi-index matters: one Gaussian
whose variance is their number. A term is stored as the matrix A with

    dH/ds_i = sum over sorted j_2 <= ... <= j_p of A[i, (j_2..j_p)] s_{j_2}..s_{j_p},

multiplicities and scale inside.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from numerics import multisets
from numerics.backend import Array, InputError, Namespace, namespace, namespace_of
from numerics.checks import check_integer
from numerics.coefficients import check_coefficients

DTYPES = ("float32", "float64")

_MAX_ENTRIES = 1 << 29


@dataclass(frozen=True)
class Couplings:
    """One disorder: the packed couplings of every term.

    Parameters
    ----------
    n : int
        Number of spins.
    terms : tuple of (int, array)
        (p, A) with A of shape (n, C(n + p - 2, p - 1)), all of one array namespace and one dtype
        (float32 or float64).

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
        xp = namespace_of(self.terms[0][1])
        for p, a in self.terms:
            shape = (self.n, multisets.count(self.n, p - 1))
            if tuple(a.shape) != shape:
                raise InputError.of(f"couplings[{p}]", tuple(a.shape), f"shape {shape}")
            if a.dtype not in (xp.float32, xp.float64) or a.dtype != self.terms[0][1].dtype:
                raise InputError.of("dtype", str(a.dtype), "float32 or float64, one for all terms")
            if not bool(xp.all(xp.isfinite(a))):
                raise InputError.of(f"couplings[{p}]", "NaN or infinity", "finite couplings")


def draw(
    rng: np.random.Generator,
    n: int,
    coefficients: Mapping[int, float],
    dtype: str = "float64",
    xp: Namespace | None = None,
) -> Couplings:
    """Draw the couplings of one disorder.

    Parameters
    ----------
    rng : numpy.random.Generator
        Draws on the host in float64 whatever `dtype` and `xp`, so these do not change the disorder.
    n : int
        Number of spins, >= 2.
    coefficients : mapping of int to float
        {p: a_p} of xi.
    dtype : {"float64", "float32"}
    xp : array namespace, optional
        NumPy's by default.

    Returns
    -------
    Couplings

    Raises
    ------
    InputError
        n < 2, bad coefficients or dtype, or couplings too many to store.

    Examples
    --------
    >>> c = draw(np.random.default_rng(0), 10, {3: 1.0})
    >>> [(p, a.shape) for p, a in c.terms]
    [(3, (10, 55))]
    """
    n = check_integer("n", n, least=2)
    sums = {}
    for p in check_coefficients(coefficients):
        if n * multisets.count(n, p - 1) > _MAX_ENTRIES:
            raise InputError.of("n", n, f"fewer spins at p = {p}: the couplings exceed memory")
        sums[p] = rng.standard_normal(multisets.count(n, p)) * np.sqrt(multisets.orderings(n, p))
    return _pack(n, sums, check_coefficients(coefficients), dtype, xp)


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
    return _pack(n, sums, checked, dtype, xp)


def _pack(
    n: int,
    sums: Mapping[int, npt.NDArray[np.float64]],
    coefficients: Mapping[int, float],
    dtype: str,
    xp: Namespace | None,
) -> Couplings:
    """Return couplings from the sums of X over the orderings of each multi-index."""
    if dtype not in DTYPES:
        raise InputError.of("dtype", dtype, " or ".join(DTYPES))
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
