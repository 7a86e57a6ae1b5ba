"""What an audit found, as audit.json and as a page of the report."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from verify.audit.audit import Audit
from verify.audit.equivalent import reason
from verify.audit.mutations import Change
from verify.engine.provenance import provenance
from verify.report.folder import write_texts
from verify.report.pages import escape, number, table

_YES = {True: "yes", False: "**no**"}


def _place(change: Change) -> dict[str, Any]:
    return {"file": change.file, "line": change.line, "change": change.what, "text": change.text}


def as_json(audit: Audit) -> dict[str, Any]:
    """The whole audit as plain data."""
    sweep = audit.sweep
    return {
        "schema": 1,
        "seed": audit.seed,
        "seconds": round(audit.seconds, 1),
        "holds": audit.holds,
        "provenance": provenance(),
        "calibration": [
            {
                "claim": one.claim,
                "kind": one.kind,
                "seeds": one.seeds,
                "cells": one.cells,
                "discrete": one.discrete,
                "p_uniform": one.p_uniform,
                "cell_rate": one.cell_rate,
                "false_alarms": one.false_alarms,
                "holds": one.holds,
            }
            for one in audit.calibrations
        ],
        "rates": [
            {
                "look": one.look,
                "stated": one.stated,
                "alarms": one.alarms,
                "seeds": one.seeds,
                "low": one.interval[0],
                "high": one.interval[1],
                "holds": one.holds,
            }
            for one in audit.rates
        ],
        "mutants": [
            {
                "claim": one.claim,
                "mutant": one.mutant,
                "side": one.side,
                "killed": one.killed,
                "p_value": one.p_value,
                "seconds": one.seconds,
                "note": one.note,
            }
            for one in audit.mutants
        ],
        "generic": {
            "reached": sweep.reached,
            "tried": sweep.judged,
            "killed": sweep.count("refuted"),
            "inconclusive": sweep.count("inconclusive"),
            "crashed": sweep.count("crashed"),
            "share": sweep.share,
            "survivors": [
                {**_place(one.change), "why": reason(one.change)} for one in sweep.survivors
            ],
            "neutral": [{**_place(one), "why": reason(one)} for one in sweep.neutral],
            "unreached": [_place(one) for one in sweep.unreached],
        },
    }


def page(data: Mapping[str, Any]) -> str:
    """The page of the sceptic."""
    calibration, mutants, generic = data["calibration"], data["mutants"], data["generic"]
    killed = sum(one["killed"] for one in mutants)
    parts = [
        "# How often is the verifier itself wrong?",
        f"**{'Every number below is as stated.' if data['holds'] else 'Some numbers miss.'}** "
        f"{killed} of {len(mutants)} named wrong theories and wrong samplers refuted; "
        f"{generic['share']:.1%} of {generic['tried']} small changes of theory's source refuted. "
        f"Seed {data['seed']}, source digest `{data['provenance']['source_digest'][:16]}`, "
        f"{number(data['seconds'])} s.",
        "## Calibration: claims that are true",
        "Each claim draws data from its own null on many seeds; its p-values must be uniform "
        "(Kolmogorov-Smirnov, smallest over the comparisons times their number, at 1e-3), and "
        "not powerless: a share of at least 0.02 below 0.05. Comparisons with few distinct p-values "
        "are discrete, and only held to the upper bound. A simulated limit is too costly to draw "
        "anew: its stored units are drawn again with replacement around the estimate from all.",
        table(
            [
                "claim",
                "null",
                "seeds",
                "comparisons",
                "discrete",
                "p uniform",
                "P(p < 0.05)",
                "alarms at 0.05",
                "holds",
            ],
            [
                [
                    escape(c["claim"]),
                    c["kind"],
                    str(c["seeds"]),
                    str(c["cells"]),
                    str(c["discrete"]),
                    number(c["p_uniform"], 2),
                    number(c["cell_rate"], 2),
                    str(c["false_alarms"]),
                    _YES[c["holds"]],
                ]
                for c in calibration
            ],
        ),
        table(
            ["look", "stated at most", "alarms", "of", "99 % interval of the rate", "holds"],
            [
                [
                    escape(r["look"]),
                    number(r["stated"]),
                    str(r["alarms"]),
                    str(r["seeds"]),
                    f"{r['low']:.4f} to {r['high']:.4f}",
                    _YES[r["holds"]],
                ]
                for r in data["rates"]
            ],
        ),
        "## Power: named wrong theories and wrong samplers",
        "Wrong theories are judged on the samples of a quick run. Wrong samplers run at a size of a "
        "few core-seconds and must be refuted in both looks at the level that Holm's procedure asks "
        "of a claim when all others hold.",
        table(
            ["claim", "wrong", "side", "refuted", "p", "core-seconds"],
            [
                [
                    escape(m["claim"]),
                    escape(m["mutant"]),
                    m["side"],
                    _YES[m["killed"]] + (f" ({escape(m['note'])})" if m["note"] else ""),
                    number(m["p_value"], 2),
                    number(m["seconds"], 2),
                ]
                for m in mutants
            ],
        ),
        "## Sweep: every small change of theory's source",
        "Each numeric literal +1, -1 and doubled, each sign, + and -, < and <=, and k for k + 1, one "
        "at a time, judged by the claims that run the line. "
        + _share_tried(generic)
        + f"Of {generic['tried'] + generic['crashed']} changes {generic['killed']} were refuted, "
        f"{generic['inconclusive']} left a claim inconclusive, {generic['crashed']} crashed or ran "
        f"out of time, {len(generic['survivors'])} survived. Not counted: "
        f"{len(generic['neutral'])} changes of constants that set only how a number is computed, "
        f"each with its reason below, and {len(generic['unreached'])} of lines that no claim runs "
        "(input checks and text, which the tests hold).",
        "Survivors:",
        _places(generic["survivors"]),
        "Not counted, because they change no number beyond its stated error:",
        _places(generic["neutral"]),
        "Lines that no claim runs:",
        table(
            ["where", "line"],
            [
                [f"{file}:{line}", escape(text)]
                for file, line, text in dict.fromkeys(
                    (u["file"], u["line"], u["text"]) for u in generic["unreached"]
                )
            ],
        ),
        "[Back to the index](index.md)",
    ]
    return "\n\n".join(parts) + "\n"


def _share_tried(generic: Mapping[str, Any]) -> str:
    """How many of the changes were tried, where not all were."""
    tried = generic["tried"] + generic["crashed"]
    if tried == generic["reached"]:
        return ""
    return f"An even sample of {tried} of {generic['reached']} was tried. "


def _places(places: list[Mapping[str, Any]]) -> str:
    if not places:
        return "None."
    rows: dict[tuple[str, str, str], list[str]] = {}
    for one in places:
        where = (f"{one['file']}:{one['line']}", one["text"], one["why"])
        rows.setdefault(where, []).append(one["change"])
    return table(
        ["where", "line", "changes", "why"],
        [[w, escape(t), escape("; ".join(c)), escape(y)] for (w, t, y), c in rows.items()],
    )


def write(data: Mapping[str, Any], out: Path) -> None:
    """Write audit.json and audit.md to a folder."""
    out.mkdir(parents=True, exist_ok=True)
    text = json.dumps(data, indent=1, allow_nan=False) + "\n"
    write_texts(out, {"audit.json": text, "audit.md": page(data)})
