r"""Mean counts by index for few spins as certified balls, by de Bruijn's N x N Pfaffian.

For GOE(N) with weight exp(-y^2/2) and f = w on (s, inf), 1 elsewhere (de Bruijn 1955),

    E[w^#(s, inf)] = Pf A(w) / Pf A(1),  A_ij = int int x^i y^j sgn(y - x) f(x) f(y) exp(-(x^2 + y^2)/2),

with a border int x^i f exp(-x^2/2) for odd N. From g_i = x^i exp(-x^2/2), g_{i+1} = i g_{i-1} - g_i',
all entries follow by recurrence from erfc and exp. The count is an integral by parts over the
distribution of one eigenvalue; its integrand is entire, and Arb's integration is rigorous. Nothing
here is shared with `theory.counting` but the reduction to one eigenvalue in `theory.weight`.
"""

from __future__ import annotations

import math
from fractions import Fraction
from functools import lru_cache

import flint

from theory.ball import Ball
from theory.model import Mixture, bad, check_integer, check_mixture
from theory.weight import Constants

Acb = flint.acb
Rows = list[list[Acb]]

MOST_SPINS = 8
MOST_DIGITS = 100
_ATTEMPTS = 6


def _beyond(n: int, s: Acb) -> tuple[list[Acb], Rows]:
    """T_i = int_s^inf g_i, and I_ij = int int g_i(x) g_j(y) sgn(y - x) over x, y > s."""
    gauss = (-s * s / 2).exp()
    edge = [gauss * s**i for i in range(2 * n)]
    tail = [(Acb.pi() / 2).sqrt() * (s / Acb(2).sqrt()).erfc()]
    square = [Acb.pi().sqrt() / 2 * s.erfc()]  # int_s^inf x^m exp(-x^2)
    for m in range(2 * n):
        tail.append(edge[m] + (m * tail[m - 1] if m else 0))
        square.append((edge[m] * gauss + (m * square[m - 1] if m else 0)) / 2)
    inner = [[Acb(0)] * n for _ in range(n)]
    for i in range(n - 1):
        for j in range(i + 1):
            value = edge[i] * tail[j] - 2 * square[i + j] + (i * inner[i - 1][j] if i else 0)
            inner[i + 1][j], inner[j][i + 1] = value, -value
    return tail[:n], inner


def _pfaffian(rows: list[list[flint.acb_poly]]) -> flint.acb_poly:
    """By expansion along the first row of what is left: no division, so that wide balls do no harm."""
    known = {0: flint.acb_poly([1])}

    def rest(left: int) -> flint.acb_poly:
        if left not in known:
            first = (left & -left).bit_length() - 1
            others = [j for j in range(first + 1, len(rows)) if left >> j & 1]
            total = flint.acb_poly([0])
            for place, j in enumerate(others):
                term = rows[first][j] * rest(left & ~(1 << first | 1 << j))
                total = total - term if place % 2 else total + term
            known[left] = total
        return known[left]

    return rest((1 << len(rows)) - 1)


@lru_cache(maxsize=64)
def _norm(n: int, _bits: int) -> Acb:
    """Pf A(1); the precision is part of the key."""
    return _generating(n, Acb(0))(Acb(1))


def _rational(x: Fraction) -> flint.arb:
    return flint.arb(flint.fmpq(x.numerator, x.denominator))


def _generating(n: int, y: Acb) -> flint.acb_poly:
    """Pf A(w; y) as a polynomial in w."""
    tail, inner = _beyond(n, y)
    left, outer = _beyond(n, -y)
    left = [-value if i % 2 else value for i, value in enumerate(left)]
    size = n + n % 2
    rows = [[flint.acb_poly([0])] * size for _ in range(size)]
    for i in range(n):
        for j in range(i + 1, n):
            # Mirrored at 0, sgn changes its sign and x^i y^j the one of its parity.
            out = outer[i][j] if (i + j) % 2 else -outer[i][j]
            cross = left[i] * tail[j] - tail[i] * left[j]
            rows[i][j] = flint.acb_poly([out, cross, inner[i][j]])
        if n % 2:
            rows[i][n] = flint.acb_poly([left[i], tail[i]])
    return _pfaffian(rows)


def distribution(n: int, k: int, y: Acb) -> Acb:
    """P((k+1)-th smallest eigenvalue of GOE(n) <= y), entire in y; at flint's current precision.

    Examples
    --------
    >>> with flint.ctx.workprec(100):
    ...     value = distribution(1, 0, flint.acb(0))
    >>> value.real.str(9, radius=False)
    '0.500000000'
    """
    found = _generating(n, y)
    # At least k + 1 at or below y: at most n - k - 1 above.
    total = sum((found[m] for m in range(n - k)), Acb(0))
    return total / _norm(n, flint.ctx.prec)


def _mean_weight(constants: Constants, n: int, k: int, below: Fraction | None) -> flint.arb:
    """E[weight(lam)], lam the (k+1)-th smallest eigenvalue: a ball, or nan out of reach."""
    c = _rational(constants.c)
    cut, width = None, None
    if below is not None:
        mu = _rational(constants.mu_squared).sqrt()
        cut = flint.arb(n).sqrt() * _rational(below) / mu
        if constants.variance:
            width = _rational(constants.variance).sqrt() / mu
    if not constants.c:
        return flint.arb(1) if cut is None else distribution(n, k, Acb(cut)).real

    def falling(y: Acb) -> Acb:
        """Minus the derivative of the weight."""
        gauss = (-c * y * y).exp()
        if cut is None or width is None:
            return 2 * c * y * gauss
        t = (y - cut) / width
        share = (t / flint.arb(2).sqrt()).erfc() / 2
        density = (-t * t / 2).exp() / (width * (2 * flint.arb.pi()).sqrt())
        return gauss * (2 * c * y * share + density)

    def integrand(y: Acb, _analytic: bool) -> Acb:
        return falling(y) * distribution(n, k, y)

    prec = flint.ctx.prec
    reach = flint.arb(math.ceil(math.sqrt(0.7 * prec / float(c))))
    end = cut if width is None else None
    if end is not None and not end > -reach:
        return flint.arb("nan")
    if end is not None and not end < reach:
        end = None
    stop = reach if end is None else end
    tolerance = flint.arb(2) ** (-prec)
    found = Acb.integral(integrand, Acb(-reach), Acb(stop), rel_tol=tolerance, abs_tol=tolerance)
    # Beyond +-reach both terms of the integration by parts lie between 0 and exp(-c reach^2).
    total = found.real + flint.arb(0, (-c * reach * reach).exp().upper() * 2)
    if end is not None:
        total += (-c * end * end).exp() * distribution(n, k, Acb(end)).real
    return total


def certified_count(
    model: Mixture, n: int, k: int, below: Fraction | float | str | None = None, digits: int = 25
) -> Ball:
    """Mean number of critical points of index k with H/N <= below: a ball that contains it.

    Parameters
    ----------
    model
        Pure model or mixture.
    n
        Number of spins, from 2 to 8.
    k
        Index, from 0 to n - 1.
    below
        Level, taken exactly (a string as the decimal number), or None for all.
    digits
        Significant digits, from 1 to 100.

    Returns
    -------
    Ball
        Of relative radius below 10^-digits.

    Raises
    ------
    InputError
        For bad input, and when five doublings of the precision do not give the digits.

    References
    ----------
    de Bruijn, On some multiple integrals involving determinants (1955); ABC, Thm 2.1.

    Examples
    --------
    >>> from theory.model import pure
    >>> certified_count(pure(3), 2, 0, digits=20).value  # sqrt 7
    '2.64575131106459059050'
    """
    check_mixture(model)
    n = check_integer("n", n, 2, MOST_SPINS)
    k = check_integer("k", k, 0, n - 1)
    digits = check_integer("digits", digits, 1, MOST_DIGITS)
    level = None
    if below is not None:
        try:
            level = Fraction(below)
        except (TypeError, ValueError, OverflowError, ZeroDivisionError):
            raise bad("below", repr(below), "a level between -100 and 100") from None
        if not abs(level) <= 100:
            raise bad("below", below, "a level between -100 and 100")
    constants = Constants.of(model)
    if constants.c < 0:
        raise bad("model", model, "a mixture with xi''(1) >= xi'(1)")
    bits = int(3.33 * digits) + 64 + 4 * n
    for _ in range(_ATTEMPTS):
        with flint.ctx.workprec(bits):
            share = 2 * constants.slope / (constants.slope + constants.curvature)
            ratio = _rational(constants.curvature / constants.slope)
            factor = 2 * _rational(share).sqrt() * ratio.sqrt() ** n
            value = factor * _mean_weight(constants, n, k, level)
            if value.is_finite() and value.rad() * flint.arb(10) ** (digits + 1) < abs(value.mid()):
                return Ball.from_arb(value, digits + 1)
        bits *= 2
    raise bad("digits", digits, "fewer digits at this level: balls of bounded size do not reach it")
