"""Whatever is typed, called or read, it ends with a result or with one line that names the input.

HYPOTHESIS_PROFILE=long searches freely and longer, and FUZZ_PAGE names the page of what it counted.
"""

import copy
import io
import json
import os
import subprocess
import sys
import tempfile
import time
from contextlib import suppress
from pathlib import Path
from unittest import mock

import hostile
import numpy as np
import pytest
from hostile import TALLY, bounded, cases, one_line, typed, watched
from hypothesis import example, given
from hypothesis import strategies as st

import numerics
import theory
import verify
from verify.engine.options import RunError
from verify.engine.store import Store, StoreError, pack, unpack
from verify.report import pages, results

ROOT = Path(__file__).resolve().parents[3]
COMMITTED = ROOT / "reports" / "results.json"


@pytest.fixture(scope="module", autouse=True)
def page(request):
    """Write what was counted where FUZZ_PAGE says."""
    start = time.monotonic()
    yield
    path = os.environ.get("FUZZ_PAGE")
    if path:
        failed = request.session.testsfailed
        Path(path).write_text(TALLY.page(failed, time.monotonic() - start))


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
    written = [path for path in seen if not any(cache in path for cache in hostile._CACHES)]
    assert written == [], shown


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
        arguments = {**arguments, "store": f"/proc/nonexistent/{store[:10]}"}
    functions = {"run": lambda **given: verify.run(**{"ids": ["no-such-claim"], **given})}
    errors = (RunError, StoreError, numerics.InputError)
    with mock.patch("verify.engine.options.all_claims", hostile.quick_claims):
        _called("verify", functions, ("run", arguments), errors)


@cases(300)
@given(st.binary(max_size=3000), st.booleans())
def test_a_store_of_any_bytes(raw, begins_well):
    with tempfile.TemporaryDirectory() as folder, bounded("a store"):
        path = Path(folder) / "s.sqlite"
        path.write_bytes(b"SQLite format 3\0" * begins_well + raw)
        accepted = True
        try:
            with Store(path) as store:
                assert store.get("key") is None
        except StoreError as refused:
            accepted = False
            one_line(refused)
    TALLY.cases["stores", "accepted" if accepted else "refused"] += 1


@cases(300)
@given(st.binary(max_size=300), st.sampled_from([0, 20, 60, 1000]), st.booleans())
def test_arrays_of_any_bytes_are_read_without_unpickling(raw, keep, npy):
    """What `unpack` reads has passed its checksum; here it has not."""
    good = io.BytesIO()
    np.save(good, np.array([{}], dtype=object), allow_pickle=True)
    blob = good.getvalue() if npy else pack({"x": np.arange(9)})
    with watched() as seen, bounded("arrays"), suppress(Exception):
        unpack(blob[:keep] + raw)
    assert "pickle.find_class" not in seen
    TALLY.cases["arrays", "refused"] += 1


scalars = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8)
json_values = (
    scalars | st.lists(scalars, max_size=3) | st.dictionaries(st.text(max_size=8), scalars)
)
REAL = json.loads(COMMITTED.read_text())


def _without_axes(one):
    """Drawing every figure would take the time of all the rest."""
    return {**one, "series": one["series"][:0]}


@cases(500)
@given(st.lists(st.tuples(st.integers(0, 10**6), json_values), max_size=3), st.text(max_size=40))
def test_results_of_any_kind_are_refused_or_reported(places, text):
    """Values of a real results.json are replaced at random; its words are hostile markdown."""
    chosen = REAL["claims"][len(text) % len(REAL["claims"])]
    data = copy.deepcopy({**REAL, "claims": [chosen]})
    evil = f"<script>{text}|[x](y)\n# head $\\input{{/etc/passwd}}$ ![i](http://a/b)"
    claim = data["claims"][0]
    for place in ("title", "reason", "statement", "notes", "source", "assumptions"):
        claim[place] = evil
    for some in (claim["cells"][:1], claim["alternatives"][:1]):
        for one in some:
            one |= {word: evil for word in ("quantity", "name", "why") if word in one}
    for number, value in places:
        at = data
        while isinstance(at, dict | list) and at:
            keys = sorted(at) if isinstance(at, dict) else range(len(at))
            key = keys[number % len(keys)]
            number //= len(keys)
            if number % 3 == 0 or not isinstance(at[key], dict | list):
                at[key] = copy.deepcopy(value)
                break
            at = at[key]
    with tempfile.TemporaryDirectory() as folder, bounded("results.json"):
        path = Path(folder) / "results.json"
        path.write_text(json.dumps(data))
        try:
            found = results.load(path)
        except results.ResultsError as refused:
            one_line(refused)
            TALLY.cases["results.json", "refused"] += 1
            return
        with watched() as seen:
            pages.write(
                {**found, "claims": [_without_axes(c) for c in found["claims"]]}, path.parent
            )
        written = "".join(p.read_text() for p in Path(folder).glob("*.md"))
        top = os.path.realpath(folder)
        assert all(place.startswith(top) for place in seen), seen
    TALLY.cases["results.json", "accepted"] += 1
    for bad in ("<script>", "\n# head", "[x](y)", "![i](", "$\\input"):
        assert bad not in written, bad


PLACES = st.sampled_from(sorted({*REAL["claims"][1]["series"][0], "other"}))
TEX = st.sampled_from(
    ["$\\frac{$", "$x^$", "\\input{/etc/passwd}", "$\\undefined$", "a_b^{", "\x00"]
)


@cases(40, 3)
@given(st.lists(st.tuples(PLACES, json_values), max_size=2), TEX)
def test_foreign_figures_are_drawn_or_refused(changes, text):
    """Labels are no mathematics, whatever stands in them; drawn to a file or refused."""
    claim = copy.deepcopy(next(c for c in REAL["claims"] if c["series"]))
    one = claim["series"][0]
    claim["series"] = [one]
    one |= {"label": text, "panel": text, "xlabel": text, **dict(changes)}
    with tempfile.TemporaryDirectory() as folder, bounded("a figure"):
        path = Path(folder) / "results.json"
        path.write_text(json.dumps({**REAL, "claims": [claim]}))
        code, _, _ = _reported(path)
    TALLY.cases["figures", "accepted" if code == 0 else "refused"] += 1


def _reported(path):
    return typed("verify", ["report", "--out", "out"], {"out/results.json": path.read_bytes()})


@cases(500)
@given(hostile.idx_files())
def test_idx_files_of_any_kind(files):
    """MNIST's files: right, cut, of other kinds, of impossible sizes, gzip bombs."""
    from numerics.networks.datasets import read_mnist

    accepted = True
    with tempfile.TemporaryDirectory() as folder, bounded(sorted(files)):
        for name, raw in files.items():
            (Path(folder) / name).write_bytes(raw)
        try:
            read_mnist(folder)
        except numerics.InputError as refused:
            accepted = False
            one_line(refused)
    TALLY.cases["IDX files", "accepted" if accepted else "refused"] += 1


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
