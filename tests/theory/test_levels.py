"""A level is read once, exactly, in whatever form it comes."""

from __future__ import annotations

import math
from decimal import Decimal
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import theory
from theory import spiked_complexity, spiked_count, tensor_count
from theory.annealed.named_levels import resolve_level
from theory.annealed.thresholds import threshold
from theory.arithmetic.ball import Ball
from theory.checks import InputError
from theory.levels import exact_level, float_level, float_levels
from theory.model import mixture, pure


@given(st.fractions(-100, 100))
def test_every_form_of_a_number_is_the_same_level(value: Fraction) -> None:
    assert exact_level("u", value, 100) == exact_level("u", str(value), 100) == value
    near = float(value)
    assert exact_level("u", near) == exact_level("u", Decimal(near)) == Fraction(near)
    assert exact_level("u", repr(near)) == Fraction(repr(near))


def test_bounds_are_kept() -> None:
    assert exact_level("u", "1e100000") == Fraction(10) ** 100_000
    assert exact_level("u", Ball("-100", "1e-9"), 100) == Ball("-100", "1e-9")
    for u in (101, "-100.5", Ball("101", "0")):
        with pytest.raises(InputError, match=r"^u: got .*; takes a level between -100 and 100"):
            exact_level("u", u, 100)


@pytest.mark.parametrize(
    "u",
    [
        *("low", "", "1/0", "nan", "inf", "1e100001", "1e-999999999", "-E_inf", None, 1j, [0.0]),
        *(math.nan, math.inf, Ball("x", "0"), Ball("nan", "0"), Ball("0", "inf"), Ball("0", "x")),
    ],
    ids=repr,
)
def test_what_is_no_level_is_named(u: object) -> None:
    with pytest.raises(InputError, match=r"^u: got .*; takes a finite number"):
        exact_level("u", u)


def test_names_are_those_of_the_thresholds() -> None:
    for model in (pure(3), mixture({3: 0.5, 4: 0.5})):
        for name, k in (("-E_inf", None), ("-E_0", 0), ("-E_12", 12)):
            assert resolve_level("u", name, model, 20) == -threshold(model, k, 20)
    assert resolve_level("u", "-17/10", pure(3), 20) == Fraction(-17, 10)
    for u in ("E_0", "-E_", "-E_1.5", "-E_1234567"):
        with pytest.raises(InputError, match=r"^--u: got .*; takes .* name, -E_inf, -E_0"):
            resolve_level("--u", u, pure(3), 20)
    with pytest.raises(InputError, match=r"^p: got 2; takes "):
        resolve_level("u", "-E_0", pure(2), 20)


def test_many_levels_keep_their_shape() -> None:
    assert float_levels("u", [[-1, 0.5]]).tolist() == [[-1.0, 0.5]]
    for levels in ([math.nan], [0.0, math.inf], "low", 10**400, 1j, [0.0, [1.0, 2.0]]):
        with pytest.raises(InputError, match=r"^u: got .*; takes finite numbers"):
            float_levels("u", levels)
    for levels in ([-2.0], [1.5]):
        with pytest.raises(InputError, match=r"^u: got .*; takes levels between -1 and 1"):
            float_levels("u", levels, -1, 1)


@pytest.mark.parametrize("several", [[1.0], [0.5, 1.0], np.ones((1, 1)), np.ones(0)])
def test_where_one_level_is_asked_for_several_are_refused(several: Any) -> None:
    with pytest.raises(InputError, match="takes one number"):
        float_level("level", several)
    for call in (
        lambda: spiked_count(2, several, 2),
        lambda: spiked_count(3, 1.0, 2, below=several),
        lambda: spiked_count(3, 1.0, 2, overlap=several),
        lambda: spiked_complexity(3, several, 0.0, -1.7),
        lambda: tensor_count([2, 2, 2], below=several),
    ):
        with pytest.raises(InputError, match="takes one number"):
            call()


@pytest.mark.parametrize("k", [None, 0, 3])
def test_a_threshold_is_no_level_and_minus_it_is_one(k):
    """At +E_inf stands another number, (1/2) log 2, without a sign that it is not what was meant."""
    model = theory.pure(3)
    found = theory.threshold(model, k)
    for take in (
        lambda u: theory.complexity(model, u),
        lambda u: theory.complexity(model, [-1.0, u]),
        lambda u: theory.complexity(model, np.array([-1.0, u])),
        lambda u: theory.mean_count(model, 10, below=u),
        lambda u: theory.counts(model, [10, 20], below=u),
        lambda u: theory.prefactor(model, u),
    ):
        with pytest.raises(
            theory.InputError, match=r"got a threshold, 1\.6\d+; takes a level: minus it"
        ):
            take(found)
    assert theory.complexity(model, -found) == theory.complexity(model, float(-found))
    assert found == Ball(found.value, found.radius)
    assert hash(found) == hash(Ball(found.value, found.radius))


def test_thresholds_of_several_indices_are_no_levels_either() -> None:
    model = theory.pure(3)
    found = theory.threshold(model, [0, 1])
    with pytest.raises(
        theory.InputError, match=r"got a threshold, 1\.657; takes a level: minus it"
    ):
        theory.complexity(model, found)
    np.testing.assert_allclose(theory.complexity(model, -found)[0], 0, atol=1e-12)
