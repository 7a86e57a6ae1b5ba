"""Estimates of trained networks, and the four claims about them on made-up samples."""

from dataclasses import replace

import numpy as np
import pytest

from verify.claim import Observation
from verify.claims import find
from verify.claims.training import _estimates
from verify.statistics import joint_p_value


def coverage(estimate, truth, draw, repeats=600):
    """Standardised errors of an estimate over independent samples."""
    rng = np.random.default_rng(0)
    found = [estimate(*draw(rng)) for _ in range(repeats)]
    return np.array([(e.value - truth) / e.stderr for e in found])


CASES = {
    "mean": (_estimates.mean, 3.0, lambda rng: (3 + rng.standard_normal(60),)),
    "log mean": (_estimates.log_mean, 1.0, lambda rng: (np.e * rng.gamma(9, 1 / 9, 100),)),
    "log variance": (
        _estimates.log_variance,
        np.log(1 / 12),
        lambda rng: (rng.random(100),),
    ),
    "scaled mean": (
        lambda *losses: _estimates.scaled_mean((10, 25, 50), losses),
        1.0,
        lambda rng: tuple(np.exp(-1.3 * n**0.15) * rng.gamma(9, 1 / 9, 100) for n in (10, 25, 50)),
    ),
    "log spread": (
        _estimates.log_spread,
        np.log(2 / np.e),
        lambda rng: (rng.standard_exponential(100),),  # skewed: the mean's own error counts
    ),
    "fisher z": (
        _estimates.fisher_z,
        np.arctanh(0.6),
        lambda rng: (lambda a, b: (a, 0.6 * a + 0.8 * b))(*rng.standard_normal((2, 100))),
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_errors_are_those_of_the_estimates(name):
    """Standardised errors have mean 0 and variance 1, within five standard errors and small bias."""
    z = coverage(*CASES[name])
    assert abs(z.mean()) < 5 / 600**0.5 + 0.12
    assert 0.75 < z.var() < 1.35
    # Half or twice the error would be seen.
    assert not 0.75 < z.var() * 4 < 1.35
    assert not 0.75 < z.var() / 4 < 1.35


def test_fisher_z_of_heavy_tails_is_not_the_normal_one():
    """Scale mixtures: the influence function has the right error, 1/sqrt(n) is far too small."""

    def draw(rng):
        a, b = rng.standard_normal((2, 300)) * rng.standard_exponential(300)
        return a, 0.6 * a + 0.8 * b

    z = coverage(_estimates.fisher_z, np.arctanh(0.6), draw)
    assert 0.7 < z.var() < 1.5
    plain = coverage(
        lambda a, b: _estimates.fisher_z(a, b)._replace(stderr=300**-0.5), np.arctanh(0.6), draw
    )
    assert plain.var() > 2


def test_no_spread_is_no_failure():
    same = np.full(20, 0.3)
    assert _estimates.fisher_z(same, same).value == 0.0
    assert _estimates.log_variance(same).value < -600
    assert _estimates.correlation(same, np.arange(20.0)) == 0.0
    low, high = _estimates.bootstrap_interval(np.arange(40.0), np.arange(40.0) ** 2)
    assert 0.9 < low < _estimates.correlation(np.arange(40.0), np.arange(40.0) ** 2) < high < 1


def made_up(rng, widths, means, spreads, z, units=100):
    """Losses as claim F4 takes them, of given means, spreads and correlations."""
    seen = []
    for n, mean, spread, rho in zip(widths, means, spreads, np.tanh(z), strict=True):
        a, b = rng.standard_normal((2, units))
        test = mean + spread * a
        train = mean - 0.057 + spread * (rho * a + (1 - rho**2) ** 0.5 * b)
        data = {"test": abs(test), "train": abs(train)}
        data |= {
            "train accuracy": a,
            "test accuracy": b,
            "gradient": a**2,
            "reordered": np.ones(units),
        }
        seen.append(Observation({"n1": n, "start": "cube"}, {}, data))
    return seen


def judged(claim, seen, alternative=None):
    predict = claim.evidence.predict
    if alternative is not None:
        predict = alternative.change["predict"]
    return joint_p_value(
        claim.evidence.compare([Observation(o.params, predict(o.params), o.data) for o in seen])
    )


def test_f4_tells_networks_that_depend_on_their_width_from_those_that_do_not():
    claim, rng = find("F4"), np.random.default_rng(0)
    widths = (2, 3, 5, 10, 25, 50)
    means = (1.1, 0.7, 0.35, 0.157, 0.11, 0.097)
    spreads = (0.5, 0.35, 0.17, 0.0236, 0.009, 0.0078)
    z = (3.1, 2.9, 2.35, 1.18, 0.48, 0.33)
    good = made_up(rng, widths, means, spreads, z)
    assert judged(claim, good) > 0.5
    ordered = [replace(o, data={**o.data, "reordered": np.zeros(100)}) for o in good]
    assert judged(claim, ordered) < 1e-6
    cells = claim.evidence.compare(
        [replace(o, prediction=claim.evidence.predict({})) for o in good]
    )
    assert {c.stderr for c in cells if "another order" in c.quantity} == {0.0}
    for alternative in claim.alternatives:
        if "predict" in alternative.change:
            assert judged(claim, good, alternative) < 1e-3, alternative.name
    assert judged(claim, made_up(rng, widths, (0.157,) * 6, spreads, z)) < 1e-6
    assert (
        judged(claim, made_up(rng, widths, (2.3,) * 6, spreads, z)) < 1e-6
    )  # no exp(alpha n1^beta)
    assert judged(claim, made_up(rng, widths, means, (0.0236,) * 6, z)) < 1e-6
    assert judged(claim, made_up(rng, widths, means, spreads, (1.0,) * 6)) < 1e-6


def test_a_stream_that_forgets_the_epoch_gives_the_same_order_in_every_one():
    source = _estimates.Repeating(7)
    first, second = (rng.permutation(50) for rng in source.each(3, 1, units=range(2)))
    assert (first == second).all()
    assert (first == source.generator(3, 1, 9).permutation(50)).all()
    assert (first != next(source.each(4, 1, units=[0])).permutation(50)).any()


def test_scaled_losses_are_one_and_raw_ones_are_not():
    alpha, beta = _estimates.exponential_fit((10, 25, 50), (0.157, 0.11, 0.097))
    scaled = 0.157 / np.exp(alpha * 10**beta)
    assert scaled == pytest.approx(1, abs=0.05)
    assert abs(0.22 - scaled) > 0.7


def test_marginal_is_the_integral_of_the_semicircle():
    from scipy.integrate import quad

    from verify.claims.training.f5_index import marginal

    for level in (1e-3, 0.1, 0.9):
        exact, _ = quad(lambda x: 2 / np.pi * (1 - x * x) ** 0.5, -1, 2 * level - 1)
        assert marginal(level) == pytest.approx(exact, rel=1e-6)


@pytest.mark.parametrize("name", ["F5", "F6"])
def test_wrong_theories_change_something(name):
    claim = find(name)
    own = claim.evidence.predict({})
    for alternative in claim.alternatives:
        if "predict" in alternative.change:
            assert alternative.change["predict"]({}) != own, alternative.name
