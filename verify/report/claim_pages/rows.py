"""The numbers of a claim's page: the few that matter, and all of them."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from verify.report.claim_pages import said
from verify.report.claim_pages.places import place
from verify.report.markdown import number, table, typeset, with_error
from verify.report.results import off_by

MOST_OPEN = 8  # rows that stand open on a page
_SPINS = 3  # the order of the paper's own model

Cell = Mapping[str, Any]
Cells = Sequence[Cell]


def _digits(one: object, other: object) -> int:
    """So many that two numbers which differ are seen to: 7 to 15, 17 where even those agree.

    Examples
    --------
    >>> _digits(1.0, 1.1), _digits(0.25, 0.25 + 1e-12), _digits(0.1, 0.1)
    (7, 13, 15)
    """
    if not (isinstance(one, float) and isinstance(other, float)):
        return 7
    gap = abs(one - other) / max(abs(one), abs(other)) if one != other else 0.0
    if not 0 < gap < math.inf:
        return 15 if one == other else 7
    digits = 1 - math.floor(math.log10(gap))
    return 17 if digits > 15 else max(7, digits)


def distance(cell: Cell) -> float | None:
    """How far a row is off: in margins where it has one, else in standard errors."""
    margins, errors = off_by(cell, "margin"), off_by(cell, "stderr")
    return errors if margins is None else margins


def merged(cells: Cells) -> list[dict[str, Any]]:
    """Rows, those that show the same numbers of the same place as one.

    Examples
    --------
    >>> row = {"params": {}, "quantity": "a", "predicted": 1.0, "estimate": 1.0}
    >>> [one["quantity"] for one in merged([row, {**row, "quantity": "b"}])]
    ['a; b']
    """
    found: dict[str, dict[str, Any]] = {}
    for cell in cells:
        rest = {name: value for name, value in cell.items() if name != "quantity"}
        key = repr({k: f"{v:.10g}" if isinstance(v, float) else v for k, v in rest.items()})
        if key in found and cell.get("quantity") and not _trivial(cell):
            found[key]["quantity"] += f"; {cell['quantity']}"
        else:
            found[key if key not in found else f"{key}{len(found)}"] = dict(cell)
    return list(found.values())


def _trivial(cell: Cell) -> bool:
    """Whether a row shows no number of its own: two such are not one."""
    return cell["predicted"] in (None, "0", 0.0) or isinstance(cell["predicted"], str)


def chosen(claim: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Rows that stand open: of every compared quantity the one farthest from theory, then the next ones.

    Examples
    --------
    >>> row = {"params": {}, "quantity": "q", "predicted": 1.0, "stderr": 1.0}
    >>> rows = [{**row, "estimate": 1.0 + i} for i in range(20)]
    >>> [one["estimate"] for one in chosen({"cells": rows})] == [13.0 + i for i in range(8)]
    True
    """
    cells = claim["cells"]
    names = [
        name
        for one in (claim.get("compares") or {}).values()
        for name in said.comparing(cells, one)
    ]
    judged = [c for c in cells if said.is_judged(c)] or list(cells)
    rows = merged([c for c in judged if c.get("quantity", "") in names] or judged)
    order = sorted(range(len(rows)), key=lambda i: _rank(rows[i], i))
    seen: set[str] = set()
    first = []
    for i in order:
        if rows[i].get("quantity", "") not in seen:
            seen.add(rows[i].get("quantity", ""))
            first.append(i)
    kept = [*first, *(i for i in order if i not in first)][:MOST_OPEN]
    return [rows[i] for i in sorted(kept)]


def _rank(cell: Cell, i: int) -> tuple[float, bool, int]:
    """The farthest row first; of equals one of the 3-spin model, then the last, which is the largest."""
    return -(distance(cell) or 0.0), cell["params"].get("p") != _SPINS, -i


def _measured(cell: Cell, digits: int) -> str:
    value, error = cell["estimate"], cell.get("stderr")
    if not error or not isinstance(value, float | int):
        return number(value, digits)
    return with_error(value, error)


def few(claim: Mapping[str, Any]) -> str:
    """The table of the rows that matter."""
    proof = claim["kind"] in ("proof", "exact")
    rows = chosen(claim)
    errors = any(cell.get("stderr") for cell in rows)
    margins = any(cell.get("margin") is not None for cell in rows)
    head = ["where", "quantity", "theory", "computed" if proof else "measured"]
    head += ["holds"] if proof else []
    head += ["off by errors"] if errors else []
    head += [f"off by {'tolerances' if proof else 'margins'}"] if margins else []
    lines = []
    for cell in rows:
        digits = 7 if cell.get("stderr") else _digits(cell["predicted"], cell["estimate"])
        line = [place(cell["params"]), typeset(cell.get("quantity", ""))]
        line += [number(cell["predicted"], digits), _measured(cell, digits)]
        line += [_holds(cell)] if proof else []
        line += [number(off_by(cell, "stderr"), 2)] if errors else []
        line += [number(off_by(cell, "margin"), 2)] if margins else []
        lines.append(line)
    return table(head, lines)


def _holds(cell: Cell) -> str:
    return {True: "yes", False: "**no**", None: "undecided"}[cell.get("holds")]


def every(claim: Mapping[str, Any]) -> str:
    """The table of all rows; what is exact has no error, and where nothing is drawn no p-value."""
    cells, proof = merged(claim["cells"]), claim["kind"] in ("proof", "exact")
    drawn = any(cell.get("stderr") for cell in cells)
    margin = any(cell.get("margin") is not None for cell in cells)
    head = ["where", "quantity", "theory", "computed" if proof else "measured"]
    head += ["holds"] if proof else []
    head += ["std. err.", "units", "p-value", "off by errors"] if drawn else []
    head += (
        (["tolerance", "off by tolerances"] if margin and proof else ["margin", "off by margins"])
        if margin
        else []
    )
    rows = []
    for cell in cells:
        both = cell["predicted"], cell["estimate"]
        digits = 7 if cell.get("stderr") else _digits(*both)
        row = [place(cell["params"]), typeset(cell.get("quantity", ""))]
        row += [number(value, digits) for value in both]
        row += [_holds(cell)] if proof else []
        if drawn:
            known = bool(cell.get("stderr"))
            row += [
                number(cell["stderr"], 2) if known else "–",
                str(cell["units"]) if cell.get("units") else "–",
                number(cell["p_value"], 2) if known else "–",
                number(off_by(cell, "stderr"), 2),
            ]
        row += [number(cell.get("margin"), 3), number(off_by(cell, "margin"), 2)] if margin else []
        rows.append(row)
    return table(head, rows)
