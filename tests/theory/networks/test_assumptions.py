import itertools
from fractions import Fraction

import mpmath
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from theory.checks import InputError
from theory.networks import assumptions
from theory.networks.architecture import network
from theory.networks.assumptions import ASSUMPTIONS, CHAIN


def test_chain_switches_assumptions_on_one_at_a_time():
    order = list(CHAIN)[:6]
    for before, after in itertools.pairwise(order):
        assert CHAIN[before] < CHAIN[after]
        assert len(CHAIN[after] - CHAIN[before]) == 1
    assert set().union(*CHAIN.values()) == set(ASSUMPTIONS)


@pytest.mark.parametrize("c", [-0.999, -0.6, 0.0, 0.3, 0.95])
def test_relu_correlation_by_a_double_integral(c):
    across = mpmath.sqrt(1 - c * c)

    # E relu(u) relu(c u + across v): v above -c u / across, by parts.
    def inner(u):
        a = c * u / across
        return u * mpmath.npdf(u) * (c * u * mpmath.ncdf(a) + across * mpmath.npdf(a))

    direct = 2 * mpmath.quad(inner, [0, 2, 6, 12])
    assert float(assumptions.relu_correlation(c)) == pytest.approx(float(direct), abs=1e-10)
    assert abs(float(assumptions.relu_correlation(c)) - max(c, 0)) > 1e-6


@given(st.integers(1, 8), st.floats(-1, 1))
def test_relu_kernels_are_bounded_by_the_variance(depth, overlap):
    wide = float(assumptions.relu_kernel(depth, overlap))
    narrow = float(assumptions.narrow_kernel(depth, overlap))
    assert abs(narrow) <= abs(overlap) + 1e-12
    assert abs(wide) <= abs(overlap) + 1e-12
    if depth <= 2:
        assert wide == pytest.approx(narrow)


def test_power_moments_by_hand():
    o = Fraction(2, 7)
    assert assumptions.power_moment(1, 2, o) == 1 + 2 * o**2
    assert assumptions.power_moment(1, 4, o) == 9 + 72 * o**2 + 24 * o**4  # E w^4 w'^4
    assert assumptions.power_moment(5, 1, o) == 5 * o
    assert assumptions.power_moment(5, 2, o) == 25 * o**2 + 5 * (1 + o**2)


def test_sum_moment_against_points_on_a_sphere():
    rng = np.random.default_rng(3)
    n, o, units = 4, 0.6, 100_000
    g = rng.standard_normal((units, n, 2))
    q, r = np.linalg.qr(g)
    q *= np.sign(np.einsum("uii->ui", r))[:, None, :]
    w = np.sqrt(n) * q[..., 0]
    other = o * w + 0.8 * np.sqrt(n) * q[..., 1]
    for power in (1, 2, 3):
        values = (w.sum(1) * other.sum(1)) ** power
        said = float(assumptions.sum_moment(n, power, o, 0.8))
        error = values.std() / units**0.5
        assert abs(values.mean() - said) < 6 * error  # 2e-9, two-sided
        assert power == 1 or abs(values.mean() - (n * o) ** power) > 15 * error


@given(st.lists(st.integers(1, 6), min_size=1, max_size=4), st.floats(-1, 1))
def test_the_spread_between_pairs_of_weights_is_never_negative(hidden, overlap):
    net = network([*hidden, 1])
    for model in ("mean", "inputs"):
        mean = assumptions.kernel(net, CHAIN[model], overlap)
        assert assumptions.kernel_square(net, CHAIN[model], overlap) >= mean**2 * (1 - 1e-12)


def test_refusals():
    with pytest.raises(InputError, match="an H-th power"):
        assumptions.spins(network([2, 3, 1]))
    with pytest.raises(InputError, match="two layers of weights"):
        assumptions.kernel(network([3, 3, 3, 1]), CHAIN["network"], 0.5)
    with pytest.raises(InputError, match="a set of CHAIN"):
        assumptions.kernel(network([3, 3, 1]), {"sphere"}, 0.5)
    with pytest.raises(InputError, match="gates, mean and inputs"):
        assumptions.kernel_square(network([3, 3, 1]), CHAIN["gates"], 0.5)


def test_the_loss_has_variance_lambda():
    net = network([3, 3, 3, 1])
    assert assumptions.normalisation(net) == pytest.approx(3)
    assert assumptions.normalisation_printed(net) == pytest.approx(27 * 27 ** (1 / 3))
    for overlap in (-0.5, 1.0):
        loss = (
            assumptions.kernel(net, CHAIN["spin glass"], overlap)
            / float(assumptions.active(net)) ** 2
        )
        assert loss == pytest.approx(overlap**3)
