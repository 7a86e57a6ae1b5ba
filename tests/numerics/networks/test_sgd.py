"""SGD and annealing: independence of the batch, streams, divergence; and that they learn."""

import numpy as np
import pytest

from numerics import InputError, stream, train
from numerics.core.backend import namespace, to_numpy
from numerics.networks import annealing, sgd
from numerics.networks.annealing import Schedule, anneal_tiles
from numerics.networks.datasets import digits
from numerics.networks.one_hidden_layer import evaluate, gradient, samples
from numerics.networks.sgd import Settings, start, train_tiles

XP = namespace()
SOURCE = stream(7, "test")


def few(count=2, first=0, settings=None, source=SOURCE, xp=XP):
    return train_tiles(source, first, count, digits(), settings or Settings(4, epochs=2), xp)


@pytest.mark.parametrize("method", ["sgd", "annealing"])
def test_what_a_network_becomes_depends_on_its_number_alone(method):
    settings = Settings(4, epochs=1)

    def run(first, count):
        if method == "sgd":
            return few(count, first, settings)
        return anneal_tiles(SOURCE, first, count, digits(), settings, Schedule(30), XP)

    whole = run(0, 43)  # three tiles, the last one filled up
    for first, count in ((0, 1), (19, 2), (40, 3), (17, 25)):
        part = run(first, count)
        for name in ("train_loss", "test_loss", "train_accuracy", "gradient_norm"):
            assert (getattr(part, name) == getattr(whole, name)[first : first + count]).all()
        assert (part.networks.first == whole.networks.first[first : first + count]).all()
    assert len(np.unique(whole.test_loss)) == 43


def test_a_step_is_that_of_gradient_descent_on_its_minibatch(monkeypatch):
    """One network, one epoch, written out."""
    settings = Settings(3, epochs=1, dtype="float64", minibatch=100, rate=0.2)
    images = digits()
    end = few(1, 5, settings)
    first, second = start(SOURCE, 5, settings, 64)
    order = SOURCE.generator(5, 1, 0).permutation(1344)
    from numerics.networks.one_hidden_layer import Networks

    net = Networks(first[None], second[None])
    for i in range(13):
        some = order[100 * i : 100 * (i + 1)]
        batch = samples(images.train_x[some], images.train_y[some], 10, XP, np.float64)
        net = net.moved(gradient(net, batch, "relu", "cross-entropy")[1], -0.2)
    np.testing.assert_allclose(end.networks.first, net.first, atol=1e-12)
    np.testing.assert_allclose(end.networks.second, net.second, atol=1e-12)
    # The other order, or a shorter step, ends elsewhere.
    assert abs(end.networks.first - first).max() > 0.05


def test_the_rate_falls_by_its_factor():
    """With rate r and decay c a second epoch is one of rate r c."""
    settings = Settings(3, epochs=2, dtype="float64", rate=0.2, decay=0.5)
    data = samples(digits().train_x, digits().train_y, 10, XP, np.float64)
    net = sgd.starts(SOURCE, range(20), settings, 64, XP)
    for number, rate in ((0, 0.2), (1, 0.1)):
        order = [SOURCE.generator(b, 1, number).permutation(1344) for b in range(20)]
        net = sgd.epoch(net, data, np.stack(order), rate, settings)
    np.testing.assert_allclose(few(20, 0, settings).networks.first, net.first, atol=1e-12)


def test_the_compiled_epochs_are_those_of_the_arrays(monkeypatch):
    """The same to rounding over two epochs; not at another rate, nor with the second one's order."""
    settings = Settings(7, epochs=2)
    fast = few(2, 3, settings).networks
    monkeypatch.setattr(sgd, "_has_kernel", lambda *_: False)
    slow = few(2, 3, settings).networks
    for layer in ("first", "second"):
        np.testing.assert_allclose(getattr(fast, layer), getattr(slow, layer), atol=2e-5)
    for other in (Settings(7, epochs=2, rate=0.101), Settings(7, epochs=2, decay=0.97)):
        assert abs(few(2, 3, other).networks.first - fast.first).max() > 1e-3


@pytest.mark.parametrize("compiled", [True, False])
def test_orders_are_independent_and_uniform(monkeypatch, compiled):
    """As training sees them: no two epochs, no two networks alike; every sample anywhere alike."""
    seen = []
    if compiled:
        from numerics.compiled import training

        monkeypatch.setattr(training, "train", lambda *a: seen.extend(a[4]))
    else:
        monkeypatch.setattr(sgd, "_has_kernel", lambda *_: False)
        monkeypatch.setattr(sgd, "epoch", lambda net, data, order, *_: seen.extend(order) or net)
    few(20, 0, Settings(2, epochs=10))
    orders = np.array(seen)
    assert orders.shape == (200, 1344)
    assert (np.sort(orders, axis=1) == np.arange(1344)).all()
    assert len(np.unique(orders, axis=0)) == 200
    # Spearman's correlation of two random orders: 0, of variance 1/(m - 1).
    ranks = (orders - orders.mean()) / orders.std()
    r = (ranks @ ranks.T / 1344)[np.triu_indices(200, 1)] * 1343**0.5
    assert abs(r.mean()) < 6 / len(r) ** 0.5
    assert abs((r**2).mean() - 1) < 6 * (2 / len(r)) ** 0.5
    # The place of a sample, over orders: uniform.
    place = np.argsort(orders, axis=1) / 1343 - 0.5
    z = place.mean(axis=0) * (12 * 200) ** 0.5
    assert abs(z).max() < 6
    assert abs((z**2).mean() - 1) < 6 * (2 / 1344) ** 0.5


def test_starts_have_their_law():
    """Moments of 65 x 200 weights, six standard errors."""
    for name, low, variance in (("cube", -0.5, 1 / 12), ("corner", 0.0, 1 / 12)):
        first, second = start(SOURCE, 0, Settings(200, start=name), 64)
        assert low <= first.min() < low + 0.01
        assert low + 0.99 < first.max() < low + 1
        assert abs(first.mean() - low - 0.5) < 6 * (variance / first.size) ** 0.5
        assert abs(first.var() - variance) < 6 * (1 / 180 / first.size) ** 0.5
        assert second.shape == (10, 201)
    first, second = start(SOURCE, 0, Settings(200, start="scaled"), 64)
    assert (first[:, -1] == 0).all()
    for matrix, variance in ((first[:, :-1], 2 / 64), (second[:, :-1], 1 / 200)):
        assert abs(matrix.var() / variance - 1) < 6 * (2 / matrix.size) ** 0.5


@pytest.mark.parametrize("activation", ["relu", "tanh"])
@pytest.mark.parametrize("loss", ["cross-entropy", "hinge", "absolute"])
def test_every_activation_and_loss_learns(activation, loss):
    settings = Settings(10, epochs=15, activation=activation, loss=loss)
    end = few(3, 0, settings)
    before = few(3, 0, Settings(10, epochs=0, activation=activation, loss=loss))
    assert (end.train_loss < 0.5 * before.train_loss).all()
    # The absolute loss of ten outputs is happy with -1 everywhere for long: 2 a sample.
    least = 0.15 if loss == "absolute" else 0.6
    assert (end.test_accuracy > least).all()
    assert (abs(before.test_accuracy - 0.1) < 0.15).all()  # untrained: by chance


def test_shuffled_labels_are_not_learned():
    from dataclasses import replace

    data = digits()
    wrong = replace(data, train_y=np.roll(data.train_y, 1))
    end = train_tiles(SOURCE, 0, 3, wrong, Settings(10, epochs=15), XP)
    assert (end.test_loss > 2.2).all()
    assert (few(3, 0, Settings(10, epochs=15)).test_loss < 0.7).all()


def test_a_diverging_network_says_so_and_harms_no_other():
    settings = Settings(4, epochs=2, rate=1e30)
    assert "diverged" in few(3, 0, settings).status.tolist()
    assert "trained" in few(3, 0, Settings(4, epochs=2)).status.tolist()
    # Not only its neighbours in the product: one spoiled network among good ones.
    images = samples(digits().train_x, digits().train_y, 10, XP, np.float32)
    plain = Settings(4, epochs=1)
    net = sgd.starts(SOURCE, range(4), plain, 64, XP)
    order = np.stack([SOURCE.generator(b, 1, 0).permutation(1344) for b in range(4)])
    good = sgd.epoch(net, images, order, 0.1, plain)
    net.first[1] = np.nan
    with np.errstate(invalid="ignore"):
        spoiled = sgd.epoch(net, images, order, 0.1, plain)
    assert np.isnan(spoiled.first[1]).any()
    for b in (0, 2, 3):
        assert (spoiled.first[b] == good.first[b]).all()


def test_an_epoch_is_the_same_in_every_namespace(xp):
    settings = Settings(4, epochs=1, dtype="float64")
    here = few(2, 0, settings, xp=xp).networks.first
    np.testing.assert_allclose(here, few(2, 0, settings).networks.first, atol=1e-10)


def carried(levels, proposals=60):
    """States along annealing beside what is computed anew from the weights."""
    settings = Settings(3, dtype="float64")
    data = samples(digits().train_x[:50], digits().train_y[:50], 10, XP, np.float64)
    schedule = Schedule(proposals, hot=0.1, levels=levels)
    net = sgd.starts(SOURCE, range(4), settings, 64, XP)
    if levels:
        net = type(net)(
            levels * np.sign(np.round(1.5 * net.first)),
            levels * np.sign(np.round(1.5 * net.second)),
        )
    state = annealing.init(net, data, XP)
    labels = np.argmax(data.target, axis=1)
    draws = annealing._drawn(SOURCE, range(4), 0, 1.0, np.float64)
    accepted = 0
    for t in range(proposals):
        one = tuple(part[t] for part in draws)
        accepted += annealing.step(
            state, t % 2, one, 0.1, data.x.T.copy(), labels, schedule, XP
        ).sum()
    return state, annealing.init(type(net)(state.first, state.second), data, XP), data, accepted


@pytest.mark.parametrize("levels", [None, 0.5])
def test_annealing_carries_what_its_weights_give(levels):
    state, anew, data, accepted = carried(levels)
    for name in ("h", "z", "loss"):
        np.testing.assert_allclose(getattr(state, name), getattr(anew, name), atol=1e-11)
    from numerics.networks.one_hidden_layer import Networks

    value, _ = evaluate(Networks(state.first, state.second), data, "relu", "cross-entropy")
    np.testing.assert_allclose(state.loss, value, atol=1e-11)
    assert 40 < accepted < 240
    if levels:
        assert set(np.unique(abs(state.first))) == {0.0, 0.5}


def test_annealing_of_a_weight_samples_the_gibbs_law():
    """At one temperature the levels of a single free weight have odds exp(-loss/T): detailed balance.

    Ten thousand steps of four chains on the biases of a network without inputs; the loss is known for
    every state, and the frequencies are compared in six standard errors of independent blocks.
    """
    data = samples(np.zeros((5, 0)), np.array([0, 0, 0, 1, 1]), 2, XP, np.float64)
    from numerics.networks.one_hidden_layer import Networks

    net = Networks(np.zeros((4, 1, 1)), np.zeros((4, 2, 2)))
    schedule, temperature = Schedule(1, levels=1.0), 0.5
    state = annealing.init(net, data, XP)
    labels = np.argmax(data.target, axis=1)
    seen = []
    for block in range(20):
        draws = annealing._drawn(SOURCE, range(4), block, 1.0, np.float64)
        for t in range(500):
            one = tuple(part[t] for part in draws)
            annealing.step(state, 1, one, temperature, data.x.T.copy(), labels, schedule, XP)
            seen.append((state.second[:, 0, 1] - state.second[:, 1, 1]).copy())
    seen = np.array(seen[500:])  # (steps, chains)
    gap = np.arange(-2, 3)
    loss = (3 * np.log1p(np.exp(-gap)) + 2 * np.log1p(np.exp(gap))) / 5
    ways = np.array([1, 2, 3, 2, 1])  # pairs of levels with this difference
    law = ways * np.exp(-loss / temperature)
    law /= law.sum()
    blocks = seen.reshape(19, 500, 4)
    wrong = ways / ways.sum()  # at infinite temperature
    gone = 0.0
    for value, p, q in zip(gap, law, wrong, strict=True):
        share = (blocks == value).mean(axis=1).ravel()
        error = share.std(ddof=1) / len(share) ** 0.5
        assert abs(share.mean() - p) < 6 * error
        gone = max(gone, abs(share.mean() - q) / error)
    assert gone > 8


def test_annealing_goes_down_and_hot_does_not():
    settings, data = Settings(5), digits()
    cold = anneal_tiles(SOURCE, 0, 3, data, settings, Schedule(600, hot=1e-3), XP)
    hot = anneal_tiles(SOURCE, 0, 3, data, settings, Schedule(600, hot=10.0, cold=10.0), XP)
    assert (cold.train_loss < 2.15).all()
    assert (hot.train_loss > 2.2).all()


@pytest.mark.parametrize(
    ("options", "named"),
    [
        ({"hidden": 0}, "hidden"),
        ({"hidden": 2.5}, "hidden"),
        ({"networks": 0}, "networks"),
        ({"epochs": -1}, "epochs"),
        ({"rate": float("nan")}, "rate"),
        ({"rate": -1.0}, "rate"),
        ({"activation": "gelu"}, "activation"),
        ({"loss": "square"}, "loss"),
        ({"start": "zero"}, "start"),
        ({"data": "cifar"}, "data"),
        ({"first": -1}, "first"),
        ({"backend": "torch"}, "backend"),
    ],
)
def test_bad_arguments_are_refused(options, named):
    with pytest.raises(InputError, match=f"^{named}: got"):
        train(**{"hidden": 2, "networks": 1, "epochs": 0, **options})


def test_bad_settings_and_schedules_are_refused():
    for options in ({"minibatch": 0}, {"decay": 0.0}, {"decay": 1.1}, {"dtype": "float16"}):
        with pytest.raises(InputError, match=next(iter(options))):
            Settings(3, **options)
    for options in ({"proposals": -1}, {"hot": 0.0}, {"cold": 1.0}, {"levels": 0.0}):
        with pytest.raises(InputError, match=next(iter(options))):
            Schedule(**{"proposals": 1, **options})
    with pytest.raises(InputError, match="loss"):
        anneal_tiles(SOURCE, 0, 1, digits(), Settings(3, loss="hinge"), Schedule(1), XP)


def test_train_says_how_networks_end():
    end = train(hidden=3, networks=2, epochs=3, seed=4)
    again = train(hidden=3, networks=1, epochs=3, seed=4, first=1)
    assert again.train_loss[0] == end.train_loss[1]
    assert again.index[0] == end.index[1]
    from numerics.networks.hessian import dense
    from numerics.networks.one_hidden_layer import Networks

    data = samples(digits().train_x, digits().train_y, 10, XP, np.float64)
    net = Networks(*end.weights)
    values = np.linalg.eigvalsh(dense(net, data, "relu", "cross-entropy"))
    assert ((values < -1e-3).sum(axis=1) == end.index).all()
    assert to_numpy(evaluate(net, data, "relu", "cross-entropy")[0]) == pytest.approx(
        end.train_loss
    )
    some = train(hidden=3, networks=2, epochs=3, seed=4, hessian_samples=600)
    assert (end.index_error == 0).all()
    assert (some.index_error > 0).all()
    assert (abs(some.index - end.index) < 4 * some.index_error + 1).all()
    with pytest.raises(InputError, match="hessian_samples: got 1345"):
        train(hidden=3, hessian_samples=1345)
    lost = train(hidden=3, networks=2, epochs=2, rate=1e30)
    bad = lost.status == "diverged"
    assert bad.any()
    assert (lost.index[bad] == -1).all()
    assert (np.isnan(lost.train_loss) == bad).all()


def test_beyond_dense_hessians_the_index_is_estimated(monkeypatch):
    from numerics.networks import experiment

    exact = train(hidden=4, networks=1, epochs=5).index[0]
    monkeypatch.setattr(experiment, "LARGEST", 10)
    estimate = train(hidden=4, networks=1, epochs=5).index[0]
    assert exact > 5
    assert abs(estimate - exact) < 0.6 * exact
