"""Every claim: one file each under its topic, which ends in ``CLAIM = Claim(...)``.

A new file is found by itself; one whose name begins with an underscore is a helper of its topic.
"""

from __future__ import annotations

import importlib
import os
import pkgutil
import re
import sys
import traceback
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from verify.claim import Claim
from verify.claims import own
from verify.evidence.broken import Broken


class UnknownClaim(LookupError):
    """No claim of that id."""


def _modules() -> Iterator[str]:
    """Dotted names of the files that hold a claim, one's own after the built-in ones."""
    unsound: list[str] = []  # folders that do not import
    walk = pkgutil.walk_packages(__path__, f"{__name__}.", onerror=unsound.append)
    files = [module.name for module in walk if not module.ispkg]
    for name in sorted([*files, *unsound], key=is_own):
        if not name.rpartition(".")[2].startswith("_"):
            yield name


def take_beside(folder: Path | None) -> None:
    """Take the claims of a folder of one's own beside the built-in ones, here and in workers to come.

    None takes none.
    """
    os.environ[own.VARIABLE] = "" if folder is None else str(folder)
    own.__path__[:] = [] if folder is None else [str(folder)]
    for name in [name for name in sys.modules if is_own(name)]:
        del sys.modules[name]
    importlib.invalidate_caches()
    for known in (all_claims, _by_module):
        known.cache_clear()


def is_own(module: str) -> bool:
    """Whether a module is of a folder of one's own."""
    return module.startswith(f"{own.__name__}.")


def file_of(module: str) -> str:
    """Path of a module from the root of this project, or in the folder of one's own.

    Examples
    --------
    >>> file_of("verify.claims.goe.goe_law"), file_of("verify.claims.own.mine")
    ('verify/claims/goe/goe_law.py', 'mine.py')
    """
    return f"{module.removeprefix(f'{own.__name__}.').replace('.', '/')}.py"


def unsound(folder: str) -> dict[str, str]:
    """Files of a folder of one's own that hold no claim, and why in a line."""
    return {
        f"{folder}/{file_of(module)}": claim.evidence.reason.strip().splitlines()[-1]
        for module, claim in _by_module().items()
        if is_own(module) and isinstance(claim.evidence, Broken)
    }


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
    return Claim(
        id=re.sub(r"[^A-Za-z0-9]+", "-", f"file {module.rpartition('.')[2]}"),
        title=f"{file_of(module)} holds no claim",
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
