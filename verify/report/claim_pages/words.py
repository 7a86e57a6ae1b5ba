"""Every claim in plain words: a title, a sentence for someone from deep learning, what it leaves open."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache


@dataclass(frozen=True)
class Words:
    """What stands above the formulas of a claim's page, and under its figure.

    Attributes
    ----------
    title
        In plain English.
    sentence
        For someone from deep learning.
    limits
        What this check does not show.
    message
        What its figure shows; "" if there is none.
    panels
        Those of the figure that decide; empty for all.
    """

    title: str
    sentence: str
    limits: str
    message: str = ""
    panels: tuple[str, ...] = ()


@cache
def all_words() -> dict[str, Words]:
    """The words of every claim of the project, by id."""
    from verify.report.claim_pages.words_of_instances import INSTANCES
    from verify.report.claim_pages.words_of_networks import NETWORKS
    from verify.report.claim_pages.words_of_theory import THEORY

    return {**THEORY, **INSTANCES, **NETWORKS}


def of(claim_id: str) -> Words | None:
    """The words of a claim; None for one that is not of this project."""
    return all_words().get(claim_id)
