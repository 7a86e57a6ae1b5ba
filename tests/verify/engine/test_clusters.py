"""Clusters of dask: two clients on one, TLS, and one that goes away."""

import contextlib
import json
import re
import subprocess
import sys

import clusters
import pytest
import trials

import verify
from verify.engine.store import Store

pytestmark = pytest.mark.long


@pytest.fixture(scope="module")
def environment(tmp_path_factory):
    return trials.tree(tmp_path_factory.mktemp("sources"), "kr_total")


def run(folder, environment, address, seed=0, profile="quick"):
    words = [sys.executable, "-m", "verify", "run", "KR", "--profile", profile]
    words += ["--executor", "dask", "--scheduler", address, "--seed", str(seed)]
    words += ["--workers", "1", "--out", str(folder / f"out {seed}")]
    return subprocess.Popen(
        [*words, "--store", str(folder / f"{seed}.sqlite")],
        cwd=folder,
        env=environment,
        stderr=subprocess.PIPE,
        text=True,
    )


def cells(folder, seed):
    found = json.loads((folder / f"out {seed}" / "results.json").read_text())
    return found["claims"][0]["cells"]


def test_two_clients_share_a_scheduler(tmp_path, environment):
    """Each gets its own results, though tasks of both have the same tags."""
    with contextlib.ExitStack() as stack:
        address, _, hire = clusters.scheduler(stack, environment)
        hire()
        hire()
        both = [run(tmp_path, environment, address, seed) for seed in (0, 1)]
        for one in both:
            _, said = one.communicate(timeout=500)
            assert one.returncode == 0, said
    for seed in (0, 1):
        alone = verify.run(["KR"], profile="quick", seed=seed).data["claims"][0]["cells"]
        assert cells(tmp_path, seed) == alone


def test_tls(tmp_path, environment):
    secure = {**environment, **clusters.certified(tmp_path)}
    with contextlib.ExitStack() as stack:
        address, _, hire = clusters.scheduler(stack, secure, "tls")
        hire()
        one = run(tmp_path, secure, address)
        _, said = one.communicate(timeout=500)
        assert one.returncode == 0, said
        stranger = run(tmp_path, environment, address, seed=1)
        _, said = stranger.communicate(timeout=100)
        assert stranger.returncode == 2
        assert re.fullmatch(r"error: --scheduler: got tls://[^\n]*\n", said)
    alone = verify.run(["KR"], profile="quick").data["claims"][0]["cells"]
    assert cells(tmp_path, 0) == alone


def test_a_scheduler_that_goes_away_ends_the_run_in_one_line_and_loses_nothing(
    tmp_path, environment
):
    with contextlib.ExitStack() as stack:
        address, scheduler, hire = clusters.scheduler(stack, environment)
        hire()
        broken = run(tmp_path, environment, address, profile="standard")
        stack.callback(broken.kill)
        said = ""
        while "/2101" not in said:  # some tasks of the 2101 are done
            said = broken.stderr.readline()
            assert said, broken.wait()
        scheduler.kill()
        _, said = broken.communicate(timeout=120)
    lines = [line for line in said.splitlines() if "/2101" not in line and "note" not in line]
    assert len(lines) == 1, said
    [line] = lines
    assert broken.returncode == 2
    assert re.match(rf"error: --scheduler: {address}, .*the same command resumes$", line)
    with Store(tmp_path / "0.sqlite") as kept:
        assert kept.get("nothing") is None
        assert kept._db.execute("SELECT count(*) FROM chunks").fetchone()[0] > 0
