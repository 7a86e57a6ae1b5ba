"""The page of one claim: what it says, the numbers, what would have changed our mind."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from verify.claims import UnknownClaim, file_of, find, module_of
from verify.report import derivation_page
from verify.report.claim_pages import figure, said, words
from verify.report.claim_pages.distances import distances, sensitivity
from verify.report.claim_pages.places import reason
from verify.report.claim_pages.rows import every, few, merged
from verify.report.formulas.formula import Formula, of_claim
from verify.report.markdown import (
    MARKS,
    errata_by_number,
    escape,
    folded,
    number,
    table,
    typeset,
)

_MOST_NAMES = 4  # of quantities beside one fragment of a statement
_LONG = {
    "CHMBL": "the paper (Choromanska, Henaff, Mathieu, Ben Arous, LeCun 2015)",
    "ABC": "Auffinger, Ben Arous, Cerny 2013",
}
_SHORT = {"CHMBL": "the paper", "ABC": "Auffinger, Ben Arous, Cerny"}
FORMULAS = "formulas.md"
_SHARP = "true, not sharp"
_RIGHT = {True: "Sharp:", False: "Corrected:"}


@dataclass(frozen=True)
class Around:
    """What a page knows of the report about it.

    Attributes
    ----------
    before, after
        Ids of the claims whose pages come before and after it; "" at either end.
    topic
        Its subject.
    derived
        Whether the derivation cites the claim.
    run
        Options of the run, for the command that makes the page again.
    digest
        Of the sources of the report.
    """

    before: str = ""
    after: str = ""
    topic: str = ""
    derived: bool = False
    run: str = ""
    digest: str = ""


def claim_page(claim: Mapping[str, Any], around: Around) -> str:
    """The page of one claim, ``claim`` as in results.json."""
    said_of = words.of(claim["id"])
    files = list(figure.files(claim))
    title = said_of.title if said_of else claim.get("title", "")
    parts = [_breadcrumb(claim["id"], around), f"# {escape(claim['id'])}: {typeset(title)}"]
    if said_of:
        parts.append(f"*{typeset(said_of.sentence)}*")
    parts += [_verdict(claim), *_formulas(claim["id"])]
    if files:
        caption = figure.caption(claim)
        parts += [f"![{escape(title)}]({files[0]})", f"*{caption}*"]
    parts += ["## The numbers", few(claim), _which(claim)]
    parts += ["## What would have changed our mind", *distances(claim)]
    parts += ["## Limits of this check", *_limits(claim, said_of)]
    parts += [
        "## In full",
        *folded("Statement, source and assumptions", *_statement(claim, around)),
    ]
    if len(files) > 1:
        parts += folded("All panels of the figure", f"![{escape(title)}, all panels]({files[1]})")
    parts += folded(f"All {len(merged(claim['cells']))} rows", *_joint(claim), every(claim))
    parts += folded("Sensitivity", sensitivity(claim))
    if claim.get("notes"):
        parts += folded("Notes", *(typeset(part) for part in claim["notes"].split("\n\n")))
    parts += ["---", _foot(claim, around)]
    return _expanded("\n\n".join(parts) + "\n")


def _breadcrumb(name: str, around: Around) -> str:
    trail = ["[Report](index.md)", *([escape(around.topic)] if around.topic else []), escape(name)]
    ways = [
        f"[{arrow} {escape(other)}]({escape(other)}.md)"
        for arrow, other in (("previous:", around.before), ("next:", around.after))
        if other
    ]
    return " › ".join(trail) + "".join(f" · {way}" for way in ways)


def _verdict(claim: Mapping[str, Any]) -> str:
    expected = "" if claim["verdict"] == claim["expected"] else f" (expected: {claim['expected']})"
    return f"**Verdict: {MARKS[claim['verdict']]} {claim['verdict']}**{expected} — {reason(claim)}."


def _formulas(name: str) -> list[str]:
    """Printed and corrected, with the place; what is printed right once."""
    parts = []
    for one in of_claim(name):
        link = f"[{one.name}]({FORMULAS}#{one.name})"
        where = f"{typeset(one.title)} ({_place(one)}; {link})"
        if one.printed:
            parts += [
                f"{where}. Printed:",
                f"```math\n{one.printed}\n```",
                _RIGHT[_SHARP in one.source],
            ]
        else:
            parts.append(f"{where}:")
        parts.append(f"```math\n{one.tex}\n```")
    return parts


def _place(one: Formula) -> str:
    ours = one.source.startswith(("Sec.", "Thm", "Fig.", "Eq.", "supplement"))
    return typeset(f"the paper, {one.source}" if ours else one.source)


def _which(claim: Mapping[str, Any]) -> str:
    rows = len(merged(claim["cells"]))
    return f"Of every compared quantity the row farthest from theory; all {rows} are below."


def _joint(claim: Mapping[str, Any]) -> list[str]:
    drawn = any(cell.get("stderr") for cell in claim["cells"])
    if not drawn or claim["p_value"] is None:
        return []
    judged = sum(cell.get("p_value") is not None for cell in claim["cells"])
    return [f"Joint p-value {number(claim['p_value'], 3)} over {judged} comparisons."]


def _limits(claim: Mapping[str, Any], said_of: words.Words | None) -> list[str]:
    lines = [typeset(said_of.limits)] if said_of else []
    if claim.get("undecided"):
        lines.append(f"What is missing for a decision: {typeset(claim['undecided'])}")
    if claim.get("bias"):
        lines.append(f"What the margin allows for: {typeset(claim['bias'])}")
    lines += [f"Not shown yet, {typeset(k)}: {typeset(v)}" for k, v in claim["lacks"].items()]
    return ["\n".join(f"- {line}" for line in lines)] if lines else ["None stated."]


def _statement(claim: Mapping[str, Any], around: Around) -> list[str]:
    parts = [
        f"**{typeset(claim.get('title', ''))}.**",
        typeset(claim.get("statement", "")),
        f"*Source:* {typeset(claim['source'])}",
        f"*Assumptions:* {typeset(claim.get('assumptions', ''))}",
    ]
    if around.derived:
        parts.append(f"*Derivation:* [step by step]({derivation_page.NAME})")
    return parts + _compared(claim)


def _compared(claim: Mapping[str, Any]) -> list[str]:
    """Each quantity of the statement beside the comparisons of it; what has none."""
    compares, rows, lost = claim.get("compares") or {}, [], []
    for fragment, name in compares.items():
        found = said.comparing(claim["cells"], name)
        more = f" and {len(found) - _MOST_NAMES} more" if len(found) > _MOST_NAMES else ""
        shown = "; ".join(typeset(one) for one in found[:_MOST_NAMES]) + more
        rows.append([typeset(fragment), shown or "not compared in this profile"])
    if compares:
        lost = said.uncompared(claim.get("statement", ""), compares)
    parts = [table(["what the statement says", "compared as"], rows)] if rows else []
    if lost:
        parts.append("Said and not compared: " + "; ".join(f"… {typeset(one)} …" for one in lost))
    return parts


def _foot(claim: Mapping[str, Any], around: Around) -> str:
    """The command, the source, the data, the digest, how to cite."""
    file = source_file(claim["id"])
    name = escape(claim["id"])
    lines = []
    if file is not None:
        lines.append(f"- Again: `python -m verify run {claim['id']}{around.run}`, "
                     f"{claim['seconds']:.1f} core-seconds")  # fmt: skip
        lines.append(f"- Source: `{file}`")
    lines.append(f"- Data: [results.json](results.json), the claim of id {name}")
    if around.digest:
        lines.append(f"- Sources of this report: digest `{around.digest[:16]}`")
        lines.append(f"- To cite: spin-landscapes, claim {name}, digest {around.digest[:16]}")
    return "\n".join(lines)


def source_file(claim_id: str) -> str | None:
    """Path of the file that makes a claim, None for one that is not of this project."""
    try:
        return file_of(module_of(find(claim_id)))
    except UnknownClaim:
        return None


def _expanded(page: str) -> str:
    """Abbreviations written out: in full where they come first, then in short; errata by number."""
    for name, long in _LONG.items():
        page = re.sub(rf"\b{name}\b", long, page, count=1)
        page = re.sub(rf"\b{name}\b", _SHORT[name], page)
    return errata_by_number(page)


def neighbours(names: Sequence[str]) -> dict[str, tuple[str, str]]:
    """Before and after each, "" at the ends.

    Examples
    --------
    >>> neighbours(["a", "b"])
    {'a': ('', 'b'), 'b': ('a', '')}
    """
    padded = ["", *names, ""]
    return {name: (padded[i], padded[i + 2]) for i, name in enumerate(names)}
