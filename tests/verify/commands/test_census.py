"""``python -m numerics census``, and what the census claims refute."""

import json

import numpy as np
import pytest
from cli import call

from theory import mean_count, pure
from verify.claims import find
from verify.engine import tasks
from verify.statistics import bracketed_cell, joint_p_value, mean_cell


def test_census_json_against_the_exact_counts(capsys):
    words = ["census", "--p", "3", "--n", "3", "--samples", "2000", "--json"]
    code, out, _ = call(capsys, "numerics", *words)
    data = json.loads(out)
    assert code == 0
    assert data["samples"] == 2000
    assert data["unresolved"] == 0
    assert data["status"] == {"complete": 2000}
    for k in range(3):
        exact = float(mean_count(pure(3), 3, k).value)
        error = data["by_index_stderr"][str(k)]
        assert error < 0.05
        # 5 standard errors: a false alarm in 2 million.
        assert abs(data["by_index_mean"][str(k)] - exact) < 5 * error
        other = float(mean_count(pure(3), 4, k).value)
        assert abs(data["by_index_mean"][str(k)] - other) > 20 * error


def test_workers_change_nothing_and_the_file_holds_the_points(capsys, tmp_path):
    words = [
        "census",
        "--model",
        "q^3+0.5q^4",
        "--n",
        "3",
        "--samples",
        "60",
        "--seed",
        "4",
        "--json",
    ]
    file = tmp_path / "points.npz"
    code, out, _ = call(capsys, "numerics", *words, "--out", str(file))
    assert code == 0
    assert call(capsys, "numerics", *words, "--workers", "2")[1] == out
    with np.load(file) as kept:
        assert kept["counts"].shape == (60, 3)
        assert kept["position"].shape == (kept["counts"].sum(), 3)
        assert np.allclose((kept["position"] ** 2).sum(axis=1), 3)


def test_one_sample_has_no_standard_error(capsys):
    code, out, _ = call(capsys, "numerics", *["census", "--n", "2", "--samples", "1", "--json"])
    assert code == 0
    assert json.loads(out)["by_index_stderr"] == {"0": None, "1": None}


@pytest.mark.parametrize(
    ("words", "name"),
    [
        ("census --n 1", "--n"),
        ("census --n 30", "n"),
        ("census --samples 0", "--samples"),
        ("census --workers 0", "--workers"),
        ("census --p 3 --model q^3", "--model"),
        ("census --out /nonexistent/x.npz", "--out"),
    ],
)
def test_bad_usage(capsys, words, name):
    code, out, err = call(capsys, "numerics", *words.split())
    assert code == 2
    assert out == ""
    assert name in err
    assert err.count("\n") == 1


def test_what_an_unresolved_instance_could_hide_is_allowed_for():
    rng = np.random.default_rng(0)
    low = rng.poisson(5.0, 200).astype(float)
    high = low.copy()
    high[:40] += 10
    inside = bracketed_cell({}, "m", low.mean() + 1, low, high)
    assert inside.p_value == 1.0
    above = bracketed_cell({}, "m", low.mean() + 4, low, high)
    assert above.p_value == mean_cell({}, "m", low.mean() + 4, high).p_value < 1e-6
    below = bracketed_cell({}, "m", low.mean() - 1, low, high)
    assert below.p_value == mean_cell({}, "m", low.mean() - 1, low).p_value < 1e-6


@pytest.mark.parametrize("name", ["one point in fifty dropped", "symmetrisation forgotten"])
def test_a_lossy_census_and_a_wrong_disorder_are_refuted(name):
    [wrong] = [a for a in find("CENSUS").alternatives if a.name == f"sampler: {name}"]
    evidence = find("CENSUS").evidence
    params = evidence.grid[1]
    source = tasks.stream_of(find("CENSUS"), params, 5, 1)

    def p_value(simulate):
        from verify.claim import Observation, merge

        data = merge([simulate(params, source, chunk, np) for chunk in range(10)])
        return joint_p_value(
            evidence.compare([Observation(params, evidence.predict(params), data)])
        )

    assert p_value(wrong.change["simulate"]) < 1e-5 < p_value(evidence.simulate)
