"""Evidence by Monte Carlo against an exact law."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from numerics.core.streams import Stream
from verify import statistics
from verify.claim import (
    Alternative,
    Cell,
    Change,
    Compare,
    Data,
    Draw,
    Judgement,
    Params,
    Piece,
    Prediction,
    Profile,
    Simulate,
    Standing,
    Verdict,
    no_series,
)
from verify.evidence.compared import by_point, compared, observations, smallest


@dataclass(frozen=True)
class Sampled:
    """Samples that an exact law must explain, judged in two looks.

    ``simulate(params, stream, chunk, xp)`` returns arrays whose leading axis counts independent
    units, computed in the array namespace xp; chunks are concatenated in order.
    ``chunks(profile, params)`` says how many are run (0: the grid point is absent there).
    ``constants`` maps the name of a constant of the theory to the prediction in which it is
    multiplied by ``1 + eps``.
    """

    grid: tuple[Params, ...]
    predict: Callable[[Params], Prediction]
    simulate: Simulate
    compare: Compare
    chunks: Callable[[Profile, Params], int]
    constants: Mapping[str, Callable[[Params, float], Prediction]] = field(default_factory=dict)
    series: Draw = no_series

    kind = "sampled"
    looks = 2
    simulated = True
    bias = ""
    changes = frozenset({"predict", "simulate"})

    def pieces(self, profile: Profile, _alternatives: Sequence[Alternative]) -> Iterator[Piece]:
        """Every chunk of every grid point."""
        for point, params in enumerate(self.grid):
            for chunk in range(self.chunks(profile, params)):
                yield Piece(point, chunk)

    def work(
        self, piece: Piece, _profile: Profile, change: Change, stream: Stream, xp: Any
    ) -> Data:
        """Simulate one chunk."""
        simulate: Simulate = change.get("simulate", self.simulate)
        return simulate(self.grid[piece.point], stream, piece.chunk or 0, xp)

    def cells(self, data: Mapping[Piece, Any]) -> list[Cell]:
        """Comparisons of the samples with the law."""
        return self.compare(observations(self, by_point(data)))

    def judge(
        self, data: Mapping[Piece, Any], alternatives: Sequence[Alternative], level: float
    ) -> Judgement:
        """Judge the law and every wrong one on the same samples."""
        return compared(self, data, alternatives, level)

    def verdict(self, found: Judgement, confirmed: bool) -> tuple[Verdict, str]:
        """Refuted if both looks disagree."""
        judged = sum(cell.p_value is not None for cell in found.cells)
        if not judged:
            return "inconclusive", "no comparison in this profile"
        if confirmed:
            return (
                "refuted",
                f"both looks disagree with the theory; first at {smallest(found.cells)}",
            )
        return "supported", f"{judged} comparisons, smallest p at {smallest(found.cells)}"

    def standing(self, cells: Sequence[Cell]) -> Standing:
        """Refuted at the level of wrong theories."""
        return statistics.standing(cells)
