"""What Numba keeps on disk holds as long as no file of the kernels changes, and no longer."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import numerics

# The smallest kernel that has a piece of another file inside.
BLOCK = """
from numerics.compiled.jit import kernel
from numerics.compiled.philox import philox


@kernel
def block(c0, k0):
    return philox(c0, c0, c0, c0, k0, k0)[0]
"""
DRAW = (
    "from numerics.compiled.block import block; from numpy import uint64; "
    "number = block(uint64(1), uint64(2)); "
    "print(sum(block.stats.cache_hits.values()), number)"
)


def hits(folder):
    """Draw a block with the sources in `folder`: how often the cache served, and a number of it."""
    env = {**os.environ, "PYTHONPATH": str(folder)}
    env.pop("NUMBA_CACHE_DIR", None)
    command = [sys.executable, "-c", DRAW]
    done = subprocess.run(command, cwd=folder, env=env, check=True, capture_output=True, text=True)
    served, number = done.stdout.split()
    return int(served), number


@pytest.mark.parametrize("stamped", [True, False])
def test_a_change_in_another_file_is_compiled(stamped, tmp_path):
    """`block` has the rounds of Philox inside, from another file; without the stamp it is stale."""
    source = Path(numerics.__file__).parent
    shutil.copytree(source, tmp_path / "numerics", ignore=shutil.ignore_patterns("__pycache__"))
    folder = tmp_path / "numerics" / "compiled"
    (folder / "block.py").write_text(BLOCK)
    if not stamped:
        text = (folder / "jit.py").read_text()
        plain = text.replace("_STAMP = _stamp()", '_STAMP = ""')
        assert plain != text
        (folder / "jit.py").write_text(plain)
    served, before = hits(tmp_path)
    assert served == 0
    assert hits(tmp_path) == (1, before)
    text = (folder / "philox.py").read_text()
    changed = text.replace("0xD2511F53", "0xD2511F55")
    assert changed != text
    (folder / "philox.py").write_text(changed)
    served, after = hits(tmp_path)
    assert (served, after != before) == ((0, True) if stamped else (1, False))
