"""Where numbers come from: digests of the sources, versions, the machine's kind."""

from __future__ import annotations

import ast
import hashlib
import importlib.util
import json
import platform
import re
from collections.abc import Iterable
from functools import cache
from importlib import metadata
from pathlib import Path

from numerics.core.backend import processor
from verify import claims

# Lines by which the audit's sweep is told what to leave alone (verify.audit.excuses): no number knows them.
_MARK = re.compile(rb"^[ \t]*# (?:(?:guard|same) \(|tests/).*\n", re.MULTILINE)
_JUDGES = ("verify.claim", "verify.statistics", "verify.alternatives")
ROOT = Path(__file__).resolve().parents[2]
_PACKAGES = (
    "array-api-compat",
    "mpmath",
    "numba",
    "numpy",
    "python-flint",
    "scikit-learn",
    "scipy",
    "sympy",
)


class SourcesChangedError(Exception):
    """A source was edited while the run that uses it goes on; the message says which."""


def _sources() -> list[Path]:
    """Every source file of theory, numerics and verify, and of claims of one's own.

    An editor's leavings are none.
    """
    folders = [*(ROOT / package for package in ("theory", "numerics", "verify")), *_own()]
    return [
        path
        for folder in folders
        for path in sorted(folder.rglob("*"))
        if path.suffix in {".py", ".pyi", ".json"}
        and path.name != "prices.json"
        and not path.name.startswith(".")
        and path.is_file()
    ]


def _own() -> list[Path]:
    """The folder of claims of one's own, if there is one."""
    return [Path(folder) for folder in claims.own.__path__]


def _name(path: Path) -> str:
    """What a source is called in digests: the same on every machine."""
    for folder in _own():
        if path.is_relative_to(folder):
            return f"own/{path.relative_to(folder).as_posix()}"
    return path.relative_to(ROOT).as_posix()


def take_claims(folder: Path | None) -> None:
    """Take the claims of a folder of one's own, or none, beside the built-in ones, its files for sources."""
    claims.take_beside(folder)
    for known in (_at_start, simulation_digest, environment_digest):
        known.cache_clear()


def _digest(files: Iterable[Path]) -> str:
    total = hashlib.sha256()
    for path in sorted(files):
        total.update(_name(path).encode() + b"\0")
        total.update(_MARK.sub(b"", path.read_bytes()) + b"\0")
    return total.hexdigest()


def package_digest(package: str) -> str:
    """SHA-256 over the source files of theory, numerics or verify."""
    return _digest(path for path in _sources() if path.is_relative_to(ROOT / package))


def _stamps() -> dict[str, tuple[int, int]]:
    """Size and time of the last change of every source file: enough to notice an edit."""
    found = {}
    for path in _sources():
        info = path.stat()
        found[_name(path)] = (info.st_size, info.st_mtime_ns)
    return found


@cache
def _at_start() -> tuple[str, dict[str, tuple[int, int]]]:
    stamps = _stamps()
    return _digest(_sources()), stamps


def source_digest() -> str:
    """SHA-256 over every source file of theory, numerics and verify, as this process first saw them.

    It is asked for before claims are imported, and `check_unchanged` holds it to be true after.
    """
    return _at_start()[0]


def check_unchanged() -> None:
    """Raise SourcesChangedError if a source file is not what it was when its digest was taken."""
    before, now = _at_start()[1], _stamps()
    if now != before:
        names = sorted(name for name in {*before, *now} if before.get(name) != now.get(name))
        raise SourcesChangedError(
            f"sources: {names[0]} was changed while they were used; what was finished is kept, "
            "run the same command again"
        )


def claim_files(module: str) -> set[Path]:
    """The claim's file and those of verify that it imports, where parts of a simulation may stand.

    verify.claim, verify.statistics and verify.alternatives are left out: they hold data and judge it.
    """
    left, found = [module], set()
    while left:
        name = left.pop()
        folder = _own()[0] if claims.is_own(name) and _own() else ROOT
        path = folder / claims.file_of(name)
        judges = any(name == one or name.startswith(f"{one}.") for one in _JUDGES)
        if judges or path in found or not path.exists():
            continue
        found.add(path)
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ImportFrom):
                word = "." * node.level + (node.module or "")
                source = importlib.util.resolve_name(word, name.rpartition(".")[0])
                if source.startswith("verify"):
                    left += [source, *(f"{source}.{one.name}" for one in node.names)]
            elif isinstance(node, ast.Import):
                left += [one.name for one in node.names if one.name.startswith("verify")]
    return found


@cache
def simulation_digest(module: str) -> str:
    """SHA-256 over what determines a chunk: numerics, the claim's files, versions, the CPU's kernels."""
    numerics = [path for path in _sources() if path.is_relative_to(ROOT / "numerics")]
    files = {*(path for path in numerics if path.suffix == ".py"), *claim_files(module)}
    return hashlib.sha256((_digest(files) + _bits()).encode()).hexdigest()


def _bits() -> str:
    """What decides last bits beside the sources: Python itself, whose `sum` changed in 3.12, too."""
    python = ".".join(platform.python_version_tuple()[:2])
    return json.dumps([python, package_versions(), processor()], sort_keys=True)


def package_versions() -> dict[str, str]:
    """Versions of the packages that numbers depend on."""
    return {name: metadata.version(name) for name in _PACKAGES}


@cache
def environment_digest() -> str:
    """SHA-256 over sources, versions and kernels: equal on two machines that give equal bits."""
    return hashlib.sha256((source_digest() + _bits()).encode()).hexdigest()


def provenance() -> dict[str, object]:
    """What a reader needs to repeat the run; the machine's kind, never its name or paths."""
    return {
        "source_digest": source_digest(),
        "python": platform.python_version(),
        "platform": f"{platform.system()} {platform.machine()}",
        "kernel": processor(),
        "versions": package_versions(),
    }
