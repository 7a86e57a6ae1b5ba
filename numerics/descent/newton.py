"""Gradient descent with Newton's method at the end ("gd+newton"), where that stays in the basin.

The end points of descents lie just below the threshold energy: as n grows their Hessian becomes
marginal, its spectrum [0, 4 sqrt(xi'')], and gradient descent slow. Its last phase is cut short here:
every `EVERY` steps Newton's method is tried from where the descent is, and its result is kept only if
all the way the Hessian is positive definite, its lowest eigenvalue stays above half of (a bound of) the
previous one, the energy does not rise and the gradient falls fourfold a step. Then the descent was
already in the convex neighbourhood of that minimum. Else it goes on untouched, and is not tried again
before its gradient is `CLOSER` of what it was: a trial costs as much as many steps. Definiteness is
decided by Cholesky's factorization, of the Hessian and of it less a multiple of the identity.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from numerics.core.backend import Array, namespace_of, on_device, to_numpy
from numerics.descent import gradient as plain
from numerics.descent.protocol import Info, Method, Rule, State, gradient_norm
from numerics.descent.sphere import norms, retract
from numerics.device import descents
from numerics.pspin.couplings import Couplings
from numerics.pspin.hamiltonian import energy_slope, hessian, radial, tangential

EVERY = 50
"""Steps of gradient descent between two trials of Newton's method."""

CLOSER = 0.5
"""Part of a start's gradient at a trial that failed, to which it falls before the next."""

# same (numbers): steps of the finish before it is left
MAX_STEPS = 8
"""Newton steps in a trial, at most."""

# same (numbers): steps towards the lowest eigenvector
INVERSE = 3
"""Inverse iterations towards the lowest eigenvalue of a Hessian."""

# same (numbers): starts whose Hessians are held at once
_AT_ONCE = 16  # starts whose Hessians are held at once; no number depends on it
_AT_ONCE_BYTES = 1 << 31  # of Hessians that are held at once on a device


@dataclass(frozen=True)
class NewtonState(State):
    """State of gradient descent, and when each start is tried next.

    Attributes
    ----------
    due : array, shape (R,)
        Newton's method is tried where |grad|/sqrt(n) is at most that.
    """

    due: Array


def init(c: Couplings, position: Array, length: float) -> NewtonState:
    """Return the state of descents that start at `position` (R, n), on the sphere.

    Examples
    --------
    >>> import numpy as np
    >>> from numerics.pspin.couplings import draw, random_point
    >>> c = draw(np.random.default_rng(0), 5, {3: 1.0})
    >>> init(c, random_point(np.random.default_rng(1), 5, replicas=2), 0.1).due.tolist()
    [inf, inf]
    """
    first = plain.init(c, position, length)
    return _with(first, namespace_of(position).full_like(first.length, math.inf))


def _with(state: State, due: Array) -> NewtonState:
    return NewtonState(state.position, state.energy, state.gradient, state.length, due)


def step(c: Couplings, state: NewtonState, k: int, tolerance: float) -> tuple[NewtonState, Info]:
    """Take one step of gradient descent; after every `EVERY`-th try Newton's method.

    Examples
    --------
    >>> import numpy as np
    >>> from numerics.pspin.couplings import from_tensors
    >>> c = from_tensors({2: np.diag([-1.0, 0.0, 1.0])}, {2: 1.0})
    >>> state = init(c, np.array([[1.7, 0.2, 0.2]]) * (3 / 2.97) ** 0.5, 0.1)
    >>> [bool(step(c, state, k, 1e-9)[1].gradient_norm[0] < 1e-9) for k in (EVERY, EVERY - 1)]
    [False, True]
    """
    after, info = plain.step(c, state)
    if (k + 1) % EVERY:
        return _with(after, state.due), info
    return tried(c, _with(after, state.due), info, tolerance)


def advance(
    c: Couplings, state: NewtonState, k: int, count: int, tolerance: float
) -> tuple[NewtonState, Info]:
    """Take so many steps on a device, as `step` does."""
    last = k + count
    while True:
        stop = min(last, (k // EVERY + 1) * EVERY)
        after, info = plain.advance(c, state, stop - k, tolerance)
        state = _with(after, state.due)
        if stop % EVERY == 0:
            state, info = tried(c, state, info, tolerance)
        k = stop
        if k == last:
            return state, info


def method(c: Couplings, rule: Rule) -> Method[NewtonState]:
    """Return gradient descent with Newton's method on one disorder, to the tolerance of `rule`."""
    return Method(
        lambda position: init(c, position, rule.length),
        lambda state, k: step(c, state, k, rule.tolerance),
        lambda state, k, count: advance(c, state, k, count, rule.tolerance),
        lambda disorders: method(c.some(disorders), rule),
    )


def tried(
    c: Couplings, state: NewtonState, info: Info, tolerance: float
) -> tuple[NewtonState, Info]:
    """Return the state after a trial of Newton's method where it is due, and its norms.

    Examples
    --------
    >>> import numpy as np
    >>> from numerics.pspin.couplings import from_tensors
    >>> c = from_tensors({2: np.diag([-1.0, 0.0, 1.0])}, {2: 1.0})
    >>> state = init(c, np.array([[0.0, 1.0, 1.0]]) * 1.5**0.5, 0.1)  # where it is not convex
    >>> before = Info(gradient_norm(state), np.array([True]))
    >>> after, _ = tried(c, state, before, 1e-9)
    >>> float(after.due[0] / before.gradient_norm[0])
    0.5
    """
    xp, norm = namespace_of(state.position), info.gradient_norm
    close = (norm <= state.due) & (norm > tolerance)
    rows = np.flatnonzero(to_numpy(close))
    if not rows.size:
        return state, info
    state = replace(state, due=xp.where(close, CLOSER * norm, state.due))
    rows, ended = polish(c, state.position, tolerance, rows)
    if not rows.size:
        return state, info
    done, place = np.zeros(len(norm), dtype=bool), np.zeros(len(norm), dtype=np.int64)
    done[rows], place[rows] = True, np.arange(len(rows))
    finished, at = xp.asarray(done), xp.asarray(place)
    keep = finished[:, None]
    position = xp.where(keep, xp.take(ended, at, axis=0), state.position)
    # same (numbers): of a length that is not read
    end = plain.init(c, position, 1.0)
    after = replace(
        state,
        position=position,
        energy=xp.where(finished, end.energy, state.energy),
        gradient=xp.where(keep, end.gradient, state.gradient),
    )
    return after, replace(info, gradient_norm=gradient_norm(after))


def polish(
    c: Couplings, position: Array, tolerance: float, rows: npt.NDArray[np.int64] | None = None
) -> tuple[npt.NDArray[np.int64], Array]:
    """Try to finish descents by Newton's method.

    A start is finished if |grad|/sqrt(n) <= tolerance at the end and at every iterate: the Hessian
    on the sphere is positive definite, its lowest eigenvalue is at least half of a bound of the previous
    one from above, the gradient is at most a quarter and the energy at most that of the previous one.

    Parameters
    ----------
    c : Couplings
    position : array, shape (R, n)
        On the sphere |s|^2 = n.
    tolerance : float
    rows : array of the host, shape (T,), optional
        Of those that are tried, ascending; all by default.

    Returns
    -------
    rows : array of the host, shape (F,)
        Of those that are finished.
    position : array, shape (F, n)
        Their minima.

    Examples
    --------
    >>> import numpy as np
    >>> from numerics.pspin.couplings import from_tensors
    >>> c = from_tensors({2: np.diag([-1.0, 0.0, 1.0])}, {2: 1.0})
    >>> rows, s = polish(c, np.array([[1.7, 0.2, 0.2]]) * (3 / 2.97) ** 0.5, 1e-9)
    >>> rows.tolist(), (s**2).round(12).tolist()
    ([0], [[3.0, 0.0, 0.0]])
    """
    xp = namespace_of(position)
    replicas, n = position.shape
    rows = np.arange(replicas) if rows is None else rows
    disorders = c.each()
    share = replicas // len(disorders)
    # same (numbers): starts whose Hessians are held at once
    width = max(1, _AT_ONCE_BYTES // (8 * n * n)) if on_device(position) else _AT_ONCE
    parts = []
    for d, one in enumerate(disorders):
        those = rows[rows // share == d]
        for i in range(0, len(those), width):
            parts.append(_polish_some(one, position, those[i : i + width], tolerance))
    found, ended = zip(*parts, strict=True)
    return np.concatenate(found), xp.concat(ended, axis=0)


def _polish_some(
    c: Couplings, position: Array, rows: npt.NDArray[np.int64], tolerance: float
) -> tuple[npt.NDArray[np.int64], Array]:
    """Return `polish` for a few replicas."""
    xp = namespace_of(position)
    s = xp.take(position, xp.asarray(rows), axis=0)
    # Most are not there yet: a factorization that fails says so sooner than a spectrum.
    there = np.flatnonzero(to_numpy(_definite(_curvature(c, s))))
    if not there.size:
        return rows[:0], s[:0, :]
    s, finished = _newton(c, xp.take(s, xp.asarray(there), axis=0), tolerance)
    kept = np.flatnonzero(to_numpy(finished))
    return rows[there[kept]], xp.take(s, xp.asarray(kept), axis=0)


def _definite(matrices: Array) -> Array:
    """Return which of symmetric matrices (R, n, n) are positive definite."""
    if on_device(matrices):
        return descents.definite(matrices)
    return np.array([_has_root(matrix) for matrix in matrices])


def _has_root(matrix: npt.NDArray[Any]) -> bool:
    """Tell whether a symmetric matrix has a Cholesky factor."""
    try:
        np.linalg.cholesky(matrix)
    except np.linalg.LinAlgError:
        return False
    return True


def _newton(c: Couplings, s: Array, tolerance: float) -> tuple[Array, Array]:
    """Return where Newton's method ends, of replicas where the Hessian is definite, and if it is finished."""
    xp = namespace_of(s)
    energy, gradient, norm = _derivatives(c, s)
    curved = _curvature(c, s)
    alive = xp.ones(s.shape[0], dtype=xp.bool)
    eps = float(xp.finfo(s.dtype).eps)
    for _ in range(MAX_STEPS):
        going = alive & (norm > tolerance)
        if not to_numpy(going).any():
            break
        move, lowest = _solved(curved, gradient, going)
        trial = retract(s, tangential(s, move), xp.ones_like(norm), -1.0)
        s = xp.where(going[:, None], trial, s)
        before, high = norm, energy
        energy, gradient, norm = _derivatives(c, s)
        curved = _curvature(c, s)
        half = (lowest / 2)[:, None, None] * xp.eye(s.shape[1], dtype=s.dtype)[None, :, :]
        fits = _definite(curved - half) & (norm < before / 4)
        # same (64 -> 65, 64 -> 63, 64 -> 128): some roundings of an energy
        fits = fits & (energy <= high + 64 * eps * xp.abs(high))
        alive = alive & (fits | ~going)
    return s, alive & (norm <= tolerance)


def _solved(matrices: Array, sides: Array, going: Array) -> tuple[Array, Array]:
    """Return the solutions (R, n) of positive definite systems, and bounds of lowest eigenvalues (R,).

    A bound is 1 / v.A^-1 v, of the unit vector v that `INVERSE` inverse iterations reach from the
    solution: not below the lowest eigenvalue, and mostly close. Where not `going`: anything finite.
    """
    xp = namespace_of(matrices)
    if on_device(matrices):
        return descents.solve(xp.asarray(matrices, copy=True), sides, INVERSE)
    # The others' matrices may be singular.
    eye = xp.eye(sides.shape[1], dtype=sides.dtype)[None, :, :]
    inverse = xp.linalg.inv(xp.where(going[:, None, None], matrices, eye))
    solution = w = (inverse @ sides[:, :, None])[:, :, 0]
    # same (numbers): any column, for its shape
    lowest = xp.ones_like(sides[:, 0])
    for _ in range(INVERSE):
        size = norms(w)
        v = w / xp.where(size > 0, size, xp.ones_like(size))[:, None]
        w = (inverse @ v[:, :, None])[:, :, 0]
        product = xp.sum(v * w, axis=1)
        lowest = 1 / xp.where(product > 0, product, xp.ones_like(product))
    return solution, lowest


def _derivatives(c: Couplings, s: Array) -> tuple[Array, Array, Array]:
    """Return the energy, the gradient on the sphere and its norm over sqrt(n)."""
    energy, gradient = energy_slope(c, s)
    return energy, gradient, norms(gradient) / math.sqrt(s.shape[1])


def _curvature(c: Couplings, s: Array) -> Array:
    """Return the Hessian on the sphere in ambient coordinates.

    Along s, where it has none, it is given a curvature above its largest, so that it can be solved
    with and the lowest eigenvalue is a tangential one.
    """
    xp = namespace_of(s)
    n = s.shape[1]
    full, push = hessian(c, s), radial(c, s)
    if on_device(s):
        return descents.curvature(s, push, full)
    unit = (s / math.sqrt(n))[:, :, None]
    across = xp.matrix_transpose(unit)
    image = full @ unit
    normal = across @ image
    cross = image @ across
    outer = unit @ across
    eye = xp.eye(n, dtype=s.dtype)[None, :, :]
    on_sphere = full - cross - xp.matrix_transpose(cross) + normal * outer
    on_sphere = on_sphere - push[:, None, None] * (eye - outer)
    large = xp.sqrt(xp.sum(on_sphere * on_sphere, axis=(1, 2), keepdims=True)) + 1
    return on_sphere + large * outer
