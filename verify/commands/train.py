"""``python -m numerics train``."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from verify.commands import arguments
from verify.commands.numerics_options import Backend, Json, Out, Seed, Workers, gather, keep

TRAINED = ("train_loss", "test_loss", "train_accuracy", "test_accuracy", "gradient_norm")


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
    workers: Workers = "1",
    backend: Backend = "numpy",
    json: Json = False,
    out: Out = None,
) -> None:
    """Train one-hidden-layer networks. Example: `python -m numerics train --hidden 25 --networks 200`."""
    import numpy as np

    import numerics
    from numerics.core.backend import namespace
    from numerics.networks import datasets, sgd
    from verify.engine.jobs import Task

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
    processes = arguments.integer("--workers", workers, least=1, most=10**4)
    names = ("hidden", "epochs", "activation", "loss", "start", "rate")
    sgd.Settings(**{name: options[name] for name in names})  # bad input ends here
    namespace(backend)
    datasets.load(options["data"], mnist)
    todo = [
        Task((i,), numerics.train, {**options, "networks": min(sgd.TILE, count - i), "first": i})
        for i in range(0, count, sgd.TILE)
    ]
    parts = gather(todo, processes, "networks, in tiles")
    arrays = {
        name: np.concatenate([getattr(part, name) for part in parts])
        for name in (*TRAINED, "index", "status", "first", "second")
    }
    keep(file, arrays)
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
