"""Finished chunks on disk: SQLite, one transaction a chunk, so that an interrupted run resumes.

One process writes at a time, held by a lock of the operating system that dies with it. A chunk
whose checksum fails is computed again; a file that SQLite finds damaged is set aside, and what can
be read of it is kept.
"""

from __future__ import annotations

import fcntl
import hashlib
import io
import json
import os
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import closing, suppress
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
_MAGIC = b"SQLite format 3\0"
_INSERT = "INSERT OR REPLACE INTO chunks VALUES (?, ?, ?, ?, ?)"


class StoreError(Exception):
    """The store cannot be opened, read or written; the message names the file and the remedy."""


class DamagedError(Exception):
    """A chunk whose checksum fails."""


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


def _checksum(key: str, blob: bytes, seconds: float) -> str:
    return hashlib.sha256(f"{key} {seconds!r} ".encode() + blob).hexdigest()


def _row(db: sqlite3.Connection, key: str) -> tuple[bytes, float] | None:
    """A chunk's bytes and core-seconds, None if there is none; DamagedError if they changed."""
    row = db.execute("SELECT data, checksum, seconds FROM chunks WHERE key = ?", (key,)).fetchone()
    if row is None:
        return None
    if not isinstance(row[0], bytes) or _checksum(key, row[0], row[2]) != row[1]:
        raise DamagedError(f"chunk {key[:12]} was damaged")
    return row[0], float(row[2])


class _Lock:
    """The right to write a store: a locked file beside it that names the holder."""

    def __init__(self, path: Path) -> None:
        self._path = Path(f"{path}.lock")
        self._fresh = not self._path.exists()
        self._file = os.open(self._path, os.O_RDWR | os.O_CREAT, 0o644)
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            holder = os.read(self._file, 40).decode(errors="replace").strip() or "another process"
            os.close(self._file)
            raise StoreError(
                f"--store: got {path}, which {holder} is writing; takes another file, or wait"
            ) from error
        os.ftruncate(self._file, 0)
        os.pwrite(self._file, f"process {os.getpid()}\n".encode(), 0)

    def release(self) -> None:
        os.close(self._file)

    def undo(self) -> None:
        """Leave nothing beside a file that is no store, and so is nobody's to write."""
        if self._fresh:
            self._path.unlink(missing_ok=True)
        self.release()


class Store:
    """Chunks by key.

    Attributes
    ----------
    damaged
        What was found damaged and will be computed again, a line each.
    """

    def __init__(self, path: Path) -> None:
        """Open or create the file; StoreError where that fails or another process holds it."""
        self.path = path
        self.damaged: list[str] = []
        try:
            self._lock = _Lock(path)
        except OSError as error:
            raise self._refused(error) from error
        try:
            self._db = self._opened()
        except (sqlite3.Error, OSError) as error:
            self._lock.release()
            raise self._refused(error) from error
        except StoreError:
            self._lock.undo()
            raise

    def _refused(self, error: Exception) -> StoreError:
        return StoreError(f"--store: got {self.path}, {error}; takes a file that can be written")

    def _connect(self) -> sqlite3.Connection:
        db = sqlite3.connect(self.path, timeout=30)
        db.execute("PRAGMA journal_mode=WAL")
        db.execute("PRAGMA synchronous=NORMAL")
        with db:
            db.execute(_SCHEMA)
        return db

    def _opened(self) -> sqlite3.Connection:
        if self.path.exists() and self.path.stat().st_size:
            with self.path.open("rb") as file:
                if file.read(len(_MAGIC)) != _MAGIC:
                    raise StoreError(
                        f"--store: got {self.path}, which is not a store; takes a store or a new file"
                    )
            try:
                with closing(sqlite3.connect(self.path)) as db:
                    # The quick check would not see a key that differs from its index's.
                    sound = [row[0] for row in db.execute("PRAGMA integrity_check(1)")] == ["ok"]
                    columns = [row[1] for row in db.execute("PRAGMA table_info(chunks)")]
            except (sqlite3.DatabaseError, UnicodeDecodeError):  # the latter of its own message
                sound, columns = False, []
            if sound and columns and columns != ["key", "job", "data", "checksum", "seconds"]:
                raise StoreError(
                    f"--store: got {self.path}, a database of another kind; takes a store or a new file"
                )
            if not sound:
                return self._rescued()
        return self._connect()

    def _rescued(self) -> sqlite3.Connection:
        """Set the damaged file aside and keep the chunks of it whose checksums hold."""
        aside = Path(f"{self.path}.damaged")
        rows = [row for row in self._readable() if row[3] == _checksum(row[0], row[2], row[4])]
        self.path.replace(aside)
        for suffix in ("-wal", "-shm"):
            with suppress(FileNotFoundError):
                Path(f"{self.path}{suffix}").unlink()
        self.damaged.append(
            f"{self.path} was damaged: {len(rows)} chunks kept, the file is {aside}"
        )
        db = self._connect()
        with db:
            db.executemany(_INSERT, rows)
        return db

    def _readable(self) -> Iterator[tuple[str, str, bytes, str, float]]:
        bad = (sqlite3.Error, UnicodeDecodeError)
        with suppress(*bad), closing(sqlite3.connect(self.path)) as db:
            db.text_factory = lambda raw: raw.decode(errors="replace")
            (last,) = db.execute("SELECT max(rowid) FROM chunks").fetchone()
            for number in range(1, (last or 0) + 1):
                with suppress(*bad):
                    row = db.execute(
                        "SELECT key, job, data, checksum, seconds FROM chunks WHERE rowid = ?",
                        (number,),
                    ).fetchone()
                    if row is not None and isinstance(row[2], bytes):
                        yield row

    def _sound(self, key: str) -> tuple[bytes, float] | None:
        try:
            return _row(self._db, key)
        except (sqlite3.DatabaseError, DamagedError):
            self.damaged.append(f"chunk {key[:12]} was damaged")
            return None

    def get(self, key: str) -> tuple[dict[str, NDArray[Any]], float] | None:
        """The arrays of a chunk and the core-seconds it took, or None."""
        row = self._sound(key)
        return None if row is None else (unpack(row[0]), row[1])

    def seconds(self, key: str) -> float | None:
        """The core-seconds that a chunk took, or None if there is no sound one."""
        row = self._sound(key)
        return None if row is None else row[1]

    def put(self, key: str, job: Mapping[str, Any], data: Data, seconds: float) -> None:
        """Keep a chunk, in a transaction of its own."""
        blob = pack(data)
        row = (key, json.dumps(job, sort_keys=True), blob, _checksum(key, blob, seconds), seconds)
        try:
            with self._db:
                self._db.execute(_INSERT, row)
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
        self._lock.release()


class Reader:
    """The chunks of a store that this or another process is writing."""

    def __init__(self, path: Path) -> None:
        """Open the file, which must exist."""
        self._db = sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True, timeout=30)

    def get(self, key: str) -> dict[str, NDArray[Any]]:
        """The arrays of a chunk; LookupError without it, DamagedError if its checksum fails."""
        row = _row(self._db, key)
        if row is None:
            raise LookupError(f"no chunk {key[:12]} in the store")
        return unpack(row[0])

    def __enter__(self) -> Reader:
        return self

    def __exit__(self, *_: object) -> None:
        self._db.close()
