"""Equations of the derivation by their step, changed ones, and comparisons of what they say."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import cache
from typing import Any

import mpmath
import sympy as sp

from theory.derivation import equations as derivation
from theory.derivation.step import Step
from verify.claim import Cell, Params
from verify.evidence import decided

Steps = Callable[[], tuple[Step, ...]]
DIGITS = 40


def right(steps: Steps, name: str, index: int = 0) -> Any:
    """The right-hand side of an equation of a step."""
    return next(step for step in steps() if step.name == name).equations[index].rhs


def near(params: Params, what: str, said: Any, seen: Any, within: float = 1e-25) -> Cell:
    """Two numbers that must agree to a tolerance, the first an expression without symbols."""
    said, seen = mpmath.mpmathify(sp.N(said, DIGITS)), mpmath.mpmathify(seen)
    one, other = (mpmath.nstr(x, 15) for x in (said, seen))
    return decided(params, what, one, other, abs(said - seen) < within, within)


def altered(name: str, change: Callable[[Any], Any], index: int = 0) -> Steps:
    """The steps with the right-hand side of one equation of a step changed."""

    @cache
    def steps() -> tuple[Step, ...]:
        found = []
        for step in derivation.steps():
            equations = list(step.equations)
            if step.name == name:
                old = equations[index]
                equations[index] = sp.Eq(old.lhs, change(old.rhs), evaluate=False)
            found.append(replace(step, equations=tuple(equations)))
        return tuple(found)

    return steps
