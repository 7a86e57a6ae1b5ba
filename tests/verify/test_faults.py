"""Whatever happens to a run, nothing finished is lost and the resumed numbers are the same.

A few faults by default; ``make test-faults`` sets FAULTS to run many.
"""

import json
import os
import random
import resource
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
FAULTS = int(os.environ.get("FAULTS", "1"))
CLAIMS = ("KR",)

KILLED_INSIDE = """
import os, signal, sys
from verify import store
from verify.commands.verify import main
left = [int(sys.argv.pop(1))]
put = store.Store.put
def dying(self, key, job, data, seconds):
    left[0] -= 1
    if left[0] < 0:
        self._db.execute("BEGIN")
        self._db.execute(store._INSERT, (key, "{}", b"half", "", seconds))
        os.kill(os.getpid(), signal.SIGKILL)
    put(self, key, job, data, seconds)
store.Store.put = dying
main()
"""

CLOCK_BACK = """
import itertools, time
steps = itertools.count()
time.time = lambda: 1e9 - 3600.0 * next(steps)
from verify.commands.verify import main
main()
"""

GUILTY = '''
"""BAD: a claim whose simulation kills its worker in one chunk."""
import os, signal
import numpy as np
from verify.claim import Alternative, Claim, Sampled, each, per_profile
from verify.statistics import mean_cell

def simulate(params, stream, chunk, xp):
    if chunk == 2:
        os.kill(os.getpid(), signal.SIGKILL)
    return {"x": stream.generator(chunk).standard_normal(10)}

CLAIM = Claim("BAD", "t", (), "s", "s", "a",
    Sampled(({"N": 2},), lambda p: {}, simulate,
            each(lambda seen: [mean_cell({}, "x", 0.0, seen.data["x"])]),
            per_profile(quick=5, standard=5, paper=5), {"x": lambda p, e: {}}),
    (Alternative("a", "b", {"predict": lambda p: {}}),))
'''


def command(folder, *more, program=("-m", "verify"), executor="process", claims=CLAIMS):
    words = [sys.executable, *program, *more, "run", *claims, "--profile", "quick"]
    words += ["--executor", executor, "--workers", "2", "--out", str(folder / "out")]
    return [*words, "--store", str(folder / "s.sqlite")]


def start(words, **options):
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
    return subprocess.Popen(words, cwd=ROOT, start_new_session=True, **pipes, **options)


def finish(words, **options):
    run = start(words, **options)
    out, err = run.communicate(timeout=300)
    return run.returncode, out, err


def claims_of(folder):
    data = json.loads((folder / "out" / "results.json").read_text())
    return [{**claim, "seconds": 0} for claim in data["claims"]]


def chunks_in(folder):
    path = folder / "s.sqlite"
    if not path.exists():
        return 0
    db = sqlite3.connect(path)
    try:
        return db.execute("SELECT count(*) FROM chunks").fetchone()[0]
    except sqlite3.OperationalError:
        return 0
    finally:
        db.close()


@pytest.fixture(scope="module")
def reference(tmp_path_factory):
    folder = tmp_path_factory.mktemp("reference")
    begin = time.monotonic()
    code, _, err = finish(command(folder))
    assert code == 0, err
    return claims_of(folder), time.monotonic() - begin, chunks_in(folder)


def resumed_equals(folder, reference):
    code, _, err = finish(command(folder))
    assert code == 0, err
    assert claims_of(folder) == reference[0]
    assert chunks_in(folder) == reference[2]
    return err


def kill(run, number):
    os.killpg(run.pid, number)


@pytest.mark.parametrize("fault", range(max(1, FAULTS - FAULTS // 3)))
def test_killed_at_any_moment(fault, reference, tmp_path):
    run = start(command(tmp_path))
    time.sleep(random.Random(fault).uniform(0.3, 1.0) * reference[1])
    kill(run, signal.SIGKILL)
    run.communicate()
    resumed_equals(tmp_path, reference)


@pytest.mark.parametrize("fault", range(max(1, FAULTS // 3)))
def test_killed_inside_a_transaction(fault, reference, tmp_path):
    after = random.Random(1000 + fault).randrange(reference[2])
    program = ("-c", KILLED_INSIDE, str(after))
    code, _, _ = finish(command(tmp_path, program=program, executor="serial"))
    assert code == -signal.SIGKILL
    assert chunks_in(tmp_path) == after
    resumed_equals(tmp_path, reference)


@pytest.mark.parametrize("fault", range(max(1, FAULTS // 10)))
def test_interrupted_at_any_moment(fault, reference, tmp_path):
    run = start(command(tmp_path))
    time.sleep(random.Random(2000 + fault).uniform(0.5, 0.9) * reference[1])
    run.send_signal(signal.SIGINT)
    _, err = run.communicate(timeout=60)
    assert run.returncode in (0, 130), err
    assert "Traceback" not in err
    resumed_equals(tmp_path, reference)


@pytest.mark.parametrize("fault", range(max(1, FAULTS // 10)))
def test_workers_killed(fault, reference, tmp_path):
    run = start(command(tmp_path))
    time.sleep(random.Random(3000 + fault).uniform(0.5, 0.9) * reference[1])
    found = subprocess.run(
        ["ps", "-o", "pid=", "--ppid", str(run.pid)], capture_output=True, text=True
    )
    for pid in found.stdout.split():
        try:
            if "spawn_main" in Path(f"/proc/{pid}/cmdline").read_text():
                os.kill(int(pid), signal.SIGKILL)
        except (FileNotFoundError, ProcessLookupError):
            pass
    _, err = run.communicate(timeout=300)
    assert run.returncode == 0, err
    assert claims_of(tmp_path) == reference[0]


def test_only_the_guilty_chunk_fails(tmp_path, reference):
    for package in ("theory", "numerics", "verify"):
        ignored = shutil.ignore_patterns("__pycache__")
        shutil.copytree(ROOT / package, tmp_path / package, ignore=ignored)
    (tmp_path / "verify" / "claims" / "bad.py").write_text(GUILTY.strip() + "\n")
    words = command(tmp_path, claims=("BAD", *CLAIMS))
    environment = {**os.environ, "PYTHONPATH": str(tmp_path)}
    run = subprocess.run(
        words, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False
    )
    assert run.returncode == 1, run.stderr
    bad, *others = claims_of(tmp_path)
    assert bad["verdict"] == "error"
    assert "died 3 times" in bad["reason"]
    assert [c["cells"] for c in others] == [c["cells"] for c in reference[0]]


def test_a_full_disk_ends_in_one_line_and_keeps_what_is_finished(reference, tmp_path):
    def small_files():
        resource.setrlimit(resource.RLIMIT_FSIZE, (4_000_000, 4_000_000))

    code, _, err = finish(command(tmp_path), preexec_fn=small_files)
    assert code == 2, err
    assert err.strip().splitlines()[-1].startswith("error: --store")
    assert "Traceback" not in err
    assert chunks_in(tmp_path) > 0
    assert "from the store" in resumed_equals(tmp_path, reference)


def test_a_clock_set_back_changes_nothing(reference, tmp_path):
    code, _, err = finish(command(tmp_path, program=("-c", CLOCK_BACK), executor="serial"))
    assert code == 0, err
    assert claims_of(tmp_path) == reference[0]


def test_flipped_bytes_in_the_store(reference, tmp_path):
    assert finish(command(tmp_path))[0] == 0
    path = tmp_path / "s.sqlite"
    raw = bytearray(path.read_bytes())
    places = random.Random(5)
    for _ in range(20):
        raw[places.randrange(len(raw) // 10, len(raw))] ^= 1 + places.randrange(255)
    path.write_bytes(raw)
    assert "damaged" in resumed_equals(tmp_path, reference)
