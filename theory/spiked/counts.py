"""Critical points of the spiked model at finite N: mean numbers by overlap, level and index.

On the unit sphere in N dimensions f is Gaussian with covariance q^p and mean A m^p, m = s.v. At overlap
m the level is f ~ Normal(A m^p, 1); the gradient has variance p a direction and the mean A p m^(p-1)
sqrt(1 - m^2) along e, the tangent vector towards v; independent of it the Hessian is

    sqrt(p (p-1)) G + theta e e^T - p f,    theta = A p (p-1) m^(p-2) (1 - m^2),

G symmetric with entries of variance 1 + delta in N - 1 dimensions. Kac and Rice integrate over m and f.
With eigenvalues l_i of sqrt(p (p-1)) G and squares w_i of the components of e, independent of them, the
determinant is prod (l_i - p f) (1 + theta sum w_i/(l_i - p f)): all overlaps and levels are taken from
one matrix.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import special

from theory.arithmetic.monte_carlo import check_tolerance, mean_until
from theory.checks import bad, check_integer
from theory.levels import float_level

Real = NDArray[np.float64]

# guard (all): what is refused
# tests/theory/spiked/test_counts.py::test_bad_input_is_named
MOST_ORDER = 100
MOST_SPINS = 200
MOST_STRENGTH = 100.0
# same (all): how many nodes and draws; the standard error says what came of it
_BATCH = 1 << 20
_WORK = 1 << 29
_CIRCLE = 400


@dataclass(frozen=True)
class SpikedCount:
    """A mean number of critical points, and its standard error (0: a quadrature good to 1e-12)."""

    value: float
    stderr: float
    samples: int


@dataclass(frozen=True)
class Question:
    """What is counted: p, A, N; index, level f/sqrt N and least overlap, each or none."""

    p: int
    strength: float
    n: int
    k: int | None
    below: float | None
    overlap: float | None

    @property
    def least(self) -> float:
        """The least overlap."""
        return -1.0 if self.overlap is None else self.overlap

    def gradient(self, m: Real) -> Real:
        """Density of a vanishing gradient along e, over that without a spike."""
        mean = self.p * self.strength**2 * m ** (2 * self.p - 2) * (1 - m * m)
        return np.asarray(np.exp(-mean / 2))

    def spike(self, m: Real) -> Real:
        """theta."""
        p = self.p
        return np.asarray(self.strength * p * (p - 1) * m ** (p - 2) * (1 - m * m))

    def on_circle(self) -> float:
        """N = 2 at all levels: the second derivative is normal, by quadrature over the angle."""
        p = self.p
        nodes, weights = np.polynomial.legendre.leggauss(_CIRCLE)
        angle = math.acos(max(-1.0, self.least)) * (nodes + 1) / 2
        weights = weights * math.acos(max(-1.0, self.least))  # both sides of the spike
        m = np.cos(angle)
        mean = self.spike(m) - p * self.strength * m**p
        spread = math.sqrt(2 * p * (p - 1) + p * p)
        z = mean / spread
        density = np.exp(-z * z / 2) / math.sqrt(2 * math.pi)
        if self.k is None:
            size = spread * (2 * density + z * special.erf(z / math.sqrt(2)))
        else:  # a minimum has a second derivative > 0
            z = -z if self.k else z
            size = spread * (density + z * special.ndtr(z))
        return float(weights @ (self.gradient(m) * size)) / math.sqrt(2 * math.pi * p)

    def values(self, rng: np.random.Generator, draws: int, levels: int, overlaps: int) -> Real:
        """Unbiased values of the mean number, one a matrix G: (draws,)."""
        n, p, size = self.n, self.p, self.n - 1
        g = rng.standard_normal((draws, size, size))
        scale = math.sqrt(p * (p - 1) / 2)
        eigenvalues = scale * np.linalg.eigvalsh(g + g.swapaxes(1, 2))
        w = rng.standard_normal((draws, size)) ** 2
        w /= w.sum(axis=1, keepdims=True)
        # Levels on a grid with a random shift and tails, overlaps on one of angles.
        width = (math.sqrt(n) + abs(self.strength)) / 2
        u = (np.arange(levels) + rng.random((draws, 1))) / levels
        f = width * np.tan(math.pi * (u - 0.5))
        log = np.log(math.pi * (width + f * f / width) / levels)
        top = math.acos(max(-1.0, self.least))
        angle = top * (np.arange(overlaps) + rng.random((draws, 1))) / overlaps
        m = np.cos(angle)
        weight = self.gradient(m) * np.sin(angle) ** (n - 2) * top / overlaps
        gaps = eigenvalues[:, None] - p * f[..., None]  # (draws, levels, size)
        log += np.log(np.abs(gaps)).sum(axis=2) - size / 2 * math.log(2 * math.pi * p)
        log += math.log(2) + size / 2 * math.log(math.pi) - math.lgamma(size / 2)
        response = (w[:, None] / gaps).sum(axis=2)
        factor = 1 + self.spike(m)[:, None] * response[..., None]  # (draws, levels, overlaps)
        normal = f[..., None] - self.strength * m[:, None] ** p
        found = np.abs(factor) * np.exp(log[..., None] - normal**2 / 2) * weight[:, None]
        if self.k is not None:
            index = (gaps < 0).sum(axis=2)[..., None] - (factor < 0) * np.sign(self.spike(m))[
                :, None
            ]
            found *= index == self.k
        if self.below is not None:
            found *= (f <= self.below * math.sqrt(n))[..., None]
        return np.asarray(found.sum(axis=(1, 2)) / math.sqrt(2 * math.pi))


def spiked_count(
    p: int,
    strength: float,
    n: int,
    k: int | None = None,
    below: float | None = None,
    overlap: float | None = None,
    tolerance: float = 2e-3,
    seed: int = 0,
) -> SpikedCount:
    """Mean number of critical points of the spiked model on the unit sphere.

    Parameters
    ----------
    p
        Order, 2 to 100.
    strength
        A, of either sign, up to 100: the mean is A m^p at every N.
    n
        Dimensions N, 2 to 200.
    k
        Index, or None for all.
    below
        If given, only points with f/sqrt N <= this.
    overlap
        If given, only points with m >= this.
    tolerance
        Relative standard error at which drawing ends, if it does not end before, after some 20 seconds.
    seed
        Of the draws.

    Returns
    -------
    SpikedCount
        At N = 2 and all levels a quadrature; else a mean over random matrices.

    Raises
    ------
    InputError
        For other arguments; where no matrix that was drawn has such points.

    References
    ----------
    Ben Arous, Mei, Montanari and Nica 2019; Kac-Rice at the head of this file.

    Examples
    --------
    >>> round(spiked_count(3, 1.0, 2).value, 9), round(spiked_count(3, 0.0, 2).value, 9)
    (5.160926539, 5.291502622)
    """
    p = check_integer("p", p, 2, MOST_ORDER)
    n = check_integer("n", n, 2, MOST_SPINS)
    k = None if k is None else check_integer("k", k, 0, n - 1)
    tolerance, seed = check_tolerance(tolerance), check_integer("seed", seed, 0)
    a = float_level("strength", strength, -MOST_STRENGTH, MOST_STRENGTH)
    level = None if below is None else float_level("below", below)
    least = None if overlap is None else float_level("overlap", overlap, -1.0, 1.0)
    of = Question(p, a, n, k, level, least)
    if n == 2 and level is None:
        return SpikedCount(of.on_circle(), 0.0, 0)
    levels = n + 12 + int(4 * abs(a))
    overlaps = 6 + int(math.sqrt(n) + abs(a) * math.sqrt(p))
    rng = np.random.default_rng(seed)
    draws = max(2, _BATCH // (levels * (n + overlaps)))
    most = _WORK // (levels * (n + overlaps))
    value, stderr, samples = mean_until(
        lambda: of.values(rng, draws, levels, overlaps), tolerance, most
    )
    if not value > 0:
        asked = {"k": k, "below": below, "overlap": overlap}
        name, got = next((key, one) for key, one in asked.items() if one is not None)
        raise bad(name, got, f"points that {samples} random matrices have")
    return SpikedCount(value, stderr, samples)
