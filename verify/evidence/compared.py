"""What sampled claims and limits share: predictions compared with data at every grid point."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from itertools import groupby
from typing import Any, Protocol

from verify import statistics
from verify.claim import (
    Alternative,
    AlternativeResult,
    Cell,
    Compare,
    Data,
    Draw,
    Judgement,
    Observation,
    Params,
    Piece,
    Prediction,
    Verdict,
    farthest,
    merge,
    where,
)

EPS = 1e-4  # relative change from which sensitivities are scaled
Predict = Callable[[Params], Prediction]
Shifted = Callable[[Params, float], Prediction]


class Comparison(Protocol):
    """Evidence that compares predictions with data."""

    @property
    def grid(self) -> tuple[Params, ...]:
        """Where."""

    @property
    def predict(self) -> Predict:
        """What the theory says of a grid point."""

    @property
    def compare(self) -> Compare:
        """The comparisons of all grid points together."""

    @property
    def constants(self) -> Mapping[str, Shifted]:
        """The prediction with a constant of the theory multiplied by 1 + eps, by its name."""

    @property
    def series(self) -> Draw:
        """The curves of the figure."""


def by_point(data: Mapping[Piece, Any], alternative: str | None = None) -> dict[int, Data]:
    """Data of every grid point that has some: exact ones as they are, chunks merged in order."""
    wanted = sorted(
        (piece for piece in data if piece.alternative == alternative),
        key=lambda piece: (piece.point, piece.chunk or 0),
    )
    found: dict[int, Data] = {}
    for point, pieces in groupby(wanted, key=lambda piece: piece.point):
        same = list(pieces)
        exact = same[0].chunk is None
        found[point] = data[same[0]] if exact else _concatenated(data[piece] for piece in same)
    return found


def _concatenated(chunks: Iterable[Data]) -> Data:
    """All chunks as one, read-only: no comparison may change the data of the next one."""
    whole = merge(list(chunks))
    for values in whole.values():
        values.flags.writeable = False
    return whole


def observations(
    evidence: Comparison, data: Mapping[int, Data], predict: Predict | None = None
) -> list[Observation]:
    """What was seen of every grid point beside what is predicted there."""
    said, grid = predict or evidence.predict, evidence.grid
    return [Observation(grid[i], said(grid[i]), data[i]) for i in sorted(data)]


def compared(
    evidence: Comparison,
    data: Mapping[Piece, Any],
    alternatives: Sequence[Alternative],
    level: float,
) -> Judgement:
    """Judge a theory and the wrong ones beside it on the same data."""
    own = by_point(data)
    observed = observations(evidence, own)
    cells = evidence.compare(observed)
    p_value = statistics.joint_p_value(cells) if cells else None

    def tried(one: Alternative) -> AlternativeResult:
        seen = by_point(data, one.name) if "sequence" in one.change else own
        found = evidence.compare(observations(evidence, seen, one.change.get("predict")))
        wrong = statistics.joint_p_value(found)
        refuted = wrong < statistics.ALTERNATIVE_LEVEL
        verdict: Verdict = "refuted" if refuted else "inconclusive"
        return AlternativeResult(one.name, one.why, verdict, wrong, *farthest(found))

    sensitivity = {}
    for name, shifted in evidence.constants.items() if cells else ():
        others = evidence.compare(observations(evidence, own, partial(_enlarged, shifted)))
        change = statistics.smallest_refuted_change(cells, others, EPS, level)
        if change is not None:
            sensitivity[name] = change
    judged = [one for one in alternatives if not one.is_sampler]
    return Judgement(
        p_value, cells, [tried(one) for one in judged], sensitivity, evidence.series(observed)
    )


def _enlarged(shifted: Shifted, params: Params) -> Prediction:
    return shifted(params, EPS)


def smallest(cells: Sequence[Cell]) -> str:
    """Quantity and place of the comparison of the smallest p-value."""
    worst = min(cells, key=lambda c: 1.0 if c.p_value is None else c.p_value)
    return f"{worst.quantity} at {where(worst.params)}"
