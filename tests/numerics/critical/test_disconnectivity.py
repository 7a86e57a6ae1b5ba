"""Descents to minima and the graph they give, where both are known."""

import math
from dataclasses import replace

import numpy as np
import pytest

from numerics.core.streams import stream
from numerics.critical import disconnectivity, enumeration
from numerics.pspin import hamiltonian
from numerics.pspin.couplings import draw, from_tensors, random_point

VALUES = np.array([1.0, 2.0, 4.0, 7.0])


def quadratic():
    """H = sum_i d_i s_i^2 / sqrt n: the axes are critical."""
    return from_tensors({2: np.diag(VALUES)}, {2: 1.0})


def axes(instance=None):
    """Census of the quadratic form: -+ every axis, of index its number."""
    n = len(VALUES)
    position = math.sqrt(n) * np.repeat(np.eye(n), 2, axis=0) * np.tile([1, -1], n)[:, None]
    energy = hamiltonian.energy(quadratic(), position) / n
    index = np.repeat(np.arange(n), 2)
    where = np.zeros(2 * n, dtype=np.int64) + (instance or 0)
    none = np.zeros(1, dtype=np.int64)
    status = np.array(["complete"])
    zeros = np.zeros(2 * n)
    return enumeration.Census(
        n, none, status, none, 0, none, where, index, energy, zeros, position, zeros
    )


def test_two_wells_join_at_the_saddle_of_the_second_axis():
    census = axes()
    tree = disconnectivity.graph(quadratic(), census, 0)
    assert tree.lost == 0
    assert tree.minima.tolist() == census.energy[:2].tolist()
    assert tree.joins == ((census.energy[2], 0, 1),)


def test_points_of_another_instance_are_left_out():
    one, other = axes(), axes(instance=5)
    both = enumeration.join([one, replace(other, instance=other.instance - 1)])
    assert set(both.instance.tolist()) == {0, 5}
    assert disconnectivity.graph(quadratic(), both, 0).joins == ((one.energy[2], 0, 1),)


def test_paths_that_end_elsewhere_are_lost():
    """A census that lacks one minimum of two: half of the paths end where none is known."""
    census = axes()
    n = len(VALUES)
    keep = np.arange(2 * n) != 1
    fields = [census.instance, census.index, census.energy]
    instance, index, energy = (field[keep] for field in fields)
    none, status = np.zeros(1, dtype=np.int64), np.array(["complete"])
    zeros = np.zeros(2 * n - 1)
    lacking = enumeration.Census(
        n, none, status, none, 0, none, instance, index, energy, zeros, census.position[keep], zeros
    )
    tree = disconnectivity.graph(quadratic(), lacking, 0)
    assert tree.lost == 2
    assert tree.joins == ()


def test_one_steps_off_a_saddle_along_its_way_down_to_either_side():
    couplings, n = quadratic(), len(VALUES)
    s = math.sqrt(n) * np.eye(n)[1:2]
    sides = [disconnectivity._off(couplings, s, side)[0] for side in (1.0, -1.0)]
    for moved in sides:
        assert (moved**2).sum() == pytest.approx(n)
        move = (moved - s[0]) / math.sqrt(n)
        assert abs(move[0]) == pytest.approx(1e-4, rel=1e-6)
        assert np.abs(move[1:]).max() < 1e-7
    assert sides[0][0] == pytest.approx(-sides[1][0])
    assert disconnectivity._off(couplings, s[:0], 1.0).shape == (0, n)


@pytest.mark.parametrize("model", [{3: 1.0}, {2: 0.5, 4: 0.5}])
def test_the_way_down_is_the_lowest_mode_on_the_sphere(model):
    """Of a saddle in no special place, against the Hessian written out."""
    source, n = stream(5, "graph"), 5
    found = enumeration.census_part(source, 0, 1, n, model)
    couplings = draw(source.generator(0, 0), n, model)
    saddles = found.position[found.index == 1]
    moved = disconnectivity._off(couplings, saddles, 1.0)
    for s, to in zip(saddles, moved, strict=True):
        hessian = hamiltonian.hessian(couplings, s[None])[0]
        radial = s @ hamiltonian.energy_gradient(couplings, s[None])[1][0] / n
        basis = np.linalg.svd(s[None])[2][1:]
        low = np.linalg.eigh(basis @ (hessian - radial * np.eye(n)) @ basis.T)[1][:, 0] @ basis
        along = abs((to - s) @ low) / math.sqrt(n)
        assert along == pytest.approx(1e-4, rel=1e-5)
        assert np.linalg.norm(to - s) / math.sqrt(n) == pytest.approx(1e-4, rel=1e-5)


def test_descents_follow_the_gradient_until_it_is_small():
    """Of a quadratic form: every component but the lowest dies out, none is ever overshot."""
    couplings, n = quadratic(), len(VALUES)
    starts = random_point(np.random.default_rng(0), n, 6)
    ends = disconnectivity.descend(couplings, starts)
    assert (np.sign(ends[:, 0]) == np.sign(starts[:, 0])).all()
    assert np.allclose(np.abs(ends[:, 0]), math.sqrt(n), rtol=1e-9)
    assert np.allclose((ends**2).sum(axis=1), n)
    rough = disconnectivity.descend(couplings, starts, tolerance=0.1)
    for points, most in ((ends, 1e-7), (rough, 0.1)):
        gradient = hamiltonian.riemannian_gradient(couplings, points)
        sizes = np.sqrt((gradient**2).sum(axis=1) / n)
        assert sizes.max() <= most * (1 + 1e-9)
        assert sizes.max() > most / 3  # and no longer
    assert disconnectivity.descend(couplings, starts[:0]).shape == (0, n)
    assert (starts == random_point(np.random.default_rng(0), n, 6)).all()  # left as they were


def test_a_step_of_a_descent_is_a_fifth_of_the_steepest_curvature(monkeypatch):
    """So it follows the flow: a tenth of where a step would turn back."""
    couplings, n = quadratic(), len(VALUES)
    s = random_point(np.random.default_rng(1), n, 3)
    monkeypatch.setattr(disconnectivity, "MAX_STEPS", 1)
    moved = disconnectivity.descend(couplings, s)
    most = np.abs(hamiltonian.riemannian_hessian_eigenvalues(couplings, s)).max()
    right = s - 0.2 / most * hamiltonian.riemannian_gradient(couplings, s)
    right *= np.sqrt(n / (right**2).sum(axis=1, keepdims=True))
    np.testing.assert_allclose(moved, right, rtol=1e-12)


def test_basins_are_numbered_by_their_lowest_minimum_and_lost_paths_join_nothing():
    heights = np.array([3.0, 2.0, 1.0, 1.0, 0.5])
    pairs = np.array([[3, 0], [2, 3], [1, 2], [2, 1], [0, -1]])
    found = disconnectivity.join_basins(4, heights, pairs)
    assert found == ((1.0, 1, 2), (2.0, 1, 3), (3.0, 0, 1))
    # The pair of minimum 0 counts: it is no sign of a lost path.
    assert disconnectivity.join_basins(2, np.array([0.0]), np.array([[0, 1]])) == ((0.0, 0, 1),)
