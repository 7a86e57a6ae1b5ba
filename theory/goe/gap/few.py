r"""The gap of the two largest eigenvalues of GOE(N) for few eigenvalues: a Pfaffian at every point.

In y = sqrt(N) x the joint density is N!/Z_N exp(-sum y^2/2) |Delta| on ordered eigenvalues, Z_N Mehta's. With
polynomials q_j orthonormal for exp(-y^2/2) on (-inf, s0), of leading coefficients kappa_j, Delta is the
determinant of the q_j over prod kappa_j, and de Bruijn's integral over all eigenvalues but the largest gives
the density of the largest at s with no other beyond s0,

    p(s; s0) = N!/(Z_N prod kappa_j) exp(-s^2/2) Pf of [[A, a, q(s)], ...] (even N), [[A, q(s)], ...] (odd N),
    A_ij = int int sgn(y - x) q_i(x) q_j(y),   a_i = int q_i.

The basis follows s0, so that all is as accurate however few eigenvalues lie so low. Half of the columns fold
into the others: p = exp(-s^2/2) sum c_j q_j(s).
"""

from __future__ import annotations

import math
from functools import cache

import numpy as np
from numpy.typing import NDArray

Real = NDArray[np.float64]

_NODES = 200
_DROP = 140.0  # exp(-140) of the weight is left out


@cache
def _rule() -> tuple[Real, Real, Real]:
    """Nodes on [-1, 1], weights, and the matrix that integrates from -1 to each node."""
    nodes, weights = np.polynomial.legendre.leggauss(_NODES)
    values = np.polynomial.legendre.legvander(nodes, _NODES)
    degree = np.arange(_NODES)
    series = (degree[:, None] + 0.5) * (values[:, :-1].T * weights)
    below = np.zeros((_NODES, _NODES))
    below[:, 0] = 1 + nodes
    below[:, 1:] = (values[:, 2:] - values[:, :-2]) / (2 * degree[1:] + 1)
    return nodes, weights, below @ series


def _log_constant(n: int) -> float:
    """log N!/Z_N, Z_N the integral of exp(-sum y^2/2) |Delta| over all of space."""
    gammas = sum(math.lgamma(1 + j / 2) - math.lgamma(1.5) for j in range(1, n + 1))
    return math.lgamma(n + 1) - n / 2 * math.log(2 * math.pi) - gammas


def slopes(n: int, s0: float, gaps: Real) -> Real:
    """-dp/ds at s = s0 + gap: integrated over s0 that is the density of the gap.

    Examples
    --------
    >>> points = np.arange(-8, 8, 0.25)  # of GOE(2) at gap 1: exp(-1/4)/2
    >>> round(float(sum(slopes(2, s0, np.array([1.0]))[0] for s0 in points)) / 4, 12)
    0.389400391536
    """
    nodes, weights, below = _rule()
    # Where the weight has fallen, seen from its largest value on (-inf, s0).
    length = max(s0, 0.0) + math.sqrt(min(s0, 0.0) ** 2 + 2 * _DROP) + min(s0, 0.0)
    half = length / 2
    x = s0 + half * (nodes - 1)
    # same (0.0 -> -1.0, 2 -> 1, 2 -> 3, 2 -> 4): a scale, taken back at the end
    top = min(s0, 0.0) ** 2 / 2
    weight = half * weights * np.exp(top - x * x / 2)

    # Stieltjes: the recurrence of q_j, on the nodes and at s with its derivative.
    s = s0 + gaps
    q, before = np.full(_NODES, weight.sum() ** -0.5), np.zeros(_NODES)
    at, at_before = np.full_like(s, q[0]), np.zeros_like(s)
    slope, slope_before = np.zeros_like(s), np.zeros_like(s)
    every, here, slopes_here = [q], [at], [slope]
    log_kappa = total = math.log(q[0])
    b = 0.0
    for _ in range(n - 1):
        a = float((weight * x) @ q**2)
        rest = (x - a) * q - b * before
        # Once more against all before: a recurrence alone loses them.
        basis = np.array(every)
        rest = rest - (basis @ (weight * rest)) @ basis
        new = math.sqrt(float(weight @ rest**2))
        slope, slope_before = (at + (s - a) * slope - b * slope_before) / new, slope
        at, at_before = ((s - a) * at - b * at_before) / new, at
        q, before, b = rest / new, q, new
        every.append(q)
        here.append(at)
        slopes_here.append(slope)
        log_kappa -= math.log(new)
        total += log_kappa
    basis, values, derivative = np.array(every), np.array(here), np.array(slopes_here)

    # Integrals from the left end: of q_j exp(-y^2/2), at the nodes.
    density = basis * np.exp(top - x * x / 2)
    integrals = half * density @ below.T
    whole = basis @ weight
    pairs = 2 * (integrals * weight) @ basis.T - np.outer(whole, whole)
    pairs = (pairs - pairs.T) / 2
    even = n - n % 2
    inner = pairs[:even, :even]
    c = np.linalg.solve(inner, -pairs[:even, -1] if n % 2 else whole)
    c = np.append(c, [1.0] * (n % 2))
    c = c * math.copysign(1.0, float(c @ values[:, 0]))
    log_pfaffian = np.linalg.slogdet(inner)[1] / 2
    log = _log_constant(n) - total + log_pfaffian - (n - 1) * top
    return np.asarray(np.exp(log - s * s / 2) * (s * (c @ values) - c @ derivative))
