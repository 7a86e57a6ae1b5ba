"""DER: every step of the derivation page, by a route of its own."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache, partial
from typing import Any

import mpmath
import sympy as sp

from theory.derivation import equations as derivation
from theory.derivation import kac_rice
from theory.derivation.equations import KSYMBOL, PSYMBOL, Step
from theory.derivation.kac_rice import DDXI, DXI, XI, N, R, T, U, X
from verify.claim import Alternative, Cell, Claim, Params
from verify.evidence import Proof

Steps = Callable[[], tuple[Step, ...]]
# xi, xi', xi'' at 1: q^3; (q^2 + q^4)/2; 2 q^2 + q^3/2 + q^5 (not normalised).
MODELS = ((1, 3, 6), (1, 3, 7), (sp.Rational(7, 2), sp.Rational(21, 2), 27))
POINTS = ((-1.6, -5.0), (-0.7, 1.2), (0.3, 6.5))
LARGE = 10**8
DIGITS = 40


def right(steps: Steps, name: str, index: int = 0) -> Any:
    """The right-hand side of an equation of a step."""
    return next(step for step in steps() if step.name == name).equations[index].rhs


def _exact(params: Params, what: str, difference: Any) -> Cell:
    reduced = sp.simplify(
        sp.expand(sp.expand_log(sp.sympify(difference).rewrite(sp.exp), force=True))
    )
    return Cell(params, what, "0", str(reduced)[:40], holds=reduced == 0)


def _near(params: Params, what: str, said: Any, seen: Any, within: float = 1e-25) -> Cell:
    said, seen = mpmath.mpmathify(sp.N(said, DIGITS)), mpmath.mpmathify(seen)
    holds = bool(abs(said - seen) < within)
    return Cell(params, what, mpmath.nstr(said, 15), mpmath.nstr(seen, 15), holds=holds)


def potential(x: Any) -> Any:
    """The semicircle's logarithmic potential by quadrature over its angle."""
    inside = mpmath.acos(x / 2) if abs(x) < 2 else mpmath.mpf(0)

    def at(a: Any) -> Any:
        return 2 / mpmath.pi * mpmath.sin(a) ** 2 * mpmath.log(abs(x - 2 * mpmath.cos(a)))

    return mpmath.quad(at, [0, inside, mpmath.pi] if inside else [0, mpmath.pi])


def cost(values: Any, u: Any, r: Any) -> Any:
    """Half the quadratic form of (u, r), solved for in numbers."""
    one, two, three = (mpmath.mpmathify(v) for v in values)
    solved = mpmath.lu_solve(mpmath.matrix([[one, two], [two, two + three]]), mpmath.matrix([u, r]))
    return (u * solved[0] + r * solved[1]) / 2


def geometry(slope: Any) -> Any:
    """(1/N) log of volume and density at N = 10^8, from log Gamma; log N / N from its limit."""
    n = mpmath.mpf(LARGE)
    volume = mpmath.log(2) + n / 2 * mpmath.log(mpmath.pi) - mpmath.loggamma(n / 2)
    volume += (n - 1) / 2 * mpmath.log(n)
    return (volume - (n - 1) / 2 * mpmath.log(2 * mpmath.pi * slope)) / n


def field(params: Params, steps: Steps) -> list[Cell]:
    """Covariance, chart, derivatives and law, for q^p and for explicit points."""
    cells = []
    q = derivation.Q
    expansion = right(steps, "covariance", 1).removeO()
    exact = right(steps, "covariance") / N
    for p in (2, 3, 5):
        at = {**params, "p": p}
        own = kac_rice.pure(expansion, p)
        for order in range(3):
            cells.append(
                _exact(
                    at,
                    f"derivative {order} of xi at 1",
                    sp.diff(own - exact.subs(sp.Function("xi")(q), q**p), q, order).subs(q, 1),
                )
            )
    rest = right(steps, "covariance", 1).getO()
    known = rest == sp.Order((q - 1) ** 3, (q, 1))
    cells.append(Cell(params, "what is left out of xi", "O((q-1)^3)", str(rest), holds=known))
    at = {"s_1": "3/5", "s_2": "1/7", "t_1": "-2/7", "t_2": "1/3"}
    values = {name: sp.Rational(value) for name, value in at.items()}
    s = [values["s_1"], values["s_2"], sp.sqrt(1 - values["s_1"] ** 2 - values["s_2"] ** 2)]
    t = [values["t_1"], values["t_2"], sp.sqrt(1 - values["t_1"] ** 2 - values["t_2"] ** 2)]
    dot = sum(a * b for a, b in zip(s, t, strict=True))
    cells.append(
        _exact({**params, **at}, "s.t/N in the chart", right(steps, "chart").subs(values) - dot)
    )
    # Along a great circle by arc length H has covariance N xi(cos(a - b)), and across two: products.
    a, b = sp.symbols("a b")
    xi = sum(c * (sp.Symbol("q") - 1) ** i / sp.factorial(i) for i, c in enumerate((XI, DXI, DDXI)))

    def along(i: int, j: int) -> Any:
        value = sp.diff(N * xi.subs(sp.Symbol("q"), sp.cos(a - b)), a, i, b, j)
        return sp.simplify(value.subs({a: 0, b: 0})) / sp.sqrt(N) ** (i + j)

    pattern = {0: (0, 0), 1: (1, 1), 3: (1, 0), 4: (1, 2), 5: (0, 2), 7: (2, 2)}
    equations = next(x for x in steps() if x.name == "derivatives").equations
    for index, orders in pattern.items():
        names = ("H" if not i else rf"\partial_{{{'1' * i}}} H" for i in orders)
        name = r"{\operatorname{E}[" + r"\;".join(names) + "]}"
        at = {**params, "pair": str(orders)}
        difference = right(steps, "derivatives", index) - along(*orders)
        cells += [
            _exact(at, "covariance of derivatives along a great circle", difference),
            Cell(
                at,
                "its name",
                name,
                str(equations[index].lhs),
                holds=str(equations[index].lhs) == name,
            ),
        ]
    # Isotropy: d_11 + d_22 +- 2 d_12 is 2 d_vv along a diagonal v.
    same, mixed, twice = (right(steps, "derivatives", i) for i in (7, 6, 8))
    cells += [
        _exact(params, "E[d_1 H d_2 H]", right(steps, "derivatives", 2)),
        _exact(
            params,
            "isotropy: E[d_11 d_11] = E[d_11 d_22] + 2 E[d_12 d_12]",
            same - twice - 2 * mixed,
        ),
        # d_11 - d_22 has variance 2 (same - twice); Bochner: xi'' carries both.
        _exact(params, "off-diagonal variance", right(steps, "law", 1) - N * mixed),
        _exact(
            params,
            "diagonal variance less what is shared",
            right(steps, "law", 2) - N * (same - twice),
        ),
        _exact(params, "gradient", right(steps, "law") - right(steps, "derivatives", 1)),
        _exact(params, "Var u", right(steps, "law", 3) - right(steps, "derivatives", 0) / N),
        _exact(params, "Cov(u, r)", right(steps, "law", 4) + right(steps, "derivatives", 5)),
        _exact(params, "Var r", right(steps, "law", 5) - N * twice),
        _exact(
            params,
            "scale of the Hessian",
            right(steps, "law", 6).coeff(sp.Symbol("G")) ** 2 - right(steps, "law", 1),
        ),
        # u knows of the Hessian through r alone.
        _exact(
            params,
            "the Hessian's covariance with u",
            right(steps, "law", 6).coeff(sp.Symbol("I_{N-1}")).diff(R) * right(steps, "law", 4)
            - right(steps, "derivatives", 5),
        ),
    ]
    return cells


def numbers(params: Params, steps: Steps) -> list[Cell]:
    """Geometry, cost, potential, exponent and index by quadrature and linear algebra, for mixtures."""
    formula = right(steps, "kac-rice")
    [integral] = formula.atoms(sp.Integral)
    density = sp.exp(-(U**2 + R**2) / 2) / (2 * sp.pi)
    # Over the whole plane, without determinant and indicator, a density gives 1.
    plain = integral.replace(sp.Function("f"), lambda *_: density)
    mass = plain.subs(dict.fromkeys(plain.free_symbols - {U, R}, 1)).doit()
    cells = [_exact(params, "a density integrates to 1", mass - 1)]
    with mpmath.workdps(DIGITS):
        for x in (-1.5, 0.4, 1.9):
            cells.append(
                _near(
                    {**params, "x": x},
                    "potential inside",
                    right(steps, "potential").subs(X, sp.Rational(str(x))),
                    potential(mpmath.mpf(str(x))),
                )
            )
        for t in ("1/20", "1", "2"):
            at = {**params, "t": t}
            place = 2 * mpmath.cosh(mpmath.mpf(sp.Rational(t).p) / sp.Rational(t).q)
            seen = potential(place)
            exact_place = 2 * sp.cosh(sp.Rational(t))
            cells += [
                _near(
                    at,
                    "potential outside, in t",
                    right(steps, "potential", 1).subs(T, sp.Rational(t)),
                    seen,
                ),
                _near(
                    at,
                    "potential outside, in x",
                    right(steps, "potential", 2).subs(X, exact_place),
                    seen,
                ),
                _near(
                    at,
                    "cost J",
                    right(steps, "index").subs(T, sp.Rational(t)),
                    mpmath.quad(lambda z: mpmath.sqrt(z * z - 4) / 2, [2, place]),
                ),
            ]
        for values in MODELS:
            put = dict(zip((XI, DXI, DDXI), values, strict=True))
            at = {**params, "xi, xi', xi''": ", ".join(map(str, values))}
            ground = geometry(mpmath.mpmathify(values[1]))
            cells.append(_near(at, "geometry", right(steps, "geometry").subs(put), ground, 1e-6))
            if values[0] * (values[1] + values[2]) == values[1] ** 2:
                continue  # a pure model: (u, r) has no density
            for u, r in POINTS:
                here = {U: sp.Rational(str(u)), R: sp.Rational(str(r))}
                mp_u, mp_r = mpmath.mpf(str(u)), mpmath.mpf(str(r))
                price = cost(values, mp_u, mp_r)
                cells.append(
                    _near(
                        {**at, "u": u, "r": r},
                        "cost of (u, r)",
                        right(steps, "cost").subs(put).subs(here),
                        price,
                    )
                )
                root = mpmath.sqrt(mpmath.mpmathify(values[2]))
                level = ground + mpmath.log(root) + potential(mp_r / root) - price
                said = right(steps, "exponent").subs(sp.Symbol("c"), right(steps, "cost"))
                phi = sp.Symbol(r"\Phi(r / \sqrt{\xi''})")
                x = sp.Rational(str(abs(r))) / sp.sqrt(values[2])
                form = right(steps, "potential", 2 if x > 2 else 0).subs(X, x)
                cells.append(
                    _near(
                        {**at, "u": u, "r": r},
                        "exponent Sigma",
                        said.subs(phi, form).subs(put).subs(here),
                        level,
                        1e-6,
                    )
                )
            best, top = (right(steps, "all levels", i).subs(put) for i in (0, 1))
            root = mpmath.sqrt(mpmath.mpmathify(values[2]))
            edge = -2 * root

            def at_edge(u: Any, values: Any = values, edge: Any = edge, root: Any = root) -> Any:
                half = mpmath.mpf(1) / 2
                scale = half - mpmath.log(mpmath.mpmathify(values[1])) / 2 + mpmath.log(root)
                return scale + half - cost(values, u, edge)

            found = mpmath.findroot(lambda u: mpmath.diff(at_edge, u), -1)
            cells += [
                _near(at, "best u at the edge", best, found, 1e-15),
                _near(at, "exponent there", top, at_edge(found), 1e-15),
            ]
    return cells


def pure_model(params: Params, steps: Steps) -> list[Cell]:
    """The closed forms against the derived ones and quadrature; the rate against the paper's integral."""
    cells = [
        _exact(params, "Var(r - p u)", right(steps, "pure")),
        _exact(params, "cost of u", right(steps, "pure", 1) - U**2 / 2),
    ]
    for name in ("bulk", "positive", "outside", "plateau"):
        derived, closed = right(steps, name), right(steps, name, 1)
        cells.append(_exact(params, f"{name}: derived - closed form", derived - closed))
    with mpmath.workdps(DIGITS):
        for p, k in ((3, 0), (3, 2), (7, 1)):
            put = {PSYMBOL: p, KSYMBOL: k}
            edge = sp.sqrt(4 * sp.Integer(p - 1) / p)
            at = {**params, "p": p, "k": k}
            cells.append(_exact(at, "E_inf", right(steps, "barrier").subs(put) - edge))
            t = sp.Rational(3, 10)
            low = mpmath.mpmathify(sp.N(-edge * sp.cosh(t), DIGITS))
            for name, here, level, index in (
                ("bulk", {U: sp.Rational(-4, 5)}, mpmath.mpf("-0.8"), None),
                ("positive", {}, mpmath.mpf("0.5"), None),
                ("outside", {T: t}, low, k),
                ("plateau", {}, mpmath.mpf("-0.1"), k),
            ):
                seen = kac_rice.theta_quadrature(p, level, index, DIGITS)
                cells.append(
                    _near(
                        at,
                        f"{name}, by quadrature",
                        right(steps, name, 1).subs(put).subs(here),
                        seen,
                    )
                )
            of_index = right(steps, "index", 1).subs(
                {
                    sp.Symbol(r"\Sigma(u, r)"): kac_rice.theta_quadrature(p, low, None, DIGITS),
                    sp.Symbol(r"J(|r| / \sqrt{\xi''})"): right(steps, "index").subs(T, t),
                    KSYMBOL: k,
                }
            )
            seen = kac_rice.theta_quadrature(p, low, k, DIGITS)
            cells.append(_near(at, "Sigma_k from Sigma and J", of_index, seen))
            barrier = sp.Symbol("E_{\\infty}")
            mp_edge = mpmath.mpmathify(sp.N(edge, DIGITS))
            printed = (
                2
                / mp_edge**2
                * mpmath.quad(lambda z, e=mp_edge: mpmath.sqrt(z * z - e * e), [mp_edge, -low])
            )
            in_u = right(steps, "rate", 1).subs({barrier: edge, U: -edge * sp.cosh(t)})
            cells += [
                _near(at, "rate I in u", in_u, printed),
                _near(at, "rate I in t", right(steps, "rate").subs(sp.Symbol("t"), t), printed),
            ]
    return cells


def prove(params: Params, steps: Steps = derivation.steps) -> list[Cell]:
    """One part of the derivation."""
    return {"field": field, "numbers": numbers, "pure": pure_model}[params["part"]](params, steps)


def altered(name: str, index: int, change: Callable[[Any], Any]) -> Steps:
    """The steps with one right-hand side changed."""

    @cache
    def steps() -> tuple[Step, ...]:
        found = []
        for step in derivation.steps():
            equations = list(step.equations)
            if step.name == name:
                old = equations[index]
                equations[index] = sp.Eq(old.lhs, change(old.rhs), evaluate=False)
            found.append(Step(step.name, step.sentence, tuple(equations), step.check, step.claims))
        return tuple(found)

    return steps


def wrong(name: str, why: str, step: str, index: int, change: Callable[[Any], Any]) -> Alternative:
    """A step that must be refuted."""
    return Alternative(name, why, {"prove": partial(prove, steps=altered(step, index, change))})


CLAIM = Claim(
    id="DER",
    title="Every step of the derivation page holds by a second route",
    rows=("T3", "T4"),
    statement="The equations of the derivation, as printed on its page, from the covariance to "
    "Theta_{k,p}: each equals what quadrature, linear algebra, log Gamma at N = 10^8 or "
    "derivatives along great circles give.",
    source="CHMBL Thm 4.1; ABC Sec. 3; Auffinger and Ben Arous 2013, Sec. 3",
    assumptions="the determinant's mean concentrates on the semicircle's log potential; general "
    "xi up to the step that says pure",
    evidence=Proof(tuple({"part": part} for part in ("field", "numbers", "pure")), prove),
    alternatives=(
        wrong("half the diagonal variance", "not the GOE's pattern", "law", 2, lambda v: v / 2),
        wrong("gradient of variance xi''", "one derivative more", "law", 0, lambda v: DDXI),
        wrong(
            "no half in the geometry",
            "Stirling's N/2 lost",
            "geometry",
            0,
            lambda v: v - sp.Rational(1, 2),
        ),
        wrong("cost without its half", "a factor 2", "cost", 0, lambda v: 2 * v),
        wrong(
            "potential -1/2 lost",
            "the edge's constant",
            "potential",
            0,
            lambda v: v + sp.Rational(1, 2),
        ),
        wrong(
            "potential's rate exp(-t)",
            "exp(-2t)/2 for its integral",
            "potential",
            1,
            lambda v: T + sp.exp(-T) / 2,
        ),
        wrong("J 1 % larger", "near 1", "index", 0, lambda v: v * sp.Rational(101, 100)),
        wrong(
            "log xi'' once, not half",
            "the scale's power",
            "exponent",
            0,
            lambda v: v + sp.log(DDXI) / 2,
        ),
        wrong(
            "plateau as printed",
            "erratum E1",
            "plateau",
            1,
            lambda v: sp.log(PSYMBOL - 1) / 2 - (PSYMBOL - 2) / (4 * (PSYMBOL - 1)),
        ),
        wrong(
            "u* of the other sign",
            "r and u are correlated positively",
            "all levels",
            0,
            lambda v: -v,
        ),
    ),
)
