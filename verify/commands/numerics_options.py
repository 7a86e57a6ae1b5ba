"""Options that several commands of ``python -m numerics`` share, and what is done with them."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from verify.commands import arguments
from verify.commands.progress import Callback, notice, watched

if TYPE_CHECKING:
    from numerics.pspin.tensors import Given
    from verify.engine.jobs import Task

P = Annotated[str | None, typer.Option("--p", help="Order of the pure model.", metavar="INTEGER")]
Model = Annotated[str | None, typer.Option(help='A mixture, such as "q^3 + 0.5 q^4".')]
N = Annotated[str, typer.Option("--n", help="Number of spins N.", metavar="INTEGER")]
Seed = Annotated[str, typer.Option(help="Seed of every stream.", metavar="INTEGER")]
Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]
Out = Annotated[str | None, typer.Option("--out", help="Also keep the arrays in this .npz file.")]
Backend = Annotated[str, typer.Option(help="numpy, cupy (cupy:1 the second device) or auto.")]
Workers = Annotated[
    str,
    typer.Option(help="Threads or processes; no number depends on it.", metavar="INTEGER"),
]
Memory = Annotated[
    str | None, typer.Option(help="What may be used, such as 2GiB; what is free if not given.")
]

Couplings = Annotated[
    str | None,
    typer.Option(
        help="A tensor of your own, .npy: shape (n,)*p, or with --p all J of i < j < ... alone.",
        metavar="FILE",
    ),
]
Scale = Annotated[
    str,
    typer.Option(
        help="Of --couplings: spins, H = N^{-(p-1)/2} T s^p; unit, T x^p on |x| = 1; energy, H = T s^p."
    ),
]
Disorder = Annotated[
    str | None,
    typer.Option(
        help="Number of the (first) disorder of the seed, the same in census and descend.",
        metavar="INTEGER",
    ),
]
SaveCouplings = Annotated[
    str | None,
    typer.Option(
        "--save-couplings", help="Keep the tensor of --disorder in this .npy file.", metavar="FILE"
    ),
]


PATIENCE_S = 3.0  # before progress is shown


def machine(backend: str, workers: str, memory: str | None) -> dict[str, Any]:
    """Where and with what to compute, checked."""
    from numerics.core.checks import MOST_WORKERS

    return {
        "backend": arguments.backend("--backend", backend),
        "workers": arguments.integer("--workers", workers, least=1, most=MOST_WORKERS),
        "memory": arguments.memory("--memory", memory),
    }


def keep(out: Path | None, arrays: dict[str, Any]) -> None:
    """Write arrays to the .npz file, if one was named."""
    if out is not None:
        import numpy as np

        with out.open("wb") as file:
            np.savez(file, allow_pickle=False, **arrays)


def own_couplings(
    file: str | None, p: str | None, scale: str, beside: dict[str, str | None]
) -> Given | None:
    """The tensor of --couplings, None if there is none; ``beside``: options that then say nothing."""
    from numerics.pspin.tensors import MOST_ORDER, SCALES, given

    word = arguments.choice("--scale", scale, SCALES)
    if file is None:
        if scale != SCALES[0]:
            raise arguments.ArgumentError(f"--scale: got {scale}; takes --couplings beside it")
        return None
    for name, text in beside.items():
        if text is not None:
            raise arguments.ArgumentError(
                f"{name}: got {text[:40]!r} beside --couplings, which says it; takes one of the two"
            )
    order = None if p is None else arguments.integer("--p", p, least=2, most=MOST_ORDER)
    tensor = arguments.array("--couplings", file)
    if tensor.ndim == 1 and order is None:
        raise arguments.ArgumentError(
            f"--p: got nothing; takes the order of the {len(tensor)} couplings of i < j < ..."
        )
    found = given(tensor, order, word, "--couplings")
    if found.said:
        notice(f"--couplings: {found.said}")
    return found


def number_of_disorder(disorder: str | None) -> int:
    """The number of the first disorder, 0 if none was named."""
    return 0 if disorder is None else arguments.integer("--disorder", disorder, least=0)


def save_couplings(
    file: str | None, n: int, coefficients: Any, seed: int, disorder: str | None
) -> None:
    """Write the tensor of one disorder to the .npy file, if one was named."""
    path = arguments.writable_file("--save-couplings", file, (".npy",))
    if path is None:
        return
    if disorder is None:
        raise arguments.ArgumentError(
            f"--save-couplings: got {file!r}; takes --disorder beside it, the number of one"
        )
    import numpy as np

    import numerics

    x = numerics.tensor(
        n, coefficients=coefficients, seed=seed, disorder=number_of_disorder(disorder)
    )
    with path.open("wb") as out:
        np.save(out, x, allow_pickle=False)


def finite(values: Any) -> Any:
    """Nested lists; what is not finite (a start that diverged) is null."""
    import numpy as np

    kept = np.asarray(values)
    out = kept.astype(object)
    if kept.dtype.kind == "f":
        out[~np.isfinite(kept)] = None
    return out.tolist()


def points(u: Any, z: Any, index: Any, position: Any) -> list[dict[str, Any]]:
    """Critical points of one instance, each as JSON has it."""
    rows = zip(*map(finite, (u, z, index, position)), strict=True)
    return [dict(zip(("u", "z_eigenvalue", "index", "position"), row, strict=True)) for row in rows]


def patiently(what: str) -> AbstractContextManager[Callback]:
    """Progress that short work does not show."""
    from numerics.core.kernels import prepare

    for line in prepare():
        notice(line)
    return watched(what, PATIENCE_S)


def gather(todo: Sequence[Task], workers: int, what: str) -> list[Any]:
    """Results of tasks in the order given, computed by so many processes; ``what`` is being done."""
    from verify.engine.executors import executor

    found: dict[Any, Any] = {}
    with patiently(what) as progress:
        for done in executor("process", workers)(todo):
            if done.error is not None:
                raise RuntimeError(done.error)
            found[done.task.tag] = done.result
            progress(len(found), len(todo), what)
    return [found[task.tag] for task in todo]
