"""The joint law of a Gaussian field and its derivatives at two points of the unit sphere.

f = H/sqrt N has E f(x) f(y) = xi(x.y). A derivative along a at x and one along b at y act on that by the
chain rule, so that with lists A and B of directions

    E D_A f(x) D_B f(y) = sum over partial matchings of A with B
        prod over pairs a.b  prod over single a of a.y  prod over single b of b.x  xi^(m)(x.y),

m the number of pairs and singles. Nothing else is typed in: conditional laws are Schur complements.

At x = n1 and y = n2, of overlap q, the plane of both holds the tangents t1 = (n2 - q n1)/s and
t2 = (q n2 - n1)/s, s^2 = 1 - q^2; e is any direction across it. On the sphere the Hessian at a point is that
of the space less the radial derivative times the identity. Given critical points, for a pure model (whose
radial derivative is p f) the law is that of

    the levels f1, f2;  the curvatures along t1, t2;  borders D_e D_t f;  blocks D_e D_e' f across.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from theory.model import Mixture

Real = NDArray[np.float64]
Direction = tuple[Real | float, Real | float, float]
"""In the plane of both points, along n1 and t1, and along e."""


@dataclass(frozen=True)
class Derivative:
    """Of the field at a point (0 or 1), along so many directions, named "n", "t" and "e"."""

    point: int
    along: str = ""


def covariance(model: Mixture, q: ArrayLike, one: Derivative, other: Derivative) -> Real:
    """E D_A f(x) D_B f(y), of the shape of the overlaps q.

    Examples
    --------
    >>> from theory.model import pure
    >>> level, radial = Derivative(0), Derivative(0, "n")
    >>> [float(covariance(pure(3), 0.5, level, x)) for x in (level, radial, Derivative(1))]
    [1.0, 3.0, 0.125]
    """
    overlap = np.asarray(q, dtype=float)
    s = np.sqrt(1 - overlap**2)
    frames: list[dict[str, Direction]] = [
        {"n": (1.0, 0.0, 0.0), "t": (0.0, 1.0, 0.0), "e": (0.0, 0.0, 1.0)},
        {"n": (overlap, s, 0.0), "t": (-s, overlap, 0.0), "e": (0.0, 0.0, 1.0)},
    ]
    x, y = (frames[d.point]["n"] for d in (one, other))
    a, b = ([frames[d.point][name] for name in d.along] for d in (one, other))
    at = np.ones_like(overlap) if one.point == other.point else overlap

    def matched(a: list[Direction], b: list[Direction], order: int) -> Real:
        if not a:
            return _product([_dot(v, x) for v in b]) * _derivative(model, order + len(b), at)
        first, rest = a[0], a[1:]
        found = _dot(first, y) * matched(rest, b, order + 1)
        for i, v in enumerate(b):
            found = found + _dot(first, v) * matched(rest, b[:i] + b[i + 1 :], order + 1)
        return found

    return np.asarray(matched(a, b, 0))


def _dot(a: Direction, b: Direction) -> Real:
    return np.asarray(a[0] * b[0] + a[1] * b[1] + a[2] * b[2])


def _product(factors: list[Real]) -> Real:
    return np.asarray(math.prod(factors, start=np.float64(1.0)))


def _derivative(model: Mixture, order: int, q: Real) -> Real:
    """The derivative of xi of that order at q."""
    found = np.zeros_like(q)
    for p, a in model.terms:
        if p >= order:
            found = found + float(a) * math.perm(p, order) * q ** (p - order)
    return found


def given(
    model: Mixture, q: ArrayLike, wanted: list[Derivative], known: list[Derivative]
) -> tuple[Real, Real]:
    """Conditional law of some derivatives given others.

    Returns
    -------
    coefficients, covariance
        The mean is the coefficients (..., wanted, known) times what is known; shape (..., wanted, wanted).

    Examples
    --------
    >>> from theory.model import pure
    >>> levels, slopes = [Derivative(0), Derivative(1)], [Derivative(0, "t"), Derivative(1, "t")]
    >>> given(pure(3), 0.5, levels, slopes)[1].round(8).tolist()
    [[0.76923077, 0.26923077], [0.26923077, 0.76923077]]
    """

    def joint(rows: list[Derivative], columns: list[Derivative]) -> Real:
        found = [[covariance(model, q, a, b) for b in columns] for a in rows]
        return np.moveaxis(np.array(found), (0, 1), (-2, -1))

    cross, inner = joint(wanted, known), joint(known, known)
    coefficients = np.swapaxes(np.linalg.solve(inner, np.swapaxes(cross, -1, -2)), -1, -2)
    return coefficients, joint(wanted, wanted) - coefficients @ np.swapaxes(cross, -1, -2)
