"""Block matrices of layers that share no weights: zero blocks on the diagonal, Gaussian ones elsewhere."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

Real = npt.NDArray[np.float64]


def between_layers(rows: Sequence[int]) -> npt.NDArray[np.bool_]:
    """Return where a matrix with these rows of each layer is not zero: (D, D).

    Examples
    --------
    >>> between_layers([1, 2]).astype(int).tolist()
    [[0, 1, 1], [1, 0, 0], [1, 0, 0]]
    """
    layer = np.repeat(np.arange(len(rows)), rows)
    return np.asarray(layer[:, None] != layer)


def block_matrices(rng: np.random.Generator, rows: Sequence[int], samples: int) -> Real:
    """Draw symmetric matrices with zero diagonal blocks, independent standard normal entries in the others.

    That is the Hessian at a critical point of f = sum X w1 .. wH, plus f, with n_l - 1 rows of layer l.

    Parameters
    ----------
    rng : numpy.random.Generator
    rows : sequence of int
        Rows of each layer.
    samples : int

    Returns
    -------
    ndarray, shape (samples, D, D)
        D the sum of the rows.

    Examples
    --------
    >>> g = block_matrices(np.random.default_rng(0), [1, 2], samples=1)[0]
    >>> bool((g == g.T).all()), (g != 0).sum().item()
    (True, 4)
    """
    size = sum(rows)
    half = np.tril(rng.standard_normal((samples, size, size)) * between_layers(rows))
    return np.asarray(half + half.swapaxes(1, 2))
