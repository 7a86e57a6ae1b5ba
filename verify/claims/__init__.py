"""Every claim: one file each under its topic, which ends in ``CLAIM = Claim(...)``.

A new file is found by itself; one whose name begins with an underscore is a helper of its topic.
"""

from __future__ import annotations

import importlib
import pkgutil
import re
import traceback
from collections.abc import Iterator
from functools import cache

from verify.claim import Claim
from verify.evidence.broken import Broken


class UnknownClaim(LookupError):
    """No claim of that id."""


def _modules() -> Iterator[str]:
    """Dotted names of the files that hold a claim."""
    for module in pkgutil.walk_packages(__path__, f"{__name__}."):
        if not module.ispkg and not module.name.rpartition(".")[2].startswith("_"):
            yield module.name


def _loaded(module: str) -> Claim:
    """The claim of a file, or one in error that says why there is none: the others must run."""
    try:
        claim = importlib.import_module(module).CLAIM
        if not isinstance(claim, Claim):
            raise TypeError(f"CLAIM is {type(claim).__name__}, not a Claim")
    except KeyboardInterrupt:
        raise
    except BaseException:  # a file that calls sys.exit too
        return _broken(module, traceback.format_exc())
    return claim


def _broken(module: str, reason: str) -> Claim:
    file = f"{module.replace('.', '/')}.py"
    return Claim(
        id=re.sub(r"[^A-Za-z0-9]+", "-", f"file {module.rpartition('.')[2]}"),
        title=f"{file} holds no claim",
        rows=(),
        statement="",
        source="",
        assumptions="",
        evidence=Broken(reason),
        alternatives=(),
    )


@cache
def _by_module() -> dict[str, Claim]:
    """Claims by the module that holds each."""
    found: dict[str, Claim] = {}
    for module in _modules():
        claim = _loaded(module)
        if any(claim.id == other.id for other in found.values()):
            claim = _broken(module, f"two files have a claim {claim.id!r}")
        found[module] = claim
    return found


@cache
def all_claims() -> dict[str, Claim]:
    """Every claim by id, E9 before E10."""
    found = {claim.id: claim for claim in _by_module().values()}
    return {name: found[name] for name in sorted(found, key=_as_read)}


def _as_read(claim_id: str) -> list[tuple[int, str]]:
    """Numbers in an id count as numbers, and come before letters."""
    return [
        (int(p) if p.isdigit() else 1 << 60, p) for p in re.findall(r"[0-9]+|[^0-9]+", claim_id)
    ]


def find(claim_id: str) -> Claim:
    """The claim of that id, in any case of letters."""
    for name, claim in all_claims().items():
        if name.lower() == claim_id.lower():
            return claim
    raise UnknownClaim(claim_id)


def module_of(claim: Claim) -> str:
    """Dotted name of the module that holds the claim."""
    for module, held in _by_module().items():
        if held is claim:
            return module
    raise UnknownClaim(claim.id)
