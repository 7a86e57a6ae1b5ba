"""Evidence by symbolic algebra, ball arithmetic or exact finite computation."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from numerics.core.streams import Stream
from verify.claim import (
    Alternative,
    AlternativeResult,
    Cell,
    Change,
    Judgement,
    Params,
    Piece,
    Profile,
    Series,
    Standing,
    Verdict,
    where,
)


def decided(
    params: Params,
    quantity: str,
    said: object,
    seen: object,
    holds: Any,
    tolerance: float | None = None,
) -> Cell:
    """A statement of a proof: what is said and what is seen as they print, and whether it holds.

    ``holds`` is None where it is undecided; what is said is None where there is nothing to show.
    Where two routes must agree to a tolerance, so no proof, it is printed as the margin.

    Examples
    --------
    >>> from fractions import Fraction
    >>> decided({}, "1/2 + 1/2", 1, Fraction(1, 2) + Fraction(1, 2), True).estimate
    '1'
    """
    shown = None if said is None else str(said)
    holds = None if holds is None else bool(holds)
    return Cell(params, quantity, shown, str(seen), holds=holds, margin=tolerance)


def equal(params: Params, quantity: str, said: object, seen: object) -> Cell:
    """A statement of a proof that what is seen equals what is said.

    Examples
    --------
    >>> equal({}, "1 + 1", 2, 1 + 1).holds
    True
    """
    return decided(params, quantity, said, seen, said == seen)


@dataclass(frozen=True)
class Proof:
    """Statements that are decided, with no chance in them.

    ``prove(params)`` returns cells whose ``holds`` is True, False or None (undecided).
    """

    grid: tuple[Params, ...]
    prove: Callable[[Params], list[Cell]]
    series: Callable[[], list[Series]] = list

    kind = "proof"
    looks = 1
    simulated = False
    bias = ""
    changes = frozenset({"prove"})

    def pieces(self, _profile: Profile, alternatives: Sequence[Alternative]) -> Iterator[Piece]:
        """Every grid point, by the claim's own theory and by every wrong one."""
        for point in range(len(self.grid)):
            for name in (None, *(one.name for one in alternatives)):
                yield Piece(point, alternative=name)

    def work(
        self, piece: Piece, _profile: Profile, change: Change, _stream: Stream, _xp: Any
    ) -> list[Cell]:
        """Prove one grid point."""
        cells: list[Cell] = change.get("prove", self.prove)(self.grid[piece.point])
        return cells

    def cells(self, data: Mapping[Piece, Any]) -> list[Cell]:
        """What was decided of the claim's own theory."""
        return self._cells(data, None)

    def _cells(self, data: Mapping[Piece, Any], name: str | None) -> list[Cell]:
        points = range(len(self.grid))
        return [cell for point in points for cell in data[Piece(point, alternative=name)]]

    def judge(
        self, data: Mapping[Piece, Any], alternatives: Sequence[Alternative], _level: float
    ) -> Judgement:
        """A wrong theory is refuted where one of its statements is false."""

        def tried(one: Alternative) -> AlternativeResult:
            said = self._cells(data, one.name)
            false = sum(cell.holds is False for cell in said)
            verdict: Verdict = "refuted" if self.standing(said) == "refuted" else "inconclusive"
            return AlternativeResult(one.name, one.why, verdict, None, false, f"of {len(said)}")

        found = [tried(one) for one in alternatives]
        return Judgement(None, self.cells(data), found, {}, list(self.series()))

    def verdict(self, found: Judgement, _confirmed: bool) -> tuple[Verdict, str]:
        """Refuted by one false statement, supported by true ones alone."""
        failed = [c for c in found.cells if c.holds is False]
        if failed:
            return "refuted", f"false: {failed[0].quantity} at {where(failed[0].params)}"
        undecided = [c for c in found.cells if c.holds is not True]
        if undecided or not found.cells:
            return "inconclusive", f"undecided: {undecided[0].quantity if undecided else 'nothing'}"
        return "supported", f"{len(found.cells)} statements proved"

    def standing(self, cells: Sequence[Cell]) -> Standing:
        """What was decided; where nothing was asked, nothing."""
        if any(cell.holds is False for cell in cells):
            return "refuted"
        survived = cells and all(cell.holds is not None for cell in cells)
        return "survived" if survived else "inconclusive"
