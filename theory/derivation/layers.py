"""Layers that share no weights: the law at a point, and why equal widths give Theta_H again, in SymPy."""

from __future__ import annotations

from functools import cache

import sympy as sp

from theory.annealed import pure_model
from theory.derivation.kac_rice import SYMPY

H, T = sp.symbols("H t", positive=True)


@cache
def tensor_law() -> dict[str, sp.Expr]:
    """Covariances of f and its derivatives at a point, from Cov(f(v), f(w)) = prod v_l.w_l.

    Layers a and b have two tangent directions each, c has one. Near the poles a layer's vector is
    (sqrt(1 - t_1^2 - t_2^2), t_1, t_2), and covariant derivatives there are plain ones.

    Returns
    -------
    dict
        "gradient": variance of a component; "f, gradient" and "gradient, Hessian": sums of squared
        covariances; "block + f": variance of a diagonal block's own entry plus f, and "block,
        off-diagonal": of its other entries; "between": variance of an entry of two layers; "between,
        rest": sum of its squared covariances with f, with other entries.

    Examples
    --------
    >>> law = tensor_law()
    >>> law["gradient"], law["block + f"], law["block, off-diagonal"], law["between"], law["between, rest"]
    (1, 0, 0, 1, 0)
    """
    names = ("a1", "a2", "b1", "b2", "c1")
    left, right = ({name: sp.Symbol(f"{side}{name}") for name in names} for side in "vw")
    covariance = sp.prod(_overlap(left, right, layer) for layer in "abc")
    pole = dict.fromkeys((*left.values(), *right.values()), 0)

    def cov(one: tuple[str, ...], other: tuple[str, ...]) -> sp.Expr:
        found = covariance
        for name in one:
            found = sp.diff(found, left[name])
        for name in other:
            found = sp.diff(found, right[name])
        return found.subs(pole)

    own, mixed, between = ("a1", "a1"), ("a1", "a2"), ("a1", "b1")
    second = [own, mixed, between, ("b1", "b1"), ("b1", "b2"), ("a2", "b1"), ("a1", "c1")]
    return {
        "gradient": cov(("a1",), ("a1",)),
        "f, gradient": sum(cov((), (name,)) ** 2 for name in names),
        "gradient, Hessian": sum(cov((name,), pair) ** 2 for name in names for pair in second),
        "block + f": cov(own, own) + 2 * cov((), own) + cov((), ()),
        "block, off-diagonal": cov(mixed, mixed),
        "between": cov(between, between),
        "between, rest": sum(
            cov(between, pair) ** 2 for pair in [(), *(p for p in second if p != between)]
        ),
    }


def _overlap(left: dict[str, sp.Symbol], right: dict[str, sp.Symbol], layer: str) -> sp.Expr:
    pairs = [(left[name], right[name]) for name in left if name[0] == layer]
    heights = [sp.sqrt(1 - sum(pair[side] ** 2 for pair in pairs)) for side in (0, 1)]
    return heights[0] * heights[1] + sum(v * w for v, w in pairs)


@cache
def equal_layers() -> dict[str, sp.Expr]:
    """What must vanish for layers of equal widths to have the complexity Theta_H of shared weights.

    At u = 2 sigma cosh t, sigma^2 = (H - 1)/H, Dyson's equation is solved by y = exp(-t)/(sigma H) for every
    layer: that of a semicircle.

    Returns
    -------
    dict
        "Dyson": y^2 + v y - 1/H; "edge": u'(v) at t = 0, times 2; "barrier": its level less E_inf(H);
        "exponent": E less Theta_H, of `theory.annealed.pure_model`; each 0 after simplification.

    Examples
    --------
    >>> equal_layers()
    {'Dyson': 0, 'edge': 0, 'barrier': 0, 'exponent': 0}
    """
    sigma = sp.sqrt((H - 1) / H)
    y, u = sp.exp(-T) / (sigma * H), 2 * sigma * sp.cosh(T)
    v = u - H * y
    exponent = (
        sp.Rational(1, 2)
        - sp.log(H) / 2
        - (-T - sp.log(sigma * H))
        + H * (H - 1) / 2 * y**2
        - u**2 / 2
    )
    rise = H * v / (v + 2 * y) - (H - 2)  # v + 2 y is the root of v^2 + 4/H
    residuals = {
        "Dyson": y**2 + v * y - 1 / H,
        "edge": rise.subs(T, 0),
        "barrier": u.subs(T, 0) - pure_model.barrier(H, SYMPY),
        "exponent": exponent - pure_model.outside(H, T, 0, SYMPY),
    }
    return {name: _simplified(one) for name, one in residuals.items()}


def _simplified(one: sp.Expr) -> sp.Expr:
    spelt = one.rewrite(sp.exp).subs(H, 1 + 1 / sp.Symbol("r", positive=True))
    return sp.simplify(sp.expand_log(sp.simplify(spelt), force=True))
