"""Ziv's loop: evaluate at a working precision, and at a higher one until the answer stands."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

import flint

Found = TypeVar("Found")


@dataclass(frozen=True)
class Missing:
    """The answer of an attempt that had too few bits: about how many more it takes, >= 1."""

    bits: int


def until_precise(attempt: Callable[[int], Found | Missing], bits: int) -> Found:
    """What the first attempt with enough bits finds.

    Parameters
    ----------
    attempt
        Called with a number of bits, at that working precision of flint. It returns what it found,
        or how many bits are missing; it raises where more of them would not help.
    bits
        Of the first attempt.

    References
    ----------
    Ziv, Fast evaluation of elementary mathematical functions with correctly rounded last bit (1991).

    Examples
    --------
    >>> def sign(bits):  # of 1 - cos(1e-30), which 53 bits do not tell from 0
    ...     value = 1 - (flint.arb(10) ** -30).cos()
    ...     return Missing(bits) if value.contains(0) else (bits, value > 0)
    >>> until_precise(sign, 53)
    (212, True)
    """
    while True:
        with flint.ctx.workprec(bits):
            found = attempt(bits)
        if not isinstance(found, Missing):
            return found
        bits += found.bits
