"""The work that may run in another process: looked up by name, with plain arguments."""

from __future__ import annotations

import time
import traceback
from collections.abc import Callable
from typing import Any

from numerics.backend import namespace
from numerics.streams import Stream, stream
from verify.claim import Alternative, Cell, Claim, Data, Limit, Params, Proof, Sampled
from verify.claims import find


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


TASKS: dict[str, Callable[..., Any]] = {
    "simulate": simulate,
    "sequence": sequence,
    "prove": prove,
}


def timed(name: str, arguments: tuple[Any, ...]) -> tuple[Any, float, str | None]:
    """Result, seconds and traceback (None if it ended well) of a task."""
    start = time.perf_counter()
    try:
        result, error = TASKS[name](*arguments), None
    except Exception:
        # Not swallowed: it becomes the claim's verdict `error` with this traceback as reason.
        result, error = None, traceback.format_exc()
    return result, time.perf_counter() - start, error
