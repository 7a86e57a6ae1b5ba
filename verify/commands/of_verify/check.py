"""``python -m verify check``."""

from __future__ import annotations

from typing import Annotated

import typer

from verify.commands import arguments

Law = Annotated[str, typer.Option(help="goe, edge, semicircle, shifted or kac-rice.")]


def check(
    file: Annotated[str, typer.Argument(metavar="FILE", help="Samples: .npy, .txt or .csv.")],
    law: Law = "goe",
    n: Annotated[str | None, typer.Option(help="N of the law.", metavar="INTEGER")] = None,
    k: Annotated[str, typer.Option(help="Index; -1 with kac-rice: all.", metavar="INTEGER")] = "0",
    p: Annotated[
        str, typer.Option("--p", help="Of shifted and kac-rice.", metavar="INTEGER")
    ] = "3",
    u: Annotated[str | None, typer.Option(help="Level H/N of shifted.")] = None,
    below: Annotated[str | None, typer.Option(help="Level H/N of kac-rice.")] = None,
    out: Annotated[str, typer.Option(help="Folder of the page.")] = "build/check",
    json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> int:
    """Check samples of your own. Example: `python -m verify check --law goe --n 40 --k 0 x.npy`.

    goe and edge: independent values, (M,), or rows of which the k-th smallest is taken; at the edge
    sqrt 2 N^(2/3) (lambda - sqrt 2), eigenvalue k from the largest. semicircle: all eigenvalues of M
    matrices, (M, N). shifted: an eigenvalue of the p-spin Hessian at a point that was not chosen, at
    H/N = u. kac-rice: the number of critical points of each instance. GOE(N) has E M_ij^2 =
    (1 + delta_ij)/(2N). Exit 0 if all tests agree at a level of 0.01 together, 1 if not: then the
    usual mistakes (a factor sqrt 2, half the diagonal, ...) that the samples fit are named.
    """
    choice = arguments.choice("--law", law, ("goe", "edge", "semicircle", "shifted", "kac-rice"))
    size = None if n is None else arguments.integer("--n", n, least=1, most=20_000)
    if size is None and choice in ("goe", "shifted", "kac-rice"):
        raise arguments.ArgumentError(f"--n: got nothing; takes the N of {choice}")
    if u is None and choice == "shifted":
        raise arguments.ArgumentError("--u: got nothing; takes the level H/N of the points")
    least = -1 if choice == "kac-rice" else 0
    index = arguments.integer("--k", k, least=least)
    order = arguments.integer("--p", p, least=2, most=10_000)
    level = None if u is None else arguments.real("--u", u)
    bound = None if below is None else arguments.real("--below", below)
    folder = arguments.writable_folder("--out", out)
    samples = arguments.array("FILE", file)
    from verify.samples.checking import check as checked
    from verify.samples.page import PAGE

    found = checked(samples, choice, n=size, k=index, p=order, u=level, below=bound)
    found.write(folder)
    data = {
        "law": found.name,
        "agrees": found.agrees,
        "diagnosis": found.diagnosis,
        "tests": [
            {
                "quantity": cell.quantity,
                "predicted": cell.predicted,
                "measured": cell.estimate,
                "stderr": cell.stderr,
                "p_value": cell.p_value,
            }
            for cell in found.cells
        ],
        "mistakes": [vars(fit) for fit in found.fits],
        "page": str(folder / PAGE),
    }
    lines = [
        found.diagnosis,
        *(
            f"{cell.quantity}: {cell.estimate:.7g}, predicted {cell.predicted:.7g}, p = "
            f"{cell.p_value:.2g}"
            for cell in found.cells
            if isinstance(cell.estimate, float) and isinstance(cell.predicted, float)
        ),
        f"page: {folder / PAGE}",
    ]
    arguments.emit(data, json, lines)
    return 0 if found.agrees else 1
