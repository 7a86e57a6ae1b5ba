"""Is every wrong theory and every wrong sampler that a claim names refuted?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from verify.audit.calibration import AUDIT_SEED
from verify.audit.judging.judges import Judge, sources_of
from verify.audit.nulls import mutant
from verify.audit.parts import Parts
from verify.claim import Claim
from verify.claims import all_claims
from verify.engine.jobs import Task
from verify.engine.options import Options
from verify.engine.provenance import source_digest
from verify.engine.runner import Result
from verify.statistics.equivalence import EQUIVALENCE_LEVEL
from verify.statistics.multiplicity import LOOK_LEVEL


@dataclass(frozen=True)
class Mutant:
    """One named alternative and whether it was refuted."""

    claim: str
    mutant: str
    side: str
    killed: bool
    p_value: float | None
    seconds: float | None = None
    note: str = ""


def power(
    claims: Sequence[Claim],
    results: Sequence[Result],
    options: Options,
    parts: Parts,
    judges: Sequence[Judge] = (),
) -> list[Mutant]:
    """Every alternative of every claim: refuted or not.

    Theory-side ones are taken from ``results`` of a run; wrong samplers are run here, but for those
    whose outcome is among the ``parts`` and whose sources are as they were.
    """
    mutants = [
        Mutant(
            result.claim.id,
            alternative.name,
            "theory",
            alternative.verdict == "refuted",
            alternative.p_value,
        )
        for result in results
        for alternative in result.alternatives
    ]
    sources = sources_of(judges)
    todo, jobs = [], {}

    def note(claim_id: str, name: str, p_value: float | None, seconds: float, why: str) -> None:
        killed = p_value is not None and p_value <= kill_level(claims, claim_id)
        wrong = name.removeprefix("sampler: ")
        mutants.append(Mutant(claim_id, wrong, "numerics", killed, p_value, seconds, why))

    for claim in claims:
        for a in claim.alternatives:
            if a.is_sampler:
                job = {"part": "sampler", "claim": claim.id, "wrong": a.name, "seed": AUDIT_SEED}
                job["sources"] = sources.get(claim.id, source_digest())
                known = parts.get(job)
                if known is not None:
                    note(claim.id, a.name, known[0], known[1], "")
                    continue
                arguments = {"claim_id": claim.id, "alternative": a.name, "seed": AUDIT_SEED}
                todo.append(Task((claim.id, a.name), mutant, arguments))
                jobs[claim.id, a.name] = job
    for number, done in enumerate(options.run_tasks(todo), 1):
        claim_id, name = done.task.tag
        if done.error is None:
            p_value = max(done.result)
            parts.put(jobs[claim_id, name], [p_value, done.seconds], done.seconds)
            note(claim_id, name, p_value, done.seconds, "")
        else:
            why = "error: " + done.error.strip().splitlines()[-1]
            note(claim_id, name, None, done.seconds, why)
        options.progress(number, len(todo), f"wrong samplers {claim_id}")
    return sorted(mutants, key=lambda m: (m.claim, m.side, m.mutant))


def kill_level(claims: Sequence[Claim], claim_id: str) -> float:
    """Level that a claim's p-value must undercut in every look, whatever the other claims do."""
    [claim] = [c for c in claims if c.id == claim_id]
    if claim.evidence.looks == 1:
        return EQUIVALENCE_LEVEL
    return LOOK_LEVEL / sum(c.evidence.looks == 2 for c in all_claims().values())
