"""``python -m theory complexity``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

import theory
from verify.commands import arguments
from verify.commands.of_theory.options import (
    Csv,
    Digits,
    Json,
    Model,
    P,
    as_data,
    digits_of,
    figure_file,
    one_form,
)
from verify.commands.of_theory.ranges import check_rows, levels_of, table


def complexity(
    p: P = None,
    model: Model = None,
    u: Annotated[
        str, typer.Option(help="Level u = H/N, -E_inf, -E_0, …, or start:stop:step.")
    ] = "-E_inf",
    k: Annotated[str | None, typer.Option(help="Index or range; the total if not given.")] = None,
    digits: Digits = "30",
    json: Json = False,
    csv: Csv = False,
    plot: Annotated[
        str | None, typer.Option(help="Also draw Theta to this file, over a range that is given.")
    ] = None,
) -> None:
    """Theta(u), or Theta_k(u). Example: `python -m theory complexity --p 3 --u -1.64 --k 0..3`.

    A table over levels: `python -m theory complexity --p 3 --u -1.7:-1.6:0.01 --k 0..1 --csv`.
    """
    one_form(json, csv)
    of, precision = arguments.model(p, model), digits_of(digits)
    levels = [(text, arguments.level("--u", text, of, precision)) for text in levels_of("--u", u)]
    which: list[int | None] = [None] if k is None else [*arguments.indices("--k", k)]
    check_rows(len(levels) * len(which))
    figure = figure_file(plot)
    balls = [
        (text, i, theory.complexity(of, level, k=i, digits=precision))
        for text, level in levels
        for i in which
    ]
    data = {
        "model": str(of),
        "values": [{"k": i, "u": text, **as_data(ball)} for text, i, ball in balls],
    }
    lines = [
        f"{'Theta' if i is None else f'Theta_{i}'}({text}) = {ball}" for text, i, ball in balls
    ]
    if figure is not None:
        _plot(of, which, [float(level) for _, level in levels], figure)
    if csv:
        lines = table(
            ("u", "k", "value", "radius"),
            [(text, i, ball.value, ball.radius) for text, i, ball in balls],
        )
    arguments.emit(data, json, lines)


def _plot(of: theory.Mixture, which: list[int | None], levels: list[float], path: Path) -> None:
    """Draw over the range of levels, or about the thresholds where there is one level."""
    import numpy as np

    from verify.report.plots import draw

    e_inf, e_0 = (float(theory.threshold(of, i, 17)) for i in (None, 0))
    ends = (min(levels), max(levels))
    if len(levels) == 1:
        ends = (-1.03 * max(e_0, e_inf), -0.9 * min(e_0, e_inf))
    grid = np.linspace(*ends, 400)
    draw(
        [
            {
                "panel": f"model {of}",
                "label": "total" if i is None else f"k = {i}",
                "kind": "line",
                "x": grid.tolist(),
                "y": theory.complexity(of, grid, k=i).tolist(),
                "xlabel": "u = H/N",
                "ylabel": "complexity",
            }
            for i in which
        ],
        path,
    )
