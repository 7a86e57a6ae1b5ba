"""The first page of a report: the answer, then errata, coverage, checks, and where the numbers are from."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from verify.claims import UnknownClaim, find, module_of
from verify.report import derivation_page, plain_words
from verify.report.answer import ANSWER, CONSEQUENCE, FIGURES, FINDINGS, KEY, QUESTION
from verify.report.claim_pages import gallery, words
from verify.report.claim_pages.figure import small
from verify.report.claim_pages.page import FORMULAS as _FORMULAS
from verify.report.formulas.page import misprinted
from verify.report.markdown import (
    MARKS,
    escape,
    folded,
    link,
    long_table,
    number,
    page_name,
    table,
    typeset,
)
from verify.report.paper import BEYOND, ERRATA, ROWS, TRAINED, Erratum, Row

_KINDS = {
    "proof": "by proof",
    "exact": "by two exact routes",
    "sampled": "by samples of an exact law",
    "limit": "by a limit within a margin",
    "measurement": "by a measurement that no theory predicts",
}
BESIDE = {  # pages that other commands write
    "audit": "How often the verifier itself is wrong",
    "faults": "Runs broken in every way and resumed",
    "fuzz": "Input that can do no harm",
    "scale": "More workers",
}
MNIST = "mnist/index"  # the report of a run on images that are not the project's

_TOPICS = {  # folders of claims, in the paper's order
    "reduction": "From networks to spins",
    "complexity": "Barrier, layers, complexity",
    "counts": "Exact mean counts",
    "critical": "Critical points of instances",
    "ground_state": "The ground state",
    "layers": "Every layer its own weights",
    "spikes": "A spike in the data",
    "goe": "Eigenvalues of random matrices",
    "descents": "Descents",
    "dynamics": "Dynamics in the limit",
    "training": "Trained networks",
    "trained_networks": "Trained networks beside the spin glass",
}

Claims = Sequence[Mapping[str, Any]]


def page(
    data: Mapping[str, Any],
    figures: Mapping[str, str],
    beside: Sequence[str] = (),
    audited: str = "",
) -> str:
    """Return the page of results.json.

    Parameters
    ----------
    data
        As in results.json.
    figures
        Of claims, by id, where they are.
    beside
        Which of `BESIDE` are there, and `MNIST`.
    audited
        What the last audit says in one line.
    """
    claims = data["claims"]
    parts = [
        f"# {QUESTION}",
        ANSWER,
        *_findings(claims),
        *_figures(figures),
        *_doors(beside, audited),
        "## What is corrected",
        _errata(claims, figures),
        "## Statement by statement",
        "Two judgements: of the paper's statement (right, imprecise, wrong, open), and of our check, by "
        "the marks of its claims.",
        _coverage(claims, ROWS, "in the paper"),
        "## Beyond the paper",
        _coverage(claims, BEYOND, "source"),
        "## Trained networks",
        "What the spin glass would say of a trained network, asked of both; "
        f"[what stands, in one table]({plain_words.NAME}#does-a-trained-network-behave-like-the-spin-glass).",
        _coverage(claims, TRAINED, "source"),
        "## Our checks",
        *_verdicts(claims),
        *_undecided(claims),
        *_by_topic(claims),
        "## Where the numbers are from",
        _provenance(data),
    ]
    return "\n\n".join(parts) + "\n"


def _findings(claims: Claims) -> list[str]:
    """The answer as a table of three columns, of what was run."""
    known = {claim["id"]: claim for claim in claims}
    columns = []
    for standing in ("holds", "corrected", "open"):
        lines = []
        for one in FINDINGS:
            there = [known[name] for name in one.claims if name in known]
            if one.standing == standing and there:
                lines.append(f"{one.text} ({', '.join(map(link, there))})")
        columns.append(lines)
    if not any(columns):
        return []
    rows = [
        [lines[i] if i < len(lines) else "" for lines in columns]
        for i in range(max(map(len, columns)))
    ]
    return [table(["holds", "is corrected", "is open"], rows), KEY]


def _figures(figures: Mapping[str, str]) -> Iterator[str]:
    """Three figures, each with its sentence; of another run the first that there is."""
    shown = [(name, says) for name, says in FIGURES if name in figures]
    for name, says in shown or [(name, "") for name in list(figures)[:1]]:
        yield f"![{escape(name)}]({figures[name]})"
        if says:
            yield f"*{says}* ([{escape(name)}]({escape(name)}.md))"


def _doors(beside: Sequence[str], audited: str) -> list[str]:
    """Ways on: for a newcomer, a mathematician, a sceptic, a user."""
    sceptic = "".join(f" {BESIDE[name]}: [{name}]({name}.md)." for name in beside if name != MNIST)
    images = f" Training on the paper's own images: [MNIST]({MNIST}.md)." if MNIST in beside else ""
    lines = [
        "- *Five minutes:* the three figures above, then [what is corrected](#what-is-corrected).",
        f"- *For deep learning:* [what stands, in plain words]({plain_words.NAME}).{images}",
        "- *The mathematics:* [from the covariance to the complexity]"
        f"({derivation_page.NAME}), every equation printed from the expression that is proved; "
        f"[every formula]({_FORMULAS}) by its name, also as [data](formulas.json); "
        "[the errata](errata.tex) on one page of LaTeX.",
        f"- *The paper's figures:* [ours beside its values]({gallery.NAME}).",
        f"- *For a sceptic:* {audited or 'every claim says what would have refuted it.'}{sceptic}",
        "- *To use it:* `python -m theory thresholds --p 3`, `python -m numerics descend --help`; the "
        "command that makes a page again stands at its foot.",
    ]
    return ["\n".join(lines)]


def _of(erratum: Erratum, claims: Claims) -> list[Mapping[str, Any]]:
    return [claim for claim in claims if erratum.id in claim["rows"]]


def seen_at_errata(claims: Claims) -> list[Mapping[str, Any]]:
    """Claims whose figure shows an erratum, the first of each: those with a thumbnail."""
    drawn = [next((c for c in _of(one, claims) if c["series"]), None) for one in ERRATA]
    return [claim for claim in drawn if claim is not None]


def _errata(claims: Claims, figures: Mapping[str, str]) -> str:
    rows = []
    for erratum in sorted(ERRATA, key=lambda one: CONSEQUENCE.index(one.id)):
        covering = _of(erratum, claims)
        drawn = next((c for c in covering if c["id"] in figures), None)
        printed, corrected = _both(erratum)
        rows.append(
            [
                erratum.id[1:],
                typeset(erratum.source),
                printed,
                corrected,
                ", ".join(map(link, covering)) or "not yet",
                _thumbnail(drawn, figures) if drawn else "",
            ]
        )
    return table(["erratum", "where", "printed", "corrected", "claims", "seen"], rows)


def _both(erratum: Erratum) -> tuple[str, str]:
    """Printed and corrected: as formulas where these say it, else in words."""
    found = [one for one in misprinted() if one.erratum == erratum.id] if erratum.formula else []
    if not found:
        return typeset(erratum.printed), typeset(erratum.corrected)
    sides = ([one.printed for one in found], [one.tex for one in found])
    printed, corrected = ("; ".join(map(_in_a_row, formulas)) for formulas in sides)
    note = f" ({typeset(erratum.note)})" if erratum.note else ""
    return printed + note, corrected


def _in_a_row(tex: str) -> str:
    """A formula within a table, where a bar would end the cell."""
    bars = re.sub(r"\|(?=\w)", r"\\vert ", tex).replace("|", r"\vert")
    return f"$`{bars.replace(chr(92) + 'qquad', chr(92) + 'quad')}`$"


def _thumbnail(claim: Mapping[str, Any], figures: Mapping[str, str]) -> str:
    [file] = small(claim)
    return f"[![figure of {escape(claim['id'])}]({file})]({figures[claim['id']]})"


def _coverage(claims: Claims, stated: Sequence[Row], where: str) -> str:
    rows = []
    for row in stated:
        covering = [claim for claim in claims if row.id in claim["rows"]]
        lacking = [c["lacks"][row.id] for c in covering if row.id in c["lacks"]]
        status = "not yet" if not covering else "in part" if lacking else "done"
        images = list(dict.fromkeys(name for c in covering for name in c.get("data", ())))
        if images:
            status += f", on {escape(' and '.join(images))}"
        shown = ", ".join(map(link, covering))
        if lacking:
            shown += "; lacks: " + typeset("; ".join(lacking))
        rows.append(
            [
                row.id,
                typeset(row.source),
                typeset(row.statement),
                row.standing,
                status,
                shown or "–",
            ]
        )
    head = ["row", where, "statement", "the statement is", "checked", "claims"]
    return long_table(head, rows, "statements")


def _verdicts(claims: Claims) -> list[str]:
    """How many of each verdict and kind, and whether as expected."""
    counts = Counter(claim["verdict"] for claim in claims)
    kinds = Counter(claim["kind"] for claim in claims)
    unexpected = [c["id"] for c in claims if c["verdict"] != c["expected"]]
    return [
        "**"
        + ", ".join(f"{counts.get(v, 0)} {v}" for v in MARKS)
        + "**"
        + (
            f"; not as expected: {escape(', '.join(unexpected))}."
            if unexpected
            else "; every verdict is as expected."
        ),
        "By their evidence: "
        + ", ".join(f"{kinds[k]} {_KINDS[k]}" for k in _KINDS if kinds[k])
        + ".",
        "A sampled claim is refuted only if two looks at fresh samples disagree with it (Holm at 0.03 in "
        "each, at most 9e-4 a run); a limit is judged at its own level, 1e-3, against a margin fixed "
        "beforehand. A claim is supported only if its own theory survives and every wrong theory beside it "
        "is refuted on the same evidence.",
    ]


def _undecided(claims: Claims) -> list[str]:
    """What the samples cannot tell, and were not expected to; and what would."""
    rows = [
        [
            f"[{escape(c['id'])}]({page_name(c)})",
            typeset(c["reason"]),
            typeset(c.get("undecided") or "–"),
        ]
        for c in claims
        if c["verdict"] == c["expected"] == "inconclusive"
    ]
    return [table(["undecided", "because", "what it would take"], rows)] if rows else []


def _by_topic(claims: Claims) -> Iterator[str]:
    """The claims by subject, each table folded."""
    left = list(claims)
    for topic, title in [*_TOPICS.items(), ("", "Others")]:
        some = [c for c in left if not topic or _topic(c) == topic]
        if not some:
            continue
        left = [c for c in left if c not in some]
        rows = [
            [
                f"[{escape(c['id'])}]({page_name(c)})",
                typeset(_title(c)),
                c["kind"],
                f"{MARKS[c['verdict']]} {c['verdict']}",
                number(c["p_value"], 2),
                f"{sum(a['verdict'] == 'refuted' for a in c['alternatives'])}"
                f" of {len(c['alternatives'])}",
            ]
            for c in some
        ]
        head = ["claim", "statement", "evidence", "verdict", "p-value", "wrong theories refuted"]
        yield from folded(f"{title}: {len(some)}", table(head, rows))


def subject(claim: Mapping[str, Any]) -> str:
    """What a claim is about, in words; "" of one that is not of this project."""
    return _TOPICS.get(_topic(claim), "")


def _title(claim: Mapping[str, Any]) -> str:
    said = words.of(claim["id"])
    return said.title if said else str(claim.get("title", ""))


def _topic(claim: Mapping[str, Any]) -> str:
    """The folder of a claim's file; "" of one that is not of this project."""
    try:
        return module_of(find(claim["id"])).split(".")[-2]
    except UnknownClaim:
        return ""


def _provenance(data: Mapping[str, Any]) -> str:
    origin = data["provenance"]
    digest = origin.get("mnist")
    versions = ", ".join(f"{k} {v}" for k, v in origin["versions"].items())
    return (
        f"Profile {data['profile']}, seed {data['seed']}, source digest "
        f"`{origin['source_digest'][:16]}`, {escape(origin['platform'])}"
        f"{', ' + escape(origin['kernel']) if origin.get('kernel') else ''}, Python "
        f"{escape(origin['python'])}, backend {escape(origin.get('backend', ''))}; "
        f"{escape(versions)}{f', MNIST `{digest[:16]}`' if digest else ''}. "
        f"Wall time {number(origin.get('wall_seconds'))} s."
    )
