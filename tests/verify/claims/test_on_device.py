"""Claims on a device, or the stand-in for one, at the size of the audit: the verdicts of the host.

Some would take minutes on the stand-in: of these every test run does a part, and compares its numbers
with those of the host; `make test-device` does the whole.
"""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from verify import claims
from verify.claims import find

ROOT = Path(__file__).resolve().parents[3]
HARNESS = ROOT / "tests" / "verify" / "harness" / "on_device.py"
WHOLE = ("KR-K", "HAM")
LONG = ("F5",)  # trains by loops for a minute a chunk
# Chunks of a grid point and grid points.
PARTS = {
    "T2-I": "1",
    "F3": "1",
    "A4": "1:1",
    "S2": "1:1",
    "S1": "1:1",
    "T10": "1:1",
    "F4": "1:1",
    "F6": "1:1",
    "F8": "1:1",
    "X1-D": "1:1",
    "X4": "1:1",
}
STANDING = {"F4": "inconclusive"}  # of the others "survived", as on the host
TRAINED = ("F4", "F6", "F8")  # whose numbers part from a last bit on
APART = 1e-3  # of descents to a gradient of 1e-6
HOST = (
    "CENSUS",
    "CENSUS-7",
    "E9-I",
    "T7-I",
    "N1",
    "N3-S",
    "N4-S",
    "GOE",
    "GOE-G",
    "GOE-K",
    "KR",
    "MIX-MC",
    "X1-C",
    "X1-S",
    "X3",
    "X3-N",
    "X5-D",
    "X5-I",
    "X5-K",
    "X5-N",
    "X6-N",
    "X6-I",
    "R2",
    "R3",
    "R5",
    "R6",
    "R1",
    "R4",
    "R7",
)


def run(*words):
    """What the claims say in a process of their own."""
    folders = [str(ROOT), str(ROOT / "tests" / "standin")]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(folders)}
    done = subprocess.run(
        [sys.executable, str(HARNESS), *words],
        capture_output=True,
        text=True,
        check=False,
        env=environment,
    )
    assert done.returncode == 0, f"{done.stdout}\n{done.stderr[-3000:]}"
    return [json.loads(line) for line in done.stdout.splitlines()]


@pytest.mark.parametrize("name", WHOLE)
def test_the_verdict_is_the_hosts(name):
    [found] = run(name)
    assert found["standing"] == STANDING.get(name, "survived")
    assert found.get("launches", 1) > 0


@pytest.mark.parametrize("name", PARTS)
def test_a_part_has_the_hosts_numbers(name):
    [found] = run(f"{name}:{PARTS[name]}")
    assert found["apart"] < APART or name in TRAINED
    assert found.get("launches", 1) > 0


@pytest.mark.long
@pytest.mark.skipif(os.environ.get("DEVICE") != "all", reason="make test-device does the whole")
@pytest.mark.parametrize("name", [*WHOLE, *PARTS, *LONG])
def test_the_verdict_is_the_hosts_at_length(name):
    from verify.claim import Setting
    from verify.engine.tasks import worked

    [found] = run(name)
    evidence = find(name).evidence
    host = evidence.standing(evidence.cells(worked(name, Setting("audit", 0))))
    assert found["standing"] == host == STANDING.get(name, "survived")


def test_every_claim_that_simulates_is_named():
    simulated = {claim.id for claim in claims.all_claims().values() if claim.evidence.simulated}
    assert {*WHOLE, *PARTS, *LONG, *HOST} == simulated


def test_what_asks_nothing_of_a_device():
    """So that it is known which do, and a change of it is seen."""
    quick = ("N3-S", "N4-S", "KR", "MIX-MC")
    assert all(found.get("launches", 0) == 0 for found in run(*quick))
