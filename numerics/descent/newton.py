"""Gradient descent with Newton's method at the end ("gd+newton"), where that stays in the basin.

The end points of descents lie just below the threshold energy: as n grows their Hessian becomes
marginal, its spectrum [0, 4 sqrt(xi'')], and gradient descent slow. Its last phase is cut short here:
every `EVERY` steps Newton's method is tried from where the descent is, and its result is kept only if
all the way the Hessian is positive definite, its lowest eigenvalue stays above half of (a bound of) the
previous one, the energy does not rise and the gradient falls fourfold a step. Then the descent was
already in the convex neighbourhood of that minimum. Else it goes on untouched. Definiteness is
decided by Cholesky's factorization, of the Hessian and of it less a multiple of the identity.
"""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import numpy as np
import numpy.typing as npt

from numerics.core.backend import Array, clipped, namespace_of, on_device
from numerics.descent import gradient as plain
from numerics.descent.protocol import Info, Method, Rule, State, gradient_norm
from numerics.descent.sphere import norms, retract
from numerics.device import descents
from numerics.pspin.couplings import Couplings
from numerics.pspin.hamiltonian import energy_slope, hessian, radial, tangential

EVERY = 50
"""Steps of gradient descent between two trials of Newton's method."""

MAX_STEPS = 8
"""Newton steps in a trial, at most."""

INVERSE = 3
"""Inverse iterations towards the lowest eigenvalue of a Hessian."""

_AT_ONCE = 16  # starts whose Hessians are held at once; no number depends on it
_AT_ONCE_BYTES = 1 << 31  # of Hessians that are held at once on a device


def step(c: Couplings, state: State, k: int, tolerance: float) -> tuple[State, Info]:
    """Take one step of gradient descent; after every `EVERY`-th try Newton's method.

    Examples
    --------
    >>> import numpy as np
    >>> from numerics.pspin.couplings import from_tensors
    >>> c = from_tensors({2: np.diag([-1.0, 0.0, 1.0])}, {2: 1.0})
    >>> state = plain.init(c, np.array([[1.7, 0.2, 0.2]]) * (3 / 2.97) ** 0.5, 0.1)
    >>> [bool(step(c, state, k, 1e-9)[1].gradient_norm[0] < 1e-9) for k in (EVERY, EVERY - 1)]
    [False, True]
    """
    after, info = plain.step(c, state)
    if (k + 1) % EVERY:
        return after, info
    return _tried(c, after, info, tolerance)


def advance(c: Couplings, state: State, k: int, count: int, tolerance: float) -> tuple[State, Info]:
    """Take so many steps on a device, as `step` does."""
    last = k + count
    while True:
        stop = min(last, (k // EVERY + 1) * EVERY)
        state, info = plain.advance(c, state, stop - k, tolerance)
        if stop % EVERY == 0:
            state, info = _tried(c, state, info, tolerance)
        k = stop
        if k == last:
            return state, info


def _tried(c: Couplings, state: State, info: Info, tolerance: float) -> tuple[State, Info]:
    """Return the state after a trial of Newton's method."""
    after = finish(c, state, tolerance)
    return after, replace(info, gradient_norm=gradient_norm(after))


def method(c: Couplings, rule: Rule) -> Method[State]:
    """Return gradient descent with Newton's method on one disorder, to the tolerance of `rule`."""
    first = plain.method(c, rule).init
    return Method(
        first,
        lambda state, k: step(c, state, k, rule.tolerance),
        lambda state, k, count: advance(c, state, k, count, rule.tolerance),
    )


def finish(c: Couplings, state: State, tolerance: float) -> State:
    """Return the state with those starts at their minimum that Newton's method can finish."""
    xp = namespace_of(state.position)
    position, finished = polish(c, state.position, tolerance)
    if not bool(xp.any(finished)):
        return state
    end = plain.init(c, position, 1.0)
    keep = finished[:, None]
    return replace(
        state,
        position=xp.where(keep, end.position, state.position),
        energy=xp.where(finished, end.energy, state.energy),
        gradient=xp.where(keep, end.gradient, state.gradient),
    )


def polish(c: Couplings, position: Array, tolerance: float) -> tuple[Array, Array]:
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

    Returns
    -------
    position : array, shape (R, n)
        Meaningful where finished.
    finished : array of bool, shape (R,)

    Examples
    --------
    >>> import numpy as np
    >>> from numerics.pspin.couplings import from_tensors
    >>> c = from_tensors({2: np.diag([-1.0, 0.0, 1.0])}, {2: 1.0})
    >>> s, finished = polish(c, np.array([[1.7, 0.2, 0.2]]) * (3 / 2.97) ** 0.5, 1e-9)
    >>> finished.tolist(), (s**2).round(12).tolist()
    ([True], [[3.0, 0.0, 0.0]])
    """
    xp = namespace_of(position)
    replicas, n = position.shape
    disorders = c.each()
    share = replicas // len(disorders)
    width = max(1, _AT_ONCE_BYTES // (8 * n * n)) if on_device(position) else _AT_ONCE
    parts = [
        _polish_some(one, position[i : min(i + width, stop), :], tolerance)
        for one, stop in zip(disorders, range(share, replicas + 1, share), strict=True)
        for i in range(stop - share, stop, width)
    ]
    return xp.concat([s for s, _ in parts], axis=0), xp.concat([ok for _, ok in parts], axis=0)


def _polish_some(c: Couplings, s: Array, tolerance: float) -> tuple[Array, Array]:
    """Return `polish` for a few replicas."""
    xp = namespace_of(s)
    # Most are not there yet: a factorization that fails says so sooner than a spectrum.
    there = _definite(_curvature(c, s))
    if not bool(xp.any(there)):
        return s, there
    ended, finished = _newton(c, xp.take(s, xp.nonzero(there)[0], axis=0), tolerance)
    place = clipped(xp.cumulative_sum(xp.astype(there, xp.int64)) - 1, 0, None)
    s = xp.where(there[:, None], xp.take(ended, place, axis=0), s)
    return s, there & xp.take(finished, place, axis=0)


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
    """Return `polish` for replicas where the Hessian is positive definite."""
    xp = namespace_of(s)
    energy, gradient, norm = _derivatives(c, s)
    curved = _curvature(c, s)
    alive = xp.ones(s.shape[0], dtype=xp.bool)
    eps = float(xp.finfo(s.dtype).eps)
    for _ in range(MAX_STEPS):
        going = alive & (norm > tolerance)
        if not bool(xp.any(going)):
            break
        move, lowest = _solved(curved, gradient, going)
        trial = retract(s, tangential(s, move), xp.ones_like(norm), -1.0)
        s = xp.where(going[:, None], trial, s)
        before, high = norm, energy
        energy, gradient, norm = _derivatives(c, s)
        curved = _curvature(c, s)
        half = (lowest / 2)[:, None, None] * xp.eye(s.shape[1], dtype=s.dtype)[None, :, :]
        fits = _definite(curved - half) & (norm < before / 4)
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
