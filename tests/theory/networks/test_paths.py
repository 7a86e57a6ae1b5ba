import itertools
from fractions import Fraction

import pytest
import sympy as sp
from hypothesis import given, settings
from hypothesis import strategies as st

from theory.checks import InputError
from theory.derivation import path_symbols
from theory.networks import paths as expansion
from theory.networks.architecture import network

SMALL = st.fractions(min_value=-3, max_value=3, max_denominator=7)


@st.composite
def networks(draw):
    """Widths, rational weights and inputs of a network of up to four layers."""
    widths = [*draw(st.lists(st.integers(1, 3), min_size=1, max_size=4)), 1]
    weights = [
        [[draw(SMALL) for _ in range(above)] for _ in range(below)]
        for below, above in itertools.pairwise(widths)
    ]
    return widths, weights, [draw(SMALL) for _ in range(widths[0])]


@given(networks())
def test_forward_pass_is_the_sum_over_paths(drawn):
    widths, weights, x = drawn
    net = network(widths)
    run = expansion.forward(weights, x)
    assert expansion.path_sum(net, weights, x, run.gates) == run.output
    # By matrices, with the gates as diagonal ones.
    row = sp.Matrix([[sp.Rational(v.numerator, v.denominator) for v in x]])
    for k, matrix in enumerate(weights):
        row = row * sp.Matrix(
            [[sp.Rational(w.numerator, w.denominator) for w in r] for r in matrix]
        )
        if k < net.depth - 1:
            row = row.applyfunc(lambda v: sp.Max(v, 0))
    assert row[0] == sp.Rational(run.output.numerator, run.output.denominator)


@settings(max_examples=10)
@given(networks())
def test_scaling_inputs_scales_outputs_and_keeps_gates(drawn):
    _, weights, x = drawn
    run = expansion.forward(weights, x)
    twice = expansion.forward(weights, [2 * v for v in x])
    assert twice.output == 2 * run.output
    assert twice.gates == run.gates


def test_linear_network_is_another_sum():
    net = network([2, 2, 1])
    weights, x = [[[1, -1], [2, 1]], [[1], [1]]], [1, -1]
    run = expansion.forward(weights, x)
    assert expansion.path_sum(net, weights, x, [[1, 1]]) != run.output


def test_symbols_give_every_path_once():
    net = network([2, 2, 3, 1])
    at = path_symbols.symbols(net)
    terms = sp.Add.make_args(path_symbols.gated_product(at))
    assert len(terms) == net.mass == len(set(expansion.paths(net)))
    assert all(sp.Poly(term).total_degree() == 1 + 2 + net.depth for term in terms)


def test_too_many_paths_are_refused():
    with pytest.raises(InputError, match="at most 100000 paths"):
        expansion.paths(network([1000, 1000, 1]))
    with pytest.raises(InputError, match="at most 20 paths"):
        list(expansion.patterns(21, Fraction(1, 2)))


@given(
    st.lists(SMALL, min_size=1, max_size=6),
    st.fractions(min_value=0, max_value=1, max_denominator=9),
    st.booleans(),
)
def test_absolute_loss_is_linear_above_every_activity_and_exceeds_it_by_the_excess(terms, rho, up):
    sign = 1 if up else -1
    mean = expansion.mean_output(terms, rho)
    most = max(sum(max(t, 0) for t in terms), -sum(min(t, 0) for t in terms))
    for s in (most, most + 1):
        if s:
            assert expansion.mean_loss(terms, rho, sign * s) == s - sign * mean
            assert expansion.loss_excess(terms, rho, sign * s) == 0
    s = Fraction(1, 3)
    gap = expansion.mean_loss(terms, rho, sign * s) - (s - sign * mean)
    assert gap == expansion.loss_excess(terms, rho, sign * s) >= 0


def test_the_printed_loss_fails_at_one_path():
    rho = Fraction(1, 4)
    s = rho * 2
    assert expansion.mean_loss([Fraction(2)], rho, s) == 2 * (1 - rho) * s
    assert s - expansion.mean_output([Fraction(2)], rho) == 0
