"""DER-X: every step of the derivation beyond the paper, against the code that computes its numbers."""

from __future__ import annotations

from math import erf, exp, pi, sqrt
from typing import Any

import mpmath
import numpy as np
import sympy as sp
from scipy.integrate import quad

from theory import (
    Mixture,
    algorithmic_energy,
    complexity,
    mean_count,
    pair_complexity,
    parse,
    pure,
    second_moment,
    spiked_complexity,
    temperatures,
    threshold,
)
from theory.derivation import beyond
from theory.derivation import equations as derivation
from theory.derivation.beyond import ALPHA, DDXI_Q, DXI_Q, TEMPERATURE, U0, U1, XI_Q, A, M, P, Q
from theory.derivation.kac_rice import DDXI, DXI, N, U, X
from theory.two_points.gaussian_law import Derivative, covariance, given
from verify.alternatives import refuting
from verify.claim import Cell, Claim, Params
from verify.claims.complexity._steps import DIGITS, Steps, altered, near, right
from verify.evidence import Exact

FLOAT = 1e-12  # tolerance of what is float64 on one side
MODELS = ("q^3", "0.5 q^2 + 0.5 q^4", "q^3 + 1.5 q", "q^3 + 5 q")
OVERLAPS = ("1/2", "-1/3", "9/10")
ORDERS = (3, 4, 7)


def slopes(model: Mixture) -> dict[Any, Any]:
    """xi' and xi'' at 1, for their symbols."""
    return {DXI: sp.Rational(model.xi(1, 1)), DDXI: sp.Rational(model.xi(1, 2))}


def of_fields(params: Params, steps: Steps) -> list[Cell]:
    """The exponent of all points and the exact mean number at N = 2, with fields and without."""
    cells = []
    for text in MODELS:
        model, at = parse(text), {**params, "xi": text}
        put = slopes(model)
        steeper = bool(put[DDXI] > put[DXI])
        said = right(steps, "all points").subs(put) if steeper else 0
        curvature = right(steps, "all points", 1).subs(put)
        # Up to any level: the exponent of all points at a level without bound.
        seen = complexity(model, 40.0, digits=30).value
        cells += [
            near(at, "exponent of all points", said, seen, 1e-20),
            near(
                at, "it is largest at r = 0 where xi'' > xi'", sp.sign(curvature), 1 - 2 * steeper
            ),
            near(at, "mean number, N = 2", number(steps, put), count(model), FLOAT * 100),
        ]
    at = {**params, "xi": "xi'' = xi'"}
    number_there = right(steps, "exactly 2N", 1).subs(N, 7)
    return [*cells, near(at, "mean number, N = 7", number_there, 14)]


def number(steps: Steps, put: dict[Any, Any]) -> Any:
    """The mean number at N = 2, with the density of an eigenvalue of GOE(2) in closed form."""
    form = right(steps, "exactly 2N").subs(N, 2).subs(put)
    [integral] = form.atoms(sp.Integral)
    weight = sp.lambdify(X, integral.function.subs(beyond.RHO, 1), "math")

    def density(x: float) -> float:
        """The integral of abs(x - y) exp(-(x^2 + y^2)/2) over y."""
        return exp(-x * x / 2) * (2 * exp(-x * x / 2) + sqrt(2 * pi) * x * erf(x / sqrt(2)))

    whole, part = (
        quad(lambda x, w=w: density(x) * w(x), 0, 20, epsabs=1e-13)[0]
        for w in (lambda _: 1.0, weight)
    )
    return form / integral * (part / whole)


def count(model: Mixture) -> float:
    """The exact mean number of critical points at N = 2."""
    return float(mean_count(model, 2, digits=DIGITS).value)


def of_temperatures(params: Params, steps: Steps) -> list[Cell]:
    """Levels below the states at both transitions; the free energy there against the complexity."""
    cells = []
    for p in ORDERS:
        at, found = {**params, "p": p}, temperatures(pure(p), DIGITS)
        for name, t, q, k in (
            ("static", found.static, found.static_overlap, 0),
            ("dynamic", found.dynamic, found.dynamic_overlap, None),
        ):
            level = -threshold(pure(p), k, DIGITS)
            put = {P: p, Q: sp.Float(q.value, DIGITS)}
            said, seen = right(steps, "ancestors").subs(put), mpmath.mpf(level.value)
            cells.append(near(at, f"level below states, {name}", said, seen))
            put |= {TEMPERATURE: sp.Float(t.value, DIGITS), U: sp.Float(level.value, DIGITS)}
            gained = mpmath.mpf(
                complexity(pure(p), "-E_inf" if k is None else "-E_0", digits=30).value
            )
            temperature = mpmath.mpf(t.value)
            seen = temperature * gained - 1 / (2 * temperature)
            what = f"free energy of states, {name}: T Theta - 1/(2T)"
            cells.append(near(at, what, right(steps, "states").subs(put), seen, 1e-20))
        said, seen = right(steps, "ancestors", 1).subs(P, p), -threshold(pure(p), None, DIGITS)
        cells.append(near(at, "level at q = (p-2)/(p-1)", said, mpmath.mpf(seen.value)))
    return cells


LEVELS = (Derivative(0), Derivative(1))
ALONG = (Derivative(0, "t"), Derivative(1, "t"))
ACROSS = (Derivative(0, "e"), Derivative(1, "e"))


def of_pairs(params: Params, steps: Steps) -> list[Cell]:
    """Covariances by the rule of matchings, exponents of other code, pairs at N = 2 in balls."""
    cells = []
    for p in ORDERS:
        model = pure(p)
        for text in OVERLAPS:
            q = sp.Rational(text)
            at, there = {**params, "p": p, "q": text}, float(q)
            xi = {XI_Q: q**p, DXI_Q: p * q ** (p - 1), DDXI_Q: p * (p - 1) * q ** (p - 2)}
            for index, (one, other) in enumerate(
                ((LEVELS[0], LEVELS[1]), (LEVELS[0], ALONG[1]), ALONG, ACROSS)
            ):
                said = right(steps, "two points", index).subs(xi).subs(Q, q)
                seen = float(covariance(model, there, one, other))
                cells.append(near(at, "covariance at two points", said, seen, FLOAT * p * p))
            matrix = given(model, there, list(LEVELS), list(ALONG))[1]
            for index, seen in ((1, matrix[0, 0]), (2, matrix[0, 1])):
                said = levels(steps, index, p, q)
                cells.append(near(at, "levels, given no slopes", said, float(seen), FLOAT))
            seen = float(pair_complexity(model, -1.65, -1.6, there))
            cells.append(
                near(at, "exponent beside a point", beside(steps, p, q), seen, FLOAT * 100)
            )
        whole = second_moment(model, 2, digits=20).pairs.value
        cells.append(near({**params, "p": p}, "pairs, N = 2", pairs(steps, p), whole, 1e-6))
    return cells


def levels(steps: Steps, index: int, p: int, q: Any) -> Any:
    """alpha, U_11 or U_12 of q^p, at numbers."""
    value = right(steps, "levels of two", index).subs(ALPHA, right(steps, "levels of two"))
    return value.subs({P: p}).subs(Q, q)


def beside(steps: Steps, p: int, q: Any) -> Any:
    """Sigma at two levels."""
    u = sp.Matrix([[sp.Rational("-1.65"), sp.Rational("-1.6")]])
    own, both = (levels(steps, index, p, q) for index in (1, 2))
    form = (u * sp.Matrix([[own, both], [both, own]]).inv() * u.T)[0]
    theta = sp.Float(complexity(pure(p), -1.6, digits=30).value, 30)
    put = {beyond.FORM: form, U0: u[0], U1: u[1]}
    put |= {DXI_Q: p * q ** (p - 1), DXI: p, Q: q}
    named = right(steps, "beside a point").replace(beyond.THETA, lambda _: theta)
    return named.subs(put)


def pairs(steps: Steps, p: int) -> float:
    """The integral at N = 2: there Hessians are numbers, and E|XY| of two of them is known."""
    [integral] = right(steps, "pairs").atoms(sp.Integral)
    outside = right(steps, "pairs") / integral
    volumes = {
        beyond.SPHERES: 4 * sp.pi,
        beyond.GRADIENTS: 1 / (2 * sp.pi),
    }
    named = integral.function.subs(
        {
            N: 2,
            DXI: p,
            beyond.ACROSS: 1,
            beyond.DETERMINANTS: sp.Symbol("d"),
            ALPHA: right(steps, "levels of two").subs(P, p),
        }
    )
    weight = sp.lambdify((Q, sp.Symbol("d")), named, "numpy")
    nodes, weights = np.polynomial.legendre.leggauss(400)
    angle = pi * (nodes + 1) / 2
    q = np.cos(angle)
    # Curvatures less radial derivatives, given no slopes: two Gaussians of one variance.
    wanted = [Derivative(0, "tt"), Derivative(1, "tt"), Derivative(0, "n"), Derivative(1, "n")]
    turn = np.array([[1, 0, -1, 0], [0, 1, 0, -1]])
    law = turn @ given(pure(p), q, wanted, list(ALONG))[1] @ turn.T
    r = np.clip(law[:, 0, 1] / law[:, 0, 0], -1, 1)
    mean = 2 / pi * law[:, 0, 0] * (np.sqrt(1 - r * r) + r * np.arcsin(r))
    found = pi / 2 * float((weights * weight(q, mean) * np.sin(angle)).sum())
    return float(outside.subs(volumes).subs(DXI, p) * found)


def of_layers(params: Params, steps: Steps) -> list[Cell]:
    """Derivatives of sum X v w z as sums of entries: their variances are squares of what X is times."""
    rng = np.random.default_rng(0)
    frames = [np.linalg.qr(rng.standard_normal((4, 4)))[0] for _ in range(3)]
    (v, a), (w, b), (z, _) = (frame.T[:2] for frame in frames)

    def product(*vectors: Any) -> Any:
        return np.einsum("i,j,k->ijk", *vectors)

    level, slope = product(v, w, z), product(a, w, z)
    turned, between = -product(v, w, z), product(a, b, z)  # along a great circle v'' = -v
    seen = [float((one**2).sum()) for one in (slope, turned + level, between)]
    names = ("slope", "entry of a block, and f", "entry between layers")
    return [
        near(params, f"variance, {name}", right(steps, "free layers", i), one, FLOAT)
        for i, (name, one) in enumerate(zip(names, seen, strict=True))
    ]


def of_spikes(params: Params, steps: Steps) -> list[Cell]:
    """S(m, u) of other code."""
    cells = []
    for p in ORDERS:
        for m, u, a in ((0.9, 1.6, 1.5), (0.3, -1.7, 0.7), (-0.5, -1.2, -2.0)):
            theta = float(complexity(pure(p), -abs(u), digits=30).value)
            form = right(steps, "spike").replace(beyond.THETA, lambda _, t=theta: t)
            said = form.subs({P: p}).subs({M: m, U: u, A: a})
            seen = float(spiked_complexity(p, a, m, u))
            cells.append(
                near({**params, "p": p, "m": m}, "exponent by overlap", said, seen, FLOAT * 100)
            )
    return cells


def of_algorithms(params: Params, steps: Steps) -> list[Cell]:
    """E_alg of pure models in balls, and the integral of a mixture's."""
    cells = []
    for p in ORDERS:
        seen = algorithmic_energy(pure(p), 30).value
        said = right(steps, "algorithms", 1).subs(P, p)
        cells.append(near({**params, "xi": f"q^{p}"}, "E_alg", said, seen, 1e-28))
    mixed = "0.5 q^3 + 0.5 q^4"
    curvature = sp.sqrt(3 * Q + 6 * Q**2)
    [integral] = right(steps, "algorithms").atoms(sp.Integral)
    root = integral.replace(beyond.ROOT, curvature)
    said = right(steps, "algorithms").subs(integral, root).evalf(30)
    seen = algorithmic_energy(parse(mixed), 30).value
    return [*cells, near({**params, "xi": mixed}, "E_alg", said, seen, 1e-20)]


PARTS = {
    "field": of_fields,
    "temperatures": of_temperatures,
    "two points": of_pairs,
    "layers": of_layers,
    "spike": of_spikes,
    "algorithms": of_algorithms,
}


def prove(params: Params, steps: Steps = derivation.steps) -> list[Cell]:
    """One part of the steps beyond the paper."""
    with mpmath.workdps(DIGITS):
        return PARTS[params["part"]](params, steps)


def without_reaction(value: Any) -> Any:
    """The free energy's terms that are not over T."""
    return sp.Add(*(term for term in value.args if not sp.fraction(term)[1].has(TEMPERATURE)))


CLAIM = Claim(
    id="DER-X",
    title="Every step of the derivation beyond the paper holds by other code",
    rows=("X1", "X2", "X3", "X4", "X5", "X6", "X7"),
    statement="The equations of the derivation's steps beyond the paper, as printed on its page: with a "
    "field, at temperatures, at two points, where layers share no weights, with a spike, of algorithms. "
    "Each gives the numbers of code that shares no step with it.",
    compares={
        "with a field": "mean number, N = 2",
        "at temperatures": "free energy of states, *",
        "at two points": "pairs, N = 2",
        "where layers share no weights": "variance, *",
        "with a spike": "exponent by overlap",
        "of algorithms": "E_alg",
    },
    source="Fyodorov 2013; Crisanti and Sommers 1995; Subag 2017; Ros, Biroli and Cammarota 2019; Ben Arous, "
    "Mei, Montanari and Nica 2019; Subag 2021",
    assumptions="determinants' means concentrate on the semicircle's log potential; exponents are to "
    "leading order",
    evidence=Exact(tuple({"part": part} for part in PARTS), prove),
    alternatives=refuting(
        prove,
        "steps",
        (
            "the field's exponent twice",
            "log(xi''/xi') without its half",
            altered("all points", lambda v: 2 * v),
        ),
        (
            "N for 2N",
            "a point without its antipode",
            altered("exactly 2N", lambda v: v / 2),
        ),
        (
            "exponent of x^2 twice",
            "N x^2/2 for N x^2/4",
            altered("exactly 2N", lambda v: v.replace(sp.exp, lambda power: sp.exp(2 * power))),
        ),
        (
            "no reaction",
            "energy and entropy alone",
            altered("states", without_reaction),
        ),
        (
            "level 1 % lower",
            "near the transition's",
            altered("ancestors", lambda v: v * sp.Rational(101, 100)),
        ),
        (
            "slopes along t as across",
            "xi'(q) in every direction",
            altered("two points", lambda _: DXI_Q, 2),
        ),
        (
            "plus in U_12",
            "another sign of the second term",
            altered("levels of two", lambda v: 2 * Q**P - v, 2),
        ),
        (
            "room of one dimension more",
            "(1 - q^2)^((N-2)/2)",
            altered("pairs", lambda v: v.subs((N - 3) / 2, (N - 2) / 2)),
        ),
        (
            "levels independent",
            "u_0^2 + u_1^2 for the quadratic form",
            altered("beside a point", lambda v: v.subs(beyond.FORM, U0**2 + U1**2)),
        ),
        (
            "diagonal blocks not zero",
            "a full matrix",
            altered("free layers", lambda v: v + 1, 1),
        ),
        (
            "the spike's slope forgotten",
            "its cost 0",
            altered("spike", lambda v: v.subs(1 - M**2, 1)),
        ),
        (
            "xi'' for its root",
            "the square",
            altered("algorithms", lambda v: v**2, 1),
        ),
    ),
)
