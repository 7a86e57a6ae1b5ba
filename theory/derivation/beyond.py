"""Steps beyond the paper, in SymPy: a field, temperatures, two points, free layers, a spike, algorithms.

Each begins from the covariance again. The code that computes these numbers is other code: claims compare
the two.
"""

from __future__ import annotations

from functools import cache

import sympy as sp

from theory.derivation import kac_rice
from theory.derivation.kac_rice import DDXI, DXI, SYMPY, N, R, U, X
from theory.derivation.layers import tensor_law
from theory.derivation.step import Step, says
from theory.equilibrium import tap

P, Q, A, M, TEMPERATURE = sp.symbols("p q a m T", positive=True)
U0, U1 = sp.symbols("u_0 u_1", real=True)
ALPHA = sp.Symbol(r"\alpha", real=True)
XI_Q, DXI_Q, DDXI_Q = sp.symbols(r"\xi(q) \xi'(q) \xi''(q)", positive=True)
THETA = sp.Function("Theta_p")
# What stands in an equation by its name alone.
RHO = sp.Symbol(r"{\rho(x)}")
SPHERES = sp.Symbol(r"|S^{N-1}| |S^{N-2}|")
GRADIENTS = sp.Symbol(r"{(2 \pi)^{-(N-1)}}")
ACROSS = sp.Symbol(r"({\xi'}^2 - \xi'(q)^2)^{-(N-2)/2}")
DETERMINANTS = sp.Symbol(r"\operatorname{E}|\det H_1 \det H_2|")
FORM = sp.Symbol(r"(u_0, u_1) U^{-1} (u_0, u_1)^{T}")
ROOT = sp.Symbol(r"\sqrt{\xi''(q)}")
_HALF = sp.Rational(1, 2)


@cache
def two_points() -> dict[str, sp.Expr]:
    """Covariances of f = H/sqrt N and its derivatives at two points of the unit sphere, of overlap q.

    At either point t is the direction in the plane of both, away from the other at the first and towards
    its image at the second, e one across it. Points near them are reached along great circles.

    Returns
    -------
    dict
        Keys such as "t,t": what is derived at the first point, then at the second.

    Examples
    --------
    >>> two_points()["e,e"], sp.expand(two_points()["t,t"])
    (\\xi'(q), \\xi''(q)*q**2 - \\xi''(q) + \\xi'(q)*q)
    """
    a, b, c, d = sp.symbols("a b c d")
    s = sp.sqrt(1 - Q**2)
    # Along t by an angle, then across by another.
    first = (sp.cos(a) * sp.cos(c), sp.sin(a) * sp.cos(c), sp.sin(c))
    second = (
        (Q * sp.cos(b) - s * sp.sin(b)) * sp.cos(d),
        (s * sp.cos(b) + Q * sp.sin(b)) * sp.cos(d),
        sp.sin(d),
    )
    moved = sum(x * y for x, y in zip(first, second, strict=True)) - Q
    # xi about q to second order: each derivative along a new direction takes one order at most.
    xi = XI_Q + DXI_Q * moved + DDXI_Q * moved**2 / 2
    at_first = {"": (a, 0), "t": (a, 1), "e": (c, 1)}  # an angle, and how often it is derived by
    at_second = {"": (b, 0), "t": (b, 1), "e": (d, 1)}
    found = {}
    for left, x in at_first.items():
        for right, y in at_second.items():
            value = sp.diff(xi, x, y)
            found[f"{left},{right}"] = sp.simplify(value.subs(dict.fromkeys((a, b, c, d), 0)))
    return found


@cache
def levels_of_two() -> tuple[sp.Expr, sp.Expr]:
    """Variance of a level and covariance of both, for q^p, given no slope along the plane of both points.

    By alpha, the covariance of these slopes.

    Examples
    --------
    >>> at = {P: 3, Q: sp.Rational(1, 2)}
    >>> [one.subs(ALPHA, slopes_of_two()).subs(at) for one in levels_of_two()]
    [10/13, 7/26]
    """
    # At one point levels and slopes are independent, a level has variance 1 and a slope p.
    cross = sp.Matrix([[0, _pure(",t")], [_pure("t,"), 0]])
    slopes = sp.Matrix([[P, ALPHA], [ALPHA, P]])
    taken = (cross * slopes.inv() * cross.T).applyfunc(sp.powsimp)
    return 1 - taken[0, 0], _pure(",") - taken[0, 1]


def slopes_of_two() -> sp.Expr:
    """alpha for q^p: the covariance of the slopes along the plane of both points."""
    return _pure("t,t")


def _pure(key: str) -> sp.Expr:
    at = {XI_Q: Q**P, DXI_Q: P * Q ** (P - 1), DDXI_Q: P * (P - 1) * Q ** (P - 2)}
    return sp.powsimp(two_points()[key].subs(at))


@cache
def total_exponent() -> tuple[sp.Expr, sp.Expr]:
    """Exponent of all points over all levels where it is stationary in r, at 0, and its curvature there.

    Examples
    --------
    >>> sp.expand_log(total_exponent()[0] - sp.log(DDXI / DXI) / 2, force=True)
    0
    """
    cost = kac_rice.gaussian_cost(U, R)
    [best] = sp.solve(sp.diff(cost, U), U)
    potential = kac_rice.log_potential_inside(R / sp.sqrt(DDXI))
    value = kac_rice.exponent(potential, sp.simplify(cost.subs(U, best)))
    return sp.expand(value.subs(R, 0)), sp.factor(sp.diff(value, R, 2))


@cache
def exact_total() -> tuple[sp.Expr, sp.Expr]:
    """The factor before the integral of the mean number of points, and the exponent inside over N x^2.

    With x = r/sqrt(xi''), E|det(G - x)| is, by the density rho_N of an eigenvalue of GOE(N), a number times
    rho_N(x) exp(N x^2/4). That number is the same for every model: for q^2 the points are 2N eigenvectors.

    Examples
    --------
    >>> [sp.simplify(one.subs(DXI, DDXI)) for one in exact_total()]
    [2*N, 0]
    """
    law = kac_rice.hessian_law()
    weight = sp.Rational(1, 4) - DDXI / (2 * law["Var r"])
    factor = (DDXI / DXI) ** ((N - 1) / 2) * sp.sqrt(DDXI / law["Var r"])
    return 2 * N * factor / factor.subs({DXI: 2, DDXI: 2}), sp.factor(weight)


def _fields() -> tuple[Step, ...]:
    value, curvature = total_exponent()
    factor, weight = exact_total()
    inside = RHO * sp.exp(N * weight * X**2)
    return (
        Step(
            "all points",
            "With a field: the exponent of all points",
            "A random field with components of variance h^2 adds h^2 q to xi: xi' grows by h^2, and xi'' "
            "stays. Over all levels the exponent is stationary at r = 0, and largest there where "
            "xi'' > xi'; in a stronger field it is 0.",
            (
                says(r"\lim \frac{1}{N} \log \operatorname{E} \operatorname{Crt}_N", value),
                says(r"\partial_r^2 \sup_u \Sigma", curvature),
            ),
            "exact counts in a field",
            ("DER-X", "X1"),
        ),
        Step(
            "exactly 2N",
            "With a field: exactly 2N points at the threshold",
            "The determinant's mean is the density rho of an eigenvalue of GOE(N) times exp(N x^2/4), "
            "x = r/sqrt(xi''), and a number that no model changes; for q^2 the points are the 2N "
            "eigenvectors, which fixes it. At xi'' = xi' the integral is 1: 2N points, for every mixture "
            "and every N.",
            (
                says(
                    r"\operatorname{E} \operatorname{Crt}_N",
                    factor * sp.Integral(inside, (X, -sp.oo, sp.oo)),
                ),
                says(
                    r"\operatorname{E} \operatorname{Crt}_N, \; \xi'' = \xi'",
                    sp.simplify(factor.subs(DXI, DDXI)),
                ),
            ),
            "balls; a census of a quadratic model at any N",
            ("DER-X", "X1", "X1-S"),
        ),
    )


def _temperatures() -> tuple[Step, ...]:
    free = tap.free_energy(P, Q, U, TEMPERATURE, SYMPY)
    at_transition = {TEMPERATURE: sp.sqrt(P * Q ** (P - 2) * (1 - Q))}
    [level] = sp.solve(sp.diff(free, Q), U)
    ancestor = sp.factor(sp.simplify(level.subs(at_transition)))
    above = sp.Symbol("r", positive=True)  # p - 1
    dynamic = ancestor.subs(Q, (P - 2) / (P - 1)).subs(P, 1 + above)
    dynamic = sp.simplify(dynamic).subs(above, P - 1)
    return (
        Step(
            "states",
            "At a temperature: the free energy of a state",
            "A state of overlap q lies above a critical point of level u: its energy is q^(p/2) u, its "
            "entropy (1/2) log(1 - q), and it reacts on itself.",
            (says("f(q, u)", free),),
            "balls",
            ("DER-X", "X2"),
        ),
        Step(
            "ancestors",
            "At a transition: the level below a state",
            "Stationary in q with T^2 = p q^(p-2) (1 - q), as at a transition, u is a function of q; at the "
            "dynamic one, where q = (p-2)/(p-1), it is -E_inf.",
            (says("u(q)", ancestor), says(r"u\left(\frac{p-2}{p-1}\right)", dynamic)),
            "balls: the level of the static transition is -E_0",
            ("DER-X", "X2"),
        ),
    )


def _pairs() -> tuple[Step, ...]:
    c, (own, both) = two_points(), levels_of_two()
    names = {"": "f", "t": r"\partial_t f", "e": r"\partial_e f"}
    shown = (",", ",t", "t,t", "e,e")
    along = 1 / sp.sqrt(DXI**2 - ALPHA**2)
    room = (1 - Q**2) ** ((N - 3) / 2)
    gain = sp.log((1 - Q**2) / (1 - (DXI_Q / DXI) ** 2)) / 2
    return (
        Step(
            "two points",
            "Two points: covariances at overlap q",
            "f = H/sqrt(N) on the unit sphere, at two points of overlap q; t is the direction in the plane "
            "of both, e any across it. Derivatives at the two points, in this order.",
            tuple(
                says(
                    rf"\operatorname{{E}}[{names[key.split(',')[0]]}\;{names[key.split(',')[1]]}]",
                    c[key],
                )
                for key in shown
            ),
            "a rule of matchings, and numbers of pairs on instances",
            ("DER-X", "X3", "X4"),
        ),
        Step(
            "pairs",
            "Two points: the mean number of pairs",
            "Kac and Rice for both points at once; alpha is the covariance of slopes along t. Blocks of "
            "the Hessians across the plane are GOE matrices, correlated by xi''(q)/xi''.",
            (
                says(
                    r"\operatorname{E}\, \mathrm{pairs}",
                    SPHERES
                    * GRADIENTS
                    * sp.Integral(room * ACROSS * along * DETERMINANTS, (Q, -1, 1)),
                ),
            ),
            "balls at N = 2, quadrature at N = 3, censuses",
            ("DER-X", "X3", "X3-N"),
        ),
        Step(
            "levels of two",
            "Two points: their levels, given no slopes",
            "For xi(q) = q^p: what is left of the covariance U of both levels once no slope is along the "
            "plane of both points.",
            (
                says(r"\alpha", slopes_of_two()),
                says("U_{11}", own),
                says("U_{12}", both),
            ),
            "direct covariances",
            ("DER-X", "X3", "X4"),
        ),
        Step(
            "beside a point",
            "Two points: the exponent beside a given one",
            "The number of points at level u_1 and overlap q with a point at level u_0, to leading order: "
            "the exponent of one point, corrected for the levels, the room and the slopes across.",
            (
                says(
                    r"\Sigma(u_1 | u_0, q)",
                    THETA(U1) + (U0**2 + U1**2) / 2 - FORM / 2 + gain,
                ),
            ),
            "the largest overlaps and the lowest barrier of the literature",
            ("DER-X", "X4"),
        ),
    )


def _layers() -> tuple[Step, ...]:
    law = tensor_law()
    return (
        Step(
            "free layers",
            "Every layer its own weights: the Hessian",
            "f with covariance prod v_l.w_l on a product of spheres, of unit vectors. Slopes are "
            "independent of the Hessian; its block of one layer is -f times the identity, and entries "
            "between two layers are independent of all.",
            (
                says(r"\operatorname{Var}(\partial_{l,i} f)", law["gradient"]),
                says(r"\operatorname{Var}(\partial_{l,i} \partial_{l,i} f + f)", law["block + f"]),
                says(r"\operatorname{Var}(\partial_{l,i} \partial_{m,j} f)", law["between"]),
            ),
            "censuses and published formats",
            ("DER-X", "X5", "X5-N"),
        ),
    )


@cache
def spiked_exponent() -> sp.Expr:
    """S(m, u): the exponent at overlap m with a spike of strength a, from the mean a m^p of f/sqrt N.

    Examples
    --------
    >>> spiked_exponent().subs(A, 0)
    Theta_p(u) + log(1 - m**2)/2
    """
    angle = sp.Symbol("angle")
    mean = A * sp.cos(angle) ** P
    back = {sp.cos(angle): M, sp.sin(angle): sp.sqrt(1 - M**2)}
    slope = sp.diff(mean, angle).subs(back)
    lost = sp.powsimp(sp.simplify(slope**2 / (1 - M**2))) * (1 - M**2)
    return THETA(U) + U**2 / 2 - (U - A * M**P) ** 2 / 2 + sp.log(1 - M**2) / 2 - lost / (2 * P)


def _spike() -> tuple[Step, ...]:
    return (
        Step(
            "spike",
            "A spike in the data: the exponent by overlap",
            "A mean a m^p of u, m the overlap with one vector: the level moves by it, the slope along the "
            "circle through the spike is its derivative, which costs its square over 2 xi', and "
            "overlap m leaves a smaller sphere. What it adds to the Hessian, of rank one, changes no "
            "exponent of the total.",
            (says("S(m, u)", spiked_exponent()),),
            "exact counts by overlap, censuses",
            ("DER-X", "X6", "X6-N"),
        ),
    )


@cache
def algorithmic() -> sp.Expr:
    """E_alg of q^p: the integral of sqrt(xi'') from 0 to 1.

    Examples
    --------
    >>> sp.simplify(algorithmic() - 2 * sp.sqrt((P - 1) / P))
    0
    """
    second = sp.diff(Q**P, Q, 2)
    root = sp.sqrt(sp.simplify(second / Q ** (P - 2))) * Q ** ((P - 2) / 2)
    return sp.simplify(sp.integrate(root, (Q, 0, 1)))


def _algorithms() -> tuple[Step, ...]:
    return (
        Step(
            "algorithms",
            "The level that algorithms reach",
            "A path from the centre outwards, along the lowest eigenvectors of Hessians, each of spectrum "
            "down to -2 sqrt(xi''(q)), gains sqrt(xi''(q)) for each dq. For q^p it ends at -E_inf.",
            (
                says(r"E_{\mathrm{alg}}", sp.Integral(ROOT, (Q, 0, 1))),
                says(r"E_{\mathrm{alg}}, \; \xi = q^p", algorithmic()),
            ),
            "balls; descents along Hessians",
            ("DER-X", "X7"),
        ),
    )


@cache
def steps() -> tuple[Step, ...]:
    """The steps, in order.

    Examples
    --------
    >>> [step.name for step in steps()][:3], len(steps())
    (['all points', 'exactly 2N', 'states'], 11)
    """
    return (*_fields(), *_temperatures(), *_pairs(), *_layers(), *_spike(), *_algorithms())
