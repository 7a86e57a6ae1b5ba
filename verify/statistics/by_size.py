"""Means over disorders at several N, extrapolated in N, and how their margins are set."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import sqrt

import numpy as np
from numpy.typing import NDArray

from verify.claim import Axes, Cell, Observation, Series
from verify.statistics.equivalence import Extrapolation, Term, equivalence_cell, extrapolate

Array = NDArray[np.float64]
ERRORS = 7  # standard errors in a margin, beside the bias


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
