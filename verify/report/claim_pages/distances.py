"""What would have changed our mind: how far from the evidence each wrong theory lies."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from verify.report.claim_pages.rows import distance
from verify.report.markdown import folded, number, table, typeset

MOST_OPEN = 12  # wrong theories that stand open, nearest first
_WIDTH = 14  # of the longest bar
_DECADES = 7.0  # which it stands for


def bar(off_by: float) -> str:
    """A bar that grows with the logarithm; the first mark is what one margin or error takes.

    Examples
    --------
    >>> bar(0.1), bar(1.0), bar(100.0)
    ('', '▇', '▇▇▇▇▇')
    """
    if off_by < 1:
        return ""
    return "▇" * min(_WIDTH, 1 + round(math.log10(off_by) * _WIDTH / _DECADES))


def _far(off_by: float | None, unit: str) -> str:
    if off_by is None:
        return "–"
    if unit.startswith("of "):
        return f"{off_by:.0f} {unit} statements false"
    return f"{number(float(off_by), 2)} {unit}"


def distances(claim: Mapping[str, Any]) -> list[str]:
    """The table, the theory itself first, then the wrong ones from near to far; the far ones folded."""
    drawn = claim["kind"] not in ("proof", "exact")
    own = [off for cell in claim["cells"] if (off := distance(cell)) is not None]
    rows = [["**as stated here**", "", _own(max(own)) if drawn and own else "–", claim["verdict"]]]
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


def _own(off: float) -> str:
    return f"{number(float(off), 2)} {bar(off)}".strip()


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
