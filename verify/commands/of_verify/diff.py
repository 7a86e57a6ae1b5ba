"""``python -m verify diff``: what two runs found differently."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping
from typing import Annotated, Any

import typer

from verify.commands import arguments
from verify.commands.of_verify.show import number, results_file

WORDS = ("verdict", "expected")
NUMBERS = ("predicted", "estimate", "stderr", "p_value", "margin", "holds")
_MOST = 20  # rows of one claim that are printed


def diff(
    first: Annotated[str, typer.Argument(metavar="A", help="A results.json or its folder.")],
    second: Annotated[str, typer.Argument(metavar="B", help="Another.")],
    json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> int:
    """Verdicts and numbers in which two runs differ. Example: `python -m verify diff reports build/reports`.

    Rows are the same by their parameters and quantity; their numbers differ unless they are equal in
    every bit. Exit 0 if nothing differs, 1 if something does.
    """
    from verify.report import results

    one, other = (
        results.load(results_file(name, text), name) for name, text in (("A", first), ("B", second))
    )
    data = differences(one, other)
    arguments.emit(data, json, _lines(data))
    return 0 if data["same"] else 1


def differences(one: Mapping[str, Any], other: Mapping[str, Any]) -> dict[str, Any]:
    """What differs in two results.json, as plain data.

    Examples
    --------
    >>> row = {"params": {}, "quantity": "q", "predicted": 1.0, "estimate": 1.0}
    >>> claim = {"id": "T1", "verdict": "supported", "cells": [row]}
    >>> moved = {**claim, "cells": [{**row, "estimate": 1.5}]}
    >>> found = differences({"claims": [claim]}, {"claims": [moved]})
    >>> found["same"], found["claims"][0]["rows"][0]["estimate"]
    (False, [1.0, 1.5])
    """
    left, right = ({claim["id"]: claim for claim in run["claims"]} for run in (one, other))
    claims = [_claim(left[name], right[name]) for name in left if name in right]
    changed = [claim for claim in claims if len(claim) > 1]
    only = [[name for name in a if name not in b] for a, b in ((left, right), (right, left))]
    return {
        "same": not changed and not any(only),
        "only_in_A": only[0],
        "only_in_B": only[1],
        "claims": changed,
    }


def _claim(one: Mapping[str, Any], other: Mapping[str, Any]) -> dict[str, Any]:
    """The id of a claim, and what differs in it."""
    found: dict[str, Any] = {"id": one["id"], **_pairs(one, other, WORDS)}
    left, right = _rows(one), _rows(other)
    rows = []
    for key in {**left, **right}:
        name = {"params": dict(key[0]), "quantity": key[1]}
        if key in left and key in right:
            pairs = _pairs(left[key], right[key], NUMBERS)
            rows += [{**name, **pairs}] if pairs else []
        else:
            rows.append({**name, "only_in": "A" if key in left else "B"})
    return {**found, "rows": rows} if rows else found


def _pairs(
    one: Mapping[str, Any], other: Mapping[str, Any], names: tuple[str, ...]
) -> dict[str, list[Any]]:
    return {
        name: [one.get(name), other.get(name)] for name in names if one.get(name) != other.get(name)
    }


def _rows(claim: Mapping[str, Any]) -> dict[tuple[Any, str, int], Mapping[str, Any]]:
    """Rows by parameters, quantity, and which of the equal ones."""
    seen: Counter[tuple[Any, str]] = Counter()
    rows = {}
    for cell in claim["cells"]:
        key = tuple(cell["params"].items()), cell.get("quantity", "")
        rows[*key, seen[key]] = cell
        seen[key] += 1
    return rows


def _lines(data: Mapping[str, Any]) -> list[str]:
    if data["same"]:
        return ["the same verdicts and numbers"]
    lines = [
        f"only in {run}: {', '.join(data[f'only_in_{run}'])}"
        for run in ("A", "B")
        if data[f"only_in_{run}"]
    ]
    for claim in data["claims"]:
        rows = claim.get("rows", [])
        words = [f"{name} {' -> '.join(map(str, claim[name]))}" for name in WORDS if name in claim]
        words += [f"{len(rows)} rows differ"] if rows else []
        lines.append(f"{claim['id']}: {', '.join(words)}")
        lines += map(_row, rows[:_MOST])
        lines += [f"  and {len(rows) - _MOST} more: --json"] if len(rows) > _MOST else []
    return lines


def _row(row: Mapping[str, Any]) -> str:
    where = ", ".join(f"{name} = {value}" for name, value in row["params"].items())
    place = f"  {row['quantity']}{f' ({where})' if where else ''}: "
    if "only_in" in row:
        return f"{place}only in {row['only_in']}"
    return place + ", ".join(
        f"{name} {number(one)} -> {number(other)}{_by(one, other)}"
        for name, (one, other) in ((name, row[name]) for name in NUMBERS if name in row)
    )


def _by(one: object, other: object) -> str:
    """The difference, where both are floats."""
    if isinstance(one, float) and isinstance(other, float) and math.isfinite(other - one):
        return f" ({other - one:+.2g})"
    return ""
