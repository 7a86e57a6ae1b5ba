"""Complexity of a mixture at unit variance, xi(1) = 1, from d1 = xi'(1) and d2 = xi''(1) alone.

At a critical point of energy N u let N r be the radial derivative. The exponent of the mean number of
critical points at (u, r) is (Auffinger and Ben Arous 2013; derived in `theory.derivation.mixtures`)

    Sigma(u, r) = (1/2) log(d2/d1) + Phi(r/sqrt d2) - u^2/2 - (r - d1 u)^2/(2 D),  D = d1 + d2 - d1^2,

with Phi(x) = x^2/4 - J(x) and J the cost of an eigenvalue beyond the edge of the Hessian's spectrum,
0 for |x| <= 2. It is strictly concave in r, so the supremum is at the one stationary point, and that
has a closed form: for a fixed index k, r = -2 sqrt(d2) cosh t (t >= 0, as more of the spectrum below
0 costs N^2), where u and t are tied by u = -`level`(t). For t = 0 that is u = -E_inf,

    E_inf = (d2 - d1 + d1^2)/(d1 sqrt d2),

above which the most numerous critical points have an index of order N, and those of fixed index are
marginal, r = -2 sqrt d2. In the pure model D = 0, r = p u, and all becomes
`theory.annealed.pure_model`.

An external field is the term of degree 1. Where it is so strong that d2 <= d1 the landscape is trivial:
two points in the mean but for exponentially few, a minimum and a maximum. Then `outside` rises from
t = 0 to its largest value at tanh t = (d1 - d2)/((k + 1)(d1 + d2)), 0 for k = 0, and only falls beyond.

Formulas are written once, over the functions of an arithmetic; all exponents are cumulative in u.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, Literal

import flint
import mpmath
import numpy as np
from numpy.typing import ArrayLike, NDArray

from theory.annealed.pure_model import rate_at
from theory.arithmetic.ball import to_arb
from theory.arithmetic.functions import ARB, MPMATH, NUMPY, Functions
from theory.arithmetic.ziv import Missing, until_precise
from theory.checks import InputError, bad
from theory.model import Mixture, slopes_at_one

Real = NDArray[np.float64]
Branch = Literal["outside", "edge", "plateau", "bulk", "positive"]

_FAR = 1e100  # u^2 overflows beyond 1e150


@dataclass(frozen=True)
class Slopes:
    """xi'(1), xi''(1) and D = d1 + d2 - d1^2, N times the variance of r given u, in some arithmetic.

    D is 0 in the pure model alone; it is a field of its own so that no arithmetic cancels it.
    """

    d1: Any
    d2: Any
    spread: Any

    @property
    def stiffness(self) -> Any:
        """d2 - d1 + d1^2 = 2 d2 - D > 0: minus the curvature of Sigma in r, times 2 d2 D."""
        return self.d2 - self.d1 + self.d1**2


def barrier(m: Slopes, f: Functions) -> Any:
    """E_inf: below -E_inf all critical points but exponentially few are minima."""
    return m.stiffness / (m.d1 * f.sqrt(m.d2))


def crest(m: Slopes, f: Functions) -> Any:
    """E_c <= E_inf: minima, and points of any fixed index, are most numerous at u = -E_c."""
    return 2 * m.d1 * f.sqrt(m.d2) / (m.d1 + m.d2)


def between(m: Slopes, f: Functions) -> Any:
    """E_inf - E_c, without cancellation."""
    return m.spread * (m.d2 - m.d1) / ((m.d1 + m.d2) * m.d1 * f.sqrt(m.d2))


def positive(m: Slopes, f: Functions) -> Any:
    """Of all critical points."""
    return f.log(m.d2 / m.d1) / 2


def plateau(m: Slopes, f: Functions) -> Any:
    """Of all critical points of a fixed index, reached at u = -E_c."""
    return f.log(m.d2 / m.d1) / 2 - (m.d2 - m.d1) / (m.d1 + m.d2)


def bulk(m: Slopes, u: Any, f: Functions) -> Any:
    """Total, for -E_inf <= u <= 0, at r = 2 d1 d2 u/(d2 - d1 + d1^2)."""
    return f.log(m.d2 / m.d1) / 2 - (m.d2 - m.d1) * u**2 / (2 * m.stiffness)


def edge(m: Slopes, x: Any, f: Functions) -> Any:
    """Fixed index at -u = E_c + x (E_inf - E_c), 0 <= x <= 1: marginal points, r = -2 sqrt d2."""
    drop = m.spread * (m.d2 - m.d1) ** 2 / (2 * (m.d1 + m.d2) * m.d1**2 * m.d2)
    return plateau(m, f) - drop * x**2


def level(m: Slopes, t: Any, k: Any, f: Functions) -> Any:
    """-u >= E_inf at which points of index k have r = -2 sqrt(d2) cosh t; rises in t."""
    rise = m.stiffness * f.cosh(t) + (k + 1) * m.spread * f.sinh(t)
    return rise / (m.d1 * f.sqrt(m.d2))


def outside(m: Slopes, t: Any, k: Any, f: Functions) -> Any:
    """Index k at u = -`level`(t), t >= 0; k = 0 is the total there too."""
    across = (k + 1) * f.sinh(t) - f.cosh(t)  # (r - d1 u) sqrt(d2) / D
    return (
        f.log(m.d2 / m.d1) / 2
        + f.cosh(t) ** 2
        - (k + 1) * rate_at(t, f)
        - level(m, t, k, f) ** 2 / 2
        - m.spread * across**2 / (2 * m.d2)
    )


def slope(m: Slopes, t: Any, k: Any, f: Functions) -> Any:
    """Derivative of `outside` in t, < 0 for t > 0: by stationarity in r only the part of u is left."""
    fall = (m.d2 - m.d1) * f.cosh(t) + (k + 1) * (m.d1 + m.d2) * f.sinh(t)
    rise = m.stiffness * f.sinh(t) + (k + 1) * m.spread * f.cosh(t)
    return -fall * rise / (m.d1**2 * m.d2)


def angle(m: Slopes, beyond: Any, k: Any, f: Functions) -> Any:
    """t >= 0 with `level`(t) = E_inf + beyond: a quadratic equation for exp t - 1."""
    both = m.stiffness + (k + 1) * m.spread
    across = m.d1 * f.sqrt(m.d2) * beyond
    linear = (k + 1) * m.spread - across
    root = f.sqrt(linear**2 + 2 * both * across)
    return f.log(1 + (root - linear) / both)


def summit(m: Slopes, k: Any, f: Functions) -> Any:
    """Where d2 <= d1: t at which `outside` is largest; the level of the most numerous points there.

    For k = 0 the level is -sqrt(d1): the one minimum, the ground state.
    """
    share = (m.d1 - m.d2) / ((k + 1) * (m.d1 + m.d2))
    return f.log((1 + share) / (1 - share)) / 2


def split(m: Slopes, f: Functions) -> Any:
    """G: twice the total exponent at -E_inf. Pure-like if > 0, full if < 0 (AB 2013)."""
    return f.log(m.d2 / m.d1) - (m.d2 - m.d1) * m.stiffness / (m.d1**2 * m.d2)


def value(m: Slopes, u: Any, k: int | None, branch: Branch, f: Functions) -> Any:
    """The exponent at u by the formula of one branch."""
    if branch == "outside":
        return outside(m, angle(m, -u - barrier(m, f), k or 0, f), k or 0, f)
    if branch == "edge":
        return edge(m, (-u - crest(m, f)) / between(m, f), f)
    if branch == "bulk":
        return bulk(m, u, f)
    return plateau(m, f) if branch == "plateau" else positive(m, f)


def slopes(model: Mixture, number: Callable[[Fraction], Any]) -> Slopes:
    """The slopes of a mixture in the arithmetic that ``number`` leads to."""
    d1, d2 = slopes_at_one(model)
    return Slopes(number(d1), number(d2), number(d1 + d2 - d1**2))


def too_simple(model: Mixture) -> InputError:
    """The error for a model with two critical points in the mean, or 2N."""
    if model.is_pure:
        return bad("p", model.p, "p >= 3: the layers E_k need it")
    return bad("model", model, "a mixture with xi'' > xi' at 1: no strong field")


def is_trivial(model: Mixture) -> bool:
    """Whether a field leaves two critical points in the mean: xi'' <= xi' at 1.

    Examples
    --------
    >>> from theory.model import mixture
    >>> is_trivial(mixture({1: 2.9, 3: 1})), is_trivial(mixture({1: 3, 3: 1}))
    (False, True)
    """
    d1, d2 = slopes_at_one(model)
    return d2 <= d1


def sigma(model: Mixture, u: ArrayLike, k: int | None = None) -> Real:
    """Sigma (k None) or Sigma_k of a mixture in float64.

    Parameters
    ----------
    model
        Two terms or more, as it is at unit variance.
    u
        Levels H/N, any shape.
    k
        Index >= 0, or None for the total.

    Returns
    -------
    ndarray
        Absolute error below 1e-14 (1 + k) (1 + u^2) log(3 + abs(u)); -inf below -1e100.

    Examples
    --------
    >>> from theory.model import mixture
    >>> sigma(mixture({3: 0.5, 4: 0.5}), [-1.8, -1.6, 0.0], 0).round(6)
    array([-0.059328,  0.032231,  0.032231])
    """
    m = slopes(model, lambda exact: np.float64(float(exact)))
    levels = np.maximum(np.asarray(u, dtype=float), -_FAR)
    e_inf = barrier(m, NUMPY)
    t = angle(m, np.maximum(-levels - e_inf, 0.0), k or 0, NUMPY)
    if is_trivial(model):
        found = outside(m, np.maximum(t, summit(m, k or 0, NUMPY)), k or 0, NUMPY)
        return np.asarray(np.where(levels > -_FAR, found, -np.inf))
    below = outside(m, t, k or 0, NUMPY)
    if k is None:
        above = bulk(m, np.clip(levels, -e_inf, 0.0), NUMPY)
    else:
        x = (-levels - crest(m, NUMPY)) / between(m, NUMPY)
        # same (1.0 -> 2.0): below -E_inf the other branch is taken
        above = edge(m, np.clip(x, 0.0, 1.0), NUMPY)
    return np.asarray(np.where(levels > -_FAR, np.where(levels < -e_inf, below, above), -np.inf))


def sigma_mp(model: Mixture, u: Any, k: int | None, digits: int) -> mpmath.mpf:
    """Sigma or Sigma_k by mpmath, at a precision well above ``digits``.

    Examples
    --------
    >>> from theory.model import mixture
    >>> mpmath.nstr(sigma_mp(mixture({3: 0.5, 4: 0.5}), 0, None, 30), 20)
    '0.47223080442042569355'
    """
    # same (all): twice the digits asked for, and more
    with mpmath.workdps(2 * digits + 20):
        m = slopes(model, lambda exact: mpmath.mpf(exact.numerator) / exact.denominator)
        at = mpmath.mpmathify(u)
        if is_trivial(model):
            beyond = mpmath.mpf(max(0, -at - barrier(m, MPMATH)))
            t = max(summit(m, k or 0, MPMATH), angle(m, beyond, k or 0, MPMATH))
            return +outside(m, t, k or 0, MPMATH)
        branch: Branch
        if -at > barrier(m, MPMATH):
            branch = "outside"
        elif k is None:
            branch = "bulk" if at < 0 else "positive"
        else:
            # same (comparisons): both branches meet there
            branch = "edge" if -at > crest(m, MPMATH) else "plateau"
        return +value(m, at, k, branch, MPMATH)


def slopes_arb(model: Mixture) -> Slopes:
    """The slopes as balls at flint's current precision."""
    return slopes(model, to_arb)


def sigma_arb(model: Mixture, u: flint.arb, k: int | None = None) -> flint.arb:
    """Sigma or Sigma_k as a ball that contains the values at every point of the ball u.

    It never falls as u rises, so the two ends of u are enough.
    """
    m, at = slopes_arb(model), _when_trivial if is_trivial(model) else _at_point
    low, high = (at(m, end, k) for end in (u.lower(), u.upper()))
    return low.union(high)


def _when_trivial(m: Slopes, u: flint.arb, k: int | None) -> flint.arb:
    """The same in a strong field."""
    beyond = (-u - barrier(m, ARB)).nonnegative_part()
    t = angle(m, beyond, k or 0, ARB).max(summit(m, k or 0, ARB))
    return outside(m, t, k or 0, ARB)


def _at_point(m: Slopes, u: flint.arb, k: int | None) -> flint.arb:
    """At one level; where balls cannot tell two branches apart, the hull of both."""
    beyond = -u - barrier(m, ARB)
    parts = []
    # same (comparisons): both branches meet there
    if not beyond < 0:
        t = angle(m, beyond.nonnegative_part(), k or 0, ARB)
        parts.append(outside(m, t, k or 0, ARB))
    if not beyond > 0:
        if k is None:
            parts.append(bulk(m, (-u).nonnegative_part(), ARB))
        else:
            x = (-u - crest(m, ARB)) / between(m, ARB)
            parts.append(edge(m, x.nonnegative_part().min(flint.arb(1)), ARB))
    # same (0 -> -1): of one part, or of both
    return parts[0] if len(parts) == 1 else parts[0].union(parts[1])


def classify(model: Mixture) -> Literal["pure-like", "full"]:
    """Whether total complexity is positive at -E_inf: "pure-like", else "full".

    The question is of models without a field strong enough to leave two critical points.

    xi'(1) and xi''(1) are rational, so that G, the logarithm of a rational number minus a rational
    number, is 0 in the pure model with p = 2 alone: no mixture given exactly is critical, and enough
    precision decides (Lindemann).

    Raises
    ------
    InputError
        For xi = q^2, and where xi'' <= xi'.

    Examples
    --------
    >>> from theory.model import mixture
    >>> classify(mixture({3: 0.5, 4: 0.5})), classify(mixture({2: 0.97, 30: 0.03}))
    ('pure-like', 'full')
    """
    if is_trivial(model):
        raise too_simple(model)

    def sign(bits: int) -> Literal["pure-like", "full"] | Missing:
        g = split(slopes_arb(model), ARB)
        if g > 0:
            return "pure-like"
        return "full" if g < 0 else Missing(bits)

    # same (all): the first precision tried
    return until_precise(sign, max(64, flint.ctx.prec))
