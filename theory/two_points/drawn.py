"""Pairs of critical points at any N, by Monte Carlo of the Kac-Rice integrand at two points.

With f = H/sqrt N on the unit sphere and the law of `theory.two_points.gaussian_law`, exactly

    E pairs = |S^(N-1)| |S^(N-2)| int (1 - q^2)^((N-3)/2) dq (2 pi)^-(N-1) (xi'^2 - xi'(q)^2)^(-(N-2)/2)
              (xi'^2 - a^2)^(-1/2) E abs(det H1 det H2),

a the covariance of the slopes along t, all given that the gradients at both points are 0. A Hessian is a
block across the plane, of variances xi'' (1 + delta_ij) and of correlation xi''(q)/xi'' with the other
point's; a border beside it; and the curvature along t; less the radial derivative times the identity.

Let t = (r1 + r2)/sqrt 2, and the rest of the plane's variables independent of it: a Hessian is M - t K with
a diagonal K > 0, the same at both points. The eigenvalues of K^(-1/2) M K^(-1/2) give its determinant and its
index at every t. All is R times a direction, and R integrates to a Gamma function; over t/R goes a grid with
a random shift (unbiased). What is drawn is the overlap and the direction of all but t.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray
from scipy import special

from theory.model import Mixture
from theory.two_points.gaussian_law import Derivative, covariance, given

Real = NDArray[np.float64]

_SLOPES = [Derivative(0, "t"), Derivative(1, "t")]
_ACROSS = [Derivative(0, "e"), Derivative(1, "e")]
_BORDERS = [Derivative(0, "et"), Derivative(1, "et")]
# Level, radial derivative and curvature, at one point and at the other.
_PLANE = [Derivative(point, along) for point in (0, 1) for along in ("", "n", "tt")]
_LEVELS, _RADIAL, _CURVED = [0, 3], [1, 4], [2, 5]
_BOTH = np.array([[1.0, 1.0], [1.0, -1.0]]) / math.sqrt(2)  # sum and difference

NODES = 24  # of the grid in t
_UNIFORM = 0.25  # share of overlaps that are
# same (all): how near draws may come to where rounding is seen
_NEAREST = 1 - 1e-4  # beyond, the law's rounding errors are seen


@dataclass(frozen=True)
class PairDraws:
    """Draws of pairs: directions at nodes of a grid in t, R yet to be integrated.

    Attributes
    ----------
    overlap
        Of shape (draws,).
    weight
        Mean number of pairs in that direction, shape (draws, nodes). Rows are independent.
    level
        H/N at both points at R = 1, shape (draws, 2, nodes).
    index
        Number of negative eigenvalues at both, (draws, 2, nodes).
    freedom, scale
        scale R^2/2 has the Gamma law of `freedom`, of shape (draws, nodes).
    """

    overlap: Real
    weight: Real
    level: Real
    index: NDArray[np.int64]
    freedom: float
    scale: Real

    def of(self, k: int | None = None, below: float | None = None) -> Real:
        """Unbiased values of the mean number of ordered pairs in which both points are so, one a row.

        Parameters
        ----------
        k
            Index of both, or None for any.
        below
            Both levels H/N are up to this.
        """
        found = self.weight
        if k is not None:
            found = found * (self.index == k).all(axis=1)
        if below is not None:
            found = found * self._share_below(below)
        return np.asarray(found.mean(axis=1))

    def _share_below(self, below: float) -> Real:
        highest = self.level.max(axis=1)
        with np.errstate(divide="ignore"):
            reach = self.scale * (below / highest) ** 2 / 2
        if below < 0:
            return np.where(highest < 0, special.gammaincc(self.freedom, reach), 0.0)
        return np.where(highest > 0, special.gammainc(self.freedom, reach), 1.0)


def draw_pairs(
    rng: np.random.Generator,
    model: Mixture,
    n: int,
    draws: int,
    around: float = 0.0,
    together: float = 1.0,
) -> PairDraws:
    """Draw pairs of critical points with weights.

    Parameters
    ----------
    rng
        Where from.
    model
        Any mixture but multiples of q^2, in a field or without.
    n
        Number of spins, >= 3.
    draws
        How many.
    around
        Level H/N around which to draw. All are, but few far from it.
    together
        Multiplies the correlation of the blocks of both Hessians: 1, but for what that costs.

    Examples
    --------
    >>> from theory.model import pure
    >>> found = draw_pairs(np.random.default_rng(0), pure(3), 3, 10_000).of()
    >>> bool(abs(found.mean() - 100.329) < 4 * found.std() / 100)
    True
    """
    d2 = float(model.xi(Fraction(1), 2))
    q, log = _overlaps(rng, n, draws)
    law = given(model, q, _PLANE, _SLOPES)[1]
    reach = law[..., _RADIAL] @ _BOTH  # covariances with sum and difference, independent
    own = (_BOTH @ reach[:, _RADIAL])[:, [0, 1], [0, 1]]
    step = reach / np.sqrt(own)[:, None]  # by standard deviations of both
    rest = law - step @ np.swapaxes(step, 1, 2)

    # same (4 -> 5, 2 -> 3): one direction more is without weight
    rank = 4 if len(model.terms) > 1 else 2
    many = (n - 2) * (n + 1)
    x = rng.standard_normal((draws, many + rank))
    x /= np.linalg.norm(x, axis=1, keepdims=True)
    u = (np.arange(NODES) + rng.random((draws, 1))) / NODES
    center, width = _places(step, own, many + rank, d2, n, around)
    t, density = _student(u, center[:, :1], width[:, :1])
    apart, other = _student(rng.random((draws, 1)), 0.0, width[:, 1:])

    values, vectors = np.linalg.eigh(rest)
    root = vectors[..., -rank:] * np.sqrt(np.maximum(values[:, None, -rank:], 0))
    start = (root @ x[:, many:, None])[..., 0] + step[..., 1] * apart
    border = given(model, q, _BORDERS, _ACROSS)[1]
    m = _hessians(x[:, :many], start, n, d2, together * model.xi(q, 2) / d2, border)
    k = np.repeat(step[:, 1:2, 0], n - 1, axis=1)  # the diagonal K
    k[:, -1] -= step[:, 2, 0]
    inner = np.sqrt(k)[:, None]
    mu = np.linalg.eigvalsh(m / inner[..., None] / inner[..., None, :])
    away = mu[..., None] - t[:, None, None]

    scale = 1 + t**2 + apart**2
    power = (many + rank) / 2 + n
    log = (log + log_density(model, n, q) + 2 * np.log(k).sum(axis=1))[:, None] - density - other
    log += np.log(np.abs(away)).sum(axis=(1, 2)) - power * np.log(scale)
    log += (n - 1) * math.log(2) - math.log(math.pi)
    log += math.lgamma(power) - math.lgamma((many + rank) / 2)
    level = start[:, _LEVELS, None] + step[:, :1, :1] * t[:, None]
    return PairDraws(q, np.exp(log), level / math.sqrt(n), (away < 0).sum(axis=2), power, scale)


def log_density(model: Mixture, n: int, q: Real) -> Real:
    """Log of all that stands before the mean of the determinants."""
    own = float(model.xi(Fraction(1), 1))
    across, along = covariance(model, q, *_ACROSS), covariance(model, q, *_SLOPES)
    gradients = (n - 2) / 2 * np.log(own**2 - across**2) + np.log(own**2 - along**2) / 2
    room = _log_spheres(n) + (n - 3) / 2 * np.log1p(-(q**2))
    return np.asarray(room - (n - 1) * math.log(2 * math.pi) - gradients)


def _overlaps(rng: np.random.Generator, n: int, draws: int) -> tuple[Real, Real]:
    """Overlaps, uniform or as of random points; minus the log of their density."""
    shape = (n - 1) / 2
    uniform, random = rng.uniform(-1, 1, draws), 2 * rng.beta(shape, shape, draws) - 1
    q = np.where(rng.random(draws) < _UNIFORM, uniform, random).clip(-_NEAREST, _NEAREST)
    bell = (1 - q**2) ** ((n - 3) / 2) / (2 ** (n - 2) * special.beta(shape, shape))
    return q, -np.log(_UNIFORM / 2 + (1 - _UNIFORM) * bell)


def _log_spheres(n: int) -> float:
    """Log of the areas of the spheres of dimensions n - 1 and n - 2."""
    return sum(math.log(2) + m / 2 * math.log(math.pi) - math.lgamma(m / 2) for m in (n, n - 1))


def _places(
    step: Real, own: Real, freedom: int, d2: float, n: int, around: float
) -> tuple[Real, Real]:
    """Centers and widths of t and of the difference, over R and in standard deviations: (draws, 2).

    Determinants grow like exp(r^2/(4 xi'')) with a radial derivative inside the spectrum.
    """
    # same (numbers, signs): how draws are spread; their weights are exact
    kept = np.clip(1 - own / (2 * d2), own / (4 * n * d2), 1)
    center = math.sqrt(n) * around / step[:, 0]
    width = 1 / np.sqrt((kept + (center * kept) ** 2) * freedom)
    return center / math.sqrt(freedom), width


def _student(u: Real, center: Real | float, width: Real) -> tuple[Real, Real]:
    """Quantiles u of Student's law with two degrees of freedom, moved; the log of the density there."""
    x = 2 * u - 1
    y = x * np.sqrt(2 / (1 - x**2))
    return center + width * y, -1.5 * np.log(2 + y**2) - np.log(width)


def _hessians(x: Real, plane: Real, n: int, d2: float, block: Real, border: Real) -> Real:
    """Hessians at both points, (draws, 2, n - 1, n - 1), the plane's direction last; x are normal numbers."""
    draws, size = len(plane), n - 2
    entries = x.reshape(draws, 2, -1)
    rows, columns = np.tril_indices(size)
    g = np.zeros((draws, 2, size, size))
    g[..., rows, columns] = math.sqrt(d2) * entries[..., size:]
    g[..., columns, rows] = g[..., rows, columns]
    g[..., range(size), range(size)] *= math.sqrt(2)
    other = np.sqrt(1 - block**2)
    g[:, 1] = block[:, None, None] * g[:, 0] + other[:, None, None] * g[:, 1]
    found = np.empty((draws, 2, n - 1, n - 1))
    found[..., :size, :size] = g
    sums = _BOTH @ border @ _BOTH  # independent, as points are alike
    scale = np.sqrt(np.maximum(sums[:, [0, 1], [0, 1]], 0))
    beside = _BOTH @ (scale[..., None] * entries[..., :size])
    found[..., :size, size] = found[..., size, :size] = beside
    found[..., size, size] = plane[:, _CURVED]
    found -= plane[:, _RADIAL][..., None, None] * np.eye(n - 1)
    return found
