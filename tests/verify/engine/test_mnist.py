"""MNIST as data that the user gives: what runs with it, and what its chunks are kept under."""

import gzip
import struct
from dataclasses import replace

import numpy as np
import pytest

from numerics import InputError
from numerics.networks.datasets import IMAGES, MNIST_FILES, Mnist
from verify import claims
from verify.claim import Claim, Piece, Setting, each, of_mnist, per_profile
from verify.engine import look, runner
from verify.engine.options import Options
from verify.engine.tasks import work
from verify.evidence import Sampled
from verify.report import results
from verify.statistics.significance import mean_cell

GRID = ({"n1": 1}, {"data": "mnist", "images": 6, "n1": 1})


def simulate(params, stream, chunk, xp, data=None):
    """Of MNIST: images and labels as they are; of the rest: draws."""
    if of_mnist(params):
        seen = data()
        return {"x": seen.train_x.sum(axis=1), "y": seen.train_y}
    x = stream.generator(chunk).standard_normal(20)
    return {"x": x, "y": x}


def compare(seen):
    return [mean_cell(seen.params, "mean", 0.0, seen.data["x"])]


CLAIM = Claim(
    id="M",
    title="a mean",
    rows=("F4",),
    statement="",
    source="",
    assumptions="",
    evidence=Sampled(
        grid=GRID,
        predict=lambda params: {},
        simulate=simulate,
        compare=each(compare),
        chunks=per_profile(quick=2, standard=3, paper=3),
    ),
    alternatives=(),
    lacks={"F4": "more"},
    lacks_without_mnist={"F4": "MNIST"},
)


def write(folder, seed=0, pack=lambda raw: raw):
    folder.mkdir(exist_ok=True)
    rng = np.random.default_rng(seed)
    for part, (stem, magic) in MNIST_FILES.items():
        n = 12 if part.startswith("train") else 5
        shape = (n, 12, 12) if magic == IMAGES else (n,)
        array = rng.integers(0, 256 if magic == IMAGES else 10, shape).astype(np.uint8)
        head = struct.pack(f">{1 + array.ndim}I", magic, *shape)
        for old in folder.glob(f"{stem}*"):
            old.unlink()
        suffix = "" if pack is not gzip.compress else ".gz"
        (folder / (stem + suffix)).write_bytes(pack(head + array.tobytes()))
    return folder


@pytest.fixture
def claim(monkeypatch):
    module = "verify.claims.training.f4_width"  # whose sources stand for those of the claim
    for where in (look, claims, __import__("verify.engine.tasks", fromlist=["find"])):
        monkeypatch.setattr(where, "find", lambda _: CLAIM)
    monkeypatch.setattr(look, "module_of", lambda _: module)
    return CLAIM


def keys(mnist):
    one = look.Look([CLAIM], 1, Options(profile="quick"), None, 0.01, mnist)
    tasks = list(one._tasks(CLAIM))
    return {
        task.arguments["piece"]: look.key_of(one._job("M", task.arguments["piece"]))
        for task in tasks
    }


def test_grid_points_of_mnist_run_where_it_is_given_alone(claim, tmp_path):
    plain = keys(None)
    given = keys(Mnist.at(write(tmp_path / "a")))
    assert set(plain) == {Piece(0, 0), Piece(0, 1)}
    assert set(given) == {*plain, Piece(1, 0), Piece(1, 1)}
    assert {piece: given[piece] for piece in plain} == plain  # chunks of digits stay what they were


def test_chunks_are_kept_under_the_data_wherever_they_lie(claim, tmp_path):
    here, there = (
        Mnist.at(write(tmp_path / "a")),
        Mnist.at(write(tmp_path / "b", pack=gzip.compress)),
    )
    other = Mnist.at(write(tmp_path / "c", seed=1))
    assert here.folder != there.folder
    assert keys(here) == keys(there)
    assert keys(other)[Piece(1, 0)] != keys(here)[Piece(1, 0)]


def test_a_worker_takes_the_data_that_were_given_and_no_other(claim, tmp_path):
    folder = write(tmp_path / "a")
    mnist = Mnist.at(folder)
    found = work("M", Piece(1, 0), Setting("quick", mnist=mnist))
    np.testing.assert_array_equal(found["y"], mnist().train_y)
    write(folder, seed=1)
    with pytest.raises(InputError, match="mnist: got other data in"):
        work("M", Piece(1, 0), Setting("quick", mnist=replace(mnist, folder=f"{folder}/.")))


def test_results_say_what_was_run_on_what(claim, tmp_path):
    mnist = Mnist.at(write(tmp_path / "a"))
    for given, lacks, data in (
        (None, "MNIST; more", ["digits"]),
        (mnist, "more", ["digits", "MNIST 10 x 10"]),
    ):
        options = Options(profile="quick", mnist=given, executor="serial")
        one = look.Look([CLAIM], 1, options, None, 0.01, given)
        one.work()
        result = runner._result(CLAIM, one, one, False, "quick")
        whole = results.as_json([result], options, 1.0)
        results.check(whole)
        [told] = whole["claims"]
        assert (told["lacks"], told["data"]) == ({"F4": lacks}, data)
        assert whole["provenance"].get("mnist") == (given and given.digest)
        assert len(told["cells"]) == 1 + (given is not None)
