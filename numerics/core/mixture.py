"""The mixture as numerics sees it: coefficients {p: a_p} of xi(q) = sum_p a_p q^p."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Protocol, cast

from numerics.core.backend import InputError
from numerics.core.checks import check_integer, check_real
from numerics.core.streams import Stream, stream


class Model(Protocol):
    """Whatever knows the coefficients of its mixture, as the models of `theory` do."""

    @property
    def coefficients(self) -> Mapping[int, float]:
        """{p: a_p}."""


Mixture = Mapping[int, float] | Model
"""A mixture as it is given: its coefficients, or a model that knows them."""


def check_coefficients(coefficients: Mixture, least: int = 2) -> dict[int, float]:
    """Return the coefficients sorted by p, without the zero ones.

    Parameters
    ----------
    coefficients : mapping of int to float, or a model
        {p: a_p}, every p >= `least`, every a_p >= 0 and finite, at least one positive; or what has
        them as its `coefficients`.
    least : int
        1 where a random field is taken too.

    Raises
    ------
    InputError
        If they are not.

    Examples
    --------
    >>> check_coefficients({4: 0.5, 2: 0.5, 3: 0.0})
    {2: 0.5, 4: 0.5}
    """
    if isinstance(inside := _coefficients_of(coefficients), Mapping):
        coefficients = inside
    if not isinstance(coefficients, Mapping):
        raise InputError.of("coefficients", coefficients, "a mapping {p: a_p}")
    checked = {}
    for p, a in coefficients.items():
        p = check_integer("p", p, least)
        a = check_real(f"coefficients[{p}]", a)
        if a < 0:
            raise InputError.of(f"coefficients[{p}]", a, "a finite number >= 0")
        if a > 0:
            checked[p] = a
    if not checked:
        raise InputError.of("coefficients", dict(coefficients), "at least one a_p > 0")
    return dict(sorted(checked.items()))


def _coefficients_of(model: object) -> object:
    """Return what a model has as its coefficients, or None."""
    return None if isinstance(model, type) else getattr(model, "coefficients", None)


def check_model(
    p: int | Model | None, coefficients: Mixture | None, least: int = 2
) -> dict[int, float]:
    """Return the coefficients of the pure model of degree `p`, or `coefficients` checked.

    A model that knows its coefficients may stand in either place; `least` as of `check_coefficients`.

    Raises
    ------
    InputError
        If both or none are given, or the one that is given is not usable.

    Examples
    --------
    >>> check_model(3, None), check_model(None, {3: 0.5, 4: 0.5})
    ({3: 1.0}, {3: 0.5, 4: 0.5})
    """
    if (p is None) == (coefficients is None):
        raise InputError.of("p", p, "an integer >= 2, or give coefficients instead, not both")
    if coefficients is not None:
        return check_coefficients(coefficients, least)
    if p is not None and isinstance(_coefficients_of(p), Mapping):
        return check_coefficients(cast(Model, p), least)
    return {check_integer("p", p, least=2): 1.0}


def disorder_stream(n: int, coefficients: Mapping[int, float], seed: int) -> Stream:
    """Return the stream of a seed: disorder D of a model is drawn from its ``generator(D, 0)``, whoever asks.

    Examples
    --------
    >>> disorder_stream(4, {3: 1.0}, 0) == disorder_stream(4, {3: 1.0}, 1)
    False
    """
    return stream(seed, "descend", n, *(f"{p}:{a!r}" for p, a in coefficients.items()))


def derivatives(coefficients: Mixture) -> tuple[float, float, float]:
    """Return xi(1), xi'(1), xi''(1) of xi(q) = sum_p a_p q^p.

    Examples
    --------
    >>> derivatives({3: 1.0})
    (1.0, 3.0, 6.0)
    """
    checked = check_coefficients(coefficients)
    return (
        math.fsum(checked.values()),
        math.fsum(a * p for p, a in checked.items()),
        math.fsum(a * p * (p - 1) for p, a in checked.items()),
    )
