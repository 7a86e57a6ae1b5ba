"""Spectra of Hessians on the sphere, in numbers that no unit of the loss enters."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.special import betaincinv

Real = NDArray[np.float64]

PROBABILITIES = np.array(
    [0.02, 0.05, 0.1, 0.15, 0.2, 0.25, 0.3, 0.4, 0.5, 0.6, 0.7, 0.75, 0.8, 0.85, 0.9, 0.95, 0.98]
)
QUANTILES = 2 * betaincinv(1.5, 1.5, PROBABILITIES) - 1  # of the semicircle on [-1, 1]
BEYOND = 1.2  # radii from the centre: an outlier
NEAR = 0.005  # of the spectrum's length: near 0
DISTANCE = "distance to the nearest semicircle"
OUTLIERS = f"share beyond {BEYOND:g} of its radii"
ZERO = "share of P Hess P at 0, within 0.5 % of its length"
CENTRE = "mean of P Hess P over the spread"
EDGE = "lowest eigenvalue over the spread"
NAMES = (DISTANCE, OUTLIERS, ZERO, CENTRE, EDGE)
BINS = np.linspace(-4.0, 4.0, 81)


def below(x: Real) -> Real:
    """Mass of the semicircle on [-1, 1] below x.

    Examples
    --------
    >>> below(np.array([-1.0, 0.0, 2.0])).tolist()
    [0.0, 0.5, 1.0]
    """
    t = np.clip(x, -1.0, 1.0)
    return np.asarray(0.5 + (t * np.sqrt(1 - t * t) + np.arcsin(t)) / np.pi)


def nearest(values: Real) -> tuple[float, float, float]:
    """Kolmogorov's distance to the nearest of the semicircles through two quantiles, its centre and radius.

    Parameters
    ----------
    values : ndarray, shape (n,)
        Ascending.

    Examples
    --------
    >>> t = (np.arange(999) + 0.5) / 999
    >>> distance, centre, radius = nearest(5 + 3 * (2 * betaincinv(1.5, 1.5, t) - 1))
    >>> distance < 0.002, round(centre, 3), round(radius, 2)
    (True, 5.0, 3.0)
    """
    n, best = len(values), (1.0, float(values.mean()), 0.0)
    found, ranks = np.quantile(values, PROBABILITIES), np.arange(n + 1) / n
    for i in range(len(found)):
        for j in range(i + 1, len(found)):
            radius = float((found[j] - found[i]) / (QUANTILES[j] - QUANTILES[i]))
            if radius <= 0:
                continue
            centre = float(found[i] - radius * QUANTILES[i])
            mass = below((values - centre) / radius)
            distance = float(max((ranks[1:] - mass).max(), (mass - ranks[:-1]).max()))
            best = min(best, (distance, centre, radius))
    return best


def measured(matrix: Real, shift: float) -> dict[str, float | Real]:
    """The numbers of a Hessian on the sphere, and its histogram in units of its spread.

    Parameters
    ----------
    matrix : ndarray, shape (n, n)
        P Hess P - shift P.
    shift : float
        w.grad/|w|^2.

    Examples
    --------
    >>> seen = measured(np.diag(np.arange(101.0) - 50), 0.0)  # flat, not a semicircle
    >>> 0.02 < seen[DISTANCE] < 0.06, seen[CENTRE]
    (True, 0.0)
    """
    values = np.asarray(np.linalg.eigvalsh(matrix), dtype=np.float64)
    distance, centre, radius = nearest(values)
    spread = float(values.std())
    counts = np.histogram(np.clip(values / spread, BINS[0], BINS[-1]), BINS)[0]
    return {
        DISTANCE: distance,
        OUTLIERS: float((np.abs(values - centre) > BEYOND * radius).mean()),
        ZERO: float((np.abs(values + shift) < NEAR * (values[-1] - values[0])).mean()),
        CENTRE: (float(values.mean()) + shift) / spread,
        EDGE: float(values[0]) / spread,
        "histogram": counts / (len(values) * (BINS[1] - BINS[0])),
    }
