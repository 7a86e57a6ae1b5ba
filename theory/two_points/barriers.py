"""Two-point complexity of a pure model: critical points near a given one, and the lowest way out of it.

Exp(N Sigma(u1 | u0, q)) is the mean number of critical points at level u1 and overlap q with a given one at
level u0. Kac and Rice with `theory.two_points.gaussian_law` give, of the levels' covariance U given that no
slope is along the plane of both points, and the one-point complexity Theta at -|u|,

    Sigma = Theta(u1) + (u0^2 + u1^2)/2 - (u0, u1) U^-1 (u0, u1)/2
            + log((1 - q^2)/(1 - (xi'(q)/xi'(1))^2))/2,

since blocks across the plane weigh as at one point. The Hessian at the second point is a semicircle of
variance v = xi'' bordered by one row: of mean c on the diagonal, and of norm chi beside it. An eigenvalue
leaves the bulk where m > sqrt v, m^2 + c m + v - chi^2 = 0, and is -(m + v/m).

To leading order in N: all is annealed in the second point. For p = 3 and N <= 100, N Sigma is of order 1.

References
----------
Ros, Biroli and Cammarota, Complexity of energy barriers in mean-field glassy systems (2019), 1809.05440.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.optimize import brentq

from theory.annealed.named_levels import resolve_level
from theory.annealed.pure_model import e_inf, theta
from theory.checks import bad
from theory.levels import float_level, float_levels
from theory.model import Mixture, check_mixture, slopes_at_one
from theory.two_points.gaussian_law import Derivative, covariance, given

Real = NDArray[np.float64]

_LEVELS = [Derivative(0), Derivative(1)]
_SLOPES = [Derivative(0, "t"), Derivative(1, "t")]
_ACROSS = [Derivative(0, "e"), Derivative(1, "e")]

# The last change of sign is looked for up to 1 - _NEAR/p; nearer to 1 rounding is seen.
_NEAR = 0.19


def _degree(model: Mixture) -> int:
    """The degree of a pure model; InputError for another."""
    check_mixture(model)
    p = model.terms[0][0]
    if len(model.terms) > 1 or p < 3 or model.terms[0][1] != 1:
        raise bad("model", model, "a pure model q^p, p >= 3")
    return p


def _overlaps(q: ArrayLike) -> Real:
    found = float_levels("q", q, -1, 1)
    if (abs(found) == 1).any():
        raise bad("q", q, "overlaps between -1 and 1, neither included")
    return found


def pair_complexity(model: Mixture, u0: ArrayLike, u1: ArrayLike, q: ArrayLike) -> Real:
    """Exponent Sigma(u1 | u0, q) of the mean number of critical points beside a given one.

    Parameters
    ----------
    model
        Pure, p >= 3.
    u0, u1
        Levels of the given point and of the others, in u = H/N.
    q
        Overlaps in (-1, 1). All three of shapes that broadcast.

    Returns
    -------
    ndarray
        In float64; errors of some 1e-16/(1 - |q|)^3. A grid of 200 x 200 takes 0.01 s.

    Raises
    ------
    InputError
        For another model, or numbers outside.

    Examples
    --------
    >>> from theory.model import pure
    >>> float(pair_complexity(pure(3), -1.65, -1.6, 0.0).round(6)), float(theta(3, -1.6).round(6))
    (0.026574, 0.026574)
    """
    p, overlap = _degree(model), _overlaps(q)
    first, second = float_levels("u0", u0), float_levels("u1", u1)
    inverse = np.linalg.inv(given(model, overlap, _LEVELS, _SLOPES)[1])
    form = inverse[..., 0, 0] * first**2 + inverse[..., 1, 1] * second**2
    form = form + 2 * inverse[..., 0, 1] * first * second
    across = [covariance(model, overlap, _ACROSS[0], one) for one in _ACROSS]
    room = (1 - overlap**2) / (1 - (across[1] / across[0]) ** 2)
    gain = (first**2 + second**2 - form + np.log(room)) / 2
    return np.asarray(theta(p, -abs(second)) + gain)


def lowest_eigenvalue(model: Mixture, u0: ArrayLike, u1: ArrayLike, q: ArrayLike) -> Real:
    """Lowest eigenvalue of the Hessian at a critical point at level u1, q away from one at level u0.

    On the sphere, per spin, to leading order in N; that of the bulk where none is outside.

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
    p, overlap = _degree(model), _overlaps(q)
    first, second = float_levels("u0", u0), float_levels("u1", u1)
    v = float(slopes_at_one(model)[1])
    mean, _ = given(model, overlap, [Derivative(1, "tt")], _LEVELS + _SLOPES)
    c = mean[..., 0, 0] * first + mean[..., 0, 1] * second
    _, chi = given(model, overlap, [Derivative(1, "et")], _ACROSS)
    square = c**2 - 4 * (v - chi[..., 0, 0])
    m = (np.sqrt(np.maximum(square, 0)) - c) / 2
    outside = np.maximum(m, v**0.5)  # at m = sqrt v it is the bulk's
    return np.asarray(-(outside + v / outside) - p * second)


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
        Pure, p >= 3.
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
    p = _degree(model)
    resolved = resolve_level("u0", u0, model, 17)
    level, threshold = float_level("u0", resolved), -e_inf(p)
    ground = float(resolve_level("u0", "-E_0", model, 17))
    if not ground < level < threshold:
        raise bad("u0", u0, f"a level between -E_0 = {ground:.6g} and -E_inf = {threshold:.6g}")

    grid = np.linspace(0, 1 - _NEAR / p, 400)

    def farthest(u: float) -> float:
        found = pair_complexity(model, level, u, grid)
        if found[-1] >= 0:
            raise bad("u0", u0, "a level farther below -E_inf: rounding hides the rest")
        after = int(np.flatnonzero(found >= 0)[-1])
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
    overlap = _root(curvature, 0.01 * last, (1 - 1e-6) * last)
    return Barrier(lowest(overlap), overlap, last, farthest(level))


def _root(f: Callable[[float], float], low: float, high: float) -> float:
    return float(brentq(f, low, high, xtol=1e-13))
