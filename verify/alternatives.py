"""How a wrong theory or sampler is made, most often from the prediction or simulation of the right one.

A name that the prediction has not is an error. Silently it would leave the prediction as it is, or add
an entry that nothing reads, and the wrong theory would be the right one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import partial
from typing import Any

from verify.claim import Alternative, Cell, Params, Prediction

Predict = Callable[[Params], Prediction]
# Entries by name, or these as a function of the grid point and of what the right theory says there.
Entries = Mapping[str, Any] | Callable[[Params, Prediction], Mapping[str, Any]]
Where = Callable[[Params], bool]
Simulate = Callable[..., Any]  # of a claim, with keywords that a wrong sampler changes


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


def constants(predict: Predict, *names: str) -> dict[str, Callable[[Params, float], Prediction]]:
    """Entries of a prediction that are constants of the theory, each by its name: see `constant`."""
    return {name: constant(predict, name) for name in names}


def replacing(
    predict: Predict, name: str, why: str, entries: Entries, where: Where = anywhere
) -> Alternative:
    """A wrong theory: the prediction `replaced`."""
    return predicting(name, why, replaced(predict, entries, where))


def scaling(
    predict: Predict,
    name: str,
    why: str,
    factor: float | Callable[[Params], float],
    *names: str,
    where: Where = anywhere,
) -> Alternative:
    """A wrong theory: the prediction `multiplied`.

    Examples
    --------
    >>> wrong = scaling(lambda _: {"mean": 2.0}, "twice the mean", "a factor 2", 2.0, "mean")
    >>> wrong.name, wrong.change["predict"]({})
    ('twice the mean', {'mean': 4.0})
    """
    return predicting(name, why, multiplied(predict, factor, *names, where=where))


def predicting(name: str, why: str, predict: Predict) -> Alternative:
    """A wrong theory: another prediction."""
    return Alternative(name, why, {"predict": predict})


def proving(name: str, why: str, prove: Callable[[Params], list[Cell]]) -> Alternative:
    """A wrong theory whose proof must fail."""
    return Alternative(name, why, {"prove": prove})


def refuting(
    prove: Callable[..., list[Cell]], keyword: str, *wrong: tuple[str, str, Any]
) -> tuple[Alternative, ...]:
    """Wrong theories that a proof must refute: ``prove`` with one keyword of another value.

    Each is its name, why it is wrong, and the value.

    Examples
    --------
    >>> def prove(params, order=2):
    ...     return [Cell(params, "order", "2", str(order), holds=order == 2)]
    >>> [wrong] = refuting(prove, "order", ("order 3", "one too many", 3))
    >>> wrong.name, wrong.change["prove"]({})[0].holds
    ('order 3', False)
    """
    return tuple(
        proving(name, why, partial(prove, **{keyword: value})) for name, why, value in wrong
    )


def sampling(simulate: Simulate, name: str, why: str, **changes: Any) -> Alternative:
    """A wrong sampler: ``simulate`` with some of its keywords changed; run by the audit.

    Examples
    --------
    >>> def simulate(params, stream, chunk, xp, scale=1.0):
    ...     return {"scale": scale}
    >>> wrong = sampling(simulate, "twice as large", "a factor 2", scale=2.0)
    >>> wrong.name, wrong.change["simulate"]({}, None, 0, None)
    ('sampler: twice as large', {'scale': 2.0})
    """
    return Alternative(f"sampler: {name}", why, {"simulate": partial(simulate, **changes)})


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
