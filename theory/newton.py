"""The one root of a decreasing function, enclosed: floats guess, Newton refines, balls prove.

What is returned is certified by its last line alone: if the image of an interval under the interval
Newton map lies inside it, a root exists there, and the sign of the derivative makes it the only one
there. A wrong guess or a wrong step can only end in an error, never in a wrong number.
"""

from __future__ import annotations

from collections.abc import Callable

import flint

Function = Callable[[flint.arb], tuple[flint.arb, flint.arb]]  # value and derivative

_GUESS_BITS = 50
_GUARD_BITS = 48


class NotEnclosed(ArithmeticError):
    """No enclosure was found: the function has no such root, or the precision is too low."""


def bisected(function: Function, low: flint.arb, bits: int) -> flint.arb:
    """Bisect to about 50 bits, where the function is positive at ``low`` and negative far out."""
    with flint.ctx.workprec(bits):
        high = 2 * low
        while function(high)[0] > 0:
            low, high = high, 2 * high
        for _ in range(_GUESS_BITS):
            middle = ((low + high) / 2).mid()
            low, high = (middle, high) if function(middle)[0] > 0 else (low, middle)
        return ((low + high) / 2).mid()


def root(function: Function, low: flint.arb, bits: int, guard: int = _GUARD_BITS) -> flint.arb:
    """A ball of about ``bits`` bits proved to hold the one root beyond ``low``.

    Parameters
    ----------
    function
        Value and derivative at a ball, at flint's current precision; positive at ``low`` and beyond
        it up to the root, negative from there on.
    low
        A point before the root.
    bits
        Relative precision asked for.
    guard
        Bits that the function may lose by cancellation.

    Raises
    ------
    NotEnclosed
        If the interval Newton step does not prove a root.

    Examples
    --------
    >>> def f(x):
    ...     return 2 - x * x, -2 * x
    >>> with flint.ctx.workprec(120):
    ...     root(f, flint.arb(0.5), 100).str(25, radius=False)
    '1.414213562373095048801689'
    """
    x = bisected(function, low, 2 * _GUESS_BITS + guard)
    ladder = [bits + guard]
    while ladder[-1] > 2 * _GUESS_BITS:
        ladder.append(ladder[-1] // 2 + 16)
    for precision in reversed(ladder):
        with flint.ctx.workprec(precision + guard):
            value, slope = function(x)
            x = (x - value / slope).mid()
    # One more step squares the error: its proof interval is far wider than what is left of it.
    with flint.ctx.workprec(bits + 2 * guard):
        for widening in (8, 24, bits // 2):
            wide = flint.arb(x, abs(x) * flint.arb(2) ** (widening - bits))
            image = x - function(x)[0] / function(wide)[1]
            if function(wide)[1] < 0 and wide.contains_interior(image):
                return image
    raise NotEnclosed(f"no enclosure of a root near {x.str(10)} at {bits} bits")
