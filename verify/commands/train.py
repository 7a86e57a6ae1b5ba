"""``python -m numerics train``."""

from __future__ import annotations

import os
from typing import Annotated, Any

import typer

from verify.commands import arguments
from verify.commands.numerics_options import Backend, Json, Out, Seed, Workers, gather, keep

MOST_LAYERS = 10
TRAINED = ("train_loss", "test_loss", "train_accuracy", "test_accuracy", "gradient_norm")


def train(
    data: Annotated[
        str,
        typer.Option(
            help="digits, mnist, or an .npz file of your own: train_x, train_y, test_x, test_y."
        ),
    ] = "digits",
    mnist: Annotated[
        str | None,
        typer.Option(
            "--mnist",
            help="Folder with MNIST's four IDX files; MNIST_DIR names it for --data mnist.",
        ),
    ] = None,
    hidden: Annotated[
        str,
        typer.Option(
            help="Hidden units n1; of several layers parted by commas, 25,10.",
            metavar="INTEGER[,...]",
        ),
    ] = "25",
    networks: Annotated[str, typer.Option(help="How many.", metavar="INTEGER")] = "20",
    epochs: Annotated[str, typer.Option(help="Passes over the data.", metavar="INTEGER")] = "200",
    activation: Annotated[str, typer.Option(help="relu or tanh.")] = "relu",
    loss: Annotated[str, typer.Option(help="cross-entropy, hinge or absolute.")] = "cross-entropy",
    start: Annotated[str, typer.Option(help="cube, corner or scaled.")] = "cube",
    rate: Annotated[float, typer.Option(help="Learning rate of the first epoch.")] = 0.1,
    hessian_samples: Annotated[
        str | None,
        typer.Option(
            help="Index from so many training samples, with its error; all if not given.",
            metavar="INTEGER",
        ),
    ] = None,
    seed: Seed = "0",
    workers: Workers = "1",
    backend: Backend = "numpy",
    json: Json = False,
    out: Out = None,
) -> None:
    """Train networks. Example: `python -m numerics train --hidden 25 --networks 200`.

    On data of your own: `python -m numerics train --data own.npz --start scaled`, where own.npz holds samples
    train_x, test_x (numbers about 1; unsigned bytes are divided by 255) and labels train_y, test_y: 0, 1, ...
    """
    import numpy as np

    import numerics
    from numerics.core.backend import namespace
    from numerics.networks import own_data, sgd, spectrum
    from verify.engine.jobs import Task

    file = arguments.writable_file("--out", out, (".npz",))
    count = arguments.integer("--networks", networks, least=1, most=10**6)
    if data == "mnist" and mnist is None:
        mnist = os.environ.get("MNIST_DIR")
    layers = hidden.split(",")
    if len(layers) > MOST_LAYERS:
        raise arguments.ArgumentError(
            f"--hidden: got {len(layers)} layers; takes {MOST_LAYERS} at most"
        )
    widths = tuple(arguments.integer("--hidden", one, least=1, most=10**5) for one in layers)
    options: dict[str, Any] = {
        "hidden": widths[0] if len(widths) == 1 else widths,
        "data": "mnist" if mnist is not None and data == "digits" else data,
        "mnist": mnist,
        "epochs": arguments.integer("--epochs", epochs, least=0, most=10**6),
        "activation": activation,
        "loss": loss,
        "start": start,
        "rate": rate,
        "seed": arguments.integer("--seed", seed, least=0),
        "backend": backend,
        "hessian_samples": None
        if hessian_samples is None
        else arguments.integer("--hessian-samples", hessian_samples, least=spectrum.GROUPS),
    }
    processes = arguments.integer("--workers", workers, least=1, most=10**4)
    names = ("epochs", "activation", "loss", "start", "rate")
    # Bad input ends here.
    settings = sgd.Settings(widths[0], **{name: options[name] for name in names})
    if len(widths) > 1 and hessian_samples is not None:
        raise arguments.ArgumentError(
            f"--hessian-samples: got {hessian_samples}; takes one hidden layer beside it"
        )
    namespace(backend)
    most = len(own_data.dataset(options["data"], mnist, settings.minibatch).train_y)
    if (options["hessian_samples"] or 0) > most:
        raise arguments.ArgumentError(
            f"--hessian-samples: got {hessian_samples}; takes at most {most}, the training samples"
        )
    some = min(sgd.TILE, -(-count // processes))  # no network depends on those beside it
    todo = [
        Task((i,), numerics.train, {**options, "networks": min(some, count - i), "first": i})
        for i in range(0, count, some)
    ]
    parts = gather(todo, processes, "networks, some at a time")
    arrays = {
        name: np.concatenate([getattr(part, name) for part in parts])
        for name in (*TRAINED, "index", "index_error", "status")
    }
    deep = [f"layer_{level}" for level in range(1, len(widths) + 2)]
    matrices: Any = zip(*(part.weights for part in parts), strict=True)
    for name, some in zip(("first", "second") if len(widths) == 1 else deep, matrices, strict=True):
        arrays[name] = np.concatenate(some)
    keep(file, arrays)
    emitted: dict[str, Any] = {
        name: [None if np.isnan(x) else x for x in arrays[name].tolist()] for name in TRAINED
    }
    emitted["index"] = [None if i < 0 else i for i in arrays["index"].tolist()]
    emitted["index_error"] = [None if np.isnan(x) else x for x in arrays["index_error"].tolist()]
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
