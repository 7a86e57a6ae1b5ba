"""The examples of docs/tensors.md run."""

import re
import shlex
from math import comb
from pathlib import Path

import numpy as np
import pytest
from cli import call

from verify.engine import provenance

ROOT = Path(__file__).parents[3]
TEXT = (ROOT / "docs/tensors.md").read_text()
CLAIM = re.search(
    r"```python\n(\"\"\"GOE-TRACE.*?)```", (ROOT / "README.md").read_text(), re.DOTALL
)[1]


def test_the_blocks_run():
    blocks = re.findall(r"```python\n(.*?)```", TEXT, re.DOTALL)
    assert len(blocks) == 4
    exec(compile("\n".join(blocks), "docs/tensors.md", "exec"), {})


def test_every_status_is_told():
    from numerics.critical.enumeration import STATUSES

    assert re.findall(r"^\| `([a-z-]+)` \|", TEXT, re.MULTILINE)[3:] == list(STATUSES)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """What the page's commands find, one after the other."""
    place = tmp_path_factory.mktemp("page")
    rng = np.random.default_rng(3)
    np.save(place / "T.npy", rng.standard_normal((3, 3, 3)))
    np.save(place / "J.npy", rng.standard_normal(comb(5, 3)))
    np.save(place / "hessian.npy", np.diag([1.0, -2.0]))
    (place / "mine").mkdir()
    (place / "mine" / "one.py").write_text(CLAIM.replace("GOE-TRACE", "MINE"))
    yield place
    provenance.take_claims(None)


@pytest.mark.parametrize("line", re.findall(r"^python -m .*$", TEXT, re.MULTILINE))
def test_the_commands_run(capsys, folder, monkeypatch, line):
    monkeypatch.chdir(folder)
    _, _, program, *words = shlex.split(line)
    code, out, error = call(capsys, program, *words)
    assert code == 0, error
    assert out
