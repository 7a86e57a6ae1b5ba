"""Every claim: one file each under its topic, which ends in ``CLAIM = Claim(...)``.

A new file is found by itself; one whose name begins with an underscore is a helper of its topic.
"""

from __future__ import annotations

import importlib
import pkgutil
import re
from collections.abc import Iterator
from functools import cache

from verify.claim import Claim


class UnknownClaim(LookupError):
    """No claim of that id."""


def _modules() -> Iterator[str]:
    """Dotted names of the files that hold a claim."""
    for module in pkgutil.walk_packages(__path__, f"{__name__}."):
        if not module.ispkg and not module.name.rpartition(".")[2].startswith("_"):
            yield module.name


@cache
def all_claims() -> dict[str, Claim]:
    """Every claim by id, E9 before E10; two of one id are refused."""
    found: dict[str, Claim] = {}
    for name in _modules():
        claim = importlib.import_module(name).CLAIM
        if claim.id in found:
            raise ValueError(f"two claims have the id {claim.id!r}")
        found[claim.id] = claim
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
    for name in _modules():
        if importlib.import_module(name).CLAIM is claim:
            return name
    raise UnknownClaim(claim.id)
