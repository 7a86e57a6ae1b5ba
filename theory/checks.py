"""Checks of arguments, and the one-line error of bad input."""

from __future__ import annotations

import operator
from typing import Any

# guard (all): what is refused
# tests/theory/test_checks.py::test_a_hundred_thousand_digits_are_given_out_and_no_more
MOST_DIGITS = 100_000  # of a result


class InputError(ValueError):
    """Bad input: one line that names the argument, what it got and what it takes."""


def bad(argument: str, got: object, takes: str) -> InputError:
    """Return the error with the standard message ``argument: got X; takes Y``.

    Examples
    --------
    >>> str(bad("p", 1, "an integer >= 2"))
    'p: got 1; takes an integer >= 2'
    """
    said = str(got)
    shown = said[:60] if said.isprintable() else repr(said)[:60]  # one line, whatever it is
    return InputError(f"{argument}: got {shown}; takes {takes}")


def listed(argument: str, values: Any) -> tuple[Any, ...]:
    """Return the values of a sequence that is no text, else raise InputError.

    Examples
    --------
    >>> listed("sizes", [2, 3])
    (2, 3)
    >>> listed("sizes", None)
    Traceback (most recent call last):
        ...
    theory.checks.InputError: sizes: got None; takes a list of numbers
    """
    try:
        found = tuple(values)
    except TypeError:
        found = None
    if found is None or isinstance(values, str):
        raise bad(argument, values, "a list of numbers")
    return found


def check_integer(argument: str, value: object, least: int, most: int | None = None) -> int:
    """Return ``value`` if it is an integer (no bool) within bounds, else raise InputError."""
    takes = f"an integer >= {least}" + ("" if most is None else f" and <= {most}")
    try:
        number = operator.index(value)  # type: ignore[arg-type]
    except TypeError:
        raise bad(argument, repr(value), takes) from None
    if isinstance(value, bool):
        raise bad(argument, value, takes)
    # guard (all): what is refused
    # tests/theory/test_checks.py::test_integer_bounds_are_inclusive
    if number < least or (most is not None and number > most):
        raise bad(argument, number, takes)
    return number


def check_digits(value: object) -> int:
    """Return ``value`` if it is a number of significant digits that is given out, else raise InputError."""
    # guard (all): what is refused
    # tests/theory/annealed/test_thresholds.py::test_bad_input_is_named
    return check_integer("digits", value, 1, MOST_DIGITS)


# guard (all): what is refused
# tests/theory/goe/test_fredholm.py::test_bad_laws_are_named
def check_index(argument: str, value: object, n: int, farthest: int | None = None) -> int:
    """Return ``value`` if it is an index of n eigenvalues, else raise InputError.

    Parameters
    ----------
    argument, value
        Its name and what was given.
    n
        Indices are 0 to n - 1.
    farthest
        If given, the most that it may lie away from either end.

    Examples
    --------
    >>> check_index("k", 2, 10), check_index("k", 9, 10, farthest=1)
    (2, 9)
    """
    k = check_integer(argument, value, 0, n - 1)
    if farthest is not None and min(k, n - 1 - k) > farthest:
        raise bad(argument, k, f"an index at most {farthest} from either end of 0..{n - 1}")
    return k
