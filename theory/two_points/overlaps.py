"""Overlaps of two critical points by the index of each: mean numbers of pairs at any N, with their errors."""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np
from numpy.typing import ArrayLike, NDArray

from theory.checks import bad, check_integer
from theory.levels import float_level
from theory.model import Mixture, check_mixture
from theory.two_points.drawn import NODES, PairDraws, draw_pairs

Real = NDArray[np.float64]

# Draws around the level 0 reach all pairs of so few spins; around another, weights have a heavy tail.
# guard (all): what is refused
# tests/theory/two_points/test_overlaps.py::test_bad_input_is_named
MOST_SPINS = 6
# same (all): how many are drawn at once; no number depends on it but by its stream
_BATCH = 1 << 20


@dataclass(frozen=True)
class OverlapLaw:
    """Mean numbers of ordered pairs of critical points by their overlap.

    Attributes
    ----------
    edges
        Of the bins of overlaps s.t/N.
    number
        Mean number of pairs in each bin.
    stderr
        Its standard error.
    draws
        Pairs of matrices drawn.
    """

    edges: Real
    number: Real
    stderr: Real
    draws: int

    @property
    def density(self) -> Real:
        """Share of the pairs per unit of the overlap."""
        return np.asarray(self.number / self.number.sum() / np.diff(self.edges))


def overlap_law(
    model: Mixture,
    n: int,
    k: int | None = None,
    other: int | None = None,
    edges: ArrayLike = (-1.0, -0.5, 0.0, 0.5, 1.0),
    below: float | None = None,
    draws: int = 20_000,
    seed: int = 0,
) -> OverlapLaw:
    """Mean number of pairs of critical points, of index k and of another index, by their overlap.

    Parameters
    ----------
    model
        Any mixture but multiples of q and of q^2, in a field or without.
    n
        Number of spins, 3 to 6.
    k, other
        Index of the first point and of the second, or None for any.
    edges
        Of the bins of overlaps, rising, in [-1, 1].
    below
        If given, both levels H/N are up to this.
    draws
        Pairs of matrices to draw, at least 100.
    seed
        Of the draws.

    Returns
    -------
    OverlapLaw
        A point is in no pair with itself or its antipode. Errors are of means over the draws: in a bin
        near an overlap of 1 or -1 few carry most of the weight, and fewer than some thousands tell too
        small an error.

    Raises
    ------
    InputError
        For another model, n, index, level, number of draws, or edges that do not rise.

    References
    ----------
    Subag, The complexity of spherical p-spin models: a second moment approach (2017).

    Examples
    --------
    A minimum has as many saddles of three spins on its side of the sphere as on the other:

    >>> from theory.model import pure
    >>> found = overlap_law(pure(3), 3, 0, 1, edges=[-1, 0, 1])
    >>> bool(abs(found.number[0] - found.number[1]) < 4 * found.stderr.sum())
    True
    """
    check_mixture(model)
    if len(model.terms) == 1 and model.terms[0][0] <= 2:
        raise bad("model", model, "a mixture with more than one term, or p >= 3")
    n = check_integer("n", n, 3, MOST_SPINS)
    indices = [
        None if one is None else check_integer(name, one, 0, n - 1)
        for name, one in (("k", k), ("other", other))
    ]
    level = None if below is None else float_level("below", below)
    draws, seed = check_integer("draws", draws, 100), check_integer("seed", seed, 0)
    ends = _checked_edges(edges)
    rng = np.random.default_rng(seed)
    total, square, left = np.zeros(len(ends) - 1), np.zeros(len(ends) - 1), draws
    while left:
        some = draw_pairs(rng, model, n, min(left, _BATCH // (NODES * n * n)))
        values = _values(some, indices[0], indices[1], level)
        left -= len(values)
        for i, (low, high) in enumerate(pairwise(ends)):
            inside = values * ((some.overlap >= low) & (some.overlap < high))
            total[i] += inside.sum()
            square[i] += (inside**2).sum()
    mean = total / draws
    return OverlapLaw(ends, mean, np.sqrt(np.maximum(square / draws - mean**2, 0) / draws), draws)


def _values(some: PairDraws, k: int | None, other: int | None, below: float | None) -> Real:
    """Unbiased values of the mean number of pairs of these indices, one a draw."""
    fits = np.ones(some.weight.shape, dtype=bool)
    for point, index in enumerate((k, other)):
        if index is not None:
            fits &= some.index[:, point] == index
    return replace(some, weight=some.weight * fits).of(None, below)


def _checked_edges(edges: ArrayLike) -> Real:
    """Edges of bins as floats."""
    try:
        found = np.asarray(edges, dtype=float)
    except (TypeError, ValueError):
        raise bad("edges", edges, "rising numbers in [-1, 1]") from None
    fits = found.ndim == 1 and len(found) > 1 and bool((np.diff(found) > 0).all())
    if not fits or not (found[0] >= -1 and found[-1] <= 1):
        raise bad("edges", edges, "rising numbers in [-1, 1], at least two")
    return found
