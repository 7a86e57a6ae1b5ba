"""LAW: the joint law of energy, gradient and Hessian that Kac-Rice integrates, derived twice."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache
from typing import Any

import sympy as sp

from theory.derivation import kac_rice
from theory.derivation.kac_rice import DDXI, DXI, XI
from verify.alternatives import refuting
from verify.claim import Cell, Claim, Params
from verify.evidence import Proof, decided

Law = Mapping[str, Any]


def stated() -> Law:
    """The law as the theorems take it."""
    return {
        "off-diagonal": DDXI,
        "diagonal": 2 * DDXI,
        "Var r": DXI + DDXI,
        "Cov(u, r)": DXI,
        "Var u": XI,
        "gradient": DXI,
        "gradient with the rest": sp.Integer(0),
    }


@cache
def embedded(p: int, n: int = 3) -> Law:
    """The law of xi = q^p from ambient derivatives of K(x, y) = N (x.y/N)^p at the pole.

    A second derivation: the gradient is the tangential part of the ambient one, the Hessian that of
    the ambient one minus (x . grad H / N) times the identity. No coordinates of the sphere.
    """
    x, y = sp.symbols(f"x:{n}"), sp.symbols(f"y:{n}")
    kernel = n * (sum(a * b for a, b in zip(x, y, strict=True)) / n) ** p
    pole = dict(zip((*x, *y), 2 * (0, 0, sp.sqrt(n)), strict=True))

    def hessian(f: Any, v: Any, i: int, j: int) -> Any:
        radial = sum(a * sp.diff(f, a) for a in v) / n if i == j else 0
        return sp.diff(f, v[i], v[j]) - radial

    def at(f: Any) -> Any:
        return sp.simplify(f.subs(pole))

    second = {(i, j): hessian(kernel, y, i, j) for i in (0, 1) for j in (0, 1)}
    common = at(hessian(second[1, 1], x, 0, 0))
    rest = [sp.diff(kernel, y[0]), sp.diff(kernel, y[1])]
    mixed = [at(rest[0]), at(rest[1]), at(sp.diff(rest[1], x[0]))]
    mixed += [at(hessian(rest[i], x, a, b)) for i in (0, 1) for a, b in ((0, 0), (0, 1), (1, 1))]
    return {
        "off-diagonal": n * at(hessian(second[0, 1], x, 0, 1)),
        "diagonal": n * (at(hessian(second[0, 0], x, 0, 0)) - common),
        "Var r": n * common,
        "Cov(u, r)": -at(second[0, 0]),
        "Var u": at(kernel) / n,
        "gradient": at(sp.diff(rest[0], x[0])),
        "gradient with the rest": sum(value**2 for value in mixed),
    }


def prove(params: Params, law: Callable[[], Law] = stated) -> list[Cell]:
    """Every entry of the law, stated and derived; at a number p, by the second derivation too."""
    graph, p = kac_rice.hessian_law(), params["p"]
    cells = []
    for name, value in law().items():
        derived = {"graph coordinates": graph[name]}
        if p != "any":
            value = kac_rice.pure(value, p)
            derived = {
                "graph coordinates": kac_rice.pure(graph[name], p),
                "ambient derivatives": embedded(p)[name],
            }
        for route, found in derived.items():
            same = sp.simplify(found - value) == 0
            cells.append(decided(params, f"{name}, by {route}", value, found, same))
    return cells


def altered(entry: str, value: Any) -> Callable[[], Law]:
    """The law with another entry."""
    return lambda: {**stated(), entry: value}


CLAIM = Claim(
    id="LAW",
    title="The law of energy, gradient and Hessian follows from the covariance",
    rows=(),
    statement="From Cov(H(s), H(t)) = N xi(s.t/N): at a point of the sphere the gradient has "
    "independent components of variance xi'(1), independent of H and the Hessian; the Hessian is "
    "sqrt(xi'') times a symmetric Gaussian matrix of off-diagonal variance 1/N and diagonal variance "
    "2/N, minus r times the identity, with N Cov(u, r) = [[xi, xi'], [xi', xi' + xi'']].",
    compares={
        "From Cov(H(s), H(t)) = N xi(s.t/N)": "Var u, by graph coordinates",
        "the gradient has independent components of variance xi'(1)": (
            "gradient, by graph coordinates"
        ),
        "independent of H and the Hessian": "gradient with the rest, by graph coordinates",
        "of off-diagonal variance 1/N": "off-diagonal, by graph coordinates",
        "diagonal variance 2/N": "diagonal, by graph coordinates",
        "N Cov(u, r) = [[xi, xi'], [xi', xi' + xi'']]": "Cov(u, r), by graph coordinates",
    },
    source="ABC, Lemma 3.2; Auffinger and Ben Arous 2013, Lemma 1.1",
    assumptions="none; any mixture, and xi = q^p by a second derivation in the ambient space",
    evidence=Proof(tuple({"p": p} for p in ("any", 2, 3, 4, 5)), prove),
    alternatives=refuting(
        prove,
        "law",
        ("half the diagonal variance", "as public packages have it", altered("diagonal", DDXI)),
        ("xi' for xi''", "one derivative short", altered("off-diagonal", DXI)),
        ("Var r = xi''", "the sphere's curvature forgotten", altered("Var r", DDXI)),
        ("Cov(u, r) = -xi'", "a sign", altered("Cov(u, r)", -DXI)),
        (
            "Hessian 2 % larger",
            "near 1",
            altered("off-diagonal", DDXI * sp.Rational(102, 100)),
        ),
    ),
)
