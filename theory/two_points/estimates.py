"""Second moments of the number of critical points at any N, with their errors."""

from __future__ import annotations

import math
from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from theory.arithmetic.monte_carlo import mean_until
from theory.checks import bad, check_integer
from theory.finite_n.counts import mean_count
from theory.levels import float_level
from theory.model import Mixture, check_mixture
from theory.two_points.circle import is_even_or_odd
from theory.two_points.drawn import NODES, draw_pairs
from theory.two_points.three_spins import pairs_of_three

# guard (all): what is refused
# tests/theory/two_points/test_estimates.py::test_bad_input_is_named
MOST_SPINS = 200
# same (all): how many are drawn at once, and at most; the standard error says what came of it
_BATCH = 1 << 20
_WORK = 1 << 24


@dataclass(frozen=True)
class Estimate:
    """First two moments of the number of critical points, or of those of one index or up to a level.

    Attributes
    ----------
    mean
        E Crt, exact.
    pairs
        Mean number of ordered pairs, neither the same point nor antipodes.
    stderr
        Its standard error; where nothing was drawn, the error of a quadrature.
    second_moment
        E Crt^2, with the same error.
    draws
        Pairs of matrices drawn.
    """

    mean: float
    pairs: float
    stderr: float
    second_moment: float
    draws: int

    @property
    def fano(self) -> float:
        """Variance over mean of the number."""
        return self.second_moment / self.mean - self.mean

    @property
    def ratio(self) -> float:
        """E Crt^2/(E Crt)^2: near 1 the mean speaks of typical instances."""
        return self.second_moment / self.mean**2


def estimated_moments(
    model: Mixture,
    n: int,
    k: int | None = None,
    below: float | None = None,
    tolerance: float = 1e-2,
    seed: int = 0,
) -> Estimate:
    """E Crt^2 and the mean number of pairs beside the diagonal, at N >= 3.

    Parameters
    ----------
    model
        Any mixture but multiples of q and of q^2, in a field or without.
    n
        Number of spins, 3 to 200.
    k
        Index of both points, or None for any.
    below
        If given, points with H/N <= this.
    tolerance
        Relative standard error at which drawing ends, if it does not end before, after a quarter of a minute.
    seed
        Of the draws.

    Returns
    -------
    Estimate
        All points at N = 3 by quadrature; else a mean over pairs of random matrices. Antipodes are added
        where H(-s) = +-H(s): for odd H those of index k and level u are of index N - 1 - k and level -u.

    Raises
    ------
    InputError
        For another model, n, index, level or tolerance; where no pair that was drawn is so.

    References
    ----------
    Subag, The complexity of spherical p-spin models: a second moment approach (2017).

    Examples
    --------
    >>> from theory.model import pure
    >>> found = estimated_moments(pure(3), 4, tolerance=2e-2)
    >>> abs(found.pairs - 344.5) < 5 * found.stderr, abs(found.fano - 1.55) < 0.5
    (True, True)
    """
    check_mixture(model)
    if len(model.terms) == 1 and model.terms[0][0] <= 2:
        raise bad("model", model, "a mixture with more than one term, or p >= 3")
    n = check_integer("n", n, 3, MOST_SPINS)
    if k is not None:
        k = check_integer("k", k, 0, n - 1)
    level = None if below is None else float_level("below", below)
    tolerance = float_level("tolerance", tolerance)
    seed = check_integer("seed", seed, 0)
    if not tolerance > 0:
        raise bad("tolerance", tolerance, "a number > 0")
    mean = _mean(model, n, k, level)
    if n == 3 and k is None and level is None:
        pairs, stderr, draws = *pairs_of_three(model), 0
    else:
        pairs, stderr, draws = _drawn(model, n, k, level, tolerance, seed)
    return Estimate(mean, pairs, stderr, pairs + mean + antipodes(model, n, k, level), draws)


def antipodes(model: Mixture, n: int, k: int | None, below: float | None) -> float:
    """Mean number of points that are so, and whose antipodes are so too.

    Examples
    --------
    >>> from theory.model import parse, pure
    >>> [round(antipodes(pure(3), 3, k, None), 3) for k in (None, 0, 1)]
    [10.552, 0.0, 4.276]
    >>> antipodes(parse("q^3 + q^4"), 3, None, None), antipodes(pure(3), 3, 1, -0.1)
    (0.0, 0.0)
    """
    if not is_even_or_odd(model):
        return 0.0
    if model.terms[0][0] % 2 == 0:
        return _mean(model, n, k, below)
    if k not in (None, n - 1 - (k or 0)):
        return 0.0
    if below is None:
        return _mean(model, n, k, None)
    return max(0.0, _mean(model, n, k, below) - _mean(model, n, k, -below)) if below > 0 else 0.0


def _mean(model: Mixture, n: int, k: int | None, below: float | None) -> float:
    return math.exp(mean_count(model, n, k, below).log)


def _drawn(
    model: Mixture, n: int, k: int | None, below: float | None, tolerance: float, seed: int
) -> tuple[float, float, int]:
    around = typical_level(model, n, k)
    around = around if below is None else min(below, around)
    rng = np.random.default_rng(seed)
    draws = max(50, _BATCH // (NODES * n * n))
    value, stderr, found = mean_until(
        lambda: draw_pairs(rng, model, n, draws, around).of(k, below),
        tolerance,
        _WORK // (n * n),
    )
    if not value > 0:
        name, got = ("k", k) if below is None else ("below", below)
        raise bad(name, got, f"points that {found} pairs of random matrices have")
    return value, stderr, found


def typical_level(model: Mixture, n: int, k: int | None) -> float:
    """About where points of index k lie; 0 for all of them together. Nothing depends on it but errors.

    Examples
    --------
    >>> from theory.model import pure
    >>> typical_level(pure(3), 5, None), round(typical_level(pure(3), 5, 0), 2)
    (0.0, -1.51)
    """
    if k is None:
        return 0.0
    slope, curvature = (float(model.xi(Fraction(1), order)) for order in (1, 2))
    radial = -2 * math.sqrt(curvature) * math.cos(math.pi * (k + 0.5) / (n - 1))
    return radial * slope / (slope + curvature)
