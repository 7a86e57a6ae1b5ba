"""The work that may run in another process: looked up by name, with plain arguments."""

from __future__ import annotations

import math
import time
import traceback
from collections.abc import Callable
from typing import Any

from numerics.backend import namespace
from numerics.streams import Stream, stream
from verify.claim import (
    Alternative,
    Cell,
    Claim,
    Data,
    Limit,
    Observation,
    Params,
    Profile,
    Proof,
    Sampled,
    merge,
)
from verify.claims import find
from verify.judging import judge
from verify.statistics import joint_p_value


def cell_name(params: Params) -> str:
    """A grid point as text: part of the stream's key, so independent of its place in the grid."""
    return ",".join(f"{name}={params[name]}" for name in sorted(params))


def stream_of(claim: Claim, params: Params, seed: int, look: int) -> Stream:
    """The stream of one grid point in one look."""
    return stream(seed, claim.id, f"look {look}", cell_name(params))


def _alternative(claim: Claim, name: str | None) -> Alternative | None:
    return next((a for a in claim.alternatives if a.name == name), None)


def simulate(
    claim_id: str,
    index: int,
    chunk: int,
    look: int,
    seed: int,
    backend: str,
    alternative: str | None,
) -> Data:
    """One chunk of one grid point of a sampled claim or a simulated limit."""
    claim = find(claim_id)
    evidence = claim.evidence
    if not isinstance(evidence, Sampled | Limit) or evidence.simulate is None:
        raise TypeError(f"{claim_id} is not simulated")
    function = evidence.simulate
    changed = _alternative(claim, alternative)
    if changed is not None:
        function = changed.change.get("simulate", function)
    params = evidence.grid[index]
    return function(params, stream_of(claim, params, seed, look), chunk, namespace(backend))


def sequence(claim_id: str, index: int, profile: str, alternative: str | None) -> Data:
    """The exact sequence of one grid point of a limit."""
    claim = find(claim_id)
    evidence = claim.evidence
    if not isinstance(evidence, Limit) or evidence.sequence is None:
        raise TypeError(f"{claim_id} has no exact sequence")
    function: Callable[..., Data] = evidence.sequence
    changed = _alternative(claim, alternative)
    if changed is not None:
        function = changed.change.get("sequence", function)
    return function(evidence.grid[index], profile)


def prove(claim_id: str, index: int, alternative: str | None) -> list[Cell]:
    """One grid point of a proof, of the claim's own theory or of an alternative."""
    claim = find(claim_id)
    evidence = claim.evidence
    if not isinstance(evidence, Proof):
        raise TypeError(f"{claim_id} is not a proof")
    function = evidence.prove
    changed = _alternative(claim, alternative)
    if changed is not None:
        function = changed.change["prove"]
    return function(evidence.grid[index])


def simulated(
    claim: Claim, seed: int, look: int, profile: Profile, alternative: str | None
) -> list[Observation]:
    """All chunks of a small profile, simulated here, with the theory's predictions."""
    evidence = claim.evidence
    if not isinstance(evidence, Sampled | Limit) or evidence.chunks is None:
        raise TypeError(f"{claim.id} is not simulated")
    seen = []
    for index, params in enumerate(evidence.grid):
        chunks = [
            simulate(claim.id, index, chunk, look, seed, "numpy", alternative)
            for chunk in range(evidence.chunks(profile, params))
        ]
        if chunks:
            seen.append(Observation(params, evidence.predict(params), merge(chunks)))
    return seen


def null(claim_id: str, seed: int) -> list[float]:
    """P-values of a sampled claim on one chunk of every grid point that the size "audit" has.

    The data are from its own null.
    """
    claim = find(claim_id)
    evidence = claim.evidence
    if not isinstance(evidence, Sampled):
        raise TypeError(f"{claim_id} is not sampled")
    seen = [
        Observation(
            params,
            evidence.predict(params),
            simulate(claim_id, index, 0, 1, seed, "numpy", None),
        )
        for index, params in enumerate(evidence.grid)
        if evidence.chunks("audit", params)
    ]
    cells = evidence.compare(seen)
    return [cell.p_value for cell in cells if cell.p_value is not None]


def resampled_null(claim_id: str, seed: int, repeats: int) -> list[list[float]]:
    """P-values of a simulated limit whose units are drawn again with replacement.

    The estimate from all units plays the truth, so the null holds whatever the bias in N.
    """
    claim = find(claim_id)
    evidence = claim.evidence
    if not isinstance(evidence, Limit):
        raise TypeError(f"{claim_id} is not a limit")
    seen = simulated(claim, seed, 1, "audit", None)
    truth = [c for c in evidence.compare(seen) if c.margin is not None]
    source = stream(seed, claim_id, "resampled")
    found = []
    for repeat in range(repeats):
        again = []
        for index, one in enumerate(seen):
            units = len(next(iter(one.data.values())))
            rows = source.generator(repeat, index).integers(units, size=units)
            data = {name: values[rows] for name, values in one.data.items()}
            again.append(Observation(one.params, one.prediction, data))
        cells = [c for c in evidence.compare(again) if c.margin is not None]
        found.append([_distance(cell, true) for cell, true in zip(cells, truth, strict=True)])
    return found


def _distance(cell: Cell, truth: Cell) -> float:
    """Two-sided p-value of the distance of two estimates by the first one's standard error."""
    gap = abs(float(cell.estimate or 0.0) - float(truth.estimate or 0.0))
    return math.erfc(gap / cell.stderr / math.sqrt(2)) if cell.stderr else 1.0


def mutant(claim_id: str, alternative: str, seed: int) -> list[float]:
    """The claim's p-value against a wrong sampler, in each look that it takes."""
    claim = find(claim_id)
    evidence = claim.evidence
    if not isinstance(evidence, Sampled | Limit):
        raise TypeError(f"{claim_id} is not simulated")
    looks = (1, 2) if isinstance(evidence, Sampled) else (1,)
    return [
        joint_p_value(evidence.compare(simulated(claim, seed, look, "audit", alternative)))
        for look in looks
    ]


def train(options: dict[str, Any]) -> Any:
    """A tile of trained networks; see `numerics.train`."""
    import numerics

    return numerics.train(**options)


def reach(*arguments: Any) -> Any:
    """Lines of theory that a claim runs; see `verify.sweep`."""
    from verify import sweep

    return sweep.reach(*arguments)


def sweep_batch(*arguments: Any) -> Any:
    """Small changes of theory, judged in children; see `verify.sweep`."""
    from verify import sweep

    return sweep.batch(*arguments)


def census_part(*arguments: Any) -> Any:
    """A chunk of a census; see `numerics.critical`."""
    from numerics import critical

    return critical.census_part(*arguments)


TASKS: dict[str, Callable[..., Any]] = {
    "reach": reach,
    "sweep_batch": sweep_batch,
    "null": null,
    "resampled_null": resampled_null,
    "mutant": mutant,
    "simulate": simulate,
    "sequence": sequence,
    "prove": prove,
    "judge": judge,
    "train": train,
    "census_part": census_part,
}


def timed(name: str, arguments: tuple[Any, ...]) -> tuple[Any, float, float, str | None]:
    """Result, core-seconds, seconds on the wall and traceback (None if it ended well) of a task."""
    core, wall = time.process_time(), time.perf_counter()
    try:
        result, error = TASKS[name](*arguments), None
    except Exception:
        # Not swallowed: it becomes the claim's verdict `error` with this traceback as reason.
        result, error = None, traceback.format_exc()
    return result, time.process_time() - core, time.perf_counter() - wall, error
