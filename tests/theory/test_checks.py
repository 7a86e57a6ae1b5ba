"""Bounds of arguments are inclusive, and an error names what they are."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from theory.checks import InputError, check_digits, check_integer


@pytest.mark.parametrize("value", [True, np.True_, 3.0, np.array(3.7), np.array([3, 4]), int])
def test_what_only_resembles_an_integer_is_refused(value):
    with pytest.raises(InputError, match=r"^n: got"):
        check_integer("n", value, 0)


@given(st.integers(-5, 15))
def test_integer_bounds_are_inclusive(value):
    if 0 <= value <= 10:
        assert check_integer("k", np.int64(value), 0, 10) == value
    else:
        with pytest.raises(InputError, match=r"^k: got .* >= 0 and <= 10$"):
            check_integer("k", value, 0, 10)


def test_a_hundred_thousand_digits_are_given_out_and_no_more():
    assert check_digits(100_000) == 100_000
    with pytest.raises(InputError, match=r"^digits: got 100001; takes "):
        check_digits(100_001)
