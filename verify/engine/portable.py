"""One set of kernels for every x86-64 processor since 2013, so that bits are the same on all of them.

What is chosen here must be chosen before NumPy is loaded: a command restarts itself once with it; in
Python, or for the workers of a cluster, these variables are set beforehand.
"""

from __future__ import annotations

import hashlib
import os
import sys
from importlib import metadata
from typing import NoReturn

ENVIRONMENT = {
    "OPENBLAS_CORETYPE": "Haswell",
    "OPENBLAS_NUM_THREADS": "1",
    "NUMBA_CPU_NAME": "haswell",
    "NUMBA_CPU_FEATURES": "",  # those of that processor and no others
    "NPY_ENABLE_CPU_FEATURES": "X86_V3",
}
TAKES = (
    "an x86-64 processor with AVX2 (2013 or later; it is not available on ARM) and the packages of "
    "the lock"
)
_NO_MORE = hashlib.sha256(b"").hexdigest()[:8]  # features beside those that the name has
KERNEL = f"BLAS openblas Haswell; Numba haswell ({_NO_MORE}); NumPy X86_V3; "  # and the C library
_AGAINST = "NPY_DISABLE_CPU_FEATURES"  # NumPy takes one of the two
_NEEDED = ("avx2", "fma", "bmi2")


def is_pinned() -> bool:
    """Whether this process was started with the kernels pinned."""
    return _AGAINST not in os.environ and ENVIRONMENT.items() <= os.environ.items()


def obstacle() -> str | None:
    """Why the kernels cannot be had here, None if they can.

    Examples
    --------
    >>> obstacle() is None or "AVX2" in obstacle() or "NumPy" in obstacle()
    True
    """
    import llvmlite.binding

    features = llvmlite.binding.get_host_cpu_features()
    if not all(features.get(name) for name in _NEEDED):
        return "a processor that is no x86-64 with AVX2"
    version = metadata.version("numpy")
    if tuple(map(int, version.split(".")[:2])) < (2, 4):  # it names instructions otherwise
        return f"NumPy {version}"
    return None


def restart() -> NoReturn:
    """Begin this process anew, with the kernels pinned: the same command and the same process id."""
    pinned = {**os.environ, **ENVIRONMENT}
    pinned.pop(_AGAINST, None)
    os.execve(sys.executable, [sys.executable, *sys.orig_argv[1:]], pinned)
