"""What claims on descents share: end points, statuses of starts, means by N, and how margins are set."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from numerics.core.streams import Stream
from numerics.descent.methods import descend_each, descend_one
from numerics.descent.protocol import Status
from theory import pure, threshold
from verify.claim import Cell, Data, Observation, Params
from verify.statistics import equivalence_cell, start_row

P = 3  # of the pure model on which all descend
STATUSES = tuple(Status)
LOST = 0.01  # share of starts that may diverge

Array = NDArray[np.float64]
Descend = Callable[..., Mapping[str, Any]]  # as `descend_one`


@cache
def levels() -> Mapping[str, float]:
    """The barrier and the energy of the ground state, by their names in figures."""
    return {name: -float(threshold(pure(P), k, 17)) for name, k in (("-E_inf", None), ("-E_0", 0))}


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


def in_chunk(chunk: int, number: int) -> range:
    """The disorders of a chunk that has so many."""
    return range(chunk * number, (chunk + 1) * number)


def stacked(rows: Iterable[Mapping[str, Any]]) -> Data:
    """A row for each disorder."""
    found = list(rows)
    return {name: np.stack([one[name] for one in found]) for name in found[0]}


def ends_of(
    descend: Descend, stream: Stream, disorders: Sequence[int], *arguments: Any, **options: Any
) -> Sequence[Mapping[str, Any]]:
    """Where descents end on each of these disorders, taken together but by wrong ones."""
    if descend is descend_one:
        return descend_each(stream, disorders, *arguments, **options)
    return [descend(stream, disorder, *arguments, **options) for disorder in disorders]


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
    numbers = in_chunk(chunk, disorders[n])
    how: dict[str, Any] = {"tolerance": 1e-3, "method": "cg", "xp": xp}
    return stacked(
        {
            "energy": energies_or_nan(end),
            "status": status_counts(end["status"]),
            **start_row(end, P, stream, disorder),
        }
        for disorder, end in zip(
            numbers, ends_of(descend, stream, numbers, n, {P: 1.0}, starts, **how), strict=True
        )
    )


def altered(change: Callable[[Mapping[str, Any]], Mapping[str, Any]]) -> Descend:
    """A wrong descent for the audit: `descend_one`, some of whose results are others."""

    def descend(*args: Any, **options: Any) -> Mapping[str, Any]:
        end = descend_one(*args, **options)
        return {**end, **change(end)}

    return descend
