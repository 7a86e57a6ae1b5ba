"""From a ReLU network to the spherical p-spin Hamiltonian, assumption by assumption.

The covariance of the outputs at two sets of weights of a given overlap, with any assumption in
force or not, exactly at every finite size. Weights have mean square 1; a pair of weights has
correlation ``overlap`` entry by entry (on the sphere: w.w'/Lambda = overlap exactly). Inputs are
standard normal and the outputs are multiplied by q = Psi^(-(H-1)/(2H)).
"""

from __future__ import annotations

import math
from collections.abc import Set
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np

from theory.checks import bad
from theory.networks.architecture import Network


@dataclass(frozen=True)
class Assumption:
    """One step from the network to the spin glass.

    Attributes
    ----------
    key
        Its name in a set of assumptions.
    holds
        What it says.
    without
        What a network does instead.
    """

    key: str
    holds: str
    without: str


ASSUMPTIONS = {
    a.key: a
    for a in (
        Assumption(
            "gates",
            "the activity A of each path is Bernoulli(rho), independent of all else",
            "the gates of the forward pass, functions of inputs and weights",
        ),
        Assumption(
            "mean",
            "the output is replaced by its mean over A",
            "A stays random",
        ),
        Assumption(
            "inputs",
            "every path has an input of its own, X_ij i.i.d. standard normal",
            "paths that start at one input share it",
        ),
        Assumption(
            "redundancy",
            "only Lambda weights are different, and each of the Lambda^H products is one path's",
            "every connection has a weight of its own",
        ),
        Assumption("sphere", "|w|^2 = Lambda", "independent standard normal weights"),
    )
}

CHAIN = {
    "network": frozenset[str](),
    "gates": frozenset({"gates"}),
    "mean": frozenset({"gates", "mean"}),
    "inputs": frozenset({"gates", "mean", "inputs"}),
    "redundancy": frozenset({"gates", "mean", "inputs", "redundancy"}),
    "spin glass": frozenset(ASSUMPTIONS),
    "all but mean": frozenset(ASSUMPTIONS) - {"mean"},
    "all but inputs": frozenset(ASSUMPTIONS) - {"inputs"},
}
"""Sets of assumptions with an exact covariance: in turn, and all but one."""


def spins(net: Network) -> int:
    """Lambda = Psi^(1/H) where it is an integer.

    Raises
    ------
    InputError
        Where it is not: a redundant network has a whole number of weights.

    Examples
    --------
    >>> from theory.networks.architecture import network
    >>> spins(network([3, 3, 3, 1]))
    3
    """
    found = round(net.mass ** (1 / net.depth))
    if found**net.depth != net.mass:
        raise bad("widths", net.widths, "a network whose mass is an H-th power")
    return found


def normalisation(net: Network) -> float:
    """q^2 Psi = Lambda: q = Psi^(-(H-1)/(2H)), for which the loss has variance Lambda.

    Section 3.1 prints q = sqrt(Psi^((H-1)/2H)) instead, see `normalisation_printed`.
    """
    mass, depth = net.mass, net.depth
    return float(mass * mass ** (-(depth - 1) / depth))


def normalisation_printed(net: Network) -> float:
    """q^2 Psi with q as printed in Section 3.1: sqrt((n_0 ... n_H)^((H-1)/2H))."""
    mass, depth = net.mass, net.depth
    return float(mass * mass ** ((depth - 1) / (2 * depth)))


def active(net: Network) -> Fraction:
    """The probability rho = 2^-(H-1) that a path of a network with symmetric random weights is active.

    Each gate on the path is open with probability 1/2 whatever came before, as long as it came
    through open gates.
    """
    return Fraction(1, 2 ** (net.depth - 1))


def spin_kernel(depth: int, overlap: Any) -> Any:
    """overlap^H: the kernel xi of the spherical p-spin model, p = H."""
    return overlap**depth


def relu_correlation(c: Any) -> Any:
    """The correlation E relu(u) relu(v) / E relu(u)^2 of standard normal u, v of correlation c.

    (sqrt(1 - c^2) + c (pi - arccos c))/pi, the arc-cosine kernel of degree 1 (Cho and Saul 2009).

    Examples
    --------
    >>> float(relu_correlation(1.0)), round(float(relu_correlation(0.0)) * np.pi, 12)
    (1.0, 1.0)
    """
    # same (all): removes rounding alone
    c = np.clip(c, -1.0, 1.0)
    return (np.sqrt(1 - c * c) + c * (np.pi - np.arccos(c))) / np.pi


def last_layer(width: int, overlap: float, own: Any, cross: Any, other: Any) -> Any:
    """E[f f'] over the last two layers' weights, given what enters them, without q.

    Parameters
    ----------
    width
        n_(H-1), units of the last hidden layer.
    overlap
        Correlation of the weights.
    own, cross, other
        |a|^2, a.a', |a'|^2 of the activities a and a' that enter the last hidden layer at the two
        sets of weights; a = a' = x for H = 2.

    Notes
    -----
    Given a and a', the last hidden layer's inputs are normal of covariance [[own, overlap cross],
    [., other]], and the output's weights are independent of them.
    """
    scale = np.sqrt(own * other)
    # same (1.0 -> 2.0, 1.0 -> 0.0): divides 0 by anything
    safe = np.where(scale > 0, scale, 1.0)
    return width * overlap * scale / 2 * relu_correlation(overlap * cross / safe)


def relu_kernel(depth: int, overlap: Any) -> Any:
    """The covariance of a wide ReLU network over its variance: c_1 = overlap, c_(l+1) = overlap k(c_l).

    k is `relu_correlation`. For H = 2 exact at every width.

    Examples
    --------
    >>> float(relu_kernel(3, 1.0)), float(relu_kernel(1, 0.5))
    (1.0, 0.5)
    """
    c = overlap
    for _ in range(depth - 1):
        c = overlap * relu_correlation(c)
    return c


def narrow_kernel(depth: int, overlap: Any) -> Any:
    """The same for hidden layers of one unit: overlap k(overlap)^(H-1)."""
    return overlap * relu_correlation(overlap) ** (depth - 1)


def power_moment(count: int, order: int, overlap: Any) -> Any:
    """E (w.w')^order of ``count`` independent pairs of standard normals of correlation ``overlap``.

    The product of a pair has the moment generating function ((1 - c t)^2 - t^2)^(-1/2); its
    cumulants are (r-1)!/2 times (c + 1)^r + (c - 1)^r, and moments follow from cumulants.

    Examples
    --------
    >>> power_moment(3, 2, Fraction(1, 2))  # (3/2)^2 + 3 (1 + 1/4)
    Fraction(6, 1)
    """
    moments: list[Any] = [1]
    for n in range(order):
        total: Any = 0
        for r, moment in enumerate(reversed(moments)):
            cumulant = math.factorial(r) * ((overlap + 1) ** (r + 1) + (overlap - 1) ** (r + 1))
            total += math.comb(n, r) * cumulant * moment * Fraction(count, 2)
        moments.append(total)
    return moments[order]


def sum_moment(count: int, power: int, overlap: Any, across: Any) -> Any:
    """E (s s')^power of the sums s, s' of two points of the sphere |w|^2 = count.

    s = count u_1 and s' = count (overlap u_1 + across u_2) with u uniform on the unit sphere of
    ``count`` dimensions and across^2 = 1 - overlap^2.
    """
    scale = math.prod(count + 2 * i for i in range(power))
    total: Any = 0
    for k in range(0, power + 1, 2):
        # same (k): an even and the next odd number have one product
        pairings = _pairings(2 * power - k) * _pairings(k)
        total += math.comb(power, k) * overlap ** (power - k) * across**k * pairings
    return total * Fraction(count ** (2 * power), scale)


def _pairings(order: int) -> int:
    """E g^order of a standard normal g, for even orders."""
    return math.prod(range(1, order, 2))


def kernel(net: Network, assumptions: Set[str], overlap: float) -> float:
    """E Y Y' over weights and inputs, in units of q^2 Psi = Lambda, with some assumptions in force.

    Parameters
    ----------
    net
        The architecture; where "redundancy" is in force its mass is an H-th power.
    assumptions
        Keys of `ASSUMPTIONS`; one of the sets of `CHAIN`.
    overlap
        Of the two sets of weights, from -1 to 1.

    Raises
    ------
    InputError
        For a set without an exact answer, or the network itself unless H = 2.

    Examples
    --------
    >>> from theory.networks.architecture import network
    >>> kernel(network([3, 3, 3, 1]), CHAIN["spin glass"], 0.5) * 4**2  # overlap^3, rho = 1/4
    0.125
    """
    depth, rho = net.depth, float(active(net))
    if frozenset(assumptions) not in CHAIN.values():
        raise bad("assumptions", sorted(assumptions), "a set of CHAIN")
    if "gates" not in assumptions:
        if depth != 2:
            raise bad("widths", net.widths, "two layers of weights; deeper ones see last_layer")
        return rho * float(relu_kernel(depth, overlap))
    strength = rho**2 if "mean" in assumptions else rho
    if "inputs" in assumptions and "redundancy" in assumptions and "sphere" not in assumptions:
        moment = power_moment(spins(net), depth, overlap)
        return float(strength * moment / net.mass)
    if "redundancy" in assumptions and "inputs" not in assumptions:
        across = math.sqrt(1 - overlap**2)
        moment = spins(net) * overlap * sum_moment(spins(net), depth - 1, overlap, across)
        return float(strength * moment / net.mass)
    return float(strength * spin_kernel(depth, overlap))


def kernel_square(net: Network, assumptions: Set[str], overlap: float) -> float:
    """E K^2 of the kernel K(w, w') = E[Y Y' | w, w'], in the units of `kernel`.

    Where it exceeds the square of `kernel`, the covariance is no function of the overlap: it differs
    from one pair of weights to the next.

    Notes
    -----
    Layer by layer from the output, in closed form: with shared inputs K = v.v' of the products
    v = W_1 ... W_H, and a layer of n units maps ((a.a')^2, |a|^2 |a'|^2) linearly; with
    independent inputs K is the sum over paths of the products of w w', and a layer maps the square
    of the sum and the sum of squares.

    Raises
    ------
    InputError
        For a set other than those up to "mean", "inputs", "redundancy" and "spin glass" in `CHAIN`.
    """
    chosen, depth = frozenset(assumptions), net.depth
    strength = float(active(net)) ** 4
    if chosen == CHAIN["mean"]:
        inner = norms = 1.0
        for n in net.widths[-2::-1]:
            inner, norms = (
                n * (n + 1) * overlap**2 * inner + n * norms,
                2 * n * overlap**2 * inner + n * n * norms,
            )
        return strength * inner / net.mass**2
    if chosen == CHAIN["inputs"]:
        square = squares = 1.0
        spread = 1 + overlap**2  # variance of w w'
        for n in net.widths[-2::-1]:
            square, squares = (
                n * n * overlap**2 * square + n * spread * squares,
                n * overlap**2 * square + n * spread * squares,
            )
        return strength * square / net.mass**2
    if chosen == CHAIN["redundancy"]:
        return float(strength * power_moment(spins(net), 2 * depth, overlap) / net.mass**2)
    if chosen == CHAIN["spin glass"]:
        return strength * spin_kernel(depth, overlap) ** 2
    raise bad("assumptions", sorted(assumptions), "a set with gates, mean and inputs in force")
