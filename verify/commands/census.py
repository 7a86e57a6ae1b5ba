"""``python -m numerics census``."""

from __future__ import annotations

from dataclasses import fields
from typing import TYPE_CHECKING, Annotated, Any

import typer

from verify.commands import arguments, layered
from verify.commands.numerics_options import (
    Couplings,
    Disorder,
    Json,
    Model,
    Out,
    P,
    SaveCouplings,
    Scale,
    Seed,
    Workers,
    gather,
    keep,
    number_of_disorder,
    own_couplings,
    points,
    save_couplings,
)
from verify.commands.progress import notice

if TYPE_CHECKING:
    from numerics.critical.enumeration import Census

WORTH_SAYING = 20.0  # seconds that a census will take
SHOWN = 40  # points of one instance that are printed


def census(
    p: P = None,
    model: Model = None,
    n: Annotated[
        str | None,
        typer.Option("--n", help="Number of spins N; 4 if not given.", metavar="INTEGER"),
    ] = None,
    sizes: layered.Sizes = None,
    samples: Annotated[
        str | None,
        typer.Option(help="Instances; 100 if not given, 1 with --disorder.", metavar="INTEGER"),
    ] = None,
    seed: Seed = "0",
    disorder: Disorder = None,
    couplings: Couplings = None,
    scale: Scale = "spins",
    save: SaveCouplings = None,
    workers: Workers = "1",
    json: Json = False,
    out: Out = None,
) -> None:
    """Every critical point of random instances, or of your own tensor, proved.

    Examples: `python -m numerics census --p 3 --n 4`,
    `python -m numerics census --couplings T.npy --scale unit --json` (all real Z-eigenpairs),
    `python -m numerics census --couplings J.npy --p 3 --scale energy` (J of i < j < k),
    `python -m numerics census --p 3 --n 8 --seed 1 --disorder 5 --save-couplings T.npy`,
    `python -m numerics census --sizes 2,2,3` (rank-one approximations). The status of
    an instance is complete, or why some are missing: nearly-singular, path-failure, budget,
    positive-dimensional (critical points fill curves). p = 3 goes to n = 16, which takes minutes.
    """
    from numerics.core.mixture import disorder_stream
    from numerics.critical import enumeration
    from verify.engine.jobs import Task

    file = arguments.writable_file("--out", out, (".npz",))
    processes = arguments.integer("--workers", workers, least=1, most=1024)
    if sizes is not None:
        other = {"--p": p, "--model": model, "--n": n, "--couplings": couplings}
        layered.census(
            layered.listed(sizes, {**other, "--save-couplings": save}),
            arguments.integer("--samples", samples or _default(disorder), least=1, most=10**7),
            arguments.integer("--seed", seed, least=0),
            number_of_disorder(disorder),
            processes,
            json,
            file,
        )
        return
    beside = {"--model": model, "--n": n, "--samples": samples, "--disorder": disorder}
    own = own_couplings(couplings, p, scale, {**beside, "--save-couplings": save})
    if own is not None:
        enumeration.check_paths("--couplings", own.n, own.p, pure=True)
        _say_price(enumeration.price(own.n, {own.p: 1.0}), 1)
        [found] = gather([Task((0,), enumeration.census_given, {"one": own})], 1, "paths")
        _one(found, json, file)
        return
    size, coefficients, number = enumeration.check_census(
        arguments.integer("--n", "4" if n is None else n, least=2, most=10**5),
        None,
        arguments.model(p, model).coefficients,
        arguments.integer("--samples", samples or _default(disorder), least=1, most=10**7),
    )
    key = arguments.integer("--seed", seed, least=0)
    first = number_of_disorder(disorder)
    save_couplings(save, size, coefficients, key, disorder)
    todo = [
        Task(
            (chunk,),
            enumeration.census_part,
            {
                "source": disorder_stream(size, coefficients, key),
                "chunk": chunk,
                "samples": number,
                "n": size,
                "coefficients": coefficients,
                "first": first,
            },
        )
        for chunk in range(-(-number // enumeration.chunk_size(size, coefficients)))
    ]
    _say_price(enumeration.price(size, coefficients, number), min(processes, len(todo)))
    found = enumeration.join(gather(todo, processes, "instances, in chunks"))
    if disorder is not None and number == 1:
        _one(found, json, file)
    else:
        _many(found, json, file)


def _default(disorder: str | None) -> str:
    """How many instances where none is said."""
    return "100" if disorder is None else "1"


def _say_price(seconds: float, workers: int) -> None:
    """Say beforehand what will take long."""
    from verify.engine.queue import in_words

    if seconds / workers > WORTH_SAYING:
        notice(f"about {in_words(seconds / workers)}, more if paths are lost and sought again")


def _one(found: Census, json: bool, file: Any) -> None:
    """Print the census of one instance."""
    keep(file, {field.name: getattr(found, field.name) for field in fields(found)})
    rows = list(zip(found.energy, found.z_eigenvalue, found.index, strict=True))
    status = str(found.status[0])
    data = {
        "status": status,
        "by_index": {str(k): int(count) for k, count in enumerate(found.counts[0])},
        "points": points(found.energy, found.z_eigenvalue, found.index, found.position),
        "n": found.n,
        "found": int(found.found[0]),
        "possible": found.possible,
    }
    lines = [
        f"{status}: {found.found[0]} of {found.possible} complex critical points proved, "
        f"{len(rows)} real ones (x and -x)",
        *(f"k = {k}: {count}" for k, count in enumerate(found.counts[0])),
        *(f"u = {u:.10g}, Z-eigenvalue {z:.10g}, k = {k}" for u, z, k in rows[:SHOWN]),
        *([f"... {len(rows) - SHOWN} more: --json or --out"] if len(rows) > SHOWN else []),
    ]
    arguments.emit(data, json, lines)


def _many(found: Census, json: bool, file: Any) -> None:
    """Print the means of the censuses of several instances."""
    import numpy as np

    keep(file, {field.name: getattr(found, field.name) for field in fields(found)})
    number, size = found.counts.shape
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
