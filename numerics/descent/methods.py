"""The methods by which starts on one disorder descend, each start with its status."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from numerics.core.backend import Array, Namespace, namespace, to_numpy
from numerics.core.streams import Stream
from numerics.descent import conjugate_gradient, flow, gradient, langevin, sgd
from numerics.descent.gradient import default_step, init
from numerics.descent.loop import CONVERGED, DIVERGED, FINISHED, finish, run
from numerics.pspin.couplings import Couplings, draw, random_point

METHODS = (
    "gd",
    "gd+newton",
    "cg",
    "flow",
    "sgd",
    "langevin",
    "annealing",
    "published-gd",
    "published-sgd",
)

TIMES = (0.0, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0)
"""Where the path of a flow or of Langevin dynamics is kept, if nothing else is said."""

FLOW_ACCURACY = 1e-5
"""Largest estimated error of a step of the flow, |error|/sqrt(n)."""

THERMAL_STEP = 0.01
"""Default step length of Langevin dynamics and annealing."""

PUBLISHED_STEP = 0.2
PUBLISHED_GRADIENT = 0.01
"""Of the tangential gradient itself, not over sqrt(n)."""
PUBLISHED_RATE, PUBLISHED_DECAY, PUBLISHED_ROUNDS = 0.3, 0.0015, 500


def descend_one(
    source: Stream,
    disorder: int,
    n: int,
    coefficients: Mapping[int, float],
    starts: int,
    tolerance: float = 1e-6,
    max_steps: int = 20000,
    step: float | None = None,
    method: str = "gd",
    xp: Namespace | None = None,
    dtype: str = "float64",
    spectra: bool = False,
    times: Sequence[float] = TIMES,
    temperature: float = 0.0,
    parts: int = 10,
    memory: int | None = None,
    place: str = "auto",
) -> dict[str, npt.NDArray[Any]]:
    """Descend from uniform starts on one disorder.

    The couplings come from ``source.generator(disorder, 0)`` (the parts of a stochastic descent from
    ``generator(disorder, 0, part)``), the starts from ``source.generator(disorder, 1)``, the noise of
    step k from ``source.generator(disorder, 2, k)``.

    Parameters
    ----------
    source : Stream
    disorder : int
        Which disorder, >= 0.
    n, coefficients, starts, tolerance, max_steps, step, method, dtype, times, temperature, parts
        As in `numerics.descent.many_starts.descend`.
    xp : array namespace, optional
        NumPy's by default.
    spectra : bool
        Return all eigenvalues of the final Hessians too.
    memory, place
        Of the couplings, as in `numerics.pspin.couplings.draw`.

    Returns
    -------
    dict
        The fields of `numerics.descent.Descent` by name, leading axis (starts,), and "position"
        (starts, n); "eigenvalues" only with `spectra`, "path" only for methods that have times.

    Examples
    --------
    >>> from numerics.core.streams import stream
    >>> out = descend_one(stream(0, "example"), 0, 10, {3: 1.0}, starts=4)
    >>> out["status"].tolist(), out["index"].tolist()
    (['converged', 'converged', 'converged', 'converged'], [0, 0, 0, 0])
    """
    xp = xp or namespace()
    points = xp.asarray(random_point(source.generator(disorder, 1), n, starts).astype(dtype))
    length = default_step(coefficients) if step is None else step
    if method in ("sgd", "published-sgd"):
        pieces = sgd.draw_parts(source, disorder, n, coefficients, parts, dtype, xp, memory)
        points = sgd.descend_parts(
            pieces, points, PUBLISHED_ROUNDS * parts, PUBLISHED_RATE, PUBLISHED_DECAY
        )
        c = sgd.total(pieces)
    else:
        c = draw(source.generator(disorder, 0), n, coefficients, dtype, xp, memory, place)
    if method.startswith("published"):
        length, tolerance = PUBLISHED_STEP, PUBLISHED_GRADIENT / math.sqrt(n)
    if method == "flow":
        return _flow(c, points, times, tolerance, max_steps, spectra)
    if method in ("langevin", "annealing"):
        short = THERMAL_STEP if step is None else step
        count = max(1, round(times[-1] / short))
        cooling = 1 - np.arange(count) / count if method == "annealing" else np.ones(count)
        heat = (temperature * cooling).tolist()
        end = _thermal(c, points, short, heat, times, tolerance, source, disorder, spectra)
        if method == "langevin":
            return end
        sound = xp.asarray(end["position"].astype(dtype))
        cold = run(c, sound, default_step(coefficients), tolerance, max_steps, False, spectra)
        return {**cold, "steps": cold["steps"] + count, "path": end["path"]}
    newton, stepper = method == "gd+newton", conjugate_gradient if method == "cg" else gradient
    return run(c, points, length, tolerance, max_steps, newton, spectra, stepper)


def _flow(
    c: Couplings,
    points: Array,
    times: Sequence[float],
    tolerance: float,
    max_steps: int,
    spectra: bool,
) -> dict[str, npt.NDArray[Any]]:
    with np.errstate(over="ignore", invalid="ignore"):
        out = flow.follow(c, points, times, FLOW_ACCURACY, max_steps)
    still = (out["status"] == FINISHED) & (out["gradient_norm"] <= tolerance)
    out["status"] = np.where(still, CONVERGED, out["status"])
    return finish(c, out, spectra)


def _thermal(
    c: Couplings,
    points: Array,
    length: float,
    heat: Sequence[float],
    times: Sequence[float],
    tolerance: float,
    source: Stream,
    disorder: int,
    spectra: bool,
) -> dict[str, npt.NDArray[Any]]:
    n = points.shape[1]
    with np.errstate(over="ignore", invalid="ignore"):
        state, path = langevin.simulate(c, init(c, points, length), heat, source, disorder, 1)
        norm = to_numpy(gradient.norms(state.gradient)) / math.sqrt(n)
    energies = to_numpy(state.energy) / n
    at = np.minimum(np.rint(np.asarray(times) / length).astype(np.int64), len(heat))
    status = np.where(norm <= tolerance, CONVERGED, FINISHED)
    out = {
        "position": to_numpy(state.position).astype(np.float64),
        "energies": energies,
        "gradient_norm": norm,
        "steps": np.full(len(norm), len(heat)),
        "status": np.where(np.isfinite(energies) & np.isfinite(norm), status, DIVERGED),
        "path": path[:, at],
    }
    return finish(c, out, spectra)
