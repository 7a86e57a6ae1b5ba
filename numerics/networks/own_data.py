"""Images and labels of one's own: arrays, an .npz file or a `Dataset`."""

from __future__ import annotations

import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from numerics.core.backend import InputError
from numerics.networks.datasets import Dataset, load

PARTS = ("train_x", "train_y", "test_x", "test_y")
KERAS = ("x_train", "y_train", "x_test", "y_test")
NAMES = ("digits", "mnist")
# guard (all): what is refused
# tests/numerics/networks/test_own_data.py::test_what_cannot_be_trained_on_is_named
MOST_CLASSES = 1000
TAKES = "digits, mnist, an .npz file, a Dataset, or arrays train_x, train_y, test_x, test_y"

Data = str | Path | Dataset | Mapping[str, npt.ArrayLike] | Sequence[npt.ArrayLike]


def dataset(data: Data, mnist: Path | str | None = None, least: int = 1) -> Dataset:
    """Return the data set that is meant by `data`.

    Parameters
    ----------
    data : str, path, Dataset, mapping or sequence
        "digits" or "mnist", as `numerics.networks.load` takes them; an .npz file, or a mapping, with
        arrays train_x, train_y, test_x, test_y (or x_train, ..., as Keras has them); these four
        arrays; or a `Dataset`. x is (samples, ...), of real numbers, unsigned bytes being divided by
        255; y holds labels 0, 1, ...: there are as many classes as the largest says.
    mnist : path, optional
        As in `numerics.networks.load`.
    least : int
        Samples to train on that there must be.

    Returns
    -------
    Dataset

    Raises
    ------
    InputError
        For anything else, in one line.

    Examples
    --------
    >>> x, y = np.array([[0.0, 1.0], [1.0, 0.0], [1.0, 1.0]]), [0, 2, 1]
    >>> own = dataset((x, y, x, y))
    >>> own.name, own.train_x.shape, own.classes
    ('own', (3, 2), 3)
    """
    found = _dataset(data, mnist)
    if len(found.train_y) < least:
        got = f"{len(found.train_y)} samples to train on"
        raise InputError.of("data", got, f"at least {least}, one minibatch")
    return found


def _dataset(data: Data, mnist: Path | str | None) -> Dataset:
    """Return `dataset`, of any size."""
    if isinstance(data, str) and not data.endswith(".npz"):
        if data not in NAMES:
            raise InputError.of("data", data, TAKES)
        return load(data, mnist)
    if mnist is not None:
        raise InputError.of("mnist", str(mnist), "a folder beside data mnist only")
    if isinstance(data, Dataset):
        return _checked([getattr(data, part) for part in PARTS], data.name)
    return _checked(_arrays(_read(data) if isinstance(data, str | Path) else data))


def _read(file: str | Path) -> dict[str, Any]:
    """Return the arrays of an .npz file; nothing in it is unpickled."""
    try:
        with Path(file).open("rb") as opened:
            archive = np.load(opened, allow_pickle=False)
            if isinstance(archive, np.ndarray):
                raise InputError.of("data", str(file), "an .npz file: numpy.savez writes one")
            return {name: archive[name] for name in archive.files}
    except InputError:
        raise
    except (OSError, ValueError, EOFError, zipfile.BadZipFile) as error:
        why = " ".join(str(error).split())[:200]
        raise InputError(f"data: got {str(file)!r} that cannot be read ({why})") from None


def _arrays(data: object) -> list[Any]:
    """Return the four arrays, by name or in their order."""
    if isinstance(data, Mapping):
        for names in (PARTS, KERAS):
            if all(name in data for name in names):
                return [data[name] for name in names]
        raise InputError.of("data", sorted(map(str, data)), f"arrays named {', '.join(PARTS)}")
    if isinstance(data, Sequence) and not isinstance(data, str | bytes) and len(data) == len(PARTS):
        return list(data)
    raise InputError.of("data", data, TAKES)


def _checked(arrays: Sequence[Any], name: str = "own") -> Dataset:
    """Return the data set of four arrays, if they fit each other."""
    train_x, test_x = (_images(PARTS[i], arrays[i]) for i in (0, 2))
    train_y, test_y = (_labels(PARTS[i], arrays[i]) for i in (1, 3))
    for part, x, y in (("train", train_x, train_y), ("test", test_x, test_y)):
        if len(x) != len(y):
            raise InputError.of(f"{part}_y", f"{len(y)} labels", f"one for each of {len(x)} images")
    if train_x.shape[1] != test_x.shape[1]:
        takes = f"{train_x.shape[1]} numbers a sample, as train_x has"
        raise InputError.of("test_x", f"{test_x.shape[1]} numbers a sample", takes)
    classes = 1 + int(max(train_y.max(), test_y.max(), 1))
    return Dataset(name, train_x, train_y, test_x, test_y, classes)


def _images(part: str, array: Any) -> npt.NDArray[np.float64]:
    """Return samples as rows of float64."""
    x = _array(part, array)
    # guard (all): what is refused
    # tests/numerics/networks/test_own_data.py::test_what_cannot_be_trained_on_is_named
    if x.dtype.kind not in "fiub" or x.ndim < 2 or not x.size:
        raise InputError.of(part, f"{x.dtype} of shape {x.shape}", "real numbers, (samples, ...)")
    rows = x.reshape(len(x), -1).astype(np.float64)
    if not np.isfinite(rows).all():
        raise InputError.of(part, "NaN or infinity", "finite numbers")
    return rows / 255 if x.dtype == np.uint8 else rows


def _labels(part: str, array: Any) -> npt.NDArray[np.int64]:
    """Return labels as integers 0, 1, ..."""
    y = _array(part, array)
    takes = f"integers 0..{MOST_CLASSES - 1}, one a sample"
    # guard (all): what is refused
    # tests/numerics/networks/test_own_data.py::test_what_cannot_be_trained_on_is_named
    if y.dtype.kind not in "iub" or y.ndim != 1 or not y.size:
        raise InputError.of(part, f"{y.dtype} of shape {y.shape}", takes)
    if int(y.min()) < 0 or int(y.max()) >= MOST_CLASSES:
        raise InputError.of(part, f"labels from {y.min()} to {y.max()}", takes)
    return y.astype(np.int64)


def _array(part: str, array: Any) -> npt.NDArray[Any]:
    try:
        return np.asarray(array)
    except (ValueError, TypeError):
        raise InputError.of(part, array, "an array") from None
