import flint
import numpy as np
import pytest

import theory
from theory import InputError, spike_threshold, spiked_complexity


@pytest.mark.parametrize("p", [3, 4, 7])
def test_without_a_spike_it_is_theta_and_the_volume_of_overlaps(p):
    u = np.linspace(-2, 2, 9)
    expected = theory.complexity(theory.pure(p), -abs(u))
    assert spiked_complexity(p, 0.0, 0.0, u) == pytest.approx(expected, abs=1e-14)
    assert spiked_complexity(p, 0.0, 0.6, u) == pytest.approx(expected + np.log(0.8), abs=1e-14)


def largest(p, a, m):
    return spiked_complexity(p, a, m, np.linspace(-1, 4, 50_001)).max()


@pytest.mark.parametrize("p", [3, 4, 6])
@pytest.mark.parametrize("excess", [1.0, 1.1, 1.8])
def test_the_branch_near_the_spike_has_exponent_zero(p, excess):
    a = excess * float(spike_threshold(p))
    # p a^2 m^(2p-4) (1 - m^2) = 1, by bisection beyond its maximum at m^2 = (p-2)/(p-1).
    low, high = np.sqrt((p - 2) / (p - 1)), 1.0
    for _ in range(60):
        m = (low + high) / 2
        low, high = (m, high) if p * a**2 * m ** (2 * p - 4) * (1 - m**2) > 1 else (low, m)
    assert largest(p, a, m) == pytest.approx(0, abs=1e-7)
    assert largest(p, 1.02 * a, m) < -1e-5 or excess == 1.0
    assert largest(p, a, m + 0.01 * (1 - m)) < 0
    # Its level, from the resolvent: w + 1/w, w^2 = 1/((p-1)(1 - m^2)).
    w = 1 / np.sqrt((p - 1) * (1 - m**2))
    u = (w + 1 / w) * np.sqrt((p - 1) / p)
    assert spiked_complexity(p, a, m, u) == pytest.approx(0, abs=1e-12)


@pytest.mark.parametrize("p", [3, 4, 6])
def test_below_the_threshold_nothing_lies_near_the_spike(p):
    critical = float(spike_threshold(p))
    least = np.sqrt((p - 2) / (p - 1))  # where the exponent is 0 up to the threshold
    overlaps = least + np.linspace(0.05, 0.9, 60) * (1 - least)
    assert max(largest(p, 0.97 * critical, m) for m in overlaps) < -1e-5
    assert max(largest(p, 1.03 * critical, m) for m in overlaps) > -1e-5
    for a in (0.3, 0.7, 1.0):
        assert largest(p, a * critical, least) == pytest.approx(0, abs=1e-6)
        assert largest(p, a * critical, 0.9 * least) > 0


def test_thresholds():
    assert float(spike_threshold(3)) / 2**0.5 == pytest.approx(0.8164966, abs=1e-7)
    assert float(spike_threshold(4)) / 2**0.5 == pytest.approx(0.9185587, abs=1e-7)
    with flint.ctx.workprec(400):
        assert spike_threshold(3, 80).arb().overlaps(2 / flint.arb(3).sqrt())
    assert float(spike_threshold(3, 80).radius) < 1e-78
    assert spike_threshold(1000, 5).value


@pytest.mark.parametrize(
    ("arguments", "name"),
    [
        ((2, 1.0, 0.5, 0.5), "p"),
        ((1001, 1.0, 0.5, 0.5), "p"),
        ((3, np.nan, 0.5, 0.5), "strength"),
        ((3, 1.0, 1.0, 0.5), "m"),
        ((3, 1.0, 0.5, np.inf), "u"),
    ],
)
def test_bad_input_is_named(arguments, name):
    with pytest.raises(InputError, match=f"{name}: got"):
        spiked_complexity(*arguments)
    with pytest.raises(InputError, match="p: got"):
        spike_threshold(2)


@pytest.mark.parametrize("terms", [{3: 0.5, 4: 0.5}, {1: 0.1, 3: 0.9}])
def test_a_mixture_without_a_spike_has_its_complexity(terms):
    model, u = theory.mixture(terms), np.linspace(-2.2, -0.1, 9)
    expected = theory.complexity(model, u)
    assert spiked_complexity(model, 0.0, 0.0, u) == pytest.approx(expected, abs=1e-13)
    assert spiked_complexity(model, 0.0, 0.6, u) == pytest.approx(expected + np.log(0.8), abs=1e-13)


def test_a_spike_of_another_order_moves_level_slope_and_gradient():
    """By the largest value over slopes on a grid."""
    model, a, m, u, j = theory.mixture({2: 0.3, 5: 2}), 0.9, 0.4, -1.2, 3
    xi, d1, d2 = (float(model.xi(1, i)) for i in range(3))
    r = np.linspace(-30, 30, 1_000_001)
    x = np.abs(r) / d2**0.5
    t = np.arccosh(np.maximum(x / 2, 1))
    off, slope = u - a * m**j, r - a * j * m**j
    covariance = np.array([[xi, d1], [d1, d1 + d2]])
    (p, s), (_, v) = np.linalg.inv(covariance)
    form = p * off**2 + 2 * s * off * slope + v * slope**2
    values = x**2 / 4 - (np.sinh(2 * t) - 2 * t) / 2 - form / 2
    gradient = (a * j) ** 2 * m ** (2 * j - 2) * (1 - m * m) / d1
    expected = values.max() + (np.log(d2 / d1) + np.log(1 - m * m) - gradient) / 2
    assert float(spiked_complexity(model, a, m, u, order=j)) == pytest.approx(expected, abs=1e-8)
