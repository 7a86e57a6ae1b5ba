"""results.json to markdown and figures: pure, so a report is made again without simulating."""

from __future__ import annotations

import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from verify.claims import UnknownClaim, find, module_of
from verify.report import derivation_page, first_page, plain_words, plots, said
from verify.report.audit_line import audit_line
from verify.report.folder import check_places, write_texts
from verify.report.markdown import MARKS, escape, number, page_name, table
from verify.report.results import off_by

_MOST_NAMES = 4  # of quantities beside one fragment of a statement


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


def _params(params: Mapping[str, Any]) -> str:
    return ", ".join(f"{escape(k)} = {number(v)}" for k, v in params.items())


def _cells(claim: Mapping[str, Any]) -> str:
    cells, proof = claim["cells"], claim["kind"] in ("proof", "exact")
    head = ["where", "quantity", "predicted", "computed" if proof else "measured"]
    head += ["holds"] if proof else ["± std. err.", "units", "p"]
    margin = any(cell.get("margin") is not None for cell in cells)
    if not proof:
        head.append("off by std. err.")
    if margin:
        head += [
            "tolerance" if proof else "margin",
            f"off by {'tolerances' if proof else 'margins'}",
        ]
    rows = []
    for cell in cells:
        both = cell["predicted"], cell["estimate"]
        digits = 7 if cell["stderr"] else _digits(*both)
        row = [
            _params(cell["params"]),
            escape(cell.get("quantity", "")),
            *(number(value, digits) for value in both),
        ]
        if proof:
            row.append({True: "yes", False: "**no**", None: "undecided"}[cell.get("holds")])
        else:
            row += [
                number(cell["stderr"], 2),
                str(cell["units"]),
                number(cell["p_value"], 2),
                number(off_by(cell, "stderr"), 2),
            ]
        if margin:
            row += [number(cell.get("margin"), 3), number(off_by(cell, "margin"), 2)]
        rows.append(row)
    return table(head, rows)


def _sensitivity(claim: Mapping[str, Any]) -> str:
    if claim["kind"] == "proof":
        return "A proof: any change of a constant beyond the radius in the table is refuted."
    if claim["kind"] == "exact":
        return "Exact: any change of a constant beyond the tolerance in the table is refuted."
    if not claim["sensitivity"]:
        return "Not stated for this claim."
    return table(
        ["constant", "smallest relative change refuted with power 0.99"],
        [[escape(name), f"{value:.2%}"] for name, value in claim["sensitivity"].items()],
    )


def _said(claim: Mapping[str, Any]) -> list[str]:
    """Each quantity of the statement beside the comparisons of it; what has none."""
    compares, rows, lost = claim.get("compares") or {}, [], []
    for fragment, name in compares.items():
        found = said.comparing(claim["cells"], name)
        more = f" and {len(found) - _MOST_NAMES} more" if len(found) > _MOST_NAMES else ""
        shown = "; ".join(escape(one) for one in found[:_MOST_NAMES]) + more
        rows.append([escape(fragment), shown or "not compared in this profile"])
    if compares:
        lost = said.uncompared(claim.get("statement", ""), compares)
    parts = [table(["what the statement says", "compared as"], rows)] if rows else []
    if lost:
        parts.append("Said and not compared: " + "; ".join(f"… {escape(one)} …" for one in lost))
    return parts


def claim_page(
    claim: Mapping[str, Any], figure: str | None, derived: bool = False, how: str = ""
) -> str:
    """The page of one claim: statement, source, evidence, and what would have been refuted.

    Parameters
    ----------
    claim
        As in results.json.
    figure
        Where it is, if there is one.
    derived
        Whether the derivation cites the claim.
    how
        Options of the run, for the command that makes the page again.
    """
    parts = [
        "[Report](index.md)",
        f"# {escape(claim['id'])}: {escape(claim.get('title', ''))}",
        f"**Verdict: {MARKS[claim['verdict']]} {claim['verdict']}**"
        + ("" if claim["verdict"] == claim["expected"] else f" (expected: {claim['expected']})")
        + f" — {escape(claim['reason'][:2000])}",
        escape(claim.get("statement", "")),
        f"*Source:* {escape(claim['source'])}",
        f"*Assumptions:* {escape(claim.get('assumptions', ''))}",
    ]
    if claim.get("undecided"):
        parts.append(f"*What is missing for a decision:* {escape(claim['undecided'])}")
    if claim["lacks"]:
        lacking = "; ".join(f"{k}: {v}" for k, v in claim["lacks"].items())
        parts.append(f"*Not shown yet:* {escape(lacking)}")
    if derived:
        parts.append(f"*Derivation:* [step by step]({derivation_page.NAME})")
    if figure:
        parts.append(f"![{escape(claim.get('title', ''))}]({figure})")
    parts.append("## What was computed")
    if claim["kind"] not in ("proof", "exact"):
        parts.append(
            f"Joint p-value {number(claim['p_value'], 3)} over {len(claim['cells'])} comparisons."
        )
    if claim.get("bias"):
        parts.append(f"*What the margin allows for:* {escape(claim['bias'])}")
    parts += [*_said(claim), _cells(claim), "## What would have been refuted"]
    parts.append(
        table(
            ["wrong theory", "why it is put to the test", "verdict on the same evidence", "p"],
            [
                [
                    escape(a["name"]),
                    escape(a.get("why", "")),
                    a["verdict"],
                    number(a["p_value"], 2),
                ]
                for a in claim["alternatives"]
            ],
        )
    )
    parts += ["Sensitivity:", _sensitivity(claim)]
    if claim.get("notes"):
        parts += ["## Notes", *(escape(part) for part in claim["notes"].split("\n\n"))]
    file = _source_file(claim["id"])
    where = "" if file is None else f" Source: `{file}`."
    again = "" if file is None else f" Again: `python -m verify run {claim['id']}{how}`."
    parts.append(
        f"{claim['seconds']:.1f} core-seconds.{where}{again} [Back to the index](index.md)"
    )
    return "\n\n".join(parts) + "\n"


def _source_file(claim_id: str) -> str | None:
    """Path of the file that makes a claim, None for one that is not of this project."""
    try:
        return f"{module_of(find(claim_id)).replace('.', '/')}.py"
    except UnknownClaim:
        return None


def write(data: Mapping[str, Any], out: Path) -> None:
    """Write index.md, derivation.md, deep-learning.md, a page a claim and the figures to a folder.

    Raises
    ------
    FolderError
        Before anything is written, where a place holds something else than a plain file.
    """
    claims = data["claims"]
    figures = {c["id"]: f"figures/{c['id']}.png" for c in claims if c["series"]}
    derivation = derivation_page.in_folder(out)
    derived = derivation_page.cited(derivation)
    how = f" --profile {data['profile']} --seed {data['seed']}"
    beside = [name for name in first_page.BESIDE if (out / f"{name}.md").exists()]
    texts = {
        derivation_page.NAME: derivation_page.page(claims, derivation),
        **{
            page_name(c): claim_page(c, figures.get(c["id"]), c["id"] in derived, how)
            for c in claims
        },
        plain_words.NAME: plain_words.page(claims),
        "index.md": first_page.page(
            data, figures, beside, audit_line(out, data["provenance"]["source_digest"])
        ),
    }
    check_places(out, [*texts, *figures.values()])
    if figures:
        (out / "figures").mkdir(parents=True, exist_ok=True)
    for claim in claims:
        if claim["series"]:
            plots.draw(claim["series"], out / figures[claim["id"]])
    write_texts(out, texts)
