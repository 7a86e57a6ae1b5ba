"""Output is never fatal: a run whose messages cannot be said ends as it would have, with its report."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
RUN = "{python} -m verify run T1 --profile quick --workers 1 --out {out} --store {out}.sqlite"


def shell(tmp_path, ending, **environment):
    line = RUN.format(python=sys.executable, out=tmp_path / "out") + " " + ending
    return subprocess.run(
        ["bash", "-c", line],
        cwd=ROOT,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
    )


@pytest.mark.parametrize(
    "ending",
    [
        "2>/dev/full",
        "2>&-",
        ">/dev/full",
        ">&- 2>&-",
        "2>&1 | head -1; exit ${PIPESTATUS[0]}",
        "| true; exit ${PIPESTATUS[0]}",
    ],
)
def test_messages_that_cannot_be_said_end_nothing(tmp_path, ending):
    assert shell(tmp_path, ending).returncode == 0
    found = json.loads((tmp_path / "out" / "results.json").read_text())
    assert [claim["verdict"] for claim in found["claims"]] == ["supported"]
    assert (tmp_path / "out" / "index.md").exists()


def test_the_language_of_the_place_does_not_matter(tmp_path):
    run = shell(tmp_path, "", LC_ALL="C", LANG="C", PYTHONUTF8="0", PYTHONCOERCECLOCALE="0")
    assert run.returncode == 0, run.stderr
    assert "✔" in (tmp_path / "out" / "index.md").read_text(encoding="utf-8")


def test_sigterm_ends_a_run_and_its_workers(tmp_path):
    line = RUN.format(python=sys.executable, out=tmp_path / "out").split()
    line[line.index("T1")] = "KR"
    line[line.index("--workers") + 1] = "2"
    line[line.index("quick")] = "paper"
    run = subprocess.Popen(
        line, cwd=ROOT, stderr=subprocess.PIPE, text=True, start_new_session=True
    )
    with run:
        run.stderr.readline()  # the first progress: workers are there
        time.sleep(1.0)
        run.send_signal(signal.SIGTERM)
        assert run.wait(timeout=60) == 143
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        try:
            os.killpg(run.pid, 0)
        except ProcessLookupError:
            return
        time.sleep(0.1)
    pytest.fail("workers were left")
