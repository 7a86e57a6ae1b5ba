"""A chunk of samples as bytes, and what may be one."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from verify.claim import Data

MOST_BYTES = 2**30  # of a chunk; the largest of the paper profile is a thousandth of that
_KINDS = "biuf"  # booleans, integers, floats: no complex numbers, no objects, no text


class ChunkError(ValueError):
    """What was simulated, or read back, is no chunk; the message says why."""


def checked(data: object) -> Data:
    """Return ``data`` if it is a chunk: real arrays by name, each with at least one unit, no infinity.

    NaN is how a claim marks a unit that came to nothing; no comparison takes one.

    Raises
    ------
    ChunkError
        For anything else.

    Examples
    --------
    >>> sorted(checked({"x": np.zeros(3)}))
    ['x']
    >>> checked({"x": np.zeros(0)})
    Traceback (most recent call last):
        ...
    verify.engine.chunks.ChunkError: 'x' has no units
    """
    if not isinstance(data, Mapping) or not data:
        raise ChunkError(f"a chunk is arrays by name, not {type(data).__name__}")
    for name, values in data.items():
        if not isinstance(name, str) or not isinstance(values, np.ndarray):
            raise ChunkError(f"{name!r} is {type(values).__name__}, not an array")
        if values.dtype.kind not in _KINDS:
            raise ChunkError(f"{name!r} holds {values.dtype}, not real numbers")
        if values.ndim == 0 or len(values) == 0:
            raise ChunkError(f"{name!r} has no units")
        if values.dtype.kind == "f" and np.isinf(values).any():
            raise ChunkError(f"{name!r} holds an infinity")
    if sum(values.nbytes for values in data.values()) > MOST_BYTES:
        raise ChunkError(f"it takes over {MOST_BYTES >> 30} GiB")
    return data


def pack(data: Data) -> bytes:
    """Arrays as an uncompressed .npz (no pickles)."""
    buffer = io.BytesIO()
    np.savez(buffer, allow_pickle=False, **{k: np.asarray(v) for k, v in data.items()})
    return buffer.getvalue()


def unpack(blob: bytes) -> dict[str, NDArray[Any]]:
    """Arrays from `pack`.

    Raises
    ------
    ChunkError
        For what `pack` never wrote: compressed members, which may grow a thousandfold, pickles, no
        archive at all, or arrays that are no chunk.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(blob)) as archive:
            members = archive.infolist()
        if any(one.compress_type != zipfile.ZIP_STORED for one in members):
            raise ChunkError("it is compressed")
        if sum(one.file_size for one in members) > len(blob):
            raise ChunkError("it claims to be larger than it is")
        with np.load(io.BytesIO(blob), allow_pickle=False) as arrays:
            found = {name: arrays[name] for name in arrays.files}
    except ChunkError:
        raise
    except Exception as error:  # zipfile and NumPy raise a dozen kinds for bytes made up
        raise ChunkError(f"it cannot be read ({type(error).__name__})") from error
    checked(found)
    return found
