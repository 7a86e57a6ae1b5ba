"""Whatever happens to a run, nothing finished is lost and the resumed numbers are the same.

One of the faults that leave least behind here, one of every kind in ``make test-long``; ``make
test-faults`` has a hundred kills.
"""

import json
import random
import shutil
import sqlite3
import subprocess
import sys
from contextlib import closing

import faults
import pytest
import trials

GUILTY = '''
"""A claim that kills its worker in a chunk, when it is judged, or never."""
import os, signal
from verify.claim import Alternative, Claim, each, per_profile
from verify.evidence import Sampled
from verify.statistics import mean_cell

def simulate(params, stream, chunk, xp):
    if chunk == GUILTY:
        os.kill(os.getpid(), signal.SIGKILL)
    return {"x": stream.generator(chunk).standard_normal(10)}

def compare(seen):
    if NAME == "UGLY":
        os.kill(os.getpid(), signal.SIGKILL)
    return [mean_cell({}, "x", seen.prediction["x"], seen.data["x"])]

CLAIM = Claim(NAME, "t", (), "s", "s", "a",
    Sampled(({"N": 2},), lambda p: {"x": 0.0}, simulate, each(compare),
            per_profile(quick=100, standard=100, paper=100), {"x": lambda p, e: {"x": e}}),
    (Alternative("one", "b", {"predict": lambda p: {"x": 1.0}}),))
'''


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    folder = tmp_path_factory.mktemp("whole") / "run"
    return folder, trials.reference(folder)


CHAINS = [
    (faults.killed_inside,),
    *(
        pytest.param(chain, marks=pytest.mark.long)
        for chain in (
            (
                faults.killed,
                faults.killed_inside,
                faults.interrupted,
                faults.terminated,
                faults.disk_full,
                faults.read_only,
                faults.clock_set_back,
            ),
            (faults.workers_killed,),
            (faults.second_process, faults.bytes_flipped),
            (faults.clock_leaps,),
            (faults.few_descriptors,),
            (faults.worker_killed_judging,),
            (faults.temporary_folder_full,),
            (faults.kernels_damaged,),
            (faults.sources_read_only,),
        )
    ),
]


@pytest.mark.parametrize("chain", CHAINS, ids=lambda chain: chain[0].__name__)
def test_nothing_is_lost_or_done_twice(chain, whole, tmp_path):
    found = faults.suffer(tmp_path, chain, whole[1], seed=len(chain))
    assert found.clean, found
    assert found.inside >= chain.count(faults.killed_inside)


@pytest.mark.long
def test_a_long_run_interrupted_three_times_equals_one_that_was_not(tmp_path):
    found = faults.f3_three_times(tmp_path, seed=random.randrange(10**6))
    assert found.clean, found


def test_what_is_lost_twice_or_changed_is_counted(whole, tmp_path):
    """Faults that a store could not survive are seen."""
    folder, reference = whole
    for name in ("s.sqlite", "journal"):
        shutil.copy(folder / name, tmp_path)

    def forgets(trial, reference, rng):
        with closing(sqlite3.connect(trial.store)) as db, db:
            db.execute("DELETE FROM chunks WHERE rowid <= 3")

    found = faults.suffer(tmp_path, [forgets], reference, seed=0)
    assert (found.lost, found.duplicated, found.changed, found.clean) == (3, 3, False, False)
    other = trials.Reference([{}], reference.keys | {"key"}, 1.0)
    found = faults.suffer(tmp_path, [faults.read_only], other, seed=0)
    assert (found.lost, found.changed) == (1, True)
    assert found.complaints  # nothing was left to write, so the fault never came


def test_every_fault_is_in_a_chain():
    tried = {fault for chain in CHAINS for fault in getattr(chain, "values", (chain,))[0]}
    assert tried == set(faults.FAULTS)


@pytest.mark.parametrize("executor", ["process", pytest.param("dask", marks=pytest.mark.long)])
def test_only_the_guilty_chunk_or_judgement_fails(executor, tmp_path):
    environment = trials.tree(tmp_path)
    for name, guilty in (("BAD", 61), ("UGLY", -1), ("FINE", -1)):
        code = f"{GUILTY.strip()}\n".replace("GUILTY", str(guilty)).replace("NAME", repr(name))
        (tmp_path / "verify" / "claims" / f"{name.lower()}.py").write_text(code)
    words = [sys.executable, "-m", "verify", "run", "BAD", "UGLY", "FINE", "--profile", "quick"]
    words += ["--executor", executor, "--workers", "2", "--out", str(tmp_path / "out")]
    words += ["--store", str(tmp_path / "s.sqlite")]
    run = subprocess.run(words, cwd=tmp_path, env=environment, capture_output=True, text=True)
    assert run.returncode == 1, run.stderr
    bad, ugly, fine = json.loads((tmp_path / "out" / "results.json").read_text())["claims"]
    assert bad["verdict"] == "error"
    assert "died 3 times in this task: work ('BAD', 0, 61)" in bad["reason"]
    assert ugly["verdict"] == "error"
    assert "died 3 times in this task: judge" in ugly["reason"]
    assert fine["verdict"] == "supported"
    with closing(sqlite3.connect(tmp_path / "s.sqlite")) as db:
        jobs = [json.loads(job) for (job,) in db.execute("SELECT job FROM chunks")]
    kept = {(job["claim"], job["chunk"]) for job in jobs if job["look"] == 1}
    assert kept == {(n, c) for n in ("BAD", "UGLY", "FINE") for c in range(100)} - {("BAD", 61)}
