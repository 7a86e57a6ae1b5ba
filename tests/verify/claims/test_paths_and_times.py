"""R1, R4 and R7 on made-up samples: each takes the glass for a glass and refuses a network that is one."""

import numpy as np
import pytest

from numerics.core.streams import stream
from verify.claim import Observation
from verify.claims import find
from verify.claims.trained_networks import (
    _by_unit,
    _digits,
    r1_barriers,
    r4_two_times,
    r7_end_levels,
)
from verify.statistics import joint_p_value


def judged(claim, samples, alternative=None):
    """The p-value of a claim, or of one of its wrong theories, on samples by (system, size)."""
    predict = claim.evidence.predict
    if alternative is not None:
        predict = alternative.change["predict"]
    seen = []
    for (system, size), data in samples.items():
        params = {"system": system, "N": size}
        seen.append(Observation(params, predict(params), data))
    return joint_p_value(claim.evidence.compare(seen))


def end_levels(rng, spread, falls):
    """What R7 sees: levels of so many units, and how far each fell in the later time."""
    found = {}
    for key, distance in spread.items():
        shape = (24, 8) if key[0] == "glass" else (200, 1)
        level = -1.55 if key[0] == "glass" else 0.207 if key[1] == 874 else 0.8
        late = level + 1.25 * distance * rng.standard_normal(shape)
        found[key] = {"early": late + falls.get(key, 0.1) * distance, "late": late}
    return found


SPREAD = {("glass", 25): 0.082, ("glass", 118): 0.027, ("network", 37): 0.266,
          ("network", 118): 0.234, ("network", 874): 0.0067}  # fmt: skip


def ways(rng, glass, network):
    """What R4 sees, of a mean way at every age."""
    return {
        key: {"way": mean * rng.gamma(30, 1 / 30, (12, 5)), "level": np.full((12, 6), 0.0085)}
        for key, mean in ((("glass", 118), glass), (("network", 442), network))
    }


def barriers(rng, ratios):
    """What R1 sees, of a mean ratio at every system and size."""
    found = {}
    for key, ratio in ratios.items():
        straight = rng.gamma(9, 0.06, 60)
        barrier = ratio * straight * rng.gamma(9, 1 / 9, 60)
        level = -1.55 if key[0] == "glass" else 0.09
        found[key] = {"straight": straight, "barrier": barrier, "higher": np.full(60, level)}
    return found


AGES = np.array(r4_two_times.AGES["glass"]) / r4_two_times.AGES["glass"][0]
NETWORK = np.array([0.063, 0.09, 0.13, 0.22, 0.434])
RATIOS = {("glass", 37): 0.26, ("glass", 64): 0.24, ("network", 64): 0.06, ("network", 442): 0.0}
GOOD = {
    "R7": lambda rng: end_levels(
        rng, SPREAD, {("glass", 118): 0.33, ("network", 118): 2.2, ("network", 874): 38.0}
    ),
    "R4": lambda rng: ways(rng, np.full(5, 0.24), NETWORK),
    "R1": lambda rng: barriers(rng, RATIOS),
}
AS_THE_GLASS = {
    "R7": lambda rng: end_levels(rng, {**SPREAD, ("network", 118): 0.121}, {("glass", 118): 0.33}),
    "R4": lambda rng: ways(rng, np.full(5, 0.24), np.full(5, 0.24)),
    "R1": lambda rng: barriers(rng, {**RATIOS, ("network", 64): 0.24, ("network", 442): 0.24}),
}
NO_GLASS = {
    "R7": lambda rng: end_levels(rng, {**SPREAD, ("glass", 118): 0.082}, {("network", 874): 38.0}),
    "R4": lambda rng: ways(rng, 0.24 * AGES, NETWORK),
    "R1": lambda rng: barriers(rng, {**RATIOS, ("glass", 37): 0.0}),
}


@pytest.mark.parametrize("name", GOOD)
def test_a_glass_and_networks_that_are_none_are_told_apart(name):
    claim, rng = find(name), np.random.default_rng(0)
    good = GOOD[name](rng)
    assert judged(claim, good) > 0.5
    for alternative in claim.alternatives:
        if "predict" in alternative.change:
            assert judged(claim, good, alternative) < 1e-3, alternative.name
    assert judged(claim, AS_THE_GLASS[name](rng)) < 1e-3
    assert judged(claim, NO_GLASS[name](rng)) < 1e-3


@pytest.mark.parametrize("name", GOOD)
def test_every_curve_is_finite(name):
    claim = find(name)
    seen = [
        Observation({"system": system, "N": size}, claim.evidence.predict({}), data)
        for (system, size), data in GOOD[name](np.random.default_rng(1)).items()
    ]
    for one in claim.evidence.series(seen):
        assert np.isfinite(np.asarray(one.x, dtype=float)).all()
        assert np.isfinite(np.asarray(one.y, dtype=float)).all()


def test_the_jackknife_has_the_error_of_a_mean_of_clusters_and_of_a_log_ratio():
    rng, z = np.random.default_rng(2), []
    for _ in range(300):
        shared = rng.standard_normal((40, 1)) + rng.standard_normal((40, 4))
        found = _by_unit.jackknife(lambda x: float(x.mean()), shared)
        z.append(found.value / found.stderr)
    assert 0.8 < np.var(z) < 1.25
    z = []
    for _ in range(200):
        wide, narrow = 2 * rng.standard_normal((60, 1)), rng.standard_normal((30, 2))
        found = _by_unit.jackknife(r7_end_levels._log_ratio, wide, narrow)
        z.append((found.value - np.log(2)) / found.stderr)
    assert 0.7 < np.var(z) < 1.4


def test_the_fall_is_in_mean_distances():
    late = np.array([[1.0], [3.0]])
    assert r7_end_levels.fallen(late + 2.0, late) == pytest.approx(np.log(3))
    assert r7_end_levels.fallen(late - 2.0, late) == 0.0


def test_wrong_samplers_do_what_they_say():
    """No rounds leave the straight way; the noise is one; a unit stands for all of a chunk."""
    params, source = {"system": "glass", "N": 37}, stream(0, "wrong samplers")
    still = r1_barriers.simulate(params, source, 0, None, rounds=0.0, searched=20)
    moved = r1_barriers.simulate(params, source, 0, None, searched=20)
    assert still["barrier"] == pytest.approx(still["straight"], rel=1e-2)
    assert still["straight"] == pytest.approx(moved["straight"])
    assert (moved["barrier"] <= still["barrier"] + 1e-9).all()
    assert moved["barrier"].mean() < 0.8 * still["barrier"].mean()
    assert (moved["higher"] < -1.3).all()
    noise = r4_two_times.Frozen(np.random.default_rng(0))
    assert (noise.standard_normal((2, 3)) == noise.standard_normal((2, 3))).all()
    rows = np.arange(6.0).reshape(3, 2)
    assert _by_unit.copied(lambda: {"late": rows})["late"].tolist() == [[0.0, 1.0]] * 3


def test_times_of_networks_are_over_their_weights_and_free_ways_are_2_t_t():
    assert r4_two_times.time_of("glass", 118, 20) == pytest.approx(2.0)
    assert r4_two_times.time_of("network", 442, 4800) == pytest.approx(960 / 442)
    params = {"system": "glass", "N": 118}
    assert r4_two_times.free(params, 0) == pytest.approx(2 * 0.1 * 2.0)


def test_pairs_below_the_threshold_and_shares_without_a_barrier():
    one = Observation({}, {}, {"higher": np.array([-1.7, -1.6])})
    assert r1_barriers.below_the_threshold(one).tolist() == [True, False]
    rows = np.array([[0.0, 1.0], [0.005, 1.0], [0.5, 1.0], [0.0, 0.0]])
    assert r1_barriers.joined(rows) == 0.75
    assert r1_barriers.ratio(rows) == pytest.approx(0.505 / 3)


def test_reduced_digits_are_means_of_squares_of_four():
    from numerics.networks.datasets import digits

    whole, small = digits(), _digits.small_digits(10)
    assert small.train_x[0, 0] == pytest.approx(whole.train_x[0, [0, 1, 8, 9]].mean())
    assert (small.train_y == whole.train_y[:10]).all()
    assert (_digits.shuffled(10).train_y == np.roll(small.train_y, 1)).all()
