"""Exact mean numbers of critical points at finite N: in total, by index, by level."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, overload

import mpmath

from theory.arithmetic.ball import Ball
from theory.checks import bad, check_index
from theory.finite_n.by_quadrature import log_count
from theory.finite_n.certified import certified_count
from theory.finite_n.critical_points import CriticalPoints
from theory.goe.kth_density import FARTHEST
from theory.model import Mixture


@dataclass(frozen=True)
class Count:
    """A mean number of critical points, exact but for rounding.

    Attributes
    ----------
    n
        Number of spins.
    below
        Level H/N up to which points are counted, or None for all.
    log
        Natural logarithm of the mean number.
    relative_error
        Estimate of the relative error of the number: quadrature and rounding.
    """

    n: int
    below: float | None
    log: float
    relative_error: float

    @property
    def digits(self) -> int:
        """Significant digits that the error supports."""
        return max(1, int(-math.log10(2 * self.relative_error)))

    @property
    def value(self) -> str:
        """Decimal string with only the digits that the error supports."""
        return self.rounded(self.digits)

    def rounded(self, digits: int) -> str:
        """Decimal string with so many digits; InputError if the error does not support them."""
        if digits > self.digits:
            raise bad("digits", digits, f"at most {self.digits} for this count in float64")
        # guard (all): working precision
        # tests/theory/finite_n/test_counts.py::test_digits_follow_from_the_error
        with mpmath.workdps(digits + 10):
            return str(mpmath.nstr(mpmath.exp(self.log), digits, strip_zeros=False))


@overload
def mean_count(
    model: Mixture, n: int, k: int | None = None, below: Any = None, digits: None = None
) -> Count: ...
@overload
def mean_count(model: Mixture, n: int, k: int | None, below: Any, digits: int) -> Ball: ...
@overload
def mean_count(
    model: Mixture, n: int, k: int | None = None, below: Any = None, *, digits: int
) -> Ball: ...
def mean_count(
    model: Mixture,
    n: int,
    k: int | None = None,
    below: Any = None,
    digits: int | None = None,
) -> Count | Ball:
    """Exact mean number of critical points of H on the sphere with H/N <= below.

    Parameters
    ----------
    model
        Any mixture, in an external field (a term of degree 1) or without.
    n
        Number of spins, from 2 to 20000.
    k
        Index, from 0 to n - 1, in float64 at most 64 from either end; None: all indices together.
    below
        Level u from -100 to 100, a name ("-E_inf", "-E_0", ...), or None for all critical points. With
        digits it is taken exactly: a string as the decimal number, or a ball.
    digits
        Significant digits of a certified ball; None for float64.

    Returns
    -------
    Count
        If digits is None: about ten digits, with an estimate of their error.
    Ball
        Else: correctly rounded (`theory.finite_n.certified`).

    Raises
    ------
    InputError
        For what is no mixture, n < 2, k out of range, a level that is not finite, and for
        digits that would take more than about a minute.

    References
    ----------
    ABC, Thm 2.1 and 2.2; Auffinger and Ben Arous 2013 for mixtures. `theory.goe.fredholm` for the index.

    Examples
    --------
    >>> from theory.model import pure
    >>> mean_count(pure(3), 3).rounded(9)  # 2 (1 + 4 2^1.5 / sqrt 7)
    '10.5523597'
    >>> [mean_count(pure(3), 3, k).rounded(6) for k in range(3)]
    ['3.13809', '4.27618', '3.13809']
    >>> mean_count(pure(3), 3, digits=30).value
    '10.5523597411975803099057113882'
    """
    if digits is not None:
        return certified_count(model, n, k, below, digits)
    points = CriticalPoints.of(model, n, k, below)
    if points.k is not None:
        check_index("k", points.k, points.n, FARTHEST)
    log, error = log_count(points)
    # guard (numbers): what is refused
    # tests/theory/finite_n/test_counts.py::test_a_count_without_a_digit_is_refused
    if not error < 0.5:
        raise bad("below", below, f"a level where the count of index {k} can be computed")
    return Count(points.n, points.below_float, log, error)
