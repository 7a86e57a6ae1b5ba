r"""How many eigenvalues of GOE(N) lie below a point, as certified balls: de Bruijn's N x N Pfaffian.

With weight exp(-x^2/2) and f = v on (-inf, y), 1 on (y, inf) (de Bruijn 1955),

    E[v^#(-inf, y)] = Pf A(v)/M,  A_ij = int int x^i x'^j sgn(x' - x) f(x) f(x') exp(-(x^2 + x'^2)/2),

with a border int x^i f exp(-x^2/2) for odd N, and M = (1/N!) int |Delta| exp(-|x|^2/2) by Mehta's
integral. Let l and r be the vectors of int x^i exp(-x^2/2) below and above y: what joins the two sides
is v (l r' - r l'), of rank two. With X = X_above + v^2 X_below it follows that

    N even: Pf A(v) = Pf X + v Pf [X l r],    N odd: Pf A(v) = Pf [X r] + v Pf [X l],

X bordered by the vectors named: even and odd numbers of eigenvalues apart, each a polynomial in v^2 with
positive coefficients. So each is the positive root of a determinant, and is interpolated from its values
at points in (0, 1]. All entries follow by recurrence from erfc and exp: no quadrature. Nothing here is
shared with `theory.goe.fredholm` or `theory.finite_n.total_ball`.
"""

from __future__ import annotations

import math
from functools import lru_cache

import flint

Arb = flint.arb
Matrix = list[list[Arb]]


def _above(n: int, y: Arb) -> tuple[list[Arb], Matrix]:
    """T_i = int_y^inf x^i exp(-x^2/2), and the entries of X_above."""
    gauss = (-y * y / 2).exp()
    edge = [gauss]
    # same (2 -> 3, 2 -> 4): powers beyond the last that is read
    for _ in range(2 * n):
        edge.append(edge[-1] * y)
    tail = [(Arb.pi() / 2).sqrt() * (y / Arb(2).sqrt()).erfc()]
    square = [Arb.pi().sqrt() / 2 * y.erfc()]  # int_y^inf x^m exp(-x^2)
    # same (2 -> 3, 2 -> 4): powers beyond the last that is read
    for m in range(2 * n):
        tail.append(edge[m] + (m * tail[m - 1] if m else 0))
        square.append((edge[m] * gauss + (m * square[m - 1] if m else 0)) / 2)
    inner = [[Arb(0)] * n for _ in range(n)]
    for i in range(n - 1):
        # x^(i+1) exp(-x^2/2) = i x^(i-1) exp(-x^2/2) - (x^i exp(-x^2/2))'.
        # same (1 -> 2): an entry that is set again
        for j in range(i + 1):
            value = edge[i] * tail[j] - 2 * square[i + j] + (i * inner[i - 1][j] if i else 0)
            inner[i + 1][j], inner[j][i + 1] = value, -value
    return tail[:n], inner


def _bordered(x: Matrix, borders: list[list[Arb]]) -> flint.arb_mat:
    zeros = [Arb(0)] * len(borders)
    rows = [[*line, *(one[i] for one in borders)] for i, line in enumerate(x)]
    return flint.arb_mat(rows + [[*(-value for value in one), *zeros] for one in borders])


def _pfaffians(x: Matrix, other: Matrix, borders: list[list[Arb]], places: list[Arb]) -> list[Arb]:
    """|Pf| of x + place other, bordered by the vectors, at each of the places."""
    whole = _bordered(x, borders)
    part = _bordered(other, [[Arb(0)] * len(x) for _ in borders])
    squares = [(whole + place * part).det() for place in places]
    return [square.sqrt() if square > 0 else Arb("nan") for square in squares]


# same (all): any different points interpolate a polynomial
@lru_cache(maxsize=16)
def _places(count: int) -> list[flint.fmpq]:
    """So many points in (0, 1], dense at both ends, where interpolation loses least."""
    chosen = (math.sin(math.pi * (2 * i + 1) / (4 * count)) ** 2 for i in range(count))
    return [flint.fmpq(1 + round(2**20 * place), 2**20 + 1) for place in chosen]


@lru_cache(maxsize=16)
def mehta(n: int, _bits: int) -> Arb:
    """M = (1/N!) int |Delta(x)| exp(-|x|^2/2) dx; the precision is part of the key.

    Examples
    --------
    >>> mehta(2, flint.ctx.prec).str(9, radius=False)  # half of 4 sqrt pi
    '3.54490770'
    """
    half = Arb(3) / 2
    value = (2 * Arb.pi()).sqrt() ** n / math.factorial(n)
    for j in range(2, n + 1):
        value *= (1 + Arb(j) / 2).gamma() / half.gamma()
    return value


@lru_cache(maxsize=4000)
def _numbers(n: int, y: tuple[int, int], bits: int) -> list[Arb]:
    point = Arb(y[0]) * Arb(2) ** y[1]
    right, above = _above(n, point)
    left, below = _above(n, -point)
    # Mirrored at 0, sgn changes its sign and x^i its own, by the parity of i.
    left = [-value if i % 2 else value for i, value in enumerate(left)]
    below = [[v if (i + j) % 2 else -v for j, v in enumerate(row)] for i, row in enumerate(below)]
    borders: list[list[list[Arb]]] = [[right], [left]] if n % 2 else [[], [left, right]]
    places = [Arb(place) for place in _places(n // 2 + 1)]
    # same (all): zeros beyond the last that is read
    found = [Arb(0)] * (n + 1)
    for parity in (0, 1):
        points = places[: (n - parity) // 2 + 1]
        values = _pfaffians(above, below, borders[parity], points)
        series = flint.arb_poly.interpolate(points, values)
        for i in range(len(points)):
            found[2 * i + parity] = series[i] / mehta(n, bits)
    return found


def numbers_below(n: int, y: Arb) -> list[Arb]:
    """P(exactly j eigenvalues of GOE(n) <= y) for j = 0 ... n; at flint's current precision.

    Parameters
    ----------
    n
        Dimension N >= 1.
    y
        An exact point, in units sqrt(N) x.

    Returns
    -------
    list of arb
        Balls, of absolute error about 2^-bits times exp(O(N)); nan if the precision is too low.

    References
    ----------
    de Bruijn, On some multiple integrals involving determinants (1955).

    Examples
    --------
    >>> with flint.ctx.workprec(100):
    ...     found = numbers_below(2, flint.arb(0))  # both below 0: (1 - 1/sqrt 2)/2
    >>> [value.str(9, radius=False) for value in found]
    ['0.146446609', '0.707106781', '0.146446609']
    """
    man, exp = y.man_exp()
    # same (numbers): either side gives the same numbers
    if y < 0:  # one evaluation for y and -y
        return _numbers(n, (-int(man), int(exp)), flint.ctx.prec)[::-1]
    return _numbers(n, (int(man), int(exp)), flint.ctx.prec)


def distribution(n: int, y: Arb) -> list[Arb]:
    """P((k+1)-th smallest eigenvalue of GOE(n) <= y) for k = 0 ... n - 1.

    Examples
    --------
    >>> with flint.ctx.workprec(100):
    ...     [value.str(9, radius=False) for value in distribution(1, flint.arb(0))]
    ['0.500000000']
    """
    total, found = Arb(0), []
    for value in reversed(numbers_below(n, y)[1:]):
        total += value
        found.append(total)
    return found[::-1]
