"""Whatever is typed, a command ends with its result or with one line that names the argument.

HYPOTHESIS_PROFILE=long searches freely and longer.
"""

import contextlib
import io
import json
import os
import re
import tempfile
from pathlib import Path
from unittest import mock

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from verify import report, results
from verify.commands import arguments, numerics, theory
from verify.commands import verify as verifier
from verify.store import Store, StoreError

COMMITTED = Path(__file__).resolve().parents[2] / "reports" / "results.json"

_LIST = """- -- -1 0 1 2 3 07 1.5 1e3 1e400 -1e400 nan inf -inf None true [] {} 1_000 +3 q^3 q^0 q^1 q^-3
q^(10^9) -q^3 0..3 3..0 0.. ..3 0..9999999 -E_inf -E_0 -E_1 -E_-1 -E_9999999 E_inf -1.65 0.3 / . ../x
/nonexistent/x %s%n $HOME é ٣ ９ __import__('os').system('true')"""
WORDS = [*_LIST.split()]
WORDS += [
    "",
    " ",
    "\x00",
    "\n",
    "q^3 + 0.5 q^4",
    "nan q^3",
    "1/0 q^3",
    "q^3; rm",
    "9" * 400,
    "a" * 5000,
]
WORDS += ["+".join(["q^3"] * 5000)]
hostile = st.sampled_from(WORDS) | st.text(max_size=20)
sizes = st.sampled_from(["2", "3", "5", "-1", "0", "x", "1e3", "", "٣"])

THEORY = {
    "thresholds": ("--p", "--model", "--k", "--digits", "--json", "--bogus"),
    "complexity": ("--p", "--model", "--u", "--k", "--digits", "--json"),
    "counts": ("--p", "--model", "--n", "--k", "--below", "--digits", "--json"),
    "ground-state": ("--p", "--model", "--digits", "--json"),
    "prefactor": ("--p", "--model", "--u", "--k", "--n", "--digits", "--json"),
    "bogus": ("--p",),
}
NUMERICS = {
    "goe": ("--n", "--samples", "--k", "--seed", "--json"),
    "kac-rice": ("--p", "--model", "--n", "--samples", "--k", "--below", "--seed", "--workers"),
    "descend": ("--p", "--model", "--n", "--disorders", "--starts", "--method", "--backend"),
}
VERIFY = {
    "list": ("--json", "--bogus"),
    "run": ("--profile", "--seed", "--backend", "--executor", "--workers", "--scheduler"),
    "report": ("--out",),
    "audit": ("--seeds", "--profile", "--seed", "--executor"),
}
SMALL = {"--n": "4", "--samples": "20", "--disorders": "1", "--starts": "1"}


def run(module, name, words):
    """Exit code, standard output and standard error of a command, in an empty folder."""
    out, err = io.StringIO(), io.StringIO()
    here = Path.cwd()
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        try:
            with (
                contextlib.redirect_stdout(out),
                contextlib.redirect_stderr(err),
                mock.patch("sys.argv", [name, *words]),
                pytest.raises(SystemExit) as stopped,
            ):
                arguments.main(module.app, f"python -m {name}")
            left = os.listdir(folder)
        finally:
            os.chdir(here)
    return stopped.value.code, out.getvalue(), err.getvalue(), left


def ends_well(code, out, err, left, words):
    assert code in (0, 2), (words, err[-2000:])
    assert left == [], (words, left)
    if code == 2:
        assert re.fullmatch(r"error: [^\n]+\n", err), (words, err[-2000:])
        assert len(err) < 1500
        assert out == ""
    elif "--json" in words and out.startswith("{"):
        json.loads(out, parse_constant=pytest.fail)


def lines(commands, values=hostile):
    def options(name):
        known = st.sampled_from(commands[name])
        pairs = st.lists(st.tuples(known, values), max_size=3)
        return st.tuples(st.just(name), pairs, st.lists(hostile, max_size=1))

    return st.sampled_from(sorted(commands)).flatmap(options)


def words_of(line, fixed=()):
    name, pairs, more = line
    given_ = {option for option, _ in pairs}
    words = [name]
    for option, value in [*((o, v) for o, v in fixed if o not in given_), *pairs]:
        words += [option] if option in ("--json", "--bogus") else [option, value]
    return [*words, *more]


relaxed = settings(suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])


@relaxed
@given(lines(THEORY))
@example(("thresholds", [("--model", "q^(10^9)")], []))
@example(("counts", [("--n", "5"), ("--below", "-E_0"), ("--json", "")], []))
@example(("complexity", [("--u", "9" * 400), ("--digits", "5")], []))
def test_theory(line):
    words = words_of(line)
    ends_well(*run(theory, "theory", words), words)


@relaxed
@given(lines(NUMERICS, st.one_of(hostile, sizes)))
def test_numerics(line):
    name = line[0]
    words = words_of(line, [(o, v) for o, v in SMALL.items() if o in NUMERICS[name]])
    ends_well(*run(numerics, "numerics", words), words)


@relaxed
@given(lines(VERIFY))
def test_verify(line):
    words = words_of(line)
    if line[0] in ("run", "audit"):  # an id that is no claim, so that nothing long is started
        words.insert(1, "no-such-claim")
    if line[0] == "report" and "--out" not in words:
        words += ["--out", "nowhere"]
    ends_well(*run(verifier, "verify", words), words)


@given(st.binary(max_size=3000))
def test_a_store_of_any_bytes(raw):
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "s.sqlite"
        path.write_bytes(raw)
        try:
            with Store(path) as store:
                assert store.get("key") is None
        except StoreError:  # one line, as every message of the command line is
            return


scalars = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8)
json_values = (
    scalars | st.lists(scalars, max_size=3) | st.dictionaries(st.text(max_size=8), scalars)
)


@relaxed
@given(st.lists(st.tuples(st.integers(0, 10**6), json_values), max_size=3), st.text(max_size=40))
def test_results_of_any_kind_are_refused_or_reported(places, text):
    """Values of a real results.json are replaced at random; its words are hostile markdown."""
    data = json.loads(COMMITTED.read_text())
    data["claims"] = data["claims"][:1]
    data["claims"][0]["title"] = data["claims"][0]["reason"] = f"<script>{text}|[x](y)"
    for number, value in places:
        at = data
        while isinstance(at, dict | list) and at:
            keys = sorted(at) if isinstance(at, dict) else range(len(at))
            key = keys[number % len(keys)]
            number //= len(keys)
            if number % 3 == 0 or not isinstance(at[key], dict | list):
                at[key] = value
                break
            at = at[key]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "results.json"
        path.write_text(json.dumps(data))
        try:
            found = results.load(path)
        except results.ResultsError:
            return
        report.write(
            {**found, "claims": [{**c, "series": []} for c in found["claims"]]}, Path(folder)
        )
        assert "<script>" not in "".join(p.read_text() for p in Path(folder).glob("*.md"))
