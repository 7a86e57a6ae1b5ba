"""The runner's verdicts on small claims made for the purpose."""

import sqlite3
import sys
from dataclasses import replace

import numpy as np
import pytest

from verify import claims
from verify.claim import Alternative, Cell, Claim, each, per_profile
from verify.engine import look, options, runner
from verify.engine.options import Options, RunError
from verify.evidence import Limit, Proof, Sampled
from verify.statistics.equivalence import equivalence_cell
from verify.statistics.significance import mean_cell


def normal(params, stream, chunk, xp):
    return {"x": stream.generator(chunk).standard_normal(200)}


def compare(seen):
    return [mean_cell(seen.params, "mean", seen.prediction["mean"], seen.data["x"])]


def says(mean):
    return lambda params: {"mean": mean}


def alternative(mean):
    return Alternative(f"mean {mean}", "wrong", {"predict": says(mean)})


SAMPLED = Claim(
    id="S",
    title="a mean",
    rows=(),
    statement="",
    source="",
    assumptions="",
    evidence=Sampled(
        grid=({"N": 1}, {"N": 2}),
        predict=says(0.0),
        simulate=normal,
        compare=each(compare),
        chunks=per_profile(quick=3, standard=3, paper=3),
        constants={"mean": lambda params, eps: {"mean": eps}},
    ),
    alternatives=(alternative(0.5),),
)


def holds(value):
    return lambda params: [Cell(params, "q", "1", "1", holds=value)]


PROOF = replace(
    SAMPLED,
    id="P",
    evidence=Proof(({},), holds(True)),
    alternatives=(Alternative("no", "wrong", {"prove": holds(False)}),),
)


def sequence(params, profile):
    return {"y": np.array([1.0])}


def in_margin(seen):
    return [
        equivalence_cell({}, "limit", o.prediction["limit"], o.data["y"][0], 0.0, 1, 0.1)
        for o in seen
    ]


LIMIT = replace(
    SAMPLED,
    id="L",
    evidence=Limit(({},), lambda p: {"limit": 1.05}, in_margin, "none", sequence=sequence),
    alternatives=(Alternative("two", "wrong", {"predict": lambda p: {"limit": 2.0}}),),
)


@pytest.fixture
def judge(monkeypatch, tmp_path):
    """Run claims made here as if they were the project's."""

    def run(*made, seed=0, **more):
        known = {claim.id: claim for claim in made}
        monkeypatch.setattr(claims, "all_claims", lambda: known)
        monkeypatch.setattr(options, "all_claims", lambda: known)
        monkeypatch.setattr(look, "module_of", lambda claim: "verify.claims.goe.goe_law")
        return runner.run_claims(
            None, Options(profile="quick", seed=seed, executor="serial", **more)
        )

    return run


def changed(claim, **fields):
    return replace(claim, evidence=replace(claim.evidence, **fields))


def test_a_true_theory_beside_a_wrong_one_is_supported(judge):
    assert [r.verdict for r in judge(SAMPLED, PROOF, LIMIT)] == ["supported"] * 3


def test_a_wrong_theory_is_refuted(judge):
    wrong = [
        changed(SAMPLED, predict=says(0.4)),
        changed(PROOF, prove=holds(False)),
        changed(LIMIT, predict=lambda p: {"limit": 1.2}),
    ]
    assert [r.verdict for r in judge(*wrong)] == ["refuted"] * 3


def test_what_cannot_be_told_apart_is_inconclusive_and_named(judge):
    vague = [
        replace(SAMPLED, alternatives=(alternative(0.5), alternative(0.001))),
        replace(PROOF, alternatives=(Alternative("same", "", {"prove": holds(True)}),)),
        replace(PROOF, id="Q", alternatives=()),
        changed(replace(PROOF, id="R"), prove=holds(None)),
    ]
    results = judge(*vague)
    assert [r.verdict for r in results] == ["inconclusive"] * 4
    assert "mean 0.001" in results[0].reason
    assert not results[0].as_expected


def test_no_data_is_never_support(judge):
    [result] = judge(changed(SAMPLED, chunks=per_profile(quick=0, standard=1, paper=1)))
    assert result.verdict == "inconclusive"


@pytest.mark.parametrize("where", ["simulate", "predict", "compare"])
def test_a_failure_is_the_verdict_error_and_the_rest_goes_on(judge, where):
    def fails(*_):
        raise ZeroDivisionError("broken on purpose")

    broken, fine = judge(changed(SAMPLED, **{where: fails}), PROOF)
    assert broken.verdict == "error"
    assert "broken on purpose" in broken.reason
    assert fine.verdict == "supported"


def test_one_bad_look_is_forgiven_and_two_are_not(judge):
    def unlucky(looks):
        def simulate(params, stream, chunk, xp):
            shift = 1.0 if stream.key in looks else 0.0
            return {"x": stream.generator(chunk).standard_normal(200) + shift}

        return changed(SAMPLED, simulate=simulate)

    from verify.engine.tasks import stream_of

    keys = [
        {stream_of(SAMPLED, params, 0, look).key for params in SAMPLED.evidence.grid}
        for look in (1, 2)
    ]
    assert judge(unlucky(keys[0]))[0].p_value < 1e-6
    # The wrong theory at 0.5 is still refuted; the first look's alarm is not confirmed.
    assert judge(unlucky(keys[0]))[0].verdict == "supported"
    assert judge(unlucky(keys[0] | keys[1]))[0].verdict == "refuted"
    # A wrong theory that the unlucky look alone refutes is not told apart.
    close = replace(unlucky(keys[0]), alternatives=(alternative(0.5), alternative(1e-4)))
    [result] = judge(close)
    assert result.verdict == "inconclusive"
    assert "mean 0.0001" in result.reason
    assert "mean 0.5" not in result.reason


@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_data_that_are_not_finite_are_never_support(judge, value):
    def spoilt(params, stream, chunk, xp):
        x = stream.generator(chunk).standard_normal(200)
        x[chunk] = value
        return {"x": x}

    [result] = judge(changed(SAMPLED, simulate=spoilt))
    assert result.verdict == "error"
    assert "finite" in result.reason or "infinity" in result.reason


class Halt(BaseException):
    pass


def halts(*_):
    raise Halt


@pytest.mark.parametrize(
    "simulate",
    [
        lambda *_: None,
        lambda *_: {},
        lambda *_: {"x": np.array([object()])},
        lambda *_: {"x": np.zeros(0)},
        lambda *_: {"x": [1.0, 2.0]},
        lambda *_: sys.exit(0),
        halts,
    ],
)
def test_one_bad_claim_never_takes_the_others(judge, simulate):
    bad, fine = judge(changed(SAMPLED, simulate=simulate), PROOF)
    assert (bad.verdict, fine.verdict) == ("error", "supported")


def test_a_file_that_does_not_import_is_a_claim_in_error(tmp_path, monkeypatch):
    (tmp_path / "bad_one.py").write_text("import nothing_of_that_name\n")
    (tmp_path / "none_in_it.py").write_text("CLAIMS = []\n")
    (tmp_path / "leaves.py").write_text("import sys\nsys.exit(0)\n")
    (tmp_path / "twice.py").write_text("from verify.claims.complexity.t1_barrier import CLAIM\n")
    monkeypatch.setattr(claims, "__path__", [*claims.__path__, str(tmp_path)])
    claims.all_claims.cache_clear()
    claims._by_module.cache_clear()
    try:
        found = claims.all_claims()
        names = ["file-bad-one", "file-leaves", "file-none-in-it", "file-twice"]
        results = runner.run_claims([*names, "T1"], Options(profile="quick", executor="serial"))
        assert [r.verdict for r in results] == ["error"] * 4 + ["supported"]
        assert "nothing_of_that_name" in results[0].reason
        assert "two files" in results[3].reason
        assert "GOE" in found
    finally:
        claims.all_claims.cache_clear()
        claims._by_module.cache_clear()


def test_the_same_seed_gives_the_same_numbers_with_or_without_a_store(judge, tmp_path):
    path = tmp_path / "s.sqlite"
    runs = [
        judge(SAMPLED),
        judge(SAMPLED, store=path),
        judge(SAMPLED, store=path),
    ]
    assert len({str(run[0].cells) for run in runs}) == 1
    assert str(judge(SAMPLED, seed=1)[0].cells) != str(runs[0][0].cells)


def test_a_claim_asked_for_twice_is_run_once():
    options = Options(profile="quick", executor="serial")
    assert [r.claim.id for r in runner.run_claims(["T1", "t1"], options)] == ["T1"]


def test_no_comparison_may_change_the_data_of_the_next(judge):
    def spoils(seen):
        seen.data["x"][:] = 0.0
        return compare(seen)

    [result] = judge(changed(SAMPLED, compare=each(spoils)))
    assert result.verdict == "error"
    assert "read-only" in result.reason


def test_a_chunk_that_went_from_the_store_is_an_error_and_not_less_data(judge, tmp_path):
    def forgets(done, total, what):
        if done == total - 1:  # all but the judgement
            with sqlite3.connect(tmp_path / "s.sqlite") as db:
                db.execute("DELETE FROM chunks WHERE rowid = 2")

    [result] = judge(SAMPLED, store=tmp_path / "s.sqlite", progress=forgets)
    assert result.verdict == "error"
    assert "no chunk" in result.reason


def test_a_run_resumes_after_an_interrupt(judge, tmp_path):
    path, done = tmp_path / "s.sqlite", []

    def interrupt(finished, total, what):
        if finished == 3:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        judge(SAMPLED, store=path, progress=interrupt)

    def counting(params, stream, chunk, xp):
        done.append(chunk)
        return normal(params, stream, chunk, xp)

    resumed = judge(changed(SAMPLED, simulate=counting), store=path)
    assert len(done) == 3
    assert str(resumed[0].cells) == str(judge(SAMPLED)[0].cells)


def test_sensitivity_shrinks_with_the_sample(judge):
    small = judge(SAMPLED)[0].sensitivity["mean"]
    large = judge(changed(SAMPLED, chunks=per_profile(quick=48, standard=1, paper=1)))[0]
    assert large.sensitivity["mean"] == pytest.approx(small / 4, rel=0.1)


@pytest.mark.parametrize(
    ("options", "name"),
    [
        ({"profile": "fast"}, "--profile"),
        ({"executor": "cluster"}, "--executor"),
        ({"seed": -1}, "--seed"),
        ({"workers": -1}, "--workers"),
    ],
)
def test_bad_options_name_the_argument(options, name):
    with pytest.raises(RunError, match=name):
        runner.run_claims([], Options(**{"executor": "serial", **options}))


def test_an_unknown_claim_is_refused():
    with pytest.raises(RunError, match="ID"):
        runner.run_claims(["T99"], Options())
