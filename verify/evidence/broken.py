"""No evidence: a file of a claim that could not be loaded."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from numerics.core.streams import Stream
from verify.claim import (
    Alternative,
    Cell,
    Change,
    Data,
    Judgement,
    Params,
    Piece,
    Profile,
    Standing,
    Verdict,
)


@dataclass(frozen=True)
class Broken:
    """What stands for a claim whose file does not load: the verdict `error`, with the reason."""

    reason: str
    grid: tuple[Params, ...] = ({},)

    kind = "proof"
    looks = 1
    simulated = False
    bias = ""
    changes: frozenset[str] = frozenset()

    def pieces(self, _profile: Profile, _alternatives: Sequence[Alternative]) -> Iterator[Piece]:
        """None."""
        yield from ()

    def work(
        self, _piece: Piece, _profile: Profile, _change: Change, _stream: Stream, _xp: Any
    ) -> list[Cell] | Data:
        """Nothing."""
        return []

    def cells(self, _data: Mapping[Piece, Any]) -> list[Cell]:
        """None."""
        return []

    def judge(
        self, _data: Mapping[Piece, Any], _alternatives: Sequence[Alternative], _level: float
    ) -> Judgement:
        """Nothing."""
        return Judgement(None, [], [], {}, [])

    def verdict(self, _found: Judgement, _confirmed: bool) -> tuple[Verdict, str]:
        """`error`."""
        return "error", self.reason

    def standing(self, _cells: Sequence[Cell]) -> Standing:
        """Nothing can be said."""
        return "inconclusive"
