"""A ReLU network in symbols, and its forward pass with the gates held fixed: Equation 1 of the paper."""

from __future__ import annotations

from dataclasses import dataclass

import sympy as sp

from theory.networks.architecture import Network


@dataclass(frozen=True)
class Symbols:
    """A network in symbols: inputs x_i, weights w_kij, gates g_kj."""

    x: tuple[sp.Symbol, ...]
    weights: tuple[tuple[tuple[sp.Symbol, ...], ...], ...]
    gates: tuple[tuple[sp.Symbol, ...], ...]


def symbols(net: Network) -> Symbols:
    """Symbols for every input, weight and gate."""
    n = net.widths
    return Symbols(
        tuple(sp.Symbol(f"x{i}") for i in range(n[0])),
        tuple(
            tuple(tuple(sp.Symbol(f"w{k}_{i}{j}") for j in range(n[k + 1])) for i in range(n[k]))
            for k in range(net.depth)
        ),
        tuple(tuple(sp.Symbol(f"g{k}_{j}") for j in range(n[k])) for k in range(1, net.depth)),
    )


def gated_product(at: Symbols) -> sp.Expr:
    """The forward pass with its gates held fixed: x W_1 G_1 W_2 ... W_H as matrices, expanded."""
    row = sp.Matrix([at.x])
    for k, matrix in enumerate(at.weights):
        row = row * sp.Matrix(matrix)
        if k < len(at.gates):
            row = row * sp.diag(*at.gates[k])
    [output] = row
    return sp.expand(output)
