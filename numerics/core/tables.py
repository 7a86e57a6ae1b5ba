"""Results as tables of pandas, where it is installed."""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from typing import Any

import numpy.typing as npt

from numerics.core.backend import InputError


def to_frame(columns: Mapping[str, npt.ArrayLike]) -> Any:
    """Return a pandas DataFrame of these columns, all of one length.

    Raises
    ------
    InputError
        Where pandas is not installed.
    """
    try:
        pandas = importlib.import_module("pandas")
    except ImportError:
        raise InputError("to_pandas: got no pandas; takes pandas installed") from None
    return pandas.DataFrame(dict(columns))
