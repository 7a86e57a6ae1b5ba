"""Critical points of any index at large n: descents cut at several heights, then modes followed.

From where a descent is cut, as many of the lowest modes as are bent downwards there are followed
uphill, all others downhill, each by its own Newton step (Cerjan and Miller 1981; Wales 1994). That ends at
a critical point of that index: high up near half of the directions, low down few or none. What it
ends in is not a fair sample of all critical points. A start may give up.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from numerics.core.mixture import derivatives
from numerics.core.streams import Stream
from numerics.pspin.couplings import Couplings, draw, random_point
from numerics.pspin.hamiltonian import (
    energy_gradient,
    hessian,
    riemannian_hessian_eigenvalues,
    tangential,
)

Real = npt.NDArray[np.float64]
Integer = npt.NDArray[np.int64]

# same (numbers): steps after which a search is given up
MAX_STEPS = 120

# same (numbers): the longest step of a search; its end is a critical point all the same
LONGEST = 0.3
"""Length of a step over sqrt(n)."""

# same (1000.0 -> 1001.0, 1000.0 -> 999.0, 1000.0 -> 2000.0): far enough
FLATTEST, FAR = 1e-3, 1e3
"""Curvature below which a mode's step grows no more; one above all of the Hessian."""


# same (4 -> 5, 4 -> 3, 8 -> 9, 8 -> 7, 16 -> 17, 16 -> 15, 32 -> 33, 32 -> 31): where searches start
def saddles_one(
    source: Stream,
    disorder: int,
    n: int,
    coefficients: Mapping[int, float],
    starts: int,
    heights: Sequence[int] = (0, 2, 4, 8, 16, 32),
    tolerance: float = 1e-9,
) -> dict[str, npt.NDArray[Any]]:
    """Search critical points from uniform starts on one disorder.

    The couplings come from ``source.generator(disorder, 0)``, the starts from
    ``source.generator(disorder, 1)``.

    Parameters
    ----------
    source : Stream
    disorder, n, coefficients
        As in `numerics.descent.descend_one`.
    starts : int
        Points that each of the heights starts from.
    heights : sequence of int
        Steps of plain gradient descent before modes are followed, one search each.
    tolerance : float
        Stop where |grad|/sqrt(n) <= tolerance.

    Returns
    -------
    dict
        "energy" (H/n), "index", "converged" (the others gave up), each of shape
        (starts * len(heights),), and "position" (starts * len(heights), n). Points may repeat.

    Examples
    --------
    >>> from numerics.core.streams import stream
    >>> out = saddles_one(stream(0, "example"), 0, 20, {3: 1.0}, starts=8)
    >>> bool(out["converged"].mean() > 0.3), len(set(out["index"].tolist())) > 3
    (True, True)
    """
    c = draw(source.generator(disorder, 0), n, coefficients)
    points = random_point(source.generator(disorder, 1), n, starts)
    length = 1 / (2 * math.sqrt(derivatives(coefficients)[2]))
    cut, at = [], points
    for steps in range(max(heights) + 1):
        if steps in heights:
            cut.append(at)
        at = _on_sphere(at - length * tangential(at, energy_gradient(c, at)[1]))
    return search(c, np.concatenate(cut), tolerance)


def search(c: Couplings, points: Real, tolerance: float = 1e-9) -> dict[str, npt.NDArray[Any]]:
    """Move points (R, n) on the sphere to critical points; see `saddles_one` for what is returned."""
    s = points.copy()
    n = s.shape[1]
    size = _norm(c, s)
    # same (1 -> 2): any number below 0
    uphill = np.full(len(s), -1)
    for _ in range(MAX_STEPS):
        active = np.flatnonzero(size > tolerance)
        if not active.size:
            break
        move, uphill[active] = _step(c, s[active], uphill[active])
        longest = np.sqrt((move * move).sum(axis=1, keepdims=True) / n)
        s[active] = _on_sphere(s[active] + np.minimum(1.0, LONGEST / longest) * move)
        size[active] = _norm(c, s[active])
    # same (comparisons): an eigenvalue drawn is not zero, nor a slope the tolerance
    return {
        "energy": energy_gradient(c, s)[0] / n,
        "index": (riemannian_hessian_eigenvalues(c, s) < 0).sum(axis=1),
        "converged": size <= tolerance,
        "position": s,
    }


def _on_sphere(s: Real) -> Real:
    """Return the points scaled to |s|^2 = n."""
    return np.asarray(s * np.sqrt(s.shape[1] / (s * s).sum(axis=1, keepdims=True)))


def _norm(c: Couplings, s: Real) -> Real:
    """Return |grad|/sqrt(n) on the sphere."""
    gradient = tangential(s, energy_gradient(c, s)[1])
    return np.asarray(np.sqrt((gradient * gradient).sum(axis=1) / s.shape[1]))


def _step(c: Couplings, s: Real, uphill: Integer) -> tuple[Real, Integer]:
    """Return steps up along the `uphill` lowest modes (where -1: those bent downwards), down the others."""
    n = s.shape[1]
    gradient = energy_gradient(c, s)[1]
    radial = (s * gradient).sum(axis=1) / n
    matrix = hessian(c, s) - radial[:, None, None] * np.eye(n)
    unit = s / math.sqrt(n)
    # same (0 -> -1): of an axis of one
    image = (matrix @ unit[:, :, None])[:, :, 0]
    along = (image * unit).sum(axis=1)[:, None, None]
    # Tangential part; the direction of s itself becomes an eigenvector far above all others.
    matrix = matrix - image[:, :, None] * unit[:, None, :] - unit[:, :, None] * image[:, None, :]
    matrix = matrix + (along + FAR) * (unit[:, :, None] * unit[:, None, :])
    values, modes = np.linalg.eigh(matrix)
    uphill = np.where(uphill < 0, (values < 0).sum(axis=1), uphill)
    # same (0 -> -1): of one column
    parts = (np.swapaxes(modes, 1, 2) @ tangential(s, gradient)[:, :, None])[:, :, 0]
    sign = np.where(np.arange(n) < uphill[:, None], 1.0, -1.0)
    parts = sign * parts / np.maximum(np.abs(values), FLATTEST)
    return np.asarray((modes @ parts[:, :, None])[:, :, 0]), uphill
