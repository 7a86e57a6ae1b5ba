"""What claims on descents share: their end points, the statuses of starts, and how margins are set."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from numerics.core.streams import Stream
from numerics.descent.methods import descend_one
from numerics.descent.protocol import Status
from verify.claim import Cell, Data, Observation, Params

STATUSES = tuple(Status)
ERRORS = 7  # standard errors in a margin, beside the bias


def margin(bias: float, stderr: float) -> float:
    """Margin of an equivalence: a bound on the bias and `ERRORS` standard errors.

    Both are declared beforehand: ``stderr`` is that of the smallest sample that the margin is for.
    A run passes if its estimate lies within margin - 3.1 stderr: 3.9 at the bound on the bias.

    Examples
    --------
    >>> round(margin(0.01, 0.002), 3)
    0.024
    """
    return bias + ERRORS * stderr


def counted(status: Any) -> NDArray[np.int64]:
    """Number of starts of each status, in the order of `STATUSES`."""
    return np.array([int((np.asarray(status) == name).sum()) for name in STATUSES])


def status_cells(seen: Sequence[Observation]) -> list[Cell]:
    """How many starts ended in each status, over all grid points that kept them."""
    counts = np.concatenate([one.data["status"] for one in seen])
    where = {"N": "all"}
    return [
        Cell(where, f"starts that ended: {name}", None, float(number), None, len(counts))
        for name, number in zip(STATUSES, counts.sum(axis=0).tolist(), strict=True)
    ]


def sound(energies: Any, status: Any) -> NDArray[np.float64]:
    """Energies with NaN for starts that diverged, so that the others count."""
    return np.where(np.asarray(status) == Status.DIVERGED, np.nan, energies)


def disorder_means(values: Any) -> NDArray[np.float64]:
    """Mean over the starts of every disorder that did not diverge; a disorder with none is left out."""
    kept = values[np.isfinite(values).any(axis=1)]
    return np.asarray(np.nanmean(kept, axis=1))


def end_point_energies(
    params: Params,
    stream: Stream,
    chunk: int,
    xp: Any,
    disorders: Mapping[int, int],
    starts: int,
    descend: Callable[..., Mapping[str, Any]] = descend_one,
) -> Data:
    """End-point energies of the 3-spin model, a row for each disorder, by conjugate gradients.

    ``disorders`` says how many are in a chunk at each N. NaN where a start diverged.
    """
    n = params["N"]
    first = chunk * disorders[n]
    ends = [
        descend(stream, disorder, n, {3: 1.0}, starts, tolerance=1e-3, method="cg", xp=xp)
        for disorder in range(first, first + disorders[n])
    ]
    return {
        "energy": np.stack([sound(end["energies"], end["status"]) for end in ends]),
        "status": np.stack([counted(end["status"]) for end in ends]),
    }
