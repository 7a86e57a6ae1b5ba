"""How a wrong theory is made: the prediction with some of its entries replaced or multiplied.

A name that the prediction has not is an error. Silently it would leave the prediction as it is, or add
an entry that nothing reads, and the wrong theory would be the right one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import partial
from typing import Any

from verify.claim import Alternative, Params, Prediction

Predict = Callable[[Params], Prediction]
# Entries by name, or these as a function of the grid point and of what the right theory says there.
Entries = Mapping[str, Any] | Callable[[Params, Prediction], Mapping[str, Any]]
Where = Callable[[Params], bool]


class UnknownEntry(LookupError):
    """The prediction has no entry of that name."""


def anywhere(_: Params) -> bool:
    """Every grid point."""
    return True


def replaced(predict: Predict, entries: Entries, where: Where = anywhere) -> Predict:
    """The prediction with some entries replaced, at the grid points of ``where``.

    Raises
    ------
    UnknownEntry
        When a prediction is made that lacks one of the names.

    Examples
    --------
    >>> def predict(params):
    ...     return {"mean": 1.0, "spread": 2.0}
    >>> replaced(predict, {"spread": 0.5})({})
    {'mean': 1.0, 'spread': 0.5}
    >>> replaced(predict, lambda params, said: {"mean": said["mean"] / params["N"]})({"N": 4})
    {'mean': 0.25, 'spread': 2.0}
    >>> replaced(predict, {"sprad": 0.5})({})
    Traceback (most recent call last):
    verify.alternatives.UnknownEntry: 'sprad': the prediction has 'mean', 'spread'
    """
    return partial(_replaced, predict, entries, where)


def multiplied(
    predict: Predict,
    factor: float | Callable[[Params], float],
    *names: str,
    where: Where = anywhere,
) -> Predict:
    """The prediction with the named entries times a factor, or all of them if none is named.

    An entry is a number or a list of numbers. ``factor`` may depend on the grid point; ``where`` and
    what is raised as in `replaced`.

    Examples
    --------
    >>> multiplied(lambda _: {"mean": 1.0, "powers": [2.0, 3.0]}, 2, "powers")({})
    {'mean': 1.0, 'powers': [4.0, 6.0]}
    """
    return partial(_replaced, predict, partial(_times, factor, names), where)


def constant(
    predict: Predict, *names: str, where: Where = anywhere
) -> Callable[[Params, float], Prediction]:
    """A constant of the theory, for ``constants`` of a claim: `multiplied` by 1 + eps.

    Examples
    --------
    >>> constant(lambda _: {"mean": 2.0}, "mean")({}, 0.5)
    {'mean': 3.0}
    """
    return partial(_enlarged, predict, names, where)


def replacing(
    predict: Predict, name: str, why: str, entries: Entries, where: Where = anywhere
) -> Alternative:
    """A wrong theory: the prediction `replaced`."""
    return Alternative(name, why, {"predict": replaced(predict, entries, where)})


def _replaced(predict: Predict, entries: Entries, where: Where, params: Params) -> Prediction:
    said = predict(params)
    if not where(params):
        return said
    values = entries(params, said) if callable(entries) else entries
    _check(said, values)
    return {**said, **values}


def _times(
    factor: float | Callable[[Params], float],
    names: tuple[str, ...],
    params: Params,
    said: Prediction,
) -> Prediction:
    by = factor(params) if callable(factor) else factor
    _check(said, names)
    return {name: _product(said[name], by) for name in names or said}


def _product(entry: Any, by: float) -> Any:
    return [value * by for value in entry] if isinstance(entry, list) else entry * by


def _enlarged(
    predict: Predict, names: tuple[str, ...], where: Where, params: Params, eps: float
) -> Prediction:
    return multiplied(predict, 1 + eps, *names, where=where)(params)


def _check(said: Prediction, names: Iterable[str]) -> None:
    for name in names:
        if name not in said:
            has = ", ".join(map(repr, said))
            raise UnknownEntry(f"{name!r}: the prediction has {has}")
