"""The sign of a function on an interval, proved by balls."""

from __future__ import annotations

from collections.abc import Callable

import flint

# same (numbers): a deeper search decides no other sign
DEPTH = 12  # bisections of an interval before a sign counts as undecided


def is_positive(
    function: Callable[[flint.arb], flint.arb], a: flint.arb, b: flint.arb, depth: int = DEPTH
) -> bool | None:
    """Whether a function is > 0 on [a, b]: True or False proved by balls, None if undecided.

    Examples
    --------
    >>> zero, one = flint.arb(0), flint.arb(1)
    >>> is_positive(lambda x: x * x - x + 1, zero, one), is_positive(lambda x: x - x * x, zero, one)
    (True, None)
    """
    on_all = function(a.union(b))
    if on_all > 0:
        return True
    middle = ((a + b) / 2).mid()
    if function(middle) < 0:
        return False
    # same (0 -> 1): a search less deep
    if depth == 0:
        return None
    for half in ((a, middle), (middle, b)):
        # same (1 -> 2): a search less deep
        found = is_positive(function, *half, depth - 1)
        if not found:
            return found
    return True
