"""Quadrature in balls."""

from __future__ import annotations

from functools import lru_cache

import flint


@lru_cache(maxsize=16)
def rule(m: int, bits: int) -> tuple[list[flint.arb], list[flint.arb]]:
    """Nodes and weights of Gauss and Legendre on [-1, 1]."""
    with flint.ctx.workprec(bits):
        pairs = [flint.arb.legendre_p_root(m, i, weight=True) for i in range(m)]
    return [node.mid() for node, _ in pairs], [weight.mid() for _, weight in pairs]
