"""Images to train on: scikit-learn's handwritten digits, or MNIST from its four IDX files.

Nothing is downloaded. Pixels are scaled to [0, 1]; the images stay as they are otherwise.
"""

from __future__ import annotations

import gzip
import hashlib
import math
import os
import struct
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from numerics.core.backend import InputError
from numerics.core.checks import check_integer, check_word
from numerics.core.streams import stream

CLASSES = 10
MNIST_SIDE = 10
"""Side to which MNIST's 28 x 28 images are reduced."""

MOST_BYTES = 1 << 26
"""Of an IDX file, unpacked; MNIST's largest has 47 MB."""

# same (numbers): images that are reduced at once
AT_ONCE = 4096
"""Images that are floats at once, before they are reduced."""

DIGITS_TRAIN = 1344
"""Of the 1797 digits, those to train on: 42 minibatches of 32; the other 453 are the test."""

IMAGES, LABELS = 2051, 2049
"""The magic numbers of IDX: unsigned bytes, of three axes or of one."""

MNIST_FILES = {
    "train_x": ("train-images-idx3-ubyte", IMAGES),
    "train_y": ("train-labels-idx1-ubyte", LABELS),
    "test_x": ("t10k-images-idx3-ubyte", IMAGES),
    "test_y": ("t10k-labels-idx1-ubyte", LABELS),
}


@dataclass(frozen=True)
class Dataset:
    """Images with their labels, in two parts.

    Attributes
    ----------
    name : str
    train_x, test_x : ndarray, shape (images, pixels)
        Float64 in [0, 1], row by row of each image.
    train_y, test_y : ndarray, shape (images,)
        Integers 0..9.
    classes : int
        Their number, and that of a network's outputs.
    """

    name: str
    train_x: npt.NDArray[np.float64]
    train_y: npt.NDArray[np.int64]
    test_x: npt.NDArray[np.float64]
    test_y: npt.NDArray[np.int64]
    classes: int = CLASSES

    @property
    def digest(self) -> str:
        """SHA-256 of the images and labels: the same from whatever folder they were read."""
        total = hashlib.sha256()
        for part in (self.train_x, self.train_y, self.test_x, self.test_y):
            total.update(f"{part.dtype.str} {part.shape}".encode())
            total.update(np.ascontiguousarray(part).tobytes())
        return total.hexdigest()


@dataclass(frozen=True)
class Mnist:
    """MNIST where it lies, and what it was when it was first read: called, it is the `Dataset`.

    Attributes
    ----------
    folder : str
    digest : str
        That of the data. Whoever reads other data there is told so.
    """

    folder: str
    digest: str

    @classmethod
    def at(cls, folder: Path | str) -> Mnist:
        """Return the data set in a folder.

        Raises
        ------
        InputError
            As in `read_mnist`.
        """
        return cls(str(Path(folder).absolute()), read_mnist(folder).digest)

    def __call__(self) -> Dataset:
        """Return the data, read once a process.

        Raises
        ------
        InputError
            As in `read_mnist`, or if the data are others than they were.
        """
        return _as_it_was(self)


@lru_cache(maxsize=1)
def _as_it_was(mnist: Mnist) -> Dataset:
    data = read_mnist(mnist.folder)
    if data.digest != mnist.digest:
        raise InputError(
            f"mnist: got other data in {mnist.folder!r} than a moment ago; takes one set a run"
        )
    return data


def load(name: str = "digits", mnist: Path | str | None = None) -> Dataset:
    """Return a data set by its name.

    Parameters
    ----------
    name : {"digits", "mnist"}
    mnist : path, optional
        The folder with MNIST's four files, plain or gzip; for "mnist" alone, and needed there.

    Returns
    -------
    Dataset

    Raises
    ------
    InputError
        An unknown name, or a folder that is missing, lacks a file or holds a damaged one.

    Examples
    --------
    >>> data = load("digits")
    >>> data.train_x.shape, data.test_x.shape
    ((1344, 64), (453, 64))
    """
    check_word("data", name, ("digits", "mnist"))
    if name == "digits":
        if mnist is not None:
            raise InputError.of("mnist", str(mnist), "a folder beside data mnist only")
        return digits()
    if mnist is None:
        raise InputError.of("mnist", None, "the folder with MNIST's four IDX files")
    return read_mnist(mnist)


def digits() -> Dataset:
    """Return the 1797 scans, 8 x 8, that scikit-learn bundles (Alpaydin and Kaynak 1998).

    They are shuffled once, by a stream of fixed seed, into `DIGITS_TRAIN` to train on and the rest
    to test on: the same split in every run.

    Examples
    --------
    >>> int(np.bincount(digits().test_y).min())
    39
    """
    from sklearn.datasets import load_digits

    bunch = load_digits()
    order = stream(0, "digits", "split").generator().permutation(len(bunch.target))
    x = np.asarray(bunch.data, dtype=np.float64)[order] / 16
    y = np.asarray(bunch.target, dtype=np.int64)[order]
    n = DIGITS_TRAIN
    return Dataset("digits", x[:n], y[:n], x[n:], y[n:])


def read_mnist(folder: Path | str, side: int = MNIST_SIDE) -> Dataset:
    """Return MNIST from its four IDX files in `folder`, plain or gzip, reduced to side x side.

    Raises
    ------
    InputError
        A file is missing, truncated, of another kind than its name says, or does not fit its
        partner.
    """
    side = check_integer("side", side, least=1)
    root = Path(folder)
    if not os.path.isdir(root):  # Path.is_dir raises where a name is too long
        raise InputError.of("mnist", str(folder), "a folder with MNIST's four IDX files")
    parts: dict[str, Any] = {}
    for part, (stem, magic) in MNIST_FILES.items():
        parts[part] = read_idx(_find(root, stem), magic)
    for part in ("train", "test"):
        images, labels = parts[f"{part}_x"], parts[f"{part}_y"]
        if len(images) != len(labels):
            raise InputError(
                f"mnist: got {len(images)} {part} images with {len(labels)} labels; "
                "takes one label an image"
            )
        if len(labels) == 0 or labels.max() >= CLASSES:
            raise InputError(f"mnist: got {part} labels outside 0..9 or none; takes digits")
        small = np.concatenate([area_average(some / 255.0, side) for some in _batches(images)])
        parts[f"{part}_x"] = small.reshape(len(small), side * side)
        parts[f"{part}_y"] = labels.astype(np.int64)
    if parts["train_x"].shape[1] != parts["test_x"].shape[1]:
        raise InputError("mnist: got images of two sizes; takes one size")
    return Dataset("mnist", **parts)


def _batches(images: npt.NDArray[np.uint8]) -> Iterator[npt.NDArray[np.uint8]]:
    """Yield some images at a time: as floats they take eight times the memory."""
    for i in range(0, len(images), AT_ONCE):
        yield images[i : i + AT_ONCE]


def _find(root: Path, stem: str) -> Path:
    """Return the file of this name, plain or gzip; a dot may stand for the last hyphen."""
    dotted = stem.replace("-idx", ".idx")
    for name in (stem, f"{stem}.gz", dotted, f"{dotted}.gz"):
        if os.path.isfile(root / name):
            return root / name
    raise InputError(f"mnist: got no {stem} (or .gz) in {str(root)!r}; takes all four IDX files")


def read_idx(file: Path, magic: int) -> npt.NDArray[np.uint8]:
    """Return the array of an IDX file, plain or gzip, whose first word must be `magic`.

    Parameters
    ----------
    file : Path
    magic : {2051, 2049}
        `IMAGES` or `LABELS`: unsigned bytes of three axes or one.

    Returns
    -------
    ndarray of uint8
        Of the shape that the header says.

    Raises
    ------
    InputError
        The file cannot be read, is truncated, too long, or of another kind.
    """
    # same (256 -> 512): of 2051 and 2049 the same
    axes = magic % 256
    head = 4 + 4 * axes
    try:
        with file.open("rb") as plain:
            packed = plain.read(2) == b"\x1f\x8b"
        with gzip.open(file) if packed else file.open("rb") as opened:
            begun = opened.read(head)
            size = _announced(file, begun, magic)
            # same (1 -> 2): one byte more, or two, are too many
            raw = opened.read(size + 1)
    except (OSError, EOFError, zlib.error) as error:
        raise InputError(f"mnist: got {file.name} that cannot be read ({error})") from error
    if len(raw) != size:
        many = f"{len(raw)} bytes of data" if len(raw) < size else "more data"
        raise InputError(f"mnist: got {file.name} with {many}; its header says {size}")
    return np.frombuffer(raw, dtype=np.uint8).reshape(struct.unpack(f">{axes}I", begun[4:]))


def _announced(file: Path, head: bytes, magic: int) -> int:
    """Return how many bytes an IDX file of this head has, before they are unpacked."""
    # same (256 -> 512): of 2051 and 2049 the same
    axes = magic % 256
    if len(head) < 4 + 4 * axes:
        raise InputError(f"mnist: got {file.name} of {len(head)} bytes; takes an IDX file")
    word, *shape = struct.unpack(f">{1 + axes}I", head)
    if word != magic:
        raise InputError(
            f"mnist: got {file.name} with magic number {word}; takes {magic} "
            f"({'images' if magic == IMAGES else 'labels'})"
        )
    size: int = math.prod(shape)
    if size > MOST_BYTES:
        raise InputError(
            f"mnist: got {file.name} of {size} bytes by its header; takes MNIST's files, "
            f"at most {MOST_BYTES}"
        )
    return size


def area_average(images: npt.NDArray[Any], side: int) -> npt.NDArray[np.float64]:
    """Return images (n, a, b) reduced to (n, side, side): each pixel the mean over its area.

    An old pixel that lies across a border counts in both new ones by its share, so the mean of
    every image stays what it was.

    Examples
    --------
    >>> area_average(np.arange(9.0).reshape(1, 3, 3), 1)
    array([[[4.]]])
    """
    _, rows, columns = images.shape
    if side > min(rows, columns):
        raise InputError.of("mnist", f"{rows} x {columns} images", f"at least {side} x {side}")
    return np.asarray(_shares(rows, side) @ images @ _shares(columns, side).T, dtype=np.float64)


def _shares(old: int, new: int) -> npt.NDArray[np.float64]:
    """Return the (new, old) matrix whose row i averages the interval i*old/new..(i+1)*old/new."""
    start = np.arange(new)[:, None] * old / new
    pixel = np.arange(old)[None, :]
    cover = np.minimum(start + old / new, pixel + 1) - np.maximum(start, pixel)
    return np.asarray(np.clip(cover, 0.0, None) * new / old, dtype=np.float64)


SOURCES: Mapping[str, str] = {
    "digits": "scikit-learn's 1797 handwritten digits, 8 x 8",
    "mnist": "MNIST, reduced to 10 x 10",
}
"""What a data set is, for people."""
