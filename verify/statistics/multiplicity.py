"""Many comparisons, one verdict: joint p-values, Holm's procedure, the levels, the power."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import sqrt

from verify.claim import Cell, Standing
from verify.statistics.significance import quantile

LOOK_LEVEL = 0.03  # Holm, over the sampled claims, in each of the two looks


ALTERNATIVE_LEVEL = 1e-3  # at which a wrong theory counts as refuted


POWER = 0.99  # of the smallest change that a claim states it would refute


def joint_p_value(cells: Sequence[Cell]) -> float:
    """One p-value for a claim: the smallest over its cells times their number (Bonferroni).

    A cell holds no p-value that is not a number (`verify.claim.Cell`).
    """
    p_values = [cell.p_value for cell in cells if cell.p_value is not None]
    return min(1.0, len(p_values) * min(p_values)) if p_values else 1.0


def standing(cells: Sequence[Cell]) -> Standing:
    """What the cells together say of a theory, at the level at which wrong ones are refuted.

    Where nothing was compared, nothing.

    Examples
    --------
    >>> standing([])
    'inconclusive'
    """
    if all(cell.p_value is None for cell in cells):
        return "inconclusive"
    return "refuted" if joint_p_value(cells) < ALTERNATIVE_LEVEL else "survived"


def holm(p_values: Mapping[str, float], level: float) -> set[str]:
    """Names rejected by Holm's step-down procedure at a family-wise level.

    Examples
    --------
    >>> sorted(holm({"a": 0.001, "b": 0.02, "c": 0.5}, 0.05))
    ['a', 'b']
    """
    rejected: set[str] = set()
    ordered = sorted(p_values.items(), key=lambda item: item[1])
    for rank, (name, p_value) in enumerate(ordered):
        if p_value > level / (len(ordered) - rank):
            break
        rejected.add(name)
    return rejected


def smallest_refuted_change(
    own: Sequence[Cell], shifted: Sequence[Cell], eps: float, level: float
) -> float | None:
    """Smallest relative change of a constant that would be refuted with power 0.99.

    ``shifted`` are the same cells predicted with the constant multiplied by 1 + eps; predictions
    are taken as linear in it. A change must clear the two-sided level split over the cells (in
    both looks, so each with power sqrt(0.99)) and the margin, if there is one.
    """
    best: float | None = None
    for cell, other in zip(own, shifted, strict=True):
        if not isinstance(cell.predicted, float) or not isinstance(other.predicted, float):
            continue
        slope = abs(other.predicted - cell.predicted) / eps
        if slope == 0.0 or cell.stderr is None:
            continue
        reach = quantile(level / (2 * len(own)), cell.freedom) + quantile(1 - sqrt(POWER))
        change = (reach * cell.stderr + 2 * (cell.margin or 0.0)) / slope
        best = change if best is None else min(best, change)
    return best
