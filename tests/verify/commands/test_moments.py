"""`python -m theory moments`: certified at two spins, with an error at more."""

import json

import pytest
from cli import call


def test_moments_of_three_spins_are_a_quadrature(capsys):
    code, out, _ = call(capsys, "theory", *["moments", "--p", "3", "--n", "3", "--json"])
    found = json.loads(out)
    assert code == 0
    assert found["pairs"].startswith("100.3")
    assert found["draws"] == 0
    assert float(found["stderr"]) < 0.02


def test_moments_by_index_and_level_carry_an_error(capsys):
    words = "moments --p 3 --n 4 --k 0 --below=-1 --tolerance 5e-2 --json"
    code, out, _ = call(capsys, "theory", *words.split())
    found = json.loads(out)
    assert code == 0
    assert found["below"] == "-1"
    pairs, mean, square = (float(found[key]) for key in ("pairs", "mean", "second_moment"))
    assert square == pytest.approx(pairs + mean, rel=1e-6)
    assert 0 < float(found["stderr"]) <= 0.06 * pairs


def test_moments_of_two_spins_are_certified(capsys):
    code, out, _ = call(capsys, "theory", *["moments", "--p", "3", "--digits", "12", "--json"])
    assert code == 0
    assert json.loads(out)["pairs"]["value"] == "19.7490157328"


@pytest.mark.parametrize(
    ("words", "names"),
    [
        ("--p 2 --n 5", "model"),
        ("--p 3 --n 201", "n"),
        ("--p 3 --n 4 --k 4", "k"),
        ("--p 3 --n 4 --below nan", "--below"),
        ("--p 3 --n 4 --tolerance 0", "tolerance"),
    ],
)
def test_bad_moments_are_one_line(capsys, words, names):
    code, _, error = call(capsys, "theory", "moments", *words.split())
    assert code == 2
    assert f"{names}: got" in error
    assert len(error.strip().splitlines()) == 1
