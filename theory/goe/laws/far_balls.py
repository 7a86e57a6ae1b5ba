r"""How fast a tail falls where few or many eigenvalues are out of place, in as many bits as it takes.

With E(w) and p(w) of `theory.goe.fredholm`, the (k+1)-th largest eigenvalue has at s the density [w^k] p,
and lies below s where at most k lie beyond. On a circle about 0,

    [w^k] E(w)/(1 - w) = P(at most k beyond)  for a radius < 1,  -P(more than k beyond)  for one > 1,

and the saddle point, where nothing cancels, has a small radius in the lower tail and a large one in the
upper. So the quotient of the two coefficients is the hazard of the tail that is small.
"""

from __future__ import annotations

import flint

from theory.goe.fredholm import solved
from theory.goe.fredholm_ball import circle_sums, log_radius, reduce
from theory.goe.sampled_ball import Sampled


def hazard(nodes: Sampled, k: int, eigenvalues: float, bits: int, lower: bool) -> flint.arb:
    """p_k over the tail that is small, at flint's current precision.

    Parameters
    ----------
    nodes
        The ensemble beyond s.
    k
        Index from above.
    eigenvalues
        How many there are.
    bits
        That are kept of K: those of its smallest eigenvalue that matters, or of 1 - K's, and of the result.
    lower
        Whether few are beyond.
    """
    if k == 0 and lower:
        return _at_zero(nodes)
    reduced = reduce(nodes, bits)
    # same (all): any circle gives the same coefficient
    log_r = log_radius(reduced, min(k + 1.0, eigenvalues - 0.1))
    half = 14 + k + bits // 30
    density, tail, _ = circle_sums(reduced, k, log_r, half)
    return abs(density / tail)


def _at_zero(nodes: Sampled) -> flint.arb:
    """p/E at w = 0, by one system solved in floating point, without a bound."""
    kernel, left, right = nodes.matrices()
    m = len(nodes.roots)
    one = flint.arb_mat(m, m, [int(i == j) for i in range(m) for j in range(m)])
    forms = left * (one - kernel).solve(right, algorithm="approx")
    rows = [[forms[i, j].mid() for j in range(2)] for i in range(4)]
    _, ratio = solved(0, rows, nodes.at, nodes.b, nodes.q)
    return ratio
