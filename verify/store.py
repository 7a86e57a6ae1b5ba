"""Finished chunks on disk: SQLite, one transaction a chunk, so that an interrupted run resumes."""

from __future__ import annotations

import hashlib
import io
import json
import sqlite3
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from verify.claim import Data

_SCHEMA = """
CREATE TABLE IF NOT EXISTS chunks (
    key TEXT PRIMARY KEY, job TEXT NOT NULL, data BLOB NOT NULL, checksum TEXT NOT NULL,
    seconds REAL NOT NULL
) STRICT
"""


class StoreError(Exception):
    """The store cannot be opened, read or written; the message names the file and the remedy."""


def key_of(job: Mapping[str, Any]) -> str:
    """Digest of everything that determines a chunk's numbers."""
    return hashlib.sha256(json.dumps(job, sort_keys=True).encode()).hexdigest()


def pack(data: Data) -> bytes:
    """Arrays as an uncompressed .npz (no pickles)."""
    buffer = io.BytesIO()
    np.savez(buffer, allow_pickle=False, **{k: np.asarray(v) for k, v in data.items()})
    return buffer.getvalue()


def unpack(blob: bytes) -> dict[str, NDArray[Any]]:
    """Arrays from `pack`."""
    with np.load(io.BytesIO(blob), allow_pickle=False) as archive:
        return {name: archive[name] for name in archive.files}


class Store:
    """Chunks by key. A chunk whose checksum fails is dropped, to be computed again."""

    def __init__(self, path: Path) -> None:
        """Open or create the file; StoreError where that fails."""
        self.path = path
        try:
            self._db = sqlite3.connect(path, timeout=30)
            self._db.execute("PRAGMA journal_mode=WAL")
            self._db.execute("PRAGMA synchronous=NORMAL")
            with self._db:
                self._db.execute(_SCHEMA)
        except sqlite3.Error as error:
            raise StoreError(f"--store: got {path}, {error}; takes a writable file") from error

    def get(self, key: str) -> tuple[dict[str, NDArray[Any]], float] | None:
        """The arrays of a chunk and the seconds it took, or None."""
        row = self._db.execute(
            "SELECT data, checksum, seconds FROM chunks WHERE key = ?", (key,)
        ).fetchone()
        if row is None or hashlib.sha256(row[0]).hexdigest() != row[1]:
            return None
        return unpack(row[0]), float(row[2])

    def put(self, key: str, job: Mapping[str, Any], data: Data, seconds: float) -> None:
        """Keep a chunk, in a transaction of its own."""
        blob = pack(data)
        checksum = hashlib.sha256(blob).hexdigest()
        try:
            with self._db:
                self._db.execute(
                    "INSERT OR REPLACE INTO chunks VALUES (?, ?, ?, ?, ?)",
                    (key, json.dumps(job, sort_keys=True), blob, checksum, seconds),
                )
        except sqlite3.Error as error:
            raise StoreError(
                f"--store: {self.path}, {error}; everything finished so far is kept, "
                "make room or name another file and run again"
            ) from error

    def __enter__(self) -> Store:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._db.close()
