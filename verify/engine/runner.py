"""Run claims: the missing work, each claim's judgement as soon as its work is done, the verdicts.

Work that a store already holds is not repeated; what is computed is merged in a fixed order, so
that workers and restarts change no bit. Sampled claims are judged in two looks: Holm over all of
them, then Holm over those flagged, on fresh streams of equal size.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, replace

from numerics.core.kernels import prepare
from verify.claim import AlternativeResult, Cell, Claim, Judgement, Profile, Series, Verdict
from verify.engine.look import Look
from verify.engine.options import Options, check_options
from verify.engine.provenance import check_unchanged
from verify.engine.store import Store
from verify.statistics.multiplicity import LOOK_LEVEL, holm


@dataclass(frozen=True)
class Result:
    """A claim's verdict with everything that the report prints of it."""

    claim: Claim
    verdict: Verdict
    reason: str
    p_value: float | None
    cells: list[Cell]
    alternatives: list[AlternativeResult]
    sensitivity: dict[str, float]
    series: list[Series]
    seconds: float
    expected: Verdict

    @property
    def as_expected(self) -> bool:
        """Whether the verdict is the one that the claim expects."""
        return self.verdict == self.expected


def run_claims(ids: Sequence[str] | None, options: Options) -> list[Result]:
    """Run the claims (all if ids is None) and judge them.

    Raises
    ------
    RunError
        For an unknown claim, profile or executor, a bad seed or number of workers.
    """
    claims = check_options(ids, options)
    for line in prepare():
        options.notice(line)
    sampled = sum(claim.evidence.looks == 2 for claim in claims)
    level = LOOK_LEVEL / max(1, sampled)
    opened: AbstractContextManager[Store | None] = (
        nullcontext() if options.store is None else Store(options.store)
    )
    with opened as store:
        first = Look(claims, 1, options, store, level, options.mnist)
        first.work()
        flagged = holm(first.p_values(), LOOK_LEVEL)
        again = [claim for claim in claims if claim.id in flagged]
        second = Look(again, 2, options, store, level, options.mnist)
        second.work()
        confirmed = holm(second.p_values(), LOOK_LEVEL)
    check_unchanged()  # what is written next names the digest of what was run
    return [
        _result(claim, first, second, claim.id in confirmed, options.profile) for claim in claims
    ]


def _result(claim: Claim, first: Look, second: Look, confirmed: bool, profile: Profile) -> Result:
    """The verdict; whatever failed on the way to it is the verdict `error`."""
    seconds = first.seconds[claim.id] + second.seconds[claim.id]
    error = first.errors.get(claim.id) or second.errors.get(claim.id)
    if error is not None:
        return Result(claim, "error", error, None, [], [], {}, [], seconds, claim.expects(profile))
    found = first.judgements[claim.id]
    if claim.id in second.judgements:
        again = second.judgements[claim.id].alternatives
        found = replace(found, alternatives=_in_both(found.alternatives, again))
    verdict, reason = verdict_of(claim, found, confirmed)
    expected = claim.expects(profile)
    return Result(claim, verdict, reason, **vars(found), seconds=seconds, expected=expected)


def _in_both(
    first: Sequence[AlternativeResult], second: Sequence[AlternativeResult]
) -> list[AlternativeResult]:
    """A wrong theory is refuted in two looks only if it is in each."""
    return [
        max((one, other), key=lambda a: a.p_value or 0.0)
        for one, other in zip(first, second, strict=True)
    ]


def verdict_of(claim: Claim, found: Judgement, confirmed: bool) -> tuple[Verdict, str]:
    """The verdict and its reason; ``confirmed`` says that both looks of a sampled claim disagree."""
    verdict, reason = claim.evidence.verdict(found, confirmed)
    if verdict != "supported":
        return verdict, reason
    confused = [one.name for one in found.alternatives if one.verdict != "refuted"]
    if confused:
        return "inconclusive", "cannot tell from: " + "; ".join(confused)
    if not found.alternatives:
        return "inconclusive", "no wrong theory was put to the test"
    return verdict, reason
