"""The one root of a decreasing function, enclosed: floats guess, Newton refines, balls prove.

What is returned is certified by its last line alone: if the image of an interval under the interval
Newton map lies inside it, a root exists there, and the sign of the derivative makes it the only one
there. A wrong guess or a wrong step can only end in an error, never in a wrong number.
"""

from __future__ import annotations

from collections.abc import Callable

import flint

Function = Callable[[flint.arb], tuple[flint.arb, flint.arb]]  # value and derivative

# same (all): a search; what is found is proved
_GUESS_BITS = 50
_GUARD_BITS = 48


class NotEnclosed(ArithmeticError):
    """No enclosure was found: the function has no such root, or the precision is too low."""


# guard (all): a search; what is found is proved
# tests/theory/arithmetic/test_interval_newton.py::test_root_of_a_power_is_enclosed_to_the_precision_asked_for
def near(function: Function, low: flint.arb, bits: int) -> flint.arb:
    """The root to about 50 bits, where the function is positive at ``low`` and negative far out.

    Newton's step where it stays between the ends that are known, else the middle of them.
    """
    with flint.ctx.workprec(bits):
        high = 2 * low
        while function(high)[0] > 0:
            low, high = high, 2 * high
        x = ((low + high) / 2).mid()
        for _ in range(2 * _GUESS_BITS):
            value, slope = function(x)
            low, high = (x, high) if value > 0 else (low, x)
            step = (x - value / slope).mid()
            if not low < step < high:
                step = ((low + high) / 2).mid()
            moved, x = abs(step - x), step
            if moved < x * flint.arb(2) ** (-_GUESS_BITS // 2):  # the next error is its square
                break
        return x


# guard (all): a search; what is found is proved
# tests/theory/arithmetic/test_interval_newton.py::test_root_of_a_power_is_enclosed_to_the_precision_asked_for
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
    x = near(function, low, 2 * _GUESS_BITS + guard)
    # One more step squares the error, so half of the bits are enough before it.
    for known in (bits // 2, bits):
        ladder = [known + guard]
        while ladder[-1] > 2 * _GUESS_BITS:
            ladder.append(ladder[-1] // 2 + 16)
        for precision in reversed(ladder):
            with flint.ctx.workprec(precision + guard):
                value, slope = function(x)
                x = (x - value / slope).mid()
        image = _proved(function, x, bits, known, guard)
        if image is not None:
            return image
    raise NotEnclosed(f"no enclosure of a root near {x.str(10)} at {bits} bits")


# guard (all): a search; what is found is proved
# tests/theory/arithmetic/test_interval_newton.py::test_nothing_is_returned_that_is_not_proved
def _proved(
    function: Function, x: flint.arb, bits: int, known: int, guard: int
) -> flint.arb | None:
    """An interval Newton step from x, known to so many bits: proved, and narrow enough, or None."""
    with flint.ctx.workprec(bits + 2 * guard):
        value = function(x)[0]
    for widening in (8, 24, known // 2):
        with flint.ctx.workprec(known + 2 * guard):
            wide = flint.arb(x, abs(x) * flint.arb(2) ** (widening - known))
            slope = function(wide)[1]
        if slope < 0:
            with flint.ctx.workprec(bits + 2 * guard):
                image = x - value / slope
                if wide.contains_interior(image) and image.rel_accuracy_bits() >= bits:
                    return image
    return None
