"""The page of the derivation: from xi to Theta_{k,p}, equations taken from `theory.derivation.equations`.

SymPy takes some seconds for them. The page ends with a digest of the sources that they come from and
of what it says, so that a later report in the same folder need not derive what is there.
"""

from __future__ import annotations

import hashlib
import os
import re
import stat
from collections.abc import Mapping, Sequence
from functools import cache
from importlib import metadata
from pathlib import Path
from typing import Any

from verify.engine.provenance import package_digest
from verify.report.markdown import errata_by_number, typeset

NAME = "derivation.md"
_ABSENT = "(not in this run)"
_RUN = re.compile(r"\[([A-Za-z0-9-]+)\]\(\1\.md\) [a-z]+")
_NOT_RUN = re.compile(r"([A-Za-z0-9-]+) " + re.escape(_ABSENT))
_MOST_BYTES = 2**20


@cache
def blank() -> str:
    """The page where no claim was run.

    Examples
    --------
    >>> blank().count("## ")
    30
    """
    from theory.derivation import beyond
    from theory.derivation.equations import latex, steps

    parts = [
        "# From the covariance to the complexity, step by step",
        typeset(
            "Every right-hand side is printed from the expression that the claims named below prove; "
            "nothing is typed twice. xi is general until the step that says pure; xi, xi' and xi'' "
            "without an argument are at 1. N spins lie on the sphere of radius sqrt(N); u = H/N."
        ),
    ]
    farther = beyond.steps()[0]
    for number, step in enumerate(steps(), 1):
        if step == farther:
            parts.append("## Beyond the paper")
            parts.append("Of what follows nothing is in the paper; the same means carry it.")
        parts.append(f"## {number}. {typeset(step.title)}")
        parts.append(typeset(errata_by_number(step.sentence)))
        # What is derived and its closed form may be printed alike.
        formulas = dict.fromkeys(_shown(latex(equation)) for equation in step.equations)
        parts += [f"```math\n{formula}\n```" for formula in formulas]
        checks = ", ".join(f"{claim} {_ABSENT}" for claim in step.claims)
        parts.append(f"*Check:* {typeset(errata_by_number(step.check))}: {checks}.")
    parts.append("[Back to the index](index.md)")
    return "\n\n".join(parts) + "\n"


def _seal(text: str) -> str:
    """The last line: of these sources and this text."""
    own = Path(__file__).read_bytes()
    of = [package_digest("theory").encode(), own, metadata.version("sympy").encode(), text.encode()]
    return f"\n<!-- {hashlib.sha256(b'|'.join(of)).hexdigest()} -->\n"


def in_folder(out: Path) -> str:
    """The page where no claim was run: read back if it is of these sources, else derived."""
    place = out / NAME
    try:
        info = os.lstat(place)
        if stat.S_ISREG(info.st_mode) and info.st_size < _MOST_BYTES:
            text, mark, _ = place.read_text(encoding="utf-8").partition("\n<!-- ")
            text = _RUN.sub(rf"\1 {_ABSENT}", text)
            if mark and place.read_text(encoding="utf-8").endswith(_seal(text)):
                return text
    except (OSError, UnicodeDecodeError):
        pass
    return blank()


def cited(text: str) -> set[str]:
    """Ids of the claims that check a step of `blank`: their pages link here."""
    return set(_NOT_RUN.findall(text))


def page(claims: Sequence[Mapping[str, Any]], text: str) -> str:
    """The page as markdown, of `blank`; ``claims`` are those of results.json.

    Examples
    --------
    >>> text = page([{"id": "LAW", "verdict": "supported"}], blank())
    >>> "[LAW](LAW.md) supported" in text, "LAW (not in this run)" in text
    (True, False)
    """
    shown = {
        claim["id"]: f"[{claim['id']}]({claim['id']}.md) {claim['verdict']}" for claim in claims
    }
    return _NOT_RUN.sub(lambda found: shown.get(found[1], found[0]), text) + _seal(text)


def _shown(formula: str) -> str:
    """A formula in macros that every renderer takes: some refuse names of operators."""
    return formula.replace(r"\operatorname", r"\mathrm").replace(r"\limits", "")
