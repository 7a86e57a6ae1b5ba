"""Arguments of a wrong kind are refused in one line, those of a right kind become Python's own."""

from fractions import Fraction

import numpy as np
import pytest

import numerics
from numerics.core.checks import (
    check_integer,
    check_memory,
    check_real,
    check_word,
    check_workers,
)


@pytest.mark.parametrize("value", ["3", b"3", True, np.array([1.0]), 10**400, None, 1j, [1]])
def test_no_real_number(value):
    with pytest.raises(numerics.InputError, match=r"^rate: got .*; takes a finite number$"):
        check_real("rate", value)


@pytest.mark.parametrize("value", [Fraction(1, 4), np.float32(0.25), np.array(0.25)])
def test_a_real_number_of_any_kind_is_a_float(value):
    assert type(check_real("rate", value)) is float
    assert check_real("rate", value) == 0.25


@pytest.mark.parametrize("value", [np.array([]), np.array(["relu"]), None, "", "relu "])
def test_no_word_of_the_list(value):
    with pytest.raises(numerics.InputError, match=r"^activation: got .*; takes relu or tanh$"):
        check_word("activation", value, ("relu", "tanh"))


def test_a_rate_of_another_kind_trains_the_same_networks():
    runs = [
        numerics.train(hidden=2, networks=1, epochs=1, rate=rate) for rate in (0.25, Fraction(1, 4))
    ]
    np.testing.assert_array_equal(runs[0].train_loss, runs[1].train_loss)


@pytest.mark.parametrize("workers", [0, 1025, 10**30, True, 1.0])
@pytest.mark.parametrize(
    "function",
    [
        lambda workers: numerics.sample_goe(4, 3, workers=workers),
        lambda workers: numerics.descend(4, 3, max_steps=1, workers=workers),
        lambda workers: numerics.mean_count(4, {3: 1.0}, 2, workers=workers),
        lambda workers: numerics.layer_count(4, {3: 1.0}, 0, 2, workers=workers),
    ],
)
def test_no_number_of_threads(function, workers):
    with pytest.raises(
        numerics.InputError, match=r"^workers: got .*; takes an integer >= 1 and <="
    ):
        function(workers)


def test_bounds_are_taken_and_what_is_beyond_them_is_not():
    assert check_integer("n", 2, least=2, most=5) == 2
    assert check_integer("n", np.int64(5), least=2, most=5) == 5
    assert check_integer("n", -7) == -7
    assert check_workers(1) == 1
    assert check_workers(1024) == 1024
    assert check_real("x", 5e-324, positive=True) == 5e-324
    assert check_real("x", -1.5) == -1.5
    for value in (1, 6):
        with pytest.raises(
            numerics.InputError, match=r"^n: got .; takes an integer >= 2 and <= 5$"
        ):
            check_integer("n", value, least=2, most=5)
    for value in (0.0, -1.0):
        with pytest.raises(numerics.InputError, match=r"^x: got .*; takes a finite number > 0$"):
            check_real("x", value, positive=True)


def test_all_of_the_memory_may_be_used_and_not_a_byte_more():
    check_memory(100, 100, "work", "take less")
    with pytest.raises(numerics.InputError, match=r"^memory: got .* for work: take less$"):
        check_memory(100, 101, "work", "take less")
    with pytest.raises(numerics.InputError, match=r"^memory: got 0; takes an integer >= 1$"):
        check_memory(0, 0, "work", "take less")
    check_memory(1, 1, "work", "take less")


@pytest.mark.parametrize(("length", "cut"), [(57, False), (58, False), (59, True), (500, True)])
def test_what_is_long_is_shown_cut(length, cut):
    """Sixty characters at most, quotes of a word among them, on one line."""
    error = str(numerics.InputError.of("x", "a" * length, "less"))
    shown = error.removeprefix("x: got ").removesuffix("; takes less")
    assert shown == ("'" + "a" * 58 + "…" if cut else "'" + "a" * length + "'")
    assert str(numerics.InputError.of("x", np.eye(2), "less")).count("\n") == 0
