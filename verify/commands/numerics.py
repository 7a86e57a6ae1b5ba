"""``python -m numerics``: samples and simulations."""

from __future__ import annotations

import math
from typing import Annotated, Any

import typer

import numerics
from verify.commands import arguments, layered
from verify.commands.census import census
from verify.commands.index import index
from verify.commands.numerics_options import (
    Backend,
    Couplings,
    Disorder,
    Json,
    Memory,
    Model,
    N,
    Out,
    P,
    SaveCouplings,
    Scale,
    Seed,
    Workers,
    finite,
    keep,
    machine,
    number_of_disorder,
    own_couplings,
    patiently,
    points,
    save_couplings,
)
from verify.commands.progress import notice
from verify.commands.train import train

app = arguments.application(
    "GOE samples, Kac-Rice Monte Carlo, random Hamiltonians, trained networks.\n\n"
    "Examples: `python -m numerics goe --n 100 --k 0..4 --samples 10 --json`, "
    "`python -m numerics kac-rice --p 3 --n 20 --samples 100000`, "
    "`python -m numerics descend --p 3 --n 100 --disorders 4 --starts 10`, "
    "`python -m numerics census --p 3 --n 4 --samples 1000`, "
    "`python -m numerics census --couplings T.npy --scale unit --json`, "
    "`python -m numerics index hessian.npy`, "
    "`python -m numerics train --hidden 25 --networks 200 --json`"
)
app.command()(census)
app.command()(index)
app.command()(train)


def _levels(energies: Any) -> str:
    if not energies.size:
        return "no energy is finite"
    return f"mean H/N {energies.mean():.6f}, lowest {energies.min():.6f}"


def _mean(energies: Any) -> str:
    return f"mean H/N {energies.mean():.6f}" if energies.size else "no energy is finite"


def _times(until: float) -> list[float]:
    """0, and 40 times that rise geometrically to the last."""
    import numpy as np

    return [0.0, *np.geomspace(until / 1000, until, 40).tolist()]


@app.command()
def goe(
    n: N = "100",
    k: Annotated[
        str | None, typer.Option(help="The k-th lowest, or range 0..4; all if not given.")
    ] = None,
    samples: Annotated[str, typer.Option(help="Number of matrices.", metavar="INTEGER")] = "1",
    method: Annotated[str, typer.Option(help="tridiagonal or dense.")] = "tridiagonal",
    seed: Seed = "0",
    backend: Backend = "numpy",
    workers: Workers = "1",
    memory: Memory = None,
    json: Json = False,
    out: Out = None,
) -> None:
    """Ordered eigenvalues, GOE(N) on [-sqrt 2, sqrt 2]. Example: `python -m numerics goe --n 1000 --k 0`."""
    size = arguments.integer("--n", n, least=1, most=10**9)
    which = None if k is None else arguments.indices("--k", k, most=size - 1)
    file = arguments.writable_file("--out", out, (".npz",))
    with patiently("drawing eigenvalues"):
        values = numerics.sample_goe(
            size,
            arguments.integer("--samples", samples, least=1, most=10**9),
            k=None if which is None else which[-1] + 1,
            method=arguments.choice("--method", method, ("tridiagonal", "dense")),
            seed=arguments.integer("--seed", seed, least=0),
            **machine(backend, workers, memory),
        )
    values = values if which is None else values[:, which]
    keep(file, {"eigenvalues": values})
    data = {"samples": len(values), "eigenvalues": values.tolist()}
    lines = [" ".join(f"{value: .10f}" for value in row) for row in values]
    arguments.emit(data, json, lines)


@app.command("kac-rice")
def kac_rice(
    p: P = None,
    model: Model = None,
    n: N = "10",
    below: Annotated[str | None, typer.Option(help="Count only points with H/N <= this.")] = None,
    k: Annotated[
        str | None, typer.Option(help="Index or range; all that occur if not given.")
    ] = None,
    samples: Annotated[str, typer.Option(help="Number of matrices.", metavar="INTEGER")] = "100000",
    seed: Seed = "0",
    backend: Backend = "numpy",
    workers: Workers = "1",
    memory: Memory = None,
    json: Json = False,
    out: Out = None,
) -> None:
    """Mean numbers of critical points by Monte Carlo. Example: `python -m numerics kac-rice --p 3 --n 10`.

    An index asked for that is rare among the draws is sampled for itself, with as many draws again.
    """
    import numpy as np

    of = arguments.model(p, model)
    size = arguments.integer("--n", n, least=2, most=10**5)
    level = None if below is None else float(arguments.level("--below", below, of, 17))
    count = arguments.integer("--samples", samples, least=2, most=10**10)
    number = arguments.integer("--seed", seed, least=0)
    indices = None if k is None else arguments.indices("--k", k, most=size - 1)
    file = arguments.writable_file("--out", out, (".npz",))
    where = machine(backend, workers, memory)
    with patiently("drawing Hessians"):
        found = numerics.mean_count(
            size, of.coefficients, count, below=level, seed=number, indices=indices, **where
        )
        logs = dict(found.log_by_index)
        for i in [] if indices is None else indices:
            if not logs[i][1] < RARE:  # nan where there was none
                rare = numerics.layer_count(
                    size, of.coefficients, i, count, below=level, seed=number, **where
                )
                if rare.relative_stderr < logs[i][1] or math.isnan(logs[i][1]):
                    logs[i] = rare.log_mean, rare.relative_stderr
    means = {i: _number(log) for i, (log, _) in logs.items()}
    errors = {i: _number(log, error) for i, (log, error) in logs.items()}
    data = {
        "n": size,
        "below": below,
        "total": _number(found.log_total),
        "stderr": _number(found.log_total, found.relative_stderr),
        "by_index": {str(i): mean for i, mean in means.items()},
        "by_index_stderr": {str(i): error for i, error in errors.items()},
        "log_total": found.log_total if math.isfinite(found.log_total) else None,
        "log_by_index": {str(i): x if math.isfinite(x) else None for i, (x, _) in logs.items()},
    }
    keep(
        file,
        {
            "log_total": found.log_total,
            "relative_stderr": found.relative_stderr,
            "index": np.array(list(logs), dtype=np.int64),
            "log_by_index": np.array([log for log, _ in logs.values()]),
            "relative_stderr_by_index": np.array([error for _, error in logs.values()]),
        },
    )
    lines = [f"total {_line(found.log_total, found.relative_stderr)}"]
    lines += [f"k = {i}: {_line(*log)}" for i, log in logs.items()]
    arguments.emit(data, json, lines)


PLACES = ("auto", "stored", "streamed")
RARE = 0.05
"""Relative standard error above which an index is sampled for itself."""


def _number(log: float, relative: float = 1.0) -> float | None:
    """exp(log) times a relative error; None beyond the floats."""
    if log == -math.inf:
        return 0.0
    return None if log > 709 or math.isnan(relative) else math.exp(log) * relative


def _line(log: float, relative: float) -> str:
    """A mean with its standard error, by its logarithm beyond the floats."""
    if log == -math.inf:
        return "0 (none among the draws)"
    if log > 709:
        return f"exp({log:.6f} +/- {relative:.2g})"
    return f"{math.exp(log):.6g} +/- {math.exp(log) * relative:.2g}"


@app.command()
def descend(
    p: P = None,
    model: Model = None,
    n: Annotated[
        str | None,
        typer.Option("--n", help="Number of spins N; 100 if not given.", metavar="INTEGER"),
    ] = None,
    sizes: layered.Sizes = None,
    disorders: Annotated[
        str | None, typer.Option(help="Independent Hamiltonians; 1 if not given.")
    ] = None,
    starts: Annotated[str, typer.Option(help="Starts on each.")] = "10",
    method: Annotated[
        str,
        typer.Option(
            help="gd, gd+newton, cg, flow, sgd, langevin, annealing, published-gd or published-sgd; with "
            "--sizes gd or power (one layer after another)."
        ),
    ] = "gd",
    until: Annotated[
        str, typer.Option(help="Last time of a flow, Langevin dynamics or annealing.")
    ] = "10",
    temperature: Annotated[
        str | None, typer.Option(help="Of Langevin dynamics; where annealing starts.")
    ] = None,
    place: Annotated[
        str,
        typer.Option(help="Couplings: stored, streamed (drawn at every use) or auto, what fits."),
    ] = "auto",
    seed: Seed = "0",
    disorder: Disorder = None,
    couplings: Couplings = None,
    scale: Scale = "spins",
    save: SaveCouplings = None,
    backend: Backend = "numpy",
    workers: Workers = "1",
    memory: Memory = None,
    json: Json = False,
    out: Out = None,
) -> None:
    """End points of descents. Example: `python -m numerics descend --p 3 --n 100 --method flow`.

    On a tensor of your own: `python -m numerics descend --couplings T.npy --starts 100`; on the disorder
    of a census: `python -m numerics descend --p 3 --n 8 --seed 1 --disorder 5`; every layer its own weights:
    `python -m numerics descend --sizes 50,50,50 --method power`.
    """
    import numpy as np

    from numerics.descent.methods import METHODS

    if couplings in PLACES:
        notice(f"--couplings {couplings} is now --place {couplings}; --couplings takes a file")
        place, couplings = couplings, None
    if sizes is not None:
        other = {"--p": p, "--model": model, "--n": n, "--disorders": disorders}
        layered.descend(
            layered.listed(sizes, {**other, "--couplings": couplings, "--save-couplings": save}),
            starts,
            method,
            arguments.integer("--seed", seed, least=0),
            number_of_disorder(disorder),
            backend,
            json,
            arguments.writable_file("--out", out, (".npz",)),
        )
        return
    beside = {"--model": model, "--n": n, "--disorders": disorders, "--disorder": disorder}
    own = own_couplings(couplings, p, scale, {**beside, "--save-couplings": save})
    file = arguments.writable_file("--out", out, (".npz",))
    key = arguments.integer("--seed", seed, least=0)
    what: dict[str, Any] = {"couplings": own}
    if own is None:
        what = {
            "n": arguments.integer("--n", "100" if n is None else n, least=2, most=10**5),
            "coefficients": arguments.model(p, model).coefficients,
            "disorders": arguments.integer("--disorders", disorders or "1", least=1),
            "disorder": number_of_disorder(disorder),
        }
        if save is not None and method in ("sgd", "published-sgd"):
            raise arguments.ArgumentError(
                f"--save-couplings: got it with {method}, which draws in parts; takes another --method"
            )
        save_couplings(save, what["n"], what["coefficients"], key, disorder)
    with patiently("descending"):
        found = numerics.descend(
            **what,
            starts=arguments.integer("--starts", starts, least=1),
            method=arguments.choice("--method", method, METHODS),
            seed=key,
            times=_times(arguments.real("--until", until, above=0.0)),
            temperature=None
            if temperature is None
            else arguments.real("--temperature", temperature, least=0.0),
            place=arguments.choice("--place", place, PLACES),
            **machine(backend, workers, memory),
        )
    arrays = {
        "energies": found.energies,
        "index": found.index,
        "gradient_norm": found.gradient_norm,
        "steps": found.steps,
    }
    path = {} if found.path is None else {"times": found.times, "path": found.path}
    ends = (
        {}
        if found.position is None
        else {"z_eigenvalues": found.z_eigenvalues, "position": found.position}
    )
    keep(file, {**arrays, **ends, **path})
    data = {
        **{name: finite(value) for name, value in arrays.items()},
        "status": np.asarray(found.status).tolist(),
        "times": [] if found.times is None else found.times.tolist(),
        "path": [] if found.path is None else finite(found.path),
    }
    if found.position is not None and found.z_eigenvalues is not None:
        data["points"] = points(
            found.energies[0], found.z_eigenvalues[0], found.index[0], found.position[0]
        )
    energies = np.asarray(found.energies)
    lines = [
        f"{energies.size} end points: {_levels(energies[np.isfinite(energies)])}; "
        f"{int((np.asarray(found.index) == 0).sum())} of index 0; "
        + ", ".join(f"{count} {status}" for status, count in found.counts.items())
    ]
    if found.times is not None and found.path is not None:
        for t, energies in zip(found.times, np.moveaxis(found.path, -1, 0), strict=True):
            there = energies[np.isfinite(energies)]  # none where all have diverged before
            lines.append(f"t = {t:g}: {_mean(there)}")
    arguments.emit(data, json, lines)
