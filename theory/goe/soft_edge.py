"""The soft edge of GOE(N): limit laws of the largest eigenvalues, Tracy-Widom and its successors.

The formula of `theory.goe.fredholm` with the Airy kernel K(x, y) = int_0^inf Ai(x + t) Ai(y + t) dt,
a phi_{N-1} -> Ai/2, T_N and q T_{N-1} -> int_x^inf Ai, b = 1: the limit of
sqrt(2) N^(2/3) (lam - sqrt 2) for the (k+1)-th largest eigenvalue lam.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.special import airy

from theory.goe.fredholm import Forms, coefficients, project

Real = NDArray[np.float64]

# same (numbers): more nodes, or further out where nothing is left
_DROP = 84.0  # exp(-84) = 3e-37
# scipy's Ai has lost more than a recurrence: against balls, up to 3.4 times the error without it.
# same (numbers): how an error is estimated, not the number
_AIRY = 8.0
# same (all): more nodes, or further out where nothing is left
_NODES, _WEIGHTS = np.polynomial.legendre.leggauss(120)


def _end(s: float) -> float:
    """Where (4/3) x^(3/2) exceeds that of s (or of 0) by 84: Ai^2 has fallen by exp(-84)."""
    # same (0.0 -> 1.0, 0.0 -> -1.0, 1.5 -> 2.5, 1.5 -> 3.0, 0.75 -> 1.75, 0.75 -> 1.5): more nodes,
    # or further out where nothing is left
    return float((max(s, 0.0) ** 1.5 + 0.75 * _DROP) ** (2 / 3))


def forms(s: Real) -> Forms:
    """What the generating function needs at points s of the edge scale, (S,)."""
    # same (36 -> 37, 36 -> 35, 36 -> 72, 2.5 -> 3.5, 2.5 -> 5.0, 0.0 -> 1.0, 0.0 -> -1.0, 1.5 ->
    # 2.5, 1.5 -> 0.5, 1.5 -> 3.0, 0.2122 -> 1.2122, 0.2122 -> 0.4244): more nodes, or further out
    # where nothing is left
    m = int(36 + 2.5 * max(0.0, -float(s.min())) ** 1.5 * 0.2122)
    nodes, weights = np.polynomial.legendre.leggauss(m)
    ends = np.asarray([_end(float(point)) for point in s])
    half = (ends - s) / 2
    x = s[:, None] + half[:, None] * np.append(nodes + 1, 0.0)
    # same (numbers): more nodes, or further out where nothing is left
    reach = ends - np.minimum(s, 0.0)
    t = reach[:, None] * (_NODES + 1) / 2
    scale = reach[:, None] / 2 * _WEIGHTS
    values = airy(x[:, :, None] + t[:, None, :])[0]
    kernel = (values * scale[:, None, :]) @ np.swapaxes(values, 1, 2)
    tail = (values @ scale[:, :, None])[:, :, 0]
    roots = np.sqrt(half[:, None] * weights)
    return project(kernel, roots, airy(x)[0] / 2, tail, tail, 1.0, 1.0)


def log_density(k: int, s: Real) -> tuple[Real, Real]:
    """log density of the limit of the (k+1)-th largest eigenvalue at s, and its relative error.

    Examples
    --------
    >>> logs, _ = log_density(0, np.array([0.0]))
    >>> float(np.exp(logs[0]).round(10))  # F_1'(0)
    0.1814195712
    """
    # same (numbers, signs): any bound on the number of eigenvalues
    logs, errors = coefficients(forms(s), k, 4 * k + 40)
    return logs, _AIRY * errors
