"""Newton's method on the sphere, kept only where it stays in the valley it started in."""

from __future__ import annotations

import math

from numerics.core.backend import Array, namespace_of
from numerics.pspin.couplings import Couplings
from numerics.pspin.hamiltonian import TILE, energy_gradient, hessian, tangential

MAX_STEPS = 8


def polish(c: Couplings, position: Array, tolerance: float) -> tuple[Array, Array]:
    """Try to finish descents by Newton's method.

    A start is finished if |grad|/sqrt(n) <= tolerance at the end and at every iterate: the Hessian
    on the sphere is positive definite, its lowest eigenvalue is at least half of the previous one,
    the gradient is at most a quarter and the energy at most that of the previous one.

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
    replicas = position.shape[0]
    parts = [
        _polish_tile(c, position[i : min(i + TILE, replicas), :], tolerance)
        for i in range(0, replicas, TILE)
    ]
    return xp.concat([s for s, _ in parts], axis=0), xp.concat([ok for _, ok in parts], axis=0)


def _polish_tile(c: Couplings, s: Array, tolerance: float) -> tuple[Array, Array]:
    """Return `polish` for a few replicas."""
    xp = namespace_of(s)
    n = s.shape[1]
    energy, gradient, norm = _derivatives(c, s)
    curved, lowest = _curvature(c, s)
    alive = lowest > 0
    eps = float(xp.finfo(s.dtype).eps)
    for _ in range(MAX_STEPS):
        going = alive & (norm > tolerance)
        if not bool(xp.any(going)):
            break
        # The others' matrices may be singular.
        system = xp.where(going[:, None, None], curved, xp.eye(n, dtype=s.dtype)[None, :, :])
        move = -xp.linalg.solve(system, gradient[:, :, None])[:, :, 0]
        trial = s + tangential(s, move)
        trial = trial * (math.sqrt(n) / xp.sqrt(xp.sum(trial * trial, axis=1, keepdims=True)))
        s = xp.where(going[:, None], trial, s)
        before, floor, high = norm, lowest, energy
        energy, gradient, norm = _derivatives(c, s)
        curved, lowest = _curvature(c, s)
        fits = (lowest > floor / 2) & (norm < before / 4)
        fits = fits & (energy <= high + 64 * eps * xp.abs(high))
        alive = alive & (fits | ~going)
    return s, alive & (norm <= tolerance)


def _derivatives(c: Couplings, s: Array) -> tuple[Array, Array, Array]:
    """Return the energy, the gradient on the sphere and its norm over sqrt(n)."""
    xp = namespace_of(s)
    energy, gradient = energy_gradient(c, s)
    gradient = tangential(s, gradient)
    return energy, gradient, xp.sqrt(xp.sum(gradient * gradient, axis=1) / s.shape[1])


def _curvature(c: Couplings, s: Array) -> tuple[Array, Array]:
    """Return the Hessian on the sphere in ambient coordinates, and its lowest eigenvalue.

    Along s, where it has none, it is given a curvature above its largest, so that it can be solved
    with and the lowest eigenvalue is a tangential one.
    """
    xp = namespace_of(s)
    n = s.shape[1]
    full = hessian(c, s)
    unit = (s / math.sqrt(n))[:, :, None]
    across = xp.matrix_transpose(unit)
    image = full @ unit
    normal = across @ image
    radial = xp.sum(s * energy_gradient(c, s)[1], axis=1)[:, None, None] / n
    cross = image @ across
    outer = unit @ across
    eye = xp.eye(n, dtype=s.dtype)[None, :, :]
    on_sphere = full - cross - xp.matrix_transpose(cross) + normal * outer - radial * (eye - outer)
    large = xp.sum(xp.abs(on_sphere), axis=(1, 2), keepdims=True) / n + 1
    on_sphere = on_sphere + large * outer
    return on_sphere, xp.linalg.eigvalsh(on_sphere)[:, 0]
