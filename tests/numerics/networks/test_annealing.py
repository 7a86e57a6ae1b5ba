"""Annealing, proposal by proposal: what is drawn, what is tried, at which temperature."""

import numpy as np
import pytest

from numerics import InputError, stream
from numerics.core.backend import namespace
from numerics.networks import annealing, sgd
from numerics.networks.annealing import CAP, Schedule, cross_entropy
from numerics.networks.one_hidden_layer import Networks, samples
from numerics.networks.sgd import Settings

XP = namespace()
SOURCE = stream(8, "annealing")


def data(m=12, d=3, classes=3):
    rng = np.random.default_rng(0)
    return samples(rng.random((m, d)), rng.integers(0, classes, m), classes, XP, np.float64)


def test_the_loss_is_cross_entropy_but_for_gaps_beyond_eighty():
    z = np.random.default_rng(1).normal(size=(2, 4, 9)) * 5
    labels = np.random.default_rng(2).integers(0, 4, 9)
    exact = np.log(np.exp(z).sum(axis=1)) - np.take_along_axis(z, labels[None, None], 1)[:, 0]
    np.testing.assert_allclose(cross_entropy(z, labels, XP), exact.mean(axis=1))
    assert CAP == 80
    for gap, loss in ((1000.0, 80.0), (81.0, 80.0), (79.0, 79.0), (-1000.0, 0.0)):
        found = cross_entropy(np.array([[[0.0], [gap]]]), np.array([0]), XP)
        np.testing.assert_allclose(found, loss, atol=1e-12)


def draws_of(blocks=(0, 1), width=2.0):
    each = [annealing._drawn(SOURCE, range(20), block, width, np.float64) for block in blocks]
    return [np.concatenate([block[part] for block in each]) for part in range(4)]


def test_draws_have_their_laws_and_nothing_to_do_with_each_other():
    """Rows, columns and chances uniform; a change normal times uniform times the width."""
    row, column, change, chance = draws_of()
    assert row.shape == (1000, 20)
    count = row.size
    for x in (row, column, chance):
        assert abs(x.mean() - 0.5) < 6 * (1 / 12 / count) ** 0.5
        assert abs(x.var() - 1 / 12) < 6 * (1 / 180 / count) ** 0.5
        assert 0 <= x.min() < 0.001
        assert 0.999 < x.max() < 1
    # E (n u)^2 = 1/3, E (n u)^4 = 3/5, E (n u)^8 = 105/9.
    square = (change / 2.0) ** 2
    assert abs(change.mean()) < 6 * 2 * (1 / 3 / count) ** 0.5
    assert abs(square.mean() - 1 / 3) < 6 * ((3 / 5 - 1 / 9) / count) ** 0.5
    assert abs((square**2).mean() - 3 / 5) < 6 * ((105 / 9 - 9 / 25) / count) ** 0.5
    every = [row, column, chance, change, abs(change)]
    for i, x in enumerate(every):
        for y in every[:i]:
            if x is not every[4] or y is not change:
                r = ((x - x.mean()) * (y - y.mean())).mean() / (x.std() * y.std())
                assert abs(r) < 6 / count**0.5
    # Proposals and networks are others each; the same networks come with the same numbers.
    assert len(np.unique(row)) == count
    alone = annealing._drawn(SOURCE, range(7, 8), 1, 2.0, np.float64)
    assert (alone[0][:, 0] == row[500:, 7]).all()
    assert annealing._drawn(SOURCE, range(1), 0, 1.0, np.float32)[2].dtype == np.float32
    # By the counters (network, 2, block): 0 and 1 are those of the start and of the order.
    assert SOURCE.generator(7, 2, 1).random() == row[500, 7]
    assert SOURCE.generator(7, 0).random() - 0.5 == sgd.start(SOURCE, 7, Settings(2), 3)[0][0, 0]
    assert (SOURCE.generator(7, 1, 4).permutation(9) == sgd.order(SOURCE, 7, 4, 9)).all()


def proposed(first, second, layer, row, column, change, schedule, chance=0.0, temperature=1e9):
    some = data()
    state = annealing.init(Networks(first, second), some, XP)
    draws = tuple(np.array([x]) for x in (row, column, change, chance))
    labels = np.argmax(some.target, axis=1)
    yes = annealing.step(state, layer, draws, temperature, some.x.T.copy(), labels, schedule, XP)
    anew = annealing.init(Networks(state.first, state.second), some, XP)
    for name in ("h", "z", "loss"):
        np.testing.assert_allclose(getattr(state, name), getattr(anew, name), atol=1e-12)
    return state, yes


@pytest.mark.parametrize("layer", [0, 1])
def test_a_proposal_changes_one_weight_by_what_was_drawn(layer):
    rng = np.random.default_rng(3)
    first, second = rng.normal(size=(1, 2, 4)), rng.normal(size=(1, 3, 3))
    before = (first, second)[layer]
    rows, columns = before.shape[1:]
    for i in range(rows):
        for j in range(columns):
            at = ((i + 0.99) / rows, (j + 0.01) / columns)
            state, yes = proposed(first, second, layer, *at, 0.7, Schedule(1))
            wanted = before.copy()
            wanted[0, i, j] += 0.7
            assert yes.all()
            np.testing.assert_allclose((state.first, state.second)[layer], wanted)
            assert ((state.first, state.second)[1 - layer] == (first, second)[1 - layer]).all()


@pytest.mark.parametrize("levels", [1.0, 0.5])
def test_a_weight_of_three_values_goes_to_one_of_the_other_two(levels):
    for old in (-1, 0, 1):
        for layer in (0, 1):
            first, second = np.full((1, 2, 4), levels * old), np.full((1, 3, 3), levels * old)
            found = set()
            for change in (0.3, -0.3):
                state, _ = proposed(
                    first, second, layer, 0.0, 0.0, change, Schedule(1, levels=levels)
                )
                found.add(float((state.first, state.second)[layer][0, 0, 0]))
            assert found == {levels * x for x in (-1, 0, 1)} - {levels * old}


def test_a_change_is_accepted_with_the_odds_of_metropolis():
    """Just below exp(-change/T), not just above; what lowers the loss always."""
    first, second = np.ones((1, 2, 4)), np.zeros((1, 3, 3))
    before = float(annealing.init(Networks(first, second), data(), XP).loss[0])
    raised = [
        proposed(first, second, 1, r, 0.99, 1.5, Schedule(1))[0].loss[0] for r in (0, 0.4, 0.9)
    ]
    up = max(raised) - before
    row = (0, 0.4, 0.9)[int(np.argmax(raised))]
    assert up > 0.01
    for temperature in (0.1, 1.0):
        odds = np.exp(-up / temperature)
        for chance, taken in ((odds - 1e-9, True), (odds + 1e-9, False)):
            state, yes = proposed(
                first, second, 1, row, 0.99, 1.5, Schedule(1), chance, temperature
            )
            assert yes.tolist() == [taken]
            assert (state.second == second).all() != taken
    # Back again, which lowers the loss, at any temperature and chance.
    state, _ = proposed(first, second, 1, row, 0.99, 1.5, Schedule(1))
    back = proposed(first, state.second, 1, row, 0.99, -1.5, Schedule(1), 1 - 1e-12, 1e-9)
    assert back[1].all()
    np.testing.assert_allclose(back[0].loss, before)


def test_the_temperature_falls_by_a_factor_from_hot_to_cold(monkeypatch):
    """The first and the second layer in turn; the draws go on from one block to the next."""
    seen = []

    def noted(state, layer, draws, heat, *_):
        seen.append((layer, heat, draws))

    monkeypatch.setattr(annealing, "step", noted)
    settings, some = Settings(2, dtype="float64"), data(classes=10)
    annealing.anneal_tile(SOURCE, 0, some, settings, Schedule(1003, 1e-1, 1e-4), XP)
    assert [layer for layer, _, _ in seen] == [t % 2 for t in range(1003)]
    heats = np.array([heat for _, heat, _ in seen])
    np.testing.assert_allclose(heats, 0.1 * 1e-3 ** (np.arange(1003) / 1002))
    row, _, change, chance = draws_of((0, 1, 2), 1.0)
    for at, part in ((0, row), (2, change), (3, chance)):
        assert (np.array([draws[at] for _, _, draws in seen]) == part[:1003]).all()
    seen.clear()
    annealing.anneal_tile(SOURCE, 0, some, settings, Schedule(1, 1e-1, 1e-4), XP)
    assert [heat for _, heat, _ in seen] == [0.1]
    seen.clear()
    annealing.anneal_tile(SOURCE, 0, some, settings, Schedule(2, 1e-1, 1e-4), XP)
    np.testing.assert_allclose([heat for _, heat, _ in seen], [1e-1, 1e-4])


def test_weights_of_three_values_start_at_nothing_up_to_a_third_and_else_at_their_sign():
    settings = Settings(40, dtype="float64")
    start = sgd.starts(SOURCE, range(20), settings, 3, XP)
    schedule = Schedule(0, levels=0.5)
    net = annealing.anneal_tile(SOURCE, 0, data(classes=10), settings, schedule, XP)
    for found, before in ((net.first, start.first), (net.second, start.second)):
        wanted = np.where(abs(before) < 1 / 3, 0.0, np.sign(before) * 0.5)
        np.testing.assert_array_equal(found, wanted)
        assert abs((found == 0).mean() - 2 / 3) < 0.05


def test_what_a_schedule_may_be():
    assert Schedule(0, 1e-9, 1e-9, 1e-9, 1e-9).proposals == 0
    assert Schedule(1) == Schedule(1, 1e-2, 1e-5, 1.0, None)
    for bad in ({"proposals": -1}, {"cold": 1.1e-2}, {"width": 0.0}, {"hot": 0.0}, {"levels": 0.0}):
        with pytest.raises(InputError, match=next(iter(bad))):
            Schedule(**{"proposals": 1, **bad})
