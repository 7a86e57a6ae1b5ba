"""What claims on descents share: end points, statuses of starts, means by N, and how margins are set."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from math import sqrt
from typing import Any

import numpy as np
from numpy.typing import NDArray

from numerics.core.streams import Stream
from numerics.descent.methods import descend_one
from numerics.descent.protocol import Status
from theory import pure, threshold
from verify.claim import Axes, Cell, Data, Observation, Params, Series
from verify.claims.descents._starts import start_row
from verify.statistics import Extrapolation, Term, equivalence_cell, extrapolate

P = 3  # of the pure model on which all descend
STATUSES = tuple(Status)
ERRORS = 7  # standard errors in a margin, beside the bias
LOST = 0.01  # share of starts that may diverge

Array = NDArray[np.float64]
Descend = Callable[..., Mapping[str, Any]]  # as `descend_one`


@cache
def levels() -> Mapping[str, float]:
    """The barrier and the energy of the ground state, by their names in figures."""
    return {name: -float(threshold(pure(P), k, 17)) for name, k in (("-E_inf", None), ("-E_0", 0))}


def margin(bias: float, stderr: float) -> float:
    """Margin of an equivalence: a bound on the bias and `ERRORS` standard errors.

    Both are declared beforehand: ``stderr`` is that of the smallest sample that the margin is for.
    A run passes if its estimate lies within margin - 3.1 stderr: 3.9 at the bound on the bias. Where
    few disorders tell the error, Student's quantile takes the place of 3.1.

    Examples
    --------
    >>> round(margin(0.01, 0.002), 3)
    0.024
    """
    return bias + ERRORS * stderr


@dataclass(frozen=True)
class MeansByN:
    """A mean over disorders at each of several N: its standard error, the number of disorders.

    ``freedoms`` are the degrees of freedom of the standard errors.
    """

    sizes: Sequence[int]
    means: Sequence[float]
    stderrs: Sequence[float]
    units: Sequence[int]
    freedoms: Sequence[int]

    @classmethod
    def of(cls, seen: Sequence[Observation], values: Callable[[Observation], Array]) -> MeansByN:
        """Means of ``values(one)``, a number for each disorder of a grid point."""
        every = [values(one) for one in seen]
        return cls(
            [one.params["N"] for one in seen],
            [float(v.mean()) for v in every],
            [float(v.std(ddof=1)) / sqrt(len(v)) for v in every],
            [len(v) for v in every],
            [len(v) - 1 for v in every],
        )

    def cells(self, name: str) -> list[Cell]:
        """The mean at each N, without a test."""
        rows = zip(self.sizes, self.means, self.stderrs, self.units, strict=True)
        return [Cell({"N": n}, name, None, mean, error, units) for n, mean, error, units in rows]

    def declared(self, spread: Callable[[int], float]) -> list[float]:
        """Standard errors by a standard deviation over disorders declared beforehand, at each N."""
        return [spread(n) / sqrt(units) for n, units in zip(self.sizes, self.units, strict=True)]

    def limit(self, terms: Sequence[Term], declared: Sequence[float]) -> Extrapolation:
        """The mean at N = infinity, the sizes weighted by the declared errors."""
        return extrapolate(self.sizes, self.means, self.stderrs, terms, declared, self.freedoms)

    def limit_cell(
        self, name: str, said: float, terms: Sequence[Term], bias: float, declared: Sequence[float]
    ) -> Cell:
        """Equivalence of the limit with what is said of it; ``declared`` errors set the margin."""
        limit = self.limit(terms, declared)
        allowed = margin(bias, extrapolate(self.sizes, self.means, declared, terms).stderr)
        where, units = {"N": f"to {max(self.sizes)}, extrapolated"}, len(self.sizes)
        return equivalence_cell(
            where, name, said, limit.value, limit.stderr, units, allowed, limit.freedom
        )

    def points(self, axes: Axes, label: str, x: Sequence[float]) -> Series:
        """The means with two standard errors."""
        return axes.points(label, x, self.means, [2 * error for error in self.stderrs])


def status_counts(status: Any) -> NDArray[np.int64]:
    """Number of starts of each status, in the order of `STATUSES`."""
    return np.array([int((np.asarray(status) == name).sum()) for name in STATUSES])


def status_cells(seen: Sequence[Observation]) -> list[Cell]:
    """How many starts ended in each status, over all grid points that kept them; few are lost."""
    counts = np.concatenate([one.data["status"] for one in seen])
    where, units = {"N": "all"}, len(counts)
    lost = float(counts[:, STATUSES.index(Status.DIVERGED)].sum() / counts.sum())
    return [
        *(
            Cell(where, f"starts that ended: {name}", None, float(number), None, units)
            for name, number in zip(STATUSES, counts.sum(axis=0).tolist(), strict=True)
        ),
        equivalence_cell(where, "share of diverged starts", 0.0, lost, 0.0, units, LOST),
    ]


def or_nan(end: Mapping[str, Any], values: Any) -> Array:
    """A number, or a row, for each start: NaN where it diverged, so that the others count.

    Raises
    ------
    ArithmeticError
        Where there is no number although the start did not diverge.
    """
    diverged = np.asarray(end["status"]) == Status.DIVERGED
    found = np.array(values, dtype=float)
    if not np.isfinite(found[~diverged]).all():
        raise ArithmeticError("what is not finite at the end of a descent that did not diverge")
    found[diverged] = np.nan
    return found


def energies_or_nan(end: Mapping[str, Any]) -> Array:
    """End-point energies, as `or_nan`."""
    return or_nan(end, end["energies"])


def finite(values: Array) -> Array:
    """The values that are numbers."""
    return values[np.isfinite(values)]


def disorder_means(values: Any) -> Array:
    """Mean over the starts of every disorder that did not diverge; a disorder with none is left out."""
    return np.asarray(np.nanmean(values[np.isfinite(values).any(axis=1)], axis=1))


def by_disorder(row: Callable[[int], Mapping[str, Any]], chunk: int, number: int) -> Data:
    """A chunk of so many disorders: what ``row`` tells of each by its number, stacked."""
    rows = [row(disorder) for disorder in range(chunk * number, (chunk + 1) * number)]
    return {name: np.stack([one[name] for one in rows]) for name in rows[0]}


def end_point_energies(
    params: Params,
    stream: Stream,
    chunk: int,
    xp: Any,
    disorders: Mapping[int, int],
    starts: int,
    descend: Descend = descend_one,
) -> Data:
    """End-point energies of the 3-spin model, a row for each disorder, by conjugate gradients.

    ``disorders`` says how many are in a chunk at each N. NaN where a start diverged.
    """
    n = params["N"]

    def row(disorder: int) -> Mapping[str, Any]:
        end = descend(stream, disorder, n, {P: 1.0}, starts, tolerance=1e-3, method="cg", xp=xp)
        status = status_counts(end["status"])
        before = start_row(end, P, stream, disorder)
        return {"energy": energies_or_nan(end), "status": status, **before}

    return by_disorder(row, chunk, disorders[n])


def altered(change: Callable[[Mapping[str, Any]], Mapping[str, Any]]) -> Descend:
    """A wrong descent for the audit: `descend_one`, some of whose results are others."""

    def descend(*args: Any, **options: Any) -> Mapping[str, Any]:
        end = descend_one(*args, **options)
        return {**end, **change(end)}

    return descend
