"""The house rules: what imports what, what is committed, what the locks hold."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]


@pytest.mark.parametrize("package", ["theory", "numerics", "verify"])
def test_importing_a_package_loads_nothing_heavy(package):
    code = (
        f"import sys, {package}; "
        "print(*{'sympy', 'cupy', 'matplotlib', 'typer', 'flint', 'sklearn'} & set(sys.modules))"
    )
    left = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT
    )
    assert left.stdout.strip() == ""


def test_locks_have_hashes_and_no_address():
    for lock in ("requirements.lock", "requirements-dev.lock"):
        text = (ROOT / lock).read_text()
        assert "--hash=sha256:" in text
        assert not re.search(r"https?:|file:|index-url|find-links", text)
        assert re.search(r"^setuptools==", text, re.MULTILINE)


def test_optional_libraries_have_one_importer_each():
    importers = {}
    for package in ("theory", "numerics", "verify"):
        for path in (ROOT / package).rglob("*.py"):
            for name in ("cupy", "matplotlib", "sklearn"):
                if re.search(rf"^\s*(import|from) {name}\b", path.read_text(), re.MULTILINE):
                    importers.setdefault(name, []).append(path.relative_to(ROOT).as_posix())
    assert importers == {
        "cupy": ["numerics/backend.py"],
        "matplotlib": ["verify/plots.py"],
        "sklearn": ["numerics/datasets.py"],
    }
