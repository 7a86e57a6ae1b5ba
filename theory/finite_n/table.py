"""Mean numbers of critical points at several N, indices and levels at once."""

from __future__ import annotations

import importlib
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from theory.arithmetic.ball import Ball
from theory.arithmetic.broadcast import is_several, over
from theory.checks import InputError
from theory.finite_n.counts import Count, mean_count
from theory.model import Mixture

Real = npt.NDArray[np.float64]

# same (numbers): rows that a notebook shows
_SHOWN = 20


@dataclass(frozen=True)
class Counts:
    """Mean numbers of critical points, of one shape.

    Attributes
    ----------
    n
        Numbers of spins.
    k
        Indices; None where all are counted.
    below
        Levels H/N up to which points are counted; nan for all.
    log
        Natural logarithms of the mean numbers.
    relative_error
        Estimates of the relative errors.
    """

    n: npt.NDArray[np.int64]
    k: npt.NDArray[np.object_]
    below: Real
    log: Real
    relative_error: Real

    @property
    def shape(self) -> tuple[int, ...]:
        """Of each array."""
        return self.log.shape

    @property
    def mean(self) -> Real:
        """The mean numbers; inf and 0 where float64 has none: their logarithms are in ``log``."""
        with np.errstate(over="ignore", under="ignore"):
            return np.exp(self.log)

    def __getitem__(self, place: Any) -> Count:
        """One of them."""
        below = float(self.below[place])
        level = None if np.isnan(below) else below
        return Count(
            int(self.n[place]), level, float(self.log[place]), float(self.relative_error[place])
        )

    def _repr_markdown_(self) -> str:
        """A table of at most 20 of them, for notebooks."""
        rows = list(np.ndindex(self.shape))
        lines = ["| N | k | u at most | mean number |", "| --- | --- | --- | --- |"]
        for place in rows[:_SHOWN]:
            one, k = self[place], self.k[place]
            level = "" if one.below is None else f"{one.below:.12g}"
            lines.append(f"| {one.n} | {'all' if k is None else k} | {level} | {one.value} |")
        left = len(rows) - _SHOWN
        return "\n".join([*lines, *([f"\n{left} more"] if left > 0 else [])])

    def to_pandas(self) -> Any:
        """A DataFrame with a row for each, in order of the last axis first.

        Raises
        ------
        InputError
            Where pandas is not installed.
        """
        try:
            pandas = importlib.import_module("pandas")
        except ImportError:
            raise InputError("to_pandas: got no pandas; takes pandas installed") from None
        names = ("n", "k", "below", "log", "mean", "relative_error")
        return pandas.DataFrame({name: getattr(self, name).ravel() for name in names})


def counts(
    model: Mixture, n: Any, k: Any = None, below: Any = None, digits: int | None = None
) -> Any:
    """Exact mean number of critical points, as `mean_count`; at several N, indices and levels if asked.

    Parameters
    ----------
    model
        Any mixture.
    n, k, below
        As in `mean_count`, or lists or arrays of them, which are broadcast.
    digits
        Significant digits of certified balls; None for float64.

    Returns
    -------
    Count or Ball
        Of one N, index and level.
    Counts or ndarray of Ball
        Of several.

    Raises
    ------
    InputError
        As `mean_count`, and for shapes that do not broadcast.

    Examples
    --------
    >>> from theory.model import pure
    >>> counts(pure(3), 3).rounded(9)
    '10.5523597'
    >>> found = counts(pure(3), [3, 4], k=[[0], [1]])
    >>> found.mean.round(5).tolist()
    [[3.13809, 3.57952], [4.27618, 5.81559]]
    """
    found = over(lambda n, k, below: mean_count(model, n, k, below, digits), n=n, k=k, below=below)
    if isinstance(found, Count | Ball) or digits is not None:
        return found
    index = np.empty((), dtype=object)
    index[()] = k
    indices = (
        np.array(k if isinstance(k, np.ndarray) else list(k), object) if is_several(k) else index
    )
    flat = found.ravel().tolist()
    return Counts(
        np.array([one.n for one in flat], dtype=np.int64).reshape(found.shape),
        np.broadcast_to(indices, found.shape),
        np.array([np.nan if one.below is None else one.below for one in flat]).reshape(found.shape),
        np.array([one.log for one in flat]).reshape(found.shape),
        np.array([one.relative_error for one in flat]).reshape(found.shape),
    )
