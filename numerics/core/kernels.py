"""Where compiled kernels are kept on disk, and whether what is kept there is whole.

Numba keeps machine code beside the sources, or in the folder of the user; here is what it lacks: a
place where neither can be written, and a checksum of what it reads back.
"""

from __future__ import annotations

import atexit
import hashlib
import os
import shutil
import sys
import tempfile
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
_COMPILED = ("compiled", "critical")  # folders with kernels


def sealed(raw: bytes) -> bytes:
    """Bytes with their checksum before them.

    Examples
    --------
    >>> opened(sealed(b"machine code"))
    b'machine code'
    """
    return hashlib.sha256(raw).digest() + raw


def opened(blob: bytes) -> bytes:
    """Return what was sealed.

    Raises
    ------
    ValueError
        If it is not what it was.

    Examples
    --------
    >>> opened(b"anything else")
    Traceback (most recent call last):
        ...
    ValueError: a kept kernel is damaged
    """
    if blob[:32] != hashlib.sha256(blob[32:]).digest():
        raise ValueError("a kept kernel is damaged")
    return blob[32:]


def _takes_files(folder: Path) -> bool:
    try:
        folder.mkdir(exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            return True
    except OSError:
        return False


def _folders() -> list[Path]:
    """Where Numba will keep kernels; none if it finds no place."""
    beside = [ROOT / name / "__pycache__" for name in _COMPILED]
    if not os.environ.get("NUMBA_CACHE_DIR") and all(map(_takes_files, beside)):
        return beside
    from numba.core.caching import CompileResultCacheImpl

    locators: list[Any] = CompileResultCacheImpl._locator_classes
    found = []
    for name in _COMPILED:
        for locator in locators:
            place = locator.from_function(_folders, str(ROOT / name / "__init__.py"))
            if place is not None:
                found.append(Path(place.get_cache_path()))
                break
    return found


def _is_whole(file: Path) -> bool:
    try:
        opened(file.read_bytes())
    except (OSError, ValueError):
        return False
    return True


@cache
def prepare() -> tuple[str, ...]:
    """Make sure that kernels can be kept, for this process and those it starts; remove what is damaged.

    Returns
    -------
    tuple of str
        What the user should know, a line each.

    Examples
    --------
    >>> all("\\n" not in line for line in prepare())
    True
    """
    folders = _folders()
    if not folders:
        with suppress(OSError):  # then each process compiles for itself
            folder = tempfile.mkdtemp(prefix="kernels-")
            atexit.register(shutil.rmtree, folder, ignore_errors=True)
            os.environ["NUMBA_CACHE_DIR"] = folder
            if "numba" in sys.modules:
                sys.modules["numba"].config.CACHE_DIR = folder
        return (
            "compiled kernels cannot be kept, so that every run compiles them; "
            "NUMBA_CACHE_DIR may name a folder for them",
        )
    bad = [file for folder in folders for file in folder.glob("*.nb[ic]") if not _is_whole(file)]
    for file in bad:
        with suppress(OSError):
            file.unlink()
    many = f"{len(bad)} files of compiled kernels were damaged or of another version"
    return (f"{many}; what they held is compiled again",) if bad else ()
