"""Evidence by two routes in float64 that must agree to a tolerance."""

from __future__ import annotations

from dataclasses import dataclass

from verify.claim import Cell, Params
from verify.evidence.proof import Proof


@dataclass(frozen=True)
class Exact(Proof):
    """Numbers by two routes that share no step, neither with a bound on its error.

    Not a proof: both are right to rounding if they agree to the tolerance that every cell prints as
    its margin (`exact_cell`).
    """

    kind = "exact"


def exact_cell(
    params: Params, quantity: str, predicted: float, estimate: float, tolerance: float
) -> Cell:
    """Two numbers that must agree to an absolute tolerance.

    Examples
    --------
    >>> exact_cell({}, "m", 1.0, 1.0 + 1e-13, 1e-12).holds, exact_cell({}, "m", 1.0, 1.1, 1e-12).holds
    (True, False)
    """
    agree = abs(predicted - estimate) <= tolerance
    return Cell(params, quantity, predicted, estimate, holds=bool(agree), margin=tolerance)
