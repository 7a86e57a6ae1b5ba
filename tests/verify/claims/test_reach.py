"""What a simulation reaches: nothing of theory, so that an edit of theory leaves every chunk valid."""

import ast
import functools
import inspect
import sys
import types

import pytest

from theory.networks.assumptions import CHAIN
from verify.claims import all_claims, module_of
from verify.claims.reduction._path_sums import IN_FORCE

SIMULATED = [claim for claim in all_claims().values() if claim.evidence.simulated]


def names_of(code):
    """Global names and attributes that code and the code within it use."""
    found = set(code.co_names)
    for constant in code.co_consts:
        if isinstance(constant, types.CodeType):
            found |= names_of(constant)
    return found


@functools.cache
def imported_from_theory(module):
    """Names that a module takes from theory, constants too, which do not say where they are from."""
    tree = ast.parse(inspect.getsource(sys.modules[module]))
    return {
        alias.asname or alias.name
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] == "theory"
        for alias in node.names
    }


def reached(start):
    """Dotted names of functions and modules that a function may call, within verify.claims."""
    left, seen, found = [start], set(), set()
    while left:
        one = left.pop()
        if isinstance(one, functools.partial):
            left += [one.func, *one.args, *one.keywords.values()]
            continue
        one = inspect.unwrap(one) if callable(one) else one
        home = one.__name__ if inspect.ismodule(one) else getattr(one, "__module__", None) or ""
        if id(one) in seen:
            continue
        seen.add(id(one))
        if home.split(".")[0] == "theory":
            found.add(f"{home}.{getattr(one, '__qualname__', '')}".rstrip("."))
        if not isinstance(one, types.FunctionType) or not home.startswith("verify.claims"):
            if inspect.isclass(one) and home.startswith("verify.claims"):
                left += [f for f in vars(one).values() if isinstance(f, types.FunctionType)]
            continue
        scope = {**one.__globals__, **inspect.getclosurevars(one).nonlocals}
        names = names_of(one.__code__)
        found |= names & imported_from_theory(home)
        for name in names & scope.keys():
            value = scope[name]
            if inspect.ismodule(value) and value.__name__.startswith("verify.claims"):
                left += [getattr(value, n) for n in names if hasattr(value, n)]
            else:
                left.append(value)
        left += [*(one.__defaults__ or ()), *(one.__kwdefaults__ or {}).values()]
    return found


@pytest.mark.parametrize("claim", SIMULATED, ids=lambda claim: claim.id)
def test_a_simulation_reaches_nothing_of_theory(claim):
    assert reached(claim.evidence.simulate) == set(), module_of(claim)


def test_what_is_reached_is_seen():
    """A prediction reaches theory, directly and by a helper of its topic; it is told."""
    told = [claim.id for claim in SIMULATED if reached(claim.evidence.predict)]
    assert {"KR", "N3-S", "N4-S", "MIX-MC", "F3", "A4", "HAM"} <= set(told)


def test_what_is_written_out_twice_is_the_same():
    assert IN_FORCE == CHAIN
