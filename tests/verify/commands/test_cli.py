"""What users type: results, exit codes, one-line errors."""

import importlib
import json
from decimal import Decimal

import numpy as np
import pytest
from cli import APPS, call
from reference import VALUES

from verify import claims
from verify.commands import arguments


def test_thresholds_json(capsys):
    code, out, _ = call(
        capsys, "theory", *["thresholds", "--p", "3", "--k", "0..5", "--digits", "50", "--json"]
    )
    data = json.loads(out)
    assert code == 0
    assert data["model"] == "q^3"
    assert [t["k"] for t in data["thresholds"]] == list(range(6))
    assert data["thresholds"][0]["value"].startswith(VALUES["layers"]["3,0"][:20])
    assert data["thresholds"][2]["value"].startswith(VALUES["layers"]["3,2"][:20])
    assert float(data["E_inf"]["radius"]) < 1e-49


def test_complexity_json_takes_words_for_levels(capsys):
    code, out, _ = call(
        capsys,
        "theory",
        *["complexity", "--p", "3", "--u", "-E_1", "--k", "0..1", "--digits", "30", "--json"],
    )
    values = json.loads(out)["values"]
    assert code == 0
    assert [v["u"] for v in values] == ["-E_1", "-E_1"]
    assert abs(float(values[1]["value"])) < 1e-29 < float(values[0]["value"])


def test_counts_json(capsys):
    code, out, _ = call(capsys, "theory", *["counts", "--p", "3", "--n", "2", "--json"])
    data = json.loads(out)
    assert code == 0
    assert data["n"] == 2
    assert float(data["total"]) == pytest.approx(2 * 7**0.5, rel=1e-8)
    assert data["by_index"] == {}


def test_counts_to_any_digits(capsys):
    words = [
        "counts",
        "--p",
        "3",
        "--n",
        "3",
        "--k",
        "0..2",
        "--below",
        "-E_0",
        "--digits",
        "40",
        "--json",
    ]
    code, out, _ = call(capsys, "theory", *words)
    data = json.loads(out)
    assert code == 0
    assert data["certified"] == ["total", "0", "1", "2"]
    parts = [Decimal(value) for value in data["by_index"].values()]
    assert abs(sum(parts) / Decimal(data["total"]) - 1) < Decimal("1e-27")
    assert len(data["total"].lstrip("0.")) == 40
    code, out, error = call(
        capsys, "theory", *["counts", "--n", "100", "--k", "1", "--digits", "30"]
    )
    assert (code, out) == (2, "")
    assert error.startswith("error: digits: got 30; takes fewer for index 1 of N = 100")
    assert error.count("\n") == 1
    # float64 has nine digits, and says that nothing certifies them.
    code, out, _ = call(
        capsys, "theory", *["counts", "--n", "100", "--k", "1", "--digits", "9", "--json"]
    )
    assert (code, json.loads(out)["certified"]) == (0, ["total"])


def test_ground_state_equals_the_threshold(capsys):
    _, out, _ = call(capsys, "theory", *["ground-state", "--p", "4", "--digits", "40", "--json"])
    assert json.loads(out)["value"].startswith("1.794085028179254453")


def test_goe_json_and_file(capsys, tmp_path):
    file = tmp_path / "x.npz"
    words = f"goe --n 20 --k 0..2 --samples 4 --seed 5 --json --out {file}".split()
    code, out, _ = call(capsys, "numerics", *words)
    data = json.loads(out)
    assert code == 0
    assert data["samples"] == 4
    assert all(len(row) == 3 and row == sorted(row) for row in data["eigenvalues"])
    assert file.exists()
    assert out == call(capsys, "numerics", *words)[1]


def test_kac_rice_json(capsys):
    _, out, _ = call(
        capsys, "numerics", *["kac-rice", "--p", "3", "--n", "3", "--samples", "20000", "--json"]
    )
    data = json.loads(out)
    for k, value in enumerate(VALUES["sphere, p = 3"]):
        assert abs(data["by_index"][str(k)] - float(value)) < 5 * data["by_index_stderr"][str(k)]


def test_kac_rice_by_index_finds_what_is_rare_and_what_overflows(capsys, tmp_path):
    """Exact: log -47.28589 for the minima, by the law of the lowest eigenvalue at N = 100."""
    file = tmp_path / "x.npz"
    words = [
        "kac-rice",
        "--p",
        "3",
        "--n",
        "100",
        "--k",
        "0",
        "--samples",
        "20000",
        "--json",
        "--workers",
        "2",
    ]
    code, out, _ = call(capsys, "numerics", *words, "--below=-2.05", "--out", str(file))
    data = json.loads(out)
    assert code == 0
    relative = data["by_index_stderr"]["0"] / data["by_index"]["0"]
    assert relative < 0.01
    assert abs(data["log_by_index"]["0"] + 47.28589) < 5 * relative
    assert file.exists()
    code, out, _ = call(
        capsys, "numerics", *["kac-rice", "--n", "3000", "--samples", "64", "--json"]
    )
    data = json.loads(out)
    assert code == 0
    assert data["total"] is None
    assert abs(data["log_total"] / 3000 - 0.3466) < 0.01


def test_descend_json(capsys):
    words = ["descend", "--p", "3", "--n", "12", "--disorders", "2", "--starts", "3", "--json"]
    code, out, _ = call(capsys, "numerics", *words)
    data = json.loads(out)
    assert code == 0
    assert len(data["energies"]) == 2
    assert all(len(row) == 3 for row in data["energies"])
    assert all(e < 0 for row in data["energies"] for e in row)


def test_descents_that_all_diverge_say_so(capsys):
    words = ["descend", "--p", "3", "--n", "8", "--starts", "2", "--method", "langevin"]
    code, out, err = call(capsys, "numerics", *words, "--temperature", "1e308", "--until", "0.1")
    assert code == 0
    assert "no energy is finite; 0 of index 0; 2 diverged" in out
    assert "t = 0.1: no energy is finite" in out
    assert err == ""


def test_train_json_is_the_same_with_any_number_of_workers(capsys, tmp_path):
    file = tmp_path / "x.npz"
    words = [
        "train",
        "--data",
        "digits",
        "--hidden",
        "3",
        "--networks",
        "22",
        "--epochs",
        "1",
        "--json",
    ]
    code, out, _ = call(capsys, "numerics", *words, "--workers", "1", "--out", str(file))
    data = json.loads(out)
    assert code == 0
    for name in ("train_loss", "test_loss", "train_accuracy", "test_accuracy", "gradient_norm"):
        assert len(data[name]) == 22
        assert all(x > 0 for x in data[name])
    assert all(0 <= i <= 27 for i in data["index"])
    assert set(data["status"]) == {"trained"}
    assert data["index_error"] == [0.0] * 22
    assert np.load(file)["first"].shape == (22, 3, 65)
    assert out == call(capsys, "numerics", *words, "--workers", "2")[1]


def test_deeper_networks_are_trained(capsys, tmp_path):
    file = tmp_path / "x.npz"
    words = ["train", "--hidden", "3,4,2", "--networks", "3", "--epochs", "1", "--json"]
    code, out, _ = call(capsys, "numerics", *words, "--workers", "2", "--out", str(file))
    data = json.loads(out)
    assert (code, data["status"], data["index_error"]) == (0, ["trained"] * 3, [0.0] * 3)
    assert all(0 <= i < 220 for i in data["index"])
    shapes = [np.load(file)[f"layer_{level}"].shape for level in (1, 2, 3, 4)]
    assert shapes == [(3, 3, 65), (3, 4, 4), (3, 2, 5), (3, 10, 3)]


def test_a_network_that_diverges_has_null_and_a_status(capsys):
    words = [
        "train",
        "--hidden",
        "3",
        "--networks",
        "4",
        "--epochs",
        "2",
        "--rate",
        "1e30",
        "--json",
        "--workers",
        "1",
    ]
    code, out, _ = call(capsys, "numerics", *words)
    data = json.loads(out)
    assert code == 0
    bad = [i for i, status in enumerate(data["status"]) if status == "diverged"]
    assert bad
    assert all(data["train_loss"][i] is None and data["index"][i] is None for i in bad)


def test_train_refuses_a_spoiled_folder(capsys, tmp_path):
    (tmp_path / "train-images-idx3-ubyte").write_bytes(b"\0" * 100)
    code, out, err = call(capsys, "numerics", "train", "--mnist", str(tmp_path))
    assert (code, out) == (2, "")
    assert err.startswith(
        "error: mnist: got train-images-idx3-ubyte with magic number 0; takes 2051"
    )
    assert len(err.splitlines()) == 1


@pytest.mark.parametrize(
    "words", [("verify", "run", "F4"), ("numerics", "train", "--data", "mnist")]
)
def test_the_environment_may_name_the_folder_of_mnist(capsys, monkeypatch, words):
    monkeypatch.setenv("MNIST_DIR", "/nonexistent")
    code, out, err = call(capsys, *words)
    assert (code, out) == (2, "")
    assert err.startswith("error: mnist: got '/nonexistent'")


def test_list_names_every_claim(capsys):
    code, out, _ = call(capsys, "verify", "list", "--json")
    assert code == 0
    assert [c["id"] for c in json.loads(out)["claims"]] == list(claims.all_claims())


def test_run_writes_a_report_and_report_writes_it_again(capsys, tmp_path):
    out = tmp_path / "out"
    words = f"--out {out} --store {tmp_path / 's.sqlite'} --executor serial --profile quick".split()
    code, _, _ = call(capsys, "verify", "run", "T1", *words)
    assert code == 0
    page = (out / "T1.md").read_text()
    (out / "T1.md").unlink()
    code, _, _ = call(capsys, "verify", "report", "--out", str(out))
    assert code == 0
    assert (out / "T1.md").read_text() == page


def test_thresholds_of_a_mixture(capsys):
    words = [
        "thresholds",
        "--model",
        "0.5 q^3 + 0.5 q^4",
        "--k",
        "0..1",
        "--digits",
        "12",
        "--json",
    ]
    code, out, _ = call(capsys, "theory", *words)
    data = json.loads(out)
    assert code == 0
    assert data["class"] == "pure-like"
    assert data["thresholds"][0]["value"] == "1.73306955835"
    assert data["E_inf_plus"]["value"].startswith("1.715905")


def test_words_for_levels_and_a_plot_of_a_mixture(capsys, tmp_path):
    file = tmp_path / "x.png"
    words = ["complexity", "--model", "3/4 q^2 + 1/4 q^4", "--u", "-E_1", "--k", "1", "--json"]
    code, out, _ = call(capsys, "theory", *words, "--plot", str(file))
    assert code == 0
    assert abs(float(json.loads(out)["values"][0]["value"])) < 1e-29
    assert file.stat().st_size > 10_000


def test_ground_state_says_whether_the_kac_rice_root_is_it(capsys):
    words = ["ground-state", "--json", "--model"]
    one = json.loads(call(capsys, "theory", *words, "0.5 q^3 + 0.5 q^4")[1])
    assert one["equal"] is True
    assert one["breaking"] == "one step"
    more = json.loads(call(capsys, "theory", *words, "0.95 q^2 + 0.05 q^4")[1])
    assert more["equal"] is False
    assert more["breaking"] == "full"
    assert float(more["value"]) + float(more["radius"]) < float(more["kac_rice"]["value"])
    assert json.loads(call(capsys, "theory", "ground-state", "--p", "2", "--json")[1])[
        "value"
    ].startswith("1.4142135623730950488")


def layers(capsys, *words):
    code, out, _ = call(capsys, "theory", "layers", *words, "--json")
    assert code == 0
    return json.loads(out)


def test_layers_json(capsys):
    data = layers(capsys, "--sizes", "2,2,2")
    assert (data["total"], data["stderr"], data["rank_one"]) == (
        "34.2933386249",
        "0",
        "4.28666732811",
    )
    data = layers(capsys, "--sizes", "3,5")
    assert (data["total"], data["stderr"], data["rank_one"]) == ("12", "0", "3")
    data = layers(capsys, "--sizes", "2,3,3")
    assert 0 < float(data["stderr"]) < 1e-3 * float(data["total"])
    assert float(data["rank_one"]) == pytest.approx(8.845, abs=0.02)
    data = layers(capsys, "--sizes", "2,2,3", "--k", "0", "--below", "-1")
    assert data["k"] == 0
    assert "rank_one" not in data
    assert float(data["total"]) == pytest.approx(2.128, abs=0.01)
    data = layers(capsys, "--proportions", "1,1,1", "--digits", "20")
    assert data["E_inf"]["value"] == "1.6329931618554520655"
    assert data["E_0"]["value"] == "1.6569983635274732512"


def test_spiked_json(capsys):
    code, out, _ = call(
        capsys, "theory", *["spiked", "--p", "3", "--strength", "1", "--n", "2", "--json"]
    )
    data = json.loads(out)
    assert (code, data["total"], data["stderr"]) == (0, "5.16092653869", "0")


def test_prefactor_json(capsys):
    words = ["prefactor", "--p", "3", "--u", "-E_inf", "--n", "200", "--json"]
    data = json.loads(call(capsys, "theory", *words)[1])
    assert data["printed"].startswith("0.57975")
    assert data["corrected"].startswith("0.90792")
    assert data["regime"] == "u = -E_inf"
    assert float(data["exact_over_corrected"]) == pytest.approx(0.5627 / 0.90793, abs=1e-4)
    code, out, _ = call(capsys, "theory", *["prefactor", "--p", "4", "--u", "-1.8", "--k", "0"])
    assert code == 0
    assert "C printed" in out


BAD = [
    ("theory", "prefactor --p 2", "p"),
    ("theory", "prefactor --p 3 --k 1", "k"),
    ("theory", "prefactor --p 3 --u -1 --k 0", "u"),
    ("theory", "prefactor --p 3 --u nan", "--u"),
    ("theory", "prefactor --n 1", "--n"),
    ("theory", "thresholds --model q^3+9q", "model"),
    ("theory", "complexity --model 0.5q", "model"),
    ("theory", "temperatures --p 2", "model"),
    ("theory", "temperatures --model q^3+q", "model"),
    ("theory", "temperatures --p 3 --digits 0", "digits"),
    ("theory", "algorithmic --model 0.5q", "model"),
    ("theory", "spiked --p 1", "--p"),
    ("theory", "spiked --n 1", "--n"),
    ("theory", "spiked --n 500", "n"),
    ("theory", "spiked --strength big", "--strength"),
    ("theory", "spiked --strength 1e9", "strength"),
    ("theory", "spiked --overlap 2", "overlap"),
    ("theory", "spiked --k 5", "k"),
    ("theory", "layers", "--sizes"),
    ("theory", "layers --sizes 3,3 --proportions 1,1", "--sizes"),
    ("theory", "layers --sizes 3,x", "--sizes"),
    ("theory", "layers --sizes 300,300,3", "sizes"),
    ("theory", "layers --sizes 3,3,3 --k -1", "--k"),
    ("theory", "layers --sizes 3,3,3 --below low", "--below"),
    ("theory", "layers --proportions 1,0,1", "proportions"),
    ("theory", "layers --proportions 1,,1", "proportions"),
    ("theory", "layers --proportions 1,1,1 --k 0", "--k"),
    ("theory", "layers --proportions 1,1,1 --below -1", "--below"),
    ("theory", "layers --proportions 1,1,1 --digits 2000", "digits"),
    ("theory", "complexity --model 1.5q^3+-0.5q^4", "model"),
    ("theory", "ground-state --model 0.3q", "model"),
    ("theory", "ground-state --digits 0", "--digits"),
    ("theory", "ground-state --model 3/4q^2+1/4q^4 --digits 30", "digits"),
    ("theory", "thresholds --p 1", "--p"),
    ("theory", "thresholds --p 2.5", "--p"),
    ("theory", "thresholds --p 2 --k 0", "p"),
    ("theory", "thresholds --k -1", "--k"),
    ("theory", "thresholds --k 5..2", "--k"),
    ("theory", "thresholds --digits 0", "--digits"),
    ("theory", "thresholds --model q^x", "model"),
    ("theory", "thresholds --model __import__('os')", "model"),
    ("theory", "thresholds --p 3 --model q^3", "--model"),
    ("theory", "complexity --u nan", "--u"),
    ("theory", "complexity --u inf", "--u"),
    ("theory", "complexity --u 1e99999999999", "--u"),
    ("theory", "complexity --plot x.exe", "--plot"),
    ("theory", "counts --n 1", "--n"),
    ("theory", "counts --n 10 --below x", "--below"),
    ("theory", "counts --n 10 --digits 0", "--digits"),
    ("theory", "counts --n 10 --model q^3-q", "model"),
    ("numerics", "goe --n 0", "--n"),
    ("numerics", "goe --n 5 --k 5", "--k"),
    ("numerics", "goe --method sparse", "--method"),
    ("numerics", "goe --n 5 --out /nonexistent/x.npz", "--out"),
    ("numerics", "goe --n 5 --memory some", "--memory"),
    ("numerics", "goe --n 100000 --memory 1M", "memory"),
    ("numerics", "kac-rice --n 1", "--n"),
    ("numerics", "kac-rice --n 9 --workers 0", "--workers"),
    ("numerics", "kac-rice --n 9 --backend torch", "--backend"),
    ("numerics", "descend --n 2000 --place stored --memory 2GiB", "memory"),
    ("numerics", "descend --n 8 --place here", "--place"),
    ("numerics", "descend --couplings here", "--couplings"),
    ("numerics", "index here", "FILE"),
    ("numerics", "descend --n 8 --backend cupy", "backend"),
    ("numerics", "descend --n 8 --method newton", "method"),
    ("numerics", "descend --n 8 --starts 0", "--starts"),
    ("numerics", "train --hidden 0", "--hidden"),
    ("numerics", "train --hidden 3,x", "--hidden"),
    ("numerics", "train --hidden 3,3 --hessian-samples 50", "--hessian-samples"),
    ("numerics", "train --networks 0", "--networks"),
    ("numerics", "train --epochs -1", "--epochs"),
    ("numerics", "train --rate nan", "rate"),
    ("numerics", "train --rate x", "--rate"),
    ("numerics", "train --data cifar", "data"),
    ("numerics", "train --data mnist", "mnist"),
    ("numerics", "train --mnist /nonexistent", "mnist"),
    ("numerics", "train --loss square", "loss"),
    ("numerics", "train --workers 0", "--workers"),
    ("verify", "run F4 --mnist /nonexistent", "mnist"),
    ("numerics", "train --hessian-samples 4", "--hessian-samples"),
    ("numerics", "train --hessian-samples 2000", "--hessian-samples"),
    ("numerics", "train --backend cupy", "backend"),
    ("numerics", "train --out /nonexistent/x.npz", "--out"),
    ("verify", "run T99", "ID"),
    ("verify", "all --profile fast", "--profile"),
    ("verify", "all --seed x", "--seed"),
    ("verify", "all --workers 0", "--workers"),
    ("verify", "all --backend cupy", "backend"),
    ("verify", "all --executor dusk", "--executor"),
    ("verify", "all --out /proc/none", "--out"),
    ("verify", "all --store /proc/none/s", "--store"),
    ("verify", "report --out nowhere", "--out"),
    ("verify", "al", "al"),
    ("verify", "all --tpyo", "--tpyo"),
]


@pytest.mark.parametrize(("program", "words", "named"), BAD, ids=[f"{p} {w}" for p, w, _ in BAD])
def test_bad_input_exits_2_with_one_line_and_writes_nothing(
    capsys, tmp_path, monkeypatch, program, words, named
):
    monkeypatch.chdir(tmp_path)
    code, out, err = call(capsys, program, *words.split())
    assert code == 2
    assert out == ""
    assert len(err.splitlines()) == 1
    assert named in err
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("program", APPS)
def test_help_has_examples(capsys, program):
    code, out, _ = call(capsys, program, "--help")
    assert code == 0
    assert "Examples" in out


@pytest.mark.parametrize(("module", "name"), arguments._BAD_INPUT.items())
def test_errors_of_bad_input_are_where_the_command_line_looks_for_them(module, name):
    error = getattr(importlib.import_module(module), name)
    assert error.__module__ == module
    assert arguments._is_bad_input(error("x"))
    assert not arguments._is_bad_input(ValueError("x"))
