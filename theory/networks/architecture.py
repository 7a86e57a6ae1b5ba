"""A fully connected network's size against its mass: Theorem 3.1 of the paper, and the sharp bounds.

Widths are (n_0, ..., n_H) with n_0 = d inputs and n_H = 1 output. The mass Psi is the number of
paths from an input to the output, the size N the number of weights, Lambda = Psi^(1/H).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import flint

from theory.checks import bad, check_integer

# guard (all): what is refused
# tests/theory/networks/test_architecture.py::test_bad_widths_are_refused_in_one_line
MAX_LAYERS = 10_000


@dataclass(frozen=True)
class Network:
    """The architecture of a network with one output; made by `network`.

    Attributes
    ----------
    widths
        (n_0, ..., n_H), each >= 1, the last 1.

    Examples
    --------
    >>> net = network([4, 3, 2, 1])
    >>> net.depth, net.mass, net.size
    (3, 24, 20)
    """

    widths: tuple[int, ...]

    @property
    def depth(self) -> int:
        """H, the number of layers of weights: the order p of the spin glass."""
        return len(self.widths) - 1

    @property
    def inputs(self) -> int:
        """d = n_0."""
        return self.widths[0]

    @property
    def mass(self) -> int:
        """Psi = n_0 n_1 ... n_H: paths from inputs to the output (Definition 3.1)."""
        return math.prod(self.widths)

    @property
    def layers(self) -> tuple[int, ...]:
        """n_i n_(i+1), i = 0..H-1: the numbers of weights of the layers."""
        return tuple(a * b for a, b in pairwise(self.widths))

    @property
    def size(self) -> int:
        """N = sum of n_i n_(i+1): weights (Definition 3.2)."""
        return sum(self.layers)

    @property
    def spins(self) -> flint.arb:
        """Lambda = Psi^(1/H) at flint's current precision: the N of the spin glass."""
        return root(self.mass, self.depth)


def network(widths: Sequence[int]) -> Network:
    """Return the architecture with the given widths.

    Raises
    ------
    InputError
        Unless there are 2 to 10001 widths, integers >= 1, the last of them 1.

    Examples
    --------
    >>> network([2, 3])
    Traceback (most recent call last):
        ...
    theory.checks.InputError: widths: got 3 outputs; takes a network with one output
    """
    if isinstance(widths, str) or not isinstance(widths, Sequence):
        raise bad("widths", repr(widths), "a sequence of 2 or more integers >= 1")
    # guard (all): what is refused
    # tests/theory/networks/test_architecture.py::test_bad_widths_are_refused_in_one_line
    checked = tuple(check_integer("widths", n, 1) for n in widths)
    # guard (all): what is refused
    # tests/theory/networks/test_architecture.py::test_bad_widths_are_refused_in_one_line
    if not 2 <= len(checked) <= MAX_LAYERS + 1:
        raise bad("widths", widths, f"a sequence of 2 to {MAX_LAYERS + 1} integers >= 1")
    if checked[-1] != 1:
        raise bad("widths", f"{checked[-1]} outputs", "a network with one output")
    return Network(checked)


def root(x: int, order: int) -> flint.arb:
    """x^(1/order) as a ball at flint's current precision."""
    return flint.arb(x).root(order)
