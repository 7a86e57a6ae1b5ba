"""Conjugate gradients on the sphere ("cg"), every start with a step of its own.

Polak and Ribiere's, restarted along the gradient where beta would be negative or the direction leads
uphill. A step is sigma <- normalise(sigma + length direction), taken if the energy falls by a share of
what the slope promises (Armijo); else the start stays and tries a shorter one. The next length is the
secant estimate of where the slope along the direction vanishes.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

from numerics.core.backend import Array, clipped, namespace_of
from numerics.descent import gradient as plain
from numerics.descent.protocol import Info, Method, Rule, State, gradient_norm
from numerics.descent.sphere import retract
from numerics.pspin.couplings import Couplings
from numerics.pspin.hamiltonian import dots, energy_slope, tangential

# same (0.0001 -> 0.0002): what a step must win, a share of what its slope says
ARMIJO = 1e-4
"""Share of the fall promised by the slope that a step must bring."""

SHRINK = 0.4
"""Factor on a start's step when it did not."""


@dataclass(frozen=True)
class ConjugateState(State):
    """As `numerics.descent.protocol.State`, with the direction of search (R, n)."""

    direction: Array


def init(c: Couplings, position: Array, length: float) -> ConjugateState:
    """Return the state of searches that start at `position` (R, n), on the sphere.

    Examples
    --------
    >>> import numpy as np
    >>> from numerics.pspin.couplings import draw, random_point
    >>> c = draw(np.random.default_rng(0), 5, {3: 1.0})
    >>> init(c, random_point(np.random.default_rng(1), 5, replicas=2), 0.1).energy.shape
    (2,)
    """
    begun = plain.init(c, position, length)
    return ConjugateState(**vars(begun), direction=-begun.gradient)


def step(
    c: Couplings, state: ConjugateState, tolerance: float = 0.0
) -> tuple[ConjugateState, Info]:
    """Take one step of every start; a start whose energy would not fall enough stays.

    So does one whose gradient is within the tolerance, which a device does not see at once.

    Examples
    --------
    >>> import numpy as np
    >>> from numerics.pspin.couplings import draw, random_point
    >>> c = draw(np.random.default_rng(0), 5, {3: 1.0})
    >>> state = init(c, random_point(np.random.default_rng(1), 5, replicas=2), 0.1)
    >>> bool((step(c, state)[0].energy < state.energy).all())
    True
    """
    xp = namespace_of(state.position)
    slope = dots(state.gradient, state.direction)
    trial = retract(state.position, state.direction, state.length)
    energy, gradient = energy_slope(c, trial)
    # same (numbers): some roundings of an energy
    slack = 64 * float(xp.finfo(trial.dtype).eps) * xp.abs(state.energy)
    # False also where the energy is NaN.
    done = gradient_norm(state) <= tolerance
    # same (comparisons): a tie within the slack
    accepted = ~done & (energy <= state.energy + ARMIJO * state.length * slope + slack)
    keep = accepted[:, None]
    carried, before = tangential(trial, state.direction), tangential(trial, state.gradient)
    square = dots(state.gradient, state.gradient)
    square = xp.where(square > 0, square, xp.ones_like(square))
    beta = xp.maximum(dots(gradient, gradient - before) / square, xp.zeros_like(square))
    direction = beta[:, None] * carried - gradient
    # same (comparisons): a tie of chance 0, but of no direction at all
    uphill = dots(gradient, direction) >= 0
    direction = xp.where(uphill[:, None], -gradient, direction)
    after = ConjugateState(
        position=xp.where(keep, trial, state.position),
        energy=xp.where(accepted, energy, state.energy),
        gradient=xp.where(keep, gradient, state.gradient),
        length=xp.where(
            accepted,
            _next_length(state.length, slope, dots(gradient, carried), dots(gradient, direction)),
            xp.where(done, state.length, SHRINK * state.length),
        ),
        direction=xp.where(keep, direction, state.direction),
    )
    return after, Info(gradient_norm(after), accepted)


def method(c: Couplings, rule: Rule) -> Method[ConjugateState]:
    """Return conjugate gradients, by the first length and the tolerance of `rule`."""
    return Method(
        partial(init, c, length=rule.length),
        lambda state, _: step(c, state, rule.tolerance),
        some=lambda disorders: method(c.some(disorders), rule),
    )


def _next_length(length: Array, slope: Array, end: Array, following: Array) -> Array:
    """Return the length to the zero of the slope, rescaled from one direction to the next."""
    xp = namespace_of(length)
    gap = end - slope
    # same (3.0 -> 4.0, 3.0 -> 6.0): cut at 3 below
    best = xp.where(
        gap > 0, -slope / xp.where(gap > 0, gap, xp.ones_like(gap)), 3.0 * xp.ones_like(gap)
    )
    scale = slope / xp.where(following < 0, following, -xp.ones_like(following))
    return length * clipped(best, 0.2, 3.0) * clipped(scale, 0.2, 5.0)
