"""Output is never fatal: a run whose messages cannot be said ends as it would have, with its report."""

import json
import os
import signal
import subprocess
import sys
import time

import pytest
import trials

RUN = "{python} -m verify run T1 --profile quick --workers 1 --out {out} --store {out}.sqlite"


@pytest.fixture(scope="module")
def sources(tmp_path_factory):
    """Where the sources have two claims alone, which load much faster."""
    return trials.tree(tmp_path_factory.mktemp("sources"), "t1_barrier", "kr_total")


def shell(tmp_path, ending, sources, **environment):
    line = RUN.format(python=sys.executable, out=tmp_path / "out") + " " + ending
    return subprocess.run(
        ["bash", "-c", line],
        cwd=tmp_path,
        env={**sources, **environment},
        capture_output=True,
        text=True,
    )


@pytest.mark.parametrize(
    "ending",
    [
        "2>/dev/full",
        "| true; exit ${PIPESTATUS[0]}",
        *(
            pytest.param(ending, marks=pytest.mark.long)  # each writes a whole report
            for ending in (
                "2>&-",
                ">/dev/full",
                ">&- 2>&-",
                "2>&1 | head -1; exit ${PIPESTATUS[0]}",
            )
        ),
    ],
)
def test_messages_that_cannot_be_said_end_nothing(tmp_path, ending, sources):
    assert shell(tmp_path, ending, sources).returncode == 0
    found = json.loads((tmp_path / "out" / "results.json").read_text())
    assert [claim["verdict"] for claim in found["claims"]] == ["supported"]
    assert (tmp_path / "out" / "index.md").exists()


def test_the_language_of_the_place_does_not_matter(tmp_path, sources):
    run = shell(
        tmp_path, "", sources, LC_ALL="C", LANG="C", PYTHONUTF8="0", PYTHONCOERCECLOCALE="0"
    )
    assert run.returncode == 0, run.stderr
    assert "✔" in (tmp_path / "out" / "index.md").read_text(encoding="utf-8")


def test_sigterm_ends_a_run_and_its_workers(tmp_path, sources):
    line = RUN.format(python=sys.executable, out=tmp_path / "out").split()
    line[line.index("T1")] = "KR"
    line[line.index("--workers") + 1] = "2"
    line[line.index("quick")] = "paper"
    run = subprocess.Popen(
        line,
        cwd=tmp_path,
        env=sources,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    with run:
        run.stderr.readline()  # the first progress: workers are there
        time.sleep(1.0)
        run.send_signal(signal.SIGTERM)
        assert run.wait(timeout=60) == 130
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        try:
            os.killpg(run.pid, 0)
        except ProcessLookupError:
            return
        time.sleep(0.1)
    pytest.fail("workers were left")
