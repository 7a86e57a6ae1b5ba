"""Every formula of the project: a page, and the same as data."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from theory import Ball
from verify.report.formulas.formula import SYMBOLS, Formula, all_formulas
from verify.report.markdown import errata_by_number, escape, link, table, typeset

NAME = "formulas.md"
DATA = "formulas.json"

_HEAD = (
    "Each has a permanent name, which is its heading here and its key in "
    f"[{DATA}]({DATA}). Digits are certified: all that stand are right but for the last. "
    "Mean numbers are means over the random couplings."
)


def _sample(at: str, value: object) -> dict[str, str]:
    """A sample value as text, with the radius of a ball."""
    if isinstance(value, Ball):
        return {"at": at, "value": value.value, "radius": value.radius}
    return {"at": at, "value": str(value), "radius": "0"}


def as_data() -> list[dict[str, Any]]:
    """Every formula as plain data.

    Examples
    --------
    >>> barrier = next(one for one in as_data() if one["name"] == "barrier")
    >>> barrier["claims"], barrier["samples"][0]["value"][:8]
    (['T1'], '1.632993')
    """
    return [
        {
            "name": one.name,
            "title": one.title,
            "tex": one.tex,
            "printed": one.printed or None,
            "erratum": one.erratum or None,
            "symbols": dict(one.symbols),
            "assumptions": one.assumptions,
            "source": one.source,
            "claims": list(one.claims),
            "samples": [_sample(at, make()) for at, make in one.samples.items()],
        }
        for one in all_formulas()
    ]


def page(claims: Sequence[Mapping[str, Any]], data: Sequence[Mapping[str, Any]]) -> str:
    """The page as markdown, of `as_data`; ``claims`` are those of results.json."""
    known = {claim["id"]: link(claim) for claim in claims}
    symbols = [[_inline(name), typeset(meaning)] for name, meaning in SYMBOLS.items()]
    parts = ["[Report](index.md)", "# Every formula", _HEAD, table(["symbol", "meaning"], symbols)]
    for one in data:
        parts += _section(one, known)
    return "\n\n".join(parts) + "\n"


def _section(one: Mapping[str, Any], known: Mapping[str, str]) -> list[str]:
    parts = [f"## {one['name']}", f"**{typeset(one['title'])}.**", _block(one["tex"])]
    if one["printed"]:
        parts += ["As the paper prints it:", _block(one["printed"])]
    tested = ", ".join(known.get(name, escape(name)) for name in one["claims"])
    lines = [
        f"- Assumptions: {typeset(one['assumptions'])}",
        f"- Source: {typeset(errata_by_number(one['source']))}",
    ]
    lines.append(f"- Tested by: {tested}")
    lines += [f"- {_inline(name)}: {typeset(said)}" for name, said in one["symbols"].items()]
    lines += [f"- At {typeset(value['at'])}: {escape(value['value'])}" for value in one["samples"]]
    return [*parts, "\n".join(lines)]


def _block(tex: str) -> str:
    return f"```math\n{tex}\n```"


def _inline(tex: str) -> str:
    return f"$`{tex}`$"


def names() -> list[str]:
    """The permanent names, in the order of the page."""
    return [one.name for one in all_formulas()]


def misprinted() -> list[Formula]:
    """Formulas that the paper prints otherwise."""
    return [one for one in all_formulas() if one.printed]
