"""Workers: they die with their parent, stop at their limit, and run the sources they began with."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import memory
import pytest
import trials

from verify.engine import executors
from verify.engine.jobs import Task, perform
from verify.engine.provenance import SourcesChangedError
from verify.engine.queue import Queue

ROOT = Path(__file__).resolve().parents[3]


def test_a_task_over_its_limit_is_stopped(monkeypatch):
    monkeypatch.setattr(executors, "LOOK_SECONDS", 0.1)
    todo = [Task((i, "own"), signal.pause, {}) for i in range(2)]
    start = time.monotonic()
    found = list(executors.process(Queue(todo, least_limit=3.0), 2))
    assert time.monotonic() - start < 60
    assert len(found) == 2
    assert all("its limit" in done.error for done in found)


PARENT = """
import os, signal
from verify.engine.executors import process
from verify.engine.jobs import Task
from verify.engine.queue import Queue

if __name__ == "__main__":
    todo = [Task(("first", i), os.getpid, {}) for i in range(2)]
    todo += [Task(("rest", i), signal.pause, {}) for i in range(2)]
    for done in process(Queue(todo), 2):
        print(done.result, flush=True)
"""


def alive(pid):
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] not in "ZX"
    except OSError:
        return False


@pytest.mark.skipif(not Path("/proc").is_dir(), reason="looks for processes in /proc")
@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGTERM])
def test_workers_do_not_outlive_their_parent(tmp_path, how):
    (tmp_path / "parent.py").write_text(PARENT)
    run = subprocess.Popen(
        [sys.executable, tmp_path / "parent.py"],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        text=True,
    )
    with run:
        workers = {int(run.stdout.readline()) for _ in range(2)}
        time.sleep(0.5)  # until they wait for ever
        run.send_signal(how)
        run.wait(timeout=20)
    deadline = time.monotonic() + 20
    while any(map(alive, workers)) and time.monotonic() < deadline:
        time.sleep(0.1)
    assert not any(map(alive, workers))


@pytest.mark.skipif(not Path("/proc/self/smaps_rollup").exists(), reason="looks into /proc")
@pytest.mark.long
def test_a_run_fits_the_memory_it_is_said_to_take():
    found = memory.measured(["T1", "KR"])
    assert found.returncode == 0
    assert 2**26 < found.worker < found.every < memory.MOST


def test_a_task_that_leaves_is_an_error_like_any_other():
    done = perform(Task(("A", 0), sys.exit, {}))
    assert "SystemExit" in done.error


EDITED = """
import sys
from pathlib import Path
from verify.engine import runner
from verify.engine.options import Options
from verify.engine.provenance import ROOT, SourcesChangedError

def edit(done, total, what):
    path = ROOT / "theory" / "levels.py"
    path.write_text(path.read_text() + "\\n# edited\\n")

if __name__ == "__main__":
    try:
        runner.run_claims(["T1"], Options(profile="quick", executor="serial", progress=edit))
    except SourcesChangedError as error:
        print(error)
    else:
        print("nothing was noticed")
"""


def test_an_edit_during_a_run_stops_it_in_a_line(tmp_path):
    environment = trials.tree(tmp_path, "t1_barrier")
    (tmp_path / "verify/claims/.#goe.py").symlink_to("nobody@nowhere")  # an editor's lock
    (tmp_path / "run.py").write_text(EDITED)
    run = subprocess.run(
        [sys.executable, "run.py"],
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
        check=True,
    )
    assert run.stdout.startswith("sources: theory/levels.py was changed while they were used")
    assert run.stdout.count("\n") == 1


def test_a_worker_of_other_sources_says_so():
    answer = executors._answer("another digest", ())
    assert isinstance(answer, SourcesChangedError)
