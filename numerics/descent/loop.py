"""Steps until every start is done, in whatever way that is, and the Hessian where it ended.

Near the end points of descents the Hessian's spectrum is close to [0, 4 sqrt(xi'')]: it touches zero as
n grows (they lie just below the threshold energy). So the default length of a step is a little under 2
over the upper edge, and descents are slow: they pass saddles with a nearly flat way down. With
`newton` the last phase is cut short: from time to time Newton's method is tried from where the
descent is, and its result is kept only if all the way the Hessian is positive definite, its lowest
eigenvalue stays above half of the previous one, the energy does not rise and the gradient falls
fourfold a step: the descent was already in the convex neighbourhood of that minimum. Else it goes
on untouched.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import fields, replace
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from numerics.core.backend import Array, namespace_of, to_numpy
from numerics.descent import gradient
from numerics.descent.newton import polish
from numerics.pspin.couplings import Couplings
from numerics.pspin.hamiltonian import riemannian_hessian_eigenvalues

NEWTON_EVERY = 50
"""Steps between two trials of Newton's method."""

CONVERGED, SADDLE, SHORT, DIVERGED = "converged", "saddle", "max_steps", "diverged"
FINISHED = "finished"


class Stepper(Protocol):
    """A module with `init` and `step`: gradient descent or conjugate gradients."""

    def init(self, c: Couplings, position: Array, length: float) -> Any:
        """Return the state at the start."""

    def step(self, c: Couplings, state: Any) -> tuple[Any, gradient.Info]:
        """Take one step of every start."""


def run(
    c: Couplings,
    points: Array,
    length: float,
    tolerance: float = 1e-6,
    max_steps: int = 20000,
    newton: bool = False,
    spectra: bool = False,
    stepper: Stepper = gradient,
) -> dict[str, npt.NDArray[Any]]:
    """Descend from `points` (R, n) on the sphere until each has |grad|/sqrt(n) <= tolerance.

    A start that is done leaves the batch; tiles make the others' numbers independent of that.

    Returns
    -------
    dict
        As `numerics.descent.many_starts.descend_one`, and "position" (R, n).

    Examples
    --------
    >>> from numerics.pspin.couplings import draw, random_point
    >>> c = draw(np.random.default_rng(0), 5, {3: 1.0})
    >>> out = run(c, random_point(np.random.default_rng(1), 5, replicas=2), 0.17)
    >>> out["position"].shape, bool((out["gradient_norm"] <= 1e-6).all())
    ((2, 5), True)
    """
    # Overflow is a status, not a warning.
    with np.errstate(over="ignore", invalid="ignore"):
        out = _descend(c, points, length, tolerance, max_steps, newton, stepper)
        return finish(c, out, spectra)


def _descend(
    c: Couplings,
    points: Array,
    length: float,
    tolerance: float,
    max_steps: int,
    newton: bool,
    stepper: Stepper,
) -> dict[str, npt.NDArray[Any]]:
    """Return `run` without the spectra."""
    xp = namespace_of(points)
    replicas, n = points.shape
    out: dict[str, npt.NDArray[Any]] = {
        "position": to_numpy(points).astype(np.float64),
        "energies": np.full(replicas, np.nan),
        "gradient_norm": np.full(replicas, np.nan),
        "steps": np.zeros(replicas, dtype=np.int64),
        "status": np.full(replicas, SHORT),
    }
    active = np.arange(replicas)
    state = stepper.init(c, points, length)
    norm = gradient.norms(state.gradient) / math.sqrt(n)
    for count in range(max_steps + 1):
        if newton and count and count % NEWTON_EVERY == 0:
            state = _try_newton(c, state, tolerance)
            norm = gradient.norms(state.gradient) / math.sqrt(n)
        residual = to_numpy(norm)
        converged = residual <= tolerance
        broken = ~np.isfinite(residual) | ~np.isfinite(to_numpy(state.energy))
        broken |= to_numpy(state.length) < 1e-9 * length
        done = converged | broken | (count == max_steps)
        if done.any():
            rows = active[done]
            out["position"][rows] = to_numpy(state.position)[done]
            out["energies"][rows] = to_numpy(state.energy)[done] / n
            out["gradient_norm"][rows] = residual[done]
            out["steps"][rows] = count
            out["status"][active[broken]] = DIVERGED
            out["status"][active[converged & np.isfinite(out["energies"][active])]] = CONVERGED
            active = active[~done]
            if not active.size:
                break
            state = _some(state, xp.asarray(np.flatnonzero(~done)))
        state, info = stepper.step(c, state)
        norm = info.gradient_norm
    return out


def _some(state: Any, rows: Array) -> Any:
    """Return the state of some starts alone."""
    xp = namespace_of(state.position)
    kept = {f.name: xp.take(getattr(state, f.name), rows, axis=0) for f in fields(state)}
    return replace(state, **kept)


def _try_newton(c: Couplings, state: Any, tolerance: float) -> Any:
    """Return the state with those starts moved to their minimum that Newton's method can finish."""
    xp = namespace_of(state.position)
    position, finished = polish(c, state.position, tolerance)
    if not bool(xp.any(finished)):
        return state
    end = gradient.init(c, position, 1.0)
    keep = finished[:, None]
    return replace(
        state,
        position=xp.where(keep, end.position, state.position),
        energy=xp.where(finished, end.energy, state.energy),
        gradient=xp.where(keep, end.gradient, state.gradient),
    )


def hessians_at_once(n: int) -> int:
    """Return of how many ends the Hessians are taken at once: at most 64, at most half a GiB.

    Examples
    --------
    >>> hessians_at_once(100), hessians_at_once(2000)
    (64, 5)
    """
    return max(1, min(64, (1 << 29) // (24 * n * n)))


def finish(
    c: Couplings, out: Mapping[str, npt.NDArray[Any]], full: bool
) -> dict[str, npt.NDArray[Any]]:
    """Add the index and the lowest (or all) eigenvalues of the Hessians at the end points.

    An end where the gradient vanishes but the Hessian has a negative eigenvalue is a "saddle".
    """
    replicas, n = out["position"].shape
    values = np.full((replicas, n - 1), np.nan)
    sound = np.flatnonzero(out["status"] != DIVERGED)
    batch = hessians_at_once(n)
    for start in range(0, len(sound), batch):
        rows = sound[start : start + batch]
        at = c.xp.asarray(out["position"][rows], dtype=c.dtype)
        values[rows] = to_numpy(riemannian_hessian_eigenvalues(c, at))
    diverged = out["status"] == DIVERGED
    index = np.where(diverged, -1, (values < 0).sum(axis=1))
    status = np.where((out["status"] == CONVERGED) & (index > 0), SADDLE, out["status"])
    found = {"status": status, "index": index, "lowest_eigenvalue": values[:, 0].copy()}
    return {**out, **found, **({"eigenvalues": values} if full else {})}
