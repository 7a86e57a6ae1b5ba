"""The examples of docs/samples.md run."""

import re
import shlex
from pathlib import Path

import numpy as np
import pytest
from cli import call

import theory
from verify.samples.references import shifted

TEXT = (Path(__file__).parents[3] / "docs/samples.md").read_text()


def test_the_blocks_run():
    blocks = re.findall(r"```python\n(.*?)```", TEXT, re.DOTALL)
    assert len(blocks) == 5
    exec(compile("\n".join(blocks), "docs/samples.md", "exec"), {})


@pytest.fixture
def files(tmp_path, monkeypatch):
    """Samples as the page's commands find them."""
    monkeypatch.chdir(tmp_path)
    rng = np.random.default_rng(3)
    draw = rng.standard_normal((400, 20, 20))
    np.save("mine.npy", theory.goe_law(40, 0).rvs(400, rng))
    np.save("scaled.npy", theory.edge_law(1).rvs(400, rng))
    np.save("spectra.npy", np.linalg.eigvalsh((draw + draw.swapaxes(1, 2)) / np.sqrt(80)))
    hessian = shifted(3, 40, 0, -1.6)
    np.save("hessians.npy", hessian.scale * hessian.law.rvs(400, rng) + hessian.shift)
    mean = np.exp(theory.mean_count(theory.pure(3), 4, 0).log)
    np.save("counts.npy", rng.poisson(mean, 400))


@pytest.mark.parametrize("line", re.findall(r"^python -m .*$", TEXT, re.MULTILINE))
def test_the_commands_run(capsys, files, line):
    _, _, program, *words = shlex.split(line)
    code, out, error = call(capsys, program, *words)
    assert code == 0, error
    assert out
