"""The sign of a function on an interval, proved by balls."""

from __future__ import annotations

from collections.abc import Callable

import flint

# guard (all): a search; what is found is bounded by proofs
# tests/theory/ground_state/test_energy.py::test_digits_of_mixtures_are_true
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
    if depth == 0:
        return None
    # guard (all): a search; what is found is bounded by proofs
    # tests/theory/ground_state/test_energy.py::test_digits_of_mixtures_are_true
    left = is_positive(function, a, middle, depth - 1)
    # guard (all): a search; what is found is bounded by proofs
    # tests/theory/ground_state/test_energy.py::test_digits_of_mixtures_are_true
    return left if not left else is_positive(function, middle, b, depth - 1)
