r"""Mean counts by index at many levels at once: the pure model, exactly.

There a level is a cut of one eigenvalue, u = mu y/sqrt(N) (`theory.finite_n.integrand`), so that with s = -y

    E Crt_{N,k}(u) = 2 sqrt(2/p) (p-1)^(N/2) int_s^inf exp(-c t^2) p_k(t) dt,

p_k the density of the (k+1)-th largest eigenvalue of GOE(N). One cumulative integral has all levels,
and the determinants at a node, polynomials in the variable of `theory.goe.fredholm`, all indices.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from theory.checks import bad, check_index, check_integer
from theory.finite_n.critical_points import MOST_LEVEL, MOST_SPINS
from theory.finite_n.integrand import KacRiceConstants, Weight
from theory.goe.chebyshev_panel import chebyshev_nodes, chebyshev_series
from theory.goe.edge_scale import beyond, edge_width
from theory.goe.fredholm import Forms, coefficients
from theory.goe.kth_density import FARTHEST, WIDTH, Panel, forms, panel, panel_of
from theory.levels import float_levels
from theory.model import pure

Real = NDArray[np.float64]

# same (all): more panels or fewer, and when balls are asked for; the error is stated
_ROUGH = 1e-2  # an error of a panel that still tells its share
_PIECES = 4  # of a panel, at least
_RULE = np.polynomial.legendre.leggauss(16)


@dataclass(frozen=True)
class Curves:
    """Mean numbers of critical points by index and level, K indices and L levels.

    Attributes
    ----------
    n
        Number of spins.
    indices
        The K indices.
    levels
        H/N, (L,).
    log
        Natural logarithm of the mean number with H/N <= level, (K, L).
    log_density
        Logarithm of its derivative by the level, (K, L); -inf where it is below the tolerance.
    relative_error
        Estimate of the relative error of the mean numbers, (K, L).
    """

    n: int
    indices: tuple[int, ...]
    levels: Real
    log: Real
    log_density: Real
    relative_error: Real


class _Shared:
    """Panels of the densities of some indices: nodes and determinants are computed once."""

    def __init__(self, n: int) -> None:
        self.n = n
        self._forms: dict[tuple[int, bool], Forms] = {}

    def panel(self, k: int, number: int) -> Panel:
        """As `theory.goe.kth_density.panel`, in float64."""
        width = WIDTH * edge_width(self.n)
        start = math.sqrt(2 * self.n) + number * width
        s = start + width * (chebyshev_nodes() + 1) / 2
        logs, errors = np.empty_like(s), np.empty_like(s)
        # same (0 -> -1): overwritten by the other side, which follows
        for side, index in ((s >= 0, k), (s < 0, self.n - 1 - k)):
            if side.any():
                # same (numbers): any point of a side says which it is
                key = number, bool(s[side][0] < 0)
                if key not in self._forms:
                    self._forms[key] = forms(self.n, np.abs(s[side]))
                logs[side], errors[side] = coefficients(self._forms[key], index, self.n)
        series = chebyshev_series(logs)
        # same (all): how an error is estimated, not the number
        return Panel(start, width, series, float(errors.max() + np.abs(series[-2:]).max()))


# guard (all): where the walk over panels starts
# tests/theory/finite_n/test_curves.py::test_the_walk_starts_where_the_density_is_high
def _middle(n: int, k: int, c: float) -> float:
    """About where exp(-c s^2) p_k(s) has its maximum: the semicircle's quantile, drawn towards 0."""
    low, high = -math.sqrt(2 * n), math.sqrt(2 * n)
    for _ in range(60):
        s = (low + high) / 2
        more = beyond(n, s) if s >= 0 else n - beyond(n, -s)
        low, high = (s, high) if more > k + 0.6 else (low, s)
    near = (low * low / (2 * n)) ** 2  # in the bulk eigenvalues are held by their neighbours
    return low - math.copysign(min(abs(low), 4 * math.sqrt(c) * near / math.sqrt(2)), low)


def _beyond(piece: Panel, c: float, cuts: Real) -> Real:
    """log of the integrals of exp(-c s^2) p_k over what of the panel lies beyond each cut, (L,)."""
    nodes, weights = _RULE
    stop = piece.start + piece.width
    inside = (cuts > piece.start) & (cuts < stop)
    # same (numbers): more panels or fewer
    edges = np.unique(np.append(np.linspace(piece.start, stop, _PIECES + 1), cuts[inside]))
    width = np.diff(edges)
    s = edges[:-1, None] + width[:, None] * (nodes + 1) / 2
    logs = piece(s) - c * s * s
    top = logs.max(axis=1)
    each = top + np.log((np.exp(logs - top[:, None]) @ weights) * width / 2)
    rest = np.append(np.logaddexp.accumulate(each[::-1])[::-1], -np.inf)
    return np.asarray(rest[np.searchsorted(edges[:-1], cuts)])


@dataclass(frozen=True)
class _Index:
    """Panels of one index, rising, with the log of what lies in each beyond each cut, (P, L)."""

    pieces: list[Panel]
    masses: Real

    @property
    def log(self) -> Real:
        """log of the integral beyond each cut."""
        return np.asarray(np.logaddexp.reduce(self.masses, axis=0))

    @property
    def shares(self) -> Real:
        """Of each panel in it."""
        return np.asarray(np.exp(self.masses - self.log))


def _index(shared: _Shared, k: int, c: float, cuts: Real, tolerance: float) -> _Index:
    """Panels until the integrand has fallen; by ball arithmetic where the count feels the error."""
    n, highest = shared.n, int(np.argmax(cuts))
    first = panel_of(n, max(_middle(n, k, c), float(cuts[highest])))
    drop = 1 - math.log(tolerance)
    pieces: dict[int, Panel] = {}
    masses: dict[int, Real] = {}

    def put(number: int, piece: Panel) -> None:
        pieces[number], masses[number] = piece, _beyond(piece, c, cuts)

    def fallen(number: int, end: float, level: int) -> bool:
        """Whether the integrand at an end of the panel is nothing in what lies beyond a cut."""
        piece = shared.panel(k, number)
        put(number, piece if piece.error < _ROUGH else panel(n, k, number, balls=True))
        s = pieces[number].start + end * pieces[number].width
        whole = np.logaddexp.reduce([mass[level] for mass in masses.values()])
        return bool(pieces[number](np.array(s)) - c * s * s < whole - drop)

    number = first
    while not fallen(number, 1.0, highest):
        number += 1
    number, lowest = first, panel_of(n, float(cuts.min()))
    while number >= lowest and not fallen(number, 0.0, int(np.argmin(cuts))):
        number -= 1

    def gathered() -> _Index:
        order = sorted(pieces)
        return _Index([pieces[i] for i in order], np.stack([masses[i] for i in order]))

    found = gathered()
    for number, piece, share in zip(sorted(pieces), found.pieces, found.shares, strict=True):
        if piece.error * share.max() > tolerance:
            put(number, panel(n, k, number, balls=True))
    return gathered()


def _log_integrand(found: _Index, c: float, cuts: Real) -> Real:
    """log of exp(-c s^2) p_k at the cuts; -inf outside of the panels."""
    logs = np.full_like(cuts, -np.inf)
    for piece in found.pieces:
        here = (cuts >= piece.start) & (cuts < piece.start + piece.width)
        logs[here] = piece(cuts[here]) - c * cuts[here] ** 2
    return logs


# same (1e-08 -> 2e-08): the error reached is stated
def mean_curves(
    p: int, n: int, indices: Iterable[int], levels: ArrayLike, tolerance: float = 1e-8
) -> Curves:
    """Exact mean numbers of critical points of some indices with H/N <= each of some levels.

    Parameters
    ----------
    p
        Order of the pure model, >= 2.
    n
        Number of spins, from 2 to 20000.
    indices
        From 0 to n - 1, at most 64 from either end.
    levels
        H/N, (L,), in any order.
    tolerance
        Relative error, from 1e-9 to 1e-3, that a stretch of the integral may bring in: where float64
        has more, ball arithmetic is used.

    Returns
    -------
    Curves
        The relative error reached is stated for each number, a few times the tolerance at most.

    Raises
    ------
    InputError
        For p, n, an index, a level or the tolerance out of range.

    References
    ----------
    ABC, Thm 2.1 and 2.2; `theory.goe.fredholm` for the densities.

    Examples
    --------
    >>> curves = mean_curves(3, 3, range(3), [0.0, 100.0])
    >>> np.exp(curves.log).round(6).tolist()  # all points: as theory.mean_count
    [[3.025277, 3.13809], [2.13809, 4.27618], [0.112813, 3.13809]]
    """
    constants = KacRiceConstants.of(pure(p))
    # guard (all): what is refused
    # tests/theory/finite_n/test_curves.py::test_bad_input_is_named
    n = check_integer("n", n, 2, MOST_SPINS)
    chosen = tuple(check_index("indices", k, n, FARTHEST) for k in indices)
    u = float_levels("levels", levels, -MOST_LEVEL, MOST_LEVEL)
    # guard (all): what is refused
    # tests/theory/finite_n/test_curves.py::test_the_alternating_sum_over_all_indices
    if u.ndim != 1 or not u.size:
        raise bad("levels", levels, f"a list of levels between {-MOST_LEVEL} and {MOST_LEVEL}")
    # guard (all): what is refused
    # tests/theory/finite_n/test_curves.py::test_a_tolerance_out_of_range_is_named
    if not 1e-9 <= tolerance <= 1e-3:
        raise bad("tolerance", tolerance, "a relative error from 1e-9 to 1e-3")
    scale = math.sqrt(n / constants.mu_squared)
    c, cuts, shared = Weight.of(constants, n, None).c, -scale * u, _Shared(n)
    found = [_index(shared, k, c, cuts, tolerance) for k in chosen]
    factor = constants.log_factor(n)
    log = np.array([one.log for one in found]) + factor
    errors = [np.array([piece.error for piece in one.pieces]) @ one.shares for one in found]
    # guard (all): the error stated
    # tests/theory/finite_n/test_curves.py::test_each_curve_is_its_count
    rounding = 4e-16 * (n + np.abs(log) + n * u * u) + tolerance / math.e
    density = [_log_integrand(one, c, cuts) + factor + math.log(scale) for one in found]
    return Curves(n, chosen, u, log, np.array(density), np.array(errors) + rounding)
