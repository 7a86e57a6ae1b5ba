"""Random Hamiltonians at N = 2 by Fourier series: their critical points are sign changes of a slope."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from theory.model import Mixture


def critical_points(model: Mixture, samples: int, seed: int) -> tuple[NDArray, NDArray, NDArray]:
    """H/N at the sign changes of dH/dt, and whether there is a minimum, a maximum; a row an instance."""
    rng = np.random.default_rng(seed)
    size = 2 * model.terms[-1][0] + 2
    # Fourier coefficients of 2 xi(cos t), the covariance of H on the circle.
    grid = 2 * np.pi * np.arange(size) / size
    c = np.fft.rfft(2 * model.xi(np.cos(grid))).real / size
    c[1:] *= 2
    order = np.arange(len(c))
    a, b = rng.standard_normal((2, samples, len(c))) * np.sqrt(np.maximum(c, 0))
    t = 2 * np.pi * np.arange(100 * size) / (100 * size)
    cos, sin = np.cos(np.outer(order, t)), np.sin(np.outer(order, t))
    slope = (b * order) @ cos - (a * order) @ sin
    level = (a @ cos + b @ sin) / 2
    after = np.roll(slope, -1, axis=1)
    minima, maxima = (slope < 0) & (after >= 0), (slope > 0) & (after <= 0)
    with np.errstate(divide="ignore", invalid="ignore"):
        share = slope / (slope - after)
    return level + share * (np.roll(level, -1, axis=1) - level), minima, maxima
