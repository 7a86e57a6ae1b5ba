"""The complexity of any model, pure or mixed, in float64 or as a ball."""

from __future__ import annotations

from typing import Any

import flint
import numpy as np

from theory.annealed.mixed_model import sigma, sigma_arb
from theory.annealed.pure_model import theta, theta_arb
from theory.arithmetic.ball import Ball
from theory.checks import MOST_DIGITS, bad, check_integer
from theory.levels import exact_level
from theory.model import Mixture, normalised


def complexity(model: Mixture, u: Any, k: int | None = None, digits: int | None = None) -> Any:
    """Complexity Theta(u): the exponential rate of the mean number of critical points below u.

    Parameters
    ----------
    model
        A pure model, or any mixture with xi(1) = 1.
    u
        Levels H/N: an array for floats; with ``digits`` one number (float, int, Fraction or text
        such as "-1.7" or "-17/10", taken exactly) or a Ball.
    k
        Index >= 0, or None for the total.
    digits
        None for float64, else the number of significant digits of the Ball returned.

    Returns
    -------
    float, ndarray or Ball
        Floats have an absolute error below 1e-15 (pure) or 1e-14 (mixtures) times
        (1 + k) (1 + u^2) log(3 + abs(u)); a Ball contains the value.

    Raises
    ------
    InputError
        Unless xi(1) = 1, for k < 0, u not finite, digits < 1.

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
    """
    normalised(model)
    if k is not None:
        k = check_integer("k", k, 0)
    if digits is None:
        try:
            levels = np.asarray(u, dtype=float)
        except (ValueError, TypeError, OverflowError):
            raise bad("u", repr(u), "finite numbers") from None
        if not np.isfinite(levels).all():
            raise bad("u", u, "finite numbers")
        values = theta(model.p, levels, k) if model.is_pure else sigma(model, levels, k)
        return float(values) if values.ndim == 0 else values
    digits = check_integer("digits", digits, 1, MOST_DIGITS)
    bits = int(3.33 * digits) + 40
    while True:
        with flint.ctx.workprec(bits):
            at = exact_level(u)
            found = theta_arb(model.p, at, k) if model.is_pure else sigma_arb(model, at, k)
            ball = Ball.from_arb(found, digits)
        # Zeros (u = -E_k) never reach a relative accuracy; enough is enough.
        if found.rel_accuracy_bits() >= 3.33 * digits + 4 or bits > 4 * (3.33 * digits + 80):
            return ball
        if isinstance(u, Ball):
            return ball
        bits *= 2
