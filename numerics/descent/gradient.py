"""Gradient descent on the sphere ("gd").

A step is sigma <- normalise(sigma - step grad), grad the gradient on the sphere. Its length is
constant but for one rule: a step that would raise the energy is not taken, and that start goes on
with `SHRINK` times the length. With length times steps read as time this is the gradient flow
d sigma/dt = -grad in the limit of small steps. The default length is a little under 2 over the upper
edge of the Hessian's spectrum where descents end, [0, 4 sqrt(xi'')].
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from functools import partial

from numerics.core.backend import Array, namespace_of
from numerics.core.mixture import derivatives
from numerics.descent.protocol import Info, Method, Rule, State, gradient_norm
from numerics.descent.sphere import retract
from numerics.device import descents
from numerics.pspin import contract_device
from numerics.pspin.couplings import Couplings
from numerics.pspin.field import steepest
from numerics.pspin.hamiltonian import energy_slope

RELATIVE_STEP = 1.7
"""Default step times 4 sqrt(xi''); 2 is the limit of stability at the threshold energy."""

SHRINK = 0.7
"""Factor on a start's step when it would have raised the energy."""


def default_step(coefficients: Mapping[int, float]) -> float:
    """Return the default step length, RELATIVE_STEP / (4 sqrt(xi''(1))), in a field of `steepest`.

    Examples
    --------
    >>> round(default_step({3: 1.0}), 4)
    0.1735
    """
    return RELATIVE_STEP / (4 * math.sqrt(derivatives(steepest(coefficients))[2]))


def init(c: Couplings, position: Array, length: float) -> State:
    """Return the state of descents that start at `position` (R, n), on the sphere.

    Examples
    --------
    >>> import numpy as np
    >>> from numerics.pspin.couplings import draw, random_point
    >>> c = draw(np.random.default_rng(0), 5, {3: 1.0})
    >>> init(c, random_point(np.random.default_rng(1), 5, replicas=2), 0.1).energy.shape
    (2,)
    """
    xp = namespace_of(position)
    energy, gradient = energy_slope(c, position)
    lengths = xp.full((position.shape[0],), length, dtype=position.dtype)
    return State(position, energy, gradient, lengths)


def step(c: Couplings, state: State) -> tuple[State, Info]:
    """Take one step of every start; a start whose energy would rise stays, with a shorter step.

    Examples
    --------
    >>> import numpy as np
    >>> from numerics.pspin.couplings import draw, random_point
    >>> c = draw(np.random.default_rng(0), 5, {3: 1.0})
    >>> state = init(c, random_point(np.random.default_rng(1), 5, replicas=2), 0.1)
    >>> after, info = step(c, state)
    >>> bool((after.energy < state.energy).all())
    True
    """
    xp = namespace_of(state.position)
    trial = retract(state.position, state.gradient, state.length, -1.0)
    energy, gradient = energy_slope(c, trial)
    # False also where the energy is NaN.
    accepted = energy <= state.energy + _slack(trial) * xp.abs(state.energy)
    keep = accepted[:, None]
    after = State(
        position=xp.where(keep, trial, state.position),
        energy=xp.where(accepted, energy, state.energy),
        gradient=xp.where(keep, gradient, state.gradient),
        length=xp.where(accepted, state.length, SHRINK * state.length),
    )
    return after, Info(gradient_norm(after), accepted)


def _slack(s: Array) -> float:
    """Return the relative rise of the energy that is none: the sum behind it carries some rounding."""
    # same (numbers): some roundings of an energy
    return 64 * float(namespace_of(s).finfo(s.dtype).eps)


def advance(c: Couplings, state: State, count: int, tolerance: float) -> tuple[State, Info]:
    """Take so many steps of every start on a device; one that is within the tolerance stays.

    The same steps as `step`'s, with three launches each, bound once.

    Returns
    -------
    State
    Info
        Of the last step; of it all count as taken.
    """
    xp = namespace_of(state.position)
    kept = state.position, state.energy, state.gradient, state.length
    position, energy, gradient, length = (xp.asarray(x, copy=True) for x in kept)
    trial = retract(position, gradient, length, -1.0)
    evaluate = contract_device.Evaluation(c.terms, trial)
    norm, rule = gradient_norm(state), (_slack(trial), SHRINK, tolerance)
    after = (position, energy, gradient, length, norm)
    end = descents.descending(evaluate.gradients, evaluate.degrees, rule, trial, after)
    for _ in range(count):
        evaluate()
        end()
    return State(position, energy, gradient, length), Info(norm, xp.isfinite(energy))


def method(c: Couplings, rule: Rule) -> Method[State]:
    """Return gradient descent, by the first length and the tolerance of `rule`."""
    return Method(
        partial(init, c, length=rule.length),
        lambda state, _: step(c, state),
        lambda state, _, count: advance(c, state, count, rule.tolerance),
        lambda disorders: method(c.some(disorders), rule),
    )
