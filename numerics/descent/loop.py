"""The two loops that drive all methods: to a critical point, and through times.

Before a step both look which starts are done; there alone numbers come from a device to the host. The
host looks before every step, a device before every `LOOK`-th: starts that are done meanwhile go on.
"""

from __future__ import annotations

from typing import Any, TypeVar

import numpy as np
import numpy.typing as npt

from numerics.core.backend import Array, namespace_of, on_device, to_numpy
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

M = TypeVar("M", bound=Method[Any])

Ends = dict[str, npt.NDArray[Any]]
"""By name, one row a start: position, energies (H/n), gradient_norm, steps, status; path."""


# same (numbers): steps between two looks at what has ended, on a device
LOOK = 50
"""Steps of a descent on a device between two looks at it."""


def look_every(points: Array) -> int:
    """Return how many steps there are between two looks: 1, or `LOOK` on a device.

    Examples
    --------
    >>> look_every(np.ones((1, 3)))
    1
    """
    return LOOK if on_device(points) else 1


def to_convergence(method: Method[S], points: Array, rule: Rule, disorders: int = 1) -> Ends:
    """Descend from `points` (R, n) on the sphere until each start has converged, or cannot go on.

    A start that is seen to be done leaves the batch; on the host no bit of the others depends on it.
    Of several disorders each keeps as many starts as the one with most that go on; when half of them
    are done the others go on without them.

    Parameters
    ----------
    method : Method
    points : array, shape (R, n)
        Of several disorders those of the first, then of the second, ..., as many of each.
    rule : Rule
    disorders : int

    Returns
    -------
    dict
        "position" (R, n), "energies", "gradient_norm", "steps" (until it was seen to be done) and
        "status" (R,): "converged", "diverged" or "max_steps".

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
    rows, going = np.arange(replicas), np.ones(replicas, dtype=bool)
    state = method.init(points)
    norm, every = gradient_norm(state), look_every(points)
    k = 0
    while True:
        converged, diverged = (to_numpy(x) for x in _verdict(state, norm, rule))
        done = going & (converged | diverged | (k == rule.max_steps))
        if done.any():
            there, ended = rows[done], xp.asarray(np.flatnonzero(done))
            end = rows_of(state, ended)
            out["position"][there] = to_numpy(end.position)
            out["energies"][there] = to_numpy(end.energy) / n
            # same (0 -> -1): of one axis
            out["gradient_norm"][there] = to_numpy(xp.take(norm, ended, axis=0))
            out["steps"][there] = k
            out["status"][rows[done & converged]] = Status.CONVERGED
            out["status"][rows[done & diverged]] = Status.DIVERGED
            going &= ~done
            if not going.any():
                return out
            method, kept, disorders = _left(method, going, disorders)
            # same (comparisons): all of them, taken again
            if len(kept) < len(going):
                state = rows_of(state, xp.asarray(kept))
                rows, going = rows[kept], going[kept]
        count = min(every, rule.max_steps - k)
        state, norm = _after(method, state, k, count)
        k += count


def _after(method: Method[S], state: S, k: int, count: int) -> tuple[S, Array]:
    """Return the state after so many steps from the k-th on, and |grad|/sqrt(n) then."""
    if count > 1 and method.advance is not None:
        state, info = method.advance(state, k, count)
        return state, info.gradient_norm
    for i in range(k, k + count):
        state, info = method.step(state, i)
    return state, info.gradient_norm


def _left(
    method: M, going: npt.NDArray[np.bool_], disorders: int
) -> tuple[M, npt.NDArray[np.int64], int]:
    """Return what goes on: the method, the rows, and the number of disorders.

    Disorders that are done leave by halves, as those that go on are copied.
    """
    # same (1 -> 2): any negative size is inferred
    there = np.flatnonzero(going.reshape(disorders, -1).any(axis=1))
    # same (comparisons, 2 -> 3): when they leave; no number depends on it
    if method.some is None or 2 * len(there) > disorders:
        return method, _kept(going, disorders, np.arange(disorders)), disorders
    return method.some(there.tolist()), _kept(going, disorders, there), len(there)


def _kept(
    going: npt.NDArray[np.bool_], disorders: int, there: npt.NDArray[np.int64]
) -> npt.NDArray[np.int64]:
    """Return the rows to keep of the disorders `there`: those that go on, as many of each as of any.

    Examples
    --------
    >>> going = np.array([False, True, True, False, False, True, False, False, False])
    >>> _kept(going, 3, np.array([0, 1])).tolist()
    [1, 2, 5, 3]
    """
    # same (1 -> 2): any negative size is inferred
    by_disorder = going.reshape(disorders, -1)[there]
    width = int(by_disorder.sum(axis=1).max())
    order = np.argsort(~by_disorder, axis=1, kind="stable")[:, :width]
    return (order + len(going) // disorders * there[:, None]).ravel()


def _verdict(state: State, norm: Array, rule: Rule) -> tuple[Array, Array]:
    """Return which starts have converged, and which have diverged."""
    xp = namespace_of(norm)
    sound = xp.isfinite(norm) & xp.isfinite(state.energy)
    converged = sound & (norm <= rule.tolerance)
    return converged, ~converged & (~sound | (state.length < rule.shortest))


def through_times(method: Timed[S], points: Array, disorders: int = 1) -> tuple[S, Ends]:
    """Move `points` (R, n) on the sphere through the times of the method.

    Starts that are done leave the batch as in `to_convergence`.

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
    state, every = method.init(points), look_every(points)
    path = xp.full((replicas, method.times), xp.nan, dtype=getattr(xp, method.dtype))
    # same (0 -> -1): no time is before the first
    seen: int | Array = 0
    rows, alive, left = np.arange(replicas), np.ones(replicas, dtype=bool), []
    # same (1 -> 2): at the last step all are done
    for k in range(method.max_steps + 1):
        reached = method.reached(state, k)
        if method.times and not (isinstance(reached, int) and reached == seen):
            path, seen = _recorded(path, seen, reached, state.energy / n), reached
        if k % every == 0 or k == method.max_steps:
            going = np.broadcast_to(to_numpy(method.going(state, k)), rows.shape)
            short = going & (k == method.max_steps)
            done = alive & (~going | short)
            if done.any():
                ended = xp.asarray(np.flatnonzero(done))
                out = {"steps": np.full(len(ended), k), "short": short[done]}
                out["path"] = to_numpy(xp.take(path, ended, axis=0))
                left.append((rows[done], rows_of(state, ended), out))
                alive &= ~done
                if not alive.any():
                    break
                method, kept, disorders = _left(method, alive, disorders)
                rows, alive, there = rows[kept], alive[kept], xp.asarray(kept)
                state, path = rows_of(state, there), xp.take(path, there, axis=0)
                # same (0 -> -1): of one axis
                seen = seen if isinstance(seen, int) else xp.take(seen, there, axis=0)
        state, _ = method.step(state, k)
    order = np.argsort(np.concatenate([there for there, _, _ in left]))
    state = rows_of(together([ended for _, ended, _ in left]), xp.asarray(order))
    # same (0 -> -1): all have the same names
    found = {name: np.concatenate([out[name] for _, _, out in left])[order] for name in left[0][2]}
    energies, norm = to_numpy(state.energy) / n, to_numpy(gradient_norm(state))
    # The last time, if there is one, was reached with a finite energy.
    # same (1 -> 2, 1 -> 0): who came to the last time came to all
    arrived = np.isfinite(found["path"][:, -1:]).all(axis=1)
    arrived &= np.isfinite(energies) & np.isfinite(norm)
    stopped = np.where(found["short"], Status.SHORT, Status.DIVERGED)
    ends: Ends = {
        "position": to_numpy(state.position).astype(np.float64),
        "energies": energies,
        "gradient_norm": norm,
        "steps": found["steps"],
        "status": np.where(arrived, Status.FINISHED, stopped),
    }
    return state, {**ends, "path": found["path"]} if method.times else ends


def _recorded(path: Array, seen: int | Array, reached: int | Array, energy: Array) -> Array:
    """Return `path` (R, times) with finite energies at the times from `seen` to before `reached`."""
    xp = namespace_of(path)
    time = xp.arange(path.shape[1])
    before, now = (x if isinstance(x, int) else x[:, None] for x in (seen, reached))
    fresh = (before <= time) & (time < now) & xp.isfinite(energy)[:, None]
    return xp.where(fresh, xp.astype(energy, path.dtype)[:, None], path)
