"""How kernels are compiled, and when what Numba keeps of them on disk still holds.

Numba keeps the machine code of a kernel, with all that it calls inside, under a stamp of the
kernel's own file: a change in another file would not be seen. So the stamp here is of every file of
this folder, and a change in one compiles all anew. No kernel takes code or numbers from outside
the folder.
"""

from __future__ import annotations

import hashlib
from importlib import resources

from numba import njit

from numerics.compiled.kept import cached

# Division by zero gives infinity: a check would keep a loop from becoming vector code.
piece = njit(inline="always", error_model="numpy")
"""Compile a function into those that call it."""


def _stamp():
    """Return the SHA-256 of every source file here."""
    total = hashlib.sha256()
    for file in sorted(resources.files(__package__).iterdir(), key=lambda file: file.name):
        if file.name.endswith(".py"):
            total.update(file.name.encode() + b"\0" + file.read_bytes() + b"\0")
    return total.hexdigest()


_STAMP = _stamp()


def kernel(function):
    """Compile a function, kept on disk for as long as no file here changes."""
    return cached(function, _STAMP, error_model="numpy", nogil=True)
