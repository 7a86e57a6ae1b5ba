"""What a descent is asked to do, in one record, and the checks of it in one place."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from numerics.core.backend import InputError
from numerics.core.checks import check_integer, check_real, check_word
from numerics.core.mixture import check_coefficients
from numerics.pspin.couplings import DTYPES, PLACES, Couplings

METHODS = (
    "gd",
    "gd+newton",
    "cg",
    "flow",
    "sgd",
    "langevin",
    "annealing",
    "published-gd",
    "published-sgd",
)

TIMES = (0.0, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0)
"""Where the path of a flow or of Langevin dynamics is kept, if nothing else is said."""


@dataclass(frozen=True)
class Settings:
    """Of the descents on one disorder; which disorder, and on what machine, is no part of it.

    Attributes
    ----------
    n : int
        Number of spins, >= 2.
    coefficients : mapping of int to float
        {p: a_p} of xi.
    starts : int
        Uniform on the sphere.
    tolerance : float
        Stop where |grad|/sqrt(n) <= tolerance.
    max_steps : int
        Stop there in any case; of Langevin dynamics the `times` alone say how long.
    step : float, optional
        Step length; that of the method if not given.
    method : str
        One of `METHODS`; `numerics.descend` says what they are.
    dtype : {"float64", "float32"}
    spectra : bool
        Return all eigenvalues of the final Hessians too.
    times : sequence of float
        Rising, >= 0, of methods that go through times.
    temperature : float
        >= 0, of Langevin dynamics and annealing.
    parts : int
        Of the couplings, for stochastic gradient descent.
    memory : int, optional
        Bytes for the couplings, by default what is free.
    place : {"auto", "stored", "streamed"}
        Where couplings are, as in `numerics.pspin.couplings.draw`; not of a stochastic descent.
    given : Couplings, optional
        In place of those that are drawn; of all disorders that are asked for.
    """

    n: int
    coefficients: Mapping[int, float]
    starts: int
    tolerance: float = 1e-6
    max_steps: int = 20000
    step: float | None = None
    method: str = "gd"
    dtype: str = "float64"
    spectra: bool = False
    times: Sequence[float] = TIMES
    temperature: float = 0.0
    parts: int = 10
    memory: int | None = None
    place: str = "auto"
    given: Couplings | None = None


DRAWN_IN_PARTS = ("sgd", "published-sgd")


def checked(s: Settings) -> Settings:
    """Return the settings with every value of its type, if all are usable.

    Raises
    ------
    InputError
        Names the first that is not.

    Examples
    --------
    >>> checked(Settings(10, {3: 1}, 4)).coefficients
    {3: 1.0}
    >>> checked(Settings(10, {3: 1}, 0))
    Traceback (most recent call last):
        ...
    numerics.core.backend.InputError: starts: got 0; takes an integer >= 1
    """
    temperature = check_real("temperature", s.temperature)
    if temperature < 0:
        raise InputError.of("temperature", temperature, "a number >= 0")
    coefficients = check_coefficients(s.coefficients, least=1)
    if s.method in DRAWN_IN_PARTS and (s.given is not None or 1 in coefficients):
        raise InputError.of("method", s.method, "another: it draws the couplings in parts")
    return replace(
        s,
        n=check_integer("n", s.n, least=2),
        coefficients=coefficients,
        starts=check_integer("starts", s.starts, least=1),
        tolerance=check_real("tolerance", s.tolerance, positive=True),
        max_steps=check_integer("max_steps", s.max_steps, least=0),
        step=None if s.step is None else check_real("step", s.step, positive=True),
        method=check_word("method", s.method, METHODS),
        dtype=check_word("dtype", s.dtype, DTYPES),
        times=_checked_times(s.times),
        temperature=temperature,
        parts=check_integer("parts", s.parts, least=1),
        memory=None if s.memory is None else check_integer("memory", s.memory, least=1),
        place=check_word("place", s.place, PLACES),
    )


def _checked_times(times: Sequence[float]) -> list[float]:
    """Return the times as floats, if they are some, rising, and >= 0."""
    found = [check_real("times", t) for t in times]
    if not found or found[0] < 0 or any(a >= b for a, b in pairwise(found)):
        raise InputError.of("times", found[:5], "rising times >= 0")
    if found[-1] <= 0:
        raise InputError.of("times", found[:5], "a last time > 0")
    return found
