"""Hermite functions phi_N, phi_{N-1} and their tail integrals in balls, by Taylor steps."""

from __future__ import annotations

import math
from dataclasses import dataclass

import flint


@dataclass(frozen=True)
class Segment:
    """phi_N, phi_{N-1} and their integrals from the start, as polynomials about a centre."""

    centre: flint.arb
    stop: float
    after: flint.arb_poly
    before: flint.arb_poly
    after_tail: flint.arb_poly
    before_tail: flint.arb_poly


def _at_point(n: int, x: flint.arb) -> tuple[flint.arb, flint.arb, flint.arb, flint.arb]:
    """phi_{n-1}, phi_n, T_{n-1}, T_n at x, by the recurrences upwards."""
    root = flint.arb.pi() ** (flint.arb(-1) / 4)
    two = flint.arb(2)
    # same (0 -> 1, 0 -> -1): its factor is sqrt(0)
    before, h = flint.arb(0), root * (-x * x / 2).exp()
    tails = [root * (flint.arb.pi() / 2).sqrt() * (x / two.sqrt()).erfc(), two.sqrt() * h]
    for j in range(n):
        up, down = (two / (j + 1)).sqrt(), (flint.arb(j) / (j + 1)).sqrt()
        if j:
            tails = [tails[1], (up * h + down * tails[0]).mid()]
        # Midpoints: stable as numbers, while balls would grow like the other solution.
        before, h = h, (up * x * h - down * before).mid()
    return before, h, tails[0], tails[1]


def _taylor(
    n: int, x: flint.arb, value: flint.arb, slope: flint.arb, length: flint.arb, bits: int
) -> list[flint.arb]:
    """Coefficients of phi_N about x, until the terms at distance ``length`` are below 2^-bits."""
    c = [value, slope]
    square, double = x * x - (2 * n + 1), 2 * x
    # guard (all): working precision
    # tests/theory/goe/test_hermite_ball.py::test_three_coefficients_that_vanish_end_no_series
    small = ((abs(value) + abs(slope)) * flint.arb(2) ** -bits).mid()
    power, seen = length, 0
    # guard (numbers): working precision
    # tests/theory/goe/test_hermite_ball.py::test_three_coefficients_that_vanish_end_no_series
    while seen < 4:
        j = len(c) - 2
        total = square * c[j]
        if j >= 1:
            total += double * c[j - 1]
        if j >= 2:
            total += c[j - 2]
        c.append((total / ((j + 1) * (j + 2))).mid())
        power = (power * length).mid()
        # guard (numbers, signs): working precision
        # tests/theory/goe/test_hermite_ball.py::test_three_coefficients_that_vanish_end_no_series
        seen = seen + 1 if abs(c[-1]) * power < small else 0
    return c


def segments(n: int, start: float, stop: float) -> list[Segment]:
    """Cover [start, stop], at flint's current precision."""
    x = flint.arb(start)
    before, after, before_tail, after_tail = _at_point(n, x)
    root = (flint.arb(2) * n).sqrt()
    found = []
    left = start
    while left < stop:
        # guard (all): working precision
        # tests/theory/goe/test_hermite_ball.py::test_a_step_loses_20_bits_and_not_many_fewer
        rate = math.sqrt(max(abs(left**2 - 2 * n), abs((left + 1) ** 2 - 2 * n), 1.0))
        # guard (all): working precision
        # tests/theory/goe/test_hermite_ball.py::test_a_step_loses_20_bits_and_not_many_fewer
        right = left + min(1.0, 14 / rate)
        step = flint.arb(right) - x
        slope = (root * before - x * after).mid()
        series = flint.arb_poly(_taylor(n, x, after, slope, step, flint.ctx.prec))
        line = flint.arb_poly([x, flint.arb(1)])
        other = (series.derivative() + line * series) * (1 / root)
        tails = []
        for poly, tail in ((series, after_tail), (other, before_tail)):
            tails.append(flint.arb_poly([tail]) - poly.integral())
        found.append(Segment(x, right, series, other, *tails))
        after, before = series(step).mid(), other(step).mid()
        after_tail, before_tail = tails[0](step).mid(), tails[1](step).mid()
        left, x = right, flint.arb(right)
    return found
