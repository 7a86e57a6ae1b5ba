"""Checks of arguments, shared by the public functions."""

from __future__ import annotations

import math
import operator
from collections.abc import Sequence

import numpy as np

from numerics.core.backend import InputError, free_memory

MOST_WORKERS = 1024


def check_integer(
    argument: str, value: object, least: int | None = None, most: int | None = None
) -> int:
    """Return `value` as an int in `least`..`most` where given; NumPy integers pass, booleans do not.

    Raises
    ------
    InputError
        If it is not an integer or is out of these bounds.

    Examples
    --------
    >>> check_integer("n", 3, least=2)
    3
    """
    takes = "an integer" if least is None else f"an integer >= {least}"
    takes += "" if most is None else f" and <= {most}"
    if isinstance(value, (bool, np.bool_)):
        raise InputError.of(argument, value, takes)
    try:
        number = operator.index(value)  # type: ignore[arg-type]
    except TypeError:
        raise InputError.of(argument, value, takes) from None
    if (least is not None and number < least) or (most is not None and number > most):
        raise InputError.of(argument, number, takes)
    return number


def check_workers(workers: object) -> int:
    """Return the number of threads as an int in 1..1024.

    Raises
    ------
    InputError
        If it is not.

    Examples
    --------
    >>> check_workers(2)
    2
    """
    return check_integer("workers", workers, least=1, most=MOST_WORKERS)


def check_real(argument: str, value: float, positive: bool = False) -> float:
    """Return `value` as a finite float, > 0 if `positive`; no word is a number, nor is a truth value.

    Raises
    ------
    InputError
        If it is not.

    Examples
    --------
    >>> check_real("below", -1)
    -1.0
    """
    takes = "a finite number > 0" if positive else "a finite number"
    if isinstance(value, (str, bytes, bool, np.bool_)) or np.ndim(value):
        raise InputError.of(argument, value, takes)
    try:
        number = float(value)
    except (TypeError, ValueError, OverflowError):
        raise InputError.of(argument, value, takes) from None
    if not math.isfinite(number) or (positive and number <= 0):
        raise InputError.of(argument, value, takes)
    return number


def check_word(argument: str, value: object, among: Sequence[str]) -> str:
    """Return `value` if it is one of the words.

    Raises
    ------
    InputError
        If it is not.

    Examples
    --------
    >>> check_word("dtype", "float64", ("float64", "float32"))
    'float64'
    """
    if not isinstance(value, str) or value not in among:
        *most, last = among
        raise InputError.of(argument, value, f"{', '.join(most)} or {last}")
    return value


def check_memory(memory: int | None, needed: int, what: str, remedy: str) -> None:
    """Refuse what takes more bytes than may be used, by default than are free.

    Raises
    ------
    InputError
        With the numbers and the remedy, in one line.

    Examples
    --------
    >>> check_memory(2**20, 2**30, "a thousand spectra", "take fewer")
    Traceback (most recent call last):
        ...
    numerics.core.backend.InputError: memory: got 0.00098 GiB; takes 1 GiB for a thousand spectra: take fewer
    """
    room = free_memory() if memory is None else check_integer("memory", memory, least=1)
    if needed > room:
        raise InputError(
            f"memory: got {room / 2**30:.2g} GiB; takes {needed / 2**30:.2g} GiB for {what}: {remedy}"
        )
