"""Functions of one number at several: lists and arrays are broadcast, as NumPy does."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from theory.checks import bad

# guard (all): what is refused
# tests/theory/arithmetic/test_broadcast.py::test_what_does_not_fit_is_named
MOST = 100_000  # numbers that are computed one after the other


def is_several(value: object) -> bool:
    """Whether this is a list, tuple, range, or array of an axis or more.

    Examples
    --------
    >>> is_several([1, 2]), is_several("-E_inf"), is_several(np.array(3))
    (True, False, False)
    """
    return isinstance(value, list | tuple | range) or (
        isinstance(value, np.ndarray) and value.ndim > 0
    )


def over(function: Callable[..., Any], **arguments: Any) -> Any:
    """The function of these arguments; of several, an array of objects of the shape they broadcast to.

    Raises
    ------
    InputError
        For shapes that do not fit each other, none, or more than 100000 numbers.

    Examples
    --------
    >>> over(lambda n, k: n + k, n=[10, 20], k=[[1], [2]]).tolist()
    [[11, 21], [12, 22]]
    >>> over(lambda n, k: n + k, n=10, k=1)
    11
    """
    if not any(map(is_several, arguments.values())):
        return function(**arguments)
    arrays = [_objects(name, value) for name, value in arguments.items()]
    try:
        every = np.broadcast_arrays(*arrays)
    except ValueError:
        shapes = ", ".join(f"{name} {a.shape}" for name, a in zip(arguments, arrays, strict=True))
        raise bad(", ".join(arguments), shapes, "shapes that broadcast") from None
    if every[0].size > MOST:
        raise bad(", ".join(arguments), f"{every[0].size} numbers", f"at most {MOST}")
    out = np.empty(every[0].shape, dtype=object)
    for place in np.ndindex(out.shape):
        one = {name: a[place] for name, a in zip(arguments, every, strict=True)}
        out[place] = function(**one)
    return out


def _objects(name: str, value: Any) -> Any:
    """The value as an array of Python objects."""
    if not is_several(value):
        found = np.empty((), dtype=object)
        found[()] = value
        return found
    try:
        found = np.array(value if isinstance(value, np.ndarray) else list(value), dtype=object)
    except ValueError:
        raise bad(name, value, "an array") from None
    if not found.size:
        raise bad(name, value, "one number at least")
    return found
