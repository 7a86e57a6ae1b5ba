r"""The gap of the two largest eigenvalues of GOE(N), and at the soft edge, by a Fredholm determinant.

`theory.goe.fredholm` with w = 0: no eigenvalue lies in J = (s0, inf) but one at s. There a point mass is at
the end of J; inside J the same holds, since e delta_s is -1/2 everywhere below s0. So the density of the
largest at s, with no other beyond s0, is

    p(s; s0) = E [x_1 (r alpha)(s) + x_2 (r a phi_{N-1})(s)],   U x = (1/2, b),

E, U, r = (1 - K)^-1 and alpha of J. At s outside of the nodes r f = f + K r f. Integrated over s0 at a given
gap s - s0, minus its derivative in s is the density of the gap.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import airy

from theory.goe.edge_scale import beyond, end_of_kernel
from theory.goe.hermite import functions, half_integrals
from theory.goe.kth_density import first_row

Real = NDArray[np.float64]

_DROP = 84.0  # exp(-84) = 3e-37: where the quadrature of K ends
_NODES, _WEIGHTS = np.polynomial.legendre.leggauss(120)


@dataclass(frozen=True)
class Sample:
    """K and what goes with it on J = (s0, inf), at nodes, at s0 and at s; a leading axis of points s0.

    Attributes
    ----------
    weights
        Of the m nodes, (S, m).
    kernel
        At nodes and s0 against nodes and s0, (S, m + 1, m + 1).
    phi, first, second
        a phi_{N-1}, T_{N-1}, T_N at nodes and s0, (S, m + 1).
    slope
        d/ds K at s against nodes and s0, (S, G, m + 1).
    phi_slope
        d/ds a phi_{N-1} at s, (S, G).
    b, q
        Constants of the ensemble.
    """

    weights: Real
    kernel: Real
    phi: Real
    first: Real
    second: Real
    slope: Real
    phi_slope: Real
    b: float
    q: float


def finite(n: int, s0: Real, gaps: Real) -> Sample:
    """Of GOE(n), in y = sqrt(n) x."""
    m = int(36 + 2.5 * beyond(n, float(s0.min())))
    nodes, weights = np.polynomial.legendre.leggauss(m)
    half = (np.asarray([end_of_kernel(n, float(point), _DROP) for point in s0]) - s0) / 2
    x = s0[:, None] + half[:, None] * np.append(nodes + 1, 0.0)
    s = s0[:, None] + gaps
    # same (1 -> 2): a row more
    row = max(0, first_row(n, float(s0.min()), float(s.max())) - 1)
    table, first, second = functions(n, np.concatenate([x, s], axis=1), row)
    columns = np.moveaxis(table[:, :, : m + 1], 0, 1)
    order = np.arange(row, n)[:, None, None]
    # phi_j' = sqrt(2 j) phi_{j-1} - x phi_j; the row before the first adds nothing.
    before = np.concatenate([np.zeros_like(table[:1]), table[:-1]])[:, :, m + 1 :]
    derivative = np.sqrt(2.0 * order) * before - s * table[:, :, m + 1 :]
    a = math.sqrt(n / 2)
    left, right = half_integrals(n)
    b = right if n % 2 == 0 else 1 / (2 * a * left)
    inside = slice(0, m + 1)
    return Sample(
        half[:, None] * weights,
        np.swapaxes(columns, 1, 2) @ columns,
        a * table[-1][:, inside],
        first[:, inside],
        second[:, inside],
        np.moveaxis(derivative, 0, 2) @ columns,
        a * derivative[-1],
        b,
        2 * a * b,
    )


def _end(s: float) -> float:
    """Where (4/3) x^(3/2) exceeds that of s (or of 0) by 84: Ai^2 has fallen by exp(-84)."""
    # same (0.75 -> 1.75, 0.75 -> 1.5): farther out
    return float((max(s, 0.0) ** 1.5 + 0.75 * _DROP) ** (2 / 3))


def edge(s0: Real, gaps: Real) -> Sample:
    """Of the soft edge: K(x, y) = int_0^inf Ai(x + t) Ai(y + t) dt."""
    # same (2.5 -> 3.5, 2.5 -> 5.0): more nodes
    m = int(36 + 2.5 * max(0.0, -float(s0.min())) ** 1.5 * 0.2122)
    nodes, weights = np.polynomial.legendre.leggauss(m)
    ends = np.asarray([_end(float(point)) for point in s0])
    half = (ends - s0) / 2
    x = s0[:, None] + half[:, None] * np.append(nodes + 1, 0.0)
    s = s0[:, None] + gaps
    reach = ends - np.minimum(s0, 0.0)
    t = reach[:, None] * (_NODES + 1) / 2
    scale = (reach[:, None] / 2 * _WEIGHTS)[:, None, :]
    values = airy(x[:, :, None] + t[:, None, :])[0]
    derivative = airy(s[:, :, None] + t[:, None, :])[1]
    right = np.swapaxes(values * scale, 1, 2)
    tail = (values * scale).sum(axis=2)
    return Sample(
        half[:, None] * weights,
        values @ right,
        airy(x)[0] / 2,
        tail,
        tail,
        derivative @ right,
        airy(s)[1] / 2,
        1.0,
        1.0,
    )


def slopes(of: Sample) -> Real:
    """-dp/ds at s, (S, G).

    Examples
    --------
    >>> s0 = np.arange(-8.0, 8.0, 0.5)  # at the edge, a density of the gap 2
    >>> float(slopes(edge(s0, np.array([2.0]))).sum().round(10) / 2)
    0.3422041773
    """
    m = of.weights.shape[1]
    inside, at = slice(0, m), m
    alpha = of.kernel[:, inside, at] - of.second[:, at, None] * of.phi[:, inside]
    system = np.eye(m) - of.kernel[:, inside, inside] * of.weights[:, None, :]
    sides = np.stack([alpha, of.phi[:, inside]], axis=2)
    solved = np.linalg.solve(system, sides) * of.weights[:, :, None]
    h = of.q * of.first[:, inside] - 1
    g = of.second[:, inside] - of.b
    u = np.empty((len(g), 2, 2))
    with_h = (h[:, :, None] * solved).sum(axis=1)
    with_g = (g[:, :, None] * solved).sum(axis=1)
    u[:, 0, 0] = 1 - (of.q * of.first[:, at] + with_h[:, 0]) / 2
    u[:, 0, 1] = -with_h[:, 1] / 2
    u[:, 1, 0] = with_g[:, 0]
    u[:, 1, 1] = 1 + with_g[:, 1]
    # E^2 = det(1 - K) det U; where it has no digits left, nobody sees it.
    e = np.sqrt(np.abs(np.linalg.det(system) * np.linalg.det(u)))
    # same (1 -> 2): the first column is taken
    right = np.broadcast_to([[0.5], [of.b]], (len(u), 2, 1))
    x = np.linalg.solve(u, right)[:, :, 0]
    alpha_slope = of.slope[:, :, at] - of.second[:, at, None] * of.phi_slope
    parts = np.stack([alpha_slope, of.phi_slope], axis=2) + of.slope[:, :, inside] @ solved
    return np.asarray(-e[:, None] * (parts @ x[:, :, None])[:, :, 0])
