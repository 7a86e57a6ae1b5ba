"""The page of the derivation: from xi to Theta_{k,p}, equations taken from `theory.derivation.equations`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from theory.derivation.equations import Step, latex, steps

NAME = "derivation.md"


def cited() -> set[str]:
    """Ids of the claims that check a step: their pages link here."""
    return {claim for step in steps() for claim in step.claims}


def _checked(step: Step, shown: Mapping[str, str]) -> str:
    """The check in words, and the claims that make it, with their verdicts where they were run."""
    made = [f"[{claim}]({claim}.md) {shown[claim]}" for claim in step.claims if claim in shown]
    made += [f"{claim} (not in this run)" for claim in step.claims if claim not in shown]
    return f"*Check:* {step.check}: {', '.join(made)}."


def page(claims: Sequence[Mapping[str, Any]]) -> str:
    """The page as markdown; ``claims`` are those of results.json.

    Examples
    --------
    >>> text = page([])
    >>> text.count("## "), text.count("$$") // 2 == sum(len(step.equations) for step in steps())
    (18, True)
    """
    shown = {claim["id"]: claim["verdict"] for claim in claims}
    parts = [
        "# From the covariance to the complexity, step by step",
        "Every right-hand side is printed from the expression that the claims named below prove; nothing "
        "is typed twice. `xi` is general until the step that says pure; xi, xi' and xi'' without an "
        "argument are at 1. N spins lie on the sphere of radius sqrt(N); u = H/N.",
    ]
    for number, step in enumerate(steps(), 1):
        parts.append(f"## {number}. {step.name.capitalize()}")
        parts.append(_prose(step.sentence))
        parts += [f"$$\n{latex(equation)}\n$$" for equation in step.equations]
        parts.append(_checked(step, shown))
    parts.append("[Back to the index](index.md)")
    return "\n\n".join(parts) + "\n"


def _prose(text: str) -> str:
    """A sentence as markdown shows it: no asterisk, underscore or dollar is read as a mark."""
    for mark in "\\*_$<":
        text = text.replace(mark, "\\" + mark)
    return text
