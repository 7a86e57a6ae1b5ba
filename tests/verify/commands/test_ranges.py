"""Tables over levels, sizes and indices: the numbers of single commands, one row each."""

import csv
import io
import json

import pytest
from cli import call

import theory
from verify.commands.arguments import ArgumentError
from verify.commands.of_theory.ranges import levels_of, sizes_of


def rows(capsys, *words):
    code, out, err = call(capsys, "theory", *words, "--csv")
    assert (code, err) == (0, "")
    return list(csv.DictReader(io.StringIO(out)))


def test_complexity_over_levels_and_indices(capsys):
    words = ("complexity", "--p", "3", "--u", "-1.7:-1.6:0.05", "--k", "0..1", "--digits", "12")
    found = rows(capsys, *words)
    assert [(row["u"], row["k"]) for row in found] == [
        (u, k) for u in ("-1.70", "-1.65", "-1.60") for k in "01"
    ]
    for row in found:
        ball = theory.complexity(theory.pure(3), row["u"], int(row["k"]), 12)
        assert (row["value"], row["radius"]) == (ball.value, ball.radius)
    values = json.loads(call(capsys, "theory", *words, "--json")[1])["values"]
    assert [(v["u"], str(v["k"]), v["value"]) for v in values] == [
        (row["u"], row["k"], row["value"]) for row in found
    ]
    assert [row["k"] for row in rows(capsys, "complexity", "--p", "3", "--u", "-E_0")] == [""]


def test_counts_over_sizes_and_levels(capsys):
    words = ("counts", "--p", "3", "--n", "2..4:2", "--k", "0", "--below", "-1.5:-1:0.5")
    found = rows(capsys, *words)
    assert [(row["n"], row["below"], row["k"]) for row in found] == [
        (n, u, k) for n in "24" for u in ("-1.5", "-1.0") for k in ("", "0")
    ]
    for row in found:
        index = int(row["k"]) if row["k"] else None
        exact = theory.counts(theory.pure(3), int(row["n"]), index, below=row["below"], digits=9)
        assert (row["mean"], row["certified"]) == (exact.value, "1")
        assert float(row["relative_error"]) < 1e-8
    data = json.loads(call(capsys, "theory", *words, "--json")[1])["counts"]
    assert [(one["n"], one["below"], one["total"]) for one in data] == [
        (int(row["n"]), row["below"], row["mean"]) for row in found if not row["k"]
    ]
    lines = call(capsys, "theory", *words)[1].splitlines()
    assert [row["mean"] in line for row, line in zip(found, lines, strict=True)] == [True] * 8
    single = ("counts", "--p", "3", "--n", "4", "--k", "0", "--below", "-1.0")
    assert json.loads(call(capsys, "theory", *single, "--json")[1]) == data[-1]


def test_ranges_hold_their_ends():
    assert levels_of("--u", "0:1:0.25") == ["0.00", "0.25", "0.50", "0.75", "1.00"]
    assert levels_of("--u", "1:0:-0.4") == ["1.0", "0.6", "0.2"]
    third = "0." + "3" * 40
    assert levels_of("--u", f"{third}:1:{third}")[-1] == "0." + "9" * 40
    assert sizes_of("--n", "5..11:3", 2) == [5, 8, 11]
    ladder = sizes_of("--n", "10..1000:log", 2)
    assert (len(ladder), ladder[:4], ladder[-1]) == (21, [10, 13, 16, 20], 1000)
    assert sizes_of("--n", "7..7:log", 2) == [7]


@pytest.mark.parametrize("text", ["0:1", "0:1:0", "1:0:0.1", "0:x:1", "0:1:1e-9", "0:1:1:1", "::"])
def test_bad_ranges_of_levels_are_a_line(text):
    with pytest.raises(ArgumentError, match=r"--u: got .*start:stop:step"):
        levels_of("--u", text)


@pytest.mark.parametrize(
    "text", ["1..5", "5..2", "2..", "..3", "2..9:0", "2..9:x", "2..99999999", "2..3..4"]
)
def test_bad_ranges_of_sizes_are_a_line(text):
    with pytest.raises(ArgumentError, match=r"--n: got .*10\.\.1000:log"):
        sizes_of("--n", text, 2)


@pytest.mark.parametrize(
    ("words", "named"),
    [
        ("complexity --u 0:1:0.001 --k 0..99", "rows"),
        ("complexity --csv --json", "--csv"),
        ("counts --n 3..4 --plot x.png", "--plot"),
        ("counts --n 3..4 --json --csv", "--csv"),
    ],
)
def test_what_a_table_does_not_take(capsys, tmp_path, monkeypatch, words, named):
    monkeypatch.chdir(tmp_path)
    code, out, err = call(capsys, "theory", *words.split())
    assert (code, out, len(err.splitlines())) == (2, "", 1)
    assert named in err
    assert not list(tmp_path.iterdir())
