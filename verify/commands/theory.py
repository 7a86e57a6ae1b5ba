"""``python -m theory``: exact and certified values."""

from __future__ import annotations

import math
from fractions import Fraction
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

import theory
from verify.commands import arguments
from verify.commands.of_theory.complexity import complexity
from verify.commands.of_theory.counts import counts
from verify.commands.of_theory.law import law
from verify.commands.of_theory.moments import moments
from verify.commands.of_theory.options import (
    Digits,
    Json,
    Model,
    P,
    as_data,
    digits_of,
    figure_file,
)
from verify.commands.of_theory.pairs import pairs

if TYPE_CHECKING:
    Level = theory.Ball | Fraction | None

app = arguments.application(
    "Thresholds, complexities and exact counts of the spherical p-spin model and its mixtures.\n\n"
    "Examples: `python -m theory thresholds --p 3 --k 0..5 --digits 50 --json`, "
    "`python -m theory complexity --p 3 --u -E_inf --k 0..3`, "
    "`python -m theory complexity --p 3 --u -1.7:-1.6:0.01 --csv`, "
    "`python -m theory counts --p 3 --n 1000 --below -1.64`, "
    "`python -m theory counts --p 3 --n 10..1000:log --csv`, "
    '`python -m theory counts --model "q^3 + 2.5 q" --n 10`, '
    "`python -m theory temperatures --p 3`, "
    "`python -m theory layers --sizes 3,3,3`, "
    "`python -m theory dynamics --p 3 --until 100`, "
    "`python -m theory law --goe 40 --k 0 --at -1.5 --quantiles .95,.99`"
)
app.command()(complexity)
app.command()(counts)
app.command()(law)
app.command()(moments)
app.command()(pairs)


@app.command()
def thresholds(
    p: P = None,
    model: Model = None,
    k: Annotated[str, typer.Option(help="Index, or range 0..5.")] = "0..5",
    digits: Digits = "30",
    json: Json = False,
) -> None:
    """E_inf and the layers E_k, certified. Example: `python -m theory thresholds --p 3 --k 0..5`.

    Mixtures have two marginal levels beside, E_inf_minus and E_inf_plus, and a class: pure-like or
    full.
    """
    of, precision = arguments.model(p, model), digits_of(digits)
    e_inf = theory.threshold(of, None, precision)
    layers = [(i, theory.threshold(of, i, precision)) for i in arguments.indices("--k", k)]
    data = {
        "model": str(of),
        "E_inf": as_data(e_inf),
        "thresholds": [{"k": i, **as_data(ball)} for i, ball in layers],
    }
    lines = [f"model {of}", f"E_inf = {e_inf}", *(f"E_{i} = {ball}" for i, ball in layers)]
    if not of.is_pure:
        from theory.annealed.mixed_model import classify
        from theory.annealed.thresholds import marginal_levels

        low, high = marginal_levels(of, precision)
        kind = classify(of)
        data |= {"class": kind, "E_inf_minus": as_data(low), "E_inf_plus": as_data(high)}
        lines[1:2] = [f"class {kind}", lines[1], f"E_inf^- = {low}", f"E_inf^+ = {high}"]
    arguments.emit(data, json, lines)


@app.command("ground-state")
def ground_state(
    p: P = None,
    model: Model = None,
    digits: Annotated[
        str | None,
        typer.Option(help="Significant digits; 30, or what the bounds show.", metavar="INTEGER"),
    ] = None,
    json: Json = False,
) -> None:
    """E_0 by the zero-temperature Parisi formula. Example: `python -m theory ground-state --p 3`.

    Says how replica symmetry is broken, and whether the Kac-Rice root, where the mean number of
    minima vanishes, is the ground state.
    """
    from theory.annealed.mixed_model import is_trivial

    of = arguments.model(p, model)
    found = theory.lowest_energy(of, None if digits is None else digits_of(digits))
    data: dict[str, Any] = {**as_data(found.energy), "breaking": found.breaking}
    lines = [f"E_0 = {found.energy}", f"replica symmetry breaking: {BREAKING[found.breaking]}"]
    if not is_trivial(of):
        root = theory.threshold(of, 0, max(20, len(found.energy.value)))
        equal = found.breaking == "one step" and root.overlaps(found.energy)
        data |= {"kac_rice": as_data(root), "equal": equal}
        word = "the same" if equal else "not equal, and should not be: the mean count overstates"
        lines.append(f"Kac-Rice root: {root} ({word})")
    arguments.emit(data, json, lines)


@app.command()
def temperatures(
    p: P = None,
    model: Model = None,
    digits: Digits = "30",
    json: Json = False,
) -> None:
    """Static and dynamic transition, T_s and T_d, with the overlaps q_s and q_d at them.

    Example: `python -m theory temperatures --p 3 --digits 30 --json`. Units: Cov(H(s), H(t)) =
    N xi(s.t/N), Gibbs weight exp(-H/T); Crisanti and Sommers' T is this one over sqrt 2.
    """
    of = arguments.model(p, model)
    found = theory.temperatures(of, digits_of(digits))
    balls = {
        "T_s": found.static,
        "T_d": found.dynamic,
        "q_s": found.static_overlap,
        "q_d": found.dynamic_overlap,
    }
    arguments.emit(
        {"model": str(of), **{name: as_data(ball) for name, ball in balls.items()}},
        json,
        [f"model {of}", *(f"{name} = {ball}" for name, ball in balls.items())],
    )


@app.command()
def algorithmic(
    p: P = None,
    model: Model = None,
    digits: Digits = "30",
    json: Json = False,
) -> None:
    """The level -E_alg that efficient algorithms reach, beside -E_inf and -E_0.

    Example: `python -m theory algorithmic --model "0.5 q^3 + 0.5 q^4" --digits 20 --json`. E_inf is
    where the annealed count of minima ends; null where a model has none, and E_0 where it has no
    closed form that so many digits could be had of.
    """
    of, precision = arguments.model(p, model), digits_of(digits)
    balls: dict[str, theory.Ball | None] = {"E_alg": theory.algorithmic_energy(of, precision)}
    for name, value in (
        ("E_inf", partial(theory.threshold, of, None, precision)),
        ("E_0", partial(theory.parisi_energy, of, precision)),
    ):
        try:
            balls[name] = value()
        except theory.InputError:
            balls[name] = None
    arguments.emit(
        {
            "model": str(of),
            **{name: ball and as_data(ball) for name, ball in balls.items()},
        },
        json,
        [f"model {of}", *(f"{name} = {ball or 'not known'}" for name, ball in balls.items())],
    )


@app.command()
def layers(
    sizes: Annotated[
        str | None, typer.Option(help="Units of each layer, 3,3,3.", metavar="INTEGERS")
    ] = None,
    proportions: Annotated[
        str | None, typer.Option(help="Proportions of the widths, 1,2,3.", metavar="NUMBERS")
    ] = None,
    k: Annotated[str | None, typer.Option(help="Index; all if not given. With --sizes.")] = None,
    below: Annotated[
        str | None, typer.Option(help="Count only points with u <= this. With --sizes.")
    ] = None,
    digits: Digits = "30",
    json: Json = False,
) -> None:
    """Every layer its own weights: counts for a format, or E_inf and E_0 for proportions.

    Examples: `python -m theory layers --sizes 3,3,3 --json`, `python -m theory layers --proportions
    1,2,3`. f = sum X w1 .. wH over unit vectors, one a layer, X independent on all tuples; u = f over
    the root of the sum of the sizes. Counts are exact for two layers and for 2,2,2, else a Monte Carlo
    mean of a fixed seed with its standard error; rank_one is the number of critical rank-one
    approximations of X. E_0 is where the mean count ends: an upper bound of the ground state where
    widths differ.
    """
    if (sizes is None) == (proportions is None):
        raise arguments.ArgumentError("--sizes: takes it or --proportions, one of the two")
    if sizes is not None:
        return _counts_of_layers(sizes, k, below, json)
    for name, given in (("--k", k), ("--below", below)):
        if given is not None:
            raise arguments.ArgumentError(
                f"{name}: got {given[:40]!r}; takes it with --sizes alone"
            )
    found = theory.layer_levels(str(proportions).split(","), digits_of(digits))
    balls = {"E_inf": found.barrier, "E_0": found.ground}
    arguments.emit(
        {"proportions": proportions, **{name: as_data(ball) for name, ball in balls.items()}},
        json,
        [f"proportions {proportions}", *(f"{name} = {ball}" for name, ball in balls.items())],
    )


def _counts_of_layers(sizes: str, k: str | None, below: str | None, json: bool) -> None:
    format_ = [
        arguments.integer("--sizes", one.strip(), least=1, most=10**6) for one in sizes.split(",")
    ]
    index = None if k is None else arguments.integer("--k", k, least=0)
    level = None if below is None else arguments.real("--below", below)
    found = theory.tensor_count(format_, index, level)
    shown = 12 if found.stderr == 0 else 8
    total, error = f"{found.value:.{shown}g}", f"{found.stderr:.3g}"
    data: dict[str, Any] = {"sizes": format_, "total": total, "stderr": error}
    lines = [f"mean number of critical points, {sizes}: {total} (standard error {error})"]
    if index is None and level is None:
        data["rank_one"] = f"{found.rank_one:.{shown}g}"
        lines.append(f"critical rank-one approximations: {data['rank_one']}")
    else:
        data |= {"k": index, "below": below}
    arguments.emit(data, json, lines)


@app.command()
def spiked(
    p: P = None,
    strength: Annotated[str, typer.Option(help="A of the mean A m^j.", metavar="REAL")] = "1",
    n: Annotated[str, typer.Option(help="Dimensions N.", metavar="INTEGER")] = "2",
    k: Annotated[str | None, typer.Option(help="Index; all if not given.")] = None,
    below: Annotated[
        str | None, typer.Option(help="Count only points with f/sqrt N <= this.")
    ] = None,
    overlap: Annotated[str | None, typer.Option(help="Count only points with m >= this.")] = None,
    model: Model = None,
    order: Annotated[
        str | None, typer.Option(help="j of a mean A m^j; the model's highest if not given.")
    ] = None,
    json: Json = False,
) -> None:
    """Mean number of critical points with a spike in the data, a mean A m^p, m the overlap with it.

    Example: `python -m theory spiked --p 3 --strength 1 --n 2 --json`. f = H/sqrt N on the unit sphere has
    covariance q^p, or that of --model: `python -m theory spiked --model "q^2 + q^4" --order 3`. A
    quadrature at N = 2, else a Monte Carlo mean of a fixed seed with its standard error.
    """
    of = arguments.model(p, model)
    found = theory.spiked_count(
        of,
        arguments.real("--strength", strength),
        arguments.integer("--n", n, least=2),
        None if k is None else arguments.integer("--k", k, least=0),
        None if below is None else arguments.real("--below", below),
        None if overlap is None else arguments.real("--overlap", overlap),
        order=None if order is None else arguments.integer("--order", order, least=1),
    )
    shown = 12 if found.stderr == 0 else 8
    total, error = f"{found.value:.{shown}g}", f"{found.stderr:.3g}"
    asked = {"n": int(n), "strength": strength, "k": k, "below": below, "overlap": overlap}
    arguments.emit(
        {**asked, "total": total, "stderr": error},
        json,
        [f"mean number of critical points: {total} (standard error {error})"],
    )


BREAKING = {
    "none": "none",
    "one step": "one step, proved",
    "full": "full, proved",
    "bounds": "more than one step; between a trial functional and its dual",
}


@app.command()
def prefactor(
    p: P = None,
    model: Model = None,
    u: Annotated[str, typer.Option(help="Level u = H/N, or -E_inf, -E_0, ….")] = "-E_inf",
    k: Annotated[str | None, typer.Option(help="0 for minima; all if not given.")] = None,
    n: Annotated[
        str | None, typer.Option(help="Also the count at this N, exact and asymptotic.")
    ] = None,
    digits: Digits = "12",
    json: Json = False,
) -> None:
    """C in E Crt_N(u) ~ C N^a exp(N Theta). Example: `python -m theory prefactor --p 3 --u -1.7`."""
    of, precision = arguments.model(p, model), digits_of(digits)
    index = None if k is None else arguments.integer("--k", k, least=0)
    size = None if n is None else arguments.integer("--n", n, least=2)
    where = u if u == "-E_inf" else arguments.level("--u", u, of, precision + 10)
    found = theory.prefactor(of, where, index, precision)
    data: dict[str, Any] = {
        "printed": None if found.printed is None else found.printed.value,
        "corrected": found.corrected.value,
        "regime": found.regime,
        "power": str(found.power),
    }
    lines = [
        f"regime {found.regime}: C N^({found.power}) exp(N Theta)",
        f"C printed   = {found.printed or 'nothing'}",
        f"C corrected = {found.corrected}",
    ]
    if size is not None:
        at = float(arguments.level("--u", u, of, 17))
        exact = theory.mean_count(of, size, index, below=at)
        log = size * theory.complexity(of, at, index) + float(found.power) * math.log(size)
        share = math.exp(exact.log - log)
        data |= {
            "n": size,
            "exact": exact.value,
            "exact_over_corrected": f"{share / float(found.corrected):.9g}",
        }
        lines.append(
            f"exact count at N = {size}: {exact.value}, over the asymptotic one: "
            f"{data['exact_over_corrected']}"
        )
    arguments.emit(data, json, lines)


@app.command()
def dynamics(
    p: P = None,
    model: Model = None,
    until: Annotated[
        str, typer.Option(help="Last time, to 10^6; p = 3 at T = 0: to 10^4.")
    ] = "100",
    temperature: Annotated[str, typer.Option(help="Of the bath; 0: gradient flow.")] = "0",
    start: Annotated[
        str | None,
        typer.Option(help="Temperature of the equilibrium it starts from; uniform if not given."),
    ] = None,
    json: Json = False,
    plot: Annotated[str | None, typer.Option(help="Also draw u(t) to this file.")] = None,
) -> None:
    """u(t) for N to infinity, Cugliandolo-Kurchan. Example: `python -m theory dynamics --until 100`."""
    from theory.model import has_field

    of = arguments.model(p, model)
    figure = figure_file(plot)
    flow = theory.dynamics(
        of,
        arguments.real("--until", until, above=0.0),
        arguments.real("--temperature", temperature, least=0.0),
        None if start is None else arguments.real("--start", start, above=0.0),
    )
    end = None if has_field(of) else theory.threshold_energy(of)
    data = {
        "model": str(of),
        "t": flow.t.tolist(),
        "u": flow.u.tolist(),
        "error": flow.error.tolist(),
        "threshold_energy": end,
    }
    shown = range(0, len(flow.t), max(1, len(flow.t) // 40))
    lines = [
        f"model {of}; "
        + ("" if end is None else f"threshold energy {end:.6f}; ")
        + f"error of u, by halving the step, {flow.error[-1]:.1e}",
        *(f"t = {flow.t[i]:.6g}: u = {flow.u[i]:.6f}" for i in (*shown[:-1], len(flow.t) - 1)),
    ]
    if figure is not None:
        _plot_relaxation(str(of), flow, end, figure)
    arguments.emit(data, json, lines)


def _plot_relaxation(name: str, flow: theory.Relaxation, end: float | None, path: Path) -> None:
    from verify.report.plots import draw

    axes = {"panel": f"model {name}", "xlabel": "t", "ylabel": "u = H/N", "xscale": "log"}
    t = flow.t[1:].tolist()
    curves = [{**axes, "label": "u(t)", "kind": "line", "x": t, "y": flow.u[1:]}]
    if end is not None:
        level = {"label": "threshold", "kind": "line", "x": [t[0], t[-1]], "y": [end, end]}
        curves.append({**axes, **level})
    draw(curves, path)
