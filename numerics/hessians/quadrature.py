"""The spectrum of a symmetric matrix that is only ever multiplied with, and error bars for it.

With a random unit vector q, sum_i (q.v_i)^2 [lambda_i < c] has the mean #{lambda_i < c}/n: q is uniform on
a sphere. Lanczos's method gives the Gauss quadrature of that measure: nodes x_1 < x_2 < .. with weights w_j,
right for polynomials of degree 2 steps - 1. Two errors are told apart:

    drawn         of so few q, the spread between them: `stderr`
    resolved      of so few steps. By the inequalities of Chebyshev, Markov and Stieltjes (Szegő, Orthogonal
                  Polynomials, Sec. 3.41) the measure below c, x_j < c <= x_{j+1}, lies between the weights
                  before x_j and those to x_{j+1}: `low` and `high`

An extreme node is a Rayleigh quotient: the lowest is no lower than the lowest eigenvalue, and an
eigenvalue lies within its residual of it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy import linalg

from numerics.core.backend import InputError
from numerics.core.checks import check_integer, check_memory, check_real
from numerics.core.lanczos import lanczos
from numerics.core.streams import stream

Real = npt.NDArray[np.float64]
Product = Callable[[Real], npt.ArrayLike]

# guard (all): what is refused
# tests/numerics/hessians/test_quadrature.py::test_bad_input_is_named
MOST_PROBES = 100_000
# same (numbers): probes that are taken at once
_NUMBERS = 1 << 24  # of all bases of probes at once
_ENDED = 1e-12  # of the norm: what is left of a Krylov space that is exhausted


@dataclass(frozen=True)
class Eigenvalues:
    """How many eigenvalues there are somewhere.

    Attributes
    ----------
    count : float
        The estimate.
    stderr : float
        Its standard error over the probes.
    low, high : float
        What the count of these probes lies between, however few steps.
    """

    count: float
    stderr: float
    low: float
    high: float


@dataclass(frozen=True)
class Spectrum:
    """What some probes say of the spectrum of a symmetric matrix.

    Attributes
    ----------
    n : int
        Its size.
    nodes, weights : ndarray, shape (probes, steps)
        Of the quadrature of each probe, ascending; the weights sum to 1. Where a probe ended early, nan
        and 0.
    lowest, highest : tuple of float
        The extreme node, and how far from it at most an eigenvalue is.
    """

    n: int
    nodes: Real
    weights: Real
    lowest: tuple[float, float]
    highest: tuple[float, float]

    def below(self, level: float = 0.0) -> Eigenvalues:
        """Return how many eigenvalues are below a level: at 0 the index.

        Parameters
        ----------
        level : float

        Returns
        -------
        Eigenvalues

        Examples
        --------
        >>> found = spectrum(np.diag(np.arange(-1.0, 9.0)), probes=100)
        >>> index = found.below(0)  # of one, -1
        >>> abs(index.count - 1) < 5 * index.stderr, index.low <= index.count <= index.high
        (True, True)
        """
        level = check_real("level", level)
        under = np.where(self.nodes < level, self.weights, 0.0)
        last = under[np.arange(len(under)), np.maximum((self.nodes < level).sum(axis=1) - 1, 0)]
        above = np.where(self.nodes >= level, self.weights, 0.0)
        first = np.take_along_axis(
            above, (self.nodes < level).sum(axis=1)[:, None] % above.shape[1], 1
        )
        share = under.sum(axis=1)
        return Eigenvalues(
            self.n * float(share.mean()),
            self.n * _stderr(share),
            self.n * float((share - last).mean()),
            self.n * float((share + first[:, 0]).mean()),
        )

    def density(self, level: float, width: float) -> tuple[float, float]:
        """Return the density of eigenvalues at a level, smoothed by a normal law, and its standard error.

        Parameters
        ----------
        level : float
        width : float
            Standard deviation of that law, > 0; no less than the nodes stand apart.

        Examples
        --------
        >>> found = spectrum(np.eye(50))
        >>> round(found.density(1.0, 0.5)[0], 9)  # of a normal law at its mean
        0.797884561
        """
        level, width = check_real("level", level), check_real("width", width, positive=True)
        z = (self.nodes - level) / width
        smooth = np.where(self.weights > 0, np.exp(-z * z / 2), 0.0) / (width * np.sqrt(2 * np.pi))
        each = (self.weights * smooth).sum(axis=1)
        return float(each.mean()), _stderr(each)


def spectrum(
    matrix: Product | npt.ArrayLike | Any,
    n: int | None = None,
    at: Any = None,
    *,
    steps: int = 80,
    probes: int = 10,
    seed: int = 0,
) -> Spectrum:
    """Return the spectrum of a symmetric matrix from its products with vectors, by Lanczos's method.

    Parameters
    ----------
    matrix : callable, array_like or operator
        v to the product with v, both of shape (n,); a matrix, or what has `shape` and `matvec` as SciPy's
        linear operators; or, with `at`, a loss.
    n : int, optional
        Size of the matrix, of a callable.
    at : tensor or array, or dict, list or tuple of them, optional
        Parameters, of PyTorch or JAX: then `matrix` is a loss of them, and its Hessian there is meant, by
        `torch.func` or `jax.jvp`. Both must be installed already.
    steps : int
        Products for each probe, n at most: what tells neighbouring eigenvalues apart.
    probes : int
        Random vectors, 2 to 100000.
    seed : int

    Returns
    -------
    Spectrum

    Raises
    ------
    InputError
        For bad arguments, products of another shape or that are not finite, a matrix that is not
        symmetric.

    Examples
    --------
    >>> found = spectrum(lambda v: v * np.arange(100.0), 100, steps=100)
    >>> low, residual = found.lowest
    >>> abs(low) < 1e-9, residual < 1e-6
    (True, True)
    """
    product, n = _product(matrix, n, at)
    steps = min(check_integer("steps", steps, least=1), n)
    probes = check_integer("probes", probes, least=2, most=MOST_PROBES)
    check_memory(None, 8 * n * (steps + 4), f"{steps} vectors of {n} numbers", "fewer steps")
    draw = [stream(seed, "spectrum").generator(i) for i in range(probes)]
    _check_symmetric(product, *stream(seed, "symmetry").generator().standard_normal((2, n)))
    nodes, weights = np.full((probes, steps), np.nan), np.zeros((probes, steps))
    ends = []
    # same (1 -> 2): how many go together
    together = max(1, _NUMBERS // (n * steps))
    for first in range(0, probes, together):
        starts = np.stack([one.standard_normal(n) for one in draw[first : first + together]])
        found = lanczos(lambda rows: np.stack([product(q) for q in rows]), starts, steps)
        for i, (diagonal, off) in enumerate(zip(*(x.T for x in found), strict=True), first):
            values, vectors, residual = _ritz(diagonal, off)
            nodes[i, : len(values)], weights[i, : len(values)] = values, vectors[0] ** 2
            ends.append((values[0], residual[0], values[-1], residual[-1]))
    low = min((value, beyond) for value, beyond, _, _ in ends)
    high = max((value, -beyond) for _, _, value, beyond in ends)
    floats = float(low[0]), float(low[1]), float(high[0]), -float(high[1])
    return Spectrum(n, nodes, weights, floats[:2], floats[2:])


def _ritz(diagonal: Real, off: Real) -> tuple[Real, Real, Real]:
    """Return nodes, eigenvectors and residuals of a tridiagonal matrix, cut where it falls apart."""
    scale = float(np.abs(diagonal).max() + off.max())
    ended = np.flatnonzero(off <= _ENDED * scale)
    steps = int(ended[0]) + 1 if len(ended) else len(diagonal)
    values, vectors = linalg.eigh_tridiagonal(diagonal[:steps], off[: steps - 1])
    return values, vectors, off[steps - 1] * np.abs(vectors[-1])


def _product(matrix: Any, n: int | None, at: Any) -> tuple[Callable[[Real], Real], int]:
    """Return the product with a vector, checked each time, and the size."""
    takes = "a function of a vector and n, a matrix, an operator, or a loss and at"
    if at is not None:
        from numerics.hessians.autodiff import hessian_product

        if n is not None or not callable(matrix):
            raise InputError.of("matrix", matrix, takes)
        product, size = hessian_product(matrix, at)
    elif callable(getattr(matrix, "matvec", None)) and len(getattr(matrix, "shape", ())) == 2:
        product, size = matrix.matvec, _square(matrix.shape)
    elif callable(matrix):
        if n is None:
            raise InputError.of("n", n, "the size of the matrix, beside a function")
        return _checked(matrix, check_integer("n", n, least=1)), n
    else:
        try:
            a = np.asarray(matrix)
        except (ValueError, TypeError):
            raise InputError.of("matrix", matrix, takes) from None
        if a.dtype.kind not in "fiu":
            raise InputError.of("matrix", matrix, takes)
        product, size = a.astype(np.float64).__matmul__, _square(a.shape)
    if n is not None and check_integer("n", n) != size:
        raise InputError.of("n", n, f"{size}, or none beside a matrix")
    return _checked(product, size), size


def _square(shape: tuple[int, ...]) -> int:
    if len(shape) != 2 or shape[0] != shape[1] or not shape[0]:
        raise InputError.of("matrix", f"shape {shape}", "shape (n, n) with n >= 1")
    return int(shape[0])


def _checked(product: Product, n: int) -> Callable[[Real], Real]:
    """Return the product in float64, refused where it is no finite vector of that size."""

    def call(v: Real) -> Real:
        try:
            found = np.asarray(product(v), dtype=np.float64)
        except (ValueError, TypeError) as error:
            why = " ".join(str(error).split())[:200]
            raise InputError(f"matrix: got {type(error).__name__} ({why}) for a vector") from None
        if found.shape != (n,) or not np.isfinite(found).all():
            what = f"shape {found.shape}" if found.shape != (n,) else "NaN or infinity"
            raise InputError.of("matrix", f"a product of {what}", f"finite numbers, shape ({n},)")
        return found

    return call


def _check_symmetric(product: Callable[[Real], Real], u: Real, v: Real) -> None:
    """Refuse a matrix with u.Mv other than v.Mu, beyond rounding in float32."""
    mu, mv = product(u), product(v)
    apart = abs(float(u @ mv - v @ mu))
    size = float(np.linalg.norm(u) * np.linalg.norm(mv) + np.linalg.norm(v) * np.linalg.norm(mu))
    if apart > 1e-4 * size:
        takes = "a symmetric matrix: for two random vectors u.Mv and v.Mu differ"
        raise InputError(f"matrix: got one that is not symmetric; takes {takes}")


def _stderr(values: Real) -> float:
    return float(values.std(ddof=1) / np.sqrt(len(values)))
