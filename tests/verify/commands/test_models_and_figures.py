"""`--model` in place of `--p`, mixtures in `pairs` and `spiked`, and `--plot f.pgf`, which needs a TeX."""

import json
import shutil

import pytest
from cli import call


@pytest.mark.parametrize("command", ["pairs --u0=-1.75", "spiked --n 2"])
def test_a_pure_model_in_words_is_p(capsys, command):
    words = command.split()
    by_p = call(capsys, "theory", *words, "--p", "4", "--json")
    by_model = call(capsys, "theory", *words, "--model", "q^4", "--json")
    assert by_p[0] == by_model[0] == 0
    assert json.loads(by_p[1]) == json.loads(by_model[1])
    assert by_p[1] != call(capsys, "theory", *words, "--json")[1]


@pytest.mark.parametrize("model", ["0.5 q^3 + 0.5 q^4", "0.1 q + q^3"])
def test_the_lowest_barrier_of_a_mixture_is_refused_with_the_reason(capsys, model):
    code, _, error = call(capsys, "theory", "pairs", "--model", model)
    assert code == 2
    assert f"model: got {model}; takes one term, a q^p: marginal points of a mixture lie" in error
    assert len(error.strip().splitlines()) == 1


def test_mixtures_have_pairs_and_spikes(capsys):
    words = ["--model", "0.5 q^3 + 0.5 q^4"]
    asked = ["--u0=-1.7", "--u1=-1.65", "--q", "0.5", "--json"]
    code, shown, _ = call(capsys, "theory", "pairs", *words, *asked)
    assert code == 0
    assert json.loads(shown)["sigma"] == pytest.approx(0.0218584, abs=1e-7)
    spiked = ["theory", "spiked", *words, "--n", "2", "--json"]
    fourth, third = (json.loads(call(capsys, *spiked, "--order", j)[1]) for j in "43")
    assert fourth == json.loads(call(capsys, *spiked)[1])
    assert fourth["total"] != third["total"]
    code, _, error = call(capsys, "theory", "spiked", "--model", "q^300")
    assert code == 2
    assert error == (
        "error: model: got q^300; takes degrees up to 100, or a spike's order of its own\n"
    )


def test_both_are_refused(capsys):
    code, _, error = call(capsys, "theory", "pairs", "--p", "3", "--model", "q^3")
    assert code == 2
    assert "beside --p 3" in error


@pytest.mark.parametrize(
    "command", ["law --goe 3", "complexity --p 3", "counts --p 3 --n 5", "dynamics --until 1"]
)
def test_a_pgf_without_tex_is_refused_beforehand(capsys, tmp_path, monkeypatch, command):
    monkeypatch.setattr(shutil, "which", lambda name: None)
    figure = tmp_path / "f.pgf"
    code, _, error = call(capsys, "theory", *command.split(), "--plot", str(figure))
    assert code == 2
    assert "no xelatex on the PATH; takes .pdf or .svg" in error
    assert len(error.strip().splitlines()) == 1
    assert not figure.exists()


@pytest.mark.skipif(shutil.which("xelatex") is None, reason="no xelatex")
def test_a_pgf_is_drawn_with_tex(capsys, tmp_path):
    figure = tmp_path / "f.pgf"
    code, _, error = call(capsys, "theory", "law", "--goe", "3", "--plot", str(figure))
    assert code == 0, error
    assert "pgfpicture" in figure.read_text()


def test_a_range_of_levels_is_the_range_that_is_drawn(capsys, tmp_path, monkeypatch):
    from verify.report import plots

    drawn = []
    monkeypatch.setattr(plots, "draw", lambda series, path: drawn.extend(series))
    for levels in ("-1.7:-0.5:0.1", "-1.64"):
        call(capsys, "theory", "complexity", "--p", "3", f"--u={levels}", "--plot", "f.svg")
    assert [round(drawn[0]["x"][i], 9) for i in (0, -1)] == [-1.7, -0.5]
    assert drawn[1]["x"][0] < -1.64 < drawn[1]["x"][-1]
