r"""What the logs of the tails tend to: a Coulomb gas with a wall, and charges pulled out of it.

All in y = sqrt(N) x, where the weight of GOE(N) is prod |y_i - y_j| exp(-sum y_i^2/2), or on the scale
of the soft edge. Far on either side, up to a constant and to terms that vanish:

Lower tail, at most k of the eigenvalues beyond s. The gas is pushed by a wall at s; its density is
(c - x) sqrt((x - b)/(s - x))/pi on [b, s], with b = (s - 2 sqrt(s^2 + 6N))/3 and c = (s - b)/2 (Dean and
Majumdar 2006), its pressure on the wall (s + b)^2 (s - b)/8. To this the entropy of the gas adds half its
change (Dyson), and each of the k eigenvalues outside goes to c, where no force acts on it, which gains
W = int_s^c (c - x) sqrt((x - b)/(x - s)) dx.

What is left is of order 1 in N. Let h = (s - b)/4 and x = (s + b)/2 + h (z + 1/z), which takes the gas to
the unit circle and c to omega, so that c - s = h (omega - 1)^2/omega and c - b = h (omega + 1)^2/omega.
Without a charge outside it has two parts. At beta = 2 it is the genus-one term of topological recursion
with a hard edge at s, -log((c - b)(c - s)^3 h^4)/24 (Chekhov 2006, "Matrix models with hard walls"). With
beta = 1 the gas answers to its entropy, -log(density)/2 a charge, to second order: by the variance of
linear statistics, sum_j j f_j^2/2 for the Fourier coefficients f_j of log(density), it gains
sum_j j f_j^2/16, where

    f_j = (-2 omega^(-j) - (-1)^j + 1)/j,

whose divergent part is cut off where sqrt(h/j^2) is the scale of the edge, at j^3 = (c - b) h at b and at
j = (c - s) h at s. Together

    -(1/6) log h - (1/8) log(omega - 1) - (13/24) log(omega + 1) + (7/12) log omega.

k charges at c repel through their images, k^2/2 log(omega^2/(h (omega^2 - 1)^2)); oscillate in their well
of stiffness sqrt((c - b)/(c - s)) under their repulsion, to the power -k(k+1)/4 of it; and change the
entropy of the gas, of which each takes away the balayage of its own: half the harmonic extension of
log(density) to c,

    (k/2) log(h (omega - 1)(omega + 1)^3/omega^3).

On the edge scale, with a = -s,

    log P = -a^3/24 + (k - 1/2)(sqrt 2/3) a^(3/2) - (1/16 + 3k(k-1)/8) log a + const + O(a^(-3/2)),

for k = 0 the series of Baik, Buckingham and DiFranco (2008), who have the constant too. All this is
derived as physicists do, and compared with Fredholm determinants: what is left falls like 1/N, or a^(-5/2).

Upper tail, n or more eigenvalues beyond s > e = sqrt(2N). Each is pulled against the force f = sqrt(s^2 -
e^2) by int_e^s f, all of them close to s, and with omega = (s + f)/e

    log P = -n int_e^s f - (3 n^2/2) log f - (n/2) log omega + const + ..., at the edge
    log P = -(2/3) n s^(3/2) - (3 n^2/4) log s + const + O(s^(-3/2)).

The functions take arrays of complex numbers: a slope is the imaginary part at s + 1e-20 i.
"""

from __future__ import annotations

import math
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

Number = NDArray[np.complex128]

# same (all): converged with fewer nodes
_NODES, _WEIGHTS = np.polynomial.legendre.leggauss(60)


def edge_lower(k: int, s: Number) -> Number:
    """log P(at most k beyond s) at the soft edge, s < 0, but for a constant.

    Examples
    --------
    >>> far, near = edge_lower(0, np.array([-20.0, -10.0], complex)).real
    >>> round(float(far - near), 2)  # exact: -305.34
    -305.34
    """
    a = -s
    return (
        -(a**3) / 24
        + (k - 0.5) * math.sqrt(2) / 3 * a**1.5
        - (1 / 16 + 3 * k * (k - 1) / 8) * np.log(a)
    )


def edge_upper(n: int, s: Number) -> Number:
    """log P(n or more beyond s) at the soft edge, s > 0, but for a constant."""
    return -2 / 3 * n * s**1.5 - 0.75 * n * n * np.log(s)


def _wall(n: int, s: Any, below: Any) -> tuple[Number, Number]:
    """s + b and s - b of the gas pushed to s = sqrt(2N) - below."""
    edge = math.sqrt(2 * n)
    root = np.sqrt(s * s + 6 * n)
    # 2 s - root, which vanishes at the edge.
    stable = 3 * -below * (s + edge) / np.where(s.real > 0, 2 * s + root, 1.0)
    twice: Number = np.where(s.real > 0, stable, 2 * s - root)
    return np.asarray(2 * twice / 3, complex), 2 * (s + root) / 3


def _pushed(n: int, s: Number) -> Number:
    """Integral of the pressure from the edge to s."""
    edge = math.sqrt(2 * n)
    total = np.zeros_like(s)
    for node, weight in zip(_NODES, _WEIGHTS, strict=True):
        share = (1 - node) / 2
        away = (edge - s) * share
        plus, minus = _wall(n, edge - away, away)
        total += weight / 2 * plus * plus * minus / 8
    return total * (edge - s)


def _rise(n: int, plus: Number, h: Number) -> tuple[Number, Number]:
    """The potential of the gas at c over that at s, and omega there, omega + 1/omega = -b/h."""
    over = -plus / (2 * h)
    omega = 1 + over / 2 + np.sqrt(over + over * over / 4)
    rise = n * np.log(omega) - (n - 2 * h * h) * (1 / omega - 1) + h * h * (1 / (omega * omega) - 1)
    return rise, omega


def _gain(rise: Number, minus: Number, s: Number) -> Number:
    """What a charge gains that goes from the wall at s to c."""
    return rise + (s - minus / 2) * (s + minus / 2) / 2


def finite_gain(n: int, s: float) -> float:
    """What one eigenvalue of GOE(N) gains that may go beyond s < sqrt(2N)."""
    at = np.array([s], complex)
    plus, minus = _wall(n, at, math.sqrt(2 * n) - at)
    rise, _ = _rise(n, plus, minus / 4)
    return float(_gain(rise, minus, at).real[0])


class OrderOne(NamedTuple):
    """The parts of order 1 of the log of a lower tail, each an array of the shape of s."""

    genus: Number
    response: Number
    well: Number
    images: Number
    taken: Number


def order_one(n: int, k: int, s: Number) -> OrderOne:
    """What is of order 1 in log P(at most k of GOE(N) beyond s), s < sqrt(2N), but for a constant.

    Its slope in s/sqrt(2N) does not depend on N.

    Examples
    --------
    >>> far, near = (sum(order_one(1, 1, np.array([s + 0j]))).real[0] for s in (-0.5, 0.5))
    >>> round(float(far - near), 4)
    -0.2974
    """
    plus, minus = _wall(n, s, math.sqrt(2 * n) - s)
    h = minus / 4
    _, omega = _rise(n, plus, h)
    logs: list[Any] = [np.log(x) for x in (h, omega, omega - 1, omega + 1)]
    log_h, log_omega, inner, outer = logs
    stiff = outer - inner  # sqrt((c - b)/(c - s))
    return OrderOne(
        genus=-(4 * log_h + 3 * inner + outer - 2 * log_omega) / 12,
        response=log_h / 6 + inner / 8 - 11 * outer / 24 + 5 * log_omega / 12,
        well=-k * (k + 1) / 4 * stiff,
        images=k * k * (log_omega - log_h / 2 - inner - outer),
        taken=k / 2 * (log_h + inner + 3 * outer - 3 * log_omega),
    )


def leading(n: int, k: int, s: Number) -> Number:
    """What is of order N^2 and N in log P(at most k of GOE(N) beyond s), s < sqrt(2N)."""
    edge = math.sqrt(2 * n)
    plus, minus = _wall(n, s, edge - s)
    h, h_edge = minus / 4, edge / 2
    rise, _ = _rise(n, plus, h)
    at_wall = n * np.log(h / h_edge) + 3 * (h * h - h_edge * h_edge)
    entropy = rise + at_wall - plus * minus / 4
    return np.asarray(k * _gain(rise, minus, s) - _pushed(n, s) - entropy / 2)


def finite_lower(n: int, k: int, s: Number) -> Number:
    """log P(at most k of GOE(N) beyond s), s < sqrt(2N), but for a constant.

    Examples
    --------
    >>> far, near = finite_lower(40, 0, np.array([0j, 4 + 0j])).real
    >>> round(float(far - near), 3)  # exact: -366.12302
    -366.123
    """
    return np.asarray(leading(n, k, s) + sum(order_one(n, k, s)))


def finite_upper(n: int, count: int, s: Number) -> Number:
    """log P(``count`` or more of GOE(N) beyond s), s > sqrt(2N), but for a constant."""
    edge = math.sqrt(2 * n)
    force = np.sqrt((s - edge) * (s + edge))
    omega = (s + force) / edge
    work = s * force / 2 - n * np.log(omega)
    return -count * work - 1.5 * count * count * np.log(force) - count / 2 * np.log(omega)
