"""Are disorders and starts what they should be? Exact laws at the starts of descents, before any step.

Everything that claims on descents say supposes that disorders are independent, of the law of the model,
and that starts are uniform, independent of them, and all kept. Then, for each disorder,

    H/sqrt(N) at a fixed point is N(0, 1);
    H/sqrt(N) at the starts is normal of covariance K_ab = xi(s_a.s_b/N), given the starts;
    |grad|^2/xi'(1) on the sphere at a start is chi-square of N - 1 degrees of freedom;
    N (s_a.s_b/N)^2 of two starts has mean 1,

no two disorders, and no two starts, are equal, and the starts are the first of their streams.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import sqrt
from typing import Any

import numpy as np
from numpy.typing import NDArray

from numerics.core.streams import Stream
from numerics.pspin.couplings import random_point
from verify.claim import Cell, Observation
from verify.statistics.equivalence import equivalence_cell
from verify.statistics.significance import chi_square_cell, mean_cell, normal_cell

Array = NDArray[np.float64]
SAME = 1e-5  # in a coordinate of a start, which may be in float32
# same (1e-09 -> 2e-09): rounding lies below, and what is not singular above
SINGULAR = 1e-9  # eigenvalues of K, of trace R, that count as zero: starts that repeat


def start_row(end: Mapping[str, Any], p: int, source: Stream, disorder: int) -> dict[str, Any]:
    """Of one disorder, what `of_start` of numerics.descent.methods tells, as the cells need it.

    How many of the starts are the first of the disorder's stream, all that were drawn: an end point tells
    next to nothing of its start, so that the best of more starts keep every law of the starts.

    The mean energy of the starts over its standard deviation; that of K^-1/2 H/sqrt(N), squared and
    summed, and of how many terms; |grad|^2/xi'(1) less N - 1, over its standard deviation, and
    N (s_a.s_b/N)^2, averaged over the starts; of each start its first coordinate.
    """
    starts = np.asarray(end["start"])
    count, n = starts.shape
    drawn = random_point(source.generator(disorder, 1), n, count)
    overlap = starts @ starts.T / n
    covariance = overlap**p
    energy = sqrt(n) * np.asarray(end["start_energies"])
    values, modes = np.linalg.eigh(covariance)
    # same (comparisons): a tie of chance 0
    kept = values > SINGULAR
    gradient = n * np.asarray(end["start_gradient_norm"]) ** 2 / p
    return {
        "start reference": end["reference"][0],
        "start mean": energy.sum() / sqrt(covariance.sum()),
        "start square": ((modes.T @ energy)[kept] ** 2 / values[kept]).sum(),
        "start freedom": kept.sum(),
        "start gradient": (gradient.mean() - (n - 1)) / sqrt(2 * (n - 1)),
        "start overlap": n * ((overlap**2).sum() - count) / (count * (count - 1)),
        "start point": starts[:, 0],
        "start drawn": (abs(starts - drawn) < SAME).all(axis=1).sum(),
    }


def start_cells(seen: Sequence[Observation]) -> list[Cell]:
    """The laws of `start_row`, over all disorders of all grid points."""
    where = {"N": "all"}
    reference, mean, square, freedom, gradient, overlap = (
        np.concatenate([one.data[f"start {name}"] for one in seen])
        for name in ("reference", "mean", "square", "freedom", "gradient", "overlap")
    )
    points = np.concatenate([one.data["start point"].ravel() for one in seen])
    units = len(reference)
    kept = int(sum(one.data["start drawn"].sum() for one in seen))
    return [
        equivalence_cell(
            where, "starts, the first of their streams", len(points), kept, 0.0, units, 0.0
        ),
        *(
            equivalence_cell(where, f"distinct {what}", len(x), len(np.unique(x)), 0.0, units, 0.0)
            for what, x in (("disorders", reference), ("starts", points))
        ),
        chi_square_cell(
            where, "H^2/N at a fixed point, mean", 1.0, float(reference @ reference), units, units
        ),
        normal_cell(
            where, "H/sqrt(N) at the starts, mean", 0.0, float(mean.mean()), units**-0.5, units
        ),
        chi_square_cell(
            where,
            "H^2/N at the starts given their overlaps, mean",
            1.0,
            float(square.sum()),
            int(freedom.sum()),
            units,
        ),
        mean_cell(where, "|grad|^2/xi'(1) at the starts, standardised", 0.0, gradient),
        mean_cell(where, "N (overlap of two starts)^2", 1.0, overlap),
    ]
