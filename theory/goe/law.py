"""The law of one eigenvalue, with the methods of a frozen law of scipy.stats."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from theory.checks import bad, check_integer
from theory.goe.chebyshev_table import Table


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
    The distribution function has an absolute error below 1e-12 and in both tails a relative one
    below 1e-9. The body is tabulated at the first call, in float64, in a second or less up to
    N = 5000 and k = 10, and a call takes microseconds a point from then on. A panel of a far tail
    takes seconds at its first call, by ball arithmetic, and is kept. The logs of tails do not
    underflow above 1e-323.

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

    table: Table
    scale: float

    def _sides(self, x: ArrayLike, which: int) -> Any:
        """Log of P(X < x) (0) or P(X > x) (1), in the shape of x."""
        points = np.asarray(x, dtype=float)
        if np.isnan(points).any():
            raise bad("x", x, "numbers")
        logs = self.table.log_tails(np.ravel(points) / self.scale)
        return logs[which if self.scale > 0 else 1 - which].reshape(points.shape)[()]

    def cdf(self, x: ArrayLike) -> Any:
        """P(X <= x)."""
        return np.exp(self._sides(x, 0))

    def sf(self, x: ArrayLike) -> Any:
        """P(X > x)."""
        return np.exp(self._sides(x, 1))

    def logcdf(self, x: ArrayLike) -> Any:
        """log P(X <= x)."""
        return self._sides(x, 0)

    def logsf(self, x: ArrayLike) -> Any:
        """log P(X > x)."""
        return self._sides(x, 1)

    def logpdf(self, x: ArrayLike) -> Any:
        """Log of the density at x."""
        points = np.asarray(x, dtype=float)
        if not np.isfinite(points).all():
            raise bad("x", x, "finite numbers")

        logs = self.table.log_density(np.ravel(points) / self.scale) - math.log(abs(self.scale))
        return logs.reshape(points.shape)[()]

    def pdf(self, x: ArrayLike) -> Any:
        """Density at x."""
        return np.exp(self.logpdf(x))

    def ppf(self, q: ArrayLike) -> Any:
        """Quantile: the x with cdf(x) = q."""
        return self._quantile(q, 0)

    def isf(self, q: ArrayLike) -> Any:
        """The x with sf(x) = q, which keeps the digits of a small q."""
        return self._quantile(q, 1)

    def median(self) -> float:
        """The x with cdf(x) = 1/2."""
        return float(self.ppf(0.5))

    def _quantile(self, q: ArrayLike, which: int, strict: bool = True) -> Any:
        levels = np.asarray(q, dtype=float)
        # guard (all): what is refused
        # tests/theory/goe/test_law.py::test_ends_and_shapes
        if not ((levels >= 0) & (levels <= 1)).all():
            raise bad("q", q, "numbers from 0 to 1")
        flat = levels.ravel()
        side = which if self.scale > 0 else 1 - which
        s = np.where((flat == 0) == (side == 0), -np.inf, np.inf)
        inner = (flat > 0) & (flat < 1)
        if inner.any():
            small = flat <= 0.5
            for part, at in ((inner & small, side), (inner & ~small, 1 - side)):
                if part.any():
                    s[part] = self.table.solved(
                        flat[part] if at == side else 1 - flat[part], at, strict
                    )
        return (self.scale * s).reshape(levels.shape)[()]

    def moment(self, order: int, about: float = 0.0) -> float:
        """E (X - about)^order, order from 0 to 8."""
        # guard (all): what is refused
        # tests/theory/goe/test_law.py::test_ends_and_shapes
        order = check_integer("order", order, 0, 8)
        return self.table.mean_of(lambda s: (self.scale * s - about) ** order)

    def mean(self) -> float:
        """E X."""
        return self.moment(1)

    def var(self) -> float:
        """Variance of X."""
        return self.moment(2, self.mean())

    def std(self) -> float:
        """Standard deviation of X."""
        return math.sqrt(self.var())

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
