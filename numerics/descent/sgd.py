"""Stochastic gradient descent over parts of the couplings, as in the published 3-spin experiments.

The couplings are a sum of `parts` independent tensors of variance 1/parts, taken in turn: step k follows
the gradient of one part alone, tangential, with length rate/(1 + decay k).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import reduce

from numerics.core.backend import Array, Namespace
from numerics.core.streams import Stream
from numerics.descent.gradient import on_sphere
from numerics.pspin.couplings import Couplings, draw
from numerics.pspin.hamiltonian import energy_gradient, tangential


def draw_parts(
    source: Stream,
    disorder: int,
    n: int,
    coefficients: Mapping[int, float],
    parts: int,
    dtype: str = "float64",
    xp: Namespace | None = None,
    memory: int | None = None,
) -> list[Couplings]:
    """Draw the parts of one disorder, stored: part k from ``source.generator(disorder, 0, k)``.

    Examples
    --------
    >>> from numerics.core.streams import stream
    >>> [c.n for c in draw_parts(stream(0, "example"), 0, 6, {3: 1.0}, 2)]
    [6, 6]
    """
    shares = {p: a / parts for p, a in coefficients.items()}
    return [
        draw(source.generator(disorder, 0, k), n, shares, dtype, xp, memory, "stored")
        for k in range(parts)
    ]


def total(parts: Sequence[Couplings]) -> Couplings:
    """Return the sum of the parts."""
    terms = zip(*(c.terms for c in parts), strict=True)
    return Couplings(
        parts[0].n,
        tuple((same[0][0], reduce(lambda a, b: a + b, (x[1] for x in same))) for same in terms),
    )


def descend_parts(
    parts: Sequence[Couplings], position: Array, steps: int, rate: float, decay: float
) -> Array:
    """Return the positions after `steps` steps, each by one part in turn.

    Examples
    --------
    >>> import numpy as np
    >>> from numerics.pspin.couplings import random_point
    >>> from numerics.core.streams import stream
    >>> parts = draw_parts(stream(0, "example"), 0, 8, {3: 1.0}, 2)
    >>> s = random_point(np.random.default_rng(1), 8, 3)
    >>> c, end = total(parts), descend_parts(parts, s, 100, 0.1, 0.01)
    >>> bool((energy_gradient(c, end)[0] < energy_gradient(c, s)[0]).all())
    True
    """
    count = len(parts)
    for k in range(1, steps + 1):
        c = parts[(k - 1) % count]
        gradient = tangential(position, energy_gradient(c, position)[1])
        position = on_sphere(position - rate / (1 + decay * k) * gradient)
    return position
