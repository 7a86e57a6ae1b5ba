"""Options that several commands of ``python -m theory`` share."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from verify.commands import arguments

if TYPE_CHECKING:
    import theory

P = Annotated[str | None, typer.Option("--p", help="Order of the pure model.", metavar="INTEGER")]
Model = Annotated[
    str | None,
    typer.Option(help='A mixture, "0.5 q^3 + 0.5 q^4"; "q^3 + 2.5 q" is one in a random field.'),
]
Digits = Annotated[str, typer.Option(help="Significant digits.", metavar="INTEGER")]
Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]

MOST_DIGITS = 100_000


def digits_of(text: str) -> int:
    """What --digits says."""
    return arguments.integer("--digits", text, least=1, most=MOST_DIGITS)


def as_data(ball: theory.Ball) -> dict[str, str]:
    """A ball in JSON."""
    return {"value": ball.value, "radius": ball.radius}


Csv = Annotated[bool, typer.Option("--csv", help="Print a table as CSV.")]
FIGURES = (".png", ".svg", ".pdf", ".pgf")


def figure_file(text: str | None) -> Path | None:
    """What --plot says; of a .pgf, whose letters TeX measures, only where there is one."""
    path = arguments.writable_file("--plot", text, FIGURES)
    if path is not None and path.suffix == ".pgf" and shutil.which("xelatex") is None:
        raise arguments.ArgumentError(
            f"--plot: got {text!r} and no xelatex on the PATH; takes .pdf or .svg without it"
        )
    return path


def one_form(json: bool, csv: bool) -> None:
    """Refuse two forms of one result."""
    if json and csv:
        raise arguments.ArgumentError("--csv: got it beside --json; takes one of the two")
