"""``python -m theory law``."""

from __future__ import annotations

import math
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from verify.commands import arguments
from verify.commands.of_theory.options import figure_file

if TYPE_CHECKING:
    import theory

COLUMNS = ("cdf", "sf", "pdf", "logcdf", "logsf", "logpdf")
_MOST = 10_000  # points at a time
_ENSEMBLES = {1: "GOE", 2: "GUE", 4: "GSE"}
_LAWS = {"--goe": (20_000, "goe_law"), "--gue": (20_000, "gue_law"), "--gse": (9999, "gse_law")}
_POINTS = 201  # of the table and the figure where no points are named

Goe = Annotated[str | None, typer.Option(help="Of GOE(N), this N.", metavar="INTEGER")]
Gue = Annotated[str | None, typer.Option(help="Of GUE(N), this N.", metavar="INTEGER")]
Gse = Annotated[str | None, typer.Option(help="Of GSE(N), this N.", metavar="INTEGER")]
Edge = Annotated[bool, typer.Option("--edge", help="The limit at the edge (Tracy-Widom).")]
Beta = Annotated[
    str, typer.Option(help="Of the edge: 1 (GOE), 2 (GUE) or 4 (GSE).", metavar="INTEGER")
]
K = Annotated[str, typer.Option(help="Index: from the smallest of N, the largest at the edge.")]

Gap = Annotated[
    bool, typer.Option("--gap", help="Of the gap of the two lowest; with --goe or --edge.")
]


def named_law(
    goe: str | None, gue: str | None, gse: str | None, edge: bool, k: str, beta: str, gap: bool
) -> tuple[str, theory.Law]:
    """What the options mean, in words, and the law."""
    import theory

    index = arguments.integer("--k", k, least=0)
    options = (("--goe", goe), ("--gue", gue), ("--gse", gse), ("--edge", edge))
    asked = [name for name, given in options if given]
    if len(asked) != 1:
        raise arguments.ArgumentError(
            f"--goe, --gue, --gse, --edge: got {' and '.join(asked) or 'none'}; takes one of them"
        )
    order = arguments.integer("--beta", beta, least=1, most=4)
    if gap:
        return _gap(goe, edge, index, order)
    if edge:
        of = theory.edge_law(index, order)
        return f"edge of {_ENSEMBLES[order]}, k = {index} from the largest", of
    if order != 1:
        raise arguments.ArgumentError(f"--beta: got {beta} beside {asked[0]}; takes --edge")
    most, law_of = _LAWS[asked[0]]
    size = arguments.integer(asked[0], str(goe or gue or gse), least=1, most=most)
    found = getattr(theory, law_of)(size, index)
    return f"{asked[0][2:].upper()}({size}), k = {index} from the smallest", found


def _gap(goe: str | None, edge: bool, index: int, order: int) -> tuple[str, theory.Law]:
    import theory

    if index or order != 1 or not (goe or edge):
        raise arguments.ArgumentError("--gap: got it beside others; takes --goe N or --edge alone")
    if edge:
        return "edge of GOE, gap of the two lowest", theory.edge_gap_law()
    size = arguments.integer("--goe", str(goe), least=2, most=_LAWS["--goe"][0])
    return f"GOE({size}), gap of the two lowest", theory.goe_gap_law(size)


def law(
    goe: Goe = None,
    gue: Gue = None,
    gse: Gse = None,
    edge: Edge = False,
    beta: Beta = "1",
    k: K = "0",
    gap: Gap = False,
    at: Annotated[
        str | None, typer.Option(help="Points, such as -1.5 or -1.5,-1.4; in units of the law.")
    ] = None,
    quantiles: Annotated[
        str | None, typer.Option(help="Probabilities, such as .95,.99; to print their points.")
    ] = None,
    csv: Annotated[bool, typer.Option("--csv", help="Print a table of the points as CSV.")] = False,
    json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
    plot: Annotated[str | None, typer.Option(help="Also draw the density to this file.")] = None,
) -> None:
    """The law of one eigenvalue. Example: `python -m theory law --goe 40 --at -1.5 --quantiles .95,.99`.

    GOE(N), GUE(N) and GSE(N), beta = 1, 2 and 4, have the density exp(-beta N sum x^2/2) prod |x_i -
    x_j|^beta and their spectrum on [-sqrt 2, sqrt 2]: E M_ij^2 = (1 + delta_ij)/(2N) in GOE(N). The edge is
    the limit of sqrt 2 N^(2/3) (lambda - sqrt 2): `python -m theory law --edge --beta 2 --at -2,0,2 --csv`.
    The error of cdf is below 1e-12, that of both tails below 1e-9 of them (a gap's upper tail 1e-8). The
    gap of the two lowest: `python -m theory law --goe 40 --gap`. A point that begins with a minus
    sign is typed as it is: --at -1.5,0.
    """
    import numpy as np

    if csv and json:
        raise arguments.ArgumentError("--csv: got it beside --json; takes one of the two")
    name, of = named_law(goe, gue, gse, edge, k, beta, gap)
    figure = figure_file(plot)
    points = np.array([] if at is None else arguments.reals("--at", at, _MOST))
    shares = np.array([] if quantiles is None else arguments.reals("--quantiles", quantiles, _MOST))
    if ((shares < 0) | (shares > 1)).any():
        raise arguments.ArgumentError(
            f"--quantiles: got {quantiles!s:.40}; takes numbers from 0 to 1"
        )
    ends = of.ppf(shares)
    mean, var, skewness, kurtosis = of.stats("mvsk")
    summary = {
        "mean": mean,
        "std": math.sqrt(var),
        "skewness": skewness,
        "kurtosis": kurtosis,
        "median": of.median(),
    }
    grid = np.linspace(float(of.ppf(1e-4)), float(of.isf(1e-4)), _POINTS)
    if figure is not None:
        _draw(name, of, grid, summary, figure)
    if csv:
        asked = np.concatenate([points, ends]) if at or quantiles else grid
        print("\n".join(_csv(of, asked)))
        return
    rows = [_row(of, float(x)) for x in points]
    data: dict[str, Any] = {
        "law": name,
        **summary,
        "at": [{name: _plain(value) for name, value in row.items()} for row in rows],
        "quantiles": [
            {"q": float(q), "x": _plain(float(x))} for q, x in zip(shares, ends, strict=True)
        ],
    }
    lines = [
        name,
        ", ".join(f"{word} {value:.12g}" for word, value in summary.items()),
        *(
            f"at {row['x']:.12g}: " + ", ".join(f"{one} {row[one]:.12g}" for one in COLUMNS)
            for row in rows
        ),
        *(f"quantile {q:g}: {x:.12g}" for q, x in zip(shares, ends, strict=True)),
    ]
    arguments.emit(data, json, lines)


def _plain(value: float) -> float | str:
    """A number that JSON has, or its name."""
    return value if math.isfinite(value) else str(value)


def _row(of: theory.Law, x: float) -> dict[str, float]:
    return {"x": x, **{name: float(getattr(of, name)(x)) for name in COLUMNS}}


def _csv(of: theory.Law, x: Any) -> list[str]:
    columns = [x, *(getattr(of, name)(x) for name in COLUMNS)]
    rows = zip(*columns, strict=True)
    return [",".join(("x", *COLUMNS)), *(",".join(repr(float(v)) for v in row) for row in rows)]


def _draw(name: str, of: theory.Law, x: Any, summary: dict[str, float], path: Path) -> None:
    from verify.report.plots import draw

    axes = {"panel": name, "xlabel": "x", "ylabel": "density"}
    draw(
        [
            {**axes, "label": "exact", "kind": "line", "x": x.tolist(), "y": of.pdf(x).tolist()},
            {**axes, "label": "mean", "kind": "vline", "x": [summary["mean"]], "y": []},
        ],
        path,
    )
