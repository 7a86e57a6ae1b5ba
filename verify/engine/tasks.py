"""What workers do for a run: chunks, exact sequences and proofs, by plain arguments."""

from __future__ import annotations

from collections.abc import Callable

from numerics.core.backend import namespace
from numerics.core.streams import Stream, stream
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
