"""N1-P: a ReLU network is the sum over its paths, exactly; its sign needs an output without ReLU."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise
from typing import Any

import sympy as sp

from theory.derivation import path_symbols
from theory.networks import assumptions
from theory.networks import paths as expansion
from theory.networks.architecture import Network, network
from verify.alternatives import refuting
from verify.claim import Cell, Claim, Params
from verify.evidence import Proof, decided, equal

WIDTHS = ("3,1", "2,3,1", "3,2,2,1", "2,2,3,2,1", "2,1,2,1,2,1")
INSTANCES = 40


@dataclass(frozen=True)
class Theory:
    """Equation 1 and what it is made of; wrong theories replace one of these."""

    path_sum: Callable[..., Any] = expansion.path_sum
    activity: Callable[..., Any] = expansion.activity
    output: Callable[[Any], Any] = lambda y: y  # what follows the last layer
    active: Callable[[Network], Fraction] = assumptions.active


def numbers(seed: int) -> Callable[[], Fraction]:
    """A stream of small rationals of both signs, the same in every run (a linear congruence)."""
    state = [seed * 7919 + 12345]

    def draw() -> Fraction:
        state[0] = (state[0] * 1103515245 + 12345) % 2**31
        return Fraction((state[0] >> 8) % 41 - 20, 1 + (state[0] >> 16) % 7)

    return draw


def instance(net: Network, seed: int) -> tuple[Any, list[Fraction]]:
    """Rational weights and inputs."""
    draw = numbers(seed)
    weights = [
        [[draw() for _ in range(above)] for _ in range(below)]
        for below, above in pairwise(net.widths)
    ]
    return weights, [draw() for _ in range(net.widths[0])]


def relu_network(weights: Any, x: list[Fraction]) -> Any:
    """The forward pass written anew, unit by unit and by recursion from the output."""

    def unit(layer: int, j: int) -> Any:
        if layer == 0:
            return x[j]
        below = range(len(weights[layer - 1]))
        total = sum((unit(layer - 1, i) * weights[layer - 1][i][j] for i in below), Fraction(0))
        return total if layer == len(weights) else max(total, Fraction(0))

    return unit(len(weights), 0)


def _paths_by_hand(net: Network, at: path_symbols.Symbols, theory: Theory) -> Any:
    """The path sum in symbols, with the claimed activity of each path."""
    total = sp.Integer(0)
    for path in expansion.paths(net):
        product = at.x[path[0]] * theory.activity(path, at.gates)
        total += product * expansion.monomial(path, at.weights)
    return total


def prove(params: Params, theory: Theory = Theory()) -> list[Cell]:
    """Polynomial identity in symbols; equality with forward passes in rationals; signs."""
    net = network([int(n) for n in params["widths"].split(",")])
    at = path_symbols.symbols(net)
    every = list(expansion.paths(net))
    terms = sp.Add.make_args(path_symbols.gated_product(at))
    difference = sp.expand(path_symbols.gated_product(at) - _paths_by_hand(net, at, theory))
    same = recursed = 0
    outputs = []
    for seed in range(INSTANCES):
        weights, x = instance(net, seed)
        run = expansion.forward(weights, x)
        recursed += run.output == relu_network(weights, x)
        same += theory.path_sum(net, weights, x, run.gates) == run.output
        outputs.append(theory.output(run.output))
    # Weights and their negatives: every gate's input changes sign as one layer's weights do, so the
    # mean activity over all sign patterns of a layer's columns is the product of the halves.
    share = _mean_activity(net)
    plus, minus = sum(y > 0 for y in outputs), sum(y < 0 for y in outputs)
    alike = len(terms) == len(set(every)) == net.mass
    shown, signs = f"{len(terms)}, {len(set(every))}", f"{plus} positive, {minus} negative"
    identity = "forward pass with gates - sum over paths, in symbols"
    again = "forward passes equal to a recursion written anew"
    summed = "forward passes equal to their sum over paths, in rationals"
    open_ = "mean activity of a path over signs of the hidden units' weights"
    return [
        equal(params, identity, "0", str(difference)[:40]),
        decided(params, "different monomials = paths = Psi", net.mass, shown, alike),
        equal(params, again, INSTANCES, recursed),
        equal(params, summed, INSTANCES, same),
        decided(params, "signs of the output", "both", signs, plus > 0 and minus > 0),
        equal(params, open_, theory.active(net), share),
    ]


def _mean_activity(net: Network) -> Any:
    """Activity of the path through unit 0 of every layer, over all signs of its units' weights.

    Flipping all weights into a unit flips its input; a path's A depends on the units of the path
    only, given the open ones below, so that 2^(H-1) patterns decide it exactly.
    """
    weights, x = instance(net, 3)
    depth = net.depth
    total = Fraction(0)
    for pattern in range(2 ** (depth - 1)):
        signs = [-1 if pattern >> k & 1 else 1 for k in range(depth - 1)] + [1]
        flipped = [
            [[sign * row[0], *row[1:]] for row in matrix]
            for sign, matrix in zip(signs, weights, strict=True)
        ]
        # The input must reach each unit of the path: where the layer below is closed, no flip opens it.
        gates = expansion.forward(flipped, x).gates
        total += expansion.activity((0,) * (depth + 1), gates)
    return total / 2 ** (depth - 1)


def _open(path: Any, gates: Any) -> Any:
    return expansion.activity(path, gates) if len(gates) < 2 else gates[-1][path[-2]]


def _sum_without_first(net: Network, weights: Any, x: Any, gates: Any) -> Any:
    first = (0,) * (net.depth + 1)
    term = x[0] * expansion.activity(first, gates) * expansion.monomial(first, weights)
    return expansion.path_sum(net, weights, x, gates) - term


def _all_active(net: Network, weights: Any, x: Any, gates: Any) -> Any:
    return expansion.path_sum(net, weights, x, [[1] * len(layer) for layer in gates])


CLAIM = Claim(
    id="N1-P",
    title="A ReLU network is the sum over its paths of X A w^(1) ... w^(H)",
    rows=("N1", "E11"),
    statement="Y/q = sum over the Psi paths of the path's input, its activity A (the product of "
    "the gates of the hidden units on it) and its H weights: an identity of polynomials once the "
    "gates are held fixed, and equality with the forward pass for the gates that this pass opens. "
    "The output unit has no ReLU: with one, as printed, sign(Y) is never -1. A path is active "
    "with probability 2^-(H-1) under weights of symmetric law.",
    compares={
        "Y/q = sum over the Psi paths of the path's input, its activity A (the product of "
        "the gates of the hidden units on it) and its H weights: an identity of "
        "polynomials once the gates are held fixed": (
            "forward pass with gates - sum over paths, in symbols"
        ),
        "equality with the forward pass for the gates that this pass opens": (
            "forward passes equal to their sum over paths, in rationals"
        ),
        "with one, as printed, sign(Y) is never -1": "signs of the output",
        "A path is active with probability 2^-(H-1) under weights of symmetric law": (
            "mean activity of a path over signs of the hidden units' weights"
        ),
    },
    source="CHMBL Sec. 3.1, Eq. 1 (erratum E11)",
    assumptions="no biases; every architecture listed, all its paths; rational weights and "
    "inputs, without rounding",
    evidence=Proof(tuple({"widths": widths} for widths in WIDTHS), prove),
    alternatives=refuting(
        prove,
        "theory",
        (
            "ReLU on the output",
            "erratum E11, as printed",
            Theory(output=lambda y: max(y, Fraction(0))),
        ),
        ("A of the last gate alone", "gates below forgotten", Theory(activity=_open)),
        ("all paths active", "A = 1: a linear network", Theory(path_sum=_all_active)),
        ("one path missing", "Psi - 1 paths", Theory(path_sum=_sum_without_first)),
        (
            "active with probability 1/2",
            "one gate for H - 1",
            Theory(active=lambda net: Fraction(1, 2)),
        ),
    ),
    notes="A is a function of inputs and weights: the spin-glass model takes it as independent of "
    "both. What that costs is measured in claim N1.",
)
