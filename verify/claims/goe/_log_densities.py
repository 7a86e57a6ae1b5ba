"""What the claims on densities compare: theory's logs and stated errors with a second route's."""

from __future__ import annotations

from math import expm1, fabs, inf

import flint

from verify.claim import Cell, Params

ROUNDING = 4e-15  # of two logarithms of the order of 1 in float64, relative


def log_density_cells(
    params: Params, wanted: flint.arb, found: float, stated: float, margin: float
) -> list[Cell]:
    """The log density within the stated error of the second route's, and that error within a margin.

    Examples
    --------
    >>> [cell.holds for cell in log_density_cells({}, flint.arb(1), 1e-14, 2e-14, 1e-9)]
    [True, True]
    >>> [cell.holds for cell in log_density_cells({}, flint.arb(1), 1e-6, 2e-14, 1e-9)]
    [False, True]
    >>> [cell.holds for cell in log_density_cells({}, flint.arb(1), 1e-6, 2e-6, 1e-9)]
    [False, False]
    >>> [cell.holds for cell in log_density_cells({}, flint.arb(-1), 1e-6, 2e-14, 1e-9)]
    [False, True]
    """
    if not wanted > 0:  # a wrong density may have nothing there
        said = Cell(params, "log density", "none: not above 0", found, holds=False, margin=margin)
        return [said, _small(params, stated, margin)]
    exact = float(wanted.log())
    gap = found - exact
    off = fabs(expm1(gap)) if gap < 1 else inf
    near = min(margin, stated + ROUNDING * max(1.0, fabs(exact)))
    return [
        Cell(params, "log density", exact, found, holds=off <= near, margin=near),
        _small(params, stated, margin),
    ]


def _small(params: Params, stated: float, margin: float) -> Cell:
    """The error that theory states: there is one, and it is within the margin."""
    return Cell(params, "stated error", 0.0, stated, holds=0 < stated <= margin, margin=margin)
