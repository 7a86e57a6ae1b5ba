import gzip
import struct

import numpy as np
import pytest

from numerics import InputError
from numerics.networks.datasets import (
    IMAGES,
    LABELS,
    MNIST_FILES,
    area_average,
    digits,
    load,
    read_idx,
)

SHAPES = {"train": 12, "test": 5}


def idx(magic, array):
    return struct.pack(f">{1 + array.ndim}I", magic, *array.shape) + array.tobytes()


def write(folder, pack=lambda raw: raw, suffix="", side=28, dotted=False):
    """Four IDX files; return what they hold."""
    rng = np.random.default_rng(0)
    held = {}
    for part, (stem, magic) in MNIST_FILES.items():
        n = SHAPES[part.split("_")[0]]
        shape = (n, side, side) if magic == IMAGES else (n,)
        array = rng.integers(0, 256 if magic == IMAGES else 10, shape).astype(np.uint8)
        name = stem.replace("-idx", ".idx") if dotted else stem
        (folder / (name + suffix)).write_bytes(pack(idx(magic, array)))
        held[part] = array
    return held


def test_digits_are_those_of_scikit_learn_split_once():
    from sklearn.datasets import load_digits

    data, bunch = digits(), load_digits()
    assert data.train_x.shape == (1344, 64)
    assert data.test_x.shape == (453, 64)
    x = np.concatenate([data.train_x, data.test_x]) * 16
    y = np.concatenate([data.train_y, data.test_y])
    both = lambda a, b: sorted(map(tuple, np.column_stack([a, b]).astype(int).tolist()))  # noqa: E731
    assert both(x, y) == both(bunch.data, bunch.target)
    # The split is at random: the shares of the labels differ by no more than chance.
    share = np.bincount(data.test_y, minlength=10) / 453
    assert abs(share - np.bincount(y, minlength=10) / 1797).max() < 5 * (0.09 / 453) ** 0.5
    assert (y[:20] != bunch.target[:20]).any()


@pytest.mark.parametrize("dotted", [False, True])
@pytest.mark.parametrize(("pack", "suffix"), [(lambda raw: raw, ""), (gzip.compress, ".gz")])
def test_mnist_is_read_plain_and_gzip(tmp_path, pack, suffix, dotted):
    held = write(tmp_path, pack, suffix, dotted=dotted)
    data = load("mnist", tmp_path)
    assert data.train_x.shape == (12, 100)
    assert data.test_x.shape == (5, 100)
    assert (data.train_y == held["train_y"]).all()
    assert (data.test_y == held["test_y"]).all()
    # The mean brightness stays; and a pixel is the mean of its area, here by brute force: every
    # old pixel cut into 10 x 10 equal pieces, 28 x 28 of them to a new one.
    fine = np.kron(held["train_x"][3] / 255, np.ones((10, 10)))
    small = fine.reshape(10, 28, 10, 28).mean(axis=(1, 3))
    np.testing.assert_allclose(data.train_x[3].reshape(10, 10), small, atol=1e-14)
    # Nearest pixels or cropped corners would not pass.
    assert abs(held["train_x"][3, ::3, ::3] / 255 - small).max() > 0.1


def test_area_average_of_equal_size_changes_nothing():
    images = np.random.default_rng(0).random((2, 7, 7))
    np.testing.assert_allclose(area_average(images, 7), images)
    with pytest.raises(InputError, match="at least 8 x 8"):
        area_average(images, 8)


def damage(folder, how):
    """Spoil one of four good files."""
    images = folder / MNIST_FILES["train_x"][0]
    labels = folder / MNIST_FILES["train_y"][0]
    raw = images.read_bytes()
    if how == "missing":
        images.unlink()
    elif how == "truncated":
        images.write_bytes(raw[:-1])
    elif how == "too long":
        images.write_bytes(raw + b"\0")
    elif how == "empty":
        images.write_bytes(b"")
    elif how == "header cut":
        images.write_bytes(raw[:10])
    elif how == "mislabelled":
        images.write_bytes(labels.read_bytes())
    elif how == "labels for images":
        labels.write_bytes(raw)
    elif how == "broken gzip":
        images.write_bytes(gzip.compress(raw)[:-20])
    elif how == "spoiled gzip":
        packed = bytearray(gzip.compress(raw))
        packed[40:60] = b"\xff" * 20
        images.write_bytes(bytes(packed))
    elif how == "too few labels":
        labels.write_bytes(idx(LABELS, np.zeros(11, np.uint8)))
    elif how == "label 10":
        labels.write_bytes(idx(LABELS, np.full(12, 10, np.uint8)))
    elif how == "huge header":
        images.write_bytes(struct.pack(">4I", IMAGES, 2**32 - 1, 2**32 - 1, 2**32 - 1))
    elif how == "unpacks to 260 MB":
        head = struct.pack(">4I", IMAGES, 2_600_000, 10, 10)
        images.write_bytes(gzip.compress(head + bytes(260_000_000), 1))
    elif how == "a folder for a file":
        images.unlink()
        images.mkdir()
    elif how == "smaller than 10":
        images.write_bytes(idx(IMAGES, np.zeros((12, 8, 8), np.uint8)))


@pytest.mark.parametrize(
    ("how", "says"),
    [
        ("missing", "got no train-images-idx3-ubyte"),
        ("truncated", "header says"),
        ("too long", "header says"),
        ("empty", "of 0 bytes"),
        ("header cut", "of 10 bytes"),
        ("mislabelled", "takes 2051"),
        ("labels for images", "takes 2049"),
        ("broken gzip", "cannot be read"),
        ("spoiled gzip", "cannot be read"),
        ("too few labels", "12 train images with 11 labels"),
        ("label 10", "outside 0..9"),
        ("huge header", "by its header"),
        ("unpacks to 260 MB", "of 260000000 bytes by its header"),
        ("a folder for a file", "got no train-images-idx3-ubyte"),
        ("smaller than 10", "at least 10 x 10"),
    ],
)
def test_damaged_folders_are_refused_in_one_line(tmp_path, how, says):
    write(tmp_path)
    damage(tmp_path, how)
    with pytest.raises(InputError, match=says) as refused:
        load("mnist", tmp_path)
    assert str(refused.value).startswith("mnist: got ")
    assert "\n" not in str(refused.value)


def test_other_bad_arguments(tmp_path):
    with pytest.raises(InputError, match="data: got"):
        load("cifar")
    with pytest.raises(InputError, match="mnist: got"):
        load("mnist")
    with pytest.raises(InputError, match="mnist: got"):
        load("digits", tmp_path)
    with pytest.raises(InputError, match="mnist: got"):
        load("mnist", tmp_path / "nowhere")
    for name in ("x" * 400, "a\0b"):  # names that no file can have
        with pytest.raises(InputError, match="takes a folder"):
            load("mnist", name)
    file = tmp_path / "x"
    file.write_bytes(idx(LABELS, np.arange(3, dtype=np.uint8)))
    assert read_idx(file, LABELS).tolist() == [0, 1, 2]


def test_the_largest_file_is_twice_to_the_twenty_sixth_and_mnists_own_fit():
    from pathlib import Path

    from numerics.networks.datasets import _announced

    def head(*shape):
        return struct.pack(f">{1 + len(shape)}I", IMAGES, *shape)

    assert _announced(Path("x"), head(60_000, 28, 28), IMAGES) == 47_040_000
    assert _announced(Path("x"), head(1 << 26, 1, 1), IMAGES) == 1 << 26
    for too_many in ((1 << 26) + 1, (1 << 26) + (1 << 20)):
        with pytest.raises(InputError, match="by its header"):
            _announced(Path("x"), head(too_many, 1, 1), IMAGES)


def test_labels_are_the_ten_digits_and_there_is_one_at_least(tmp_path):
    write(tmp_path)
    labels, images = (tmp_path / MNIST_FILES[part][0] for part in ("train_y", "train_x"))
    labels.write_bytes(idx(LABELS, np.full(12, 9, np.uint8)))
    assert (load("mnist", tmp_path).train_y == 9).all()
    labels.write_bytes(idx(LABELS, np.zeros(0, np.uint8)))
    images.write_bytes(idx(IMAGES, np.zeros((0, 28, 28), np.uint8)))
    with pytest.raises(InputError, match="or none"):
        load("mnist", tmp_path)


def test_images_are_reduced_to_any_side_and_read_again_as_they_were(tmp_path):
    from numerics.networks.datasets import Mnist, read_mnist

    held = write(tmp_path)
    one = read_mnist(tmp_path, 1)
    np.testing.assert_allclose(one.train_x[:, 0], held["train_x"].mean(axis=(1, 2)) / 255)
    assert read_mnist(tmp_path, 28).test_x.shape == (5, 784)
    np.testing.assert_allclose(read_mnist(tmp_path, 28).test_x, held["test_x"].reshape(5, -1) / 255)
    with pytest.raises(InputError, match="side: got 0"):
        read_mnist(tmp_path, 0)
    there = Mnist.at(tmp_path)
    assert there().digest == there.digest == read_mnist(tmp_path).digest
    held["train_y"][0] = 9 - held["train_y"][0]
    (tmp_path / MNIST_FILES["train_y"][0]).write_bytes(idx(LABELS, held["train_y"]))
    assert there() is there()  # once a process
    with pytest.raises(InputError, match="other data"):
        Mnist(str(tmp_path), there.digest[::-1])()


def test_unlike_sides_average_rows_and_columns_by_themselves():
    images = np.random.default_rng(0).random((2, 4, 6))
    found = area_average(images, 3)
    wide = np.kron(images, np.ones((1, 3, 3)))  # 12 x 18
    np.testing.assert_allclose(found, wide.reshape(2, 3, 4, 3, 6).mean(axis=(2, 4)))
    assert area_average(images, 4).shape == (2, 4, 4)
    with pytest.raises(InputError, match="at least 5 x 5"):
        area_average(images, 5)


def test_the_split_of_the_digits_is_the_same_in_every_run():
    data = digits()
    assert np.bincount(data.test_y).min() == 39
    assert data.train_y[:8].tolist() == [1, 0, 3, 3, 7, 7, 3, 6]
    assert data.test_y[-8:].tolist() == [1, 7, 2, 0, 2, 0, 3, 5]


def test_a_header_is_read_byte_by_byte(tmp_path):
    """0, 0, unsigned bytes, the number of axes; then each axis in four bytes, the largest first."""
    file = tmp_path / "x"
    images = b"\0\0\x08\x03" + b"\0\0\0\x01" + b"\0\0\0\x02" + b"\0\0\0\x03"
    file.write_bytes(images + bytes(range(6)))
    assert read_idx(file, IMAGES).tolist() == [[[0, 1, 2], [3, 4, 5]]]
    file.write_bytes(b"\0\0\x08\x01" + b"\0\0\0\x02" + b"\x07\x09")
    assert read_idx(file, LABELS).tolist() == [7, 9]
    for cut in (15, 13, 3):
        file.write_bytes(images[:cut])
        with pytest.raises(InputError, match=f"of {cut} bytes"):
            read_idx(file, IMAGES)
