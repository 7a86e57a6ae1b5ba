"""results.json to markdown and figures: pure, so a report is made again without simulating."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from verify.claims import UnknownClaim, find, module_of
from verify.report import derivation_page, plots, said
from verify.report.audit_line import audit_line
from verify.report.folder import check_places, write_texts
from verify.report.paper import BEYOND, ERRATA, ROWS, Row
from verify.report.results import off_by

_MARKS = {"supported": "✔", "refuted": "✘", "inconclusive": "?", "error": "!"}
_KINDS = {
    "proof": "by proof",
    "exact": "by two exact routes",
    "sampled": "by samples of an exact law",
    "limit": "by a limit within a margin",
    "measurement": "by a measurement that no theory predicts",
}
_BESIDE = {  # pages that other commands write
    "audit": "How often the verifier itself is wrong",
    "faults": "Runs broken in every way and resumed",
    "fuzz": "Input that can do no harm",
    "scale": "More workers",
}
_MOST_NAMES = 4  # of quantities beside one fragment of a statement
_UNSAFE = re.compile(r"([\\`*_{}\[\]<>#|$~])")


def escape(text: object) -> str:
    """Text that markdown shows as it is, whatever it holds (results.json may be foreign)."""
    return _UNSAFE.sub(r"\\\1", str(text)).replace("\r", " ").replace("\n", " ")


def number(value: object, digits: int = 7) -> str:
    """A number or decimal string for a table; long decimals are cut, and say so."""
    if value is None:
        return "–"
    if isinstance(value, float):
        return f"{value:.{digits}g}"
    text = str(value)
    return escape(text if len(text) <= 46 else text[:44] + "…")


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


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A markdown table."""
    lines = ["| " + " | ".join(head) + " |", "|" + " --- |" * len(head)]
    lines += ["| " + " | ".join(row) + " |" for row in rows]
    return "\n".join(lines)


def page_name(claim: Mapping[str, Any]) -> str:
    """File name of a claim's page."""
    return f"{claim['id']}.md"


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


def claim_page(claim: Mapping[str, Any], figure: str | None, derived: bool = False) -> str:
    """The page of one claim: statement, source, evidence, and what would have been refuted."""
    parts = [
        f"# {escape(claim['id'])}: {escape(claim.get('title', ''))}",
        f"**Verdict: {_MARKS[claim['verdict']]} {claim['verdict']}**"
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
    parts.append(f"{claim['seconds']:.1f} core-seconds.{where} [Back to the index](index.md)")
    return "\n\n".join(parts) + "\n"


def _source_file(claim_id: str) -> str | None:
    """Path of the file that makes a claim, None for one that is not of this project."""
    try:
        return f"{module_of(find(claim_id)).replace('.', '/')}.py"
    except UnknownClaim:
        return None


def _coverage(claims: Sequence[Mapping[str, Any]], stated: Sequence[Row], where: str) -> str:
    rows = []
    for row in stated:
        covering = [claim for claim in claims if row.id in claim["rows"]]
        lacking = [c["lacks"][row.id] for c in covering if row.id in c["lacks"]]
        status = "not yet" if not covering else "in part" if lacking else "done"
        shown = ", ".join(
            f"[{escape(c['id'])}]({page_name(c)}) {_MARKS[c['verdict']]}" for c in covering
        )
        if lacking:
            shown += "; lacks: " + escape("; ".join(lacking))
        rows.append([row.id, escape(row.source), escape(row.statement), status, shown or "–"])
    return table(["row", where, "statement", "status", "claims"], rows)


def _errata(claims: Sequence[Mapping[str, Any]]) -> str:
    rows = []
    for erratum in ERRATA:
        covering = [claim for claim in claims if erratum.id in claim["rows"]]
        shown = ", ".join(
            f"[{escape(c['id'])}]({page_name(c)}) {_MARKS[c['verdict']]}" for c in covering
        )
        rows.append(
            [
                erratum.id,
                escape(erratum.source),
                escape(erratum.printed),
                escape(erratum.corrected),
                shown or "not yet",
            ]
        )
    return table(["id", "where", "printed", "corrected", "claims"], rows)


def _undecided(claims: Sequence[Mapping[str, Any]]) -> list[str]:
    """What the samples cannot tell, and were not expected to; and what would."""
    rows = [
        [
            f"[{escape(c['id'])}]({page_name(c)})",
            escape(c["reason"]),
            escape(c.get("undecided") or "–"),
        ]
        for c in claims
        if c["verdict"] == c["expected"] == "inconclusive"
    ]
    return [table(["undecided", "because", "what it would take"], rows)] if rows else []


def index_page(
    data: Mapping[str, Any],
    figures: Mapping[str, str],
    beside: Sequence[str] = (),
    audited: str = "",
) -> str:
    """The first screen: verdicts, one figure, provenance; then the coverage of the paper."""
    claims, origin = data["claims"], data["provenance"]
    counts = Counter(claim["verdict"] for claim in claims)
    kinds = Counter(claim["kind"] for claim in claims)
    unexpected = [c["id"] for c in claims if c["verdict"] != c["expected"]]
    parts = [
        "# Theory against simulation: the spherical p-spin model of *The Loss Surfaces of "
        "Multilayer Networks*",
        "**"
        + ", ".join(f"{counts.get(v, 0)} {v}" for v in _MARKS)
        + "**"
        + (
            f"; not as expected: {escape(', '.join(unexpected))}."
            if unexpected
            else "; every verdict is as expected."
        ),
        "By their evidence: "
        + ", ".join(f"{kinds[k]} {_KINDS[k]}" for k in _KINDS if kinds[k])
        + ".",
        *([audited] if audited else []),
        *_undecided(claims),
        table(
            ["claim", "statement", "kind", "verdict", "p", "wrong theories refuted"],
            [
                [
                    f"[{escape(c['id'])}]({page_name(c)})",
                    escape(c.get("title", "")),
                    c["kind"],
                    f"{_MARKS[c['verdict']]} {c['verdict']}",
                    number(c["p_value"], 2),
                    f"{sum(a['verdict'] == 'refuted' for a in c['alternatives'])}"
                    f" of {len(c['alternatives'])}",
                ]
                for c in claims
            ],
        ),
    ]
    shown = next((i for i in ("F2", "F3", *figures) if i in figures), None)
    if shown:
        parts.append(f"![{escape(shown)}]({figures[shown]})")
    versions = ", ".join(f"{k} {v}" for k, v in origin["versions"].items())
    parts += [
        f"Profile {data['profile']}, seed {data['seed']}, source digest "
        f"`{origin['source_digest'][:16]}`, {escape(origin['platform'])}"
        f"{', ' + escape(origin['kernel']) if origin.get('kernel') else ''}, Python "
        f"{escape(origin['python'])}, backend {escape(origin.get('backend', ''))}; "
        f"{escape(versions)}. Wall time {number(origin.get('wall_seconds'))} s.",
        "A sampled claim is refuted only if two looks at fresh samples disagree with it (Holm at "
        "0.03 in each, at most 9e-4 a run); a limit is judged at its own level, 1e-3, against a "
        "margin fixed beforehand. A claim is supported only if its own theory survives and every "
        "wrong theory beside it is refuted on the same evidence."
        + "".join(f" {_BESIDE[name]}: [{name}]({name}.md)." for name in beside),
        f"From the covariance to the complexity in equations: [derivation]({derivation_page.NAME}).",
        "## Coverage of the paper",
        _coverage(claims, ROWS, "in the paper"),
        "## Errata",
        _errata(claims),
        "## Beyond the paper",
        _coverage(claims, BEYOND, "source"),
    ]
    return "\n\n".join(parts) + "\n"


def write(data: Mapping[str, Any], out: Path) -> None:
    """Write index.md, derivation.md, a page a claim and the figures to a folder.

    Raises
    ------
    FolderError
        Before anything is written, where a place holds something else than a plain file.
    """
    claims = data["claims"]
    figures = {c["id"]: f"figures/{c['id']}.png" for c in claims if c["series"]}
    derivation = derivation_page.in_folder(out)
    derived = derivation_page.cited(derivation)
    beside = [name for name in _BESIDE if (out / f"{name}.md").exists()]
    texts = {
        derivation_page.NAME: derivation_page.page(claims, derivation),
        **{page_name(c): claim_page(c, figures.get(c["id"]), c["id"] in derived) for c in claims},
        "index.md": index_page(
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
