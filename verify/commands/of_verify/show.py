"""``python -m verify show``: one claim, what it says and what a run found."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

import typer

from verify.commands import arguments, loading
from verify.commands.of_verify.claims_folder import ClaimsFolder, take_claims

REPORT = "reports/results.json"

From = Annotated[
    str | None,
    typer.Option(
        "--from", help=f"Results of a run; {REPORT} if there and not given.", metavar="FILE"
    ),
]


def results_of(file: str | None) -> dict[str, Any] | None:
    """The results named by --from, or of the report; None where neither is."""
    from verify.report import results

    if file is None:
        path = Path(REPORT)
        return results.load(path, "--from") if path.exists() else None
    return results.load(results_file("--from", file), "--from")


def results_file(name: str, text: str) -> Path:
    """A results.json, itself or by its folder."""
    path = os.path.join(text, "results.json") if os.path.isdir(text) else text
    if not os.path.isfile(path):
        raise arguments.ArgumentError(f"{name}: got {text!r}; takes a results.json or its folder")
    return Path(path)


def show(
    claim_id: Annotated[str, typer.Argument(metavar="ID", help="A claim; see list.")],
    file: From = None,
    claims_folder: ClaimsFolder = None,
    json: Annotated[bool, typer.Option("--json", help="Print JSON, with every row.")] = False,
) -> None:
    """One claim: in plain words, its statement, verdict and numbers. Example: `python -m verify show E1`.

    The verdict and the numbers are those of reports/results.json, or of another run:
    `python -m verify show T3 --from build/reports/results.json --json`. Of every compared quantity
    the row farthest from theory is shown, at most eight.
    """
    take_claims(claims_folder)
    with loading():
        from verify.claims import UnknownClaim, all_claims, find
        from verify.report.claim_pages import words

    found = results_of(file)
    ran = {claim["id"].lower(): claim for claim in found["claims"]} if found else {}
    try:
        held = find(claim_id)
        said = {
            name: getattr(held, name)
            for name in ("id", "title", "statement", "source", "assumptions", "kind")
        }
    except UnknownClaim:
        if claim_id.lower() not in ran:
            known = ", ".join(all_claims())
            raise arguments.ArgumentError(
                f"ID: got {claim_id[:40]!r}; takes one of {known}"
            ) from None
        said = {}
    data = {**said, **ran.get(claim_id.lower(), {})}
    plain = words.of(data["id"])
    data |= {"in_plain_words": plain and {"title": plain.title, "sentence": plain.sentence}}
    arguments.emit(data, json, _lines(data))


def _lines(data: Mapping[str, Any]) -> list[str]:
    plain = data["in_plain_words"]
    lines = [f"{data['id']}: {plain['title'] if plain else data['title']}"]
    lines += [plain["sentence"], "", data["title"]] if plain else []
    lines += [f"statement: {data['statement']}", f"source: {data['source']}"]
    if "verdict" not in data:
        return [*lines, f"verdict: none, it is not among the results; verify run {data['id']}"]
    as_expected = data["verdict"] == data["expected"]
    verdict = data["verdict"] + ("" if as_expected else f" (expected: {data['expected']})")
    lines += ["", f"verdict: {verdict}: {data['reason'].strip().splitlines()[-1]}"]
    return [*lines, *_numbers(data), *map(_wrong, data["alternatives"])]


def _numbers(data: Mapping[str, Any]) -> list[str]:
    from verify.report.claim_pages.rows import chosen

    lines = []
    for cell in chosen(data):
        where = ", ".join(f"{name} = {value}" for name, value in cell["params"].items())
        error = f" +/- {cell['stderr']:.2g}" if cell.get("stderr") else ""
        lines.append(
            f"  {cell['quantity']}{f' ({where})' if where else ''}: "
            f"{number(cell['estimate'])}{error}, theory {number(cell['predicted'])}"
        )
    return lines


def _wrong(one: Mapping[str, Any]) -> str:
    off = "" if one.get("off_by") is None else f", off by {one['off_by']:.3g} {one['unit']}"
    return f"  if instead {one['name']}: {one['verdict']}{off}"


def number(value: object) -> str:
    """A number of a row for people: a float with digits enough, a long decimal cut.

    Examples
    --------
    >>> number(0.1), number("1." + "3" * 60), number(None)
    ('0.1', '1.33333333333333333333333333333333333333…', 'none')
    """
    if value is None:
        return "none"
    text = f"{value:.10g}" if isinstance(value, float) else str(value)
    return text if len(text) <= 40 else text[:40] + "…"
