"""What all methods of descent have in common: a state, a step, and how a start ends.

A method on one disorder is two functions, whatever else they need bound to them:

    init(position) -> state            R starts on the sphere |s|^2 = n, of shape (R, n)
    step(state, k) -> (state, info)    step number k = 0, 1, ..

The state is all that is carried to the next step: arrays of the couplings' namespace with one row a
start. Info is diagnostics of the step that was taken. No row depends on another, so that starts that
are done may leave the batch (`rows_of`). A step is array operations alone: but for the trials of
Newton's method it brings no number from a device to the host. Whether a start is done is asked
apart from it, by the loops of `numerics.descent.loop`.
"""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, fields, replace
from enum import StrEnum
from typing import Any, Generic, TypeVar

from numerics.core.backend import Array, namespace_of
from numerics.descent.sphere import norms


class Status(StrEnum):
    """How a start ended: a word, and the sentence that says what it means.

    Examples
    --------
    >>> str(Status.SHORT), Status("max_steps").sentence
    ('max_steps', 'It took as many steps as are allowed.')
    """

    sentence: str

    CONVERGED = "converged", "Its gradient is within the tolerance, its index is 0."
    SADDLE = (
        "saddle",
        "Its gradient is within the tolerance, its index is not 0: it began on a saddle.",
    )
    FINISHED = "finished", "It came to the last of its times with a gradient above the tolerance."
    SHORT = "max_steps", "It took as many steps as are allowed."
    DIVERGED = "diverged", "Its energy or gradient is not finite, or no step is short enough."

    def __new__(cls, word: str, sentence: str) -> Status:
        """Return the member that equals the word."""
        member = str.__new__(cls, word)
        member._value_ = word
        member.sentence = sentence
        return member


@dataclass(frozen=True)
class State:
    """What a method carries from step to step.

    Attributes
    ----------
    position : array, shape (R, n)
        On the sphere |s|^2 = n.
    energy : array, shape (R,)
        H, of order n.
    gradient : array, shape (R, n)
        On the sphere.
    length : array, shape (R,)
        Length of the next step of every start.
    """

    position: Array
    energy: Array
    gradient: Array
    length: Array


@dataclass(frozen=True)
class Info:
    """What a step tells: |grad|/sqrt(n) after it, and whether it was taken; both of shape (R,)."""

    gradient_norm: Array
    accepted: Array


S = TypeVar("S", bound=State)


@dataclass(frozen=True)
class Method(Generic[S]):
    """A method on one disorder, or on several of which each has an equal share of the starts.

    Attributes
    ----------
    init : callable
        ``init(position)``: the state of starts at `position` (R, n).
    step : callable
        ``step(state, k)``: the state after step k, and the `Info` of that step.
    advance : callable, optional
        ``advance(state, k, count)``: the state after steps k .. k + count - 1, and the `Info` of the
        last; what a device runs, where it is faster than so many steps.
    some : callable, optional
        ``some(disorders)``: the same method on some of its disorders alone, by their places.
    """

    init: Callable[[Array], S]
    step: Callable[[S, int], tuple[S, Info]]
    advance: Callable[[S, int, int], tuple[S, Info]] | None = None
    some: Callable[[Sequence[int]], Any] | None = None


@dataclass(frozen=True)
class Timed(Method[S]):
    """A method that goes through times (or so many steps) rather than to a critical point.

    Attributes
    ----------
    reached : callable
        ``reached(state, k)``: how many of the times each start has come to before step k, shape (R,),
        or one number for all.
    going : callable
        ``going(state, k)``: which starts step k is for, shape (R,), or one word for all.
    times, max_steps : int
        How many times there are; how many steps are taken at most.
    dtype : str
        Of the energies that are kept at the times.
    """

    reached: Callable[[S, int], int | Array] = field(kw_only=True)
    going: Callable[[S, int], bool | Array] = field(kw_only=True)
    times: int = field(kw_only=True)
    max_steps: int = field(kw_only=True)
    dtype: str = "float64"


@dataclass(frozen=True)
class Rule:
    """The first length of a descent's steps, and where it stops.

    Attributes
    ----------
    length : float
    tolerance : float
        Stop where |grad|/sqrt(n) <= tolerance.
    max_steps : int
        Stop there in any case.
    """

    length: float
    tolerance: float = 1e-6
    max_steps: int = 20000

    @property
    def shortest(self) -> float:
        """The length of a step below which a start counts as diverged."""
        return 1e-9 * self.length


def counted(
    init: Callable[[Array], S],
    step: Callable[[S, int], tuple[S, Info]],
    steps: int,
    at: Sequence[int] = (),
    dtype: str = "float64",
) -> Timed[S]:
    """Return a method that takes so many steps of one length, the same number of all starts.

    How far it has come is known from the count of steps, without a look at the state.

    Parameters
    ----------
    init, step : callable
        As in `Method`.
    steps : int
    at : sequence of int
        Rising; the counts of steps at which its times are.
    dtype : str
        As in `Timed`.

    Examples
    --------
    >>> import numpy as np
    >>> still = counted(lambda s: State(s, s[:, 0], s, s[:, 0]), lambda s, k: (s, None), 2, [0, 2])
    >>> state = still.init(np.ones((1, 3)))
    >>> [(still.reached(state, k), still.going(state, k)) for k in range(3)]
    [(1, True), (1, True), (2, False)]
    """
    return Timed(
        init,
        step,
        reached=lambda state, k: bisect_right(at, k),
        going=lambda state, k: k < steps,
        times=len(at),
        max_steps=steps,
        dtype=dtype,
    )


def gradient_norm(state: State) -> Array:
    """Return |grad|/sqrt(n) of every start, shape (R,)."""
    return norms(state.gradient) / math.sqrt(state.position.shape[1])


def rows_of(state: S, rows: Array) -> S:
    """Return the state of some starts alone.

    Examples
    --------
    >>> import numpy as np
    >>> state = State(np.eye(3), np.arange(3.0), np.eye(3), np.ones(3))
    >>> rows_of(state, np.array([2, 0])).energy.tolist()
    [2.0, 0.0]
    """
    xp = namespace_of(state.position)
    kept = {f.name: xp.take(getattr(state, f.name), rows, axis=0) for f in fields(state)}
    return replace(state, **kept)


def together(states: Sequence[S]) -> S:
    """Return the state of the starts of several, one after the other.

    Examples
    --------
    >>> import numpy as np
    >>> state = State(np.eye(3), np.arange(3.0), np.eye(3), np.ones(3))
    >>> together([state, rows_of(state, np.array([1]))]).energy.tolist()
    [0.0, 1.0, 2.0, 1.0]
    """
    xp = namespace_of(states[0].position)
    names = [f.name for f in fields(states[0])]
    joined = {name: xp.concat([getattr(s, name) for s in states], axis=0) for name in names}
    return replace(states[0], **joined)
