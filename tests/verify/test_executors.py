"""Executors, workers and interrupts change nothing but the time a run takes."""

import json
import subprocess
import sys

import verify
from verify.executors import executor
from verify.jobs import Task


def without_times(report):
    return [{**claim, "seconds": 0.0} for claim in report.data["claims"]]


def test_one_worker_or_two_the_numbers_are_the_same_bit_for_bit():
    ids = ["T1", "KR"]
    alone = verify.run(ids, profile="quick", executor="serial")
    pool = verify.run(ids, profile="quick", executor="process", workers=2)
    other = verify.run(ids, profile="quick", executor="serial", seed=1)
    assert without_times(alone) == without_times(pool)
    assert without_times(alone) != without_times(other)


def test_a_failing_task_is_reported_and_the_others_finish():
    todo = [Task((i, "own"), "prove", (name, 0, None)) for i, name in enumerate(["T1", "KR", "T2"])]
    done = {d.task.tag[0]: d for d in executor("process", 2)(todo)}
    assert "TypeError" in done[1].error
    assert [done[i].error for i in (0, 2)] == [None, None]


INTERRUPTED = """
import os, signal, sys
from verify import store
from verify.commands.verify import main
put, kept = store.Store.put, []
def interrupted(self, *arguments):
    put(self, *arguments)
    kept.append(arguments[0])
    if len(kept) == 5:
        os.kill(os.getpid(), signal.SIGINT)
store.Store.put = interrupted
signal.signal(signal.SIGINT, signal.default_int_handler)  # ignored in a job started by a script
main()
"""


def test_ctrl_c_exits_130_and_the_same_command_resumes(tmp_path):
    words = ["run", "KR", "--profile", "quick"]
    words += ["--store", str(tmp_path / "s.sqlite"), "--out", str(tmp_path / "out")]
    run = subprocess.run(
        [sys.executable, "-c", INTERRUPTED, *words], capture_output=True, text=True, check=False
    )
    assert run.returncode == 130, run.stderr
    assert "resumes" in run.stderr
    assert "Traceback" not in run.stderr
    assert not (tmp_path / "out").exists()
    again = subprocess.run(
        [sys.executable, "-m", "verify", *words], capture_output=True, text=True, check=False
    )
    assert again.returncode == 0
    assert "from the store" in again.stderr
    resumed = json.loads((tmp_path / "out" / "results.json").read_text())
    fresh = verify.run(["KR"], profile="quick").data
    assert resumed["claims"][0]["cells"] == fresh["claims"][0]["cells"]


def test_a_local_dask_cluster_gives_the_same_numbers(tmp_path):
    """In a process of its own: dask leaves threads and sockets to the garbage collector."""
    words = [sys.executable, "-m", "verify", "run", "T1", "KR", "--profile", "quick"]
    words += ["--executor", "dask", "--workers", "2", "--out", str(tmp_path / "out")]
    words += ["--store", str(tmp_path / "s.sqlite")]
    run = subprocess.run(words, capture_output=True, text=True, check=False, timeout=300)
    assert run.returncode == 0, run.stderr
    found = json.loads((tmp_path / "out" / "results.json").read_text())["claims"]
    alone = verify.run(["T1", "KR"], profile="quick").data["claims"]
    assert [{**c, "seconds": 0} for c in found] == [{**c, "seconds": 0} for c in alone]


def test_a_scheduler_needs_dask_and_must_answer(tmp_path):
    def run(*more):
        words = [sys.executable, "-m", "verify", "run", "T2", "--out", str(tmp_path / "out"), *more]
        words += ["--store", str(tmp_path / "s.sqlite")]
        return subprocess.run(words, capture_output=True, text=True, check=False, timeout=120)

    alone = run("--scheduler", "tcp://127.0.0.1:1")
    assert alone.returncode == 2
    assert "takes --executor dask" in alone.stderr
    silent = run("--executor", "dask", "--scheduler", "tcp://127.0.0.1:1")
    assert silent.returncode == 2
    assert silent.stderr.count("\n") == 1
    assert silent.stderr.startswith("error: --scheduler: got tcp://127.0.0.1:1")
