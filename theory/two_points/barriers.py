"""Two-point complexity: critical points near a given one, and the lowest way out of it.

Exp(N Sigma(u1 | u0, q)) is the mean number of critical points at level u1 and overlap q with a given one at
level u0. Kac and Rice with `theory.two_points.gaussian_law` give, of the covariance U of the levels and the
slopes along s given that no slope is along the plane of both points,

    Sigma = (1/2) log(d2/d1) + max_r1 [Phi(r1/sqrt d2) - x U^-1 x/2] + x0 V^-1 x0/2
            + log((1 - q^2)/(1 - (xi'(q)/xi'(1))^2))/2,   x = (u0, r0, u1, r1),  x0 = (u0, r0),

V the covariance of x0 alone and r0 the slope of most points at u0, since blocks across the plane weigh as at
one point; the largest value over r1 is that of `theory.annealed.over_slopes`. In the pure model the slope is
p u and the levels alone are left. The Hessian at the second point is a semicircle of variance v = xi''(1)
bordered by one row: of mean c on the diagonal, and of norm chi beside it. An eigenvalue leaves the bulk where
m > sqrt v, m^2 + c m + v - chi^2 = 0, and is -(m + v/m); on the sphere it is less by the slope.

To leading order in N: all is annealed in the second point. For p = 3 and N <= 100, N Sigma is of order 1.

References
----------
Ros, Biroli and Cammarota, Complexity of energy barriers in mean-field glassy systems (2019), 1809.05440;
Kent-Dobias, Arrangement of nearby minima and saddles in the mixed spherical energy landscapes (2024),
2306.12779, for mixtures.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.optimize import brentq

from theory.annealed.mixed_model import is_trivial
from theory.annealed.named_levels import resolve_level
from theory.annealed.over_slopes import largest_over_slopes
from theory.checks import bad
from theory.levels import float_level, float_levels
from theory.model import Mixture, check_mixture
from theory.two_points.gaussian_law import Derivative, covariance, given

Real = NDArray[np.float64]

_LEVELS = [Derivative(0), Derivative(1)]
_RADIAL = [Derivative(0, "n"), Derivative(1, "n")]
_SLOPES = [Derivative(0, "t"), Derivative(1, "t")]
_ACROSS = [Derivative(0, "e"), Derivative(1, "e")]

# The last change of sign is looked for up to 1 - _NEAR/p; nearer to 1 rounding is seen.
_NEAR = 0.19


def _checked(model: Mixture) -> Mixture:
    """The model; InputError where its landscape is a quadratic form's, or two points."""
    check_mixture(model)
    if model.terms[-1][0] < 3 or is_trivial(model):
        raise bad("model", model, "a model with a term of degree 3 or more and xi''(1) > xi'(1)")
    return model


def _overlaps(q: ArrayLike) -> Real:
    found = float_levels("q", q, -1, 1)
    if (abs(found) == 1).any():
        raise bad("q", q, "overlaps between -1 and 1, neither included")
    return found


@dataclass(frozen=True)
class _Plane:
    """Levels and slopes of both points: what is fixed, and the law of the second slope.

    Attributes
    ----------
    known, values
        Derivatives that are fixed.
    rest
        Sigma without its terms in r1.
    mean, variance
        Of r1 given what is fixed.
    """

    model: Mixture
    q: Real
    known: list[Derivative]
    values: list[Real]
    rest: Real
    mean: Real
    variance: Real

    def sigma(self) -> tuple[Real, Real]:
        """Sigma and the r1 at which it is."""
        found, slope = largest_over_slopes(self.model, self.mean, self.variance)
        return self.rest + found, slope

    def lowest(self, slope: Real) -> Real:
        """The lowest eigenvalue at the second point, where its slope is r1."""
        known, values = self.known, self.values
        if len(self.model.terms) > 1:
            known, values = [*known, _RADIAL[1]], [*values, slope]
        line, _ = given(self.model, self.q, [Derivative(1, "tt")], known + _SLOPES)
        c = sum(line[..., 0, i] * value for i, value in enumerate(values))
        _, chi = given(self.model, self.q, [Derivative(1, "et")], _ACROSS)
        v = float(self.model.xi(1, 2))
        square = c**2 - 4 * (v - chi[..., 0, 0])
        m = (np.sqrt(np.maximum(square, 0)) - c) / 2
        outside = np.maximum(m, v**0.5)  # at m = sqrt v it is the bulk's
        return np.asarray(-(outside + v / outside) - slope)


def _plane(model: Mixture, u0: ArrayLike, u1: ArrayLike, q: ArrayLike) -> _Plane:
    of, overlap = _checked(model), _overlaps(q)
    first, second, overlap = np.broadcast_arrays(
        float_levels("u0", u0), float_levels("u1", u1), overlap
    )
    xi, d1, d2 = (float(of.xi(1, order)) for order in range(3))
    if len(of.terms) == 1:
        known, values = _LEVELS, [first, second]
        own, mean, variance = first**2 / xi, of.terms[0][0] * second, np.zeros(())
    else:
        spread = d1 + d2 - d1**2 / xi
        slope = largest_over_slopes(of, d1 / xi * first, spread)[1]
        known, values = [_LEVELS[0], _RADIAL[0], _LEVELS[1]], [first, slope, second]
        own = first**2 / xi + (slope - d1 / xi * first) ** 2 / spread
        line, rest = given(of, overlap, [_RADIAL[1]], known + _SLOPES)
        mean = sum(line[..., 0, i] * value for i, value in enumerate(values))
        variance = rest[..., 0, 0]
    inverse = np.linalg.inv(given(of, overlap, known, _SLOPES)[1])
    x = np.stack(values, axis=-1)
    form = np.einsum("...i,...ij,...j", x, inverse, x)
    across = [covariance(of, overlap, _ACROSS[0], one) for one in _ACROSS]
    room = (1 - overlap**2) / (1 - (across[1] / across[0]) ** 2)
    rest = (np.log(d2 / d1) + own - form + np.log(room)) / 2
    return _Plane(of, overlap, known, values, np.asarray(rest), np.asarray(mean), variance)


def pair_complexity(model: Mixture, u0: ArrayLike, u1: ArrayLike, q: ArrayLike) -> Real:
    """Exponent Sigma(u1 | u0, q) of the mean number of critical points beside a given one.

    Parameters
    ----------
    model
        With a term of degree 3 or more, and xi''(1) > xi'(1). In a mixture the given point has the slope
        of most points at its level.
    u0, u1
        Levels of the given point and of the others, in u = H/N.
    q
        Overlaps in (-1, 1). All three of shapes that broadcast.

    Returns
    -------
    ndarray
        In float64; errors of some 1e-16/(1 - |q|)^3. A grid of 200 x 200 takes 0.01 s, of a mixture 0.1 s.

    Raises
    ------
    InputError
        For another model, or numbers outside.

    Examples
    --------
    >>> from theory.model import mixture, pure
    >>> float(pair_complexity(pure(3), -1.65, -1.6, 0.0).round(6))  # as without the point
    0.026574
    >>> float(pair_complexity(mixture({3: 0.5, 4: 0.5}), -1.7, -1.65, 0.5).round(6))
    0.021858
    """
    return _plane(model, u0, u1, q).sigma()[0]


def lowest_eigenvalue(model: Mixture, u0: ArrayLike, u1: ArrayLike, q: ArrayLike) -> Real:
    """Lowest eigenvalue of the Hessian at a critical point at level u1, q away from one at level u0.

    On the sphere, per spin, to leading order in N; that of the bulk where none is outside. In a mixture at
    most of these points, whose slope they have.

    Parameters
    ----------
    model, u0, u1, q
        As of `pair_complexity`.

    Examples
    --------
    >>> from theory.model import pure
    >>> [float(lowest_eigenvalue(pure(3), -1.65, -1.64, q).round(4)) for q in (0.5, 0.7)]
    [0.021, 0.0075]
    """
    plane = _plane(model, u0, u1, q)
    return plane.lowest(plane.sigma()[1])


@dataclass(frozen=True)
class Barrier:
    """What surrounds a minimum at level u0.

    Attributes
    ----------
    level
        Of the lowest points of index 1 beside it of which there are any (Sigma >= 0).
    overlap
        With it, where they are: there their lowest eigenvalue is 0.
    farthest
        Largest overlap at which there are points at the barrier level -E_inf, of any index.
    equal
        The same at its own level.
    """

    level: float
    overlap: float
    farthest: float
    equal: float


def lowest_barrier(model: Mixture, u0: object) -> Barrier:
    """Level and place of the lowest saddles around a minimum.

    Parameters
    ----------
    model
        Of one term, p >= 3.
    u0
        Level of the minimum, a number or a name, between -E_0 and -E_inf; not nearer to the latter than
        a hundredth of the way.

    Returns
    -------
    Barrier
        To some 1e-9.

    Raises
    ------
    InputError
        For another model, or a level outside.

    Examples
    --------
    >>> from theory.model import pure
    >>> found = lowest_barrier(pure(3), -1.167 * 2**0.5)
    >>> round(found.level, 7), round(found.overlap, 5), round(found.farthest, 6), round(found.equal, 6)
    (-1.6371976, 0.67726, 0.756969, 0.125216)
    """
    _checked(model)
    if len(model.terms) > 1:
        raise bad(
            "model", model, "one term, a q^p: marginal points of a mixture lie at every overlap"
        )
    # same (17 -> 16): the digits of a float
    resolved = resolve_level("u0", u0, model, 17)
    level, threshold = float_level("u0", resolved), float(resolve_level("u0", "-E_inf", model, 17))
    # same (17 -> 16): the digits of a float
    ground = float(resolve_level("u0", "-E_0", model, 17))
    if not ground < level < threshold:
        raise bad("u0", u0, f"a level between -E_0 = {ground:.6g} and -E_inf = {threshold:.6g}")

    grid = np.linspace(0, 1 - _NEAR / model.terms[-1][0], 400)

    def farthest(u: float) -> float:
        found = pair_complexity(model, level, u, grid)
        # same (1 -> 2): next to the end
        if found[-1] >= 0:
            raise bad("u0", u0, "a level farther below -E_inf: rounding hides the rest")
        after = int(np.flatnonzero(found >= 0)[-1])
        # same (1 -> 2): where a root is looked for
        return _root(
            lambda q: float(pair_complexity(model, level, u, q)), grid[after], grid[after + 1]
        )

    last = farthest(threshold)

    def lowest(q: float) -> float:
        """The lowest level of which there are points at that overlap."""
        return _root(lambda u: float(pair_complexity(model, level, u, q)), ground, threshold)

    def curvature(q: float) -> float:
        return float(lowest_eigenvalue(model, level, lowest(q), q))

    # Near 0 the lowest points are minima, at the last overlap saddles.
    # same (numbers): where a root is looked for
    overlap = _root(curvature, 0.01 * last, (1 - 1e-6) * last)
    return Barrier(lowest(overlap), overlap, last, farthest(level))


def _root(f: Callable[[float], float], low: float, high: float) -> float:
    return float(brentq(f, low, high, xtol=1e-13))
