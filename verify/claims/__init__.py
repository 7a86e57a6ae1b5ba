"""Every claim: one file each, which ends in ``CLAIM = Claim(...)``. A new file is found by itself."""

from __future__ import annotations

import importlib
import pkgutil
import re
from functools import cache

from verify.claim import Claim


class UnknownClaim(LookupError):
    """No claim of that id."""


@cache
def all_claims() -> dict[str, Claim]:
    """Every claim by id, E9 before E10; two of one id are refused."""
    found: dict[str, Claim] = {}
    for module in pkgutil.iter_modules(__path__):
        claim = importlib.import_module(f"{__name__}.{module.name}").CLAIM
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
    """Name of the file (without .py) that holds the claim."""
    for module in pkgutil.iter_modules(__path__):
        if importlib.import_module(f"{__name__}.{module.name}").CLAIM is claim:
            return module.name
    raise UnknownClaim(claim.id)
