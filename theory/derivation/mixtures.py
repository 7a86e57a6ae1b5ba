"""From xi to Sigma_k of a mixture: SymPy's derivation, and the same numbers by integrals and search.

Kac and Rice give Sigma(u, r) by `theory.derivation.kac_rice.exponent`; each formula of
`theory.annealed.mixed_model` claims a stationary point of it in r and a value there.
`residuals` are what must vanish for that to be so.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import mpmath
import sympy as sp

from theory.annealed import mixed_model
from theory.annealed.mixed_model import Branch, Slopes
from theory.derivation.kac_rice import (
    DDXI,
    DXI,
    SYMPY,
    XI,
    R,
    T,
    U,
    X,
    exponent,
    gaussian_cost,
    hessian_law,
    index_cost,
    log_potential_inside,
    log_potential_outside,
)
from theory.model import Mixture

_GOLDEN = (math.sqrt(5) - 1) / 2


def slopes_derived() -> Slopes:
    """xi', xi'' and N Var(r | u) = N (Var r - Cov(u, r)^2 / Var u), from the covariance of the field.

    Examples
    --------
    >>> slopes_derived().spread
    -xi'**2 + xi' + xi''
    """
    law = hessian_law()
    conditional = law["Var r"] - law["Cov(u, r)"] ** 2 / law["Var u"]
    return Slopes(DXI, DDXI, sp.expand(conditional.subs(XI, 1)))


def sigma_derived(u: Any, r: Any, potential: Any) -> Any:
    """Sigma(u, r) with the log potential of the semicircle at r/sqrt(xi'') given."""
    return exponent(potential, gaussian_cost(u, r)).subs(XI, 1)


def residuals(branch: Branch, k: Any, formulas: Any = mixed_model) -> dict[str, Any]:
    """Expressions that vanish if the formula of one branch is the supremum over r.

    Sigma is strictly concave in r, so a point where the derivative is 0 is the only one. At the edge
    r cannot rise above -2 sqrt(xi'') (fixed index) and the derivative along -r there has the sign of
    -u - E_inf.

    Parameters
    ----------
    branch
        "outside", "edge" (at its ends the plateau and "outside") or "bulk" (at 0 the total).
    k
        Index, an integer or symbol.
    formulas
        Where `level`, `outside` and the others are taken from.
    """
    m = slopes_derived()
    outer = -2 * sp.sqrt(DDXI)
    if branch == "outside":
        at = sigma_derived(U, outer * sp.cosh(T), log_potential_outside()) - k * index_cost()
        u = -formulas.level(m, T, k, SYMPY)
        value = formulas.outside(m, T, k, SYMPY)
        return {
            "stationary in r": sp.diff(at, T).subs(U, u),
            "value": at.subs(U, u) - value,
            "slope": sp.diff(value, T) - formulas.slope(m, T, k, SYMPY),
        }
    if branch == "edge":
        low, high = formulas.crest(m, SYMPY), formulas.barrier(m, SYMPY)
        # same (+ -> -): at the edge the exponent is even about its crest
        u = -(low + X * formulas.between(m, SYMPY))
        value = formulas.edge(m, X, SYMPY)
        cost = sp.diff(gaussian_cost(U, -sp.sqrt(DDXI) * X).subs(XI, 1), X).subs(X, 2)
        derivative = 1 - cost  # that of x^2/4, whose rate J has slope 0 at the edge
        return {
            "value": sigma_derived(u, outer, log_potential_outside().subs(T, 0)) - value,
            "ends at E_inf": low + formulas.between(m, SYMPY) - high,
            "derivative along -r": derivative - DXI * sp.sqrt(DDXI) * (-U - high) / m.spread,
            "starts at the plateau": value.subs(X, 0) - formulas.plateau(m, SYMPY),
            "meets the outside": value.subs(X, 1) - formulas.outside(m, sp.Integer(0), k, SYMPY),
        }
    at = sigma_derived(U, R, log_potential_inside(R / sp.sqrt(DDXI)))
    [r] = sp.solve(sp.Eq(sp.diff(at, R), 0), R)
    high = formulas.barrier(m, SYMPY)
    return {
        "value": at.subs(R, r) - formulas.bulk(m, U, SYMPY),
        "the spectrum's edge at -E_inf": r.subs(U, -high) - outer,
        "all": formulas.bulk(m, sp.Integer(0), SYMPY) - formulas.positive(m, SYMPY),
        "G": formulas.split(m, SYMPY) - 2 * formulas.bulk(m, -high, SYMPY),
    }


# same (all): any generic point tells a number from 0
_POINT = {DXI: 3.7, DDXI: 11.3, T: 0.45, U: -1.83, X: 0.62, sp.Symbol("k"): 2.3}


def differs(expression: Any) -> bool:
    """Whether an expression is not 0 at one generic point."""
    # same (numbers, comparisons): any generic point tells a number from 0
    return bool(abs(sp.N(sp.sympify(expression).subs(_POINT))) > 1e-9)


def vanishes(expression: Any) -> bool | None:
    """Whether an expression is 0: False by its value at a generic point, True by algebra.

    Examples
    --------
    >>> vanishes(sp.cosh(T) ** 2 - sp.sinh(T) ** 2 - 1), vanishes(T - 1)
    (True, False)
    """
    if differs(expression):
        return False
    plain = sp.expand_log(sp.sympify(expression).rewrite(sp.exp), force=True)
    return True if sp.simplify(sp.expand(plain)) == 0 else None


def _largest(function: Callable[[float], float], low: float, high: float) -> float:
    """Where a concave function is largest, by golden section to about 1e-8, or exactly at an end."""
    ends = low, high
    left, right = high - _GOLDEN * (high - low), low + _GOLDEN * (high - low)
    at_left, at_right = function(left), function(right)
    # same (all): flat at the largest value
    while high - low > 1e-9 * (1 + abs(high)):
        if at_left < at_right:
            low, left, at_left = left, right, at_right
            right = low + _GOLDEN * (high - low)
            at_right = function(right)
        else:
            high, right, at_right = right, left, at_left
            left = high - _GOLDEN * (high - low)
            at_left = function(left)
    return max((*ends, (low + high) / 2), key=function)


def sigma_quadrature(model: Mixture, u: float, k: int | None) -> float:
    """Sigma or Sigma_k by search over u' <= u and r, the potential there by quadrature.

    Shares no formula with `theory.annealed.mixed_model`; error about 1e-13 (1 + k).

    Examples
    --------
    >>> from theory.model import mixture
    >>> round(sigma_quadrature(mixture({3: 0.5, 4: 0.5}), -1.7, 0), 10)
    0.0238260266
    """
    d1, d2 = (float(model.xi(1.0, order)) for order in (1, 2))
    spread = d1 + d2 - d1 * d1
    # guard (all): a search for what satisfies the equations
    # tests/theory/annealed/test_mixed_model.py::test_closed_forms_against_search_and_quadrature
    least = 0.0 if k is None else 2.0  # of x = -r/sqrt(d2)

    def cost(at: float, x: float) -> float:
        return at * at / 2 + (math.sqrt(d2) * x + d1 * at) ** 2 / (2 * spread)

    def whole(at: float, x: float) -> float:
        j = 0.0
        if x > 2:
            root = math.sqrt(x * x - 4)
            j = x * root / 4 - math.log((x + root) / 2)
        return x * x / 4 - (1 + (k or 0)) * j - cost(at, x)

    def best(at: float) -> float:
        # guard (all): a search for what satisfies the equations
        # tests/theory/annealed/test_mixed_model.py::test_closed_forms_against_search_and_quadrature
        return _largest(lambda x: whole(at, x), least, 4 + 2 * d1 * math.sqrt(d2) * abs(at))

    # guard (all): a search for what satisfies the equations
    # tests/theory/annealed/test_mixed_model.py::test_closed_forms_against_search_and_quadrature
    at = _largest(lambda v: whole(v, best(v)), u - 3, u)
    x = best(at)
    # same (all): more digits than a float shows
    with mpmath.workdps(20):
        inside = math.acos(min(x / 2, 1.0))

        def density(a: Any) -> Any:
            gap = abs(x - 2 * mpmath.cos(a))
            # same (all): one point, of weight 0
            return mpmath.sin(a) ** 2 * mpmath.log(gap) if gap else mpmath.mpf(0)

        parts = [0, *([inside] if inside else []), mpmath.pi]
        potential = 2 / mpmath.pi * mpmath.quad(density, parts)
        crossing = mpmath.quad(lambda z: mpmath.sqrt(z * z - 4) / 2, [2, x]) if x > 2 else 0
        log = mpmath.log(mpmath.mpf(d2) / d1) / 2 + 0.5 + potential
        return float(log - (k or 0) * crossing - cost(at, x))
