"""Benchmarks are run by hand: what they import must be there when they are."""

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
