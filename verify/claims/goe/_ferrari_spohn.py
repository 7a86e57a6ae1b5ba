"""Laws of the largest eigenvalues at the edge by Ferrari and Spohn's determinant: a second route.

It shares no kernel, formula or line with theory's laws, which come from a Fredholm Pfaffian of the Airy
kernel.
"""

from __future__ import annotations

from functools import cache

import flint

NODES, BITS = 64, 200
MORE_NODES, MORE_BITS = 84, 300  # for k > 1
STEP = 2.0**-30

Tails = tuple[flint.arb, flint.arb]


@cache
def _rule(nodes: int, bits: int) -> list[tuple[flint.arb, flint.arb]]:
    with flint.ctx.workprec(bits):
        return [flint.arb.legendre_p_root(nodes, i, weight=True) for i in range(nodes)]


def kernel(s: float, half: float, nodes: int, bits: int) -> flint.arb_mat:
    """B(x, y) = Ai((x + y)/2 + s)/2 on (0, inf), by quadrature."""
    # Ai(x/2 + s)^2 has fallen by exp(-bits) where the quadrature ends.
    length = 2 * ((max(s, 0.0) ** 1.5 + 0.75 * bits) ** (2 / 3) - s)
    rule = _rule(nodes, bits)
    x = [length * (node.mid() + 1) / 2 for node, _ in rule]
    root = [(length * weight.mid() / 2).sqrt() for _, weight in rule]
    b = flint.arb_mat(nodes, nodes)
    for i in range(nodes):
        for j in range(i + 1):
            value = ((x[i] + x[j]) / 2 + s).airy_ai() * half
            b[i, j] = b[j, i] = (root[i] * root[j] * value).mid()
    return b


@cache
def determinants(s: float, half: float = 0.5) -> tuple[flint.arb, flint.arb]:
    """det(1 - B) and det(1 + B)."""
    with flint.ctx.workprec(BITS):
        b, one = kernel(s, half, NODES, BITS), flint.arb_mat(NODES, NODES)
        for i in range(NODES):
            one[i, i] = 1
        return (one - b).det().mid(), (one + b).det().mid()


@cache
def numbers(s: float, half: float = 0.5) -> flint.arb_poly:
    """E w^(number beyond s), a polynomial in w.

    With w = cos f and t = tan(f/2) it is the part of (1 + t) det(1 - sin(f) B) even in t. With
    det(1 - x B) = sum d_j x^j that is sum_i (1 - w^2)^i (d_2i + (1 - w) d_2i+1).
    """
    with flint.ctx.workprec(MORE_BITS):
        d = kernel(s, half, MORE_NODES, MORE_BITS).charpoly().coeffs()[::-1]
        w = flint.arb_poly([0, 1])
        total, power = flint.arb_poly([0]), flint.arb_poly([1])
        for i in range(MORE_NODES // 2):
            total += power * (d[2 * i].mid() + (1 - w) * d[2 * i + 1].mid())
            power = power * (1 - w * w)
        return total


def exact(k: int, s: float, half: float = 0.5) -> Tails:
    """P(at most k eigenvalues beyond s) and its complement."""
    if k > 1:
        with flint.ctx.workprec(MORE_BITS):
            found = numbers(s, half)
            below = sum((found[m] for m in range(k + 1)), flint.arb(0)).mid()
            return below, 1 - below
    less, more = determinants(s, half)
    with flint.ctx.workprec(BITS):
        below = less if k == 0 else (less + more) / 2
        return below, 1 - below


def density(k: int, s: float) -> flint.arb:
    """The derivative of the law, by a central difference: its error is some 1e-19 of it."""
    right, left = exact(k, s + STEP)[0], exact(k, s - STEP)[0]
    with flint.ctx.workprec(MORE_BITS):
        return ((right - left) / (2 * STEP)).mid()
