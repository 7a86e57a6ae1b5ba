"""`theory law`: numbers, tables, figures and one-line errors."""

import csv
import io
import json

import pytest
from cli import call
from scipy import stats


def test_law_json(capsys):
    words = ["law", "--goe", "1", "--at", "-1.5,0", "--quantiles", ".95,.99,1", "--json"]
    code, out, _ = call(capsys, "theory", *words)
    data = json.loads(out)
    assert code == 0
    assert (data["mean"], data["std"]) == pytest.approx((0, 1), abs=1e-12)
    assert data["at"][0]["cdf"] == pytest.approx(stats.norm.cdf(-1.5), abs=1e-12)
    assert data["at"][0]["logpdf"] == pytest.approx(stats.norm.logpdf(-1.5), abs=1e-9)
    assert data["quantiles"][0]["x"] == pytest.approx(stats.norm.ppf(0.95), abs=1e-10)
    assert data["quantiles"][2] == {"q": 1.0, "x": "inf"}


def test_law_csv_and_figure(capsys, tmp_path):
    figure = tmp_path / "f.pdf"
    words = ["law", "--edge", "--at", "-2,0", "--csv", "--plot", str(figure)]
    code, out, _ = call(capsys, "theory", *words)
    rows = list(csv.DictReader(io.StringIO(out)))
    assert code == 0
    assert [float(row["x"]) for row in rows] == [-2, 0]
    # Bornemann 2010: F_1(-2) and F_1(0).
    assert [float(row["cdf"]) for row in rows] == pytest.approx([0.27432020, 0.83190807], abs=1e-8)
    # Letters are embedded as outlines, as journals ask (type 42), not as bitmaps (type 3).
    pdf = figure.read_bytes()
    assert pdf[:4] == b"%PDF"
    assert b"/FontFile2" in pdf
    assert b"/Type3" not in pdf
    code, out, _ = call(capsys, "theory", "law", "--goe", "3", "--csv")
    assert (code, len(out.splitlines())) == (0, 202)


@pytest.mark.parametrize(
    ("words", "says"),
    [
        ("law", "--goe, --gue, --gse, --edge: got none; takes one of them"),
        ("law --goe 4 --edge", "--goe, --gue, --gse, --edge: got --goe and --edge"),
        ("law --goe 4 --gse 4", "--goe, --gue, --gse, --edge: got --goe and --gse"),
        ("law --goe 4 --beta 4", "--beta: got 4 beside --goe; takes --edge"),
        ("law --edge --beta 3", "beta: got 3; takes 1, 2 or 4"),
        ("law --gue 20001", "--gue: got '20001'"),
        ("law --gue 4 --gse 4", "--goe, --gue, --gse, --edge: got --gue and --gse"),
        ("law --edge --beta 2 --k 11", "k: got 11"),
        ("law --gse 10000", "--gse: got '10000'"),
        ("law --edge --beta 4 --k 5", "k: got 5"),
        ("law --goe 0", "--goe: got '0'"),
        ("law --goe 40 --k 40", "k: got 40"),
        ("law --edge --k 11", "k: got 11"),
        ("law --goe 4 --at x", "--at: got 'x'"),
        ("law --goe 4 --at 1,,2", "--at: got ''"),
        ("law --goe 4 --quantiles 1.5", "--quantiles: got 1.5"),
        ("law --goe 4 --csv --json", "--csv: got it beside --json"),
        ("law --goe 4 --plot f.doc", "--plot: got 'f.doc'"),
    ],
)
def test_bad_input_is_one_line(capsys, words, says):
    code, out, error = call(capsys, "theory", *words.split())
    assert (code, out) == (2, "")
    assert error.startswith(f"error: {says}")
    assert error.count("\n") == 1


def test_beta_four(capsys):
    words = ["law", "--gse", "1", "--at", "-0.5", "--json"]
    data = json.loads(call(capsys, "theory", *words)[1])
    assert data["law"] == "GSE(1), k = 0 from the smallest"
    assert data["at"][0]["cdf"] == pytest.approx(stats.norm.cdf(-1), abs=1e-12)
    words = ["law", "--edge", "--beta", "4", "--json"]
    data = json.loads(call(capsys, "theory", *words)[1])
    assert data["law"] == "edge of GSE, k = 0 from the largest"
    assert data["mean"] * 2 ** (1 / 6) == pytest.approx(-2.3068848932, abs=1e-9)  # Bornemann 2010


def test_law_of_beta_two(capsys):
    code, out, _ = call(capsys, "theory", "law", "--gue", "1", "--at", "-0.5", "--json")
    data = json.loads(out)
    assert (code, data["law"]) == (0, "GUE(1), k = 0 from the smallest")
    # exp(-x^2)
    assert data["at"][0]["cdf"] == pytest.approx(stats.norm.cdf(-(0.5**0.5)), abs=1e-12)
    code, out, _ = call(capsys, "theory", "law", "--edge", "--beta", "2", "--json")
    assert json.loads(out)["law"] == "edge of GUE, k = 0 from the largest"
    # Tracy and Widom 1994.
    assert json.loads(out)["mean"] == pytest.approx(-1.7710868074, abs=1e-10)
