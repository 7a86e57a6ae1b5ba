"""Whatever a file holds, it is read, refused in one line, or computed again; nothing else is touched."""

import copy
import io
import json
import os
import re
import sqlite3
import tempfile
from contextlib import closing, suppress
from pathlib import Path

import hostile
import numpy as np
from hostile import TALLY, bounded, cases, one_line, typed, watched
from hypothesis import given
from hypothesis import strategies as st

import numerics
from verify.engine.chunks import ChunkError, checked
from verify.engine.store import Store, StoreError, pack, unpack
from verify.report import pages, results
from verify.report.folder import FolderError

ROOT = Path(__file__).resolve().parents[3]
COMMITTED = ROOT / "reports" / "results.json"


@cases(300)
@given(st.binary(max_size=3000), st.booleans())
def test_a_store_of_any_bytes(raw, begins_well):
    with tempfile.TemporaryDirectory() as folder, bounded("a store"):
        path = Path(folder) / "s.sqlite"
        path.write_bytes(b"SQLite format 3\0" * begins_well + raw)
        accepted = True
        try:
            with Store(path) as store:
                assert store.get("key") is None
        except StoreError as refused:
            accepted = False
            one_line(refused)
    TALLY.cases["stores", "accepted" if accepted else "refused"] += 1


BESIDE = {
    "file": lambda place, mine: place.write_bytes(mine.read_bytes()),
    "link": lambda place, mine: place.symlink_to(mine),
    "hard link": lambda place, mine: os.link(mine, place),
    "loop": lambda place, mine: place.symlink_to(place),
    "dangling": lambda place, mine: place.symlink_to(mine.with_name("nothing")),
    "folder": lambda place, mine: place.mkdir(),
    "pipe": lambda place, mine: os.mkfifo(place),
    "nothing": lambda place, mine: None,
}
beside = st.sampled_from(sorted(BESIDE))
said = st.binary(max_size=60) | st.from_regex(rb"process [0-9]{1,12}\n?", fullmatch=True)


@cases(300)
@given(said, beside, beside)
def test_a_store_and_a_lock_of_any_kind(raw, store, lock):
    """Nothing that is there is changed, unless it is a store or a lock of ours."""
    with tempfile.TemporaryDirectory() as folder, bounded((raw, store, lock)):
        mine, path = Path(folder) / "mine", Path(folder) / "s.sqlite"
        mine.write_bytes(raw)
        BESIDE[store](path, mine)
        BESIDE[lock](Path(f"{path}.lock"), mine)
        accepted = True
        try:
            with Store(path):
                pass
        except StoreError as refused:
            accepted = False
            one_line(refused)
        kept = raw or store != "link"  # an empty file may become a store, by whatever name
        assert not kept or mine.read_bytes() == raw
        assert not (Path(folder) / "nothing").is_file() or store == "dangling"
    TALLY.cases["stores and locks", "accepted" if accepted else "refused"] += 1


ROWS = st.tuples(
    st.sampled_from(["key", "job", "data", "checksum", "seconds", "rowid"]),
    st.integers(1, 4),
    st.none() | st.integers(-(2**63), 2**63 - 1) | st.floats() | st.text(max_size=9)
    | st.binary(max_size=99) | st.sampled_from([b"\xff" * 9, pack({"x": np.zeros(3)})]),
)  # fmt: skip
HEADERS = st.sampled_from(["user_version", "application_id"])


@cases(300)
@given(st.lists(ROWS, max_size=4), st.lists(st.tuples(HEADERS, st.integers(0, 9)), max_size=1))
def test_a_store_with_any_rows(rows, headers):
    """A chunk comes back as it was, or not at all; a header of another program is refused."""
    with tempfile.TemporaryDirectory() as folder, bounded(rows):
        path, data = Path(folder) / "s.sqlite", {f"key {i}": np.arange(3.0) + i for i in range(4)}
        with Store(path) as store:
            for key, x in data.items():
                store.put(key, {}, {"x": x}, 0.5)
        with closing(sqlite3.connect(path)) as db:
            for column, row, value in rows:
                with suppress(sqlite3.Error), db:
                    db.execute(f"UPDATE chunks SET {column} = ? WHERE rowid = ?", (value, row))
            for name, value in headers:
                db.execute(f"PRAGMA {name} = {value}")
        accepted = True
        try:
            with Store(path) as store:
                found = {key: store.get(key) for key in data}
            for key, kept in found.items():
                assert kept is None or (kept[0]["x"] == data[key]).all()
        except StoreError as refused:
            accepted = False
            one_line(refused)
        assert accepted or headers
    TALLY.cases["stores", "accepted" if accepted else "refused"] += 1


@cases(300)
@given(
    st.dictionaries(st.text(max_size=3) | st.integers(), hostile.objects, max_size=3)
    | hostile.objects
)
def test_what_is_simulated_is_a_chunk_or_refused(data):
    accepted = True
    with bounded("a chunk"):
        try:
            kept = unpack(pack(checked(data)))
        except ChunkError as refused:
            accepted = False
            one_line(refused)
        else:
            assert kept.keys() == data.keys()
            assert all(np.array_equal(kept[name], data[name]) for name in data)
    TALLY.cases["chunks", "accepted" if accepted else "refused"] += 1


@cases(300)
@given(st.binary(max_size=300), st.sampled_from([0, 20, 60, 1000]), st.booleans())
def test_arrays_of_any_bytes_are_read_without_unpickling(raw, keep, npy):
    """What `unpack` reads has passed its checksum; here it has not."""
    good = io.BytesIO()
    np.save(good, np.array([{}], dtype=object), allow_pickle=True)
    blob = good.getvalue() if npy else pack({"x": np.arange(9)})
    with watched() as seen, bounded("arrays"), suppress(Exception):
        unpack(blob[:keep] + raw)
    assert "pickle.find_class" not in seen
    TALLY.cases["arrays", "refused"] += 1


scalars = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8)
json_values = (
    scalars | st.lists(scalars, max_size=3) | st.dictionaries(st.text(max_size=8), scalars)
)
REAL = json.loads(COMMITTED.read_text())


def _without_axes(one):
    """Drawing every figure would take the time of all the rest."""
    return {**one, "series": one["series"][:0]}


@cases(500)
@given(st.lists(st.tuples(st.integers(0, 10**6), json_values), max_size=3), st.text(max_size=40))
def test_results_of_any_kind_are_refused_or_reported(places, text):
    """Values of a real results.json are replaced at random; its words are hostile markdown."""
    chosen = REAL["claims"][len(text) % len(REAL["claims"])]
    data = copy.deepcopy({**REAL, "claims": [chosen]})
    evil = f"<script>{text}|[x](y)\n# head $\\input{{/etc/passwd}}$ ![i](http://a/b)"
    claim = data["claims"][0]
    for place in ("title", "reason", "statement", "notes", "source", "assumptions"):
        claim[place] = evil
    for some in (claim["cells"][:1], claim["alternatives"][:1]):
        for one in some:
            one |= {word: evil for word in ("quantity", "name", "why") if word in one}
    for number, value in places:
        at = data
        while isinstance(at, dict | list) and at:
            keys = sorted(at) if isinstance(at, dict) else range(len(at))
            key = keys[number % len(keys)]
            number //= len(keys)
            if number % 3 == 0 or not isinstance(at[key], dict | list):
                at[key] = copy.deepcopy(value)
                break
            at = at[key]
    with tempfile.TemporaryDirectory() as folder, bounded("results.json"):
        path = Path(folder) / "results.json"
        path.write_text(json.dumps(data))
        try:
            found = results.load(path)
        except results.ResultsError as refused:
            one_line(refused)
            TALLY.cases["results.json", "refused"] += 1
            return
        with watched() as seen:
            pages.write(
                {**found, "claims": [_without_axes(c) for c in found["claims"]]}, path.parent
            )
        written = "".join(p.read_text() for p in Path(folder).glob("*.md"))
        top = os.path.realpath(folder)
        assert all(place.startswith(top) for place in seen), seen
    TALLY.cases["results.json", "accepted"] += 1
    for bad in ("<script>", "\n# head", "[x](y)", "![i](", "$\\input"):
        assert bad not in written, bad


IDS = st.text(max_size=12) | st.sampled_from(
    [
        "README",
        "audit",
        "index",
        "T1\n",
        "../x",
        "/x",
        "a" * 41,
        "T1",
        "t1",
        "x/y",
        "Ⅷ",
        "-x",
        "CON",
    ]
)


@cases(300)
@given(st.lists(IDS, min_size=1, max_size=3))
def test_ids_are_names_of_pages_or_refused(ids):
    one = _without_axes(REAL["claims"][0])
    accepted = True
    try:
        results.check({**REAL, "claims": [{**one, "id": name} for name in ids]})
    except results.ResultsError as refused:
        accepted = False
        one_line(refused)
    named = {name.casefold() for name in ids}
    plain = all(re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9-]{0,39}", name) for name in ids)
    assert not accepted or (plain and len(named) == len(ids) and not named & {"readme", "audit"})
    TALLY.cases["ids", "accepted" if accepted else "refused"] += 1


@cases(100, 10)
@given(st.dictionaries(st.sampled_from(["index.md", "T1.md", "derivation.md", "figures"]), beside))
def test_places_of_a_report_of_any_kind(kinds):
    """A report is written to plain files of its own, or nothing is."""
    claim = {**_without_axes(REAL["claims"][0]), "id": "T1"}
    with tempfile.TemporaryDirectory() as folder, bounded(kinds):
        mine, out = Path(folder) / "mine", Path(folder) / "out"
        mine.write_text("mine")
        out.mkdir()
        for name, kind in kinds.items():
            BESIDE[kind](out / name, mine)
        before = sorted(os.listdir(out))
        accepted = True
        try:
            pages.write({**REAL, "claims": [claim]}, out)
        except FolderError as refused:
            accepted = False
            one_line(refused)
            assert sorted(os.listdir(out)) == before
        assert mine.read_text() == "mine"
        assert sorted(os.listdir(folder)) == ["mine", "out"]
    TALLY.cases["places of a report", "accepted" if accepted else "refused"] += 1


PLACES = st.sampled_from(sorted({*REAL["claims"][1]["series"][0], "other"}))
TEX = st.sampled_from(
    ["$\\frac{$", "$x^$", "\\input{/etc/passwd}", "$\\undefined$", "a_b^{", "\x00"]
)


@cases(40, 3)
@given(st.lists(st.tuples(PLACES, json_values), max_size=2), TEX)
def test_foreign_figures_are_drawn_or_refused(changes, text):
    """Labels are no mathematics, whatever stands in them; drawn to a file or refused."""
    claim = copy.deepcopy(next(c for c in REAL["claims"] if c["series"]))
    one = claim["series"][0]
    claim["series"] = [one]
    one |= {"label": text, "panel": text, "xlabel": text, **dict(changes)}
    with tempfile.TemporaryDirectory() as folder, bounded("a figure"):
        path = Path(folder) / "results.json"
        path.write_text(json.dumps({**REAL, "claims": [claim]}))
        code, _, _ = _reported(path)
    TALLY.cases["figures", "accepted" if code == 0 else "refused"] += 1


def _reported(path):
    return typed("verify", ["report", "--out", "out"], {"out/results.json": path.read_bytes()})


@cases(500)
@given(hostile.idx_files())
def test_idx_files_of_any_kind(files):
    """MNIST's files: right, cut, of other kinds, of impossible sizes, gzip bombs."""
    from numerics.networks.datasets import read_mnist

    accepted = True
    with tempfile.TemporaryDirectory() as folder, bounded(sorted(files)):
        for name, raw in files.items():
            (Path(folder) / name).write_bytes(raw)
        try:
            read_mnist(folder)
        except numerics.InputError as refused:
            accepted = False
            one_line(refused)
    TALLY.cases["IDX files", "accepted" if accepted else "refused"] += 1
