"""Descents of many starts on many disorders, by any of the methods."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass, fields, replace
from functools import partial
from multiprocessing import get_context
from typing import Any

import numpy as np
import numpy.typing as npt

from numerics.core.backend import InputError, free_memory, namespace
from numerics.core.checks import (
    check_integer,
    check_memory,
    check_real,
    check_word,
    check_workers,
)
from numerics.core.mixture import (
    Mixture,
    Model,
    check_model,
    disorder_stream,
)
from numerics.core.streams import Stream
from numerics.core.tables import to_frame
from numerics.core.threads import can_spawn, ordered
from numerics.descent import langevin
from numerics.descent.ends import hessians_at_once
from numerics.descent.methods import AT_START, descend_with
from numerics.descent.settings import METHODS, TIMES, Settings, checked
from numerics.pspin.tensors import SCALES, Given, given


@dataclass(frozen=True, repr=False)
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
        Evaluations of the gradient after the first (steps, for a flow); of "sgd" those of the descent
        after it.
    status : ndarray of str
        "converged", "saddle" (most often it started on one), "finished" (a flow or Langevin dynamics),
        "max_steps" or "diverged": the sentences are in `numerics.descent.protocol.Status`.
    lowest_eigenvalue : ndarray of float
        Of that Hessian, of order 1; nan where diverged.
    eigenvalues : ndarray of float, shape (disorders, starts, n - 1), or None
        All of them, ascending, if asked for.
    times : ndarray of float, shape (times,), or None
        Of a flow, Langevin dynamics or annealing.
    path : ndarray of float, shape (disorders, starts, times), or None
        H/n at the times; nan where a start did not get there.
    z_eigenvalues : ndarray of float, or None
        Of couplings of one's own: T x^p at x = s/|s|, of the tensor T that was given.
    position : ndarray of float, shape (1, starts, n), or None
        Of couplings of one's own: where the starts ended, on |s|^2 = n; with scale "unit" on |x| = 1.
    """

    energies: npt.NDArray[np.float64]
    gradient_norm: npt.NDArray[np.float64]
    index: npt.NDArray[np.int64]
    steps: npt.NDArray[np.int64]
    status: npt.NDArray[np.str_]
    lowest_eigenvalue: npt.NDArray[np.float64]
    eigenvalues: npt.NDArray[np.float64] | None = None
    times: npt.NDArray[np.float64] | None = None
    path: npt.NDArray[np.float64] | None = None
    z_eigenvalues: npt.NDArray[np.float64] | None = None
    position: npt.NDArray[np.float64] | None = None

    @property
    def counts(self) -> dict[str, int]:
        """Number of starts by status."""
        names, counts = np.unique(self.status, return_counts=True)
        return dict(zip(names.tolist(), counts.tolist(), strict=True))

    def __repr__(self) -> str:
        """In a line: how many there are, between which levels, and how they ended."""
        disorders, starts = self.energies.shape
        ends = self.energies[np.isfinite(self.energies)]
        levels = f"H/n {ends.min():.6g} to {ends.max():.6g}, " if len(ends) else ""
        ended = ", ".join(f"{count} {name}" for name, count in self.counts.items())
        return f"<Descent: disorders {disorders}, starts {starts}, {levels}{ended}>"

    def to_pandas(self) -> Any:
        """Return a DataFrame with a row for each start; what has more axes is left out.

        Raises
        ------
        InputError
            Where pandas is not installed.
        """
        disorder, start = np.indices(self.energies.shape)
        columns = {"disorder": disorder, "start": start}
        columns |= {
            one.name: value
            for one in fields(self)
            if (value := getattr(self, one.name)) is not None and value.shape == disorder.shape
        }
        return to_frame({name: value.ravel() for name, value in columns.items()})


def _job(
    disorders: Sequence[int],
    settings: Settings,
    source: Stream,
    backend: str,
) -> list[dict[str, npt.NDArray[Any]]]:
    """Descend on these disorders, in whatever process; positions of drawn ones stay there."""
    from threadpoolctl import threadpool_limits

    with threadpool_limits(1):
        found = descend_with(settings, source, disorders, namespace(backend))
    dropped = AT_START if settings.given is not None else ("position", *AT_START)
    return [{name: x for name, x in one.items() if name not in dropped} for one in found]


def _each(work: Any, disorders: range, workers: int) -> Iterator[dict[str, npt.NDArray[Any]]]:
    """Run the work on every disorder, in order: in processes, or threads where none can begin."""
    # same (comparisons, 1 -> 2): who does the work; no number depends on it
    if min(workers, len(disorders)) <= 1:
        yield from work(disorders)
        return
    one_by_one = ([disorder] for disorder in disorders)
    if not can_spawn():
        for found in ordered(work, one_by_one, min(workers, len(disorders))):
            yield from found
        return
    try:
        with ProcessPoolExecutor(min(workers, len(disorders)), get_context("spawn")) as pool:
            for found in pool.map(work, one_by_one):
                yield from found
    except BrokenProcessPool:
        takes = (
            'processes that can begin and live: keep the call under if __name__ == "__main__":, or take '
            "workers=1"
        )
        raise InputError.of("workers", workers, takes) from None


def work_space(n: int, starts: int) -> int:
    """Return about the most bytes that one disorder takes at a time beside its couplings.

    Some vectors a start, and Hessians at some ends with what their assembly needs.

    Examples
    --------
    >>> work_space(100, 16) < 1e8
    True
    """
    # same (numbers): an estimate of bytes
    return 8 * (16 * n * starts + 3 * min(starts, hessians_at_once(n)) * n * n)


def descend(
    n: int | None = None,
    p: int | Model | None = None,
    coefficients: Mixture | None = None,
    disorders: int = 1,
    starts: int = 1,
    method: str = "gd",
    tolerance: float = 1e-6,
    max_steps: int = 20000,
    step: float | None = None,
    seed: int = 0,
    backend: str = "numpy",
    dtype: str = "float64",
    times: Sequence[float] = TIMES,
    temperature: float | None = None,
    parts: int = 10,
    workers: int = 1,
    memory: int | None = None,
    place: str = "auto",
    *,
    disorder: int = 0,
    couplings: npt.ArrayLike | Given | None = None,
    scale: str = "spins",
) -> Descent:
    """Descend from uniform starts on independent disorders, or on couplings of one's own.

    Parameters
    ----------
    n : int
        Number of spins, >= 2.
    p : int or model, optional
        The pure model xi = q^p; or a model that knows its coefficients, such as `theory.pure(3)`; or
    coefficients : mapping of int to float or model, optional
        {p: a_p} of a mixture; a_1 is the variance of a random external field. Exactly one of the two.
    disorders, starts : int
        Independent Hamiltonians; starts on each.
    method : str
        "gd": gradient descent; "gd+newton": with Newton's method at the end, where it stays in the
        basin; "cg": conjugate gradients; "flow": gradient flow through the `times`; "sgd": over the
        `parts` of the couplings, then "gd"; "langevin": at `temperature`, through the `times`;
        "annealing": from `temperature` to 0 until the last time, then "gd"; "published-gd",
        "published-sgd": with the step lengths and the stopping rule of the published 3-spin scripts
        (length 0.2, tangential gradient below 0.01; for the parts 0.3/(1 + 0.0015 k), 500 rounds).
    tolerance : float
        Stop where |grad|/sqrt(n) <= tolerance, times the size of couplings of one's own.
    max_steps : int
        Stop there in any case.
    step : float, optional
        Step length; `default_step`, or for dynamics with noise THERMAL_STEP, if not given.
    seed : int
    backend : {"numpy", "cupy", "auto"}
    dtype : {"float64", "float32"}
    times : sequence of float
        Rising, >= 0, of "flow", "langevin" and "annealing", in the unit of d sigma/dt = -grad.
    temperature : float, optional
        T >= 0 of H/T, for "langevin" (0.5 if not given) and "annealing" (1).
    parts : int
        Of the couplings, for "sgd".
    workers : int
        Processes, or threads where a script has no ``if __name__ == "__main__":`` and none can begin;
        no number depends on it.
    memory : int, optional
        Bytes that may be used, by default what is free, shared by the processes: more is refused
        before it is taken.
    place : {"auto", "stored", "streamed"}
        Where couplings are: in memory, drawn anew at every use (never those of a stochastic
        descent), or whichever fits; no number depends on it.
    disorder : int
        Number of the first disorder: that of `numerics.census` and `numerics.tensor` with this seed
        (but for stochastic descents, which draw theirs in parts).
    couplings : array_like, optional
        In place of a model to draw a tensor of one's own, as `numerics.pspin.tensors.given` takes it: of
        shape (n,) * p, symmetrised if it is not symmetric, or all J_{i < j < ...} alone, and then with
        `p`.
    scale : {"spins", "unit", "energy"}
        Of these couplings: H(s) = n^{-(p-1)/2} T s^p on |s|^2 = n; T x^p on |x| = 1; H(s) = T s^p.

    Returns
    -------
    Descent
        Memory grows by a few numbers a start.

    Raises
    ------
    InputError
        Bad arguments; a descent that fails does not raise but says so in its status.

    Examples
    --------
    >>> end = descend(10, p=3, starts=4)
    >>> end.energies.shape, end.counts
    ((1, 4), {'converged': 4})
    >>> in_field = descend(20, coefficients={3: 1.0, 1: 20.0}, starts=4)  # one minimum
    >>> bool(np.ptp(in_field.energies) < 1e-9)
    True
    >>> end = descend(couplings=[[2.0, 0.0], [0.0, 3.0]], scale="unit", starts=2)
    >>> end.z_eigenvalues.round(6).tolist()
    [[2.0, 2.0]]
    """
    method = check_word("method", method, METHODS)
    own = _own(n, p, coefficients, (disorders, disorder), couplings, scale)
    model = check_model(p, coefficients, least=1) if own is None else {own.p: own.size**2}
    if temperature is None:
        temperature = 1.0 if method == "annealing" else 0.5
    settings = checked(
        Settings(
            n=check_integer("n", n) if own is None else own.n,
            coefficients=model,
            starts=starts,
            tolerance=tolerance if own is None else check_real("tolerance", tolerance) * own.size,
            max_steps=max_steps,
            step=step,
            method=method,
            dtype=dtype,
            times=times,
            temperature=temperature,
            parts=parts,
            memory=memory,
            place=place,
            given=None if own is None else own.couplings(),
        )
    )
    first = check_integer("disorder", disorder, least=0)
    found = _on_disorders(
        _at_whole_steps(settings),
        range(first, first + check_integer("disorders", disorders, least=1)),
        check_workers(workers),
        seed,
        backend,
    )
    if own is None or found.position is None:
        return found
    return replace(
        found,
        z_eigenvalues=found.energies * (own.z / own.u),
        position=found.position / (math.sqrt(own.n) if own.scale == "unit" else 1.0),
    )


def _own(
    n: int | None,
    p: int | Model | None,
    coefficients: Mixture | None,
    disorders: tuple[int, int],
    couplings: npt.ArrayLike | Given | None,
    scale: str,
) -> Given | None:
    """Return the couplings of one's own, if there are some; nothing that they say is said beside them."""
    check_word("scale", scale, SCALES)
    if couplings is None:
        return None
    if (n, coefficients, disorders) != (None, None, (1, 0)):
        raise InputError("couplings: got them beside a model to draw; takes p and scale at most")
    return given(couplings, p, scale, "couplings")


def _at_whole_steps(s: Settings) -> Settings:
    """Return the settings with times that Langevin dynamics, which has steps of one length, comes to."""
    if s.method not in ("langevin", "annealing"):
        return s
    return replace(s, times=langevin.whole_steps(s.times, langevin.length_of_step(s.step)))


def _on_disorders(
    s: Settings,
    disorders: range,
    workers: int,
    seed: int,
    backend: str,
) -> Descent:
    """Descend on every disorder, with its share of the memory."""
    room = free_memory(namespace(backend)) if s.memory is None else s.memory
    room //= min(workers, len(disorders))
    needed = work_space(s.n, s.starts)
    check_memory(room, needed, f"{s.starts} starts at n = {s.n}", "take fewer starts or workers")
    work = partial(
        _job,
        settings=replace(s, memory=max(1, room - needed)),
        source=disorder_stream(s.n, s.coefficients, seed),
        backend=backend,
    )
    runs = list(_each(work, disorders, workers))
    fields = {name: np.stack([found[name] for found in runs]) for name in runs[0]}
    return Descent(**fields, times=np.asarray(s.times) if "path" in fields else None)
