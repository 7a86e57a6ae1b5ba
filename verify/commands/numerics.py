"""``python -m numerics``: samples and simulations."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated, Any

import numpy as np
import typer

import numerics
from numerics import datasets, training
from numerics.backend import namespace
from verify.commands import arguments
from verify.executors import Task, executor

app = arguments.application(
    "GOE samples, Kac-Rice Monte Carlo, descents of random Hamiltonians, trained networks.\n\n"
    "Examples: `python -m numerics goe --n 100 --k 0..4 --samples 10 --json`, "
    "`python -m numerics kac-rice --p 3 --n 20 --samples 100000`, "
    "`python -m numerics descend --p 3 --n 100 --disorders 4 --starts 10`, "
    "`python -m numerics train --data digits --hidden 25 --networks 200 --json`"
)

P = Annotated[str | None, typer.Option("--p", help="Order of the pure model.", metavar="INTEGER")]
Model = Annotated[str | None, typer.Option(help='A mixture, such as "q^3 + 0.5 q^4".')]
N = Annotated[str, typer.Option("--n", help="Number of spins N.", metavar="INTEGER")]
Seed = Annotated[str, typer.Option(help="Seed of every stream.", metavar="INTEGER")]
Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]
Out = Annotated[str | None, typer.Option("--out", help="Also keep the arrays in this .npz file.")]

TRAINED = ("train_loss", "test_loss", "train_accuracy", "test_accuracy", "gradient_norm")


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
def train(
    data: Annotated[str, typer.Option(help="digits or mnist.")] = "digits",
    mnist: Annotated[
        str | None, typer.Option("--mnist", help="Folder with MNIST's four IDX files.")
    ] = None,
    hidden: Annotated[str, typer.Option(help="Hidden units n1.", metavar="INTEGER")] = "25",
    networks: Annotated[str, typer.Option(help="How many.", metavar="INTEGER")] = "20",
    epochs: Annotated[str, typer.Option(help="Passes over the data.", metavar="INTEGER")] = "200",
    activation: Annotated[str, typer.Option(help="relu or tanh.")] = "relu",
    loss: Annotated[str, typer.Option(help="cross-entropy, hinge or absolute.")] = "cross-entropy",
    start: Annotated[str, typer.Option(help="cube, corner or scaled.")] = "cube",
    rate: Annotated[float, typer.Option(help="Learning rate of the first epoch.")] = 0.1,
    seed: Seed = "0",
    workers: Annotated[
        str, typer.Option(help="Processes; as many as cores if not given.", metavar="INTEGER")
    ] = str(os.cpu_count() or 1),
    backend: Annotated[str, typer.Option(help="numpy, cupy or auto.")] = "numpy",
    json: Json = False,
    out: Out = None,
) -> None:
    """Train one-hidden-layer networks. Example: `python -m numerics train --hidden 25 --networks 200`."""
    file = arguments.writable_file("--out", out, (".npz",))
    count = arguments.integer("--networks", networks, least=1, most=10**6)
    options: dict[str, Any] = {
        "hidden": arguments.integer("--hidden", hidden, least=1, most=10**5),
        "data": "mnist" if mnist is not None and data == "digits" else data,
        "mnist": mnist,
        "epochs": arguments.integer("--epochs", epochs, least=0, most=10**6),
        "activation": activation,
        "loss": loss,
        "start": start,
        "rate": rate,
        "seed": arguments.integer("--seed", seed, least=0),
        "backend": backend,
    }
    run = executor("process", arguments.integer("--workers", workers, least=1, most=10**4))
    names = ("hidden", "epochs", "activation", "loss", "start", "rate")
    training.Settings(**{name: options[name] for name in names})  # bad input ends here
    namespace(backend)
    datasets.load(options["data"], mnist)
    todo = [
        Task(i, "train", ({**options, "networks": min(training.TILE, count - i), "first": i},))
        for i in range(0, count, training.TILE)
    ]
    parts: dict[int, Any] = {}
    for done in run(todo):
        if done.error is not None:
            raise RuntimeError(done.error)
        parts[done.task.tag] = done.result
    arrays = {
        name: np.concatenate([getattr(parts[i], name) for i in sorted(parts)])
        for name in (*TRAINED, "index", "status", "first", "second")
    }
    _keep(file, arrays)
    emitted: dict[str, Any] = {
        name: [None if np.isnan(x) else x for x in arrays[name].tolist()] for name in TRAINED
    }
    emitted["index"] = [None if i < 0 else i for i in arrays["index"].tolist()]
    emitted["status"] = arrays["status"].tolist()
    good = arrays["status"] == "trained"
    lines = [f"{int(good.sum())} of {count} networks trained, {count - int(good.sum())} diverged"]
    if good.any():
        lines += [
            f"{name.replace('_', ' ')}: mean {arrays[name][good].mean():.6g}, "
            f"from {arrays[name][good].min():.6g} to {arrays[name][good].max():.6g}"
            for name in (*TRAINED, "index")
        ]
    arguments.emit(emitted, json, lines)


def main() -> None:
    """Enter from ``python -m numerics``."""
    arguments.main(app, "python -m numerics")
