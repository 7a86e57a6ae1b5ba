"""What is read out of results.json: one claim, what differs in two runs, which claims failed."""

import json
from pathlib import Path

import pytest
from cli import call

from verify.report import results

COMMITTED = Path(__file__).resolve().parents[3] / "reports" / "results.json"


@pytest.fixture(scope="module")
def run():
    data = json.loads(COMMITTED.read_text())
    kept = [claim for claim in data["claims"] if claim["id"] in ("A1", "T1", "T3")]
    return {**data, "claims": kept}


def written(folder, data):
    folder.mkdir()
    results.dump(data, folder / "results.json")
    return folder


def changed(run, name, **values):
    """The run with other values in one claim, and an estimate moved by a half."""
    copy = json.loads(json.dumps(run))
    [claim] = [one for one in copy["claims"] if one["id"] == name]
    claim |= values
    [*rows] = [row for row in claim["cells"] if isinstance(row["estimate"], float)]
    rows[0]["estimate"] += 0.5
    return copy, rows[0]


def test_show_has_title_words_statement_verdict_and_numbers(capsys, tmp_path, run):
    copy, row = changed(run, "A1", verdict="inconclusive", reason="as a test has it")
    folder = written(tmp_path / "a", copy)
    code, out, err = call(capsys, "verify", "show", "a1", "--from", str(folder))
    [claim] = [one for one in copy["claims"] if one["id"] == "A1"]
    assert (code, err) == (0, "")
    assert claim["title"] in out
    assert f"statement: {claim['statement']}" in out
    assert "verdict: inconclusive (expected: supported): as a test has it" in out
    assert f"{row['estimate']:.10g}" in out
    assert all(one["name"] in out for one in claim["alternatives"])
    words = ("show", "A1", "--json", "--from", str(folder / "results.json"))
    data = json.loads(call(capsys, "verify", *words)[1])
    assert data["in_plain_words"]["title"] == out.splitlines()[0].removeprefix("A1: ")
    assert len(data["cells"]) == len(claim["cells"])


def test_show_of_a_claim_that_was_not_run(capsys, tmp_path, run):
    folder = written(tmp_path / "a", {**run, "claims": run["claims"][:1]})
    code, out, _ = call(capsys, "verify", "show", "E1", "--from", str(folder))
    assert code == 0
    assert "verdict: none" in out
    assert "statement: For u >= -E_inf" in out


def test_diff_finds_verdicts_and_numbers(capsys, tmp_path, run):
    one = written(tmp_path / "a", run)
    copy, row = changed(run, "A1", verdict="refuted")
    gone = copy["claims"].pop(-1)["id"]
    other = written(tmp_path / "b", copy)
    assert call(capsys, "verify", "diff", str(one), str(one))[:2] == (
        0,
        "the same verdicts and numbers\n",
    )
    code, out, _ = call(capsys, "verify", "diff", str(one), str(other))
    assert code == 1
    assert f"only in A: {gone}" in out
    assert "A1: verdict supported -> refuted, 1 rows differ" in out
    assert "(+0.5)" in out
    data = json.loads(call(capsys, "verify", "diff", str(one), str(other), "--json")[1])
    assert (data["same"], data["only_in_A"], data["only_in_B"]) == (False, [gone], [])
    [claim] = data["claims"]
    was = run["claims"][0]["cells"][0]["estimate"]
    assert claim["verdict"] == ["supported", "refuted"]
    assert claim["rows"] == [
        {
            "params": row["params"],
            "quantity": row["quantity"],
            "estimate": [was, row["estimate"]],
        }
    ]


def test_run_takes_those_that_failed_and_those_of_a_word(capsys, tmp_path, run, monkeypatch):
    monkeypatch.chdir(tmp_path)
    copy = json.loads(json.dumps(run))
    for claim in copy["claims"]:
        if claim["id"] in ("T1", "A1"):
            claim["verdict"] = "error"
    folder = written(tmp_path / "a", copy)
    words = ["run", "--profile", "quick", "--executor", "serial", "--json", "--failed", "--from"]
    code, out, _ = call(capsys, "verify", *words, str(folder), "-k", "t1")
    data = json.loads(out)
    assert (code, data["passed"], [one["id"] for one in data["claims"]]) == (0, True, ["T1"])
    assert Path(data["results"]).exists()
    code, out, err = call(capsys, "verify", *words, str(folder), "-k", "none-such")
    assert (code, out, err.startswith("error: -k: got 'none-such'")) == (2, "", True)
    whole = written(tmp_path / "b", {**run, "claims": run["claims"][:1]})
    code, out, _ = call(capsys, "verify", *words, str(whole))
    assert (code, json.loads(out)) == (0, {"passed": True, "claims": []})


@pytest.mark.parametrize(
    ("words", "named"),
    [
        ("run", "ID: got nothing"),
        ("run --failed", "--failed: got no reports/results.json"),
        ("run --failed --from nowhere", "--from: got 'nowhere"),
        ("show T99", "ID: got 'T99'"),
        ("show T1 --from nowhere/results.json", "--from: got 'nowhere"),
        ("diff nowhere here", "A: got 'nowhere"),
    ],
)
def test_what_is_not_there_is_a_line(capsys, tmp_path, monkeypatch, words, named):
    monkeypatch.chdir(tmp_path)
    code, out, err = call(capsys, "verify", *words.split())
    assert (code, out, len(err.splitlines())) == (2, "", 1)
    assert named in err
    assert not list(tmp_path.iterdir())
