"""Every function that takes a namespace gives NumPy's numbers on a device, in few copies."""

import numpy as np
import pytest

from numerics import descend, layer_count, mean_count, stream, train
from numerics.core.backend import namespace, to_numpy
from numerics.core.streams import key_of
from numerics.descent.methods import METHODS, descend_one
from numerics.kac_rice.rare_index import layer_weights
from numerics.networks.annealing import Schedule, anneal_tiles
from numerics.networks.datasets import digits
from numerics.networks.one_hidden_layer import ACTIVATIONS, LOSSES
from numerics.networks.sgd import Settings, train_tiles
from numerics.pspin import hamiltonian as h
from numerics.pspin.couplings import PLACES, from_tensors, random_point

MODELS = {"2": {2: 1.0}, "3": {3: 1.0}, "4": {4: 1.0}, "2+3+4": {2: 0.3, 3: 0.5, 4: 0.2}}
SHORT = {"times": (0.0, 0.2), "temperature": 0.2, "parts": 2}
TOLERANCE = {"float64": 1e-8, "float32": 1e-3}


def both(call):
    """What a call with the backend's name gives, on the host and on the device."""
    return call("numpy"), call("cupy")


DESCENTS = [
    *((method, "2+3+4", "float64") for method in METHODS),
    *((method, "3", "float32") for method in METHODS),
    *(("gd+newton", model, dtype) for model in ("2", "4") for dtype in TOLERANCE),
]


@pytest.mark.parametrize(("method", "model", "dtype"), DESCENTS)
def test_descents(device, method, model, dtype):
    """Ends are the host's: energies to the tolerance, words; and what is known of the start."""
    one, other = (
        descend_one(
            stream(2), 0, 7, MODELS[model], 4, TOLERANCE[dtype], xp=xp, dtype=dtype, method=method,
            spectra=True, **SHORT,
        )
        for xp in (namespace(), device)
    )  # fmt: skip
    assert one.keys() == other.keys()
    close = 1e-7 if dtype == "float64" else 2e-3
    for name in ("start", "start_energies", "start_gradient_norm", "reference", "energies"):
        np.testing.assert_allclose(other[name], one[name], atol=close)
    np.testing.assert_allclose(other["eigenvalues"], one["eigenvalues"], atol=100 * close)
    assert other["index"].tolist() == one["index"].tolist()
    assert other["status"].tolist() == one["status"].tolist()
    if "path" in one:
        np.testing.assert_allclose(other["path"], one["path"], atol=close)


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("method", ["gd", "gd+newton", "langevin"])
def test_several_disorders(device, method, place):
    """Stored and streamed couplings."""
    one, other = both(
        lambda backend: descend(
            10, p=3, disorders=5, starts=3, method=method, backend=backend, place=place,
            times=(0.0, 0.2),
        )
    )  # fmt: skip
    np.testing.assert_allclose(other.energies, one.energies, atol=1e-7)
    assert (other.index == one.index).all()
    assert other.counts == one.counts


@pytest.mark.parametrize("dtype", TOLERANCE)
@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("model", MODELS)
def test_hamiltonians(device, model, place, dtype):
    host, there = (
        h.draw(np.random.default_rng(0), 9, MODELS[model], dtype, xp, place=place)
        for xp in (namespace(), device)
    )
    s, v = (random_point(np.random.default_rng(i), 9, 5).astype(dtype) for i in (1, 2))
    close = {"rtol": 1e-10, "atol": 1e-11} if dtype == "float64" else {"rtol": 1e-3, "atol": 1e-4}
    for (_, a), (_, b) in zip(host.terms, there.terms, strict=True):
        assert (to_numpy(b[:, :]) == a[:, :]).all()
    for f, arguments in (
        (h.energy_gradient, (s,)),
        (h.energy_slope, (s,)),
        (h.hessian_vector, (s, v)),
        (h.hessian, (s,)),
        (h.riemannian_hessian, (s,)),
        (h.riemannian_hessian_eigenvalues, (s,)),
    ):
        one, other = f(host, *arguments), f(there, *map(device.asarray, arguments))
        for x, y in zip(
            *([z] if not isinstance(z, tuple) else z for z in (one, other)), strict=True
        ):
            assert y.dtype == x.dtype
            np.testing.assert_allclose(to_numpy(y), x, **close)


def test_tensors_that_are_given(device):
    tensors = {p: np.random.default_rng(p).standard_normal((5,) * p) for p in (2, 3)}
    mixture, s = {2: 0.4, 3: 0.6}, random_point(np.random.default_rng(1), 5, 3)
    one = h.energy(from_tensors(tensors, mixture), s)
    other = h.energy(from_tensors(tensors, mixture, xp=device), device.asarray(s))
    np.testing.assert_allclose(to_numpy(other), one, rtol=1e-12)


def test_counts_of_critical_points(device):
    """The matrices are the host's bit for bit, so the estimates are equal to the last logarithm."""
    one, other = both(lambda backend: mean_count(12, {3: 1.0}, 300, -1.5, backend=backend))
    np.testing.assert_allclose(other.total, one.total, rtol=1e-9)
    assert other.by_index.keys() == one.by_index.keys()
    for k, found in one.by_index.items():
        np.testing.assert_allclose(other.by_index[k], found, rtol=1e-9)
    layers = [
        layer_weights(stream(0, "l").generator(), 9, {3: 1.0}, 1, 3, 90, xp=xp)
        for xp in (namespace(), device)
    ]
    np.testing.assert_allclose(*layers, rtol=1e-11, atol=1e-11)
    one, other = both(lambda backend: layer_count(9, {3: 1.0}, 1, samples=200, backend=backend))
    assert [float(x) for x in vars(other).values()] == pytest.approx(
        [float(x) for x in vars(one).values()], rel=1e-9
    )


@pytest.mark.parametrize("loss", LOSSES)
@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_training(device, activation, loss):
    settings = Settings(4, epochs=2, activation=activation, loss=loss, rate=0.02)
    one, other = (
        train_tiles(stream(0), 0, 3, digits(), settings, xp) for xp in (namespace(), device)
    )
    np.testing.assert_allclose(other.networks.first, one.networks.first, atol=1e-3)
    np.testing.assert_allclose(other.train_loss, one.train_loss, rtol=1e-3)
    assert other.status.tolist() == one.status.tolist()


def test_training_by_its_face(device):
    one, other = both(lambda backend: train(3, 2, epochs=2, backend=backend))
    np.testing.assert_allclose(other.train_loss, one.train_loss, rtol=1e-3)


@pytest.mark.parametrize("levels", [None, 0.5])
def test_annealing(device, levels):
    """Proposals are the host's; of few, none is decided by a last bit."""
    settings, schedule = Settings(3, dtype="float64"), Schedule(40, levels=levels)
    one, other = (
        anneal_tiles(stream(0), 0, 2, digits(), settings, schedule, xp)
        for xp in (namespace(), device)
    )
    np.testing.assert_allclose(other.networks.first, one.networks.first, atol=1e-9)
    np.testing.assert_allclose(other.train_loss, one.train_loss, rtol=1e-9)


ONCE = 12  # copies at the start and the end of a descent
A_LOOK = 12  # copies where the host looks whether starts are done, and takes what is


@pytest.mark.parametrize("method", METHODS)
def test_a_descent_copies_where_it_looks(standin, device, method):
    """Of the order of one copy for so many steps as lie between two looks."""
    steps = 200
    options = {"max_steps": steps, "step": 0.01, "times": (0.0, 2.0), "parts": 2}
    if method in ("flow", "published-gd", "published-sgd"):
        del options["step"]
    with standin.counted() as seen:
        end = descend_one(stream(2), 0, 8, {3: 1.0}, 4, 1e-13, xp=device, method=method, **options)
    taken = int(end["steps"].max())
    assert taken >= 50 or method == "flow"
    assert seen.crossings <= ONCE + A_LOOK * (3 + taken / 50)


def test_normals_are_the_hosts(device):
    from numerics.descent.langevin import normals

    key = key_of(np.random.default_rng(0))
    one, other = (normals(xp, key, 3, (5, 7)) for xp in (namespace(), device))
    np.testing.assert_allclose(to_numpy(other), one, rtol=1e-14)
    assert len(np.unique(to_numpy(other))) == 35
    assert (to_numpy(normals(device, key, 4, (5, 7))) != one).all()
