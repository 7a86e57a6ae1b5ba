"""Levels by their names: -E_inf, -E_0, -E_1, ..., the thresholds of a model."""

from __future__ import annotations

import re

from theory.annealed.thresholds import threshold
from theory.arithmetic.ball import Threshold
from theory.checks import MOST_DIGITS, InputError
from theory.levels import Level, exact_level
from theory.model import Mixture

BARRIER = "-E_inf"

_NAME = re.compile(r"-E_(inf|[0-9]{1,6})")


def resolve_level(
    argument: str, u: object, model: Mixture, digits: int, most: int | None = None
) -> Level:
    """The level that was given, by its name or in any way that `theory.levels.exact_level` takes.

    Parameters
    ----------
    argument
        Its name, for the error.
    u
        A number, a text or a ball; or -E_inf, -E_0, -E_1, ...
    model
        Whose thresholds the names mean.
    digits
        Significant digits of a threshold, as many as are given out at most.
    most
        If given, the largest absolute value of what is no name.

    Raises
    ------
    InputError
        For anything else, and for a threshold that the model does not have.

    Examples
    --------
    >>> from theory.model import pure
    >>> resolve_level("u", "-E_0", pure(3), 10).value, resolve_level("u", "-1.6", pure(3), 10)
    ('-1.656998364', Fraction(-8, 5))
    """
    name = _NAME.fullmatch(u) if isinstance(u, str) else None
    if name is not None:
        k = None if name[1] == "inf" else int(name[1])
        return -threshold(model, k, min(digits, MOST_DIGITS))
    try:
        return exact_level(argument, u, most)
    except InputError as error:
        if isinstance(u, Threshold):
            raise
        raise InputError(f"{error}; or a name, {BARRIER}, -E_0, -E_1, ...") from None
