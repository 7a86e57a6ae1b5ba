"""Kernels are kept where that is possible, and nothing damaged is ever run."""

import os
import random
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import numerics

BLOCK = """
from numerics.compiled.jit import kernel
from numerics.compiled.philox import philox


@kernel
def block(c0, k0):
    return philox(c0, c0, c0, c0, k0, k0)[0]
"""
DRAW = (
    "import sys; from numerics.core.kernels import prepare; "
    "print(*(prepare() if sys.argv[1:] else ())); "
    "from numerics.compiled.block import block; from numpy import uint64; "
    "number = block(uint64(1), uint64(2)); "
    "print(sum(block.stats.cache_hits.values()), number)"
)
NOWHERE = "/proc/nonexistent"


def draw(folder, *more, **changed):
    """What was said, how often the cache served, and a number."""
    env = {**os.environ, "PYTHONPATH": str(folder), **changed}
    if "NUMBA_CACHE_DIR" not in changed:
        env.pop("NUMBA_CACHE_DIR", None)
    command = [sys.executable, "-W", "error", "-c", DRAW, *more]
    done = subprocess.run(command, cwd=folder, env=env, check=True, capture_output=True, text=True)
    said, counted = done.stdout.splitlines()
    served, number = counted.split()
    assert done.stderr == ""
    return said, int(served), number


@pytest.fixture
def sources(tmp_path):
    source = Path(numerics.__file__).parent
    shutil.copytree(source, tmp_path / "numerics", ignore=shutil.ignore_patterns("__pycache__"))
    (tmp_path / "numerics/compiled/block.py").write_text(BLOCK)
    return tmp_path


def flipped(raw):
    place = random.Random(len(raw)).randrange(32, len(raw))
    return raw[:place] + bytes([raw[place] ^ 1]) + raw[place + 1 :]


DAMAGE = [
    (".nbi", lambda raw: raw[: len(raw) // 2]),
    (".nbi", lambda raw: b"no machine code" * 100),
    (".nbi", flipped),
    (".nbc", lambda raw: b""),
    (".nbc", lambda raw: raw[:-100]),
    (".nbc", flipped),
]


def test_damaged_kernels_are_compiled_again(sources):
    """A bit of the machine code would give another number, or end the process."""
    said, served, number = draw(sources)
    assert served == 0
    for ending, damage in DAMAGE:
        [file] = (sources / "numerics/compiled/__pycache__").glob(f"block*{ending}")
        file.write_bytes(damage(file.read_bytes()))
        assert draw(sources) == ("", 0, number)
    file.write_bytes(flipped(file.read_bytes()))
    said, served, again = draw(sources, "prepared")
    assert (served, again) == (0, number)
    assert said.startswith("1 files of compiled kernels were damaged")
    assert draw(sources, "prepared") == ("", 1, number)


def test_sources_that_cannot_be_written(sources):
    """Nor does root write into a file as if it were a folder."""
    for name in ("compiled", "critical"):
        (sources / "numerics" / name / "__pycache__").write_text("in the way")
    nowhere = dict.fromkeys(("HOME", "XDG_CACHE_HOME", "NUMBA_CACHE_DIR"), NOWHERE)
    temporary = sources / "temporary"
    temporary.mkdir()
    said, served, number = draw(sources, "prepared", **nowhere, TMPDIR=str(temporary))
    assert "compiled kernels cannot be kept" in said
    assert served == 0
    assert not list(temporary.iterdir())  # it left nothing
    assert draw(sources, **nowhere) == ("", 0, number)  # as from Python: nothing is kept
    home = {**nowhere, "XDG_CACHE_HOME": str(sources / "cache"), "NUMBA_CACHE_DIR": ""}
    assert draw(sources, "prepared", **home) == ("", 0, number)
    assert draw(sources, "prepared", **home) == ("", 1, number)
    full = {**nowhere, "TMPDIR": NOWHERE, "NUMBA_CACHE_DIR": str(sources / "named")}
    assert draw(sources, "prepared", **full) == ("", 0, number)
    assert draw(sources, "prepared", **full) == ("", 1, number)
