import os
import sqlite3
import tempfile
import time
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from verify.engine.chunks import pack
from verify.engine.store import Store, StoreError, key_of


def test_chunks_come_back_as_they_were(tmp_path):
    data = {"x": np.arange(5.0), "k": np.array([[1, 2]])}
    job = {"claim": "A", "chunk": 0}
    with Store(tmp_path / "s.sqlite") as store:
        assert store.get(key_of(job)) is None
        store.put(key_of(job), job, data, 1.5)
    with Store(tmp_path / "s.sqlite") as store:
        kept, seconds = store.get(key_of(job))
    assert seconds == 1.5
    assert set(kept) == set(data)
    assert all((kept[name] == data[name]).all() for name in data)


def test_everything_in_the_job_changes_the_key():
    job = {"claim": "A", "chunk": 0, "cell": {"N": 3}, "seed": 0}
    others = [{**job, "claim": "B"}, {**job, "chunk": 1}, {**job, "cell": {"N": 4}}]
    assert len({key_of(j) for j in (job, *others)}) == 4
    assert key_of(job) == key_of(dict(reversed(job.items())))


def test_a_damaged_chunk_is_not_used(tmp_path):
    with Store(tmp_path / "s.sqlite") as store:
        store.put("key", {}, {"x": np.ones(3)}, 0.0)
        with store._db:
            store._db.execute("UPDATE chunks SET data = ?", (pack({"x": np.zeros(3)}),))
        assert store.get("key") is None


def test_a_file_that_is_no_store(tmp_path):
    path = tmp_path / "s.sqlite"
    path.write_bytes(b"not a database, but long enough to be looked at" * 100)
    with pytest.raises(StoreError, match="--store"):
        Store(path)
    assert os.listdir(tmp_path) == ["s.sqlite"]


def test_a_second_writer_is_told_who_holds_the_store(tmp_path):
    path = tmp_path / "s.sqlite"
    with (
        Store(path),
        pytest.raises(StoreError, match=rf"which process {os.getpid()} is writing"),
    ):
        Store(path)
    with Store(path):  # and the lock dies with its holder
        pass


def test_a_database_of_another_kind_is_refused_untouched(tmp_path):
    path = tmp_path / "s.sqlite"
    with closing(sqlite3.connect(path)) as db, db:
        db.execute("CREATE TABLE chunks (name TEXT)")
    before = path.read_bytes()
    with pytest.raises(StoreError, match="another kind"):
        Store(path)
    assert path.read_bytes() == before
    assert os.listdir(tmp_path) == ["s.sqlite"]


def contents(folder):
    return {path.name: path.read_bytes() for path in folder.iterdir() if path.is_file()}


def a_foreign_database(path):
    with closing(sqlite3.connect(path)) as db:
        db.execute("PRAGMA journal_mode=WAL")
        with db:
            db.execute("CREATE TABLE diary (text TEXT)")


def a_damaged_foreign_database(path):
    with closing(sqlite3.connect(path)) as db, db:
        db.execute("CREATE TABLE diary (text TEXT)")
        db.executemany("INSERT INTO diary VALUES (?)", [("x" * 3000,)] * 20)
    raw = bytearray(path.read_bytes())
    raw[100:4000] = bytes(3900)
    path.write_bytes(raw)


def a_store_with_a_trigger(path):
    filled(path, 2)
    with closing(sqlite3.connect(path)) as db, db:
        db.execute("CREATE TRIGGER t AFTER INSERT ON chunks BEGIN DELETE FROM chunks; END")


def a_view_for_the_chunks(path):
    with closing(sqlite3.connect(path)) as db, db:
        columns = "1 AS key, 2 AS job, 3 AS data, 4 AS checksum, 5 AS seconds"
        db.execute(f"CREATE VIEW chunks AS SELECT {columns}")


def a_later_version(path):
    filled(path, 1)
    with closing(sqlite3.connect(path)) as db, db:
        db.execute("PRAGMA user_version=99")


@pytest.mark.parametrize(
    "made",
    [
        a_foreign_database,
        a_damaged_foreign_database,
        a_store_with_a_trigger,
        a_view_for_the_chunks,
        a_later_version,
        lambda path: os.mkfifo(path),
        lambda path: path.mkdir(),
        lambda path: path.symlink_to(path),
        lambda path: path.symlink_to("/dev/null"),
    ],
)
def test_what_is_no_store_is_refused_in_a_line_and_left_as_it_is(tmp_path, made):
    path = tmp_path / "s.sqlite"
    made(path)
    names, before = set(os.listdir(tmp_path)), contents(tmp_path)
    with pytest.raises(StoreError, match=r"^--store: got [^\n]*; takes [^\n]*$"):
        Store(path)
    assert contents(tmp_path) == before
    assert set(os.listdir(tmp_path)) - {"s.sqlite.lock"} == names - {"s.sqlite.lock"}


def test_a_store_in_memory_is_refused(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(StoreError, match="memory alone"):
        Store(Path(":memory:"))
    assert os.listdir(tmp_path) == []


def test_the_lock_never_touches_what_is_not_its_own(tmp_path):
    """--store requirements, with a requirements.lock beside it; a link to somebody's file."""
    mine = tmp_path / "requirements.lock"
    mine.write_text("numpy==2.0\n")
    with pytest.raises(StoreError, match=r"requirements\.lock is not a lock"):
        Store(tmp_path / "requirements")
    assert mine.read_text() == "numpy==2.0\n"
    linked = tmp_path / "s.sqlite.lock"
    linked.symlink_to(mine)
    with pytest.raises(StoreError, match="is not a lock"):
        Store(tmp_path / "s.sqlite")
    assert mine.read_text() == "numpy==2.0\n"
    assert linked.is_symlink()
    empty = tmp_path / "empty"
    empty.touch()
    linked.unlink()
    os.link(empty, linked)
    with pytest.raises(StoreError, match="is not a lock"):
        Store(tmp_path / "s.sqlite")
    assert empty.read_bytes() == b""


def test_two_names_of_a_store_are_one(tmp_path):
    path, other = tmp_path / "s.sqlite", tmp_path / "other.sqlite"
    filled(path, 1)
    other.symlink_to(path)
    with Store(path), pytest.raises(StoreError, match="is writing"):
        Store(other)
    other.unlink()
    os.link(path, other)
    for name in (path, other):
        with pytest.raises(StoreError, match="hard link"):
            Store(name)


def test_a_busy_store_is_no_damaged_one(tmp_path):
    path = tmp_path / "s.sqlite"
    data = filled(path, 20)
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("PRAGMA journal_mode=DELETE")
        other.execute("BEGIN EXCLUSIVE")
        with pytest.raises(StoreError, match="locked"):
            Store(path, patience=0.1)
        other.execute("ROLLBACK")
    assert not (tmp_path / "s.sqlite.damaged").exists()
    with Store(path) as store:
        assert all(store.get(key) is not None for key in data)
        assert not store.damaged


def test_a_store_of_the_first_version_is_adopted(tmp_path):
    path = tmp_path / "s.sqlite"
    data = filled(path, 3)
    with closing(sqlite3.connect(path)) as db, db:
        db.execute("PRAGMA application_id=0")
        db.execute("PRAGMA user_version=0")
    with Store(path) as store:
        assert all(store.get(key) is not None for key in data)
        assert store._db.execute("PRAGMA user_version").fetchone() == (2,)


def test_the_rescue_walks_rows_whatever_their_numbers(tmp_path):
    path = tmp_path / "s.sqlite"
    data = filled(path, 60)
    with closing(sqlite3.connect(path)) as db, db:
        db.execute("UPDATE chunks SET rowid = rowid + 1000000000000 WHERE rowid > 30")
    raw = bytearray(path.read_bytes())
    place = raw.index(b"key 12") // 4096 * 4096
    raw[place : place + 4096] = bytes(4096)
    path.write_bytes(raw)
    start = time.monotonic()
    with Store(path) as store:
        kept = [key for key in data if store.get(key) is not None]
    assert time.monotonic() - start < 20
    assert len(kept) >= 50
    filled(path, 60)  # a second rescue keeps the file of the first
    raw = bytearray(path.read_bytes())
    raw[place : place + 4096] = bytes(4096)
    path.write_bytes(raw)
    Store(path).__exit__(None, None, None)
    assert len(list(tmp_path.glob("*.damaged*"))) == 2


def filled(path, count=20):
    data = {f"key {i}": {"x": np.arange(400.0) + i} for i in range(count)}
    with Store(path) as store:
        for key, arrays in data.items():
            store.put(key, {"chunk": key}, arrays, 0.25)
    return data


@given(places=st.lists(st.tuples(st.floats(0, 1), st.integers(1, 255)), min_size=1, max_size=12))
def test_flipped_bytes_never_change_a_number(places):
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "s.sqlite"
        data = filled(path)
        raw = bytearray(path.read_bytes())
        for place, flip in places:
            raw[int(place * (len(raw) - 1))] ^= flip
        path.write_bytes(raw)
        try:
            store = Store(path)
        except StoreError:
            return
        with store:
            for key, arrays in data.items():
                kept = store.get(key)
                assert kept is None or (kept[0]["x"] == arrays["x"]).all()
                if kept is None:
                    store.put(key, {"chunk": key}, arrays, 0.25)
            assert all(store.get(key) is not None for key in data)


def test_a_damaged_file_is_set_aside_and_what_can_be_read_is_kept(tmp_path):
    path = tmp_path / "s.sqlite"
    data = filled(path, 60)
    raw = bytearray(path.read_bytes())
    raw[len(raw) // 2 : len(raw) // 2 + 4096] = bytes(4096)
    path.write_bytes(raw)
    with Store(path) as store:
        kept = [key for key in data if store.get(key) is not None]
        assert store.damaged
    assert 20 <= len(kept) < 60
    assert (tmp_path / "s.sqlite.damaged").exists() or len(store.damaged) == 60 - len(kept)


def test_a_store_that_cannot_be_written_says_so_in_one_line(tmp_path):
    path = tmp_path / "s.sqlite"
    filled(path, 2)
    with Store(path) as store:
        store._db.execute("PRAGMA query_only = ON")
        with pytest.raises(StoreError, match=r"--store: .*readonly.*is kept") as refused:
            store.put("another", {}, {"x": np.ones(3)}, 0.0)
        assert "\n" not in str(refused.value)
        assert store.get("key 1") is not None


def test_a_folder_of_others_is_refused():
    """As root every folder can be written; then as nobody."""
    root = os.geteuid() == 0
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "s.sqlite"
        filled(path, 2)
        for place, mode in ((path, 0o444), (Path(f"{path}.lock"), 0o444), (path.parent, 0o555)):
            place.chmod(mode)
        if root:
            os.seteuid(65534)
        try:
            with pytest.raises(StoreError, match=r"^--store: got [^\n]*ermission[^\n]*$"):
                Store(path)
        finally:
            if root:
                os.seteuid(0)
            path.parent.chmod(0o755)
