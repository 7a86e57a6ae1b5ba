import os
import sqlite3
import tempfile
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from verify.engine.store import Store, StoreError, key_of, pack, unpack


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


def test_no_pickles():
    with pytest.raises(ValueError, match=r"Object|object"):
        unpack(pack({"x": np.array([object()])}))


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


def test_a_chunk_is_known_by_every_file_that_its_simulation_may_stand_in():
    from verify.claims import all_claims, find, module_of
    from verify.engine.provenance import claim_files

    for claim in all_claims().values():
        evidence = claim.evidence
        files = {str(path) for path in claim_files(module_of(claim))}
        simulate = getattr(evidence, "simulate", None)
        while hasattr(simulate, "func"):
            simulate = simulate.func
        if simulate is not None:
            assert simulate.__code__.co_filename in files
    seven = {path.name for path in claim_files(module_of(find("CENSUS-7")))}
    assert seven == {"census_7.py", "census.py"}
    assert not {"claim.py", "statistics.py"} & seven
