"""What a statement says in numbers, and which comparisons of its claim are of that.

`Claim.compares` maps fragments of a statement, verbatim, to a quantity of the claim's table; a name
that ends in ``*`` stands for every quantity that begins so. A quantity of the statement that lies
within no fragment, or whose comparison is not there, is shown as not compared.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

_NUMBER = r"\d+(?:\.\d+)?"
_INTEGER = r"\d+(?:\^\d+)?(?![\w^%/]|\.\d)"
_LABELS = re.compile(
    "|".join(
        (
            r"_\{[^{}]*\}",  # a subscript
            # of the paper or of this report: Fig. 7, Theorem 11.1 (a), claim S1-END, E6:
            r"\b(?:Fig\.|Sec\.|Eq\.|Theorem|Thm|Cor\.|Figure|Table|claims?|erratum) "
            r"[A-Z]*\d[\w.-]*\w?(?: \([a-z]\))?",
            # a setting: k = 1, N = 10, 100 and 1000, p >= 3, k = 0..5
            rf"\b(?:p|k|N|n1|T) (?:=|>=|<=) {_INTEGER}(?:(?:, and |, | and |\.\.| to ){_INTEGER})*",
            # of index 0, indices 0, 1 and 2
            r"\b(?:index|indices) \d+(?:(?:, and |, | and | to )\d+)*",
            r"\b\d+-spin\b",
            r"\b\w*[A-Za-z]\w*\d\w*(?![\w^])",  # n1, E_0, Ai2: a name
            r"\(k ?[+] ?1\)-th",
        )
    )
)
_WORDS = (
    r"at least|at most|half|halves|twice|double|(?:a|one|two|three) (?:third|quarter|fifth|tenth|"
    r"hundredth|thousandth|millionth)s?|percent"
)
_QUANTITIES = re.compile(rf"<=|>=|->|[=<>~%]|\b(?:{_WORDS})\b|{_NUMBER}(?:e[-+]?\d+)?(?: ?%)?")


def quantities(statement: str) -> list[tuple[int, int]]:
    """Where a statement says something in numbers: relations, arrows, numerals, shares in words.

    Labels are none: ``Fig. 7``, ``claim S1``, ``k = 1``, ``E_0``, ``3-spin``.

    Examples
    --------
    >>> said = "At k = 1, E_0 > 1.6, as in Fig. 7: half of all."
    >>> [said[start:end] for start, end in quantities(said)]
    ['>', '1.6', 'half']
    """
    plain = _LABELS.sub(lambda found: "\0" * len(found.group()), statement)
    return [found.span() for found in _QUANTITIES.finditer(plain)]


def _places(statement: str, fragment: str) -> Iterator[tuple[int, int]]:
    start = statement.find(fragment)
    while fragment and start >= 0:
        yield start, start + len(fragment)
        start = statement.find(fragment, start + 1)


def uncompared(statement: str, compares: Mapping[str, str]) -> list[str]:
    """Quantities of a statement that lie within no fragment, each with a little of what is about it.

    Examples
    --------
    >>> uncompared("The mean is 1 and the variance 1/2.", {"The mean is 1": "mean"})
    ['an is 1 and the variance 1/2.', ' is 1 and the variance 1/2.']
    """
    covered = [place for fragment in compares for place in _places(statement, fragment)]
    return [
        statement[max(0, start - 25) : end + 25]
        for start, end in quantities(statement)
        if not any(low <= start and end <= high for low, high in covered)
    ]


def is_judged(cell: Mapping[str, Any]) -> bool:
    """Whether a row of results.json compares anything."""
    return any(cell.get(name) is not None for name in ("p_value", "holds", "margin"))


def comparing(cells: Sequence[Mapping[str, Any]], name: str) -> list[str]:
    """Quantities, each once, of the judged rows that a name of `Claim.compares` stands for.

    Examples
    --------
    >>> rows = [{"quantity": q, "p_value": 0.5} for q in ("u(1)", "u(2)", "v")]
    >>> comparing(rows, "u(*"), comparing(rows, "v"), comparing(rows, "u")
    (['u(1)', 'u(2)'], ['v'], [])
    """
    judged = dict.fromkeys(cell.get("quantity", "") for cell in cells if is_judged(cell))
    if name.endswith("*"):
        return [one for one in judged if len(name) > 1 and one.startswith(name[:-1])]
    return [one for one in judged if one == name]
