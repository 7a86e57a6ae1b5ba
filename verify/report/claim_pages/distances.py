"""What would have changed our mind: how far from the evidence each wrong theory lies."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from verify.report.claim_pages.rows import distance
from verify.report.markdown import FIGURE, MOST_OPEN, folded, table, typeset
from verify.report.results import off_by


@dataclass(frozen=True)
class Distance:
    """How far the evidence is from a theory, on its farthest row.

    Attributes
    ----------
    name
        Of the theory.
    size, unit
        "margins" or "standard errors".
    kind
        "own" of the theory as stated, else the verdict.
    """

    name: str
    size: float
    unit: str
    kind: str


def forest(claim: Mapping[str, Any]) -> list[Distance]:
    """Distances of the theory and of the wrong ones, from near to far; none of a proof.

    Examples
    --------
    >>> forest({"kind": "proof", "cells": [], "alternatives": []})
    []
    """
    if not _drawn(claim):
        return []
    own = _own(claim)
    others = [
        Distance(one["name"], one["off_by"], one["unit"], one["verdict"])
        for one in _from_near_to_far(claim)
        if one.get("off_by") is not None and not _elsewhere(one, own)
    ]
    return [*([Distance("as stated here", *own, "own")] if own else []), *others]


def file_of_forest(claim: Mapping[str, Any]) -> str:
    """Where its plot stands; "" where there is none."""
    return f"figures/{claim['id']}-wrong{FIGURE}" if forest(claim) else ""


def _elsewhere(one: Mapping[str, Any], own: tuple[float, str] | None) -> bool:
    """Whether a theory was refuted by a row that has no error: no farther off than what is right."""
    off, unit = own or (-1.0, "")
    return one["verdict"] == "refuted" and one.get("unit") == unit and one.get("off_by", 0) <= off


def _drawn(claim: Mapping[str, Any]) -> bool:
    return claim["kind"] not in ("proof", "exact")


def _from_near_to_far(claim: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    return sorted(claim["alternatives"], key=lambda one: one.get("off_by") or 0.0)


def _far(size: float | None, unit: str) -> str:
    if size is None:
        return "–"
    if unit.startswith("of "):
        return f"{size:.0f} {unit} statements false"
    return f"{_size(size)} {unit}"


def _size(off: float) -> str:
    """A distance to two digits or whole, without an exponent where it can be read.

    Examples
    --------
    >>> _size(0.59), _size(112.3), _size(1.8e8)
    ('0.59', '112', '1.8e+08')
    """
    return f"{off:.0f}" if 10 <= off < 1e5 else f"{off:.2g}"


def distances(claim: Mapping[str, Any]) -> list[str]:
    """The forest plot, then all in words, the theory first, the wrong ones from near to far.

    Of a proof, which has no distances, the words stand open as far as there is room.
    """
    own = _own(claim) if _drawn(claim) else None
    rows = [["**as stated here**", "", _far(*own) if own else "–", claim["verdict"]]]
    for one in _from_near_to_far(claim):
        far = _far(one.get("off_by"), one.get("unit", ""))
        far = "– (a row without an error)" if _elsewhere(one, own) else far
        rows.append([typeset(one["name"]), typeset(one.get("why", "")), far, one["verdict"]])
    head = ["theory", "what it is", "its farthest row is off by", "on the same evidence"]
    if file := file_of_forest(claim):
        shown = [f"![How far each theory is off]({file})", f"*{_CAPTION}*"]
        return [*shown, *folded(f"All {len(rows)} theories in words", table(head, rows))]
    parts = [table(head, rows[:MOST_OPEN])]
    if rows[MOST_OPEN:]:
        title = f"{len(rows) - MOST_OPEN} that lie farther"
        parts += folded(title, table(head, rows[MOST_OPEN:]))
    return parts


_CAPTION = (
    "How far the evidence is from what each theory says, on the row that is farthest from it: the theory as "
    "stated here, and wrong ones that the same evidence had to refute."
)


def _own(claim: Mapping[str, Any]) -> tuple[float, str] | None:
    """How far the row is off that is farthest from the theory itself."""
    found = [
        (off, "standard errors" if off_by(cell, "margin") is None else "margins")
        for cell in claim["cells"]
        if cell.get("p_value") is not None and (off := distance(cell)) is not None
    ]
    return max(found, default=None)


def sensitivity(claim: Mapping[str, Any]) -> str:
    """By how little a constant may be wrong without being seen."""
    if claim["kind"] == "proof":
        return "A proof: a constant that differs in any digit shown is refuted."
    if claim["kind"] == "exact":
        return "Exact: a constant that is off by more than the tolerance in the table is refuted."
    if not claim["sensitivity"]:
        return "Sensitivity is not stated for this claim."
    return table(
        ["constant", "smallest relative change refuted with power 0.99"],
        [[typeset(name), f"{value:.2%}"] for name, value in claim["sensitivity"].items()],
    )
