"""The array namespace everything runs on: NumPy, or CuPy where it is asked for.

This is the only module that imports CuPy, and it does so when asked, not when imported.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import platform
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path
from typing import Any

import array_api_compat
import array_api_compat.numpy
import numpy as np
import numpy.typing as npt

Array = Any
"""An array of some array-API namespace."""

Namespace = Any
"""An array-API namespace (a module such as ``array_api_compat.numpy``)."""

NAMES = ("numpy", "cupy", "auto")


class InputError(ValueError):
    """Bad input: one line that names the argument, what it got and what it takes.

    Examples
    --------
    >>> raise InputError.of("n", 1, "an integer >= 2")
    Traceback (most recent call last):
        ...
    numerics.core.backend.InputError: n: got 1; takes an integer >= 2
    """

    @classmethod
    def of(cls, argument: str, got: object, takes: str) -> InputError:
        """Return the error with the standard message ``argument: got X; takes Y``."""
        said = " ".join(repr(got).split())  # of one line, whatever it is
        shown = said if len(said) <= 60 else said[:59] + "…"
        return cls(f"{argument}: got {shown}; takes {takes}")


def namespace(name: str = "numpy") -> Namespace:
    """Return the array namespace called `name`.

    Parameters
    ----------
    name : {"numpy", "cupy", "cupy:1", "auto"}
        "cupy:1" is CuPy on the second device, which is then the one in use; "auto" is CuPy where a
        CUDA device answers, NumPy elsewhere.

    Returns
    -------
    module
        ``array_api_compat.numpy`` or ``array_api_compat.cupy``.

    Raises
    ------
    InputError
        An unknown name, or "cupy" where CuPy, a driver, NVRTC or that device is missing: it says which.

    Examples
    --------
    >>> xp = namespace("numpy")
    >>> float(xp.sum(xp.ones(3)))
    3.0
    """
    takes = "one of numpy, cupy, cupy:NUMBER, auto"
    if not isinstance(name, str):  # arrays among them, which are neither equal to a word nor not
        raise InputError.of("backend", name, takes)
    kind, _, number = name.partition(":")
    if kind not in NAMES or (number and (kind != "cupy" or not number.isdecimal())):
        raise InputError.of("backend", name, takes)
    if kind == "numpy":
        return array_api_compat.numpy
    lacks = _lacks()
    if not lacks:
        import array_api_compat.cupy as xp

        _use(name, number)
        return xp
    if kind == "cupy":
        raise InputError(f"backend: got {name!r}; {lacks}, or take numpy")
    return array_api_compat.numpy


def _lacks() -> str:
    """Return what CuPy needs and has not, and the remedy; empty if nothing."""
    try:
        import cupy
    except ImportError:
        return "CuPy is not installed, install the gpu extra"
    try:
        if cupy.cuda.runtime.getDeviceCount() < 1:
            return "no CUDA device is here"
    except cupy.cuda.runtime.CUDARuntimeError as error:
        return f"no CUDA driver answers ({str(error).splitlines()[0]}), install NVIDIA's driver"
    try:
        from cupy_backends.cuda.libs import nvrtc

        nvrtc.getVersion()
    except (ImportError, RuntimeError, OSError):
        return "NVRTC, which compiles kernels, is missing, install the gpu extra"
    return ""


def _use(name: str, number: str) -> None:
    """Make the device of that number the one in use."""
    if not number:
        return
    import cupy

    count = cupy.cuda.runtime.getDeviceCount()
    if int(number) >= count:
        raise InputError.of("backend", name, f"cupy:0 to cupy:{count - 1} here")
    cupy.cuda.Device(int(number)).use()


def processor(name: str = "numpy") -> str:
    """Return what decides the last bits beside the versions of packages: processor kernels, or the card.

    Names the kernel of the BLAS, the processor that Numba compiles for, the widest instructions that
    NumPy uses, and the C library, whose functions differ in last bits; on a device CuPy's version and
    the card.

    Examples
    --------
    >>> processor().startswith("BLAS ")
    True
    """
    xp = namespace(name)
    if xp.__name__.endswith("cupy"):
        import cupy

        card = cupy.cuda.runtime.getDeviceProperties(cupy.cuda.Device().id)
        return f"{_host_kernel()}; CuPy {cupy.__version__}, {card['name'].decode()}"
    return _host_kernel()


def _compiled_for() -> str:
    """Return the processor that Numba compiles for, what of it our kernels use, and a digest of all of it.

    The name alone leaves open what this machine has; a hypervisor may hide some.
    """
    from llvmlite import binding

    # As Numba reads them, without loading it.
    name = os.environ.get("NUMBA_CPU_NAME") or binding.get_host_cpu_name()
    every = "" if name == "generic" else binding.get_host_cpu_features().flatten()
    features = os.environ.get("NUMBA_CPU_FEATURES", every)
    has = set(features.split(","))
    used = [x for x in ("avx", "avx2", "avx512f", "fma") if f"+{x}" in has]
    return " ".join([name, *used, f"({hashlib.sha256(features.encode()).hexdigest()[:8]})"])


@lru_cache(maxsize=1)
def _host_kernel() -> str:
    from threadpoolctl import threadpool_info

    blas = [one for one in threadpool_info() if one["user_api"] == "blas"]
    names = {f"{one['internal_api']} {one.get('architecture') or ''}".strip() for one in blas}
    compiled = _compiled_for()
    vectors: Any = np.show_config(mode="dicts")
    found = vectors.get("SIMD Extensions", {}).get("found", [])
    return (
        f"BLAS {', '.join(sorted(names)) or 'unknown'}; Numba {compiled}; "
        f"NumPy {' '.join(found) or 'baseline'}; "
        f"{' '.join(platform.libc_ver()).strip() or platform.platform(terse=True)}"
    )


def namespace_of(*arrays: Array) -> Namespace:
    """Return the array namespace that `arrays` belong to.

    Examples
    --------
    >>> namespace_of(np.zeros(2)) is namespace("numpy")
    True
    """
    kind = type(arrays[0])
    if all(type(x) is kind for x in arrays):
        if kind not in _SPACES:
            _SPACES[kind] = array_api_compat.array_namespace(arrays[0])
        return _SPACES[kind]
    return array_api_compat.array_namespace(*arrays)


# By type: steps on small arrays ask often.
_SPACES: dict[type, Namespace] = {np.ndarray: array_api_compat.numpy}


def clipped(x: Array, low: float | None, high: float | None) -> Array:
    """Return `x` with what is beyond two numbers at them; NaN stays. On a device nothing comes to the host.

    Examples
    --------
    >>> clipped(np.array([-1.0, 0.5, 2.0]), 0.0, 1.0).tolist()
    [0.0, 0.5, 1.0]
    """
    xp = namespace_of(x)
    x = x if low is None else xp.maximum(x, low)
    return x if high is None else xp.minimum(x, high)


def to_numpy(x: Array) -> npt.NDArray[Any]:
    """Return `x` as a NumPy array on the host.

    Examples
    --------
    >>> to_numpy(namespace().ones(2))
    array([1., 1.])
    """
    if array_api_compat.is_cupy_array(x):
        return np.asarray(x.get())
    return np.asarray(x)


@lru_cache(maxsize=64)
def kernel(source: str, options: tuple[str, ...], name: str) -> Any:
    """Return a kernel of CUDA source, compiled on first use (CuPy keeps the binary on disk)."""
    return _module(source, options).get_function(name)


@lru_cache(maxsize=4)
def _module(source: str, options: tuple[str, ...]) -> Any:
    import cupy

    return cupy.RawModule(code=source, options=options)


def bound_product(x: Array, y: Array, out: Array, add: bool = False) -> Callable[[], None]:
    """Return the call that sets `out` to x y^T on a device, or adds that to it, by cuBLAS.

    Parameters
    ----------
    x, y, out : CuPy arrays, shapes (R, K), (N, K), (R, N), or with a batch before them all
        float32 or float64, of one dtype; rows are contiguous, and may stand apart. No rounding to
        shorter types inside.
    add : bool
    """
    from cupy.cuda import device
    from cupy_backends.cuda.libs import cublas

    (rows, depth), columns = x.shape[-2:], y.shape[-2]
    scales = np.asarray([1, int(add)], dtype="float32" if x.itemsize == 4 else "float64")
    alpha, beta = scales.ctypes.data, scales.ctypes.data + scales.itemsize
    # cuBLAS reads arrays column by column: there y is (K, N), x is (K, R), out is (N, R).
    shape = (cublas.CUBLAS_OP_T, cublas.CUBLAS_OP_N, columns, rows, depth)
    batch, kind = x.ndim == 3, "s" if x.itemsize == 4 else "d"
    parts = [
        (a.data.ptr, *(stride // a.itemsize for stride in reversed(a.strides[:-1])))
        for a in (y, x, out)
    ]
    run = getattr(cublas, f"{kind}gemmStridedBatched" if batch else f"{kind}gemm")
    arguments = (*shape, alpha, *parts[0], *parts[1], beta, *parts[2])
    arguments += (x.shape[0],) if batch else ()

    def call(_: object = (x, y, out, scales)) -> None:  # what its pointers point to stays alive
        run(device.get_cublas_handle(), *arguments)

    return call


def side_by_side(first: Callable[[], None], second: Callable[[], None]) -> Callable[[], None]:
    """Return the call that runs both on a device at once; what is asked for later waits for both.

    Neither may write what the other reads or writes.
    """
    import cupy

    begun, ended = (cupy.cuda.Event(disable_timing=True) for _ in range(2))

    def call() -> None:
        here, beside = cupy.cuda.get_current_stream(), _stream_beside(cupy.cuda.Device().id)
        begun.record(here)
        beside.wait_event(begun)
        with beside:
            second()
        ended.record(beside)
        first()
        here.wait_event(ended)

    return call


@lru_cache(maxsize=16)
def _stream_beside(device: int) -> Any:
    import cupy

    return cupy.cuda.Stream(non_blocking=True)


@lru_cache(maxsize=1)
def block_memory() -> int:
    """Return the bytes of memory that a block of threads can have of its own."""
    import cupy

    return int(cupy.cuda.Device().attributes["MaxSharedMemoryPerBlockOptin"])


def is_cupy(xp: Namespace) -> bool:
    """Tell whether `xp` is CuPy's namespace.

    Examples
    --------
    >>> is_cupy(namespace())
    False
    """
    return xp.__name__ in ("cupy", "array_api_compat.cupy")


def is_out_of_memory(error: Exception) -> bool:
    """Tell whether a device had no memory left; then what it keeps for later is given back.

    Examples
    --------
    >>> is_out_of_memory(ValueError("something else"))
    False
    """
    if type(error).__name__ != "OutOfMemoryError" or "cupy" not in type(error).__module__:
        return False
    import cupy

    cupy.get_default_memory_pool().free_all_blocks()
    return True


def on_device(x: Array) -> bool:
    """Tell whether an array is one of a CUDA device.

    Examples
    --------
    >>> on_device(np.zeros(2))
    False
    """
    return type(x) is not np.ndarray and is_cupy(namespace_of(x))


def free_memory(xp: Namespace | None = None) -> int:
    """Return the bytes of memory that are free: of the device where `xp` is CuPy, else of the host.

    Of the host, the least of what the system and the control group of the process leave; half of
    the memory where neither tells; 2 GiB where none tells.

    Examples
    --------
    >>> free_memory() > 0
    True
    """
    if xp is not None and is_cupy(xp):
        import cupy

        pool: int = cupy.get_default_memory_pool().free_bytes()
        return int(cupy.cuda.runtime.memGetInfo()[0]) + pool
    found = []
    with contextlib.suppress(OSError, ValueError):
        lines = Path("/proc/meminfo").read_text(encoding="utf-8").splitlines()
        found += [int(x.split()[1]) << 10 for x in lines if x.startswith("MemAvailable:")]
    with contextlib.suppress(OSError, ValueError):
        group = Path("/sys/fs/cgroup")
        limit, used = (
            (group / f"memory.{x}").read_text(encoding="utf-8") for x in ("max", "current")
        )
        found.append(int(limit) - int(used))
    if not found:
        with contextlib.suppress(OSError, ValueError, AttributeError):
            found.append(os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") // 2)
    return max(1, min(found, default=1 << 31))
