"""What may be a chunk, and what it is known by."""

import io

import numpy as np
import pytest

from verify.engine import provenance
from verify.engine import store as store_module
from verify.engine.chunks import ChunkError, checked, pack, unpack
from verify.engine.store import Store


def test_no_pickles():
    with pytest.raises(ValueError, match=r"Object|object"):
        pack({"x": np.array([object()])})
    held = io.BytesIO()
    np.savez(held, x=np.array([object()]))
    with pytest.raises(ChunkError):
        unpack(held.getvalue())


def compressed():
    blob = io.BytesIO()
    np.savez_compressed(blob, x=np.zeros(10**7))
    return blob.getvalue()


def longer_than_it_is():
    return pack({"x": np.zeros(100)}).replace(b"(100,)", b"(999,)")


@pytest.mark.parametrize(
    "blob",
    [
        compressed(),
        longer_than_it_is(),
        b"PK\x03\x04 and no more",
        b"",
        pack({"x": np.zeros(0)}),
        pack({"x": np.array(1.0)}),
        pack({"x": np.ones(3, dtype=complex)}),
        pack({"x": np.array([1.0, np.inf])}),
        pack({"x": np.array(["a"])}),
    ],
)
def test_a_chunk_that_is_none_is_simulated_again(tmp_path, blob):
    """Its checksum is right: whoever wrote it knew how."""
    path = tmp_path / "s.sqlite"
    with Store(path) as store:
        with store._db:
            row = ("key", "{}", blob, store_module._checksum("key", blob, 0.5), 0.5)
            store._db.execute(store_module._INSERT, row)
        assert store.seconds("key") is None
        assert store.damaged


@pytest.mark.parametrize(
    "data", [None, {}, [1], {"x": [1.0]}, {"x": np.array([None])}, {1: np.ones(2)}]
)
def test_what_is_no_chunk_is_refused(data):
    with pytest.raises(ChunkError):
        checked(data)


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


def test_the_digest_is_of_all_but_the_marks_of_the_sweep(tmp_path, monkeypatch):
    monkeypatch.setattr(provenance, "ROOT", tmp_path)
    (tmp_path / "theory").mkdir()
    source = tmp_path / "theory" / "a.py"
    said = set()
    for text in (
        "x = 1\n",
        "# guard (all): the bound\n# tests/theory/test_a.py::test_x\nx = 1\n",
        "    # same (numbers): any start does\nx = 1\n",
    ):
        source.write_text(text)
        said.add(provenance.package_digest("theory"))
    assert len(said) == 1
    for text in ("x = 2\n", "# a comment\nx = 1\n", "x = 1  # guard (all): no\n"):
        source.write_text(text)
        said.add(provenance.package_digest("theory"))
    assert len(said) == 4
