"""Executors, workers and interrupts change nothing but the time a run takes."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
import trials

import verify
from verify import claims
from verify.claim import Piece, Setting
from verify.engine.executors import ExecutorError, executor, run_checked
from verify.engine.jobs import Task
from verify.engine.provenance import environment_digest
from verify.engine.tasks import work

ROOT = Path(__file__).resolve().parents[3]
# Proof, sampled, limits simulated and exact.
EVERY_KIND = {
    "T1": "t1_barrier",
    "KR": "kr_total",
    "F3": "f3_end_points",
    "T3-N": "t3_n_total",
    "HAM": "ham_law",
}
EVERY_CLAIM = os.environ.get("EXECUTORS") == "all"


@pytest.fixture(scope="module")
def environment(tmp_path_factory):
    """Where the sources have the claims of this file alone."""
    return trials.tree(tmp_path_factory.mktemp("sources"), *EVERY_KIND.values())


def claims_of(folder, executor, environment, seed=0):
    """Results but for times, of a process of its own: dask leaves threads and sockets behind."""
    if EVERY_CLAIM:
        words = ["-m", "verify", "all", "--profile", "quick"]
        environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    else:
        words = [str(trials.FAULTY), "none small bare", os.devnull, "run"]
        words += [*EVERY_KIND, "--profile", "standard"]
    words += ["--executor", executor, "--workers", "2", "--out", str(folder / executor)]
    words += ["--store", str(folder / f"{executor}.sqlite"), "--seed", str(seed)]
    run = subprocess.run(
        [sys.executable, *words], cwd=folder, env=environment, capture_output=True, text=True
    )
    assert run.returncode in (0, 1), run.stderr
    found = json.loads((folder / executor / "results.json").read_text())["claims"]
    assert not [claim for claim in found if claim["verdict"] == "error"], found
    return [{**claim, "seconds": 0.0} for claim in found]


@pytest.fixture(scope="module")
def alone(tmp_path_factory, environment):
    return claims_of(tmp_path_factory.mktemp("alone"), "serial", environment)


@pytest.mark.long
def test_every_kind_of_claim_is_compared(alone):
    kinds = {claims.find(claim["id"]).kind for claim in alone}
    exact = {claims.find(c["id"]).evidence.simulate is None for c in alone if c["kind"] == "limit"}
    assert kinds == {"proof", "sampled", "limit"}
    assert exact == {True, False}


@pytest.mark.long
@pytest.mark.parametrize("executor", ["process", "dask"])
def test_executors_change_no_bit(executor, alone, tmp_path, environment):
    assert claims_of(tmp_path, executor, environment) == alone


@pytest.fixture(scope="module")
def fresh():
    """Of one claim, run serially in this process."""
    return verify.run(["KR"], profile="quick", seed=0, executor="serial").data["claims"]


def test_another_seed_gives_other_numbers(fresh):
    runs = [verify.run(["KR"], profile="quick", seed=seed).data["claims"] for seed in (0, 1)]
    cells = [[claim["cells"] for claim in run] for run in (fresh, *runs)]
    assert cells[0] == cells[1] != cells[2]


def proving(claim_id):
    """Arguments of a task: the first grid point of a claim's own theory."""
    return {"claim_id": claim_id, "piece": Piece(0), "setting": Setting("quick")}


def test_a_failing_task_is_reported_and_the_others_finish():
    todo = [
        Task((i, "own"), work, proving(name)) for i, name in enumerate(["T1", "no claim", "T2"])
    ]
    done = {d.task.tag[0]: d for d in executor("process", 2)(todo)}
    assert "UnknownClaim" in done[1].error
    assert [done[i].error for i in (0, 2)] == [None, None]


INTERRUPTED = """
import os, signal, sys
from verify.engine import store
from verify.commands import enter
put, kept = store.Store.put, []
def interrupted(self, *arguments):
    put(self, *arguments)
    kept.append(arguments[0])
    if len(kept) == 5:
        os.kill(os.getpid(), signal.SIGINT)
store.Store.put = interrupted
signal.signal(signal.SIGINT, signal.default_int_handler)  # ignored in a job started by a script
enter("verify")
"""


def test_ctrl_c_exits_130_and_the_same_command_resumes(tmp_path, environment, fresh):
    """What a pool of two had and what it resumes are the numbers of a serial run."""
    words = ["run", "KR", "--profile", "quick", "--executor", "process", "--workers", "2"]
    words += ["--store", str(tmp_path / "s.sqlite"), "--out", str(tmp_path / "out")]

    def ran(*program):
        return subprocess.run(
            [sys.executable, *program, *words],
            cwd=tmp_path,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )

    run = ran("-c", INTERRUPTED)
    assert run.returncode == 130, run.stderr
    assert "resumes" in run.stderr
    assert "Traceback" not in run.stderr
    assert not (tmp_path / "out").exists()
    again = ran("-m", "verify")
    assert again.returncode == 0
    assert "from the store" in again.stderr
    resumed = json.loads((tmp_path / "out" / "results.json").read_text())
    assert resumed["claims"][0]["cells"] == fresh[0]["cells"]


def test_a_scheduler_needs_dask_and_must_answer(tmp_path, environment):
    def run(*more):
        words = [sys.executable, "-m", "verify", "run", "T1", "--out", str(tmp_path / "out"), *more]
        words += ["--store", str(tmp_path / "s.sqlite")]
        quick = {**environment, "DASK_DISTRIBUTED__COMM__TIMEOUTS__CONNECT": "2s"}
        return subprocess.run(
            words,
            cwd=tmp_path,
            capture_output=True,
            text=True,
            check=False,
            timeout=120,
            env=quick,
        )

    alone = run("--scheduler", "tcp://127.0.0.1:1")
    assert alone.returncode == 2
    assert "takes --executor dask" in alone.stderr
    silent = run("--executor", "dask", "--scheduler", "tcp://127.0.0.1:1")
    assert silent.returncode == 2
    assert silent.stderr.count("\n") == 1
    assert silent.stderr.startswith("error: --scheduler: got tcp://127.0.0.1:1")


def test_a_worker_of_other_sources_is_refused():
    task = Task(("T1", "own"), work, proving("T1"))
    assert run_checked((task,), environment_digest())[0].error is None
    with pytest.raises(ExecutorError, match="other sources, packages or kernels"):
        run_checked((task,), "another digest")
