"""T3-S: exact counts against closed forms, where there are any: N = 2, N = 3 and p = 2.

All indices together, by their curves and by their densities in level, are the total below a level.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from math import erf, exp, pi, sqrt

import mpmath
import numpy as np

from theory.finite_n.by_quadrature import log_mean_count
from theory.finite_n.curves import mean_curves
from theory.finite_n.level_density import log_mean_density
from theory.goe.spectrum import cdf, log_density
from verify.alternatives import proving
from verify.claim import Alternative, Cell, Claim, Params
from verify.evidence import Exact, exact_cell

Closed = Callable[[int, int], float]
TOLERANCE = 1e-11  # relative
ASKED, BY_INDEX = 1e-6, 1e-7  # of the curves by index: asked for, and seen; they state more
RULE = np.polynomial.legendre.leggauss(24)


def closed_form(p: int, n: int) -> float:
    """Mean number of critical points: on the circle, on the 2-sphere, and of a quadratic form.

    On the circle H is a Gaussian trigonometric polynomial and Rice's formula gives 2 sqrt(m4/m2),
    m2 = p and m4 = p (3p - 2) the second and fourth derivatives of its covariance cos^p at 0. A
    generic quadratic form has n eigenvectors, each with two signs.
    """
    if n == 2:
        return 2 * sqrt(3 * p - 2)
    if n == 3:
        return 2 * (1 + 4 * (p - 1) * sqrt(p - 1) / sqrt(3 * p - 2))
    if p == 2:
        return 2.0 * n
    raise ValueError((p, n))


def on_circle(p: int, u: float, closed: Closed) -> float:
    """Mean number below a level at N = 2 by Rice's formula, if the closed form is right.

    f = H/sqrt 2 has variance 1 and, given f, f'' is normal with mean -m2 f and variance m4 - m2^2.
    """
    with mpmath.workdps(25):
        m2 = mpmath.mpf(p)
        spread = mpmath.sqrt(m2 * (3 * p - 2) - m2 * m2)

        def size(f: mpmath.mpf) -> mpmath.mpf:
            a = m2 * f / spread
            return spread * (2 * mpmath.npdf(a) + a * (2 * mpmath.ncdf(a) - 1)) * mpmath.npdf(f)

        top = mpmath.mpf(u) * mpmath.sqrt(2)
        total = mpmath.quad(size, [*(x for x in (-14, -3, 0) if x < top), top])
        count = float(total * 2 * mpmath.pi / mpmath.sqrt(2 * mpmath.pi * m2))
    return count * closed(p, 2) / closed_form(p, 2)


def of_two(x: float) -> float:
    """Density of an eigenvalue of GOE(2): int abs(x - y) exp(-x^2 - y^2) dy over its integral."""
    other = exp(-x * x) + sqrt(pi) * x * erf(x)
    return exp(-x * x) * other / sqrt(2 * pi)


def prove(params: Params, closed: Closed = closed_form) -> list[Cell]:
    """Relative agreement to 1e-11 of the general formulas with the special case."""
    if "x" in params:
        x = params["x"]
        return [
            _close(params, "density, N = 1", float(mpmath.npdf(x)), exp(float(log_density(1, x)))),
            _close(params, "density, N = 2", of_two(x), exp(float(log_density(2, x)))),
            _close(params, "cdf, N = 1", float(mpmath.ncdf(x)), float(cdf(1, x))),
        ]
    p = params["p"]
    if "from" in params:
        return by_index(params, closed)
    if "below" in params:
        u = params["below"]
        return [_close(params, "count", on_circle(p, u, closed), exp(log_mean_count(p, 2, u)[0]))]
    n = params["N"]
    return [_close(params, "count", closed(p, n), exp(log_mean_count(p, n)[0]))]


def by_index(params: Params, closed: Closed) -> list[Cell]:
    """The curves of all indices sum to the total; their densities integrate to its difference."""
    p, n, ends = params["p"], params["N"], (params["from"], params["to"])
    below = [on_circle(p, u, closed) if n == 2 else exp(log_mean_count(p, n, u)[0]) for u in ends]
    curves = mean_curves(p, n, range(n), ends, ASKED)
    cells = [
        _close(params, f"sum over k at {u}", total, float(found), BY_INDEX)
        for u, total, found in zip(ends, below, np.exp(curves.log).sum(axis=0), strict=True)
    ]
    nodes, weights = RULE
    half = (ends[1] - ends[0]) / 2
    levels = ends[0] + half * (nodes + 1)
    logs = np.array([log_mean_density(p, n, k, [*levels, *ends]) for k in range(n)])
    between = np.exp(logs[:, :-2]).sum(axis=0) @ weights * half
    cells.append(_close(params, "sum over k between", below[1] - below[0], float(between)))
    for k in range(n):
        for u, found, log in zip(ends, curves.log_density[k], logs[k, -2:], strict=True):
            quantity = f"density of index {k} at {u}, two ways"
            cells.append(_close(params, quantity, exp(log), exp(found), BY_INDEX))
    return cells


def _close(
    params: Params, quantity: str, expected: float, found: float, tolerance: float = TOLERANCE
) -> Cell:
    return exact_cell(params, quantity, expected, found, tolerance * abs(expected))


def wrong(name: str, why: str, closed: Closed) -> Alternative:
    """A wrong closed form."""
    return proving(name, why, partial(prove, closed=closed))


CLAIM = Claim(
    id="T3-S",
    title="Exact counts equal the closed forms at N = 2, N = 3 and p = 2",
    rows=(),
    statement="The mean number of critical points is 2 sqrt(3p-2) for N = 2, "
    "2 (1 + 4 (p-1)^(3/2)/sqrt(3p-2)) for N = 3 and 2N for p = 2; below a level at N = 2 it is given "
    "by Rice's formula on the circle. The curves of all indices sum to the total below a level, and "
    "their densities in level integrate to its difference, at N = 2 and, against the one-point density, "
    "at N = 5.",
    compares={
        "The mean number of critical points is 2 sqrt(3p-2) for N = 2, 2 (1 + 4 "
        "(p-1)^(3/2)/sqrt(3p-2)) for N = 3 and 2N for p = 2; below a level at N = 2 it is "
        "given by Rice's formula on the circle": "count",
        "The curves of all indices sum to the total below a level": "sum over k at *",
        "their densities in level integrate to its difference, at N = 2 and, against the "
        "one-point density, at N = 5": "sum over k between",
    },
    source="Rice's formula; half of each is the mean number of real eigenvalues of a random symmetric "
    "tensor",
    assumptions="none",
    evidence=Exact(
        (
            *({"p": p, "N": n} for n in (2, 3) for p in (2, 3, 4, 7, 50)),
            *({"p": 2, "N": n} for n in (4, 5, 16, 33, 200)),
            *({"p": p, "below": u} for p in (3, 6) for u in (-2.5, -1.2, -0.3, 0.0, 0.4, 2.0)),
            {"p": 3, "N": 2, "from": -0.5, "to": 0.4},
            {"p": 4, "N": 5, "from": -0.3, "to": 0.2},
            *({"x": x} for x in (-3.0, -0.5, 0.0, 2.0)),
        ),
        prove,
    ),
    alternatives=(
        wrong("one sign of each", "x and -x counted once", lambda p, n: closed_form(p, n) / 2),
        wrong("N - 1 for N", "off by one", lambda p, n: closed_form(p, n) * (n - 1) / n),
        wrong("p + 1 for p", "off by one", lambda p, n: closed_form(p + 1, min(n, 3))),
        wrong("2 % more", "near 1", lambda p, n: 1.02 * closed_form(p, n)),
    ),
)
