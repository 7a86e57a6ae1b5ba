"""Writing a report: every place is looked at before anything is written, nothing is written through."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterable, Mapping
from pathlib import Path


class FolderError(ValueError):
    """A place of the report that holds something else; the message names it."""


def check_places(out: Path, names: Iterable[str]) -> None:
    """Raise FolderError unless each file of the report is absent or a plain file, its folder a folder.

    Parameters
    ----------
    out
        Folder of the report.
    names
        Paths in it, with forward slashes.
    """
    for name in names:
        place = out / name
        for folder in (place.parent, *place.parent.parents):
            if folder == out or out not in (folder, *folder.parents):
                break
            if folder.is_symlink() or (os.path.lexists(folder) and not folder.is_dir()):
                raise _refused(folder, "no folder")
        try:
            info = os.lstat(place)
        except FileNotFoundError:
            continue
        except OSError as error:
            raise _refused(place, f"no place for a file ({error.strerror})") from error
        if not stat.S_ISREG(info.st_mode):
            raise _refused(place, "no plain file")


def _refused(place: Path, what: str) -> FolderError:
    return FolderError(
        f"--out: got {place.parent}, where {place.name} is {what}; takes another folder"
    )


def write_texts(out: Path, texts: Mapping[str, str]) -> None:
    """Write files whole or not at all, each by a rename.

    Raises
    ------
    FolderError
        Before anything is written, see `check_places`.
    """
    check_places(out, texts)
    for name, text in texts.items():
        place = out / name
        place.parent.mkdir(parents=True, exist_ok=True)
        beside = place.with_name(f".{place.name}.{os.getpid()}.part")
        try:
            beside.write_text(text, encoding="utf-8")
            beside.replace(place)
        finally:
            beside.unlink(missing_ok=True)
