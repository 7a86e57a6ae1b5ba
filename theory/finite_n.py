"""Exact mean numbers of critical points at finite N, in total.

E Crt_N(u) = 2 sqrt(2/p) (p-1)^(N/2) int_{y <= b} R(y) exp(-(p-2) y^2/(2p)) dy with R the one-point
intensity of GOE(N) in y = sqrt(N) x and b = u sqrt(N p/(2(p-1))) (ABC Thm 2.1 summed over the index).
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import mpmath
import numpy as np
from numpy.typing import ArrayLike, NDArray

from theory.goe import log_intensity
from theory.model import Mixture, bad, check_integer

Real = NDArray[np.float64]

_DROP = 45.0  # exp(-45) = 3e-20: what lies beyond is left out
_FINE = np.polynomial.legendre.leggauss(16)
_COARSE = np.polynomial.legendre.leggauss(11)


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
        with mpmath.workdps(digits + 10):
            return str(mpmath.nstr(mpmath.exp(self.log), digits, strip_zeros=False))


def _upper_log_integral(p: int, n: int, start: float) -> tuple[float, float]:
    """log of int_start^inf R(y) exp(-c y^2) dy for start >= 0, and the relative quadrature error."""
    c = (p - 2) / (2 * p)
    edge = math.sqrt(2 * n)
    stop = max(start, edge) + 12
    if c > 0:
        stop = min(stop, math.sqrt(start**2 + _DROP / c))
    # One oscillation of R a panel in the bulk; in the tail, one e-folding or so.
    width = min(
        0.5, math.pi / edge, 1 / (1e-9 + 2 * c * start + math.sqrt(max(0.0, start**2 - edge**2)))
    )
    panels = np.arange(start, stop + width, width)[:, None]

    def total(rule: tuple[Real, Real]) -> tuple[float, float]:
        nodes, weights = rule
        y = panels + width * (nodes + 1) / 2
        logs = log_intensity(n, y) - c * y * y
        top = float(logs.max())
        return top, float((np.exp(logs - top) @ weights).sum()) * width / 2

    top, fine = total(_FINE)
    other, coarse = total(_COARSE)
    return top + math.log(fine), abs(math.expm1(other - top + math.log(coarse / fine)))


def log_mean_count(p: int, n: int, below: float | None = None) -> tuple[float, float]:
    """Log of the exact mean number of critical points with H/N <= below, and its error.

    Parameters
    ----------
    p
        Order, >= 2.
    n
        Number of spins, >= 2.
    below
        Level u, or None for all.

    Returns
    -------
    log, relative_error : float
        The error is an estimate: the difference of two quadratures plus rounding, below 1e-9 up to
        N = 5000. Time O(N) a quadrature node.

    Examples
    --------
    >>> round(math.exp(log_mean_count(3, 2)[0]), 9)  # 2 sqrt 7
    5.291502622
    """
    prefactor = math.log(2) + math.log(2 / p) / 2 + n / 2 * math.log(p - 1)
    if below is None:
        log, error = _upper_log_integral(p, n, 0.0)
        log += math.log(2)
    else:
        b = below * math.sqrt(n * p / (2 * (p - 1)))
        log, error = _upper_log_integral(p, n, abs(b))
        if b > 0:
            # All but the part above b: at least half of all, so nothing cancels.
            whole, whole_error = _upper_log_integral(p, n, 0.0)
            log = math.log(2) + whole + math.log1p(-math.exp(log - whole) / 2)
            error = 2 * max(error, whole_error)
    log += prefactor
    return log, error + 4e-16 * (n + abs(log) + n * (below or 0.0) ** 2)


def log_mean_counts(p: int, n: int, below: ArrayLike) -> Real:
    """`log_mean_count` at many levels: the logarithms alone.

    Examples
    --------
    >>> log_mean_counts(3, 10, [-1.6, 0.0]).round(6).tolist()
    [-1.554745, 4.966042]
    """
    levels = np.asarray(below, dtype=float)
    logs = [log_mean_count(p, n, float(u))[0] for u in levels.ravel()]
    return np.asarray(logs).reshape(levels.shape)


def mean_count(model: Mixture, n: int, k: int | None = None, below: float | None = None) -> Count:
    """Exact mean number of critical points of H on the sphere with H/N <= below.

    Parameters
    ----------
    model
        A pure model, p >= 2.
    n
        Number of spins, from 2 to 20000.
    k
        None: all indices together (counts by index are not provided yet).
    below
        Level u, or None for all critical points.

    Returns
    -------
    Count

    Raises
    ------
    InputError
        For a mixture, k not None, n < 2, a level that is not finite.

    References
    ----------
    ABC, Thm 2.1, summed over the index.

    Examples
    --------
    >>> from theory.model import pure
    >>> mean_count(pure(3), 3).rounded(9)  # 2 (1 + 4 2^1.5 / sqrt 7)
    '10.5523597'
    """
    if not isinstance(model, Mixture) or not model.is_pure:
        raise bad("model", model, "a pure model, q^p, for now")
    if k is not None:
        raise bad("k", k, "nothing: counts by index are not provided yet")
    n = check_integer("n", n, 2, 20_000)
    if below is not None:
        try:
            below = float(below)
        except (TypeError, ValueError, OverflowError):
            raise bad("below", repr(below), "a level between -100 and 100") from None
        if not abs(below) <= 100:
            raise bad("below", below, "a level between -100 and 100")
    log, error = log_mean_count(model.p, n, below)
    return Count(n, below, log, error)
