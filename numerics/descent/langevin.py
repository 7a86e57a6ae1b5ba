"""Langevin dynamics on the sphere: at one temperature ("langevin"), or cooled to zero ("annealing").

sigma <- normalise(sigma - length grad + sqrt(2 T length) noise), Euler and Maruyama's step of
d sigma = -grad H dt + sqrt(2 T) dW on the sphere; its equilibrium is exp(-H/T) up to an error of the
order of the length.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

import numpy as np

from numerics.core.backend import Array, Namespace, is_cupy, namespace_of
from numerics.core.streams import Key
from numerics.descent.gradient import init
from numerics.descent.protocol import Info, State, Timed, counted, gradient_norm
from numerics.descent.sphere import on_sphere
from numerics.device import cuda
from numerics.pspin.couplings import Couplings
from numerics.pspin.hamiltonian import energy_slope, tangential

THERMAL_STEP = 0.01
"""Default step length of Langevin dynamics and annealing."""

Noise = Callable[[int, tuple[int, int]], Array]


def step(c: Couplings, state: State, temperature: float, noise: Array) -> tuple[State, Info]:
    """Take one step of every start with standard normal `noise` (R, n).

    Examples
    --------
    >>> from numerics.pspin.couplings import draw, random_point
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
    energy, gradient = energy_slope(c, position)
    after = State(position, energy, gradient, state.length)
    return after, Info(gradient_norm(after), xp.isfinite(energy))


def method(
    c: Couplings,
    temperatures: Sequence[float],
    length: float,
    times: Sequence[float],
    noise: Noise,
) -> Timed[State]:
    """Return Langevin dynamics on one disorder, with one step at each of the temperatures.

    Parameters
    ----------
    c : Couplings
    temperatures : sequence of float
    length : float
        Of a step.
    times : sequence of float
        Rising; the energy is kept after the whole number of steps next to each.
    noise : callable
        ``noise(k, (R, n))``: standard normal numbers for step k.
    """
    xp = c.xp

    def noisy(state: State, k: int) -> tuple[State, Info]:
        drawn = xp.astype(noise(k, state.position.shape), state.position.dtype)
        return step(c, state, temperatures[k], drawn)

    steps = len(temperatures)
    at = np.minimum(np.rint(np.asarray(times) / length).astype(np.int64), steps).tolist()
    # The energies of the path have the dtype of the dynamics.
    kept = "float64" if c.dtype == xp.float64 else "float32"
    return counted(partial(init, c, length=length), noisy, steps, at, kept)


def normals(xp: Namespace, key: Key, step: int, shape: tuple[int, int]) -> Array:
    """Return standard normal numbers of a shape, of a step under a key: the same on a device.

    Examples
    --------
    >>> import array_api_compat.numpy as xp
    >>> from numerics.core.streams import key_of
    >>> normals(xp, key_of(np.random.default_rng(0)), 0, (2, 3)).round(2).tolist()
    [[0.31, 0.32, 0.63], [-0.12, -0.26, 0.58]]
    """
    if is_cupy(xp):
        return cuda.normals(xp, key, step, shape)
    from numerics.compiled import philox

    out = np.empty(shape[0] * shape[1])
    philox.normals(key, step, out)
    return xp.asarray(out.reshape(shape))


def length_of_step(given: float | None) -> float:
    """Return the length of a step: as given, or `THERMAL_STEP`."""
    return THERMAL_STEP if given is None else given


def steps_until(time: float, length: float) -> int:
    """Return the whole number of steps next to a time, but one at least.

    Examples
    --------
    >>> steps_until(1.0, 0.3), steps_until(0.1, 0.3)
    (3, 1)
    """
    return max(1, round(time / length))


def whole_steps(times: Sequence[float], length: float) -> list[float]:
    """Return the times rounded to whole steps, each once; the first is kept as it is.

    Examples
    --------
    >>> whole_steps([0.0, 0.24, 0.26, 1.0], 0.25)
    [0.0, 0.25, 1.0]
    """
    # same (0 -> -1): no time is below 0
    rounded = {max(0, round(t / length)) * length for t in times}
    return sorted(rounded - {0.0} | {times[0]})
