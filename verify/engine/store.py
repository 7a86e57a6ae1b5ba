"""Finished chunks on disk: SQLite, one transaction a chunk, so that an interrupted run resumes.

One process writes at a time (`verify.engine.lock`). A chunk whose checksum fails is computed again; a
store that SQLite finds corrupt is set aside, and what can be read of it is kept. Nothing that is not a
store is ever written to.
"""

from __future__ import annotations

import hashlib
import json
import sqlite3
import stat
from collections.abc import Iterator, Mapping
from contextlib import closing, suppress
from pathlib import Path
from types import TracebackType
from typing import Any, Literal

from numpy.typing import NDArray

from verify.claim import Data
from verify.engine.chunks import MOST_BYTES, ChunkError, pack, unpack
from verify.engine.lock import Lock, LockError

_SCHEMA = """
CREATE TABLE IF NOT EXISTS chunks (
    key TEXT PRIMARY KEY, job TEXT NOT NULL, data BLOB NOT NULL, checksum TEXT NOT NULL,
    seconds REAL NOT NULL
) STRICT
"""
_COLUMNS = ["key", "job", "data", "checksum", "seconds"]
_APPLICATION, _VERSION = 0x7370696E, 2  # in the header: "spin", and the layout of 0.2
_MAGIC = b"SQLite format 3\0"
_INSERT = "INSERT OR REPLACE INTO chunks VALUES (?, ?, ?, ?, ?)"
_CORRUPT = {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_FORMAT}
PATIENCE = 30.0  # seconds for which another program may keep the file busy
_ONE_BY_ONE = (
    4096  # rows that cannot be read before they are passed over in longer and longer steps
)


class StoreError(Exception):
    """The store cannot be opened, read or written; the message names the file and the remedy."""


class DamagedError(Exception):
    """A chunk whose checksum fails."""


def key_of(job: Mapping[str, Any]) -> str:
    """Digest of everything that determines a chunk's numbers."""
    return hashlib.sha256(json.dumps(job, sort_keys=True).encode()).hexdigest()


def _checksum(key: str, blob: bytes, seconds: float) -> str:
    return hashlib.sha256(f"{key} {seconds!r} ".encode() + blob).hexdigest()


Mode = Literal["ro", "ro&immutable=1", "rw", "rwc"]  # the second leaves no file beside it


def _is_corruption(error: BaseException) -> bool:
    """Whether SQLite says that the file is corrupt; a busy or forbidden one is not."""
    if isinstance(error, UnicodeDecodeError):  # of its own message about a key that is no text
        return True
    return getattr(error, "sqlite_errorcode", 0) & 0xFF in _CORRUPT


def _connect(path: Path, mode: Mode, patience: float = PATIENCE) -> sqlite3.Connection:
    """Open the file of that very name; SQLite gives some names a meaning of its own."""
    return sqlite3.connect(f"{path.absolute().as_uri()}?mode={mode}", uri=True, timeout=patience)


def _row(db: sqlite3.Connection, key: str) -> tuple[bytes, float] | None:
    """A chunk's bytes and core-seconds, None if there is none; DamagedError if they changed."""
    row = db.execute(
        "SELECT CASE WHEN length(data) <= ? THEN data END, checksum, seconds FROM chunks "
        "WHERE key = ?",
        (MOST_BYTES, key),
    ).fetchone()
    if row is None:
        return None
    if not isinstance(row[0], bytes) or _checksum(key, row[0], row[2]) != row[1]:
        raise DamagedError(f"chunk {key[:12]} was damaged")
    return row[0], float(row[2])


class Store:
    """Chunks by key.

    Attributes
    ----------
    damaged
        What was found damaged and will be computed again, a line each.
    """

    def __init__(self, path: Path, patience: float = PATIENCE) -> None:
        """Open or create the file; StoreError where that fails or another process holds it.

        Symbolic links are followed first, so that two names of one store have one lock.
        """
        self.damaged: list[str] = []
        self._shown, self._patience = path, patience
        try:
            self.path = path.resolve()
            kind = self._kind()
            self._lock = Lock(self.path)
        except (OSError, RuntimeError) as error:  # the latter of links that go in circles
            raise self._refused(str(error)) from error
        except LockError as error:
            raise self._refused(str(error), "another file, or wait") from error
        try:
            self._db = self._opened(kind)
        except (sqlite3.Error, OSError) as error:
            self._lock.undo()
            raise self._refused(str(error)) from error
        except StoreError:
            self._lock.undo()
            raise

    def _refused(self, why: str, takes: str = "a file that can be written") -> StoreError:
        return StoreError(f"--store: got {self._shown}, {why}; takes {takes}")

    def _kind(self) -> Literal["new", "ours", "0.1?"]:
        """What the file's header says it is; StoreError for anything that is no store."""
        other = "a store or a new file"
        if self._shown.name == ":memory:":
            raise self._refused("which SQLite keeps in memory alone", other)
        if not self.path.exists():
            return "new"
        info = self.path.stat()
        if not stat.S_ISREG(info.st_mode):
            raise self._refused("which is no plain file", other)
        if info.st_nlink > 1:
            raise self._refused("which has another name (a hard link)", "a file of one name")
        if info.st_size == 0:
            return "new"
        with self.path.open("rb") as file:
            header = file.read(100)
        if not header.startswith(_MAGIC):
            raise self._refused("which is not a store", other)
        version, application = (int.from_bytes(header[i : i + 4], "big") for i in (60, 68))
        if application == _APPLICATION:
            if version > _VERSION:
                raise self._refused("a store of a later version of this program", other)
            return "ours"
        if application or version:
            raise self._refused("a database of another kind", other)
        return "0.1?"

    def _opened(self, kind: Literal["new", "ours", "0.1?"]) -> sqlite3.Connection:
        if kind != "new":
            try:
                # What may be somebody else's is only read; ours may have a log to be played back.
                mode: Mode = "rw" if kind == "ours" else "ro&immutable=1"
                with closing(_connect(self.path, mode, self._patience)) as db:
                    self._check_tables(db)
                    # The quick check would not see a key that differs from its index's.
                    sound = [row[0] for row in db.execute("PRAGMA integrity_check(1)")] == ["ok"]
            except (sqlite3.DatabaseError, UnicodeDecodeError) as error:
                if not _is_corruption(error):
                    raise
                sound = False
            if not sound:
                if kind != "ours":  # set aside what is known to be ours, nothing else
                    raise self._refused(
                        "a damaged database that does not say it is a store",
                        "a store or a new file",
                    )
                return self._rescued()
        return self._written()

    def _check_tables(self, db: sqlite3.Connection) -> None:
        """Refuse a database that holds anything but chunks: views and triggers among it."""
        found = db.execute("SELECT type, name FROM sqlite_master").fetchall()
        expected = {("table", "chunks"), ("index", "sqlite_autoindex_chunks_1")}
        columns = [row[1] for row in db.execute("PRAGMA table_info(chunks)")]
        if found and (set(found) != expected or columns != _COLUMNS):
            raise self._refused("a database of another kind", "a store or a new file")

    def _written(self) -> sqlite3.Connection:
        """The file open for writing, made or adopted if need be."""
        db = _connect(self.path, "rwc", self._patience)
        db.execute("PRAGMA trusted_schema=OFF")
        db.execute("PRAGMA journal_mode=WAL")
        db.execute("PRAGMA synchronous=NORMAL")
        self._check_tables(db)  # what stood in its log is seen by now
        with db:
            db.execute(_SCHEMA)
            db.execute(f"PRAGMA application_id={_APPLICATION}")
            db.execute(f"PRAGMA user_version={_VERSION}")
        return db

    def _rescued(self) -> sqlite3.Connection:
        """Set the damaged file aside and keep the chunks of it whose checksums hold."""
        rows = [row for row in self._readable() if row[3] == _checksum(row[0], row[2], row[4])]
        aside, number = Path(f"{self.path}.damaged"), 1
        while aside.exists() or aside.is_symlink():
            aside, number = Path(f"{self.path}.damaged.{number}"), number + 1
        self.path.replace(aside)
        for suffix in ("-wal", "-shm"):
            with suppress(FileNotFoundError):
                Path(f"{self.path}{suffix}").unlink()
        self.damaged.append(
            f"{self._shown} was damaged: {len(rows)} chunks kept, the file is {aside}"
        )
        db = self._written()
        with db:
            db.executemany(_INSERT, rows)
        return db

    def _readable(self) -> Iterator[tuple[str, str, bytes, str, float]]:
        """Rows that can be read, in order; where a page is lost, the rows after it."""
        bad = (sqlite3.Error, UnicodeDecodeError)
        with suppress(*bad), closing(_connect(self.path, "ro")) as db:
            db.text_factory = lambda raw: raw.decode(errors="replace")
            after, failures = 0, 0
            while after < 2**62:
                try:
                    row = db.execute(
                        f"SELECT rowid, {', '.join(_COLUMNS)} FROM chunks NOT INDEXED "
                        "WHERE rowid > ? AND length(data) <= ? ORDER BY rowid LIMIT 1",
                        (after, MOST_BYTES),
                    ).fetchone()
                except bad:
                    failures += 1
                    after += 1 if failures < _ONE_BY_ONE else 2 ** min(60, failures - _ONE_BY_ONE)
                    continue
                if row is None:
                    return
                after = row[0]
                if isinstance(row[3], bytes):
                    yield row[1:]

    def _sound(self, key: str) -> tuple[dict[str, NDArray[Any]], float] | None:
        try:
            row = _row(self._db, key)
            return None if row is None else (unpack(row[0]), row[1])
        except (sqlite3.DatabaseError, DamagedError, ChunkError) as error:
            if isinstance(error, sqlite3.DatabaseError) and not _is_corruption(error):
                raise self._refused(str(error)) from error
            self.damaged.append(f"chunk {key[:12]} was damaged")
            return None

    def get(self, key: str) -> tuple[dict[str, NDArray[Any]], float] | None:
        """The arrays of a chunk and the core-seconds it took, or None."""
        return self._sound(key)

    def seconds(self, key: str) -> float | None:
        """The core-seconds that a chunk took, or None if there is no sound one."""
        found = self._sound(key)
        return None if found is None else found[1]

    def put(self, key: str, job: Mapping[str, Any], data: Data, seconds: float) -> None:
        """Keep a chunk, in a transaction of its own."""
        blob = pack(data)
        row = (key, json.dumps(job, sort_keys=True), blob, _checksum(key, blob, seconds), seconds)
        try:
            with self._db:
                self._db.execute(_INSERT, row)
        except sqlite3.Error as error:
            raise StoreError(
                f"--store: {self._shown}, {error}; everything finished so far is kept, "
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
        self._db = _connect(path, "ro")

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
