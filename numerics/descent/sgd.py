"""Stochastic gradient descent over parts of the couplings ("sgd"), as in the published 3-spin scripts.

The couplings are a sum of `parts` independent tensors of variance 1/parts, taken in turn: step k follows
the gradient of one part alone, tangential, with length rate/(1 + decay k).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial, reduce

from numerics.core.backend import Namespace, namespace_of
from numerics.core.streams import Stream
from numerics.descent.gradient import init
from numerics.descent.protocol import Info, State, Timed, counted, gradient_norm
from numerics.descent.sphere import on_sphere
from numerics.pspin.couplings import Couplings, draw


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
    """Return the sum of the parts; of one, itself, stored or not."""
    if len(parts) == 1:
        # same (0 -> -1): of one part
        return parts[0]
    terms = zip(*(c.terms for c in parts), strict=True)
    # same (0 -> -1): all of one n and of the same p
    return Couplings(
        parts[0].n,
        tuple((same[0][0], reduce(lambda a, b: a + b, (x[1] for x in same))) for same in terms),
    )


def step(c: Couplings, state: State, length: float) -> tuple[State, Info]:
    """Take one step of every start by the part whose gradient it carries, and look at the next.

    Parameters
    ----------
    c : Couplings
        The part of the next step: energy and gradient of the new state are of this part alone.
    state : State
    length : float
        Of the next step.
    """
    position = on_sphere(state.position - state.length[:, None] * state.gradient)
    after = init(c, position, length)
    return after, Info(gradient_norm(after), namespace_of(position).isfinite(after.energy))


def method(parts: Sequence[Couplings], steps: int, rate: float, decay: float) -> Timed[State]:
    """Return so many steps, the k-th (from 1) by one part in turn, of length rate/(1 + decay k).

    Examples
    --------
    >>> import numpy as np
    >>> from numerics.core.streams import stream
    >>> from numerics.pspin.couplings import random_point
    >>> from numerics.pspin.hamiltonian import energy_gradient
    >>> parts = draw_parts(stream(0, "example"), 0, 8, {3: 1.0}, 2)
    >>> s, by_parts = random_point(np.random.default_rng(1), 8, 3), method(parts, 100, 0.1, 0.01)
    >>> state = by_parts.init(s)
    >>> for k in range(by_parts.max_steps):
    ...     state, _ = by_parts.step(state, k)
    >>> c = total(parts)
    >>> bool((energy_gradient(c, state.position)[0] < energy_gradient(c, s)[0]).all())
    True
    """
    # same (2 -> 3, 2 -> 4): lengths that no step has
    lengths = [rate / (1 + decay * k) for k in range(1, steps + 2)]
    return counted(
        partial(init, parts[0], length=lengths[0]),
        lambda state, k: step(parts[(k + 1) % len(parts)], state, lengths[k + 1]),
        steps,
    )
