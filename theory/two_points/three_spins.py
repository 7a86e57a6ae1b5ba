"""Pairs of critical points at N = 3, by quadrature.

There a Hessian is of two rows, its determinant Q = x y - b^2 a quadratic form in Gaussian variables: x across
the plane of both points, y along it, b beside them. As abs(Q) = (2/pi) int_0^oo (1 - cos(tQ))/t^2 dt,

    E abs(Q1 Q2) = (4/pi^2) int int [1 - Re phi(t1, 0) - Re phi(0, t2) + Re phi(t1, t2)/2
                                     + Re phi(t1, -t2)/2]/(t1^2 t2^2),

phi(t1, t2) = E exp(i(t1 Q1 + t2 Q2)) the product over the eigenvalues w of t1 Q1 + t2 Q2, as a form in
standard variables, of (1 - 2iw)^(-1/2). The overlap is cos of an angle, t is s tan of another.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from theory.model import Mixture
from theory.two_points.drawn import log_density
from theory.two_points.gaussian_law import Derivative, given

Real = NDArray[np.float64]

_SLOPES = [Derivative(0, "t"), Derivative(1, "t")]
_ACROSS = [Derivative(0, "e"), Derivative(1, "e")]
_BORDERS = [Derivative(0, "et"), Derivative(1, "et")]
_PLANE = [Derivative(point, along) for point in (0, 1) for along in ("ee", "tt", "n")]


def pairs_of_three(model: Mixture) -> tuple[float, float]:
    """Mean number of ordered pairs at N = 3, neither the same point nor antipodes, and its error.

    The error is by how much fewer nodes give another number.

    Examples
    --------
    >>> from theory.model import pure
    >>> value, error = pairs_of_three(pure(3))
    >>> round(value, 2), error < 2e-2
    (100.37, True)
    """
    # same (numbers): more nodes; the error is stated
    few, many = (_quadrature(model, *nodes) for nodes in ((28, 24), (40, 36)))
    return many, abs(many - few)


def _quadrature(model: Mixture, overlaps: int, nodes: int) -> float:
    x, weights = np.polynomial.legendre.leggauss(overlaps)
    angle = math.pi * (x + 1) / 2
    q = np.cos(angle)
    law = given(model, q, _PLANE, _ACROSS + _SLOPES)[1]
    on_sphere = np.kron(np.eye(2), np.array([[1.0, 0.0, -1.0], [0.0, 1.0, -1.0]]))
    bent = on_sphere @ law @ on_sphere.T
    border = given(model, q, _BORDERS, _ACROSS)[1]
    values = [_mean_product(*one, nodes) for one in zip(bent, border, strict=True)]
    return float(
        math.pi / 2 * (weights * np.sin(angle) * np.exp(log_density(model, 3, q))) @ values
    )


def _mean_product(bent: Real, border: Real, nodes: int) -> float:
    """E abs(Q1 Q2), of x1, y1, x2, y2 and b1, b2 of these covariances."""
    x, weights = np.polynomial.legendre.leggauss(nodes)
    angle = math.pi * (x + 1) / 4
    # A standard deviation of Q is 1/s: the fourth moments of Gaussian variables.
    # same (all): a scale; nothing depends on it but errors
    s = 1 / math.sqrt(bent[0, 0] * bent[1, 1] + 2 * bent[0, 1] ** 2 + 3 * border[0, 0] ** 2)
    t, measure = s * np.tan(angle), weights * math.pi / 4 / (s * np.sin(angle) ** 2)
    zero = np.zeros_like(t)
    one = _characteristic(bent, border, t, zero)[:, None]
    other = _characteristic(bent, border, zero, t)
    rows, columns = np.triu_indices(nodes)  # the points are alike
    same, against = (_characteristic(bent, border, t[rows], sign * t[columns]) for sign in (1, -1))
    both = np.empty((nodes, nodes))
    both[rows, columns] = both[columns, rows] = (same + against) / 2
    return float(4 / math.pi**2 * measure @ (1 - one - other + both) @ measure)


def _characteristic(bent: Real, border: Real, first: Real, second: Real) -> Real:
    """Re phi at points (t1, t2)."""
    half = np.zeros((len(first), 4, 4))
    half[:, 0, 1] = half[:, 1, 0] = first / 2
    half[:, 2, 3] = half[:, 3, 2] = second / 2
    beside = np.zeros((len(first), 2, 2))
    beside[:, 0, 0], beside[:, 1, 1] = -first, -second
    found = 1.0 + 0j
    for form, law in ((half, bent), (beside, border)):
        root = _root(law)
        eigenvalues = np.linalg.eigvalsh(root.T @ form @ root)
        found = found * ((1 - 2j * eigenvalues) ** -0.5).prod(axis=1)
    return np.asarray(found.real)


def _root(law: Real) -> Real:
    values, vectors = np.linalg.eigh(law)
    return np.asarray(vectors * np.sqrt(np.maximum(values, 0)))
