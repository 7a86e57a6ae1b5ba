"""The law of one eigenvalue, with the methods of a frozen law of scipy.stats."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import ArrayLike, NDArray

from theory.checks import bad, check_integer

Real = NDArray[np.float64]


class Tabulated(Protocol):
    """A law of S as a law of eigenvalues asks for it, at finite points."""

    def log_tail(self, s: Real, side: int, exact: bool) -> Real:
        """Log of P(S < s) (0) or P(S > s) (1); exact: to relative accuracy where it is close to 0."""
        ...

    def log_density(self, s: Real) -> Real:
        """Log of the density."""
        ...

    def body_log_density(self, s: Real) -> Real:
        """The same where most of the law is."""
        ...

    def solved(self, aim: Real, side: int, strict: bool) -> Real:
        """Where the log of a tail is so much, at most -log 2."""
        ...

    def mean_of(self, function: Callable[[Real], Real]) -> float:
        """E function(S)."""
        ...

    def moment(self, scale: float, order: int, about: float) -> float:
        """E (scale S - about)^order."""
        ...


@dataclass(frozen=True)
class Law:
    """The law of one eigenvalue X = scale S.

    Attributes
    ----------
    table
        The law of S.
    scale
        Negative where X falls as S rises.

    Notes
    -----
    The distribution function has an absolute error below 1e-12, and both tails a relative one below
    1e-9 down to 1e-300. Beyond, logs go on as the asymptotic formula of `theory.goe.laws.tail_leads` does
    from there, to better than 1e-4 of what is added. What is not a number gives none; beyond both ends
    lies nothing. Tables are made when first asked for: the body in float64, and each of the two far
    tails, where float64 has no digits, from a dozen points in ball arithmetic; then a call takes
    microseconds a point. Laws can be pickled.

    Examples
    --------
    >>> from theory.goe.kth_law import edge_law
    >>> law = edge_law(0)  # Tracy-Widom, beta = 1
    >>> round(law.mean(), 10), round(law.var(), 10), round(law.std(), 10)
    (-1.2065335746, 1.6077810346, 1.2679830577)
    >>> law.cdf([-2.0, 0.0]).round(10).tolist()
    [0.2743201979, 0.8319080662]
    >>> float(law.isf(law.sf(2.0)).round(10)), float(law.ppf(law.cdf(-2.0)).round(10))
    (2.0, -2.0)
    >>> law.rvs(size=(2, 3), random_state=np.random.default_rng(1)).shape
    (2, 3)
    """

    table: Tabulated
    scale: float

    def _sides(self, x: ArrayLike, which: int, exact: bool) -> Any:
        """Log of P(X < x) (0) or P(X > x) (1), in the shape of x."""
        # same (comparisons): a scale is not 0
        side = which if self.scale > 0 else 1 - which

        def inner(s: Real) -> Real:
            return self.table.log_tail(s, side, exact)

        return self._at(x, inner, *((-np.inf, 0.0) if which == 0 else (0.0, -np.inf)))

    def _at(self, x: ArrayLike, inner: Callable[[Real], Real], low: float, high: float) -> Any:
        """inner(s) at finite x, the limits elsewhere, in the shape of x."""
        points = np.asarray(x, dtype=float)
        flat = points.ravel()
        # same (comparisons): what is finite is set below
        found = np.where(flat < 0, low, np.where(flat > 0, high, np.nan))
        here = np.isfinite(flat)
        if here.any():
            found[here] = inner(flat[here] / self.scale)
        return found.reshape(points.shape)[()]

    def cdf(self, x: ArrayLike) -> Any:
        """P(X <= x)."""
        return np.exp(self._sides(x, 0, exact=False))

    def sf(self, x: ArrayLike) -> Any:
        """P(X > x)."""
        return np.exp(self._sides(x, 1, exact=False))

    def logcdf(self, x: ArrayLike) -> Any:
        """log P(X <= x), to relative accuracy at both ends."""
        return self._sides(x, 0, exact=True)

    def logsf(self, x: ArrayLike) -> Any:
        """log P(X > x), to relative accuracy at both ends."""
        return self._sides(x, 1, exact=True)

    def logpdf(self, x: ArrayLike) -> Any:
        """Log of the density at x."""
        shift = math.log(abs(self.scale))
        return self._at(x, lambda s: self.table.log_density(s) - shift, -np.inf, -np.inf)

    def pdf(self, x: ArrayLike) -> Any:
        """Density at x."""
        return np.exp(self.logpdf(x))

    def ppf(self, q: ArrayLike) -> Any:
        """Quantile: the x with cdf(x) = q."""
        return self._quantile(q, 0)

    def isf(self, q: ArrayLike) -> Any:
        """The x with sf(x) = q, which keeps the digits of a small q."""
        return self._quantile(q, 1)

    def ilogcdf(self, log_q: ArrayLike) -> Any:
        """The x with logcdf(x) = log_q, however far in the tail.

        Examples
        --------
        >>> from theory.goe.kth_law import goe_law
        >>> float(goe_law(1, 0).ilogcdf(-1000.0).round(3))  # of Normal(0, 1)
        -44.616
        """
        return self._log_quantile(log_q, 0)

    def ilogccdf(self, log_q: ArrayLike) -> Any:
        """The x with logsf(x) = log_q, however far in the tail."""
        return self._log_quantile(log_q, 1)

    def median(self) -> float:
        """The x with cdf(x) = 1/2."""
        return float(self.ppf(0.5))

    def interval(self, confidence: ArrayLike) -> tuple[Any, Any]:
        """Ends between which X lies with this probability, as often below them as above."""
        share = np.asarray(confidence, dtype=float)
        return self.ppf((1 - share) / 2), self.isf((1 - share) / 2)

    def support(self) -> tuple[float, float]:
        """The line."""
        return -math.inf, math.inf

    def _quantile(self, q: ArrayLike, which: int, strict: bool = True) -> Any:
        levels = np.asarray(q, dtype=float)
        # guard (all): what is refused
        # tests/theory/goe/test_law.py::test_ends_and_shapes
        if ((levels < 0) | (levels > 1)).any():
            raise bad("q", q, "numbers from 0 to 1")
        flat = levels.ravel()
        with np.errstate(divide="ignore"):
            found = self._solved(np.log(flat), np.log1p(-flat), which, strict)
        return found.reshape(levels.shape)[()]

    def _log_quantile(self, log_q: ArrayLike, which: int) -> Any:
        logs = np.asarray(log_q, dtype=float)
        # guard (all): what is refused
        # tests/theory/goe/test_law.py::test_ends_and_shapes
        if (logs > 0).any():
            raise bad("log_q", log_q, "numbers <= 0")
        flat = logs.ravel()
        with np.errstate(divide="ignore"):
            found = self._solved(flat, np.log(-np.expm1(flat)), which, strict=True)
        return found.reshape(logs.shape)[()]

    def _solved(self, log_q: Real, log_rest: Real, which: int, strict: bool) -> Real:
        """The x with so much on one side (0: below) and the rest on the other; both are logs."""
        # same (comparisons): a scale is not 0
        side = which if self.scale > 0 else 1 - which
        s = np.where((log_q == -np.inf) == (side == 0), -np.inf, np.inf)
        s[np.isnan(log_q)] = np.nan
        inner = (log_q > -np.inf) & (log_rest > -np.inf)
        small = log_q <= log_rest
        for part, at, aim in ((inner & small, side, log_q), (inner & ~small, 1 - side, log_rest)):
            if part.any():
                s[part] = self.table.solved(aim[part], at, strict)
        return self.scale * s

    def moment(self, order: int, about: float = 0.0) -> float:
        """E (X - about)^order, order from 0 to 8."""
        # guard (all): what is refused
        # tests/theory/goe/test_law.py::test_ends_and_shapes
        order = check_integer("order", order, 0, 8)
        return self.table.moment(self.scale, order, float(about))

    def mean(self) -> float:
        """E X."""
        return self.moment(1)

    def var(self) -> float:
        """Variance of X."""
        return self.moment(2, self.mean())

    def std(self) -> float:
        """Standard deviation of X."""
        return math.sqrt(self.var())

    def stats(self, moments: str = "mv") -> tuple[float, ...]:
        """Mean (m), variance (v), skewness (s) and excess kurtosis (k), as letters ask for them.

        Examples
        --------
        >>> from theory.goe.kth_law import edge_law
        >>> [round(value, 9) for value in edge_law(0).stats("sk")]
        [0.293464524, 0.165242938]
        """
        mean, var = self.mean(), self.var()
        ways: dict[str, Callable[[], float]] = {
            "m": lambda: mean,
            "v": lambda: var,
            "s": lambda: self.moment(3, mean) / var**1.5,
            "k": lambda: self.moment(4, mean) / var**2 - 3,
        }
        if not moments or set(moments) - set(ways):
            raise bad("moments", moments, "some of the letters m, v, s, k")
        return tuple(ways[letter]() for letter in moments)

    def expect(self, function: Callable[[Any], Any]) -> float:
        """E function(X), of one that is smooth and takes arrays; what lies beyond exp(-33) is left out.

        Examples
        --------
        >>> from theory.goe.kth_law import goe_law
        >>> round(goe_law(1, 0).expect(np.cos), 12)  # exp(-1/2)
        0.606530659713
        """
        return self.table.mean_of(lambda s: np.asarray(function(self.scale * s)))

    def entropy(self) -> float:
        """-E log of the density.

        Examples
        --------
        >>> from theory.goe.kth_law import goe_law
        >>> round(goe_law(1, 0).entropy(), 12)  # (1 + log 2 pi)/2
        1.418938533205
        """
        logs = self.table.mean_of(self.table.body_log_density)
        return math.log(abs(self.scale)) - logs

    # guard (all): ends of the uniform numbers
    # tests/theory/goe/test_law.py::test_the_ends_of_uniform_numbers_are_drawn_finite
    def rvs(
        self,
        size: int | tuple[int, ...] | None = None,
        random_state: np.random.Generator | int | None = None,
    ) -> Any:
        """Independent copies by inversion of cdf, to 1e-12 of it; in float64 alone.

        Parameters
        ----------
        size
            Shape of what is drawn; None for one number.
        random_state
            A generator of NumPy, the seed of a new one, or None for one that no run repeats; there
            is no global state.
        """
        u = np.random.default_rng(random_state).random(size)
        return self._quantile(np.clip(u, 2.0**-54, 1 - 2.0**-53), 0, strict=False)
