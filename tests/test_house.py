"""The house rules: what imports what, what is committed, what the locks hold."""

import ast
import importlib
import inspect
import json
import pkgutil
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import audit_deps
import faults
import locked
import pytest

ROOT = Path(__file__).resolve().parents[1]


PACKAGES = ("theory", "numerics", "verify")
COMPUTES = {"cupy", "flint", "matplotlib", "numba", "scipy.stats", "sklearn", "sympy"}


def loaded_by(code):
    """The modules that a process has at its end; it must end well."""
    said = (
        f"import atexit, sys\natexit.register(lambda: print(*sys.modules, file=sys.stderr))\n{code}"
    )
    run = subprocess.run([sys.executable, "-c", said], capture_output=True, text=True, cwd=ROOT)
    assert run.returncode == 0, run.stderr
    return set(run.stderr.split())


@pytest.mark.parametrize("package", PACKAGES)
def test_importing_a_package_loads_nothing_heavy(package):
    found = loaded_by(f"import {package}")
    assert package in found
    assert not found & {*COMPUTES, "typer"}


@pytest.mark.parametrize("package", PACKAGES)
def test_help_waits_for_nothing_that_computes(package):
    found = loaded_by(
        f"import runpy, sys\nsys.argv = ['{package}', '--help']\n"
        f"runpy.run_module('{package}', run_name='__main__')"
    )
    assert f"verify.commands.{package}" in found
    assert not found & {*COMPUTES, "numpy"}


CROWD = 14  # Python files of its own that a folder may hold; claims' topics and compiled/ apart


@pytest.mark.parametrize("package", PACKAGES)
def test_no_room_is_crowded(package):
    for folder in [ROOT / package, *(ROOT / package).rglob("*/")]:
        if folder.parent == ROOT / "verify/claims" or folder.name in ("compiled", "__pycache__"):
            continue
        assert len(list(folder.glob("*.py"))) <= CROWD, folder


@pytest.mark.parametrize("package", PACKAGES)
def test_no_module_bears_a_public_name_of_its_package(package):
    """Once loaded, it would take the place of the function."""
    rooms = [ROOT / package, *(path.parent for path in (ROOT / package).rglob("__init__.py"))]
    for room in rooms:
        exports = importlib.import_module(".".join(room.relative_to(ROOT).parts))
        modules = {m.name for m in pkgutil.iter_modules([str(room)])}
        public = set(getattr(exports, "__all__", ()))
        assert not modules & public, room
        for name in public:  # each is there, and no module
            assert not inspect.ismodule(getattr(exports, name)), name


@pytest.mark.parametrize("package", PACKAGES)
def test_sections_of_docstrings_stand_on_lines_of_their_own(package):
    """An example that is wrapped into a sentence is run by nobody."""
    wrapped = re.compile(r"\b(Attributes|Examples|Parameters|Raises|References|Returns) -{4,}")
    for path in (ROOT / package).rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not isinstance(node, ast.FunctionDef | ast.ClassDef | ast.Module):
                continue
            for line in (ast.get_docstring(node) or "").splitlines():
                assert not wrapped.search(line), f"{path}: {line}"


def test_a_stub_says_what_its_room_exports():
    for package in PACKAGES:
        for stub in (ROOT / package).rglob("__init__.pyi"):
            tree = ast.parse(stub.read_text())
            named = [
                alias.name
                for node in tree.body
                if isinstance(node, ast.ImportFrom)
                for alias in node.names
            ]
            [said] = [ast.literal_eval(n.value) for n in tree.body if isinstance(n, ast.Assign)]
            assert sorted(named) == sorted(said), stub


def test_hooks_are_local_and_run_what_lint_runs():
    text = (ROOT / ".pre-commit-config.yaml").read_text()
    assert re.findall(r"repo: (\S+)", text) == ["local"]
    entries = re.findall(r"entry: \.venv/bin/(.+)", text)
    assert len(entries) == 4
    linted = re.search(r"^lint:.*\n((?:\t.*\n)+)", (ROOT / "Makefile").read_text(), re.MULTILINE)[1]
    for entry in entries:
        assert re.search(rf"\$\(VENV\)/bin/{entry}( \.)?$", linted, re.MULTILINE), entry


LOCKS = [*ROOT.glob("requirements*.lock"), *ROOT.glob("locks/*.lock")]
APART = {"scikit-rmt.lock"}  # a peer with pins of its own
TOOLS = {"audit.lock", "docs.lock"}  # beside which the project is not installed


@pytest.mark.parametrize("lock", LOCKS, ids=lambda lock: lock.name)
def test_locks_have_hashes_and_no_address(lock):
    text = lock.read_text()
    assert not re.search(r"://|file:|index-url|find-links|^ *[/.]", text, re.MULTILINE)
    assert all(re.fullmatch("[0-9a-f]{64}", h) for one in locked.read(lock) for h in one.hashes)
    if lock.name not in APART | TOOLS:
        assert re.search(r"^setuptools==", text, re.MULTILINE)


def test_locks_agree_on_every_version():
    said = {}
    for lock in LOCKS:
        versions = {}
        for one in locked.read(lock):
            versions.setdefault(one.name, set()).add(one.version)
        for name, some in versions.items() if lock.name not in APART else ():
            said.setdefault(name, {})[lock.name] = some
    assert len(said) > 60
    for name, by_lock in said.items():
        assert len({frozenset(some) for some in by_lock.values()}) == 1, (name, by_lock)


def test_every_extra_and_group_has_a_lock():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    wanted = {*project["project"]["optional-dependencies"], *project["dependency-groups"]}
    assert {lock.stem for lock in LOCKS} == {
        *(wanted - {"dev", "build"}),
        "requirements",
        "requirements-dev",
    }
    installs = (ROOT / "README.md").read_text() + (ROOT / "Makefile").read_text()
    assert not re.search(r"pip install (?!-q|--require-hashes)", installs)


def test_the_bill_of_materials_is_the_lock(tmp_path):
    words = [sys.executable, ROOT / ".ci/sbom.py", ROOT / "requirements.lock"]
    for name in ("one", "two"):
        subprocess.run([*words, tmp_path / name], check=True, capture_output=True)
    assert (tmp_path / "one").read_bytes() == (tmp_path / "two").read_bytes()
    bill = json.loads((tmp_path / "one").read_text())
    listed = {(c["name"], c["version"]): c for c in bill["components"]}
    found = locked.read(ROOT / "requirements.lock")
    assert listed.keys() == {(one.name, one.version) for one in found}
    assert all(
        [h["content"] for h in listed[one.name, one.version]["hashes"]] == list(one.hashes)
        for one in found
    )
    assert bill["bomFormat"] == "CycloneDX"


@pytest.mark.parametrize(
    ("said", "code"),
    [
        ('{"dependencies": [{"name": "a", "version": "1", "vulns": []}]}', 0),
        ('{"dependencies": [{"name": "a", "vulns": [{"id": "X-1"}]}, {"name": "b", "skip_reason": ""}]}', 1),
        ('{"dependencies": [{"name": "a", "vulns": []}, {"name": "b", "skip_reason": "unknown"}]}', 3),
        ('{"dependencies": []}', 3),
        ("", 3),
    ],
)  # fmt: skip
def test_what_was_not_audited_is_not_called_clean(said, code):
    assert audit_deps.judged(said)[0] == code


def test_every_case_of_the_robustness_page_is_tried():
    text = (ROOT / "docs/robustness.md").read_text()
    lines = [row for row in text.splitlines() if row.startswith("| ")]
    rows = [row for row in lines if not re.match(r"\| (what happens|---) ", row)]
    assert len(rows) > 45
    named = re.findall(r"`([a-z_/]+\.py)::(test_\w+)`", text)
    for path, name in named:
        assert re.search(rf"^def {name}\(", (ROOT / path).read_text(), re.MULTILINE), (path, name)
    tried = {
        word
        for row in rows
        for some in re.findall(r"harness ((?:`\w+`(?:, )?)+)", row)
        for word in re.findall(r"\w+", some)
    }
    assert tried == {fault.__name__ for fault in faults.FAULTS}
    assert all("`tests/" in row or "harness `" in row for row in rows)


def test_optional_libraries_have_one_importer_each():
    importers = {}
    for package in ("theory", "numerics", "verify"):
        for path in (ROOT / package).rglob("*.py"):
            for name in ("cupy", "matplotlib", "sklearn"):
                if re.search(rf"^\s*(import|from) {name}\b", path.read_text(), re.MULTILINE):
                    importers.setdefault(name, []).append(path.relative_to(ROOT).as_posix())
    assert importers == {
        "cupy": ["numerics/core/backend.py"],
        "matplotlib": ["verify/report/plots.py"],
        "sklearn": ["numerics/networks/datasets.py"],
    }
