"""Figures of claims show what their sentences say."""

import numpy as np
import pytest

from theory import mean_count, pure
from verify.claim import Observation
from verify.claims import find
from verify.claims.dynamics import ck_equations
from verify.claims.training import _figures


def drawn(claim, *seen):
    evidence = find(claim).evidence
    points = [Observation(params, evidence.predict(params), data) for params, data in seen]
    return {(one.axes.panel, one.label): one for one in evidence.series(points)}


def test_bands_hold_all_networks_and_their_middle_half_and_bars_are_two_errors():
    rng = np.random.default_rng(0)
    data = {n: {"test": np.exp(-1.5 * n**0.1 + 0.1 * rng.standard_normal(80))} for n in (10, 25)}
    every, half, mean, fit = _figures.losses(data, (-1.5, 0.1))
    assert len(list(_figures.losses(data, None))) == 3
    low, high = (np.asarray(every.y) + sign * np.asarray(every.yerr) for sign in (-1, 1))
    for i, n in enumerate((10, 25)):
        test = data[n]["test"]
        assert (low[i], high[i]) == pytest.approx((test.min(), test.max()))
        assert (
            (test >= half.y[i] - half.yerr[i]) & (test <= half.y[i] + half.yerr[i])
        ).mean() == 0.5
        assert mean.y[i] == pytest.approx(test.mean())
        assert mean.yerr[i] == pytest.approx(2 * test.std(ddof=1) / 80**0.5)
    assert fit.y[0] == pytest.approx(np.exp(-1.5 * 10**0.1))


def test_accuracies_stand_beside_the_bound_of_the_paper():
    test = {"real": np.array([0.96, 0.98]), "three values": np.array([0.95, 0.97])}
    *_, mark, means, level = _figures.accuracies(test, 50, 0.025)
    assert mark.x == [pytest.approx(0.945)]
    assert level.y == [pytest.approx(0.945)] * 2
    assert means.y == pytest.approx([0.97, 0.96])
    assert means.axes.xnames == ("real", "three values")


def test_ck_shows_both_routes_and_how_far_they_are_apart_in_what_is_allowed():
    params = {"case": "p = 2, exact"}
    said = np.array(ck_equations.exact_p2(ck_equations.MOMENTS))
    found = drawn("CK", (params, {"value": said + 0.5 * ck_equations.EXACT}))
    label = "q^2, T = 0, beta = 0"
    one = found["Energy against time, two routes", label]
    assert len(one.x) == 24
    assert set(ck_equations.TIMES) <= set(one.x)
    assert found["Energy against time, two routes", f"exact: {label}"].y == pytest.approx(said)
    assert found["Solver minus other route", label].y == pytest.approx(np.full(24, 0.5))
    band = found["Solver minus other route", "allowed"]
    assert (list(band.y), list(band.yerr)) == ([0, 0], [1, 1])


@pytest.mark.parametrize("u", ["-1.8", "-1.0", "all"])
def test_t3_n_shows_exact_over_asymptotic_which_tends_to_one(u):
    below = None if u == "all" else float(u)
    n = np.array([200.0, 1000.0])
    value = [mean_count(pure(3), int(size), below=below).log / size for size in n]
    params = {"p": 3, "u": u if u == "all" else float(u)}
    found = drawn("T3-N", (params, {"N": n, "value": np.array(value)}))
    ratio = next(one.y for (_, label), one in found.items() if label != "limit")
    assert abs(ratio[1] - 1) < abs(ratio[0] - 1) / 4 < 0.01


def test_pulls_of_the_law_itself_are_small_and_of_a_wider_one_are_not():
    evidence = find("GOE").evidence
    params = dict(evidence.grid[0])
    said = evidence.predict(params)
    fine = np.linspace(-1.8, 1.8, 4001)
    cdf = said["cdf"](fine)
    picked = np.interp((np.arange(20_000) + 0.5) / 20_000, cdf, fine)
    largest = {}
    for factor in (1.0, 1.1):
        data = {"eigenvalues": factor * picked.reshape(-1, 10), "picked": factor * picked}
        [pulls] = [s for (_, name), s in drawn("GOE", (params, data)).items() if "less" in name]
        largest[factor] = np.abs(pulls.y).max()
    assert largest[1.0] < 0.5
    assert largest[1.1] > 3
