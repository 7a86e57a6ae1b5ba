"""Whatever is typed, called or read, it ends with a result or with one line that names the input.

HYPOTHESIS_PROFILE=long searches freely and longer, and FUZZ_PAGE names the page of what it counted.
"""

import contextlib
import io
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from unittest import mock

import hostile
import pytest
from hostile import TALLY, bounded, cases, one_line, typed, watched
from hypothesis import example, given
from hypothesis import strategies as st

import numerics
import theory
import verify
from verify.commands.streams import tolerant
from verify.engine.options import RunError
from verify.engine.store import StoreError

ROOT = Path(__file__).resolve().parents[3]
COMMITTED = ROOT / "reports" / "results.json"


def _strict_json(words, out):
    if "--json" in words and out.startswith("{"):
        json.loads(out, parse_constant=pytest.fail)


@cases(2200)
@given(hostile.command_lines("theory"))
@example(["thresholds", "--model", "q^(10^9)"])
@example(["thresholds", "--model", hostile.MILLION])
@example(["thresholds", "--model", "__import__('os').system('touch x')"])
@example(["counts", "--n", "5", "--below", "-E_0", "--json"])
@example(["complexity", "--u", "9" * 400, "--digits", "5"])
def test_theory(words):
    _strict_json(words, typed("theory", words)[1])


@cases(2000)
@given(hostile.command_lines("numerics"))
@example(["kac-rice", "--model", "q^(10^9)"])
@example(["kac-rice", "--n", "3", "--p", "10000", "--samples", "5"])
@example(["descend", "--n", "50", "--p", "40"])
@example(["goe", "--n", "1000000", "--samples", "1000000000"])
def test_numerics(words):
    _strict_json(words, typed("numerics", words)[1])


@cases(800)
@given(hostile.command_lines("verify"))
@example(["all", "--profile", "quick", "--executor", "serial"])
@example(["run", "T1", "--executor", "serial", "--store", "here.txt"])
@example(["run", "T1", "--executor", "serial", "--out", "here.txt"])
@example(["run", "T1", "--executor", "serial", "--store", "."])
@example(["report", "--out", "."])
def test_verify(words):
    typed("verify", words)


@pytest.mark.parametrize("word", ["q^(10^9)", hostile.MILLION, "__import__('os')", "9" * 10**6])
def test_long_and_evil_models_are_refused_quickly(word):
    start = time.process_time()
    with pytest.raises(theory.InputError):
        theory.parse(word)
    assert time.process_time() - start < 0.5


NOWHERE = "/proc/nonexistent"  # a folder that cannot be made: who tries leaves nothing


def _called(package, functions, call, error):
    name, arguments = call
    shown = f"{package}.{name}({str(arguments)[:300]})"
    accepted = True
    with bounded(shown), watched() as seen:
        try:
            functions[name](**arguments)
        except error as refused:
            accepted = False
            one_line(refused)
    TALLY.cases[f"{package} functions", "accepted" if accepted else "refused"] += 1
    harmless = (*hostile._CACHES, NOWHERE)
    assert [path for path in seen if not any(part in path for part in harmless)] == [], shown


THEORY = hostile.public_functions("theory")
NUMERICS = hostile.public_functions("numerics")


@cases(1000, 40)
@given(hostile.calls(THEORY))
def test_functions_of_theory(call):
    _called("theory", THEORY, call, theory.InputError)


@cases(1000, 40)
@given(hostile.calls(NUMERICS))
def test_functions_of_numerics(call):
    _called("numerics", NUMERICS, call, numerics.InputError)


OPTIONS = ["ids", "profile", "seed", "backend", "executor", "workers", "scheduler", "store"]


@cases(200)
@given(st.dictionaries(st.sampled_from(OPTIONS), hostile.objects, max_size=3))
def test_verify_run(arguments):
    """As from Python; a store that is named by anything but a path within an empty folder is none."""
    store = arguments.get("store")
    if isinstance(store, str):
        arguments = {**arguments, "store": f"{NOWHERE}/{store[:10]}"}
    functions = {"run": lambda **given: verify.run(**{"ids": ["no-such-claim"], **given})}
    errors = (RunError, StoreError, numerics.InputError)
    with mock.patch("verify.engine.options.all_claims", hostile.quick_claims):
        _called("verify", functions, ("run", arguments), errors)


class Failing(io.StringIO):
    """A stream that fails as planned, then for ever as the last time."""

    def __init__(self, plan):
        super().__init__()
        self.plan = plan

    def write(self, text):
        error = self.plan.pop(0) if len(self.plan) > 1 else self.plan[0]
        if error is not None:
            raise error
        return len(text)

    def flush(self):
        self.write("")


ERRORS = st.sampled_from([None, OSError(28, "full"), BrokenPipeError(), ValueError("closed")])
LINES = [(["thresholds"], 0), (["thresholds", "--p", "1"], 2), (["bogus"], 2)]


@cases(100, 10)
@given(st.lists(ERRORS, min_size=1, max_size=5), st.sampled_from(LINES))
def test_messages_that_fail_change_no_exit_code(plan, line):
    words, code = line
    with (
        mock.patch("sys.stderr", tolerant(Failing(plan))),
        mock.patch("sys.argv", ["theory", *words]),
        contextlib.redirect_stdout(io.StringIO()),
        pytest.raises(SystemExit) as stopped,
    ):
        hostile.arguments.main(hostile.APPS["theory"], "python -m theory")
    assert stopped.value.code == code
    TALLY.cases["failing streams", "accepted" if code == 0 else "refused"] += 1


@cases(200, 2)
@given(st.sampled_from(["theory", "numerics", "verify"]).flatmap(
    lambda p: st.tuples(st.just(p), hostile.command_lines(p))))  # fmt: skip
def test_in_a_process_of_its_own(line):
    program, words = line
    words = [word for word in words if "\x00" not in word and len(word) < 10_000]
    if words[:1] == ["all"]:  # of every claim; the others are run in this process on one
        words = ["list"]
    with tempfile.TemporaryDirectory() as folder:
        run = subprocess.run(
            [sys.executable, "-m", program, *words],
            cwd=folder,
            env={**os.environ, "PYTHONPATH": str(ROOT), "OPENBLAS_NUM_THREADS": "1"},
            capture_output=True,
            text=True,
            timeout=300,
        )
    TALLY.cases["processes", "accepted" if run.returncode == 0 else "refused"] += 1
    assert run.returncode in (0, 2), (words, run.returncode, run.stderr[-2000:])
    if run.returncode == 2:
        assert run.stderr.count("\n") == 1, (words, run.stderr[-2000:])
        assert run.stderr.startswith("error: ")
        assert run.stdout == ""
