"""Proofs in float64 that a critical point is there: Newton and Kantorovich with rounding errors.

Let F(z) = [grad h(x) - mu x, (1 - x.x)/2] at z = (x, mu) in C^(n+1), J its Jacobian, A any matrix
(a computed inverse of J), all norms the largest component's, x measured in units of max(1, |x|) and mu
of max(1, |mu|) (complex points may be huge: x.x = 1 does not bound them). If

    Y >= |A F(z)|,   Z >= |1 - A J(z)|,   K >= |A F''| on the ball of radius `REACH` about z,
    Y + (Z - 1) r + K r^2 / 2 <= 0   for some r <= REACH,

then v -> v - A F(v) maps the ball of radius r into itself and contracts it: exactly one zero lies
in it (Newton-Kantorovich; Rump 2010, Acta Numerica 19, Sec. 13; the form is that of Yamamoto 1998).
The smallest such r is kept. It is a root of multiplicity one, and a real one if z is real: the
complex conjugate of a zero is a zero, and the ball is its own conjugate.

Rounding. Every component of F and J is a sum of products of at most `depth` operations along any
path from the inputs, so its float64 value is off by at most gamma = 8 depth eps / 2 times the same
sum over absolute values (complex products lose at most sqrt 5 eps / 2 each: Brent, Percival and
Zimmermann 2007; the order of sums, fused operations and blocked kernels do not matter). Products
with A are bounded alike. The bounds themselves are sums of few nonnegative numbers, raised by
`UP`. The coefficients t of `numerics.critical.polynomials` are exact.

The index is proved by Sylvester's law: V^T M V, computed with its error for approximate
eigenvectors V of the bordered Hessian M = J, has as many negative eigenvalues as M, whatever V, and
Gershgorin's circles count them. On the tangent space are all but one of these.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from numerics.critical.polynomials import Forms, Real
from numerics.pspin import multisets

Complex = npt.NDArray[np.complex128]

REACH = 1e-2
"""Radius of the ball on which the second derivative is bounded."""

# same (1e-09 -> 2e-09, 1e-280 -> 2e-280): any a little above what rounding loses
UP = 1 + 1e-9
_EPS = float(np.finfo(np.float64).eps)
_TINY = 1e-280  # more than underflow can lose


@dataclass(frozen=True)
class Evaluated:
    """F and J at points z, with bounds of the rounding errors; leading axes (instances, points).

    Attributes
    ----------
    value, jacobian
        As computed.
    value_error, jacobian_error
        Bounds, entry by entry.
    level
        h at x (not bounded).
    """

    value: Complex
    jacobian: Complex
    value_error: Real
    jacobian_error: Real
    level: Complex


def evaluate(forms: Forms, z: npt.NDArray[Any]) -> Evaluated:
    """Return F and J at the points z, shape (instances, points, n + 1), with their errors."""
    of = forms.layout
    n = of.n
    x, mu = z[..., :n], z[..., n]
    monomials = np.ones((*x.shape[:-1], len(of.parent)), dtype=z.dtype)
    for q in range(1, len(of.parent)):
        monomials[..., q] = monomials[..., of.parent[q]] * x[..., of.variable[q]]
    sizes, ax = np.abs(monomials), np.abs(x)
    matrix, bound = np.zeros((*x.shape, n), dtype=z.dtype), np.zeros((*x.shape, n))
    gradient, gradient_bound = np.zeros_like(x), np.zeros_like(ax)
    level = np.zeros_like(mu)
    for p, (first, last), source, weight, offset in forms.terms():
        t = np.swapaxes(forms.t[:, offset + source], 1, 2)
        part = _square(p * ((monomials[..., first:last] * weight) @ t), n)
        part_bound = _square(p * ((sizes[..., first:last] * weight) @ np.abs(t)), n)
        # same (0 -> -1): of an axis of one
        along = (part @ x[..., None])[..., 0]
        gradient += along
        # same (0 -> -1): of an axis of one
        gradient_bound += (part_bound @ ax[..., None])[..., 0]
        level += (along * x).sum(axis=-1) / p
        matrix += (p - 1) * part
        bound += (p - 1) * part_bound
    gamma = _gamma(of.degree + len(of.parent) + n + len(of.orders) + 8)
    value = np.concatenate(
        [gradient - mu[..., None] * x, (1 - (x * x).sum(axis=-1, keepdims=True)) / 2], axis=-1
    )
    value_error = gamma * np.concatenate(
        [
            gradient_bound + np.abs(mu)[..., None] * ax,
            (1 + (ax * ax).sum(axis=-1, keepdims=True)) / 2,
        ],
        axis=-1,
    )
    jacobian = np.zeros((*z.shape, n + 1), dtype=z.dtype)
    jacobian[..., :n, :n] = matrix - mu[..., None, None] * np.eye(n)
    jacobian[..., :n, n] = jacobian[..., n, :n] = -x
    jacobian_error = np.zeros((*z.shape, n + 1))
    jacobian_error[..., :n, :n] = gamma * (bound + np.abs(mu)[..., None, None] * np.eye(n))
    return Evaluated(value, jacobian, value_error * UP + _TINY, jacobian_error * UP + _TINY, level)


def _square(packed: npt.NDArray[Any], n: int) -> npt.NDArray[Any]:
    """Return symmetric matrices from their upper triangles, row after row."""
    where = np.zeros((n, n), dtype=np.int64)
    where[np.triu_indices(n)] = np.arange(packed.shape[-1])
    where = np.maximum(where, where.T)
    return packed[..., where]


def _gamma(depth: int) -> float:
    """Return the relative error of a sum of products `depth` operations deep."""
    return 4 * depth * _EPS


def second_derivative(forms: Forms, z: npt.NDArray[Any]) -> Real:
    """Return bounds of the rows of F'' on the ball about z, shape (instances, points, n + 1).

    Entry i bounds sum over j, k of |d^2 F_i / dz_j dz_k| w_j w_k, w the `units`.
    """
    of = forms.layout
    n = of.n
    w = units(z)
    # same (0 -> 1): all of x have one unit
    top = (np.abs(z[..., :n]).max(axis=-1) + REACH * w[..., 0]) * UP
    rows = np.zeros(z.shape)
    for p, offset in zip(of.orders, of.offsets, strict=False):
        ranks, _ = multisets.insertion(n, p)
        t = np.abs(forms.t[:, offset + ranks]) @ multisets.orderings(n, p - 1)
        if p > 2:
            rows[..., :n] += p * (p - 1) * (p - 2) * top[..., None] ** (p - 3) * t[:, None, :]
    rows[..., :n] = rows[..., :n] * w[..., :1] ** 2 + 2 * w[..., :1] * w[..., n:]
    # same (0 -> 1): all of x have one unit
    rows[..., n] = n * w[..., 0] ** 2
    return rows * UP


def units(z: npt.NDArray[Any]) -> Real:
    """Return the units in which the components of z are measured, shape as z: at least 1."""
    size: Real = np.maximum(np.abs(z), 1.0)
    size[..., :-1] = size[..., :-1].max(axis=-1, keepdims=True)
    return size


def newton(forms: Forms, z: Complex, steps: int = 2) -> Complex:
    """Return the points after some steps of Newton's method; real points stay real."""
    for _ in range(steps):
        at = evaluate(forms, z)
        with np.errstate(invalid="ignore", over="ignore"):
            # same (0 -> -1): of an axis of one
            z = z - (_inverse(at.jacobian) @ at.value[..., None])[..., 0]
    return z


def _inverse(matrices: Complex) -> Complex:
    """Return inverses; NaN where a matrix is singular or not finite."""
    sound = np.asarray(np.isfinite(matrices).all(axis=(-1, -2)))
    # same (1 -> 0, 1 -> 2): what stands in for a matrix that is not finite
    eye = np.eye(matrices.shape[-1])
    filled: Complex = np.where(sound[..., None, None], matrices, eye)
    try:
        out = np.linalg.inv(filled)
    except np.linalg.LinAlgError:  # one exactly singular matrix: find out which
        out = np.full_like(filled, np.nan)
        for i in np.ndindex(filled.shape[:-2]):
            try:
                out[i] = np.linalg.inv(filled[i])
            except np.linalg.LinAlgError:
                continue
    return np.where(sound[..., None, None], out, np.nan)


def radius(forms: Forms, z: Complex) -> Real:
    """Return the radius of a ball about each z that holds exactly one zero of F.

    Parameters
    ----------
    forms : Forms
    z : ndarray, shape (instances, points, n + 1)
        May hold NaN.

    Returns
    -------
    ndarray, shape (instances, points)
        Of the components of x, max(1, |x|) times that in the units of the proof. Infinite where
        nothing is proved.
    """
    with np.errstate(invalid="ignore", over="ignore", divide="ignore"):
        at = evaluate(forms, z)
        a = _inverse(at.jacobian)
        size = np.abs(a)
        w = units(z)
        # same (4 -> 5, 4 -> 3, 4 -> 8): a product with A has so many operations at most, or fewer
        gamma = _gamma(z.shape[-1] + 4)
        # same (0 -> -1): of an axis of one
        step = np.abs((a @ at.value[..., None])[..., 0])
        rounding = size @ (gamma * np.abs(at.value) + at.value_error)[..., None]
        # same (0 -> -1): of an axis of one
        y = ((step + rounding[..., 0]) / w).max(axis=-1) * UP + _TINY
        left = np.abs(np.eye(z.shape[-1]) - a @ at.jacobian)
        left += size @ (gamma * np.abs(at.jacobian) + at.jacobian_error)
        left += _EPS * np.eye(z.shape[-1])
        # same (0 -> -1): of an axis of one
        contraction = ((left @ w[..., None])[..., 0] / w).max(axis=-1) * UP
        # same (0 -> -1): of an axis of one
        k = ((size @ second_derivative(forms, z)[..., None])[..., 0] / w).max(axis=-1) * UP
        # The smaller root of Y - (1 - Z) r + K r^2 / 2, raised: where it is real and r within reach.
        slope = 1 - contraction
        r = 2 * y / (slope + np.sqrt(np.maximum(slope**2 - 2 * k * y, 0.0))) * (1 + 1e-6)
        # same (comparisons): numbers drawn do not meet the bound
        proved = (slope > 0) & (y - slope * r + k * r * r / 2 < 0) & (r < REACH)
    return np.where(proved, r * w[..., 0] * UP, np.inf)


def index(forms: Forms, z: Real, r: Real) -> npt.NDArray[np.int64]:
    """Return the proved indices of the zeros within r of real points z; -1 where undecided.

    Parameters
    ----------
    forms : Forms
    z : ndarray, shape (instances, points, n + 1)
    r : ndarray, shape (instances, points)
        As `radius` returns it.

    Returns
    -------
    ndarray of int, shape (instances, points)
        Number of negative eigenvalues of the Hessian on the sphere.
    """
    sound = np.isfinite(r) & np.isfinite(z).all(axis=-1)
    # same (numbers): a point that stands in for what is not finite
    at = evaluate(forms, np.where(sound[..., None], z, 1.0))
    m = at.jacobian.real
    # The zero is within r (real x have unit 1): so much may the entries of its Hessian differ.
    spread = (
        at.jacobian_error
        + np.where(sound, r, 0.0)[..., None, None] * (second_derivative(forms, z)[..., None])
    )
    _, v = np.linalg.eigh(m)
    vt, size = np.swapaxes(v, -1, -2), np.abs(v)
    product = vt @ m @ v
    error = _gamma(2 * z.shape[-1]) * np.abs(m) + spread
    error = np.swapaxes(size, -1, -2) @ error @ size * UP
    diagonal = np.diagonal(product, axis1=-2, axis2=-1)
    off = np.abs(product).sum(axis=-1) - np.abs(diagonal) + error.sum(axis=-1)
    # same (comparisons): numbers drawn do not meet the bound
    decided = sound & (np.abs(diagonal) > off * UP).all(axis=-1)
    # same (comparisons): what is decided is not zero
    return np.where(decided, (diagonal < 0).sum(axis=-1) - 1, -1)
