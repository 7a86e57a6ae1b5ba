"""``python -m theory pairs``."""

from __future__ import annotations

from typing import Annotated

import typer

from verify.commands import arguments
from verify.commands.of_theory.options import Model

P = Annotated[str | None, typer.Option(help="A pure model q^p, p >= 3; 3 if not given.")]
U0 = Annotated[
    str, typer.Option(help="Level of the given point: a number, or -E_inf, -E_0, -E_1, ...")
]
U1 = Annotated[str | None, typer.Option(help="Level of the others; with --q.")]
Q = Annotated[str | None, typer.Option(help="Overlap with them, in (-1, 1); with --u1.")]


def pairs(
    p: P = None,
    model: Model = None,
    u0: U0 = "-1.65",
    u1: U1 = None,
    q: Q = None,
    json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Critical points beside a given one. Example: `python -m theory pairs --p 3 --u0=-1.65 --json`.

    Without --u1 and --q: the lowest saddles around a minimum at u0, where they are, and the largest
    overlaps at which there are points at -E_inf and at its own level. With them: the exponent Sigma of the
    mean number of points there, and the lowest eigenvalue of their Hessian:
    `python -m theory pairs --p 3 --u0=-1.65 --u1=-1.64 --q 0.7`; of a mixture too, whose points have the
    slope of most of them. All to leading order in N.
    """
    import theory
    from theory.two_points import lowest_eigenvalue

    of = arguments.model(p, model)
    if (u1 is None) != (q is None):
        raise arguments.ArgumentError("--u1, --q: got one of them; takes both or neither")
    if u1 is None or q is None:
        found = theory.lowest_barrier(of, u0)
        data = {
            "lowest_barrier": found.level,
            "q_barrier": found.overlap,
            "q_max": found.farthest,
            "q_equal": found.equal,
        }
    else:
        given = float(arguments.level("--u0", u0, of, 17))
        other = float(arguments.level("--u1", u1, of, 17))
        overlap = arguments.real("--q", q)
        data = {
            "sigma": float(theory.pair_complexity(of, given, other, overlap)),
            "lowest_eigenvalue": float(lowest_eigenvalue(of, given, other, overlap)),
        }
    lines = [f"{name} = {value:.10g}" for name, value in data.items()]
    arguments.emit({"model": str(of), "u0": u0, **data}, json, [f"model {of}, u0 = {u0}", *lines])
