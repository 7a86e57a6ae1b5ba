"""Tensors and matrices of one's own on the command line."""

import json

import numpy as np
import pytest
from cli import call


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    np.save("diagonal.npy", np.diag([1.0, 2.0, 4.0]))
    cube = np.zeros((3, 3, 3))
    cube[(np.arange(3),) * 3] = 1.0, 2.0, 4.0
    np.save("cube.npy", cube)
    np.save("corner.npy", np.triu(np.ones((3, 3)), 1))
    np.save("packed.npy", np.array([5.0]))
    v = np.array([1.0, 2.0, 2.0])
    np.save("rank_one.npy", np.einsum("i,j,k->ijk", v, v, v))
    np.save("sphere.npy", np.einsum("ij,kl->ijkl", np.eye(3), np.eye(3)))
    return tmp_path


def census(capsys, *words):
    code, out, error = call(capsys, "numerics", "census", *words, "--json")
    assert code == 0, error
    return json.loads(out), error


def test_the_json_of_one_instance(capsys, folder):
    data, error = census(capsys, "--couplings", "cube.npy", "--scale", "unit")
    assert data["status"] == "complete"
    assert data["by_index"] == {"0": 4, "1": 6, "2": 4}
    assert len(data["points"]) == 14
    top = data["points"][-1]
    assert set(top) == {"u", "z_eigenvalue", "index", "position"}
    assert top["z_eigenvalue"] == pytest.approx(4)
    assert top["u"] == pytest.approx(4 / 3**0.5)
    assert top["index"] == 2
    assert top["position"] == pytest.approx([0, 0, 1])
    assert "symmetrised" not in error
    spins = census(capsys, "--couplings", "cube.npy")[0]["points"][-1]
    assert spins["position"] == pytest.approx([0, 0, 3**0.5])
    assert spins["u"] == pytest.approx(top["u"])


def test_what_was_done_to_a_tensor_is_said(capsys, folder):
    data, error = census(capsys, "--couplings", "corner.npy")
    assert error.startswith(
        "note: --couplings: symmetrised: entries that should be equal differ by up to 1"
    )
    assert data["by_index"] is not None
    data, error = census(capsys, "--couplings", "packed.npy", "--p", "3", "--scale", "energy")
    assert error.startswith("note: --couplings: 1 couplings of i < j < ... of 3 spins")
    assert data["by_index"] == {"0": 4, "1": 6, "2": 4}
    assert data["points"][0]["u"] == pytest.approx(-5 / 3)  # x_0 x_1 x_2 = 1 at the corners


@pytest.mark.parametrize("name", ["rank_one", "sphere"])
def test_a_singular_tensor_says_so(capsys, folder, name):
    assert census(capsys, "--couplings", f"{name}.npy")[0]["status"] == "positive-dimensional"


def test_one_name_is_one_disorder(capsys, folder):
    name = ["--p", "3", "--n", "5", "--seed", "3", "--disorder", "2"]
    data, _ = census(capsys, *name, "--save-couplings", "kept.npy")
    again, _ = census(capsys, "--couplings", "kept.npy")
    levels = [[point["u"] for point in one["points"]] for one in (data, again)]
    assert levels[0] == pytest.approx(levels[1])
    lows = [point["u"] for point in data["points"] if point["index"] == 0]
    for words in (name, ["--couplings", "kept.npy"]):
        code, out, _ = call(capsys, "numerics", "descend", *words, "--starts", "20", "--json")
        assert code == 0
        for u in np.ravel(json.loads(out)["energies"]):
            assert min(abs(u - low) for low in lows) < 1e-9
    code, _, _ = call(capsys, "numerics", "descend", *name, "--save-couplings", "too.npy")
    assert code == 0
    assert (np.load("kept.npy") == np.load("too.npy")).all()


def test_descents_on_a_tensor_print_and_keep_where_they_end(capsys, folder):
    words = ["--couplings", "cube.npy", "--scale", "unit", "--starts", "5", "--json"]
    code, out, _ = call(capsys, "numerics", "descend", *words, "--out", "ends.npz")
    data = json.loads(out)
    assert code == 0
    x, z = (np.array([p[name] for p in data["points"]]) for name in ("position", "z_eigenvalue"))
    assert [p["index"] for p in data["points"]] == data["index"][0]
    assert [p["u"] for p in data["points"]] == data["energies"][0]
    assert np.allclose(np.einsum("ri,i->r", x**3, [1.0, 2.0, 4.0]), z)
    with np.load("ends.npz") as kept:
        assert np.allclose(kept["position"][0], x)


def test_the_old_words_of_couplings_are_taken_with_a_warning(capsys, folder):
    words = ["descend", "--n", "5", "--starts", "1", "--json"]
    code, out, error = call(capsys, "numerics", *words, "--couplings", "stored")
    assert code == 0
    assert error.splitlines()[0].startswith("note: --couplings stored is now --place stored")
    assert call(capsys, "numerics", *words, "--place", "streamed")[1] == out


def test_the_price_is_said_beforehand(capsys, folder, monkeypatch):
    from numerics.critical import enumeration
    from verify.commands import census as command

    def stop(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr(command, "gather", stop)
    code, _, error = call(capsys, "numerics", "census", "--n", "16", "--samples", "1")
    assert code == 130
    assert error.startswith("note: about 4 min") or error.startswith("note: about 3 min"), error
    assert 60 < enumeration.price(16, {3: 1.0}) < 600


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("census --couplings none.npy", "--couplings: got 'none.npy'; takes a file .npy"),
        ("census --couplings packed.npy", "--p: got nothing; takes the order of the 1 couplings"),
        ("census --couplings cube.npy --p 4", "--couplings: got 'shape (3, 3, 3)'; takes shape (n, n, n, n)"),
        ("census --couplings cube.npy --n 3", "--n: got '3' beside --couplings"),
        ("census --couplings cube.npy --samples 2", "--samples: got '2' beside --couplings"),
        ("census --couplings cube.npy --scale big", "--scale: got 'big'; takes spins, unit, energy"),
        ("census --scale unit", "--scale: got unit; takes --couplings beside it"),
        ("census --save-couplings x.npy", "--save-couplings: got 'x.npy'; takes --disorder"),
        ("census --disorder 0 --save-couplings x.txt", "--save-couplings: got 'x.txt'; takes a file"),
        ("descend --couplings cube.npy --disorders 2", "--disorders: got '2' beside --couplings"),
        ("descend --couplings cube.npy --method sgd", "method: got 'sgd'; takes another"),
        ("descend --n 4 --disorder 1 --method sgd --save-couplings x.npy", "got it with sgd"),
        ("index cube.npy", "matrix: got 'shape (3, 3, 3)'; takes shape (n, n)"),
        ("index corner.npy", "matrix: got entries that differ from their mirror by 1; takes a symmetric"),
    ],
)  # fmt: skip
def test_bad_usage_is_one_line(capsys, folder, words, said):
    code, out, error = call(capsys, "numerics", *words.split())
    assert code == 2
    assert out == ""
    lines = [line for line in error.splitlines() if not line.startswith("note:")]
    assert len(lines) == 1
    assert said in error
    assert not (folder / "x.npy").exists()


def test_the_index_of_a_matrix(capsys, folder):
    np.save("singular.npy", np.diag([1.0, -2.0, 0.0]))
    np.save("hessian.npy", np.diag([1.0, -2.0, -1e-3]))
    code, out, _ = call(capsys, "numerics", "index", "hessian.npy", "--json")
    data = json.loads(out)
    assert (code, data["index"], data["certified"]) == (0, 2, True)
    assert data["margin"] == pytest.approx(1e-3)
    code, out, _ = call(capsys, "numerics", "index", "singular.npy")
    assert code == 1
    assert "not proved" in out
