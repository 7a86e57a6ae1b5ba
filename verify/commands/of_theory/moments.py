"""``python -m theory moments``."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from verify.commands import arguments
from verify.commands.of_theory.options import Digits, Json, Model, P, as_data, digits_of


def moments(
    p: P = None,
    model: Model = None,
    n: Annotated[str, typer.Option(help="Number of spins N, 2 to 200.", metavar="INTEGER")] = "2",
    k: Annotated[str | None, typer.Option(help="Index; all together if not given.")] = None,
    below: Annotated[
        str | None, typer.Option(help="Level H/N up to which points are counted; N >= 3.")
    ] = None,
    tolerance: Annotated[
        str, typer.Option(help="Relative standard error to draw to; N >= 3.")
    ] = "1e-2",
    digits: Digits = "30",
    json: Json = False,
) -> None:
    """E Crt, the mean number of ordered pairs, and E Crt^2. Example: `python -m theory moments --p 3`.

    A pair is of two points that are neither the same nor antipodes: overlaps in (-1, 1). Certified at N = 2;
    a quadrature for all points at N = 3; else a Monte Carlo mean of a fixed seed with its standard error:
    `python -m theory moments --p 3 --n 5 --k 0 --below=-1 --json`.
    """
    of, precision = arguments.model(p, model), digits_of(digits)
    size = arguments.integer("--n", n, least=2)
    index = None if k is None else arguments.integer("--k", k, least=0)
    level = None if below is None else float(arguments.level("--below", below, of, 17))
    names = {"mean": "E Crt", "pairs": "E pairs", "second_moment": "E Crt^2"}
    asked: dict[str, Any] = {"model": str(of), "n": size, "k": index}
    if size == 2 and level is None:
        data, values = _certified(of, index, precision)
    else:
        data, values = _estimated(of, size, index, level, arguments.real("--tolerance", tolerance))
        asked["below"] = below
    lines = [f"{name} = {values[key]}" for key, name in names.items()]
    arguments.emit({**asked, **data}, json, [f"model {of}, N = {size}", *lines])


def _certified(of: Any, k: int | None, digits: int) -> tuple[dict[str, Any], dict[str, str]]:
    import theory

    found = theory.second_moment(of, 2, k, digits)
    balls = {"mean": found.mean, "pairs": found.pairs, "second_moment": found.second_moment}
    return (
        {key: as_data(ball) for key, ball in balls.items()},
        {key: str(ball) for key, ball in balls.items()},
    )


def _estimated(
    of: Any, n: int, k: int | None, below: float | None, tolerance: float
) -> tuple[dict[str, Any], dict[str, str]]:
    import theory

    found = theory.estimated_moments(of, n, k, below, tolerance)
    error = f"{found.stderr:.3g}"
    values = {
        "mean": f"{found.mean:.10g}",
        "pairs": f"{found.pairs:.8g}",
        "second_moment": f"{found.second_moment:.8g}",
    }
    shown = {
        key: value if key == "mean" else f"{value} (error {error})" for key, value in values.items()
    }
    return {**values, "stderr": error, "draws": found.draws}, shown
