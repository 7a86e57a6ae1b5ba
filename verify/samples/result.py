"""What a check of samples found."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from scipy import special

from verify.claim import Cell
from verify.statistics import holm

LEVEL = 0.01  # at which a right sampler is refused, of all tests together
SMOOTH = (
    "mean",
    "standard deviation",
    "variance of the trace",
    "E tr M^2/N",
    "E tr M^4/N",
)  # quantities of which a relative change means something


@dataclass(frozen=True)
class Fit:
    """How samples fit one candidate.

    Attributes
    ----------
    name, advice
        What it is, and what would mend it.
    distance
        The largest between the distribution functions.
    p_value
        Of that distance.
    power
        Probability that the tests of mean and spread would have told this mistake from the law.
    """

    name: str
    advice: str
    distance: float
    p_value: float
    power: float


@dataclass(frozen=True)
class Check:
    """What a check found.

    Attributes
    ----------
    name
        The law.
    agrees
        Whether no test refuses the samples, at a level of 0.01 of all together.
    cells
        The tests, a `verify.claim.Cell` each.
    fits
        The usual mistakes, the best first.
    diagnosis
        In words.
    curves
        What the figure shows.
    """

    name: str
    agrees: bool
    cells: tuple[Cell, ...]
    fits: tuple[Fit, ...]
    diagnosis: str
    curves: tuple[dict[str, Any], ...] = ()

    @property
    def smallest(self) -> dict[str, float]:
        """Smallest relative changes that these tests tell with power 0.99, by quantity."""
        reach = -float(special.ndtri(LEVEL / (2 * len(self.cells)))) + 2.33
        return {
            cell.quantity: reach * cell.stderr / abs(float(cell.predicted))
            for cell in self.cells
            if cell.stderr
            and isinstance(cell.predicted, float)
            and cell.predicted
            and cell.quantity in SMOOTH
        }

    def write(self, out: str | Path) -> None:
        """Write check.md and check.png to a folder."""
        from verify.samples import page

        page.write(self, Path(out))


def judged(
    name: str, cells: Sequence[Cell], fits: tuple[Fit, ...], curves: Sequence[dict[str, Any]]
) -> Check:
    """Holm's procedure over the tests, and what it means."""
    p_values = {cell.quantity: float(cell.p_value or 0.0) for cell in cells}
    refused = holm(p_values, LEVEL)
    if not refused:
        weak = [fit.name for fit in fits if fit.power < 0.99]
        more = f"; too few to tell: {'; '.join(weak)}" if weak else ""
        diagnosis = f"the samples agree with {name}{more}"
    elif fitting := [fit for fit in fits if fit.p_value > LEVEL]:
        words = "; or ".join(f"{fit.name} ({fit.advice})" for fit in fitting)
        diagnosis = f"not {name}, but {words}"
    else:
        worst = ", ".join(sorted(refused, key=lambda one: p_values[one]))
        diagnosis = f"not {name} ({worst}), and none of the usual mistakes"
    return Check(name, not refused, tuple(cells), fits, diagnosis, tuple(curves))
