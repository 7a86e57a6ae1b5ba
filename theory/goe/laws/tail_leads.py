r"""What the logs of the tails tend to: a Coulomb gas with a wall, and charges pulled out of it.

All in y = sqrt(N) x, where the weight of GOE(N) is prod |y_i - y_j| exp(-sum y_i^2/2), or on the scale
of the soft edge. Far on either side, up to a constant and to terms that vanish:

Lower tail, at most k of the eigenvalues beyond s. The gas is pushed by a wall at s; its density is
(c - x) sqrt((x - b)/(s - x))/pi on [b, s], with b = (s - 2 sqrt(s^2 + 6N))/3 and c = (s - b)/2 (Dean and
Majumdar 2006), its pressure on the wall (s + b)^2 (s - b)/8. To this the entropy of the gas adds half its
change (Dyson), and each of the k eigenvalues outside goes to c, where no force acts on it, which gains
W = int_s^c (c - x) sqrt((x - b)/(x - s)) dx. On the edge scale, with a = -s,

    log P = -a^3/24 + (k - 1/2)(sqrt 2/3) a^(3/2) - (1/16 + 3k(k-1)/8) log a + const + O(a^(-3/2)),

for k = 0 the series of Baik, Buckingham and DiFranco (2008), who have the constant too. The power of a
for k > 0 is that of k charges in the well at c, their images and the density of the gas to the next
order; it is derived as physicists do, and compared with the Fredholm determinant.

Upper tail, n or more eigenvalues beyond s > e = sqrt(2N). Each is pulled against the force f = sqrt(s^2 -
e^2) by int_e^s f, all of them close to s, and with omega = (s + f)/e

    log P = -n int_e^s f - (3 n^2/2) log f - (n/2) log omega + const + ..., at the edge
    log P = -(2/3) n s^(3/2) - (3 n^2/4) log s + const + O(s^(-3/2)).

The functions take arrays of complex numbers: a slope is the imaginary part at s + 1e-20 i.
"""

from __future__ import annotations

import math
from typing import Any

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


def finite_gain(n: int, s: float) -> float:
    """What one eigenvalue of GOE(N) gains that may go beyond s < sqrt(2N)."""
    at = np.array([s], complex)
    plus, minus = _wall(n, at, math.sqrt(2 * n) - at)
    rise, _ = _rise(n, plus, minus / 4)
    return float((rise + (at - minus / 2) * (at + minus / 2) / 2).real[0])


def finite_lower(n: int, k: int, s: Number) -> Number:
    """log P(at most k of GOE(N) beyond s), s < sqrt(2N), but for a constant.

    Examples
    --------
    >>> float(finite_lower(40, 0, np.array([0j])).real[0].round(2))  # exact, with the constant: -454.97
    -454.94
    """
    edge = math.sqrt(2 * n)
    plus, minus = _wall(n, s, edge - s)
    h, h_edge = minus / 4, edge / 2
    rise, omega = _rise(n, plus, h)
    at_wall = n * np.log(h / h_edge) + 3 * (h * h - h_edge * h_edge)
    entropy = rise + at_wall - plus * minus / 4
    # Of the k outside: the well, their images, and the density of the gas to the next order.
    stiff = np.sqrt((1.5 * minus - s) / (-plus / 2))
    image = omega * omega / (h * (omega * omega - 1) ** 2)
    outside = -k * (k + 1) / 4 * np.log(stiff) + k * k / 2 * np.log(image) + k / 4 * np.log(-plus)
    gain = rise + (s - minus / 2) * (s + minus / 2) / 2
    return -_pushed(n, s) - entropy / 2 + k * gain + outside - np.log(-plus) / 16


def finite_upper(n: int, count: int, s: Number) -> Number:
    """log P(``count`` or more of GOE(N) beyond s), s > sqrt(2N), but for a constant."""
    edge = math.sqrt(2 * n)
    force = np.sqrt((s - edge) * (s + edge))
    omega = (s + force) / edge
    work = s * force / 2 - n * np.log(omega)
    return -count * work - 1.5 * count * count * np.log(force) - count / 2 * np.log(omega)
