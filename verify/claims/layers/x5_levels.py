"""X5: layers that share no weights; equal widths have the same complexity, others Dyson's."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import flint
import numpy as np
import sympy as sp
from numpy.typing import NDArray

from theory import Ball, LayerLevels, layer_complexity, layer_levels, pure, threshold
from theory.derivation.layers import equal_layers, tensor_law
from theory.layers.dyson import shares
from verify.alternatives import refuting
from verify.claim import Axes, Cell, Claim, Params, Series
from verify.evidence import Exact, decided, equal, exact_cell

Real = NDArray[np.float64]
Levels = Callable[[list[str]], LayerLevels]
Law = Callable[[], dict[str, sp.Expr]]

DIGITS = 30
EDGE, ROOT = 1e-12, 1e-11  # tolerances: rounding of two floats; of a hundred nodes of an integral
NODES = 200

levels_of = partial(layer_levels, digits=DIGITS)


def means(a: Real, x: Real) -> Real:
    """m_l at levels beyond the spectrum, by iterating Dyson's equation."""
    m = np.repeat(-1 / x[:, None], len(a), axis=1)
    for _ in range(500):
        m = -1 / (x[:, None] + (m @ a)[:, None] - a * m)
    return m


def branch(a: Real, near: float) -> float:
    """The level where Dyson's solution ceases to be stable: sum a m^2/(1 + a m^2) = 1.

    Newton's method for the m_l and the level together; nothing of the closed form in v.
    """
    u, m = 1.02 * near, means(a, np.array([1.02 * near]))[0]
    for _ in range(40):
        rest = u + m @ a - a * m
        weights = 1 + a * m**2
        jacobian = np.zeros((len(a) + 1, len(a) + 1))
        jacobian[:-1, :-1] = np.outer(m, a) * (1 - np.eye(len(a))) + np.diag(rest)
        jacobian[:-1, -1] = m
        jacobian[-1, :-1] = 2 * a * m / weights**2
        residual = np.append(m * rest + 1, (1 - 1 / weights).sum() - 1)
        step = np.linalg.solve(jacobian, residual)
        m, u = m - step[:-1], u - float(step[-1])
    return u


def exponent(a: Real, u: float) -> float:
    """That of critical points at a level beyond the spectrum, by an integral of the resolvent.

    The mean log of the distance is log u + int_u^oo (1/x - s(x)) dx with s = -sum a_l m_l; x = u/t.
    """
    nodes, weights = np.polynomial.legendre.leggauss(NODES)
    t = (nodes + 1) / 2
    x = u / t
    gap = 1 / x + means(a, x) @ a
    potential = np.log(u) + (weights / 2 * gap * u / t**2).sum()
    return float((1 - u * u - (a * np.log(a)).sum()) / 2 + potential)


def prove(params: Params, levels: Levels = levels_of, law: Law = tensor_law) -> list[Cell]:
    """Certified levels against Dyson's equation by iteration; wrong theories are other keywords."""
    proportions = params["proportions"].split(",")
    found = levels(proportions)
    a = np.array([float(one) for one in shares(proportions)])
    edge, ground = float(found.barrier), float(found.ground)
    cells = []
    if len(a) > 2:
        cells += [
            exact_cell(
                params, "E_inf: where Dyson's equation branches", edge, branch(a, edge), EDGE
            ),
            exact_cell(params, "exponent at E_0", 0.0, exponent(a, ground), ROOT),
        ]
    else:
        with flint.ctx.workprec(200):
            top = sum((flint.arb(w).sqrt() for w in proportions), flint.arb(0))
            top /= sum((flint.arb(w) for w in proportions), flint.arb(0)).sqrt()
        cells += [
            agreeing(params, f"two layers: {name}, the largest singular value", top, ball)
            for name, ball in (("E_inf", found.barrier), ("E_0", found.ground))
        ]
    if len(set(proportions)) == 1 and len(a) > 2:
        shared = pure(len(a))
        cells += [
            agreeing(params, f"equal widths: {name}", threshold(shared, k, DIGITS + 20).arb(), ball)
            for name, k, ball in (("E_inf(H)", None, found.barrier), ("E_0(H)", 0, found.ground))
        ]
    if params["proportions"] == "1,1,1":
        said = dict.fromkeys(("f, gradient", "gradient, Hessian"), 0)
        said |= {"block + f": 0, "block, off-diagonal": 0, "between, rest": 0}
        said |= {"gradient": 1, "between": 1}
        seen = law()
        cells += [equal(params, f"law at a point: {name}", said[name], seen[name]) for name in said]
        cells += [
            equal(params, f"equal widths, any H: {name}", 0, rest)
            for name, rest in equal_layers().items()
        ]
    return cells


def agreeing(params: Params, name: str, said: flint.arb, seen: Ball) -> Cell:
    """A ball that holds what is said, and is narrow."""
    narrow = float(seen.radius) < 10.0 ** (2 - DIGITS)
    with flint.ctx.workprec(200):
        overlap = bool(seen.arb().overlaps(said))
        shown = said.str(20, radius=False)
    return decided(params, name, shown, seen.value[:21], overlap and narrow)


def like_equal(proportions: list[str]) -> LayerLevels:
    """Levels of as many layers of equal widths."""
    return levels_of(["1"] * len(proportions))


def filled(proportions: list[str]) -> LayerLevels:
    """E_inf of a Hessian whose diagonal blocks are as random as the others: all of variance 1/N."""
    return LayerLevels(Ball("2", "1e-30"), levels_of(proportions).ground)


def moved(proportions: list[str]) -> LayerLevels:
    """E_0 larger by a part in 10^10."""
    right = levels_of(proportions)
    with flint.ctx.workprec(200):
        ground = Ball.from_arb(right.ground.arb() * flint.arb("1.0000000001"), DIGITS)
    return LayerLevels(right.barrier, ground)


def series() -> list[Series]:
    """Exponents against the level, and E_inf and E_0 against the share of the widest of three layers."""
    axes = Axes("Complexity, every layer its own weights", "u = f/sqrt N", "exponent")
    u = np.linspace(-1.75, 0, 141)[:-1]
    curves = []
    for widths in ("1,1,1", "1,2,3", "3,1,1", "10,1,1"):
        values = layer_complexity(widths.split(","), u)
        shown = values > -0.15
        curves.append(axes.line(f"widths {widths}", u[shown], values[shown]))
    widest = np.linspace(0.06, 0.94, 45)
    ends = [layer_levels([w, (1 - w) / 2, (1 - w) / 2], 12) for w in widest.tolist()]
    below = Axes("Three layers, two alike", "share of the other layer", "-u")
    return [
        *curves,
        axes.level("0", (-1.75, 0.0), 0.0),
        below.line("E_0", widest, [float(one.ground) for one in ends]),
        below.line("E_inf", widest, [float(one.barrier) for one in ends]),
        below.mark("equal widths", 1 / 3),
    ]


GRID = tuple(
    {"proportions": one}
    for one in ("1,1,1", "1,1,1,1", "1,1,1,1,1,1", "1,3", "1,2,3", "5,1,1", "235200,30000,1000")
)
wrong = partial(refuting, prove)

CLAIM = Claim(
    id="X5",
    title="Every layer its own weights: equal widths change nothing to exponential order",
    rows=("X5",),
    statement="For f = sum X w1 .. wH with a sphere for each layer, the gradient at a point is standard "
    "normal, independent of f and the Hessian, whose diagonal blocks are -f and whose others are "
    "independent standard normal. So the spectrum is Dyson's: with u = f/sqrt(n_1 + .. + n_H), E_inf is "
    "its edge, where Dyson's equation branches, and E_0 the root of the exponent beyond it, for widths in "
    "any proportion. With equal widths both are those of shared weights, and so is the exponent, Theta_H, "
    "for every H; two layers end at the largest singular value.",
    compares={
        "the gradient at a point is standard normal": "law at a point: gradient",
        "independent of f and the Hessian": "law at a point: gradient, Hessian",
        "whose diagonal blocks are -f": "law at a point: block + f",
        "whose others are independent standard normal": "law at a point: between*",
        "with u = f/sqrt(n_1 + .. + n_H), E_inf is its edge, where Dyson's equation branches": (
            "E_inf: where Dyson's equation branches"
        ),
        "E_0 the root of the exponent beyond it": "exponent at E_0",
        "With equal widths both are those of shared weights": "equal widths: *",
        "and so is the exponent, Theta_H, for every H": "equal widths, any H: exponent",
        "two layers end at the largest singular value": "two layers: *",
        "For f = sum X w1 .. wH with a sphere for each layer": "law at a point: gradient",
    },
    source="the authors' open problem (COLT 2015); McKenna, and Kivimae (2021), two layers; Huang and "
    "Sellke 2023; Dartois and McKenna 2024; Bates and Sohn 2025. The closed form: theory/layers/dyson.py",
    assumptions="X independent on all tuples of units, where a network's paths are composable tuples only; "
    "that the mean of abs det follows the limiting spectrum (no theorem was checked for it; counts at finite "
    "sizes are near, X5-N); E_0 is annealed: where widths differ an upper bound of the ground state",
    evidence=Exact(GRID, prove, series),
    alternatives=(
        *wrong(
            "levels",
            (
                "weights shared",
                "E_inf(H) and E_0(H) whatever the widths: the aspect ratio ignored",
                like_equal,
            ),
            ("diagonal blocks not zero", "f is linear in each layer", filled),
            (
                "E_0 = E_inf",
                "true of two layers",
                lambda p: LayerLevels(levels_of(p).barrier, levels_of(p).barrier),
            ),
            ("E_0 larger by 1e-10", "the resolution", moved),
        ),
        *wrong(
            "law",
            (
                "blocks of variance xi''",
                "as if a layer's weights met themselves",
                lambda: {**tensor_law(), "block, off-diagonal": sp.Integer(1)},
            ),
        ),
    ),
)
