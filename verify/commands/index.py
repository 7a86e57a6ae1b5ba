"""``python -m numerics index``."""

from __future__ import annotations

from typing import Annotated

import typer

from verify.commands import arguments
from verify.commands.numerics_options import Json


def index(
    file: Annotated[
        str, typer.Argument(metavar="FILE", help="A symmetric matrix: .npy, .txt or .csv.")
    ],
    json: Json = False,
) -> int:
    """The index of your own symmetric matrix, proved. Example: `python -m numerics index hessian.npy`.

    The number of negative eigenvalues, by inertia with a bound of all rounding; the margin is what no
    eigenvalue is closer to 0 than. Exit 0 if it is proved, 1 if an eigenvalue is too close to 0 to tell.
    """
    import numerics

    found = numerics.index_of(arguments.array("FILE", file))
    data = {"index": found.index, "certified": found.certified, "margin": found.margin}
    said = (
        f"proved: no eigenvalue is closer to 0 than {found.margin:.6g}"
        if found.certified
        else f"not proved: an eigenvalue is too close to 0 by {-found.margin:.2g} or more"
    )
    arguments.emit(data, json, [f"index {found.index}, {said}"])
    return 0 if found.certified else 1
