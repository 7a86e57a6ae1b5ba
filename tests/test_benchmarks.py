"""Benchmarks are run by hand: what they import must be there when they are."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

FOLDER = Path(__file__).resolve().parents[1] / "benchmarks"


@pytest.mark.parametrize("name", sorted(path.stem for path in FOLDER.glob("*.py")))
def test_a_benchmark_finds_what_it_imports(name):
    """Peers are optional, and named where they are missing."""
    run = subprocess.run(
        [sys.executable, "-c", f"import {name}"],
        cwd=FOLDER,
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 0, run.stderr


def test_tools_for_hessians_at_the_oracle():
    """Lanczos and ARPACK find the index of a linear network's saddle; power iteration does not."""
    run = subprocess.run(
        [sys.executable, "hessians.py"], cwd=FOLDER, capture_output=True, text=True, check=True
    )
    index = {
        line.split(":")[0]: float(re.search(r"index ([0-9.]+)", line)[1])
        for line in run.stdout.splitlines()
        if "index" in line
    }
    assert index["exact"] == index["SciPy's eigsh"] == 26
    error = float(re.search(r"\(error ([0-9.]+)\)", run.stdout)[1])
    assert 0 < error < 1
    assert abs(index["Lanczos"] - 26) < 5 * error
    assert index["power iteration and deflation"] != 26
    assert "curvlinops' spectral density: not installed: not measured" in run.stdout
