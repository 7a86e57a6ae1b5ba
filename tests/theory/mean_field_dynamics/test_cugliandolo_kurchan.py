import json
import subprocess
import sys
import time

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.polynomial.polynomial import polyval
from reference import VALUES
from scipy.special import ive

from theory import InputError, dynamics, parse, pure, threshold, threshold_energy
from theory.mean_field_dynamics import cugliandolo_kurchan
from theory.mean_field_dynamics.cugliandolo_kurchan import (
    FORWARD,
    NotConverged,
    Relaxation,
    Resolution,
    _fixed_point,
    solve,
)
from theory.mean_field_dynamics.grid import Grid, weights
from theory.mean_field_dynamics.power_law_tail import _power_law, tail
from theory.mean_field_dynamics.taylor import DEGREE, energy_series

MIXED = parse("0.5 q^3 + 0.5 q^4")
GRID = Resolution(40, 24, 20)


def bessel(t):
    z = 4 * 2**0.5 * np.asarray(t)
    return -(2**0.5) * ive(2, z) / ive(1, z)


def test_p2_is_the_ratio_of_bessel_functions():
    flow = dynamics(pure(2), 3.0)
    t = flow.t[1:]
    assert abs(flow.u[1:] - bessel(t)).max() < 5e-6
    assert flow.error[-1] < 1e-5
    # The error that is stated bounds the one there is on the coarser grid, and half the clock is refuted.
    assert abs(flow.u[1:] - bessel(t / 2)).max() > 0.1
    assert float(flow.energy(1.0)) == pytest.approx(float(VALUES["u(1) of p = 2"]), abs=2e-6)


def test_p3_to_t_100_with_a_halved_step():
    start = time.process_time()
    flow = dynamics(pure(3), 100.0)
    assert time.process_time() - start < 60
    assert flow.t[-1] == 100.0
    assert flow.error[-1] < 1e-5
    known = VALUES["u(0.5), u(1), u(2), u(5) of p = 3"]
    np.testing.assert_allclose(flow.energy([0.5, 1, 2, 5]), known, atol=5e-6)
    assert (np.diff(flow.u) < 0).all()
    assert flow.u[-1] > -float(threshold(pure(3), None, 17))
    fit = tail(flow)
    assert (
        abs(fit.limit + float(threshold(pure(3), None, 17))) < fit.limit_error < 0.02
    )  # -E_0 is 0.024 below
    assert abs(fit.exponent - 2 / 3) < 0.06


@pytest.mark.parametrize("heat", [0.9, 1.5])
def test_equilibrium_stays_and_obeys_fluctuation_dissipation(heat):
    flow = solve(MIXED, 3.0, heat, 1 / heat, GRID)
    np.testing.assert_allclose(flow.u, -1 / heat, atol=1e-5)
    np.testing.assert_allclose(flow.integrated_response * heat, 1 - flow.correlation, atol=1e-5)
    # A bath at another temperature than the start's moves it.
    assert abs(solve(MIXED, 3.0, 1.1 * heat, 1 / heat, GRID).u[-1] + 1 / heat) > 0.01


@given(
    st.dictionaries(st.integers(2, 6), st.floats(0.1, 2.0), min_size=1, max_size=3),
    st.floats(0.0, 1.0),
)
def test_short_times_by_the_law_of_the_derivatives(terms, heat):
    model = parse(" + ".join(f"{a:.6f} q^{p}" for p, a in terms.items()))
    xi1, xi2 = model.xi(1.0, 1), model.xi(1.0, 2)
    series = energy_series(model, 0.0, 0.0)
    np.testing.assert_allclose(
        series[:4], [0, -xi1, 0, xi1 * (xi1 + xi2) / 3], rtol=1e-9, atol=1e-9
    )
    np.testing.assert_allclose(energy_series(model, heat, 0.5)[1], -xi1 * (1 - heat / 2), rtol=1e-9)


def test_series_and_solver_agree_where_both_hold():
    flow = solve(pure(3), 0.12, resolution=Resolution(20, 24, 20))
    expected = polyval(flow.t, energy_series(pure(3), 0.0, 0.0))
    assert abs(flow.u - expected).max() < 1e-6 * 10
    assert len(energy_series(pure(3), 0.0, 0.0)) == DEGREE + 1


def test_the_threshold_of_pure_models_is_the_barrier():
    for p in (3, 4, 9):
        assert threshold_energy(pure(p)) == pytest.approx(-float(threshold(pure(p), None, 17)))
    assert threshold_energy(MIXED) == pytest.approx(-(3.5 + 9 / 3.5 - 1) / 3)
    # Not the level of the most numerous marginal points, -2 xi' sqrt(xi'')/(xi' + xi'').
    assert threshold_energy(MIXED) < -2 * 3.5 * 3 / 12.5 - 0.01


def test_a_cold_start_of_a_mixture_ends_below_its_threshold():
    scale = Resolution(130, 32, 24)
    cold = solve(MIXED, 150.0, 0.0, 1 / 0.81, scale)
    hot = solve(MIXED, 150.0, 0.0, 0.0, scale)
    assert cold.u[-1] < threshold_energy(MIXED) - 0.001
    assert hot.u[-1] > threshold_energy(MIXED) + 0.01


def test_late_times_take_little_memory():
    flow = solve(pure(3), 1e4)
    assert sum(part.nbytes for part in vars(flow).values()) < 2**20
    assert 0 < flow.u[-1] + float(threshold(pure(3), None, 17)) < 0.0012


def test_the_grid_integrates_and_interpolates():
    grid = Grid(0.2, 0.05, 40, 30)
    low, high, w = grid.integral(np.array([0.5, 300.0]))
    np.testing.assert_allclose(low + high, [[0.5], [300.0]] * np.ones(30), rtol=1e-12)
    np.testing.assert_allclose((w * np.exp(-low)).sum(axis=1), 1 - np.exp([-0.5, -300]), atol=1e-5)
    lag, earlier = grid.split(np.array([50.0]), grid.z)
    row = 1 / (1 + lag) + np.exp(-earlier)
    at = np.array([0.01, 1.0, 20.0, 49.0])
    columns, share = grid.lag_stencil(grid.coordinate(at, 50.0 - at))
    found = (row[columns] * share).sum(axis=1)
    np.testing.assert_allclose(found, 1 / (1 + at) + np.exp(at - 50.0), atol=1e-5)
    np.testing.assert_allclose(grid.derivative @ grid.z**3, 3 * grid.z**2, atol=1e-10)
    x = np.array([2.3, 4.0])
    shares = weights(x, np.array([0, 2]), 6)
    nodes = np.array([0, 2])[:, None] + np.arange(6)
    np.testing.assert_allclose((shares * nodes**5).sum(axis=1), x**5)


@pytest.mark.parametrize(
    "bad",
    [
        {"model": 3},
        {"until": 0.0},
        {"until": float("nan")},
        {"until": 1_000_000.5},
        {"until": "x"},
        {"temperature": -0.1},
        {"start": 0.0},
        {"start": 0.5},
        {"start": True},
    ],
)
def test_bad_input_is_refused(bad):
    with pytest.raises(InputError, match=f"{next(iter(bad))}: got"):
        dynamics(**({"model": pure(3), "until": 1.0} | bad))


def test_the_guess_of_a_row_is_of_fourth_order():
    for degree in range(5):
        guess = sum(w * (-1.0 - i) ** degree for i, w in enumerate(FORWARD))
        assert guess == (degree == 0)


def test_a_search_without_an_end_is_given_up():
    """After 300 steps, of which the last eight and the present one are held."""
    steps = []

    def away(y):
        steps.append(y)
        return y + 1

    with pytest.raises(NotConverged, match="after 9 iterations"):
        _fixed_point(away, np.zeros(3))
    assert len(steps) == 300


def test_a_time_too_late_is_named(monkeypatch):
    """At T = 0 it is the time that is too much, not the bath."""
    monkeypatch.setattr(cugliandolo_kurchan, "MAX_ITERATIONS", 1)
    with pytest.raises(
        InputError, match=r"^until: got 3.0; takes an earlier time, such as 10000 \("
    ):
        dynamics(pure(3), 3.0)
    with pytest.raises(InputError, match=r"^temperature: got 1.0"):
        dynamics(pure(3), 3.0, 1.0)


def test_energy_beyond_the_last_time_is_refused():
    with pytest.raises(InputError, match="times: got"):
        solve(pure(3), 1.0, resolution=GRID).energy([2.0])


def test_the_command_prints_what_it_solved():
    out = subprocess.run(
        [sys.executable, "-m", "theory", "dynamics", "--p", "2", "--until", "1", "--json"],
        capture_output=True,
        text=True,
        check=True,
    )
    data = json.loads(out.stdout)
    assert data["t"][-1] == 1.0
    assert data["u"][-1] == pytest.approx(-1.059781, abs=1e-5)
    assert max(data["error"]) < 1e-5


@pytest.mark.parametrize("heat", [10**30, 1e300])
def test_a_bath_beyond_the_grid_is_refused(heat):
    with pytest.raises(InputError, match=r"^temperature: got .*; takes "):
        dynamics(pure(3), 1.0, heat)


def test_errors_of_the_flow_are_amplified_by_the_extrapolation():
    """By Aitken's formula: the last value enters the limit times (r/(r - 1))^2, r = 4^exponent."""
    t = np.expm1(np.arange(300) / 20)
    u = -1.5 + 0.3 * (1 + t) ** (-2 / 3)
    without, with_error = (
        tail(Relaxation(t, u, 0 * u + error, u, *[u[:, None]] * 4)) for error in (0.0, 1e-4)
    )
    r = 4**without.exponent
    more = with_error.limit_error - without.limit_error
    assert more == pytest.approx(4e-4 * (r / (r - 1)) ** 2, rel=1e-6)


def test_the_limit_of_a_power_law_and_how_an_error_moves_it():
    u = -1.5 + 0.7 * 4.0 ** (0.6 * np.arange(3))  # at t, t/4, t/16
    limit, exponent, gain = _power_law(u)
    assert limit == pytest.approx(-1.5, abs=1e-12)
    assert exponent == pytest.approx(0.6, abs=1e-12)
    moved = [_power_law(u + step * np.array([1, 0, 0]))[0] for step in (1e-6, -1e-6)]
    assert (moved[0] - moved[1]) / 2e-6 == pytest.approx(gain, rel=1e-6)
