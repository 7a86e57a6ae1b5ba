"""Kac-Rice at finite N, reduced to one eigenvalue: constants of the model and the weight of a level.

In y = sqrt(N) x, with xi' and xi'' at 1, the radial derivative at a critical point is that of an
eigenvalue lam of GOE(N), and given it H/N is Normal with mean mu lam/sqrt(N) and variance sigma^2/N:

    mean number = 2 sqrt(2 xi'/(xi' + xi'')) (xi''/xi')^(N/2) E[sum exp(-c lam^2) P(H/N <= u | lam)],
    c = (xi'' - xi')/(2 (xi' + xi'')),  mu = xi' sqrt(2 xi'')/(xi' + xi''),
    sigma^2 = xi - xi'^2/(xi' + xi'');  sigma = 0 for the pure model (ABC Thm 2.1).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from fractions import Fraction

import flint
import numpy as np
from numpy.typing import NDArray
from scipy.special import log_ndtr

from theory.arithmetic.ball import to_arb
from theory.model import Mixture

Real = NDArray[np.float64]


@dataclass(frozen=True)
class KacRiceConstants:
    """c, mu and sigma^2 of the Kac-Rice integrand of a model, exact in xi, xi', xi'' at 1."""

    value: Fraction
    slope: Fraction
    curvature: Fraction

    @classmethod
    def of(cls, model: Mixture) -> KacRiceConstants:
        """Take them from a model."""
        one = Fraction(1)
        return cls(model.xi(one), model.xi(one, 1), model.xi(one, 2))

    @property
    def c(self) -> Fraction:
        """(xi'' - xi')/(2 (xi' + xi''))."""
        return (self.curvature - self.slope) / (2 * (self.slope + self.curvature))

    @property
    def mu_squared(self) -> Fraction:
        """mu^2 = 2 xi'^2 xi''/(xi' + xi'')^2."""
        return 2 * self.slope**2 * self.curvature / (self.slope + self.curvature) ** 2

    @property
    def variance(self) -> Fraction:
        """sigma^2, 0 for the pure model."""
        return self.value - self.slope**2 / (self.slope + self.curvature)

    def cut(self, n: int, below: flint.arb | None) -> tuple[flint.arb | None, flint.arb | None]:
        """Level in y and its width, as balls: None for all levels, and for a sharp cut."""
        if below is None:
            return None, None
        mu = to_arb(self.mu_squared).sqrt()
        width = to_arb(self.variance).sqrt() / mu if self.variance else None
        return flint.arb(n).sqrt() * below / mu, width

    def factor(self, n: int) -> flint.arb:
        """2 sqrt(2 xi'/(xi' + xi'')) (xi''/xi')^(N/2) as a ball."""
        share = 2 * self.slope / (self.slope + self.curvature)
        return 2 * to_arb(share).sqrt() * to_arb(self.curvature / self.slope).sqrt() ** n

    def log_factor(self, n: int) -> float:
        """log of 2 sqrt(2 xi'/(xi' + xi'')) (xi''/xi')^(N/2)."""
        share = 2 * self.slope / (self.slope + self.curvature)
        return math.log(2) + math.log(share) / 2 + n / 2 * math.log(self.curvature / self.slope)


@dataclass(frozen=True)
class Weight:
    """exp(-c y^2) P(Normal(cut, width^2) >= y), the weight of an eigenvalue at y.

    Attributes
    ----------
    c
        Of the Gaussian.
    cut
        Level in y, or infinity for all levels.
    width
        0: the cut is sharp.
    """

    c: float
    cut: float
    width: float

    @classmethod
    def of(cls, constants: KacRiceConstants, n: int, below: float | None) -> Weight:
        """Weight of the critical points with H/N <= below (None: of all)."""
        mu = math.sqrt(constants.mu_squared)
        cut = math.inf if below is None else math.sqrt(n) * below / mu
        width = 0.0 if below is None else math.sqrt(constants.variance) / mu
        return cls(float(constants.c), cut, width)

    @property
    def end(self) -> float:
        """Where the weight becomes 0, or infinity."""
        return math.inf if self.width else self.cut

    def log(self, y: Real) -> Real:
        """Log of the weight, for y <= end."""
        gaussian = -self.c * y * y
        if self.width:
            return np.asarray(gaussian + log_ndtr((self.cut - y) / self.width))
        return np.asarray(gaussian)

    # same (all): more panels or fewer; the error is stated
    def breaks(self) -> Real:
        """Where panels must end: close around a narrow cut."""
        if not self.width:
            return np.empty(0)
        return self.cut + self.width * np.linspace(-8.0, 8.0, 9)
