"""Gradient descent of many starts on one disorder, to the end.

Near the end points the Hessian's spectrum is close to [0, 4 sqrt(xi'')]: it touches zero as n grows
(they lie just below the threshold energy). So the default length of a step is a little under 2 over
the upper edge, and descents are slow: they pass saddles with a nearly flat way down. Method
"gd+newton" cuts the last phase short: from time to time Newton's method is tried from where the
descent is, and its result is kept only if all the way the Hessian is positive definite, its lowest
eigenvalue stays above half of the previous one, the energy does not rise and the gradient falls
fourfold a step: the descent was already in the convex neighbourhood of that minimum. Else it goes
on untouched.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from numerics.backend import (
    Array,
    InputError,
    Namespace,
    free_memory,
    namespace,
    namespace_of,
    to_numpy,
)
from numerics.checks import check_integer, check_real
from numerics.chunks import ordered
from numerics.coefficients import check_coefficients
from numerics.couplings import DTYPES
from numerics.hamiltonian import (
    Couplings,
    draw,
    random_point,
    riemannian_hessian_eigenvalues,
)
from numerics.newton import polish
from numerics.steps import Info, State, default_step, init, norms, step
from numerics.streams import Stream, stream

__all__ = [
    "METHODS",
    "NEWTON_EVERY",
    "Descent",
    "Info",
    "State",
    "default_step",
    "descend",
    "descend_one",
    "init",
    "run",
    "step",
]

METHODS = ("gd", "gd+newton")

NEWTON_EVERY = 50
"""Steps between two trials of Newton's method in "gd+newton"."""


@dataclass(frozen=True)
class Descent:
    """End points of descents; every array leads with (disorders, starts).

    Attributes
    ----------
    energies : ndarray of float
        H/n.
    gradient_norm : ndarray of float
        |grad|/sqrt(n), grad on the sphere; of order sqrt(xi'(1)) at a random point.
    index : ndarray of int
        Number of negative eigenvalues of the exact Hessian on the sphere; -1 where diverged.
    steps : ndarray of int
        Evaluations of the gradient after the first.
    status : ndarray of str
        "converged", "max_steps" or "diverged" (energy or gradient not finite, or no step short
        enough goes down).
    lowest_eigenvalue : ndarray of float
        Of that Hessian, of order 1; nan where diverged.
    eigenvalues : ndarray of float, shape (disorders, starts, n - 1), or None
        All of them, ascending, if asked for.
    """

    energies: npt.NDArray[np.float64]
    gradient_norm: npt.NDArray[np.float64]
    index: npt.NDArray[np.int64]
    steps: npt.NDArray[np.int64]
    status: npt.NDArray[np.str_]
    lowest_eigenvalue: npt.NDArray[np.float64]
    eigenvalues: npt.NDArray[np.float64] | None = None


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
    memory: int | None = None,
    place: str = "auto",
) -> dict[str, npt.NDArray[Any]]:
    """Descend from uniform starts on one disorder.

    The couplings come from ``source.generator(disorder, 0)``, the starts from
    ``source.generator(disorder, 1)``.

    Parameters
    ----------
    source : Stream
    disorder : int
        Which disorder, >= 0.
    n, coefficients, starts, tolerance, max_steps, step, method, dtype
        As in `descend`.
    xp : array namespace, optional
        NumPy's by default.
    spectra : bool
        Return all eigenvalues of the final Hessians too.
    memory, place
        Of the couplings, as in `numerics.couplings.draw`.

    Returns
    -------
    dict
        The fields of `Descent` by name, leading axis (starts,); "eigenvalues" only with `spectra`.

    Examples
    --------
    >>> out = descend_one(stream(0, "example"), 0, 10, {3: 1.0}, starts=4)
    >>> out["status"].tolist(), out["index"].tolist()
    (['converged', 'converged', 'converged', 'converged'], [0, 0, 0, 0])
    """
    xp = xp or namespace()
    couplings = draw(source.generator(disorder, 0), n, coefficients, dtype, xp, memory, place)
    points = random_point(source.generator(disorder, 1), n, starts).astype(dtype)
    length = default_step(coefficients) if step is None else step
    return run(
        couplings, xp.asarray(points), length, tolerance, max_steps, method == "gd+newton", spectra
    )


def run(
    c: Couplings,
    points: Array,
    length: float,
    tolerance: float = 1e-6,
    max_steps: int = 20000,
    newton: bool = False,
    spectra: bool = False,
) -> dict[str, npt.NDArray[Any]]:
    """Descend from `points` (R, n) on the sphere until each has |grad|/sqrt(n) <= tolerance.

    A start that is done leaves the batch; tiles make the others' numbers independent of that.

    Returns
    -------
    dict
        As `descend_one`, and "position" (R, n).

    Examples
    --------
    >>> c = draw(np.random.default_rng(0), 5, {3: 1.0})
    >>> out = run(c, random_point(np.random.default_rng(1), 5, replicas=2), 0.17)
    >>> out["position"].shape, bool((out["gradient_norm"] <= 1e-6).all())
    ((2, 5), True)
    """
    # Overflow is a status, not a warning.
    with np.errstate(over="ignore", invalid="ignore"):
        out = _descend(c, points, length, tolerance, max_steps, newton)
        return out | _spectra(c, out, points, spectra)


def _descend(
    c: Couplings,
    points: Array,
    length: float,
    tolerance: float,
    max_steps: int,
    newton: bool,
) -> dict[str, npt.NDArray[Any]]:
    """Return `run` without the spectra."""
    xp = namespace_of(points)
    replicas, n = points.shape
    out: dict[str, npt.NDArray[Any]] = {
        "position": to_numpy(points).astype(np.float64),
        "energies": np.full(replicas, np.nan),
        "gradient_norm": np.full(replicas, np.nan),
        "steps": np.zeros(replicas, dtype=np.int64),
        "status": np.full(replicas, "max_steps"),
    }
    active = np.arange(replicas)
    state = init(c, points, length)
    norm = norms(state.gradient) / math.sqrt(n)
    for steps in range(max_steps + 1):
        if newton and steps and steps % NEWTON_EVERY == 0:
            state = _try_newton(c, state, tolerance)
            norm = norms(state.gradient) / math.sqrt(n)
        residual = to_numpy(norm)
        converged = residual <= tolerance
        broken = ~np.isfinite(residual) | ~np.isfinite(to_numpy(state.energy))
        broken |= to_numpy(state.length) < 1e-9 * length
        done = converged | broken | (steps == max_steps)
        if done.any():
            rows = active[done]
            out["position"][rows] = to_numpy(state.position)[done]
            out["energies"][rows] = to_numpy(state.energy)[done] / n
            out["gradient_norm"][rows] = residual[done]
            out["steps"][rows] = steps
            out["status"][active[converged]] = "converged"
            out["status"][active[broken]] = "diverged"
            active = active[~done]
            if not active.size:
                break
            left = xp.asarray(np.flatnonzero(~done))
            state = State(
                xp.take(state.position, left, axis=0),
                xp.take(state.energy, left, axis=0),
                xp.take(state.gradient, left, axis=0),
                xp.take(state.length, left, axis=0),
            )
        state, info = step(c, state)
        norm = info.gradient_norm
    return out


def _try_newton(c: Couplings, state: State, tolerance: float) -> State:
    """Return the state with those starts moved to their minimum that Newton's method can finish."""
    xp = namespace_of(state.position)
    position, finished = polish(c, state.position, tolerance)
    if not bool(xp.any(finished)):
        return state
    end = init(c, position, 1.0)
    keep = finished[:, None]
    return State(
        xp.where(keep, end.position, state.position),
        xp.where(finished, end.energy, state.energy),
        xp.where(keep, end.gradient, state.gradient),
        state.length,
    )


def _spectra(
    c: Couplings, out: Mapping[str, npt.NDArray[Any]], points: Array, full: bool
) -> dict[str, npt.NDArray[Any]]:
    """Return the index and the lowest (or all) eigenvalues of the Hessians at the end points."""
    xp = namespace_of(points)
    replicas, n = points.shape
    values = np.full((replicas, n - 1), np.nan)
    sound = np.flatnonzero(out["status"] != "diverged")
    for start in range(0, len(sound), 64):
        rows = sound[start : start + 64]
        at = xp.asarray(out["position"][rows], dtype=points.dtype)
        values[rows] = to_numpy(riemannian_hessian_eigenvalues(c, at))
    index = np.where(out["status"] == "diverged", -1, (values < 0).sum(axis=1))
    found = {"index": index, "lowest_eigenvalue": values[:, 0].copy()}
    return found | {"eigenvalues": values} if full else found


def descend(
    n: int,
    p: int | None = None,
    coefficients: Mapping[int, float] | None = None,
    disorders: int = 1,
    starts: int = 1,
    method: str = "gd",
    tolerance: float = 1e-6,
    max_steps: int = 20000,
    step: float | None = None,
    seed: int = 0,
    backend: str = "numpy",
    dtype: str = "float64",
    workers: int = 1,
    memory: int | None = None,
    place: str = "auto",
) -> Descent:
    """Descend from uniform starts on independent disorders.

    Parameters
    ----------
    n : int
        Number of spins, >= 2.
    p : int, optional
        The pure model xi = q^p; or
    coefficients : mapping of int to float, optional
        {p: a_p} of a mixture. Exactly one of the two.
    disorders, starts : int
        Independent Hamiltonians; starts on each.
    method : {"gd", "gd+newton"}
        Plain gradient descent, or with Newton's method at the end, where it stays in the valley.
    tolerance : float
        Stop where |grad|/sqrt(n) <= tolerance.
    max_steps : int
        Stop there in any case.
    step : float, optional
        Step length; `default_step` if not given.
    seed : int
    backend : {"numpy", "cupy", "auto"}
    dtype : {"float64", "float32"}
    workers : int
        Threads over the disorders, >= 1; no number depends on it.
    memory : int, optional
        Bytes that may be used, by default what is free; see `numerics.couplings.draw`.
    place : {"auto", "stored", "streamed"}
        Where couplings are, as there.

    Returns
    -------
    Descent

    Raises
    ------
    InputError
        Bad arguments; a descent that fails does not raise but says so in its status.

    Examples
    --------
    >>> end = descend(10, p=3, starts=4)
    >>> end.energies.shape, bool((end.index == 0).all())
    ((1, 4), True)
    """
    n = check_integer("n", n, least=2)
    if (p is None) == (coefficients is None):
        raise InputError.of("p", p, "an integer >= 2, or give coefficients instead, not both")
    if coefficients is None:
        coefficients = {check_integer("p", p, least=2): 1.0}
    coefficients = check_coefficients(coefficients)
    disorders = check_integer("disorders", disorders, least=1)
    starts = check_integer("starts", starts, least=1)
    max_steps = check_integer("max_steps", max_steps, least=0)
    tolerance = check_real("tolerance", tolerance, positive=True)
    step = None if step is None else check_real("step", step, positive=True)
    if method not in METHODS:
        raise InputError.of("method", method, f"one of {', '.join(METHODS)}")
    if dtype not in DTYPES:
        raise InputError.of("dtype", dtype, " or ".join(DTYPES))
    source = stream(seed, "descend", n, *(f"{q}:{a!r}" for q, a in coefficients.items()))
    xp = namespace(backend)
    # Each of the disorders at work may take its part.
    workers = check_integer("workers", workers, least=1)
    room = free_memory(xp) if memory is None else check_integer("memory", memory, least=1)

    def one(disorder: int) -> dict[str, npt.NDArray[Any]]:
        found = descend_one(
            source,
            disorder,
            n,
            coefficients,
            starts,
            tolerance,
            max_steps,
            step,
            method,
            xp,
            dtype,
            memory=room // min(workers, disorders),
            place=place,
        )
        del found["position"]
        return found

    runs = list(ordered(one, range(disorders), workers))
    return Descent(**{name: np.stack([found[name] for found in runs]) for name in runs[0]})
