"""Gradient flow on the sphere, d sigma/dt = -grad H, with an error-controlled step of every start.

Bogacki and Shampine's pair of third and second order. The field is tangent to every sphere around 0, so
that its stages need no projection; the radius that rounding and the third order lose is put back
after each step.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from numerics.core.backend import Array, namespace_of, to_numpy
from numerics.descent.gradient import norms, on_sphere
from numerics.pspin.couplings import Couplings
from numerics.pspin.hamiltonian import energy_gradient, tangential

FIRST_LENGTH = 0.01
SHORTEST = 1e-9
"""Step below which a start counts as diverged: no step meets the tolerance."""


@dataclass(frozen=True)
class FlowState:
    """Position (R, n), energy, gradient, time and next step length (R,) of every start."""

    position: Array
    energy: Array
    gradient: Array
    time: Array
    length: Array


@dataclass(frozen=True)
class FlowInfo:
    """Estimated local error over sqrt(n), |grad|/sqrt(n), and whether the step was taken."""

    error: Array
    gradient_norm: Array
    accepted: Array


def init(c: Couplings, position: Array, length: float = FIRST_LENGTH) -> FlowState:
    """Return the state of flows that start at `position` (R, n), on the sphere.

    Examples
    --------
    >>> from numerics.pspin.couplings import draw, random_point
    >>> c = draw(np.random.default_rng(0), 5, {3: 1.0})
    >>> init(c, random_point(np.random.default_rng(1), 5, replicas=2)).time.tolist()
    [0.0, 0.0]
    """
    xp = namespace_of(position)
    energy, gradient = energy_gradient(c, position)
    time = xp.zeros_like(energy)
    return FlowState(position, energy, tangential(position, gradient), time, time + length)


def step(
    c: Couplings, state: FlowState, until: Array, tolerance: float
) -> tuple[FlowState, FlowInfo]:
    """Take one step of every start, at most to its time in `until` (R,).

    A step whose estimated error is above the tolerance is not taken; the next one is shorter.
    """
    xp = namespace_of(state.position)
    s, k1, n = state.position, state.gradient, state.position.shape[1]
    left = until - state.time
    last = state.length >= left
    length = xp.where(last, left, state.length)
    h = length[:, None]
    k2 = _field(c, s - h / 2 * k1)
    k3 = _field(c, s - 3 * h / 4 * k2)
    trial = on_sphere(s - h * (2 * k1 / 9 + k2 / 3 + 4 * k3 / 9))
    energy, gradient = energy_gradient(c, trial)
    gradient = tangential(trial, gradient)
    error = length * norms(-5 * k1 / 72 + k2 / 12 + k3 / 9 - gradient / 8) / math.sqrt(n)
    accepted = error <= tolerance  # False where it is NaN
    finite = xp.where(xp.isfinite(error), error, xp.full_like(error, 1e300))
    factor = 0.9 * (tolerance / xp.where(finite > 0, finite, xp.ones_like(error) * 1e-300)) ** (
        1 / 3
    )
    factor = xp.clip(factor, 0.2, 4.0)
    # A step cut short to meet `until` says little about the next.
    longer = xp.where(accepted & last, xp.maximum(state.length, length * factor), length * factor)
    keep = accepted[:, None]
    after = FlowState(
        xp.where(keep, trial, s),
        xp.where(accepted, energy, state.energy),
        xp.where(keep, gradient, k1),
        xp.where(accepted, xp.where(last, until, state.time + length), state.time),
        longer,
    )
    return after, FlowInfo(error, norms(after.gradient) / math.sqrt(n), accepted)


def _field(c: Couplings, s: Array) -> Array:
    """Return the gradient of H tangent to the sphere through s."""
    return tangential(s, energy_gradient(c, s)[1])


def follow(
    c: Couplings, points: Array, times: Sequence[float], tolerance: float, max_steps: int
) -> dict[str, npt.NDArray[Any]]:
    """Follow the flow from `points` (R, n) through rising times.

    Returns
    -------
    dict
        "path" (R, times): H/n at the times, nan where a start did not get there; "position",
        "energies", "gradient_norm", "steps" (attempts) at the end, and "status": "finished",
        "max_steps" or "diverged" (no step short enough meets the tolerance, or not finite).

    Examples
    --------
    >>> from numerics.pspin.couplings import draw, random_point
    >>> c = draw(np.random.default_rng(0), 5, {3: 1.0})
    >>> out = follow(c, random_point(np.random.default_rng(1), 5, 2), [0.0, 1.0, 2.0], 1e-5, 1000)
    >>> out["status"].tolist(), bool((np.diff(out["path"]) < 0).all())
    (['finished', 'finished'], True)
    """
    xp = namespace_of(points)
    replicas, n = points.shape
    state = init(c, points)
    path = np.full((replicas, len(times)), np.nan)
    target = np.zeros(replicas, dtype=np.int64)
    goals = np.asarray([*times, times[-1]])
    status = np.full(replicas, "max_steps")
    steps = np.zeros(replicas, dtype=np.int64)
    for count in range(max_steps + 1):
        clock, energy = to_numpy(state.time), to_numpy(state.energy) / n
        for _ in range(len(times)):
            there = (target < len(times)) & (clock >= goals[target]) & np.isfinite(energy)
            path[there, target[there]] = energy[there]
            target[there] += 1
        broken = ~np.isfinite(energy) | (to_numpy(state.length) < SHORTEST)
        going = (target < len(times)) & ~broken
        if count == max_steps or not going.any():
            break
        steps[going] += 1
        # Those that are done stand still: their time to go is 0.
        until = np.where(going, goals[target], clock)
        state, _ = step(c, state, xp.asarray(until, dtype=points.dtype), tolerance)
    status[target == len(times)] = "finished"
    status[broken & (target < len(times))] = "diverged"
    return {
        "path": path,
        "position": to_numpy(state.position).astype(np.float64),
        "energies": energy,
        "gradient_norm": to_numpy(norms(state.gradient)) / math.sqrt(n),
        "steps": steps,
        "status": status,
    }
