"""What descents do on a CUDA device beside the products of matrices: one start, or one Hessian, a block.

Every function takes and returns arrays of the device, C-contiguous, float32 or float64, and copies
nothing from or to the host.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from numerics.core.backend import Array, Namespace, namespace_of
from numerics.device.library import Call, bound_blocks, bound_grid, launch, launch_blocks
from numerics.device.per_item import SHARED


def _named(kernel: str, x: Array) -> str:
    return f"{kernel}_{'float32' if x.itemsize == 4 else 'float64'}"


def retract(s: Array, direction: Array, length: Array, sign: float) -> Array:
    """Return the rows of s + sign length direction brought to the sphere |.|^2 = n, shape (R, n)."""
    out = namespace_of(s).empty_like(s)
    launch_blocks(_named("retract", s), *s.shape, float(sign), s, direction, length, out)
    return out


def norms(x: Array) -> Array:
    """Return the Euclidean norms of the rows of `x` (R, n), shape (R,)."""
    out = namespace_of(x).empty(x.shape[0], dtype=x.dtype)
    launch_blocks(_named("norms", x), *x.shape, x, out)
    return out


def dots(x: Array, y: Array) -> Array:
    """Return the inner products of the rows of `x` and `y`, both (R, n) of one dtype, shape (R,)."""
    out = namespace_of(x).empty(x.shape[0], dtype=x.dtype)
    launch_blocks(_named("dots", x), *x.shape, x, y, out)
    return out


def slope(s: Array, degrees: Array, gradients: Array) -> tuple[Array, Array]:
    """Return the energy (R,) and the tangential gradient (R, n) of a sum of homogeneous terms.

    Parameters
    ----------
    s : array, shape (R, n)
    degrees : array of float64, shape (terms,)
    gradients : array, shape (terms, R, n)
        Of each term, or of parts of one.
    """
    xp = namespace_of(s)
    energy, out = xp.empty(s.shape[0], dtype=s.dtype), xp.empty_like(s)
    arguments = (degrees.shape[0], degrees, s, gradients, energy, out)
    launch_blocks(_named("slope", s), *s.shape, *arguments)
    return energy, out


def descending(
    gradients: Array,
    degrees: Array,
    rule: tuple[float, float, float],
    trial: Array,
    state: tuple[Array, ...],
) -> Call:
    """Return the end of a step of gradient descent, and the trial of the next, all in place.

    Parameters
    ----------
    gradients : array, shape (terms, R, n)
        At the trial, of each homogeneous term (or of parts of one).
    degrees : array of float64, shape (terms,)
    rule : (slack, shrink, tolerance)
        Relative rise of the energy that is none; factor on the length of a step that was not taken;
        a start with |grad|/sqrt(n) within the tolerance stays.
    trial : array, shape (R, n)
    state : (position, energy, gradient, length, norm)
        `norm` is |grad|/sqrt(n).
    """
    arguments = (degrees.shape[0], degrees, *rule, gradients, trial, *state)
    return bound_blocks(_named("descend", trial), *trial.shape, *arguments)


def products(first: int, tables: tuple[Array, Array], lower: Array, s: Array, out: Array) -> Call:
    """Return the call that sets `out` to packed products of ranks `first` and on.

    Parameters
    ----------
    tables : (tops, rests), int32
        Of every rank of that degree: its largest entry, and the rank of the rest in one degree less.
    lower : array, shape (R, columns of one degree less)
        The products of one degree less.
    s : array, shape (R, n)
    out : array, shape (R, columns)
    """
    (rows, n), columns = s.shape, out.shape[1]
    numbers = (rows, n, lower.shape[1], first)
    groups = -(-rows // SHARED)
    return bound_grid(_named("products", s), columns, groups, *numbers, *tables, lower, s, out)


def unpacked(a: Array, n: int, tables: tuple[Array, Array]) -> Array:
    """Return rows of couplings (rows, C) as matrices of forms, shape (rows n, columns).

    Parameters
    ----------
    tables : (where, times)
        Shape (n, columns): rank of every multi-index with one index more (int32), and how often that
        index then occurs in it (int8).
    """
    rows, columns = a.shape[0], tables[0].shape[1]
    out = namespace_of(a).empty((rows * n, columns), dtype=a.dtype)
    launch(_named("unpack", a), rows * n * columns, n, columns, a.shape[1], *tables, a, out)
    return out


def curvature(s: Array, radial: Array, hessian: Array) -> Array:
    """Return the Hessians on the sphere of the polynomial's, in place, with a large curvature along s.

    Parameters
    ----------
    s : array, shape (R, n)
    radial : array, shape (R,)
        s.grad H / n.
    hessian : array, shape (R, n, n)
        Symmetric; overwritten.
    """
    image = namespace_of(s).empty_like(s)
    launch_blocks(_named("curvature", s), *s.shape, s, radial, hessian, image)
    return hessian


def definite(matrices: Array) -> Array:
    """Return which of symmetric matrices (R, n, n) are positive definite; they are overwritten."""
    out = namespace_of(matrices).empty(matrices.shape[0], dtype=namespace_of(matrices).bool)
    launch_blocks(_named("definite", matrices), *matrices.shape[:2], matrices, out)
    return out


def solve(matrices: Array, sides: Array, iterations: int) -> tuple[Array, Array]:
    """Return the solutions (R, n) of positive definite systems, and bounds of the lowest eigenvalues (R,).

    The bound, from above, is that of so many inverse iterations from the solution. Zeros where a matrix
    is not definite.

    Parameters
    ----------
    matrices : array, shape (R, n, n)
        Overwritten.
    sides : array, shape (R, n)
    iterations : int
    """
    xp = namespace_of(sides)
    out, lowest = xp.asarray(sides, copy=True), xp.empty(sides.shape[0], dtype=sides.dtype)
    work = xp.empty((2, *sides.shape), dtype=sides.dtype)
    arguments = (iterations, matrices, out, work, lowest)
    launch_blocks(_named("solve", matrices), *matrices.shape[:2], *arguments)
    return out, lowest


def eigenvalues(matrices: Array, first: int = 0, count: int | None = None) -> Array:
    """Return eigenvalues of symmetric matrices (R, n, n), ascending from number `first`.

    Householder's reduction, then bisection: their error is some n units in the last place of the
    largest. NaN where a matrix is not finite.

    Parameters
    ----------
    matrices : array, shape (R, n, n)
        Overwritten.
    first, count : int
        Which; by default all.

    Returns
    -------
    array, shape (R, count)
    """
    xp = namespace_of(matrices)
    rows, n = matrices.shape[:2]
    count = n - first if count is None else count
    work, diagonal, squares = (xp.empty((rows, k * n)) for k in (2, 1, 1))
    launch_blocks(_named("tridiagonal", matrices), rows, n, matrices, work, diagonal, squares)
    out = xp.empty((rows, count))
    launch("bisected", rows * count, n, first, count, diagonal, squares, out)
    return xp.astype(out, matrices.dtype)


@lru_cache(maxsize=16)
def constant(xp: Namespace, values: tuple[float, ...]) -> Array:
    """Return numbers as an array of the device, which cross to it once."""
    return xp.asarray(np.asarray(values, dtype=np.float64))
