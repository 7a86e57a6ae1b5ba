"""The two loops that drive all methods: to a critical point, and through times.

Before every step both look which starts are done; there alone numbers come from a device to the host.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from numerics.core.backend import Array, namespace_of, to_numpy
from numerics.descent.protocol import (
    Method,
    Rule,
    S,
    State,
    Status,
    Timed,
    gradient_norm,
    rows_of,
    together,
)

Ends = dict[str, npt.NDArray[Any]]
"""By name, one row a start: position, energies (H/n), gradient_norm, steps, status; path."""


def to_convergence(method: Method[S], points: Array, rule: Rule) -> Ends:
    """Descend from `points` (R, n) on the sphere until each start has converged, or cannot go on.

    A start that is done leaves the batch; no bit of the others depends on it.

    Returns
    -------
    dict
        "position" (R, n), "energies", "gradient_norm", "steps" and "status" (R,): "converged",
        "diverged" or "max_steps".

    Examples
    --------
    >>> from numerics.descent import gradient
    >>> from numerics.pspin.couplings import draw, random_point
    >>> c, rule = draw(np.random.default_rng(0), 5, {3: 1.0}), Rule(0.17)
    >>> points = random_point(np.random.default_rng(1), 5, replicas=2)
    >>> out = to_convergence(gradient.method(c, rule), points, rule)
    >>> out["position"].shape, bool((out["gradient_norm"] <= 1e-6).all())
    ((2, 5), True)
    """
    xp = namespace_of(points)
    replicas, n = points.shape
    out: Ends = {
        "position": np.empty((replicas, n)),
        "energies": np.empty(replicas),
        "gradient_norm": np.empty(replicas),
        "steps": np.zeros(replicas, dtype=np.int64),
        "status": np.full(replicas, Status.SHORT),
    }
    active = np.arange(replicas)
    state = method.init(points)
    norm = gradient_norm(state)
    for k in range(rule.max_steps + 1):
        converged, diverged = (to_numpy(x) for x in _verdict(state, norm, rule))
        done = converged | diverged | (k == rule.max_steps)
        if done.any():
            rows = active[done]
            out["position"][rows] = to_numpy(state.position)[done]
            out["energies"][rows] = to_numpy(state.energy)[done] / n
            out["gradient_norm"][rows] = to_numpy(norm)[done]
            out["steps"][rows] = k
            out["status"][active[converged]] = Status.CONVERGED
            out["status"][active[diverged]] = Status.DIVERGED
            active = active[~done]
            if not active.size:
                break
            state = rows_of(state, xp.asarray(np.flatnonzero(~done)))
        state, info = method.step(state, k)
        norm = info.gradient_norm
    return out


def _verdict(state: State, norm: Array, rule: Rule) -> tuple[Array, Array]:
    """Return which starts have converged, and which have diverged."""
    xp = namespace_of(norm)
    sound = xp.isfinite(norm) & xp.isfinite(state.energy)
    converged = sound & (norm <= rule.tolerance)
    return converged, ~converged & (~sound | (state.length < rule.shortest))


def through_times(method: Timed[S], points: Array) -> tuple[S, Ends]:
    """Move `points` (R, n) on the sphere through the times of the method.

    A start that is done leaves the batch; no bit of the others depends on it.

    Returns
    -------
    state
        Of all starts, at the end.
    dict
        "path" (R, times), if there are times: H/n at each, nan where a start did not get there or
        its energy is not finite; "position", "energies", "gradient_norm", "steps" at the end, and
        "status": "finished", "max_steps" or "diverged".

    Examples
    --------
    >>> from numerics.descent import flow
    >>> from numerics.pspin.couplings import draw, random_point
    >>> c = draw(np.random.default_rng(0), 5, {3: 1.0})
    >>> points = random_point(np.random.default_rng(1), 5, replicas=2)
    >>> state, out = through_times(flow.method(c, [0.0, 1.0], 1e-5, max_steps=1000), points)
    >>> state.time.tolist(), out["path"].shape, out["status"].tolist()
    ([1.0, 1.0], (2, 2), ['finished', 'finished'])
    """
    xp = namespace_of(points)
    replicas, n = points.shape
    state = method.init(points)
    path = np.full((replicas, method.times), np.nan, dtype=method.dtype)
    seen = np.zeros(replicas, dtype=np.int64)
    steps = np.zeros(replicas, dtype=np.int64)
    short = np.zeros(replicas, dtype=bool)
    active, left = np.arange(replicas), []
    for k in range(method.max_steps + 1):
        reached = to_numpy(method.reached(state, k))
        if (reached > seen[active]).any():
            _record(path, active, seen[active], reached, to_numpy(state.energy) / n)
            seen[active] = reached
        going = to_numpy(method.going(state, k))
        if k == method.max_steps:
            short[active] = going
            going = np.zeros_like(going)
        if not going.all():
            left.append((active[~going], rows_of(state, xp.asarray(np.flatnonzero(~going)))))
            active = active[going]
            if not active.size:
                break
            state = rows_of(state, xp.asarray(np.flatnonzero(going)))
        steps[active] += 1
        state, _ = method.step(state, k)
    order = np.argsort(np.concatenate([rows for rows, _ in left]))
    state = rows_of(together([ended for _, ended in left]), xp.asarray(order))
    energies, norm = to_numpy(state.energy) / n, to_numpy(gradient_norm(state))
    # The last time, if there is one, was reached with a finite energy.
    arrived = np.isfinite(path[:, -1:]).all(axis=1) & np.isfinite(energies) & np.isfinite(norm)
    out: Ends = {
        "position": to_numpy(state.position).astype(np.float64),
        "energies": energies,
        "gradient_norm": norm,
        "steps": steps,
        "status": np.where(
            arrived, Status.FINISHED, np.where(short, Status.SHORT, Status.DIVERGED)
        ),
    }
    return state, {**out, "path": path} if method.times else out


def _record(
    path: npt.NDArray[Any],
    rows: npt.NDArray[np.int64],
    seen: npt.NDArray[np.int64],
    reached: npt.NDArray[np.int64],
    energies: npt.NDArray[Any],
) -> None:
    """Write finite energies into these rows of `path` at the times from `seen` to before `reached`."""
    time = np.arange(path.shape[1])
    fresh = (seen[:, None] <= time) & (time < reached[:, None]) & np.isfinite(energies)[:, None]
    path[rows] = np.where(fresh, energies[:, None], path[rows])
