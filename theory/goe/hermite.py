"""Hermite functions phi_j and their tail integrals T_j(x) = int_x^inf phi_j, in float64.

phi_j are orthonormal on the line, phi_0 = pi^(-1/4) exp(-x^2/2). All come from recurrences upwards in
j, stable on the whole line, scaled by powers of two so that nothing underflows before the end.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray
from scipy.special import erfcx

Real = NDArray[np.float64]

# same (all): how often the recurrence is rescaled
_BLOCK = 16
# log 2 in two parts, so that exponent times log 2 is exact in the first.
_LOG2_HIGH = float(np.float32(math.log(2)))
_LOG2_LOW = -1.904654299957768e-09


def half_integrals(n: int) -> tuple[float, float]:
    """(1/2) int phi_{n-1} and (1/2) int phi_n: J_0 = pi^(1/4)/sqrt 2, J_1 = 0.

    Examples
    --------
    >>> [round(value, 12) for value in half_integrals(1)]
    [0.941396263777, 0.0]
    """
    values = [math.pi**0.25 / math.sqrt(2), 0.0]
    for j in range(1, n):
        values.append(math.sqrt(j / (j + 1)) * values[j - 1])
    return values[n - 1], values[n]


def _unscaled(x: Real, exponent: Real) -> Real:
    """2^exponent exp(-x^2/2) to a few units of the last place, however large the two factors."""
    high = x.astype(np.float32).astype(np.float64)
    low = x - high
    exact = exponent * _LOG2_HIGH - high * high / 2
    rest = exponent * _LOG2_LOW - low * (x + high) / 2
    return np.asarray(np.exp(exact) * np.exp(rest))


def functions(n: int, x: Real, first: int = 0) -> tuple[Real, Real, Real]:
    """phi_first ... phi_{n-1} on a new leading axis, and T_{n-1}, T_n, at points x >= -30.

    Relative error about 1e-15 sqrt(n) of each function's envelope; 0 below 1e-308.

    Examples
    --------
    >>> table, last, after = functions(2, np.array([0.0]))
    >>> table[:, 0].round(12).tolist(), after.round(12).tolist()
    ([0.751125544465, 0.0], [0.6656676819])
    """
    flat = x.ravel()
    table = np.empty((n - first, flat.size))
    exponent = np.zeros_like(flat)
    steps = [(0, exponent)]
    before, h = np.zeros_like(flat), np.full_like(flat, math.pi**-0.25)
    tails = [math.pi**-0.25 * math.sqrt(math.pi / 2) * erfcx(flat / math.sqrt(2)), math.sqrt(2) * h]
    for j in range(n):
        if j == first:
            steps = [(0, exponent)]
        if j >= first:
            table[j - first] = h
        if j >= 1:  # T_{j+1} = sqrt(2/(j+1)) phi_j + sqrt(j/(j+1)) T_{j-1}
            tails = [tails[1], math.sqrt(2 / (j + 1)) * h + math.sqrt(j / (j + 1)) * tails[0]]
        before, h = h, math.sqrt(2 / (j + 1)) * flat * h - math.sqrt(j / (j + 1)) * before
        # same (numbers, signs, comparisons): how often the recurrence is rescaled
        if j % _BLOCK == _BLOCK - 1 and j < n - 1:
            power = np.frexp(np.maximum(np.abs(h), np.abs(before)))[1]
            exponent = exponent + power
            before, h = np.ldexp(before, -power), np.ldexp(h, -power)
            tails = [np.ldexp(tail, -power) for tail in tails]
            steps.append((j + 1 - first, exponent))
    final = _unscaled(flat, exponent)
    for (start, scale), (stop, _) in zip(steps, [*steps[1:], (n - first, exponent)], strict=True):
        # same (all): how often the recurrence is rescaled
        table[start:stop] *= np.ldexp(final, np.maximum(scale - exponent, -3000).astype(int))
    return (
        table.reshape((n - first, *x.shape)),
        (tails[0] * final).reshape(x.shape),
        (tails[1] * final).reshape(x.shape),
    )
