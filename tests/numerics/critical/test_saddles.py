"""The saddle search against the census and against the Hessian."""

import numpy as np
import pytest

from numerics.core.streams import stream
from numerics.critical import enumeration, saddles
from numerics.critical.saddles import _step, saddles_one, search
from numerics.pspin import hamiltonian
from numerics.pspin.couplings import from_tensors, random_point


@pytest.mark.parametrize("coefficients", [{3: 1.0}, {2: 0.5, 4: 0.5}])
def test_what_is_found_is_critical_and_of_the_index_said(coefficients):
    source, n = stream(0, "saddles"), 25
    found = saddles_one(source, 3, n, coefficients, starts=4)
    couplings = hamiltonian.draw(source.generator(3, 0), n, coefficients)
    good = found["converged"]
    assert good.mean() > 0.8
    s = found["position"][good]
    gradient = hamiltonian.riemannian_gradient(couplings, s)
    assert np.sqrt((gradient**2).sum(axis=1) / n).max() <= 1e-9
    assert np.allclose(hamiltonian.energy(couplings, s) / n, found["energy"][good])
    eigenvalues = hamiltonian.riemannian_hessian_eigenvalues(couplings, s)
    assert ((eigenvalues < 0).sum(axis=1) == found["index"][good]).all()
    assert len(set(found["index"][good].tolist())) > 5


def test_lower_starts_end_in_lower_indices():
    found = saddles_one(stream(1, "saddles"), 0, 40, {3: 1.0}, starts=6)
    index = found["index"].reshape(6, 6).mean(axis=1)  # by height
    assert (np.diff(index) < 0).all()
    assert index[0] > 15
    assert index[-1] < 4


def test_every_saddle_found_is_in_the_census():
    source, n = stream(2, "saddles"), 5
    census = enumeration.census_part(source, 0, 1, n, {3: 1.0})
    found = saddles_one(source, 0, n, {3: 1.0}, starts=20)
    good = found["converged"]
    distance = np.linalg.norm(found["position"][good][:, None] - census.position[None], axis=2)
    nearest = distance.argmin(axis=1)
    assert distance.min(axis=1).max() < 1e-8
    assert (census.index[nearest] == found["index"][good]).all()
    assert set(census.index[nearest].tolist()) >= {0, 1, 2, 3}


def test_a_start_at_a_critical_point_stays():
    couplings = from_tensors({2: np.diag([1.0, 2.0, 4.0])}, {2: 1.0})
    points = np.sqrt(3) * np.eye(3)
    found = search(couplings, points)
    assert found["index"].tolist() == [0, 1, 2]
    assert np.allclose(found["position"], points)


def stepped(couplings, s, uphill):
    """Newton's step in the tangent modes written out, up along the lowest, down along the others."""
    n = s.shape[1]
    moves, counts = [], []
    for x, most in zip(s, uphill, strict=True):
        gradient = hamiltonian.energy_gradient(couplings, x[None])[1][0]
        basis = np.linalg.svd(x[None])[2][1:]
        matrix = hamiltonian.hessian(couplings, x[None])[0] - (x @ gradient / n) * np.eye(n)
        values, modes = np.linalg.eigh(basis @ matrix @ basis.T)
        up = (values < 0).sum() if most < 0 else most
        parts = modes.T @ (basis @ gradient) / np.maximum(np.abs(values), 1e-3)
        moves.append((np.where(np.arange(n - 1) < up, parts, -parts) @ modes.T) @ basis)
        counts.append(up)
    return np.array(moves), counts


@pytest.mark.parametrize("coefficients", [{3: 1.0}, {2: 0.5, 4: 0.5}])
def test_a_step_is_newtons_in_every_mode_on_the_tangent_space(coefficients):
    n = 7
    couplings = hamiltonian.draw(np.random.default_rng(0), n, coefficients)
    s = random_point(np.random.default_rng(1), n, 5)
    for uphill in (np.full(5, -1), np.array([0, 1, 2, 3, 6])):
        move, counts = _step(couplings, s, uphill)
        right, own = stepped(couplings, s, uphill)
        np.testing.assert_allclose(move, right, rtol=1e-8, atol=1e-8)
        assert counts.tolist() == own
        assert np.abs((move * s).sum(axis=1)).max() < 1e-9


def test_where_it_is_flat_a_step_grows_no_more():
    """The second axis is all but as low as the first: from between them Newton's step would be huge."""
    couplings = from_tensors({2: np.diag([1.0, 1.0 + 1e-6, 4.0])}, {2: 1.0})
    s = np.array([[1.0, 1.0, 0.01]])
    s *= np.sqrt(3 / (s**2).sum())
    move, _ = _step(couplings, s, np.array([0]))
    right, _ = stepped(couplings, s, [0])
    np.testing.assert_allclose(move, right, rtol=1e-6)


def test_searches_end_at_the_tolerance_and_on_the_sphere():
    source, n = stream(4, "saddles"), 12
    found = saddles_one(source, 1, n, {3: 1.0}, starts=5, heights=(0, 3), tolerance=1e-4)
    assert found["index"].shape == (10,)
    s = found["position"]
    assert np.allclose((s**2).sum(axis=1), n)
    couplings = hamiltonian.draw(source.generator(1, 0), n, {3: 1.0})
    gradient = hamiltonian.riemannian_gradient(couplings, s)
    sizes = np.sqrt((gradient**2).sum(axis=1) / n)
    assert (found["converged"] == (sizes <= 1e-4)).all()
    assert found["converged"].mean() > 0.5
    assert sizes[found["converged"]].max() > 1e-9  # no longer than that


def test_a_step_that_is_too_long_is_cut_and_a_short_one_is_newtons(monkeypatch):
    n = 7
    couplings = hamiltonian.draw(np.random.default_rng(0), n, {3: 1.0})
    s = random_point(np.random.default_rng(1), n, 6)
    monkeypatch.setattr(saddles, "MAX_STEPS", 1)
    moved = search(couplings, s)["position"]
    move, _ = stepped(couplings, s, np.full(6, -1))
    length = np.sqrt((move**2).sum(axis=1) / n)
    right = s + move * np.minimum(1, saddles.LONGEST / length)[:, None]
    right *= np.sqrt(n / (right**2).sum(axis=1, keepdims=True))
    np.testing.assert_allclose(moved, right, rtol=1e-8, atol=1e-8)
    assert (length > saddles.LONGEST).any()
