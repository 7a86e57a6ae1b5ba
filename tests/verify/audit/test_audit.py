"""The audit of the verifier: it must see what is wrong, and only that."""

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import trials as runs

import numerics
from verify import claims
from verify.audit import audit, mutations, sweep
from verify.audit.calibration import Rate, judge_p_values
from verify.audit.judging import fresh, judges, trials
from verify.audit.nulls import mutant
from verify.audit.parts import Parts
from verify.audit.power import Mutant
from verify.claim import Alternative, Claim
from verify.engine.options import Options

ROOT = Path(__file__).resolve().parents[3]
SEED = 11


def find_change(file, text, what):
    [found] = [c for c in mutations.changes(file) if c.text == text and c.what == what]
    return found


def test_every_kind_of_change_is_made(monkeypatch):
    source = (
        "def f(k: int = 0) -> float:\n    if k < 2:\n        return -1.5 + k\n    return k - 3\n"
    )
    monkeypatch.setattr(mutations, "source_of", lambda file: source)
    every = mutations.changes.__wrapped__("toy.py")
    assert [c.what for c in every] == [
        *("0 -> 1", "0 -> -1"),
        *("< -> <=", "k -> k + 1", "2 -> 3", "2 -> 1", "2 -> 4"),
        *("+ -> -", "sign dropped", "1.5 -> 2.5", "1.5 -> 0.5", "1.5 -> 3.0", "k -> k + 1"),
        *("- -> +", "k -> k + 1", "3 -> 4", "3 -> 2", "3 -> 6"),
    ]

    def values(code):
        namespace = {}
        exec(code, namespace)
        return [namespace["f"](), *map(namespace["f"], range(-1, 5))]

    unchanged = values(source)
    assert all(values(mutations.changed_code(change)) != unchanged for change in every)


def test_messages_and_annotations_are_left_alone(monkeypatch):
    source = 'x: list[3] = []\ndef f():\n    """Text 1."""\n    raise ValueError(f"{2}" + str(3))\n'
    monkeypatch.setattr(mutations, "source_of", lambda file: source)
    assert mutations.changes.__wrapped__("toy.py") == ()


@pytest.mark.parametrize(
    ("file", "text", "what", "claim", "outcome"),
    [
        (
            "theory/annealed/pure_model.py",
            "return 2 * f.sqrt((p - 1) / p)",
            "2 -> 4",
            "T1",
            "refuted",
        ),
        (
            "theory/annealed/pure_model.py",
            "return f.log(p - 1) / 2 - (p - 2) / p",
            "2 -> 3",
            "E1",
            "refuted",
        ),
        ("theory/arithmetic/interval_newton.py", "_GUESS_BITS = 50", "50 -> 51", "T2", "survived"),
        (
            "theory/annealed/pure_model.py",
            "return 2 * f.sqrt((p - 1) / p)",
            "- -> +",
            "T1",
            "refuted",
        ),
    ],
)
def test_a_child_sees_the_change_and_nothing_else_does(file, text, what, claim, outcome):
    change = next(c for c in mutations.changes(file) if c.text == text and c.what == what)
    tried = trials.attempt(change, "theory", [(claim, 60.0)], SEED)
    assert tried.outcome == outcome
    assert judges.standing(claim, judges.samples(claim, SEED)) == "survived"


def test_a_change_that_never_ends_is_a_crash():
    change = find_change(
        "theory/arithmetic/interval_newton.py", "ladder.append(ladder[-1] // 2 + 16)", "2 -> 1"
    )
    assert trials.attempt(change, "theory", [("T6", 1.0)], SEED).outcome == "crashed"


def test_a_change_of_numerics_is_judged_by_tests_and_claims():
    [change] = [
        c
        for c in mutations.changes("numerics/core/log_sums.py")
        if c.what == "- -> +" and "amax" not in c.text
    ][:1]
    law = "tests/numerics/core/test_log_sums.py"
    assert trials.attempt(change, "numerics", [(law, 60.0)], SEED).outcome in (
        "refuted",
        "crashed",
    )


@pytest.mark.long
@pytest.mark.parametrize(
    ("file", "text", "what", "law"),
    [
        (
            "numerics/compiled/rows.py",
            "v = 1.0 + y",
            "1.0 -> 2.0",
            "tests/laws/test_goe_tridiagonals.py::test_rows_have_their_laws[9]",
        ),
        (
            "numerics/critical/tracking.py",
            "value[i] = value[i] / (d - 1) - z[n] * z[i]",
            "1 -> 2",
            "tests/numerics/critical/test_tracking.py::"
            "test_paths_between_two_forms_end_at_the_critical_points_of_the_other",
        ),
    ],
)
def test_a_changed_kernel_is_compiled_anew(file, text, what, law):
    """What is run is the changed source, not what Numba kept of the other: it knows no numbers apart."""
    every = mutations.changes(file)
    change = next(c for c in every if c.text == text and c.what == what)
    assert trials.attempt(change, "numerics", [(law, 60.0)], SEED).outcome == "refuted"


def test_kernels_are_run_by_what_imports_them():
    """Compiled lines are seen by no tracer: all of a file's are run where one of it is imported."""
    tracking = "numerics/critical/tracking.py"
    assert tracking in fresh.kernels_of("numerics.critical.tracking")
    assert "numerics/compiled/philox.py" in fresh.kernels_of("numerics.compiled.rows")
    assert fresh.kernels_of("numerics.critical.homotopy") == set()
    lines = judges.traced(lambda: numerics.census(2, 3))
    assert len(lines[tracking]) == mutations.source_of(tracking).count("\n") + 1


def test_a_change_of_statistics_is_seen_in_verdicts_and_p_values():
    def said(p, verdict="refuted"):
        return ["survived", [["wrong", verdict]], [p, 0.5]]

    assert not judges.differs(said(0.2), said(0.201))
    assert judges.differs(said(0.2), said(0.3))
    assert judges.differs(said(0.2), said(0.2, "supported"))


def test_lines_are_found_again_where_comments_have_moved_them(monkeypatch):
    """And asked for anew where a statement begins on another line than before."""
    sources = ["a = 1\ndef f():\n    return (a,\n            2)\n"]
    sources += [sources[0].replace("    ret", "    # two\n    ret"), "# one\n" + sources[0]]
    sources += [sources[0].replace("(a,\n            2)", "(a, 2)")]

    def at(number):
        monkeypatch.setattr(judges, "source_of", lambda _: sources[number])
        judges._starts.cache_clear()

    at(0)
    kept = judges.as_kept({"f.py": [3, 4]})
    for number, lines in enumerate([[3, 4], [4, 5], [4, 5]]):
        at(number)
        assert judges.of_kept(kept) == {"f.py": lines}
    at(3)
    assert judges.of_kept(kept) is None
    judges._starts.cache_clear()


def test_reached_lines_and_the_tracer_of_others():
    before = sys.gettrace()
    ((_, judging, drawing, seconds, _, outcome),) = judges.reach("T2", SEED)
    assert sys.gettrace() is before
    assert outcome == "survived"
    assert seconds >= 0  # rounded; what theory keeps makes it short
    assert not any(file.startswith("numerics/") for file in drawing)
    assert {
        "theory/ground_state/energy.py",
        "theory/annealed/thresholds.py",
        "theory/arithmetic/interval_newton.py",
    } <= set(judging)
    assert "theory/derivation/kac_rice.py" not in judging

    def tracer(*_):
        return None

    sys.settrace(tracer)
    try:
        judges.traced(lambda: None)
        assert sys.gettrace() is tracer
    finally:
        sys.settrace(before)


def test_what_was_found_is_kept_until_a_source_changes(tmp_path):
    from verify.engine.store import Store

    with Store(tmp_path / "s.sqlite") as store:
        Parts(store).put({"part": "x", "n": 1}, ["refuted", "T3", 0.5], 0.5)
    with Store(tmp_path / "s.sqlite") as store:
        assert Parts(store).get({"part": "x", "n": 1}) == ["refuted", "T3", 0.5]
        assert Parts(store).get({"part": "x", "n": 2}) is None


@pytest.mark.long
def test_a_sample_of_the_changes_of_numerics_is_refuted(monkeypatch):
    """Twenty changes, by some tests and three claims: the machine works, and refutes many of them.

    That 90 % are refuted by all tests and claims is for the audit to find.
    """
    from verify.audit.judging import reaching
    from verify.audit.judging.reaching import find_judges

    folders = ("tests/laws", "tests/numerics/goe", "tests/numerics/kac_rice", "tests/numerics/core")
    monkeypatch.setattr(reaching, "_TESTS", {"numerics": folders})
    options, parts = Options(workers=2), Parts()
    some = [claims.find(name) for name in ("KR", "GOE-K", "HAM")]
    found = find_judges(some, ["numerics"], SEED, options, parts)
    swept = sweep.sweep("numerics", found, SEED, options, parts, most=20)
    assert len(swept.tried) == 20
    print("refuted", swept.count("refuted"))
    assert swept.count("refuted") >= 6, swept.survivors


def test_calibration_is_judged():
    rng = np.random.default_rng(0)
    p = rng.uniform(size=(400, 4))
    joint = np.minimum(1, 4 * p.min(axis=1))
    assert judge_p_values("A", "sampled", p, joint).holds
    assert not judge_p_values("A", "sampled", p**1.3, joint).holds  # too many small ones
    assert not judge_p_values("A", "sampled", 1 - (1 - p) ** 3, joint).holds
    assert not judge_p_values("A", "sampled", 0.5 + p / 2, joint).holds  # no power
    assert not judge_p_values("A", "sampled", p, joint / 10).holds
    discrete = np.where(p < 0.5, 0.4, 1.0)
    assert judge_p_values("A", "sampled", discrete, np.ones(400)).discrete == 4


def test_rates_are_judged():
    assert Rate("first", 0.03, 12, 400).holds
    assert not Rate("first", 0.03, 40, 400).holds
    low, high = Rate("first", 0.03, 12, 400).interval
    assert low < 0.03 < high


def test_a_wrong_sampler_is_refuted_and_a_right_one_is_not(monkeypatch):
    options = Options(executor="serial")
    [claim] = [c for c in claims.all_claims().values() if c.id == "KR"]
    found = audit.power([claim], [], options, Parts())
    assert len(found) == sum(a.is_sampler for a in claim.alternatives) >= 5
    assert all(one.killed for one in found)
    right = Alternative("sampler: right", "nothing wrong", {"simulate": claim.evidence.simulate})
    monkeypatch.setattr(Claim, "change", lambda claim, name: right.change if name else {})
    assert max(mutant("KR", "sampler: right", SEED)) > 1e-3


def test_at_least_eighty_named_alternatives():
    every = [(c.id, a) for c in claims.all_claims().values() for a in c.alternatives]
    assert len(every) >= 80
    samplers = [a for _, a in every if a.is_sampler]
    assert len(samplers) >= 25
    near_one = [a for _, a in every if "2 %" in a.name or "5 %" in a.name or "1 %" in a.name]
    assert len(near_one) >= 8


def test_a_dropped_in_claim_is_found_by_list_run_report_and_audit(tmp_path):
    environment = runs.tree(tmp_path)
    text = (ROOT / "README.md").read_text()
    code = '"""GOE-TRACE' + text.split('```python\n"""GOE-TRACE')[1].split("```")[0]
    (tmp_path / "verify" / "claims" / "goe_trace.py").write_text(code)

    def verify(*arguments):
        return subprocess.run(
            [sys.executable, "-m", "verify", *arguments],
            cwd=tmp_path,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )

    assert "GOE-TRACE" in verify("list").stdout
    common = ("--out", "out", "--store", "s.sqlite", "--executor", "serial")
    ran = verify("run", "GOE-TRACE", "--profile", "quick", *common)
    assert ran.returncode == 0, ran.stderr
    assert "GOE-TRACE" in (tmp_path / "out" / "index.md").read_text()
    few = ("--changes", "0", "--numerics", "0", "--statistics", "0")
    audited = verify("audit", "GOE-TRACE", "--seeds", "40", *few, *common)
    data = json.loads((tmp_path / "out" / "audit.json").read_text())
    assert data["calibration"][0]["claim"] == "GOE-TRACE"
    assert data["mutants"] == [
        {**data["mutants"][0], "claim": "GOE-TRACE", "mutant": "half", "killed": True}
    ]
    assert audited.returncode in (0, 1), audited.stderr


def test_mutants_that_live_make_the_audit_miss():
    alive = Mutant("A", "m", "theory", False, 0.5)
    assert not audit.Audit(0, (), (), (alive,), (), (), (), 0.0).holds


def test_few_refuted_or_much_excused_makes_a_sweep_miss():
    [change] = mutations.changes("theory/annealed/pure_model.py")[:1]
    tried = [trials.Tried(change, o, "T1", 0.1) for o in ("refuted",) * 19 + ("survived",)]

    def swept(tried, excused=0, guards=0, room="theory"):
        return sweep.Sweep(room, 100, (change,) * excused, (change,) * guards, (), 20, tuple(tried))

    assert swept(tried).holds
    assert not swept(tried[1:]).holds
    assert swept(tried[1:], room="numerics").holds
    crashed = [trials.Tried(change, "crashed", "T1", 0.1)]
    assert swept(tried + crashed).share == swept(tried).share == 0.95
    assert not swept(tried, excused=15).holds
    assert not swept(tried, guards=25).holds


def test_a_sample_of_the_changes_is_even_and_the_same_for_the_same_seed():
    ten = [f"change {i}" for i in range(10)]
    assert sweep.sampled(ten, None, SEED) == sweep.sampled(ten, 11, SEED) == [*range(10)]
    drawn = [sweep.sampled(ten, 3, seed) for seed in range(400)]
    assert all(len(one) == 3 for one in drawn)
    assert sweep.sampled(ten, 3, 7) == drawn[7]
    counts = np.array([sum(i in one for one in drawn) for i in range(10)])
    # 120 expected of each; without replacement the variance is 400 * 0.3 * 0.7.
    assert np.sum((counts - 120) ** 2) / 84 < 40  # chi-square of 9 degrees: 1e-5


def test_a_change_more_moves_no_other_of_a_sample():
    ten = [f"change {i}" for i in range(10)]
    assert set(sweep.sampled(ten, 3, SEED)) < set(sweep.sampled(ten, 5, SEED))
    kept = {ten[i] for i in sweep.sampled(ten, 4, SEED)}
    fewer = ten[1:]
    now = {fewer[i] for i in sweep.sampled(fewer, 4, SEED)}
    assert kept - {ten[0]} <= now


def test_what_no_claim_refutes_of_theory_is_asked_of_the_tests_that_run_it():
    """A wrong sign in the pure model's formulas, as if no claim had seen it."""
    tests = "tests/theory/annealed/test_pure_model.py"
    found = [judges.Judge(*one) for one in judges.reach(tests, SEED)]
    change = next(
        one
        for one in mutations.changes("theory/annealed/pure_model.py")
        if sweep.chosen_judges(one, "theory", found) and one.what == "- -> +"
    )
    left = [trials.Tried(change, "survived", "", 0.0)]
    [tried] = sweep._asked_again(left, found, SEED, Options(workers=1), Parts())
    assert tried.outcome == "refuted"
    assert tried.judge.startswith(tests)
    kept = sweep._asked_again(left, [], SEED, Options(workers=1), Parts())
    assert kept == left
