"""Which minima join at which height: the disconnectivity graph of one census.

From every saddle of index 1 two paths of steepest descent lead to minima. Flooding the landscape, the
basins of these two join at the saddle's energy, if no lower saddle has joined them before (Becker
and Karplus 1997). In the end all are one: the sphere is connected.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from numerics.critical.enumeration import Census
from numerics.pspin.couplings import Couplings
from numerics.pspin.hamiltonian import energy_gradient, riemannian_hessian_eigenvalues, tangential

Real = npt.NDArray[np.float64]
Integer = npt.NDArray[np.int64]

# same (20000 -> 20001, 20000 -> 19999, 20000 -> 40000): steps after which a descent is given up
MAX_STEPS = 20_000
NUDGE = 1e-4
"""First step off a saddle over sqrt(n)."""


@dataclass(frozen=True)
class Graph:
    """The disconnectivity graph of one instance.

    Attributes
    ----------
    minima : ndarray, shape (minima,)
        Their energies H/n, ascending.
    joins : tuple of (float, int, int)
        Energy at which two basins join, ascending, and the numbers of the lowest minima of both, the
        lower of the two first.
    lost : int
        Paths whose end was not recognised.
    """

    minima: Real
    joins: tuple[tuple[float, int, int], ...]
    lost: int


def graph(c: Couplings, census: Census, instance: int) -> Graph:
    """Return the disconnectivity graph of one instance of a census.

    Parameters
    ----------
    c : Couplings
        Of that instance.
    census : Census
    instance : int

    Examples
    --------
    >>> from numerics.core.mixture import disorder_stream
    >>> from numerics.critical import enumeration
    >>> from numerics.pspin.couplings import draw
    >>> source = disorder_stream(4, {3: 1.0}, 0)
    >>> found = enumeration.census_part(source, 0, 1, 4, {3: 1.0})
    >>> c = draw(source.generator(0, 0), 4, {3: 1.0})
    >>> tree = graph(c, found, 0)
    >>> len(tree.joins) == len(tree.minima) - 1
    True
    """
    mine = census.instance == instance
    position, index, energy = census.position[mine], census.index[mine], census.energy[mine]
    minima, saddles = position[index == 0], position[index == 1]
    ends = descend(c, np.concatenate([_off(c, saddles, 1.0), _off(c, saddles, -1.0)]))
    distance = np.linalg.norm(ends[:, None] - minima[None], axis=2)
    # same (0.001 -> 0.002, comparisons): an end is far nearer, or far off
    nearest = np.where(distance.min(axis=1) < 1e-3, distance.argmin(axis=1), -1)
    pairs = nearest.reshape(2, -1).T
    joins = join_basins(len(minima), energy[index == 1], pairs)
    return Graph(energy[index == 0], joins, int((nearest < 0).sum()))


def join_basins(minima: int, heights: Real, pairs: Integer) -> tuple[tuple[float, int, int], ...]:
    """Return where basins join: by Kruskal's algorithm over saddles in order of height.

    Minima are numbered by energy, so that the smaller number of two is the lower one.

    Examples
    --------
    >>> join_basins(3, np.array([1.0, 0.5, 2.0]), np.array([[0, 2], [1, 2], [0, 1]]))
    ((0.5, 1, 2), (1.0, 0, 1))
    """
    root = list(range(minima))
    joins = []
    for saddle in np.argsort(heights, kind="stable"):
        if (pairs[saddle] < 0).any():
            continue
        a, b = sorted(_find(root, int(i)) for i in pairs[saddle])
        if a != b:
            root[b] = a
            joins.append((float(heights[saddle]), a, b))
    return tuple(joins)


def _find(root: list[int], i: int) -> int:
    """Return the lowest minimum of the basin of i."""
    while root[i] != i:
        i = root[i]
    return i


def _off(c: Couplings, saddles: Real, side: float) -> Real:
    """Return the points a little off the saddles along their one way down."""
    n = saddles.shape[1]
    step = 1e-4
    out = []
    for s in saddles:
        # Columns of the tangential Hessian by differences are enough for a direction.
        basis = np.linalg.svd(s[None])[2][1:]
        ahead = np.stack([s + step * b for b in basis])
        behind = np.stack([s - step * b for b in basis])
        # same (2 -> 1, 2 -> 3, 2 -> 4): of their modes alone
        slopes = (energy_gradient(c, ahead)[1] - energy_gradient(c, behind)[1]) / (2 * step)
        _, modes = np.linalg.eigh(basis @ slopes.T)
        out.append(s + side * NUDGE * math.sqrt(n) * (modes[:, 0] @ basis))
    moved = np.stack(out) if out else np.empty((0, n))
    return np.asarray(moved * np.sqrt(n / (moved**2).sum(axis=1, keepdims=True)))


def descend(c: Couplings, points: Real, tolerance: float = 1e-7) -> Real:
    """Follow the gradient down in short steps until |grad|/sqrt(n) <= tolerance."""
    s = points.copy()
    n = s.shape[1]
    if not len(s):
        return s
    # Short enough to follow the flow: a tenth of what the steepest curvature at the start allows.
    length = 0.2 / float(np.abs(riemannian_hessian_eigenvalues(c, s)).max())
    for _ in range(MAX_STEPS):
        gradient = tangential(s, energy_gradient(c, s)[1])
        # same (comparisons): a slope drawn is not the tolerance
        going = (gradient**2).sum(axis=1) > tolerance**2 * n
        if not going.any():
            break
        s[going] -= length * gradient[going]
        s *= np.sqrt(n / (s * s).sum(axis=1, keepdims=True))
    return s
