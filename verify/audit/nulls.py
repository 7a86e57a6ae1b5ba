"""Draws of the null and of wrong samplers: what the audit has workers do."""

from __future__ import annotations

import math

from numerics.core.streams import stream
from verify.claim import (
    Cell,
    Limit,
    Observation,
    Sampled,
)
from verify.claims import find
from verify.engine.tasks import simulate, simulated
from verify.statistics import joint_p_value


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
