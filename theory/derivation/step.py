"""A step of a derivation, for a reader: its sentence, what comes out, and how that is checked."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import sympy as sp


@dataclass(frozen=True)
class Step:
    """One step of the derivation.

    Attributes
    ----------
    name
        Short, unlike any other's.
    title
        What the step does, as a heading.
    sentence
        What is done and why.
    equations
        What comes out.
    check
        How it is checked apart from this derivation.
    claims
        Ids of the claims that do so.
    """

    name: str
    title: str
    sentence: str
    equations: tuple[sp.Eq, ...]
    check: str
    claims: tuple[str, ...]


def says(name: str, value: Any) -> sp.Eq:
    """An equation whose left side is a name in LaTeX; braces keep SymPy from reading indices in it."""
    return sp.Eq(sp.Symbol(f"{{{name}}}"), value, evaluate=False)
