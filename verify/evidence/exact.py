"""Evidence by two routes in floating point that must agree to a tolerance."""

from __future__ import annotations

from dataclasses import dataclass

from verify.claim import Cell, Judgement, Params, Verdict
from verify.evidence.proof import Proof


@dataclass(frozen=True)
class Exact(Proof):
    """Numbers by two routes that share no step, at least one of them without a bound on its error.

    Not a proof: both are right to rounding if they agree to the tolerance that the cell prints as
    its margin (`exact_cell`). A claim some of whose statements are proved, and others not, is of
    this kind: the weakest of its rows.
    """

    kind = "exact"

    def verdict(self, found: Judgement, confirmed: bool) -> tuple[Verdict, str]:
        """As of a proof, in words that claim less."""
        verdict, reason = super().verdict(found, confirmed)
        if verdict == "supported":
            within = sum(cell.margin is not None for cell in found.cells)
            others = len(found.cells) - within
            reason = f"{within} comparisons within their tolerances"
            reason += f", {others} decided exactly" if others else ""
        return verdict, reason


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
