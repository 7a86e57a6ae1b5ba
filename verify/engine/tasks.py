"""What workers do for a run: the pieces of a claim, and its judgement, by plain arguments."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Any

from numerics.core.backend import namespace
from numerics.core.streams import Stream, stream
from verify.claim import Change, Claim, Judgement, Params, Piece, Setting, of_mnist
from verify.claims import find
from verify.engine.chunks import checked
from verify.engine.store import Reader


def cell_name(params: Params) -> str:
    """A grid point as text: part of the stream's key, so independent of its place in the grid."""
    return ",".join(f"{name}={params[name]}" for name in sorted(params))


def stream_of(claim: Claim, params: Params, seed: int, look: int) -> Stream:
    """The stream of one grid point in one look."""
    return stream(seed, claim.id, f"look {look}", cell_name(params))


def work(claim_id: str, piece: Piece, setting: Setting) -> Any:
    """Do one piece of a claim: a chunk, an exact sequence, or a grid point of a proof."""
    claim = find(claim_id)
    source = stream_of(claim, claim.evidence.grid[piece.point], setting.seed, setting.look)
    found = claim.evidence.work(
        piece,
        setting.profile,
        _change(claim, piece, setting),
        source,
        namespace(setting.backend),
    )
    return checked(found) if claim.evidence.simulated else found


def _change(claim: Claim, piece: Piece, setting: Setting) -> Change:
    """What the piece's alternative changes; at a grid point of MNIST the simulation takes its data."""
    change = claim.change(piece.alternative)
    evidence: Any = claim.evidence  # of those that simulate
    if not of_mnist(evidence.grid[piece.point]):
        return change
    simulate = change.get("simulate", evidence.simulate)
    return {**change, "simulate": partial(simulate, data=setting.mnist)}


def judge(
    claim_id: str,
    store: str | None,
    keys: Mapping[Piece, str],
    given: Mapping[Piece, Any],
    level: float,
) -> Judgement:
    """Judge one claim where its chunks are read, so that no process holds more than one claim's.

    Parameters
    ----------
    claim_id
        Which.
    store
        File that holds its chunks; None if they are given.
    keys
        Keys of the chunks in the store.
    given
        Pieces that come with the task.
    level
        At which the claim's own theory would be refuted, for its sensitivity.
    """
    claim = find(claim_id)
    pieces = dict(given)
    if store is not None and keys:
        with Reader(Path(store)) as kept:
            pieces |= {piece: kept.get(key) for piece, key in keys.items()}
    return claim.evidence.judge(pieces, claim.alternatives, level)


def worked(claim_id: str, setting: Setting, alternative: str | None = None) -> dict[Piece, Any]:
    """All pieces of a claim at a small size, done here; by a wrong sampler if one is named.

    The pieces carry no name: they are judged as if they were the claim's own.
    """
    claim = find(claim_id)
    own = claim.evidence.pieces(setting.profile, ())
    return {
        piece: work(claim_id, Piece(piece.point, piece.chunk, alternative), setting)
        for piece in own
    }
