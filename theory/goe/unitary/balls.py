"""The generating function of `theory.goe.unitary.fredholm` in as many bits as the answer needs.

With a node of weight one at s beside the others, the determinant of 1 - (1 - w) K falls by (1 - w) p(w): so
two determinants as polynomials in w give p and, summed up to k, P(at most k beyond s). The far tails are

    P(at most k beyond) = sum_{j <= k} [w^j] E,    P(more than k beyond) = sum_{j > k} [w^j] E.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import flint

from theory.arithmetic.ziv import Missing, until_precise
from theory.goe.fredholm_ball import OutOfReach, factor
from theory.goe.sampled_ball import Sampled

_MORE = 24  # coefficients beyond k of the upper tail; each is a small part of the one before
_LADDER = (120, 200, 320, 500, 800, 1280, 2048, 3300)


def _table(nodes: Sampled) -> list[list[flint.arb]]:
    """K between the nodes and s, symmetrised by their weights; that of s is one."""
    roots = [*nodes.roots, flint.arb(1)]
    table = [[flint.arb(0)] * len(roots) for _ in roots]
    for i in range(len(roots)):
        for j in range(i + 1):
            table[i][j] = table[j][i] = (nodes.kernel(i, j) * roots[i] * roots[j]).mid()
    return table


def _from_few(gram: flint.arb_mat, count: int) -> list[flint.arb]:
    """The first coefficients of det(1 - (1 - w) gram), in w, where few or as many as usual are beyond.

    They are det(1 - gram) times the symmetric functions of the eigenvalues of (1 - gram)^-1 gram.
    """
    size = gram.nrows()
    rest = flint.arb_mat(size, size, [int(i == j) for i in range(size) for j in range(size)]) - gram
    falling = rest.solve(gram, algorithm="approx").mid().charpoly().coeffs()[::-1]
    whole = rest.det()
    found = [(-1) ** j * whole * value for j, value in enumerate(falling[:count])]
    return found + [flint.arb(0)] * (count - len(found))


def _from_many(gram: flint.arb_mat, count: int) -> list[flint.arb]:
    """The same where many are beyond: sums over the symmetric functions of the eigenvalues of gram."""
    found = [flint.arb(0)] * count
    for i, value in enumerate(gram.charpoly().coeffs()[::-1]):  # (-1)^i e_i
        for j in range(min(i + 1, count)):
            found[j] += (-1) ** j * math.comb(i, j) * value
    return found


@dataclass(frozen=True)
class Beyond:
    """The first coefficients in w of E, and of E with s as a node of weight one: E - (1 - w) p."""

    whole: list[flint.arb]
    bordered: list[flint.arb]

    def density(self, k: int) -> flint.arb:
        """[w^k] p, where few or as many as usual are beyond."""
        pairs = zip(self.whole[: k + 1], self.bordered[: k + 1], strict=True)
        return sum((one - other for one, other in pairs), flint.arb(0))

    def far_density(self, k: int) -> flint.arb:
        """The same where many are beyond: by the other coefficients, as both sums are 1."""
        pairs = zip(self.whole[k + 1 :], self.bordered[k + 1 :], strict=True)
        return sum((other - one for one, other in pairs), flint.arb(0))


def generating(nodes: Sampled, bits: int, count: int, few: bool = True) -> Beyond:
    """The first coefficients of both determinants; at flint's current precision."""
    columns = factor(_table(nodes), bits)
    g = flint.arb_mat(len(columns), len(nodes.roots), [x for one in columns for x in one[:-1]])
    at = flint.arb_mat(len(columns), 1, [one[-1] for one in columns])
    gram = (g * g.transpose()).mid()
    bordered = (gram + at * at.transpose()).mid()
    of = _from_few if few else _from_many
    return Beyond(of(gram, count), of(bordered, count))


def log_densities(
    sampled: Callable[[float, int], Sampled], k: int, points: list[float]
) -> tuple[list[float], float]:
    """Logs of the density of the (k+1)-th largest eigenvalue at points, rounded to float64.

    Parameters
    ----------
    sampled
        The ensemble beyond s at the nodes for so many bits, at flint's current precision.
    k
        Index from above.
    points
        Close to each other.

    Returns
    -------
    logs, error
        The largest difference of two computations in a row, the second with more bits and nodes.

    Raises
    ------
    OutOfReach
        If 3300 bits do not do.
    """
    last: list[float] | None = None

    def attempt(bits: int) -> tuple[list[float], float] | Missing:
        nonlocal last
        before, found = last, [_log(sampled, k, s, bits) for s in points]
        last = found
        if before is not None:
            error = max(abs(one - two) for one, two in zip(before, found, strict=True))
            if error < 1e-14 * max(1.0, *(abs(one) for one in found)):
                return found, error
        more = next((other for other in _LADDER if other > bits), None)
        if more is None:
            raise OutOfReach(f"the density at {points[0]}: 15 digits need more bits")
        return Missing(more - bits)

    return until_precise(attempt, _LADDER[0])


def _log(sampled: Callable[[float, int], Sampled], k: int, s: float, bits: int) -> float:
    """Log of the density; not a number where there are too few bits."""
    with flint.ctx.workprec(2 * bits + 64):
        return float(generating(sampled(s, bits), bits, k + 1).density(k).mid().log())


def hazard(nodes: Sampled, k: int, bits: int, lower: bool) -> flint.arb:
    """Density over the tail that is small, at flint's current precision.

    Parameters
    ----------
    nodes
        The ensemble beyond s.
    k
        Index from above.
    bits
        That are kept of K: those of its smallest eigenvalue that matters, or of 1 - K's, and of the result.
    lower
        Whether few are beyond.
    """
    if lower and k == 0:  # one system of equations in place of determinants
        kernel, left, _ = nodes.matrices()
        m = len(nodes.roots)
        row = flint.arb_mat(1, m, [left[3, j] for j in range(m)])
        one = flint.arb_mat(m, m, [int(i == j) for i in range(m) for j in range(m)])
        solved = (one - kernel).solve(row.transpose(), algorithm="approx")
        return nodes.at[0] + (row * solved)[0, 0].mid()
    if lower:
        few = generating(nodes, bits, k + 1)
        return few.density(k) / sum(few.whole, flint.arb(0))
    many = generating(nodes, bits, k + 1 + _MORE, few=False)
    return many.far_density(k) / sum(many.whole[k + 1 :], flint.arb(0))
