"""Judge a claim: its own theory and every wrong one on the same data.

A judgement is a task like any other: it reads the claim's chunks from the store where it runs, so
that no process holds more than the claim it judges.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from verify.claim import (
    Alternative,
    Cell,
    Claim,
    Data,
    Limit,
    Observation,
    Params,
    Prediction,
    Proof,
    Sampled,
    Series,
    Verdict,
    merge,
)
from verify.claims import find
from verify.engine.store import Reader
from verify.statistics.equivalence import EQUIVALENCE_LEVEL, within
from verify.statistics.multiplicity import ALTERNATIVE_LEVEL, joint_p_value, smallest_refuted_change

# What comes with the task: cells of a proof and exact sequences by grid point and alternative;
# chunks by grid point and number, if there is no store.
Given = Mapping[tuple[Any, ...], Any]
EPS = 1e-4  # relative change from which sensitivities are scaled


@dataclass(frozen=True)
class AlternativeResult:
    """What the samples say of a wrong theory."""

    name: str
    why: str
    verdict: Verdict
    p_value: float | None


@dataclass(frozen=True)
class Judgement:
    """All that the data say of a claim; the verdict may wait for a second look."""

    p_value: float | None
    cells: list[Cell]
    alternatives: list[AlternativeResult]
    sensitivity: dict[str, float]
    series: list[Series]


def judge(
    claim_id: str, store: str | None, keys: Sequence[Sequence[str]], given: Given, level: float
) -> Judgement:
    """Judge one claim.

    Parameters
    ----------
    claim_id
        Which.
    store
        File that holds its chunks; None if they are given.
    keys
        Keys of the chunks of each grid point, in order; none where it is absent from the profile.
    given
        See `Given`.
    level
        At which the claim's own theory would be refuted, for its sensitivity.
    """
    claim = find(claim_id)
    evidence = claim.evidence
    if isinstance(evidence, Proof):
        return _proved(claim, evidence, given)
    if evidence.simulate is None:
        own = {index: data for (index, name), data in given.items() if name is None}
    else:
        own = _simulated(store, keys, given)
    return _compared(claim, evidence, own, given, level)


def _simulated(store: str | None, keys: Sequence[Sequence[str]], given: Given) -> dict[int, Data]:
    """Merged chunks of every grid point that has some."""
    present = {index: some for index, some in enumerate(keys) if some}
    if store is None:
        return {i: _merged(given[i, c] for c in range(len(some))) for i, some in present.items()}
    with Reader(Path(store)) as kept:
        return {i: _merged(map(kept.get, some)) for i, some in present.items()}


def _merged(chunks: Iterable[Data]) -> Data:
    """One array of all chunks, which no comparison may change under the next one."""
    whole = merge(list(chunks))
    for values in whole.values():
        values.flags.writeable = False
    return whole


def _proved(claim: Claim, evidence: Proof, given: Given) -> Judgement:
    def cells(name: str | None) -> list[Cell]:
        return [cell for index in range(len(evidence.grid)) for cell in given[index, name]]

    def tried(one: Alternative) -> AlternativeResult:
        refuted = any(cell.holds is False for cell in cells(one.name))
        return AlternativeResult(one.name, one.why, "refuted" if refuted else "inconclusive", None)

    alternatives = [tried(one) for one in claim.alternatives]
    return Judgement(None, cells(None), alternatives, {}, list(evidence.series()))


def _compared(
    claim: Claim, evidence: Sampled | Limit, own: Mapping[int, Data], given: Given, level: float
) -> Judgement:
    def seen(
        predict: Callable[[Params], Prediction], data: Mapping[int, Data] = own
    ) -> list[Observation]:
        grid = evidence.grid
        return [Observation(grid[i], predict(grid[i]), data[i]) for i in sorted(data)]

    def tried(one: Alternative) -> AlternativeResult:
        data = own
        if "sequence" in one.change:
            data = {index: given[index, one.name] for index in own}
        found = evidence.compare(seen(one.change.get("predict", evidence.predict), data))
        p_value = joint_p_value(found)
        refuted = p_value < ALTERNATIVE_LEVEL
        verdict: Verdict = "refuted" if refuted else "inconclusive"
        return AlternativeResult(one.name, one.why, verdict, p_value)

    observed = seen(evidence.predict)
    cells = evidence.compare(observed)
    p_value = joint_p_value(cells) if cells else None
    alternatives = [tried(one) for one in claim.alternatives if set(one.change) != {"simulate"}]
    if isinstance(evidence, Limit):
        level = EQUIVALENCE_LEVEL
    sensitivity = {}
    for name, shifted in evidence.constants.items() if cells else ():
        others = evidence.compare(seen(partial(_changed, shifted)))
        change = smallest_refuted_change(cells, others, EPS, level)
        if change is not None:
            sensitivity[name] = change
    return Judgement(p_value, cells, alternatives, sensitivity, evidence.series(observed))


def _changed(shifted: Callable[[Params, float], Prediction], params: Params) -> Prediction:
    return shifted(params, EPS)


def verdict_of(claim: Claim, found: Judgement, confirmed: bool) -> tuple[Verdict, str]:
    """The verdict and its reason; ``confirmed`` says that both looks of a sampled claim disagree."""
    verdict, reason = _own_verdict(claim, found, confirmed)
    if verdict != "supported":
        return verdict, reason
    confused = [one.name for one in found.alternatives if one.verdict != "refuted"]
    if confused:
        return "inconclusive", "cannot tell from: " + "; ".join(confused)
    if not found.alternatives:
        return "inconclusive", "no wrong theory was put to the test"
    return verdict, reason


def _own_verdict(claim: Claim, found: Judgement, confirmed: bool) -> tuple[Verdict, str]:
    cells = found.cells
    if isinstance(claim.evidence, Proof):
        failed = [c for c in cells if c.holds is False]
        if failed:
            return "refuted", f"false: {failed[0].quantity} at {dict(failed[0].params)}"
        undecided = [c for c in cells if c.holds is not True]
        if undecided or not cells:
            return "inconclusive", f"undecided: {undecided[0].quantity if undecided else 'nothing'}"
        return "supported", f"{len(cells)} statements proved"
    if not cells:
        return "inconclusive", "no data in this profile"
    worst = min(cells, key=lambda c: 1.0 if c.p_value is None else c.p_value)
    where = f"{worst.quantity} at {dict(worst.params)}"
    if isinstance(claim.evidence, Limit):
        if found.p_value is not None and found.p_value < EQUIVALENCE_LEVEL:
            return "refuted", f"outside its margin: {where}"
        loose = [c for c in cells if c.margin is not None and not within(c)]
        if loose:
            return "inconclusive", f"interval not inside the margin: {loose[0].quantity}"
        return "supported", f"{len(cells)} comparisons within their margins"
    if confirmed:
        return "refuted", f"both looks disagree with the theory; first at {where}"
    return "supported", f"{len(cells)} comparisons, smallest p at {where}"
