"""Limits of exact sequences: a value at each N, its extrapolation, the margin."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from verify.claim import Cell, Data, Draw, Observation, Params, Prediction, Profile, no_series
from verify.evidence.limit import Limit
from verify.statistics import Extrapolation, Term, extrapolate, limit_cells

Sizes = Mapping[Profile, Sequence[int]]


@dataclass(frozen=True)
class ExactSequence:
    """An exact value at each N, its bias model, and what its limit is compared with.

    Attributes
    ----------
    value
        ``value(params, N)``, exact but for rounding.
    sizes
        The N of each profile, or these by grid point.
    terms
        The bias model: functions of N that vanish at infinity, the leading one first; or these by
        grid point. No more are fitted than the sequence has values.
    margin
        Of the limit; or this by grid point and limit.
    quantities
        What is compared: words for the table -> the entry of the prediction; or these by grid point.
        An entry that is None is left out.
    power
        Entry of the prediction with the power of N that the values have; it is taken off first. None
        where there is none.
    """

    value: Callable[[Params, int], float]
    sizes: Sizes | Callable[[Params], Sizes]
    terms: Sequence[Term] | Callable[[Params], Sequence[Term]]
    margin: float | Callable[[Params, float], float]
    quantities: Mapping[str, str] | Callable[[Params], Mapping[str, str]]
    power: str | None = None

    def sequence(self, params: Params, profile: Profile) -> Data:
        """N, and the value at each."""
        sizes = (self.sizes(params) if callable(self.sizes) else self.sizes)[profile]
        values = [self.value(params, n) for n in sizes]
        return {"N": np.array(sizes, dtype=float), "value": np.array(values)}

    def values(self, seen: Observation) -> NDArray[np.float64]:
        """The values less their power of N."""
        by = 0.0 if self.power is None else seen.prediction[self.power]
        return np.asarray(seen.data["value"] / seen.data["N"] ** by)

    def limit(self, seen: Observation) -> Extrapolation:
        """The limit by the bias model."""
        n = seen.data["N"]
        return extrapolate(n, self.values(seen), None, self._terms(seen)[: len(n) - 1])

    def _terms(self, seen: Observation) -> Sequence[Term]:
        return self.terms(seen.params) if callable(self.terms) else self.terms

    def fitted(self, seen: Observation, n: NDArray[np.float64]) -> NDArray[np.float64]:
        """The bias model, as fitted to the values, at other N: a curve for a figure."""
        limit, *others = self.limit(seen).coefficients
        terms = zip(others, self._terms(seen), strict=False)
        return np.asarray(limit + sum(by * term(n) for by, term in terms))

    def compare(self, seen: Observation) -> list[Cell]:
        """The limit against every quantity that is said of it."""
        params, limit = seen.params, self.limit(seen)
        margin = self.margin(params, limit.value) if callable(self.margin) else self.margin
        named = self.quantities(params) if callable(self.quantities) else self.quantities
        units = len(seen.data["N"])
        said = {
            name: seen.prediction[entry]
            for name, entry in named.items()
            if seen.prediction[entry] is not None
        }
        # The change when the last term is dropped is that of the sequence: said once.
        first, *others = (limit_cells(params, *one, limit, units, margin) for one in said.items())
        return [*first, *(cells[0] for cells in others)]


def exact_limit(
    sequence: ExactSequence,
    *,
    grid: tuple[Params, ...],
    predict: Callable[[Params], Prediction],
    bias: str,
    constants: Mapping[str, Callable[[Params, float], Prediction]],
    series: Draw = no_series,
) -> Limit:
    """Evidence by the limit of an exact sequence.

    Examples
    --------
    >>> from verify.statistics import power
    >>> sums = ExactSequence(
    ...     lambda params, n: sum(1 / j**2 for j in range(1, n + 1)),
    ...     {"quick": (10, 20, 40, 80)},
    ...     (power(1), power(2), power(3)),
    ...     1e-4,
    ...     {"sum of 1/j^2": "sum"},
    ... )
    >>> evidence = exact_limit(
    ...     sums, grid=({},), predict=lambda _: {"sum": np.pi**2 / 6}, bias="powers of 1/N", constants={}
    ... )
    >>> [piece] = evidence.pieces("quick", ())
    >>> cell, dropped = evidence.cells({piece: evidence.work(piece, "quick", {}, None, None)})
    >>> cell.p_value, abs(cell.estimate - cell.predicted) < 1e-5
    (1.0, True)
    """
    return Limit(
        grid=grid,
        predict=predict,
        compare=lambda seen: [cell for one in seen for cell in sequence.compare(one)],
        bias=bias,
        sequence=sequence.sequence,
        constants=constants,
        series=series,
    )
