"""Quadrature by the rules of Gauss and Legendre: nodes in balls, and integrals in float64."""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import lru_cache

import flint
import numpy as np
from numpy.typing import NDArray

Real = NDArray[np.float64]

# same (all): converged with fewer nodes
_FINE = np.polynomial.legendre.leggauss(16)
_COARSE = np.polynomial.legendre.leggauss(11)


@lru_cache(maxsize=16)
def rule(m: int, bits: int) -> tuple[list[flint.arb], list[flint.arb]]:
    """Nodes and weights of Gauss and Legendre on [-1, 1]."""
    with flint.ctx.workprec(bits):
        pairs = [flint.arb.legendre_p_root(m, i, weight=True) for i in range(m)]
    return [node.mid() for node, _ in pairs], [weight.mid() for _, weight in pairs]


def log_integral(log: Callable[[Real], Real], edges: Real) -> tuple[float, float]:
    """Log of the integral of exp(log) over panels, and the relative difference of two rules.

    Parameters
    ----------
    log
        Log of the integrand at points, (P, m).
    edges
        Of the P panels, rising, (P + 1,).

    Examples
    --------
    >>> value, difference = log_integral(lambda x: -x * x / 2, np.linspace(-9.0, 9.0, 19))
    >>> round(2 * value - math.log(2 * math.pi), 12) == 0, difference < 1e-12
    (True, True)
    """
    start, width = edges[:-1, None], np.diff(edges)[:, None]

    def total(rule: tuple[Real, Real]) -> tuple[float, float]:
        nodes, weights = rule
        logs = log(start + width * (nodes + 1) / 2)
        top = float(logs.max())
        return top, float(((np.exp(logs - top) @ weights) * width[:, 0]).sum() / 2)

    top, fine = total(_FINE)
    other, coarse = total(_COARSE)
    return top + math.log(fine), abs(math.expm1(other - top + math.log(coarse / fine)))
