"""Draws of the null and of wrong samplers: what the audit has workers do."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from numerics.core.streams import stream
from verify.claim import Cell, Data, Piece, Setting
from verify.claims import find
from verify.engine.tasks import work, worked
from verify.evidence.compared import by_point
from verify.statistics import joint_p_value

CHUNKS = 2  # of a null


def null(claim_id: str, seed: int) -> list[float]:
    """P-values of a sampled claim on two chunks of every grid point that the size "audit" has.

    The data are from its own null; two chunks, so that what they share would show.
    """
    evidence = find(claim_id).evidence
    setting = Setting("audit", seed)
    points = [piece.point for piece in evidence.pieces("audit", ()) if piece.chunk == 0]
    pieces = [Piece(point, chunk) for point in points for chunk in range(CHUNKS)]
    cells = evidence.cells({piece: work(claim_id, piece, setting) for piece in pieces})
    return [cell.p_value for cell in cells if cell.p_value is not None]


def nulls(claim_id: str, seed: int, repeats: int) -> list[list[float]]:
    """The same for several seeds from one on."""
    return [null(claim_id, seed + i) for i in range(repeats)]


def resampled_null(claim_id: str, seed: int, repeats: int) -> list[list[float]]:
    """P-values of a simulated limit whose units are drawn again with replacement.

    The estimate from all units plays the truth, so the null holds whatever the bias in N.
    """
    evidence = find(claim_id).evidence
    data = _one_chunk_a_point(worked(claim_id, Setting("audit", seed)))
    truth = [c for c in evidence.cells(data) if c.margin is not None]
    source = stream(seed, claim_id, "resampled")
    found = []
    for repeat in range(repeats):
        again = {}
        for number, (piece, whole) in enumerate(data.items()):
            units = len(next(iter(whole.values())))
            rows = source.generator(repeat, number).integers(units, size=units)
            again[piece] = {name: values[rows] for name, values in whole.items()}
        cells = [c for c in evidence.cells(again) if c.margin is not None]
        found.append([_distance(cell, true) for cell, true in zip(cells, truth, strict=True)])
    return found


def _one_chunk_a_point(data: Mapping[Piece, Any]) -> dict[Piece, Data]:
    """All chunks of a grid point as one."""
    return {Piece(point, 0): whole for point, whole in by_point(data).items()}


def _distance(cell: Cell, truth: Cell) -> float:
    """Two-sided p-value of the distance of two estimates by the first one's standard error."""
    gap = abs(float(cell.estimate or 0.0) - float(truth.estimate or 0.0))
    return math.erfc(gap / cell.stderr / math.sqrt(2)) if cell.stderr else 1.0


def mutant(claim_id: str, alternative: str, seed: int) -> list[float]:
    """The claim's p-value against a wrong sampler, in each look that it takes."""
    evidence = find(claim_id).evidence
    return [
        joint_p_value(evidence.cells(worked(claim_id, Setting("audit", seed, look), alternative)))
        for look in range(1, evidence.looks + 1)
    ]
