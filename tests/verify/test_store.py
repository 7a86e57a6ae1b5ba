import numpy as np
import pytest

from verify.store import Store, StoreError, key_of, pack, unpack


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
