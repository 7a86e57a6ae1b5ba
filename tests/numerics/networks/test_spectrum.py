"""Indices, their estimates and densities by their formulas; what bounds an error, and what is refused."""

import array_api_compat.numpy as xp
import numpy as np
import pytest
from scipy import linalg

from numerics import InputError
from numerics.networks import hessian as nh
from numerics.networks import spectrum
from numerics.networks.lbfgs import converge
from numerics.networks.one_hidden_layer import (
    Networks,
    Samples,
    accuracy,
    activated,
    curved,
    gradient,
    loss_terms,
    probabilities,
    samples,
)

HOW = ("relu", "cross-entropy")


def setting(batch=1, n1=3, d=5, classes=4, m=60, seed=0):
    rng = np.random.default_rng(seed)
    data = samples(rng.normal(size=(m, d)), rng.integers(0, classes, m), classes, xp, np.float64)
    first, second = rng.normal(size=(batch, n1, d + 1)), rng.normal(size=(batch, classes, n1 + 1))
    return Networks(first, second), data


def test_the_papers_cut_off_is_a_thousandth():
    matrix = np.diag([1.0, 0.5, -0.00101, -0.00099, -1.0])
    for convex, inner in ((False, 2), (True, 2)):
        assert spectrum.index(matrix, inner, convex=convex) == 2
        assert spectrum.index(matrix, inner, 0.00098, convex) == 3
        assert spectrum.index(matrix, inner, 0.00102, convex) == 1
    assert spectrum.index(-matrix, 0, convex=False) == 2
    net, data = setting()
    matrix = nh.dense(net, data, *HOW)[0]
    count = int((np.linalg.eigvalsh(matrix) < -1e-3).sum())
    assert spectrum.index_of(net, data, *HOW, np.random.default_rng(0)) == count


def test_blocks_of_one_and_two_have_their_eigenvalues():
    rng = np.random.default_rng(1)
    for pattern in ((1, 2, 1, 2, 2, 1), (2, 2), (1, 1, 1), (2,), (1,), (1, 2), (2, 1)):
        blocks = [rng.standard_normal((size, size)) for size in pattern]
        matrix = linalg.block_diag(*(b + b.T for b in blocks))
        found = np.sort(spectrum._block_eigenvalues(matrix))
        np.testing.assert_allclose(found, np.linalg.eigvalsh(matrix), atol=1e-14)


def test_the_jackknife_of_an_index_over_five_parts():
    """n + 4 (n - mean n_g), of variance 4 var n_g less the share that was drawn, and the shift squared."""
    net, data = setting(m=200, n1=5, seed=4)
    for activation in ("relu", "tanh"):
        for seed in range(6):
            few, cutoff = 103, 0.02
            order = np.random.default_rng(seed).permutation(200)[:few]
            parts = np.array_split(order, 5)

            def count(some, activation=activation, cutoff=cutoff):
                part = Samples(data.x[some], data.target[some])
                matrix = nh.dense(net, part, activation, "cross-entropy")[0]
                return int((np.linalg.eigvalsh(matrix) < -cutoff).sum())

            # Parts weigh by their samples, and without one the four are scaled by 5/4.
            matrices = [
                nh.dense(net, Samples(data.x[p], data.target[p]), activation, "cross-entropy")[0]
                * (len(p) / few)
                for p in parts
            ]
            without = [
                int((np.linalg.eigvalsh((sum(matrices) - one) * 5 / 4) < -cutoff).sum())
                for one in matrices
            ]
            n = count(order)
            shift = 4 * (n - np.mean(without))
            variance = 4 * np.var(without) * (1 - few / 200)
            found = spectrum.sampled_index(
                net, data, activation, "cross-entropy", np.random.default_rng(seed), few, cutoff
            )
            assert found[0] == pytest.approx(n + shift)
            assert found[1] == pytest.approx(max((variance + shift**2) ** 0.5, 0.5))


def test_a_subsample_is_of_five_at_least_and_of_all_at_most():
    net, data = setting()
    rng = np.random.default_rng(0)
    for few in (5, 60):
        estimate, error = spectrum.sampled_index(net, data, *HOW, rng, few)
        assert np.isfinite(estimate)
        assert error >= 0.5
    for few in (4, 61):
        with pytest.raises(InputError, match=f"samples: got {few}"):
            spectrum.sampled_index(net, data, *HOW, rng, few)
    # All samples, and no part changes the count: as good as known.
    assert spectrum.sampled_index(net, data, *HOW, rng, 60, 1e3) == (0.0, 0.5)


@pytest.mark.parametrize("steps", [1, 2, 5])
def test_lanczos_is_exact_for_polynomials_up_to_twice_its_steps(steps):
    """sum w x^k = q H^k q of the probe q, up to degree 2 steps - 1 and not beyond."""
    net, data = setting(batch=2)
    nodes, weights = spectrum.lanczos_density(
        net, data, *HOW, np.random.default_rng(3), steps=steps, probes=3
    )
    assert nodes.shape == weights.shape == (3, 2, steps)
    rng = np.random.default_rng(3)
    for probe in range(3):
        every = rng.standard_normal((2, net.size))
        for b, matrix in enumerate(nh.dense(net, data, *HOW)):
            q = every[b] / np.linalg.norm(every[b])
            for degree in range(2 * steps + 1):
                moment = q @ np.linalg.matrix_power(matrix, degree) @ q
                found = (weights[probe, b] * nodes[probe, b] ** degree).sum()
                assert (abs(found - moment) < 1e-10 * (1 + abs(moment))) == (degree < 2 * steps)


def test_lanczos_of_nothing_said_is_of_eighty_steps_and_four_probes():
    """More steps than there are directions: it finds the spectrum and says nothing that is not finite."""
    net, data = setting(n1=2, d=2, classes=2)
    nodes, weights = spectrum.lanczos_density(net, data, *HOW, np.random.default_rng(3))
    assert nodes.shape == (4, 1, 80)
    np.testing.assert_allclose(weights.sum(axis=2), 1.0)
    values = np.linalg.eigvalsh(nh.dense(net, data, *HOW)[0])
    for x in nodes[:, 0].ravel()[weights[:, 0].ravel() > 1e-6]:
        assert abs(values - x).min() < 1e-8


def test_a_matrix_that_is_off_by_a_multiple_of_one_is_bounded_by_the_longest_vector():
    """Six vectors, and 1e-6 of chance: 10 sqrt(2/pi) times what the longest is moved by."""
    net, data = setting()
    matrix = nh.dense(net, data, *HOW)[0]
    longest = np.linalg.norm(np.random.default_rng(5).standard_normal((6, net.size)), axis=1).max()
    for off in (1e-3, -2.0):
        bound = nh.error_bound(
            matrix + off * np.eye(net.size), net, data, *HOW, np.random.default_rng(5)
        )
        assert bound == pytest.approx(10 * (2 / np.pi) ** 0.5 * abs(off) * longest, rel=1e-9)


def test_the_bound_is_of_the_mean_over_samples_in_parts(monkeypatch):
    net, data = setting(m=50)
    matrix = nh.dense(net, data, *HOW)[0]
    monkeypatch.setattr(nh, "AT_ONCE", 7)
    assert nh.error_bound(matrix, net, data, *HOW, np.random.default_rng(5)) < 1e-12


def test_hessians_are_written_out_up_to_ten_thousand_parameters(monkeypatch):
    monkeypatch.setattr(nh, "_one", lambda *_: np.zeros(1))
    data = setting()[1]
    for d, fits in ((997, True), (998, False), (1997, False)):  # 10 (d + 1) + 20 parameters
        net = Networks(np.zeros((1, 10, d + 1)), np.zeros((1, 2, 10)))
        net = Networks(net.first, net.second[:, :, :10])
        assert (net.size <= 10_000) == fits
        if fits:
            assert net.size == 10_000
            assert nh.dense(net, data, *HOW).shape == (1, 1)
        else:
            with pytest.raises(InputError, match="at most 10000"):
                nh.dense(net, data, *HOW)


def test_a_bound_on_the_index_is_rank_by_rank():
    """One sample: of every active unit one singular value, |x~| |r|."""
    net, data = setting(batch=2, m=1)
    for loss in ("hinge", "absolute", "cross-entropy"):
        z = net.second[:, :, :-1] @ np.maximum(net.first @ data.x.T, 0) + net.second[:, :, -1:]
        r = loss_terms(z, data.target.T, loss)[1][:, :, 0]
        active = (net.first @ data.x.T > 0).sum(axis=(1, 2))
        size = np.linalg.norm(data.x) * np.linalg.norm(r, axis=1)
        for b in range(2):
            cuts = np.array([1e-12, 0.999 * size[b], 1.001 * size[b]])
            found = spectrum.index_bound(net, data, loss, cuts)[b]
            full = active[b] if size[b] > 0 else 0
            assert found.tolist() == [full, full, 0]


def test_at_a_kink_the_derivative_is_that_from_the_left_or_zero():
    a, slope = activated(np.zeros((1, 1, 1)), "relu")
    assert (a.item(), slope.item()) == (0.0, 0.0)
    target = np.array([[1.0], [0.0]])
    at_corner = np.array([[[1.0], [-1.0]]])
    for loss in ("hinge", "absolute"):
        value, r = loss_terms(at_corner, target, loss)
        assert value.item() == 0.0
        assert (r == 0).all()
        value, r = loss_terms(0 * at_corner, target, loss)
        assert (value.item(), r.ravel().tolist()) == (2.0, [-1.0, 1.0])
    # Labels share the largest output: right.
    assert accuracy(0 * at_corner, target).item() == 1.0
    assert accuracy(np.array([[[0.0], [1e-9]]]), target).item() == 0.0


def test_outputs_in_the_thousands_lose_nothing():
    """Of 1000 and 0 the loss is 0 or 1000, the probabilities 1 and 0."""
    z = np.array([[[1000.0, 1000.0, 1001.0], [0.0, 0.0, 1000.0]]])
    target = np.array([[1.0, 0.0, 1.0], [0.0, 1.0, 0.0]])
    with np.errstate(over="ignore", invalid="ignore"):
        value, r = loss_terms(z, target, "cross-entropy")
        p = probabilities(z)
    less = 1 / (1 + np.exp(-1.0))
    np.testing.assert_allclose(value, [[0.0, 1000.0, -np.log(less)]], atol=1e-12)
    np.testing.assert_allclose(p[0], [[1, 1, less], [0, 0, 1 - less]], atol=1e-12)
    np.testing.assert_allclose(r, p - target, atol=1e-12)
    # Times a direction: diag(p) - p p^T.
    found = curved(z, np.array([[[3.0, 3.0, 3.0], [1.0, 1.0, 1.0]]]), "cross-entropy")
    np.testing.assert_allclose(found[0, :, 2], less * (1 - less) * np.array([2, -2]))


def test_networks_move_and_are_flat_as_they_are_written():
    net, _ = setting(batch=2)
    flat = net.flat()
    assert flat.shape == (2, net.size)
    np.testing.assert_array_equal(flat[1], [*net.first[1].ravel(), *net.second[1].ravel()])
    again = net.like(flat)
    assert (again.first == net.first).all()
    assert (again.second == net.second).all()
    moved = net.moved(net, 0.5).flat()
    np.testing.assert_allclose(moved, 1.5 * flat)


def test_descending_further_of_which_nothing_is_said():
    """To a billionth in every component of the gradient; after no step it says that it was stopped."""
    data = samples(np.eye(2).repeat(4, axis=0), np.tile([0, 0, 0, 1], 2), 2, xp, np.float64)
    rng = np.random.default_rng(0)
    start = Networks(rng.normal(size=(1, 3, 3)), rng.normal(size=(1, 2, 4)))
    end = converge(start, data, "tanh")
    assert end.status.tolist() == ["converged"]
    slope = gradient(end.networks, data, "tanh", "cross-entropy")[1].flat()
    assert abs(slope).max() <= 1e-9
    np.testing.assert_allclose(end.gradient_norm, np.linalg.norm(slope))
    still = converge(start, data, "tanh", max_steps=0)
    assert still.status.tolist() == ["stopped"]
    np.testing.assert_array_equal(still.networks.flat(), start.flat())
    loss, slope = gradient(start, data, "tanh", "cross-entropy")
    assert still.loss == loss
    np.testing.assert_allclose(still.gradient_norm, np.linalg.norm(slope.flat()))
    for bad in ({"tolerance": 0.0}, {"max_steps": -1}):
        with pytest.raises(InputError, match=next(iter(bad))):
            converge(start, data, "tanh", **bad)
