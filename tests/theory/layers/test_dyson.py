from decimal import Decimal
from fractions import Fraction

import flint
import numpy as np
import pytest

import theory
from theory import InputError, layer_complexity, layer_levels
from theory.layers.dyson import exponent, resolvent, sources

UNEQUAL = [1, 2, 3]
WIDE = [3, 1, 1]  # one layer wider than the others together


@pytest.mark.parametrize("layers", [3, 4, 5, 10])
def test_equal_proportions_are_shared_weights(layers):
    found = layer_levels([1] * layers, 40)
    shared = theory.pure(layers)
    assert found.barrier.overlaps(theory.threshold(shared, None, 40))
    assert found.ground.overlaps(theory.threshold(shared, 0, 40))
    assert float(found.ground.radius) < 1e-38
    u = np.linspace(-2, 0, 21)
    assert np.allclose(
        layer_complexity([1] * layers, u), theory.complexity(shared, u), rtol=0, atol=1e-12
    )
    assert not layer_levels([1] * (layers + 1), 40).ground.overlaps(found.ground)


def test_two_layers_end_at_the_largest_singular_value():
    found = layer_levels([1, 3], 20)
    assert found.barrier == found.ground
    assert found.barrier.contains("1.3660254037844386467637")  # 1/2 + sqrt(3)/2
    assert layer_complexity([1, 3], [-1.2, 0.9]) == pytest.approx([0, 0], abs=1e-9)


def log_potential(a, u, terms):
    """Mean log distance from u, outside the spectrum, by the moments that Dyson's equation gives."""
    flint.ctx.cap = terms
    w = flint.arb_series([0, 1])
    x = [w] * len(a)
    for _ in range(terms // 2 + 1):
        parts = [share * one for share, one in zip(a, x, strict=True)]
        total = sum(parts[1:], parts[0])
        x = [w / (1 - w * (total - part)) for part in parts]
    total = sum((share * one for share, one in zip(a[1:], x[1:], strict=True)), a[0] * x[0])
    moments = [float(total[i + 1].mid()) for i in range(terms - 1)]
    return np.log(u) - sum(moments[k] / (k * u**k) for k in range(1, terms - 1))


@pytest.mark.parametrize("proportions", [UNEQUAL, WIDE, [1, 1], [5, 4, 2, 1]])
def test_exponent_is_that_of_the_moments(proportions):
    cap = flint.ctx.cap
    a = np.array(proportions) / sum(proportions)
    shares = [flint.arb(one) / sum(proportions) for one in proportions]
    u = 2.3
    try:
        said = log_potential(shares, u, 120)
    finally:
        flint.ctx.cap = cap
    said += (1 - u * u) / 2 - (a * np.log(a)).sum() / 2
    assert layer_complexity(proportions, -u) == pytest.approx(said, abs=1e-11)
    assert layer_complexity(proportions, u) != pytest.approx(said + 1e-3, abs=1e-4)


@pytest.mark.parametrize("proportions", [UNEQUAL, WIDE, [1, 1, 1]])
def test_two_arithmetics_agree_and_e_0_is_the_root(proportions):
    whole = sum(proportions)
    a = [Fraction(one, whole) for one in proportions]
    v = flint.arb("0.9")
    u = float(v + sum(sources(a, v), flint.arb(0)))
    value, slope = exponent(a, v)
    assert layer_complexity(proportions, u) == pytest.approx(float(value), abs=1e-11)
    step = flint.arb("1e-6")
    difference = (exponent(a, v + step)[0] - exponent(a, v - step)[0]) / (2 * step)
    assert float(slope) == pytest.approx(float(difference), rel=1e-5)
    found = layer_levels(proportions, 30)
    ground = float(found.ground)
    assert layer_complexity(proportions, [-ground, -0.999 * ground])[0] == pytest.approx(
        0, abs=1e-10
    )
    assert layer_complexity(proportions, -0.999 * ground) > 1e-5
    assert float(found.barrier) < ground


@pytest.mark.parametrize("proportions", [UNEQUAL, WIDE, [5, 4, 2, 1]])
def test_e_inf_is_where_the_resolvent_becomes_unstable(proportions):
    a = np.array(proportions) / sum(proportions)
    edge = float(layer_levels(proportions, 20).barrier)
    inside, outside = resolvent(a, np.array([edge - 1e-4, edge + 1e-4]))
    assert inside.imag.max() > 1e-3
    assert abs(outside.imag).max() < 1e-9
    # Perron's eigenvalue of m^2 S falls through 1 there: sum a m^2/(1 + a m^2) = 1.
    weights = a * outside.real**2
    assert (weights / (1 + weights)).sum() == pytest.approx(1, abs=0.05)
    assert (weights / (1 + weights)).sum() < 1


def test_exponent_of_a_large_random_matrix():
    sizes = [300, 100, 100]
    layer = np.repeat(range(3), sizes)
    rng = np.random.default_rng(5)
    g = np.triu(rng.standard_normal((500, 500)), 1) / np.sqrt(500)
    eigenvalues = np.linalg.eigvalsh((g + g.T) * (layer[:, None] != layer))
    a = np.array(sizes) / 500
    seen = [
        0.5 - (a * np.log(a)).sum() / 2 + np.log(abs(eigenvalues - u)).mean() - u * u / 2
        for u in (0.7, 1.9)
    ]
    # Logs of determinants scatter by sqrt(log N)/N about their limit.
    assert layer_complexity(WIDE, [0.7, 1.9]) == pytest.approx(seen, abs=0.01)
    assert abs(layer_complexity([1, 1, 1], [0.7, 1.9]) - seen).min() > 0.03


def test_a_kernel_is_minus_infinity_and_shapes_are_kept():
    found = layer_complexity(WIDE, [[0.0, 0.5]])
    assert found.shape == (1, 2)
    assert np.isneginf(found[0, 0])
    assert np.isfinite(found[0, 1])
    assert np.isfinite(layer_complexity([2, 1, 1.5], 0.0))


@pytest.mark.parametrize("digits", [1, 50, 300])
def test_digits_stand(digits):
    first, more = (layer_levels(["0.1", "2/3", 5], n) for n in (digits, digits + 20))
    for name in ("barrier", "ground"):
        ball = getattr(first, name)
        assert ball.overlaps(getattr(more, name))
        assert Decimal(ball.radius) < Decimal(10) ** (1 - digits)


def test_thin_layers_end_where_two_remain():
    found = layer_levels([1, 1, "1e-12"], 20)
    assert float(found.ground) == pytest.approx(2**0.5, abs=1e-7)
    assert float(layer_levels([1, 1, "1e12"], 20).ground) == pytest.approx(1, abs=1e-5)


@pytest.mark.parametrize(
    "proportions",
    [[1], [], [1, 0], [1, -1, 1], [1, "x"], [1, "nan"], [1, 1, "1e13"], [1] * 1001],
)
def test_bad_proportions_are_named(proportions):
    with pytest.raises(InputError, match="proportions: got"):
        layer_levels(proportions)
    with pytest.raises(InputError, match="proportions: got"):
        layer_complexity(proportions, 0.5)


def test_bounds_of_what_is_taken():
    assert len(layer_levels([1] * 1000, 5).barrier.value) > 3
    assert layer_levels([1, 1, "1e12"], 5).ground.value
    with pytest.raises(InputError, match="digits"):
        layer_levels([1, 1], 1001)
    with pytest.raises(InputError, match="u: got"):
        layer_complexity([1, 1], [np.inf])
