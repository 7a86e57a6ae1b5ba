"""Threads over chunks: the order and the numbers of one thread; memory that does not grow."""

import json
import subprocess
import sys
import threading

import pytest

from numerics import InputError, descend, layer_count, mean_count, sample_goe
from numerics.core.checks import check_memory
from numerics.core.threads import ordered


def test_results_come_in_order_and_few_wait():
    started, taken = [], 0
    gate = threading.Event()

    def work(i):
        started.append(i)
        if i == 0:
            gate.wait(10)
        return i * i

    found = ordered(work, iter(range(200)), workers=3)
    gate.set()
    for i, value in enumerate(found):
        assert value == i * i
        taken += 1
        assert len(started) <= taken + 2 * 3 + 1
    assert taken == 200
    assert sorted(started) == list(range(200))
    with pytest.raises(ZeroDivisionError):
        list(ordered(lambda i: 1 // (3 - i), range(9), workers=2))


@pytest.mark.parametrize(
    "estimate",
    [
        lambda w, s: mean_count(40, {3: 1.0}, 30_000, workers=w, seed=s),
        lambda w, s: layer_count(20, {3: 0.5, 4: 0.5}, 1, 70_000, below=-1.6, workers=w, seed=s),
        lambda w, s: sample_goe(30, 9000, k=2, workers=w, seed=s).tolist(),
        lambda w, s: sample_goe(30, 2500, method="dense", workers=w, seed=s).tolist(),
        lambda w, s: descend(12, p=3, disorders=5, starts=3, workers=w, seed=s).energies.tolist(),
    ],
)
def test_no_number_depends_on_the_threads(estimate):
    one = estimate(1, 0)
    assert one == estimate(3, 0)
    assert one != estimate(1, 1)


PEAK = """
import pathlib, re, resource, sys
from verify.commands.numerics import app

kept = []


def peak():
    # What getrusage tells survives an exec: the parent's peak. Linux tells this process's own.
    status = pathlib.Path("/proc/self/status")
    if status.exists():
        return int(re.search(r"VmHWM:\\s+(\\d+)", status.read_text())[1]) * 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


for samples, floats in ((20000, 0), (400000, 0), (20000, 400000)):
    kept.append(bytearray(8 * floats))
    app([{words}, "--samples", str(samples)], standalone_mode=False)
    print("peak", peak())
"""


def test_twenty_times_the_samples_take_no_more_memory():
    """Peak resident memory of the command's process; a float a sample, kept beside, is seen."""
    words = ["kac-rice", "--p", "3", "--n", "60", "--k", "0", "--below=-1.9"]
    code = PEAK.replace("{words}", ", ".join(map(repr, words)))
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert run.returncode == 0, run.stderr
    peaks = [int(line.split()[1]) for line in run.stdout.splitlines() if line.startswith("peak")]
    few, many, beside = peaks
    assert many - few < 2**20
    assert beside - many > 2**21


def test_memory_is_checked_before_the_work():
    with pytest.raises(InputError, match=r"^memory: got 0.00098 GiB; takes .* take fewer samples"):
        sample_goe(100, 10**6, memory=2**20)
    with pytest.raises(InputError, match=r"^memory: got 0 bytes|^memory: got 0; takes"):
        check_memory(0, 1, "work", "take less")
    with pytest.raises(InputError, match=r"^workers: got 0; takes an integer >= 1"):
        mean_count(5, {3: 1.0}, 100, workers=0)
    with pytest.raises(InputError, match=r"^memory: got 'much'; takes an integer >= 1"):
        layer_count(5, {3: 1.0}, 0, 100, memory="much")
    with pytest.raises(InputError, match=r"^memory: got .* stream them or take fewer spins"):
        descend(300, p=3, memory=2**23, place="stored")
    with pytest.raises(InputError, match=r"^memory: got .* for 9 starts at n = 300: take fewer"):
        descend(300, p=3, starts=9, memory=2**20)
    with pytest.raises(InputError, match=r"^memory: got .* for stored couplings"):
        descend(300, p=3, memory=2**23, method="sgd")


def test_descents_that_do_not_fit_stream_their_couplings():
    """At 2 MiB the couplings of 100 spins, 4 MB, are drawn at every use; the ends are the same."""
    few = {"n": 100, "p": 3, "starts": 2, "max_steps": 4}
    found = [descend(**few, memory=memory) for memory in (None, 2**21)]
    found += [descend(**few, place="streamed")]
    for one in found[1:]:
        assert (one.energies == found[0].energies).all()
    newton = {"n": 20, "p": 3, "starts": 3, "method": "gd+newton"}
    pairs = [descend(**newton, place=place) for place in ("stored", "streamed")]
    assert (pairs[0].energies == pairs[1].energies).all()
    assert (pairs[0].lowest_eigenvalue == pairs[1].lowest_eigenvalue).all()


CALL = "import numerics\nfound = numerics.descend(5, p=3, disorders=2, workers=2, seed=1)\n"
SAID = "print(found.energies.tolist())\n"


@pytest.mark.parametrize("way", ["a file", "standard input", "a word", "a guard"])
def test_workers_in_a_script_of_any_kind(way, tmp_path):
    file = tmp_path / "script.py"
    body = CALL + SAID
    if way == "a guard":
        body = 'if __name__ == "__main__":\n' + "".join(f"    {x}\n" for x in body.splitlines())
    file.write_text(body)
    words = {"a word": ["-c", body], "standard input": ["-"]}.get(way, [str(file)])
    run = subprocess.run([sys.executable, *words], input=body, capture_output=True, text=True)
    assert run.returncode == 0, run.stderr
    alone = descend(5, p=3, disorders=2, seed=1)
    assert json.loads(run.stdout) == alone.energies.tolist()


def test_workers_that_cannot_begin_are_told_how_in_a_line(tmp_path):
    file = tmp_path / "script.py"
    # The guard is there, and guards nothing.
    body = "try:\n" + "".join(f"    {x}\n" for x in CALL.splitlines())
    file.write_text(
        f"{body}except numerics.InputError as error:\n    print(error)\nif __name__ == 'x':\n    pass\n"
    )
    run = subprocess.run([sys.executable, str(file)], capture_output=True, text=True)
    assert run.stdout.count("\n") == 1
    assert run.stdout.startswith(
        "workers: got 2; takes processes that can begin and live: keep the"
    )
