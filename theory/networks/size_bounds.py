"""Theorem 3.1 of the paper, a network's size against its mass: the printed bounds and the sharp ones."""

from __future__ import annotations

import flint

from theory.networks.architecture import Network, root


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
    >>> from theory.networks.architecture import network
    >>> lower_is_attained(network([4, 3, 2, 6, 1])), lower_is_attained(network([4, 3, 2, 5, 1]))
    (True, False)
    """
    return len(set(net.layers[::2])) <= 1 and len(set(net.layers[1::2])) <= 1


def upper_is_attained(net: Network) -> bool:
    """Whether N equals `sharp_upper`: at most one even and one odd layer of more than one weight.

    Examples
    --------
    >>> from theory.networks.architecture import network
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
