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

from theory.model import bad, check_integer

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
    theory.model.InputError: widths: got 3 outputs; takes a network with one output
    """
    if isinstance(widths, str) or not isinstance(widths, Sequence):
        raise bad("widths", repr(widths), "a sequence of 2 or more integers >= 1")
    checked = tuple(check_integer("widths", n, 1) for n in widths)
    if not 2 <= len(checked) <= MAX_LAYERS + 1:
        raise bad("widths", widths, f"a sequence of 2 to {MAX_LAYERS + 1} integers >= 1")
    if checked[-1] != 1:
        raise bad("widths", f"{checked[-1]} outputs", "a network with one output")
    return Network(checked)


def root(x: int, order: int) -> flint.arb:
    """x^(1/order) as a ball at flint's current precision."""
    return flint.arb(x).root(order)


def printed_upper(mass: int, _inputs: int, depth: int) -> flint.arb:
    """Psi^2 H (Theorem 3.1)."""
    return flint.arb(mass**2 * depth)


def printed_lower(mass: int, inputs: int, depth: int) -> flint.arb:
    """Psi^(2/H) H / d^(1/H) (Theorem 3.1)."""
    return root(mass, depth) ** 2 * depth / root(inputs, depth)


def printed_weak(mass: int, _inputs: int, depth: int) -> flint.arb:
    """Psi^(1/H) = Lambda (Theorem 3.1)."""
    return root(mass, depth)


def sharp_upper(mass: int, inputs: int, depth: int) -> flint.arb:
    """Psi + Psi/d + H - 2, which is Psi for H = 1.

    A sum of m numbers >= 1 is at most their product plus m - 1. The layers of even number have
    product Psi, those of odd number Psi/d.
    """
    return flint.arb(mass + mass // inputs + depth - 2)


def sharp_lower(mass: int, inputs: int, depth: int) -> flint.arb:
    """a Psi^(1/a) + b (Psi/d)^(1/b) with a = ceil(H/2), b = floor(H/2).

    The means of the layers of even and of odd number are at least geometric: products Psi, Psi/d.
    """
    even, odd = depth - depth // 2, depth // 2
    bound = even * root(mass, even)
    return bound + odd * root(mass // inputs, odd) if odd else bound


def lower_is_attained(net: Network) -> bool:
    """Whether N equals `sharp_lower`: even layers of one size and odd layers of one size.

    Examples
    --------
    >>> lower_is_attained(network([4, 3, 2, 6, 1])), lower_is_attained(network([4, 3, 2, 5, 1]))
    (True, False)
    """
    return len(set(net.layers[::2])) <= 1 and len(set(net.layers[1::2])) <= 1


def upper_is_attained(net: Network) -> bool:
    """Whether N equals `sharp_upper`: at most one even and one odd layer of more than one weight.

    Examples
    --------
    >>> upper_is_attained(network([4, 3, 1, 1])), upper_is_attained(network([4, 3, 2, 1]))
    (True, False)
    """
    return all(sum(size > 1 for size in net.layers[start::2]) <= 1 for start in (0, 1))


def widest_for(mass: int, inputs: int, depth: int) -> Network:
    """A network that attains `sharp_upper`: all of Psi/d in the first hidden layer.

    Examples
    --------
    >>> widest_for(12, 4, 3).widths
    (4, 3, 1, 1)
    """
    return Network((inputs, mass // inputs, *(1,) * (depth - 1)))


def real_widths(mass: int, inputs: int, depth: int) -> list[flint.arb]:
    """Real widths n_0..n_H that attain `sharp_lower` at any Psi, d, H: no bound in these is larger.

    Layers of even number take Psi^(1/a), those of odd number (Psi/d)^(1/b): n_(i+1) = size / n_i.

    Examples
    --------
    >>> [float(n) for n in real_widths(64, 4, 4)]
    [4.0, 2.0, 2.0, 4.0, 1.0]
    """
    even, odd = depth - depth // 2, depth // 2
    widths = [flint.arb(inputs)]
    for layer in range(depth):
        psi = flint.arb(mass)
        size = (psi / inputs).root(odd) if layer % 2 else psi.root(even)
        widths.append(size / widths[-1])
    return widths
