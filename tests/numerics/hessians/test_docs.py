"""The examples of docs/hessians.md run."""

import re
import shlex
from pathlib import Path

import numpy as np
import pytest
from cli import call

TEXT = (Path(__file__).parents[3] / "docs/hessians.md").read_text()
BLOCKS = re.findall(r"^```python( notest)?\n(.*?)^```$", TEXT, re.DOTALL | re.MULTILINE)


def run(blocks):
    exec(compile("\n".join(blocks), "docs/hessians.md", "exec"), {})


def test_the_blocks_run(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    blocks = [text for skipped, text in BLOCKS if not skipped]
    assert len(blocks) == 6
    run(blocks)


def test_the_block_of_pytorch_runs():
    pytest.importorskip("torch")
    run(["import numerics", *(text for skipped, text in BLOCKS if skipped)])


@pytest.mark.parametrize("line", re.findall(r"^python -m .*$", TEXT, re.MULTILINE))
def test_the_commands_run(capsys, tmp_path, monkeypatch, line):
    monkeypatch.chdir(tmp_path)
    x = np.random.default_rng(0).standard_normal((80, 2))
    y = (x[:, 0] > 0).astype(int)
    np.savez("own.npz", train_x=x[:60], train_y=y[:60], test_x=x[60:], test_y=y[60:])
    _, _, program, *words = shlex.split(line)
    code, out, error = call(capsys, program, *words, *["--epochs", "2"])
    assert code == 0, error
    assert out
