r"""Layers that share no weights: why k negative eigenvalues cost k times what one costs, in SymPy.

G has H layers of n rows, zero blocks on the diagonal, and entries of variance 1/N in the others, N = H n.
Let V (N x k) be eigenvectors, Lambda = diag(y) their eigenvalues, all beyond the same edge, V_l the rows of
layer l and Psi_l = V_l^T V_l, so that sum_l Psi_l = 1. Kac's and Rice's formula for vectors (see
`numerics.layers.rare_index`) has three factors that depend on the Psi_l to exponential order in N:

* the volume of frames with these Psi_l, prod_l det(Psi_l)^(n/2), and of the density of G V at V Lambda the
  root of its covariance, prod_l det(1 - Psi_l)^(-n/2). As log det is concave and 1 - Psi_l is the sum of the
  other H - 1, sum_l log det(1 - Psi_l) >= H k log(H - 1) + sum_l log det Psi_l, with equality where all Psi_l
  are 1/H.
* its exponent, -(N/2) w.C^-1 w with w = V Lambda and C the covariance of G V times N. By Cauchy and Schwarz
  w.C^-1 w >= (w.w)^2/w.C w; w.w = tr Lambda^2, and w.C w is N times the variance of tr Lambda V^T G V, which
  is 2 (tr Lambda^2 - sum_l tr (Lambda Psi_l)^2) <= 2 (1 - 1/H) tr Lambda^2: what is missing is
  2 sum_l tr (A_l - |Lambda|/H)^2 with A_l = |Lambda|^(1/2) Psi_l |Lambda|^(1/2), whose sum is |Lambda|.
* means of products of determinants, which no Psi_l changes to this order (that they follow the limiting
  spectrum is measured, not proved).

So the most likely vectors are alike in all layers, and at Psi_l = 1/H every factor is a product over the k
eigenvalues: that of a GOE with the same semicircle, of variance sigma^2 = (H - 1)/H, whose exponent for one
eigenvalue at y = 2 sigma cosh t is -J = -(sinh(2 t)/2 - t).
"""

from __future__ import annotations

from functools import cache

import sympy as sp

from theory.derivation.layers import H, T

LAYERS = 3  # of the symbolic matrices; the algebra is the same for each


@cache
def alike_in_all_layers() -> dict[str, sp.Expr]:
    """What must vanish for k eigenvalues to cost k J at equal widths.

    Returns
    -------
    dict
        "variance": w.C w from the covariances of G V, less 2 (tr Lambda^2 - sum_l tr (Lambda Psi_l)^2), for
        three layers of two rows and k = 2; "squares": that less 2 (1 - 1/H) tr Lambda^2 less the missing
        squares, likewise; "tight": w.C^-1 w less tr Lambda^2/(2 sigma^2) where all Psi_l are 1/H, as C w =
        2 sigma^2 w there; "rate": the exponent of one eigenvalue plus J; each 0 after simplification.

    Examples
    --------
    >>> alike_in_all_layers()
    {'variance': 0, 'squares': 0, 'tight': 0, 'rate': 0}
    """
    y = sp.symbols("y1:3", negative=True)
    own = sp.diag(*y)
    v = [sp.Matrix(2, 2, sp.symbols(f"v{layer}_1:5", real=True)) for layer in range(LAYERS)]
    psi = [one.T * one for one in v]
    # Entry (a, i) of G V in layer l: sum over other layers m and their rows b of G_ab v_bi.
    entries: dict[tuple[int, ...], sp.Expr] = {}
    for layer, one in enumerate(v):
        for m, other in enumerate(v):
            if m != layer:
                weights = one * own * other.T
                for a in range(2):
                    for b in range(2):
                        place = (layer, a, m, b) if layer < m else (m, b, layer, a)
                        entries[place] = entries.get(place, 0) + weights[a, b]
    variance = sum(one**2 for one in entries.values())
    whole = sum(psi, sp.zeros(2))
    said = 2 * ((own * whole * own * whole).trace() - sum(((own * p) ** 2).trace() for p in psi))
    mean = whole / LAYERS
    squares = sum(((own * (p - mean)) ** 2).trace() for p in psi)
    rest = said - 2 * (1 - sp.Rational(1, LAYERS)) * ((own * whole) ** 2).trace() + 2 * squares
    sigma = sp.sqrt((H - 1) / H)
    # At Psi_l = 1/H: C w = w - w/H on the rows of a layer, and H - 1 layers give w/H each.
    image = (1 - 1 / H) + (H - 1) / H
    level = 2 * sigma * sp.cosh(T)
    potential = sp.log(sigma) + T + sp.exp(-2 * T) / 2  # of a semicircle
    volume = sp.Rational(1, 2) - sp.log(1 - 1 / H) / 2  # |S^(N-1)| over the root of the covariance
    exponent = volume - level**2 / (2 * image) + potential
    cost = sp.sinh(2 * T) / 2 - T
    return {
        "variance": sp.expand(variance - said),
        "squares": sp.expand(rest),
        "tight": sp.simplify(1 / image - 1 / (2 * sigma**2)),
        "rate": sp.simplify(
            sp.expand_log(sp.simplify((exponent + cost).rewrite(sp.exp)), force=True)
        ),
    }
