"""What an audit has found so far, in the store of finished chunks, by all that decided it.

A part is plain data under a key of what was done and of the sources that it ran, so that an audit
goes on where it was interrupted, and after an edit does again only what runs the edited files.
Comments are no part of a source here.
"""

from __future__ import annotations

import ast
import hashlib
import json
from collections.abc import Iterable, Mapping
from functools import cache
from typing import Any

import numpy as np

from numerics.core.backend import processor
from verify.audit.mutations import ROOT
from verify.engine.provenance import package_versions
from verify.engine.store import Store, key_of

_LAYOUT = 1  # of parts; a new one makes all of them anew


@cache
def digest_of(file: str) -> str:
    """SHA-256 of what a Python file says, whatever its comments and line breaks; "" if it is gone."""
    path = ROOT / file
    if not path.exists():
        return ""
    said = ast.dump(ast.parse(path.read_text(encoding="utf-8")))
    return hashlib.sha256(said.encode()).hexdigest()


def digests(files: Iterable[str]) -> dict[str, str]:
    """Digest of each file."""
    return {file: digest_of(file) for file in sorted(set(files))}


@cache
def _environment() -> str:
    return key_of({"versions": package_versions(), "kernels": processor()})


class Parts:
    """Parts by what was done, in a store, or in memory without one."""

    def __init__(self, store: Store | None = None) -> None:
        """Whatever the store already has is found."""
        self._store = store
        self._memory: dict[str, Any] = {}

    def _job(self, done: Mapping[str, Any]) -> dict[str, Any]:
        return {**done, "layout": _LAYOUT, "environment": _environment()}

    def get(self, done: Mapping[str, Any]) -> Any:
        """What came of it, as plain data; None if it was not done."""
        key = key_of(self._job(done))
        if self._store is None:
            return self._memory.get(key)
        found = self._store.get(key)
        return None if found is None else json.loads(found[0]["json"].tobytes())

    def put(self, done: Mapping[str, Any], found: Any, seconds: float) -> None:
        """Keep what came of it."""
        job = self._job(done)
        if self._store is None:
            self._memory[key_of(job)] = json.loads(json.dumps(found))
            return
        text = np.frombuffer(json.dumps(found).encode(), dtype=np.uint8)
        self._store.put(key_of(job), job, {"json": text}, seconds)
