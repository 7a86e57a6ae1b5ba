"""The Cugliandolo-Kurchan equations at short times, by Taylor polynomials in t and t'.

A function of two times t >= t' is an array c with f = sum c[a, b] t^a t'^b, cut at a + b = `DEGREE`.
Picard's iteration gains one degree a pass, so that the coefficients are those of the solution.
"""

from __future__ import annotations

import math
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from theory.model import Mixture

Polynomial = NDArray[np.float64]

# guard (all): how fine the grid is, and so the error stated
# tests/theory/mean_field_dynamics/test_taylor.py::test_series_are_right_to_the_ninth_order
DEGREE = 9
_A, _B = np.indices((DEGREE + 1, DEGREE + 1))
_KEPT = _A + _B <= DEGREE


def _pairs(left: Polynomial, right: Polynomial) -> tuple[NDArray[Any], ...]:
    """Indices and coefficients of all products of monomials that are not cut."""
    a, b = np.nonzero(left)
    c, d = np.nonzero(right)
    a, b = a[:, None], b[:, None]
    # same (signs): what is cut here is cut where terms are gathered too
    kept = a + b + c + d <= DEGREE
    shape = kept.shape
    a, b = (np.broadcast_to(x, shape)[kept] for x in (a, b))
    c, d = (np.broadcast_to(x, shape)[kept] for x in (c, d))
    return a, b, c, d, left[a, b] * right[c, d]


def _gathered(*terms: tuple[Any, Any, Any]) -> Polynomial:
    out = np.zeros_like(_KEPT, dtype=float)
    for a, b, value in terms:
        kept = a + b <= DEGREE
        np.add.at(out, (a[kept], b[kept]), value[kept])
    return out


def product(left: Polynomial, right: Polynomial) -> Polynomial:
    """left(t, t') right(t, t')."""
    a, b, c, d, value = _pairs(left, right)
    return _gathered((a + c, b + d, value))


def between(left: Polynomial, right: Polynomial) -> Polynomial:
    """int_t'^t left(t, s) right(s, t') ds."""
    a, b, c, d, value = _pairs(left, right)
    n = b + c + 1
    return _gathered((a + n, d, value / n), (a, d + n, -value / n))


def below(left: Polynomial, right: Polynomial) -> Polynomial:
    """int_0^t' left(t, s) right(t', s) ds."""
    a, b, c, d, value = _pairs(left, right)
    n = b + d + 1
    return _gathered((a, c + n, value / n))


def whole(f: Polynomial) -> Polynomial:
    """int_0^t f(t, s) ds, a function of t alone."""
    return _gathered((_A + _B + 1, 0 * _B, f / (_B + 1)))


def since(f: Polynomial) -> Polynomial:
    """int_t'^t f(s, t') ds."""
    n = _A + 1
    return _gathered((n, _B, f / n), (0 * _A, _B + n, -f / n))


def composed(model: Mixture, order: int, f: Polynomial) -> Polynomial:
    """The ``order``-th derivative of xi, at f(t, t')."""
    one = np.zeros_like(f)
    one[0, 0] = 1.0
    powers = [one]
    while len(powers) <= max(p for p, _ in model.terms):
        powers.append(product(powers[-1], f))
    total = np.zeros_like(f)
    for p, a in model.terms:
        if p >= order:
            total += float(a) * math.perm(p, order) * powers[p - order]
    return total


@cache
def taylor(model: Mixture, temperature: float, beta: float) -> tuple[Polynomial, Polynomial]:
    """C and R as polynomials; ``beta`` is the inverse temperature of the start.

    Examples
    --------
    >>> from theory.model import pure
    >>> c, r = taylor(pure(3), 0.0, 0.0)
    >>> c[[2, 1, 0], [0, 1, 2]].tolist()  # 1 - 3 (t - t')^2 / 2: the variance of the gradient is xi' = 3
    [-1.5, 3.0, -1.5]
    """
    one = np.zeros((DEGREE + 1, DEGREE + 1))
    one[0, 0] = 1.0
    c, r = one, one
    for _ in range(DEGREE):
        kernel = product(composed(model, 2, c), r)
        force = composed(model, 1, c)
        at_start, other = np.zeros_like(c), np.zeros_like(c)
        at_start[:, 0] = c[:, 0]  # C(t, 0)
        other[0, :] = c[:, 0]  # C(t', 0)
        pull = beta * composed(model, 1, at_start)
        mu = temperature * one + whole(product(kernel, c) + product(force, r))
        mu = mu + product(pull, at_start)
        c_rate = between(kernel, c) + below(kernel, c) + below(force, r) + product(pull, other)
        c_rate = c_rate - product(mu, c)
        r_rate = between(kernel, r) - product(mu, r)
        c, r = one + since(c_rate), one + since(r_rate)
    return c, r


def energy_series(model: Mixture, temperature: float, beta: float) -> Polynomial:
    """Taylor coefficients of u(t), the constant first.

    Examples
    --------
    >>> from theory.model import pure
    >>> energy_series(pure(3), 0.0, 0.0)[:4].round(12).tolist()  # -xi' t + xi' (xi' + xi'') t^3/3
    [0.0, -3.0, 0.0, 9.0]
    """
    c, r = taylor(model, temperature, beta)
    at_start = np.zeros_like(c)
    at_start[:, 0] = c[:, 0]
    u = -whole(product(composed(model, 1, c), r)) - beta * composed(model, 0, at_start)
    return np.asarray(u[:, 0] + 0.0)
