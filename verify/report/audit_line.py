"""The verdict of the last audit in one line, for the first page of the report."""

from __future__ import annotations

import json
from pathlib import Path

NAME = "audit.json"


def audit_line(out: Path, digest: str) -> str:
    """What the audit of a folder says of these sources; "" if there is none that can be read.

    Parameters
    ----------
    out
        Folder of the report.
    digest
        Of the sources of the report.
    """
    try:
        data = json.loads((out / NAME).read_text(encoding="utf-8"))
        holds, audited = bool(data["holds"]), str(data["provenance"]["source_digest"])
        mutants = data["mutants"]
        killed = sum(bool(one["killed"]) for one in mutants)
        shares = [
            f"{room['killed']} of {room['tried'] - room['crashed']} small changes of {name}"
            for name, room in data["generic"].items()
            if room["tried"]
        ]
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return ""
    verdict = "every number is as stated" if holds else "some numbers miss"
    which = "these sources" if audited == digest else "other sources than these"
    refuted = ", ".join([f"{killed} of {len(mutants)} wrong theories and samplers", *shares])
    return f"The verifier itself, audited on {which}: **{verdict}**; refuted {refuted}."
