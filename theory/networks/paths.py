"""A ReLU network as a sum over its paths: Equation 1 of the paper, exactly, and what hangs on it.

Weights are H matrices, ``weights[k][i][j]`` from unit i of layer k to unit j of layer k+1. A gate is
1 where a hidden unit's input is positive; a path's A is the product of the gates that it meets. All
in the caller's own numbers: Fractions are exact. The normalisation q is left to the caller.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import product
from math import prod
from typing import Any

from theory.checks import bad
from theory.networks.architecture import Network

Weights = Sequence[Sequence[Sequence[Any]]]
Gates = Sequence[Sequence[Any]]
# guard (all): what is refused
# tests/theory/networks/test_paths.py::test_too_many_paths_are_refused
MAX_PATHS = 100_000
MAX_PATTERNS = 20  # paths whose 2^paths patterns of activity are summed


@dataclass(frozen=True)
class Forward:
    """The result of a forward pass: output, and the gates of each hidden layer (0 or 1)."""

    output: Any
    gates: tuple[tuple[int, ...], ...]


def paths(net: Network) -> Iterator[tuple[int, ...]]:
    """Every path as the units that it meets, (i_0, ..., i_H); there are Psi of them.

    Raises
    ------
    InputError
        For more than 100000 paths.

    Examples
    --------
    >>> from theory.networks.architecture import network
    >>> list(paths(network([1, 2, 1])))
    [(0, 0, 0), (0, 1, 0)]
    """
    if net.mass > MAX_PATHS:
        raise bad("widths", f"{net.mass} paths", f"a network of at most {MAX_PATHS} paths")
    return product(*(range(n) for n in net.widths))


def forward(weights: Weights, x: Sequence[Any]) -> Forward:
    """Run the network: ReLU after every layer but the last, whose unit is the output.

    Examples
    --------
    >>> forward([[[1, -1]], [[2], [3]]], [5])
    Forward(output=10, gates=((1, 0),))
    """
    layer, gates = list(x), []
    for k, matrix in enumerate(weights):
        layer = [
            sum(a * w for a, w in zip(layer, column, strict=True))
            for column in zip(*matrix, strict=True)
        ]
        if k < len(weights) - 1:
            open_ = tuple(int(value > 0) for value in layer)
            gates.append(open_)
            layer = [g * value for g, value in zip(open_, layer, strict=True)]
    [output] = layer
    return Forward(output, tuple(gates))


def activity(path: Sequence[int], gates: Gates) -> Any:
    """A of a path: the product of the gates of the hidden units that it meets."""
    return prod(layer[unit] for layer, unit in zip(gates, path[1:-1], strict=True))


def monomial(path: Sequence[int], weights: Weights) -> Any:
    """The product of the weights along a path."""
    return prod(weights[k][path[k]][path[k + 1]] for k in range(len(path) - 1))


def path_sum(net: Network, weights: Weights, x: Sequence[Any], gates: Gates) -> Any:
    """Equation 1: the sum over paths of X A w^(1) ... w^(H), without q.

    Examples
    --------
    >>> from theory.networks.architecture import network
    >>> path_sum(network([1, 2, 1]), [[[1, -1]], [[2], [3]]], [5], ((1, 0),))
    10
    """
    return sum(x[p[0]] * activity(p, gates) * monomial(p, weights) for p in paths(net))


def patterns(count: int, rho: Any) -> Iterator[tuple[tuple[int, ...], Any]]:
    """Every A in {0, 1}^paths with its probability for independent Bernoulli(rho)."""
    if count > MAX_PATTERNS:
        raise bad("paths", count, f"at most {MAX_PATTERNS} paths")
    for pattern in product((0, 1), repeat=count):
        active = sum(pattern)
        yield pattern, rho**active * (1 - rho) ** (count - active)


def mean_output(terms: Sequence[Any], rho: Any) -> Any:
    """Yhat = E_A Y = rho times the sum of the paths' terms q X w^(1) ... w^(H)."""
    return rho * sum(terms)


def mean_loss(terms: Sequence[Any], rho: Any, target: Any) -> Any:
    """E_A |Y_t - Y| by summing over every pattern of activity.

    Examples
    --------
    >>> from fractions import Fraction
    >>> mean_loss([Fraction(1)], Fraction(1, 2), Fraction(1, 2))  # one path, Y_t = S: (1 - rho) 2 S
    Fraction(1, 2)
    """
    return sum(
        probability * abs(target - sum(a * t for a, t in zip(pattern, terms, strict=True)))
        for pattern, probability in patterns(len(terms), rho)
    )


def loss_excess(terms: Sequence[Any], rho: Any, target: Any) -> Any:
    """E_A |Y_t - Y| - (S -+ Yhat) for Y_t = +-S: 2 E_A (+-Y - S)_+, from |z| = z + 2 (-z)_+.

    Examples
    --------
    >>> from fractions import Fraction
    >>> loss_excess([Fraction(1)], Fraction(1, 2), Fraction(1, 2))
    Fraction(1, 2)
    """
    sign = 1 if target > 0 else -1
    return 2 * sum(
        probability
        * max(0, sign * (sum(a * t for a, t in zip(pattern, terms, strict=True)) - target))
        for pattern, probability in patterns(len(terms), rho)
    )
