"""The derivation of Theta_{k,p} for a reader: equations in order, each with its sentence and check.

Steps beyond the paper follow it (`theory.derivation.beyond`).

Every right-hand side comes out of `theory.derivation.kac_rice` or `theory.annealed.pure_model`, where
the claims prove it; only names and sentences are written here. xi stays general until the model is
said to be pure.
"""

from __future__ import annotations

from functools import cache
from typing import Any

import sympy as sp

from theory.annealed.pure_model import Branch, rate_at
from theory.derivation import beyond, kac_rice, textbook
from theory.derivation.kac_rice import DDXI, DXI, SYMPY, XI, N, R, T, U, X
from theory.derivation.step import Step, says

PSYMBOL, KSYMBOL = sp.symbols("p k", positive=True)
Q = sp.Symbol("q")
PHI = sp.Symbol("Phi")
NAMES = {DXI: r"\xi'", DDXI: r"\xi''", PHI: r"\Phi(x)"}


def latex(equation: sp.Eq) -> str:
    """An equation as LaTeX, as a textbook prints it, with primes on xi.

    Examples
    --------
    >>> latex(sp.Eq(sp.Symbol("E_inf"), sp.sqrt(DDXI)))
    "E_{inf} = \\\\sqrt{\\\\xi''}"
    """
    return textbook.latex(equation, NAMES)


def _field() -> tuple[Step, ...]:
    s, t = sp.symbols("s_1 s_2"), sp.symbols("t_1 t_2")
    height = [sp.sqrt(1 - v[0] ** 2 - v[1] ** 2) for v in (s, t)]
    overlap = s[0] * t[0] + s[1] * t[1] + height[0] * height[1]
    found, law = kac_rice.field_covariance(), kac_rice.hessian_law()

    def derivative(index: str) -> str:
        return "H" if not index else rf"\partial_{{{index}}} H"

    shown = (",", "1,1", "1,2", "1,", "1,11", ",11", "12,12", "11,11", "11,22")
    pairs = [(derivative(key.split(",")[0]), derivative(key.split(",")[1]), key) for key in shown]
    # same (+ -> -): an order has no sign
    return (
        Step(
            "covariance",
            "The covariance near a point",
            "The Hamiltonian is a centred Gaussian field on the sphere of radius sqrt(N), its "
            "covariance a function xi of the overlap q. Only xi, xi' and xi'' at q = 1 will enter, "
            "written without an argument.",
            (
                says(r"\operatorname{Cov}(H(s), H(t))", N * sp.Function("xi")(Q)),
                says(
                    r"\xi(q)",
                    XI + DXI * (Q - 1) + DDXI * (Q - 1) ** 2 / 2 + sp.Order((Q - 1) ** 3, (Q, 1)),
                ),
            ),
            "real random Hamiltonians have this covariance",
            ("HAM",),
        ),
        Step(
            "chart",
            "Coordinates around a point",
            "Near the north pole points are sqrt(N) (s_1, s_2, ..., sqrt(1 - s_1^2 - s_2^2 - ...)). "
            "At the pole covariant derivatives equal plain ones in these coordinates, and two tangent "
            "directions show every pattern of indices.",
            (says("q", overlap),),
            "a second derivation in the ambient space uses no chart",
            ("LAW",),
        ),
        Step(
            "derivatives",
            "Covariances of the derivatives",
            "Derivatives of a Gaussian field are jointly Gaussian, and their covariances are "
            "derivatives of the covariance; by arc length each carries a factor N^(-1/2).",
            tuple(
                says(rf"\operatorname{{E}}[{left}\;{right}]", found[key])
                for left, right, key in pairs
            ),
            "ambient derivatives of (s.t/N)^p at p = 2 to 5",
            ("LAW",),
        ),
        Step(
            "law",
            "The Hessian is a shifted GOE matrix",
            "Read off: the gradient is independent of all else. What two diagonal entries of the "
            "Hessian share is -r, with r the radial derivative over N; what is left has the pattern of "
            "the Gaussian orthogonal ensemble, diagonal variance twice the off-diagonal one.",
            (
                says(r"\operatorname{Var}(\partial_i H)", law["gradient"]),
                says(r"N \operatorname{Var}(\partial_{ij} H)", law["off-diagonal"]),
                says(r"N \operatorname{Var}(\partial_{ii} H + r)", law["diagonal"]),
                says(r"N \operatorname{Var} u", law["Var u"]),
                says(r"N \operatorname{Cov}(u, r)", law["Cov(u, r)"]),
                says(r"N \operatorname{Var} r", law["Var r"]),
                says(
                    r"\nabla^2 H",
                    sp.sqrt(law["off-diagonal"]) * sp.Symbol("G") - R * sp.Symbol("I_{N-1}"),
                ),
            ),
            "derived twice, and sampled on real Hamiltonians",
            ("LAW", "HAM"),
        ),
    )


def _kac_rice() -> tuple[Step, ...]:
    volume = sp.Symbol(r"\operatorname{vol} S^{N-1}(\sqrt{N})")
    density = sp.Symbol(r"{(2 \pi \xi')^{-(N-1)/2}}")
    determinant = sp.Symbol(r"\operatorname{E}|\det(\sqrt{\xi''}\, G - r I_{N-1})|")
    inside = sp.Symbol(r"{1_{u \in B}}")
    cost = sp.Symbol("c")
    potential = sp.Symbol(r"\Phi(r / \sqrt{\xi''})")
    t_of_x = sp.acosh(X / 2)
    return (
        Step(
            "kac-rice",
            "Kac-Rice: the mean number as an integral",
            "The mean number of critical points with u in B is an integral over the sphere, where every "
            "point is like every other: its volume, the density of the gradient at 0, and the mean "
            "modulus of the Hessian's determinant over the joint density f of (u, r).",
            (
                says(
                    r"\operatorname{E} \operatorname{Crt}_N(B)",
                    volume
                    * density
                    * sp.Integral(
                        determinant * inside * sp.Function("f")(U, R),
                        (R, -sp.oo, sp.oo),
                        (U, -sp.oo, sp.oo),
                    ),
                ),
            ),
            "Monte Carlo of this integral gives the exact counts",
            ("KR", "T3-S"),
        ),
        Step(
            "geometry",
            "Volume and density as exponents",
            "Volume and density on the exponential scale, by Stirling's formula.",
            (
                says(
                    r"\lim \frac{1}{N} \log [\operatorname{vol} S^{N-1}(\sqrt{N})\; "
                    r"(2 \pi \xi')^{-(N-1)/2}]",
                    kac_rice.geometry(),
                ),
            ),
            "log Gamma at N = 10^8",
            ("DER",),
        ),
        Step(
            "potential",
            "The determinant as the semicircle's potential",
            "The determinant concentrates: its logarithm over N is (1/2) log xi'' plus the logarithmic "
            "potential Phi of the semicircle on [-2, 2] at x = r/sqrt(xi''). Inside, its derivative is "
            "x/2; outside, at abs(x) = 2 cosh t, it is exp(-t).",
            (
                says(r"\Phi(x)", kac_rice.log_potential_inside(X)),
                says(r"\Phi(2 \cosh t)", kac_rice.log_potential_outside()),
                says(r"\Phi(x), \; x > 2", kac_rice.log_potential_outside().subs(T, t_of_x)),
            ),
            "quadrature of the semicircle",
            ("DER", "T3"),
        ),
        Step(
            "cost",
            "What energy and radial derivative cost",
            "The Gaussian cost of (u, r), half the quadratic form of the inverse of their covariance.",
            (says("c(u, r)", _tidy(kac_rice.gaussian_cost(U, R))),),
            "the inverse in numbers",
            ("DER",),
        ),
        Step(
            "exponent",
            "The exponent of critical points",
            "Together: the exponent of the density of critical points at energy u and radial "
            "derivative r, for any mixture.",
            (says(r"\Sigma(u, r)", kac_rice.exponent(potential, cost)),),
            "its parts, above; for pure models exact counts to N = 5000",
            ("DER", "T3-N"),
        ),
        Step(
            "index",
            "Each negative eigenvalue costs J",
            "Each eigenvalue beyond the edge of the semicircle costs J at speed N (Ben Arous, Dembo, "
            "Guionnet). At index k the Hessian has k eigenvalues below 0, so r < -2 sqrt(xi'') and "
            "Sigma_k = Sigma - k J at abs(x) = 2 cosh t; more of the spectrum below 0 costs N^2.",
            (
                says(r"J(2 \cosh t)", kac_rice.index_cost()),
                says(
                    r"\Sigma_k(u, r)",
                    sp.Symbol(r"\Sigma(u, r)") - KSYMBOL * sp.Symbol(r"J(|r| / \sqrt{\xi''})"),
                ),
            ),
            "quadrature of its definition, the integral of sqrt(z^2 - 4)/2 from 2",
            ("DER", "T5"),
        ),
    )


@cache
def all_levels() -> tuple[sp.Expr, sp.Expr]:
    """(u*, exponent) of a fixed index over all levels: the edge of the spectrum at 0, the best u there.

    Examples
    --------
    >>> sp.simplify(kac_rice.pure(all_levels()[1], 3) - (sp.log(2) / 2 - sp.Rational(1, 3)))
    0
    """
    edge = -2 * sp.sqrt(DDXI)
    cost = kac_rice.gaussian_cost(U, R)
    [best] = sp.solve(sp.Eq(sp.diff(cost, U), 0), U)
    least = sp.simplify(cost.subs(U, best))
    value = kac_rice.exponent(kac_rice.log_potential_outside().subs(T, 0), least.subs(R, edge))
    terms = sp.Add.make_args(sp.expand(sp.expand_log(value, force=True)))
    logs = sp.Add(*(term for term in terms if term.has(sp.log)))
    rest = sp.factor(sp.Add(*(term for term in terms if not term.has(sp.log))))
    return sp.simplify(best.subs(R, edge)), logs + rest


def _tidy(expression: Any) -> sp.Expr:
    """One fraction, numerator and denominator expanded."""
    top, bottom = sp.fraction(sp.together(expression))
    return sp.expand(top) / sp.expand(bottom)


def _branch(branch: Branch, k: Any) -> tuple[Any, Any]:
    """The derived exponent and the closed form of `theory.annealed.pure_model`."""
    level = {"outside": T, "bulk": U}.get(branch)
    return (
        kac_rice.theta_derived(PSYMBOL, level, k, branch),
        kac_rice.closed_form(PSYMBOL, level, k, branch),
    )


def _both(name: str, branch: Branch, k: Any) -> tuple[sp.Eq, ...]:
    derived, closed = _branch(branch, k)
    return says(name, derived), says(name, closed)


def _pure() -> tuple[Step, ...]:
    law = kac_rice.hessian_law()
    spread = law["Var r"] - 2 * PSYMBOL * law["Cov(u, r)"] + PSYMBOL**2 * law["Var u"]
    best, value = all_levels()
    root = sp.sqrt(U**2 - sp.Symbol("E_{\\infty}") ** 2)
    barrier = sp.Symbol("E_{\\infty}")
    in_u = rate_at(sp.Symbol("t"), SYMPY)
    return (
        Step(
            "all levels",
            "The best level of a fixed index",
            "A mixture over all levels: Sigma_k is largest where the edge touches 0, r = -2 sqrt(xi''), "
            "and at the u that costs least there, the same for every k.",
            (says("u^*", best), says(r"\sup_u \Sigma_k", value)),
            "the plateau of the pure model",
            ("DER", "E1"),
        ),
        Step(
            "pure",
            "One order: the radial derivative is p u",
            "For xi(q) = q^p: xi = 1, xi' = p, xi'' = p (p-1). H is homogeneous, so r = p u without "
            "spread, and the cost of (u, r) is that of u.",
            (
                says(r"N \operatorname{Var}(r - p u)", sp.expand(kac_rice.pure(spread, PSYMBOL))),
                says("c(u)", U**2 / 2),
            ),
            "r = p u on real Hamiltonians of one order",
            ("LAW", "HAM"),
        ),
        Step(
            "barrier",
            "Where the spectrum touches zero",
            "The edge of the Hessian's spectrum, -p u - 2 sqrt(xi''), is 0 at u = -E_inf.",
            (says(r"E_{\infty}", kac_rice.e_inf_derived(PSYMBOL)),),
            "certified enclosures",
            ("T1",),
        ),
        Step(
            "bulk",
            "The total between barrier and zero",
            "Total complexity, -E_inf <= u <= 0, where x = p u/sqrt(p (p-1)) lies inside: as derived, "
            "and in closed form. The exponent grows up to u = 0, so up to u its value at u counts.",
            _both(r"\Theta_p(u)", "bulk", None),
            "the two differ by 0; quadrature; exact counts",
            ("T3", "T3-N"),
        ),
        Step(
            "positive",
            "The total at positive energy",
            "Total complexity at u >= 0: its value at 0.",
            _both(r"\Theta_p(u \geq 0)", "positive", None),
            "the two differ by 0",
            ("T3",),
        ),
        Step(
            "outside",
            "Below the barrier, by index",
            "Below the barrier, u = -E_inf cosh t, index k (k = 0 is the total there): the potential "
            "outside, less k J; as derived, and in closed form.",
            _both(r"\Theta_{k,p}(-E_{\infty} \cosh t)", "outside", KSYMBOL),
            "the two differ by 0; quadrature",
            ("T3", "T4"),
        ),
        Step(
            "rate",
            "The rate in the energy",
            "The rate I of the closed form, in t and in u.",
            (
                says(r"I(-E_{\infty} \cosh t)", in_u),
                says("I(u)", -U * root / barrier**2 - sp.log((-U + root) / barrier)),
            ),
            "the two agree, and with the paper's integral",
            ("DER", "T5"),
        ),
        Step(
            "plateau",
            "Above the barrier a fixed index gains nothing",
            "Index k at u >= -E_inf: its value at the barrier, the same for every k. The paper prints "
            "another constant (erratum E1).",
            _both(r"\Theta_{k,p}(u \geq -E_{\infty})", "plateau", KSYMBOL),
            "the two differ by 0; continuity; at most the total",
            ("T4", "E1"),
        ),
    )


@cache
def steps() -> tuple[Step, ...]:
    """The whole derivation, in order.

    Examples
    --------
    >>> [step.name for step in steps()][:4], len(steps())
    (['covariance', 'chart', 'derivatives', 'law'], 29)
    """
    return (*_field(), *_kac_rice(), *_pure(), *beyond.steps())
