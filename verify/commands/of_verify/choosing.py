"""Which claims `verify run` runs: those named, those that failed, those of a word."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from verify.commands import arguments
from verify.commands.of_verify.show import REPORT, results_of

if TYPE_CHECKING:
    from verify.claim import Claim


def chosen(
    claims: Sequence[Claim], failed: bool, word: str | None, file: str | None
) -> list[Claim]:
    """Of some claims those whose verdict was not as expected, and those of a word, of which there is one."""
    found = list(claims)
    if failed:
        bad = failures(file)
        found = [claim for claim in found if claim.id in bad]
    if word is not None and found:
        found = [claim for claim in found if _of(claim, word)]
        if not found:
            raise arguments.ArgumentError(
                f"-k: got {word[:40]!r}; takes a word of an id, a title or a topic; see list"
            )
    return found


def failures(file: str | None) -> set[str]:
    """Ids of the claims of a run whose verdict was not as expected."""
    results = results_of(file)
    if results is None:
        raise arguments.ArgumentError(f"--failed: got no {REPORT}; takes --from FILE beside it")
    return {claim["id"] for claim in results["claims"] if claim["verdict"] != claim["expected"]}


def _of(claim: Claim, word: str) -> bool:
    """Whether a word is in the id, the title, the rows or the topic of a claim, in any case of letters."""
    from verify.claims import UnknownClaim, module_of

    try:
        module = module_of(claim)
    except UnknownClaim:
        module = ""
    texts = (claim.id, claim.title, *claim.rows, module.rpartition("verify.claims.")[2])
    return any(word.lower() in text.lower() for text in texts)
