"""Lanczos's method with full orthogonalisation, for rows of vectors at once (Ubaru, Chen, Saad 2017)."""

from __future__ import annotations

from collections.abc import Callable

from numerics.core.backend import Array, namespace_of


def lanczos(product: Callable[[Array], Array], start: Array, steps: int) -> tuple[Array, Array]:
    """Return the tridiagonal matrix that a symmetric one is in the Krylov basis of each start.

    Parameters
    ----------
    product : callable
        Takes rows (B, n) to the products of B symmetric matrices, or of one, with them.
    start : array, shape (B, n)
        Of any length but 0.
    steps : int

    Returns
    -------
    diagonal, off : arrays, shape (steps, B)
        The last row of `off` is the length of what is left.

    Examples
    --------
    >>> import numpy as np
    >>> diagonal, off = lanczos(lambda q: q * np.array([1.0, 3.0]), np.ones((1, 2)), 2)
    >>> diagonal.ravel().round(12).tolist(), off.ravel().round(12).tolist()
    ([2.0, 2.0], [1.0, 0.0])
    """
    xp = namespace_of(start)
    basis = [start / xp.linalg.vector_norm(start, axis=1, keepdims=True)]
    diagonal, off = [], []
    for i in range(steps):
        w = product(basis[i])
        diagonal.append(xp.sum(w * basis[i], axis=1))
        # same (2 -> 3, 2 -> 4): once more is no more orthogonal
        for _ in range(2):
            for q in basis:
                w = w - q * xp.sum(q * w, axis=1, keepdims=True)
        length = xp.linalg.vector_norm(w, axis=1, keepdims=True)
        off.append(length[:, 0])
        basis.append(w / xp.where(length > 0, length, xp.ones_like(length)))
    return xp.stack(diagonal), xp.stack(off)
