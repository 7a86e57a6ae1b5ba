"""Langevin dynamics on the sphere: at one temperature, or annealed to zero.

sigma <- normalise(sigma - length grad + sqrt(2 T length) noise), Euler and Maruyama's step of
d sigma = -grad H dt + sqrt(2 T) dW on the sphere; its equilibrium is exp(-H/T) up to an error of the
order of the length. Noise of every step has its own counter, so that no draw depends on the batch.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from numerics.core.backend import Array, namespace_of, to_numpy
from numerics.core.streams import Stream
from numerics.descent.gradient import Info, State, norms, on_sphere
from numerics.pspin.couplings import Couplings
from numerics.pspin.hamiltonian import energy_gradient, tangential


def step(c: Couplings, state: State, temperature: float, noise: Array) -> tuple[State, Info]:
    """Take one step of every start with standard normal `noise` (R, n).

    Examples
    --------
    >>> from numerics.pspin.couplings import draw, random_point
    >>> from numerics.descent.gradient import init
    >>> c = draw(np.random.default_rng(0), 5, {3: 1.0})
    >>> state = init(c, random_point(np.random.default_rng(1), 5, replicas=2), 0.1)
    >>> cold, _ = step(c, state, 0.0, np.ones((2, 5)))
    >>> bool((cold.energy < state.energy).all())
    True
    """
    xp = namespace_of(state.position)
    length = state.length[:, None]
    kick = xp.sqrt(2 * temperature * length) * tangential(state.position, noise)
    position = on_sphere(state.position - length * state.gradient + kick)
    energy, gradient = energy_gradient(c, position)
    after = State(position, energy, tangential(position, gradient), state.length)
    norm = norms(after.gradient) / math.sqrt(position.shape[1])
    return after, Info(norm, xp.isfinite(energy))


def simulate(
    c: Couplings,
    state: State,
    temperatures: Sequence[float],
    source: Stream,
    unit: int,
    every: int,
) -> tuple[State, npt.NDArray[np.float64]]:
    """Take one step at each of the temperatures; the noise of step k is that of counter (unit, 2, k).

    Returns
    -------
    state : State
    path : ndarray, shape (R, 1 + steps // every)
        H/n before the first step and after every `every`-th one; nan from where a start diverged.
    """
    xp = namespace_of(state.position)
    replicas, n = state.position.shape
    path: list[Any] = [to_numpy(state.energy) / n]
    for k, temperature in enumerate(temperatures):
        noise = source.generator(unit, 2, k).standard_normal((replicas, n))
        state, _ = step(c, state, temperature, xp.asarray(noise, dtype=state.position.dtype))
        if (k + 1) % every == 0:
            path.append(to_numpy(state.energy) / n)
    found = np.stack(path, axis=1)
    return state, np.where(np.isfinite(found), found, np.nan)
