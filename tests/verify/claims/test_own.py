"""Claims of one's own, beside the built-in ones."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from cli import call

from verify import claims
from verify.engine import provenance

ROOT = Path(__file__).parents[3]
EXAMPLE = re.search(
    r"```python\n(\"\"\"GOE-TRACE.*?)```", (ROOT / "README.md").read_text(), re.DOTALL
)[1]
HELPED = EXAMPLE.replace("GOE-TRACE", "HELPED").replace(
    '"Var tr M": 1.0', '"Var tr M": _constant.ONE'
)


@pytest.fixture
def folder(tmp_path):
    """A folder of two claims, a helper, and files that hold none; forgotten afterwards."""
    mine = tmp_path / "mine"
    mine.mkdir()
    (mine / "trace.py").write_text(EXAMPLE)
    head, _, rest = HELPED.partition("from numerics.goe")
    (mine / "helped.py").write_text(f"{head}from . import _constant\nfrom numerics.goe{rest}")
    (mine / "_constant.py").write_text("ONE = 1.0\n")
    (mine / "bad.py").write_text("import nothing_of_that_name\n")
    (mine / "none.py").write_text("X = 1\n")
    (mine / "again.py").write_text(EXAMPLE.replace('id="GOE-TRACE"', 'id="T1"'))
    (mine / "sub").mkdir()
    (mine / "sub" / "__init__.py").write_text("1 / 0\n")
    yield mine
    provenance.take_claims(None)


def test_they_are_listed_and_what_holds_none_is_a_line(capsys, folder):
    before = set(claims.all_claims())
    code, out, error = call(capsys, "verify", "list", "--claims", str(folder), "--json")
    assert code == 0
    listed = {claim["id"] for claim in json.loads(out)["claims"]}
    broken = {"file-bad", "file-none", "file-again", "file-sub"}
    assert listed == before | {"GOE-TRACE", "HELPED"} | broken
    lines = error.splitlines()
    assert len(lines) == 4
    assert all(line.startswith(f"note: {folder}/") for line in lines)
    assert f"{folder}/bad.py holds no claim (ModuleNotFoundError: No module named" in error
    assert f"{folder}/again.py holds no claim (two files have a claim 'T1')" in error
    assert claims.module_of(claims.find("T1")) == "verify.claims.complexity.t1_barrier"


def test_a_change_of_their_files_is_another_simulation(folder):
    seen = []
    for text in ("ONE = 1.0\n", "ONE = 2.0 / 2\n"):
        (folder / "_constant.py").write_text(text)
        provenance.take_claims(folder)
        modules = [claims.module_of(claims.find(name)) for name in ("GOE-TRACE", "HELPED", "GOE")]
        seen.append((*map(provenance.simulation_digest, modules), provenance.source_digest()))
    assert [a == b for a, b in zip(*seen, strict=True)] == [True, False, True, False]
    (folder / "trace.py").write_text(EXAMPLE + "\n")
    with pytest.raises(provenance.SourcesChangedError, match=r"own/trace.py was changed"):
        provenance.check_unchanged()


def test_they_are_run_by_workers_beside_the_others(folder, tmp_path):
    words = ["run", "GOE-TRACE", "HELPED", "T1", "--claims", "mine", "--profile", "quick"]
    where = ["--workers", "2", "--store", "s.sqlite", "--out", "out"]
    run = subprocess.run(
        [sys.executable, "-m", "verify", *words, *where],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
    )
    assert run.returncode == 0, run.stderr
    results = json.loads((tmp_path / "out/results.json").read_text())
    verdicts = {claim["id"]: claim["verdict"] for claim in results["claims"]}
    assert verdicts == dict.fromkeys(["GOE-TRACE", "HELPED", "T1"], "supported")
    assert str(tmp_path) not in (tmp_path / "out/index.md").read_text()
    assert run.stderr.count("holds no claim") == 4


def test_a_folder_that_is_none_is_refused(capsys, tmp_path):
    code, out, error = call(capsys, "verify", "list", "--claims", str(tmp_path / "none"))
    assert (code, out) == (2, "")
    assert error.startswith("error: --claims: got ")
    assert error.count("\n") == 1
