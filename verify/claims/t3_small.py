"""T3-S: exact counts against closed forms, where there are any: N = 2, N = 3 and p = 2."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from math import erf, exp, pi, sqrt

import mpmath

from theory.finite_n import log_mean_count
from theory.goe import cdf, log_density
from verify.claim import Alternative, Cell, Claim, Params, Proof

Closed = Callable[[int, int], float]
TOLERANCE = 1e-11  # relative


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


def on_circle(p: int, u: float) -> float:
    """Mean number below a level at N = 2 by Rice's formula.

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
        return float(total * 2 * mpmath.pi / mpmath.sqrt(2 * mpmath.pi * m2))


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
    if "below" in params:
        u = params["below"]
        expected = on_circle(p, u) * closed(p, 2) / closed_form(p, 2)
        return [_close(params, "count", expected, exp(log_mean_count(p, 2, u)[0]))]
    n = params["N"]
    return [_close(params, "count", closed(p, n), exp(log_mean_count(p, n)[0]))]


def _close(params: Params, quantity: str, expected: float, found: float) -> Cell:
    holds = abs(found / expected - 1) <= TOLERANCE
    return Cell(params, quantity, expected, found, holds=holds)


def wrong(name: str, why: str, closed: Closed) -> Alternative:
    """A wrong closed form."""
    return Alternative(name, why, {"prove": partial(prove, closed=closed)})


CLAIM = Claim(
    id="T3-S",
    title="Exact counts equal the closed forms at N = 2, N = 3 and p = 2",
    rows=(),
    statement="The mean number of critical points is 2 sqrt(3p-2) for N = 2, "
    "2 (1 + 4 (p-1)^(3/2)/sqrt(3p-2)) for N = 3 and 2N for p = 2; below a level at N = 2 it is given "
    "by Rice's formula on the circle.",
    source="Rice's formula; half of each is the mean number of real eigenvalues of a random symmetric "
    "tensor",
    assumptions="none",
    evidence=Proof(
        (
            *({"p": p, "N": n} for n in (2, 3) for p in (2, 3, 4, 7, 50)),
            *({"p": 2, "N": n} for n in (4, 5, 16, 33, 200)),
            *({"p": p, "below": u} for p in (3, 6) for u in (-2.5, -1.2, -0.3, 0.0, 0.4, 2.0)),
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
