"""``python -m theory``: exact and certified values."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

import theory
from verify.commands import arguments

app = arguments.application(
    "Thresholds, complexities and exact counts of the spherical p-spin model.\n\n"
    "Examples: `python -m theory thresholds --p 3 --k 0..5 --digits 50 --json`, "
    "`python -m theory complexity --p 3 --u -E_inf --k 0..3`, "
    "`python -m theory counts --p 3 --n 1000 --below -1.64`"
)

P = Annotated[str | None, typer.Option("--p", help="Order of the pure model.", metavar="INTEGER")]
Model = Annotated[str | None, typer.Option(help='A mixture, such as "q^3 + 0.5 q^4".')]
Digits = Annotated[str, typer.Option(help="Significant digits.", metavar="INTEGER")]
Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]

MOST_DIGITS = 100_000


def _digits(text: str) -> int:
    return arguments.integer("--digits", text, least=1, most=MOST_DIGITS)


def _ball(ball: theory.Ball) -> dict[str, str]:
    return {"value": ball.value, "radius": ball.radius}


@app.command()
def thresholds(
    p: P = None,
    model: Model = None,
    k: Annotated[str, typer.Option(help="Index, or range 0..5.")] = "0..5",
    digits: Digits = "30",
    json: Json = False,
) -> None:
    """E_inf and the layers E_k, certified. Example: `python -m theory thresholds --p 3 --k 0..5`."""
    of, precision = arguments.model(p, model), _digits(digits)
    e_inf = theory.threshold(of, None, precision)
    layers = [(i, theory.threshold(of, i, precision)) for i in arguments.indices("--k", k)]
    data = {
        "model": str(of),
        "E_inf": _ball(e_inf),
        "thresholds": [{"k": i, **_ball(ball)} for i, ball in layers],
    }
    lines = [f"model {of}", f"E_inf = {e_inf}", *(f"E_{i} = {ball}" for i, ball in layers)]
    arguments.emit(data, json, lines)


@app.command()
def complexity(
    p: P = None,
    model: Model = None,
    u: Annotated[str, typer.Option(help="Level u = H/N, or -E_inf, -E_0, ….")] = "-E_inf",
    k: Annotated[str | None, typer.Option(help="Index or range; the total if not given.")] = None,
    digits: Digits = "30",
    json: Json = False,
    plot: Annotated[str | None, typer.Option(help="Also draw Theta to this file.")] = None,
) -> None:
    """Theta_p(u), or Theta_{k,p}(u). Example: `python -m theory complexity --p 3 --u -1.64 --k 0..3`."""
    of, precision = arguments.model(p, model), _digits(digits)
    where = arguments.level("--u", u, of, precision)
    which: list[int | None] = [None] if k is None else [*arguments.indices("--k", k)]
    figure = arguments.writable_file("--plot", plot, (".png", ".svg", ".pdf"))
    balls = [(i, theory.complexity(of, where, k=i, digits=precision)) for i in which]
    data = {
        "model": str(of),
        "values": [{"k": i, "u": u, **_ball(ball)} for i, ball in balls],
    }
    lines = [f"{'Theta' if i is None else f'Theta_{i}'}({u}) = {ball}" for i, ball in balls]
    if figure is not None:
        _plot(of, which, figure)
    arguments.emit(data, json, lines)


def _plot(of: theory.Mixture, which: list[int | None], path: Path) -> None:
    import numpy as np

    from verify.plots import draw

    e_inf, e_0 = (float(theory.threshold(of, i, 17)) for i in (None, 0))
    grid = np.linspace(-1.03 * e_0, -0.9 * e_inf, 400)
    draw(
        [
            {
                "panel": f"model {of}",
                "label": "total" if i is None else f"k = {i}",
                "kind": "line",
                "x": grid,
                "y": theory.complexity(of, grid, k=i),
                "xlabel": "u = H/N",
                "ylabel": "complexity",
            }
            for i in which
        ],
        path,
    )


@app.command()
def counts(
    p: P = None,
    model: Model = None,
    n: Annotated[str, typer.Option(help="Number of spins N.", metavar="INTEGER")] = "100",
    k: Annotated[str | None, typer.Option(help="Index or range; the total if not given.")] = None,
    below: Annotated[
        str | None, typer.Option(help="Count only critical points with H/N <= this.")
    ] = None,
    digits: Digits = "9",
    json: Json = False,
    plot: Annotated[str | None, typer.Option(help="Also draw the counts to this file.")] = None,
) -> None:
    """Exact mean numbers of critical points. Example: `python -m theory counts --p 3 --k 0..5`."""
    of, precision = arguments.model(p, model), _digits(digits)
    size = arguments.integer("--n", n, least=2)
    level = None if below is None else float(arguments.level("--below", below, of, 17))
    which = [] if k is None else arguments.indices("--k", k)
    figure = arguments.writable_file("--plot", plot, (".png", ".svg", ".pdf"))
    total = theory.mean_count(of, size, below=level)
    by_index = {i: theory.mean_count(of, size, k=i, below=level) for i in which}
    data: dict[str, Any] = {
        "n": size,
        "below": below,
        "total": total.rounded(precision),
        "relative_error": f"{total.relative_error:.1e}",
        "by_index": {str(i): count.rounded(precision) for i, count in by_index.items()},
    }
    where = "" if below is None else f" with H/N <= {below}"
    lines = [
        f"mean number of critical points{where}, N = {size}: {data['total']}"
        f" (relative error {data['relative_error']})",
        *(
            f"of index {i}: {data['by_index'][str(i)]} (relative error {count.relative_error:.1e})"
            for i, count in by_index.items()
        ),
    ]
    if figure is not None:
        _plot_counts(of, size, which, figure)
    arguments.emit(data, json, lines)


def _plot_counts(of: theory.Mixture, n: int, which: list[int], path: Path) -> None:
    import math

    import numpy as np

    from theory.weight import Constants
    from verify.plots import draw

    edge = float(Constants.of(of).mu_squared) ** 0.5 * math.sqrt(2)
    grid = np.linspace(-1.03 * edge, -0.97 * edge, 61)
    indices: list[int | None] = [None, *which]
    draw(
        [
            {
                "panel": f"model {of}, N = {n}",
                "label": "total" if i is None else f"k = {i}",
                "kind": "line",
                "x": grid,
                "y": [
                    theory.mean_count(of, n, k=i, below=float(u)).log / math.log(10) for u in grid
                ],
                "xlabel": "u = H/N",
                "ylabel": "log10 of the mean number with H/N <= u",
            }
            for i in indices
        ],
        path,
    )


@app.command("ground-state")
def ground_state(
    p: P = None, model: Model = None, digits: Digits = "30", json: Json = False
) -> None:
    """E_0 by the zero-temperature Parisi formula. Example: `python -m theory ground-state --p 3`."""
    ball = theory.parisi_energy(arguments.model(p, model), _digits(digits))
    arguments.emit(_ball(ball), json, [f"E_0 = {ball}"])


def main() -> None:
    """Enter from ``python -m theory``."""
    arguments.main(app, "python -m theory")
