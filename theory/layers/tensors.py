"""Critical points of a random tensor on a product of spheres: exact mean numbers at finite sizes.

f = sum X_(i1..iH) w1_i1 .. wH_iH with unit vectors w_l of n_l components, X independent and standard.
At a point the D = sum (n_l - 1) tangential derivatives are independent and standard, independent of f
and of the Hessian G - f: G has zero blocks on the diagonal (f is linear in each w_l) and independent
standard entries in the others. So, by Kac and Rice, exactly

    E #(points of index k, level in B) = prod |S^(n_l - 1)| (2 pi)^(-D/2) E abs det(G - f) 1(k, B),

f standard normal. Rank-one approximations of X that are critical are these points up to signs: over 2^H.

With q entries in G, R^2 = f^2 + |G|^2 and t = f/|G| the determinant is R^D times a function of the
directions, of which R is independent, and sqrt(q) t is Student's with q degrees of freedom. What is
drawn is the direction of G alone; over t goes a grid with a random shift (unbiased), over R a chi law.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from scipy import special

from theory.arithmetic.monte_carlo import check_tolerance, mean_until
from theory.checks import bad, check_integer, listed
from theory.levels import float_level

Real = NDArray[np.float64]

# guard (all): what is refused
# tests/theory/layers/test_tensors.py::test_bad_formats_are_named
MOST_LAYERS = 100
MOST_DIMENSIONS = 400
# same (all): how many are drawn at once, and at most; the standard error says what came of it
_BATCH = 1 << 18
_WORK = 400_000_000
_OVERHEAD = 75
_LEAST = 20
_NODES = 32


@dataclass(frozen=True)
class TensorCount:
    """A mean number of critical points.

    Attributes
    ----------
    value
        The mean number.
    stderr
        Its standard error; 0 where it is exact, or a quadrature good to 1e-11.
    samples
        Matrices drawn.
    layers
        Number of layers H.
    """

    value: float
    stderr: float
    samples: int
    layers: int

    @property
    def rank_one(self) -> float:
        """Mean number of critical rank-one approximations: points up to signs, of any level and index."""
        return self.value / 2**self.layers


@dataclass(frozen=True)
class Format:
    """Sizes n_l >= 2 of the layers that move; layers of one unit only double the number."""

    sizes: tuple[int, ...]

    @property
    def dimension(self) -> int:
        """D, of the product of spheres."""
        return sum(self.sizes) - len(self.sizes)

    @cached_property
    def places(self) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
        """Rows and columns, below the diagonal, where G is not zero."""
        layer = np.repeat(np.arange(len(self.sizes)), np.array(self.sizes) - 1)
        rows, columns = np.nonzero(np.tril(layer[:, None] != layer))
        return rows, columns

    @property
    def log_volume(self) -> float:
        """Log of prod |S^(n_l - 1)| (2 pi)^(-D/2)."""
        spheres = sum(
            math.log(2) + n / 2 * math.log(math.pi) - math.lgamma(n / 2) for n in self.sizes
        )
        return spheres - self.dimension / 2 * math.log(2 * math.pi)

    def values(
        self, rng: np.random.Generator, draws: int, nodes: int, k: int | None, level: float | None
    ) -> Real:
        """Unbiased values of the mean number, one a direction of G: (draws,)."""
        places, size = self.places, self.dimension
        entries = len(places[0])
        x = rng.standard_normal((draws, entries))
        g = np.zeros((draws, size, size))
        g[:, *places] = x / np.linalg.norm(x, axis=1, keepdims=True)
        eigenvalues = np.linalg.eigvalsh(g)
        # f is of the order of sqrt(sum n_l), |G| of sqrt q: t = width tan(..), tails as wide as Cauchy's.
        # same (numbers): how the grid is spread; its weights are exact
        width = math.sqrt(sum(self.sizes) / entries) / 2
        grid = (np.arange(nodes) + rng.random((draws, 1))) / nodes
        t = width * np.tan(math.pi * (grid - 0.5))
        cosine = 1 / np.sqrt(1 + t * t)
        sine = t * cosine
        log = np.zeros_like(t)
        for some in np.array_split(eigenvalues, -(-size // 32), axis=1):
            product = np.ones_like(t)
            for one in some.T:
                product *= one[:, None] * cosine - sine
            log += np.log(np.abs(product))
        freedom = (entries + 1 + size) / 2
        log += (entries + 1) * np.log(cosine) + np.log(math.pi * (width + t * t / width))
        log += self.log_volume + size / 2 * math.log(2) - math.log(math.pi) / 2
        found = np.exp(log + math.lgamma(freedom) - math.lgamma(entries / 2))
        if k is not None:
            edges = np.pad(eigenvalues, ((0, 0), (1, 1)), constant_values=(-np.inf, np.inf))
            # same (comparisons): ties of chance 0
            found *= (edges[:, k, None] < t) & (t <= edges[:, k + 1, None])
        if level is not None:
            found *= _share_below(level, sine, freedom)
        return np.asarray(found.mean(axis=1))


def _share_below(level: float, sine: Real, freedom: float) -> Real:
    """P(R sine <= level) where R^2/2 has the Gamma law of ``freedom``."""
    reach = (level / sine) ** 2 / 2
    if level >= 0:
        return np.where(sine > 0, special.gammainc(freedom, reach), 1.0)
    return np.where(sine < 0, special.gammaincc(freedom, reach), 0.0)


def two_by_two_by_two() -> float:
    """Mean number of critical points of a 2 x 2 x 2 tensor, by quadrature.

    With r^2 the square of two of the entries of G, f = r s, and a the third over r, the determinant is
    r^3 (c - a sin 2w), c = s (s^2 - a^2 - 1), at a uniform angle w: r and w integrate in closed form.
    In s the rest has corners where abs(c) = abs(a), at a, (a + sqrt(a^2 + 4))/2 and (sqrt(a^2 + 4) -
    a)/2.

    Examples
    --------
    >>> round(two_by_two_by_two() / 8, 10)
    4.2866673281
    """
    # same (numbers): more nodes than it takes
    nodes, weights = np.polynomial.legendre.leggauss(120)
    # Powers 3/2 at the corners are smooth in this variable.
    # same (+ -> -): nodes are symmetric
    place, weight = (1 - np.cos(np.pi * (nodes + 1) / 2)) / 2, weights / 4 * np.pi
    # same (+ -> -): nodes are symmetric
    weight = weight * np.sin(np.pi * (nodes + 1) / 2)

    def panels(corners: Real) -> tuple[Real, Real]:
        """Tangents of the nodes between corners (.., c), and their weights."""
        start, width = corners[..., :-1, None], np.diff(corners)[..., None]
        angle = start + width * place
        return np.tan(angle), width * weight / np.cos(angle) ** 2

    a, outer = (x.ravel() for x in panels(np.arctan([0, math.sqrt(0.5), np.inf])))
    root = np.sqrt(a * a + 4)
    # same (sign dropped): of arrays of one axis
    corners = np.stack([0 * a, a, (root + a) / 2, (root - a) / 2, np.inf + a], axis=-1)
    s, inner = panels(np.arctan(np.sort(corners, axis=-1)))
    b = a[:, None, None]
    c = s * (s * s - b * b - 1)
    ratio = np.clip(c / b, -1, 1)
    mean = 2 / np.pi * b * (ratio * np.arcsin(ratio) + np.sqrt(1 - ratio * ratio))
    values = np.where(np.abs(c) < b, mean, np.abs(c)) * (1 + s * s + b * b) ** -3.5
    # Four quadrants; int r^6 exp(-r^2 (1 + s^2 + a^2)/2) dr, over 2 pi; prod |S^1| (2 pi)^(-3/2).
    radial = 2**2.5 * math.gamma(3.5) / (2 * math.pi)
    return float(4 * radial * (2 * math.pi) ** 1.5 * outer @ (values * inner).sum(axis=(1, 2)))


def _exact(sizes: tuple[int, ...]) -> float | None:
    """The mean number of all points where it has a closed form, or nearly."""
    if not sizes:
        return 1.0
    if len(sizes) == 1:
        return 2.0
    if len(sizes) == 2:
        return 4.0 * min(sizes)  # singular vectors
    return two_by_two_by_two() if sizes == (2, 2, 2) else None


def tensor_count(
    sizes: Sequence[int],
    k: int | None = None,
    below: float | None = None,
    tolerance: float = 5e-4,
    seed: int = 0,
) -> TensorCount:
    """Mean number of critical points of a random tensor on the product of its layers' spheres.

    Parameters
    ----------
    sizes
        Units n_l >= 1 of each layer, any number of layers up to 100, sum (n_l - 1) <= 400.
    k
        Index, or None for all.
    below
        If given, only points with f/sqrt(n_1 + .. + n_H) <= this.
    tolerance
        Relative standard error at which drawing ends, if it does not end before, after some 20 seconds.
    seed
        Of the draws.

    Returns
    -------
    TensorCount
        Exact for one or two layers of more than one unit, and for 2 x 2 x 2, in total; else a mean over
        random block matrices with its standard error.

    Raises
    ------
    InputError
        For what is no format, no index 0 to D, no level; where no matrix that was drawn has such points.

    References
    ----------
    Draisma and Horobet, The average number of critical rank-one approximations to a tensor (2016);
    Auffinger and Chen 2014; Kac-Rice at the head of this file.

    Examples
    --------
    >>> tensor_count([3, 5]).value, tensor_count([1, 4]).value
    (12.0, 4.0)
    >>> found = tensor_count([2, 2, 3], tolerance=2e-3)
    >>> abs(found.rank_one - 5.604) < 0.02, found.stderr / found.value <= 2e-3
    (True, True)
    """
    every = [check_integer("sizes", n, 1) for n in listed("sizes", sizes)]
    moving = tuple(sorted(n for n in every if n > 1))
    of = Format(moving)
    tolerance, seed = check_tolerance(tolerance), check_integer("seed", seed, 0)
    shown = ",".join(map(str, every))
    if not 1 <= len(every) <= MOST_LAYERS:
        raise bad("sizes", shown, f"1 to {MOST_LAYERS} layers")
    fixed = 2.0 ** (len(every) - len(moving))
    exact = _exact(moving) if k is None and below is None else None
    if exact is not None:
        return TensorCount(fixed * exact, 0.0, 0, len(every))
    if len(moving) < 2 or of.dimension > MOST_DIMENSIONS:
        takes = (
            f"two sizes >= 2 at least, together at most {MOST_DIMENSIONS} more than their number"
        )
        raise bad("sizes", shown, takes)
    if k is not None:
        k = check_integer("k", k, 0, of.dimension)
    level = None
    if below is not None:
        level = float_level("below", below) * math.sqrt(sum(every))
    nodes = max(_NODES, 2 * of.dimension)
    rng = np.random.default_rng(seed)
    draws = max(_LEAST, _BATCH // (nodes * of.dimension))
    value, stderr, samples = mean_until(
        lambda: of.values(rng, draws, nodes, k, level),
        tolerance,
        _WORK // (_OVERHEAD + of.dimension**2),
    )
    if not value > 0:
        takes = f"points that {samples} random matrices have"
        raise bad("k", k, takes) if below is None else bad("below", below, takes)
    return TensorCount(fixed * value, fixed * stderr, samples, len(every))
