"""The closed form of all indices against de Bruijn's Pfaffian, one quadrature an entry."""

from fractions import Fraction

import flint
import pytest

from theory.arithmetic.ball import to_arb
from theory.finite_n.integrand import KacRiceConstants
from theory.finite_n.total_ball import Gauss, hermite, mean_total
from theory.model import mixture, pure

Arb = flint.arb
BITS = 300
MIXED = mixture({2: "1/3", 3: "1/2", 7: "1/6"})


def panels(left, right, count=40, nodes=40):
    """Gauss-Legendre on equal panels: nodes and weights."""
    rule = [Arb.legendre_p_root(nodes, i, weight=True) for i in range(nodes)]
    half = (right - left) / (2 * count)
    for panel in range(count):
        centre = left + half * (2 * panel + 1)
        for x, w in rule:
            yield centre + half * x.mid(), half * w.mid()


def by_pfaffian(constants, n, below):
    """E sum_i w(y_i) of N eigenvalues y with density prop. to |prod (y_i - y_j)| exp(-sum y_i^2/2).

    E prod_i f(y_i) is the Pfaffian of A_ij = int int x^i y^j sgn(y - x) f(x) f(y) g(x) g(y), g the
    Gaussian, over that at f = 1 (de Bruijn 1955; odd N: bordered by int x^i f g). The derivative at
    f = 1 along w is tr(A^-1 A')/2. Nothing here knows Hermite's polynomials.
    """
    cut, width = constants.cut(n, below)
    end = Arb(17)  # exp(-17^2/2) is 1e-63
    right = end if cut is None or width is not None else cut
    size = n + n % 2
    moments = [[Arb(0)] * n for _ in range(2)]
    skew = [[[Arb(0)] * n for _ in range(n)] for _ in range(2)]
    for which, upper in enumerate((end, right)):
        for x, weight in panels(-end, upper):
            g = (-x * x / 2).exp()
            value = weight * g
            if which:
                value *= (-to_arb(constants.c) * x * x).exp()
                if width is not None:
                    value *= ((x - cut) / (Arb(2).sqrt() * width)).erfc() / 2
            # S_j(x) = int sgn(y - x) y^j g(y) dy
            s = [-(2 * Arb.pi()).sqrt() * (x / Arb(2).sqrt()).erf(), 2 * g]
            for j in range(2, n):
                s.append(2 * x ** (j - 1) * g + (j - 1) * s[j - 2])
            for i in range(n):
                moments[which][i] += value * x**i
                for j in range(n):
                    skew[which][i][j] += value * x**i * s[j]

    def whole(which, entry):
        rows = [[Arb(0)] * size for _ in range(size)]
        for i in range(n):
            for j in range(n):
                rows[i][j] = entry(i, j)
            if n % 2:
                rows[i][n], rows[n][i] = moments[which][i], -moments[which][i]
        return flint.arb_mat([[value.mid() for value in row] for row in rows])

    plain = whole(0, lambda i, j: skew[0][i][j])
    weighted = whole(1, lambda i, j: skew[1][i][j] - skew[1][j][i])
    product = plain.solve(weighted)
    return sum((product[i, i] for i in range(size)), Arb(0)) / 2


def agree(ball, right):
    """To 30 digits, and not with a number that is off in the thirtieth."""
    return abs((ball - right) / right) < Arb("1e-30")


@pytest.mark.parametrize("below", [None, "-1.3", "0.4"])
@pytest.mark.parametrize(("model", "n"), [(pure(3), 2), (pure(4), 5), (MIXED, 3), (MIXED, 4)])
def test_the_total_is_that_of_the_pfaffian(model, n, below):
    constants = KacRiceConstants.of(model)
    with flint.ctx.workprec(BITS):
        level = None if below is None else Arb(below)
        found = mean_total(constants, n, level)
        right = by_pfaffian(constants, n, level)
        assert found.rad() < Arb("1e-60")
        assert agree(found, right)
        if level is not None:  # a level that is off by 1e-25 is seen
            assert not agree(mean_total(constants, n, level + Arb("1e-25")), right)
        assert not agree(found * (1 + Arb("1e-29")), right)


def test_the_pfaffian_counts_eigenvalues():
    """Without a weight there are N of them: the check of the check."""
    one = KacRiceConstants(Fraction(1), Fraction(1), Fraction(1))  # c = 0
    for n in (2, 3, 4):
        with flint.ctx.workprec(BITS):
            assert agree(by_pfaffian(one, n, None), Arb(n))
            assert mean_total(one, n, None).overlaps(Arb(n))


def test_a_polynomial_times_a_gaussian_is_a_derivative_and_the_rest():
    """P g = (Q g)' + kappa g as polynomials: P = Q' - (y - centre)/square Q + kappa."""
    with flint.ctx.workprec(120):
        g = Gauss(Arb(2), Arb("0.7"), Arb("1.3"))
        p = [Arb(v) for v in (3, -1, 0, 5, "0.25")]
        kappa, q = g.divide(p)
        poly = flint.arb_poly(q)
        line = flint.arb_poly([-g.centre / g.square, 1 / g.square])
        back = poly.derivative() - line * poly + kappa
        assert all(back[i].overlaps(p[i]) for i in range(5))
        direct = sum(
            (w * flint.arb_poly(p)(y) * g.at(y) for y, w in panels(Arb(-14), Arb(15))), Arb(0)
        )
        assert abs(kappa * g.mass - direct) < Arb("1e-28")
        other = Gauss(Arb("0.5"), Arb(-2), Arb("0.4"))
        both = g.times(other)
        for y in (Arb("-1.1"), Arb("0.3")):
            assert both.at(y).overlaps(g.at(y) * other.at(y))
        assert (g.left(Arb("0.7")) * 2).overlaps(g.mass)


@pytest.mark.parametrize("n", [0, 1, 2, 3, 8, 15])
def test_hermite_by_its_three_terms(n):
    low, high = [1], [0, 2]
    for j in range(1, n + 1):
        twice = [0, *(2 * v for v in high)]
        less = [2 * j * v for v in low] + [0] * (len(twice) - len(low))
        low, high = high, [a - b for a, b in zip(twice, less, strict=True)]
    assert hermite(n) == low
