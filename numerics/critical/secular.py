"""Every critical point of the quadratic model in a random field, at any N, by one scalar equation.

H(s) = s.W s/2 + b.s on |s|^2 = N, W of entries of variance (1 + delta)(2 a_2)/N, b of variance a_1 a
component: Cov(H(s), H(t)) = N (a_2 q^2 + a_1 q). In the eigenbasis of W a critical point has
s_i = b_i/(m - w_i), with m a root of

    g(m) = sum_i b_i^2/(m - w_i)^2 - N = 0.

One root lies on either side of the spectrum, and in each gap, where g is convex, none or two. With j
eigenvalues below m the form W - m has j negative directions, on the tangent space one less where
s.(W - m)^-1 s = -sum b_i^2/(m - w_i)^3 < 0 (inertia is additive). The level is
H/N = (m + b.s/N)/2.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from numerics.core.checks import check_integer, check_memory, check_real
from numerics.goe.samplers import dense, eigenvalues_dense

Real = NDArray[np.float64]

# same (numbers): more halvings than float64 has bits
_HALVINGS = 60


@dataclass(frozen=True)
class QuadraticCensus:
    """All critical points of R instances, 2 N places each; ``there`` says which are taken.

    Attributes
    ----------
    index, level, there
        Index, H/N and existence; shape (R, 2 N).
    closest
        How far the lowest point of g in a gap is from 0, over N, at least: a gap's two roots are lost or
        invented where rounding, about 1e-12, is larger. Shape (R,).
    """

    index: NDArray[np.int64]
    level: Real
    there: NDArray[np.bool_]
    closest: Real


def quadratic_census(
    rng: np.random.Generator, n: int, samples: int, quadratic: float, field: float
) -> QuadraticCensus:
    """Draw instances of a_2 q^2 + a_1 q and find all critical points of each.

    Parameters
    ----------
    rng
        Source of the disorder.
    n
        Number of spins N, >= 2.
    samples
        Number of instances R.
    quadratic, field
        a_2 and a_1, > 0.

    Returns
    -------
    QuadraticCensus

    Raises
    ------
    InputError
        For n < 2, samples < 1 or more than there is memory for, a_2 or a_1 not > 0.

    Examples
    --------
    >>> found = quadratic_census(np.random.default_rng(0), 4, 100, 1.0, 0.5)
    >>> euler = ((-1) ** found.index * found.there).sum(axis=1)  # of the sphere S^3
    >>> set(euler.tolist())
    {0}
    """
    n = check_integer("n", n, 2)
    samples = check_integer("samples", samples, 1)
    for name, value in (("quadratic", quadratic), ("field", field)):
        check_real(name, value, positive=True)
    # At the end: three arrays of 2 n points by n eigenvalues.
    check_memory(None, 48 * n**2 * samples, f"{samples} samples at n = {n}", "take fewer")
    # Entries of GOE(N) have variance (1 + delta)/(2N).
    w = 2 * np.sqrt(quadratic) * eigenvalues_dense(dense(rng, n, samples))
    square = field * rng.standard_normal((samples, n)) ** 2

    def sums(m: Real, power: int) -> Real:
        return np.asarray((square[:, None] / (m[..., None] - w[:, None]) ** power).sum(axis=-1))

    # Outside by sqrt(sum b^2/N) at most; one more is room.
    # same (1 -> 2): bisection from farther out
    reach = np.sqrt(square.sum(axis=1, keepdims=True) / n) + 1
    # same (comparisons): no sum drawn is zero
    lowest = _turn(w[:, :-1], w[:, 1:], lambda m: sums(m, 3) > 0)
    depth = sums(lowest, 2) / n - 1
    # Where g falls through 0: right of the spectrum, and left of its lowest point in a gap.
    # same (comparisons): nor is a sum drawn n
    falling = _turn(
        np.hstack([w[:, -1:], w[:, :-1]]),
        np.hstack([w[:, -1:] + reach, lowest]),
        lambda m: sums(m, 2) > n,
    )
    # same (comparisons): nor is a sum drawn n
    rising = _turn(
        np.hstack([w[:, :1] - reach, lowest]),
        np.hstack([w[:, :1], w[:, 1:]]),
        lambda m: sums(m, 2) < n,
    )
    m = np.hstack([falling, rising])
    below = np.r_[n, 1:n, 0, 1:n]
    # same (comparisons): nor is a depth
    there = np.hstack([np.ones((samples, 1), dtype=bool), depth < 0])
    along = (square[:, None] / (m[..., None] - w[:, None])).sum(axis=-1)  # b.s
    return QuadraticCensus(
        index=below - (sums(m, 3) > 0),
        level=(m + along / n) / 2,
        there=np.hstack([there, there]),
        closest=np.abs(depth).min(axis=1),
    )


def _turn(low: Real, high: Real, is_left: Callable[[Real], NDArray[np.bool_]]) -> Real:
    """Where a condition that holds at ``low`` and not at ``high`` turns, by bisection."""
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        left = is_left(middle)
        low, high = np.where(left, middle, low), np.where(left, high, middle)
    return (low + high) / 2
