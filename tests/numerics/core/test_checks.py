"""Arguments of a wrong kind are refused in one line, those of a right kind become Python's own."""

from fractions import Fraction

import numpy as np
import pytest

import numerics
from numerics.core.checks import check_real, check_word


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
