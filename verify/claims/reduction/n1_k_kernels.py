"""N1-K: the covariances on the way to the spin glass by brute force over all moments, exactly."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from functools import cache
from typing import Any

import mpmath
import numpy as np
import sympy as sp

from theory.derivation import path_symbols
from theory.networks import assumptions
from theory.networks import paths as expansion
from theory.networks.architecture import Network, network
from theory.networks.assumptions import CHAIN
from verify.alternatives import refuting
from verify.claim import Cell, Claim, Params
from verify.evidence import Exact, exact_cell

OVERLAP, ACROSS = sp.Rational(3, 5), sp.Rational(4, 5)  # of a second set of weights: 3/5 w + 4/5 v
LAYERED = ("2,1", "2,2,1", "1,2,1,1", "1,1,1,1")
REDUNDANT = ("2,1", "2,2,1", "3,3,1", "2,2,2,1")
ANGLES = (0.05, 0.7, 1.3, 1.7, 2.5, 3.1)


@dataclass(frozen=True)
class Theory:
    """The formulas of `theory.networks.assumptions`; wrong theories replace one of them."""

    kernel: Callable[..., float] = assumptions.kernel
    square: Callable[..., float] = assumptions.kernel_square
    correlation: Callable[[Any], Any] = assumptions.relu_correlation
    deep: Callable[[int, Any], Any] = assumptions.relu_kernel
    narrow: Callable[[int, Any], Any] = assumptions.narrow_kernel
    last: Callable[..., Any] = assumptions.last_layer
    normalisation: Callable[[Network], float] = assumptions.normalisation
    printed: Callable[[Network], float] = assumptions.normalisation_printed


def gaussian_mean(polynomial: Any, variables: list[Any]) -> Fraction:
    """E of a polynomial in independent standard normals: (a-1)!! for every even power a, 0 for odd."""
    total = Fraction(0)
    for powers, coefficient in sp.Poly(polynomial, *variables).terms():
        if all(a % 2 == 0 for a in powers):
            moment = math.prod(
                math.factorial(a) // (2 ** (a // 2) * math.factorial(a // 2)) for a in powers
            )
            total += Fraction(int(coefficient.p), int(coefficient.q)) * moment
    return total


@cache
def layered(widths: str) -> dict[str, Fraction]:
    """E K and E K^2 over layered normal weights, in units of Psi; K by summing over pairs of paths."""
    net = network([int(n) for n in widths.split(",")])
    at = path_symbols.symbols(net)
    first = [w for layer in at.weights for row in layer for w in row]
    second = [sp.Symbol(f"{w}v") for w in first]
    move = {w: OVERLAP * w + ACROSS * v for w, v in zip(first, second, strict=True)}
    rho = sp.Rational(1, 2 ** (net.depth - 1))
    every = list(expansion.paths(net))
    terms = [expansion.monomial(p, at.weights) for p in every]
    moved = [term.subs(move, simultaneous=True) for term in terms]
    kernels: dict[str, Any] = {"gates": 0, "mean": 0, "inputs": 0}
    for i, p in enumerate(every):
        for j, r in enumerate(every):
            if p[0] == r[0]:  # the inputs of the two paths are one, else independent
                both = terms[i] * moved[j]
                kernels["gates"] += both * (rho if i == j else rho**2)
                kernels["mean"] += both * rho**2
                kernels["inputs"] += both * rho**2 if i == j else 0
    found, variables = {}, [*first, *second]
    for name, value in kernels.items():
        found[name] = gaussian_mean(value, variables) / net.mass
        if name != "gates":
            found[f"{name}, square"] = gaussian_mean(sp.expand(value) ** 2, variables) / net.mass**2
    return found


@cache
def redundant(widths: str) -> dict[str, Fraction]:
    """The same for Lambda weights, on the sphere or not, with an input a path or one for the first index."""
    net = network([int(n) for n in widths.split(",")])
    count = round(net.mass ** (1 / net.depth))
    w, v = sp.symbols(f"w:{count}"), sp.symbols(f"v:{count}")
    moved = [OVERLAP * a + ACROSS * b for a, b in zip(w, v, strict=True)]
    rho = sp.Rational(1, 2 ** (net.depth - 1))
    inner = sp.expand(sum(a * b for a, b in zip(w, moved, strict=True)))
    power = sp.expand(inner**net.depth)
    one_input = sp.expand(inner * sp.expand(sum(w) * sum(moved)) ** (net.depth - 1))
    every, scale = [*w, *v], net.mass
    found = {
        "redundancy": gaussian_mean(rho**2 * power, every) / scale,
        "redundancy, square": gaussian_mean(sp.expand(rho**4 * power**2), every) / scale**2,
    }
    if count > 2:
        return found  # the sphere is taken in the plane; larger ones are sampled, claim N1
    for name, value, strength in (
        ("spin glass", power, rho**2),
        ("all but mean", power, rho),
        ("all but inputs", one_input, rho**2),
    ):
        found[name] = sphere_mean(strength * value, w, v) / scale
    squared = sphere_mean(rho**4 * sp.expand(power**2), w, v) / scale**2
    return {**found, "spin glass, square": squared}


def sphere_mean(polynomial: Any, w: Any, v: Any) -> Fraction:
    """E over orthogonal w, v of length sqrt(2) in the plane: an angle, and a side for v."""
    a = sp.Symbol("a", real=True)
    root = sp.sqrt(2)
    total: Any = 0
    for side in (1, -1):
        frame = dict(zip(w, (root * sp.cos(a), root * sp.sin(a)), strict=True))
        frame |= dict(zip(v, (-side * root * sp.sin(a), side * root * sp.cos(a)), strict=True))
        total += _turn(polynomial.subs(frame), a) / 2
    number = sp.nsimplify(sp.simplify(total))
    return Fraction(int(number.p), int(number.q))


def _turn(expression: Any, angle: Any) -> Any:
    """Mean over an angle of a polynomial in its cosine and sine, power by power."""
    x, y = sp.symbols("x_ y_")
    flat = sp.Poly(sp.expand(expression).subs({sp.cos(angle): x, sp.sin(angle): y}), x, y)
    total = sp.Integer(0)
    for (i, j), coefficient in flat.terms():
        if i % 2 == 0 and j % 2 == 0:
            # (1/2 pi) int cos^i sin^j = (i-1)!! (j-1)!! / (i+j)!!
            ratio = sp.factorial2(i - 1) * sp.factorial2(j - 1) / sp.factorial2(i + j)
            total += coefficient * ratio
    return total


def relu_pair(own: float, covariance: float, other: float) -> float:
    """E relu(u) relu(v) by an integral over the angle: both are positive on a sector of it."""
    phi = mpmath.acos(covariance / mpmath.sqrt(own * other))
    sector = mpmath.quad(
        lambda t: mpmath.cos(t) * mpmath.cos(t - phi), [phi - mpmath.pi / 2, mpmath.pi / 2]
    )
    # u = r cos t, v = r cos(t - phi), and E r^2 = 2 over 2 pi.
    return float(mpmath.sqrt(own * other) * sector / mpmath.pi)


def _near(params: Params, what: str, said: float, seen: float) -> Cell:
    return exact_cell(params, what, float(said), float(seen), 1e-12 * max(1.0, abs(seen)))


def angles(params: Params, theory: Theory) -> list[Cell]:
    """The arc-cosine kernel by an integral, and what is made of it; the normalisation."""
    cells = []
    for phi in ANGLES:
        at, c = {**params, "angle": phi}, math.cos(phi)
        seen = 2 * relu_pair(1.0, c, 1.0)
        cells.append(_near(at, "E relu u relu v / E relu^2", float(theory.correlation(c)), seen))
        chain, narrow = c, c
        for depth in (1, 2, 3, 4):
            wide, single = float(theory.deep(depth, c)), float(theory.narrow(depth, c))
            cells += [
                _near(at, f"wide network of depth {depth}", wide, chain),
                _near(at, f"one unit a layer, depth {depth}", single, narrow),
            ]
            chain = c * 2 * relu_pair(1.0, chain, 1.0)
            narrow *= seen
        own, cross, other = 0.5, 0.2, 0.4
        last = float(theory.last(3, c, own, cross, other))
        two = float(theory.kernel(network([3, 5, 1]), CHAIN["network"], c))
        cells += [
            _near(at, "last two layers", last, 3 * c * relu_pair(own, c * cross, other)),
            _near(at, "two layers", two, c * relu_pair(1.0, c, 1.0)),
        ]
    nothing = theory.last(3, 0.5, np.array([0.0]), np.array([0.0]), np.array([0.0]))
    cells.append(_near(params, "no activity below", float(nothing[0]), 0.0))
    for widths in ("4,4,1", "3,3,3,1", "2,4,1,1", "6,1"):
        net = network([int(n) for n in widths.split(",")])
        at = {**params, "widths": widths}
        power = sp.Rational(net.depth - 1, 2 * net.depth)
        q = sp.Integer(net.mass) ** -power
        printed = sp.sqrt(sp.Integer(net.mass) ** power)
        said, spins = theory.normalisation(net), float(assumptions.spins(net))
        as_printed = float(printed**2 * net.mass)
        cells += [
            _near(at, "q^2 Psi, q = Psi^(-(H-1)/(2H))", said, float(q**2 * net.mass)),
            _near(at, "q^2 Psi = Lambda", said, spins),
            _near(at, "q^2 Psi with the printed q", theory.printed(net), as_printed),
        ]
    return cells


def moments(params: Params, theory: Theory) -> list[Cell]:
    """Kernels and their squares against sums over all moments."""
    net = network([int(n) for n in params["widths"].split(",")])
    sums = layered if params["weights"] == "layered" else redundant
    cells = []
    for name, value in sums(params["widths"]).items():
        model, _, square = name.partition(", ")
        formula, power = (theory.square, "K^2") if square else (theory.kernel, "K")
        said = formula(net, CHAIN[model], float(OVERLAP))
        cells.append(_near(params, f"E {power}, {model}", said, float(value)))
    return cells


def prove(params: Params, theory: Theory = Theory()) -> list[Cell]:
    """All formulas of the chain, at finite sizes."""
    return moments(params, theory) if "widths" in params else angles(params, theory)


CLAIM = Claim(
    id="N1-K",
    title="The covariances on the way to the spin glass, over all moments",
    rows=("N1", "E3"),
    statement="At finite width, over normal weights: the mean of K(w, w') = E[Y Y' | w, w'] in "
    "units of Lambda is rho overlap^H with independent gates, rho^2 overlap^H once their mean is "
    "taken, a moment of w.w' with redundant weights; the mean of K^2 exceeds the square of this "
    "until the weights are redundant and on the sphere. The real network of two layers has "
    "overlap k(overlap)/2 with the arc-cosine kernel k.",
    compares={
        "the mean of K(w, w') = E[Y Y' | w, w'] in units of Lambda is rho overlap^H with "
        "independent gates": "E K, gates",
        "rho^2 overlap^H once their mean is taken": "E K, mean",
        "a moment of w.w' with redundant weights": "E K, redundancy",
        "the mean of K^2 exceeds the square of this until the weights are redundant and on "
        "the sphere": "E K^2, *",
        "The real network of two layers has overlap k(overlap)/2 with the arc-cosine "
        "kernel k": "two layers",
    },
    source="CHMBL Sec. 3; Cho and Saul 2009",
    assumptions="as each model says; small widths, in rationals",
    evidence=Exact(
        (
            {"part": "angles"},
            *({"weights": "layered", "widths": widths} for widths in LAYERED),
            *({"weights": "redundant", "widths": widths} for widths in REDUNDANT),
        ),
        prove,
    ),
    alternatives=refuting(
        prove,
        "theory",
        (
            "K a function of the overlap alone",
            "no spread between pairs of weights",
            Theory(square=lambda *at: assumptions.kernel(*at) ** 2),
        ),
        ("kernel 1 % larger", "near 1", Theory(kernel=lambda *at: 1.01 * assumptions.kernel(*at))),
        (
            "arc-cosine kernel of degree 0",
            "gates for activities",
            Theory(correlation=lambda c: 1 - np.arccos(c) / np.pi),
        ),
        (
            "overlap^H for wide ReLU networks",
            "gates independent",
            Theory(deep=lambda depth, overlap: overlap**depth),
        ),
        ("printed q", "erratum E3", Theory(normalisation=assumptions.normalisation_printed)),
    ),
)
