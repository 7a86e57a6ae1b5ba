"""Closed forms of Theta_p and Theta_{k,p} against the derivation, in symbols."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import sympy as sp

from theory.annealed import pure_model
from theory.annealed.pure_model import Branch
from theory.derivation import kac_rice
from verify.claim import Cell, Params
from verify.evidence import decided

Formula = Callable[[Any, Any, Any, Branch], Any]  # of p, the level, k (None: the total), the branch


def in_symbols(params: Params, formula: Formula, branches: Sequence[Branch]) -> list[Cell]:
    """Derived exponent minus closed form for symbols p and k; the total where params have no k."""
    p = sp.Symbol("p", positive=True)
    k = sp.Symbol("k", nonnegative=True) if "k" in params else None
    cells = []
    for branch in branches:
        level = {"outside": kac_rice.T, "bulk": kac_rice.U}.get(branch, sp.Integer(0))
        holds = kac_rice.equal_to_derived(p, k, branch, formula(p, level, k, branch))
        shown = {True: "0", False: "not 0", None: "undecided"}[holds]
        cells.append(decided(params, f"derived - closed form, {branch}", 0, shown, holds))
    return cells


def altered(branch: Branch, change: Callable[[Any, Any, Any], Any]) -> Formula:
    """A wrong closed form on one branch, of p, the level and k; the others as they are."""

    def formula(p: Any, level: Any, k: Any, at: Branch) -> Any:
        if at == branch:
            return change(sp.sympify(p), level, k)
        return kac_rice.closed_form(p, level, k, at)

    return formula


def with_rates(count: Callable[[Any], Any]) -> Formula:
    """Another number of rates I than k + 1 below the barrier."""
    return altered(
        "outside", lambda p, t, k: pure_model.outside(p, t, count(k) - 1, kac_rice.SYMPY)
    )
