"""Where numbers come from: digests of the sources, versions, the machine's kind."""

from __future__ import annotations

import ast
import hashlib
import json
import platform
from collections.abc import Iterable
from functools import cache
from importlib import metadata
from pathlib import Path

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


def _digest(files: Iterable[Path]) -> str:
    total = hashlib.sha256()
    for path in sorted(files):
        total.update(path.relative_to(ROOT).as_posix().encode() + b"\0")
        total.update(path.read_bytes() + b"\0")
    return total.hexdigest()


def source_digest() -> str:
    """SHA-256 over every source file of theory, numerics and verify."""
    return _digest(
        path
        for package in ("theory", "numerics", "verify")
        for path in (ROOT / package).rglob("*")
        if path.suffix in {".py", ".pyi", ".json"}
    )


def claim_files(module: str) -> set[Path]:
    """The claim's file and those of verify that it imports, where parts of a simulation may stand.

    verify.claim, verify.statistics and verify.alternatives are left out: they hold data and judge it.
    """
    left, found = [module], set()
    while left:
        name = left.pop()
        path = ROOT.joinpath(*name.split(".")).with_suffix(".py")
        judges = any(name == one or name.startswith(f"{one}.") for one in _JUDGES)
        if judges or path in found or not path.exists():
            continue
        found.add(path)
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("verify"):
                left += [node.module or "", *(f"{node.module}.{one.name}" for one in node.names)]
            elif isinstance(node, ast.Import):
                left += [one.name for one in node.names if one.name.startswith("verify")]
    return found


@cache
def simulation_digest(module: str) -> str:
    """SHA-256 over what determines a chunk: numerics, the claim's files, and the versions."""
    files = [*(ROOT / "numerics").rglob("*.py"), *claim_files(module)]
    versions = ",".join(f"{name}={version}" for name, version in package_versions().items())
    return hashlib.sha256((_digest(files) + versions).encode()).hexdigest()


def package_versions() -> dict[str, str]:
    """Versions of the packages that numbers depend on."""
    return {name: metadata.version(name) for name in _PACKAGES}


@cache
def environment_digest() -> str:
    """SHA-256 over the sources and the versions: equal on two machines that give equal numbers."""
    text = json.dumps([source_digest(), package_versions()], sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()


def provenance() -> dict[str, object]:
    """What a reader needs to repeat the run; the machine's kind, never its name or paths."""
    return {
        "source_digest": source_digest(),
        "python": platform.python_version(),
        "platform": f"{platform.system()} {platform.machine()}",
        "versions": package_versions(),
    }
