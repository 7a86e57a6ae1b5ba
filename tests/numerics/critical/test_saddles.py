"""The saddle search against the census and against the Hessian."""

import numpy as np
import pytest

from numerics.core.streams import stream
from numerics.critical import enumeration
from numerics.critical.saddles import saddles_one, search
from numerics.pspin import hamiltonian
from numerics.pspin.couplings import from_tensors


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
