"""The nine methods by their words, and a descent by any of them.

All are of one pattern: the couplings are drawn; a first phase may go through times, or so many steps; a
second may descend to a critical point; then the Hessians are taken where that ended.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from numerics.core.backend import (
    Array,
    InputError,
    Namespace,
    free_memory,
    is_cupy,
    is_out_of_memory,
    namespace,
    to_numpy,
)
from numerics.core.streams import Stream, key_of
from numerics.descent import conjugate_gradient, flow, gradient, langevin, newton, sgd
from numerics.descent.ends import with_hessians
from numerics.descent.gradient import default_step
from numerics.descent.loop import Ends, through_times, to_convergence
from numerics.descent.protocol import Method, Rule, Status, Timed
from numerics.descent.settings import METHODS, Settings, checked
from numerics.pspin import multisets
from numerics.pspin.couplings import Couplings, batched, draw, random_point
from numerics.pspin.field import steepest
from numerics.pspin.hamiltonian import energy_slope

__all__ = [
    "AT_START",
    "METHODS",
    "RECIPES",
    "Disorders",
    "Recipe",
    "descend_each",
    "descend_one",
    "descend_with",
]

# same (numbers): disorders that descend together
_MOST = 256  # disorders that descend together on a device
_SHARE = 0.25  # of its memory that they may take
# same (numbers): how many descend together on the host
_CACHE, _SPINS = 1 << 25, 1 << 14  # bytes, and spins of all starts, that share the host's steps

PUBLISHED_STEP = 0.2
PUBLISHED_GRADIENT = 0.01
"""Of the tangential gradient itself, not over sqrt(n)."""
PUBLISHED_RATE, PUBLISHED_DECAY, PUBLISHED_ROUNDS = 0.3, 0.0015, 500


@dataclass(frozen=True)
class Disorders:
    """Disorders that descend together, drawn: on the host one, on a device as many as fit.

    Attributes
    ----------
    source : Stream
    numbers : sequence of int
        Which disorders of the source, >= 0.
    parts : sequence of Couplings
        What the couplings are the sum of; for most methods one part.
    couplings : Couplings
    """

    source: Stream
    numbers: Sequence[int]
    parts: Sequence[Couplings]
    couplings: Couplings

    def noise(self) -> langevin.Noise:
        """Return the noise of Langevin dynamics: that of a step has a counter of its own.

        So it does not depend on the steps before, nor on other disorders.
        """
        xp = self.couplings.xp
        keys = [key_of(self.source.generator(number, 2)) for number in self.numbers]

        def of_step(k: int, shape: tuple[int, int]) -> Array:
            share = (shape[0] // len(keys), shape[1])
            drawn = [langevin.normals(xp, key, k, share) for key in keys]
            # same (1 -> 2, 1 -> 0): one part, put together
            return drawn[0] if len(drawn) == 1 else xp.concat(drawn, axis=0)

        return of_step


def _whole(s: Settings, source: Stream, number: int, xp: Namespace) -> Sequence[Couplings]:
    """Draw the couplings in one part."""
    rng = source.generator(number, 0)
    return [draw(rng, s.n, s.coefficients, s.dtype, xp, s.memory, s.place)]


def _in_parts(s: Settings, source: Stream, number: int, xp: Namespace) -> Sequence[Couplings]:
    """Draw the couplings in the parts of a stochastic descent."""
    return sgd.draw_parts(source, number, s.n, s.coefficients, s.parts, s.dtype, xp, s.memory)


def _by_settings(s: Settings) -> Rule:
    """Return the rule with the step of the settings, if they have one."""
    length = default_step(s.coefficients) if s.step is None else s.step
    return Rule(length, s.tolerance, s.max_steps)


def _by_default(s: Settings) -> Rule:
    """Return the rule with the default step: that of the settings was for the dynamics before."""
    return Rule(default_step(s.coefficients), s.tolerance, s.max_steps)


def _as_published(s: Settings) -> Rule:
    """Return the rule of the published scripts."""
    return Rule(PUBLISHED_STEP, PUBLISHED_GRADIENT / math.sqrt(s.n), s.max_steps)


def _flow(s: Settings, d: Disorders) -> Timed[flow.FlowState]:
    return flow.method(d.couplings, s.times, flow.FLOW_ACCURACY, s.max_steps)


def _stochastic(s: Settings, d: Disorders) -> Timed[Any]:
    """Return stochastic gradient descent with the rounds and lengths of the published script."""
    steps = PUBLISHED_ROUNDS * len(d.parts)
    return sgd.method(d.parts, steps, PUBLISHED_RATE, PUBLISHED_DECAY)


def _langevin(s: Settings, d: Disorders) -> Timed[Any]:
    """Return Langevin dynamics at one temperature until the last time."""
    length = langevin.length_of_step(s.step)
    temperatures = [s.temperature] * langevin.steps_until(s.times[-1], length)
    return langevin.method(d.couplings, temperatures, length, s.times, d.noise())


def _annealing(s: Settings, d: Disorders) -> Timed[Any]:
    """Return Langevin dynamics whose temperature falls linearly, to 0 at the last time."""
    length = langevin.length_of_step(s.step)
    count = langevin.steps_until(s.times[-1], length)
    temperatures = (s.temperature * (1 - np.arange(count) / count)).tolist()
    return langevin.method(d.couplings, temperatures, length, s.times, d.noise())


@dataclass(frozen=True)
class Recipe:
    """How one of the methods goes.

    Attributes
    ----------
    first : callable, optional
        ``first(settings, disorders)``: what goes through times, or so many steps.
    descent : callable, optional
        ``descent(couplings, rule)``: what then descends to a critical point.
    rule : callable
        ``rule(settings)``: first step length and stopping rule of that descent.
    parts : callable
        ``parts(settings, source, number, xp)``: draw the couplings of a disorder.
    """

    first: Callable[[Settings, Disorders], Timed[Any]] | None = None
    descent: Callable[[Couplings, Rule], Method[Any]] | None = None
    rule: Callable[[Settings], Rule] = _by_settings
    parts: Callable[[Settings, Stream, int, Namespace], Sequence[Couplings]] = _whole


RECIPES: Mapping[str, Recipe] = {
    "gd": Recipe(descent=gradient.method),
    "gd+newton": Recipe(descent=newton.method),
    "cg": Recipe(descent=conjugate_gradient.method),
    "flow": Recipe(_flow),
    "sgd": Recipe(_stochastic, gradient.method, parts=_in_parts),
    "langevin": Recipe(_langevin),
    "annealing": Recipe(_annealing, gradient.method, _by_default),
    "published-gd": Recipe(None, gradient.method, _as_published),
    "published-sgd": Recipe(_stochastic, gradient.method, _as_published, _in_parts),
}


def descend_one(
    source: Stream,
    disorder: int,
    n: int,
    coefficients: Mapping[int, float],
    starts: int,
    tolerance: float = 1e-6,
    *,
    xp: Namespace | None = None,
    **options: Any,
) -> Ends:
    """Descend from uniform starts on one disorder.

    The couplings come from ``source.generator(disorder, 0)`` (the parts of a stochastic descent from
    ``generator(disorder, 0, part)``), the starts from ``source.generator(disorder, 1)``, the noise of
    step k from ``source.generator(disorder, 2, k)``.

    Parameters
    ----------
    source : Stream
    disorder : int
        Which disorder, >= 0.
    n, coefficients, starts, tolerance
        As in `numerics.descent.settings.Settings`.
    xp : array namespace, optional
        NumPy's by default.
    **options
        What else there is in `numerics.descent.settings.Settings`: max_steps, step, method, dtype,
        spectra, times, temperature, parts, memory, place.

    Returns
    -------
    dict
        The fields of `numerics.descent.Descent` by name, leading axis (starts,), and "position"
        (starts, n); "eigenvalues" only with `spectra`, "path" only for methods that have times; and
        what `of_start` tells.

    Raises
    ------
    InputError
        Bad arguments.

    Examples
    --------
    >>> from numerics.core.streams import stream
    >>> out = descend_one(stream(0, "example"), 0, 10, {3: 1.0}, starts=4)
    >>> out["status"].tolist(), out["index"].tolist()
    (['converged', 'converged', 'converged', 'converged'], [0, 0, 0, 0])
    """
    # same (0 -> -1): of one
    return descend_each(source, [disorder], n, coefficients, starts, tolerance, xp=xp, **options)[0]


def descend_each(
    source: Stream,
    disorders: Sequence[int],
    n: int,
    coefficients: Mapping[int, float],
    starts: int,
    tolerance: float = 1e-6,
    *,
    xp: Namespace | None = None,
    **options: Any,
) -> list[Ends]:
    """Descend from uniform starts on several disorders, together as far as memory and caches go.

    Parameters
    ----------
    disorders : sequence of int
        Which, >= 0.
    source, n, coefficients, starts, tolerance, xp, **options
        As in `descend_one`.

    Returns
    -------
    list of dict
        As of `descend_one`, one a disorder.

    Examples
    --------
    >>> from numerics.core.streams import stream
    >>> out = descend_each(stream(0, "example"), [0, 1], 10, {3: 1.0}, starts=4)
    >>> [one["energies"].shape for one in out]
    [(4,), (4,)]
    """
    settings = checked(Settings(n, coefficients, starts, tolerance, **options))
    return descend_with(settings, source, disorders, xp)


AT_START = ("start", "start_energies", "start_gradient_norm", "reference")


def of_start(c: Couplings, points: Any) -> Ends:
    """Return what is known of a descent on one disorder before its first step, a row a start.

    Returns
    -------
    dict
        "start" (R, n); "start_energies" (H/n) and "start_gradient_norm" (over sqrt(n)) there; and
        "reference", H/sqrt(n) at the point (1, ..., 1), by which couplings are told apart: all rows
        alike, a standard normal number where xi(1) = 1.

    Examples
    --------
    >>> c = draw(np.random.default_rng(0), 5, {3: 1.0})
    >>> points = random_point(np.random.default_rng(1), 5, replicas=2)
    >>> {name: values.shape for name, values in of_start(c, points).items()}
    {'start': (2, 5), 'start_energies': (2,), 'start_gradient_norm': (2,), 'reference': (2,)}
    """
    n, xp = c.n, c.xp
    everywhere = xp.concat([points, xp.ones((1, n), dtype=points.dtype)], axis=0)
    energy, slope = (to_numpy(x).astype(np.float64) for x in energy_slope(c, everywhere))
    return {
        "start": to_numpy(points).astype(np.float64),
        "start_energies": energy[:-1] / n,
        "start_gradient_norm": np.linalg.norm(slope[:-1], axis=1) / math.sqrt(n),
        "reference": np.full(points.shape[0], energy[-1] / math.sqrt(n)),
    }


def descend_with(
    s: Settings, source: Stream, numbers: Sequence[int], xp: Namespace | None = None
) -> list[Ends]:
    """Descend as the (checked) settings say on these disorders; see `descend_each`.

    Couplings that are given are those of these disorders, in their order.
    """
    xp = xp or namespace()
    own = None if s.given is None else s.given.each()
    ends: list[Ends] = []
    width = _at_once(s, xp)
    while len(ends) < len(numbers):
        some = slice(len(ends), len(ends) + width)
        these = s if own is None else replace(s, given=batched(own[some]))
        try:
            ends += _together(these, source, numbers[some], xp)
        except Exception as error:
            if not is_out_of_memory(error):
                raise
            if width == 1:
                what = f"{s.starts} starts at n = {s.n}, more than the device has"
                raise InputError.of("memory", what, "fewer starts or spins") from error
            width = max(1, len(numbers[some]) // 2)
    return ends


def _at_once(s: Settings, xp: Namespace) -> int:
    """Return how many disorders descend together: as many as fit on a device, or in a cache of the host.

    On the host no number depends on it: few starts of few spins take less time than their steps to be
    called, and many of them share the call.
    """
    if s.place == "streamed":
        return 1
    # same (numbers, signs): how many descend together; no number depends on it
    each = sum(s.n * multisets.count(s.n, p - 1) for p in steepest(s.coefficients))
    # same (numbers, signs): as above
    each += s.starts * max(multisets.count(s.n, p - 1) for p in steepest(s.coefficients))
    # same (numbers): as above
    parts = s.parts if RECIPES[s.method].parts is _in_parts else 1
    # same (numbers): as above
    size, most = 2 * parts * each * 8, _MOST
    room = _SHARE * (free_memory(xp) if s.memory is None else s.memory)
    if not is_cupy(xp):
        room, most = min(room, _CACHE), _SPINS // (s.n * s.starts)
    # same (numbers): as above
    return max(1, min(most, int(room) // size))


def _together(s: Settings, source: Stream, numbers: Sequence[int], xp: Namespace) -> list[Ends]:
    """Descend on these disorders in one batch."""
    recipe = RECIPES[s.method]
    starts = [random_point(source.generator(one, 1), s.n, s.starts) for one in numbers]
    points = xp.asarray(np.concatenate(starts).astype(s.dtype))
    if s.given is None:
        drawn = [recipe.parts(s, source, one, xp) for one in numbers]
        parts = [batched(same) for same in zip(*drawn, strict=True)]
        del drawn
    else:
        parts = [s.given.on(xp, s.dtype)]
    disorders = Disorders(source, numbers, parts, sgd.total(parts))
    c = disorders.couplings
    apart = list(zip(c.each(), _split(points, len(numbers)), strict=True))
    before = [of_start(one, some) for one, some in apart]
    ends: Ends = {}
    with np.errstate(over="ignore", invalid="ignore"):  # overflow is a status, not a warning
        if recipe.first is not None:
            state, ends = through_times(recipe.first(s, disorders), points, c.disorders)
            points = state.position
        if recipe.descent is not None:
            rule = recipe.rule(s)
            end = to_convergence(recipe.descent(c, rule), points, rule, c.disorders)
            ends = _joined(ends, end)
        else:
            ends = _at_rest(ends, s.tolerance)
        by_disorder = zip(*(_split(values, len(numbers)) for values in ends.values()), strict=True)
        return [
            {**first, **with_hessians(one, dict(zip(ends, last, strict=True)), s.spectra)}
            for first, (one, _), last in zip(before, apart, by_disorder, strict=True)
        ]


def _split(rows: Any, parts: int) -> list[Any]:
    """Return equal parts of the rows, in order."""
    size = rows.shape[0] // parts
    return [rows[i * size : (i + 1) * size, ...] for i in range(parts)]


def _joined(before: Ends, end: Ends) -> Ends:
    """Return where a descent ended, with the path and the steps of the dynamics before it.

    Steps by parts of the couplings, which have no path, are not counted.
    """
    if "path" not in before:
        return end
    return {**end, "steps": end["steps"] + before["steps"], "path": before["path"]}


def _at_rest(ends: Ends, tolerance: float) -> Ends:
    """Return where dynamics ended, "converged" where it finished with a small gradient."""
    still = (ends["status"] == Status.FINISHED) & (ends["gradient_norm"] <= tolerance)
    return {**ends, "status": np.where(still, Status.CONVERGED, ends["status"])}
