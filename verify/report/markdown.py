"""What the pages of a report share: safe text, numbers, tables, marks of verdicts."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from verify.report.letters import parts, signs

MARKS = {"supported": "✔", "refuted": "✘", "inconclusive": "?", "error": "!"}
_PLACES, _LARGEST = 9, 1e6  # decimals, and the largest number, that stand without an exponent
FIGURE = ".svg"  # what figures of a report are written as: sharp at any width
_UNSAFE = re.compile(r"([\\`*_{}\[\]<>#|$~])")


def escape(text: object) -> str:
    """Text that markdown shows as it is, whatever it holds (results.json may be foreign)."""
    return _UNSAFE.sub(r"\\\1", str(text)).replace("\r", " ").replace("\n", " ")


def typeset(text: object) -> str:
    """Text as it is, but for formulas, set as mathematics (dollar, backtick), and names of functions.

    Examples
    --------
    >>> typeset("E_k -> E_inf, x_one"), typeset("by theory.mean_count")
    ('$`E_{k}`$ → $`E_\\\\infty`$, x\\\\_one', 'by `theory.mean_count`')
    """
    pieces = _NAMED.split(_PROGRAM.sub(lambda m: _FIELD[m[0]], str(text)))  # every second is a name
    return "".join(
        f"`{piece}`" if i % 2 else "".join(_shown(*part) for part in parts(piece))
        for i, piece in enumerate(pieces)
    )


# Words of the program that texts use, and what the field says.
_FIELD = {
    "float64": "double precision",
    "float32": "single precision",
    "max_steps": "at the last step allowed",
    "profile": "run",
    "profiles": "runs",
    "grid point": "point",
}
_PROGRAM = re.compile(rf"\b(?:{'|'.join(_FIELD)})\b")
_NAMED = re.compile(r"\b((?:theory|numerics|verify)(?:[./]\w+)+)")  # of a function of the project


def _shown(formula: bool, part: str) -> str:
    return f"$`{part}`$" if formula else signs_of(part)


def errata_by_number(text: str) -> str:
    """Errata as 1, 2, ..., since E1 is also a claim.

    Examples
    --------
    >>> errata_by_number("erratum E4 (claim E1)")
    'erratum 4 (claim E1)'
    """
    return re.sub(r"\b(errat(?:um|a)) E(\d)", r"\1 \2", text)


def signs_of(text: str) -> str:
    """Safe text with relations as single signs."""
    return escape(signs(text))


def folded(title: str, *inside: str) -> list[str]:
    """Paragraphs that are shown on a click."""
    return [f"<details><summary>{title}</summary>", *inside, "</details>"]


def number(value: object, digits: int = 7) -> str:
    """A number or decimal string for a table; long decimals are cut, and say so.

    Examples
    --------
    >>> number(-0.0), number(None), number(2 / 3, 3)
    ('0', '–', '0.667')
    """
    if value is None:
        return "–"
    if isinstance(value, float):
        return f"{value + 0.0:.{digits}g}"  # no minus before 0
    text = str(value)
    if "\\" in text and "`" not in text:  # the text of a formula, compared letter by letter
        return f"`{_cut(text.replace('|', ' '))}`"
    for python, said in _LITERALS:
        text = re.sub(python, said, text)
    return typeset(_cut(text))


# What Python writes, and how it is said.
_LITERALS = (
    (r"\bTrue\b", "yes"),
    (r"\bFalse\b", "no"),
    (r"\bNone\b", "none"),
    (r"\*\*", "^"),
    (r"(?<=[\w)])\*(?=[\w(])", " "),
)


def _cut(text: str) -> str:
    return text if len(text) <= 46 else text[:44] + "…"


def with_error(value: float, error: float) -> str:
    """A number beside its error, both to two digits of the error.

    Examples
    --------
    >>> with_error(-1.937205, 0.0221), with_error(0.8, 0.00504), with_error(2.91138e-21, 8.9e-25)
    ('-1.937 ± 0.022', '0.8000 ± 0.0050', '2.91138e-21 ± 8.9e-25')
    >>> with_error(25318.2, 118.0)
    '25320 ± 120'
    """
    last = math.floor(math.log10(float(f"{error:.1e}"))) - 1  # place of its second digit
    if -_PLACES <= last < 0 and abs(value) < _LARGEST:
        return f"{value + 0.0:.{-last}f} ± {error:.{-last}f}"
    digits = max(1, math.floor(math.log10(abs(value) or error)) - last + 1)
    if last >= 0 and abs(value) < _LARGEST:
        return f"{round(value, -last):.0f} ± {round(error, -last):.0f}"
    return f"{value:.{digits}g} ± {error:.2g}"


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A markdown table."""
    lines = ["| " + " | ".join(head) + " |", "|" + " --- |" * len(head)]
    lines += ["| " + " | ".join(row) + " |" for row in rows]
    return "\n".join(lines)


MOST_OPEN = 12  # rows of a table that is not folded


def long_table(head: Sequence[str], rows: Iterable[Sequence[str]], what: str = "rows") -> str:
    """A table, folded where it has more than `MOST_OPEN` rows.

    Examples
    --------
    >>> long_table(["a"], [["1"]] * 13).splitlines()[0]
    '<details><summary>13 rows</summary>'
    """
    lines = list(rows)
    shown = table(head, lines)
    if len(lines) <= MOST_OPEN:
        return shown
    return "\n\n".join(folded(f"{len(lines)} {what}", shown))


def page_name(claim: Mapping[str, Any]) -> str:
    """File name of a claim's page."""
    return f"{claim['id']}.md"


def link(claim: Mapping[str, Any]) -> str:
    """A claim's id, linked to its page, with the mark of its verdict."""
    return f"[{escape(claim['id'])}]({page_name(claim)}) {MARKS[claim['verdict']]}"
