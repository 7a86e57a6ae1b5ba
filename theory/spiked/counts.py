"""Critical points of the spiked model at finite N: mean numbers by overlap, level and index.

On the unit sphere in N dimensions f is Gaussian with covariance xi(q) and mean A m^j, m = s.v; d1 = xi'(1),
d2 = xi''(1). At overlap m the gradient has variance d1 a direction and the mean A j m^(j-1) sqrt(1 - m^2)
along e, the tangent vector towards v; independent of it the Hessian is

    sqrt(d2) G + theta e e^T - r,    theta = A j (j-1) m^(j-2) (1 - m^2),

G symmetric with entries of variance 1 + delta in N - 1 dimensions and r ~ Normal(A j m^j, d1 + d2) the radial
derivative. Given r the level f is normal, of mean A m^j + d1 (r - A j m^j)/(d1 + d2) and of variance
xi(1) - d1^2/(d1 + d2), which is 0 in the pure model: there r = p f. Kac and Rice integrate over m and r. With
eigenvalues l_i of sqrt(d2) G and squares w_i of the components of e, independent of them, the determinant is
prod (l_i - r) (1 + theta sum w_i/(l_i - r)): all overlaps and slopes are taken from one matrix.
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
from theory.model import Mixture, check_mixture, pure

Real = NDArray[np.float64]

# guard (all): what is refused
# tests/theory/spiked/test_counts.py::test_bad_input_is_named
MOST_ORDER = 100
MOST_SPINS = 200
MOST_STRENGTH = 100.0
# same (all): how many nodes and draws; the standard error says what came of it
_BATCH = 1 << 20
_WORK = 1 << 29
_ON_CIRCLE = np.polynomial.legendre.leggauss(400)


@dataclass(frozen=True)
class SpikedCount:
    """A mean number of critical points, and its standard error (0: a quadrature good to 1e-12)."""

    value: float
    stderr: float
    samples: int


@dataclass(frozen=True)
class Question:
    """What is counted: xi, j, A, N; index, level f/sqrt N and least overlap, each or none."""

    model: Mixture
    order: int
    strength: float
    n: int
    k: int | None
    below: float | None
    overlap: float | None

    @property
    def slopes(self) -> tuple[float, float]:
        """d1 and d2."""
        return float(self.model.xi(1, 1)), float(self.model.xi(1, 2))

    @property
    def spread(self) -> float:
        """Standard deviation of r."""
        return math.sqrt(sum(self.slopes))

    @property
    def least(self) -> float:
        """The least overlap."""
        return -1.0 if self.overlap is None else self.overlap

    def gradient(self, m: Real) -> Real:
        """Density of a vanishing gradient along e, over that without a spike."""
        j = self.order
        square = (self.strength * j) ** 2 * m ** (2 * j - 2) * (1 - m * m)
        return np.asarray(np.exp(-square / (2 * self.slopes[0])))

    def spike(self, m: Real) -> Real:
        """theta."""
        j = self.order
        if j == 1:
            return np.zeros_like(m)
        return np.asarray(self.strength * j * (j - 1) * m ** (j - 2) * (1 - m * m))

    def share_below(self, r: Real, m: Real) -> Real:
        """Probability that the level is low enough, given the slope r at overlap m."""
        d1, _ = self.slopes
        mean = self.strength * m**self.order
        level = mean + d1 / self.spread**2 * (r - self.order * mean)
        variance = float(self.model.xi(1)) - d1**2 / self.spread**2
        short = (self.below or 0.0) * math.sqrt(self.n) - level
        if len(self.model.terms) == 1:
            return np.asarray(short >= 0, dtype=float)
        return np.asarray(special.ndtr(short / math.sqrt(variance)))

    def on_circle(self) -> float:
        """N = 2 at all levels: the second derivative is normal, by quadrature over the angle."""
        d1, d2 = self.slopes
        nodes, weights = _ON_CIRCLE
        angle = math.acos(max(-1.0, self.least)) * (nodes + 1) / 2
        weights = weights * math.acos(max(-1.0, self.least))  # both sides of the spike
        m = np.cos(angle)
        mean = self.spike(m) - self.order * self.strength * m**self.order
        spread = math.sqrt(3 * d2 + d1)
        z = mean / spread
        density = np.exp(-z * z / 2) / math.sqrt(2 * math.pi)
        if self.k is None:
            size = spread * (2 * density + z * special.erf(z / math.sqrt(2)))
        else:  # a minimum has a second derivative > 0
            z = -z if self.k else z
            size = spread * (density + z * special.ndtr(z))
        return float(weights @ (self.gradient(m) * size)) / math.sqrt(2 * math.pi * d1)

    def values(self, rng: np.random.Generator, draws: int, levels: int, overlaps: int) -> Real:
        """Unbiased values of the mean number, one a matrix G: (draws,)."""
        n, size, (d1, d2) = self.n, self.n - 1, self.slopes
        g = rng.standard_normal((draws, size, size))
        eigenvalues = math.sqrt(d2 / 2) * np.linalg.eigvalsh(g + g.swapaxes(1, 2))
        w = rng.standard_normal((draws, size)) ** 2
        w /= w.sum(axis=1, keepdims=True)
        # Slopes on a grid with a random shift and tails, overlaps on one of angles.
        width = (math.sqrt(n) + abs(self.strength)) / 2
        u = (np.arange(levels) + rng.random((draws, 1))) / levels
        # same (0.5 -> -0.5): of period 1
        z = width * np.tan(math.pi * (u - 0.5))
        r = self.spread * z
        log = np.log(math.pi * (width + z * z / width) / levels)
        top = math.acos(max(-1.0, self.least))
        angle = top * (np.arange(overlaps) + rng.random((draws, 1))) / overlaps
        m = np.cos(angle)
        weight = self.gradient(m) * np.sin(angle) ** (n - 2) * top / overlaps
        gaps = eigenvalues[:, None] - r[..., None]  # (draws, levels, size)
        log += np.log(np.abs(gaps)).sum(axis=2) - size / 2 * math.log(2 * math.pi * d1)
        log += math.log(2) + size / 2 * math.log(math.pi) - math.lgamma(size / 2)
        response = (w[:, None] / gaps).sum(axis=2)
        factor = 1 + self.spike(m)[:, None] * response[..., None]  # (draws, levels, overlaps)
        mean = self.order * self.strength * m[:, None] ** self.order
        normal = z[..., None] - mean / self.spread
        found = np.abs(factor) * np.exp(log[..., None] - normal**2 / 2) * weight[:, None]
        if self.k is not None:
            index = (gaps < 0).sum(axis=2)[..., None] - (factor < 0) * np.sign(self.spike(m))[
                :, None
            ]
            found *= index == self.k
        if self.below is not None:
            found *= self.share_below(r[..., None], m[:, None])
        return np.asarray(found.sum(axis=(1, 2)) / math.sqrt(2 * math.pi))


def model_of(p: int | Mixture, least: int, most: int) -> Mixture:
    """The pure model of an order, or the model that was handed over."""
    return check_mixture(p) if isinstance(p, Mixture) else pure(check_integer("p", p, least, most))


def spike_order(model: Mixture, order: int | None, most: int) -> int:
    """The power of the mean: that of the highest term if it is not said."""
    if order is None:
        order = model.terms[-1][0]
        if order > most:
            raise bad("model", model, f"degrees up to {most}, or a spike's order of its own")
    return check_integer("order", order, 1, most)


def spiked_count(
    p: int | Mixture,
    strength: float,
    n: int,
    k: int | None = None,
    below: float | None = None,
    overlap: float | None = None,
    tolerance: float = 2e-3,
    seed: int = 0,
    order: int | None = None,
) -> SpikedCount:
    """Mean number of critical points of the spiked model on the unit sphere.

    Parameters
    ----------
    p
        Order, 2 to 100; or a mixture xi.
    strength
        A, of either sign, up to 100: the mean is A m^order at every N.
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
    order
        Power of the mean, 1 to 100; the model's highest if not given. A mean of order 1 is a field along v.

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
    >>> from theory.model import mixture
    >>> round(spiked_count(mixture({2: 1, 4: 0.5}), 1.0, 2, order=3).value, 9)
    5.19157332
    """
    model = model_of(p, 2, MOST_ORDER)
    power = spike_order(model, order, MOST_ORDER)
    n = check_integer("n", n, 2, MOST_SPINS)
    k = None if k is None else check_integer("k", k, 0, n - 1)
    tolerance, seed = check_tolerance(tolerance), check_integer("seed", seed, 0)
    a = float_level("strength", strength, -MOST_STRENGTH, MOST_STRENGTH)
    level = None if below is None else float_level("below", below)
    least = None if overlap is None else float_level("overlap", overlap, -1.0, 1.0)
    of = Question(model, power, a, n, k, level, least)
    if n == 2 and level is None:
        return SpikedCount(of.on_circle(), 0.0, 0)
    # same (4 -> 5, 4 -> 8): a finer grid
    levels = n + 12 + int(4 * abs(a))
    overlaps = 6 + int(math.sqrt(n) + abs(a) * math.sqrt(power))
    rng = np.random.default_rng(seed)
    # same (numbers): how many are drawn at once
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
