"""From xi to Theta_{k,p}: the derivation by Kac and Rice, step by step in SymPy.

Nothing is taken from `theory.annealed.pure_model` here; the closed forms there are proved equal to
what comes out (`equal_to_derived`), and `theta_quadrature` computes the same numbers by integrals alone.
"""

from __future__ import annotations

from functools import cache
from typing import Any

import mpmath
import sympy as sp

from theory.annealed import pure_model
from theory.annealed.pure_model import Branch
from theory.arithmetic.functions import Functions

N, P, T, U, R, X = sp.symbols("N p t u r x")
XI, DXI, DDXI = sp.symbols("xi xi' xi''", positive=True)  # xi and its derivatives at 1
SYMPY = Functions(sp.log, sp.sqrt, sp.sinh, sp.cosh)


@cache
def field_covariance() -> dict[str, sp.Expr]:
    """Covariances of (H, d_i H, d_ij H) at a point of |s|^2 = N, from Cov(H(s), H(t)) = N xi(s.t/N).

    Points near the north pole are sqrt(N) (t_1, t_2, sqrt(1 - t_1^2 - t_2^2)); in these graph
    coordinates covariant derivatives at the pole equal plain ones. Two tangent directions show every
    pattern of indices. Derivatives are by arc length, so each carries N^(-1/2).

    Returns
    -------
    dict
        Keys such as "1,2" (d_1 H with d_2 H), "11,22", ",11" (H with d_11 H).

    Examples
    --------
    >>> field_covariance()["1,1"], field_covariance()["1,2"], field_covariance()["12,12"]
    (xi', 0, xi''/N)
    """
    s, t = sp.symbols("s1 s2"), sp.symbols("t1 t2")
    height = [sp.sqrt(1 - v[0] ** 2 - v[1] ** 2) for v in (s, t)]
    overlap = s[0] * t[0] + s[1] * t[1] + height[0] * height[1]
    # xi about q = 1 to second order: 1 - q is of second order in (s, t), four derivatives are taken.
    covariance = N * (XI + DXI * (overlap - 1) + DDXI * (overlap - 1) ** 2 / 2)
    at_pole = dict.fromkeys((*s, *t), 0)
    found = {}
    for left in ("", "1", "2", "11", "12", "22"):
        for right in ("", "1", "2", "11", "12", "22"):
            derivative = covariance
            for i in left:
                derivative = sp.diff(derivative, s[int(i) - 1])
            for i in right:
                derivative = sp.diff(derivative, t[int(i) - 1])
            scale = sp.sqrt(N) ** (-(len(left) + len(right)))
            found[f"{left},{right}"] = sp.expand(derivative.subs(at_pole) * scale)
    return found


@cache
def hessian_law() -> dict[str, sp.Expr]:
    """The Hessian's law read off the covariances: sqrt(xi'') G - r 1, G independent of (u, r).

    Returns
    -------
    dict
        "off-diagonal": N Var of an off-diagonal entry; "diagonal": N Var of a diagonal entry without
        its part common to all (the GOE pattern asks for twice the off-diagonal one); "Var r",
        "Cov(u, r)", "Var u", each times N; "gradient": variance of a component, "gradient with the
        rest": the sum of squares of its covariances with H and the Hessian, 0.

    Examples
    --------
    >>> law = hessian_law()
    >>> law["off-diagonal"], law["diagonal"], law["Var r"], law["Cov(u, r)"]
    (xi'', 2*xi'', xi' + xi'', xi')
    """
    c = field_covariance()
    common = c["11,22"]  # what two different diagonal entries share is the variance of r
    rest = [c[f"{i},{other}"] for i in "12" for other in ("", "11", "12", "22")]
    # same (numbers, + -> -): covariances that are 0, whatever their power
    return {
        "off-diagonal": sp.expand(N * c["12,12"]),
        "diagonal": sp.expand(N * (c["11,11"] - common)),
        "Var r": sp.expand(N * common),
        "Cov(u, r)": sp.expand(-c[",11"]),
        "Var u": sp.expand(c[","] / N),
        "gradient": c["1,1"],
        "gradient with the rest": sum(value**2 for value in rest) + c["1,2"] ** 2,
    }


@cache
def log_potential_outside() -> sp.Expr:
    """int log|x - l| of the semicircle on [-2, 2] at x = 2 cosh t: 1/2 plus the Stieltjes integral.

    Its derivative in x is (x - sqrt(x^2 - 4))/2 = exp(-t); at the edge it is 1/2.

    Examples
    --------
    >>> sp.simplify(log_potential_outside().subs(T, 0))
    1/2
    """
    s = sp.Symbol("s", nonnegative=True)
    increment = sp.integrate(sp.expand((sp.exp(-s) * 2 * sp.sinh(s)).rewrite(sp.exp)), (s, 0, T))
    return sp.Rational(1, 2) + increment


def log_potential_inside(x: Any) -> sp.Expr:
    """The same for |x| <= 2: the Stieltjes transform is x/2 there, and the edge has 1/2."""
    return sp.Rational(1, 2) - sp.integrate(X / 2, (X, x, 2))


@cache
def index_cost() -> sp.Expr:
    """J(2 cosh t): cost at speed N of one eigenvalue beyond the edge (Ben Arous, Dembo, Guionnet).

    J(x) = int_2^x sqrt(z^2 - 4)/2 dz.

    Examples
    --------
    >>> sp.simplify(index_cost() - (sp.sinh(2 * T) - 2 * T) / 2)
    0
    """
    s = sp.Symbol("s", nonnegative=True)
    return sp.integrate(sp.expand((2 * sp.sinh(s) ** 2).rewrite(sp.exp)), (s, 0, T))


@cache
def geometry() -> sp.Expr:
    """(1/N) log of vol S^(N-1)(sqrt N) times the density of the gradient at 0, N -> infinity.

    Examples
    --------
    >>> geometry()
    1/2 - log(xi')/2
    """
    # Stirling: log Gamma(N/2) = (N/2) log(N/2) - N/2 + O(log N).
    log_gamma = N / 2 * sp.log(N / 2) - N / 2
    log_volume = N / 2 * sp.log(sp.pi) - log_gamma + N / 2 * sp.log(N)
    log_density = -N / 2 * sp.log(2 * sp.pi * DXI)
    per_spin = sp.expand(sp.expand_log((log_volume + log_density) / N, force=True))
    return sp.simplify(per_spin)


def exponent(potential: Any, gaussian: Any) -> sp.Expr:
    """Sigma = lim (1/N) log of the Kac-Rice density of critical points.

    The sphere and the gradient, (1/2) log xi'' for the scale of the determinant, the log potential
    at r/sqrt(xi''), and the Gaussian cost of (u, r).
    """
    return geometry() + sp.log(DDXI) / 2 + potential - gaussian


def gaussian_cost(u: Any, r: Any) -> sp.Expr:
    """(1/2) (u, r) C^-1 (u, r)^T with C = [[xi, xi'], [xi', xi' + xi'']]."""
    law = hessian_law()
    c = sp.Matrix([[law["Var u"], law["Cov(u, r)"]], [law["Cov(u, r)"], law["Var r"]]])
    v = sp.Matrix([u, r])
    # same (0 -> -1): of one entry
    return sp.simplify((v.T * c.inv() * v)[0] / 2)


def pure(expression: Any, p: Any) -> sp.Expr:
    """Put xi = q^p: xi(1) = 1, xi'(1) = p, xi''(1) = p (p-1)."""
    return expression.subs({XI: 1, DXI: p, DDXI: p * (p - 1)}, simultaneous=True)


@cache
def e_inf_derived(p: Any = P) -> sp.Expr:
    """E_inf as the level where the edge of the Hessian's spectrum, -r - 2 sqrt(xi''), reaches 0.

    Pure model: H is homogeneous, so r = p u.

    Examples
    --------
    >>> e_inf_derived(3)
    2*sqrt(6)/3
    """
    law = hessian_law()
    spread = sp.sqrt(pure(law["off-diagonal"], p))
    [level] = sp.solve(sp.Eq(-p * U - 2 * spread, 0), U)
    return sp.simplify(-level)


def theta_derived(p: Any, level: Any, k: Any, branch: Branch) -> sp.Expr:
    """Theta as Kac and Rice give it, on one branch.

    Parameters
    ----------
    p, k
        Order and index (integers or symbols); k None is the total.
    level
        t where ``branch`` is "outside" (u = -E_inf cosh t), u where it is "bulk".
    branch
        "outside" (u < -E_inf), "bulk" (total, -E_inf <= u <= 0), "plateau" (index k, u >= -E_inf),
        "positive" (total, u >= 0).

    Notes
    -----
    The exponent of the density is largest at the upper end of u' <= u below 0 (total) and below
    -E_inf (index k, where more of the spectrum below 0 costs N^2), so the cumulative exponent is
    its value at min(u, 0) and min(u, -E_inf).
    """
    edge = e_inf_derived(p)
    if branch in ("bulk", "positive"):
        u = level if branch == "bulk" else sp.Integer(0)
        argument = p * u / sp.sqrt(pure(DDXI, p))
        return pure(exponent(log_potential_inside(argument), u**2 / 2), p)
    t = level if branch == "outside" else sp.Integer(0)
    u = -edge * sp.cosh(t)
    potential = log_potential_outside().subs(T, t)
    crossing = (k or 0) * index_cost().subs(T, t)
    return pure(exponent(potential, u**2 / 2), p) - crossing


def equal_to_derived(p: Any, k: Any, branch: Branch, candidate: Any = None) -> bool | None:
    """Whether a closed form equals the derived exponent: True, False, or None (undecided).

    Parameters
    ----------
    p, k
        Integers or positive symbols; k None is the total.
    branch
        As in `theta_derived`.
    candidate
        Expression in t ("outside") or u ("bulk"); the formula of `theory.annealed.pure_model` by default.

    Examples
    --------
    >>> equal_to_derived(3, 2, "outside"), equal_to_derived(3, 0, "plateau")
    (True, True)
    >>> equal_to_derived(3, 0, "plateau", sp.log(2) / 2 - sp.Rational(1, 8))  # as printed
    False
    """
    # same (all): the level is not used where the branch is flat
    level = {"outside": T, "bulk": U}.get(branch, sp.Integer(0))
    if candidate is None:
        candidate = closed_form(p, level, k, branch)
    difference = theta_derived(p, level, k, branch) - candidate
    reduced = sp.simplify(sp.expand(sp.expand_log(difference.rewrite(sp.exp), force=True)))
    if reduced == 0:
        return True
    return _vanishes(reduced)


# same (all): any generic point tells a number from 0
def _vanishes(expression: Any) -> bool | None:
    """False if a numerical value shows that the expression is not 0, else None."""
    symbols = sorted(expression.free_symbols, key=str)
    points = [sp.Rational(17 + 6 * i, 7) for i in range(len(symbols))]
    value = sp.N(expression.subs(dict(zip(symbols, points, strict=True))), 40)
    return False if abs(value) > sp.Float("1e-30") else None


def closed_form(p: Any, level: Any, k: Any, branch: Branch) -> Any:
    """The formula of `theory.annealed.pure_model` on one branch, in SymPy."""
    p = sp.sympify(p)
    if branch == "outside":
        return pure_model.outside(p, level, k or 0, SYMPY)
    if branch == "bulk":
        return pure_model.bulk(p, level, SYMPY)
    if branch == "plateau":
        return pure_model.plateau(p, SYMPY)
    return pure_model.positive(p, SYMPY)


def theta_quadrature(p: int, u: Any, k: int | None, digits: int = 30) -> mpmath.mpf:
    """Theta_p or Theta_{k,p} by quadrature of the semicircle alone; shares no formula with theta.py.

    The log potential is (2/pi) int_0^pi sin^2(a) log|x - 2 cos a| da and the cost J an integral.

    Examples
    --------
    >>> mpmath.nstr(theta_quadrature(3, -1.7, 0, 15), 12)
    '-0.0304456617361'
    """
    # guard (all): working precision
    # tests/theory/derivation/test_kac_rice.py::test_quadrature_at_fifty_digits
    with mpmath.workdps(digits + 10):
        p_, level = mpmath.mpf(p), mpmath.mpmathify(u)
        edge = -2 * mpmath.sqrt(p_ * (p_ - 1)) / p_
        # Cumulative in u: the density's exponent grows up to 0 (total) or -E_inf (index k).
        at = min(level, 0 if k is None else edge)
        x = abs(p_ * at / mpmath.sqrt(p_ * (p_ - 1)))
        inside = mpmath.acos(min(x / 2, 1))
        beyond = max(x - 2, 0)

        def potential(a: Any) -> Any:
            # x - 2 cos a without cancellation: x = 2 cos(inside) + beyond.
            gap = 4 * mpmath.sin((a + inside) / 2) * mpmath.sin((a - inside) / 2) + beyond
            # same (all): one point, of weight 0
            return (
                2 / mpmath.pi * mpmath.sin(a) ** 2 * mpmath.log(abs(gap)) if gap else mpmath.mpf(0)
            )

        log_determinant = mpmath.quad(potential, [0, *([inside] if inside else []), mpmath.pi])
        cost = 0
        if k:  # x >= 2 then
            cost = k * mpmath.quad(lambda z: mpmath.sqrt(z * z - 4) / 2, [2, x])
        geometry_ = (1 + mpmath.log(2 * mpmath.pi)) / 2 - mpmath.log(2 * mpmath.pi * p_) / 2
        scale = mpmath.log(p_ * (p_ - 1)) / 2
        return +(geometry_ + scale + log_determinant - at**2 / 2 - cost)
