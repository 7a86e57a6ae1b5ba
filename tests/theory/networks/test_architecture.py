import itertools
import math

import flint
import pytest
from hypothesis import given
from hypothesis import strategies as st

from theory.checks import InputError
from theory.networks.architecture import network
from theory.networks.size_bounds import (
    lower_is_attained,
    printed_lower,
    printed_upper,
    printed_weak,
    sharp_lower,
    sharp_upper,
    upper_is_attained,
    widest_for,
)

WIDTHS = st.lists(st.integers(1, 60), min_size=1, max_size=9)
DEEP = st.lists(st.integers(1, 3), min_size=20, max_size=60)


@pytest.mark.parametrize(
    ("widths", "says"),
    [
        ([3], "2 to 10001 integers"),
        ([3, 0, 1], "got 0; takes an integer >= 1"),
        ([3, 2.0, 1], "takes an integer >= 1"),
        ([3, True, 1], "takes an integer >= 1"),
        ([3, 2], "got 2 outputs"),
        ("31", "a sequence"),
        (7, "a sequence"),
        ([1] * 10_002, "2 to 10001 integers"),
    ],
)
def test_bad_widths_are_refused_in_one_line(widths, says):
    with pytest.raises(InputError, match=says) as refused:
        network(widths)
    assert "\n" not in str(refused.value)


@given(st.one_of(WIDTHS, DEEP))
def test_every_bound_holds_and_the_sharp_ones_are_sharper(hidden):
    net = network([*hidden, 1])
    at = (net.mass, net.inputs, net.depth)
    n = flint.arb(net.size)
    # Counted from the definitions.
    assert net.mass == math.prod(hidden)
    assert net.size == sum(a * b for a, b in itertools.pairwise([*hidden, 1]))
    with flint.ctx.workprec(300):
        slack = flint.arb(2) ** -200
        chain = [
            printed_weak(*at),
            printed_lower(*at),
            sharp_lower(*at),
            n,
            sharp_upper(*at),
            printed_upper(*at),
        ]
        for low, high in itertools.pairwise(chain):
            assert high - low > -slack
        # Exact, without roots: the means of even and of odd layers, one by one.
        for start, product in ((0, net.mass), (1, net.mass // net.inputs)):
            sizes = net.layers[start::2]
            assert math.prod(sizes) == product
            if sizes:
                assert sum(sizes) ** len(sizes) >= len(sizes) ** len(sizes) * product
                assert sum(sizes) <= product + len(sizes) - 1


@given(WIDTHS)
def test_equality_is_where_it_is_said_to_be(hidden):
    net = network([*hidden, 1])
    at = (net.mass, net.inputs, net.depth)
    assert (sharp_upper(*at) == net.size) == upper_is_attained(net)
    with flint.ctx.workprec(300):
        gap = net.size - sharp_lower(*at)
        assert lower_is_attained(net) == (not gap > 0)


@given(st.integers(1, 9), st.integers(1, 5), st.integers(1, 6))
def test_whole_families_attain_the_lower_bound(k, ratio, half):
    # n_i n_(i+1) in turn k ratio^half and k ratio^(half-1): n_0, n_2, ... fall, n_1, n_3, ... grow.
    widths = [w for i in range(half) for w in (ratio ** (half - i), k * ratio**i)]
    net = network([*widths, 1])
    assert set(net.layers[::2]) == {k * ratio**half}
    assert set(net.layers[1::2]) == {k * ratio ** (half - 1)}
    assert lower_is_attained(net)
    with flint.ctx.workprec(200):
        bound = sharp_lower(net.mass, net.inputs, net.depth)
        assert abs(bound - net.size) < flint.arb(2) ** -100
    assert not lower_is_attained(network([3, 2, 5, 1]))


@given(st.integers(2, 10**6), st.integers(2, 7))
def test_the_widest_network_attains_the_upper_bound(mass, depth):
    for inputs in (1, 2, mass):
        total = mass * inputs
        net = widest_for(total, inputs, depth)
        assert (net.mass, net.inputs, net.depth) == (total, inputs, depth)
        assert sharp_upper(total, inputs, depth) == net.size
        # One less is refuted by this network.
        assert not sharp_upper(total, inputs, depth) - 1 >= net.size


def test_lambda_is_the_root_of_the_mass():
    net = network([8, 8, 8, 1])
    assert abs(net.spins - 8) < flint.arb("1e-14")
    with flint.ctx.workprec(200):
        assert abs(network([5, 3, 1]).spins ** 2 - 15) < flint.arb(2) ** -150
