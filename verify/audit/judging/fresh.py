"""Work in a forked child whose sources are imported anew, one of them changed.

What a child does to its modules, caches and files is gone with it. Children say plain data through a
pipe; what they print is dropped.
"""

from __future__ import annotations

import ast
import os
import resource
import signal
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from functools import cache
from importlib import import_module
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec
from importlib.util import spec_from_loader
from multiprocessing import Pipe
from types import CodeType, ModuleType
from typing import Any

from verify.audit.mutations import ROOT, Change, changed_code, source_of

PACKAGES = ("theory", "numerics", "verify")
KERNELS = "numerics/compiled/"
_CACHED = "numerics.compiled.kept.cached"
# What children import whatever they do: loaded once, before they are forked, where it is installed.
_WARM = (
    *(
        "array_api_compat.numpy",
        "array_api_strict",
        "flint",
        "hypothesis",
        "mpmath",
        "numba",
        "pytest",
    ),
    *("scipy.integrate", "scipy.interpolate", "scipy.linalg", "scipy.special", "scipy.stats"),
)
_MOST_MEMORY = 4 << 30  # bytes of a child: a changed size must not take all that there is
_SLOWER = 12  # seconds by the clock for a second of processor time, on a busy machine

Say = Callable[[Any], None]


class OutOfTime(Exception):
    """Something took far longer than on the unchanged source."""


def _ring(*_: object) -> None:
    raise OutOfTime


@contextmanager
def within(limit_s: float) -> Iterator[None]:
    """Raise OutOfTime after so many seconds of processor time."""
    before = signal.signal(signal.SIGVTALRM, _ring)
    signal.setitimer(signal.ITIMER_VIRTUAL, limit_s)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        signal.signal(signal.SIGVTALRM, before)


def forked(work: Callable[[Say], None], limit_s: float) -> list[Any]:
    """All that ``work`` says in a forked child, which is killed after its time."""
    ours, its = Pipe(duplex=False)
    with tempfile.TemporaryDirectory() as scratch:
        pid = os.fork()
        if pid == 0:
            try:
                ours.close()
                # For compiled code that never returns to Python, where a timer would ring.
                most = 5 + int(limit_s)
                resource.setrlimit(resource.RLIMIT_CPU, (most, most + 1))
                resource.setrlimit(resource.RLIMIT_DATA, (_MOST_MEMORY, _MOST_MEMORY))
                devnull = os.open(os.devnull, os.O_WRONLY)
                os.dup2(devnull, 1)
                os.dup2(devnull, 2)
                tempfile.tempdir = scratch
                os.chdir(ROOT)
                work(its.send)
            finally:
                os._exit(0)
        its.close()
        said = []
        with suppress(EOFError):
            while ours.poll(_SLOWER * (5 + limit_s)):
                said.append(ours.recv())
        ours.close()
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)
    return said


class _Imported(MetaPathFinder, Loader):
    """Import the packages from code objects compiled beforehand, one of them changed."""

    def __init__(self, codes: Mapping[str, tuple[str, CodeType]]):
        self.codes = codes

    def find_spec(self, fullname: str, path: Any, target: Any = None) -> ModuleSpec | None:
        if fullname not in self.codes:
            return None
        origin = self.codes[fullname][0]
        package = origin.endswith("__init__.py")
        spec = spec_from_loader(fullname, self, origin=origin, is_package=package)
        if spec is not None and package:
            spec.submodule_search_locations = [os.path.dirname(origin)]
        return spec

    def exec_module(self, module: ModuleType) -> None:
        origin, code = self.codes[module.__name__]
        module.__file__ = origin
        exec(code, module.__dict__)


@cache
def _codes() -> dict[str, tuple[str, CodeType]]:
    """Every module, compiled."""
    found = {}
    for package in PACKAGES:
        for path in sorted((ROOT / package).rglob("*.py")):
            code = compile(path.read_text(encoding="utf-8"), str(path), "exec")
            found[module_name(path.relative_to(ROOT).as_posix())] = (str(path), code)
    return found


def module_name(file: str) -> str:
    """The module of a file."""
    return file.removesuffix(".py").replace("/", ".").removesuffix(".__init__")


def prepare() -> None:
    """Compile and import before forking, so that no child has to."""
    _codes()
    for name in _WARM:
        with suppress(ModuleNotFoundError):
            import_module(name)


@cache
def imports(file: str) -> list[tuple[int, str]]:
    """Line and module of every import of a file."""
    found = []
    for node in ast.walk(ast.parse(source_of(file))):
        if isinstance(node, ast.ImportFrom) and node.module:
            found += [(node.lineno, f"{node.module}.{one.name}") for one in node.names]
            found.append((node.lineno, node.module))
    return found


@cache
def compiles(file: str) -> bool:
    """Whether a file holds code that Numba compiles and keeps on disk: a folder of kernels, or its own."""
    return file.startswith(KERNELS) or any(name == _CACHED for _, name in imports(file))


def kernels_of(module: str) -> set[str]:
    """Files of a module with kernels and of those that are compiled into it."""
    file = f"{module.replace('.', '/')}.py"
    if not (ROOT / file).exists() or not compiles(file):
        return set()
    return {file}.union(*(kernels_of(name) for _, name in imports(file)))


def forget(packages: Sequence[str] = PACKAGES, kernel: str = "") -> None:
    """Have packages imported anew; of compiled kernels those alone that a file is compiled into.

    Tests too, where they are loaded: they hold what they imported.
    """
    folder = module_name(KERNELS.rstrip("/"))
    for name in list(sys.modules):
        inside = name.startswith(f"{folder}.") and kernel not in kernels_of(name)
        kept = inside or (name == folder and not kernel)
        test = name.split(".")[-1].startswith("test_")
        if (name.split(".")[0] in packages and not kept) or test:
            del sys.modules[name]


def change_source(change: Change) -> None:
    """Import from here on with the change made, in this process; what depends on it anew."""
    top = change.file.split("/")[0]
    kernel = change.file if change.file.startswith(KERNELS) else ""
    if compiles(change.file):
        from numba import config

        for file in sorted(path.stem for path in (ROOT / KERNELS).glob("[!_]*.py")):
            import_module(f"{module_name(KERNELS.rstrip('/'))}.{file}")
        # What Numba keeps on disk is of the unchanged source, and is known by instructions, not by
        # numbers: the changed would load it, or take its place. Kernels loaded by now may use it.
        setattr(config, "CACHE_DIR", tempfile.mkdtemp())  # noqa: B010  # unknown to mypy
    forget([top] if top == "verify" else [top, "verify"], kernel)
    codes = dict(_codes())
    name = module_name(change.file)
    codes[name] = (codes[name][0], changed_code(change))
    sys.meta_path.insert(0, _Imported(codes))
