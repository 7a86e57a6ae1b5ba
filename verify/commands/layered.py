"""``--sizes`` of ``python -m numerics census`` and ``descend``: layers that share no weights."""

from __future__ import annotations

from dataclasses import fields
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from verify.commands import arguments
from verify.commands.numerics_options import finite, gather, keep, patiently

if TYPE_CHECKING:
    from numerics.layers.census import ProductCensus

Sizes = Annotated[
    str | None,
    typer.Option(
        help="Units of each layer, such as 2,2,3: every layer its own weights, in place of --p and --n."
    ),
]
SHOWN = 40  # points of one instance that are printed


def listed(sizes: str, beside: dict[str, Any]) -> tuple[int, ...]:
    """The sizes, where no option is given that says another model."""
    for name, given in beside.items():
        if given not in (None, False):
            takes = "takes it without --sizes"
            raise arguments.ArgumentError(f"{name}: got {str(given)[:40]!r}; {takes}")
    return tuple(
        arguments.integer("--sizes", one.strip(), least=1, most=10**5) for one in sizes.split(",")
    )


def census(
    sizes: tuple[int, ...],
    samples: int,
    seed: int,
    first: int,
    workers: int,
    json: bool,
    file: Path | None,
) -> None:
    """Print the census of tensors of these sizes."""
    from numerics.layers import census as layer_census
    from numerics.layers.tensors import layers_stream
    from verify.engine.jobs import Task

    checked = layer_census.check_format(sizes, "--sizes")
    what = {"source": layers_stream(checked, seed), "samples": samples, "sizes": checked}
    todo = [
        Task((chunk,), layer_census.census_part, {**what, "chunk": chunk, "first": first})
        for chunk in range(-(-samples // layer_census.AT_ONCE))
    ]
    found = layer_census.join(gather(todo, workers, "tensors, in chunks"))
    keep(file, {field.name: getattr(found, field.name) for field in fields(found)})
    (_one if samples == 1 else _many)(found, json)


def _one(found: ProductCensus, json: bool) -> None:
    """Print the census of one tensor."""
    rows = list(zip(found.level, found.index, found.position, strict=True))
    data = {
        "status": str(found.status[0]),
        "by_index": {str(k): int(count) for k, count in enumerate(found.counts[0])},
        "rank_one": int(found.rank_one[0]),
        "points": [
            {"u": float(u), "index": int(k), "position": finite(x)} for u, k, x in reversed(rows)
        ],
        "found": int(found.found[0]),
        "possible": found.possible,
    }
    lines = [
        f"{found.status[0]}: {found.found[0]} of {found.possible} complex critical points proved, "
        f"{len(rows)} real ones up to signs",
        *(f"u = {u:.10g}, k = {k}" for u, k, _ in rows[::-1][:SHOWN]),
        *([f"... {len(rows) - SHOWN} more: --json or --out"] if len(rows) > SHOWN else []),
    ]
    arguments.emit(data, json, lines)


def _many(found: ProductCensus, json: bool) -> None:
    """Print the means of the censuses of several tensors."""
    number = len(found.counts)
    means = found.counts.mean(axis=0)
    errors = found.counts.std(axis=0, ddof=1) / number**0.5
    points = found.rank_one
    data = {
        "by_index_mean": {str(k): float(mean) for k, mean in enumerate(means)},
        "by_index_stderr": {str(k): float(error) for k, error in enumerate(errors)},
        "rank_one_mean": float(points.mean()),
        "rank_one_stderr": float(points.std(ddof=1) / number**0.5),
        "samples": number,
        "unresolved": found.unresolved,
    }
    lines = [
        *(
            f"k = {k}: {m:.6g} +/- {e:.2g}"
            for k, (m, e) in enumerate(zip(means, errors, strict=True))
        ),
        f"critical rank-one approximations: {data['rank_one_mean']:.6g} +/- "
        f"{data['rank_one_stderr']:.2g} of {found.possible} complex ones",
        f"{number - found.unresolved} complete, {found.unresolved} unresolved",
    ]
    arguments.emit(data, json, lines)


def descend(
    sizes: tuple[int, ...],
    starts: str,
    method: str,
    seed: int,
    disorder: int,
    backend: str,
    json: bool,
    file: Path | None,
) -> None:
    """Print where descents on the product of spheres ended."""
    from numerics.layers.descents import METHODS, descend_layers

    with patiently("descending"):
        found = descend_layers(
            sizes,
            starts=arguments.integer("--starts", starts, least=1),
            method=arguments.choice("--method", method, METHODS),
            seed=seed,
            disorder=disorder,
            backend=arguments.backend("--backend", backend),
        )
    arrays = {field.name: getattr(found, field.name) for field in fields(found)}
    keep(file, arrays)
    data = {name: finite(value) for name, value in arrays.items() if name != "position"}
    counts = {
        name: int((found.status == name).sum()) for name in sorted(set(found.status.tolist()))
    }
    lines = [
        f"mean f/sqrt N {found.level.mean():.6f}, lowest {found.level.min():.6f}",
        ", ".join(f"{count} {name}" for name, count in counts.items()),
    ]
    arguments.emit(data, json, lines)
