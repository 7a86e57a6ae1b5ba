"""The option --claims: claims of one's own beside the built-in ones."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

import typer

from verify.commands import arguments, loading
from verify.commands.progress import notice

ClaimsFolder = Annotated[
    str | None,
    typer.Option("--claims", help="Claims of your own beside the built-in ones.", metavar="DIR"),
]


def take_claims(folder: str | None) -> None:
    """Take the claims of a folder too; a file that holds none is a line."""
    if folder is None:
        return
    if not os.path.isdir(folder):  # which says so of names that no folder can have
        raise arguments.ArgumentError(f"--claims: got {folder!r}; takes a folder of claims, *.py")
    with loading():
        from verify.claims import unsound
        from verify.engine.provenance import source_digest
        from verify.engine.provenance import take_claims as taken

        taken(Path(folder).resolve())
        source_digest()  # before they are imported
        for file, why in unsound(folder).items():
            notice(f"{file} holds no claim ({why}); the others run")
