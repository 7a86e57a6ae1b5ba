"""What survives a reduction of a network: Theorems 3.2 and 3.3 of the paper with their sharp constants.

Formulas are plain algebra in the caller's own numbers (Fractions, SymPy, float64), so that one
source is proved, certified and compared. `Functions` of `theory.annealed.pure_model` name the square root.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import Any, NamedTuple

from theory.checks import bad


class Signs(NamedTuple):
    """Joint law of two signs: probabilities (or weights) of (B, A) with B first.

    B is the sign of Y_N, A the sign of its reduction Y_s.
    """

    both_plus: Any
    lost: Any  # B = +1, A = -1
    gained: Any  # B = -1, A = +1
    both_minus: Any

    @property
    def disagree(self) -> Any:
        """P(A != B), the eps of an (s, eps)-reduction image."""
        return self.lost + self.gained

    @property
    def plus(self) -> Any:
        """P(B = +1), the p of Theorem 3.2."""
        return self.both_plus + self.lost

    @property
    def plus_reduced(self) -> Any:
        """P(A = +1)."""
        return self.both_plus + self.gained

    @property
    def covariance(self) -> Any:
        """P(A = B = +1) - P(A = +1) P(B = +1), a quarter of the covariance of the signs."""
        return self.both_plus - self.plus * self.plus_reduced

    @property
    def squared_correlation(self) -> Any:
        """The square of corr(A, B), negative where the correlation is; rational in rational laws.

        Examples
        --------
        >>> law = Signs(*(Fraction(i, 10) for i in (4, 1, 1, 4)))
        >>> law.squared_correlation
        Fraction(9, 25)
        """
        b, a = self.plus, self.plus_reduced
        return self.covariance * abs(self.covariance) / (b * (1 - b) * a * (1 - a))


def signs_bound_squared(eps: Any, p: Any) -> Any:
    """The square of the least corr(sign Y_s, sign Y_N): 1 - eps (1 - eps) / (p (1 - p)).

    With alpha = p - eps and a = P(A = +1), any law of the signs has covariance (alpha (1-a) +
    (1-p-eps) a)/2, whose square is at least alpha (1-p-eps) a (1-a) by the two means; eps <= p makes
    both terms >= 0.

    Parameters
    ----------
    eps
        Probability that the signs differ.
    p
        Probability of one class of Y_N, eps <= p <= 1/2.

    Examples
    --------
    >>> signs_bound_squared(Fraction(1, 10), Fraction(1, 2))  # (1 - 2 eps)^2
    Fraction(16, 25)
    """
    return 1 - eps * (1 - eps) / (p * (1 - p))


def signs_bound_printed(eps: Any, _p: Any = None) -> Any:
    """(1 - 2 eps)/(1 + 2 eps), as Theorem 3.2 prints it for every p."""
    return (1 - 2 * eps) / (1 + 2 * eps)


def printed_holds_from(eps: Any) -> Any:
    """The least p (1 - p) at which the printed bound of Theorem 3.2 is below the sharp one.

    (1 - eps)(1 + 2 eps)^2/8: from eps (1 - eps)/(p (1 - p)) = 1 - ((1 - 2 eps)/(1 + 2 eps))^2.

    Examples
    --------
    >>> printed_holds_from(Fraction(1, 2))
    Fraction(1, 4)
    """
    return (1 - eps) * (1 + 2 * eps) ** 2 / 8


def extremal_signs(eps: Any, p: Any) -> Signs:
    """The law that attains `signs_bound_squared`: P(A = +1) = (p - eps)/(1 - 2 eps).

    Raises
    ------
    InputError
        Unless 0 <= eps < p <= 1/2 (numbers; symbols are not checked).

    Examples
    --------
    >>> law = extremal_signs(Fraction(1, 10), Fraction(1, 5))
    >>> law.lost, law.gained, law.squared_correlation == signs_bound_squared(law.disagree, law.plus)
    (Fraction(7, 80), Fraction(1, 80), True)
    """
    # guard (all): what is refused
    # tests/theory/networks/test_reduction.py::test_extremal_law_refuses
    if isinstance(eps, int | float | Fraction) and not 0 <= eps < p <= Fraction(1, 2):
        raise bad("eps", eps, "a probability with 0 <= eps < p <= 1/2")
    a = (p - eps) / (1 - 2 * eps)
    gained = (eps + a - p) / 2
    lost = eps - gained
    return Signs(p - lost, lost, gained, 1 - p - gained)


def uniform_correlation_squared(tau: Sequence[Any], weight: Sequence[Any]) -> Any:
    """Square of corr(Yhat_s, Y_s) for redundancies tau_i = t_i s^H / Psi and weights of the monomials.

    Y_s sums t_i independent inputs on monomial i, Yhat_s the same number Psi/s^H on each, and they
    share min(t_i, Psi/s^H) of them (Eq. 6): corr = E min(tau, 1) / sqrt(E tau), under the law that
    gives monomial i the weight w_i^2.

    Parameters
    ----------
    tau, weight
        Equal lengths; the weights need not sum to 1. Exact where both are Fractions.

    Examples
    --------
    >>> uniform_correlation_squared([Fraction(1, 2), Fraction(1, 2), 2], [Fraction(1)] * 3)  # c = 2
    Fraction(4, 9)
    """
    total = sum(weight)
    shared = sum(w * min(t, 1) for t, w in zip(tau, weight, strict=True)) / total
    mean = sum(w * t for t, w in zip(tau, weight, strict=True)) / total
    return shared**2 / mean


def uniform_bound(c: Any) -> Any:
    """The least corr(Yhat_s, Y_s) under uniformity with constant c >= 1: 2/(1 + c).

    min(tau, 1) is concave, so above its chord (1 + tau)/(1 + c) on [1/c, c]; then E min(tau, 1) >=
    (1 + m)/(1 + c) with m = E tau, and (1 + m)/sqrt(m) >= 2.

    Examples
    --------
    >>> uniform_bound(Fraction(3))
    Fraction(1, 2)
    """
    return 2 / (1 + c)


def uniform_bound_printed(c: Any) -> Any:
    """1/c^2, as Theorem 3.3 prints it."""
    return 1 / c**2


def extremal_mass(c: Any) -> Any:
    """Share of the monomials at tau = 1/c (the rest at c) that attains `uniform_bound`: c/(c + 1).

    The mean of tau is 1 there, so that the t_i sum to Psi as they must.

    Examples
    --------
    >>> extremal_mass(Fraction(2))
    Fraction(2, 3)
    """
    return c / (c + 1)
