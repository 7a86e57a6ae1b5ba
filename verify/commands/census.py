"""``python -m numerics census``."""

from __future__ import annotations

from dataclasses import fields
from typing import Annotated

import typer

from verify.commands import arguments
from verify.commands.numerics_options import Json, Model, N, Out, P, Seed, Workers, gather, keep


def census(
    p: P = None,
    model: Model = None,
    n: N = "4",
    samples: Annotated[str, typer.Option(help="Instances.", metavar="INTEGER")] = "100",
    seed: Seed = "0",
    workers: Workers = "1",
    json: Json = False,
    out: Out = None,
) -> None:
    """Every critical point of random instances, proved. Example: `python -m numerics census --p 3 --n 4`."""
    import numpy as np

    from numerics.critical import enumeration
    from verify.engine.jobs import Task

    size, coefficients, number = enumeration.check_census(
        arguments.integer("--n", n, least=2, most=10**5),
        None,
        arguments.model(p, model).coefficients,
        arguments.integer("--samples", samples, least=1, most=10**7),
    )
    file = arguments.writable_file("--out", out, (".npz",))
    source = enumeration.census_stream(
        size, coefficients, arguments.integer("--seed", seed, least=0)
    )
    processes = arguments.integer("--workers", workers, least=1, most=1024)
    todo = [
        Task(
            (chunk,),
            enumeration.census_part,
            {
                "source": source,
                "chunk": chunk,
                "samples": number,
                "n": size,
                "coefficients": coefficients,
            },
        )
        for chunk in range(-(-number // enumeration.CHUNK))
    ]
    found = enumeration.join(gather(todo, processes, "instances, in chunks"))
    keep(file, {field.name: getattr(found, field.name) for field in fields(found)})
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
