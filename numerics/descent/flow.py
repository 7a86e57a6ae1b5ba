"""Gradient flow on the sphere ("flow"), d sigma/dt = -grad H, every start with its own step.

Bogacki and Shampine's embedded Runge-Kutta pair of third and second order controls the local error. The
field is tangent to every sphere around 0, so that its stages need no projection; the radius that
rounding and the third order lose is put back after each step. A step ends at a time that is asked
for rather than beyond it.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
import numpy.typing as npt

from numerics.core.backend import Array, clipped, namespace_of
from numerics.descent import gradient as plain
from numerics.descent.loop import through_times
from numerics.descent.protocol import Info, State, Timed, gradient_norm
from numerics.descent.sphere import norms, on_sphere
from numerics.pspin.couplings import Couplings
from numerics.pspin.hamiltonian import energy_slope

# same (0.01 -> 1.01, 0.01 -> 0.02): the first step tried; its error decides on the next
FIRST_LENGTH = 0.01

FLOW_ACCURACY = 1e-5
"""Largest estimated error of a step, |error|/sqrt(n), in `numerics.descend`."""

SHORTEST = 1e-9
"""Step below which a start counts as diverged: no step meets the tolerance."""


@dataclass(frozen=True)
class FlowState(State):
    """As `numerics.descent.protocol.State`, with the time (R,) that each start has come to."""

    time: Array


@dataclass(frozen=True)
class FlowInfo(Info):
    """As `numerics.descent.protocol.Info`, with the estimated local error over sqrt(n) (R,)."""

    error: Array


def init(c: Couplings, position: Array, length: float = FIRST_LENGTH) -> FlowState:
    """Return the state of flows that start at `position` (R, n), on the sphere.

    Examples
    --------
    >>> from numerics.pspin.couplings import draw, random_point
    >>> c = draw(np.random.default_rng(0), 5, {3: 1.0})
    >>> init(c, random_point(np.random.default_rng(1), 5, replicas=2)).time.tolist()
    [0.0, 0.0]
    """
    begun = plain.init(c, position, length)
    return FlowState(**vars(begun), time=namespace_of(position).zeros_like(begun.energy))


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
    k2 = energy_slope(c, s - h / 2 * k1)[1]
    k3 = energy_slope(c, s - 3 * h / 4 * k2)[1]
    trial = on_sphere(s - h * (2 * k1 / 9 + k2 / 3 + 4 * k3 / 9))
    energy, gradient = energy_slope(c, trial)
    error = length * norms(-5 * k1 / 72 + k2 / 12 + k3 / 9 - gradient / 8) / math.sqrt(n)
    accepted = error <= tolerance  # False where it is NaN
    # NaN is as bad as infinity; an error of 0 is none to divide by.
    size = xp.where(xp.isfinite(error), error, xp.full_like(error, xp.inf))
    size = clipped(size, float(xp.finfo(error.dtype).smallest_normal), None)
    factor = clipped(0.9 * (tolerance / size) ** (1 / 3), 0.2, 4.0)
    # A step cut short to meet `until` says little about the next.
    longer = xp.where(accepted & last, xp.maximum(state.length, length * factor), length * factor)
    keep = accepted[:, None]
    after = FlowState(
        position=xp.where(keep, trial, s),
        energy=xp.where(accepted, energy, state.energy),
        gradient=xp.where(keep, gradient, k1),
        length=longer,
        time=xp.where(accepted, xp.where(last, until, state.time + length), state.time),
    )
    return after, FlowInfo(gradient_norm(after), accepted, error)


def reached(state: FlowState, goals: Array) -> Array:
    """Return how many of the rising times `goals` each start has come to, shape (R,).

    Examples
    --------
    >>> from numerics.pspin.couplings import draw, random_point
    >>> c = draw(np.random.default_rng(0), 5, {3: 1.0})
    >>> state = init(c, random_point(np.random.default_rng(1), 5, 2))
    >>> reached(state, np.array([0.0, 1.0])).tolist()
    [1, 1]
    """
    xp = namespace_of(state.time)
    return xp.sum(xp.astype(goals[None, :] <= state.time[:, None], xp.int64), axis=1)


def going(state: FlowState, goals: Array) -> Array:
    """Return which starts have a time to go to, a finite energy and a step that is long enough."""
    xp = namespace_of(state.time)
    broken = ~xp.isfinite(state.energy) | (state.length < SHORTEST)
    return (reached(state, goals) < goals.shape[0]) & ~broken


def _next_time(state: FlowState, goals: Array) -> Array:
    """Return the next of the times for each start; for those that are done the one where they are."""
    xp = namespace_of(state.time)
    # same (0 -> -1): no start has come to fewer times than none
    ahead = clipped(reached(state, goals), 0, goals.shape[0] - 1)
    return xp.where(going(state, goals), xp.take(goals, ahead), state.time)


def method(
    c: Couplings, times: Sequence[float], tolerance: float, max_steps: int
) -> Timed[FlowState]:
    """Return the flow on one disorder, through rising times, with that local error at most."""
    xp = c.xp
    # In the precision of the starts' own times, which else might round to just before a goal.
    goals = xp.asarray(np.asarray(times), dtype=c.dtype)
    return Timed(
        partial(init, c),
        lambda state, _: step(c, state, _next_time(state, goals), tolerance),
        some=lambda disorders: method(c.some(disorders), times, tolerance, max_steps),
        reached=lambda state, _: reached(state, goals),
        going=lambda state, _: going(state, goals),
        times=len(times),
        max_steps=max_steps,
    )


def follow(
    c: Couplings, points: Array, times: Sequence[float], tolerance: float, max_steps: int
) -> dict[str, npt.NDArray[Any]]:
    """Follow the flow from `points` (R, n) through rising times.

    Returns
    -------
    dict
        As `numerics.descent.loop.through_times`; the steps are attempts.

    Examples
    --------
    >>> from numerics.pspin.couplings import draw, random_point
    >>> c = draw(np.random.default_rng(0), 5, {3: 1.0})
    >>> out = follow(c, random_point(np.random.default_rng(1), 5, 2), [0.0, 1.0, 2.0], 1e-5, 1000)
    >>> out["status"].tolist(), bool((np.diff(out["path"]) < 0).all())
    (['finished', 'finished'], True)
    """
    return through_times(method(c, times, tolerance, max_steps), points)[1]
