"""Descents of q^3 + h^2 q, for claims: what is kept of a disorder, and how starts of a mixture are tested."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from math import sqrt
from typing import Any

import numpy as np

from numerics.core.streams import Stream, key_of
from numerics.descent.methods import descend_with
from numerics.descent.settings import Settings, checked
from numerics.pspin.couplings import Couplings, batched, draw
from numerics.pspin.field import cubic_form
from numerics.pspin.hamiltonian import energy
from verify.claims.descents._end_points import Array, status_counts
from verify.statistics import start_row

SAME = 1e-7  # of H/N: levels of one minimum, far above the error of an end and below other minima
STRONG = 10.0  # of h^2: from there on a second minimum is rare at the sizes of the claim
# same (1e-09 -> 2e-09): rounding lies below, and what is not singular above
SINGULAR = 1e-9  # eigenvalues of a covariance that count as zero

Field = Callable[[Array, float], Array]  # of the field and its variance


def minima(end: Mapping[str, Any]) -> Array:
    """Levels of the different minima in which starts ended, ascending.

    Examples
    --------
    >>> end = {"status": np.array(["converged"] * 3), "index": np.array([0, 1, 0])}
    >>> minima({**end, "energies": np.array([-1.0, -2.0, -1.0 + 1e-9])}).tolist()
    [-1.0]
    """
    found = (np.asarray(end["status"]) == "converged") & (np.asarray(end["index"]) == 0)
    levels = np.sort(np.asarray(end["energies"])[found])
    return np.asarray(levels[np.diff(levels, prepend=-np.inf) > SAME])


def ends_in_field(
    stream: Stream,
    disorders: Sequence[int],
    n: int,
    square: float,
    starts: int,
    xp: Any,
    field: Field | None,
) -> list[dict[str, Any]]:
    """Levels of the minima of each disorder and where the field alone would end, and the laws of the starts.

    ``field`` changes the field, for wrong samplers.
    """
    model = {3: 1.0, 1: square}
    drawn, fields = zip(*(_drawn(stream, one, n, square, field) for one in disorders), strict=True)
    b = np.stack(fields)
    own = -sqrt(n) * b / np.linalg.norm(b, axis=1, keepdims=True)
    couplings = batched(drawn)
    # Of levels the error is that squared over the least curvature, which a strong field keeps from 0.
    tolerance = 1e-6 if square < STRONG else 1e-4
    settings = Settings(n, model, starts, tolerance, method="cg", given=couplings)
    ends = descend_with(checked(settings), stream, disorders, xp)
    rows = zip(disorders, ends, energy(couplings, own).tolist(), strict=True)
    return [
        {
            "minima": len(levels := minima(end)),
            "low": int((levels <= limit(square)).sum()),
            "lowest": levels.min(initial=np.inf),
            "own end": at_own / n,
            "status": status_counts(end["status"]),
            **start_row_of(end, model, stream, disorder),
        }
        for disorder, end, at_own in rows
    ]


def _drawn(
    stream: Stream, disorder: int, n: int, square: float, field: Field | None
) -> tuple[Couplings, Array]:
    """The couplings of a disorder, with its field in them, and the field."""
    rng = stream.generator(disorder, 0)
    couplings = draw(stream.generator(disorder, 0), n, {3: 1.0, 1: square})
    key_of(rng)  # of the couplings, drawn before the field
    b = sqrt(square) * rng.standard_normal(n)
    if field is None:
        return couplings, b
    [(p, a)] = couplings.terms
    other = field(b, square)
    return Couplings(n, ((p, a + cubic_form(other - b)),)), other


def limit(square: float) -> float:
    """-sqrt(xi'(1)) of q^3 + h^2 q."""
    return -sqrt(3 + square)


def start_row_of(
    end: Mapping[str, Any], model: Mapping[int, float], source: Stream, disorder: int
) -> dict[str, Any]:
    """`verify.statistics.start_row` of a mixture: its covariance of energies, scale and slope."""
    row = start_row(end, 1, source, disorder)
    starts = np.asarray(end["start"])
    n = starts.shape[1]
    overlap = starts @ starts.T / n
    covariance = sum((a * overlap**p for p, a in model.items()), np.zeros_like(overlap))
    at_starts = sqrt(n) * np.asarray(end["start_energies"])
    values, modes = np.linalg.eigh(covariance)
    # same (comparisons): a tie of chance 0
    kept = values > SINGULAR
    slope = sum(p * a for p, a in model.items())
    gradient = n * np.asarray(end["start_gradient_norm"]) ** 2 / slope
    return {
        **row,
        "start reference": row["start reference"] / sqrt(sum(model.values())),
        "start mean": at_starts.sum() / sqrt(covariance.sum()),
        "start square": ((modes.T @ at_starts)[kept] ** 2 / values[kept]).sum(),
        "start freedom": kept.sum(),
        "start gradient": (gradient.mean() - (n - 1)) / sqrt(2 * (n - 1)),
    }
