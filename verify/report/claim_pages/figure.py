"""The figures of a claim: which panels decide, and what stands below them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from verify.report.claim_pages import words
from verify.report.markdown import FIGURE, typeset

Series = Sequence[Mapping[str, Any]]


def decisive(claim: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """The curves of the panels that decide; all where none are named, or the named are not there."""
    said = words.of(claim["id"])
    wanted = said.panels if said else ()
    chosen = [one for one in claim["series"] if one["panel"] in wanted]
    return chosen or list(claim["series"])


def files(claim: Mapping[str, Any]) -> dict[str, Series]:
    """Curves of every figure of a claim, by file: the decisive one, and all panels where these are more."""
    every = claim["series"]
    if not every:
        return {}
    first = decisive(claim)
    found: dict[str, Series] = {f"figures/{claim['id']}{FIGURE}": first}
    if len(first) < len(every):
        found[f"figures/{claim['id']}-all{FIGURE}"] = every
    return found


def small(claim: Mapping[str, Any]) -> dict[str, Series]:
    """Curves of the thumbnail of a claim's figure, by file."""
    series = decisive(claim)
    return {f"figures/{claim['id']}-small{FIGURE}": series} if series else {}


def _sizes(claim: Mapping[str, Any]) -> str:
    """The sizes N behind a figure: of its axis, where points may stand beside a size; else of the table."""
    axis = [
        round(x)
        for one in decisive(claim)
        if one.get("xlabel", "").split(",")[0] == "N"
        for x in one["x"]
    ]
    found = axis or [
        n for cell in claim["cells"] if isinstance(n := cell["params"].get("N"), int | float)
    ]
    if not found:
        return ""
    low, high = min(found), max(found)
    return f"N = {low:g}" if low == high else f"N = {low:g} to {high:g}"


def _sample(claim: Mapping[str, Any]) -> str:
    """How many independent units stand behind a row; that there is no sample."""
    units = [cell["units"] for cell in claim["cells"] if cell.get("units") and cell.get("stderr")]
    if not units:
        return "exact values, no sample"
    low, high = min(units), max(units)
    return (
        f"{low} independent units a row"
        if low == high
        else f"{low} to {high} independent units a row"
    )


def caption(claim: Mapping[str, Any]) -> str:
    """Message, N, sample size and error bars.

    Examples
    --------
    >>> caption({"id": "NEW", "title": "T", "series": [], "cells": []})
    'T. Exact values, no sample.'
    """
    said = words.of(claim["id"])
    message = said.message if said and said.message else claim.get("title", "")
    facts = [fact for fact in (_sizes(claim), _sample(claim)) if fact]
    if any(one.get("yerr") and one.get("kind") != "band" for one in decisive(claim)):
        drawn = claim["kind"] not in ("proof", "exact")
        facts.append(f"bars: {'two standard errors' if drawn else 'certified bounds'}")
    rest = "; ".join(facts)
    return f"{typeset(message.rstrip('.'))}. {rest[0].upper()}{rest[1:]}."
