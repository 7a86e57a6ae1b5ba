"""What would have changed our mind: how far from the evidence each wrong theory lies."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from verify.report.claim_pages.rows import distance
from verify.report.markdown import MOST_OPEN, folded, table, typeset
from verify.report.results import off_by

_WIDTH = 14  # of the longest bar
_DECADES = 7.0  # which it stands for


def bar(size: float) -> str:
    """A bar that grows with the logarithm; the first mark is what one margin or error takes.

    Examples
    --------
    >>> bar(0.1), bar(1.0), bar(100.0)
    ('', '▇', '▇▇▇▇▇')
    """
    if size < 1:
        return ""
    return "▇" * min(_WIDTH, 1 + round(math.log10(size) * _WIDTH / _DECADES))


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
    """The table, the theory first, then the wrong ones from near to far; what lies far is folded."""
    drawn = claim["kind"] not in ("proof", "exact")
    rows = [["**as stated here**", "", _own(claim) if drawn else "–", claim["verdict"]]]
    others = sorted(claim["alternatives"], key=lambda one: one.get("off_by") or 0.0)
    for one in others:
        off, unit = one.get("off_by"), one.get("unit", "")
        far = _far(off, unit)
        if drawn and off is not None:
            far = f"{far} {bar(off)}".strip()
        rows.append([typeset(one["name"]), typeset(one.get("why", "")), far, one["verdict"]])
    head = ["theory", "what it is", "its farthest row is off by", "on the same evidence"]
    parts = [table(head, rows[:MOST_OPEN])]
    if rows[MOST_OPEN:]:
        title = f"{len(rows) - MOST_OPEN} that lie farther"
        parts += folded(title, table(head, rows[MOST_OPEN:]))
    return parts


def _own(claim: Mapping[str, Any]) -> str:
    """How far the row is off that is farthest from the theory itself."""
    found = [
        (off, "standard errors" if off_by(cell, "margin") is None else "margins")
        for cell in claim["cells"]
        if cell.get("p_value") is not None and (off := distance(cell)) is not None
    ]
    if not found:
        return "–"
    off, unit = max(found)
    return f"{_size(off)} {unit} {bar(off)}".strip()


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
