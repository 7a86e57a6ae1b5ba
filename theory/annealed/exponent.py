"""The complexity of any model, pure or mixed, in float64 or as a ball."""

from __future__ import annotations

import math
from fractions import Fraction
from typing import Any

import flint

from theory.annealed.mixed_model import sigma, sigma_arb
from theory.annealed.named_levels import resolve_level
from theory.annealed.pure_model import theta, theta_arb
from theory.arithmetic.ball import Ball, bits_of, to_arb
from theory.arithmetic.broadcast import is_several, over
from theory.arithmetic.ziv import Missing, until_precise
from theory.checks import check_digits, check_integer
from theory.levels import Level, float_levels
from theory.model import Mixture, unit


def complexity(model: Mixture, u: Any, k: Any = None, digits: int | None = None) -> Any:
    """Complexity Theta(u): the exponential rate of the mean number of critical points below u.

    Parameters
    ----------
    model
        Any mixture, in an external field (a term of degree 1) or without.
    u
        Levels H/N: an array, a text or a name for floats; with ``digits`` numbers (float, int,
        Fraction or text such as "-1.7" or "-17/10", taken exactly), Balls, or names, "-E_inf",
        "-E_0", "-E_1", ...
    k
        Index >= 0, or None for the total; or a list or an array of them, broadcast with the levels.
    digits
        None for float64, else the number of significant digits of the Ball returned.

    Returns
    -------
    float, Ball or ndarray of them
        Floats have an absolute error below 1e-15 (pure) or 1e-14 (mixtures) times
        (1 + k) (1 + u^2) log(3 + abs(u)); a Ball contains the value.

    Raises
    ------
    InputError
        For what is no mixture, k < 0, u not finite, digits < 1.

    References
    ----------
    Pure: ABC, Thm 2.5 (index k) and 2.8 (total); the plateau as corrected (erratum E1). Mixtures:
    AB, in the closed forms of `theory.annealed.mixed_model`.

    Examples
    --------
    >>> from theory.model import mixture, pure
    >>> complexity(pure(3), "-1.64", k=0, digits=20).value
    '0.0098432682883589855242'
    >>> complexity(mixture({3: 0.5, 4: 0.5}), [-1.7, -1.0]).round(6)
    array([0.023826, 0.317301])
    >>> complexity(pure(3), [-1.66, -1.64], k=[[0], [1]]).round(6).tolist()
    [[-0.001897, 0.009843], [-0.005917, 0.009313]]
    >>> complexity(mixture({1: 3, 3: 1}), "-2.5", digits=5).value  # a field that leaves two points
    '-0.0012061'
    """
    if is_several(k) or (digits is not None and is_several(u)):
        found = over(lambda u, k: complexity(model, u, k, digits), u=u, k=k)
        return found.astype(float) if digits is None else found
    one, variance = unit(model)
    if k is not None:
        # guard (all): what is refused
        # tests/theory/annealed/test_pure_model.py::test_bad_input_is_named
        k = check_integer("k", k, 0)
    if digits is None:
        named = float(resolve_level("u", u, model, 17)) if isinstance(u, str) else u
        levels = float_levels("u", named) / math.sqrt(variance)
        values = theta(one.p, levels, k) if one.is_pure else sigma(one, levels, k)
        return float(values) if values.ndim == 0 else values
    digits = check_digits(digits)
    # same (numbers): spare digits of the level
    return _certified(one, variance, resolve_level("u", u, model, digits + 10), k, digits)


def _certified(one: Mixture, variance: Fraction, level: Level, k: int | None, digits: int) -> Ball:
    """The complexity as a ball of so many digits, where the level and the value allow it."""

    def attempt(bits: int) -> flint.arb | Missing:
        u = to_arb(level) / to_arb(variance).sqrt()
        found = theta_arb(one.p, u, k) if one.is_pure else sigma_arb(one, u, k)
        # Zeros (u = -E_k) never reach a relative accuracy, nor does a level that is a wide ball.
        # same (all): when more bits are tried no longer
        hopeless = isinstance(level, Ball) or bits > 4 * (3.33 * digits + 80)
        # same (all): how many bits are enough, and some
        enough = found.rel_accuracy_bits() >= 3.33 * digits + 4
        return found if enough or hopeless else Missing(bits)

    # same (numbers): the first precision tried
    return Ball.from_arb(until_precise(attempt, bits_of(digits, 40)), digits)
