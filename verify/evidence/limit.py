"""Evidence for a limit theorem: a sequence in N, compared within a margin fixed beforehand."""

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

Sequenced = Callable[[Params, Profile], Data]


@dataclass(frozen=True)
class Limit:
    """A sequence that tends to what the theory says, within a declared margin.

    The sequence is simulated (``simulate`` and ``chunks``, as in `Sampled`) or exact
    (``sequence(params, profile)``). The bias model lives in ``compare``, which returns cells with
    a margin. ``bias`` says in words what the margin allows for.
    """

    grid: tuple[Params, ...]
    predict: Callable[[Params], Prediction]
    compare: Compare
    bias: str
    simulate: Simulate | None = None
    chunks: Callable[[Profile, Params], int] | None = None
    sequence: Sequenced | None = None
    constants: Mapping[str, Callable[[Params, float], Prediction]] = field(default_factory=dict)
    series: Draw = no_series

    kind = "limit"
    looks = 1
    changes = frozenset({"predict", "simulate", "sequence"})

    def __post_init__(self) -> None:
        """A sequence is simulated or exact, not both."""
        if (self.sequence is None) == (self.simulate is None or self.chunks is None):
            raise TypeError("a limit takes simulate and chunks, or a sequence")

    @property
    def simulated(self) -> bool:
        """Whether the sequence is."""
        return self.sequence is None

    def pieces(self, profile: Profile, alternatives: Sequence[Alternative]) -> Iterator[Piece]:
        """Every chunk; or every exact sequence, also of those alternatives that have one."""
        for point, params in enumerate(self.grid):
            if self.chunks is not None:
                for chunk in range(self.chunks(profile, params)):
                    yield Piece(point, chunk)
            else:
                for name in (None, *(a.name for a in alternatives if "sequence" in a.change)):
                    yield Piece(point, alternative=name)

    def work(self, piece: Piece, profile: Profile, change: Change, stream: Stream, xp: Any) -> Data:
        """Simulate one chunk, or compute one exact sequence."""
        params = self.grid[piece.point]
        if self.simulate is not None:
            simulate: Simulate = change.get("simulate", self.simulate)
            return simulate(params, stream, piece.chunk or 0, xp)
        assert self.sequence is not None  # see __post_init__
        sequence: Sequenced = change.get("sequence", self.sequence)
        return sequence(params, profile)

    def cells(self, data: Mapping[Piece, Any]) -> list[Cell]:
        """The limits within their margins."""
        return self.compare(observations(self, by_point(data)))

    def judge(
        self, data: Mapping[Piece, Any], alternatives: Sequence[Alternative], _level: float
    ) -> Judgement:
        """Judge the limit and every wrong one on the same sequence, at the level of limits."""
        return compared(self, data, alternatives, statistics.EQUIVALENCE_LEVEL)

    def verdict(self, found: Judgement, _confirmed: bool) -> tuple[Verdict, str]:
        """Refuted outside of a margin, supported if every interval lies inside."""
        if not found.cells:
            return "inconclusive", "no data in this profile"
        if found.p_value is not None and found.p_value < statistics.EQUIVALENCE_LEVEL:
            return "refuted", f"outside its margin: {smallest(found.cells)}"
        loose = [c for c in found.cells if c.margin is not None and not statistics.within(c)]
        if loose:
            return "inconclusive", f"interval not inside the margin: {loose[0].quantity}"
        within = sum(c.margin is not None for c in found.cells)
        return "supported", f"{within} comparisons within their margins"

    def standing(self, cells: Sequence[Cell]) -> Standing:
        """Refuted outside of a margin, inconclusive where an interval does not lie inside."""
        found = statistics.standing(cells)
        loose = any(c.margin is not None and not statistics.within(c) for c in cells)
        return "inconclusive" if found == "survived" and loose else found
