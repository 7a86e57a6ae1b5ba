"""``python -m numerics``: samples and simulations."""

from __future__ import annotations

from dataclasses import fields
from pathlib import Path
from typing import Annotated, Any

import numpy as np
import typer

import numerics
from numerics import critical
from verify.commands import arguments
from verify.executors import Task, executor

app = arguments.application(
    "GOE samples, Kac-Rice Monte Carlo, descents and censuses of random Hamiltonians.\n\n"
    "Examples: `python -m numerics goe --n 100 --k 0..4 --samples 10 --json`, "
    "`python -m numerics kac-rice --p 3 --n 20 --samples 100000`, "
    "`python -m numerics descend --p 3 --n 100 --disorders 4 --starts 10`, "
    "`python -m numerics census --p 3 --n 4 --samples 1000`"
)

P = Annotated[str | None, typer.Option("--p", help="Order of the pure model.", metavar="INTEGER")]
Model = Annotated[str | None, typer.Option(help='A mixture, such as "q^3 + 0.5 q^4".')]
N = Annotated[str, typer.Option("--n", help="Number of spins N.", metavar="INTEGER")]
Seed = Annotated[str, typer.Option(help="Seed of every stream.", metavar="INTEGER")]
Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]
Out = Annotated[str | None, typer.Option("--out", help="Also keep the arrays in this .npz file.")]


def _keep(out: Path | None, arrays: dict[str, Any]) -> None:
    if out is not None:
        with out.open("wb") as file:
            np.savez(file, allow_pickle=False, **arrays)


@app.command()
def goe(
    n: N = "100",
    k: Annotated[
        str | None, typer.Option(help="The k-th lowest, or range 0..4; all if not given.")
    ] = None,
    samples: Annotated[str, typer.Option(help="Number of matrices.", metavar="INTEGER")] = "1",
    method: Annotated[str, typer.Option(help="tridiagonal or dense.")] = "tridiagonal",
    seed: Seed = "0",
    json: Json = False,
    out: Out = None,
) -> None:
    """Ordered eigenvalues, GOE(N) on [-sqrt 2, sqrt 2]. Example: `python -m numerics goe --n 1000 --k 0`."""
    size = arguments.integer("--n", n, least=1, most=10**6)
    which = None if k is None else arguments.indices("--k", k, most=size - 1)
    file = arguments.writable_file("--out", out, (".npz",))
    values = numerics.sample_goe(
        size,
        arguments.integer("--samples", samples, least=1, most=10**9),
        k=None if which is None else which[-1] + 1,
        method=arguments.choice("--method", method, ("tridiagonal", "dense")),
        seed=arguments.integer("--seed", seed, least=0),
    )
    values = values if which is None else values[:, which]
    _keep(file, {"eigenvalues": values})
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
    json: Json = False,
) -> None:
    """Mean numbers of critical points by Monte Carlo. Example: `python -m numerics kac-rice --p 3 --n 10`."""
    of = arguments.model(p, model)
    size = arguments.integer("--n", n, least=2, most=10**5)
    level = None if below is None else float(arguments.level("--below", below, of, 17))
    found = numerics.mean_count(
        size,
        of.coefficients,
        arguments.integer("--samples", samples, least=2, most=10**10),
        below=level,
        seed=arguments.integer("--seed", seed, least=0),
        indices=None if k is None else arguments.indices("--k", k, most=size - 1),
    )
    data = {
        "n": size,
        "below": below,
        "total": found.total,
        "stderr": found.stderr,
        "by_index": {str(i): mean for i, (mean, _) in found.by_index.items()},
        "by_index_stderr": {str(i): error for i, (_, error) in found.by_index.items()},
    }
    lines = [f"total {found.total:.6g} +/- {found.stderr:.2g}"]
    lines += [f"k = {i}: {m:.6g} +/- {e:.2g}" for i, (m, e) in found.by_index.items()]
    arguments.emit(data, json, lines)


@app.command()
def descend(
    p: P = None,
    model: Model = None,
    n: N = "100",
    disorders: Annotated[str, typer.Option(help="Independent Hamiltonians.")] = "1",
    starts: Annotated[str, typer.Option(help="Starts on each.")] = "10",
    method: Annotated[str, typer.Option(help="gd.")] = "gd",
    seed: Seed = "0",
    backend: Annotated[str, typer.Option(help="numpy, cupy or auto.")] = "numpy",
    json: Json = False,
    out: Out = None,
) -> None:
    """End points of gradient descent. Example: `python -m numerics descend --p 3 --n 100 --starts 20`."""
    of = arguments.model(p, model)
    file = arguments.writable_file("--out", out, (".npz",))
    found = numerics.descend(
        arguments.integer("--n", n, least=2, most=10**5),
        coefficients=of.coefficients,
        disorders=arguments.integer("--disorders", disorders, least=1),
        starts=arguments.integer("--starts", starts, least=1),
        method=method,
        seed=arguments.integer("--seed", seed, least=0),
        backend=backend,
    )
    arrays = {
        "energies": found.energies,
        "index": found.index,
        "gradient_norm": found.gradient_norm,
        "steps": found.steps,
    }
    _keep(file, arrays)
    data = {
        **{name: value.tolist() for name, value in arrays.items()},
        "status": np.asarray(found.status).tolist(),
        "times": [],
        "path": [],
    }
    energies = np.asarray(found.energies)
    lines = [
        f"{energies.size} end points: mean H/N {np.nanmean(energies):.6f}, "
        f"lowest {np.nanmin(energies):.6f}; "
        f"{int((np.asarray(found.index) == 0).sum())} of index 0; "
        f"{int((np.asarray(found.status) == 'converged').sum())} converged"
    ]
    arguments.emit(data, json, lines)


@app.command()
def census(
    p: P = None,
    model: Model = None,
    n: N = "4",
    samples: Annotated[str, typer.Option(help="Instances.", metavar="INTEGER")] = "100",
    seed: Seed = "0",
    workers: Annotated[str, typer.Option(help="Processes.", metavar="INTEGER")] = "1",
    json: Json = False,
    out: Out = None,
) -> None:
    """Every critical point of random instances, proved. Example: `python -m numerics census --p 3 --n 4`."""
    size, coefficients, number = critical.check_census(
        arguments.integer("--n", n, least=2, most=10**5),
        None,
        arguments.model(p, model).coefficients,
        arguments.integer("--samples", samples, least=1, most=10**7),
    )
    file = arguments.writable_file("--out", out, (".npz",))
    source = critical.census_stream(size, coefficients, arguments.integer("--seed", seed, least=0))
    run = executor("process", arguments.integer("--workers", workers, least=1, most=1024))
    todo = [
        Task(chunk, "census_part", (source, chunk, number, size, coefficients))
        for chunk in range(-(-number // critical.CHUNK))
    ]
    parts = {}
    for done in run(todo):
        if done.error is not None:
            raise RuntimeError(done.error)
        parts[done.task.tag] = done.result
    found = critical.join([parts[chunk] for chunk in sorted(parts)])
    _keep(file, {field.name: getattr(found, field.name) for field in fields(found)})
    means = found.counts.mean(axis=0)
    errors = found.counts.std(axis=0, ddof=1) / number**0.5 if number > 1 else [None] * size
    kinds, numbers = np.unique(found.status, return_counts=True)
    statuses = dict(zip(kinds.tolist(), numbers.tolist(), strict=True))
    data = {
        "by_index_mean": {str(k): float(mean) for k, mean in enumerate(means)},
        "by_index_stderr": {str(k): None if e is None else float(e) for k, e in enumerate(errors)},
        "samples": number,
        "unresolved": found.unresolved,
        "status": statuses,
    }
    lines = [
        f"k = {k}: {mean:.6g}" + (f" +/- {error:.2g}" if error is not None else "")
        for k, (mean, error) in enumerate(zip(means, errors, strict=True))
    ]
    lines.append(", ".join(f"{count} {kind}" for kind, count in statuses.items()))
    arguments.emit(data, json, lines)


def main() -> None:
    """Enter from ``python -m numerics``."""
    arguments.main(app, "python -m numerics")
