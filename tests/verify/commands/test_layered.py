"""``numerics census --sizes`` and ``descend --sizes``."""

import json

import numpy as np
import pytest
from cli import call

from numerics.layers import product_census
from numerics.layers.tensors import layer_tensor


def test_a_census_of_one_tensor_has_its_points_and_descents_end_there(capsys, tmp_path):
    file = tmp_path / "points.npz"
    words = ["--sizes", "2,2,3", "--seed", "1", "--disorder", "5", "--json"]
    code, out, _ = call(capsys, "numerics", "census", *words, "--out", str(file))
    data = json.loads(out)
    assert code == 0
    assert data["status"] == "complete"
    found = product_census(layer_tensor([2, 2, 3], seed=1, disorder=5)[None])
    assert [one["u"] for one in data["points"]] == found.level[::-1].tolist()
    assert data["rank_one"] == len(data["points"])
    with np.load(file) as kept:
        assert kept["position"].shape == (data["rank_one"], 7)
    code, out, _ = call(capsys, "numerics", "descend", *words, "--method", "power")
    assert code == 0
    ends = json.loads(out)
    assert set(ends["status"]) == {"converged"}
    minima = np.array([-one["u"] for one in data["points"] if one["index"] == 4])
    assert np.abs(np.array(ends["level"])[:, None] - minima).min(axis=1).max() < 1e-6


def test_censuses_of_several_have_means_that_workers_do_not_change(capsys):
    words = ["census", "--sizes", "2,2,2", "--samples", "80", "--json"]
    code, out, _ = call(capsys, "numerics", *words)
    data = json.loads(out)
    assert code == 0
    assert data["unresolved"] == 0
    assert abs(data["rank_one_mean"] - 4.286667) < 5 * data["rank_one_stderr"] < 1.5
    assert call(capsys, "numerics", *words, "--workers", "2")[1] == out
    code, out, _ = call(capsys, "numerics", *words[:-1])
    assert code == 0
    assert "80 complete, 0 unresolved" in out


@pytest.mark.parametrize(
    ("words", "named"),
    [
        (["census", "--sizes", "9,9,9"], "--sizes: got '9,9,9'"),
        (["census", "--sizes", "3"], "--sizes: got '3'"),
        (["census", "--sizes", "2,x"], "--sizes: got 'x'"),
        (["census", "--sizes", "2,2", "--p", "3"], "--p: got '3'"),
        (["descend", "--sizes", "2,2", "--n", "3"], "--n: got '3'"),
        (["descend", "--sizes", "2,2", "--method", "cg"], "--method: got 'cg'"),
        (["descend", "--sizes", "2"], "sizes: got '2'"),
    ],
)
def test_what_does_not_go_together_is_said(capsys, words, named):
    code, _, err = call(capsys, "numerics", *words)
    assert code == 2
    assert named in err
