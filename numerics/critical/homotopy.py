"""All complex critical points of an instance, as disjoint balls that hold exactly one each.

On x.x = 1 a form of degree d in n variables (or a polynomial whose part of degree d is generic) has

    2 sum_{i < n} (d - 1)^i = 2 ((d - 1)^n - 1)/(d - 2)

isolated complex critical points at most, and so many if it is generic (Cartwright and Sturmfels
2013 for eigenvectors; Nie and Ranestad 2009 for polynomials on a quadric). The decoupled
form sum_i c_i x_i^d / d has them in closed form, and `numerics.critical.tracking` moves them to an
instance's. So a set of that many disjoint balls is complete, whatever happened on the way. What
is lost, or arrives twice, is sought again from other c. In a pure model x and -x are critical
together: one of the two is tracked.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from itertools import product

import numpy as np
import numpy.typing as npt

from numerics.critical.degenerate import CURVE, kinds
from numerics.critical.kantorovich import Complex, newton, radius
from numerics.critical.polynomials import Forms, Integer, Real

# same (numbers): any accuracy and start that lose no path
ATTEMPTS = ((1e-2, 1.0), (3e-3, 1.5), (1e-3, 0.7), (1e-3, 3.0))
"""First correction allowed in a step, and scale of the start system, one attempt after another."""

# same (1e-06 -> 2e-06): polished points are far nearer, or not real
NEARLY_REAL = 1e-6

Generators = Callable[[int, int], np.random.Generator]


@dataclass(frozen=True)
class Zeros:
    """Complex critical points of instances, with proofs.

    Attributes
    ----------
    z : ndarray of complex, shape (instances, paths, n + 1)
        (x, mu) with x.x = 1 and grad h(x) = mu x; NaN where none was found.
    r : ndarray, shape (instances, paths)
        Radius of the ball (components of x) that holds exactly one; infinite where none was found.
        Finite ones are disjoint.
    real : ndarray of bool, shape (instances, paths)
        Proved real. The others of finite r are proved not real.
    steps : ndarray of int, shape (instances, paths)
        Of the last attempt, `numerics.critical.tracking.LOST` or `BUDGET`.
    kind : ndarray of int, shape (instances,)
        Of `numerics.critical.degenerate.kinds`, where the first attempt left some to be found.
    """

    z: Complex
    r: Real
    real: npt.NDArray[np.bool_]
    steps: Integer
    kind: Integer


def solutions(n: int, d: int) -> int:
    """Return the number of eigenvectors, up to scale, of a generic form: ((d-1)^n - 1)/(d - 2).

    Examples
    --------
    >>> solutions(4, 3), solutions(3, 4), solutions(5, 2)
    (15, 13, 5)
    """
    return sum((d - 1) ** i for i in range(n))


@lru_cache(maxsize=8)
def _phases(n: int, d: int) -> Complex:
    """Return zeros and (d-2)-th roots of unity, a row for each eigenvector of the decoupled form."""
    if d == 2:
        return np.eye(n, dtype=np.complex128)
    powers = np.array(
        [w for w in product(range(-1, d - 2), repeat=n) if next((a for a in w if a >= 0), 1) == 0]
    )
    return np.where(powers < 0, 0, np.exp(2j * np.pi * powers / (d - 2)))


def start(c: Complex, d: int, both: bool) -> Complex:
    """Return the critical points (x, mu) of sum_i c_i x_i^d / d on x.x = 1.

    Parameters
    ----------
    c : ndarray, shape (instances, n)
    d : int
    both : bool
        x and -x; else one of the two.

    Returns
    -------
    ndarray, shape (instances, paths, n + 1)

    Examples
    --------
    >>> z = start(np.ones((1, 2), dtype=complex), 3, both=False)[0]
    >>> z.real.round(3).tolist()
    [[0.0, 1.0, 1.0], [1.0, 0.0, 1.0], [0.707, 0.707, 0.707]]
    """
    x = _phases(c.shape[1], d)[None] * np.ones((len(c), 1, 1))
    if d > 2:
        x = x * (c ** (-1 / (d - 2)))[:, None, :]
    x = x / np.sqrt((x * x).sum(axis=-1, keepdims=True))
    if both:
        x = np.concatenate([x, -x], axis=1)
    mu = (c[:, None, :] * x**d).sum(axis=-1, keepdims=True)
    return np.concatenate([x, mu], axis=-1)


def zeros(forms: Forms, generators: Generators) -> Zeros:
    """Return all complex critical points that can be found and proved.

    Parameters
    ----------
    forms : Forms
    generators : function
        Of (instance, attempt): where the start system's c are drawn. What is found does not depend
        on them, but for roundings and bad luck.

    Returns
    -------
    Zeros
    """
    from numerics.critical.tracking import separate

    of = forms.layout
    paths = solutions(of.n, of.degree) * (1 if of.is_pure else 2)
    count = len(forms)
    z = np.full((count, paths, of.n + 1), np.nan, dtype=np.complex128)
    r, steps = np.full((count, paths), np.inf), np.zeros((count, paths), dtype=np.int64)
    kind = np.zeros(count, dtype=np.int64)
    todo = np.arange(count)
    for attempt, (first_error, scale) in enumerate(ATTEMPTS):
        some = forms.take(todo)
        sources = [generators(int(i), attempt) for i in todo]
        found, steps[todo] = _attempt(some, sources, first_error, scale)
        found, size = certified(some, found)
        for row, i in enumerate(todo):
            points = np.concatenate([z[i], found[row]])
            radii = np.concatenate([r[i], size[row]])
            kept = np.empty(len(radii), dtype=np.bool_)
            separate(points, radii, of.is_pure, kept)
            order = np.argsort(~kept, kind="stable")[:paths]
            z[i] = np.where(kept[order, None], points[order], np.nan)
            r[i] = np.where(kept[order], radii[order], np.inf)
        todo = np.flatnonzero(~np.isfinite(r).all(axis=1))
        if attempt == 0 and todo.size:
            kind[todo] = kinds(forms.take(todo), [generators(int(i), len(ATTEMPTS)) for i in todo])
        todo = todo[kind[todo] < CURVE]  # more attempts would find no more of a curve
        if not todo.size:
            break
    with np.errstate(invalid="ignore"):
        real = np.isfinite(r) & (z.imag == 0).all(axis=-1)
    return Zeros(z, r, real, steps, kind)


def _attempt(
    forms: Forms, sources: list[np.random.Generator], first_error: float, scale: float
) -> tuple[Complex, Integer]:
    """Return where the paths of one start system each end (NaN where lost), and their steps."""
    from numerics.critical.tracking import track

    of = forms.layout
    # same (2 -> 3, 2 -> 4): more than is used
    uniform = np.stack([source.random((2, of.n)) for source in sources])
    # Gradients of h have components of order d: so have the start system's.
    # same (0.7 -> 1.7, 0.7 -> 1.4, 0.6 -> 1.6, 0.6 -> 1.2, 0 -> 1, 0 -> -1, 1 -> 0): any that are generic
    c = scale * of.degree * (0.7 + 0.6 * uniform[:, 0]) * np.exp(2j * np.pi * uniform[:, 1])
    z = start(c, of.degree, both=not of.is_pure)
    steps = np.zeros(z.shape[:2], dtype=np.int64)
    hessian, gradient = forms.curvature()
    track(
        z,
        first_error,
        hessian,
        gradient,
        c,
        of.degree,
        of.is_pure,
        of.parent,
        of.variable,
        steps,
    )
    # same (comparisons): a path takes a step
    return np.where((steps > 0)[..., None], z, np.nan), steps


# same (numbers): paths in memory at a time
AT_ONCE = 1 << 13  # paths whose Jacobians are in memory at a time


def certified(forms: Forms, z: Complex) -> tuple[Complex, Real]:
    """Return the points, polished, and the radii of their balls.

    A real point has no imaginary part at all; every other one of finite radius is proved not real.
    """
    blocks = [_polished(forms, z[:, k : k + AT_ONCE]) for k in range(0, z.shape[1], AT_ONCE)]
    points, radii = zip(*blocks, strict=True)
    return np.concatenate(points, axis=1), np.concatenate(radii, axis=1)


def _polished(forms: Forms, z: Complex) -> tuple[Complex, Real]:
    """Return some of the points as `certified` does."""
    z = newton(forms, z)
    with np.errstate(invalid="ignore"):
        # same (comparisons): a distance drawn is not the bound
        near = np.abs(z.imag[..., :-1]).max(axis=-1) < NEARLY_REAL
    # same (1 -> 2): one more changes roundings
    polished = newton(forms, np.where(near[..., None], z.real, np.nan).astype(np.complex128), 1)
    z = np.where(near[..., None], polished, z)
    r = radius(forms, z)
    with np.errstate(invalid="ignore"):
        # same (comparisons): a distance drawn is not the radius
        decided = near | (np.abs(z.imag[..., :-1]).max(axis=-1) > r)
    return z, np.where(decided, r, np.inf)
