"""What training is asked to do and says: defaults, bounds, measures, how a network that diverged looks."""

import numpy as np
import pytest

from numerics import InputError, stream, train
from numerics.core.backend import namespace
from numerics.networks import experiment, sgd
from numerics.networks.datasets import Dataset, digits
from numerics.networks.one_hidden_layer import (
    Networks,
    evaluate,
    gradient,
    loss_and_gradient,
    norm,
    samples,
)
from numerics.networks.sgd import Settings, drawn, measured, train_tiles

XP = namespace()


def test_settings_at_their_bounds():
    edge = Settings(1, epochs=0, minibatch=1, rate=0, decay=1)
    assert (edge.rate, edge.decay) == (0.0, 1.0)
    assert Settings(1, decay=5e-324).decay == 5e-324
    for bad in (
        {"hidden": 0},
        {"epochs": -1},
        {"minibatch": 0},
        {"rate": -5e-324},
        {"decay": 0.0},
        {"decay": 1 + 1e-15},
    ):
        with pytest.raises(InputError, match=f"^{next(iter(bad))}: got"):
            Settings(**{"hidden": 1, **bad})


def test_training_of_which_nothing_is_said(monkeypatch):
    """Twenty networks of 25 units, 200 passes in minibatches of 32 at a rate of 0.1 that falls by 0.98."""
    asked = []

    class AskedError(Exception):
        pass

    def caught(*arguments):
        asked.append(arguments)
        raise AskedError

    monkeypatch.setattr(experiment, "train_tiles", caught)
    with pytest.raises(AskedError):
        train()
    source, first, networks, images, settings, _ = asked[0]
    said = Settings(25, 200, 32, 0.1, 0.98, "cube", "relu", "cross-entropy", "float32")
    assert settings == said == Settings(25)
    assert (first, networks, images.name) == (0, 20, "digits")
    same = stream(0, "train", "digits", 25).generator(3)
    assert source.generator(3).random() == same.random()
    with pytest.raises(InputError, match="hidden: got"):
        train(hidden=())
    for bad in ({"networks": 0}, {"first": -1}, {"hessian_samples": 4}):
        with pytest.raises(InputError, match=f"^{next(iter(bad))}: got"):
            train(2, **bad)
    with pytest.raises(InputError, match="hessian_samples: got 9"):
        train((2, 2), hessian_samples=9)
    for few in (5, 1344):  # from five on, up to all
        with pytest.raises(AskedError):
            train(2, 1, hessian_samples=few)


def test_scaled_starts_have_their_variances_layer_by_layer():
    """2 over the inputs before hidden units, 1 over them before the outputs; no biases."""
    matrices = drawn(stream(1), 0, Settings(1, start="scaled"), (64, 300, 200, 10))
    assert [m.shape for m in matrices] == [(300, 65), (200, 301), (10, 201)]
    for m, variance in zip(matrices, (2 / 64, 2 / 300, 1 / 200), strict=True):
        assert (m[:, -1] == 0).all()
        assert abs((m[:, :-1] ** 2).mean() / variance - 1) < 6 * (2 / m.size) ** 0.5
    # Of one input alone, where one more or less would be seen.
    first, _, third, last = drawn(stream(1), 0, Settings(1, start="scaled"), (1, 3000, 1, 3000, 10))
    for m, variance in ((first, 2.0), (third, 2.0), (last, 1 / 3000)):
        assert abs((m[:, :-1] ** 2).mean() / variance - 1) < 6 * (2 / 3000) ** 0.5


def test_what_is_measured_is_of_the_whole_sets():
    rng = np.random.default_rng(0)
    net = Networks(rng.normal(size=(3, 4, 65)) / 4, rng.normal(size=(3, 10, 5)))
    data = digits()
    net.second[1, 0, 0] = np.inf
    with np.errstate(invalid="ignore"):
        found = measured(net, data, Settings(4))
        whole = samples(data.train_x, data.train_y, 10, XP, np.float64)
        rest = samples(data.test_x, data.test_y, 10, XP, np.float64)
        how = "relu", "cross-entropy"
        loss, right = evaluate(net, whole, *how)
        value, slope = gradient(net, whole, *how)
        tested = evaluate(net, rest, *how)
        both = loss_and_gradient(net, whole, *how)
    assert found.status.tolist() == ["trained", "diverged", "trained"]
    for b in (0, 2):
        for ours, theirs in (
            (found.train_loss, loss),
            (found.train_accuracy, right),
            (found.test_loss, tested[0]),
            (found.test_accuracy, tested[1]),
            (found.gradient_norm, norm(slope)),
            (both[0], value),
            (both[1], right),
            (norm(both[2]), norm(slope)),
        ):
            assert ours[b] == pytest.approx(theirs[b], rel=1e-12)
    assert found.train_loss[0] != found.test_loss[0]


def test_a_last_minibatch_that_is_not_full_is_left_out():
    rng = np.random.default_rng(0)
    train_x, test_x = rng.random((25, 3)), rng.random((5, 3))
    images = Dataset("toy", train_x, rng.integers(0, 10, 25), test_x, np.arange(5))
    settings = Settings(2, epochs=1, minibatch=10, dtype="float64")
    end = train_tiles(stream(3), 0, 1, images, settings, XP).networks
    first, second = sgd.start(stream(3), 0, settings, 3)
    net = Networks(first[None], second[None])
    order = sgd.order(stream(3), 0, 0, 25)
    assert sorted(order.tolist()) == list(range(25))
    for some in (order[:10], order[10:20]):
        batch = samples(images.train_x[some], images.train_y[some], 10, XP, np.float64)
        net = net.moved(gradient(net, batch, "relu", "cross-entropy")[1], -0.1)
    np.testing.assert_allclose(end.first, net.first, atol=1e-14)


@pytest.mark.parametrize("hidden", [3, (3, 4)])
def test_a_network_that_diverged_has_no_numbers(hidden):
    end = train(hidden, 3, epochs=1, rate=1e30)
    bad = end.status == "diverged"
    assert bad.any()
    assert ((end.index == -1) == bad).all()
    for name in ("train_loss", "test_loss", "train_accuracy", "gradient_norm", "index_error"):
        assert (np.isnan(getattr(end, name)) == bad).all()
    fine = train(hidden, 1, epochs=1)
    assert fine.status.tolist() == ["trained"]
    assert fine.index_error.tolist() == [0.0]
    assert fine.first.shape[2] == 65
    assert fine.second.shape[1] == 10


def test_an_index_beyond_dense_hessians_is_lanczos_share_with_its_error(monkeypatch):
    """Of four probes: their mean, and its standard error."""
    monkeypatch.setattr(experiment, "LARGEST", 10)
    nodes = np.array([[-1.0, -0.00101, -0.00099, 1.0]] * 4)[:, None, :]
    below = np.array([0.2, 0.3, 0.4, 0.4])
    weights = np.stack([below - 0.05, 0 * below + 0.05, 0.6 - below, 0 * below + 0.4], axis=1)
    weights = weights[:, None, :]
    monkeypatch.setattr(experiment, "lanczos_density", lambda *_: (nodes, weights))
    end = train(1, 1, epochs=0)
    size = 65 + 20
    assert end.index[0] == round(size * below.mean())
    assert end.index_error[0] == pytest.approx(size * below.std(ddof=1) / 2)
    monkeypatch.setattr(experiment, "LARGEST", size)  # up to which they are dense
    assert train(1, 1, epochs=0).index_error[0] == 0


def test_vectors_that_bound_an_index_are_by_counters_of_their_own(monkeypatch):
    seen = []

    def noted(one, data, activation, loss, generator, *_):
        seen.append(generator.random())
        return 0

    monkeypatch.setattr(experiment, "index_of", noted)
    train(2, 2, epochs=0, first=5, seed=3)
    source = stream(3, "train", "digits", 2)
    assert seen == [source.generator(number, 3).random() for number in (5, 6)]
