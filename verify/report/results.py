"""results.json: what a run found, as plain data under a published schema."""

from __future__ import annotations

import json
import math
import re
import stat
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from functools import cache
from pathlib import Path
from typing import Any

import jsonschema

from verify.claim import Cell, Claim, Series, of_mnist
from verify.engine.options import Options
from verify.engine.provenance import provenance
from verify.engine.runner import Result
from verify.report.folder import write_texts

MOST = 1e300  # in size, of what is drawn
MOST_BYTES = 2**28  # of a file of results
MOST_PANELS = 40  # of a figure
_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9-]{0,39}")
# Pages that are no claim's.
TAKEN = (
    *("index", "derivation", "deep-learning", "formulas", "gallery", "errata", "results"),
    *("README", "audit", "faults", "fuzz", "scale"),
)
SCHEMA = Path(__file__).with_name("results.schema.json")


class ResultsError(ValueError):
    """A results.json that cannot be read or does not follow the schema."""


@cache
def _validator() -> jsonschema.Draft202012Validator:
    return jsonschema.Draft202012Validator(json.loads(SCHEMA.read_text(encoding="utf-8")))


def _plain(value: Any) -> Any:
    """Numbers as JSON takes them: no NaN or infinity, no NumPy scalars."""
    if isinstance(value, bool | str | int) or value is None:
        return value
    number = float(value)
    return number if math.isfinite(number) else None


def off_by(cell: Mapping[str, Any], unit: str) -> float | None:
    """Distance of a row's estimate from its prediction in units of its ``stderr`` or ``margin``.

    None where the row has no such unit, or text for numbers: a decimal is printed to fewer digits
    than it is compared to.

    Examples
    --------
    >>> row = {"predicted": 1.0, "estimate": 1.5, "stderr": 0.25, "margin": None}
    >>> off_by(row, "stderr"), off_by(row, "margin")
    (2.0, None)
    """
    found = [cell.get(key) for key in ("predicted", "estimate", unit)]
    numbers = [float(value) for value in found if isinstance(value, int | float)]
    if len(numbers) < len(found):
        return None
    predicted, estimate, size = numbers
    ratio = abs(estimate - predicted) / size if size > 0 else math.inf
    return ratio if math.isfinite(ratio) else None


def _cell(cell: Cell) -> dict[str, Any]:
    plain = {name: _plain(value) for name, value in asdict(cell).items() if name != "params"}
    off = {f"off_by_{unit}s": off_by(plain, unit) for unit in ("stderr", "margin")}
    return {"params": {k: _plain(v) for k, v in cell.params.items()}, **plain, **off}


def _series(series: Series) -> dict[str, Any]:
    """A curve as plain data; what is not a number leaves a gap, here an empty curve."""
    plain = asdict(series)
    plain |= plain.pop("axes")
    plain["xnames"] = list(plain["xnames"])
    for axis in ("x", "y", "yerr"):
        plain[axis] = [float(value) for value in plain[axis]]
    if not all(math.isfinite(value) for axis in ("x", "y", "yerr") for value in plain[axis]):
        plain |= {"label": f"{series.label} (not finite)", "x": [], "y": [], "yerr": []}
    return plain


def _data(claim: Claim, mnist: bool) -> dict[str, list[str]]:
    """The images that a claim about trained networks was run on, for people; nothing for others."""
    if not any(of_mnist(params) for params in claim.evidence.grid):
        return {}
    return {"data": ["digits", "MNIST 10 x 10"] if mnist else ["digits"]}


def _claim(result: Result, mnist: bool) -> dict[str, Any]:
    claim = result.claim
    lacks = [claim.lacks] if mnist else [claim.lacks_without_mnist, claim.lacks]
    rows = [row for row in claim.rows if any(row in one for one in lacks)]
    margins = [cell.margin for cell in result.cells if cell.margin is not None]
    return {
        "id": claim.id,
        "title": claim.title,
        "rows": list(claim.rows),
        "lacks": {row: "; ".join(one[row] for one in lacks if row in one) for row in rows},
        **_data(claim, mnist),
        "kind": claim.kind,
        "verdict": result.verdict,
        "expected": result.expected,
        "p_value": _plain(result.p_value),
        "margin": max(margins) if margins else None,
        "bias": claim.evidence.bias,
        "reason": result.reason,
        "statement": claim.statement,
        "source": claim.source,
        "assumptions": claim.assumptions,
        "notes": claim.notes,
        "undecided": claim.undecided,
        "compares": dict(claim.compares),
        "seconds": round(result.seconds, 3),
        "cells": [_cell(cell) for cell in result.cells],
        "sensitivity": {k: _plain(v) for k, v in result.sensitivity.items()},
        "alternatives": [
            {
                "name": a.name,
                "why": a.why,
                "verdict": a.verdict,
                "p_value": _plain(a.p_value),
                "off_by": _plain(a.off_by),
                "unit": a.unit,
            }
            for a in result.alternatives
        ],
        "series": [_series(one) for one in result.series],
    }


def as_json(results: Sequence[Result], options: Options, wall_seconds: float) -> dict[str, Any]:
    """The whole run as data that follows results.schema.json."""
    return {
        "schema": 2,
        "profile": options.profile,
        "seed": options.seed,
        "provenance": {
            **provenance(),
            "backend": options.backend,
            **({} if options.mnist is None else {"mnist": options.mnist.digest}),
            "wall_seconds": round(wall_seconds, 1),
        },
        "claims": [_claim(result, options.mnist is not None) for result in results],
    }


def check(data: Any, name: str = "results.json") -> None:
    """Raise ResultsError, naming the first place at fault, unless the schema is followed."""
    error = next(iter(_validator().iter_errors(data)), None)
    if error is not None:
        message = " ".join(error.message.split())
        raise ResultsError(f"{name}: at {error.json_path[:200]}, {message[:200]}")
    _check_plain(data, name)
    taken = {page.casefold() for page in TAKEN}
    for claim in data["claims"]:
        if not _ID.fullmatch(claim["id"]) or claim["id"].casefold() in taken:
            raise ResultsError(f"{name}: a claim of the id {claim['id'][:60]!r}")
        taken.add(claim["id"].casefold())
        if len({series["panel"] for series in claim["series"]}) > MOST_PANELS:
            raise ResultsError(f"{name}: over {MOST_PANELS} panels in {claim['id']}")
        for series in claim["series"]:
            if not _drawable(series):
                raise ResultsError(
                    f"{name}: in the series {series['label'][:40]!r} of {claim['id']}, x, y and yerr "
                    "do not fit each other"
                )


def _check_plain(data: Any, name: str) -> None:
    """Refuse numbers that are no floats, and text that no file can hold."""
    left = [data]
    while left:
        one = left.pop()
        if isinstance(one, Mapping):
            left += [*one.keys(), *one.values()]
        elif isinstance(one, list):
            left += one
        elif isinstance(one, str) and any("\ud800" <= c <= "\udfff" for c in one):
            raise ResultsError(f"{name}: text with half a character in it")
        elif isinstance(one, int) and abs(one) > MOST:
            raise ResultsError(f"{name}: an integer of over 300 digits")


def _drawable(series: Mapping[str, Any]) -> bool:
    """Whether a curve's numbers fit its kind: a histogram has one edge more than values."""
    x, y, yerr = len(series["x"]), len(series["y"]), series.get("yerr", ())
    if not all(abs(value) < MOST for value in (*series["x"], *series["y"], *yerr)):
        return False
    if x == 0 or series["kind"] == "vline":
        return y == 0 and not yerr
    fits = x == y + (series["kind"] == "steps")
    return fits and len(yerr) in (0, x) and all(error >= 0 for error in yerr)


def _no_number(word: str) -> float:
    raise ValueError(f"{word} is no number there")


def load(path: Path, argument: str = "--out") -> dict[str, Any]:
    """Read and check a results.json; ``argument`` named it."""
    try:
        info = path.stat()
        if not stat.S_ISREG(info.st_mode) or info.st_size > MOST_BYTES:
            raise ResultsError(
                f"{argument}: got {path.parent}, where {path.name} is no file of results"
            )
        text = path.read_text(encoding="utf-8")
        data: Mapping[str, Any] = json.loads(text, parse_constant=_no_number)
    except OSError as error:
        raise ResultsError(
            f"{argument}: got {path.parent}, {error.strerror} for {path.name}; "
            "takes a folder that verify has written"
        ) from error
    except ResultsError:
        raise
    except (ValueError, RecursionError) as error:
        raise ResultsError(f"{path.name}: not JSON ({str(error)[:100]})") from error
    check(data, path.name)
    return dict(data)


def dump(data: Mapping[str, Any], path: Path) -> None:
    """Check and write, whole or not at all."""
    check(data)
    text = json.dumps(data, indent=1, allow_nan=False)
    write_texts(path.parent, {path.name: text + "\n"})
